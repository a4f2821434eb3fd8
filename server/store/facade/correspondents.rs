//! To whom a person has written, and who is suggested to him.

use types::Address;

use super::{Result, Store};
use crate::folding::needle;
use crate::{Access, Account, Correspondent, Read, StoreError, Suggestion};

/// Most addresses that are asked for at once.
const ADDRESSES: usize = 2_000;
/// Most suggestions.
const SUGGESTIONS: u32 = 50;

impl Store {
    /// Those of `addresses` to whom the person has sent mail; the others are 初めての宛先.
    ///
    /// # Errors
    /// [`StoreError::Invalid`]: more than 2,000 addresses.
    pub async fn known(&self, access: &Access<Account, Read>, addresses: &[Address]) -> Result<Vec<Correspondent>> {
        self.check(access)?;
        if addresses.len() > ADDRESSES {
            return Err(StoreError::Invalid(format!("at most {ADDRESSES} addresses")));
        }
        self.engine.known(access.what().0, addresses).await
    }
    /// Recipients for what was typed, at most 50: those written to before, the last first, then colleagues and groups.
    /// Nothing typed: only those written to.
    ///
    /// # Errors
    /// Stale access or database.
    pub async fn suggest(&self, access: &Access<Account, Read>, typed: &str, most: u32) -> Result<Vec<Suggestion>> {
        self.check(access)?;
        let directory = self.engine.directory();
        let user = directory.users.get(&access.what().0).ok_or(StoreError::Stale)?;
        let (most, needle) = (most.min(SUGGESTIONS), needle(typed));
        let sent = self.engine.correspondents(user.id, &needle, most).await?;
        Ok(self.shelf.book(&directory).suggest(user.tenant, &needle, sent, most as usize))
    }
}
