//! The ledger of specified personal information.

use async_trait::async_trait;
use types::{LedgerId, RecordId, TenantId};

use super::Result;
use crate::{
    Classified, Disposal, Disposed, LedgerDue, LedgerEntry, LedgerFigures, LedgerFilter, LedgerLine, LedgerPlaces,
};

/// The part of an engine that keeps the ledger; lines and acts come with postings.
#[async_trait]
pub trait LedgerEngine: Send + Sync + 'static {
    /// The key under which a tenant's numbers are made into fingerprints; the same always, another for each tenant.
    async fn fingerprint_key(&self, tenant: TenantId) -> Result<[u8; 32]>;
    /// Lines of a tenant, newest first ([`LedgerFilter::by_due`]: by the end of their period), behind the line `before`.
    async fn ledger_page(
        &self,
        tenant: TenantId,
        filter: &LedgerFilter,
        before: Option<LedgerId>,
        most: u32,
    ) -> Result<Vec<LedgerLine>>;
    /// A line of a tenant.
    async fn ledger_line(&self, tenant: TenantId, line: LedgerId) -> Result<Option<LedgerLine>>;
    /// The lines of a mail, oldest first.
    async fn ledger_of_record(&self, record: RecordId) -> Result<Vec<LedgerLine>>;
    /// The history of a line, oldest first.
    async fn ledger_history(&self, line: LedgerId) -> Result<Vec<LedgerEntry>>;
    /// Where a mail lies now.
    async fn ledger_places(&self, record: RecordId) -> Result<LedgerPlaces>;
    /// Takes a step towards the disposal of a mail. When a confirmed one is done nothing of the mail can be read any more:
    /// its rows are cleared in one transaction, and its key is destroyed after it, at the latest by the next start.
    async fn dispose(&self, disposal: Disposal) -> Result<Disposed>;
    /// Takes such steps one after the other; what became of each, in their order. The keys of all that are disposed of are destroyed
    /// together behind the last, at the latest by the next start.
    async fn dispose_each(&self, disposals: Vec<Disposal>) -> Vec<Result<Disposed>>;
    /// Writes down of which kind documents are, with an entry for each line and one row in the audit log; all lines or none
    /// ([`crate::StoreError::NotFound`]: one is not there, or was disposed of).
    async fn classify(&self, classified: Classified) -> Result<()>;
    /// How many lines of a tenant rest and are due.
    async fn ledger_figures(&self, tenant: TenantId, due: LedgerDue) -> Result<LedgerFigures>;
    /// How many distinct numbers these lines of a tenant hold together; of mail that was disposed of none are known any more.
    async fn distinct_numbers(&self, tenant: TenantId, lines: &[LedgerId]) -> Result<u64>;
}
