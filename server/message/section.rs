//! IMAP's names for pieces of a mail (RFC 3501 6.4.5): `1.2.MIME`, `HEADER`, `2.TEXT`, and where they lie.

use std::ops::Range;

use crate::summary::{Part, PartKind, Summary};

/// A section: part numbers, and what of that part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// The part numbers, from 1; empty for the mail itself.
    pub path: Vec<u32>,
    /// What of it.
    pub what: What,
}

/// What of a part is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// `BODY[]` with its header, `BODY[1.2]` the body of the part.
    All,
    /// The header of the mail, or of the attached mail that the part is.
    Header,
    /// Some fields of that header, or with `not` all others.
    HeaderFields {
        /// The names asked for.
        names: Vec<String>,
        /// Whether all but these are asked for.
        not: bool,
    },
    /// The body of the mail, or of the attached mail that the part is.
    Text,
    /// The header of the part itself.
    Mime,
}

impl Section {
    /// Reads a section as it stands between the brackets, with the names of `HEADER.FIELDS` as atoms or
    /// quoted strings. `None` where that is no section.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut path = Vec::new();
        let mut rest = text;
        loop {
            let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            if digits == 0 {
                break;
            }
            let (number, after) = rest.split_at(digits);
            path.push(number.parse().ok().filter(|n| *n > 0)?);
            match after.strip_prefix('.') {
                Some(after) if !after.is_empty() => rest = after,
                None if after.is_empty() => return Some(Self { path, what: What::All }),
                _ => return None,
            }
        }
        let what = match rest.to_ascii_uppercase().as_str() {
            "" if path.is_empty() => What::All,
            "HEADER" => What::Header,
            "TEXT" => What::Text,
            "MIME" if !path.is_empty() => What::Mime,
            _ => Self::named_fields(rest)?,
        };
        Some(Self { path, what })
    }

    fn named_fields(text: &str) -> Option<What> {
        let (word, list) = text.split_once(' ')?;
        let not = match word.to_ascii_uppercase().as_str() {
            "HEADER.FIELDS" => false,
            "HEADER.FIELDS.NOT" => true,
            _ => return None,
        };
        let list = list.trim().strip_prefix('(')?.strip_suffix(')')?;
        let names: Vec<_> = list.split_ascii_whitespace().map(|name| name.trim_matches('"').to_owned()).collect();
        (!names.is_empty()).then_some(What::HeaderFields { names, not })
    }

    /// Whether the section begins where the mail begins, so that header lines which stand before the record
    /// (Return-Path, Received) belong to it.
    #[must_use]
    pub fn begins_with_the_mail(&self) -> bool {
        self.path.is_empty() && !matches!(self.what, What::Text)
    }
}

/// Where the section lies in the record, bytes. For `HeaderFields` it is the whole header: pick the fields
/// with [`crate::header_fields`]. `None` where the mail has no such part.
#[must_use]
pub fn resolve(summary: &Summary, section: &Section) -> Option<Range<usize>> {
    let root = &summary.root;
    if section.path.is_empty() {
        return match section.what {
            What::All => Some(0..summary.size as usize),
            What::Header | What::HeaderFields { .. } => Some(header(root)),
            What::Text => Some(body(root)),
            What::Mime => None,
        };
    }
    let part = find(root, &section.path)?;
    match section.what {
        What::All => Some(body(part)),
        What::Mime => Some(header(part)),
        What::Header | What::HeaderFields { .. } => attached(part).map(header),
        What::Text => attached(part).map(body),
    }
}

/// The part with these numbers.
#[must_use]
pub fn find<'a>(root: &'a Part, path: &[u32]) -> Option<&'a Part> {
    let mut part = root;
    let mut whole_mail = true;
    for number in path {
        // Below an attached mail, numbers count within it: its parts, or 1 for its only body.
        if let (false, Some(mail)) = (whole_mail, attached(part)) {
            part = mail;
            whole_mail = true;
        }
        let index = usize::try_from(*number).ok()?.checked_sub(1)?;
        part = match part.kind {
            PartKind::Multipart => part.children.get(index)?,
            _ if whole_mail && index == 0 => part,
            _ => return None,
        };
        whole_mail = false;
    }
    Some(part)
}

/// The outermost part of the mail that a message/rfc822 part holds.
fn attached(part: &Part) -> Option<&Part> {
    (part.kind == PartKind::Message).then(|| part.children.first()).flatten()
}

fn header(part: &Part) -> Range<usize> {
    part.header_start as usize..part.body_start as usize
}

fn body(part: &Part) -> Range<usize> {
    part.body_start as usize..part.body_end as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Parsed;
    use types::Limits;

    /// The example of RFC 3501 6.4.5, smaller: text, an attached mail with two parts, a multipart.
    const MAIL: &str = "Subject: outer\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\npreamble\r\n\
        --a\r\nContent-Type: text/plain\r\n\r\none\r\n\
        --a\r\nContent-Type: message/rfc822\r\nContent-ID: <2>\r\n\r\n\
        Subject: inner\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
        --b\r\n\r\ntwo one\r\n--b\r\nContent-Type: image/png\r\n\r\nPNG\r\n--b--\r\n\
        --a\r\nContent-Type: multipart/alternative; boundary=c\r\n\r\n\
        --c\r\n\r\nthree one\r\n--c\r\nContent-Type: text/html\r\n\r\n<p>\r\n--c--\r\n\
        --a\r\nContent-Type: message/rfc822\r\n\r\nSubject: plain\r\n\r\nfour\r\n\r\n--a--\r\nepilogue\r\n";

    fn piece<'a>(mail: &'a str, section: &str) -> Option<&'a str> {
        let limits = Limits::default();
        let summary = Parsed::parse(mail.as_bytes(), &limits).summary();
        mail.get(resolve(&summary, &Section::parse(section).unwrap())?)
    }

    #[test]
    fn every_section_names_its_bytes() {
        for (section, right) in [
            ("HEADER", Some("Subject: outer\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n")),
            ("1", Some("one")),
            ("1.MIME", Some("Content-Type: text/plain\r\n\r\n")),
            ("1.HEADER", None),
            ("1.1", None),
            ("2.MIME", Some("Content-Type: message/rfc822\r\nContent-ID: <2>\r\n\r\n")),
            ("2.HEADER", Some("Subject: inner\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n")),
            ("2.TEXT", Some("--b\r\n\r\ntwo one\r\n--b\r\nContent-Type: image/png\r\n\r\nPNG\r\n--b--\r\n")),
            ("2.1", Some("two one")),
            ("2.1.MIME", Some("\r\n")),
            ("2.2", Some("PNG")),
            ("2.2.MIME", Some("Content-Type: image/png\r\n\r\n")),
            ("2.3", None),
            ("3", Some("--c\r\n\r\nthree one\r\n--c\r\nContent-Type: text/html\r\n\r\n<p>\r\n--c--\r\n")),
            ("3.TEXT", None),
            ("3.2", Some("<p>")),
            ("4", Some("Subject: plain\r\n\r\nfour\r\n")),
            ("4.1", Some("four\r\n")),
            ("4.1.1", None),
            ("4.1.MIME", Some("Subject: plain\r\n\r\n")),
            ("5", None),
        ] {
            assert_eq!(piece(MAIL, section), right, "{section}");
        }
        assert_eq!(piece(MAIL, ""), Some(MAIL));
        assert_eq!(piece(MAIL, "TEXT"), MAIL.split_once("\r\n\r\n").map(|(_, text)| text));
    }

    #[test]
    fn a_mail_without_parts_is_its_own_part_one() {
        let mail = "Subject: x\r\n\r\nhello\r\n";
        for (section, right) in [
            ("1", Some("hello\r\n")),
            ("TEXT", Some("hello\r\n")),
            ("2", None),
            ("1.1", None),
            ("1.HEADER", None),
            ("1.MIME", Some("Subject: x\r\n\r\n")),
        ] {
            assert_eq!(piece(mail, section), right, "{section}");
        }
    }

    #[test]
    fn sections_are_read_as_clients_write_them() {
        let fields =
            |names: &[&str], not| What::HeaderFields { names: names.iter().map(|n| (*n).into()).collect(), not };
        for (text, right) in [
            ("", Some((vec![], What::All))),
            ("1.2", Some((vec![1, 2], What::All))),
            ("1.2.mime", Some((vec![1, 2], What::Mime))),
            ("header", Some((vec![], What::Header))),
            ("3.HEADER.FIELDS (To \"Cc\")", Some((vec![3], fields(&["To", "Cc"], false)))),
            ("HEADER.FIELDS.NOT (To)", Some((vec![], fields(&["To"], true)))),
            ("MIME", None),
            ("0", None),
            ("1.", None),
            ("1x", None),
            ("HEADER.FIELDS", None),
            ("HEADER.FIELDS ()", None),
            ("99999999999", None),
        ] {
            let right = right.map(|(path, what)| Section { path, what });
            assert_eq!(Section::parse(text), right, "{text}");
        }
    }
}
