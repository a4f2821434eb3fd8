//! What a search looks at in a mail: its header fields and its texts, decoded and not folded. How texts are compared is
//! not decided here.

use std::borrow::Cow;

use crate::leaf::role;
use crate::{LeafRole, Parsed, Part, decode_words, fields};
use types::Limits;

/// The fields of a header block as a reader sees them: name in capitals, value with its encoded words decoded.
#[must_use]
pub fn spoken_fields(block: &[u8]) -> Vec<(String, String)> {
    let name = |bytes: &[u8]| String::from_utf8_lossy(bytes).to_ascii_uppercase();
    fields(block).map(|field| (name(field.name), decode_words(field.value))).collect()
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
}

/// The texts of a mail; of attached mails the header fields too. Attached files count as far as they are text
/// themselves.
#[must_use]
pub fn search_texts(mail: &[u8], limits: &Limits) -> Vec<SearchText> {
    let (mut out, mut inner, mut depth) = (Vec::new(), vec![Cow::Borrowed(mail)], 0);
    while let Some(mail) = inner.pop() {
        depth += 1;
        let parsed = Parsed::parse(&mail, limits);
        if depth > 1 {
            let fields = fields(parsed.header_block()).map(|field| decode_words(field.value));
            out.extend(fields.map(|text| SearchText { text, html: false, part: String::new() }));
        }
        for leaf in parsed.leaves() {
            match leaf.role {
                LeafRole::Message if depth < limits.depth => inner.push(Cow::Owned(leaf.bytes.into_owned())),
                role => {
                    let part = if depth == 1 { leaf.part } else { String::new() };
                    out.extend(leaf.text.map(|text| SearchText { text, html: role == LeafRole::Html, part }));
                }
            }
        }
    }
    out
}

/// Whether a mail has files or attached mails, or files inside its text: what decoding its texts does not show. At
/// times it says so of a mail that has none.
#[must_use]
pub fn has_files(mail: &[u8], limits: &Limits) -> bool {
    let parsed = Parsed::parse(mail, limits);
    let in_text = || memchr::memmem::find(mail, b"\nbegin ").is_some() || memchr::memmem::find(mail, BINHEX).is_some();
    let beside = |part: &Part| matches!(role(part), LeafRole::Attachment | LeafRole::Message);
    parsed.root().leaves().iter().any(|(_, part)| beside(part)) || in_text()
}

/// How a file in BinHex begins inside a text.
const BINHEX: &[u8] = b"(This file must be converted with BinHex";

#[cfg(test)]
mod tests {
    use super::*;

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
