//! A new pair of keys. Two, since not every verifier knows Ed25519 and RSA is what all of them know.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use rsa::RsaPrivateKey;
use rsa::pkcs8::{EncodePrivateKey as _, EncodePublicKey as _};
use store::{DkimAlgorithm, NewDkimKey, PrivateKey};
use types::Timestamp;
use zeroize::Zeroizing;

use crate::OutboundError;

/// Bits of an RSA key: what RFC 8301 3.2 asks for, and what a record of two strings holds.
const BITS: usize = 2_048;

/// A pair whose selectors are not among `taken`: the month and the algorithm, such as `202611r` and `202611e`.
pub(super) fn pair(taken: &[String], at: Timestamp) -> Result<Vec<NewDkimKey>, OutboundError> {
    let month = jiff::Timestamp::from_millisecond(at.0).unwrap_or_default().strftime("%Y%m").to_string();
    let name = |letter: char| {
        let nth = |n: usize| if n == 1 { format!("{month}{letter}") } else { format!("{month}{letter}{n}") };
        // at most as many are taken as a domain may have
        (1..).map(nth).find(|name| !taken.contains(name)).unwrap_or_default()
    };
    let (public, private) = rsa_key()?;
    let rsa = NewDkimKey { selector: name('r'), algorithm: DkimAlgorithm::Rsa, public, private };
    let (public, private) = ed25519_key()?;
    let ed25519 = NewDkimKey { selector: name('e'), algorithm: DkimAlgorithm::Ed25519, public, private };
    Ok(vec![rsa, ed25519])
}

fn rsa_key() -> Result<(String, PrivateKey), OutboundError> {
    let key = RsaPrivateKey::new(&mut rsa::rand_core::OsRng, BITS).map_err(|_| OutboundError::NoRandomness)?;
    let public = key.to_public_key().to_public_key_der().map_err(|_| OutboundError::NotSigned)?;
    let private = key.to_pkcs8_der().map_err(|_| OutboundError::NotSigned)?;
    Ok((STANDARD.encode(public.as_bytes()), PrivateKey::new(private.to_bytes())))
}

fn ed25519_key() -> Result<(String, PrivateKey), OutboundError> {
    let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|_| OutboundError::NoRandomness)?;
    let pair = Ed25519KeyPair::from_pkcs8(document.as_ref()).map_err(|_| OutboundError::NotSigned)?;
    Ok((STANDARD.encode(pair.public_key()), PrivateKey::new(Zeroizing::new(document.as_ref().to_vec()))))
}
