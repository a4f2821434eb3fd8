//! A person's mailboxes as webmail lists them, and changes of many messages that can be undone.

use types::{MailboxId, Timestamp, UidSet};

use super::{Result, Store};
use crate::{
    Access, Account, FlagChange, MessageRow, Neighbours, PAGE_MOST, Page, PageFilter, PageKey, PageStart, Read,
    StoreError, Want, Write,
};

impl Store {
    /// A page of at most `most` messages (1 to [`PAGE_MOST`]), newest first, each with its summary.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn page(
        &self,
        access: &Access<Account, Read>,
        mailbox: MailboxId,
        start: PageStart,
        filter: PageFilter,
        most: u32,
    ) -> Result<Page> {
        self.check(access)?;
        self.engine.page(access.what().0, mailbox, start, filter, most.clamp(1, PAGE_MOST)).await
    }
    /// The messages beside a place, for 前へ and 次へ.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn neighbours(
        &self,
        access: &Access<Account, Read>,
        mailbox: MailboxId,
        key: PageKey,
        filter: PageFilter,
    ) -> Result<Neighbours> {
        self.check(access)?;
        self.engine.neighbours(access.what().0, mailbox, key, filter).await
    }
    /// One message with its summary.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]: neither the mailbox nor a message in it.
    pub async fn message(
        &self,
        access: &Access<Account, Read>,
        mailbox: MailboxId,
        uid: types::Uid,
    ) -> Result<MessageRow> {
        let one = std::iter::once(uid).collect();
        let found = self.messages(access, mailbox, &one, Want { summary: true }).await?;
        found.into_iter().next().ok_or_else(|| StoreError::NotFound(format!("message {uid} of mailbox {mailbox}")))
    }
    /// Changes flags of many messages; answers the changes that undo it exactly.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn mark(
        &self,
        access: &Access<Account, Write>,
        mailbox: MailboxId,
        uids: &UidSet,
        change: FlagChange,
    ) -> Result<Vec<(UidSet, FlagChange)>> {
        self.check(access)?;
        self.engine.mark(access.what().0, mailbox, uids, change).await
    }
    /// Takes messages out for good (完全に削除); answers which went. Nothing undoes it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn remove(
        &self,
        access: &Access<Account, Write>,
        mailbox: MailboxId,
        uids: &UidSet,
        at: Timestamp,
    ) -> Result<UidSet> {
        self.check(access)?;
        self.engine.remove(access.what().0, mailbox, uids, at).await
    }
    /// Takes messages out for good, all of them or, when it fails, none (RFC 1939 6); answers which went: those that
    /// were there. It holds the writer for as long as it takes, so it is for what one person marked in one session.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn remove_together(
        &self,
        access: &Access<Account, Write>,
        mailbox: MailboxId,
        uids: &UidSet,
        at: Timestamp,
    ) -> Result<UidSet> {
        self.check(access)?;
        self.engine.remove_together(access.what().0, mailbox, uids, at).await
    }
}
