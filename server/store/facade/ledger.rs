//! The ledger of specified personal information: for a company's handlers, auditors and administrators.

use types::{LedgerId, RecordId, TenantId, Timestamp};

use super::{Result, Store};
use crate::{
    Access, Classified, Exit, LEDGER_MOST, LedgerDocuments, LedgerDue, LedgerEntry, LedgerFigures, LedgerFilter,
    LedgerLine, LedgerPlaces, NewAudit, Posting, Read, Review, StoreError, Write,
};

impl Store {
    /// The key under which a company's numbers are made into fingerprints.
    ///
    /// # Errors
    /// The key cannot be read.
    pub async fn fingerprint_key(&self, _door: &Exit, tenant: TenantId) -> Result<[u8; 32]> {
        self.engine.fingerprint_key(tenant).await
    }
    /// The lines of a mail, oldest first.
    ///
    /// # Errors
    /// The database failed.
    pub async fn ledger_of_record(&self, _door: &Exit, record: RecordId) -> Result<Vec<LedgerLine>> {
        self.engine.ledger_of_record(record).await
    }
    /// Where a mail lies now.
    ///
    /// # Errors
    /// The database failed.
    pub async fn places_of_record(&self, _door: &Exit, record: RecordId) -> Result<LedgerPlaces> {
        self.engine.ledger_places(record).await
    }
    /// Lines of the ledger, newest first, below `before`.
    ///
    /// # Errors
    /// Stale access or database.
    pub async fn ledger_page(
        &self,
        access: &Access<Review, Read>,
        filter: &LedgerFilter,
        before: Option<LedgerId>,
        most: u32,
    ) -> Result<Vec<LedgerLine>> {
        self.check(access)?;
        self.engine.ledger_page(access.what().0, filter, before, most.clamp(1, LEDGER_MOST)).await
    }
    /// A line of the ledger with its history, oldest first.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], also for another company's.
    pub async fn ledger_line(
        &self,
        access: &Access<Review, Read>,
        line: LedgerId,
    ) -> Result<(LedgerLine, Vec<LedgerEntry>)> {
        self.check(access)?;
        let found = self.engine.ledger_line(access.what().0, line).await?;
        let found = found.ok_or_else(|| StoreError::NotFound(format!("line {line} of the ledger")))?;
        Ok((found, self.engine.ledger_history(line).await?))
    }
    /// Where the mail of a line lies now.
    ///
    /// # Errors
    /// As [`Self::ledger_line`].
    pub async fn ledger_places(&self, access: &Access<Review, Read>, line: LedgerId) -> Result<LedgerPlaces> {
        self.check(access)?;
        let found = self.engine.ledger_line(access.what().0, line).await?;
        let found = found.ok_or_else(|| StoreError::NotFound(format!("line {line} of the ledger")))?;
        self.engine.ledger_places(found.record).await
    }
    /// Records an act on a company's reviews and ledger that changes nothing in the store, such as an export; `detail` as JSON,
    /// without a number. It is on disk when this returns.
    ///
    /// # Errors
    /// Stale access or database.
    pub async fn note_review_act(
        &self,
        access: &Access<Review, Read>,
        event: &'static str,
        subject: String,
        detail: String,
        at: Timestamp,
    ) -> Result<()> {
        self.check(access)?;
        let (tenant, actor) = (Some(access.what().0), access.holder());
        let audit = vec![NewAudit { tenant, actor, at, event, subject, detail }];
        self.engine.post(Posting { audit, ..Posting::default() }).await?;
        Ok(())
    }
    /// Writes down of which kind the documents of these lines are, all or none of them.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]: a line is not there, or its mail was disposed of; [`StoreError::Invalid`]: too many at once.
    pub async fn classify(
        &self,
        access: &Access<Review, Write>,
        lines: Vec<(LedgerId, Option<LedgerDocuments>)>,
        at: Timestamp,
    ) -> Result<()> {
        self.check(access)?;
        if lines.len() > LEDGER_MOST as usize {
            return Err(StoreError::Invalid(format!("at most {LEDGER_MOST} lines at once")));
        }
        self.engine.classify(Classified { tenant: access.what().0, lines, by: access.holder(), at }).await
    }
    /// How many lines rest and are due.
    ///
    /// # Errors
    /// Stale access or database.
    pub async fn ledger_figures(&self, access: &Access<Review, Read>, due: LedgerDue) -> Result<LedgerFigures> {
        self.check(access)?;
        self.engine.ledger_figures(access.what().0, due).await
    }
    /// How many distinct numbers these lines hold together.
    ///
    /// # Errors
    /// Stale access or database.
    pub async fn distinct_numbers(&self, access: &Access<Review, Read>, lines: &[LedgerId]) -> Result<u64> {
        self.check(access)?;
        self.engine.distinct_numbers(access.what().0, lines).await
    }
}
