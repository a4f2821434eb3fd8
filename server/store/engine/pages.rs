//! What webmail and POP3 ask of mailboxes beyond what IMAP does: pages, changes that can be undone, removal for good.

use async_trait::async_trait;
use types::{MailboxId, Timestamp, UidSet, UserId};

use super::Result;
use crate::{FlagChange, Neighbours, Page, PageFilter, PageKey, PageStart};

/// The part of an engine that lists mailboxes in pages. As everywhere, another's mailbox is
/// [`crate::StoreError::NotFound`].
#[async_trait]
pub trait PageEngine: Send + Sync + 'static {
    /// At most `most` messages from `start` on, newest first.
    async fn page(
        &self,
        user: UserId,
        mailbox: MailboxId,
        start: PageStart,
        filter: PageFilter,
        most: u32,
    ) -> Result<Page>;
    /// The messages beside `key`, whether or not one lies there.
    async fn neighbours(
        &self,
        user: UserId,
        mailbox: MailboxId,
        key: PageKey,
        filter: PageFilter,
    ) -> Result<Neighbours>;
    /// As STORE; answers the changes that undo it exactly: messages that had the flags already are not in them.
    async fn mark(
        &self,
        user: UserId,
        mailbox: MailboxId,
        uids: &UidSet,
        change: FlagChange,
    ) -> Result<Vec<(UidSet, FlagChange)>>;
    /// Takes messages out for good, whether or not they bear `\Deleted`; answers which went.
    async fn remove(&self, user: UserId, mailbox: MailboxId, uids: &UidSet, at: Timestamp) -> Result<UidSet>;
    /// The same in one transaction however many they are: all of them, or none.
    async fn remove_together(&self, user: UserId, mailbox: MailboxId, uids: &UidSet, at: Timestamp) -> Result<UidSet>;
}
