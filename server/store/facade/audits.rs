//! The audit log and the rules' history.

use types::Timestamp;

use super::{Result, Store};
use crate::{
    AUDIT_MOST, Access, AuditFilter, AuditKey, AuditPage, Manage, NewAudit, Posting, Read, RulesVersion, Server,
    StoreError, Tenancy,
};

impl Store {
    /// The audit log of a company, newest first.
    ///
    /// # Errors
    /// Stale access or database.
    pub async fn audit_log(
        &self,
        access: &Access<Tenancy, Read>,
        filter: &AuditFilter,
        before: Option<AuditKey>,
        most: u32,
    ) -> Result<AuditPage> {
        self.check(access)?;
        self.engine.audit_log(Some(access.what().0), filter, before, most.clamp(1, AUDIT_MOST)).await
    }
    /// The audit log of all companies and of the server, newest first.
    ///
    /// # Errors
    /// Stale access or database.
    pub async fn audit_log_everywhere(
        &self,
        access: &Access<Server, Manage>,
        filter: &AuditFilter,
        before: Option<AuditKey>,
        most: u32,
    ) -> Result<AuditPage> {
        self.check(access)?;
        self.engine.audit_log(None, filter, before, most.clamp(1, AUDIT_MOST)).await
    }
    /// The versions of a company's rules, newest first: which, who, when.
    ///
    /// # Errors
    /// Stale access or database.
    pub async fn rules_versions(&self, access: &Access<Tenancy, Read>) -> Result<Vec<RulesVersion>> {
        self.check(access)?;
        self.engine.rules_versions(access.what().0).await
    }
    /// One version of a company's rules with its text.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn rules_version(&self, access: &Access<Tenancy, Read>, version: u32) -> Result<(RulesVersion, String)> {
        self.check(access)?;
        let found = self.engine.rules_version(access.what().0, version).await?;
        found.ok_or_else(|| StoreError::NotFound(format!("version {version} of the rules")))
    }
    /// Records an act on a company that changes nothing in the store: a trial of the rules, an export; `detail` as JSON, without a number of a person. It is on disk when this returns.
    ///
    /// # Errors
    /// Stale access or database.
    pub async fn note_act(
        &self,
        access: &Access<Tenancy, Read>,
        event: &'static str,
        subject: String,
        detail: String,
        at: Timestamp,
    ) -> Result<()> {
        self.check(access)?;
        let mut posting = Posting::default();
        let (tenant, actor) = (Some(access.what().0), access.holder());
        posting.audit.push(NewAudit { tenant, actor, at, event, subject, detail });
        self.engine.post(posting).await?;
        Ok(())
    }
}
