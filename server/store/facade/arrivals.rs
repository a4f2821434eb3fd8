//! Mail that came in: its review, and what delivery remembers of it.

use std::time::Duration;

use types::{RecordId, TenantId, Timestamp};

use super::{Result, Store};
use crate::{Access, Entrance, Exit, JournalRow, REVIEW_MOST, Read, ReviewedMail, Tenancy};

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
    /// What came in for a company before the entry `before` of its journal, newest first; at most 200.
    ///
    /// # Errors
    /// Stale access or database.
    pub async fn arrivals_before(
        &self,
        access: &Access<Tenancy, Read>,
        before: Option<u64>,
        most: u32,
    ) -> Result<Vec<JournalRow>> {
        self.check(access)?;
        self.engine.arrivals_before(access.what().0, before, most.clamp(1, REVIEW_MOST)).await
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
