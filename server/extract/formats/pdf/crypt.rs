//! The standard security handler (ISO 32000-1, 7.6; ISO 32000-2, 7.6.4), opened with the password of its user or of
//! its owner; a file with a password for its owner only is read by everybody, with the empty one. RC4 and MD5 are what
//! old files use; nothing is written so.

use aes::Aes128;
use cbc::cipher::block_padding::NoPadding;
use cbc::cipher::{BlockModeEncrypt, KeyIvInit};
use md5::{Digest, Md5};
use sha2::{Sha256, Sha384, Sha512};

use super::super::ciphers::{BLOCK, aes_chained, rc4};
use super::file::File;
use super::object::{Dict, Id, Object};

/// What short passwords are filled up with (algorithm 2).
const FILL: [u8; 32] = [
    0x28, 0xbf, 0x4e, 0x5e, 0x4e, 0x75, 0x8a, 0x41, 0x64, 0x00, 0x4e, 0x56, 0xff, 0xfa, 0x01, 0x08, 0x2e, 0x2e, 0x00,
    0xb6, 0xd0, 0x68, 0x3e, 0x80, 0x2f, 0x0c, 0xa9, 0xfe, 0x64, 0x53, 0x69, 0x7a,
];

/// What trying one password costs at most, rounds of hashing: revision 6 hashes some kilobytes 64 times and more, for
/// the user and for the owner.
pub(super) const ROUNDS: u64 = 40_000;

/// How strings or streams are encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cipher {
    None,
    Rc4,
    Aes128,
    Aes256,
}

/// An opened encryption. Its `Debug` shows no key.
pub(super) struct Crypt {
    key: Vec<u8>,
    strings: Cipher,
    streams: Cipher,
    /// Whether the description of the file is encrypted too.
    metadata: bool,
}

impl std::fmt::Debug for Crypt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Crypt").field("streams", &self.streams).finish_non_exhaustive()
    }
}

impl Crypt {
    /// Opens a file whose encryption is described by `dict`; `None` when it needs another password.
    pub fn open(file: &File<'_>, dict: &Dict, id: &[u8], password: &[u8]) -> Option<Self> {
        if file.entry(dict, "Filter").name() != Some("Standard") {
            return None;
        }
        let version = file.entry(dict, "V").int().unwrap_or(0);
        let revision = file.entry(dict, "R").int().unwrap_or(0);
        let metadata = *file.entry(dict, "EncryptMetadata") != Object::Bool(false);
        let (strings, streams) = match version {
            1..=3 => (Cipher::Rc4, Cipher::Rc4),
            4 | 5 => (named(file, dict, "StrF"), named(file, dict, "StmF")),
            _ => return None,
        };
        let key = match revision {
            2..=4 => Old::of(file, dict, id, (version, revision), metadata)?.key(password),
            5 | 6 => new_key(file, dict, revision, password),
            _ => None,
        }?;
        Some(Self { key, strings, streams, metadata })
    }

    /// An object of the file with its strings decrypted.
    pub fn decrypt_strings(&self, object: Object, id: Id) -> Object {
        match object {
            Object::Text(bytes) => Object::Text(self.decrypt(self.strings, &bytes, id)),
            Object::Array(items) => {
                Object::Array(items.into_iter().map(|item| self.decrypt_strings(item, id)).collect())
            }
            Object::Dict(dict) => {
                let entries = dict.0.into_iter().map(|(key, value)| (key, self.decrypt_strings(value, id)));
                Object::Dict(Dict(entries.collect()))
            }
            other => other,
        }
    }

    /// The bytes of a stream, decrypted; cross-references never are encrypted.
    pub fn decrypt_stream(&self, raw: &[u8], id: Id, dict: &Dict) -> Vec<u8> {
        match dict.get("Type").name() {
            Some("XRef") => raw.to_vec(),
            Some("Metadata") if !self.metadata => raw.to_vec(),
            _ => self.decrypt(self.streams, raw, id),
        }
    }

    fn decrypt(&self, cipher: Cipher, bytes: &[u8], id: Id) -> Vec<u8> {
        match cipher {
            Cipher::None => bytes.to_vec(),
            Cipher::Rc4 => rc4(&self.object_key(id, false), bytes),
            Cipher::Aes128 => filled(&self.object_key(id, true), bytes),
            Cipher::Aes256 => filled(&self.key, bytes),
        }
    }

    /// The key of one object (algorithm 1).
    fn object_key(&self, (number, generation): Id, aes: bool) -> Vec<u8> {
        let mut hash = Md5::new();
        hash.update(&self.key);
        hash.update(number.to_le_bytes().get(..3).unwrap_or_default());
        hash.update(generation.to_le_bytes());
        if aes {
            hash.update(b"sAlT");
        }
        let length = (self.key.len() + 5).min(16);
        hash.finalize().iter().copied().take(length).collect()
    }
}

/// The cipher of a crypt filter (7.6.5).
fn named(file: &File<'_>, dict: &Dict, which: &str) -> Cipher {
    let name = file.entry(dict, which);
    let filters = file.entry(dict, "CF");
    let filter = filters.dict().map(|filters| file.entry(filters, name.name().unwrap_or("Identity")));
    let method = filter.as_deref().and_then(Object::dict).map(|filter| file.entry(filter, "CFM"));
    match method.as_deref().and_then(Object::name) {
        Some("V2") => Cipher::Rc4,
        Some("AESV2") => Cipher::Aes128,
        Some("AESV3") => Cipher::Aes256,
        _ => Cipher::None,
    }
}

/// What revisions 2 to 4 make a key of.
struct Old<'a> {
    owner: Vec<u8>,
    user: Vec<u8>,
    rights: u32,
    id: &'a [u8],
    revision: i64,
    /// Bytes of the key.
    length: usize,
    metadata: bool,
}

impl<'a> Old<'a> {
    fn of(file: &File<'_>, dict: &Dict, id: &'a [u8], (version, revision): (i64, i64), metadata: bool) -> Option<Self> {
        let owner = file.entry(dict, "O").bytes()?.get(..32)?.to_vec();
        let user = file.entry(dict, "U").bytes()?.get(..16)?.to_vec();
        let rights = file.entry(dict, "P").int()? as u32;
        let bits = if version == 1 { 40 } else { file.entry(dict, "Length").int().unwrap_or(40) };
        let bits = if version == 4 { 128 } else { bits };
        let length = usize::try_from(bits / 8).ok()?.clamp(5, 16);
        Some(Self { owner, user, rights, id, revision, length, metadata })
    }

    /// The key, when the password is the user's or the owner's.
    fn key(&self, password: &[u8]) -> Option<Vec<u8>> {
        let password = padded(password);
        self.of_user(&password).or_else(|| self.of_user(&self.user_by_owner(&password)))
    }

    /// The key, when this is the user's password, filled up (algorithms 2, 4, 5 and 6).
    fn of_user(&self, password: &[u8]) -> Option<Vec<u8>> {
        let mut hash = Md5::new();
        hash.update(password);
        hash.update(&self.owner);
        hash.update(self.rights.to_le_bytes());
        hash.update(self.id);
        if self.revision >= 4 && !self.metadata {
            hash.update([0xff; 4]);
        }
        let key = self.hardened(hash.finalize().to_vec());
        let proof = if self.revision == 2 { rc4(&key, &FILL) } else { proof(&key, self.id) };
        (proof.get(..16) == Some(self.user.as_slice())).then_some(key)
    }

    /// The user's password as `O` holds it for this one of the owner (algorithm 7).
    fn user_by_owner(&self, password: &[u8]) -> Vec<u8> {
        let key = self.hardened(Md5::digest(password).to_vec());
        if self.revision == 2 {
            return rc4(&key, &self.owner);
        }
        let round = |sealed: Vec<u8>, round: u8| rc4(&key.iter().map(|byte| byte ^ round).collect::<Vec<_>>(), &sealed);
        (0..20u8).rev().fold(self.owner.clone(), round)
    }

    fn hardened(&self, mut key: Vec<u8>) -> Vec<u8> {
        key.truncate(self.length);
        let rounds = if self.revision >= 3 { 50 } else { 0 };
        (0..rounds).fold(key, |key, _| Md5::digest(&key).iter().copied().take(self.length).collect())
    }
}

/// A password filled up to 32 bytes, or cut.
fn padded(password: &[u8]) -> Vec<u8> {
    password.iter().chain(&FILL).copied().take(FILL.len()).collect()
}

/// What `U` begins with when the key is right (algorithm 5).
fn proof(key: &[u8], id: &[u8]) -> Vec<u8> {
    let mut hash = Md5::new();
    hash.update(FILL);
    hash.update(id);
    let mut out = hash.finalize().to_vec();
    for round in 0..20u8 {
        let key: Vec<u8> = key.iter().map(|byte| byte ^ round).collect();
        out = rc4(&key, &out);
    }
    out
}

/// The key of revisions 5 and 6, when the password is the user's or the owner's (ISO 32000-2, algorithm 2.A).
fn new_key(file: &File<'_>, dict: &Dict, revision: i64, password: &[u8]) -> Option<Vec<u8>> {
    let password = password.get(..127).unwrap_or(password);
    let user = file.entry(dict, "U").bytes()?.to_vec();
    let owner = file.entry(dict, "O").bytes()?.to_vec();
    let key = |proof: &[u8], more: &[u8], sealed: &str| {
        let (right, salt, key_salt) = (proof.get(..32)?, proof.get(32..40)?, proof.get(40..48)?);
        let hash = |salt: &[u8]| match revision {
            5 => Sha256::digest([password, salt, more].concat()).to_vec(),
            _ => hardened(password, salt, more),
        };
        let key = (hash(salt) == right).then(|| hash(key_salt))?;
        let sealed = file.entry(dict, sealed).bytes()?.get(..32)?.to_vec();
        aes_chained(&key, &[0; BLOCK], sealed)
    };
    key(&user, &[], "UE").or_else(|| key(&owner, user.get(..48)?, "OE"))
}

/// The hash of a password with this salt, and for the owner's with `U` (algorithm 2.B).
fn hardened(password: &[u8], salt: &[u8], more: &[u8]) -> Vec<u8> {
    let mut key = Sha256::digest([password, salt, more].concat()).to_vec();
    for round in 0.. {
        let mut bytes = [password, key.as_slice(), more].concat().repeat(64);
        let (secret, vector) = key.split_at(16);
        let length = bytes.len();
        let cipher = cbc::Encryptor::<Aes128>::new_from_slices(secret, vector.get(..16).unwrap_or_default());
        if let Ok(cipher) = cipher {
            let _ = cipher.encrypt_padded::<NoPadding>(&mut bytes, length);
        }
        let kind = bytes.iter().take(16).map(|&byte| u32::from(byte)).sum::<u32>() % 3;
        key = match kind {
            0 => Sha256::digest(&bytes).to_vec(),
            1 => Sha384::digest(&bytes).to_vec(),
            _ => Sha512::digest(&bytes).to_vec(),
        };
        let last = u32::from(bytes.last().copied().unwrap_or_default());
        if round >= 63 && last <= round - 31 {
            break;
        }
    }
    key.truncate(32);
    key
}

/// AES in chains, the first block the vector, filled up as PKCS #7 says; a torn end is left out.
fn filled(key: &[u8], bytes: &[u8]) -> Vec<u8> {
    let Some((vector, body)) = bytes.split_at_checked(BLOCK) else { return Vec::new() };
    let body = body.get(..body.len() / BLOCK * BLOCK).unwrap_or_default().to_vec();
    let Some(mut body) = aes_chained(key, vector, body) else { return Vec::new() };
    let fill = usize::from(body.last().copied().unwrap_or_default());
    if (1..=BLOCK).contains(&fill) {
        body.truncate(body.len() - fill);
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn torn_chains_are_empty() {
        assert!(filled(&[0; 16], &[1; 20]).is_empty());
        assert!(filled(&[0; 32], &[]).is_empty());
    }
}
