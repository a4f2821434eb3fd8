//! One part of a finished mail written anew: its decoded content changed, its header and transfer encoding kept as they are
//! where they still hold, and corrected where they do not.

use std::fmt::Write as _;

use crate::encode::base64_lines;
use crate::header::fields;
use crate::summary::Part;

/// Columns of a line in quoted-printable (RFC 2045 6.7).
const QP_LINE: usize = 76;
/// Longest line that needs no encoding (RFC 5322 2.1.1).
const LONGEST_LINE: usize = 998;
/// Fields that are about the bytes of the content as they were.
const OF_THE_BYTES: [&str; 4] = ["Content-MD5", "Content-Length", "Lines", "Content-Transfer-Encoding"];

/// The header and the body of `part` of `mail` with `content` in it. `charset`: its text is now in this one.
pub(super) fn written(mail: &[u8], part: &Part, content: &[u8], charset: Option<&str>) -> Vec<u8> {
    let header = mail.get(part.header_start as usize..part.body_start as usize).unwrap_or_default();
    let encoding = encoding(part, content);
    let mut out = Vec::with_capacity(header.len() + content.len() + 64);
    for field in fields(header) {
        let stale = OF_THE_BYTES.iter().any(|name| field.is(name)) || (charset.is_some() && field.is("Content-Type"));
        if !stale {
            out.extend_from_slice(header.get(field.range).unwrap_or_default());
            end_line(&mut out);
        }
    }
    if let Some(charset) = charset {
        out.extend_from_slice(content_type(part, charset).as_bytes());
    }
    out.extend_from_slice(format!("Content-Transfer-Encoding: {}\r\n\r\n", encoding.word()).as_bytes());
    match encoding {
        Encoding::Base64 => out.extend(base64_lines(content)),
        Encoding::QuotedPrintable => out.extend(quoted_printable(content)),
        Encoding::SevenBit | Encoding::EightBit => out.extend_from_slice(content),
    }
    out
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    SevenBit,
    EightBit,
    QuotedPrintable,
    Base64,
}

impl Encoding {
    const fn word(self) -> &'static str {
        match self {
            Self::SevenBit => "7bit",
            Self::EightBit => "8bit",
            Self::QuotedPrintable => "quoted-printable",
            Self::Base64 => "base64",
        }
    }
}

/// The part's own encoding where it can hold the content, else base64: every server takes that.
fn encoding(part: &Part, content: &[u8]) -> Encoding {
    match part.encoding.to_ascii_lowercase().as_str() {
        "base64" | "x-uuencode" | "uuencode" | "x-uue" | "uue" => Encoding::Base64,
        "quoted-printable" => Encoding::QuotedPrintable,
        _ if content.split(|byte| *byte == b'\n').any(|line| line.len() > LONGEST_LINE) => Encoding::Base64,
        _ if content.contains(&0) => Encoding::Base64,
        _ if content.is_ascii() => Encoding::SevenBit,
        "8bit" | "binary" => Encoding::EightBit,
        _ => Encoding::Base64,
    }
}

/// Content-Type with another charset and all its other parameters.
fn content_type(part: &Part, charset: &str) -> String {
    let mut out = format!("Content-Type: {}; charset={charset}", part.content_type());
    for param in &part.params {
        let name = param.name.trim_end_matches('*');
        if name.eq_ignore_ascii_case("charset") {
            continue;
        }
        let value = param.value.text();
        let plain = param.name.ends_with('*');
        let value: String = value.chars().filter(|c| !c.is_control()).collect();
        let value = if plain { value } else { format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\"")) };
        // writing to a String cannot fail
        let _ = write!(out, ";\r\n {}={value}", param.name);
    }
    out.push_str("\r\n");
    out
}

/// The fields of a header apart: those of the mail, and those of its one part, which a multipart now holds.
pub(super) fn mime_fields_apart(header: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let (mut own, mut moved) = (Vec::with_capacity(header.len()), Vec::new());
    for field in fields(header) {
        let of_the_part = field.name.to_ascii_lowercase().starts_with(b"content-");
        let into = if of_the_part { &mut moved } else { &mut own };
        if !field.is("MIME-Version") {
            into.extend_from_slice(header.get(field.range).unwrap_or_default());
            end_line(into);
        }
    }
    (own, moved)
}

/// A boundary that stands nowhere in the mail.
pub(crate) fn new_boundary(mail: &[u8]) -> String {
    let taken = |boundary: &str| memchr::memmem::find(mail, boundary.as_bytes()).is_some();
    let names = (0u32..).map(|n| format!("=_sekisho_{n}"));
    names.into_iter().find(|name| !taken(name)).unwrap_or_default()
}

/// Ends the last line of a header that was cut off.
pub(super) fn end_line(out: &mut Vec<u8>) {
    if !out.is_empty() && !out.ends_with(b"\n") {
        out.extend_from_slice(b"\r\n");
    }
}

/// Bytes in quoted-printable; line ends of a text stay line ends.
fn quoted_printable(content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len() + content.len() / 4);
    let mut lines = content.split(|byte| *byte == b'\n').peekable();
    while let Some(line) = lines.next() {
        let last = lines.peek().is_none();
        let (text, whole) = match line.strip_suffix(b"\r") {
            Some(text) if !last => (text, true),
            _ => (line, false),
        };
        quoted_line(&mut out, text, whole || last);
        match (last, whole) {
            (true, _) => {}
            (false, true) => out.extend_from_slice(b"\r\n"),
            // a line end that is none of a text
            (false, false) => out.extend_from_slice(b"=0A=\r\n"),
        }
    }
    out
}

/// One line; a blank at its end is encoded, since it would get lost.
fn quoted_line(out: &mut Vec<u8>, text: &[u8], ends: bool) {
    let mut column = 0;
    for (place, byte) in text.iter().enumerate() {
        let at_end = ends && place + 1 == text.len();
        let plain = matches!(byte, b'!'..=b'<' | b'>'..=b'~') || (matches!(byte, b' ' | b'\t') && !at_end);
        let size = if plain { 1 } else { 3 };
        // room for an encoded line end and the soft one behind it
        if column + size > QP_LINE - 4 {
            out.extend_from_slice(b"=\r\n");
            column = 0;
        }
        column += size;
        if plain {
            out.push(*byte);
        } else {
            out.extend_from_slice(format!("={byte:02X}").as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_printable_keeps_lines_and_hides_what_would_get_lost() {
        for (content, written) in [
            (&b"a b\r\nc"[..], &b"a b\r\nc"[..]),
            (b"end \r\n", b"end=20\r\n"),
            (b"x=y", b"x=3Dy"),
            (b"bare\nline", b"bare=0A=\r\nline"),
            ("あ".as_bytes(), b"=E3=81=82"),
        ] {
            assert_eq!(quoted_printable(content), written);
        }
    }

    proptest::proptest! {
        #[test]
        fn quoted_printable_reads_back(content in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300)) {
            let written = quoted_printable(&content);
            proptest::prop_assert!(written.split(|b| *b == b'\n').all(|line| line.len() <= QP_LINE + 1));
            // a CR alone is decoded as what it is
            let (read, _) = crate::transfer::decode(&written, "quoted-printable");
            proptest::prop_assert_eq!(read.as_ref(), &content[..]);
        }
    }
}
