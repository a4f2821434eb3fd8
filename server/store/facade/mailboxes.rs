//! A person's mailboxes and the messages in them.

use std::ops::Range;

use types::{MailboxId, ModSeq, Timestamp, Uid, UidSet};

use super::{Result, Store};
use crate::{
    Access, Account, Changes, FlagChange, FlagRow, Mailbox, MailboxName, MailboxRole, MessageRow, Moved, NewMessage,
    Opened, Placed, Read, StoreError, Usage, Want, Write,
};

impl Store {
    /// What a person's mailboxes hold.
    ///
    /// # Errors
    /// The database failed.
    pub async fn usage(&self, user: types::UserId) -> Result<Usage> {
        self.engine.usage(user).await
    }

    /// Reads a range of the plain bytes of a message's record.
    ///
    /// # Errors
    /// As [`Self::read_for_sending`].
    pub async fn read(
        &self,
        access: &Access<Account, Read>,
        message: &MessageRow,
        range: Range<u64>,
    ) -> Result<Vec<u8>> {
        self.check(access)?;
        self.engine.read(message.record, range).await
    }
    /// All mailboxes, ordered by name.
    ///
    /// # Errors
    /// Stale access or database.
    pub async fn mailboxes(&self, access: &Access<Account, Read>) -> Result<Vec<Mailbox>> {
        self.check(access)?;
        self.engine.mailboxes(access.what().0).await
    }
    /// The mailbox of this name (INBOX in any case, Unicode in any normal form).
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Invalid`] when it is no name.
    pub async fn mailbox_named(&self, access: &Access<Account, Read>, name: &str) -> Result<Mailbox> {
        let name = MailboxName::parse(name)?;
        let found = self.mailboxes(access).await?.into_iter().find(|mailbox| mailbox.name == name.as_str());
        found.ok_or_else(|| StoreError::NotFound(format!("the mailbox {name}")))
    }
    /// Makes a mailbox with those above it.
    ///
    /// # Errors
    /// [`StoreError::Exists`], [`StoreError::Invalid`].
    pub async fn create_mailbox(&self, access: &Access<Account, Write>, name: &str) -> Result<Mailbox> {
        self.check(access)?;
        self.engine.create_mailbox(access.what().0, name, None).await
    }
    /// Makes a mailbox for a use (RFC 6154 3).
    ///
    /// # Errors
    /// [`StoreError::Exists`]; [`StoreError::Invalid`] also when another mailbox is for that use.
    pub async fn create_special(
        &self,
        access: &Access<Account, Write>,
        name: &str,
        role: MailboxRole,
    ) -> Result<Mailbox> {
        self.check(access)?;
        self.engine.create_mailbox(access.what().0, name, Some(role)).await
    }
    /// Renames a mailbox with all below it (RFC 3501 6.3.5).
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::Exists`], [`StoreError::Invalid`].
    pub async fn rename_mailbox(&self, access: &Access<Account, Write>, from: &str, to: &str) -> Result<()> {
        self.check(access)?;
        self.engine.rename_mailbox(access.what().0, from, to).await
    }
    /// Deletes a mailbox.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; INBOX cannot be deleted.
    pub async fn delete_mailbox(&self, access: &Access<Account, Write>, name: &str) -> Result<()> {
        self.check(access)?;
        self.engine.delete_mailbox(access.what().0, name).await
    }
    /// Subscribes or unsubscribes.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn subscribe(&self, access: &Access<Account, Write>, name: &str, on: bool) -> Result<()> {
        self.check(access)?;
        self.engine.subscribe(access.what().0, name, on).await
    }
    /// Opens for EXAMINE.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn examine(&self, access: &Access<Account, Read>, mailbox: MailboxId) -> Result<Opened> {
        self.check(access)?;
        self.engine.open_mailbox(access.what().0, mailbox, false).await
    }
    /// Opens for SELECT: claims what is recent.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn select(&self, access: &Access<Account, Write>, mailbox: MailboxId) -> Result<Opened> {
        self.check(access)?;
        self.engine.open_mailbox(access.what().0, mailbox, true).await
    }
    /// What happened since `since`; `claim_recent` for selected (not examined) mailboxes.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]: the mailbox is gone.
    pub async fn changes_since(
        &self,
        access: &Access<Account, Read>,
        mailbox: MailboxId,
        since: ModSeq,
        claim_recent: bool,
    ) -> Result<Changes> {
        self.check(access)?;
        self.engine.changes_since(access.what().0, mailbox, since, claim_recent).await
    }
    /// Flags of `uids`.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn flags(
        &self,
        access: &Access<Account, Read>,
        mailbox: MailboxId,
        uids: &UidSet,
    ) -> Result<Vec<FlagRow>> {
        self.check(access)?;
        self.engine.flags(access.what().0, mailbox, uids).await
    }
    /// Messages, ascending by UID; callers ask for windows of a few hundred.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn messages(
        &self,
        access: &Access<Account, Read>,
        mailbox: MailboxId,
        uids: &UidSet,
        want: Want,
    ) -> Result<Vec<MessageRow>> {
        self.check(access)?;
        self.engine.messages(access.what().0, mailbox, uids, want).await
    }
    /// Puts messages in; all or none.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn append(
        &self,
        access: &Access<Account, Write>,
        mailbox: MailboxId,
        messages: Vec<NewMessage>,
    ) -> Result<Vec<Placed>> {
        self.check(access)?;
        self.engine.append(access.what().0, mailbox, messages).await
    }
    /// Puts a message into `to` in place of the message `uid` of `from`: both happen, or neither (RFC 8508).
    ///
    /// # Errors
    /// [`StoreError::NotFound`], also when the message is not there any more.
    pub async fn replace(
        &self,
        access: &Access<Account, Write>,
        from: MailboxId,
        uid: Uid,
        to: MailboxId,
        message: NewMessage,
    ) -> Result<Placed> {
        self.check(access)?;
        self.engine.replace(access.what().0, from, uid, to, message).await
    }
    /// STORE.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn store_flags(
        &self,
        access: &Access<Account, Write>,
        mailbox: MailboxId,
        uids: &UidSet,
        change: FlagChange,
    ) -> Result<(Vec<FlagRow>, UidSet)> {
        self.check(access)?;
        self.engine.store_flags(access.what().0, mailbox, uids, change).await
    }
    /// COPY; all or none.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn copy(
        &self,
        access: &Access<Account, Write>,
        from: MailboxId,
        uids: &UidSet,
        to: MailboxId,
        at: Timestamp,
    ) -> Result<Moved> {
        self.check(access)?;
        self.engine.copy(access.what().0, from, uids, to, at).await
    }
    /// MOVE; all or none.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn move_to(
        &self,
        access: &Access<Account, Write>,
        from: MailboxId,
        uids: &UidSet,
        to: MailboxId,
        at: Timestamp,
    ) -> Result<Moved> {
        self.check(access)?;
        self.engine.move_to(access.what().0, from, uids, to, at).await
    }
    /// Expunges those of `uids` (all when `None`) that bear `\Deleted`; answers which went.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn expunge(
        &self,
        access: &Access<Account, Write>,
        mailbox: MailboxId,
        uids: Option<&UidSet>,
        at: Timestamp,
    ) -> Result<UidSet> {
        self.check(access)?;
        self.engine.expunge(access.what().0, mailbox, uids, at).await
    }
}
