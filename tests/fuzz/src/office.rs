//! Documents of Office: the same bytes as each part of a package, as each stream of a compound file, as RTF.

use std::io::{Cursor, Write};

use crate::mails::{attachment, attachment_with};

/// A package of one part, stored, without a directory: the reader finds it by its header.
fn package(name: &str, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, content) in [("[Content_Types].xml", &b"<Types/>"[..]), (name, content)] {
        let (length, size) = (name.len() as u16, content.len() as u32);
        out.extend(b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0");
        out.extend([size.to_le_bytes(), size.to_le_bytes()].concat());
        out.extend([length.to_le_bytes(), [0, 0]].concat());
        out.extend(name.bytes());
        out.extend(content);
    }
    out
}

/// Reads the bytes as parts of OOXML and OpenDocument: each with the root elements that tell the readers apart.
pub fn packages(bytes: &[u8]) {
    attachment("a.xlsx", &package("xl/worksheets/sheet1.xml", bytes));
    for root in
        ["worksheet", "sst", "styleSheet", "workbook", "pivotCacheDefinition", "document", "office:document-content"]
    {
        let part = [b"<", root.as_bytes(), b" xmlns:office='opendocument'>", bytes].concat();
        attachment("a.docx", &package("word/part.xml", &part));
    }
    for head in [[0x81, 0x01], [0x83, 0x01], [0x9f, 0x01], [0x96, 0x02], [0xf4, 0x04]] {
        attachment("a.xlsb", &package("xl/part.bin", &[&head[..], &[0], bytes].concat()));
    }
    attachment("a.odt", &[b"PK\x03\x04", bytes].concat());
}

/// A compound file of these streams.
fn compound(streams: &[(&str, &[u8])]) -> Option<Vec<u8>> {
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).ok()?;
    for (name, content) in streams {
        file.create_stream(name).ok()?.write_all(content).ok()?;
    }
    Some(file.into_inner().into_inner())
}

/// Reads the bytes as the streams of Word, Excel and PowerPoint, and as a compound file.
pub fn compounds(bytes: &[u8]) {
    let (text, table) = bytes.split_at(bytes.len() / 2);
    let head = [&[0xec, 0xa5, 0xc1, 0, 0, 0, 0, 0, 0, 0, 0, 0][..], text].concat();
    let excel = [&[9, 8, 8, 0, 0, 6, 5, 0, 0, 0, 0, 0][..], bytes].concat();
    for streams in [
        [("/WordDocument", &head[..]), ("/0Table", table)],
        [("/Workbook", &excel), ("/x", bytes)],
        [("/Book", bytes), ("/\u{1}Ole10Native", bytes)],
        [("/PowerPoint Document", bytes), ("/Package", bytes)],
    ] {
        if let Some(file) = compound(&streams) {
            attachment("a.doc", &file);
        }
    }
    attachment("a.xls", &[b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", bytes].concat());
    attachment("a.xls", bytes);
}

/// Reads the bytes as RTF.
pub fn rtf(bytes: &[u8]) {
    attachment("a.rtf", &[b"{\\rtf1\\ansi ", bytes].concat());
    attachment("a.rtf", bytes);
}

/// Reads the bytes as a file that a password opens, and as the description of an encryption.
pub fn locked(bytes: &[u8]) {
    let password = extract::Password::parse("aoba-2026").expect("a password");
    let passwords = extract::Passwords::new([([1; 16], password)]);
    let sealed = compound(&[("/EncryptionInfo", bytes), ("/EncryptedPackage", &[7; 64])]);
    for file in std::iter::once(bytes.to_vec()).chain(sealed) {
        let out = attachment_with("a.bin", &file, &passwords);
        assert!(out.opened.is_empty() || out.encrypted(), "what was opened was encrypted");
        assert!(!format!("{out:?}").contains("aoba-2026"), "a password is shown");
    }
}
