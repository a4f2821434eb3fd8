//! Passwords that a company has agreed with others for encrypted files: what everybody may know of one is in the
//! directory; its text is sealed, never comes with it, and is given to the holder of the way out only.

use types::{Domain, TenantId, Timestamp, UserId};
use zeroize::Zeroizing;

/// A company has at most so many.
pub const AGREED_MOST: usize = 500;
/// Characters of a name at most.
const NAME: usize = 100;

/// An agreed password without its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgreedPassword {
    /// Names it, and no other one ever: random, and new when the same text is added again.
    pub mark: [u8; 16],
    /// What people call it; unique in the company.
    pub name: String,
    /// It is tried on mail with somebody of this domain only.
    pub domain: Option<Domain>,
    /// It is tried on mail of the members of this group only.
    pub group: Option<String>,
    /// Since when.
    pub added: Timestamp,
    /// By whom; `None`: the command line.
    pub by: Option<UserId>,
}

/// The text of a password. Its `Debug` shows stars.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes it.
    #[must_use]
    pub fn new(text: Zeroizing<String>) -> Self {
        Self(text)
    }
    /// The text, for whoever seals it or tries it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(***)")
    }
}

/// An agreed password to be added.
#[derive(Debug, Clone)]
pub struct NewAgreedPassword {
    /// Whose.
    pub tenant: TenantId,
    /// What people call it.
    pub name: String,
    /// As [`AgreedPassword::domain`].
    pub domain: Option<Domain>,
    /// As [`AgreedPassword::group`].
    pub group: Option<String>,
    /// The text, already found good by `extract`.
    pub secret: Secret,
}

impl NewAgreedPassword {
    /// Whether its name can be one: 1 to 100 characters on one line.
    #[must_use]
    pub fn has_good_name(&self) -> bool {
        let name = &self.name;
        !name.trim().is_empty() && name.chars().count() <= NAME && !name.chars().any(char::is_control)
    }
}
