//! What auditors and administrators ask: the audit log, the rules' history.

use async_trait::async_trait;
use types::TenantId;

use super::Result;
use crate::{AuditFilter, AuditKey, AuditPage, RulesVersion};

/// The part of an engine that tells what was done.
#[async_trait]
pub trait AuditEngine: Send + Sync + 'static {
    /// The audit log of a company (all: `None`), newest first, older than `before`.
    async fn audit_log(
        &self,
        tenant: Option<TenantId>,
        filter: &AuditFilter,
        before: Option<AuditKey>,
        most: u32,
    ) -> Result<AuditPage>;
    /// The versions of a company's rules, newest first.
    async fn rules_versions(&self, tenant: TenantId) -> Result<Vec<RulesVersion>>;
    /// One version with its text.
    async fn rules_version(&self, tenant: TenantId, version: u32) -> Result<Option<(RulesVersion, String)>>;
}
