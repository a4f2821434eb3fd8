//! Promises about drafts: saved by version, files written once, one copy in Drafts, gone when they are sent.

use types::{DraftId, Flags, MailboxId, SystemFlags, Timestamp, Uid, UserId};

use super::house::{NOW, set};
use super::{House, Place};
use crate::{
    AnswerKind, AttachmentRow, DraftAt, DraftChange, DraftOrigin, DraftStep, Lying, NewAttachment, NewDraft,
    ParcelState, Posting, StoreError, Want,
};

fn later(seconds: i64) -> Timestamp {
    Timestamp(NOW.0 + seconds * 1_000)
}

async fn begin(house: &House, fields: &str) -> DraftAt {
    let new = NewDraft { fields: fields.into(), ..NewDraft::default() };
    house.engine.create_draft(house.taro, new, NOW).await.unwrap()
}

async fn attach(house: &House, draft: DraftId, name: &str, bytes: &[u8]) -> Result<AttachmentRow, StoreError> {
    let bytes = house.engine.seal(house.tenant, bytes).await.unwrap();
    let new = NewAttachment { bytes, name: name.into(), media_type: "text/plain".into() };
    house.engine.attach(house.taro, draft, new, NOW).await
}

async fn lies(house: &House, draft: DraftAt, text: &str) -> Lying {
    let placed = house.engine.materialise(house.taro, draft, house.mail(text).await.into(), NOW).await.unwrap();
    Lying { mailbox: placed.mailbox, uid: placed.uid }
}

/// A posting that sends mail 0 and ends the draft.
async fn sending(house: &House, draft: DraftAt, user: UserId, number: u8) -> Posting {
    let mut posting = Posting::default();
    posting.mail(house.mail("sent").await);
    let mut submission = house.submission(number, ParcelState::Released);
    submission.form_key = Some(draft.form_key());
    posting.submissions.push(submission);
    let DraftAt { id, version } = draft;
    posting.drafts.push(DraftChange { user, draft: id, version: Some(version), step: DraftStep::Send, at: NOW });
    posting
}

fn is_not_found<T: std::fmt::Debug>(answer: Result<T, StoreError>) {
    assert!(matches!(answer, Err(StoreError::NotFound(_))), "{answer:?}");
}

/// Fields, files and origin read back as they were saved, also after a restart; names with anything in them too.
pub async fn a_draft_reads_back_as_it_was_saved(place: &dyn Place) {
    let house = House::build(place).await;
    let inbox = house.id("INBOX").await;
    let message = Lying { mailbox: inbox, uid: house.put(inbox, 1, SystemFlags::default()).await[0] };
    let origin = Some(DraftOrigin { message, kind: AnswerKind::Reply });
    let new = NewDraft { fields: b"first".to_vec(), origin, copy: None };
    let made = house.engine.create_draft(house.taro, new, NOW).await.unwrap();
    let large = vec![7u8; 3 << 20];
    let one = attach(&house, made.id, "名簿 \"1\".xlsx", b"a few bytes").await.unwrap();
    let two = attach(&house, made.id, "large.bin", &large).await.unwrap();
    let saved = house.engine.save_draft(house.taro, made, "件名".as_bytes(), later(3)).await.unwrap();
    assert_eq!(saved, DraftAt { id: made.id, version: made.version + 1 });
    house.engine.close().await.unwrap();
    let house = House { engine: place.open().await, ..house };
    let read = house.engine.draft(house.taro, made.id).await.unwrap();
    assert_eq!((read.fields.as_slice(), read.head.at, read.origin), ("件名".as_bytes(), saved, origin));
    assert_eq!((read.head.changed_at, read.head.copy), (later(3), None));
    assert_eq!(read.attachments, [one, two]);
    assert_eq!(&house.engine.read(read.attachments[0].record, 0..u64::MAX).await.unwrap()[..], b"a few bytes");
    assert_eq!(house.engine.read(read.attachments[1].record, 5..9).await.unwrap()[..], [7; 4]);
    assert_eq!(read.attachments[1].size, large.len() as u64);
    assert_eq!(house.engine.drafts(house.taro).await.unwrap(), [read.head]);
    assert_eq!(house.engine.verify(false).await.unwrap().damage, []);
}

/// Of two windows that save the same version one is told of the conflict, and nothing of it is kept.
pub async fn a_save_finds_the_version_that_it_expects(place: &dyn Place) {
    let house = House::build(place).await;
    let made = begin(&house, "first").await;
    let save = async |text: &str| house.engine.save_draft(house.taro, made, text.as_bytes(), NOW).await;
    let (one, two) = tokio::join!(save("one"), save("two"));
    let (won, lost) = if one.is_ok() { ("one", two) } else { ("two", one) };
    assert!(matches!(lost, Err(StoreError::Conflict(_))), "{lost:?}");
    let read = house.engine.draft(house.taro, made.id).await.unwrap();
    assert_eq!((read.fields.as_slice(), read.head.at.version), (won.as_bytes(), made.version + 1));
    let again = house.engine.save_draft(house.taro, read.head.at, b"three", NOW).await.unwrap();
    assert_eq!(again.version, made.version + 2);
    let stale = house.engine.materialise(house.taro, made, house.mail("old").await.into(), NOW).await;
    assert!(matches!(stale, Err(StoreError::Conflict(_))), "{stale:?}");
    assert_eq!(house.named(house.taro, "Drafts").await.state.messages, 0);
}

/// A file is added and taken away without a new version; a save leaves the files as they are.
pub async fn files_come_and_go_beside_the_text(place: &dyn Place) {
    let house = House::build(place).await;
    let made = begin(&house, "first").await;
    let one = attach(&house, made.id, "one", b"1").await.unwrap();
    let two = attach(&house, made.id, "two", b"22").await.unwrap();
    let saved = house.engine.save_draft(house.taro, made, b"second", NOW).await.unwrap();
    house.engine.detach(house.taro, made.id, one.id, NOW).await.unwrap();
    is_not_found(house.engine.detach(house.taro, made.id, one.id, NOW).await);
    let read = house.engine.draft(house.taro, made.id).await.unwrap();
    assert_eq!((read.attachments, read.head.at), (vec![two], saved));
    for i in 1..i64::from(crate::DRAFT_ATTACHMENTS) {
        attach(&house, made.id, &format!("file {i}"), b"x").await.unwrap();
    }
    let over = attach(&house, made.id, "one too many", b"x").await;
    assert!(matches!(over, Err(StoreError::Invalid(_))), "{over:?}");
}

/// Materialised again, the draft lies in Drafts once, as its last version; a copy leads to its draft.
pub async fn a_draft_lies_in_drafts_once(place: &dyn Place) {
    let house = House::build(place).await;
    let made = begin(&house, "first").await;
    let first = lies(&house, made, "one").await;
    assert_eq!(house.engine.draft_of_copy(house.taro, first).await.unwrap(), Some(made.id));
    let saved = house.engine.save_draft(house.taro, made, b"second", NOW).await.unwrap();
    let before = house.named(house.taro, "Drafts").await.state;
    let second = lies(&house, saved, "two").await;
    assert_eq!(house.uids(second.mailbox).await, [second.uid]);
    let rows = house.engine.messages(house.taro, second.mailbox, &set(&[second.uid]), Want::default()).await.unwrap();
    assert_eq!(rows[0].flags, Flags::system(SystemFlags::DRAFT.union(SystemFlags::SEEN)));
    assert!(house.bytes(second.mailbox, second.uid).await.ends_with(b"two\r\n"));
    let told = house.engine.changes_since(house.taro, second.mailbox, before.highest_modseq, false).await.unwrap();
    assert_eq!((told.expunged, told.rows.len()), (set(&[first.uid]), 1));
    assert_eq!(house.engine.draft_of_copy(house.taro, first).await.unwrap(), None);
    assert_eq!(house.engine.draft_of_copy(house.taro, second).await.unwrap(), Some(made.id));
    assert_eq!(house.engine.draft(house.taro, made.id).await.unwrap().head.copy, Some(second));
    // another client took the copy away: the draft goes on
    house.engine.remove(house.taro, second.mailbox, &set(&[second.uid]), NOW).await.unwrap();
    let third = lies(&house, saved, "three").await;
    assert_eq!(house.uids(third.mailbox).await, [third.uid]);
}

/// A draft is opened from a mail that another client put into Drafts: once, and by its owner.
pub async fn a_draft_is_opened_from_its_copy_once(place: &dyn Place) {
    let house = House::build(place).await;
    let hanako = house.person("hanako").await;
    let drafts = house.id("Drafts").await;
    let copy = Some(Lying { mailbox: drafts, uid: house.put(drafts, 1, SystemFlags::DRAFT).await[0] });
    let new = || NewDraft { copy, ..NewDraft::default() };
    is_not_found(house.engine.create_draft(hanako, new(), NOW).await);
    let made = house.engine.create_draft(house.taro, new(), NOW).await.unwrap();
    let again = house.engine.create_draft(house.taro, new(), NOW).await;
    assert!(matches!(again, Err(StoreError::Exists(_))), "{again:?}");
    let missing = NewDraft { copy: Some(Lying { mailbox: drafts, uid: Uid(999) }), ..NewDraft::default() };
    is_not_found(house.engine.create_draft(house.taro, missing, NOW).await);
    house.engine.discard_draft(house.taro, made.id, NOW).await.unwrap();
    assert!(house.uids(drafts).await.is_empty(), "its copy went too");
    is_not_found(house.engine.draft(house.taro, made.id).await);
    is_not_found(house.engine.discard_draft(house.taro, made.id, NOW).await);
}

/// Sent, the draft is gone with its copy and files, and what it answered is marked: all in the posting that sends.
pub async fn a_sent_draft_ends_with_its_submission(place: &dyn Place) {
    let house = House::build(place).await;
    let inbox = house.id("INBOX").await;
    let uids = house.put(inbox, 2, SystemFlags::SEEN).await;
    for (number, kind) in [(0u8, AnswerKind::Reply), (1, AnswerKind::Forward)] {
        let message = Lying { mailbox: inbox, uid: uids[usize::from(number)] };
        let new = NewDraft { origin: Some(DraftOrigin { message, kind }), ..NewDraft::default() };
        let made = house.engine.create_draft(house.taro, new, NOW).await.unwrap();
        attach(&house, made.id, "file", b"x").await.unwrap();
        let lying = lies(&house, made, "draft").await;
        house.engine.post(sending(&house, made, house.taro, number).await).await.unwrap();
        is_not_found(house.engine.draft(house.taro, made.id).await);
        assert!(house.uids(lying.mailbox).await.is_empty());
        assert!(house.engine.by_form_key(&made.form_key()).await.unwrap().is_some());
    }
    let rows = house.engine.flags(house.taro, inbox, &set(&uids)).await.unwrap();
    assert_eq!(rows[0].flags, Flags::system(SystemFlags::SEEN.union(SystemFlags::ANSWERED)));
    assert_eq!(rows[1].flags, Flags::from_parts(SystemFlags::SEEN, "$Forwarded"));
    assert_eq!(house.engine.verify(false).await.unwrap().damage, []);
}

/// A draft that is not as the sender saw it is not sent, and nothing of the posting is written; what it answers may
/// be gone.
pub async fn a_changed_draft_is_not_sent(place: &dyn Place) {
    let house = House::build(place).await;
    let message = Lying { mailbox: MailboxId(i64::MAX), uid: Uid(1) };
    let origin = Some(DraftOrigin { message, kind: AnswerKind::Reply });
    let new = NewDraft { origin, ..NewDraft::default() };
    let made = house.engine.create_draft(house.taro, new, NOW).await.unwrap();
    let saved = house.engine.save_draft(house.taro, made, b"newer", NOW).await.unwrap();
    let late = house.engine.post(sending(&house, made, house.taro, 1).await).await;
    assert!(matches!(late, Err(StoreError::Conflict(_))), "{late:?}");
    assert!(house.engine.by_form_key(&made.form_key()).await.unwrap().is_none());
    let (one, two) =
        tokio::join!(async { house.engine.post(sending(&house, saved, house.taro, 2).await).await }, async {
            house.engine.post(sending(&house, saved, house.taro, 3).await).await
        });
    assert_eq!(usize::from(one.is_ok()) + usize::from(two.is_ok()), 1, "{one:?} {two:?}");
}

/// Another's draft does not exist: not to read, save, attach to, materialise, discard or send.
pub async fn anothers_draft_does_not_exist(place: &dyn Place) {
    let house = House::build(place).await;
    let hanako = house.person("hanako").await;
    let made = begin(&house, "mine").await;
    let file = attach(&house, made.id, "file", b"x").await.unwrap();
    let lying = lies(&house, made, "draft").await;
    is_not_found(house.engine.draft(hanako, made.id).await);
    is_not_found(house.engine.save_draft(hanako, made, b"theirs", NOW).await);
    is_not_found(house.engine.detach(hanako, made.id, file.id, NOW).await);
    is_not_found(house.engine.materialise(hanako, made, house.mail("theirs").await.into(), NOW).await);
    is_not_found(house.engine.discard_draft(hanako, made.id, NOW).await);
    is_not_found(house.engine.post(sending(&house, made, hanako, 1).await).await);
    let bytes = house.engine.seal(house.tenant, b"x").await.unwrap();
    let new = NewAttachment { bytes, name: "theirs".into(), media_type: String::new() };
    is_not_found(house.engine.attach(hanako, made.id, new, NOW).await);
    assert_eq!(house.engine.draft_of_copy(hanako, lying).await.unwrap(), None);
    assert_eq!(house.engine.drafts(hanako).await.unwrap(), []);
    let read = house.engine.draft(house.taro, made.id).await.unwrap();
    assert_eq!((read.fields.as_slice(), read.attachments.len()), (&b"mine"[..], 1));
}
