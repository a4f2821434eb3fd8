//! What approvers, authors and the console ask about mail that leaves.

use async_trait::async_trait;
use types::{ParcelId, Reference, SubmissionId, TenantId, UserId};

use super::Result;
use crate::{
    Case, CaseHistory, CaseKey, DecidedFilter, DomainLoad, HeldKey, QueuePage, QueueRow, Seats, Sending, SendingsOf,
    Unsettled,
};

/// The part of an engine that shows held and sent mail.
#[async_trait]
pub trait ReviewEngine: Send + Sync + 'static {
    /// Held parcels that the person may decide in one of his seats, and is not their author. Nearest deadline first.
    async fn awaiting(&self, seats: &Seats, after: Option<HeldKey>, most: u32) -> Result<Vec<Case>>;
    /// A person's own held parcels, nearest deadline first.
    async fn own_held(&self, author: UserId, after: Option<HeldKey>, most: u32) -> Result<Vec<Case>>;
    /// How many parcels [`Self::awaiting`] would answer, and how many of a person's own are held or wait to leave.
    async fn unsettled(&self, seats: &Seats) -> Result<Unsettled>;
    /// A company's held parcels, nearest deadline first.
    async fn held_cases(&self, tenant: TenantId, after: Option<HeldKey>, most: u32) -> Result<Vec<Case>>;
    /// How many those are.
    async fn count_held(&self, tenant: TenantId) -> Result<u64>;
    /// What happened to a parcel that is or was held.
    async fn case_history(&self, parcel: ParcelId) -> Result<CaseHistory>;
    /// A parcel that is or was held.
    async fn case(&self, parcel: ParcelId) -> Result<Option<Case>>;
    /// Decided parcels of a company, the last decided first.
    async fn decided(
        &self,
        tenant: TenantId,
        filter: DecidedFilter,
        before: Option<CaseKey>,
        most: u32,
    ) -> Result<Vec<Case>>;
    /// Submissions, newest first.
    async fn sendings(&self, of: SendingsOf, before: Option<SubmissionId>, most: u32) -> Result<Vec<Sending>>;
    /// A submission of a company by what people call it, with its whole timeline.
    async fn sending(&self, tenant: TenantId, reference: Reference) -> Result<Option<Sending>>;
    /// Open queue rows of a company (all: `None`), oldest first.
    async fn queue_page(&self, tenant: Option<TenantId>, page: &QueuePage, most: u32) -> Result<Vec<QueueRow>>;
    /// What waits, by domain, the most first; at most 1,000 domains.
    async fn queue_domains(&self, tenant: Option<TenantId>) -> Result<Vec<DomainLoad>>;
}
