//! What is counted of a company as a whole, and what is known of those to whom it entrusts My Numbers.

use async_trait::async_trait;
use types::{SubmissionId, TenantId, Timestamp};

use super::Result;
use crate::{HeldFigures, OutwardFigures, OutwardFilter, Partner, PartnerChange, Sending};

/// The part of an engine that counts; what became of mail to the outside comes with postings ([`crate::Posting::outward`]).
#[async_trait]
pub trait FigureEngine: Send + Sync + 'static {
    /// How much mail to the outside a tenant had since a moment.
    async fn outward_figures(&self, tenant: TenantId, since: Timestamp) -> Result<OutwardFigures>;
    /// Such mails of a tenant, newest first, before a submission.
    async fn outward_page(
        &self,
        tenant: TenantId,
        filter: &OutwardFilter,
        before: Option<SubmissionId>,
        most: u32,
    ) -> Result<Vec<Sending>>;
    /// How much mail of a tenant waits for a decision.
    async fn held_figures(&self, tenant: TenantId, now: Timestamp) -> Result<HeldFigures>;
    /// What is known of a tenant's 委託先, by entry.
    async fn partners(&self, tenant: TenantId) -> Result<Vec<Partner>>;
    /// Changes what is known of one.
    async fn change_partner(&self, change: PartnerChange) -> Result<()>;
}
