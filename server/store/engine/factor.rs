//! What signing in with a second factor asks.

use async_trait::async_trait;
use types::{Timestamp, UserId};

use super::Result;
use crate::{FactorSecret, NewAudit, RecoveryHash};

/// The part of an engine that keeps second factors; they are set up and taken away as changes of the directory.
#[async_trait]
pub trait FactorEngine: Send + Sync + 'static {
    /// The secret of a person's codes.
    async fn factor_secret(&self, user: UserId) -> Result<Option<FactorSecret>>;
    /// Accepts the code of a step; false when one of this step or of a later one was accepted before.
    async fn accept_step(&self, user: UserId, step: u64) -> Result<bool>;
    /// How many recovery codes are left.
    async fn recovery_codes(&self, user: UserId) -> Result<u32>;
    /// Uses a recovery code up, with its audit row; answers how many are left then, `None` when it is none of his.
    async fn use_recovery_code(&self, user: UserId, code: RecoveryHash, audit: NewAudit) -> Result<Option<u32>>;
    /// When the passwords of a person's mail programs were last used, by their numbers; those that never were are missing.
    async fn app_passwords_used(&self, user: UserId) -> Result<Vec<(i64, Timestamp)>>;
    /// The password of a mail program was used at `at`; never moves backwards.
    async fn touch_app_password(&self, id: i64, at: Timestamp) -> Result<()>;
}
