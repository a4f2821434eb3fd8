//! Attached mails: their texts, header fields and attachments, by the same rules, to a limited depth.

use message::{Leaf, Parsed};
use types::Limits;

use crate::{Extracted, NotInspected, Reason, Text, TextKind, at_depth};

/// Mails within mails that are opened at most.
const DEPTH: usize = 8;

/// Adds what an attached mail holds.
pub(crate) fn read(leaf: &Leaf, limits: &Limits, depth: usize, out: &mut Extracted) {
    if depth >= DEPTH.min(limits.depth) {
        out.refuse(leaf, Reason::TooBig);
        return;
    }
    let parsed = Parsed::parse(&leaf.bytes, limits);
    // the subject says what its texts are about, as a file name does
    let subject = Some(parsed.subject()).filter(|subject| !subject.is_empty());
    for (name, text) in parsed.header_texts() {
        out.push(TextKind::Header(name.to_ascii_lowercase()), text);
    }
    for inner in parsed.leaves() {
        if let Some(name) = inner.name.clone() {
            let kind = TextKind::Name;
            out.texts.push(Text { inner: inner.part.clone(), kind, name: Some(name.clone()), text: name });
        }
        let found = at_depth(&inner, limits, depth + 1);
        let path = |rest: &str| if rest.is_empty() { inner.part.clone() } else { format!("{}/{rest}", inner.part) };
        out.texts.extend(found.texts.into_iter().map(|text| Text {
            inner: path(&text.inner),
            name: text.name.or_else(|| inner.name.clone()).or_else(|| subject.clone()),
            ..text
        }));
        out.not_inspected.extend(found.not_inspected.into_iter().map(|refused| NotInspected {
            part: leaf.part.clone(),
            inner: path(&refused.inner),
            reason: refused.reason,
        }));
    }
}
