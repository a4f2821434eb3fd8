//! The compression of RTF bodies (MS-OXRTFCP).

/// What the dictionary holds before anything is read (2.1.2.1).
const BEGIN: &[u8; 207] = b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \
\\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";
/// The size of the dictionary.
const SIZE: usize = 4096;

/// The RTF of a compressed body, up to `most` bytes; `None` when it is none.
pub(super) fn unpacked(bytes: &[u8], most: usize) -> Option<Vec<u8>> {
    let number = |at: usize| bytes.get(at..at + 4)?.try_into().ok().map(u32::from_le_bytes);
    let (size, kind) = (number(4)? as usize, bytes.get(8..12)?);
    let body = bytes.get(16..)?;
    match kind {
        b"MELA" => Some(body.get(..size.min(body.len()).min(most))?.to_vec()),
        b"LZFu" => Some(tokens(body, size.min(most))),
        _ => None,
    }
}

/// Runs of eight tokens: a byte, or twelve bits of place and four of length in the dictionary (2.2.2).
fn tokens(body: &[u8], most: usize) -> Vec<u8> {
    let mut dictionary = [0u8; SIZE];
    for (slot, byte) in dictionary.iter_mut().zip(BEGIN) {
        *slot = *byte;
    }
    let mut write = BEGIN.len();
    let mut out = Vec::new();
    let mut bytes = body.iter().copied();
    let mut put = |byte: u8, out: &mut Vec<u8>, dictionary: &mut [u8; SIZE]| {
        out.push(byte);
        if let Some(slot) = dictionary.get_mut(write) {
            *slot = byte;
        }
        write = (write + 1) % SIZE;
        write
    };
    let mut end = BEGIN.len();
    while let Some(flags) = bytes.next() {
        for bit in 0..8 {
            if out.len() >= most {
                return out;
            }
            let Some(first) = bytes.next() else { return out };
            if flags >> bit & 1 == 0 {
                end = put(first, &mut out, &mut dictionary);
                continue;
            }
            let Some(second) = bytes.next() else { return out };
            let (at, length) = (usize::from(first) << 4 | usize::from(second >> 4), usize::from(second & 15) + 2);
            // a reference to where the next byte goes ends the body
            if at == end {
                return out;
            }
            for place in at..at + length {
                let byte = dictionary.get(place % SIZE).copied().unwrap_or_default();
                end = put(byte, &mut out, &mut dictionary);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_specification_is_unpacked() {
        let packed = [
            0x2d, 0x00, 0x00, 0x00, 0x2b, 0x00, 0x00, 0x00, 0x4c, 0x5a, 0x46, 0x75, 0xf1, 0xc5, 0xc7, 0xa7, 0x03, 0x00,
            0x0a, 0x00, 0x72, 0x63, 0x70, 0x67, 0x31, 0x32, 0x35, 0x42, 0x32, 0x0a, 0xf3, 0x20, 0x68, 0x65, 0x6c, 0x09,
            0x00, 0x20, 0x62, 0x77, 0x05, 0xb0, 0x6c, 0x64, 0x7d, 0x0a, 0x80, 0x0f, 0xa0,
        ];
        assert_eq!(unpacked(&packed, 1000).unwrap(), b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n");
    }

    #[test]
    fn torn_bodies_end() {
        assert_eq!(unpacked(b"\0\0\0\0\x05\0\0\0MELA\0\0\0\0hello", 1000).as_deref(), Some(&b"hello"[..]));
        assert_eq!(unpacked(b"\0\0\0\0\x05\0\0\0LZFu\0\0\0\0\xff", 1000).as_deref(), Some(&b""[..]));
        assert_eq!(unpacked(b"none", 1000), None);
    }
}
