//! Mailboxes and the messages in them: a person's own, and in those that were shared with him what his rights allow. Of
//! another's mailbox the reader sees his own `\Seen`.

use std::ops::Range;

use bytes::Bytes;
use types::{MailboxId, ModSeq, RecordId, Timestamp, Uid, UidSet};

use super::{Result, Store};
use crate::{
    Access, Account, Changes, FlagChange, FlagFilter, FlagRow, Mailbox, MailboxName, MailboxRole, MessageRow, Moved,
    NewMessage, Opened, Placed, Reach, Read, Rights, SeenOf, StoreError, Usage, Want, Write,
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
    pub async fn read<W: Reach>(
        &self,
        access: &Access<W, Read>,
        message: &MessageRow,
        range: Range<u64>,
    ) -> Result<Bytes> {
        match access.what().only() {
            Some(mailbox) => drop(self.reach(access, mailbox, Rights::READ)?),
            None => self.check(access)?,
        }
        self.engine.read(message.record, range).await
    }
    /// The whole records of messages, in their order, for somebody who looks into many mails once.
    ///
    /// # Errors
    /// As [`Self::read_for_sending`], of any of them.
    pub async fn read_many<W: Reach>(&self, access: &Access<W, Read>, messages: &[&MessageRow]) -> Result<Vec<Bytes>> {
        match access.what().only() {
            Some(mailbox) => drop(self.reach(access, mailbox, Rights::READ)?),
            None => self.check(access)?,
        }
        let records: Vec<RecordId> = messages.iter().map(|message| message.record).collect();
        self.engine.read_many(&records).await?.into_iter().collect()
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
    /// The mailbox of this name. What it counts may be of a moment before, which [`Self::mailbox_named`] reads anew.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn find_mailbox(&self, access: &Access<Account, Read>, name: &str) -> Result<Mailbox> {
        self.check(access)?;
        let name = MailboxName::parse(name)?;
        let found = self.engine.find_mailbox(access.what().0, name.as_str()).await?;
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
    pub async fn examine<W: Reach>(&self, access: &Access<W, Read>, mailbox: MailboxId) -> Result<Opened> {
        let hand = self.reach(access, mailbox, Rights::READ)?;
        let opened = self.engine.open_mailbox(hand.owner, mailbox, false).await?;
        self.opened(hand, opened).await
    }
    /// Opens for SELECT: claims what is recent.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn select<W: Reach>(&self, access: &Access<W, Write>, mailbox: MailboxId) -> Result<Opened> {
        let hand = self.reach(access, mailbox, Rights::READ)?;
        let opened = self.engine.open_mailbox(hand.owner, mailbox, true).await?;
        self.opened(hand, opened).await
    }
    /// What happened since `since`; `claim_recent` for selected (not examined) mailboxes.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]: the mailbox is gone.
    pub async fn changes_since<W: Reach>(
        &self,
        access: &Access<W, Read>,
        mailbox: MailboxId,
        since: ModSeq,
        claim_recent: bool,
    ) -> Result<Changes> {
        let hand = self.reach(access, mailbox, Rights::READ)?;
        let changes = self.engine.changes_since(hand.owner, mailbox, since, claim_recent).await?;
        if hand.is_own() { Ok(changes) } else { self.changes_shown(hand, since, changes).await }
    }
    /// Flags of `uids`.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn flags<W: Reach>(
        &self,
        access: &Access<W, Read>,
        mailbox: MailboxId,
        uids: &UidSet,
    ) -> Result<Vec<FlagRow>> {
        let hand = self.reach(access, mailbox, Rights::READ)?;
        let mut rows = self.engine.flags(hand.owner, mailbox, uids).await?;
        if !hand.is_own() {
            self.overlay(hand, SeenOf::These(uids)).await?.over_flags(&mut rows);
        }
        Ok(rows)
    }
    /// Flags of those of `uids` that the filter admits, as the reader sees them.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn flags_of_some<W: Reach>(
        &self,
        access: &Access<W, Read>,
        mailbox: MailboxId,
        uids: &UidSet,
        filter: FlagFilter,
    ) -> Result<Vec<FlagRow>> {
        let hand = self.reach(access, mailbox, Rights::READ)?;
        if hand.is_own() {
            return self.engine.flags_of_some(hand.owner, mailbox, uids, filter).await;
        }
        let mut rows = self.flags(access, mailbox, uids).await?;
        rows.retain(|row| filter.admits(row.flags.system));
        Ok(rows)
    }
    /// Messages, ascending by UID; callers ask for windows of a few hundred.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn messages<W: Reach>(
        &self,
        access: &Access<W, Read>,
        mailbox: MailboxId,
        uids: &UidSet,
        want: Want,
    ) -> Result<Vec<MessageRow>> {
        let hand = self.reach(access, mailbox, Rights::READ)?;
        let mut rows = self.engine.messages(hand.owner, mailbox, uids, want).await?;
        if !hand.is_own() {
            self.overlay(hand, SeenOf::These(uids)).await?.over_messages(&mut rows);
        }
        Ok(rows)
    }
    /// Puts messages in; all or none. Flags that one may not set there are left out (RFC 4314 section 4).
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::NotPermitted`].
    pub async fn append<W: Reach>(
        &self,
        access: &Access<W, Write>,
        mailbox: MailboxId,
        mut messages: Vec<NewMessage>,
    ) -> Result<Vec<Placed>> {
        let hand = self.reach(access, mailbox, Rights::INSERT)?;
        let seen: Vec<bool> = messages.iter_mut().map(|message| super::sharing::admitted(hand, message)).collect();
        let placed = self.engine.append(hand.owner, mailbox, messages).await?;
        self.note_seen(hand, &placed, &seen).await;
        Ok(placed)
    }
    /// Puts a message into `to` in place of the message `uid` of `from`: both happen, or neither (RFC 8508).
    ///
    /// # Errors
    /// [`StoreError::NotFound`], also when the message is not there any more; [`StoreError::NotPermitted`].
    pub async fn replace<F: Reach, T: Reach>(
        &self,
        (from, old): (&Access<F, Write>, MailboxId),
        uid: Uid,
        (to, new): (&Access<T, Write>, MailboxId),
        mut message: NewMessage,
    ) -> Result<Placed> {
        let goes = Rights::MARK_DELETED.union(Rights::EXPUNGE);
        let (from, to) = (self.reach(from, old, goes)?, self.reach(to, new, Rights::INSERT)?);
        if from.is_own() && to.is_own() {
            return self.engine.replace(from.owner, old, uid, new, message).await;
        }
        let seen = super::sharing::admitted(to, &mut message);
        let placed = self.engine.replace_shared(from, uid, to, message).await?;
        self.note_seen(to, &[placed], &[seen]).await;
        Ok(placed)
    }
    /// STORE. Flags that one may not change stay as they are.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::NotPermitted`] where none of the flags may be changed.
    pub async fn store_flags<W: Reach>(
        &self,
        access: &Access<W, Write>,
        mailbox: MailboxId,
        uids: &UidSet,
        change: FlagChange,
    ) -> Result<(Vec<FlagRow>, UidSet)> {
        let hand = self.reach(access, mailbox, Rights::NONE)?;
        if hand.is_own() {
            return self.engine.store_flags(hand.owner, mailbox, uids, change).await;
        }
        if !super::sharing::may_store(hand, &change) {
            return Err(StoreError::NotPermitted);
        }
        self.engine.store_flags_shared(hand, uids, change).await
    }
    /// COPY; all or none.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::NotPermitted`].
    pub async fn copy<F: Reach, T: Reach>(
        &self,
        (from, source): (&Access<F, Read>, MailboxId),
        uids: &UidSet,
        (to, target): (&Access<T, Write>, MailboxId),
        at: Timestamp,
    ) -> Result<Moved> {
        let (from, to) = (self.reach(from, source, Rights::READ)?, self.reach(to, target, Rights::INSERT)?);
        if from.is_own() && to.is_own() {
            return self.engine.copy(from.owner, source, uids, target, at).await;
        }
        self.engine.transfer_shared(from, to, uids, at, false).await
    }
    /// MOVE within a person's own mailboxes; all or none.
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
    /// MOVE between mailboxes that may have two owners; all or none.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::NotPermitted`].
    pub async fn move_between<F: Reach, T: Reach>(
        &self,
        (from, source): (&Access<F, Write>, MailboxId),
        uids: &UidSet,
        (to, target): (&Access<T, Write>, MailboxId),
        at: Timestamp,
    ) -> Result<Moved> {
        let goes = Rights::READ.union(Rights::MARK_DELETED).union(Rights::EXPUNGE);
        let (from, to) = (self.reach(from, source, goes)?, self.reach(to, target, Rights::INSERT)?);
        if from.is_own() && to.is_own() {
            return self.engine.move_to(from.owner, source, uids, target, at).await;
        }
        self.engine.transfer_shared(from, to, uids, at, true).await
    }
    /// Expunges those of `uids` (all when `None`) that bear `\Deleted`; answers which went.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::NotPermitted`].
    pub async fn expunge<W: Reach>(
        &self,
        access: &Access<W, Write>,
        mailbox: MailboxId,
        uids: Option<&UidSet>,
        at: Timestamp,
    ) -> Result<UidSet> {
        let hand = self.reach(access, mailbox, Rights::EXPUNGE)?;
        self.engine.expunge(hand.owner, mailbox, uids, at).await
    }
}
