//! What the index costs and how fast it answers: 10,000 mails of tests/bench/corpus.py in one mailbox.
//!
//! `python3 tests/bench/corpus.py /tmp/corpus --n 2000 && CORPUS=/tmp/corpus cargo bench -p index --bench corpus`
//! (`MAILS=100000` for more). It prints, and asserts that the hits are those of a scan.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "a measurement")]

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use detect::{Labels, Level, Place, Segment, find, places_of};
use index::extract::{MailTexts, NotNow, PartTexts, extract};
use index::{Answer, Ask, Document, Index, Passage, Reading};
use message::{Parsed, has_files, search_texts, spoken_fields};
use store::{Bytes, Change, Changed, Engine, IndexEngine, NewMail, NewMessage, NewUser, Role, Roles};
use store_sqlite::{MasterKey, Mode, OpenConfig, SqliteEngine};
use types::{
    Address, Clock, Domain, Flags, Language, Limits, MailboxId, RecordId, SystemClock, TenantId, Timestamp, UserId,
};

/// As the server reads mails: with the finder of numbers, and the files by what the children run.
struct Mails(Limits);

#[async_trait]
impl MailTexts for Mails {
    async fn texts(&self, _: RecordId, bytes: Arc<[u8]>) -> Result<Vec<PartTexts>, NotNow> {
        let parsed = Parsed::parse(&bytes, &self.0);
        Ok(parsed.leaves().iter().map(|leaf| PartTexts::new(leaf, extract(leaf, &self.0))).collect())
    }
    async fn known_texts(&self, record: RecordId, bytes: Arc<[u8]>) -> Result<Option<Vec<PartTexts>>, NotNow> {
        MailTexts::texts(self, record, bytes).await.map(Some)
    }
    async fn reviewed(&self) {}
}

impl Reading for Mails {
    fn has_files(&self, mail: &[u8]) -> bool {
        has_files(mail, &self.0)
    }
    fn texts(&self, mail: &[u8], files: &[PartTexts]) -> Vec<String> {
        let files = files.iter().filter(|file| !file.textual).flat_map(|file| &file.read.texts);
        let own = search_texts(mail, &self.0).into_iter().map(|text| text.text);
        own.chain(files.map(|text| text.text.replace(['\u{1e}', '\u{1f}'], " "))).collect()
    }
    fn document(&self, mail: &[u8], files: &[PartTexts]) -> Document {
        let (fields, texts) = (spoken_fields(mail), Reading::texts(self, mail, files));
        let segment = |text| Segment { place: Place::Body, part: "", inner: "", name: None, text };
        let segments: Vec<Segment<'_>> = texts.iter().map(|text| segment(text.as_str())).collect();
        let mut found = find(&segments, &Labels::default());
        found.retain(|finding| finding.level >= Level::Likely);
        let passage = |text: String| {
            let hidden = if found.is_empty() { Vec::new() } else { places_of(&text, &found) };
            Passage { text, hidden }
        };
        Document {
            texts: texts.into_iter().map(passage).collect(),
            fields: fields.into_iter().map(|(name, value)| (name, passage(value))).collect(),
        }
    }
}

/// CPU of this process so far, all threads.
fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    Duration::from_millis(ticks * 10)
}

/// `count` distinct mails.
fn mails(count: usize) -> Vec<Vec<u8>> {
    let folder = PathBuf::from(std::env::var("CORPUS").expect("CORPUS names the folder that corpus.py filled"));
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    paths.sort();
    let templates: Vec<Vec<u8>> = paths.iter().map(|path| std::fs::read(path).unwrap()).collect();
    let distinct = |at: usize| {
        let mut mail = templates[at % templates.len()].clone();
        let number = format!("SEQ{at:08}");
        while let Some(found) = memchr::memmem::find(&mail, b"SEQ00000000") {
            mail[found..found + number.len()].copy_from_slice(number.as_bytes());
            if at == 0 {
                break;
            }
        }
        mail
    };
    (0..count).map(distinct).collect()
}

async fn house(engine: &SqliteEngine) -> (TenantId, UserId, MailboxId) {
    let change = async |change| engine.change_directory(change, None, Timestamp(0)).await.unwrap();
    let add = Change::AddTenant { name: "bench".into(), title: "Bench".into(), rules: String::new() };
    let Changed::Tenant(tenant) = change(add).await else { panic!("no tenant") };
    change(Change::AddDomain { domain: Domain::parse("bench.test").unwrap(), tenant }).await;
    let new = NewUser {
        tenant,
        address: Address::parse("u0@bench.test").unwrap(),
        name: "u0".into(),
        roles: Roles::default().with(Role::User),
        credentials: None,
        language: Language::Ja,
    };
    let Changed::User(user) = change(Change::AddUser(Box::new(new))).await else { panic!("no person") };
    let inbox = engine.mailboxes(user).await.unwrap().into_iter().find(|mailbox| mailbox.name == "INBOX").unwrap();
    (tenant, user, inbox.id)
}

async fn append(engine: &SqliteEngine, tenant: TenantId, user: UserId, inbox: MailboxId, mails: &[Vec<u8>]) {
    for piece in mails.chunks(200) {
        let mut messages = Vec::new();
        for mail in piece {
            let summary = Parsed::parse(mail, &Limits::default()).summary().to_bytes();
            let bytes = Bytes::New(engine.seal(tenant, mail).await.unwrap());
            let mail = NewMail { tenant, bytes, summary, sensitive: false };
            messages.push(NewMessage {
                mail,
                flags: Flags::default(),
                internal_date: Timestamp(0),
                saved: Timestamp(0),
            });
        }
        engine.append(user, inbox, messages).await.unwrap();
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

#[tokio::main]
async fn main() {
    let count = std::env::var("MAILS").ok().and_then(|count| count.parse().ok()).unwrap_or(10_000);
    let mails = mails(count);
    let bytes: usize = mails.iter().map(Vec::len).sum();
    let dir = tempfile::tempdir().unwrap();
    let fatal: store_sqlite::Fatal = Arc::new(|why| panic!("{why}"));
    let config =
        OpenConfig { data_dir: dir.path().into(), master_key: MasterKey::new([7; 32]), mode: Mode::Server, fatal };
    let engine = SqliteEngine::open(config).await.unwrap();
    let (tenant, user, inbox) = house(&engine).await;
    append(&engine, tenant, user, inbox, &mails).await;
    let (store, authority, _, _) = store::open(engine.clone());
    let reading = Arc::new(Mails(Limits::default()));
    let access = authority.grant(store::Server, None, 0);
    let index = Index::open(&dir.path().join("index"), store, access, reading.clone(), reading.clone());
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let (began, before) = (Instant::now(), cpu());
    index.catch_up(&clock).await.unwrap();
    let (took, used) = (began.elapsed(), cpu() - before);
    let (size, documents) = index.size(tenant).await.unwrap();
    assert_eq!(documents, count as u64);
    println!("{count} mails of {} bytes on average, read from the store, indexed and merged:", bytes / count);
    println!(
        "  CPU a mail {:.2} ms, wall {:.1} s, {:.3} bytes a byte of mail",
        used.as_secs_f64() * 1e3 / count as f64,
        took.as_secs_f64(),
        size as f64 / bytes as f64
    );
    let mut documents: Vec<Document> = Vec::with_capacity(mails.len());
    for mail in &mails {
        let files = MailTexts::texts(reading.as_ref(), RecordId(0), mail.as_slice().into()).await.unwrap();
        documents.push(reading.document(mail, &files));
    }
    let every = std::iter::once((1, u32::MAX)).fold(types::UidSet::new(), |mut set, (first, last)| {
        set.insert_run(first, last);
        set
    });
    for (label, ask) in [
        ("FROM user020", Ask::header("From", "user020")),
        ("SUBJECT 見積り", Ask::header("Subject", "見積り")),
        ("BODY hyoujun-kaisen", Ask::body("hyoujun-kaisen")),
        ("BODY 稟議書番号", Ask::body("稟議書番号")),
        ("BODY 会議", Ask::body("会議")),
        ("BODY お世話になって (most mails)", Ask::body("お世話になって")),
        ("BODY oujun", Ask::body("oujun")),
        ("BODY x (no mail)", Ask::body("ないことば")),
        ("TEXT 契約書", Ask::text("契約書")),
        ("TEXT meeting", Ask::text("meeting")),
        ("TEXT aoba", Ask::text("aoba")),
    ] {
        let (mut times, mut answers) = (Vec::new(), Vec::new());
        for _ in 0..11 {
            let began = Instant::now();
            let rows = engine.flags(user, inbox, &every).await.unwrap();
            let records: Vec<RecordId> = rows.iter().map(|row| row.record).collect();
            answers = index.answers(tenant, vec![ask.clone()], Arc::new(records)).await.remove(0);
            if !ask.is_untraced() {
                engine.traced(user, inbox, ask.longest_part()).await.unwrap();
            }
            times.push(began.elapsed());
        }
        let yes = answers.iter().filter(|answer| **answer == Answer::Yes).count();
        let maybe = answers.iter().filter(|answer| **answer == Answer::Maybe).count();
        for (document, answer) in documents.iter().zip(&answers) {
            assert!(*answer == Answer::Maybe || (*answer == Answer::Yes) == ask.holds(document), "{label}");
        }
        println!("  {label}: {:.1} ms, {yes} hits, {maybe} to be read", median(times).as_secs_f64() * 1e3);
    }
}
