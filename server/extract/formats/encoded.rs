//! Files that stand in a text as text: uuencode (POSIX) and BinHex 4.0 (RFC 1741), as old mail programs wrote them.

use crate::Reason;
use crate::reader::Reader;

/// Files that are read of one text.
const FILES: usize = 100;
/// The alphabet of BinHex.
const BINHEX: &[u8; 64] = b"!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr";
const BINHEX_BEGINS: &str = "(This file must be converted with BinHex";

/// Reads the files in a text.
pub(crate) fn files(text: &str, out: &mut Reader) {
    for (name, bytes) in uuencoded(text) {
        give(&name, &bytes, out);
    }
    if let Some((_, after)) = text.split_once(BINHEX_BEGINS) {
        match binhex(after) {
            Some((name, bytes)) => give(&name, &bytes, out),
            None => out.refuse(Reason::Broken),
        }
    }
}

fn give(name: &str, bytes: &[u8], out: &mut Reader) {
    if out.take(bytes.len()) {
        out.file(name, bytes);
    }
}

/// The files between `begin 644 name` and `end`.
fn uuencoded(text: &str) -> Vec<(String, Vec<u8>)> {
    let mut out = Vec::new();
    if !text.contains("begin ") {
        return out;
    }
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some(name) = beginning(line) else { continue };
        let mut bytes = Vec::new();
        for line in lines.by_ref() {
            match decoded(line) {
                Some(part) if !part.is_empty() => bytes.extend(part),
                _ => break,
            }
        }
        if !bytes.is_empty() && out.len() < FILES {
            out.push((name.to_owned(), bytes));
        }
    }
    out
}

/// The name in `begin 644 name`.
fn beginning(line: &str) -> Option<&str> {
    let (mode, name) = line.strip_prefix("begin ")?.split_once(' ')?;
    let right = matches!(mode.len(), 3 | 4) && mode.bytes().all(|byte| matches!(byte, b'0'..=b'7'));
    Some(name.trim()).filter(|name| right && !name.is_empty())
}

/// A line: its first character says how many bytes it holds; blanks at its end may have been cut off.
fn decoded(line: &str) -> Option<Vec<u8>> {
    let value = |byte: u8| matches!(byte, b' '..=b'`').then(|| (byte - b' ') & 63);
    let (&first, body) = line.as_bytes().split_first()?;
    let count = usize::from(value(first)?);
    let values: Option<Vec<u8>> = body.iter().map(|&byte| value(byte)).collect();
    let mut values = values?;
    if values.len() > count.div_ceil(3) * 4 + 2 {
        return None;
    }
    values.resize(count.div_ceil(3) * 4, 0);
    let mut out = sixes(&values);
    out.truncate(count);
    Some(out)
}

/// Bytes out of values of six bits.
fn sixes(values: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(values.len() / 4 * 3);
    for four in values.chunks(4) {
        let all = (0..4).fold(0u32, |all, at| all << 6 | u32::from(four.get(at).copied().unwrap_or_default()));
        let bytes = all.to_be_bytes();
        // a torn group of n values holds n - 1 bytes
        out.extend(bytes.iter().skip(1).take(four.len().saturating_sub(1)));
    }
    out
}

/// The name and the data fork of a file.
fn binhex(text: &str) -> Option<(String, Vec<u8>)> {
    let (_, body) = text.split_once(':')?;
    let (body, _) = body.split_once(':').unwrap_or((body, ""));
    let value = |byte: u8| BINHEX.iter().position(|&one| one == byte).and_then(|at| u8::try_from(at).ok());
    let values: Option<Vec<u8>> = body.bytes().filter(|byte| !byte.is_ascii_whitespace()).map(value).collect();
    let bytes = runs(&sixes(&values?));
    let length = usize::from(*bytes.first()?);
    let name = message::charset::decode(bytes.get(1..1 + length)?, None);
    // the name, a zero, type and creator, flags, the lengths of both forks, a checksum
    let lengths = 1 + length + 1 + 4 + 4 + 2;
    let size = u32::from_be_bytes(bytes.get(lengths..lengths + 4)?.try_into().ok()?) as usize;
    let data = bytes.get(lengths + 10..)?;
    Some((name, data.get(..size).unwrap_or(data).to_vec()))
}

/// Takes back the runs: 0x90 and a count repeat the byte before.
fn runs(bytes: &[u8]) -> Vec<u8> {
    let mut out: Vec<u8> = Vec::with_capacity(bytes.len());
    let mut rest = bytes.iter().copied();
    while let Some(byte) = rest.next() {
        match (byte, if byte == 0x90 { rest.next() } else { None }) {
            (0x90, Some(0)) => out.push(0x90),
            (0x90, Some(count)) => {
                let last = out.last().copied().unwrap_or_default();
                out.extend(std::iter::repeat_n(last, usize::from(count) - 1));
            }
            (byte, _) => out.push(byte),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_in_a_text_is_decoded() {
        let text = "Hello\nbegin 644 a.txt\n/;7D@;G5M8F5R(#$R,SP \n`\nend\nbye\n";
        let files = uuencoded(text);
        assert_eq!(files.len(), 1);
        assert_eq!((files[0].0.as_str(), files[0].1.len()), ("a.txt", 15));
        assert!(uuencoded("begin the meeting at 6\n").is_empty());
    }

    #[test]
    fn runs_are_laid_out() {
        assert_eq!(runs(&[1, 0x90, 4, 0x90, 0, 2]), [1, 1, 1, 1, 0x90, 2]);
        assert_eq!(runs(&[0x90]), [0x90]);
    }

    #[test]
    fn torn_binhex_is_none() {
        assert!(binhex(" 4.0)\n\n:abc").is_none());
        assert!(binhex("").is_none());
    }
}
