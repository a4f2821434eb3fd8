//! What is counted of a company, and what it knows of its 委託先.

use types::{SubmissionId, Timestamp};

use super::{Result, Store};
use crate::{
    Access, HeldFigures, OutwardFigures, OutwardFilter, PARTNER_TEXT_MOST, Partner, PartnerChange, REVIEW_MOST, Read,
    Review, Sending, StoreError, Tenancy, Write,
};

impl Store {
    /// How much mail to the outside a company had since a moment, and what of it was stopped by which rules.
    ///
    /// # Errors
    /// Stale access or database.
    pub async fn outward_figures(&self, access: &Access<Review, Read>, since: Timestamp) -> Result<OutwardFigures> {
        self.check(access)?;
        self.engine.outward_figures(access.what().0, since).await
    }
    /// The mails behind these figures, newest first.
    ///
    /// # Errors
    /// Stale access or database.
    pub async fn outward_page(
        &self,
        access: &Access<Tenancy, Read>,
        filter: &OutwardFilter,
        before: Option<SubmissionId>,
        most: u32,
    ) -> Result<Vec<Sending>> {
        self.check(access)?;
        self.engine.outward_page(access.what().0, filter, before, most.clamp(1, REVIEW_MOST)).await
    }
    /// How much mail of a company waits for a decision, and what of it in spite of its deadline.
    ///
    /// # Errors
    /// Stale access or database.
    pub async fn held_figures(&self, access: &Access<Review, Read>, now: Timestamp) -> Result<HeldFigures> {
        self.check(access)?;
        self.engine.held_figures(access.what().0, now).await
    }
    /// What is known of a company's 委託先, by entry; also of addresses that are in the list no more.
    ///
    /// # Errors
    /// Stale access or database.
    pub async fn partners(&self, access: &Access<Review, Read>) -> Result<Vec<Partner>> {
        self.check(access)?;
        self.engine.partners(access.what().0).await
    }
    /// Changes what is known of one; `None`: nothing is known any more. `event` stands in the audit log.
    ///
    /// # Errors
    /// [`StoreError::Invalid`]: a text is too long.
    pub async fn change_partner(
        &self,
        access: &Access<Review, Write>,
        (entry, partner): (String, Option<Partner>),
        event: &'static str,
        at: Timestamp,
    ) -> Result<()> {
        self.check(access)?;
        let texts = partner.iter().flat_map(|one| [&one.name, &one.contract, &one.note]);
        if texts.into_iter().any(|text| text.chars().count() > PARTNER_TEXT_MOST) {
            return Err(StoreError::Invalid("what is said of a partner is too long".into()));
        }
        let (tenant, by) = (access.what().0, access.holder());
        self.engine.change_partner(PartnerChange { tenant, entry, partner, event, by, at }).await
    }
}
