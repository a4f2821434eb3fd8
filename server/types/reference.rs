//! The short reference that people read out on the phone: `7F3K-92QA`.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Crockford's letters: no I, L, O, U.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A reference of eight letters and digits, made from 40 random bits; the same in replies, notices, logs.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Reference([u8; 8]);

impl Reference {
    /// Makes a reference from 40 random bits.
    #[must_use]
    pub fn from_random(bits: [u8; 5]) -> Self {
        let number = bits.iter().fold(0u64, |sum, byte| sum << 8 | u64::from(*byte));
        Self(std::array::from_fn(|i| LETTERS[(number >> (35 - 5 * i) & 31) as usize]))
    }

    /// Reads a reference as a person types it: any case, hyphen or none, O for 0, I and L for 1.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let letters: Vec<u8> = text
            .bytes()
            .filter(|b| *b != b'-')
            .map(|b| match b.to_ascii_uppercase() {
                b'O' => b'0',
                b'I' | b'L' => b'1',
                b => b,
            })
            .collect();
        let letters: [u8; 8] = letters.try_into().ok()?;
        letters.iter().all(|b| LETTERS.contains(b)).then_some(Self(letters))
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, letter) in self.0.iter().enumerate() {
            if i == 4 {
                f.write_str("-")?;
            }
            write!(f, "{}", char::from(*letter))?;
        }
        Ok(())
    }
}
impl fmt::Debug for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
impl TryFrom<String> for Reference {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("not a reference")
    }
}
impl From<Reference> for String {
    fn from(reference: Reference) -> Self {
        reference.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_reads_back_as_typed_by_a_person() {
        let reference = Reference::from_random([0x3b, 0x19, 0x20, 0xff, 0x01]);
        assert_eq!(Reference::parse(&reference.to_string()), Some(reference));
        assert_eq!(Reference::parse("7f3k92qa").unwrap().to_string(), "7F3K-92QA");
        assert_eq!(Reference::parse("7f3k-92q"), None);
    }
}
