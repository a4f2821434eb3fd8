//! The part of the engine's face that the review of incoming mail and delivery's upkeep ask.

use std::time::Duration;

use async_trait::async_trait;
use store::{ArrivalEngine, JournalRow, ReviewedMail, StoreError};
use types::{RecordId, TenantId, Timestamp};

use crate::SqliteEngine;

type Result<T> = std::result::Result<T, StoreError>;

#[async_trait]
impl ArrivalEngine for SqliteEngine {
    async fn review_position(&self, tenant: TenantId) -> Result<u64> {
        self.reviewed_up_to(tenant).await
    }
    async fn journal_after(&self, tenant: TenantId, after: u64, n: usize) -> Result<Vec<JournalRow>> {
        self.journal_entries(tenant, after, n).await
    }
    async fn arrivals_before(&self, tenant: TenantId, before: Option<u64>, n: u32) -> Result<Vec<JournalRow>> {
        self.arrived_before(tenant, before, n).await
    }
    async fn reviews_of_record(
        &self,
        tenant: TenantId,
        record: RecordId,
        came: Timestamp,
    ) -> Result<Vec<ReviewedMail>> {
        self.written_of(tenant, record, came).await
    }
    async fn clear_delivered(&self, now: Timestamp, keep: Duration) -> Result<u64> {
        self.clear_old_deliveries(now, keep).await
    }
}
