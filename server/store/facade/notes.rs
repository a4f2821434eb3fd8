//! Notes of passwords, for the sender of the mail alone.

use types::Reference;

use super::{Result, Store};
use crate::{Access, Account, PasswordNote, Read, StoreError, SubmissionRow};

impl Store {
    /// What somebody is told of the passwords of his own mail.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], also for another's mail; [`StoreError::Damaged`]: they were destroyed with the mail.
    pub async fn own_password_notes(
        &self,
        access: &Access<Account, Read>,
        mail: Reference,
    ) -> Result<(SubmissionRow, Vec<PasswordNote>)> {
        self.check(access)?;
        let row = self.engine.submission(mail).await?.filter(|row| row.author == Some(access.what().0));
        let row = row.ok_or_else(|| StoreError::NotFound(format!("mail {mail}")))?;
        let notes = self.engine.password_notes(row.id).await?;
        Ok((row, notes))
    }
}
