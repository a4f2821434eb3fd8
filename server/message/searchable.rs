//! What a search looks at in a mail: its header fields and its texts, decoded and not folded. How texts are compared is
//! not decided here.

use std::borrow::Cow;

use crate::{LeafRole, Parsed, decode_words, fields};
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
            out.extend(fields.map(|text| SearchText { text, html: false }));
        }
        for leaf in parsed.leaves() {
            match leaf.role {
                LeafRole::Message if depth < limits.depth => inner.push(Cow::Owned(leaf.bytes.into_owned())),
                role => out.extend(leaf.text.map(|text| SearchText { text, html: role == LeafRole::Html })),
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

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
