//! Promises about mail that came in: the journal as its review reads it, the review's place, the memory of
//! deliveries.

use std::time::Duration;

use types::{Direction, Reference, TenantId, Timestamp};

use super::house::{NOW, envelope};
use super::{House, Place};
use crate::{Event, Mark, NewAudit, Once, ParcelState, Posting, ReviewedTo, StoreError};

const DAY: Duration = Duration::from_secs(86_400);

fn moved(house: &House, from: u64, to: u64) -> Posting {
    Posting { reviewed_to: Some(ReviewedTo { tenant: house.tenant, from, to }), ..Posting::default() }
}

/// Entries come in order, after the number asked for and no more than asked for, with what was handed in.
pub async fn the_journal_reads_back_after_a_number(place: &dyn Place) {
    let house = House::build(place).await;
    for _ in 0..3 {
        house.deliver().await;
    }
    let all = house.engine.journal_after(house.tenant, 0, 10).await.unwrap();
    assert_eq!(all.iter().map(|row| row.seq).collect::<Vec<_>>(), [1, 2, 3]);
    let (direction, sent) = envelope();
    assert_eq!((all[0].at, all[0].direction, &all[0].envelope), (NOW, direction, &sent));
    assert_eq!(house.engine.read(all[0].record, 0..u64::MAX).await.unwrap().len() as u64, all[0].record_size);
    let next = house.engine.journal_after(house.tenant, 1, 1).await.unwrap();
    assert_eq!(next.iter().map(|row| row.seq).collect::<Vec<_>>(), [2]);
    assert!(house.engine.journal_after(types::TenantId(i64::MAX), 0, 10).await.unwrap().is_empty());
}

/// What came in is read from its newest entry back, without what was sent.
pub async fn what_came_in_reads_back_from_the_newest(place: &dyn Place) {
    let house = House::build(place).await;
    house.deliver().await;
    let mut posting = Posting::default();
    posting.mail(house.mail("sent").await);
    posting.copies.push(crate::NewCopy { recipient: None, ..house.copy(house.taro, "taro") });
    let direction = Direction::Out;
    posting.journal.push(crate::NewJournal { mail: 0, direction, envelope: envelope().1, at: NOW });
    house.engine.post(posting).await.unwrap();
    for _ in 0..2 {
        house.deliver().await;
    }
    let numbers = async |before, n| {
        let rows = house.engine.arrivals_before(house.tenant, before, n).await.unwrap();
        assert!(rows.iter().all(|row| row.direction == Direction::In && row.record_size > 0));
        rows.iter().map(|row| row.seq).collect::<Vec<_>>()
    };
    assert_eq!(numbers(None, 2).await, [4, 3]);
    assert_eq!(numbers(Some(3), 2).await, [1]);
    assert_eq!(numbers(Some(1), 2).await, [0; 0]);
    assert!(house.engine.arrivals_before(TenantId(i64::MAX), None, 9).await.unwrap().is_empty());
}

/// Of two reviews of the same mail one counts; what the other would have written is not there. It lasts.
pub async fn the_review_moves_on_once(place: &dyn Place) {
    let house = House::build(place).await;
    assert_eq!(house.engine.review_position(house.tenant).await.unwrap(), 0);
    let with_notice = async || {
        let mut posting = moved(&house, 0, 2);
        posting.mail(house.mail("notice").await);
        posting.copies.push(crate::NewCopy { recipient: None, ..house.copy(house.taro, "taro") });
        posting
    };
    let (first, second) = (with_notice().await, with_notice().await);
    let (first, second) = tokio::join!(house.engine.post(first), house.engine.post(second));
    assert_eq!(usize::from(first.is_ok()) + usize::from(second.is_ok()), 1);
    assert!(matches!(first.err().or(second.err()), Some(StoreError::Decided(_))));
    assert_eq!(house.named(house.taro, "INBOX").await.state.messages, 1);
    house.engine.post(moved(&house, 2, 5)).await.unwrap();
    for from in [0, 2, 4] {
        assert!(matches!(house.engine.post(moved(&house, from, 9)).await, Err(StoreError::Decided(_))), "{from}");
    }
    let tenant = house.tenant;
    house.engine.close().await.unwrap();
    assert_eq!(place.open().await.review_position(tenant).await.unwrap(), 5);
}

/// What was found later is known of the record wherever it is asked for.
pub async fn a_mark_changes_what_is_known_of_a_record(place: &dyn Place) {
    let house = House::build(place).await;
    let mut posting = Posting::default();
    posting.mail(house.mail("handed in").await);
    posting.submissions.push(house.submission(1, ParcelState::Held));
    let record = house.engine.post(posting).await.unwrap().records[0];
    for sensitive in [true, false] {
        let posting = Posting { marks: vec![Mark { record, sensitive }], ..Posting::default() };
        house.engine.post(posting).await.unwrap();
        assert_eq!(house.engine.held(None).await.unwrap()[0].parcel.submission.sensitive, sensitive);
    }
}

/// What the review wrote of a mail is found by the mail and the date of its copy; of what was sent by the mail alone. Another company's, and
/// what was written of another mail at the same moment, is not in it.
pub async fn what_was_written_of_a_mail_is_found_by_it(place: &dyn Place) {
    let house = House::build(place).await;
    house.deliver().await;
    house.deliver().await;
    let arrived = house.engine.journal_after(house.tenant, 0, 10).await.unwrap();
    let reference = |n: u8| Reference::from_random([n, 9, 9, 9, 9]);
    let mut posting = Posting::default();
    for (n, row) in (1..).zip(&arrived) {
        for (event, detail) in [
            ("arrival.judged", format!("{{\"journal\":{},\"rules\":[\"R{n}\"]}}", row.seq)),
            ("other", "no JSON".to_owned()),
        ] {
            let (tenant, subject) = (Some(house.tenant), reference(n).to_string());
            posting.audit.push(NewAudit { tenant, actor: None, at: NOW, event, subject, detail });
        }
    }
    house.engine.post(posting).await.unwrap();
    let (_, sent) = envelope();
    for (n, row) in (1..).zip(&arrived) {
        let found = house.engine.reviews_of_record(house.tenant, row.record, NOW).await.unwrap();
        let [one] = &found[..] else { panic!("{found:?}") };
        assert_eq!(
            (one.at, one.reference, one.submission, &one.from, &one.to),
            (NOW, reference(n), None, &sent.from, &sent.to)
        );
        assert!(one.said.contains(&format!("R{n}")), "{one:?}");
    }
    let record = arrived[0].record;
    assert!(house.engine.reviews_of_record(TenantId(i64::MAX), record, NOW).await.unwrap().is_empty());
    assert!(house.engine.reviews_of_record(house.tenant, record, day(1)).await.unwrap().is_empty());

    let mut posting = Posting::default();
    posting.mail(house.mail("handed in").await);
    posting
        .submissions
        .push(crate::NewSubmission { verdict: "{\"trace\":[]}".into(), ..house.submission(1, ParcelState::Released) });
    let record = house.engine.post(posting).await.unwrap().records[0];
    let found = house.engine.reviews_of_record(house.tenant, record, day(1)).await.unwrap();
    let [one] = &found[..] else { panic!("{found:?}") };
    assert!(one.submission.is_some() && one.author == Some(house.taro) && one.said == "{\"trace\":[]}", "{one:?}");
    assert!(house.engine.reviews_of_record(TenantId(i64::MAX), record, NOW).await.unwrap().is_empty());
}

/// An event follows mail from outside, once for a commit; other mail causes none.
pub async fn what_came_in_is_told_with_its_tenant(place: &dyn Place) {
    let house = House::build(place).await;
    let mut events = house.engine.events();
    let mut inside = Posting::default();
    inside.mail(house.mail("inside").await);
    let (_, envelope) = envelope();
    inside.journal.push(crate::NewJournal { mail: 0, direction: Direction::Inside, envelope, at: NOW });
    house.engine.post(inside).await.unwrap();
    house.deliver().await;
    let mut told = Vec::new();
    while let Ok(event) = events.try_recv() {
        if let Event::Arrived { tenant } = event {
            told.push(tenant);
        }
    }
    assert_eq!(told, [house.tenant]);
}

/// A repeat is one copy for as long as was promised, and the memory of it goes afterwards.
pub async fn the_memory_of_deliveries_ends_after_its_time(place: &dyn Place) {
    let house = House::build(place).await;
    let keep = DAY * 12;
    let once = Once(house.engine.ingest_id());
    let deliver = async || {
        let mut posting = Posting { once: Some(once), ..Posting::default() };
        posting.mail(house.mail("once").await);
        posting.copies.push(house.copy(house.taro, "taro"));
        house.engine.post(posting).await.unwrap().copies[0].is_some()
    };
    let clear = async |days: u32| house.engine.clear_delivered(day(days), keep).await.unwrap();
    assert!(deliver().await);
    for days in 0..12 {
        assert_eq!(clear(days).await, 0, "day {days}");
        assert!(!deliver().await, "a second copy on day {days}");
    }
    assert_eq!((clear(12).await, clear(13).await), (1, 0));
    assert!(deliver().await, "its memory is gone");
}

fn day(days: u32) -> Timestamp {
    NOW.after(DAY * days)
}
