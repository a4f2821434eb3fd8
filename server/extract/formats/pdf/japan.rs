//! The character collection Adobe-Japan1: which character each number (CID) of it is. The table holds a character of
//! two bytes for each CID, 0 where there is none; it was made from the CMap resource Adobe-Japan1-UCS2 of Adobe
//! (BSD-3-Clause, see adobe-japan1.md).

use std::collections::HashMap;
use std::sync::OnceLock;

static TABLE: &[u8] = include_bytes!("adobe-japan1.ucs2");

/// The character of a CID.
pub(super) fn character(cid: u32) -> Option<char> {
    let at = usize::try_from(cid).ok()?.checked_mul(2)?;
    let pair = TABLE.get(at..at.checked_add(2)?)?;
    let code = pair.iter().fold(0u32, |code, &byte| code << 8 | u32::from(byte));
    char::from_u32(code).filter(|&c| c != '\0' && c != '\u{fffd}')
}

/// The CID of a character; the first where several are.
pub(super) fn cid(c: char) -> Option<u32> {
    static CIDS: OnceLock<HashMap<char, u32>> = OnceLock::new();
    let cids = CIDS.get_or_init(|| {
        let count = u32::try_from(TABLE.len() / 2).unwrap_or_default();
        (0..count).rev().filter_map(|cid| character(cid).map(|c| (c, cid))).collect()
    });
    cids.get(&c).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_that_of_adobe() {
        // the digits: proportional, half, full; the first kanji of both levels
        for (number, c) in [(17, '0'), (247, '0'), (780, '０'), (1125, '亜'), (4090, '弌'), (843, 'あ')] {
            assert_eq!(character(number), Some(c), "{number}");
        }
        assert_eq!((character(0), character(70_000)), (None, None));
        assert_eq!((cid('0'), cid('亜')), (Some(17), Some(1125)));
    }
}
