//! A workbook's stream with a password ([MS-XLS] 2.2.10): all of it is encrypted in blocks of 1,024 bytes, but for the
//! heads of its records and a few records as a whole.

use std::ops::Range;

use super::record::{BOF, BOUNDSHEET, FILEPASS};
use crate::formats::office::protected::Binary;
use crate::reader::Reader;

/// Bytes of a block.
const BLOCK: usize = 1_024;
/// Records that stand there as they are: USREXCL, FILELOCK, INTERFACEHDR, RRDINFO, RRDHEAD.
const PLAIN: [u16; 7] = [BOF, FILEPASS, 0x194, 0x195, 0xe1, 0x196, 0x138];

/// The stream, when one of the passwords to try opens it; `password` is the record that says how it is encrypted.
pub(super) fn opened(bytes: &[u8], password: &[u8], out: &mut Reader) -> Option<Vec<u8>> {
    let lock = password.strip_prefix(&[1, 0]).and_then(Binary::read);
    // the oldest way, an exchange of bytes, stays closed
    let lock = lock?;
    let key = out.unlock(lock.rounds(), |password| lock.key(password))?;
    Some(key.open(bytes, BLOCK, Plain { bytes, at: 0 }))
}

/// What is not encrypted, in order.
struct Plain<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Iterator for Plain<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        let &[kind, kind_high, size, size_high] = self.bytes.get(self.at..)?.first_chunk()?;
        let (kind, size) = (u16::from_le_bytes([kind, kind_high]), usize::from(u16::from_le_bytes([size, size_high])));
        let plain = match kind {
            kind if PLAIN.contains(&kind) => 4 + size,
            // where the sheet begins
            BOUNDSHEET => 4 + size.min(4),
            _ => 4,
        };
        let start = self.at;
        self.at += 4 + size;
        Some(start..(start + plain).min(self.bytes.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_and_some_records_stand_as_they_are() {
        let bytes = [9, 8, 2, 0, 1, 1, 0x85, 0, 6, 0, 1, 2, 3, 4, 5, 6, 0xfc, 0, 2, 0, 7, 7];
        let ranges: Vec<Range<usize>> = Plain { bytes: &bytes, at: 0 }.collect();
        assert_eq!(ranges, [0..6, 6..14, 16..20]);
    }
}
