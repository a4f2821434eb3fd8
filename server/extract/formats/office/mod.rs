//! Documents of Office and OpenDocument: which container one is, and which of its parts is read by whom. What a part
//! is, its root element says, so a part under a strange name is read all the same.

mod comments;
mod flow;
mod kinds;
mod ooxml;
mod package;
mod picture;
mod pivot;
mod relations;
mod rows;
mod sheet;
mod strings;
mod styles;
mod word;
mod workbook;
mod xml;

use package::Package;

use crate::Reason;
use crate::reader::Reader;

/// Reads a document.
pub(crate) fn read(bytes: &[u8], out: &mut Reader) {
    if !bytes.starts_with(b"PK") {
        return out.refuse(Reason::Unsupported);
    }
    let mut package = Package::open(bytes, out);
    if package.encrypted {
        return out.refuse(Reason::Encrypted);
    }
    ooxml::read(&mut package, out);
}
