//! Writes IMAP's strings (RFC 3501 section 9): quoted where it may be, a literal where it must be, NIL where
//! there is nothing.

use bytes::Bytes;
use types::{Flags, SystemFlags};

/// A string: quoted when it is short printable ASCII, else a literal, as Dovecot does.
pub fn string(out: &mut Vec<u8>, bytes: &[u8]) {
    // Without a branch for each byte, so that the compiler looks at many at once.
    let quotable = |ok: bool, byte: &u8| ok & ((byte.wrapping_sub(0x20) < 0x5f) | (*byte == b'\t'));
    if bytes.len() >= 1_000 || !bytes.iter().fold(true, quotable) {
        literal_size(out, bytes.len() as u64);
        extend_sendable(out, bytes);
        return;
    }
    out.push(b'"');
    let mut rest = bytes;
    while let Some(at) = memchr::memchr2(b'"', b'\\', rest) {
        let (plain, special) = rest.split_at(at);
        out.extend_from_slice(plain);
        out.push(b'\\');
        out.extend(special.first());
        rest = special.get(1..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
    out.push(b'"');
}

/// A string or NIL.
pub fn nstring(out: &mut Vec<u8>, bytes: Option<&[u8]>) {
    match bytes {
        Some(bytes) => string(out, bytes),
        None => out.extend_from_slice(b"NIL"),
    }
}

/// A number, in decimal digits: lists of a hundred thousand are made of little else, and the formatter of the language takes
/// four times as long.
pub fn number(out: &mut Vec<u8>, number: u32) {
    let (mut digits, mut at, mut rest) = ([b'0'; 10], 10, number);
    for (place, digit) in digits.iter_mut().enumerate().rev() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
        at = place;
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(digits.get(at..).unwrap_or_default());
}

/// The head of a literal of `size` bytes.
pub fn literal_size(out: &mut Vec<u8>, size: u64) {
    out.extend_from_slice(format!("{{{size}}}\r\n").as_bytes());
}

/// Bytes as a literal may hold them: NUL may not stand there (RFC 3501 section 9, CHAR8); Dovecot sends 0x80 in its
/// place, so sizes stay.
pub fn sendable(bytes: Bytes) -> Bytes {
    if memchr::memchr(0, &bytes).is_none() {
        return bytes;
    }
    let mut sent = Vec::with_capacity(bytes.len());
    extend_sendable(&mut sent, &bytes);
    sent.into()
}

fn extend_sendable(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend(bytes.iter().map(|byte| if *byte == 0 { 0x80 } else { *byte }));
}

/// A mailbox name as an astring: in modified UTF-7, or for those who enabled it in UTF-8.
pub fn mailbox(out: &mut Vec<u8>, name: &str, utf8: bool) {
    if utf8 && !name.is_ascii() {
        return quoted_utf8(out, name);
    }
    let wire = if utf8 { name.to_owned() } else { super::name::encode(name) };
    if !wire.is_empty() && !wire.eq_ignore_ascii_case("NIL") && wire.bytes().all(super::cursor::is_atom_char) {
        out.extend_from_slice(wire.as_bytes());
    } else {
        string(out, wire.as_bytes());
    }
}

/// A quoted string that may hold UTF-8 (RFC 9755 3); names hold no control character.
fn quoted_utf8(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    for byte in text.bytes() {
        if matches!(byte, b'"' | b'\\') {
            out.push(b'\\');
        }
        out.push(byte);
    }
    out.push(b'"');
}

/// A list of flags in parentheses; `recent` adds `\Recent`.
pub fn flags(out: &mut Vec<u8>, flags: &Flags, recent: bool) {
    let system = SystemFlags::ALL.iter().filter(|(flag, _)| flags.system.contains(*flag)).map(|(_, word)| *word);
    let words = system.chain(flags.keywords.iter().map(types::Keyword::as_str)).chain(recent.then_some("\\Recent"));
    out.push(b'(');
    for (at, word) in words.enumerate() {
        if at > 0 {
            out.push(b' ');
        }
        out.extend_from_slice(word.as_bytes());
    }
    out.push(b')');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use types::Keyword;

    use super::*;
    use crate::wire::cursor::Cursor;

    #[test]
    fn a_string_is_quoted_where_it_may_be() {
        let table: [(&[u8], &[u8]); 5] = [
            (b"", b"\"\""),
            (b"a \"b\" \\", b"\"a \\\"b\\\" \\\\\""),
            (b"a\r\nb", b"{4}\r\na\r\nb"),
            ("日".as_bytes(), "{3}\r\n日".as_bytes()),
            (b"a\0", b"{2}\r\na\x80"),
        ];
        for (bytes, wire) in table {
            let mut out = Vec::new();
            string(&mut out, bytes);
            assert_eq!(out, wire);
        }
    }

    #[test]
    fn numbers_have_their_digits_and_no_others() {
        let powers = (0..10).map(|power| 10u32.pow(power));
        let all =
            powers.flat_map(|power| [power - 1, power, power + 1]).chain([u32::MAX - 1, u32::MAX, 4_096, 123_456]);
        for one in all {
            let mut out = b"x".to_vec();
            number(&mut out, one);
            assert_eq!(String::from_utf8(out).unwrap(), format!("x{one}"));
        }
    }

    #[test]
    fn flags_are_written_in_one_order() {
        let mut some = Flags::system(SystemFlags::SEEN.union(SystemFlags::DELETED));
        some.keywords.insert(Keyword::parse("$Forwarded").unwrap());
        let mut out = Vec::new();
        flags(&mut out, &some, true);
        assert_eq!(out, b"(\\Deleted \\Seen $Forwarded \\Recent)");
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(bytes in proptest::collection::vec(1u8.., 0..1_200)) {
            let mut out = Vec::new();
            string(&mut out, &bytes);
            let mut cursor = Cursor::new(&out);
            let read = cursor.string().unwrap();
            prop_assert_eq!(read.as_ref(), bytes.as_slice());
        }

        #[test]
        fn a_mailbox_name_is_one_word(name in "\\PC{1,30}") {
            let mut out = Vec::new();
            mailbox(&mut out, &name, false);
            let mut cursor = Cursor::new(&out);
            let read = super::super::name::decode(&cursor.astring().unwrap());
            prop_assert_eq!(read.as_deref(), Some(name.as_str()));
            prop_assert!(cursor.is_empty());
            out.clear();
            mailbox(&mut out, &name, true);
            let mut cursor = Cursor::new(&out);
            let read = cursor.astring().unwrap();
            prop_assert_eq!(read.as_ref(), name.as_bytes());
            prop_assert!(cursor.is_empty());
        }
    }
}
