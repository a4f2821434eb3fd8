//! What OLE wraps around a file that is put into a document ([MS-OLEDS] 2.3.6; the packager of Windows).

use crate::formats::zip;
use crate::reader::Reader;

/// Four bytes at this place, little-endian.
pub(crate) fn long(bytes: &[u8], at: usize) -> Option<usize> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    usize::try_from(u32::from_le_bytes(four.try_into().ok()?)).ok()
}

/// Reads the file of a package: its name, the way to it, its size and its bytes.
pub(crate) fn package(bytes: &[u8], out: &mut Reader) {
    match file(bytes) {
        Some((name, content)) => out.file(&zip::entry_name(name), content),
        None => out.file("object", bytes),
    }
}

/// Reads the stream `\x01Ole10Native` of an object: its size, then a package or the bytes of a program.
pub(crate) fn stream(bytes: &[u8], out: &mut Reader) {
    let Some(inner) = bytes.get(4..) else { return };
    match file(inner) {
        Some((name, content)) => out.file(&zip::entry_name(name), content),
        None => out.file("object", inner),
    }
}

fn file(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    // a mark of 2, the name, where it was, two marks, where it lay for a while
    let rest = bytes.strip_prefix(&[2, 0])?;
    let (name, rest) = word(rest)?;
    let (_, rest) = word(rest)?;
    let rest = rest.get(4..)?;
    let length = long(rest, 0)?;
    let rest = rest.get(4..)?.get(length..)?;
    let size = long(rest, 0)?;
    let content = rest.get(4..)?;
    Some((name, content.get(..size).unwrap_or(content)))
}

/// A word that ends with a zero.
fn word(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = memchr::memchr(0, bytes)?;
    Some((bytes.get(..end)?, bytes.get(end + 1..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_of_a_package_is_found() {
        let mut bytes = b"\x02\0a.txt\0C:\\a.txt\0\0\0\x03\0\x05\0\0\0C:\\t\0\x04\0\0\0text more".to_vec();
        assert_eq!(file(&bytes), Some((&b"a.txt"[..], &b"text"[..])));
        bytes.truncate(20);
        assert_eq!(file(&bytes), None);
    }
}
