//! The filters of streams (ISO 32000-1, 7.4): what comes out of each, up to a bound, and as far as the bytes are
//! whole. Pictures stay packed; their filter is named.

use std::io::Read;

use super::file::File;
use super::object::{Dict, Object};

/// Filters that one stream may have.
const FILTERS: usize = 8;

/// What came out of a stream.
pub(super) struct Unpacked {
    pub bytes: Vec<u8>,
    /// Whether there would have been more than the bound.
    pub short: bool,
    /// Whether the bytes were damaged.
    pub damaged: bool,
    /// The filter of a picture that is left.
    pub picture: Option<String>,
}

/// Undoes the filters of a stream with this dictionary. No step may give more than `most` bytes.
pub(super) fn unpack(file: &File<'_>, dict: &Dict, raw: Vec<u8>, most: usize) -> Unpacked {
    let mut out = Unpacked { bytes: raw, short: false, damaged: false, picture: None };
    let filters = list(file, dict, ["Filter", "F"]);
    let parameters = list(file, dict, ["DecodeParms", "DP"]);
    for (at, filter) in filters.iter().take(FILTERS).enumerate() {
        let Some(name) = filter.name() else { continue };
        let parameters = parameters.get(at).and_then(Object::dict).cloned().unwrap_or_default();
        let step = match name {
            "FlateDecode" | "Fl" => predicted(file, &parameters, flate(&out.bytes, most), most),
            "LZWDecode" | "LZW" => {
                let early = file.entry(&parameters, "EarlyChange").int() != Some(0);
                predicted(file, &parameters, super::lzw::unpacked(&out.bytes, early, most), most)
            }
            "ASCII85Decode" | "A85" => (ascii85(&out.bytes), false),
            "ASCIIHexDecode" | "AHx" => (ascii_hex(&out.bytes), false),
            "RunLengthDecode" | "RL" => run_length(&out.bytes, most),
            "Crypt" => continue,
            _ => {
                out.picture = Some(name.to_owned());
                return out;
            }
        };
        out.bytes = step.0;
        out.damaged |= step.1;
        if out.bytes.len() > most {
            out.bytes.truncate(most);
            out.short = true;
        }
    }
    out
}

/// One or several, resolved.
fn list(file: &File<'_>, dict: &Dict, keys: [&str; 2]) -> Vec<Object> {
    let value = keys.into_iter().map(|key| file.entry(dict, key)).find(|value| **value != Object::Null);
    match value.as_deref() {
        None => Vec::new(),
        Some(Object::Array(items)) => items.iter().map(|item| (*file.resolve(item)).clone()).collect(),
        Some(one) => vec![one.clone()],
    }
}

/// Deflated bytes; what came before damage, or before a missing end, counts.
fn flate(bytes: &[u8], most: usize) -> (Vec<u8>, bool) {
    let limit = most as u64 + 1;
    let mut out = Vec::new();
    if flate2::read::ZlibDecoder::new(bytes).take(limit).read_to_end(&mut out).is_ok() {
        return (out, false);
    }
    let mut raw = Vec::new();
    let after_heading = bytes.get(2..).unwrap_or_default();
    let mut decoder = flate2::bufread::DeflateDecoder::new(after_heading);
    let whole = (&mut decoder).take(limit).read_to_end(&mut raw).is_ok();
    let behind = after_heading.get(usize::try_from(decoder.total_in()).unwrap_or(usize::MAX)..).unwrap_or_default();
    if whole || raw.len() > out.len() { (raw, !whole || is_told_wrong(behind)) } else { (out, true) }
}

/// Whether the checksum behind deflated bytes, which is not theirs, was ever meant to be one: some programs leave it out,
/// or write zeros.
fn is_told_wrong(behind: &[u8]) -> bool {
    behind.first_chunk::<4>().is_some_and(|sum| *sum != [0; 4])
}

/// Takes a predictor back (7.4.4.4).
fn predicted(file: &File<'_>, parameters: &Dict, (bytes, damaged): (Vec<u8>, bool), most: usize) -> (Vec<u8>, bool) {
    let number = |key: &str, otherwise: i64| file.entry(parameters, key).int().unwrap_or(otherwise);
    let predictor = number("Predictor", 1);
    if predictor < 2 || bytes.len() > most {
        return (bytes, damaged);
    }
    let size = |key: &str, otherwise: i64, most: i64| number(key, otherwise).clamp(1, most).unsigned_abs() as usize;
    let bits = size("Colors", 1, 64) * size("BitsPerComponent", 8, 16);
    let (pixel, row) = (bits.div_ceil(8), (bits * size("Columns", 1, 1 << 24)).div_ceil(8));
    match predictor {
        2 => (horizontal(bytes, row, pixel), damaged),
        _ => (by_rows(&bytes, row, pixel), damaged),
    }
}

/// The predictor of TIFF, for components of eight bits.
fn horizontal(mut bytes: Vec<u8>, row: usize, pixel: usize) -> Vec<u8> {
    for line in bytes.chunks_mut(row) {
        for at in pixel..line.len() {
            let left = line.get(at - pixel).copied().unwrap_or_default();
            if let Some(byte) = line.get_mut(at) {
                *byte = byte.wrapping_add(left);
            }
        }
    }
    bytes
}

/// The predictors of PNG: a byte before every row says which.
fn by_rows(bytes: &[u8], row: usize, pixel: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut above = vec![0u8; row];
    for line in bytes.chunks(row + 1) {
        let Some((&kind, line)) = line.split_first() else { break };
        let mut now = line.to_vec();
        for at in 0..now.len() {
            let before = at.checked_sub(pixel);
            let left = before.and_then(|at| now.get(at)).copied().unwrap_or_default();
            let corner = before.and_then(|at| above.get(at)).copied().unwrap_or_default();
            let up = above.get(at).copied().unwrap_or_default();
            let add = match kind {
                1 => left,
                2 => up,
                3 => u8::midpoint(left, up),
                4 => paeth(left, up, corner),
                _ => 0,
            };
            if let Some(byte) = now.get_mut(at) {
                *byte = byte.wrapping_add(add);
            }
        }
        out.extend_from_slice(&now);
        now.resize(row, 0);
        above = now;
    }
    out
}

fn paeth(left: u8, up: u8, corner: u8) -> u8 {
    let guess = i16::from(left) + i16::from(up) - i16::from(corner);
    let far = |value: u8| (guess - i16::from(value)).abs();
    match () {
        () if far(left) <= far(up) && far(left) <= far(corner) => left,
        () if far(up) <= far(corner) => up,
        () => corner,
    }
}

fn ascii_hex(bytes: &[u8]) -> Vec<u8> {
    let digits = bytes.iter().take_while(|&&byte| byte != b'>').filter_map(|&byte| char::from(byte).to_digit(16));
    let digits: Vec<u32> = digits.collect();
    let value = |pair: &[u32]| (pair.first().copied().unwrap_or(0) << 4 | pair.get(1).copied().unwrap_or(0)) as u8;
    digits.chunks(2).map(value).collect()
}

fn ascii85(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() / 5 * 4);
    let mut group = Vec::with_capacity(5);
    for &byte in bytes.strip_prefix(b"<~").unwrap_or(bytes) {
        match byte {
            b'~' => break,
            b'z' if group.is_empty() => out.extend([0; 4]),
            b'!'..=b'u' => group.push(u32::from(byte - b'!')),
            _ => {}
        }
        if group.len() == 5 {
            out.extend(base85(&group));
            group.clear();
        }
    }
    if group.len() > 1 {
        let whole = group.len() - 1;
        group.resize(5, 84);
        out.extend(base85(&group).into_iter().take(whole));
    }
    out
}

fn base85(group: &[u32]) -> [u8; 4] {
    group.iter().fold(0u32, |value, &digit| value.wrapping_mul(85).wrapping_add(digit)).to_be_bytes()
}

fn run_length(bytes: &[u8], most: usize) -> (Vec<u8>, bool) {
    let mut out = Vec::new();
    let mut rest = bytes;
    while let Some((&length, after)) = rest.split_first() {
        let count = usize::from(length);
        match length {
            128 => return (out, false),
            _ if out.len() > most => return (out, false),
            0..=127 => {
                let copied = after.get(..=count).unwrap_or(after);
                out.extend_from_slice(copied);
                rest = after.get(copied.len()..).unwrap_or_default();
            }
            _ => {
                let Some((&byte, after)) = after.split_first() else { return (out, true) };
                out.extend(std::iter::repeat_n(byte, 257 - count));
                rest = after;
            }
        }
    }
    (out, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_ascii_are_bytes() {
        assert_eq!(ascii_hex(b"41 4 2>zz"), b"AB");
        assert_eq!(ascii85(b"<~87cURD]i,\"Ebo80~>"), b"Hello World!");
        assert_eq!(ascii85(b"z87cUR~>"), b"\0\0\0\0Hell");
    }

    #[test]
    fn a_wrong_checksum_is_damage_and_a_missing_one_is_not() {
        use std::io::Write as _;
        let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        packer.write_all(b"some text").unwrap();
        let packed = packer.finish().unwrap();
        let (head, sum) = packed.split_at(packed.len() - 4);
        let unpacked = |sum: &[u8]| flate(&[head, sum].concat(), 100);
        assert_eq!(unpacked(sum), (b"some text".to_vec(), false));
        for (sum, damaged) in [(&b""[..], false), (b"\0\0\0\0", false), (b"\n", false), (b"abcd", true)] {
            assert_eq!(unpacked(sum), (b"some text".to_vec(), damaged), "{sum:?}");
        }
    }

    #[test]
    fn runs_are_laid_out() {
        assert_eq!(run_length(&[2, b'a', b'b', b'c', 254, b'd', 128, 9], 100), (b"abcddd".to_vec(), false));
        assert!(run_length(&[129, 0].repeat(1000), 100).0.len() < 400);
    }

    #[test]
    fn predictors_are_taken_back() {
        assert_eq!(by_rows(&[1, 1, 1, 1, 2, 1, 1, 1], 3, 1), [1, 2, 3, 2, 3, 4]);
        assert_eq!(horizontal(vec![1, 1, 1, 5, 1, 1], 3, 1), [1, 2, 3, 5, 6, 7]);
        assert_eq!(paeth(10, 20, 10), 20);
    }
}
