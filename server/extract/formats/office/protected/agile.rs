//! Agile encryption ([MS-OFFCRYPTO] 2.3.4.10 to 2.3.4.15): described in XML; the document in pieces of 4,096 bytes
//! under a key of its own, which the password opens. What the description asks for is bounded.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::hash::{Hash, fitted};
use crate::Password;
use crate::formats::ciphers::{BLOCK, aes_chained};
use crate::formats::office::xml::{self, Sink, Tag};

/// Bytes of a piece of the document.
const PIECE: usize = 4_096;
/// What the hash of the password is made into keys with: for the proof, for its hash, and for the document's key
/// (2.3.4.13).
const PROOF: [u8; 8] = [0xfe, 0xa7, 0xd2, 0x76, 0x3b, 0x4b, 0x9e, 0x79];
const PROOF_HASH: [u8; 8] = [0xd7, 0xaa, 0x0f, 0x6d, 0x30, 0x61, 0x34, 0x4e];
const KEY: [u8; 8] = [0x14, 0x6e, 0x0b, 0xe7, 0xab, 0xac, 0xd0, 0xd6];

/// The description: of the document, and of the key that a password opens.
pub(super) struct Agile {
    document: Sealing,
    key: Sealing,
    rounds: u32,
    proof: Vec<u8>,
    proof_hash: Vec<u8>,
    sealed_key: Vec<u8>,
}

/// How something is encrypted.
struct Sealing {
    salt: Vec<u8>,
    /// Bytes of the key.
    length: usize,
    hash: Hash,
}

impl Agile {
    /// Reads the description.
    pub fn read(info: &[u8]) -> Option<Self> {
        let mut found = Found::default();
        xml::parse(info, &mut found);
        let Found { document, key, rounds, proof, proof_hash, sealed_key } = found;
        let (document, key, rounds) = (document?, key?, rounds?);
        Some(Self { document, key, rounds, proof: proof?, proof_hash: proof_hash?, sealed_key: sealed_key? })
    }

    /// Rounds of hashing that a try costs.
    pub fn rounds(&self) -> u64 {
        self.rounds.into()
    }

    /// The key of the document, when the password is right.
    pub fn key(&self, password: &Password) -> Option<Vec<u8>> {
        let hash = self.key.hash.hardened(&self.key.salt, password, self.rounds);
        let open = |part: [u8; 8], sealed: &[u8]| {
            let key = fitted(self.key.hash.of(&hash, &part), self.key.length);
            aes_chained(&key, &fitted(self.key.salt.clone(), BLOCK), sealed.to_vec())
        };
        let mut proof = open(PROOF, &self.proof)?;
        proof.truncate(self.key.salt.len());
        let right = self.key.hash.of(&proof, &[]);
        if right.is_empty() || open(PROOF_HASH, &self.proof_hash)?.get(..right.len()) != Some(right.as_slice()) {
            return None;
        }
        let mut key = open(KEY, &self.sealed_key)?;
        key.truncate(self.document.length);
        Some(key)
    }

    /// The document.
    pub fn open(&self, key: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let mut out = Vec::with_capacity(sealed.len());
        for (piece, number) in sealed.chunks(PIECE).zip(0u32..) {
            let vector = fitted(self.document.hash.of(&self.document.salt, &number.to_le_bytes()), BLOCK);
            let whole = piece.len() / BLOCK * BLOCK;
            out.extend(aes_chained(key, &vector, piece.get(..whole)?.to_vec())?);
        }
        Some(out)
    }
}

/// What was found in the description so far.
#[derive(Default)]
struct Found {
    document: Option<Sealing>,
    key: Option<Sealing>,
    rounds: Option<u32>,
    proof: Option<Vec<u8>>,
    proof_hash: Option<Vec<u8>>,
    sealed_key: Option<Vec<u8>>,
}

impl Sink for Found {
    fn open(&mut self, tag: &Tag<'_>) {
        match tag.name() {
            "keyData" if self.document.is_none() => self.document = sealing(tag),
            // a certificate's key has no rounds
            "encryptedKey" if self.key.is_none() && tag.get("spinCount").is_some() => {
                self.key = sealing(tag);
                self.rounds = tag.get("spinCount").and_then(|count| count.parse().ok());
                self.proof = bytes(tag, "encryptedVerifierHashInput");
                self.proof_hash = bytes(tag, "encryptedVerifierHashValue");
                self.sealed_key = bytes(tag, "encryptedKeyValue");
            }
            _ => {}
        }
    }
    fn close(&mut self, _name: &str) {}
    fn text(&mut self, _text: &str) {}
}

/// AES in chains is what all programs write; another cipher stays closed.
fn sealing(tag: &Tag<'_>) -> Option<Sealing> {
    let is = |name: &str, word: &str| tag.get(name).is_some_and(|value| value == word);
    if !is("cipherAlgorithm", "AES") || !is("cipherChaining", "ChainingModeCBC") {
        return None;
    }
    let length = tag.get("keyBits")?.parse::<usize>().ok()? / 8;
    let hash = Hash::named(&tag.get("hashAlgorithm")?)?;
    matches!(length, 16 | 24 | 32).then_some(Sealing { salt: bytes(tag, "saltValue")?, length, hash })
}

fn bytes(tag: &Tag<'_>, name: &str) -> Option<Vec<u8>> {
    STANDARD.decode(tag.get(name)?.trim()).ok()
}
