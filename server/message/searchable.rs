//! What a search looks at in a mail: its header fields and its texts, decoded and not folded. How texts are compared is
//! not decided here.

use std::borrow::Cow;

use types::Limits;

use crate::leaf::{self, is_textual, role, role_of};
use crate::structure::walk;
use crate::{Leaf, LeafRole, Part, decode_words, fields, hidden};

/// The fields of a header block as a reader sees them: name in capitals, value with its encoded words decoded.
#[must_use]
pub fn spoken_fields(block: &[u8]) -> Vec<(String, String)> {
    spoken_fields_of(block, |_| true)
}

/// Those of the fields whose name (in capitals) is wanted. A whole mail may be given: what follows its header is not read.
#[must_use]
pub fn spoken_fields_of(block: &[u8], wanted: impl Fn(&str) -> bool) -> Vec<(String, String)> {
    let name = |bytes: &[u8]| String::from_utf8_lossy(bytes).to_ascii_uppercase();
    let named = fields(block).map(|field| (name(field.name), field.value)).filter(|(name, _)| wanted(name));
    named.map(|(name, value)| (name, decode_words(value))).collect()
}

/// A text of a mail.
#[derive(Clone, PartialEq, Eq)]
pub struct SearchText {
    /// The text; of HTML its source.
    pub text: String,
    /// Whether it is HTML.
    pub html: bool,
    /// The IMAP number of its part; empty for what stands in an attached mail.
    pub part: String,
    /// Whether its part is a file of this very mail, which is read as a file too.
    pub attached: bool,
}

/// What decoding a mail shows of its texts.
pub struct Searchable {
    /// As [`search_texts`] gives them.
    pub texts: Vec<SearchText>,
    /// As [`has_files`] says.
    pub has_files: bool,
}

impl Searchable {
    /// Of this mail. What is no text is not even decoded.
    #[must_use]
    pub fn of(mail: &[u8], limits: &Limits) -> Self {
        let mut shown = Self { texts: Vec::new(), has_files: false };
        let (mut inner, mut depth) = (vec![Cow::Borrowed(mail)], 0);
        while let Some(mail) = inner.pop() {
            depth += 1;
            let root = walk(&mail, limits);
            if depth == 1 {
                shown.has_files = files_in(&mail, &root);
            } else {
                let fields = fields(mail.get(..root.body_start as usize).unwrap_or_default());
                shown.texts.extend(fields.map(|field| SearchText::inner(decode_words(field.value), false)));
            }
            for (number, part) in root.leaves() {
                if role_of(part) == LeafRole::Message && depth < limits.depth {
                    inner.push(Cow::Owned(leaf::leaf(&mail, number, part).bytes.into_owned()));
                } else if is_textual(part) {
                    shown.texts.extend(SearchText::of(leaf::leaf(&mail, number, part), depth));
                }
            }
            let outside = hidden::outside_parts(&mail, &root).into_iter();
            shown.texts.extend(outside.filter_map(|text| SearchText::of(leaf::outside(text), depth)));
        }
        shown
    }
}

impl SearchText {
    fn inner(text: String, html: bool) -> Self {
        Self { text, html, part: String::new(), attached: false }
    }

    fn of(leaf: Leaf<'_>, depth: usize) -> Option<Self> {
        let (text, html) = (leaf.text?, leaf.role == LeafRole::Html);
        let own = Self { text, html, part: leaf.part, attached: leaf.role == LeafRole::Attachment };
        Some(if depth == 1 { own } else { Self::inner(own.text, html) })
    }
}

/// The texts of a mail; of attached mails the header fields too. Attached files count as far as they are text
/// themselves.
#[must_use]
pub fn search_texts(mail: &[u8], limits: &Limits) -> Vec<SearchText> {
    Searchable::of(mail, limits).texts
}

/// Whether a mail has files or attached mails, or files inside its text: what decoding its texts does not show. At
/// times it says so of a mail that has none.
#[must_use]
pub fn has_files(mail: &[u8], limits: &Limits) -> bool {
    files_in(mail, &walk(mail, limits))
}

fn files_in(mail: &[u8], root: &Part) -> bool {
    let in_text = || memchr::memmem::find(mail, b"\nbegin ").is_some() || memchr::memmem::find(mail, BINHEX).is_some();
    let beside = |part: &Part| matches!(role(part), LeafRole::Attachment | LeafRole::Message);
    root.leaves().iter().any(|(_, part)| beside(part)) || in_text()
}

/// How a file in BinHex begins inside a text.
const BINHEX: &[u8] = b"(This file must be converted with BinHex";

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Parsed;

    #[test]
    fn files_are_known_by_the_parts_and_by_their_beginning_inside_a_text() {
        let multipart = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n--b\r\n";
        for (mail, want) in [
            ("Subject: x\r\n\r\ntext to begin with".to_owned(), false),
            (format!("{multipart}Content-Type: text/html\r\n\r\n<p>x\r\n--b--\r\n"), false),
            (format!("{multipart}Content-Type: image/png\r\n\r\nx\r\n--b--\r\n"), true),
            (format!("{multipart}Content-Type: text/plain; name=a.txt\r\n\r\nx\r\n--b--\r\n"), true),
            (format!("{multipart}Content-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\n--b--\r\n"), true),
            ("Subject: x\r\n\r\nhere\r\nbegin 644 a.zip\r\n`\r\nend\r\n".to_owned(), true),
        ] {
            assert_eq!(has_files(mail.as_bytes(), &Limits::default()), want, "{mail}");
        }
    }

    /// The same by way of all leaves, each of them decoded.
    fn slowly(mail: &[u8], limits: &Limits) -> Vec<(String, bool, String)> {
        let (mut out, mut inner, mut depth) = (Vec::new(), vec![mail.to_vec()], 0);
        while let Some(mail) = inner.pop() {
            depth += 1;
            let parsed = Parsed::parse(&mail, limits);
            if depth > 1 {
                out.extend(
                    fields(parsed.header_block()).map(|field| (decode_words(field.value), false, String::new())),
                );
            }
            for leaf in parsed.leaves() {
                match leaf.role {
                    LeafRole::Message if depth < limits.depth => inner.push(leaf.bytes.into_owned()),
                    role => {
                        let part = if depth == 1 { leaf.part } else { String::new() };
                        out.extend(leaf.text.map(|text| (text, role == LeafRole::Html, part)));
                    }
                }
            }
        }
        out
    }

    proptest! {
        #[test]
        fn what_is_shown_is_what_all_leaves_together_say(pieces in prop::collection::vec(prop::sample::select(vec![
            "Content-Type: multipart/mixed; boundary=b", "Content-Type: multipart/digest; boundary=\"c\"",
            "Content-Type: message/rfc822", "Content-Type: text/html; charset=utf-8", "Content-Type: image/png; name=a",
            "Content-Type: text/csv", "Content-Disposition: attachment", "Subject: =?UTF-8?B?6KaL56mN?=",
            "Content-Transfer-Encoding: base64", "\r\n", "\r\n", "\r\n", "--b", "--b", "--c", "--b--", "--c--", "表",
            "5omT44Gh", "begin 644 a.zip", "end", "text",
        ]), 0..60)) {
            let (mail, limits) = (pieces.join("\r\n"), Limits { depth: 4, ..Limits::default() });
            let shown = Searchable::of(mail.as_bytes(), &limits);
            let texts = shown.texts.into_iter().map(|text| (text.text, text.html, text.part));
            prop_assert_eq!(texts.collect::<Vec<_>>(), slowly(mail.as_bytes(), &limits));
            prop_assert_eq!(shown.has_files, has_files(mail.as_bytes(), &limits));
        }
    }

    #[test]
    fn an_attached_mail_is_searched_with_its_header() {
        let mail = b"Subject: outer\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nfirst\r\n--b\r\n\
            Content-Type: message/rfc822\r\n\r\nSubject: =?UTF-8?B?6KaL56mN?=\r\n\r\nsecond\r\n--b--\r\n";
        let texts = search_texts(mail, &Limits::default());
        let texts: Vec<&str> = texts.iter().map(|text| text.text.trim()).collect();
        assert_eq!(texts, ["first", "見積", "second"]);
        assert_eq!(
            spoken_fields(b"subject: =?UTF-8?B?6KaL56mN?=\r\n\r\n"),
            [("SUBJECT".to_owned(), "見積".to_owned())]
        );
    }
}
