//! The binary documents of Word and Excel with a password ([MS-OFFCRYPTO] 2.3.6 and 2.3.5): RC4 over their streams, a
//! key for each block of bytes. Presentations are encrypted piece by piece, and stay closed, as does the exchange of
//! bytes of the oldest files.

use std::ops::Range;

use md5::Md5;
use sha1::{Digest, Sha1};

use super::hash::Hash;
use crate::Password;
use crate::formats::ciphers::{Rc4, rc4};
use crate::formats::office::native::long;

/// What trying a password costs, rounds of hashing.
const ROUNDS: u64 = 10;
/// The stream cipher by its number (2.3.2).
const RC4: usize = 0x6801;

/// The description of an encryption: how the key of a block is made of the password.
pub(in crate::formats::office) struct Binary {
    salt: Vec<u8>,
    proof: Vec<u8>,
    proof_hash: Vec<u8>,
    /// Bytes of the key by SHA-1; `None`: it is made by MD5, as Office 97 does.
    length: Option<usize>,
}

/// A key of an encryption, which makes those of the blocks.
pub(in crate::formats::office) struct BinaryKey {
    hash: Vec<u8>,
    length: Option<usize>,
}

impl Binary {
    /// Reads the description from its versions on (2.3.5.1, 2.3.6.1).
    pub fn read(info: &[u8]) -> Option<Self> {
        let (major, minor) = (*info.first()?, *info.get(2)?);
        if (major, minor) == (1, 1) {
            let part = |from: usize| info.get(from..from + 16).map(<[u8]>::to_vec);
            return Some(Self { salt: part(4)?, proof: part(20)?, proof_hash: part(36)?, length: None });
        }
        let size = long(info, 8).filter(|_| (2..=4).contains(&major) && minor == 2)?;
        let header = info.get(12..size.checked_add(12)?)?;
        let bits = long(header, 16).filter(|_| long(header, 8) == Some(RC4))?;
        let length = if bits == 0 { 5 } else { (bits / 8).clamp(5, 16) };
        let verifier = info.get(size + 12..)?;
        let part = |from: usize, to: usize| verifier.get(from..to).map(<[u8]>::to_vec);
        Some(Self { salt: part(4, 20)?, proof: part(20, 36)?, proof_hash: part(40, 60)?, length: Some(length) })
    }

    /// Rounds of hashing that a try costs.
    pub fn rounds(&self) -> u64 {
        ROUNDS
    }

    /// The key, when the password is right.
    pub fn key(&self, password: &Password) -> Option<BinaryKey> {
        let hash = match self.length {
            Some(_) => Hash::Sha1.of(&self.salt, &password.utf16()),
            None => {
                let hash = Md5::digest(password.utf16().as_slice());
                let short = hash.get(..5)?;
                Md5::digest([short, &self.salt].concat().repeat(16)).to_vec()
            }
        };
        let key = BinaryKey { hash, length: self.length };
        let mut stream = Rc4::new(&key.of_block(0));
        let (proof, proof_hash) = (stream.apply(&self.proof), stream.apply(&self.proof_hash));
        let right = match self.length {
            Some(_) => Sha1::digest(&proof).to_vec(),
            None => Md5::digest(&proof).to_vec(),
        };
        (proof_hash == right).then_some(key)
    }
}

impl BinaryKey {
    fn of_block(&self, block: u32) -> Vec<u8> {
        let block = block.to_le_bytes();
        match self.length {
            Some(length) => {
                let mut key = Sha1::digest([self.hash.as_slice(), &block].concat()).to_vec();
                key.truncate(length);
                // a key of 40 bits is filled up
                key.resize(if length == 5 { 16 } else { length }, 0);
                key
            }
            None => Md5::digest([self.hash.get(..5).unwrap_or_default(), &block].concat()).to_vec(),
        }
    }

    /// A stream whose blocks have so many bytes, opened; the ranges in `plain` stand there as they are.
    pub fn open(&self, bytes: &[u8], block: usize, plain: impl Iterator<Item = Range<usize>>) -> Vec<u8> {
        let mut out = Vec::with_capacity(bytes.len());
        for (piece, number) in bytes.chunks(block).zip(0u32..) {
            out.extend(rc4(&self.of_block(number), piece));
        }
        for range in plain {
            if let (Some(to), Some(from)) = (out.get_mut(range.clone()), bytes.get(range)) {
                to.copy_from_slice(from);
            }
        }
        out
    }
}
