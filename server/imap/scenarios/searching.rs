//! A search that uses the full-text index finds what one finds that reads every mail: over random mails, of which some
//! are indexed, some are not yet and some are gone, and random questions.

use std::sync::Arc;

use index::{Document, Index, Passage, Reading};
use message::{search_texts, spoken_fields};
use store_sqlite::SqliteEngine;
use tempfile::TempDir;
use types::{Clock, Limits, SystemClock};

use super::histories::{Dice, on_disk};
use super::house::{Client, House};

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
    fn document(&self, mail: &[u8]) -> Document {
        let fields = spoken_fields(mail).into_iter().map(|(name, value)| (name, passage(value)));
        let texts = search_texts(mail, &Limits::default()).into_iter().map(|text| passage(text.text));
        Document { fields: fields.collect(), texts: texts.collect() }
    }
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
             --b\r\nContent-Type: message/rfc822\r\n\r\nSubject: {}\r\n\r\ninner {}\r\n--b--\r\n",
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_search_with_the_index_finds_what_a_scan_finds() {
    let (plain, _) = on_disk().await;
    let dir = TempDir::new().unwrap();
    let indexed = House::<SqliteEngine>::over_indexed(plain.engine.clone(), dir);
    let index: Index = indexed.index.clone().unwrap();
    let (reading, clock): (Arc<dyn Reading>, Arc<dyn Clock>) = (Arc::new(Mails), Arc::new(SystemClock));
    let (mut scan, mut quick) = (plain.inbox().await, indexed.inbox().await);
    let mut dice = Dice(20_261_126);
    for round in 0..4 {
        for _ in 0..25 {
            let mail = mail(&mut dice);
            let said = scan.append("INBOX", &mail).await;
            assert!(said.starts_with("OK"), "{said}");
        }
        if round < 3 {
            index.catch_up(&reading, &clock).await.unwrap();
        }
        let gone = format!("UID STORE {}:{} +FLAGS.SILENT (\\Deleted)", round * 20 + 1, round * 20 + 3);
        scan.ok(&gone).await;
        scan.ok("EXPUNGE").await;
        scan.ok("NOOP").await;
        quick.ok("NOOP").await;
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
