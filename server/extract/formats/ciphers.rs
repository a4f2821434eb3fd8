//! The ciphers of encrypted documents, where a format does not bring its own: AES in chains and in single blocks, and
//! RC4 of old files. Nothing is ever written with them. They know no format.

use aes::cipher::{BlockCipherDecrypt, KeyInit};
use aes::{Aes128, Aes192, Aes256};
use cbc::cipher::block_padding::NoPadding;
use cbc::cipher::{BlockModeDecrypt, KeyIvInit};

/// Bytes of a block of AES.
pub(crate) const BLOCK: usize = 16;

/// AES in chains (CBC) without its padding; `None` when key, vector or bytes have no fitting length.
pub(crate) fn aes_chained(key: &[u8], vector: &[u8], mut bytes: Vec<u8>) -> Option<Vec<u8>> {
    match key.len() {
        16 => chained::<cbc::Decryptor<Aes128>>(key, vector, &mut bytes)?,
        24 => chained::<cbc::Decryptor<Aes192>>(key, vector, &mut bytes)?,
        32 => chained::<cbc::Decryptor<Aes256>>(key, vector, &mut bytes)?,
        _ => return None,
    }
    Some(bytes)
}

fn chained<D: KeyIvInit + BlockModeDecrypt>(key: &[u8], vector: &[u8], bytes: &mut [u8]) -> Option<()> {
    D::new_from_slices(key, vector).ok()?.decrypt_padded::<NoPadding>(bytes).ok().map(drop)
}

/// AES block by block (ECB); a torn end is left as it is. `None` when the key has no fitting length.
pub(crate) fn aes_blocks(key: &[u8], mut bytes: Vec<u8>) -> Option<Vec<u8>> {
    match key.len() {
        16 => blocks::<Aes128>(key, &mut bytes)?,
        24 => blocks::<Aes192>(key, &mut bytes)?,
        32 => blocks::<Aes256>(key, &mut bytes)?,
        _ => return None,
    }
    Some(bytes)
}

fn blocks<C: KeyInit + BlockCipherDecrypt>(key: &[u8], bytes: &mut [u8]) -> Option<()> {
    let cipher = C::new_from_slice(key).ok()?;
    for block in bytes.chunks_exact_mut(BLOCK) {
        cipher.decrypt_block(block.try_into().ok()?);
    }
    Some(())
}

/// The stream of RC4, which encrypts and decrypts alike.
pub(crate) struct Rc4 {
    state: [u8; 256],
    one: u8,
    other: u8,
}

impl Rc4 {
    /// The stream of this key.
    pub fn new(key: &[u8]) -> Self {
        let mut state: [u8; 256] = std::array::from_fn(|at| at as u8);
        let mut other = 0u8;
        for (at, &byte) in (0..256).zip(key.iter().cycle()) {
            other = other.wrapping_add(at_of(&state, at)).wrapping_add(byte);
            state.swap(at, usize::from(other));
        }
        Self { state, one: 0, other: 0 }
    }

    /// The bytes with the next bytes of the stream.
    pub fn apply(&mut self, bytes: &[u8]) -> Vec<u8> {
        bytes.iter().map(|byte| byte ^ self.next()).collect()
    }

    fn next(&mut self) -> u8 {
        self.one = self.one.wrapping_add(1);
        let (one, state) = (usize::from(self.one), &mut self.state);
        self.other = self.other.wrapping_add(at_of(state, one));
        state.swap(one, usize::from(self.other));
        let sum = at_of(state, one).wrapping_add(at_of(state, usize::from(self.other)));
        at_of(state, usize::from(sum))
    }
}

/// What RC4 with this key makes of the bytes.
pub(crate) fn rc4(key: &[u8], bytes: &[u8]) -> Vec<u8> {
    Rc4::new(key).apply(bytes)
}

fn at_of(state: &[u8; 256], at: usize) -> u8 {
    state.get(at).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rc4_gives_its_known_answer() {
        assert_eq!(rc4(b"Key", b"Plaintext"), [0xbb, 0xf3, 0x16, 0xe8, 0xd9, 0x40, 0xaf, 0x0a, 0xd3]);
    }

    /// FIPS 197, C.1.
    #[test]
    fn aes_gives_its_known_answer() {
        let key: Vec<u8> = (0..16).collect();
        let sealed = [0x69, 0xc4, 0xe0, 0xd8, 0x6a, 0x7b, 0x04, 0x30, 0xd8, 0xcd, 0xb7, 0x80, 0x70, 0xb4, 0xc5, 0x5a];
        let plain: Vec<u8> = (0..16).map(|at| at * 0x11).collect();
        assert_eq!(aes_blocks(&key, sealed.to_vec()), Some(plain.clone()));
        assert_eq!(aes_chained(&key, &[0; 16], sealed.to_vec()), Some(plain));
    }

    #[test]
    fn what_fits_no_block_is_refused_or_left() {
        assert_eq!(aes_chained(&[0; 16], &[0; 16], vec![1; 20]), None);
        assert_eq!(aes_chained(&[0; 15], &[0; 16], vec![1; 16]), None);
        assert_eq!(aes_chained(&[0; 32], &[0; 8], vec![1; 16]), None);
        assert_eq!(aes_blocks(&[0; 16], vec![1; 5]), Some(vec![1; 5]));
    }
}
