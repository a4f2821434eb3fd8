//! Incidents: what is reported about mail of the ledger.

use async_trait::async_trait;
use types::{IncidentId, LedgerId, TenantId, Timestamp, UserId};

use super::Result;
use crate::{Incident, IncidentChange, IncidentVersion, NewIncident};

/// The part of an engine that keeps incidents. Reminders are noted with postings ([`crate::Posting::incidents_reminded`]).
#[async_trait]
pub trait IncidentEngine: Send + Sync + 'static {
    /// Writes an incident down, with its audit row and an act on each of its lines.
    async fn make_incident(&self, new: NewIncident) -> Result<IncidentId>;
    /// Changes an incident of a tenant, with an audit row; `remind` is when handlers are reminded next.
    async fn change_incident(
        &self,
        tenant: TenantId,
        incident: IncidentId,
        change: IncidentChange,
        remind: Option<Timestamp>,
        by: Option<UserId>,
        at: Timestamp,
    ) -> Result<()>;
    /// An incident of a tenant.
    async fn incident(&self, tenant: TenantId, incident: IncidentId) -> Result<Option<Incident>>;
    /// Incidents of a tenant, newest first, below `before`.
    async fn incidents(&self, tenant: TenantId, before: Option<IncidentId>, most: u32) -> Result<Vec<Incident>>;
    /// The incidents of a tenant that a line of the ledger is part of, oldest first.
    async fn incidents_of_line(&self, tenant: TenantId, line: LedgerId) -> Result<Vec<IncidentId>>;
    /// The versions of an incident, newest first.
    async fn incident_versions(&self, incident: IncidentId) -> Result<Vec<IncidentVersion>>;
    /// Incidents of all tenants whose reminder is due, the oldest first, behind one that was due then.
    async fn incidents_due(
        &self,
        now: Timestamp,
        after: Option<(Timestamp, IncidentId)>,
        most: u32,
    ) -> Result<Vec<Incident>>;
}
