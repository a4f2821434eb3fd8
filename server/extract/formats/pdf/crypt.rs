//! The standard security handler (ISO 32000-1, 7.6; ISO 32000-2, 7.6.4), opened with the empty password: a file with
//! a password for its owner only is read by everybody. RC4 and MD5 are what old files use; nothing is written so.

use aes::{Aes128, Aes256};
use cbc::cipher::block_padding::NoPadding;
use cbc::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use md5::{Digest, Md5};
use sha2::{Sha256, Sha384, Sha512};

use super::file::File;
use super::object::{Dict, Id, Object};

/// What short passwords are filled up with (algorithm 2).
const FILL: [u8; 32] = [
    0x28, 0xbf, 0x4e, 0x5e, 0x4e, 0x75, 0x8a, 0x41, 0x64, 0x00, 0x4e, 0x56, 0xff, 0xfa, 0x01, 0x08, 0x2e, 0x2e, 0x00,
    0xb6, 0xd0, 0x68, 0x3e, 0x80, 0x2f, 0x0c, 0xa9, 0xfe, 0x64, 0x53, 0x69, 0x7a,
];

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
    /// Opens a file whose encryption is described by `dict`; `None` when it needs a password.
    pub fn open(file: &File<'_>, dict: &Dict, id: &[u8]) -> Option<Self> {
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
            2..=4 => old_key(file, dict, id, (version, revision), metadata),
            5 | 6 => new_key(file, dict, revision),
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
            Cipher::Aes128 => aes_128(&self.object_key(id, true), bytes),
            Cipher::Aes256 => aes_256(&self.key, bytes),
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

/// The key of revisions 2 to 4, when the empty password is the user's (algorithms 2, 4 and 5).
fn old_key(
    file: &File<'_>,
    dict: &Dict,
    id: &[u8],
    (version, revision): (i64, i64),
    metadata: bool,
) -> Option<Vec<u8>> {
    let owner = file.entry(dict, "O").bytes()?.get(..32)?.to_vec();
    let user = file.entry(dict, "U").bytes()?.get(..16)?.to_vec();
    let rights = file.entry(dict, "P").int()? as u32;
    let bits = if version == 1 { 40 } else { file.entry(dict, "Length").int().unwrap_or(40) };
    let bits = if version == 4 { 128 } else { bits };
    let length = usize::try_from(bits / 8).ok()?.clamp(5, 16);
    let mut hash = Md5::new();
    hash.update(FILL);
    hash.update(&owner);
    hash.update(rights.to_le_bytes());
    hash.update(id);
    if revision >= 4 && !metadata {
        hash.update([0xff; 4]);
    }
    let mut key: Vec<u8> = hash.finalize().iter().copied().take(length).collect();
    if revision >= 3 {
        for _ in 0..50 {
            key = Md5::digest(&key).iter().copied().take(length).collect();
        }
    }
    let proof = if revision == 2 { rc4(&key, &FILL) } else { proof(&key, id) };
    (proof.get(..16) == Some(user.as_slice())).then_some(key)
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

/// The key of revisions 5 and 6, when the empty password is the user's (ISO 32000-2, algorithm 2.A).
fn new_key(file: &File<'_>, dict: &Dict, revision: i64) -> Option<Vec<u8>> {
    let user = file.entry(dict, "U").bytes()?.to_vec();
    let sealed = file.entry(dict, "UE").bytes()?.get(..32)?.to_vec();
    let (proof, salt, key_salt) = (user.get(..32)?, user.get(32..40)?, user.get(40..48)?);
    let hash = |salt: &[u8]| if revision == 5 { Sha256::digest(salt).to_vec() } else { hardened(salt) };
    if hash(salt) != proof {
        return None;
    }
    let key = hash(key_salt);
    let mut out = sealed;
    let cipher = cbc::Decryptor::<Aes256>::new_from_slices(&key, &[0; 16]).ok()?;
    cipher.decrypt_padded::<NoPadding>(&mut out).ok()?;
    Some(out)
}

/// The hash of the empty password with this salt (algorithm 2.B).
fn hardened(salt: &[u8]) -> Vec<u8> {
    let mut key = Sha256::digest(salt).to_vec();
    for round in 0.. {
        let mut bytes = key.repeat(64);
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

/// RC4, which is its own inverse.
fn rc4(key: &[u8], bytes: &[u8]) -> Vec<u8> {
    let mut state: [u8; 256] = std::array::from_fn(|at| at as u8);
    let mut other = 0u8;
    for (at, &byte) in (0..256).zip(key.iter().cycle()) {
        other = other.wrapping_add(at_of(&state, at)).wrapping_add(byte);
        state.swap(at, usize::from(other));
    }
    let (mut one, mut other) = (0u8, 0u8);
    let mut next = || {
        one = one.wrapping_add(1);
        other = other.wrapping_add(at_of(&state, usize::from(one)));
        state.swap(usize::from(one), usize::from(other));
        let sum = at_of(&state, usize::from(one)).wrapping_add(at_of(&state, usize::from(other)));
        at_of(&state, usize::from(sum))
    };
    bytes.iter().map(|byte| byte ^ next()).collect()
}

fn at_of(state: &[u8; 256], at: usize) -> u8 {
    state.get(at).copied().unwrap_or_default()
}

/// AES in chains, the first block the vector, filled up as PKCS #7 says; a torn end is left out.
fn aes_128(key: &[u8], bytes: &[u8]) -> Vec<u8> {
    chained(bytes, |vector, body| {
        let cipher = cbc::Decryptor::<Aes128>::new_from_slices(key, vector).ok()?;
        cipher.decrypt_padded::<NoPadding>(body).ok().map(drop)
    })
}

fn aes_256(key: &[u8], bytes: &[u8]) -> Vec<u8> {
    chained(bytes, |vector, body| {
        let cipher = cbc::Decryptor::<Aes256>::new_from_slices(key, vector).ok()?;
        cipher.decrypt_padded::<NoPadding>(body).ok().map(drop)
    })
}

fn chained(bytes: &[u8], decrypt: impl FnOnce(&[u8], &mut [u8]) -> Option<()>) -> Vec<u8> {
    let Some((vector, body)) = bytes.split_at_checked(16) else { return Vec::new() };
    let mut body = body.get(..body.len() / 16 * 16).unwrap_or_default().to_vec();
    if body.is_empty() || decrypt(vector, &mut body).is_none() {
        return Vec::new();
    }
    let fill = usize::from(body.last().copied().unwrap_or_default());
    if (1..=16).contains(&fill) {
        body.truncate(body.len() - fill);
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rc4_gives_its_known_answer() {
        assert_eq!(rc4(b"Key", b"Plaintext"), [0xbb, 0xf3, 0x16, 0xe8, 0xd9, 0x40, 0xaf, 0x0a, 0xd3]);
    }

    #[test]
    fn torn_chains_are_empty() {
        assert!(aes_128(&[0; 16], &[1; 20]).is_empty());
        assert!(aes_256(&[0; 32], &[]).is_empty());
    }
}
