//! Files as LibreOffice writes them, the older formats of Office among them; `files/libreoffice.py` makes them.

use std::io::{Cursor, Read};

use zip::ZipArchive;

use super::Row;

const FILES: &[u8] = include_bytes!("files/libreoffice.zip");

/// Folder, container.
const FORMATS: [(&str, &str); 10] = [
    ("doc", "DOC"),
    ("rtf", "RTF, of LibreOffice"),
    ("docx", "DOCX, of LibreOffice"),
    ("odt", "ODT, of LibreOffice"),
    ("xls", "XLS"),
    ("xlsx", "XLSX, of LibreOffice"),
    ("ods", "ODS, of LibreOffice"),
    ("ppt", "PPT"),
    ("pptx", "PPTX, of LibreOffice"),
    ("odp", "ODP, of LibreOffice"),
];

/// File, placement.
const PLACEMENTS: [(&str, &str); 15] = [
    ("paragraph", "paragraph, runs split"),
    ("text", "text"),
    ("number", "number cell"),
    ("zero", "number cell, leading zero lost"),
    ("format", "number cell, format 0000-0000-0000"),
    ("formula", "result of a formula"),
    ("table", "table"),
    ("boxes", "one digit per cell"),
    ("header", "header"),
    ("footnote", "footnote"),
    ("comment", "comment"),
    ("textbox", "text box"),
    ("deletion", "tracked deletion"),
    ("hidden", "hidden text or sheet"),
    ("notes", "speaker notes"),
];

/// A file of `files/libreoffice.zip`.
pub fn file(name: &str) -> Option<Vec<u8>> {
    let mut archive = ZipArchive::new(Cursor::new(FILES)).unwrap();
    let mut bytes = Vec::new();
    archive.by_name(name).ok()?.read_to_end(&mut bytes).unwrap();
    Some(bytes)
}

pub fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for (folder, container) in FORMATS {
        for (stem, placement) in PLACEMENTS {
            let file = file(&format!("{folder}/{stem}.{folder}"));
            rows.extend(file.map(|file| (container, placement, file, name(folder))));
        }
    }
    rows
}

/// A name that says nothing.
fn name(folder: &str) -> &'static str {
    match folder {
        "doc" => "a.doc",
        "rtf" => "a.rtf",
        "xls" => "a.xls",
        "ppt" => "a.ppt",
        _ => "a.bin",
    }
}
