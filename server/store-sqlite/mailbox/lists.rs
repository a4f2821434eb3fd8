//! The mailboxes of people as they were read last: names, uses and numbers hold until somebody changes a mailbox itself;
//! counters do not.

use std::sync::Arc;

use moka::sync::Cache;
use sqlx::SqlitePool;
use store::{Mailbox, StoreError};
use types::{MailboxId, UserId};

use super::read;
use super::rows::not_found;
use crate::commits::{Commits, Epoch};

/// So many mailboxes are remembered.
const MOST: u64 = 100_000;

/// Lists of mailboxes by person.
#[derive(Debug)]
pub struct Lists {
    commits: Arc<Commits>,
    kept: Cache<UserId, (Epoch, Arc<Vec<Mailbox>>)>,
}

impl Lists {
    /// None yet.
    pub fn new(commits: Arc<Commits>) -> Self {
        let weigh =
            |_: &UserId, (_, list): &(Epoch, Arc<Vec<Mailbox>>)| u32::try_from(list.len() + 1).unwrap_or(u32::MAX);
        Self { commits, kept: Cache::builder().max_capacity(MOST).weigher(weigh).build() }
    }

    /// The mailbox of this name, with counters of some moment before.
    pub async fn named(&self, db: &SqlitePool, user: UserId, name: &str) -> Result<Option<Mailbox>, StoreError> {
        Ok(self.of(db, user).await?.iter().find(|mailbox| mailbox.name == name).cloned())
    }

    /// The whole name of a mailbox, and whether there are others below it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn name_of(
        &self,
        db: &SqlitePool,
        user: UserId,
        mailbox: MailboxId,
    ) -> Result<(String, bool), StoreError> {
        let list = self.of(db, user).await?;
        let found = list.iter().find(|one| one.id == mailbox).ok_or_else(|| not_found(mailbox))?;
        Ok((found.name.clone(), found.has_children))
    }

    async fn of(&self, db: &SqlitePool, user: UserId) -> Result<Arc<Vec<Mailbox>>, StoreError> {
        let epoch = self.commits.epoch();
        if let Some((read, list)) = self.kept.get(&user)
            && Some(read) == epoch
        {
            return Ok(list);
        }
        let list = Arc::new(read::list(db, user).await?);
        if let Some(epoch) = epoch {
            self.kept.insert(user, (epoch, list.clone()));
        }
        Ok(list)
    }
}
