//! Second factors: what is known of one without its secret. The secret is sealed and given to the holder of the authority only;
//! of recovery codes hashes alone are kept. And the passwords of mail programs, for those who have one.

use types::{Timestamp, UserId};
use zeroize::Zeroizing;

/// So many recovery codes are given out together.
pub const RECOVERY_CODES: usize = 10;

/// SHA-256 of a recovery code.
pub type RecoveryHash = [u8; 32];

/// A person has so many passwords of mail programs at most.
pub const APP_PASSWORDS_MOST: usize = 20;
/// Characters of such a password's name at most.
const NAME: usize = 100;

/// What is kept of the password of a mail program: it is random, so a fast hash will do; and SCRAM-SHA-256 keys (RFC 5802, 7677),
/// under one salt for all of a person. Its `Debug` shows stars.
#[derive(Clone, PartialEq, Eq)]
pub struct AppKeys {
    /// SHA-256 of its letters.
    pub hash: [u8; 32],
    /// SCRAM salt.
    pub salt: Vec<u8>,
    /// SCRAM iteration count.
    pub iterations: u32,
    /// SCRAM StoredKey.
    pub stored_key: Vec<u8>,
    /// SCRAM ServerKey.
    pub server_key: Vec<u8>,
}

impl std::fmt::Debug for AppKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AppKeys(***)")
    }
}

/// The password of a mail program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppPassword {
    /// Number.
    pub id: i64,
    /// What its owner calls it; unique among his.
    pub name: String,
    /// What is kept of it.
    pub keys: AppKeys,
    /// Since when it is there.
    pub made: Timestamp,
}

/// The password of a mail program, to be added.
#[derive(Debug, Clone)]
pub struct NewAppPassword {
    /// Whose.
    pub user: UserId,
    /// What he calls it.
    pub name: String,
    /// What is kept of it.
    pub keys: AppKeys,
}

impl NewAppPassword {
    /// Whether its name can be one: 1 to 100 characters on one line.
    #[must_use]
    pub fn has_good_name(&self) -> bool {
        let name = &self.name;
        !name.trim().is_empty() && name.chars().count() <= NAME && !name.chars().any(char::is_control)
    }
}

/// A person's second factor without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecondFactor {
    /// Since when he has it.
    pub made: Timestamp,
    /// The passwords of his mail programs, in the order in which they were added.
    pub app_passwords: Vec<AppPassword>,
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
