//! ZIP (APPNOTE.TXT): the files of an archive by its directory or, where that is damaged or hides some, by what stands
//! before each of them; and what it says of itself without being opened.

use std::io::{Cursor, Read};

use flate2::read::DeflateDecoder;
use memchr::memmem;
use zip::ZipArchive;
use zip::result::ZipError;

pub(crate) use super::archive::{unpack, unpacked};
use crate::Reason;
use crate::reader::Reader;

/// The mark of an entry in the central directory.
const ENTRY: &[u8] = b"PK\x01\x02";
/// The mark before a file (4.3.7).
const FILE: &[u8] = b"PK\x03\x04";
/// The mark of the directory's end (4.3.16), and how many bytes before the end of the file it may stand.
const END: &[u8] = b"PK\x05\x06";
const TAIL: usize = 22 + (64 << 10);
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

/// What trying one password on one file costs, rounds of hashing: those of AE-2 with the longest key, each of which
/// takes two.
const ROUNDS: u64 = 16_000;

/// Reads the files of an archive. What needs a password that is none of those to try is named and stays closed.
pub(crate) fn read(bytes: &[u8], out: &mut Reader) {
    let Ok(mut archive) = ZipArchive::new(Cursor::new(bytes)) else { return by_pieces(bytes, out) };
    // of two files of one name the directory of our library knows the last
    if entries_said(bytes).is_some_and(|said| said > archive.len()) {
        return by_pieces(bytes, out);
    }
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
        if encrypted {
            locked(&mut archive, at, &name, out);
            continue;
        }
        match archive.by_index(at) {
            Ok(entry) => unpack(&name, entry, out),
            Err(ZipError::UnsupportedArchive(_)) => out.refuse_file(&name, Reason::Unsupported),
            Err(_) => out.refuse_file(&name, Reason::Broken),
        }
    }
}

/// Reads a file with the first password that fits.
fn locked(archive: &mut ZipArchive<Cursor<&[u8]>>, at: usize, name: &str, out: &mut Reader) {
    let room = out.room() as u64 + 1;
    let opened = out.unlock(ROUNDS, |password| password.forms().find_map(|form| decrypted(archive, at, &form, room)));
    match opened {
        Some(bytes) => unpacked(name, &bytes, out),
        None => out.refuse_file(name, Reason::Encrypted),
    }
}

/// The file, when the password is right: a wrong one may pass the first look, and then its sum is wrong.
fn decrypted(archive: &mut ZipArchive<Cursor<&[u8]>>, at: usize, password: &[u8], room: u64) -> Option<Vec<u8>> {
    let entry = archive.by_index_decrypt(at, password).ok()?;
    let mut bytes = Vec::new();
    entry.take(room).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// Reads the files of an archive whose directory does not tell of all of them: damaged, cut off, or deceiving.
fn by_pieces(bytes: &[u8], out: &mut Reader) {
    out.refuse(if listing(bytes).encrypted { Reason::Encrypted } else { Reason::Broken });
    let mut from = 0;
    while let Some(at) = bytes.get(from..).and_then(|rest| memmem::find(rest, FILE)).map(|found| from + found) {
        if out.full() {
            return out.refuse(Reason::TooBig);
        }
        from = piece(bytes, at, out).unwrap_or(at + FILE.len());
    }
}

/// Reads the file whose header stands at `at`; where it ends.
fn piece(bytes: &[u8], at: usize, out: &mut Reader) -> Option<usize> {
    let header = bytes.get(at..at + 30)?;
    let short = |from: usize| Some(usize::from(u16::from_le_bytes(header.get(from..from + 2)?.try_into().ok()?)));
    let (flags, method) = (short(6)?, short(8)?);
    let name_end = at + 30 + short(26)?;
    let name = entry_name(bytes.get(at + 30..name_end)?);
    let data = name_end + short(28)?;
    // 0: it stands behind the data (4.4.4, bit 3)
    let size = usize::try_from(u32::from_le_bytes(header.get(18..22)?.try_into().ok()?)).ok()?;
    let rest = bytes.get(data..)?;
    let known = rest.get(..size).filter(|_| size > 0);
    match (method, known) {
        _ if name.ends_with('/') => {}
        _ if flags & 1 != 0 => out.refuse_file(&name, Reason::Encrypted),
        (0, Some(stored)) => unpack(&name, stored, out),
        // the stream says where it ends
        (8, known) => unpack(&name, DeflateDecoder::new(known.unwrap_or(rest)), out),
        (0, None) => out.refuse_file(&name, Reason::Broken),
        _ => out.refuse_file(&name, Reason::Unsupported),
    }
    Some(data + known.map_or(0, <[u8]>::len))
}

/// How many entries the end of the directory says there are; not with ZIP64.
fn entries_said(bytes: &[u8]) -> Option<usize> {
    let tail = bytes.get(bytes.len().saturating_sub(TAIL)..)?;
    let end = tail.get(memmem::rfind(tail, END)?..)?;
    let said = u16::from_le_bytes(end.get(10..12)?.try_into().ok()?);
    (said != u16::MAX).then_some(usize::from(said))
}

/// Whether the end of a directory stands at the end of the file, whatever stands at its beginning.
pub(crate) fn is_at_the_end(bytes: &[u8]) -> bool {
    entries_said(bytes).is_some_and(|said| said > 0)
}

/// Names are in UTF-8 or, from Windows in Japan, in code page 932, whatever their flag says.
pub(crate) fn entry_name(raw: &[u8]) -> String {
    match std::str::from_utf8(raw) {
        Ok(name) => name.to_owned(),
        Err(_) => message::charset::decode(raw, Some("shift_jis")),
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
