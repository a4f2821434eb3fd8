//! Promises to sessions: a view at any earlier M can be rebuilt, \Recent is shown once, events follow changes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use types::{Flags, Keyword, MailboxId, ModSeq, SystemFlags, Timestamp, Uid};

use super::house::{NOW, set};
use super::{House, Place};
use crate::{Event, FlagChange, FlagMode};

/// Rows that came or changed, UIDs that went, and the new M.
pub async fn changes_tell_what_came_changed_and_went(place: &dyn Place) {
    let house = House::build(place).await;
    let inbox = house.id("INBOX").await;
    let old = house.put(inbox, 4, SystemFlags::default()).await;
    let since = house.named(house.taro, "INBOX").await.state.highest_modseq;
    let nothing = house.engine.changes_since(house.taro, inbox, since, false).await.unwrap();
    assert!(nothing.rows.is_empty() && nothing.expunged.is_empty());
    assert_eq!(nothing.modseq, Some(since));
    house.flag(inbox, &old[..2], FlagMode::Add, SystemFlags::DELETED).await;
    house.flag(inbox, &old[2..3], FlagMode::Add, SystemFlags::FLAGGED).await;
    house.engine.expunge(house.taro, inbox, Some(&set(&old[..1])), NOW).await.unwrap();
    let new = house.put(inbox, 1, SystemFlags::SEEN).await;
    let changes = house.engine.changes_since(house.taro, inbox, since, false).await.unwrap();
    assert_eq!(changes.rows.iter().map(|row| row.uid).collect::<Vec<_>>(), [old[1], old[2], new[0]]);
    assert_eq!(changes.expunged, set(&old[..1]));
    assert_eq!(changes.modseq, Some(house.named(house.taro, "INBOX").await.state.highest_modseq));
    let (changed, came) = (&changes.rows[0], &changes.rows[2]);
    assert!(changed.created <= since && changed.modseq > since && came.created > since);
    assert_eq!(came.flags.system, SystemFlags::SEEN);
}

/// A message that both came and went after M was never in the view at M.
pub async fn what_came_and_went_in_between_is_not_told(place: &dyn Place) {
    let house = House::build(place).await;
    let inbox = house.id("INBOX").await;
    let old = house.put(inbox, 1, SystemFlags::DELETED).await;
    let before = house.named(house.taro, "INBOX").await.state.highest_modseq;
    house.put(inbox, 2, SystemFlags::DELETED).await;
    let between = house.named(house.taro, "INBOX").await.state.highest_modseq;
    house.engine.expunge(house.taro, inbox, None, NOW).await.unwrap();
    let early = house.engine.changes_since(house.taro, inbox, before, false).await.unwrap();
    assert_eq!(early.expunged, set(&old));
    assert_eq!(early.came_and_went.len(), 2, "who saw one of them and comes back is told");
    let late = house.engine.changes_since(house.taro, inbox, between, false).await.unwrap();
    assert_eq!((late.expunged.len(), late.came_and_went.len()), (3, 0));
    let first = house.engine.changes_since(house.taro, inbox, ModSeq(0), false).await.unwrap();
    assert!(first.expunged.is_empty() && first.rows.is_empty());
}

/// What went is told completely, or it is said that it is not: a client that was away for long must then ask for all
/// that is there.
pub async fn a_memory_of_what_went_that_has_ended_is_said_to_have(place: &dyn Place) {
    let house = House::build(place).await;
    let inbox = house.id("INBOX").await;
    let uids = house.put(inbox, 4, SystemFlags::DELETED).await;
    let first = house.named(house.taro, "INBOX").await.state.highest_modseq;
    let changes = |since| house.engine.changes_since(house.taro, inbox, since, false);
    assert!(changes(first).await.unwrap().complete);
    assert!(!changes(ModSeq(0)).await.unwrap().complete, "who knows nothing can be told of nothing that went");
    let month = 31 * 86_400_000;
    for (days, uid) in uids.iter().enumerate() {
        let at = Timestamp(NOW.0 + month * days as i64);
        house.engine.expunge(house.taro, inbox, Some(&set(&[*uid])), at).await.unwrap();
        let told = changes(first).await.unwrap();
        assert!(!told.complete || told.expunged == set(&uids[..=days]), "{told:?}");
    }
    let last = house.named(house.taro, "INBOX").await.state.highest_modseq;
    assert!(changes(last).await.unwrap().complete);
}

/// Of all sessions that select at once, one is shown a message as recent; EXAMINE takes nothing.
pub async fn recent_is_claimed_once(place: &dyn Place) {
    let house = House::build(place).await;
    let inbox = house.id("INBOX").await;
    let uids = house.put(inbox, 5, SystemFlags::default()).await;
    let examined = house.engine.open_mailbox(house.taro, inbox, false).await.unwrap();
    assert_eq!(examined.recent, set(&uids), "what EXAMINE shows stays recent");
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (engine, taro) = (house.engine.clone(), house.taro);
        tasks.spawn(async move { engine.open_mailbox(taro, inbox, true).await.unwrap().recent });
    }
    let claimed: Vec<Uid> =
        tasks.join_all().await.iter().flat_map(|recent| recent.iter().collect::<Vec<_>>()).collect();
    assert_eq!(claimed.len(), 5);
    assert_eq!(claimed.into_iter().collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>(), uids);
    let since = house.named(house.taro, "INBOX").await.state.highest_modseq;
    let more = house.put(inbox, 1, SystemFlags::default()).await;
    let told = house.engine.changes_since(house.taro, inbox, since, true).await.unwrap();
    assert_eq!(told.recent, set(&more));
    let again = house.engine.changes_since(house.taro, inbox, since, true).await.unwrap();
    assert!(again.recent.is_empty());
    assert!(house.engine.open_mailbox(house.taro, inbox, false).await.unwrap().recent.is_empty());
}

/// SELECT lists the keywords that messages bear, and the first message that is not seen.
pub async fn keywords_in_use_are_listed(place: &dyn Place) {
    let house = House::build(place).await;
    let inbox = house.id("INBOX").await;
    let uids = house.put(inbox, 3, SystemFlags::SEEN).await;
    let empty = house.engine.open_mailbox(house.taro, inbox, false).await.unwrap();
    assert_eq!(empty.first_unseen, None);
    let flags = Flags::from_parts(SystemFlags::default(), "$Label1 blue");
    let change = FlagChange { mode: FlagMode::Add, flags, unchanged_since: None };
    house.engine.store_flags(house.taro, inbox, &set(&uids[1..2]), change).await.unwrap();
    house.flag(inbox, &uids[1..], FlagMode::Remove, SystemFlags::SEEN).await;
    let message = house.message("with", Flags::from_parts(SystemFlags::default(), "green BLUE")).await;
    house.engine.append(house.taro, inbox, vec![message]).await.unwrap();
    let opened = house.engine.open_mailbox(house.taro, inbox, false).await.unwrap();
    assert_eq!(opened.first_unseen, Some(uids[1]));
    let words = ["$Label1", "blue", "green"].map(|word| Keyword::parse(word).unwrap());
    assert_eq!(opened.keywords, BTreeSet::from(words));
}

/// Whoever listens hears of the mailbox after each change, with an M that has been reached.
pub async fn an_event_follows_every_change(place: &dyn Place) {
    let house = House::build(place).await;
    let (inbox, trash) = (house.id("INBOX").await, house.id("Trash").await);
    let mut events = house.engine.events();
    let mut heard = async |which| loop {
        let next = tokio::time::timeout(Duration::from_secs(10), events.recv()).await.expect("an event").unwrap();
        if matches!(next, Event::Mailbox { user, mailbox, .. } if user == house.taro && mailbox == which) {
            return;
        }
    };
    let uids = house.put(inbox, 2, SystemFlags::default()).await;
    heard(inbox).await;
    house.flag(inbox, &uids, FlagMode::Add, SystemFlags::DELETED).await;
    heard(inbox).await;
    house.engine.copy(house.taro, inbox, &set(&uids), trash, NOW).await.unwrap();
    heard(trash).await;
    house.engine.move_to(house.taro, inbox, &set(&uids[..1]), trash, NOW).await.unwrap();
    heard(inbox).await;
    house.engine.expunge(house.taro, inbox, None, NOW).await.unwrap();
    heard(inbox).await;
    let mut events = house.engine.events();
    house.engine.create_mailbox(house.taro, "a", None).await.unwrap();
    let made = tokio::time::timeout(Duration::from_secs(10), events.recv()).await.expect("an event").unwrap();
    assert_eq!(made, Event::Mailboxes { user: house.taro });
}

/// Numbers become visible in their order: once a session saw a UID or M, nothing lower arrives.
pub async fn a_reader_never_sees_a_uid_arrive_late(place: &dyn Place) {
    let house = House::build(place).await;
    let inbox = house.id("INBOX").await;
    let mut tasks = tokio::task::JoinSet::new();
    for i in 0..30 {
        let message = house.message(&format!("writer {i}"), Flags::default()).await;
        let (engine, taro) = (house.engine.clone(), house.taro);
        tasks.spawn(async move {
            engine.append(taro, inbox, vec![message]).await.unwrap();
        });
    }
    let mut known: Vec<Uid> = Vec::new();
    let mut since = ModSeq(0);
    while known.len() < 30 {
        let changes = house.engine.changes_since(house.taro, inbox, since, false).await.unwrap();
        let modseq = changes.modseq.expect("an M");
        assert!(modseq >= since);
        for row in &changes.rows {
            assert!(known.last().is_none_or(|last| *last < row.uid), "{:?} after {known:?}", row.uid);
            assert!(row.modseq > since && row.modseq <= modseq);
            known.push(row.uid);
        }
        since = modseq;
        tokio::task::yield_now().await;
    }
    tasks.join_all().await;
}

/// Sessions that only follow changes, while others append, flag, move and expunge at the same time, end with exactly
/// what a fresh SELECT shows, and were told each expunge of what they knew once.
pub async fn sessions_that_follow_see_what_is_there(place: &dyn Place) {
    let house = Arc::new(House::build(place).await);
    let (inbox, trash) = (house.id("INBOX").await, house.id("Trash").await);
    house.put(inbox, 5, SystemFlags::default()).await;
    let mut writers = tokio::task::JoinSet::new();
    for i in 0..4usize {
        let house = house.clone();
        writers.spawn(async move {
            for round in 0..12usize {
                let known = house.uids(inbox).await;
                let some: Vec<Uid> = known.into_iter().skip(i).step_by(3).collect();
                match (i + round) % 5 {
                    0 | 1 => drop(house.put(inbox, 2, SystemFlags::default()).await),
                    2 => house.flag(inbox, &some, FlagMode::Add, SystemFlags::DELETED).await,
                    3 => drop(house.engine.expunge(house.taro, inbox, None, NOW).await.unwrap()),
                    _ => drop(house.engine.move_to(house.taro, inbox, &set(&some[..some.len() / 2]), trash, NOW).await),
                }
            }
        });
    }
    let done = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let mut sessions = tokio::task::JoinSet::new();
    for _ in 0..3 {
        let (house, done) = (house.clone(), done.clone());
        sessions.spawn(async move { follow(&house, inbox, &done).await });
    }
    writers.join_all().await;
    done.store(true, std::sync::atomic::Ordering::SeqCst);
    let uids = house.engine.open_mailbox(house.taro, inbox, false).await.unwrap().uids;
    let rows = house.engine.flags(house.taro, inbox, &uids).await.unwrap();
    let truth: BTreeMap<Uid, Flags> = rows.into_iter().map(|row| (row.uid, row.flags)).collect();
    for view in sessions.join_all().await {
        assert_eq!(view, truth);
    }
}

/// A session: opens once, then follows changes until after `done`; what it knows in the end.
async fn follow(house: &House, mailbox: MailboxId, done: &std::sync::atomic::AtomicBool) -> BTreeMap<Uid, Flags> {
    let opened = house.engine.open_mailbox(house.taro, mailbox, false).await.unwrap();
    let mut since = opened.mailbox.state.highest_modseq;
    let mut view: BTreeMap<Uid, Flags> = opened.uids.iter().map(|uid| (uid, Flags::default())).collect();
    // flags may be newer than the view, and are told again then
    for row in house.engine.flags(house.taro, mailbox, &opened.uids).await.unwrap() {
        view.insert(row.uid, row.flags);
    }
    loop {
        let last = done.load(std::sync::atomic::Ordering::SeqCst);
        let changes = house.engine.changes_since(house.taro, mailbox, since, false).await.unwrap();
        for uid in changes.expunged.iter() {
            assert!(view.remove(&uid).is_some(), "{uid} was not there");
        }
        for row in changes.rows {
            assert_eq!(view.contains_key(&row.uid), row.created <= since, "{row:?} since {since}");
            view.insert(row.uid, row.flags);
        }
        since = changes.modseq.expect("an M");
        if last {
            return view;
        }
        tokio::task::yield_now().await;
    }
}
