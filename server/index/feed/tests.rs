//! The index over a store: what was disposed of is taken out, once, and an index that is made anew meets nothing of it.

use std::sync::Arc;

use async_trait::async_trait;
use extract::{MailTexts, NotNow, PartTexts};
use store::contract::House;
use store::contract::ledger::entered;
use store::{Disposal, DisposalStep, Disposed, DraftAt, DraftChange, DraftStep, LedgerKind, ParcelState, Posting};
use store_sqlite::{MasterKey, Mode, OpenConfig, SqliteEngine};
use types::{Clock, RecordId, SystemClock, Timestamp};

use super::Reading;
use crate::{Answer, Ask, Document, Index};

const AT: Timestamp = Timestamp(1_795_500_000_000);

/// Mails that are one text.
struct Plain;

impl Reading for Plain {
    fn has_files(&self, _: &[u8]) -> bool {
        false
    }
    fn texts(&self, mail: &[u8], _: &[PartTexts]) -> Vec<String> {
        vec![String::from_utf8_lossy(mail).into_owned()]
    }
    fn document(&self, mail: &[u8], files: &[PartTexts]) -> Document {
        Document {
            texts: Reading::texts(self, mail, files).into_iter().map(Into::into).collect(),
            ..Document::default()
        }
    }
}

#[async_trait]
impl MailTexts for Plain {
    async fn texts(&self, _: RecordId, _: Arc<[u8]>) -> Result<Vec<PartTexts>, NotNow> {
        Ok(Vec::new())
    }
    async fn known_texts(&self, _: RecordId, _: Arc<[u8]>) -> Result<Option<Vec<PartTexts>>, NotNow> {
        Ok(Some(Vec::new()))
    }
    async fn reviewed(&self) {}
}

/// A company over a folder, with the index of its mail.
struct Stage {
    house: House,
    index: Index,
    folder: tempfile::TempDir,
    clock: Arc<dyn Clock>,
}

fn open_index(folder: &std::path::Path, house: &House) -> Index {
    let (store, authority, _, _) = store::open(house.engine.clone());
    let access = authority.grant(store::Server, None, 0);
    Index::open(&folder.join("index"), store, access, Arc::new(Plain), Arc::new(Plain))
}

impl Stage {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let engine = SqliteEngine::open(OpenConfig {
            data_dir: folder.path().join("data"),
            master_key: MasterKey::new([7; 32]),
            mode: Mode::Server,
            fatal: Arc::new(|why| panic!("{why}")),
        });
        std::fs::create_dir_all(folder.path().join("data")).unwrap();
        let house = House::over(engine.await.unwrap()).await;
        let index = open_index(folder.path(), &house);
        Self { house, index, folder, clock: Arc::new(SystemClock) }
    }

    async fn documents(&self) -> u64 {
        self.index.catch_up(&self.clock).await.unwrap();
        self.index.size(self.house.tenant).await.unwrap().1
    }

    /// A draft of Taro's that lies in Drafts.
    async fn written(&self, text: &str) -> DraftAt {
        let house = &self.house;
        let draft = house.engine.create_draft(house.taro, store::NewDraft::default(), AT).await.unwrap();
        house.engine.materialise(house.taro, draft, house.mail(text).await.into(), AT).await.unwrap();
        draft
    }

    /// The mail that becomes of it, which has a line; its record.
    async fn sent(&self, draft: DraftAt, text: &str) -> RecordId {
        let house = &self.house;
        let mut posting = Posting::default();
        posting.mail(house.mail(text).await);
        let mut submission = house.submission(1, ParcelState::Released);
        submission.form_key = Some(draft.form_key());
        posting.submissions.push(submission);
        posting.ledger.push(entered(house, 1, LedgerKind::Sent));
        let (user, version, step) = (house.taro, Some(draft.version), DraftStep::Send);
        posting.drafts.push(DraftChange { user, draft: draft.id, version, step, at: AT });
        house.engine.post(posting).await.unwrap().records[0]
    }

    async fn dispose(&self, record: RecordId) {
        let (house, hanako) = (&self.house, self.house.person("hanako").await);
        let line = house.engine.ledger_of_record(record).await.unwrap().remove(0).id;
        let ask = DisposalStep::Ask { documents: "x".into(), reason: "y".into() };
        for (by, step) in [(house.taro, ask), (hanako, DisposalStep::Confirm { backups_end: None })] {
            let disposal = Disposal { tenant: house.tenant, line, step, by: Some(by), at: AT };
            assert_eq!(house.engine.dispose(disposal).await.unwrap(), Disposed::Done);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn catching_up_takes_out_what_was_disposed_of_with_what_its_draft_left_once() {
    let stage = Stage::new().await;
    let draft = stage.written("zebra draft").await;
    stage.house.deliver().await;
    assert_eq!(stage.documents().await, 2, "the copy in Drafts is a mail of Taro's as long as it lies there");
    let record = stage.sent(draft, "zebra sent").await;
    assert_eq!((stage.documents().await, stage.index.dropped()), (3, 0));
    stage.dispose(record).await;
    assert_eq!(stage.documents().await, 1);
    let records = Arc::new((1..=record.0).map(RecordId).collect::<Vec<_>>());
    let found = stage.index.answers(stage.house.tenant, vec![Ask::body("zebra")], records).await.remove(0);
    assert_eq!(found.iter().filter(|answer| **answer == Answer::Yes).count(), 0, "{found:?}");
    let dropped = stage.index.dropped();
    let told = stage.house.engine.disposed_records(0, 9).await.unwrap();
    assert_eq!((told.len(), dropped), (2, told[1].seq));
    let again = open_index(stage.folder.path(), &stage.house);
    assert_eq!(again.dropped(), dropped, "a start looks for nothing again");
    again.make_anew(stage.house.tenant);
    again.catch_up(&stage.clock).await.unwrap();
    assert_eq!(again.size(stage.house.tenant).await.unwrap().1, 1, "one that is made anew meets nothing of it");
}
