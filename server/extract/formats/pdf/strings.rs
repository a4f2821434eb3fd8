//! The text strings of a PDF (ISO 32000-1, 7.9.2.2): UTF-16 or UTF-8 with a mark, else PDFDocEncoding, which old
//! Japanese programs fill with Shift_JIS.

use encoding_rs::{SHIFT_JIS, UTF_16BE, UTF_16LE};

/// The text of a string.
pub(super) fn text(bytes: &[u8]) -> String {
    let read = match bytes {
        [0xfe, 0xff, rest @ ..] => UTF_16BE.decode_without_bom_handling(rest).0.into_owned(),
        [0xff, 0xfe, rest @ ..] => UTF_16LE.decode_without_bom_handling(rest).0.into_owned(),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ if bytes.is_ascii() => String::from_utf8_lossy(bytes).into_owned(),
        _ => without_mark(bytes),
    };
    // languages are named inside of texts between escapes (7.9.2.2)
    let language = |at: usize, piece: &str| {
        at % 2 == 1 && (2..=5).contains(&piece.len()) && piece.bytes().all(|byte| byte.is_ascii_alphabetic())
    };
    let pieces = read.split('\u{1b}').enumerate().filter(|&(at, piece)| !language(at, piece));
    pieces.map(|(_, piece)| piece).collect::<String>().replace('\r', "\n")
}

fn without_mark(bytes: &[u8]) -> String {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return text.to_owned();
    }
    match SHIFT_JIS.decode_without_bom_handling_and_without_replacement(bytes) {
        Some(text) => text.into_owned(),
        None => bytes.iter().map(|&byte| char::from(byte)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_read_by_their_mark() {
        for bytes in [&b"\xfe\xff\x50\x0b\0\x31"[..], b"\xef\xbb\xbf\xe5\x80\x8b1", b"\x8c\xc21", "個1".as_bytes()] {
            assert_eq!(text(bytes), "個1", "{bytes:?}");
        }
        assert_eq!(text(b"\xfe\xff\0\x1b\0j\0a\0\x1b\0a\0\r"), "a\n");
        assert_eq!(text(b"a\xe9 b\xff"), "aé bÿ");
    }
}
