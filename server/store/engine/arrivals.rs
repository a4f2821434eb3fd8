//! Mail that came in: its review, and what is remembered of deliveries.

use std::time::Duration;

use async_trait::async_trait;
use types::{RecordId, TenantId, Timestamp};

use super::Result;
use crate::{JournalRow, ReviewedMail};

/// The part of an engine that knows what came in.
#[async_trait]
pub trait ArrivalEngine: Send + Sync + 'static {
    /// The number up to which a tenant's journal is reviewed; 0: from its beginning.
    async fn review_position(&self, tenant: TenantId) -> Result<u64>;
    /// Entries of a tenant's journal after `after`, ascending, at most `n`.
    async fn journal_after(&self, tenant: TenantId, after: u64, n: usize) -> Result<Vec<JournalRow>>;
    /// Entries of mail that came in before the entry `before` (the newest, without it), newest first, at most `n`.
    async fn arrivals_before(&self, tenant: TenantId, before: Option<u64>, n: u32) -> Result<Vec<JournalRow>>;
    /// What was written down of a tenant's mail when it was reviewed, oldest first. `came`: the date of a copy of it, which is
    /// that of the journal's entry where it came in.
    async fn reviews_of_record(&self, tenant: TenantId, record: RecordId, came: Timestamp)
    -> Result<Vec<ReviewedMail>>;
    /// Clears away what makes repeats of deliveries harmless ([`crate::Once`]) where the delivery was more than `keep`
    /// ago, as far as calls of this operation before can tell; some rows at a time, answers how many.
    async fn clear_delivered(&self, now: Timestamp, keep: Duration) -> Result<u64>;
}
