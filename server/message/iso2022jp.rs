//! The ISO-2022-JP family (RFC 1468, RFC 1554's Japanese sets, CP5022x): a decoder of its own, because
//! encoding_rs knows neither JIS X 0212 nor SO/SI kana, and takes two escapes in a row, as joined encoded
//! words have them, for an error.

use encoding_rs::EUC_JP;

/// The character set that is switched on.
#[derive(Clone, Copy, PartialEq)]
enum Set {
    Ascii,
    Kana,
    Jis0208,
    Jis0212,
}

/// Whether the bytes hold an escape that switches to Japanese.
pub(crate) fn has_escapes(bytes: &[u8]) -> bool {
    memchr::memchr_iter(0x1b, bytes)
        .any(|at| matches!(bytes.get(at + 1..), Some([b'$', b'B' | b'@' | b'A' | b'(', ..] | [b'(', b'I', ..])))
}

/// Decodes, and counts what could not be read.
pub(crate) fn decode(bytes: &[u8]) -> (String, usize) {
    let mut out = String::with_capacity(bytes.len());
    let mut errors = 0;
    let mut set = Set::Ascii;
    let mut shifted = false;
    let mut rest = bytes;
    while let Some((first, tail)) = rest.split_first() {
        match *first {
            0x1b => match escape(tail) {
                Some((next, length)) => {
                    set = next;
                    rest = tail.get(length..).unwrap_or_default();
                }
                None => {
                    // A lone ESC shows nothing; the letters after it are text.
                    errors += 1;
                    rest = tail;
                }
            },
            0x0e | 0x0f => {
                shifted = *first == 0x0e;
                rest = tail;
            }
            b'\r' | b'\n' => {
                // A line begins in ASCII (RFC 1468), also where its forerunner forgot to return.
                (set, shifted) = (Set::Ascii, false);
                out.push(char::from(*first));
                rest = tail;
            }
            _ => {
                let run = run_length(rest);
                let (text, next) = rest.split_at(run);
                errors += decode_run(text, if shifted { Set::Kana } else { set }, &mut out);
                rest = next;
            }
        }
    }
    (out, errors)
}

/// Reads an escape without its ESC: the set and the length. JIS-Roman counts as ASCII, so that ¥ and ‾ stay
/// the backslash and tilde that were typed.
fn escape(tail: &[u8]) -> Option<(Set, usize)> {
    match tail {
        [b'$', b'B' | b'@', ..] => Some((Set::Jis0208, 2)),
        [b'$', b'(', b'D', ..] => Some((Set::Jis0212, 3)),
        [b'$', b'(', b'B' | b'@' | b'O' | b'P' | b'Q', ..] => Some((Set::Jis0208, 3)),
        [b'(', b'B' | b'J' | b'H', ..] => Some((Set::Ascii, 2)),
        [b'(', b'I', ..] => Some((Set::Kana, 2)),
        // "The set that follows is a revised one": JIS X 0208-1990 is announced so.
        [b'&', b'@', 0x1b, b'$', b'B', ..] => Some((Set::Jis0208, 5)),
        _ => None,
    }
}

fn run_length(bytes: &[u8]) -> usize {
    bytes.iter().position(|b| matches!(b, 0x1b | 0x0e | 0x0f | b'\r' | b'\n')).unwrap_or(bytes.len())
}

/// Decodes text of one set.
fn decode_run(text: &[u8], set: Set, out: &mut String) -> usize {
    match set {
        Set::Ascii => {
            let (decoded, errors) = if text.is_ascii() {
                (String::from_utf8_lossy(text), 0)
            } else {
                let high = text.iter().filter(|b| **b >= 0x80).count();
                (String::from_utf8_lossy(text), high)
            };
            out.push_str(&decoded);
            errors
        }
        Set::Kana => text.iter().map(|b| kana(*b, out)).sum(),
        Set::Jis0208 => double(text, &[], out),
        Set::Jis0212 => double(text, &[0x8f], out),
    }
}

/// One byte of JIS X 0201 katakana, with or without its high bit.
fn kana(byte: u8, out: &mut String) -> usize {
    match byte & 0x7f {
        low @ 0x21..=0x5f => {
            out.push(char::from_u32(0xff61 - 0x21 + u32::from(low)).unwrap_or('\u{fffd}'));
            0
        }
        low @ 0x20 => {
            out.push(char::from(low));
            0
        }
        _ => {
            out.push('\u{fffd}');
            1
        }
    }
}

/// Pairs of a 94×94 set, through their form in EUC-JP; a blank or control between them stands for itself.
fn double(text: &[u8], prefix: &[u8], out: &mut String) -> usize {
    let mut euc = Vec::with_capacity(text.len() + text.len() / 2);
    let mut rest = text;
    let mut errors = 0;
    loop {
        match rest {
            [] => break,
            [single @ (..=0x20 | 0x7f), tail @ ..] => {
                euc.push(*single);
                rest = tail;
            }
            [high @ 0x21..=0x7e, low @ 0x21..=0x7e, tail @ ..] => {
                euc.extend_from_slice(prefix);
                euc.extend_from_slice(&[high | 0x80, low | 0x80]);
                rest = tail;
            }
            [_, tail @ ..] => {
                euc.push(0xff);
                errors += 1;
                rest = tail;
            }
        }
    }
    let (decoded, _) = EUC_JP.decode_without_bom_handling(&euc);
    out.push_str(&decoded);
    errors
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_set_of_the_family_is_read() {
        for (bytes, text, errors) in [
            (&b"a\x1b$BIJ\x1b(Bb"[..], "a品b", 0),
            (b"\x1b$@IJ\x1b(Jb", "品b", 0),
            (b"\x1b(I6E\x1b(B", "ｶﾅ", 0),
            (b"\x0e6E\x0f ok", "ｶﾅ ok", 0),
            (b"\x1b$(D0!\x1b(B", "丂", 0),
            (b"\x1b$B-!-j\x1b(B", "①㈱", 0),
            (b"\x1b$By!\x1b(B", "纊", 0),
            (b"\x1b(B\x1b$BIJ\x1b(B\x1b$BIJ\x1b(B", "品品", 0),
            (b"\x1b$BIJ\r\nabc", "品\r\nabc", 0),
            (b"\x1b$BIJI", "品\u{fffd}", 1),
            (b"\x1b$BI J", "\u{fffd} \u{fffd}", 2),
            (b"\x1bX", "X", 1),
        ] {
            assert_eq!(decode(bytes), (text.to_owned(), errors), "{}", String::from_utf8_lossy(bytes));
        }
    }
}
