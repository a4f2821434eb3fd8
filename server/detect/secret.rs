//! The digits of a finding: nothing prints them, and they are wiped from memory when dropped.

use std::fmt;

use ring::hmac;
use zeroize::Zeroizing;

/// The digits of a number. `Debug` and `Display` print stars; it cannot be serialized.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Keeps the values 0 to 9 of `digits`.
    #[must_use]
    pub(crate) fn new(digits: &[u8]) -> Self {
        Self(Zeroizing::new(digits.iter().map(|digit| char::from(b'0' + digit % 10)).collect()))
    }

    /// Keeps a text that is no number, such as a mail address.
    #[must_use]
    pub(crate) fn of_text(text: &str) -> Self {
        Self(Zeroizing::new(text.to_owned()))
    }

    /// A short name of the number that tells distinct numbers apart and does not give them away: the first
    /// 8 hexadecimal digits of HMAC-SHA-256. A plain hash would not do: all numbers are hashed in minutes.
    #[must_use]
    pub fn fingerprint(&self, key: &[u8; 32]) -> String {
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), self.0.as_bytes());
        tag.as_ref().iter().take(4).map(|byte| format!("{byte:02x}")).collect()
    }

    /// The digits themselves; for tests and masking only.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::hash::Hash for Secret {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.as_str().hash(state);
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|_| f.write_str("*"))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_printed_shows_a_digit() {
        let secret = Secret::new(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 8]);
        assert_eq!(format!("{secret} {secret:?} {secret:#?}"), "************ ************ ************");
        assert_eq!(secret.reveal(), "123456789018");
    }

    #[test]
    fn a_fingerprint_depends_on_the_number_and_on_the_key() {
        let (one, two) = (Secret::new(&[1; 12]), Secret::new(&[2; 12]));
        assert_eq!(one.fingerprint(&[7; 32]).len(), 8);
        assert_eq!(one.fingerprint(&[7; 32]), one.clone().fingerprint(&[7; 32]));
        assert_ne!(one.fingerprint(&[7; 32]), two.fingerprint(&[7; 32]));
        assert_ne!(one.fingerprint(&[7; 32]), one.fingerprint(&[8; 32]));
    }
}
