//! The objects of RTF: what OLE 1.0 wraps ([MS-OLEDS] 2.2).

use super::super::office::native;
use crate::reader::Reader;

/// Reads an object: a header with three names, then the bytes of the program that made it.
pub(super) fn read(data: &[u8], out: &mut Reader) {
    match embedded(data) {
        Some((class, bytes)) if class.eq_ignore_ascii_case(b"Package") => native::package(bytes, out),
        Some((class, bytes)) => out.file(&String::from_utf8_lossy(class), bytes),
        // a link holds no bytes
        None => {}
    }
}

/// Class and bytes of an embedded object (2.2.5).
fn embedded(data: &[u8]) -> Option<(&[u8], &[u8])> {
    let long = |at: usize| native::long(data, at);
    if long(4)? != 2 {
        return None;
    }
    let size = long(8)?;
    let class = data.get(12..12 + size)?;
    let mut at = 12 + size;
    for _ in 0..2 {
        at = at.checked_add(4)?.checked_add(long(at)?)?;
    }
    let size = long(at)?;
    let bytes = data.get(at + 4..)?;
    Some((class.strip_suffix(b"\0").unwrap_or(class), bytes.get(..size).unwrap_or(bytes)))
}
