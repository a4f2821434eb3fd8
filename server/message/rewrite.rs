//! Changing a finished mail on its way out: which lines are put before it and what of it is cut out. Where somebody signed
//! or encrypted it, what that covers is never touched; callers ask [`protection`] first.

mod footer;
mod part;
mod tail;

use std::ops::Range;

use crate::encode::{Charset, folded, unstructured};
use crate::header::fields;
use crate::parsed::Parsed;
use crate::summary::Part;

pub use footer::{NotAppended, with_footers};
pub(crate) use part::new_boundary;

/// The fields that say to whom else a mail goes (RFC 5322 3.6.3, 3.6.6), and those in which programs note it.
const RECIPIENT_FIELDS: [&str; 11] = [
    "To",
    "Cc",
    "Bcc",
    "Resent-To",
    "Resent-Cc",
    "Resent-Bcc",
    "Apparently-To",
    "Envelope-To",
    "X-Envelope-To",
    "X-Original-To",
    "Delivered-To",
];
/// What stands in To when nobody is named (RFC 5322 3.4, a group without members).
pub const NOBODY: &[u8] = b"To: undisclosed-recipients:;\r\n";

/// How somebody protected a mail himself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection {
    /// Nobody did.
    None,
    /// It is signed (RFC 1847 2.1, RFC 8551): every changed byte of its body breaks that.
    Signed,
    /// The same, and its header stands within once more (RFC 9788).
    SignedWithHeader,
    /// It is encrypted (RFC 1847 2.2, RFC 8551): what is within cannot be seen.
    Encrypted,
}

/// How a mail is protected, as its outermost parts say. A mail that was signed and then packed among others (by a list, with a
/// footer) counts too.
#[must_use]
pub fn protection(mail: &Parsed<'_>) -> Protection {
    let mut found = Protection::None;
    let mut open = vec![mail.root()];
    while let Some(part) = open.pop() {
        match (of_part(part), found) {
            (Protection::Encrypted, _) => return Protection::Encrypted,
            (Protection::Signed, _) if has_header(part) => found = Protection::SignedWithHeader,
            (Protection::Signed, Protection::None) => found = Protection::Signed,
            _ => {}
        }
        // the header of an attached mail is that mail's affair
        if part.message.is_none() {
            open.extend(&part.children);
        }
    }
    found
}

fn of_part(part: &Part) -> Protection {
    let smime = part.param("smime-type").unwrap_or_default().to_ascii_lowercase();
    match part.content_type().as_str() {
        "multipart/encrypted" => Protection::Encrypted,
        "multipart/signed" => Protection::Signed,
        "application/pkcs7-mime" | "application/x-pkcs7-mime" => match smime.as_str() {
            "signed-data" | "certs-only" => Protection::Signed,
            _ => Protection::Encrypted,
        },
        _ => Protection::None,
    }
}

/// Whether a signed part repeats the mail's header (RFC 9788 4, and its drafts).
fn has_header(part: &Part) -> bool {
    let says = |part: &Part| part.param("hp").is_some() || part.param("protected-headers").is_some();
    says(part) || part.children.iter().any(says)
}

/// The ranges of a mail that name its recipients; [`NOBODY`] takes their place.
#[must_use]
pub fn recipient_fields(mail: &[u8]) -> Vec<Range<u64>> {
    let named = fields(mail).filter(|field| RECIPIENT_FIELDS.iter().any(|name| field.is(name)));
    named.map(|field| field.range.start as u64..field.range.end as u64).collect()
}

/// A line to stand before a header, its value in any characters, folded, with its line end.
#[must_use]
pub fn line(name: &str, value: &str) -> Vec<u8> {
    let one_line: String = value.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    folded(name, &unstructured(&one_line, Charset::Utf8)).into_bytes()
}

#[cfg(test)]
mod tests {
    use types::Limits;

    use super::*;

    fn of(mail: &str) -> Protection {
        protection(&Parsed::parse(mail.replace('\n', "\r\n").as_bytes(), &Limits::default()))
    }

    #[test]
    fn who_signed_or_encrypted_is_seen() {
        let part = "--b\nContent-Type: text/plain";
        for (head, found) in [
            ("text/plain", Protection::None),
            ("multipart/mixed; boundary=b", Protection::None),
            ("multipart/signed; boundary=b; protocol=\"application/pgp-signature\"", Protection::Signed),
            ("multipart/signed; boundary=b; hp=clear", Protection::SignedWithHeader),
            ("multipart/encrypted; boundary=b", Protection::Encrypted),
            ("application/pkcs7-mime; smime-type=enveloped-data", Protection::Encrypted),
            ("application/x-pkcs7-mime; smime-type=signed-data", Protection::Signed),
            ("application/pkcs7-mime", Protection::Encrypted),
        ] {
            assert_eq!(of(&format!("Content-Type: {head}\n\n{part}\n\nhello\n--b--\n")), found, "{head}");
        }
        let hidden = "Content-Type: multipart/signed; boundary=b\n\n--b\nContent-Type: text/plain; protected-headers=v1\n\nx\n--b--\n";
        assert_eq!(of(hidden), Protection::SignedWithHeader);
        let packed = "Content-Type: multipart/mixed; boundary=m\n\n--m\nContent-Type: multipart/signed; boundary=b\n\n--b\n\nx\n--b--\n--m--\n";
        assert_eq!(of(packed), Protection::Signed);
        let attached = "Content-Type: multipart/mixed; boundary=m\n\n--m\nContent-Type: message/rfc822\n\nContent-Type: multipart/signed; boundary=b\n\n--b\n\nx\n--b--\n--m--\n";
        assert_eq!(of(attached), Protection::None);
    }

    #[test]
    fn nobody_else_is_named_in_what_is_left() {
        let mail = b"To: a@x.example,\r\n b@y.example\r\nFrom: c@z.example\r\nCC : d@x.example\r\nResent-To: e@x.example\r\nSubject: f\r\n\r\nTo: stays\r\n";
        let mut left = Vec::new();
        let mut at = 0;
        for cut in recipient_fields(mail) {
            left.extend_from_slice(&mail[at..cut.start as usize]);
            at = cut.end as usize;
        }
        left.extend_from_slice(&mail[at..]);
        assert_eq!(left, b"From: c@z.example\r\nSubject: f\r\n\r\nTo: stays\r\n");
    }

    #[test]
    fn a_line_is_one_field_whatever_it_says() {
        assert_eq!(line("X-Class", "internal"), b"X-Class: internal\r\n");
        let text = String::from_utf8(line("X-Class", &"社外秘の資料です。".repeat(20))).unwrap();
        assert!(text.is_ascii() && text.lines().all(|line| line.len() < 80), "{text}");
        assert_eq!(
            Parsed::parse(text.as_bytes(), &Limits::default()).header("X-Class").unwrap(),
            "社外秘の資料です。".repeat(20)
        );
        let text = String::from_utf8(line("X-A", "b\r\nBcc: x@y.example")).unwrap();
        assert_eq!(fields(text.as_bytes()).count(), 1, "{text}");
    }

    proptest::proptest! {
        #[test]
        fn any_value_makes_one_field(value in "\\PC{0,200}") {
            proptest::prop_assert_eq!(fields(&line("X-A", &value)).count(), 1);
        }
        #[test]
        fn what_is_cut_is_in_the_header(mail in "[ToCcBRresnt:\\- \r\n]{0,200}") {
            let end = fields(mail.as_bytes()).last().map_or(0, |field| field.range.end as u64);
            let cuts = recipient_fields(mail.as_bytes());
            proptest::prop_assert!(cuts.iter().all(|cut| cut.start < cut.end && cut.end <= end));
            proptest::prop_assert!(cuts.windows(2).all(|two| two[0].end <= two[1].start));
        }
    }
}
