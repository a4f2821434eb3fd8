//! The binary presentations of PowerPoint 97 to 2003 ([MS-PPT]): the texts of all slides, notes and comments, and
//! the objects in them.

use std::io::Read;

use encoding_rs::UTF_16LE;
use flate2::read::ZlibDecoder;

use super::native::long;
use crate::reader::Reader;
use crate::{Reason, TextKind};

/// Records with text in UTF-16, and in its low bytes alone (2.9.42, 2.9.43), names and comments (2.2.25).
const WIDE: u16 = 0x0fa0;
const NARROW: u16 = 0x0fa8;
const NAME: u16 = 0x0fba;
/// An object (2.10.34).
const OBJECT: u16 = 0x1011;
/// Bytes of text at most.
const TEXT: usize = 32 << 20;

/// Whether the stream `Current User` says that the slides need a password (2.3.2).
pub(super) fn is_encrypted(user: &[u8]) -> bool {
    long(user, 12) == Some(0xf3d1_c4df)
}

/// Reads the stream `PowerPoint Document`.
pub(super) fn read(bytes: &[u8], out: &mut Reader) {
    let mut text = String::new();
    let mut rest = bytes;
    while let Some((kind, size)) = header(rest) {
        rest = rest.get(8..).unwrap_or_default();
        // the records of a container follow one another like all others
        let Some(atom) = size else { continue };
        if atom > rest.len() {
            out.refuse(Reason::Broken);
        }
        let content = rest.get(..atom).unwrap_or(rest);
        match kind.1 {
            WIDE | NAME => text.push_str(&UTF_16LE.decode_without_bom_handling(content).0),
            NARROW => text.extend(content.iter().map(|&byte| char::from(byte))),
            OBJECT => object(content, kind.0 >> 4 == 1, out),
            _ => {}
        }
        if matches!(kind.1, WIDE | NAME | NARROW) {
            text.push('\n');
        }
        if text.len() > TEXT {
            out.refuse(Reason::TooBig);
            break;
        }
        rest = rest.get(content.len()..).unwrap_or_default();
    }
    out.text(TextKind::Plain, text.replace(['\r', '\u{b}'], "\n"));
}

/// Version with instance, and type of a record, and the size of its content unless that is records again (2.3.1).
fn header(bytes: &[u8]) -> Option<((u16, u16), Option<usize>)> {
    let head = u16::from_le_bytes(bytes.get(..2)?.try_into().ok()?);
    let kind = u16::from_le_bytes(bytes.get(2..4)?.try_into().ok()?);
    let size = long(bytes, 4)?;
    Some(((head, kind), (head & 0xf != 0xf).then_some(size)))
}

fn object(content: &[u8], compressed: bool, out: &mut Reader) {
    if !compressed {
        return out.file("object", content);
    }
    let mut bytes = Vec::new();
    let stream = ZlibDecoder::new(content.get(4..).unwrap_or_default());
    let whole = stream.take(out.room() as u64 + 1).read_to_end(&mut bytes).is_ok();
    if !out.take(bytes.len()) {
        return;
    }
    if !whole {
        out.refuse(Reason::Broken);
    }
    out.file("object", &bytes);
}
