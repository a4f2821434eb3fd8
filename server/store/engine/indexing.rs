//! What the full-text index asks.

use async_trait::async_trait;
use blobs::RecordKey;
use types::{MailboxId, RecordId, TenantId, UidSet, UserId};

use super::Result;
use crate::{DisposedRow, IndexRow};

/// The part of an engine that feeds the full-text index and helps to search.
#[async_trait]
pub trait IndexEngine: Send + Sync + 'static {
    /// Records of mails (of all tenants) with greater numbers than `after`, ascending, at most `n`. A record that is not
    /// told now is never told later: numbers are given out in the order of commits.
    async fn records_after(&self, after: RecordId, n: usize) -> Result<Vec<IndexRow>>;
    /// Records that messages in mailboxes name, ascending.
    async fn records_of_messages(&self) -> Result<Vec<RecordId>>;
    /// Records that were disposed of (mails, and what their drafts left) behind a place in the order of disposals, of all
    /// tenants, at most `n`.
    async fn disposed_records(&self, after: i64, n: usize) -> Result<Vec<DisposedRow>>;
    /// The key under which a tenant's index is sealed; the same always, another for each tenant.
    async fn index_key(&self, tenant: TenantId) -> Result<RecordKey>;
    /// The messages of a mailbox whose trace headers (what stands before the record's bytes) may hold `piece`, a text in
    /// lower case without white space: none that do are missing.
    async fn traced(&self, user: UserId, mailbox: MailboxId, piece: &str) -> Result<UidSet>;
}
