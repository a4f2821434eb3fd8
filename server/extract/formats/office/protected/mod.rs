//! Documents of Office with a password ([MS-OFFCRYPTO]): which encryption a wrapping says it has, and the document
//! within. Nothing here knows what a document is; what comes out is read as if it had not been encrypted.

mod agile;
mod binary;
mod hash;
mod standard;

use std::io::{Cursor, Read};

use cfb::CompoundFile;

pub(in crate::formats::office) use binary::Binary;

use self::agile::Agile;
use self::standard::Standard;
use crate::reader::Reader;
use crate::{Password, Reason};

/// Bytes of the description of an encryption at most.
const INFO: u64 = 1 << 20;
/// The size that stands before the document, bytes (2.3.4.4).
const SIZE: usize = 8;

/// Reads the compound file in which a document of the newer Office is encrypted (2.3.4).
pub(crate) fn read(bytes: &[u8], out: &mut Reader) {
    match document(bytes, out) {
        Some(document) if out.take(document.len()) => super::read(&document, out),
        Some(_) => {}
        None => out.refuse(Reason::Encrypted),
    }
}

/// The document, when one of the passwords to try opens it.
fn document(bytes: &[u8], out: &mut Reader) -> Option<Vec<u8>> {
    if !out.may_unlock() {
        return out.unlock(0, |_| None);
    }
    let mut file = CompoundFile::open(Cursor::new(bytes)).ok()?;
    let lock = Lock::read(&stream(&mut file, "EncryptionInfo", INFO)?)?;
    let key = out.unlock(lock.rounds(), |password| lock.key(password))?;
    // what is encrypted is no larger than the file in which it lies
    let sealed = stream(&mut file, "EncryptedPackage", bytes.len() as u64)?;
    let (size, sealed) = sealed.split_first_chunk::<SIZE>()?;
    let mut document = lock.open(&key, sealed)?;
    document.truncate(usize::try_from(u64::from_le_bytes(*size)).unwrap_or(usize::MAX));
    Some(document)
}

fn stream(file: &mut CompoundFile<Cursor<&[u8]>>, name: &str, most: u64) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    file.open_stream(name).ok()?.take(most).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// An encryption that is known.
enum Lock {
    Agile(Agile),
    Standard(Standard),
}

impl Lock {
    /// By the versions at the beginning of `EncryptionInfo` (2.3.4.5, 2.3.4.10). Others are those of programs that
    /// nobody has: they stay closed.
    fn read(info: &[u8]) -> Option<Self> {
        let major = u16::from_le_bytes(info.get(..2)?.try_into().ok()?);
        let minor = u16::from_le_bytes(info.get(2..4)?.try_into().ok()?);
        match (major, minor) {
            (4, 4) => Agile::read(info.get(8..)?).map(Self::Agile),
            (2..=4, 2) => Standard::read(info.get(8..)?).map(Self::Standard),
            _ => None,
        }
    }

    /// Rounds of hashing that a try costs.
    fn rounds(&self) -> u64 {
        match self {
            Self::Agile(lock) => lock.rounds(),
            Self::Standard(_) => standard::ROUNDS.into(),
        }
    }

    /// The key of the document, when the password is right.
    fn key(&self, password: &Password) -> Option<Vec<u8>> {
        match self {
            Self::Agile(lock) => lock.key(password),
            Self::Standard(lock) => lock.key(password),
        }
    }

    fn open(&self, key: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Agile(lock) => lock.open(key, sealed),
            Self::Standard(_) => crate::formats::ciphers::aes_blocks(key, sealed.to_vec()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_description_is_no_lock() {
        for info in [&b""[..], b"\x04\0\x04\0", b"\x04\0\x04\0\x40\0\0\0<encryption/>", b"\x03\0\x03\0\0\0\0\0"] {
            assert!(Lock::read(info).is_none(), "{info:?}");
        }
        assert!(Lock::read(&[3, 0, 2, 0, 0, 0, 0, 0, 255, 255, 255, 255]).is_none());
    }

    proptest::proptest! {
        #[test]
        fn no_description_makes_it_fail(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..300), kind in 0usize..3) {
            let start: &[u8] = [&b"\x04\0\x04\0\x40\0\0\0"[..], b"\x03\0\x02\0\x24\0\0\0", b""][kind];
            if let Some(lock) = Lock::read(&[start, &bytes].concat()) {
                let _ = lock.open(&[0; 16], &bytes);
            }
        }
    }
}
