//! Content-Transfer-Encoding (RFC 2045 6): takes it off as leniently as mail readers do, and says when
//! something was wrong.

use std::borrow::Cow;

use crate::mime::hex;
use crate::summary::PartIssue;

/// Takes the transfer encoding `encoding` off `body`.
pub(crate) fn decode<'a>(body: &'a [u8], encoding: &str) -> (Cow<'a, [u8]>, Option<PartIssue>) {
    let encoding = encoding.to_ascii_lowercase();
    match encoding.as_str() {
        "base64" => {
            let (bytes, whole) = base64(body);
            (Cow::Owned(bytes), (!whole).then_some(PartIssue::Broken))
        }
        "quoted-printable" => (Cow::Owned(quoted_printable(body)), None),
        "x-uuencode" | "uuencode" | "x-uue" | "uue" => match uuencode(body) {
            Some(bytes) => (Cow::Owned(bytes), None),
            None => (Cow::Borrowed(body), Some(PartIssue::Broken)),
        },
        name if is_private(name) => (Cow::Borrowed(body), Some(PartIssue::UnknownEncoding)),
        _ => (Cow::Borrowed(body), None),
    }
}

/// Mailers write `8-bit`, `utf-8` and the like and mean no encoding; only private names hide content.
fn is_private(name: &str) -> bool {
    name.starts_with("x-") || name.starts_with("mac-")
}

/// Takes a transfer encoding off bytes that come in pieces, so that no more than a piece of them is held. It gives what
/// [`Part::decoded`](crate::Part::decoded) gives of the whole, but where a line is longer than [`LONGEST`] and ends in as many
/// blanks.
#[derive(Debug, Default)]
pub struct Decoder {
    way: Way,
    /// A line whose end has not come.
    line: Vec<u8>,
}

/// Longest line that is waited for.
const LONGEST: usize = 64 * 1024;

#[derive(Debug, Default)]
enum Way {
    /// There is no encoding.
    #[default]
    Plain,
    Base64(Base64),
    QuotedPrintable,
    Uuencode(Uuencode),
}

impl Decoder {
    /// One for this encoding; `None` where nobody knows it.
    pub(crate) fn new(encoding: &str) -> Option<Self> {
        let way = match encoding.to_ascii_lowercase().as_str() {
            "base64" => Way::Base64(Base64::default()),
            "quoted-printable" => Way::QuotedPrintable,
            "x-uuencode" | "uuencode" | "x-uue" | "uue" => Way::Uuencode(Uuencode::default()),
            name if is_private(name) => return None,
            _ => Way::Plain,
        };
        Some(Self { way, line: Vec::new() })
    }

    /// Writes what the next piece brings.
    pub fn feed(&mut self, piece: &[u8], out: &mut Vec<u8>) {
        match &mut self.way {
            Way::Plain => out.extend_from_slice(piece),
            Way::Base64(base64) => base64.feed(piece, out),
            Way::QuotedPrintable | Way::Uuencode(_) => {
                self.line.extend_from_slice(piece);
                let end = match memchr::memrchr(b'\n', &self.line) {
                    Some(at) => at + 1,
                    None if self.line.len() > LONGEST => between_escapes(&self.line),
                    None => return,
                };
                let rest = self.line.split_off(end);
                let lines = std::mem::replace(&mut self.line, rest);
                self.lines(&lines, out);
            }
        }
    }

    /// Writes what is left when all pieces have come. False where nothing was found to be decoded: the bytes are then what they
    /// are.
    pub fn finish(&mut self, out: &mut Vec<u8>) -> bool {
        let line = std::mem::take(&mut self.line);
        self.lines(&line, out);
        match &mut self.way {
            Way::Base64(base64) => base64.end_group(out),
            Way::Uuencode(uuencode) => return uuencode.begun,
            Way::Plain | Way::QuotedPrintable => {}
        }
        true
    }

    fn lines(&mut self, lines: &[u8], out: &mut Vec<u8>) {
        match &mut self.way {
            Way::QuotedPrintable => out.append(&mut quoted_printable(lines)),
            Way::Uuencode(uuencode) => uuencode.lines(lines, out),
            Way::Plain | Way::Base64(_) => {}
        }
    }
}

/// Where a line can be cut without another meaning: not within an escape, nor among blanks that may stand at its end.
fn between_escapes(line: &[u8]) -> usize {
    let is_plain = |at: usize| line.get(at).is_none_or(|byte| *byte != b'=');
    let is_cut = |end: &usize| {
        let last = line.get(end - 1).is_some_and(|byte| !byte.is_ascii_whitespace());
        last && is_plain(end - 1) && (*end < 2 || is_plain(end - 2))
    };
    (1..=line.len()).rev().find(is_cut).unwrap_or(line.len())
}

const NOT_BASE64: u8 = 0xff;

const fn base64_values() -> [u8; 256] {
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut table = [NOT_BASE64; 256];
    let mut i = 0;
    while i < 64 {
        table[letters[i] as usize] = i as u8;
        i += 1;
    }
    table
}

static BASE64: [u8; 256] = base64_values();

/// Decodes base64. Padding in the middle ends a group and decoding goes on behind it; other characters
/// are skipped. The flag is false when there were such characters or the last group was cut.
pub(crate) fn base64(text: &[u8]) -> (Vec<u8>, bool) {
    let mut out = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let mut base64 = Base64::default();
    base64.feed(text, &mut out);
    base64.end_group(&mut out);
    (out, !base64.broken)
}

/// Base64 in the middle of a group.
#[derive(Debug, Default)]
struct Base64 {
    bits: u32,
    count: u8,
    broken: bool,
}

impl Base64 {
    fn feed(&mut self, text: &[u8], out: &mut Vec<u8>) {
        let (mut bits, mut count) = (self.bits, self.count);
        for &byte in text {
            let value = BASE64[usize::from(byte)];
            if value != NOT_BASE64 {
                bits = bits << 6 | u32::from(value);
                count += 1;
                if count == 4 {
                    out.extend_from_slice(&bits.to_be_bytes()[1..]);
                    (bits, count) = (0, 0);
                }
            } else if byte == b'=' {
                (self.bits, self.count) = (bits, count);
                self.end_group(out);
                (bits, count) = (0, 0);
            } else if !byte.is_ascii_whitespace() {
                self.broken = true;
            }
        }
        (self.bits, self.count) = (bits, count);
    }

    /// Writes the bytes of a group of 2 or 3 letters; one letter alone holds no byte.
    fn end_group(&mut self, out: &mut Vec<u8>) {
        let bits = self.bits;
        match self.count {
            1 => self.broken = true,
            2 => out.push((bits >> 4 & 0xff) as u8),
            3 => out.extend_from_slice(&[(bits >> 10 & 0xff) as u8, (bits >> 2 & 0xff) as u8]),
            _ => {}
        }
        (self.bits, self.count) = (0, 0);
    }
}

/// Decodes quoted-printable; what is no escape stays as it is written.
pub(crate) fn quoted_printable(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for line in text.split_inclusive(|b| *b == b'\n') {
        let content = crate::header::trim_line_end(line);
        let line_end = line.get(content.len()..).unwrap_or_default();
        let content = content.trim_ascii_end();
        match content.strip_suffix(b"=") {
            Some(content) => escapes(content, &mut out),
            None => {
                escapes(content, &mut out);
                out.extend_from_slice(line_end);
            }
        }
    }
    out
}

fn escapes(text: &[u8], out: &mut Vec<u8>) {
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'=', rest) {
        let (before, from) = rest.split_at(at);
        out.extend_from_slice(before);
        match from {
            [_, high, low, tail @ ..] if hex(*high).is_some() && hex(*low).is_some() => {
                out.push(hex(*high).unwrap_or(0) << 4 | hex(*low).unwrap_or(0));
                rest = tail;
            }
            _ => {
                out.push(b'=');
                rest = from.get(1..).unwrap_or_default();
            }
        }
    }
    out.extend_from_slice(rest);
}

/// The Q encoding of encoded words (RFC 2047 4.2).
pub(crate) fn q_word(payload: &[u8]) -> Vec<u8> {
    let spaced: Vec<u8> = payload.iter().map(|b| if *b == b'_' { b' ' } else { *b }).collect();
    let mut out = Vec::with_capacity(spaced.len());
    escapes(&spaced, &mut out);
    out
}

/// Decodes uuencode from its `begin` line on; `None` when there is none.
fn uuencode(text: &[u8]) -> Option<Vec<u8>> {
    let (mut uuencode, mut out) = (Uuencode::default(), Vec::new());
    uuencode.lines(text, &mut out);
    uuencode.begun.then_some(out)
}

/// Uuencode between two lines.
#[derive(Debug, Default)]
struct Uuencode {
    begun: bool,
    ended: bool,
}

impl Uuencode {
    fn lines(&mut self, text: &[u8], out: &mut Vec<u8>) {
        for line in text.split(|b| *b == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line)) {
            if self.ended {
                return;
            }
            if self.begun {
                self.line(line, out);
            } else {
                self.begun = line.starts_with(b"begin ");
            }
        }
    }

    fn line(&mut self, line: &[u8], out: &mut Vec<u8>) {
        let Some((length, letters)) = line.split_first() else { return };
        let length = usize::from(length.wrapping_sub(b' ') & 63);
        if length == 0 || line == b"end" {
            self.ended = true;
            return;
        }
        let end = out.len() + length;
        for group in letters.chunks(4) {
            let bits = (0..4).fold(0u32, |bits, i| {
                bits << 6 | u32::from(group.get(i).copied().unwrap_or(b' ').wrapping_sub(b' ') & 63)
            });
            out.extend_from_slice(&bits.to_be_bytes()[1..]);
        }
        out.resize(end, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read_as_mailers_write_it() {
        for (text, bytes, whole) in [
            (&b"aGVsbG8="[..], &b"hello"[..], true),
            (b"aGVs\r\nbG8", b"hello", true),
            (b"aGVs bG8=\r\n", b"hello", true),
            (b"aA==aA==", b"hh", true),
            (b"aGVs*bG8=", b"hello", false),
            (b"aGVsb", b"hel", false),
            (b"", b"", true),
        ] {
            assert_eq!(base64(text), (bytes.to_vec(), whole), "{}", String::from_utf8_lossy(text));
        }
    }

    #[test]
    fn quoted_printable_is_read_as_mailers_write_it() {
        for (text, bytes) in [
            (&b"a=3Db"[..], &b"a=b"[..]),
            (b"a=\r\nb", b"ab"),
            (b"a= \t\r\nb", b"ab"),
            (b"a  \r\nb", b"a\r\nb"),
            (b"=e8=A1=a8", b"\xe8\xa1\xa8"),
            (b"=XY=3", b"=XY=3"),
            (b"a=3D=\nb\n", b"a=b\n"),
            (b"a=", b"a"),
        ] {
            assert_eq!(quoted_printable(text), bytes, "{}", String::from_utf8_lossy(text));
        }
    }

    #[test]
    fn uuencode_is_read() {
        let (bytes, issue) = decode(b"begin 644 a.txt\r\n#86)C\r\n`\r\nend\r\n", "x-uuencode");
        assert_eq!((&*bytes, issue), (&b"abc"[..], None));
        assert_eq!(decode(b"nothing", "uuencode").1, Some(PartIssue::Broken));
        assert_eq!(decode(b"x", "x-gzip64").1, Some(PartIssue::UnknownEncoding));
        assert_eq!(decode(b"x", "8-bit").1, None);
    }

    /// What a decoder gives of pieces of `size` bytes.
    fn in_pieces(text: &[u8], encoding: &str, size: usize) -> Vec<u8> {
        let (mut decoder, mut out) = (Decoder::new(encoding).unwrap(), Vec::new());
        text.chunks(size).for_each(|piece| decoder.feed(piece, &mut out));
        if decoder.finish(&mut out) { out } else { text.to_vec() }
    }

    #[test]
    fn a_line_of_any_length_is_decoded_with_little_of_it_in_memory() {
        assert!(Decoder::new("x-gzip64").is_none());
        let mail = [&b"= =\t==41=3D".repeat(40_000), &b" =\r\nb"[..]].concat();
        let (mut decoder, mut out) = (Decoder::new("Quoted-Printable").unwrap(), Vec::new());
        for piece in mail.chunks(1_001) {
            decoder.feed(piece, &mut out);
            assert!(decoder.line.len() <= LONGEST + 1_001);
        }
        decoder.finish(&mut out);
        assert!(out == quoted_printable(&mail));
        // blanks without end are no longer trimmed
        let mut out = Vec::new();
        for _ in 0..100 {
            decoder.feed(&b" ".repeat(10_000), &mut out);
            assert!(decoder.line.len() <= LONGEST + 10_000);
        }
    }

    proptest::proptest! {
        #[test]
        fn pieces_give_what_the_whole_gives(
            text in "([ =\\t\\r\\n]|=\\r\\n|=4|1|a|\\*|begin 6\\n|#86\\)C\\r\\n|end|`|é){0,40}", size in 1usize..9,
        ) {
            for encoding in ["base64", "QUOTED-PRINTABLE", "x-uuencode", "8bit"] {
                let whole = decode(text.as_bytes(), encoding).0;
                proptest::prop_assert_eq!(in_pieces(text.as_bytes(), encoding, size), whole.as_ref());
            }
        }

        #[test]
        fn base64_reads_back_what_was_written(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
            use base64::Engine;
            let text = base64::engine::general_purpose::STANDARD.encode(&bytes);
            proptest::prop_assert_eq!(base64(text.as_bytes()), (bytes, true));
        }
    }
}
