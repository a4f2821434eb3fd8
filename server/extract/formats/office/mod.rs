//! Documents of Office and OpenDocument: which container one is, and which of its parts is read by whom. What a part
//! is, its root element says, so a part under a strange name is read all the same.

mod comments;
mod compound;
mod doc;
mod document;
pub(super) mod flat;
pub(super) mod flow;
mod kinds;
pub(super) mod marked;
pub(super) mod native;
mod odf;
mod package;
mod picture;
mod pivot;
mod ppt;
pub(super) mod protected;
mod relations;
mod rows;
mod salvage;
mod sheet;
mod strings;
mod styles;
mod word;
mod workbook;
mod xls;
mod xlsb;
mod xml;

use memchr::memmem;
use package::Package;

use crate::Reason;
use crate::reader::Reader;

/// Reads a document.
pub(crate) fn read(bytes: &[u8], out: &mut Reader) {
    if !bytes.starts_with(b"PK") {
        return compound::read(bytes, out);
    }
    let mut package = Package::open(bytes, out);
    match package.encrypted || is_encrypted(&mut package, out) {
        true => out.refuse(Reason::Encrypted),
        false => document::read(&mut package, out),
    }
}

/// Whether the manifest names a part that needs a password (ODF 1.3 part 2, 3.4).
fn is_encrypted(package: &mut Package, out: &mut Reader) -> bool {
    let manifest = package.find("META-INF/manifest.xml").map(|at| package.bytes(at, out));
    manifest.is_some_and(|manifest| memmem::find(&manifest, b"encryption-data").is_some())
}
