//! Second factors: what is known of one without its secret. The secret is sealed and given to the holder of the authority only;
//! of recovery codes hashes alone are kept.

use types::{Timestamp, UserId};
use zeroize::Zeroizing;

/// So many recovery codes are given out together.
pub const RECOVERY_CODES: usize = 10;

/// SHA-256 of a recovery code.
pub type RecoveryHash = [u8; 32];

/// A person's second factor without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecondFactor {
    /// Since when he has it.
    pub made: Timestamp,
}

/// The secret under which codes are made (RFC 6238). Its `Debug` shows stars.
#[derive(Clone, PartialEq, Eq)]
pub struct FactorSecret(Zeroizing<Vec<u8>>);

impl FactorSecret {
    /// Takes it.
    #[must_use]
    pub fn new(bytes: Zeroizing<Vec<u8>>) -> Self {
        Self(bytes)
    }
    /// The bytes, for whoever seals it or checks a code with it.
    #[must_use]
    pub fn reveal(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Debug for FactorSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FactorSecret(***)")
    }
}

/// A second factor to be set up, in place of one that the person has.
#[derive(Debug, Clone)]
pub struct NewSecondFactor {
    /// Whose.
    pub user: UserId,
    /// The secret.
    pub secret: FactorSecret,
    /// The step of the code that has proved it: no code of it or of an earlier one is accepted again.
    pub step: u64,
    /// The recovery codes.
    pub codes: Vec<RecoveryHash>,
}
