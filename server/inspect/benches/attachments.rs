//! What the inspection of attachments costs: `cargo bench -p inspect --bench attachments`, or `… -- FILE…` for these
//! files as the attachment of a mail. The program is its own child, as `sekisho` is.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a benchmark")]

use std::io::{Cursor, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use inspect::extract::{Bounds, Program, Workers, run};
use inspect::{Inspector, Looked, Seen, Texts};
use types::Limits;

fn main() -> ExitCode {
    let limits = Arc::new(Limits::default());
    if std::env::args().any(|arg| arg == "extract-worker") {
        return run(Bounds::of(&limits));
    }
    let workers = Workers::new(Program::this(vec!["extract-worker".into()]), &limits);
    workers.warm().expect("a child");
    let inspector = Inspector::new(limits, Texts::Children(workers, None));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("threads");
    let files: Vec<String> = std::env::args().skip(1).filter(|arg| Path::new(arg).is_file()).collect();
    match files.as_slice() {
        [] => runtime.block_on(measure(&inspector)),
        files => runtime.block_on(measure_files(&inspector, files)),
    }
    ExitCode::SUCCESS
}

async fn measure_files(inspector: &Inspector, files: &[String]) {
    for file in files {
        let bytes = std::fs::read(file).expect("a file");
        row(file, &times(inspector, &with("file", &bytes), 9).await);
    }
}

async fn measure(inspector: &Inspector) {
    let ordinary = ordinary();
    row("an ordinary mail of 10 KB", &times(inspector, &ordinary, 2_000).await);
    let small = with("a.zip", &archive(1, 2_000));
    row("a ZIP of 1 file", &times(inspector, &small, 200).await);
    let hundred = with("a.zip", &archive(100, 100_000));
    row("a ZIP of 100 CSV files of 100 KB", &times(inspector, &hundred, 5).await);
    row("a workbook of 50,000 rows of 12 cells", &times(inspector, &with("a.xlsx", &workbook(50_000)), 9).await);
    row("a PDF of 300 pages", &times(inspector, &with("a.pdf", &pages(300)), 9).await);
    beside(inspector, &hundred, &ordinary, &small).await;
    large(inspector).await;
}

async fn look(inspector: &Inspector, mail: &[u8]) -> (Duration, Arc<Seen>) {
    let mail = mail.to_vec();
    let began = Instant::now();
    let looked = inspector.look_through(mail, inspect::extract::Kept::default()).await;
    let Looked::Seen(seen) = looked else { panic!("{looked:?}") };
    (began.elapsed(), seen)
}

async fn times(inspector: &Inspector, mail: &[u8], count: usize) -> Vec<Duration> {
    let mut all = Vec::with_capacity(count);
    for _ in 0..count {
        all.push(look(inspector, mail).await.0);
    }
    all.sort();
    all
}

fn row(what: &str, times: &[Duration]) {
    let at = |part: usize| times.get((times.len() * part / 100).min(times.len() - 1)).copied().unwrap_or_default();
    let ms = |time: Duration| time.as_secs_f64() * 1_000.0;
    println!("{what}: best {:.2} ms, p50 {:.2} ms, p99 {:.2} ms, n {}", ms(at(0)), ms(at(50)), ms(at(99)), times.len());
}

/// Others while four large archives are read.
async fn beside(inspector: &Inspector, heavy: &[u8], ordinary: &[u8], small: &[u8]) {
    let heavies: Vec<_> = (0..4)
        .map(|_| {
            let (inspector, heavy) = (inspector.clone(), heavy.to_vec());
            tokio::spawn(async move { look(&inspector, &heavy).await.0 })
        })
        .collect();
    let (mut ordinaries, mut smalls) = (Vec::new(), Vec::new());
    while heavies.iter().any(|heavy| !heavy.is_finished()) {
        ordinaries.push(look(inspector, ordinary).await.0);
        smalls.push(look(inspector, small).await.0);
    }
    ordinaries.sort();
    smalls.sort();
    row("an ordinary mail beside four such ZIPs", &ordinaries);
    row("a ZIP of 1 file beside four such ZIPs", &smalls);
}

/// The memory of a child that reads an attachment of 50 MB.
async fn large(inspector: &Inspector) {
    let line = "氏名,会社,電話,備考,12345\r\n";
    let csv = line.repeat(50_000_000 / line.len());
    for (what, name, bytes) in [
        ("a ZIP of 50 MB (stored CSV)", "a.zip", stored("a.csv", csv.as_bytes())),
        ("a ZIP of 50 MB (100 stored CSVs)", "a.zip", {
            let part = line.repeat(500_000 / line.len());
            let files: Vec<(String, &[u8])> = (0..100).map(|at| (format!("{at}.csv"), part.as_bytes())).collect();
            zipped(&files, zip::CompressionMethod::Stored)
        }),
        ("a workbook of some 50 MB", "a.xlsx", workbook(500_000)),
        ("a PDF of some 50 MB", "a.pdf", pages(3_700)),
    ] {
        let mail = with(name, &bytes);
        let memory = std::thread::spawn(peak);
        let (took, seen) = look(inspector, &mail).await;
        let peak = memory.join().expect("a figure");
        println!(
            "{what}: {:.1} s, child {} MB at most, not inspected: {:?}",
            took.as_secs_f64(),
            peak >> 10,
            seen.not_inspected
        );
    }
}

/// The most memory, in KiB, that a child of this process had in the next seconds, until its file is read.
fn peak() -> u64 {
    let mut most = 0;
    let mut quiet = 0;
    while quiet < 200 {
        std::thread::sleep(Duration::from_millis(5));
        let now = children().into_iter().map(|child| field(child, "VmHWM")).max().unwrap_or_default();
        quiet = if now > most { 0 } else { quiet + 1 };
        most = most.max(now);
    }
    most
}

fn children() -> Vec<u32> {
    let own = std::process::id();
    let folders = std::fs::read_dir("/proc").expect("/proc").flatten();
    let processes = folders.filter_map(|folder| folder.file_name().to_str()?.parse().ok());
    processes.filter(|process| field(*process, "PPid") == u64::from(own)).collect()
}

fn field(process: u32, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}

/// A workbook with so many rows on eight sheets.
fn workbook(rows: usize) -> Vec<u8> {
    let mut state = 88_172_645_463_325_252_u64;
    let mut value = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % 1_000_000_000
    };
    let mut sheet = |at: usize| {
        let mut cells =
            |row| ('A'..'M').map(|c| format!("<c r=\"{c}{row}\"><v>{}</v></c>", value())).collect::<String>();
        let rows: String = (1..=rows / 8).map(|row| format!("<row r=\"{row}\">{}</row>", cells(row))).collect();
        let sheet = format!("<worksheet xmlns=\"x/spreadsheetml/main\"><sheetData>{rows}</sheetData></worksheet>");
        (format!("xl/worksheets/sheet{at}.xml"), sheet.into_bytes())
    };
    let sheets: Vec<(String, Vec<u8>)> = (1..=8).map(&mut sheet).collect();
    let types = ("[Content_Types].xml".to_owned(), b"<Types/>".as_slice());
    let parts = sheets.iter().map(|(name, sheet)| (name.clone(), sheet.as_slice()));
    zipped(&std::iter::once(types).chain(parts).collect::<Vec<_>>(), zip::CompressionMethod::Deflated)
}

/// A PDF with so many pages of 235 lines.
fn pages(count: usize) -> Vec<u8> {
    let lines: String =
        (0..235).map(|at| format!("({} Item {at} Yamada Trading, Chiyoda, Tokyo) Tj T*\n", at * 7_919 * 13)).collect();
    let page = format!("BT /F1 6 Tf 20 820 Td 7 TL\n{lines}ET");
    let kids: String = (0..count).map(|at| format!("{} 0 R ", 4 + 2 * at)).collect();
    let mut out = format!(
        "%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Count {count}/Kids[{kids}]>>\nendobj\n\
         3 0 obj\n<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>\nendobj\n"
    );
    for at in 0..count {
        let (own, content) = (4 + 2 * at, 5 + 2 * at);
        out.push_str(&format!(
            "{own} 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 3 0 R>>>>/Contents {content} 0 \
             R>>\nendobj\n{content} 0 obj\n<</Length {}>>stream\n{page}\nendstream\nendobj\n",
            page.len()
        ));
    }
    out.push_str("trailer<</Size 9/Root 1 0 R>>\n%%EOF");
    out.into_bytes()
}

fn ordinary() -> Vec<u8> {
    let body = "お世話になっております。先日の件、ご確認いただけましたでしょうか。お電話は 03-1234-5678 です。\r\n";
    let body = body.repeat(10_000 / body.len());
    format!("From: a@aoba.example\r\nSubject: x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{body}").into_bytes()
}

fn with(name: &str, bytes: &[u8]) -> Vec<u8> {
    let head = format!(
        "From: a@aoba.example\r\nSubject: x\r\nContent-Type: application/zip; name={name}\r\nContent-Disposition: attachment; \
         filename={name}\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    );
    let encoded = STANDARD.encode(bytes);
    let lines = encoded.as_bytes().chunks(76).flat_map(|line| [line, b"\r\n"]).flatten().copied();
    head.bytes().chain(lines).collect()
}

fn archive(files: usize, size: usize) -> Vec<u8> {
    let row = |at: usize| format!("佐藤{at},青葉商事,03-1234-{:04},{}\r\n", at % 10_000, at * 7_919);
    let file = |from: usize| (from..).map(row).take(size / 40).collect::<String>();
    let texts: Vec<(String, String)> = (0..files).map(|at| (format!("{at}.csv"), file(at))).collect();
    let files: Vec<(String, &[u8])> = texts.iter().map(|(name, text)| (name.clone(), text.as_bytes())).collect();
    zipped(&files, zip::CompressionMethod::Deflated)
}

fn stored(name: &str, bytes: &[u8]) -> Vec<u8> {
    zipped(&[(name.to_owned(), bytes)], zip::CompressionMethod::Stored)
}

fn zipped(files: &[(String, &[u8])], method: zip::CompressionMethod) -> Vec<u8> {
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(method);
    for (name, bytes) in files {
        out.start_file(name.as_str(), options).expect("a file");
        out.write_all(bytes).expect("its bytes");
    }
    out.finish().expect("an archive").into_inner()
}
