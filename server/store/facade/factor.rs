//! Second factors: only `auth`, which holds the authority, may ask; administrators take them away ([`Change::RemoveSecondFactor`]).

use types::{Timestamp, UserId};

use super::{Result, Store};
use crate::{
    Access, Account, Authority, Change, FactorSecret, NewAppPassword, NewAudit, NewSecondFactor, RecoveryHash, Write,
};

impl Store {
    /// The secret of a person's codes.
    ///
    /// # Errors
    /// [`crate::StoreError::Damaged`]: it does not open; the database failed.
    pub async fn factor_secret(&self, _auth: &Authority, user: UserId) -> Result<Option<FactorSecret>> {
        self.engine.factor_secret(user).await
    }
    /// Accepts the code of a step; false when one of this step or of a later one was accepted before.
    ///
    /// # Errors
    /// The database failed.
    pub async fn accept_step(&self, _auth: &Authority, user: UserId, step: u64) -> Result<bool> {
        self.engine.accept_step(user, step).await
    }
    /// How many recovery codes are left.
    ///
    /// # Errors
    /// The database failed.
    pub async fn recovery_codes(&self, _auth: &Authority, user: UserId) -> Result<u32> {
        self.engine.recovery_codes(user).await
    }
    /// Uses a recovery code up; answers how many are left then, `None` when it is none of his.
    ///
    /// # Errors
    /// The database failed.
    pub async fn use_recovery_code(
        &self,
        _auth: &Authority,
        user: UserId,
        code: RecoveryHash,
        audit: NewAudit,
    ) -> Result<Option<u32>> {
        self.engine.use_recovery_code(user, code, audit).await
    }
    /// Sets up the person's own second factor, in place of one that he has. All access that was given before ends.
    ///
    /// # Errors
    /// As [`Self::change`].
    pub async fn set_second_factor(
        &self,
        _auth: &Authority,
        access: &Access<Account, Write>,
        new: NewSecondFactor,
        at: Timestamp,
    ) -> Result<()> {
        self.change_factor(
            access,
            Change::SetSecondFactor(Box::new(NewSecondFactor { user: access.what().0, ..new })),
            at,
        )
        .await
    }
    /// Puts new recovery codes in the place of those that are left.
    ///
    /// # Errors
    /// As [`Self::change`].
    pub async fn set_recovery_codes(
        &self,
        _auth: &Authority,
        access: &Access<Account, Write>,
        codes: Vec<RecoveryHash>,
        at: Timestamp,
    ) -> Result<()> {
        self.change_factor(access, Change::SetRecoveryCodes { user: access.what().0, codes }, at).await
    }
    /// Takes the person's own second factor away. All access that was given before ends.
    ///
    /// # Errors
    /// As [`Self::change`].
    pub async fn remove_second_factor(
        &self,
        _auth: &Authority,
        access: &Access<Account, Write>,
        at: Timestamp,
    ) -> Result<()> {
        self.change_factor(access, Change::RemoveSecondFactor(access.what().0), at).await
    }
    /// When the passwords of a person's mail programs were last used, by their numbers.
    ///
    /// # Errors
    /// The database failed.
    pub async fn app_passwords_used(&self, _auth: &Authority, user: UserId) -> Result<Vec<(i64, Timestamp)>> {
        self.engine.app_passwords_used(user).await
    }
    /// The password of a mail program was used.
    ///
    /// # Errors
    /// The database failed.
    pub async fn touch_app_password(&self, _auth: &Authority, id: i64, at: Timestamp) -> Result<()> {
        self.engine.touch_app_password(id, at).await
    }
    /// Adds the password of a mail program of the person's own.
    ///
    /// # Errors
    /// As [`Self::change`].
    pub async fn add_app_password(
        &self,
        _auth: &Authority,
        access: &Access<Account, Write>,
        new: NewAppPassword,
        at: Timestamp,
    ) -> Result<()> {
        let new = NewAppPassword { user: access.what().0, ..new };
        self.change_factor(access, Change::AddAppPassword(Box::new(new)), at).await
    }
    /// Takes the password of a mail program of the person's own away. All access that was given before ends.
    ///
    /// # Errors
    /// As [`Self::change`].
    pub async fn remove_app_password(
        &self,
        _auth: &Authority,
        access: &Access<Account, Write>,
        name: &str,
        at: Timestamp,
    ) -> Result<()> {
        let change = Change::RemoveAppPassword { user: access.what().0, name: name.to_owned() };
        self.change_factor(access, change, at).await
    }
    async fn change_factor(&self, access: &Access<Account, Write>, change: Change, at: Timestamp) -> Result<()> {
        self.check(access)?;
        self.engine.change_directory(change, access.holder(), at).await.map(|_| ())
    }
}
