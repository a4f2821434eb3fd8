//! Promises about names of mailboxes: levels, INBOX, rename, delete, subscription, ownership.

use types::{SystemFlags, UidSet};

use super::{House, Place};
use crate::{FlagChange, FlagMode, MailboxRole, StoreError, Want};

/// The six of RFC 6154 exist from the start, each with its role, and are subscribed.
pub async fn a_person_starts_with_six_mailboxes(place: &dyn Place) {
    let house = House::build(place).await;
    for (role, name, _) in MailboxRole::ALL {
        let mailbox = house.named(house.taro, name).await;
        assert_eq!(mailbox.role, Some(role));
        assert!(mailbox.selectable && mailbox.subscribed && !mailbox.has_children, "{name}");
        assert_eq!((mailbox.state.messages, mailbox.state.uid_next.0), (0, 1), "{name}");
    }
    assert_eq!(house.names(house.taro).await.len(), 6);
}

/// A name written in NFD is the same as in NFC, and is listed in NFC.
pub async fn a_name_is_kept_as_nfc_in_levels(place: &dyn Place) {
    let house = House::build(place).await;
    let made = house.engine.create_mailbox(house.taro, "取引先/か\u{3099}いしゃ/", None).await.unwrap();
    assert_eq!(made.name, "取引先/がいしゃ");
    assert!(!made.subscribed && made.selectable && made.role.is_none());
    let again = house.engine.create_mailbox(house.taro, "取引先/がいしゃ", None).await;
    assert!(matches!(again, Err(StoreError::Exists(_))));
    house.engine.rename_mailbox(house.taro, "取引先/か\u{3099}いしゃ", "取引先/別").await.unwrap();
    assert!(house.names(house.taro).await.contains(&"取引先/別".to_owned()));
}

/// Empty levels, control characters and names without end are no names.
pub async fn bad_names_are_refused(place: &dyn Place) {
    let house = House::build(place).await;
    let long = "あ".repeat(400);
    let deep = vec!["a"; 200].join("/");
    for name in ["", "/", "/a", "a//b", "a\u{0}", "a\nb", "a/\u{85}", &long, &deep] {
        let made = house.engine.create_mailbox(house.taro, name, None).await;
        assert!(matches!(made, Err(StoreError::Invalid(_))), "{name:?}: {made:?}");
        let renamed = house.engine.rename_mailbox(house.taro, "Junk", name).await;
        assert!(matches!(renamed, Err(StoreError::Invalid(_))), "{name:?}: {renamed:?}");
    }
    assert_eq!(house.names(house.taro).await.len(), 6);
}

/// INBOX is written in any case, alone and above others; it cannot be made again nor deleted.
pub async fn inbox_is_one_mailbox_in_any_case(place: &dyn Place) {
    let house = House::build(place).await;
    assert!(matches!(house.engine.create_mailbox(house.taro, "inbox", None).await, Err(StoreError::Exists(_))));
    assert_eq!(house.engine.create_mailbox(house.taro, "Inbox/work", None).await.unwrap().name, "INBOX/work");
    assert!(house.named(house.taro, "INBOX").await.has_children);
    assert!(matches!(house.engine.delete_mailbox(house.taro, "iNBOX").await, Err(StoreError::Invalid(_))));
    assert_eq!(house.engine.create_mailbox(house.taro, "a/inbox", None).await.unwrap().name, "a/inbox");
}

/// CREATE makes the levels above (RFC 3501 6.3.3).
pub async fn those_above_are_made_too(place: &dyn Place) {
    let house = House::build(place).await;
    house.engine.create_mailbox(house.taro, "a/b/c", None).await.unwrap();
    let above = house.named(house.taro, "a").await;
    assert!(above.selectable && above.has_children);
    assert!(!house.named(house.taro, "a/b/c").await.has_children);
    let names = house.names(house.taro).await;
    let mut sorted = names.clone();
    sorted.sort();
    assert_eq!(names, sorted, "mailboxes come ordered by name");
}

/// RENAME moves what is below too, keeps numbers, UIDVALIDITY and mail, and refuses what cannot be.
pub async fn a_rename_takes_along_all_below(place: &dyn Place) {
    let house = House::build(place).await;
    house.engine.create_mailbox(house.taro, "a/b/c", None).await.unwrap();
    house.engine.create_mailbox(house.taro, "ab", None).await.unwrap();
    let before = house.named(house.taro, "a/b/c").await;
    house.put(before.id, 2, SystemFlags::SEEN).await;
    house.engine.rename_mailbox(house.taro, "a", "x/y").await.unwrap();
    let after = house.named(house.taro, "x/y/b/c").await;
    assert_eq!((after.id, after.state.uid_validity), (before.id, before.state.uid_validity));
    assert_eq!(after.state.messages, 2);
    let names = house.names(house.taro).await;
    assert!(names.contains(&"ab".to_owned()) && names.contains(&"x".to_owned()));
    assert!(!names.iter().any(|name| name == "a" || name.starts_with("a/")));
    let refused = house.engine.rename_mailbox(house.taro, "x", "x/y/z").await;
    assert!(matches!(refused, Err(StoreError::Invalid(_))), "into itself");
    let refused = house.engine.rename_mailbox(house.taro, "x", "ab").await;
    assert!(matches!(refused, Err(StoreError::Exists(_))), "onto another");
    let refused = house.engine.rename_mailbox(house.taro, "x", "Inbox").await;
    assert!(matches!(refused, Err(StoreError::Exists(_))), "onto INBOX");
    let refused = house.engine.rename_mailbox(house.taro, "gone", "z").await;
    assert!(matches!(refused, Err(StoreError::NotFound(_))), "of nothing");
}

/// RENAME of INBOX moves its mail; INBOX is there again, empty; what is below stays (RFC 3501 6.3.5).
pub async fn renaming_inbox_leaves_a_new_empty_inbox(place: &dyn Place) {
    let house = House::build(place).await;
    house.engine.create_mailbox(house.taro, "INBOX/work", None).await.unwrap();
    let before = house.named(house.taro, "INBOX").await;
    house.put(before.id, 3, SystemFlags::default()).await;
    house.engine.rename_mailbox(house.taro, "inbox", "2026").await.unwrap();
    let moved = house.named(house.taro, "2026").await;
    assert_eq!((moved.id, moved.state.messages, moved.role), (before.id, 3, None));
    let inbox = house.named(house.taro, "INBOX").await;
    assert_eq!((inbox.state.messages, inbox.role), (0, Some(MailboxRole::Inbox)));
    assert!(inbox.id != before.id && inbox.state.uid_validity != before.state.uid_validity);
    assert!(inbox.has_children && inbox.subscribed);
    assert!(!house.named(house.taro, "2026").await.has_children);
}

/// DELETE with children leaves a name that cannot be selected; it goes with its last child, or CREATE revives it.
pub async fn a_mailbox_with_children_stays_as_a_name_when_deleted(place: &dyn Place) {
    let house = House::build(place).await;
    house.engine.create_mailbox(house.taro, "a/b", None).await.unwrap();
    let before = house.named(house.taro, "a").await;
    house.put(before.id, 2, SystemFlags::default()).await;
    house.engine.delete_mailbox(house.taro, "a").await.unwrap();
    let ghost = house.named(house.taro, "a").await;
    assert!(!ghost.selectable && ghost.has_children && ghost.state.messages == 0);
    assert!(house.engine.open_mailbox(house.taro, ghost.id, false).await.is_err());
    let gone = house.engine.changes_since(house.taro, before.id, before.state.highest_modseq, false).await;
    assert!(matches!(gone, Err(StoreError::NotFound(_))), "a session in it is told");
    assert!(house.engine.delete_mailbox(house.taro, "a").await.is_err(), "a name with children and no mail");
    let revived = house.engine.create_mailbox(house.taro, "a", None).await.unwrap();
    assert!(revived.selectable && revived.state.messages == 0);
    assert!(revived.state.uid_validity > before.state.uid_validity);
    house.engine.delete_mailbox(house.taro, "a").await.unwrap();
    house.engine.delete_mailbox(house.taro, "a/b").await.unwrap();
    assert_eq!(house.names(house.taro).await.len(), 6, "no name stays without children");
    assert_eq!(house.engine.usage(house.taro).await.unwrap(), crate::Usage::default());
}

/// UIDVALIDITY of a name made again is greater, so that a client forgets what it knew.
pub async fn a_name_made_again_has_a_greater_uid_validity(place: &dyn Place) {
    let house = House::build(place).await;
    let first = house.engine.create_mailbox(house.taro, "a", None).await.unwrap();
    house.put(first.id, 1, SystemFlags::default()).await;
    house.engine.delete_mailbox(house.taro, "a").await.unwrap();
    let second = house.engine.create_mailbox(house.taro, "a", None).await.unwrap();
    assert!(second.id != first.id && second.state.uid_validity > first.state.uid_validity);
    let other = house.engine.create_mailbox(house.taro, "b", None).await.unwrap();
    assert!(other.state.uid_validity > second.state.uid_validity);
}

/// SUBSCRIBE and UNSUBSCRIBE.
pub async fn a_subscription_lasts_until_it_is_taken_back(place: &dyn Place) {
    let house = House::build(place).await;
    house.engine.create_mailbox(house.taro, "a", None).await.unwrap();
    house.engine.subscribe(house.taro, "a", true).await.unwrap();
    house.engine.subscribe(house.taro, "Junk", false).await.unwrap();
    assert!(house.named(house.taro, "a").await.subscribed && !house.named(house.taro, "Junk").await.subscribed);
    house.engine.rename_mailbox(house.taro, "a", "b").await.unwrap();
    assert!(house.named(house.taro, "b").await.subscribed);
    let missing = house.engine.subscribe(house.taro, "nothing", true).await;
    assert!(matches!(missing, Err(StoreError::NotFound(_))));
}

/// A mailbox may be made for a use that none has; a second one for it is refused, and nothing is made.
pub async fn a_mailbox_for_a_use_is_the_only_one(place: &dyn Place) {
    let house = House::build(place).await;
    let role = Some(MailboxRole::Archive);
    let second = house.engine.create_mailbox(house.taro, "保存/古い", role).await;
    assert!(matches!(second, Err(StoreError::Invalid(_))), "{second:?}");
    assert!(!house.names(house.taro).await.contains(&"保存".to_owned()));
    house.engine.delete_mailbox(house.taro, "Archive").await.unwrap();
    let made = house.engine.create_mailbox(house.taro, "保存/古い", role).await.unwrap();
    assert_eq!((made.role, house.named(house.taro, "保存").await.role), (role, None));
    assert_eq!(house.named(house.taro, "保存/古い").await.role, role);
}

/// Every operation on another person's mailbox answers as if it were not there.
pub async fn anothers_mailbox_does_not_exist(place: &dyn Place) {
    let house = House::build(place).await;
    let hanako = house.person("hanako").await;
    let id = house.id("INBOX").await;
    let uids = super::house::set(&house.put(id, 2, SystemFlags::DELETED).await);
    let own = house.named(hanako, "INBOX").await.id;
    let engine = &house.engine;
    let change =
        FlagChange { mode: FlagMode::Add, flags: types::Flags::system(SystemFlags::SEEN), unchanged_since: None };
    let now = super::house::NOW;
    macro_rules! hidden {
        ($($call:expr),* $(,)?) => {$(
            let answer = $call.await;
            assert!(matches!(answer, Err(StoreError::NotFound(_))), "{}: {:?}", stringify!($call), answer.err());
        )*};
    }
    let message = house.message("hers", types::Flags::default()).await;
    hidden!(
        engine.open_mailbox(hanako, id, true),
        engine.changes_since(hanako, id, types::ModSeq(0), true),
        engine.flags(hanako, id, &uids),
        engine.messages(hanako, id, &uids, Want::default()),
        engine.append(hanako, id, vec![message]),
        engine.store_flags(hanako, id, &uids, change.clone()),
        engine.copy(hanako, id, &uids, own, now),
        engine.copy(hanako, own, &uids, id, now),
        engine.move_to(hanako, id, &uids, own, now),
        engine.move_to(hanako, own, &uids, id, now),
        engine.expunge(hanako, id, None, now),
        engine.flags(hanako, types::MailboxId(i64::MAX), &UidSet::new()),
    );
    assert_eq!(house.named(house.taro, "INBOX").await.state.messages, 2);
}
