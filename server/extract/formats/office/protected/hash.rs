//! The hashes that documents of Office name, and a password hardened by them.

use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};
use zeroize::Zeroizing;

use crate::Password;

/// A hash by its name in a description.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hash {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    /// The hash of this name (2.3.4.10, HashAlgorithm).
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "SHA1" | "SHA-1" => Some(Self::Sha1),
            "SHA256" | "SHA-256" => Some(Self::Sha256),
            "SHA384" | "SHA-384" => Some(Self::Sha384),
            "SHA512" | "SHA-512" => Some(Self::Sha512),
            _ => None,
        }
    }

    /// Of two pieces after one another.
    pub fn of(self, one: &[u8], other: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha1 => digest::<Sha1>(one, other),
            Self::Sha256 => digest::<Sha256>(one, other),
            Self::Sha384 => digest::<Sha384>(one, other),
            Self::Sha512 => digest::<Sha512>(one, other),
        }
    }

    /// Of a password with its salt, and then `rounds` times of the number of the round and the hash before (2.3.4.7,
    /// 2.3.4.11).
    pub fn hardened(self, salt: &[u8], password: &Password, rounds: u32) -> Zeroizing<Vec<u8>> {
        let mut hash = self.of(salt, &password.utf16());
        for round in 0..rounds {
            hash = self.of(&round.to_le_bytes(), &hash);
        }
        Zeroizing::new(hash)
    }
}

fn digest<D: Digest>(one: &[u8], other: &[u8]) -> Vec<u8> {
    let mut hash = D::new();
    hash.update(one);
    hash.update(other);
    hash.finalize().to_vec()
}

/// Cut to this length, or filled up to it as the formats say.
pub(super) fn fitted(mut bytes: Vec<u8>, length: usize) -> Vec<u8> {
    bytes.resize(length, 0x36);
    bytes
}
