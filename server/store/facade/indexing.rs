//! The store as the full-text index, those who search and what is made ready ahead see it.

use blobs::RecordKey;
use bytes::Bytes;
use types::{MailboxId, RecordId, TenantId, UidSet, UserId};

use super::{Result, Store};
use crate::{Access, DisposedRow, IndexRow, Manage, MessageRow, Opened, Reach, Read, Rights, Server, Want};

impl Store {
    /// Records of mails with greater numbers than `after`, ascending, at most `n`.
    ///
    /// # Errors
    /// Stale access; the database failed.
    pub async fn records_after(
        &self,
        access: &Access<Server, Manage>,
        after: RecordId,
        n: usize,
    ) -> Result<Vec<IndexRow>> {
        self.check(access)?;
        self.engine.records_after(after, n).await
    }
    /// The bytes of a record, as [`Self::records_after`] told it.
    ///
    /// # Errors
    /// Stale access; [`crate::StoreError::Damaged`].
    pub async fn record_bytes(&self, access: &Access<Server, Manage>, row: &IndexRow) -> Result<Vec<u8>> {
        self.check(access)?;
        Ok(self.engine.read(row.record, 0..row.size).await?.into())
    }
    /// The bytes of many records, in their order, as [`Self::record_bytes`] gives those of one.
    ///
    /// # Errors
    /// Stale access; the database failed.
    pub async fn bytes_of_records(
        &self,
        access: &Access<Server, Manage>,
        rows: &[&IndexRow],
    ) -> Result<Vec<Result<Bytes>>> {
        self.check(access)?;
        let records: Vec<RecordId> = rows.iter().map(|row| row.record).collect();
        self.engine.read_many(&records).await
    }
    /// Opens somebody's mailbox, so that what the engine keeps of it is in memory when he asks for it.
    ///
    /// # Errors
    /// As for [`Self::messages_ahead`].
    pub async fn mailbox_ahead(
        &self,
        access: &Access<Server, Manage>,
        owner: UserId,
        mailbox: MailboxId,
    ) -> Result<Opened> {
        self.check(access)?;
        self.engine.open_mailbox(owner, mailbox, false).await
    }
    /// Messages of somebody's mailbox with their summaries, for what the server keeps ready in memory: whoever asks for it
    /// later is judged then.
    ///
    /// # Errors
    /// [`crate::StoreError::NotFound`]; stale access; the database failed.
    pub async fn messages_ahead(
        &self,
        access: &Access<Server, Manage>,
        owner: UserId,
        mailbox: MailboxId,
        uids: &UidSet,
    ) -> Result<Vec<MessageRow>> {
        self.check(access)?;
        self.engine.messages(owner, mailbox, uids, Want { summary: true }).await
    }
    /// Records that messages in mailboxes name, ascending.
    ///
    /// # Errors
    /// Stale access; the database failed.
    pub async fn records_of_messages(&self, access: &Access<Server, Manage>) -> Result<Vec<RecordId>> {
        self.check(access)?;
        self.engine.records_of_messages().await
    }
    /// Records that were disposed of behind a place in the order of disposals, of all tenants, at most `n`.
    ///
    /// # Errors
    /// Stale access; the database failed.
    pub async fn disposed_records(
        &self,
        access: &Access<Server, Manage>,
        after: i64,
        n: usize,
    ) -> Result<Vec<DisposedRow>> {
        self.check(access)?;
        self.engine.disposed_records(after, n).await
    }
    /// The key under which a tenant's index is sealed.
    ///
    /// # Errors
    /// Stale access; the database failed.
    pub async fn index_key(&self, access: &Access<Server, Manage>, tenant: TenantId) -> Result<RecordKey> {
        self.check(access)?;
        self.engine.index_key(tenant).await
    }
    /// The messages of a mailbox whose trace headers may hold `piece` (lower case, no white space); perhaps some more.
    ///
    /// # Errors
    /// [`crate::StoreError::NotFound`].
    pub async fn traced<W: Reach>(&self, access: &Access<W, Read>, mailbox: MailboxId, piece: &str) -> Result<UidSet> {
        let hand = self.reach(access, mailbox, Rights::READ)?;
        self.engine.traced(hand.owner, mailbox, piece).await
    }
}
