//! Promises that outlive the process.

use types::{Flags, SystemFlags};

use super::house::{NOW, set};
use super::{House, Place};
use crate::{FlagMode, Want};

/// What was answered is there after a restart: mail, flags, names, summaries under seal, people.
pub async fn all_is_there_after_a_restart(place: &dyn Place) {
    let mut house = House::build(place).await;
    house.engine.create_mailbox(house.taro, "a/b", None).await.unwrap();
    let mailbox = house.named(house.taro, "a/b").await;
    let mut message = house.message("kept", Flags::from_parts(SystemFlags::SEEN, "blue")).await;
    message.mail.sensitive = true;
    house.engine.append(house.taro, mailbox.id, vec![message]).await.unwrap();
    let before = house.engine.mailboxes(house.taro).await.unwrap();
    house.engine.close().await.unwrap();
    house.engine = place.open().await;
    assert_eq!(house.engine.mailboxes(house.taro).await.unwrap(), before);
    let uid = house.uids(mailbox.id).await[0];
    assert_eq!(house.bytes(mailbox.id, uid).await, b"Subject: contract\r\n\r\nkept\r\n");
    let rows = house.engine.messages(house.taro, mailbox.id, &set(&[uid]), Want { summary: true }).await.unwrap();
    assert_eq!(rows[0].summary.as_deref(), Some(&b"kept"[..]));
    assert_eq!(rows[0].flags, Flags::from_parts(SystemFlags::SEEN, "blue"));
    let user = house.engine.directory().users.get(&house.taro).cloned().expect("Taro");
    assert_eq!(user.address, super::house::address("taro"));
}

/// The bounds on bytes and on messages are set and taken away each by itself, and last.
pub async fn bounds_of_a_person_are_kept(place: &dyn Place) {
    let mut house = House::build(place).await;
    let bounds = |house: &House| {
        let user = house.engine.directory().users.get(&house.taro).cloned().expect("Taro");
        (user.quota, user.message_quota)
    };
    let none = bounds(&house);
    assert_eq!(none, (None, None));
    for (quota, message_quota, after) in [
        (Some(Some(5_000)), Some(Some(70)), (Some(5_000), Some(70))),
        (Some(None), None, (None, Some(70))),
        (None, Some(Some(80)), (None, Some(80))),
    ] {
        let change = crate::UserChange { quota, message_quota, ..crate::UserChange::default() };
        let change = crate::Change::SetUser(house.taro, Box::new(change));
        house.engine.change_directory(change, None, NOW).await.unwrap();
        assert_eq!(bounds(&house), after);
    }
    house.engine.close().await.unwrap();
    house.engine = place.open().await;
    assert_eq!(bounds(&house), (None, Some(80)));
}

/// UIDs, UIDVALIDITY and ingest numbers go on after a restart, also when the mail is gone.
pub async fn uids_are_not_used_again_after_a_restart(place: &dyn Place) {
    let mut house = House::build(place).await;
    let inbox = house.id("INBOX").await;
    let uids = house.put(inbox, 3, SystemFlags::DELETED).await;
    house.engine.expunge(house.taro, inbox, None, NOW).await.unwrap();
    let gone = house.engine.create_mailbox(house.taro, "a", None).await.unwrap();
    house.engine.delete_mailbox(house.taro, "a").await.unwrap();
    let before = house.named(house.taro, "INBOX").await.state;
    let ingest = house.engine.ingest_id();
    house.engine.close().await.unwrap();
    house.engine = place.open().await;
    assert_eq!(house.named(house.taro, "INBOX").await.state, before);
    let next = house.put(inbox, 1, SystemFlags::default()).await;
    assert!(next[0] > uids[2]);
    let again = house.engine.create_mailbox(house.taro, "a", None).await.unwrap();
    assert!(again.id != gone.id && again.state.uid_validity > gone.state.uid_validity);
    assert_ne!(house.engine.ingest_id(), ingest);
}

/// After ordinary work nothing is damaged, and repair has nothing to do.
pub async fn verify_finds_nothing_wrong_in_ordinary_data(place: &dyn Place) {
    let house = House::build(place).await;
    let (inbox, trash) = (house.id("INBOX").await, house.id("Trash").await);
    let uids = house.put(inbox, 6, SystemFlags::default()).await;
    house.flag(inbox, &uids[..3], FlagMode::Add, SystemFlags::SEEN.union(SystemFlags::DELETED)).await;
    house.engine.copy(house.taro, inbox, &set(&uids), trash, NOW).await.unwrap();
    house.engine.move_to(house.taro, inbox, &set(&uids[..1]), trash, NOW).await.unwrap();
    house.engine.expunge(house.taro, inbox, None, NOW).await.unwrap();
    house.engine.rename_mailbox(house.taro, "INBOX", "old").await.unwrap();
    house.engine.delete_mailbox(house.taro, "Trash").await.unwrap();
    house.put(house.id("INBOX").await, 1, SystemFlags::default()).await;
    for repair in [false, true] {
        let report = house.engine.verify(repair).await.unwrap();
        assert_eq!(report.damage, []);
        assert_eq!((report.records, report.messages), (7, 4));
        assert!(report.bytes > 0);
    }
    assert_eq!(house.uids(inbox).await, uids[3..]);
}

/// What was shown as recent long before a restart is not recent after it.
pub async fn what_was_recent_is_not_so_after_a_restart(place: &dyn Place) {
    let mut house = House::build(place).await;
    let inbox = house.id("INBOX").await;
    let first = house.put(inbox, 3, SystemFlags::default()).await;
    let shown = house.engine.open_mailbox(house.taro, inbox, true).await.unwrap().recent;
    assert_eq!(shown, set(&first));
    // what is written down later is written down with the next changes
    for name in ["a", "b", "c"] {
        house.engine.create_mailbox(house.taro, name, None).await.unwrap();
        house.engine.delete_mailbox(house.taro, name).await.unwrap();
    }
    let second = house.put(inbox, 1, SystemFlags::default()).await;
    house.engine.close().await.unwrap();
    house.engine = place.open().await;
    assert_eq!(house.engine.open_mailbox(house.taro, inbox, false).await.unwrap().recent, set(&second));
}
