//! How long a workbook of 50,000 rows takes and how much memory: `cargo run --release -p extract --example workbook`.

#![allow(clippy::unwrap_used)]

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};
use std::time::Instant;

use message::{Leaf, LeafRole};
use types::Limits;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

const ROWS: usize = 50_000;
/// Six texts out of the shared strings and six numbers a row.
const COLUMNS: usize = 12;

fn sheet() -> String {
    let mut sheet = String::from("<?xml version=\"1.0\"?><worksheet xmlns=\"x/spreadsheetml/main\"><sheetData>");
    for row in 1..=ROWS {
        write!(sheet, "<row r=\"{row}\" spans=\"1:12\">").unwrap();
        for (column, letter) in ('A'..).take(COLUMNS).enumerate() {
            match column % 2 {
                0 => {
                    write!(sheet, "<c r=\"{letter}{row}\" s=\"1\" t=\"s\"><v>{}</v></c>", row * 6 + column / 2).unwrap()
                }
                _ => write!(sheet, "<c r=\"{letter}{row}\" s=\"2\"><v>{}</v></c>", row * 7919 * (column + 1)).unwrap(),
            }
        }
        sheet.push_str("</row>");
    }
    sheet + "</sheetData></worksheet>"
}

fn strings() -> String {
    let mut strings = String::from("<sst>");
    for at in 0..ROWS * 6 + 12 {
        write!(strings, "<si><t>東京都千代田区霞が関{at}番地</t></si>").unwrap();
    }
    strings + "</sst>"
}

fn workbook() -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in [
        ("[Content_Types].xml", "<Types/>".to_owned()),
        ("xl/worksheets/sheet1.xml", sheet()),
        ("xl/sharedStrings.xml", strings()),
    ] {
        archive.start_file(name, SimpleFileOptions::default()).unwrap();
        archive.write_all(content.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// The most memory that the process has had, MiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or_default() / 1024
}

fn main() {
    let bytes = workbook();
    let leaf = Leaf {
        part: "2".to_owned(),
        role: LeafRole::Attachment,
        content_type: "application/octet-stream".to_owned(),
        name: Some("book.xlsx".to_owned()),
        charset: None,
        bytes: bytes.as_slice().into(),
        text: None,
        issue: None,
    };
    let before = peak();
    for _ in 0..5 {
        let began = Instant::now();
        let out = extract::extract(&leaf, &Limits::default());
        let text: usize = out.texts.iter().map(|text| text.text.len()).sum();
        println!(
            "{ROWS} rows of {COLUMNS} cells, {} KiB: {} ms, {} KiB of text, refused {:?}",
            bytes.len() / 1024,
            began.elapsed().as_millis(),
            text / 1024,
            out.not_inspected
        );
    }
    println!("memory at most {} MiB, of which {before} MiB to make the workbook", peak());
}
