//! Keys with which a domain signs the mail that leaves (DKIM, RFC 6376; Ed25519: RFC 8463): what everybody may know of
//! one is in the directory; its private half is sealed, and is given to the holder of the way out only.

use types::{Domain, Timestamp};
use zeroize::Zeroizing;

/// A domain has at most so many keys, those that no longer sign among them.
pub const DKIM_KEYS_MOST: usize = 20;
/// Characters of a character-string of a TXT record at most (RFC 1035 3.3).
const STRING: usize = 255;

/// How a key signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DkimAlgorithm {
    /// rsa-sha256 with 2,048 bits (RFC 8301): what every verifier knows.
    Rsa,
    /// ed25519-sha256 (RFC 8463): short and quick; verifiers that do not know it pass over its signature.
    Ed25519,
}

impl DkimAlgorithm {
    /// Both, with the words of the tag `k=`.
    pub const ALL: [(Self, &'static str); 2] = [(Self::Rsa, "rsa"), (Self::Ed25519, "ed25519")];
    /// Reads a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, name)| *name == word).map(|(algorithm, _)| *algorithm)
    }
    /// The word of the tag `k=` (RFC 6376 3.6.1).
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rsa => "rsa",
            Self::Ed25519 => "ed25519",
        }
    }
}

/// What a key is used for at present. It only goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DkimState {
    /// It signs nothing before its record stands in the DNS.
    Waiting,
    /// It signs.
    Signing,
    /// Another one has taken its place; the private half is destroyed. Its record is needed until the last mail has arrived.
    Retired,
}

impl DkimState {
    /// All, with the words of the command line.
    pub const ALL: [(Self, &'static str); 3] =
        [(Self::Waiting, "waiting"), (Self::Signing, "signing"), (Self::Retired, "retired")];
    /// Reads a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, name)| *name == word).map(|(state, _)| *state)
    }
    /// The word of the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Signing => "signing",
            Self::Retired => "retired",
        }
    }
}

/// A key without its private half.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DkimKey {
    /// Names it, and no other one ever.
    pub mark: [u8; 16],
    /// Whose mail it signs.
    pub domain: Domain,
    /// Under which name its record stands; unique in the domain.
    pub selector: String,
    /// How it signs.
    pub algorithm: DkimAlgorithm,
    /// The public half as the tag `p=` has it: base64 of the SubjectPublicKeyInfo (RSA) or of the 32 bytes (Ed25519).
    pub public: String,
    /// What it is used for.
    pub state: DkimState,
    /// Since when it is there.
    pub made: Timestamp,
    /// Since when it is in this state.
    pub changed: Timestamp,
}

impl DkimKey {
    /// The name of its record, without a final dot (RFC 6376 3.6.2.1), as machines have it.
    #[must_use]
    pub fn record_name(&self) -> String {
        format!("{}._domainkey.{}", self.selector, self.domain.to_ascii())
    }
    /// The text of its record (RFC 6376 3.6.1).
    #[must_use]
    pub fn record_text(&self) -> String {
        format!("v=DKIM1; k={}; p={}", self.algorithm.as_str(), self.public)
    }
    /// The record as a line of a zone file: a text of over 255 characters is several strings, which are read as one.
    #[must_use]
    pub fn zone_line(&self) -> String {
        let (text, mut strings) = (self.record_text(), String::new());
        let mut rest = text.as_str();
        while !rest.is_empty() {
            // the text is ASCII
            let (string, more) = rest.split_at(rest.len().min(STRING));
            strings.push_str(&format!(" \"{string}\""));
            rest = more;
        }
        format!("{}. IN TXT{strings}", self.record_name())
    }
}

/// The private half of a key: PKCS#8. Its `Debug` shows stars.
#[derive(Clone, PartialEq, Eq)]
pub struct PrivateKey(Zeroizing<Vec<u8>>);

impl PrivateKey {
    /// Takes it.
    #[must_use]
    pub fn new(pkcs8: Zeroizing<Vec<u8>>) -> Self {
        Self(pkcs8)
    }
    /// The bytes, for whoever seals it or signs with it.
    #[must_use]
    pub fn reveal(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PrivateKey(***)")
    }
}

/// A key to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDkimKey {
    /// Its name in the DNS.
    pub selector: String,
    /// How it signs.
    pub algorithm: DkimAlgorithm,
    /// As [`DkimKey::public`].
    pub public: String,
    /// The private half.
    pub private: PrivateKey,
}

impl NewDkimKey {
    /// Whether its selector is one label: 1 to 63 lower-case letters, digits and hyphens.
    #[must_use]
    pub fn has_good_selector(&self) -> bool {
        let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        (1..=63).contains(&self.selector.len()) && self.selector.chars().all(good)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_record_is_several_strings() {
        let key = DkimKey {
            mark: [0; 16],
            domain: Domain::parse("aoba.example").unwrap(),
            selector: "202611r".into(),
            algorithm: DkimAlgorithm::Rsa,
            public: "A".repeat(392),
            state: DkimState::Waiting,
            made: Timestamp(0),
            changed: Timestamp(0),
        };
        let line = key.zone_line();
        let rest = line.strip_prefix("202611r._domainkey.aoba.example. IN TXT \"v=DKIM1; k=rsa; p=").unwrap();
        let strings: Vec<&str> = rest.trim_end_matches('"').split("\" \"").collect();
        assert_eq!(strings.iter().map(|string| string.len()).collect::<Vec<_>>(), [255 - 18, 392 - (255 - 18)]);
        assert!(strings.concat().bytes().all(|byte| byte == b'A'));
    }
}
