//! What `tests/fuzz` (and nobody else) does with records: arbitrary bytes as a stored record, and mails as records.

use crate::frame;
use crate::key::RecordKey;
use crate::record::{CRC_FROM_END, FOOTER, Tail, seal};

/// Reads `bytes` as a stored record; once more with its checksum made right, so that what lies behind it is reached.
pub fn record(bytes: &[u8]) {
    let key = RecordKey::new([7; 32]);
    let _ = read(bytes, &key);
    let mut mended = bytes.to_vec();
    if let Some(tail) = bytes.last_chunk::<FOOTER>().and_then(|footer| Tail::len(footer, bytes.len() as u64).ok()) {
        let start = bytes.len().saturating_sub(tail);
        let end = bytes.len().saturating_sub(CRC_FROM_END + 4);
        let crc = crc32c::crc32c(bytes.get(start..end).unwrap_or_default()).to_le_bytes();
        if let Some(place) = mended.get_mut(end..end + 4) {
            place.copy_from_slice(&crc);
        }
        let _ = read(&mended, &key);
    }
}

/// Seals `plain`, reads it back, and finds every change of one byte at `at`.
pub fn sealed(plain: &[u8], at: usize) {
    let key = RecordKey::new([7; 32]);
    let Ok(mut sealed) = seal(plain, &key) else { return };
    assert_eq!(read(&sealed.bytes, &key).as_deref(), Some(plain), "the record does not come back");
    let at = at % sealed.bytes.len();
    if let Some(byte) = sealed.bytes.get_mut(at) {
        *byte ^= 1;
    }
    let changed = read(&sealed.bytes, &key);
    // the CRC of the whole record is checked by `verify`, not by a reader: its four bytes change nothing here
    assert!(changed.is_none() || changed.as_deref() == Some(plain), "a changed record was read as another");
}

/// The plain bytes, if the record is whole.
fn read(bytes: &[u8], key: &RecordKey) -> Option<Vec<u8>> {
    let len = Tail::len(bytes.last_chunk::<FOOTER>()?, bytes.len() as u64).ok()?;
    let tail = Tail::read(bytes.get(bytes.len().checked_sub(len)?..)?, bytes.len() as u64).ok()?;
    let (key, mut plain) = (tail.key(key).ok()?, Vec::new());
    for index in 0..tail.frames() {
        let (place, info) = tail.frame(index)?;
        let range = usize::try_from(place.start).ok()?..usize::try_from(place.end).ok()?;
        frame::open(&key, info, &mut bytes.get(range)?.to_vec(), &mut plain)?;
    }
    Some(plain)
}
