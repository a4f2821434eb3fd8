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
        // Mailers write `8-bit`, `utf-8` and the like here and mean no encoding; only private names hide content.
        name if name.starts_with("x-") || name.starts_with("mac-") => {
            (Cow::Borrowed(body), Some(PartIssue::UnknownEncoding))
        }
        _ => (Cow::Borrowed(body), None),
    }
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
    let (mut bits, mut count, mut whole) = (0u32, 0u8, true);
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
            whole &= end_group(bits, count, &mut out);
            (bits, count) = (0, 0);
        } else if !byte.is_ascii_whitespace() {
            whole = false;
        }
    }
    whole &= end_group(bits, count, &mut out);
    (out, whole)
}

/// Writes the bytes of a group of 2 or 3 letters; false for one letter alone, which holds no byte.
fn end_group(bits: u32, count: u8, out: &mut Vec<u8>) -> bool {
    match count {
        2 => out.push((bits >> 4 & 0xff) as u8),
        3 => out.extend_from_slice(&[(bits >> 10 & 0xff) as u8, (bits >> 2 & 0xff) as u8]),
        _ => {}
    }
    count != 1
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
    let mut lines = text.split(|b| *b == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    lines.find(|line| line.starts_with(b"begin "))?;
    let mut out = Vec::new();
    for line in lines {
        let Some((length, letters)) = line.split_first() else { continue };
        let length = usize::from(length.wrapping_sub(b' ') & 63);
        if length == 0 || line == b"end" {
            break;
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
    Some(out)
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

    proptest::proptest! {
        #[test]
        fn base64_reads_back_what_was_written(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
            use base64::Engine;
            let text = base64::engine::general_purpose::STANDARD.encode(&bytes);
            proptest::prop_assert_eq!(base64(text.as_bytes()), (bytes, true));
        }
    }
}
