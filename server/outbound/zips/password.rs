//! Passwords that are made for ZIPs: to be read to somebody on the telephone, and out of reach of who tries them on the file.

use inspect::extract::Password;
use zeroize::Zeroizing;

use crate::OutboundError;

/// Characters of one: 16 of 31 are 79 bits, at a thousand rounds of hashing a try.
const LENGTH: usize = 16;
/// Small letters and digits, without those that are taken for each other (0 and o, 1, i and l).
const ALPHABET: &[u8; 31] = b"abcdefghjkmnpqrstuvwxyz23456789";

/// A fresh one, each equally likely.
pub(super) fn fresh() -> Result<Password, OutboundError> {
    // what lies above the last whole alphabet is drawn again
    const BOUND: u8 = u8::MAX - u8::MAX % 31;
    let mut text = Zeroizing::new(String::with_capacity(LENGTH));
    while text.len() < LENGTH {
        let mut bits = Zeroizing::new([0; 2 * LENGTH]);
        getrandom::fill(bits.as_mut()).map_err(|_| OutboundError::NoRandomness)?;
        let drawn = bits.iter().filter(|byte| **byte < BOUND);
        let signs = drawn.filter_map(|byte| ALPHABET.get(usize::from(byte % 31)));
        let missing = LENGTH - text.len();
        text.extend(signs.take(missing).map(|sign| char::from(*sign)));
    }
    Password::parse(&text).map_err(|_| OutboundError::NoRandomness)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_has_sixteen_characters_that_nobody_takes_for_others() {
        let mut seen = std::collections::HashSet::new();
        for _ in 0..200 {
            let password = fresh().unwrap();
            let text = password.reveal();
            assert_eq!(text.len(), 16);
            assert!(text.bytes().all(|sign| ALPHABET.contains(&sign)), "a strange character");
            assert!(!text.contains(['0', 'o', 'O', '1', 'l', 'i', 'I']));
            assert!(seen.insert(text.to_owned()), "twice");
            assert_eq!(format!("{password:?}"), "Password(***)");
        }
        let used: std::collections::HashSet<char> = seen.iter().flat_map(|text| text.chars()).collect();
        assert_eq!(used.len(), ALPHABET.len(), "every character comes");
    }
}
