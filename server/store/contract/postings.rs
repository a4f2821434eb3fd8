//! Promises about postings: whole or not at all, copies once, decisions once, claims by one.

use std::time::Duration;

use types::{ParcelId, Timestamp, UserId};

use super::house::{NOW, envelope};
use super::{House, Place};
use crate::{
    Bytes, Decision, NewAudit, NewJournal, NewQueueRow, NewTimer, NewTrail, Once, ParcelRef, ParcelState, Posting,
    StoreError, SubmissionRef, TimerKind,
};

/// A posting of one fresh mail with a copy for each recipient.
async fn delivery(house: &House, once: Option<Once>, to: &[(UserId, &str)]) -> Posting {
    let mut posting = Posting { once, ..Posting::default() };
    posting.mail(house.mail("delivered").await);
    posting.copies = to.iter().map(|(owner, recipient)| house.copy(*owner, recipient)).collect();
    let (direction, envelope) = envelope();
    posting.journal.push(NewJournal { mail: 0, direction, envelope, at: NOW });
    posting
}

async fn messages(house: &House, user: UserId) -> u32 {
    house.named(user, "INBOX").await.state.messages
}

/// The same ingest for the same recipient again: no second copy; for another recipient: one.
pub async fn a_repeated_delivery_leaves_one_copy(place: &dyn Place) {
    let house = House::build(place).await;
    let hanako = house.person("hanako").await;
    let once = Some(Once(house.engine.ingest_id()));
    let first = house.engine.post(delivery(&house, once, &[(house.taro, "taro")]).await).await.unwrap();
    assert!(first.copies[0].is_some());
    let both = [(house.taro, "taro"), (hanako, "hanako")];
    let second = house.engine.post(delivery(&house, once, &both).await).await.unwrap();
    assert!(second.copies[0].is_none() && second.copies[1].is_some());
    assert_eq!((messages(&house, house.taro).await, messages(&house, hanako).await), (1, 1));
    let other = Some(Once(house.engine.ingest_id()));
    assert_ne!(other.map(|o| o.0), once.map(|o| o.0));
    house.engine.post(delivery(&house, other, &both).await).await.unwrap();
    assert_eq!(messages(&house, house.taro).await, 2);
}

/// The same, all at the same time.
pub async fn deliveries_at_once_leave_one_copy(place: &dyn Place) {
    let house = House::build(place).await;
    let once = Some(Once(house.engine.ingest_id()));
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..12 {
        let posting = delivery(&house, once, &[(house.taro, "taro")]).await;
        let engine = house.engine.clone();
        tasks.spawn(async move { engine.post(posting).await.unwrap().copies[0].is_some() });
    }
    let placed = tasks.join_all().await.into_iter().filter(|placed| *placed).count();
    assert_eq!((placed, messages(&house, house.taro).await), (1, 1));
}

/// One part that cannot be written and no part is.
pub async fn a_posting_with_a_fault_writes_nothing(place: &dyn Place) {
    let house = House::build(place).await;
    let once = Some(Once(house.engine.ingest_id()));
    let mut bad = delivery(&house, once, &[(house.taro, "taro"), (UserId(i64::MAX), "nobody")]).await;
    bad.submissions.push(house.submission(1, ParcelState::Held));
    assert!(house.engine.post(bad).await.is_err());
    assert_eq!(messages(&house, house.taro).await, 0);
    assert!(house.engine.held(None).await.unwrap().is_empty());
    let mut unknown = delivery(&house, None, &[(house.taro, "taro")]).await;
    unknown.mails[0].bytes = Bytes::Known(types::RecordId(i64::MAX));
    assert!(house.engine.post(unknown).await.is_err());
    let mut misnumbered = delivery(&house, None, &[(house.taro, "taro")]).await;
    misnumbered.copies[0].mail = 7;
    assert!(house.engine.post(misnumbered).await.is_err());
    assert_eq!(messages(&house, house.taro).await, 0);
    let again = house.engine.post(delivery(&house, once, &[(house.taro, "taro")]).await).await.unwrap();
    assert!(again.copies[0].is_some(), "the refused one did not count as delivered");
}

/// Postings that share a commit with a bad one are written all the same.
pub async fn a_bad_posting_hurts_no_other(place: &dyn Place) {
    let house = House::build(place).await;
    let mut tasks = tokio::task::JoinSet::new();
    for i in 0..24 {
        let owner = if i % 6 == 5 { UserId(i64::MAX) } else { house.taro };
        let posting = delivery(&house, None, &[(owner, "taro")]).await;
        let engine = house.engine.clone();
        tasks.spawn(async move { (i, engine.post(posting).await.is_ok()) });
    }
    for (i, good) in tasks.join_all().await {
        assert_eq!(good, i % 6 != 5, "posting {i}");
    }
    assert_eq!(messages(&house, house.taro).await, 20);
}

/// Posts one held parcel.
async fn held(house: &House) -> ParcelId {
    let mut posting = Posting::default();
    posting.mail(house.mail("held").await);
    posting.submissions.push(house.submission(1, ParcelState::Held));
    let posted = house.engine.post(posting).await.unwrap();
    posted.parcels[0][0]
}

fn decision(parcel: ParcelId, to: ParcelState, by: UserId) -> Posting {
    let decision = Decision { parcel, expect: ParcelState::Held, to, by: Some(by), comment: "ok".into(), at: NOW };
    Posting { decisions: vec![decision], ..Posting::default() }
}

/// Of approvers, deadline and author who decide at once, one does.
pub async fn a_decision_takes_effect_once(place: &dyn Place) {
    let house = House::build(place).await;
    let parcel = held(&house).await;
    let mut tasks = tokio::task::JoinSet::new();
    for i in 0..12 {
        let to = [ParcelState::Released, ParcelState::Returned, ParcelState::Expired][i % 3];
        let posting = decision(parcel, to, house.taro);
        let engine = house.engine.clone();
        tasks.spawn(async move { (to, engine.post(posting).await) });
    }
    let mut won = Vec::new();
    for (to, answer) in tasks.join_all().await {
        match answer {
            Ok(_) => won.push(to),
            Err(error) => assert!(matches!(error, StoreError::Decided(_)), "{error:?}"),
        }
    }
    assert_eq!(won.len(), 1);
    let found = house.engine.held_parcel(parcel).await.unwrap().expect("the parcel");
    assert_eq!(found.parcel.state, won[0]);
}

/// A decision that comes too late takes the rest of its posting with it.
pub async fn a_late_decision_writes_nothing_else(place: &dyn Place) {
    let house = House::build(place).await;
    let parcel = held(&house).await;
    house.engine.post(decision(parcel, ParcelState::Returned, house.taro)).await.unwrap();
    let mut late = delivery(&house, None, &[(house.taro, "taro")]).await;
    late.decisions = decision(parcel, ParcelState::Released, house.taro).decisions;
    let found = house.engine.held_parcel(parcel).await.unwrap().expect("the parcel");
    let submission = found.parcel.submission.id;
    late.queue.push(queue_row(ParcelRef::Known(parcel), &found.parcel.recipients[0], NOW));
    late.trail.push(NewTrail {
        submission: SubmissionRef::Known(submission),
        parcel: Some(ParcelRef::Known(parcel)),
        at: NOW,
        event: "parcel.released",
        detail: String::new(),
        for_sender: true,
    });
    late.audit.push(NewAudit {
        tenant: Some(house.tenant),
        actor: Some(house.taro),
        at: NOW,
        event: "parcel.approved",
        subject: "x".into(),
        detail: String::new(),
    });
    let answer = house.engine.post(late).await;
    assert!(matches!(&answer, Err(StoreError::Decided(state)) if state == "returned"), "{answer:?}");
    assert_eq!(messages(&house, house.taro).await, 0);
    assert!(house.engine.claim(10, NOW, NOW).await.unwrap().is_empty());
    let trail = house.engine.trail(submission).await.unwrap();
    assert!(trail.iter().all(|line| line.event != "parcel.released"));
}

fn queue_row(parcel: ParcelRef, recipient: &types::Address, due: Timestamp) -> NewQueueRow {
    let expires = due.after(Duration::from_secs(3_600));
    NewQueueRow { parcel, recipient: recipient.clone(), due, expires }
}

/// Workers that claim at once get different rows; a lease that ended gives the row free.
pub async fn a_queue_row_is_claimed_by_one(place: &dyn Place) {
    let house = House::build(place).await;
    for number in 0..10 {
        let mut posting = Posting::default();
        posting.mail(house.mail("released").await);
        posting.submissions.push(house.submission(number, ParcelState::Released));
        let to = posting.submissions[0].to[0].clone();
        posting.queue.push(queue_row(ParcelRef::New(0, 0), &to, NOW));
        house.engine.post(posting).await.unwrap();
    }
    let lease = NOW.after(Duration::from_secs(60));
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..6 {
        let engine = house.engine.clone();
        tasks.spawn(async move { engine.claim(3, NOW, lease).await.unwrap() });
    }
    let mut claimed: Vec<i64> = tasks.join_all().await.iter().flatten().map(|claimed| claimed.row.id.0).collect();
    claimed.sort_unstable();
    let count = claimed.len();
    claimed.dedup();
    assert_eq!((claimed.len(), count), (10, 10));
    assert!(house.engine.claim(10, NOW, lease).await.unwrap().is_empty());
    let later = lease.after(Duration::from_secs(1));
    assert_eq!(house.engine.claim(20, later, later.after(Duration::from_secs(60))).await.unwrap().len(), 10);
}

/// The same for timers; reminders come before deadlines.
pub async fn a_timer_is_claimed_by_one(place: &dyn Place) {
    let house = House::build(place).await;
    let parcel = ParcelRef::Known(held(&house).await);
    let timers = [TimerKind::Deadline, TimerKind::Reminder, TimerKind::Deadline]
        .map(|kind| NewTimer { kind, parcel, due: NOW })
        .to_vec();
    house.engine.post(Posting { timers, ..Posting::default() }).await.unwrap();
    assert_eq!(house.engine.next_timer().await.unwrap(), Some(NOW));
    let lease = NOW.after(Duration::from_secs(60));
    let first = house.engine.claim_timers(1, NOW, lease).await.unwrap();
    assert_eq!(first[0].kind, TimerKind::Reminder);
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let engine = house.engine.clone();
        tasks.spawn(async move { engine.claim_timers(2, NOW, lease).await.unwrap().len() });
    }
    assert_eq!(tasks.join_all().await.into_iter().sum::<usize>(), 2);
    let done = Posting { timers_done: vec![first[0].id], ..Posting::default() };
    house.engine.post(done).await.unwrap();
    let later = lease.after(Duration::from_secs(1));
    assert_eq!(house.engine.claim_timers(9, later, later.after(Duration::from_secs(9))).await.unwrap().len(), 2);
}
