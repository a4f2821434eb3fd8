//! The LZW of PDF and TIFF (ISO 32000-1, 7.4.4): codes of 9 to 12 bits, the highest bit first.

const CLEAR: usize = 256;
const END: usize = 257;
/// Codes that there can be.
const CODES: usize = 4096;

/// Unpacks `bytes` up to a little more than `most`; whether they were damaged stands beside it. `early` says that the
/// codes grow one code earlier, as they do when nothing is said.
pub(super) fn unpacked(bytes: &[u8], early: bool, most: usize) -> (Vec<u8>, bool) {
    let mut out = Vec::new();
    // where in `out` each word lies: every word has been written once when it is learnt
    let mut words: Vec<(usize, usize)> = Vec::with_capacity(CODES);
    let mut before: Option<(usize, usize)> = None;
    let mut at = 0;
    loop {
        let known = END + 1 + words.len() + usize::from(early);
        let width = match known {
            0..512 => 9,
            512..1024 => 10,
            1024..2048 => 11,
            _ => 12,
        };
        let Some(code) = code(bytes, at, width) else { return (out, false) };
        at += width;
        let start = out.len();
        match code {
            CLEAR => {
                words.clear();
                before = None;
                continue;
            }
            END => return (out, false),
            0..CLEAR => out.push(code as u8),
            _ => match (words.get(code - END - 1).copied(), before) {
                (Some((from, length)), _) => copy(&mut out, from, length),
                // the word that is being learnt: the one before with its own first byte
                (None, Some((from, length))) if code == END + 1 + words.len() => copy(&mut out, from, length + 1),
                _ => return (out, true),
            },
        }
        if let Some((from, length)) = before.filter(|_| words.len() < CODES - END - 1) {
            words.push((from, length + 1));
        }
        before = Some((start, out.len() - start));
        if out.len() > most {
            return (out, false);
        }
    }
}

fn copy(out: &mut Vec<u8>, from: usize, length: usize) {
    for at in from..from + length {
        let byte = out.get(at).copied().unwrap_or_default();
        out.push(byte);
    }
}

/// `width` bits from the bit `at`.
fn code(bytes: &[u8], at: usize, width: usize) -> Option<usize> {
    if at + width > bytes.len() * 8 {
        return None;
    }
    let window = (0..3)
        .fold(0usize, |window, more| window << 8 | usize::from(bytes.get(at / 8 + more).copied().unwrap_or_default()));
    Some(window >> (24 - at % 8 - width) & ((1 << width) - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_standard_is_unpacked() {
        let packed = [0x80, 0x0b, 0x60, 0x50, 0x22, 0x0c, 0x0c, 0x85, 0x01];
        assert_eq!(unpacked(&packed, true, 100), (vec![45, 45, 45, 45, 45, 65, 45, 45, 45, 66], false));
    }

    #[test]
    fn wrong_codes_are_damage() {
        assert!(unpacked(&[0xff, 0xff, 0xff], true, 100).1);
    }
}
