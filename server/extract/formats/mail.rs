//! Attached mails: their texts, header fields and attachments, by the same rules.

use message::{Leaf, Parsed};

use crate::TextKind;
use crate::reader::Reader;

/// Reads an attached mail.
pub(crate) fn read(leaf: &Leaf, out: &mut Reader) {
    let parsed = Parsed::parse(&leaf.bytes, out.limits());
    // the subject says what its texts are about, as a file name does
    let subject = Some(parsed.subject()).filter(|subject| !subject.is_empty());
    for (name, text) in parsed.header_texts() {
        out.text(TextKind::Header(name.to_ascii_lowercase()), text);
    }
    for inner in parsed.leaves() {
        out.leaf(&inner.part, &inner, subject.as_deref());
    }
}
