//! What the check before sending costs a draft with ten files of 20 MB: writing the mail, the first look at it, and a
//! look when its files were read before. `cargo bench -p inspect --bench check`. The program is its own child.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a benchmark")]

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use inspect::extract::{Bounds, Kept, Program, Workers, run};
use inspect::{Inspector, Looked, Seen, Texts};
use message::compose::Mailbox;
use message::outgoing::{File, Outgoing, Stamp};
use types::{Address, Limits, Timestamp};

/// Bytes of one file.
const SIZE: usize = 2_000_000;
const ROUNDS: usize = 20;

fn main() -> ExitCode {
    let limits = Arc::new(Limits::default());
    if std::env::args().any(|arg| arg == "extract-worker") {
        return run(Bounds::of(&limits));
    }
    let workers = Workers::new(Program::this(vec!["extract-worker".into()]), &limits);
    workers.warm().expect("a child");
    let inspector = Inspector::new(limits, Texts::Children(workers, None));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("threads");
    for (what, kinds) in [
        ("five CSV files and five of random bytes", [csv as fn(usize) -> Vec<u8>, random]),
        ("five workbooks and five of random bytes", [workbook, random]),
    ] {
        let files = (0..10).map(|at| file(at, kinds[at % 2](at))).collect();
        runtime.block_on(measure(&inspector, what, &draft(files)));
    }
    ExitCode::SUCCESS
}

async fn measure(inspector: &Inspector, what: &str, draft: &Outgoing) {
    let (mut written, mut first, mut again) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let began = Instant::now();
        let mail = letter(draft);
        written.push(began.elapsed());
        let (took, seen) = look(inspector, mail.clone(), Kept::default()).await;
        first.push(took);
        again.push(look(inspector, mail, seen.kept().clone()).await.0);
    }
    println!("{what}:");
    for (step, mut times) in [("writing the mail", written), ("the first look", first), ("a look again", again)] {
        times.sort();
        let ms = |at: usize| times.get(at).copied().unwrap_or_default().as_millis();
        println!("  {step}: p50 {} ms, at worst {} ms, n {ROUNDS}", ms(ROUNDS / 2), ms(ROUNDS - 1));
    }
}

async fn look(inspector: &Inspector, mail: Vec<u8>, known: Kept) -> (Duration, Arc<Seen>) {
    let began = Instant::now();
    let Looked::Seen(seen) = inspector.look_through(mail, known).await else { panic!("the look has failed") };
    (began.elapsed(), seen)
}

fn draft(files: Vec<File>) -> Outgoing {
    let to = vec![Mailbox::new("", Address::parse("taro@yamada.example").expect("an address"))];
    Outgoing {
        to, subject: "資料の送付".into(), text: "資料をお送りします。".into(), files, ..Outgoing::default()
    }
}

fn letter(draft: &Outgoing) -> Vec<u8> {
    let from = Mailbox::new("佐藤", Address::parse("sato@aoba.example").expect("an address"));
    let stamp =
        Stamp { date: Timestamp::from_secs(1_795_501_929), message_id: "1@aoba.example", boundary: "abcdefgh12345678" };
    draft.to_bytes(&from, &stamp)
}

fn file(at: usize, bytes: Vec<u8>) -> File {
    File { name: format!("資料{at}"), content_type: "application/octet-stream".into(), bytes }
}

fn csv(at: usize) -> Vec<u8> {
    let row = |line: usize| format!("山田製作所,東京都千代田区1-2-3,2026-11-{:02},部品,{at}\r\n", 1 + line % 28);
    (0..SIZE / 70).flat_map(|line| row(line).into_bytes()).collect()
}

fn random(at: usize) -> Vec<u8> {
    let mut state = 88_172_645_463_325_252_u64 + at as u64;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    std::iter::repeat_with(next).take(SIZE / 8).flatten().collect()
}

/// A workbook of about [`SIZE`] bytes.
fn workbook(at: usize) -> Vec<u8> {
    let mut sheet = String::from("<worksheet xmlns=\"x/spreadsheetml/main\"><sheetData>");
    for row in 1..=SIZE / 100 {
        write!(sheet, "<row r=\"{row}\">").expect("memory");
        for (column, letter) in ('A'..'M').enumerate() {
            let value = (row + at).wrapping_mul(7_919 * (column + 3)) % 10_000_019;
            write!(sheet, "<c r=\"{letter}{row}\"><v>{value}</v></c>").expect("memory");
        }
        sheet.push_str("</row>");
    }
    sheet.push_str("</sheetData></worksheet>");
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in [("[Content_Types].xml", "<Types/>"), ("xl/worksheets/sheet1.xml", sheet.as_str())] {
        archive.start_file(name, zip::write::SimpleFileOptions::default()).expect("a part");
        archive.write_all(content.as_bytes()).expect("its bytes");
    }
    archive.finish().expect("an archive").into_inner()
}
