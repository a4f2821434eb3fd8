//! Promises about messages: APPEND, STORE, COPY, MOVE, EXPUNGE.

use std::collections::BTreeSet;

use types::{Flags, MailboxId, ModSeq, RecordId, SystemFlags, Uid};

use super::house::{NOW, set};
use super::{House, Place};
use crate::{FlagChange, FlagMode, NewMessage, StoreError, Want};

/// UIDs ascend and are not used again, whatever is taken out (RFC 3501 2.3.1.1).
pub async fn uids_grow_and_are_never_used_again(place: &dyn Place) {
    let house = House::build(place).await;
    let inbox = house.id("INBOX").await;
    let first = house.put(inbox, 3, SystemFlags::DELETED).await;
    assert!(first.windows(2).all(|pair| pair[0] < pair[1]));
    let before = house.named(house.taro, "INBOX").await.state;
    house.engine.expunge(house.taro, inbox, None, NOW).await.unwrap();
    let empty = house.named(house.taro, "INBOX").await.state;
    assert_eq!((empty.messages, empty.uid_next), (0, before.uid_next));
    assert!(empty.highest_modseq > before.highest_modseq);
    let second = house.put(inbox, 2, SystemFlags::default()).await;
    assert!(second[0] >= before.uid_next);
    let after = house.named(house.taro, "INBOX").await.state;
    assert!(after.uid_next > second[1] && after.highest_modseq > empty.highest_modseq);
}

/// One bad message in an APPEND and none is put in.
pub async fn an_append_is_all_or_none(place: &dyn Place) {
    let house = House::build(place).await;
    let inbox = house.id("INBOX").await;
    let mut messages = vec![house.message("good", Flags::default()).await];
    let mut bad = house.message("bad", Flags::default()).await;
    bad.mail.bytes = crate::Bytes::Known(types::RecordId(i64::MAX));
    messages.push(bad);
    assert!(house.engine.append(house.taro, inbox, messages).await.is_err());
    let state = house.named(house.taro, "INBOX").await.state;
    assert_eq!((state.messages, state.size), (0, 0));
    assert!(house.uids(inbox).await.is_empty());
    house.put(inbox, 1, SystemFlags::default()).await;
    assert_eq!(house.uids(inbox).await.len(), 1);
}

/// Bytes, summary, flags, date and size read back as they were given.
pub async fn what_was_put_in_comes_out(place: &dyn Place) {
    let house = House::build(place).await;
    let drafts = house.id("Drafts").await;
    let flags = Flags::from_parts(SystemFlags::DRAFT, "$Forwarded later");
    let mut messages = vec![house.message("one", flags.clone()).await, house.message("two", Flags::default()).await];
    messages[1].mail.sensitive = true;
    messages[1].mail.summary = (0..=u8::MAX).chain([0]).collect();
    let any_bytes = messages[1].mail.summary.clone();
    let placed = house.engine.append(house.taro, drafts, messages).await.unwrap();
    let mailbox = house.named(house.taro, "Drafts").await;
    assert!(placed.iter().all(|p| p.mailbox == drafts && p.uid_validity == mailbox.state.uid_validity));
    let uids = set(&[placed[0].uid, placed[1].uid, Uid(4_000_000_000)]);
    let rows = house.engine.messages(house.taro, drafts, &uids, Want { summary: true }).await.unwrap();
    assert_eq!(rows.len(), 2);
    assert_eq!((&rows[0].flags, rows[0].internal_date), (&flags, NOW));
    assert_eq!(rows[0].summary.as_deref(), Some(&b"one"[..]));
    assert_eq!(rows[1].summary, Some(any_bytes), "a sealed summary opens for its owner");
    let bytes = house.bytes(drafts, placed[0].uid).await;
    assert_eq!(bytes, b"Subject: contract\r\n\r\none\r\n");
    assert_eq!(rows[0].size(), bytes.len() as u64);
    assert_eq!(&house.engine.read(rows[0].record, 21..24).await.unwrap()[..], b"one");
    assert_eq!(mailbox.state.size, rows.iter().map(crate::MessageRow::size).sum::<u64>());
    let usage = house.engine.usage(house.taro).await.unwrap();
    assert_eq!(usage, crate::Usage { bytes: mailbox.state.size, messages: 2 });
    let plain = house.engine.messages(house.taro, drafts, &uids, Want::default()).await.unwrap();
    assert!(plain.iter().all(|row| row.summary.is_none()));
}

/// STORE FLAGS, +FLAGS, -FLAGS with system flags and keywords; counters follow.
pub async fn store_adds_removes_and_replaces(place: &dyn Place) {
    let house = House::build(place).await;
    let inbox = house.id("INBOX").await;
    let uids = house.put(inbox, 3, SystemFlags::default()).await;
    let store = async |mode, flags: Flags| {
        let change = FlagChange { mode, flags, unchanged_since: None };
        let (rows, left) = house.engine.store_flags(house.taro, inbox, &set(&uids[..2]), change).await.unwrap();
        assert!(left.is_empty());
        assert_eq!(rows.iter().map(|row| row.uid).collect::<Vec<_>>(), uids[..2]);
        let read = house.engine.flags(house.taro, inbox, &set(&uids[..2])).await.unwrap();
        assert_eq!(rows, read, "the answer is what is read after it");
        read[0].flags.clone()
    };
    let some = Flags::from_parts(SystemFlags::SEEN, "blue");
    assert_eq!(store(FlagMode::Add, some.clone()).await, some);
    assert_eq!(house.named(house.taro, "INBOX").await.state.unseen, 1);
    let more = Flags::from_parts(SystemFlags::DELETED, "Red");
    assert_eq!(store(FlagMode::Add, more.clone()).await, some.union(&more));
    assert_eq!(house.named(house.taro, "INBOX").await.state.deleted, 2);
    assert_eq!(store(FlagMode::Remove, Flags::from_parts(SystemFlags::SEEN, "BLUE")).await, more);
    assert_eq!(house.named(house.taro, "INBOX").await.state.unseen, 3);
    let last = Flags::system(SystemFlags::FLAGGED);
    assert_eq!(store(FlagMode::Replace, last.clone()).await, last);
    let state = house.named(house.taro, "INBOX").await.state;
    assert_eq!((state.unseen, state.deleted), (3, 0));
    let untouched = house.engine.flags(house.taro, inbox, &set(&uids[2..])).await.unwrap();
    assert_eq!((untouched[0].modseq, &untouched[0].flags), (untouched[0].created, &Flags::default()));
}

/// UNCHANGEDSINCE leaves rows that changed later and names them (RFC 7162 3.1.3).
pub async fn store_leaves_what_changed_since(place: &dyn Place) {
    let house = House::build(place).await;
    let inbox = house.id("INBOX").await;
    let uids = house.put(inbox, 3, SystemFlags::default()).await;
    let since = house.named(house.taro, "INBOX").await.state.highest_modseq;
    house.flag(inbox, &uids[1..2], FlagMode::Add, SystemFlags::FLAGGED).await;
    let change = |since| FlagChange {
        mode: FlagMode::Add,
        flags: Flags::system(SystemFlags::SEEN),
        unchanged_since: Some(since),
    };
    let (rows, left) = house.engine.store_flags(house.taro, inbox, &set(&uids), change(since)).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.uid).collect::<Vec<_>>(), [uids[0], uids[2]]);
    assert_eq!(left, set(&uids[1..2]));
    let flags = house.engine.flags(house.taro, inbox, &set(&uids[1..2])).await.unwrap();
    assert_eq!(flags[0].flags.system, SystemFlags::FLAGGED);
    let (rows, left) = house.engine.store_flags(house.taro, inbox, &set(&uids), change(ModSeq(0))).await.unwrap();
    assert!(rows.is_empty() && left == set(&uids), "UNCHANGEDSINCE 0 changes nothing");
}

/// A set larger than one piece of work is stored whole, and so copied, moved and expunged.
pub async fn a_store_of_thousands_reaches_every_message(place: &dyn Place) {
    let house = House::build(place).await;
    let (inbox, archive) = (house.id("INBOX").await, house.id("Archive").await);
    let record = {
        let uid = house.put(inbox, 1, SystemFlags::default()).await;
        house.engine.messages(house.taro, inbox, &set(&uid), Want::default()).await.unwrap()[0].record
    };
    let mut messages = Vec::new();
    for _ in 0..2_499 {
        let bytes = crate::Bytes::Known(record);
        let mail = crate::NewMail { tenant: house.tenant, bytes, summary: Vec::new(), sensitive: false };
        messages.push(NewMessage { mail, flags: Flags::default(), internal_date: NOW, saved: NOW });
    }
    house.engine.append(house.taro, inbox, messages).await.unwrap();
    let uids = house.uids(inbox).await;
    assert_eq!(uids.len(), 2_500);
    let all = set(&uids);
    let seen = FlagChange {
        mode: FlagMode::Add,
        flags: Flags::system(SystemFlags::SEEN.union(SystemFlags::DELETED)),
        unchanged_since: None,
    };
    let (rows, _) = house.engine.store_flags(house.taro, inbox, &all, seen).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.uid).collect::<Vec<_>>(), uids);
    let state = house.named(house.taro, "INBOX").await.state;
    assert_eq!((state.unseen, state.deleted), (0, 2_500));
    let copied = house.engine.copy(house.taro, inbox, &all, archive, NOW).await.unwrap();
    assert_eq!(copied.uids.len(), 2_500);
    let moved = house.engine.move_to(house.taro, archive, &set(&copied_uids(&copied)), inbox, NOW).await.unwrap();
    assert_eq!(moved.uids.len(), 2_500);
    assert_eq!(house.named(house.taro, "Archive").await.state.messages, 0);
    assert_eq!(house.engine.expunge(house.taro, inbox, None, NOW).await.unwrap().len(), 5_000);
    let state = house.named(house.taro, "INBOX").await.state;
    assert_eq!((state.messages, state.unseen, state.deleted, state.size), (0, 0, 0, 0));
}

fn copied_uids(moved: &crate::Moved) -> Vec<Uid> {
    moved.uids.iter().map(|(_, new)| *new).collect()
}

/// COPY keeps flags, date and bytes, within one mailbox too; UIDs that are gone are left out (RFC 3501 6.4.7).
pub async fn a_copy_keeps_flags_and_date(place: &dyn Place) {
    let house = House::build(place).await;
    let (inbox, trash) = (house.id("INBOX").await, house.id("Trash").await);
    let flags = Flags::from_parts(SystemFlags::ANSWERED, "blue");
    let message = house.message("copied", flags.clone()).await;
    let uid = house.engine.append(house.taro, inbox, vec![message]).await.unwrap()[0].uid;
    let wanted = set(&[uid, Uid(99)]);
    let moved = house.engine.copy(house.taro, inbox, &wanted, trash, NOW).await.unwrap();
    assert_eq!(moved.uid_validity, house.named(house.taro, "Trash").await.state.uid_validity);
    assert_eq!(moved.uids.iter().map(|(old, _)| *old).collect::<Vec<_>>(), [uid]);
    let new = moved.uids[0].1;
    let row = house.engine.messages(house.taro, trash, &set(&[new]), Want { summary: true }).await.unwrap().remove(0);
    assert_eq!((row.flags, row.internal_date, row.summary), (flags, NOW, Some(b"copied".to_vec())));
    assert_eq!(house.bytes(trash, new).await, house.bytes(inbox, uid).await);
    let itself = house.engine.copy(house.taro, inbox, &wanted, inbox, NOW).await.unwrap();
    assert!(itself.uids[0].1 > uid);
    let state = house.named(house.taro, "INBOX").await.state;
    assert_eq!((state.messages, state.unseen), (2, 2));
    let missing = house.engine.copy(house.taro, inbox, &wanted, types::MailboxId(i64::MAX), NOW).await;
    assert!(matches!(missing, Err(StoreError::NotFound(_))));
}

/// What comes in place of another is there and the other is gone; where that is gone already, nothing comes (RFC 8508).
pub async fn a_replacement_happens_whole_or_not_at_all(place: &dyn Place) {
    let mut house = House::build(place).await;
    let (drafts, archive) = (house.id("Drafts").await, house.id("Archive").await);
    let old = house.put(drafts, 2, SystemFlags::DRAFT).await;
    let before = house.named(house.taro, "Drafts").await.state;
    let message = house.message("second", Flags::system(SystemFlags::DRAFT)).await;
    let placed = house.engine.replace(house.taro, drafts, old[0], drafts, message).await.unwrap();
    assert_eq!((placed.mailbox, placed.uid), (drafts, before.uid_next));
    assert_eq!(house.uids(drafts).await, [old[1], placed.uid]);
    let after = house.named(house.taro, "Drafts").await.state;
    assert_eq!(after.messages, 2);
    assert!(after.highest_modseq > before.highest_modseq);
    let changes = house.engine.changes_since(house.taro, drafts, before.highest_modseq, false).await.unwrap();
    assert_eq!(changes.expunged, set(&old[..1]));
    assert_eq!(changes.rows.iter().map(|row| row.uid).collect::<Vec<_>>(), [placed.uid]);
    // into another mailbox
    let message = house.message("third", Flags::default()).await;
    let there = house.engine.replace(house.taro, drafts, placed.uid, archive, message).await.unwrap();
    assert_eq!((house.uids(drafts).await, house.uids(archive).await), (vec![old[1]], vec![there.uid]));
    // what is gone is not replaced, what is not there receives nothing, and another's mailbox is neither
    let (usage, state) =
        (house.engine.usage(house.taro).await.unwrap(), house.named(house.taro, "Archive").await.state);
    let hanako = house.person("hanako").await;
    let hers = house.named(hanako, "INBOX").await.id;
    let absent = MailboxId(i64::MAX);
    for (user, from, uid, to) in [
        (house.taro, drafts, placed.uid, archive),
        (house.taro, absent, old[1], archive),
        (house.taro, drafts, old[1], absent),
        (house.taro, drafts, old[1], hers),
        (hanako, drafts, old[1], hers),
    ] {
        let message = house.message("never", Flags::default()).await;
        let refused = house.engine.replace(user, from, uid, to, message).await;
        assert!(matches!(refused, Err(StoreError::NotFound(_))), "{refused:?}");
    }
    assert_eq!(house.engine.usage(house.taro).await.unwrap(), usage);
    assert_eq!(house.named(house.taro, "Archive").await.state, state);
    assert_eq!(house.uids(drafts).await, [old[1]]);
    assert_eq!(house.named(hanako, "INBOX").await.state.messages, 0);
    house.engine.close().await.unwrap();
    house.engine = place.open().await;
    assert_eq!((house.uids(drafts).await, house.uids(archive).await), (vec![old[1]], vec![there.uid]));
    assert_eq!(house.engine.verify(false).await.unwrap().damage, []);
}

/// Every way into a mailbox writes down its own moment (RFC 8514); INTERNALDATE goes along unchanged.
pub async fn what_comes_into_a_mailbox_is_saved_then(place: &dyn Place) {
    let house = House::build(place).await;
    let (inbox, archive) = (house.id("INBOX").await, house.id("Archive").await);
    let saved = async |mailbox, uid| {
        let rows = house.engine.messages(house.taro, mailbox, &set(&[uid]), Want::default()).await.unwrap();
        (rows[0].saved, rows[0].internal_date)
    };
    let at = |seconds: i64| types::Timestamp(NOW.0 + seconds * 1_000);
    let message = NewMessage { saved: at(5), ..house.message("one", Flags::default()).await };
    let first = house.engine.append(house.taro, inbox, vec![message]).await.unwrap()[0].uid;
    assert_eq!(saved(inbox, first).await, (Some(at(5)), NOW));
    let mut posting = crate::Posting::default();
    posting.mail(house.mail("two").await);
    posting.copies.push(crate::NewCopy { saved: at(6), ..house.copy(house.taro, "taro") });
    let second = house.engine.post(posting).await.unwrap().copies[0].unwrap().uid;
    assert_eq!(saved(inbox, second).await, (Some(at(6)), NOW));
    let copied = house.engine.copy(house.taro, inbox, &set(&[first]), archive, at(7)).await.unwrap().uids[0].1;
    assert_eq!(saved(archive, copied).await, (Some(at(7)), NOW));
    let moved = house.engine.move_to(house.taro, archive, &set(&[copied]), inbox, at(8)).await.unwrap().uids[0].1;
    assert_eq!(saved(inbox, moved).await, (Some(at(8)), NOW));
    assert_eq!(saved(inbox, first).await, (Some(at(5)), NOW));
}

/// MOVE: gone here with a tombstone, there with its flags (RFC 6851).
pub async fn a_move_leaves_nothing_behind(place: &dyn Place) {
    let house = House::build(place).await;
    let (inbox, archive) = (house.id("INBOX").await, house.id("Archive").await);
    let uids = house.put(inbox, 3, SystemFlags::SEEN).await;
    let since = house.named(house.taro, "INBOX").await.state.highest_modseq;
    let moved = house.engine.move_to(house.taro, inbox, &set(&uids[..2]), archive, NOW).await.unwrap();
    assert_eq!(moved.uids.iter().map(|(old, _)| *old).collect::<Vec<_>>(), uids[..2]);
    assert_eq!(house.uids(inbox).await, uids[2..]);
    assert_eq!(house.uids(archive).await, copied_uids(&moved));
    let changes = house.engine.changes_since(house.taro, inbox, since, false).await.unwrap();
    assert!(changes.rows.is_empty());
    assert_eq!(changes.expunged, set(&uids[..2]));
    let again = house.engine.move_to(house.taro, inbox, &set(&uids[..2]), archive, NOW).await.unwrap();
    assert!(again.uids.is_empty(), "what went cannot go again");
    let within = house.engine.move_to(house.taro, inbox, &set(&uids[2..]), inbox, NOW).await.unwrap();
    assert_eq!(house.uids(inbox).await, copied_uids(&within));
    assert!(within.uids[0].1 > uids[2]);
}

/// EXPUNGE and UID EXPUNGE take only messages with `\Deleted` (RFC 3501 6.4.3, 4315 2.1).
pub async fn expunge_takes_only_what_is_marked(place: &dyn Place) {
    let house = House::build(place).await;
    let inbox = house.id("INBOX").await;
    let uids = house.put(inbox, 4, SystemFlags::default()).await;
    house.flag(inbox, &uids[..3], FlagMode::Add, SystemFlags::DELETED).await;
    let some = house.engine.expunge(house.taro, inbox, Some(&set(&[uids[0], uids[3]])), NOW).await.unwrap();
    assert_eq!(some, set(&uids[..1]));
    let rest = house.engine.expunge(house.taro, inbox, None, NOW).await.unwrap();
    assert_eq!(rest, set(&uids[1..3]));
    let none = house.engine.expunge(house.taro, inbox, None, NOW).await.unwrap();
    assert!(none.is_empty());
    assert_eq!(house.uids(inbox).await, uids[3..]);
    assert_eq!(house.named(house.taro, "INBOX").await.state.deleted, 0);
    assert!(house.engine.flags(house.taro, inbox, &set(&uids[..3])).await.unwrap().is_empty());
}

/// Many APPENDs at once: every message has its own UID, and counters add up.
pub async fn writers_at_once_share_no_uid(place: &dyn Place) {
    let house = House::build(place).await;
    let inbox = house.id("INBOX").await;
    let mut tasks = tokio::task::JoinSet::new();
    for i in 0..40 {
        let message = house.message(&format!("writer {i}"), Flags::default()).await;
        let (engine, taro) = (house.engine.clone(), house.taro);
        tasks.spawn(async move { engine.append(taro, inbox, vec![message]).await.unwrap()[0].uid });
    }
    let uids: BTreeSet<Uid> = tasks.join_all().await.into_iter().collect();
    assert_eq!(uids.len(), 40);
    assert_eq!(house.uids(inbox).await, uids.into_iter().collect::<Vec<_>>());
    assert_eq!(house.named(house.taro, "INBOX").await.state.messages, 40);
}

/// A mail that does not fit in memory is collected on disk, and any range of it reads back.
pub async fn a_large_mail_comes_out_whole(place: &dyn Place) {
    let house = House::build(place).await;
    let inbox = house.id("INBOX").await;
    let line: Vec<u8> = (0..7_919u32).map(|i| b'!' + u8::try_from(i * i % 90).unwrap()).collect();
    let mut bytes = Vec::new();
    let mut writing = house.engine.begin(house.tenant, 3 << 20).await.unwrap();
    while bytes.len() + line.len() <= 3 << 20 {
        writing.write(&line).await.unwrap();
        bytes.extend_from_slice(&line);
    }
    let draft = writing.finish().await.unwrap();
    assert_eq!(draft.size(), bytes.len() as u64);
    let mut message = house.message("small", Flags::default()).await;
    message.mail.bytes = crate::Bytes::New(draft);
    let messages = vec![message, house.message("beside it", Flags::default()).await];
    let placed = house.engine.append(house.taro, inbox, messages).await.unwrap();
    assert!(house.bytes(inbox, placed[0].uid).await == bytes, "the large mail");
    assert_eq!(house.bytes(inbox, placed[1].uid).await, b"Subject: contract\r\n\r\nbeside it\r\n");
    let rows = house.engine.messages(house.taro, inbox, &set(&[placed[0].uid]), Want::default()).await.unwrap();
    let size = bytes.len();
    for (start, end) in [(0, 1), (65_535, 65_537), (1_000_000, 1_500_000), (size - 1, size), (size, size), (7, 7)] {
        let read = house.engine.read(rows[0].record, start as u64..end as u64).await.unwrap();
        assert!(read == bytes[start..end], "{start}..{end}");
    }
    assert!(house.engine.read(rows[0].record, size as u64 + 5..u64::MAX).await.unwrap().is_empty());
    let beside = house.engine.messages(house.taro, inbox, &set(&[placed[1].uid]), Want::default()).await.unwrap();
    let (large, small) = (rows[0].record, beside[0].record);
    assert_eq!(house.engine.verify(false).await.unwrap().damage, []);
    // many at once, in their order, those that were read lately too; who is not there harms no other
    let many = [small, RecordId(999_999), large, small];
    let lately = house.engine.read_many(&many).await.unwrap();
    house.engine.close().await.unwrap();
    let anew = place.open().await.read_many(&many).await.unwrap();
    for read in [lately, anew] {
        let read: Vec<Option<&[u8]>> = read.iter().map(|read| read.as_deref().ok()).collect();
        let text: &[u8] = b"Subject: contract\r\n\r\nbeside it\r\n";
        assert!(read[0] == Some(text) && read[1].is_none() && read[2] == Some(&bytes) && read[3] == Some(text));
    }
}

/// A mail over its bound is refused while it comes, and leaves nothing.
pub async fn a_mail_over_its_bound_is_refused(place: &dyn Place) {
    let house = House::build(place).await;
    for bound in [1_000, 2 << 20] {
        let mut writing = house.engine.begin(house.tenant, bound).await.unwrap();
        writing.write(&vec![b'x'; usize::try_from(bound).unwrap()]).await.unwrap();
        assert!(writing.write(b"x").await.is_err(), "{bound}");
    }
    assert_eq!(house.engine.verify(false).await.unwrap().records, 0);
}
