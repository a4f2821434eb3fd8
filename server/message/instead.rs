//! A mail that goes in place of another: the header of that one, as far as it may be shown, over a text of ours.

use crate::compose::text_part;
use crate::header::header_fields;
use crate::parsed::Parsed;

/// The fields by which people and programs know a mail again (RFC 5322 3.6), without those of its body and of its way.
const FIELDS: [&str; 10] =
    ["From", "Sender", "Reply-To", "To", "Cc", "Subject", "Date", "Message-ID", "In-Reply-To", "References"];

/// The fields of a mail by which it is known again, as they were written: what [`with_text`] begins with.
#[must_use]
pub fn head(mail: &Parsed<'_>) -> Vec<u8> {
    let mut out = header_fields(mail.header_block(), &FIELDS, false);
    // without the empty line at its end
    out.truncate(out.len().saturating_sub(2));
    out
}

/// A mail of this [`head`] with `text` in place of its body, parts and all.
#[must_use]
pub fn with_text(head: &[u8], text: &str) -> Vec<u8> {
    let mut out = head.to_vec();
    out.extend_from_slice(b"MIME-Version: 1.0\r\n");
    out.extend(text_part(text));
    out
}

#[cfg(test)]
mod tests {
    use types::Limits;

    use super::*;

    #[test]
    fn nothing_of_the_body_is_left_and_the_header_is_known_again() {
        let bytes = b"From: Taro <taro@example.jp>\r\nTo: a@x.example,\r\n b@x.example\r\nBcc: c@x.example\r\n\
            Subject: =?utf-8?B?5ZCN57C/?=\r\nMessage-ID: <1@example.jp>\r\nX-Own: 1\r\n\
            Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nsecret\r\n--b--\r\n";
        let made = with_text(&head(&Parsed::parse(bytes, &Limits::default())), "リンク\n");
        let text = String::from_utf8(made.clone()).unwrap();
        assert!(
            text.starts_with("From: Taro <taro@example.jp>\r\nTo: a@x.example,\r\n b@x.example\r\nSubject: "),
            "{text}"
        );
        assert!(!text.contains("secret") && !text.contains("Bcc") && !text.contains("X-Own"), "{text}");
        let read = Parsed::parse(&made, &Limits::default());
        assert_eq!((read.subject().as_str(), read.message_id().as_deref()), ("名簿", Some("1@example.jp")));
        assert_eq!(crate::view::text(&read, crate::charset::Forced::default(), None).trim_end(), "リンク");
    }
}
