//! Files `.msg` (MS-OXMSG): a compound file whose storages are the mail, its recipients and its attachments, each with
//! its properties.

use std::collections::HashMap;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

use cfb::CompoundFile;

use super::mapi::{BINARY, OBJECT, Properties, Property};
use crate::Reason;
use crate::reader::Reader;

/// Properties that are read of one storage.
const PROPERTIES: usize = 10_000;
/// The first number of the properties that have names (2.2.3).
const NAMED: u16 = 0x8000;

const DATA: u16 = 0x3701;
const DISPLAY_NAME: u16 = 0x3001;
const LONG_NAME: u16 = 0x3707;
const SHORT_NAME: u16 = 0x3704;

type Container<'a> = CompoundFile<Cursor<&'a [u8]>>;

/// Whether a compound file is a mail, by the name that every one has.
pub(crate) fn is_msg(bytes: &[u8]) -> bool {
    let name: Vec<u8> = "__properties_version1.0".encode_utf16().flat_map(u16::to_le_bytes).collect();
    memchr::memmem::find(bytes, &name).is_some()
}

/// Reads a mail.
pub(crate) fn read(bytes: &[u8], out: &mut Reader) {
    match CompoundFile::open(Cursor::new(bytes)) {
        Ok(mut container) => {
            let names = names(&mut container);
            mail(&mut container, Path::new("/"), &names, out);
        }
        Err(_) => out.refuse(Reason::Broken),
    }
}

/// A mail at this storage, the outer one or one that is attached.
fn mail(container: &mut Container<'_>, at: &Path, names: &HashMap<u16, String>, out: &mut Reader) {
    properties(container, at, names, out).give(out);
    for storage in storages(container, at) {
        let name = storage.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if name.starts_with("__recip_version1.0") {
            let recipient = properties(container, &storage, names, out).others();
            out.text(crate::TextKind::Plain, recipient);
        } else if name.starts_with("__attach_version1.0") {
            if out.full() {
                return out.refuse(Reason::TooBig);
            }
            attachment(container, &storage, names, out);
        }
    }
}

fn attachment(container: &mut Container<'_>, at: &Path, names: &HashMap<u16, String>, out: &mut Reader) {
    let properties = properties(container, at, names, out);
    let named = [LONG_NAME, SHORT_NAME, DISPLAY_NAME].map(|id| properties.text(id));
    let name = named.into_iter().find(|name| !name.is_empty()).unwrap_or_default();
    let inner = at.join(format!("__substg1.0_{DATA:04X}{OBJECT:04X}"));
    if container.is_storage(&inner) {
        if container.is_stream(inner.join("__properties_version1.0")) {
            out.within(&name, |out| mail(container, &inner, names, out));
        } else {
            // a drawing or sheet of another program, as its streams
            objects(container, &inner, &name, out);
        }
    } else if let Some(data) = properties.value(DATA).filter(|data| data.kind == BINARY) {
        out.file(&name, &data.value);
    }
}

/// The streams of an object that was put into the text, each as a file.
fn objects(container: &mut Container<'_>, at: &Path, name: &str, out: &mut Reader) {
    for stream in streams(container, at) {
        if let Some(bytes) = stream_bytes(container, &stream, out) {
            out.file(name, &bytes);
        }
    }
}

/// The properties of a storage: each text and each run of bytes is a stream of its own.
fn properties(container: &mut Container<'_>, at: &Path, names: &HashMap<u16, String>, out: &mut Reader) -> Properties {
    let mut found = Vec::new();
    for stream in streams(container, at) {
        let name = stream.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if name == "__properties_version1.0" {
            let bytes = stream_bytes(container, &stream, out).unwrap_or_default();
            found.extend(fixed(&bytes));
        }
        let Some((id, kind)) = name.strip_prefix("__substg1.0_").and_then(tag) else { continue };
        if let Some(value) = stream_bytes(container, &stream, out) {
            found.push(Property { id, kind, label: names.get(&id).cloned(), value });
        }
    }
    Properties(found)
}

/// The number and type in the name of a stream: `0037001F`, of several values `8001101F-00000000`.
fn tag(name: &str) -> Option<(u16, u16)> {
    let part = |range: std::ops::Range<usize>| u16::from_str_radix(name.get(range)?, 16).ok();
    let (id, kind) = (part(0..4)?, part(4..8)?);
    // without its number, the stream of several values only says how long each is
    (kind & 0x1000 == 0 || name.len() > 8).then_some((id, kind))
}

/// The properties of a fixed size: rows of 16 bytes behind a heading of 8, 24 or 32 (2.4).
fn fixed(bytes: &[u8]) -> Vec<Property> {
    let rows = bytes.get(bytes.len() % 16..).unwrap_or_default().chunks_exact(16).take(PROPERTIES);
    let row = |row: &[u8]| {
        let number = |at: usize| row.get(at..at + 2)?.try_into().ok().map(u16::from_le_bytes);
        let (kind, id) = (number(0)?, number(2)?);
        let value = row.get(8..12)?.to_vec();
        (kind == 3).then_some(Property { id, kind, label: None, value })
    };
    rows.filter_map(row).collect()
}

/// The names of the properties that users made (2.2.3): entries of eight bytes, and the names they point to.
fn names(container: &mut Container<'_>) -> HashMap<u16, String> {
    let mut whole = |name: &str| {
        let mut bytes = Vec::new();
        let path = Path::new("/__nameid_version1.0").join(name);
        let read = container.open_stream(path).map(|stream| stream.take(1 << 20).read_to_end(&mut bytes));
        if read.is_ok() { bytes } else { Vec::new() }
    };
    let (entries, strings) = (whole("__substg1.0_00030102"), whole("__substg1.0_00040102"));
    let entry = |entry: &[u8]| {
        let number = |at: usize, size: usize| {
            let bytes = entry.get(at..at + size)?;
            Some(bytes.iter().rev().fold(0usize, |value, &byte| value << 8 | usize::from(byte)))
        };
        let (offset, kind, index) = (number(0, 4)?, number(4, 2)?, number(6, 2)?);
        if kind & 1 == 0 {
            return None;
        }
        let length =
            strings.get(offset..offset + 4)?.iter().rev().fold(0usize, |value, &byte| value << 8 | usize::from(byte));
        let name = strings.get(offset + 4..offset.checked_add(4)?.checked_add(length)?)?;
        let id = NAMED.checked_add(u16::try_from(index).ok()?)?;
        Some((id, encoding_rs::UTF_16LE.decode_without_bom_handling(name).0.into_owned()))
    };
    entries.chunks_exact(8).take(PROPERTIES).filter_map(entry).collect()
}

fn storages(container: &Container<'_>, at: &Path) -> Vec<PathBuf> {
    children(container, at, |entry| entry.is_storage())
}

fn streams(container: &Container<'_>, at: &Path) -> Vec<PathBuf> {
    children(container, at, |entry| entry.is_stream())
}

fn children(container: &Container<'_>, at: &Path, wanted: fn(&cfb::Entry) -> bool) -> Vec<PathBuf> {
    let Ok(entries) = container.read_storage(at) else { return Vec::new() };
    entries.take(PROPERTIES).filter(wanted).map(|entry| entry.path().to_path_buf()).collect()
}

/// The bytes of a stream, out of the room.
fn stream_bytes(container: &mut Container<'_>, path: &Path, out: &mut Reader) -> Option<Vec<u8>> {
    let stream = container.open_stream(path).ok()?;
    let mut bytes = Vec::new();
    let whole = stream.take(out.room() as u64 + 1).read_to_end(&mut bytes).is_ok();
    if !whole {
        out.refuse(Reason::Broken);
    }
    out.take(bytes.len()).then_some(bytes)
}
