//! Promises about what leaves: submissions, their review, the queue by hand and by attempt, timers put off.

use std::time::Duration;

use types::{ParcelId, QueueId, SubmissionId, Timestamp};

use super::house::NOW;
use super::{House, Place};
use crate::{
    Attempt, Demands, NewQueueRow, NewTimer, Outcome, ParcelRef, ParcelState, Posted, Posting, QueueAction,
    QueueFilter, QueueState, StoreError, SubmissionState, TimerKind,
};

fn later(seconds: u64) -> Timestamp {
    NOW.after(Duration::from_secs(seconds))
}

/// Posts a submission with one released parcel and its queue row.
async fn release(house: &House, number: u8, form_key: Option<&str>) -> Result<Posted, StoreError> {
    let mut posting = Posting::default();
    posting.mail(house.mail("released").await);
    let mut submission = house.submission(number, ParcelState::Released);
    submission.form_key = form_key.map(str::to_owned);
    let recipient = submission.to[0].clone();
    posting.submissions.push(submission);
    posting.queue.push(NewQueueRow {
        parcel: ParcelRef::New(0, 0),
        variant: None,
        demands: Demands::default(),
        recipient,
        due: NOW,
        expires: later(9_000),
    });
    house.engine.post(posting).await
}

async fn claimed(house: &House, now: Timestamp) -> Vec<QueueId> {
    let claimed = house.engine.claim(10, now, now.after(Duration::from_secs(60))).await.unwrap();
    claimed.iter().map(|claimed| claimed.row.id).collect()
}

/// What was handed in reads back, by reference, by form key and through its parcels; a claim carries all of it.
pub async fn a_submission_reads_back_as_it_was_handed_in(place: &dyn Place) {
    let house = House::build(place).await;
    let given = house.submission(3, ParcelState::Released);
    let posted = release(&house, 3, Some("form")).await.unwrap();
    let found = house.engine.submission(given.reference).await.unwrap().expect("by reference");
    assert_eq!(found.id, posted.submissions[0]);
    assert_eq!((found.author, &found.to, &found.from), (given.author, &given.to, &given.from));
    assert_eq!((found.state, found.at, &found.verdict), (SubmissionState::Judged, NOW, &given.verdict));
    assert_eq!(house.engine.by_form_key("form").await.unwrap().map(|row| row.id), Some(found.id));
    assert!(house.engine.by_form_key("other").await.unwrap().is_none());
    let parcels = house.engine.parcels(found.id).await.unwrap();
    assert_eq!((parcels.len(), parcels[0].state, &parcels[0].recipients), (1, ParcelState::Released, &given.to));
    let claimed = house.engine.claim(1, NOW, later(60)).await.unwrap().remove(0);
    assert_eq!((claimed.submission, claimed.row.parcel, claimed.record), (found.id, parcels[0].id, found.record));
    assert_eq!((claimed.row.recipient, claimed.record_size), (given.to[0].clone(), found.record_size));
}

/// A form that is sent twice makes one submission.
pub async fn a_form_key_is_used_once(place: &dyn Place) {
    let house = House::build(place).await;
    let (first, second) = tokio::join!(release(&house, 1, Some("form")), release(&house, 2, Some("form")));
    assert_eq!(usize::from(first.is_ok()) + usize::from(second.is_ok()), 1);
    assert_eq!(claimed(&house, NOW).await.len(), 1);
    assert!(release(&house, 3, None).await.is_ok() && release(&house, 4, None).await.is_ok());
}

/// A review ends once, though it was begun twice; its parcels are there then.
pub async fn a_review_ends_once(place: &dyn Place) {
    let house = House::build(place).await;
    let mut posting = Posting::default();
    posting.mail(house.mail("under review").await);
    let mut submission = house.submission(1, ParcelState::Held);
    submission.state = SubmissionState::Reviewing;
    submission.parcels.clear();
    posting.submissions.push(submission);
    let id: SubmissionId = house.engine.post(posting).await.unwrap().submissions[0];
    assert_eq!(house.engine.submissions(SubmissionState::Reviewing, None, 10).await.unwrap().len(), 1);
    assert!(house.engine.submissions(SubmissionState::Reviewing, Some(id), 10).await.unwrap().is_empty());
    let end = || Posting { reviewed: vec![(id, house.submission(1, ParcelState::Released))], ..Posting::default() };
    let (first, second) = tokio::join!(house.engine.post(end()), house.engine.post(end()));
    assert_eq!(usize::from(first.is_ok()) + usize::from(second.is_ok()), 1);
    let refused = first.err().or(second.err()).expect("one is refused");
    assert!(matches!(refused, StoreError::Decided(_)), "{refused:?}");
    assert_eq!(house.engine.parcels(id).await.unwrap().len(), 1);
    assert!(house.engine.submissions(SubmissionState::Reviewing, None, 10).await.unwrap().is_empty());
}

/// A submission whose answer was cut off waits; a repeat finds it until the wait is over.
pub async fn an_unanswered_submission_waits(place: &dyn Place) {
    let house = House::build(place).await;
    let id = release(&house, 1, None).await.unwrap().submissions[0];
    assert!(house.engine.unanswered("join 1", NOW).await.unwrap().is_none());
    house.engine.mark_unanswered(id, Some(later(300))).await.unwrap();
    assert_eq!(house.engine.unanswered("join 1", later(299)).await.unwrap().map(|row| row.id), Some(id));
    assert!(house.engine.unanswered("join 1", later(301)).await.unwrap().is_none());
    assert!(house.engine.unanswered("join 2", NOW).await.unwrap().is_none());
    assert!(claimed(&house, later(200)).await.is_empty());
    house.engine.mark_unanswered(id, None).await.unwrap();
    assert!(house.engine.unanswered("join 1", NOW).await.unwrap().is_none());
    assert_eq!(claimed(&house, later(200)).await.len(), 1);
}

/// What came of an attempt: tried again later, told, gone or given up.
pub async fn attempts_move_a_row_on(place: &dyn Place) {
    let house = House::build(place).await;
    for number in 0..3 {
        release(&house, number, None).await.unwrap();
    }
    let ids = claimed(&house, NOW).await;
    let attempt = |id, outcome| Attempt { id, at: NOW, outcome, answer: "250 fine".into(), way: None };
    let outcomes = [Outcome::Delivered, Outcome::Retry(later(600)), Outcome::Failed];
    let attempts = ids.iter().zip(outcomes).map(|(id, outcome)| attempt(*id, outcome)).collect();
    house.engine.post(Posting { attempts, ..Posting::default() }).await.unwrap();
    let all = QueueFilter { all: true, ..QueueFilter::default() };
    let rows = house.engine.queue(None, &all).await.unwrap();
    let state = |id: QueueId| rows.iter().find(|row| row.id == id).map(|row| (row.state, row.attempts)).unwrap();
    assert_eq!(state(ids[0]), (QueueState::Delivered, 1));
    assert_eq!(state(ids[1]), (QueueState::Waiting, 1));
    assert_eq!(state(ids[2]), (QueueState::Failed, 1));
    assert!(rows.iter().all(|row| row.last_answer == "250 fine"));
    assert_eq!(house.engine.next_due().await.unwrap(), Some(later(600)));
    assert!(claimed(&house, later(599)).await.is_empty());
    let told = Posting { attempts: vec![attempt(ids[1], Outcome::DelayTold)], ..Posting::default() };
    house.engine.post(told).await.unwrap();
    let again = house.engine.claim(9, later(600), later(660)).await.unwrap();
    assert!(again.len() == 1 && again[0].delay_told && again[0].row.attempts == 1);
}

/// By hand: held rows wait, released and retried ones go at once, deleted ones never.
pub async fn the_queue_obeys_the_hand(place: &dyn Place) {
    let house = House::build(place).await;
    release(&house, 1, None).await.unwrap();
    let act = async |action| {
        let filter = QueueFilter::default();
        house.engine.control_queue(Some(house.tenant), &filter, action, None, later(1)).await.unwrap().len()
    };
    assert_eq!(act(QueueAction::Hold).await, 1);
    assert!(claimed(&house, later(5)).await.is_empty());
    assert_eq!((act(QueueAction::Retry).await, act(QueueAction::Release).await), (0, 1));
    let ids = claimed(&house, later(5)).await;
    let attempts = vec![Attempt {
        id: ids[0],
        at: NOW,
        outcome: Outcome::Retry(later(900)),
        answer: "450 later".into(),
        way: None,
    }];
    house.engine.post(Posting { attempts, ..Posting::default() }).await.unwrap();
    assert_eq!(act(QueueAction::Retry).await, 1);
    assert_eq!(claimed(&house, later(5)).await, ids);
    let (nobody, any) = (Some(types::TenantId(i64::MAX)), QueueFilter::default());
    let touched = house.engine.control_queue(nobody, &any, QueueAction::Delete, None, NOW).await.unwrap();
    assert!(touched.is_empty(), "another tenant's queue");
    assert_eq!(act(QueueAction::Delete).await, 1);
    assert!(claimed(&house, later(5_000)).await.is_empty());
    assert!(house.engine.queue(None, &QueueFilter::default()).await.unwrap().is_empty());
}

/// Time out of service does not count: timers that are due are put off, those of a decided parcel are gone.
pub async fn timers_are_put_off_and_end_with_a_decision(place: &dyn Place) {
    let house = House::build(place).await;
    let mut posting = Posting::default();
    posting.mail(house.mail("held").await);
    posting.submissions.push(house.submission(1, ParcelState::Held));
    let timer = |kind, due| NewTimer { kind, parcel: ParcelRef::New(0, 0), due };
    posting.timers = vec![timer(TimerKind::Reminder, NOW), timer(TimerKind::Deadline, NOW)];
    let parcel: ParcelId = house.engine.post(posting).await.unwrap().parcels[0][0];
    assert_eq!(house.engine.postpone_timers(TimerKind::Deadline, later(3_600)).await.unwrap(), 1);
    let due = house.engine.claim_timers(9, later(3_599), later(3_660)).await.unwrap();
    assert_eq!(due.iter().map(|timer| timer.kind).collect::<Vec<_>>(), [TimerKind::Reminder]);
    assert_eq!(house.engine.held(Some(house.tenant)).await.unwrap().len(), 1);
    let decision = crate::Decision {
        parcel,
        expect: ParcelState::Held,
        to: ParcelState::Released,
        by: Some(house.taro),
        by_deadline: false,
        comment: "ok".into(),
        at: NOW,
    };
    house.engine.post(Posting { decisions: vec![decision], ..Posting::default() }).await.unwrap();
    assert!(house.engine.claim_timers(9, later(9_999), later(10_000)).await.unwrap().is_empty());
    assert_eq!(house.engine.next_timer().await.unwrap(), None);
    assert!(house.engine.held(None).await.unwrap().is_empty());
}
