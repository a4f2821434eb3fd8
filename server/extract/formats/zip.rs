//! What a ZIP archive says of itself without being opened: the names in it, and whether it needs a password.
//! It reads the central directory (APPNOTE.TXT 4.3.12).

use std::io::{Cursor, Read};

use memchr::memmem;
use zip::ZipArchive;
use zip::result::ZipError;

use crate::reader::Reader;
use crate::{Reason, TextKind};

/// The mark of an entry in the central directory.
const ENTRY: &[u8] = b"PK\x01\x02";
/// Names that are listed at most.
const NAMES: usize = 1000;

/// The entries of an archive.
#[derive(Debug)]
pub(crate) struct Listing {
    /// The names of the files.
    pub names: Vec<String>,
    /// Whether any of them needs a password (general purpose bit 0).
    pub encrypted: bool,
}

/// Reads the files of an archive. What needs a password is named and stays closed.
pub(crate) fn read(bytes: &[u8], out: &mut Reader) {
    let Ok(mut archive) = ZipArchive::new(Cursor::new(bytes)) else { return damaged(bytes, out) };
    for at in 0..archive.len() {
        if out.full() {
            return out.refuse(Reason::TooBig);
        }
        let Ok(entry) = archive.by_index_raw(at) else {
            out.refuse(Reason::Broken);
            continue;
        };
        let (name, encrypted) = (entry_name(entry.name_raw()), entry.encrypted());
        if entry.is_dir() {
            continue;
        }
        drop(entry);
        match archive.by_index(at) {
            _ if encrypted => out.refuse_file(&name, Reason::Encrypted),
            Ok(entry) => unpack(&name, entry, out),
            Err(ZipError::UnsupportedArchive(_)) => out.refuse_file(&name, Reason::Unsupported),
            Err(_) => out.refuse_file(&name, Reason::Broken),
        }
    }
}

/// Names the files of an archive that cannot be opened, as far as they can be seen.
fn damaged(bytes: &[u8], out: &mut Reader) {
    let listing = listing(bytes);
    out.refuse(if listing.encrypted { Reason::Encrypted } else { Reason::Broken });
    for name in listing.names {
        out.text_of(&name, TextKind::Name, name.clone());
    }
}

/// Names are in UTF-8 or, from Windows in Japan, in code page 932, whatever their flag says.
pub(crate) fn entry_name(raw: &[u8]) -> String {
    match std::str::from_utf8(raw) {
        Ok(name) => name.to_owned(),
        Err(_) => message::charset::decode(raw, Some("shift_jis")),
    }
}

/// Unpacks a stream as far as there is room and reads it as the file `name`.
pub(crate) fn unpack(name: &str, stream: impl Read, out: &mut Reader) {
    let mut bytes = Vec::new();
    let read = stream.take(out.room() as u64 + 1).read_to_end(&mut bytes);
    match read {
        Ok(_) if !out.take(bytes.len()) => out.refuse_file(name, Reason::TooBig),
        Ok(_) => out.file(name, &bytes),
        // what came before the damage is read all the same
        Err(_) => {
            out.refuse_file(name, Reason::Broken);
            out.file(name, &bytes);
        }
    }
}

/// Reads the central directory. What is damaged is left out.
pub(crate) fn listing(bytes: &[u8]) -> Listing {
    // a stream may have been cut before the directory: the first local header tells too (4.3.7)
    let encrypted = bytes.starts_with(b"PK\x03\x04") && bytes.get(6).is_some_and(|flags| flags & 1 != 0);
    let mut out = Listing { names: Vec::new(), encrypted };
    for at in memmem::find_iter(bytes, ENTRY).take(NAMES) {
        let Some(header) = bytes.get(at..at + 46) else { continue };
        let byte = |place: usize| header.get(place).copied().unwrap_or_default();
        let (flags, utf8) = (byte(8), byte(9) & 8 != 0);
        let length = usize::from(u16::from_le_bytes([byte(28), byte(29)]));
        let Some(name) = bytes.get(at + 46..at + 46 + length) else { continue };
        out.encrypted |= flags & 1 != 0;
        let label = if utf8 { "utf-8" } else { "shift_jis" };
        let name = message::charset::decode(name, Some(label));
        if !name.is_empty() && !name.ends_with('/') {
            out.names.push(name);
        }
    }
    out
}

/// Whether the archive is a document of Office or OpenDocument. Of one that is cut off the first name tells.
pub(crate) fn is_document(bytes: &[u8]) -> bool {
    let names = listing(bytes).names;
    let has = |start: &str| names.iter().any(|name| name.trim_start_matches('/').starts_with(start));
    let first = |name: &[u8]| bytes.get(30..).is_some_and(|rest| rest.starts_with(name));
    has("[Content_Types].xml") && (has("word/") || has("xl/") || has("ppt/"))
        || first(b"mimetype")
        || names.is_empty() && first(b"[Content_Types].xml")
}
