//! The older Office: a compound file ([MS-CFB]) whose storages each hold a document or an object, told by the names
//! of their streams.

use std::io::{Cursor, Read};

use cfb::CompoundFile;

use super::{doc, native, ppt, salvage, xls};
use crate::reader::Reader;
use crate::{Reason, TextKind};

/// Streams of one file at most.
const STREAMS: usize = 10_000;

/// Reads a compound file. What is damaged or unknown is refused, and what can be seen in it is read all the same.
pub(crate) fn read(bytes: &[u8], out: &mut Reader) {
    let mut file = match CompoundFile::open(Cursor::new(bytes)) {
        Ok(file) => Storage { file, streams: Vec::new(), seen: false },
        Err(_) => {
            out.refuse(Reason::Broken);
            return out.text(TextKind::Plain, salvage::text(bytes));
        }
    };
    file.list(out);
    let streams = file.streams.clone();
    for (folder, name) in &streams {
        file.stream(folder, name, out);
    }
    if !file.seen {
        out.refuse(Reason::Unsupported);
        out.text(TextKind::Plain, salvage::text(bytes));
    }
}

/// A compound file and its streams.
pub(super) struct Storage<'a> {
    file: CompoundFile<Cursor<&'a [u8]>>,
    /// Folder and name of each stream.
    streams: Vec<(String, String)>,
    /// Whether there was anything that is known.
    seen: bool,
}

impl Storage<'_> {
    fn list(&mut self, out: &mut Reader) {
        for entry in self.file.walk() {
            if self.streams.len() == STREAMS {
                return out.refuse(Reason::TooBig);
            }
            if entry.is_stream() {
                let path = entry.path().to_string_lossy().into_owned();
                let (folder, name) = path.rsplit_once('/').unwrap_or(("", &path));
                self.streams.push((folder.to_owned(), name.to_owned()));
            }
        }
    }

    /// Reads what a stream begins: a document, an object, the properties of one.
    fn stream(&mut self, folder: &str, name: &str, out: &mut Reader) {
        if folder.contains("/Macros") || folder.contains("_VBA_PROJECT") {
            return;
        }
        match name {
            "WordDocument" => self.document(folder, out),
            "Workbook" | "Book" => {
                if let Some(book) = self.bytes(folder, name, out) {
                    xls::read(&book, out);
                }
            }
            "PowerPoint Document" => self.slides(folder, out),
            "\u{1}Ole10Native" => {
                if let Some(bytes) = self.bytes(folder, name, out) {
                    native::stream(&bytes, out);
                }
            }
            "Package" | "CONTENTS" | "EmbeddedOdf" => {
                if let Some(bytes) = self.bytes(folder, name, out) {
                    out.file("object", &bytes);
                }
            }
            "\u{5}SummaryInformation" | "\u{5}DocumentSummaryInformation" => {
                let seen = self.seen;
                if let Some(bytes) = self.bytes(folder, name, out) {
                    out.text(TextKind::Plain, salvage::text(&bytes));
                }
                self.seen = seen;
            }
            // a formula of mathematics
            "Equation Native" => self.seen = true,
            _ if folder.ends_with("_SX_DB_CUR") => {
                if let Some(bytes) = self.bytes(folder, name, out) {
                    xls::read_pivot(&bytes, out);
                }
            }
            _ => {}
        }
    }

    fn document(&mut self, folder: &str, out: &mut Reader) {
        let Some(text) = self.bytes(folder, "WordDocument", out) else { return };
        let table = doc::table_name(&text);
        let table = self.bytes(folder, table, out).unwrap_or_default();
        doc::read(&text, &table, out);
    }

    fn slides(&mut self, folder: &str, out: &mut Reader) {
        let user = self.bytes(folder, "Current User", out).unwrap_or_default();
        match ppt::is_encrypted(&user) {
            true => {
                self.seen = true;
                out.refuse(Reason::Encrypted);
            }
            false => {
                if let Some(slides) = self.bytes(folder, "PowerPoint Document", out) {
                    ppt::read(&slides, out);
                }
            }
        }
    }

    /// A stream as a whole, as far as there is room; none when there is no such stream.
    fn bytes(&mut self, folder: &str, name: &str, out: &mut Reader) -> Option<Vec<u8>> {
        let mut stream = self.file.open_stream(format!("{folder}/{name}")).ok()?;
        self.seen = true;
        let mut bytes = Vec::new();
        let whole = (&mut stream).take(out.room() as u64 + 1).read_to_end(&mut bytes).is_ok();
        if !out.take(bytes.len()) {
            return None;
        }
        if !whole {
            out.refuse(Reason::Broken);
        }
        Some(bytes)
    }
}
