//! The queue for the console, in pages and by domain; what people do to it is audited.

use types::{QueueId, Timestamp};

use super::{Result, Store};
use crate::{
    Access, DomainLoad, Manage, QueueAction, QueueFilter, QueuePage, QueueRow, REVIEW_MOST, Read, Server, Tenancy,
};

impl Store {
    /// Open queue rows of a company, oldest first.
    ///
    /// # Errors
    /// Stale access or database.
    pub async fn queue_page(
        &self,
        access: &Access<Tenancy, Read>,
        page: &QueuePage,
        most: u32,
    ) -> Result<Vec<QueueRow>> {
        self.check(access)?;
        self.engine.queue_page(Some(access.what().0), page, most.clamp(1, REVIEW_MOST)).await
    }
    /// Open queue rows of all companies, oldest first.
    ///
    /// # Errors
    /// Stale access or database.
    pub async fn queue_page_everywhere(
        &self,
        access: &Access<Server, Manage>,
        page: &QueuePage,
        most: u32,
    ) -> Result<Vec<QueueRow>> {
        self.check(access)?;
        self.engine.queue_page(None, page, most.clamp(1, REVIEW_MOST)).await
    }
    /// What waits of a company, by domain.
    ///
    /// # Errors
    /// Stale access or database.
    pub async fn queue_domains(&self, access: &Access<Tenancy, Read>) -> Result<Vec<DomainLoad>> {
        self.check(access)?;
        self.engine.queue_domains(Some(access.what().0)).await
    }
    /// What waits of all companies, by domain.
    ///
    /// # Errors
    /// Stale access or database.
    pub async fn queue_domains_everywhere(&self, access: &Access<Server, Manage>) -> Result<Vec<DomainLoad>> {
        self.check(access)?;
        self.engine.queue_domains(None).await
    }
    /// Acts on a company's queue rows; another's are left alone.
    ///
    /// # Errors
    /// Stale access or database.
    pub async fn control_tenant_queue(
        &self,
        access: &Access<Tenancy, Manage>,
        filter: &QueueFilter,
        action: QueueAction,
        now: Timestamp,
    ) -> Result<Vec<QueueId>> {
        self.check(access)?;
        self.engine.control_queue(Some(access.what().0), filter, action, access.holder(), now).await
    }
    /// Acts on queue rows of all companies.
    ///
    /// # Errors
    /// Stale access or database.
    pub async fn control_queue(
        &self,
        access: &Access<Server, Manage>,
        filter: &QueueFilter,
        action: QueueAction,
        now: Timestamp,
    ) -> Result<Vec<QueueId>> {
        self.check(access)?;
        self.engine.control_queue(None, filter, action, access.holder(), now).await
    }
}
