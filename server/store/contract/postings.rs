//! Promises about postings: whole or not at all, copies once, decisions once, claims by one.

use std::time::Duration;

use types::{ParcelId, Timestamp, UserId};

use super::house::{NOW, envelope};
use super::{House, Place};
use crate::{
    Bytes, Decision, Demands, Folder, MailboxRole, NewAudit, NewJournal, NewQueueRow, NewTimer, NewTrail, Once,
    ParcelRef, ParcelState, Posting, StoreError, SubmissionRef, TimerKind, Want,
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

/// The bytes of a mail are kept once, whoever gets it and wherever it is copied to.
pub async fn one_record_serves_all_copies(place: &dyn Place) {
    let house = House::build(place).await;
    let hanako = house.person("hanako").await;
    let both = [(house.taro, "taro"), (hanako, "hanako")];
    let posted = house.engine.post(delivery(&house, None, &both).await).await.unwrap();
    assert_eq!(posted.records.len(), 1);
    let inbox = house.id("INBOX").await;
    let uids = super::house::set(&house.uids(inbox).await);
    house.engine.copy(house.taro, inbox, &uids, house.id("Archive").await, NOW).await.unwrap();
    for (user, name) in [(house.taro, "INBOX"), (house.taro, "Archive"), (hanako, "INBOX")] {
        let mailbox = house.named(user, name).await.id;
        let uids = house.engine.open_mailbox(user, mailbox, false).await.unwrap().uids.iter().collect();
        let rows = house.engine.messages(user, mailbox, &uids, Want::default()).await.unwrap();
        assert_eq!(rows.iter().map(|row| row.record).collect::<Vec<_>>(), posted.records, "{name}");
    }
    assert_eq!(house.engine.verify(false).await.unwrap().records, 1);
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

/// A filter may put one mail into two mailboxes of its recipient; a repeat adds to neither.
pub async fn two_copies_for_one_recipient_are_one_delivery(place: &dyn Place) {
    let house = House::build(place).await;
    let once = Some(Once(house.engine.ingest_id()));
    let mut postings = Vec::new();
    for _ in 0..4 {
        let mut posting = delivery(&house, once, &[(house.taro, "taro"), (house.taro, "taro")]).await;
        posting.copies[1].folder = Folder::Role(MailboxRole::Archive);
        postings.push(posting);
    }
    let mut tasks = tokio::task::JoinSet::new();
    for posting in postings {
        let engine = house.engine.clone();
        tasks.spawn(async move { engine.post(posting).await.unwrap().copies.into_iter().flatten().count() });
    }
    let mut placed = tasks.join_all().await;
    placed.sort_unstable();
    assert_eq!(placed, [0, 0, 0, 2]);
    assert_eq!(messages(&house, house.taro).await, 1);
    assert_eq!(house.named(house.taro, "Archive").await.state.messages, 1);
}

/// A copy has its own trace headers and hides ranges; its size counts both, and a copy of it keeps them.
pub async fn a_copy_shows_its_prefix_and_cuts(place: &dyn Place) {
    let house = House::build(place).await;
    let mut posting = delivery(&house, None, &[(house.taro, "taro")]).await;
    posting.copies[0].cuts = vec![0..5, 9..10];
    let prefix = posting.copies[0].prefix.clone();
    let placed = house.engine.post(posting).await.unwrap().copies[0].expect("a copy");
    let trash = house.id("Trash").await;
    let uids = super::house::set(&[placed.uid]);
    let moved = house.engine.move_to(house.taro, placed.mailbox, &uids, trash, NOW).await.unwrap();
    let uids = super::house::set(&[moved.uids[0].1]);
    let row = house.engine.messages(house.taro, trash, &uids, Want::default()).await.unwrap().remove(0);
    assert_eq!((&row.prefix, &row.cuts), (&prefix, &vec![0..5, 9..10]));
    assert_eq!(row.size(), row.record_size + prefix.len() as u64 - 6);
    assert_eq!(house.named(house.taro, "Trash").await.state.size, row.size());
}

/// A filter's folder may be gone when mail comes: INBOX takes it. An APPEND is refused instead.
pub async fn a_copy_for_a_mailbox_that_is_gone_lands_in_inbox(place: &dyn Place) {
    let house = House::build(place).await;
    let hanako = house.person("hanako").await;
    let gone = house.engine.create_mailbox(house.taro, "gone", None).await.unwrap().id;
    house.engine.delete_mailbox(house.taro, "gone").await.unwrap();
    house.engine.delete_mailbox(house.taro, "Junk").await.unwrap();
    let others = house.named(hanako, "Junk").await.id;
    for folder in [Folder::Id(gone), Folder::Id(others), Folder::Role(MailboxRole::Junk)] {
        let mut posting = delivery(&house, None, &[(house.taro, "taro")]).await;
        posting.copies[0].folder = folder;
        let placed = house.engine.post(posting).await.unwrap().copies[0].expect("a copy");
        assert_eq!(placed.mailbox, house.id("INBOX").await, "{folder:?}");
    }
    for exactly in [gone, others] {
        let mut posting = delivery(&house, None, &[(house.taro, "taro")]).await;
        posting.copies[0].folder = Folder::Exactly(exactly);
        assert!(matches!(house.engine.post(posting).await, Err(StoreError::NotFound(_))));
    }
    assert_eq!((messages(&house, house.taro).await, messages(&house, hanako).await), (3, 0));
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

pub(super) fn decision(parcel: ParcelId, to: ParcelState, by: UserId) -> Posting {
    let decision = Decision {
        parcel,
        expect: ParcelState::Held,
        to,
        by: Some(by),
        by_deadline: false,
        comment: "ok".into(),
        at: NOW,
    };
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
    NewQueueRow { parcel, variant: None, demands: Demands::default(), recipient: recipient.clone(), due, expires }
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
