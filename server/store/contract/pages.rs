//! Promises about mailboxes as webmail lists them: pages by key, neighbours, changes that can be undone.

use types::{Flags, MailboxId, SystemFlags, Timestamp, Uid, UidSet};

use super::house::{NOW, set};
use super::{House, Place};
use crate::{FlagChange, FlagMode, MessageRow, Neighbours, Page, PageFilter, PageKey, PageStart, StoreError};

/// Puts messages of these days and flags into Taro's mailbox; their UIDs.
async fn put(house: &House, mailbox: MailboxId, mails: &[(i64, SystemFlags)]) -> Vec<Uid> {
    let mut messages = Vec::new();
    for (day, flags) in mails {
        let mut message = house.message(&format!("day {day}"), Flags::system(*flags)).await;
        message.internal_date = day_of(*day);
        messages.push(message);
    }
    let placed = house.engine.append(house.taro, mailbox, messages).await.unwrap();
    placed.into_iter().map(|place| place.uid).collect()
}

fn day_of(day: i64) -> Timestamp {
    Timestamp(NOW.0 + day * 86_400_000)
}

async fn page(house: &House, mailbox: MailboxId, start: PageStart, filter: PageFilter, most: u32) -> Page {
    house.engine.page(house.taro, mailbox, start, filter, most).await.unwrap()
}

fn uids(page: &Page) -> Vec<u32> {
    page.rows.iter().map(|row| row.uid.0).collect()
}

const PLAIN: SystemFlags = SystemFlags(0);

/// Page by page downwards and upwards, every message comes once, newest first, also where dates are equal; the page
/// says whether there is more on either side.
pub async fn pages_show_every_message_once_newest_first(place: &dyn Place) {
    let house = House::build(place).await;
    let inbox = house.id("INBOX").await;
    // UIDs 1 to 7, as they came; by date: 4, then 6 5 1 (of one day, the last to come first), 7, 3, 2
    put(&house, inbox, &[0, -5, -3, 9, 0, 0, -1].map(|day| (day, PLAIN))).await;
    let expected = [4, 6, 5, 1, 7, 3, 2];
    for most in 1..=8 {
        let (mut seen, mut start) = (Vec::new(), PageStart::Newest);
        loop {
            let one = page(&house, inbox, start, PageFilter::All, most).await;
            assert_eq!(one.newer, !seen.is_empty(), "{most}");
            seen.extend(uids(&one));
            assert_eq!(one.older, seen.len() < 7, "{most}");
            let Some(last) = one.rows.last().filter(|_| one.older) else { break };
            start = PageStart::Before(last.key());
        }
        assert_eq!(seen, expected, "{most} a page");
        let (mut seen, mut start) = (Vec::new(), PageStart::After(PageKey::start_of(Timestamp(0))));
        loop {
            let one = page(&house, inbox, start, PageFilter::All, most).await;
            assert_eq!(one.older, !seen.is_empty(), "{most}");
            seen.splice(0..0, uids(&one));
            assert_eq!(one.newer, seen.len() < 7, "{most}");
            let Some(first) = one.rows.first().filter(|_| one.newer) else { break };
            start = PageStart::After(first.key());
        }
        assert_eq!(seen, expected, "{most} a page, upwards");
    }
    let rows = page(&house, inbox, PageStart::Newest, PageFilter::All, 1).await.rows;
    assert_eq!((rows[0].summary.as_deref(), rows[0].internal_date), (Some(&b"day 9"[..]), day_of(9)));
}

/// A page before a date; a place whose message is gone; an empty mailbox.
pub async fn a_page_begins_anywhere(place: &dyn Place) {
    let house = House::build(place).await;
    let inbox = house.id("INBOX").await;
    put(&house, inbox, &[-3, -2, -1, 0].map(|day| (day, PLAIN))).await;
    let jump = PageStart::Before(PageKey::start_of(day_of(-1)));
    let found = page(&house, inbox, jump, PageFilter::All, 10).await;
    assert_eq!((uids(&found), found.newer, found.older), (vec![2, 1], true, false));
    let gone = found.rows[0].key();
    house.engine.remove(house.taro, inbox, &set(&[Uid(2)]), NOW).await.unwrap();
    assert_eq!(uids(&page(&house, inbox, PageStart::Before(gone), PageFilter::All, 10).await), [1]);
    assert_eq!(uids(&page(&house, inbox, PageStart::After(gone), PageFilter::All, 10).await), [4, 3]);
    let early = PageStart::Before(PageKey::start_of(day_of(-9)));
    let nothing = page(&house, inbox, early, PageFilter::All, 10).await;
    assert!(nothing.rows.is_empty() && nothing.newer && !nothing.older);
    let empty = page(&house, house.id("Archive").await, PageStart::Newest, PageFilter::All, 10).await;
    assert!(empty.rows.is_empty() && !empty.newer && !empty.older);
}

/// A filter shows those it is for, in pages too, and follows the flags.
pub async fn a_filtered_page_shows_those_it_is_for(place: &dyn Place) {
    let house = House::build(place).await;
    let inbox = house.id("INBOX").await;
    let (seen, star) = (SystemFlags::SEEN, SystemFlags::FLAGGED);
    put(&house, inbox, &[(0, seen), (1, PLAIN), (2, seen.union(star)), (3, PLAIN), (4, star)]).await;
    let one = page(&house, inbox, PageStart::Newest, PageFilter::Unread, 2).await;
    assert_eq!((uids(&one), one.older), (vec![5, 4], true));
    let two = page(&house, inbox, PageStart::Before(one.rows[1].key()), PageFilter::Unread, 2).await;
    assert_eq!((uids(&two), two.newer, two.older), (vec![2], true, false));
    let starred = page(&house, inbox, PageStart::Newest, PageFilter::Starred, 9).await;
    assert_eq!((uids(&starred), starred.older), (vec![5, 3], false));
    house.flag(inbox, &[Uid(5)], FlagMode::Add, seen).await;
    house.flag(inbox, &[Uid(3)], FlagMode::Remove, star).await;
    assert_eq!(uids(&page(&house, inbox, PageStart::Newest, PageFilter::Unread, 9).await), [4, 2]);
    assert_eq!(uids(&page(&house, inbox, PageStart::Newest, PageFilter::Starred, 9).await), [5]);
}

/// 前へ and 次へ: the messages beside a place, by the filter, also when the one there has just gone.
pub async fn neighbours_are_the_messages_beside(place: &dyn Place) {
    let house = House::build(place).await;
    let inbox = house.id("INBOX").await;
    put(&house, inbox, &[(0, PLAIN), (1, SystemFlags::SEEN), (1, PLAIN), (2, PLAIN)]).await;
    let key = |day, uid| PageKey { at: day_of(day), uid: Uid(uid) };
    let beside = async |key, filter| {
        let Neighbours { newer, older } = house.engine.neighbours(house.taro, inbox, key, filter).await.unwrap();
        (newer.map(|key| key.uid.0), older.map(|key| key.uid.0))
    };
    assert_eq!(beside(key(1, 3), PageFilter::All).await, (Some(4), Some(2)));
    assert_eq!(beside(key(1, 3), PageFilter::Unread).await, (Some(4), Some(1)));
    assert_eq!(beside(key(2, 4), PageFilter::All).await, (None, Some(3)));
    assert_eq!(beside(key(0, 1), PageFilter::All).await, (Some(2), None));
    assert_eq!(beside(key(1, 3), PageFilter::Starred).await, (None, None));
    house.engine.remove(house.taro, inbox, &set(&[Uid(3)]), NOW).await.unwrap();
    assert_eq!(beside(key(1, 3), PageFilter::All).await, (Some(4), Some(2)));
}

async fn flags(house: &House, mailbox: MailboxId) -> Vec<(Uid, Flags)> {
    let all: UidSet = house.uids(mailbox).await.into_iter().collect();
    let rows = house.engine.flags(house.taro, mailbox, &all).await.unwrap();
    rows.into_iter().map(|row| (row.uid, row.flags)).collect()
}

/// Undoing a change of flags gives every message back what it had, and nothing to those that had it before; what was
/// changed meanwhile stays.
pub async fn a_change_of_flags_is_undone_exactly(place: &dyn Place) {
    let house = House::build(place).await;
    let inbox = house.id("INBOX").await;
    let (seen, star) = (SystemFlags::SEEN, SystemFlags::FLAGGED);
    let mails = [(0, PLAIN), (0, seen), (0, star), (0, seen.union(star))];
    let all = set(&put(&house, inbox, &mails).await);
    let before = flags(&house, inbox).await;
    for (mode, flags_) in [
        (FlagMode::Add, Flags::system(seen)),
        (FlagMode::Remove, Flags::system(seen)),
        (FlagMode::Replace, Flags::from_parts(SystemFlags::ANSWERED, "blue")),
        (FlagMode::Add, Flags::from_parts(seen.union(star), "$Forwarded")),
    ] {
        let change = FlagChange { mode, flags: flags_, unchanged_since: None };
        let undo = house.engine.mark(house.taro, inbox, &all, change).await.unwrap();
        assert_ne!(flags(&house, inbox).await, before, "{mode:?}");
        for (uids, change) in undo {
            house.engine.mark(house.taro, inbox, &uids, change).await.unwrap();
        }
        assert_eq!(flags(&house, inbox).await, before, "{mode:?}");
    }
    let change = FlagChange { mode: FlagMode::Add, flags: Flags::system(seen), unchanged_since: None };
    let undo = house.engine.mark(house.taro, inbox, &all, change.clone()).await.unwrap();
    assert_eq!(undo.len(), 1);
    assert_eq!(undo[0].0, set(&[Uid(1), Uid(3)]), "only those that changed");
    house.flag(inbox, &[Uid(1)], FlagMode::Add, SystemFlags::ANSWERED).await;
    house.engine.mark(house.taro, inbox, &undo[0].0, undo[0].1.clone()).await.unwrap();
    assert_eq!(flags(&house, inbox).await[0].1, Flags::system(SystemFlags::ANSWERED));
    let undone = house.engine.mark(house.taro, inbox, &set(&[Uid(2)]), change).await.unwrap();
    assert!(undone.is_empty(), "it changed nothing");
}

/// A move answers what moves back.
pub async fn a_move_is_undone_by_moving_back(place: &dyn Place) {
    let house = House::build(place).await;
    let (inbox, trash) = (house.id("INBOX").await, house.id("Trash").await);
    let moved = put(&house, inbox, &[(0, SystemFlags::FLAGGED), (-4, PLAIN)]).await;
    put(&house, inbox, &[(7, PLAIN)]).await;
    let what =
        |rows: &[MessageRow]| rows.iter().map(|row| (row.internal_date, row.flags.clone(), row.record)).collect();
    let listed: Vec<_> = what(&page(&house, inbox, PageStart::Newest, PageFilter::All, 9).await.rows);
    let there = house.engine.move_to(house.taro, inbox, &set(&moved), trash, NOW).await.unwrap();
    let back: UidSet = there.uids.iter().map(|(_, new)| *new).collect();
    house.engine.move_to(house.taro, trash, &back, inbox, NOW).await.unwrap();
    let again: Vec<_> = what(&page(&house, inbox, PageStart::Newest, PageFilter::All, 9).await.rows);
    assert_eq!(again, listed);
    assert_eq!(house.named(house.taro, "Trash").await.state.messages, 0);
}

/// Puts the mail of `uid` in again, so many times.
async fn copies(house: &House, mailbox: MailboxId, uid: Uid, count: usize) -> Vec<Uid> {
    let rows = house.engine.messages(house.taro, mailbox, &set(&[uid]), crate::Want::default()).await.unwrap();
    let mail = || crate::NewMail {
        tenant: house.tenant,
        bytes: crate::Bytes::Known(rows[0].record),
        summary: Vec::new(),
        sensitive: false,
    };
    let many =
        (0..count).map(|_| crate::NewMessage { mail: mail(), flags: Flags::default(), internal_date: NOW, saved: NOW });
    let placed = house.engine.append(house.taro, mailbox, many.collect()).await.unwrap();
    placed.into_iter().map(|place| place.uid).collect()
}

/// What is removed for good goes without `\Deleted`; sessions are told; thousands go whole.
pub async fn a_removal_takes_exactly_what_it_names(place: &dyn Place) {
    let house = House::build(place).await;
    let inbox = house.id("INBOX").await;
    let uids = house.put(inbox, 1, SystemFlags::DELETED).await;
    let placed = copies(&house, inbox, uids[0], 2_300).await;
    let before = house.named(house.taro, "INBOX").await.state;
    let named: UidSet = placed.into_iter().chain([Uid(4_000_000_000)]).collect();
    let gone = house.engine.remove(house.taro, inbox, &named, NOW).await.unwrap();
    assert_eq!(gone.len(), 2_300);
    assert_eq!(house.uids(inbox).await, uids);
    let told = house.engine.changes_since(house.taro, inbox, before.highest_modseq, false).await.unwrap();
    assert_eq!(told.expunged, gone);
    assert!(house.engine.remove(house.taro, inbox, &named, NOW).await.unwrap().is_empty());
}

/// What is removed together goes at one moment: whoever looks meanwhile sees all of it or nothing, thousands too. What is
/// not there is no fault.
pub async fn a_removal_together_is_seen_whole_or_not_at_all(place: &dyn Place) {
    let house = House::build(place).await;
    let inbox = house.id("INBOX").await;
    let uids = house.put(inbox, 1, PLAIN).await;
    let placed = copies(&house, inbox, uids[0], 2_300).await;
    let before = house.named(house.taro, "INBOX").await.state;
    let named: UidSet = placed.into_iter().chain([Uid(4_000_000_000)]).collect();
    let removing = {
        let (engine, taro, named) = (house.engine.clone(), house.taro, named.clone());
        tokio::spawn(async move { engine.remove_together(taro, inbox, &named, NOW).await })
    };
    while !removing.is_finished() {
        let seen = house.engine.changes_since(house.taro, inbox, before.highest_modseq, false).await.unwrap();
        assert!([0, 2_300].contains(&seen.expunged.len()), "{} have gone", seen.expunged.len());
        assert!([1, 2_301].contains(&house.named(house.taro, "INBOX").await.state.messages));
    }
    assert_eq!(removing.await.unwrap().unwrap().len(), 2_300);
    assert_eq!(house.uids(inbox).await, uids);
    assert!(house.engine.remove_together(house.taro, inbox, &named, NOW).await.unwrap().is_empty());
}

/// Another's mailbox has no pages, no neighbours, and nothing in it changes.
pub async fn anothers_mailbox_has_no_pages(place: &dyn Place) {
    let house = House::build(place).await;
    let hanako = house.person("hanako").await;
    let inbox = house.id("INBOX").await;
    let uids = set(&put(&house, inbox, &[(0, PLAIN)]).await);
    let (start, filter) = (PageStart::Newest, PageFilter::All);
    let none = |error: StoreError| assert!(matches!(error, StoreError::NotFound(_)), "{error:?}");
    none(house.engine.page(hanako, inbox, start, filter, 9).await.unwrap_err());
    none(house.engine.neighbours(hanako, inbox, PageKey::start_of(NOW), filter).await.unwrap_err());
    none(house.engine.remove(hanako, inbox, &uids, NOW).await.unwrap_err());
    none(house.engine.remove_together(hanako, inbox, &uids, NOW).await.unwrap_err());
    let change = FlagChange { mode: FlagMode::Add, flags: Flags::system(SystemFlags::SEEN), unchanged_since: None };
    none(house.engine.mark(hanako, inbox, &uids, change).await.unwrap_err());
    assert_eq!(flags(&house, inbox).await, [(Uid(1), Flags::default())]);
}
