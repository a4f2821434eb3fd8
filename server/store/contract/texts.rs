//! Promises about the texts of attachments that are kept beside their records.

use super::house::NOW;
use super::{House, Place};
use crate::{Bytes, DraftCopy, NewDraft, NewTexts, Posting, StoreError, TextsOf, Want};
use types::RecordId;

const EDITION: u32 = 7;

/// Keeps `text` of a record that is there.
async fn keep(house: &House, record: RecordId, text: &[u8]) -> Result<(), StoreError> {
    let bytes = house.engine.seal_beside(&Bytes::Known(record), text).await?;
    let texts = vec![NewTexts { of: TextsOf::Record(record), edition: EDITION, bytes }];
    house.engine.post(Posting { texts, ..Posting::default() }).await.map(drop)
}

async fn kept(house: &House, record: RecordId) -> Option<Vec<u8>> {
    house.engine.texts(record, EDITION).await.unwrap()
}

/// A mail with its texts in one posting; its record.
async fn with_texts(house: &House, text: &[u8]) -> RecordId {
    let mut posting = Posting::default();
    let mail = house.mail("with texts").await;
    let bytes = house.engine.seal_beside(&mail.bytes, text).await.unwrap();
    let mail = posting.mail(mail);
    posting.copies.push(crate::NewCopy { mail, recipient: None, ..house.copy(house.taro, "taro") });
    posting.texts.push(NewTexts { of: TextsOf::Mail(mail), edition: EDITION, bytes });
    let posted = house.engine.post(posting).await.unwrap();
    assert_eq!(posted.records.len(), 1, "texts are no mail");
    posted.records[0]
}

/// Texts come with the mail or later, few or many, and are there after a restart.
pub async fn what_was_read_is_kept_beside_its_record(place: &dyn Place) {
    let house = House::build(place).await;
    let many: Vec<u8> = (0..2_000_000_u32).flat_map(|n| (n.wrapping_mul(2_654_435_761) >> 13).to_le_bytes()).collect();
    let at_once = with_texts(&house, b"name\x1fno").await;
    house.deliver().await;
    let journal = async || house.engine.journal_after(house.tenant, 0, 10).await.unwrap().remove(0);
    let row = journal().await;
    let later = row.record;
    assert!(!row.has_texts && kept(&house, later).await.is_none());
    keep(&house, later, &many).await.unwrap();
    assert!(journal().await.has_texts);
    assert_eq!(kept(&house, at_once).await.unwrap(), b"name\x1fno");
    house.engine.close().await.unwrap();
    let again = place.open().await;
    assert!(again.texts(later, EDITION).await.unwrap().unwrap() == many);
    assert_eq!(again.texts(at_once, EDITION).await.unwrap().unwrap(), b"name\x1fno");
    let mut together = again.texts_of_many(&[later, RecordId(999_999), at_once], EDITION, 1_000).await.unwrap();
    together.sort_by_key(|(record, _)| *record != at_once);
    assert_eq!(together, [(at_once, Some(b"name\x1fno".to_vec())), (later, None)], "what is long is only named");
    assert!(again.texts_of_many(&[later, at_once], EDITION + 1, 1_000).await.unwrap().is_empty());
    assert!(again.verify(false).await.unwrap().damage.is_empty());
}

/// What was read in the files of a draft goes with its copy into Drafts.
pub async fn texts_of_a_draft_lie_beside_its_copy(place: &dyn Place) {
    let house = House::build(place).await;
    let draft = house.engine.create_draft(house.taro, NewDraft::default(), NOW).await.unwrap();
    let mail = house.mail("draft").await;
    let bytes = house.engine.seal_beside(&mail.bytes, b"name\x1fno").await.unwrap();
    let copy = DraftCopy { mail, texts: Some((EDITION, bytes)) };
    let placed = house.engine.materialise(house.taro, draft, copy, NOW).await.unwrap();
    let uids = [placed.uid].into_iter().collect();
    let want = Want { summary: false };
    let rows = house.engine.messages(house.taro, placed.mailbox, &uids, want).await.unwrap();
    assert_eq!(kept(&house, rows[0].record).await.unwrap(), b"name\x1fno");
}

/// What another edition has read is as good as absent, and gives way to what this one reads.
pub async fn texts_of_another_edition_are_absent(place: &dyn Place) {
    let house = House::build(place).await;
    let record = with_texts(&house, b"old").await;
    assert_eq!(house.engine.texts(record, EDITION + 1).await.unwrap(), None);
    keep(&house, record, b"new").await.unwrap();
    assert_eq!(kept(&house, record).await.unwrap(), b"new");
    assert_eq!(house.engine.texts(RecordId(i64::MAX), EDITION).await.unwrap(), None);
}

/// Texts stand under the key of their record and no other, and a posting that would break that writes nothing.
pub async fn texts_under_another_key_are_refused(place: &dyn Place) {
    let house = House::build(place).await;
    let (record, other) = (with_texts(&house, b"right").await, with_texts(&house, b"other").await);
    let bytes = house.engine.seal_beside(&Bytes::Known(other), b"wrong").await.unwrap();
    let mut posting = Posting::default();
    let mail = posting.mail(house.mail("beside it").await);
    posting.copies.push(crate::NewCopy { mail, recipient: None, ..house.copy(house.taro, "taro") });
    posting.texts.push(NewTexts { of: TextsOf::Record(record), edition: EDITION, bytes });
    assert!(matches!(house.engine.post(posting).await, Err(StoreError::Invalid(_))));
    assert_eq!(kept(&house, record).await.unwrap(), b"right");
    assert_eq!(house.named(house.taro, "INBOX").await.state.messages, 2);
    let nowhere = keep(&house, RecordId(i64::MAX), b"x").await;
    assert!(matches!(nowhere, Err(StoreError::NotFound(_))), "{nowhere:?}");
}
