//! Standard encryption ([MS-OFFCRYPTO] 2.3.4.5 to 2.3.4.9): described in a few fields; the document block by block
//! under a key that is made of the password.

use sha1::{Digest, Sha1};

use super::hash::Hash;
use crate::Password;
use crate::formats::ciphers::aes_blocks;
use crate::formats::office::native::long;

/// Rounds of hashing that make a key.
pub(super) const ROUNDS: u32 = 50_000;
/// The ciphers by their numbers (2.3.2): AES with 128, 192 and 256 bits.
const CIPHERS: [(usize, usize); 3] = [(0x660e, 16), (0x660f, 24), (0x6610, 32)];
/// Bytes of a hash.
const HASH: usize = 20;

/// The description.
pub(super) struct Standard {
    /// Bytes of the key.
    length: usize,
    salt: Vec<u8>,
    proof: Vec<u8>,
    proof_hash: Vec<u8>,
}

impl Standard {
    /// Reads the description behind versions and flags.
    pub fn read(info: &[u8]) -> Option<Self> {
        let size = long(info, 0)?;
        let header = info.get(4..size.checked_add(4)?)?;
        let cipher = long(header, 8)?;
        let length = CIPHERS.iter().find(|(number, _)| *number == cipher)?.1;
        let verifier = info.get(size + 4..)?;
        let salt = verifier.get(4..20)?.to_vec();
        let (proof, proof_hash) = (verifier.get(20..36)?.to_vec(), verifier.get(40..72)?.to_vec());
        Some(Self { length, salt, proof, proof_hash })
    }

    /// The key, when the password is right.
    pub fn key(&self, password: &Password) -> Option<Vec<u8>> {
        let hash = Hash::Sha1.hardened(&self.salt, password, ROUNDS);
        let hash = Hash::Sha1.of(&hash, &0u32.to_le_bytes());
        let mut key = [widened(&hash, 0x36), widened(&hash, 0x5c)].concat();
        key.truncate(self.length);
        let proof = Sha1::digest(aes_blocks(&key, self.proof.clone())?);
        let right = aes_blocks(&key, self.proof_hash.clone())?;
        (right.get(..HASH) == Some(proof.as_slice())).then_some(key)
    }
}

/// One half of a key (2.3.4.7, as CryptDeriveKey does it).
fn widened(hash: &[u8], with: u8) -> Vec<u8> {
    let mut block = [with; 64];
    block.iter_mut().zip(hash).for_each(|(byte, hash)| *byte ^= hash);
    Sha1::digest(block).to_vec()
}
