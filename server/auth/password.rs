//! Passwords: argon2id hashes for PLAIN and LOGIN, SCRAM-SHA-256 keys for later sign-in without sending them.

use std::num::NonZeroU32;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use ring::{digest, hmac, pbkdf2, rand};
use store::Credentials;

/// Why a password cannot be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Under eight characters.
    #[error("the password is too short: at least 8 characters")]
    TooShort,
    /// Over 200 characters: argon2 takes any length, people's typing does not.
    #[error("the password is too long: at most 200 characters")]
    TooLong,
    /// Characters that SASLprep forbids (RFC 4013).
    #[error("the password holds a character that cannot be typed everywhere")]
    BadCharacter,
    /// The machine gives no randomness.
    #[error("the machine gives no randomness")]
    NoRandomness,
}

/// RFC 7677 asks for 4,096 at least.
pub(crate) const ITERATIONS: NonZeroU32 = NonZeroU32::MIN.saturating_add(9_999);

/// Signs that nobody takes for one another; 32, so that five bits choose one.
const ALPHABET: [char; 32] = [
    'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'j', 'k', 'm', 'n', 'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z',
    '2', '3', '4', '5', '6', '7', '8', '9', '@',
];

/// A first password to be told once: 20 characters, 100 bits, in groups of five.
///
/// # Errors
/// [`PasswordError::NoRandomness`].
pub fn generated() -> Result<zeroize::Zeroizing<String>, PasswordError> {
    let bytes: [u8; 20] = rand::generate(&rand::SystemRandom::new()).map_err(|_| PasswordError::NoRandomness)?.expose();
    let letters: Vec<char> = bytes.iter().filter_map(|byte| ALPHABET.get(usize::from(byte % 32))).copied().collect();
    let groups: Vec<String> = letters.chunks(5).map(|group| group.iter().collect()).collect();
    Ok(zeroize::Zeroizing::new(groups.join("-")))
}

/// Makes what is kept of a password. It takes tens of milliseconds: not for async threads.
///
/// # Errors
/// [`PasswordError`] says what is wrong with it.
pub fn credentials(password: &str) -> Result<Credentials, PasswordError> {
    match password.chars().count() {
        0..8 => return Err(PasswordError::TooShort),
        201.. => return Err(PasswordError::TooLong),
        _ => {}
    }
    let prepared = stringprep::saslprep(password).map_err(|_| PasswordError::BadCharacter)?;
    let random = rand::SystemRandom::new();
    let salt: [u8; 16] = rand::generate(&random).map_err(|_| PasswordError::NoRandomness)?.expose();
    let (stored_key, server_key) = scram_keys(&prepared, &salt, ITERATIONS.get());
    let (salt, iterations) = (salt.to_vec(), ITERATIONS.get());
    Ok(Credentials { argon2: argon2_hash(password)?, salt, iterations, stored_key, server_key })
}

/// StoredKey and ServerKey (RFC 5802 3) of a password that SASLprep has prepared.
pub(crate) fn scram_keys(prepared: &str, salt: &[u8], iterations: u32) -> (Vec<u8>, Vec<u8>) {
    let iterations = NonZeroU32::new(iterations).unwrap_or(ITERATIONS);
    let mut salted = [0; 32];
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, iterations, salt, prepared.as_bytes(), &mut salted);
    let key = hmac::Key::new(hmac::HMAC_SHA256, &salted);
    let client_key = hmac::sign(&key, b"Client Key");
    let stored_key = digest::digest(&digest::SHA256, client_key.as_ref()).as_ref().to_vec();
    (stored_key, hmac::sign(&key, b"Server Key").as_ref().to_vec())
}

pub(crate) fn argon2_hash(password: &str) -> Result<String, PasswordError> {
    let hash = Argon2::default().hash_password(password.as_bytes()).map_err(|_| PasswordError::NoRandomness)?;
    Ok(hash.to_string())
}

pub(crate) fn argon2_matches(hash: &str, password: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_matches_its_own_hash_only() {
        let made = credentials("正しい馬の電池ホチキス").unwrap();
        assert!(argon2_matches(&made.argon2, "正しい馬の電池ホチキス"));
        assert!(!argon2_matches(&made.argon2, "正しい馬の電池ホチキズ"));
        assert_eq!((made.stored_key.len(), made.server_key.len(), made.iterations), (32, 32, 10_000));
        assert_eq!(format!("{made:?}"), "Credentials(***)");
    }

    #[test]
    fn a_set_password_has_scram_keys_that_prove_it_without_being_sent() {
        let made = credentials("correct horse battery").unwrap();
        let nonces = b"n=taro,r=abc,r=abcdef,s=salt,i=10000,c=biws,r=abcdef";
        // the client's side of RFC 5802 3: what it derives from the password it typed
        let mut salted = [0; 32];
        let iterations = NonZeroU32::new(made.iterations).unwrap();
        pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, iterations, &made.salt, b"correct horse battery", &mut salted);
        let sign = |key: &[u8], text: &[u8]| hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text);
        let client_key = sign(&salted, b"Client Key");
        let stored = digest::digest(&digest::SHA256, client_key.as_ref());
        let proof: Vec<u8> =
            client_key.as_ref().iter().zip(sign(stored.as_ref(), nonces).as_ref()).map(|(a, b)| a ^ b).collect();
        // the server's side: only from what it kept
        let key: Vec<u8> = proof.iter().zip(sign(&made.stored_key, nonces).as_ref()).map(|(a, b)| a ^ b).collect();
        assert_eq!(digest::digest(&digest::SHA256, &key).as_ref(), made.stored_key);
        assert_eq!(made.server_key, sign(&salted, b"Server Key").as_ref());
        assert_ne!(made.salt, credentials("correct horse battery").unwrap().salt, "each password has its own salt");
    }

    #[test]
    fn short_and_untypable_passwords_are_named() {
        assert_eq!(credentials("short").unwrap_err(), PasswordError::TooShort);
        assert_eq!(credentials("with\u{7}bell and more").unwrap_err(), PasswordError::BadCharacter);
    }
}
