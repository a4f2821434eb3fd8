//! A document's streams with a password ([MS-DOC] 2.2.6): encrypted in blocks of 512 bytes, but for the beginning of
//! the text's stream; how, the beginning of the table's stream says.

use super::short;
use crate::formats::office::native::long;
use crate::formats::office::protected::Binary;
use crate::reader::Reader;

/// The bit of the flags that says so (2.5.2, fEncrypted), and the one for the oldest way, an exchange of bytes, which
/// stays closed.
pub(super) const MARK: u16 = 0x100;
const EXCHANGE: u16 = 0x8000;
/// Where the flags stand.
const FLAGS: usize = 0xa;
/// Bytes of a block, and those at the beginning that stand as they are.
const BLOCK: usize = 512;
const PLAIN: usize = 68;

/// Both streams, when one of the passwords to try opens them, without the mark.
pub(super) fn opened(text: &[u8], table: &[u8], out: &mut Reader) -> Option<(Vec<u8>, Vec<u8>)> {
    let flags = short(text, FLAGS).filter(|flags| flags & EXCHANGE == 0)?;
    let size = long(text, 0xe)?;
    let lock = Binary::read(table.get(..size)?)?;
    let key = out.unlock(lock.rounds(), |password| lock.key(password))?;
    let mut opened = key.open(text, BLOCK, std::iter::once(0..PLAIN));
    if let Some(place) = opened.get_mut(FLAGS..FLAGS + 2) {
        place.copy_from_slice(&(flags & !MARK).to_le_bytes());
    }
    Some((opened, key.open(table, BLOCK, std::iter::once(0..size))))
}
