//! The part of the engine's face that webmail's lists ask.

use async_trait::async_trait;
use store::{FlagChange, Neighbours, Page, PageEngine, PageFilter, PageKey, PageStart, StoreError};
use types::{MailboxId, Timestamp, UidSet, UserId};

use crate::SqliteEngine;

type Result<T> = std::result::Result<T, StoreError>;

#[async_trait]
impl PageEngine for SqliteEngine {
    async fn page(
        &self,
        user: UserId,
        mailbox: MailboxId,
        start: PageStart,
        filter: PageFilter,
        most: u32,
    ) -> Result<Page> {
        self.mailboxes().page(user, mailbox, start, filter, most).await
    }
    async fn neighbours(
        &self,
        user: UserId,
        mailbox: MailboxId,
        key: PageKey,
        filter: PageFilter,
    ) -> Result<Neighbours> {
        self.mailboxes().neighbours(user, mailbox, key, filter).await
    }
    async fn mark(
        &self,
        user: UserId,
        mailbox: MailboxId,
        uids: &UidSet,
        change: FlagChange,
    ) -> Result<Vec<(UidSet, FlagChange)>> {
        self.mailboxes().mark(user, mailbox, uids, change).await
    }
    async fn remove(&self, user: UserId, mailbox: MailboxId, uids: &UidSet, at: Timestamp) -> Result<UidSet> {
        self.mailboxes().remove(user, mailbox, uids, at).await
    }
    async fn remove_together(&self, user: UserId, mailbox: MailboxId, uids: &UidSet, at: Timestamp) -> Result<UidSet> {
        self.mailboxes().remove_together(user, mailbox, uids, at).await
    }
}
