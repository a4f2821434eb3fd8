//! A mail that goes in place of another: the header of that one, as far as it may be shown, over a text of ours, with a file of
//! ours beside it.

use crate::compose::{Mail, text_part};
use crate::encode::{Charset, base64_lines, old_parameter, parameter};
use crate::header::header_fields;
use crate::parsed::Parsed;
use crate::rewrite::new_boundary;

/// The fields by which people and programs know a mail again (RFC 5322 3.6), without those of its body and of its way.
const FIELDS: [&str; 10] =
    ["From", "Sender", "Reply-To", "To", "Cc", "Subject", "Date", "Message-ID", "In-Reply-To", "References"];

/// The fields of a mail by which it is known again, as they were written: what [`with_text`] begins with.
#[must_use]
pub fn head(mail: &Parsed<'_>) -> Vec<u8> {
    let mut out = header_fields(mail.header_block(), &FIELDS, false);
    // without the empty line at its end
    if out == b"\r\n" || out.ends_with(b"\n\r\n") {
        out.truncate(out.len() - 2);
    }
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

/// A file of ours.
#[derive(Debug, Clone, Copy)]
pub struct File<'a> {
    /// Its name, in any characters.
    pub name: &'a str,
    /// `type/subtype`.
    pub content_type: &'a str,
    /// Its content.
    pub bytes: &'a [u8],
}

/// The same with a file.
#[must_use]
pub fn with_text_and_file(head: &[u8], text: &str, file: File<'_>) -> Vec<u8> {
    beside(head.to_vec(), text, file)
}

/// A mail of which only the header is ours too, with this text and this file.
#[must_use]
pub fn mail_with_file(mail: Mail, text: &str, file: File<'_>) -> Vec<u8> {
    beside(mail.into_header(), text, file)
}

fn beside(header: Vec<u8>, text: &str, file: File<'_>) -> Vec<u8> {
    let text = text_part(text);
    let boundary = new_boundary(&text);
    let head =
        format!("MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"{boundary}\"\r\n\r\n--{boundary}\r\n");
    let fields = format!(
        "\r\n--{boundary}\r\nContent-Type: {}{}\r\nContent-Transfer-Encoding: base64\r\n\
         Content-Disposition: attachment{}\r\n\r\n",
        file.content_type,
        old_parameter("name", file.name, Charset::Utf8),
        parameter("filename", file.name)
    );
    let end = format!("--{boundary}--\r\n");
    [header, head.into_bytes(), text, fields.into_bytes(), base64_lines(file.bytes), end.into_bytes()].concat()
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

    #[test]
    fn a_file_stands_beside_the_text_and_the_boundary_in_neither() {
        let bytes = b"From: Taro <taro@example.jp>\r\nBcc: c@x.example\r\nSubject: s\r\n\r\nsecret\r\n";
        let file = File { name: "\u{6dfb}\u{4ed8}.zip", content_type: "application/zip", bytes: &[b'P'; 300] };
        let text = "hello\n--=_sekisho_0\n";
        let made = with_text_and_file(&head(&Parsed::parse(bytes, &Limits::default())), text, file);
        let written = String::from_utf8(made.clone()).unwrap();
        assert!(!written.contains("secret") && !written.contains("Bcc") && written.is_ascii(), "{written}");
        let read = Parsed::parse(&made, &Limits::default());
        assert_eq!(crate::view::text(&read, crate::charset::Forced::default(), None).trim_end(), text.trim_end());
        let files = crate::attachments::attachments(&read);
        assert_eq!((files.len(), files[0].name.as_str(), files[0].size), (1, file.name, 300));
        assert_eq!(crate::attachments::original(&read, &files[0]).as_deref(), Some(file.bytes));
    }
}
