//! Promises about the disposal of what drafts left: it goes with the mail that they became, that they were opened from or that they
//! answer, and what belongs to other mail stays.

use types::RecordId;

use super::custody::handed;
use super::disposal::{CONFIRM, ask, done};
use super::house::{NOW, set};
use super::ledger::{deliver, entered};
use super::{House, Place};
use crate::{
    Bytes, DraftAt, DraftChange, DraftStep, LedgerKind, NewAttachment, NewDraft, NewMail, ParcelState, Posting,
    StoreError,
};

/// Taro writes a mail with a file and two copies in Drafts, of which the first gave way; the records of all of them.
async fn written(house: &House) -> (DraftAt, Vec<RecordId>) {
    let draft =
        house.engine.create_draft(house.taro, NewDraft { fields: b"form".to_vec(), ..NewDraft::default() }, NOW);
    let draft = draft.await.unwrap();
    let bytes = house.engine.seal(house.tenant, b"a file").await.unwrap();
    let file = NewAttachment { bytes, name: "名簿.csv".into(), media_type: "text/csv".into() };
    let file = house.engine.attach(house.taro, draft.id, file, NOW).await.unwrap();
    house.engine.detach(house.taro, draft.id, file.id, NOW).await.unwrap();
    let mut records = vec![file.record];
    for text in ["first", "second"] {
        let placed = house.engine.materialise(house.taro, draft, house.mail(text).await.into(), NOW).await.unwrap();
        let rows = house.engine.messages(house.taro, placed.mailbox, &set(&[placed.uid]), crate::Want::default()).await;
        records.push(rows.unwrap()[0].record);
    }
    (draft, records)
}

fn step_of(house: &House, draft: DraftAt, version: Option<u32>, step: DraftStep) -> DraftChange {
    DraftChange { user: house.taro, draft: draft.id, version, step, at: NOW }
}

/// Sends a mail of the draft, which is entered in the ledger and waits or goes; its record and parcel.
async fn sent_of(house: &House, draft: DraftAt, number: u8, waits: bool) -> (RecordId, types::ParcelId) {
    let mut posting = Posting::default();
    posting.mail(house.mail("sent").await);
    let state = if waits { ParcelState::Waiting } else { ParcelState::Released };
    let mut submission = house.submission(number, state);
    submission.form_key = Some(draft.form_key());
    posting.submissions.push(submission);
    posting.ledger.push(entered(house, number, LedgerKind::Sent));
    let step = if waits { DraftStep::Leave } else { DraftStep::Send };
    posting.drafts.push(step_of(house, draft, Some(draft.version), step));
    let posted = house.engine.post(posting).await.unwrap();
    (posted.records[0], posted.parcels[0][0])
}

/// Files and earlier copies of a draft go with the mail that it became, wherever somebody has put a copy since; those of
/// other drafts stay.
pub async fn what_a_draft_left_goes_with_its_mail(place: &dyn Place) {
    let house = House::build(place).await;
    let hanako = house.person("hanako").await;
    let (draft, records) = written(&house).await;
    let (other, others) = written(&house).await;
    let (drafts, archive) = (house.id("Drafts").await, house.id("Archive").await);
    let lying = house.engine.draft(house.taro, draft.id).await.unwrap().head.copy.unwrap();
    house.engine.copy(house.taro, drafts, &set(&[lying.uid]), archive, NOW).await.unwrap();
    let (record, _) = sent_of(&house, draft, 1, false).await;
    let (kept, _) = sent_of(&house, other, 2, false).await;
    let line = house.engine.ledger_of_record(record).await.unwrap().remove(0).id;
    done(&house, line, house.taro, ask()).await;
    done(&house, line, hanako, CONFIRM).await;
    for gone in &records {
        assert!(matches!(house.engine.read(*gone, 0..9).await, Err(StoreError::NotFound(_))), "{gone}");
    }
    let together = house.engine.read_many(&records).await.unwrap();
    assert!(together.iter().all(|read| matches!(read, Err(StoreError::NotFound(_)))), "{together:?}");
    assert!(house.uids(archive).await.is_empty());
    let told = house.engine.disposed_records(0, 9).await.unwrap();
    let told: Vec<RecordId> = told.iter().map(|row| row.record).collect();
    assert!(told.len() == 4 && told[0] == record && records.iter().all(|one| told.contains(one)), "{told:?}");
    for there in others.iter().chain([&kept]) {
        assert!(house.engine.read(*there, 0..9).await.is_ok(), "{there}");
    }
    let history = house.engine.ledger_history(line).await.unwrap();
    let detail = &history.last().unwrap().detail;
    assert!(detail.contains("\"drafts\":3") && detail.contains("\"copies\":1"), "{detail}");
    assert_eq!(house.engine.verify(false).await.unwrap().damage, []);
}

/// Of a draft that came back two mails may have been sent: each has a line of its own and is disposed of by that, and what the draft
/// left goes with the first of them. A draft that somebody still writes stays.
pub async fn what_a_draft_left_goes_once_it_has_ended(place: &dyn Place) {
    let house = House::build(place).await;
    let hanako = house.person("hanako").await;
    let (draft, records) = written(&house).await;
    let (first, parcel) = sent_of(&house, draft, 1, true).await;
    let mut back = Posting::default();
    let bytes = Bytes::Known(first);
    back.mail(NewMail { tenant: house.tenant, bytes, summary: Vec::new(), sensitive: true });
    let folder = crate::Folder::Role(crate::MailboxRole::Drafts);
    back.copies.push(crate::NewCopy { folder, recipient: None, ..house.copy(house.taro, "taro") });
    back.drafts.push(step_of(&house, draft, None, DraftStep::ComeBack(0)));
    let (expect, to) = (ParcelState::Waiting, ParcelState::Withdrawn);
    back.decisions.push(crate::Decision {
        parcel,
        expect,
        to,
        by: Some(house.taro),
        by_deadline: false,
        comment: String::new(),
        at: NOW,
    });
    house.engine.post(back).await.unwrap();
    let draft = house.engine.draft(house.taro, draft.id).await.unwrap().head.at;
    house.engine.materialise(house.taro, draft, house.mail("third").await.into(), NOW).await.unwrap();
    let line = async |record| house.engine.ledger_of_record(record).await.unwrap().remove(0).id;
    done(&house, line(first).await, house.taro, ask()).await;
    done(&house, line(first).await, hanako, CONFIRM).await;
    assert!(house.engine.draft(house.taro, draft.id).await.is_ok(), "it is still being written");
    assert!(house.engine.read(records[0], 0..9).await.is_ok());
    let (second, _) = sent_of(&house, draft, 2, false).await;
    done(&house, line(second).await, house.taro, ask()).await;
    done(&house, line(second).await, hanako, CONFIRM).await;
    for gone in &records {
        assert!(house.engine.read(*gone, 0..9).await.is_err(), "{gone}");
    }
    assert_eq!(house.engine.verify(false).await.unwrap().damage, []);
}

/// Drafts that were opened from a copy of a mail (one that was returned) or answer it hold its words too: what they left goes with it,
/// whatever became of them.
pub async fn what_drafts_of_a_mail_left_goes_with_it(place: &dyn Place) {
    let house = House::build(place).await;
    let hanako = house.person("hanako").await;
    let line = deliver(&house, 1).await;
    let (inbox, drafts) = (house.id("INBOX").await, house.id("Drafts").await);
    let lying = async |mailbox| crate::Lying { mailbox, uid: house.uids(mailbox).await[0] };
    house.engine.copy(house.taro, inbox, &set(&house.uids(inbox).await), drafts, NOW).await.unwrap();
    let origin = crate::DraftOrigin { message: lying(inbox).await, kind: crate::AnswerKind::Forward };
    let opened = NewDraft { copy: Some(lying(drafts).await), ..NewDraft::default() };
    let mut files = Vec::new();
    for new in [opened, NewDraft { origin: Some(origin), ..NewDraft::default() }] {
        let draft = house.engine.create_draft(house.taro, new, NOW).await.unwrap();
        let bytes = house.engine.seal(house.tenant, b"a file of it").await.unwrap();
        let file = NewAttachment { bytes, name: "a".into(), media_type: "text/csv".into() };
        files.push(house.engine.attach(house.taro, draft.id, file, NOW).await.unwrap().record);
        house.engine.discard_draft(house.taro, draft.id, NOW).await.unwrap();
    }
    done(&house, line.id, house.taro, ask()).await;
    done(&house, line.id, hanako, CONFIRM).await;
    for gone in files {
        assert!(house.engine.read(gone, 0..9).await.is_err(), "{gone}");
    }
    assert_eq!(house.engine.verify(false).await.unwrap().damage, []);
}

/// A draft that answers a mail is left to its author when that is disposed of; when it ends, what it left goes too.
pub async fn what_a_draft_leaves_goes_when_its_mail_has_gone_before(place: &dyn Place) {
    let house = House::build(place).await;
    let hanako = house.person("hanako").await;
    let line = deliver(&house, 1).await;
    let inbox = house.id("INBOX").await;
    let message = crate::Lying { mailbox: inbox, uid: house.uids(inbox).await[0] };
    let origin = Some(crate::DraftOrigin { message, kind: crate::AnswerKind::Reply });
    let draft = house.engine.create_draft(house.taro, NewDraft { origin, ..NewDraft::default() }, NOW).await.unwrap();
    let bytes = house.engine.seal(house.tenant, b"a file").await.unwrap();
    let file = NewAttachment { bytes, name: "a".into(), media_type: "text/csv".into() };
    let file = house.engine.attach(house.taro, draft.id, file, NOW).await.unwrap().record;
    done(&house, line.id, house.taro, ask()).await;
    done(&house, line.id, hanako, CONFIRM).await;
    assert!(house.engine.read(file, 0..9).await.is_ok(), "it is still being written");
    let (sent, _) = sent_of(&house, draft, 2, false).await;
    end(&house, &[file]).await;
    assert!(house.engine.read(sent, 0..9).await.is_ok(), "what was sent has a line of its own");
    let told = house.engine.disposed_records(0, 9).await.unwrap();
    assert_eq!(told.iter().map(|row| row.record).collect::<Vec<_>>(), [line.record, file]);
}

/// Opens a draft of Taro's with a file; the draft and the record of the file.
async fn opened(house: &House, new: NewDraft) -> (DraftAt, RecordId) {
    let draft = house.engine.create_draft(house.taro, new, NOW).await.unwrap();
    let bytes = house.engine.seal(house.tenant, b"a file of it").await.unwrap();
    let file = NewAttachment { bytes, name: "a".into(), media_type: "text/csv".into() };
    (draft, house.engine.attach(house.taro, draft.id, file, NOW).await.unwrap().record)
}

/// Waits until nothing of these can be read: the keys go a moment after the rows.
async fn end(house: &House, records: &[RecordId]) {
    for record in records {
        for turn in 0.. {
            if house.engine.read(*record, 0..9).await.is_err() {
                break;
            }
            assert!(turn < 1_000, "{record} can be read");
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }
}

/// A mail program copied what lay in Drafts into Archive, and drafts were opened from there: they hold the same words. What they and drafts of
/// theirs left goes with the mail, also of one that ends by the disposal itself; one that is still written goes when it ends.
pub async fn what_drafts_of_a_drafts_copies_left_goes_too(place: &dyn Place) {
    let house = House::build(place).await;
    let hanako = house.person("hanako").await;
    let (drafts, archive) = (house.id("Drafts").await, house.id("Archive").await);
    let copied = async |draft: DraftAt| {
        let lying = house.engine.draft(house.taro, draft.id).await.unwrap().head.copy.unwrap();
        let moved = house.engine.copy(house.taro, drafts, &set(&[lying.uid]), archive, NOW).await.unwrap();
        NewDraft { copy: Some(crate::Lying { mailbox: archive, uid: moved.uids[0].1 }), ..NewDraft::default() }
    };
    let (draft, records) = written(&house).await;
    let (first, second, third) = (copied(draft).await, copied(draft).await, copied(draft).await);
    let (_, ending) = opened(&house, first).await;
    let (thrown, of_thrown) = opened(&house, second).await;
    house.engine.materialise(house.taro, thrown, house.mail("another").await.into(), NOW).await.unwrap();
    let (next, of_next) = opened(&house, copied(thrown).await).await;
    house.engine.discard_draft(house.taro, next.id, NOW).await.unwrap();
    house.engine.discard_draft(house.taro, thrown.id, NOW).await.unwrap();
    let (written, of_written) = opened(&house, third).await;
    house.engine.materialise(house.taro, written, house.mail("still written").await.into(), NOW).await.unwrap();
    let (other, of_other) = opened(&house, NewDraft::default()).await;
    house.engine.discard_draft(house.taro, other.id, NOW).await.unwrap();
    let (record, _) = sent_of(&house, draft, 1, false).await;
    let line = house.engine.ledger_of_record(record).await.unwrap().remove(0).id;
    done(&house, line, house.taro, ask()).await;
    done(&house, line, hanako, CONFIRM).await;
    for gone in records.iter().chain([&ending, &of_thrown, &of_next]) {
        assert!(matches!(house.engine.read(*gone, 0..9).await, Err(StoreError::NotFound(_))), "{gone}");
    }
    let together = house.engine.read_many(&records).await.unwrap();
    assert!(together.iter().all(|read| matches!(read, Err(StoreError::NotFound(_)))), "{together:?}");
    assert!(house.uids(archive).await.is_empty());
    let history = house.engine.ledger_history(line).await.unwrap();
    let detail = &history.last().unwrap().detail;
    // three of the first draft, the file that ended with its copy, a file and a copy of the thrown one, the file of the one after it
    assert!(detail.contains("\"drafts\":7"), "{detail}");
    assert!(house.engine.read(of_written, 0..9).await.is_ok(), "it is still being written");
    assert!(house.engine.read(of_other, 0..9).await.is_ok(), "it has nothing to do with it");
    house.engine.discard_draft(house.taro, written.id, NOW).await.unwrap();
    end(&house, &[of_written]).await;
    let told: Vec<RecordId> =
        house.engine.disposed_records(0, 99).await.unwrap().iter().map(|row| row.record).collect();
    let once: std::collections::BTreeSet<&RecordId> = told.iter().collect();
    assert_eq!(once.len(), told.len(), "each is told once");
    assert_eq!(house.engine.verify(false).await.unwrap().damage, []);
}

/// A draft that answers a mail which was disposed of ends when the mail is handed over as a copy of which it lies in Drafts.
pub async fn a_draft_that_ends_with_a_hand_over_has_ended(place: &dyn Place) {
    let house = House::build(place).await;
    let hanako = house.person("hanako").await;
    let (inbox, drafts) = (house.id("INBOX").await, house.id("Drafts").await);
    let (answered, given) = (deliver(&house, 1).await, deliver(&house, 2).await);
    let uids = house.uids(inbox).await;
    let moved = house.engine.copy(house.taro, inbox, &set(&uids[1..]), drafts, NOW).await.unwrap();
    let message = crate::Lying { mailbox: inbox, uid: uids[0] };
    let new = NewDraft {
        copy: Some(crate::Lying { mailbox: drafts, uid: moved.uids[0].1 }),
        origin: Some(crate::DraftOrigin { message, kind: crate::AnswerKind::Reply }),
        ..NewDraft::default()
    };
    let (draft, file) = opened(&house, new).await;
    done(&house, answered.id, house.taro, ask()).await;
    done(&house, answered.id, hanako, CONFIRM).await;
    assert!(house.engine.read(file, 0..9).await.is_ok(), "it is still being written");
    house.engine.post(handed(&house, given.record)).await.unwrap();
    assert!(matches!(house.engine.draft(house.taro, draft.id).await, Err(StoreError::NotFound(_))));
    end(&house, &[file]).await;
    assert!(house.engine.read(given.record, 0..9).await.is_ok(), "what was handed over is there");
    assert_eq!(house.engine.verify(false).await.unwrap().damage, []);
}
