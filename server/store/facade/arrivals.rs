//! Mail that came in: its review, and what delivery remembers of it.

use std::time::Duration;

use types::{RecordId, TenantId, Timestamp};

use super::{Result, Store};
use crate::{Entrance, Exit, JournalRow, ReviewedMail};

impl Store {
    /// The number up to which a tenant's journal is reviewed.
    ///
    /// # Errors
    /// The database failed.
    pub async fn review_position(&self, _door: &Exit, tenant: TenantId) -> Result<u64> {
        self.engine.review_position(tenant).await
    }
    /// Entries of a tenant's journal after `after`, ascending, at most `n`, for the review of what came in.
    ///
    /// # Errors
    /// The database failed.
    pub async fn journal_after(&self, _door: &Exit, tenant: TenantId, after: u64, n: usize) -> Result<Vec<JournalRow>> {
        self.engine.journal_after(tenant, after, n).await
    }
    /// What was written down of a tenant's mail when it was reviewed, oldest first; `came` is the date of a copy of it.
    ///
    /// # Errors
    /// The database failed.
    pub async fn reviews_of_record(
        &self,
        _door: &Exit,
        (tenant, record): (TenantId, RecordId),
        came: Timestamp,
    ) -> Result<Vec<ReviewedMail>> {
        self.engine.reviews_of_record(tenant, record, came).await
    }
    /// Clears away some of what makes repeats of deliveries harmless, older than `keep`; answers how many rows.
    ///
    /// # Errors
    /// The database failed.
    pub async fn clear_delivered(&self, _door: &Entrance, now: Timestamp, keep: Duration) -> Result<u64> {
        self.engine.clear_delivered(now, keep).await
    }
}
