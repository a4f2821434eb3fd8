//! The key of one record, and what is sealed with it besides the record: small columns of rows.

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, Salt};
use ring::rand::{SecureRandom, SystemRandom};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::error::BlobError;

/// Bytes of salt that stand with everything sealed.
pub(crate) const SALT: usize = 16;

/// The secret of one record: whoever destroys it has destroyed the record.
///
/// Nothing is sealed with it directly. Each sealing draws a salt and derives a key of its own (HKDF-SHA-256,
/// RFC 5869), so counter nonces start at zero without a pair of key and nonce ever coming twice, also when a job is
/// run again or when columns are sealed beside the record.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct RecordKey([u8; 32]);

impl RecordKey {
    /// Takes the 32 bytes of a key that was kept in `keys.db`.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Draws a new key. Fails only where the system has no randomness.
    pub fn generate() -> Result<Self, BlobError> {
        let mut bytes = [0; 32];
        SystemRandom::new().fill(&mut bytes).map_err(|_| BlobError::Crypto)?;
        Ok(Self(bytes))
    }

    /// The bare bytes, for the one place that wraps and stores them.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// Seals a small value that belongs to the record but lives in a row (an envelope, extracted text).
    ///
    /// `place` names the column; what was sealed for one place does not open for another. The result is 32 bytes
    /// longer than `plain`, and differs with each call.
    pub fn seal_column(&self, place: &str, plain: &[u8]) -> Result<Vec<u8>, BlobError> {
        let salt = new_salt()?;
        let mut out = Vec::with_capacity(SALT + plain.len() + AES_256_GCM.tag_len());
        out.extend_from_slice(&salt);
        out.extend_from_slice(plain);
        let body = out.get_mut(SALT..).unwrap_or_default();
        let tag = self
            .derive(&salt, COLUMN)?
            .seal_in_place_separate_tag(nonce(0, true), Aad::from(place.as_bytes()), body)
            .map_err(|_| BlobError::Crypto)?;
        out.extend_from_slice(tag.as_ref());
        Ok(out)
    }

    /// Opens what [`RecordKey::seal_column`] made for the same `place`; [`BlobError::Column`] when it does not open.
    pub fn open_column(&self, place: &str, sealed: &[u8]) -> Result<Vec<u8>, BlobError> {
        let (salt, body) = sealed.split_first_chunk::<SALT>().ok_or(BlobError::Column)?;
        let mut body = body.to_vec();
        let len = self
            .derive(salt, COLUMN)?
            .open_in_place(nonce(0, true), Aad::from(place.as_bytes()), &mut body)
            .map_err(|_| BlobError::Column)?
            .len();
        body.truncate(len);
        Ok(body)
    }

    /// The working key for one sealing.
    pub(crate) fn derive(&self, salt: &[u8; SALT], purpose: &[u8]) -> Result<LessSafeKey, BlobError> {
        let prk = Salt::new(HKDF_SHA256, salt).extract(&self.0);
        let info = [purpose];
        let okm = prk.expand(&info, &AES_256_GCM).map_err(|_| BlobError::Crypto)?;
        Ok(LessSafeKey::new(UnboundKey::from(okm)))
    }
}

impl std::fmt::Debug for RecordKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RecordKey(***)")
    }
}

/// What a working key is derived for: frames of a record.
pub(crate) const FRAMES: &[u8] = b"sekisho record frames 1";
const COLUMN: &[u8] = b"sekisho record column 1";

/// A salt that was never used before.
pub(crate) fn new_salt() -> Result<[u8; SALT], BlobError> {
    let mut salt = [0; SALT];
    SystemRandom::new().fill(&mut salt).map_err(|_| BlobError::Crypto)?;
    Ok(salt)
}

/// The nonce of frame `index`: a counter and the mark of the last frame, so that frames can neither be swapped nor
/// cut off at the end (the STREAM construction).
pub(crate) fn nonce(index: u32, last: bool) -> Nonce {
    let mut bytes = [0; NONCE_LEN];
    bytes[..4].copy_from_slice(&index.to_le_bytes());
    bytes[NONCE_LEN - 1] = u8::from(last);
    Nonce::assume_unique_for_key(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_hides_the_key() {
        assert_eq!(format!("{:?}", RecordKey::new([0x41; 32])), "RecordKey(***)");
    }

    #[test]
    fn a_column_opens_at_its_own_place_only() {
        let key = RecordKey::generate().unwrap();
        let sealed = key.seal_column("subject", "見積書".as_bytes()).unwrap();
        assert_eq!(key.open_column("subject", &sealed).unwrap(), "見積書".as_bytes());
        assert!(matches!(key.open_column("preview", &sealed), Err(BlobError::Column)));
        assert!(matches!(RecordKey::generate().unwrap().open_column("subject", &sealed), Err(BlobError::Column)));
    }

    #[test]
    fn a_damaged_column_is_noticed() {
        let key = RecordKey::generate().unwrap();
        let sealed = key.seal_column("subject", b"abc").unwrap();
        for i in 0..sealed.len() {
            let mut bad = sealed.clone();
            bad[i] ^= 1;
            assert!(key.open_column("subject", &bad).is_err(), "byte {i}");
        }
        for cut in 0..sealed.len() {
            assert!(key.open_column("subject", &sealed[..cut]).is_err(), "cut at {cut}");
        }
    }
}
