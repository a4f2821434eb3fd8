//! The index over a store: what was disposed of is taken out, once, and an index that is made anew meets nothing of it; companies
//! and months stand apart.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use extract::{MailTexts, NotNow, PartTexts};
use store::contract::House;
use store::contract::ledger::entered;
use store::{
    Change, Changed, Disposal, DisposalStep, Disposed, DraftAt, DraftChange, DraftStep, LedgerKind, NewUser,
    ParcelState, Posting, Roles,
};
use store_sqlite::{MasterKey, Mode, OpenConfig, SqliteEngine};
use types::{Address, Clock, Domain, FixedClock, Flags, Language, RecordId, SystemClock, Timestamp};

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

/// Another company beside the one of `house`, with Eve in it.
async fn beside(house: &House) -> House {
    let change = async |change| house.engine.change_directory(change, None, AT).await.unwrap();
    let add = Change::AddTenant { name: "other".into(), title: "Other".into(), rules: String::new() };
    let Changed::Tenant(tenant) = change(add).await else { panic!("no tenant") };
    change(Change::AddDomain { domain: Domain::parse("other.jp").unwrap(), tenant }).await;
    let (address, name) = (Address::parse("eve@other.jp").unwrap(), "Eve".to_owned());
    let (roles, language) = (Roles::default(), Language::Ja);
    let new = NewUser { tenant, address, name, roles, credentials: None, language };
    let Changed::User(eve) = change(Change::AddUser(Box::new(new))).await else { panic!("no person") };
    House { engine: house.engine.clone(), tenant, taro: eve }
}

impl Stage {
    /// Puts mails in, of `of` in turn; their records.
    async fn put(&self, of: &[(&House, &str)]) -> Vec<RecordId> {
        let mut records = Vec::new();
        for (house, text) in of {
            let inbox = house.named(house.taro, "INBOX").await.id;
            let message = house.message(text, Flags::default()).await;
            let placed = house.engine.append(house.taro, inbox, vec![message]).await.unwrap();
            let uids = placed.iter().map(|place| place.uid).collect();
            let rows = house.engine.messages(house.taro, inbox, &uids, store::Want::default()).await.unwrap();
            records.push(rows[0].record);
        }
        records
    }

    /// What the index of a company says of records.
    async fn says(&self, of: &House, index: &Index, ask: &str, records: &[RecordId]) -> Vec<Answer> {
        index.answers(of.tenant, vec![Ask::body(ask)], Arc::new(records.to_vec())).await.remove(0)
    }
}

/// The names and bytes of what lies in a company's folder.
fn files(stage: &Stage, of: &House) -> BTreeSet<(String, Vec<u8>)> {
    let folder = stage.folder.path().join("index").join(of.tenant.to_string());
    let read =
        |entry: std::fs::DirEntry| (entry.file_name().into_string().unwrap(), std::fs::read(entry.path()).unwrap());
    std::fs::read_dir(folder).unwrap().map(|entry| read(entry.unwrap())).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_companies_and_two_months_stand_apart_and_each_is_found_whole() {
    use Answer::{Maybe, No, Yes};
    let stage = Stage::new().await;
    let (acme, other) = (&stage.house, &beside(&stage.house).await);
    // ten minutes before December, UTC
    let fixed = Arc::new(FixedClock::new(Timestamp::from_secs(1_796_082_600)));
    let clock: Arc<dyn Clock> = fixed.clone();
    let catch_up = async || stage.index.catch_up(&clock).await.unwrap();
    let mut records = Vec::new();
    for _ in 0..2 {
        records.extend(stage.put(&[(acme, "zebra november"), (other, "zebra other"), (acme, "horse november")]).await);
        catch_up().await;
    }
    fixed.advance(Duration::from_secs(1_200));
    records.extend(stage.put(&[(other, "horse december"), (acme, "zebra december"), (other, "zebra december")]).await);
    catch_up().await;

    let of_acme = [Yes, Maybe, No, Yes, Maybe, No, Maybe, Yes, Maybe];
    let of_other = [Maybe, Yes, Maybe, Maybe, Yes, Maybe, No, Maybe, Yes];
    let agrees = async |index: &Index| {
        for (of, expected) in [(acme, of_acme), (other, of_other)] {
            assert_eq!(stage.says(of, index, "zebra", &records).await, expected, "nothing is known of another's");
            let manifest = index.tenant(of.tenant).await.unwrap().manifest();
            let months: BTreeSet<u32> = manifest.segments.iter().map(|entry| entry.month).collect();
            let (first, last) = (months.first().unwrap(), months.last().unwrap());
            assert_eq!((manifest.segments.len(), months.len(), last - first), (2, 2, 1), "one of each month");
        }
        assert_eq!(index.compare().await.unwrap(), (9, Vec::new()));
    };
    agrees(&stage.index).await;
    assert_eq!(
        (stage.index.size(acme.tenant).await.unwrap().1, stage.index.size(other.tenant).await.unwrap().1),
        (5, 4)
    );
    agrees(&open_index(stage.folder.path(), acme)).await;

    // one that is made anew in December puts the mail of November where it was, and leaves the other company's as it is
    let untouched = files(&stage, other);
    stage.index.make_anew(acme.tenant);
    catch_up().await;
    agrees(&stage.index).await;
    assert_eq!(files(&stage, other), untouched);

    // the files of one company say nothing in the folder of another
    let folder = |of: &House| stage.folder.path().join("index").join(of.tenant.to_string());
    for (name, bytes) in files(&stage, acme) {
        std::fs::write(folder(other).join(name), bytes).unwrap();
    }
    let mixed = open_index(stage.folder.path(), acme);
    assert_eq!(stage.says(other, &mixed, "zebra", &records).await, [Maybe; 9]);
    assert_eq!(stage.says(acme, &mixed, "zebra", &records).await, of_acme);
    // where only the segments are another's, they are read as damage, and made anew
    for (name, bytes) in &untouched {
        if name == "manifest" {
            std::fs::write(folder(other).join(name), bytes).unwrap();
        }
    }
    let mixed = open_index(stage.folder.path(), acme);
    let said = stage.says(other, &mixed, "zebra", &records).await;
    assert!(!said.contains(&Yes) || said == of_other, "{said:?}");
    mixed.catch_up(&clock).await.unwrap();
    agrees(&mixed).await;
}
