//! The store as the full-text index and those who search see it.

use blobs::RecordKey;
use types::{MailboxId, RecordId, TenantId, UidSet};

use super::{Result, Store};
use crate::{Access, Account, IndexRow, Manage, Read, Server};

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
        self.engine.read(row.record, 0..row.size).await
    }
    /// Records that messages in mailboxes name, ascending.
    ///
    /// # Errors
    /// Stale access; the database failed.
    pub async fn records_of_messages(&self, access: &Access<Server, Manage>) -> Result<Vec<RecordId>> {
        self.check(access)?;
        self.engine.records_of_messages().await
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
    pub async fn traced(&self, access: &Access<Account, Read>, mailbox: MailboxId, piece: &str) -> Result<UidSet> {
        self.check(access)?;
        self.engine.traced(access.what().0, mailbox, piece).await
    }
}
