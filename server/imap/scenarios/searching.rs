//! A search that uses the full-text index finds what one finds that reads every mail: over random mails, of which some
//! are indexed, some are not yet and some are gone, and random questions; of two companies each finds its own.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use index::extract::{Extracted, MailTexts, NotNow, PartTexts};
use index::{Document, Index, Passage, Reading, folded};
use message::{Parsed, has_files, search_texts, spoken_fields};
use store::{Change, Changed, Engine as _, NewUser, Roles};
use store_sqlite::SqliteEngine;
use tempfile::TempDir;
use types::{Address, Clock, Domain, FixedClock, Language, Limits, RecordId, SystemClock, Timestamp};

use super::histories::{Dice, on_disk};
use super::house::{Client, House, PASSWORD};

/// Mails as they are, with every run of twelve digits hidden.
struct Mails;

fn passage(text: String) -> Passage {
    let bytes = text.as_bytes();
    let (mut hidden, mut start) = (Vec::new(), None);
    for at in 0..=bytes.len() {
        let digit = bytes.get(at).is_some_and(u8::is_ascii_digit);
        match (digit, start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                if at - from == 12 {
                    hidden.push(from..at);
                }
                start = None;
            }
            _ => {}
        }
    }
    Passage { text, hidden }
}

impl Reading for Mails {
    fn has_files(&self, mail: &[u8]) -> bool {
        has_files(mail, &Limits::default())
    }
    fn texts(&self, mail: &[u8], files: &[PartTexts]) -> Vec<String> {
        let files = files.iter().filter(|file| !file.textual).flat_map(|file| &file.read.texts);
        let texts = search_texts(mail, &Limits::default()).into_iter().map(|text| text.text);
        texts.chain(files.map(|text| text.text.clone())).collect()
    }
    fn document(&self, mail: &[u8], files: &[PartTexts]) -> Document {
        let fields = spoken_fields(mail).into_iter().map(|(name, value)| (name, passage(value)));
        let texts = self.texts(mail, files).into_iter().map(passage);
        Document { fields: fields.collect(), texts: texts.collect() }
    }
}

/// Files of which the readers say their own bytes; nobody can read `later` now.
struct Files;

fn read(leaf: &message::Leaf<'_>) -> Extracted {
    let mut read = Extracted::nothing(leaf);
    let text = String::from_utf8_lossy(&leaf.bytes).into_owned();
    read.texts.push(index::extract::Text {
        inner: String::new(),
        kind: index::extract::TextKind::Plain,
        name: None,
        text,
    });
    read
}

#[async_trait]
impl MailTexts for Files {
    async fn texts(&self, _: RecordId, bytes: Arc<[u8]>) -> Result<Vec<PartTexts>, NotNow> {
        if bytes.windows(5).any(|word| word == b"later") {
            return Err(NotNow("a child".to_owned()));
        }
        let parsed = Parsed::parse(&bytes, &Limits::default());
        Ok(parsed.leaves().iter().map(|leaf| PartTexts::new(leaf, read(leaf))).collect())
    }
    /// Every second mail's files were read before.
    async fn known_texts(&self, record: RecordId, bytes: Arc<[u8]>) -> Result<Option<Vec<PartTexts>>, NotNow> {
        if record.0 % 2 == 0 { self.texts(record, bytes).await.map(Some) } else { Ok(None) }
    }
    async fn reviewed(&self) {}
}

fn sources() -> super::house::Sources {
    (Arc::new(Mails), Arc::new(Files))
}

const WORDS: [&str; 14] = [
    "見積り",
    "請求書",
    "会議",
    "テスト",
    "ﾃｽﾄ",
    "hyoujun-kaisen",
    "meeting",
    "ＡＢＣ",
    "(株)青葉",
    "123456789018",
    "1234",
    "a",
    "…",
    "稟議書番号",
];

fn words(dice: &mut Dice) -> String {
    let count = 1 + dice.below(4);
    (0..count).map(|_| WORDS[dice.below(WORDS.len())]).collect::<Vec<_>>().join(["", " ", "\r\n"][dice.below(3)])
}

fn mail(dice: &mut Dice) -> String {
    let subject = words(dice).replace("\r\n", " ");
    let (from, bcc) = (dice.below(30), if dice.below(4) == 0 { "Bcc: secret@example.jp\r\n" } else { "" });
    let head = format!("From: user{from:03}@aoba.example\r\nTo: taro@example.jp\r\n{bcc}Subject: {subject}\r\n");
    if dice.below(3) == 0 {
        let html = format!("<p>{}</p>", words(dice));
        return format!(
            "{head}Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{html}\r\n\
             --b\r\nContent-Type: application/octet-stream\r\n\r\n{}\r\n\
             --b\r\nContent-Type: message/rfc822\r\n\r\nSubject: {}\r\n\r\ninner {}\r\n--b--\r\n",
            words(dice),
            words(dice).replace("\r\n", " "),
            words(dice),
        );
    }
    format!("{head}Content-Type: text/plain; charset=utf-8\r\n\r\n{}\r\n", words(dice))
}

fn question(dice: &mut Dice) -> String {
    let word = WORDS[dice.below(WORDS.len())];
    let from = dice.below(word.chars().count());
    let part: String = word.chars().skip(from).take(1 + dice.below(12)).collect();
    let literal = format!("{{{}+}}\r\n{part}", part.len());
    match dice.below(9) {
        0 => format!("BODY {literal}"),
        1 => format!("TEXT {literal}"),
        2 => format!("SUBJECT {literal}"),
        3 => format!("FROM user{:02}", dice.below(10)),
        4 => format!("HEADER To {literal}"),
        5 => "BCC secret".to_owned(),
        6 => format!("NOT BODY {literal}"),
        7 => format!("OR SUBJECT {literal} UNSEEN TEXT {literal}"),
        _ => format!("SUBJECT {literal} BODY a"),
    }
}

async fn hits(client: &mut Client, question: &str) -> Vec<String> {
    client.ok(&format!("UID SEARCH CHARSET UTF-8 {question}")).await
}

/// Whether a mail holds a text, in its header too or not: all of it decoded, all of its files read.
fn holds(mail: &str, header_too: bool, text: &str) -> bool {
    let parsed = Parsed::parse(mail.as_bytes(), &Limits::default());
    let files: Vec<PartTexts> = parsed.leaves().iter().map(|leaf| PartTexts::new(leaf, read(leaf))).collect();
    let mut texts = Mails.texts(mail.as_bytes(), &files);
    if header_too {
        texts.extend(spoken_fields(mail.as_bytes()).into_iter().map(|(_, value)| value));
    }
    texts.iter().any(|held| folded(held).contains(&folded(text)))
}

/// Asks for a part of a word and compares with what the mails (by UID) hold.
async fn finds_what_they_hold(client: &mut Client, mails: &BTreeMap<usize, String>, dice: &mut Dice) {
    let word = WORDS[dice.below(WORDS.len())];
    let part: String = word.chars().skip(dice.below(word.chars().count())).take(1 + dice.below(12)).collect();
    for (key, header_too) in [("BODY", false), ("TEXT", true)] {
        let found = hits(client, &format!("{key} {{{}+}}\r\n{part}", part.len())).await;
        let found = found.iter().filter_map(|line| line.split_once("SEARCH")).flat_map(|(_, rest)| rest.split(' '));
        let found: Vec<usize> = found.filter_map(|uid| uid.trim().parse().ok()).collect();
        let held = mails.iter().filter(|(_, mail)| holds(mail, header_too, &part)).map(|(uid, _)| *uid);
        assert_eq!(found, held.collect::<Vec<_>>(), "{key} {part}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_search_with_the_index_finds_what_a_scan_finds() {
    let (plain, _) = on_disk().await;
    let dir = TempDir::new().unwrap();
    let indexed = House::<SqliteEngine>::over_indexed(plain.engine.clone(), dir, sources());
    let index: Index = indexed.index.clone().unwrap();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    // an index that is never fed leaves every question to the mails
    let scanning = House::<SqliteEngine>::over_indexed(plain.engine.clone(), TempDir::new().unwrap(), sources());
    let (mut scan, mut quick) = (scanning.inbox().await, indexed.inbox().await);
    let (mut dice, mut mails) = (Dice(20_261_126), BTreeMap::new());
    for round in 0..4 {
        for number in 1..=25 {
            let mail = mail(&mut dice);
            let said = scan.append("INBOX", &mail).await;
            assert!(said.starts_with("OK"), "{said}");
            mails.insert(round * 25 + number, mail);
        }
        if round < 3 {
            index.catch_up(&clock).await.unwrap();
        }
        let gone = format!("UID STORE {}:{} +FLAGS.SILENT (\\Deleted)", round * 20 + 1, round * 20 + 3);
        scan.ok(&gone).await;
        mails.retain(|uid, _| !(round * 20 + 1..=round * 20 + 3).contains(uid));
        scan.ok("EXPUNGE").await;
        scan.ok("NOOP").await;
        quick.ok("NOOP").await;
        for _ in 0..10 {
            finds_what_they_hold(&mut scan, &mails, &mut dice).await;
            finds_what_they_hold(&mut quick, &mails, &mut dice).await;
        }
        for _ in 0..30 {
            let question = question(&mut dice);
            assert_eq!(hits(&mut quick, &question).await, hits(&mut scan, &question).await, "{question}");
        }
        for command in ["UID SORT (SUBJECT) UTF-8 TEXT meeting", "UID THREAD ORDEREDSUBJECT UTF-8 BODY 1234"] {
            assert_eq!(quick.ok(command).await, scan.ok(command).await, "{command}");
        }
    }
    let (_, documents) = index.size(types::TenantId(1)).await.unwrap();
    assert!(documents >= 75, "{documents}: the index was used");
}

/// A mail with a file whose bytes are `file`.
fn with_file(file: &str) -> String {
    format!(
        "Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nbody\r\n--b\r\n\
         Content-Type: application/octet-stream\r\n\r\n{file}\r\n--b--\r\n"
    )
}

#[tokio::test]
async fn a_search_finds_words_in_files_and_says_so_when_it_left_some_out() {
    let (plain, _) = on_disk().await;
    let house = House::<SqliteEngine>::over_indexed(plain.engine.clone(), TempDir::new().unwrap(), sources());
    let mut client = house.inbox().await;
    for file in ["first words", "later words", "other words"] {
        assert!(client.append("INBOX", &with_file(file)).await.starts_with("OK"));
    }
    let found = hits(&mut client, "BODY words").await.join("|");
    assert!(found.contains("SEARCH 1 3") && found.contains("NO Some attachments are not read yet"), "{found}");
    let found = hits(&mut client, "SUBJECT x").await.join("|");
    assert!(found.contains("SEARCH 1 2 3") && !found.contains("NO Some"), "{found}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_companies_find_each_its_own_mail_of_two_months() {
    let (plain, taro) = on_disk().await;
    let change = async |change| plain.engine.change_directory(change, None, Timestamp(0)).await.unwrap();
    let add = Change::AddTenant { name: "other".into(), title: "Other".into(), rules: String::new() };
    let Changed::Tenant(tenant) = change(add).await else { panic!("no tenant") };
    change(Change::AddDomain { domain: Domain::parse("other.jp").unwrap(), tenant }).await;
    let (address, name) = (Address::parse("eve@other.jp").unwrap(), "Eve".to_owned());
    let credentials = plain.engine.directory().users[&taro].credentials.clone();
    let (roles, language) = (Roles::default(), Language::Ja);
    change(Change::AddUser(Box::new(NewUser { tenant, address, name, roles, credentials, language }))).await;

    let house = House::<SqliteEngine>::over_indexed(plain.engine.clone(), TempDir::new().unwrap(), sources());
    let index = house.index.clone().unwrap();
    let (mut taro, mut eve) = (house.inbox().await, house.connect().await);
    eve.ok(&format!("LOGIN eve@other.jp \"{PASSWORD}\"")).await;
    eve.ok("SELECT INBOX").await;
    // an hour before December, then after its beginning
    let fixed = Arc::new(FixedClock::new(Timestamp::from_secs(1_796_079_600)));
    let clock: Arc<dyn Clock> = fixed.clone();
    for month in ["november", "december"] {
        for number in 0..2 {
            taro.append("INBOX", &format!("Subject: 見積り {month}\r\n\r\nours {number}\r\n")).await;
            eve.append("INBOX", &format!("Subject: 見積り {month}\r\n\r\ntheirs {number}\r\n")).await;
        }
        index.catch_up(&clock).await.unwrap();
        fixed.advance(Duration::from_secs(7_200));
    }
    for (client, own, not) in [(&mut taro, "ours", "theirs"), (&mut eve, "theirs", "ours")] {
        for (question, found) in [
            (own, " 1 2 3 4"),
            (not, ""),
            ("見積り", " 1 2 3 4"),
            ("november", " 1 2"),
            ("december", " 3 4"),
            (&format!("{own} 1"), " 2 4"),
        ] {
            let asked = format!("TEXT {{{}+}}\r\n{question}", question.len());
            assert_eq!(hits(client, &asked).await, [format!("* SEARCH{found}")], "{own}: {question}");
        }
        let sorted = client.ok(&format!("UID SORT (REVERSE ARRIVAL) UTF-8 TEXT {own}")).await;
        assert_eq!(sorted, ["* SORT 4 3 2 1"]);
    }
    assert_eq!(index.compare().await.unwrap(), (8, Vec::new()));
}
