//! Attached mails: their texts, header fields and attachments, by the same rules. Mails come as they are sent, in
//! boxes of many (mbox), or as Outlook keeps them.

use message::{Leaf, LeafRole, Parsed};

use super::outlook::msg;
use crate::reader::Reader;
use crate::{Reason, TextKind, ornaments};

/// Reads an attached mail.
pub(crate) fn read(leaf: &Leaf, out: &mut Reader) {
    match leaf.bytes.as_ref() {
        bytes if msg::is_msg(bytes) => msg::read(bytes, out),
        bytes if is_box(bytes) => mails(bytes, out),
        bytes => mail(bytes, out),
    }
}

fn mail(bytes: &[u8], out: &mut Reader) {
    let parsed = Parsed::parse(bytes, out.limits());
    // the subject says what its texts are about, as a file name does
    let subject = Some(parsed.subject()).filter(|subject| !subject.is_empty());
    for (name, text) in parsed.header_texts() {
        out.text(TextKind::Header(name.to_ascii_lowercase()), text);
    }
    let leaves = parsed.leaves();
    let ornaments = ornaments(parsed.root(), &leaves);
    for inner in &leaves {
        out.leaf(&inner.part, inner, subject.as_deref(), ornaments.contains(&inner.part));
    }
}

/// Whether bytes begin as a box does: with the line that stands before each mail (RFC 4155).
pub(crate) fn is_box(bytes: &[u8]) -> bool {
    let line = bytes.split(|&byte| byte == b'\n').next().unwrap_or_default();
    // the year or the zone ends it
    bytes.starts_with(b"From ") && line.trim_ascii_end().last().is_some_and(u8::is_ascii_digit)
}

/// Reads each mail of a box; lines of theirs that begin as the separating line does have a `>` before them.
fn mails(bytes: &[u8], out: &mut Reader) {
    let mut starts: Vec<usize> = memchr::memmem::find_iter(bytes, b"\nFrom ").map(|at| at + 1).collect();
    starts.insert(0, 0);
    let ends = starts.iter().skip(1).copied().chain([bytes.len()]);
    for ((start, end), number) in starts.iter().copied().zip(ends).zip(1..) {
        if out.full() {
            return out.refuse(Reason::TooBig);
        }
        let whole = bytes.get(start..end).unwrap_or_default();
        let head = whole.iter().position(|&byte| byte == b'\n').map_or(whole.len(), |at| at + 1);
        let mail = Leaf {
            part: String::new(),
            role: LeafRole::Message,
            content_type: "message/rfc822".to_owned(),
            name: None,
            charset: None,
            bytes: whole.get(head..).unwrap_or_default().into(),
            text: None,
            issue: None,
        };
        out.leaf(&number.to_string(), &mail, None, false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_begins_with_its_line() {
        assert!(is_box(b"From a@b.example Thu Nov 26 10:00:00 2026\nSubject: x\n\ny\n"));
        assert!(!is_box(b"From: a@b.example\n") && !is_box(b"From here on we go\n"));
    }
}
