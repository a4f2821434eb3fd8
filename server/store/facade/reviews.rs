//! Held mail for those who decide it, sent mail for its authors, both for their company.

use std::ops::Range;

use types::{ParcelId, Reference, SubmissionId, Timestamp};

use super::{Result, Store};
use crate::{
    Access, Account, Authority, Case, CaseKey, Concerned, DecidedFilter, HeldMail, NewAudit, Posting, REVIEW_MOST,
    Read, Review, Sending, SendingsOf, StoreError, SubmissionRow, Tenancy, Unsettled,
};

impl Store {
    /// Held parcels that the person may decide, nearest deadline first (承認待ち).
    ///
    /// # Errors
    /// Stale access or database.
    pub async fn awaiting(&self, access: &Access<Account, Read>) -> Result<Vec<Case>> {
        self.check(access)?;
        self.engine.awaiting(access.what().0).await
    }
    /// What the person decided, the last first.
    ///
    /// # Errors
    /// Stale access or database.
    pub async fn own_decisions(
        &self,
        access: &Access<Account, Read>,
        before: Option<CaseKey>,
        most: u32,
    ) -> Result<Vec<Case>> {
        self.check(access)?;
        let user = access.what().0;
        let directory = self.engine.directory();
        let tenant = directory.users.get(&user).ok_or(StoreError::Stale)?.tenant;
        let filter = DecidedFilter { by: Some(user), ..DecidedFilter::default() };
        self.engine.decided(tenant, filter, before, most.clamp(1, REVIEW_MOST)).await
    }
    /// The person's own mail that waits for a decision.
    ///
    /// # Errors
    /// Stale access or database.
    pub async fn own_held(&self, access: &Access<Account, Read>) -> Result<Vec<Case>> {
        self.check(access)?;
        self.engine.own_held(access.what().0).await
    }
    /// How many parcels wait for the person's decision, and how many of his own have not left.
    ///
    /// # Errors
    /// Stale access or database.
    pub async fn unsettled(&self, access: &Access<Account, Read>) -> Result<Unsettled> {
        self.check(access)?;
        self.engine.unsettled(access.what().0).await
    }
    /// The person's own submissions, newest first, with the lines of their timelines that he may see.
    ///
    /// # Errors
    /// Stale access or database.
    pub async fn own_sendings(
        &self,
        access: &Access<Account, Read>,
        before: Option<SubmissionId>,
        most: u32,
    ) -> Result<Vec<Sending>> {
        self.check(access)?;
        self.engine.sendings(SendingsOf::Author(access.what().0), before, most.clamp(1, REVIEW_MOST)).await
    }
    /// The person's own submission that came with this form key: a form that was sent already.
    ///
    /// # Errors
    /// Stale access or database.
    pub async fn own_by_form_key(
        &self,
        access: &Access<Account, Read>,
        form_key: &str,
    ) -> Result<Option<SubmissionRow>> {
        self.check(access)?;
        let found = self.engine.by_form_key(form_key).await?;
        Ok(found.filter(|row| row.author == Some(access.what().0)))
    }

    /// Held parcels of a company, nearest deadline first.
    ///
    /// # Errors
    /// Stale access or database.
    pub async fn held_cases(&self, access: &Access<Review, Read>) -> Result<Vec<Case>> {
        self.check(access)?;
        self.engine.held_cases(access.what().0).await
    }
    /// Decided parcels of a company, the last decided first.
    ///
    /// # Errors
    /// Stale access or database.
    pub async fn decided(
        &self,
        access: &Access<Review, Read>,
        filter: DecidedFilter,
        before: Option<CaseKey>,
        most: u32,
    ) -> Result<Vec<Case>> {
        self.check(access)?;
        self.engine.decided(access.what().0, filter, before, most.clamp(1, REVIEW_MOST)).await
    }
    /// A company's submissions, newest first, with their whole timelines.
    ///
    /// # Errors
    /// Stale access or database.
    pub async fn sendings(
        &self,
        access: &Access<Tenancy, Read>,
        before: Option<SubmissionId>,
        most: u32,
    ) -> Result<Vec<Sending>> {
        self.check(access)?;
        self.engine.sendings(SendingsOf::Tenant(access.what().0), before, most.clamp(1, REVIEW_MOST)).await
    }
    /// A company's submission by what people call it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], also for another company's.
    pub async fn sending(&self, access: &Access<Tenancy, Read>, reference: Reference) -> Result<Sending> {
        self.check(access)?;
        let found = self.engine.sending(access.what().0, reference).await?;
        found.ok_or_else(|| StoreError::NotFound(format!("mail {reference}")))
    }

    /// Who has to do with a parcel; for `auth`, which makes the access.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]: it was never held.
    pub async fn concerned(&self, _by: &Authority, parcel: ParcelId) -> Result<Concerned> {
        let Case { submission, part, .. } = self.found_case(parcel).await?;
        let approvers = part.approval.map(|approval| approval.approvers).unwrap_or_default();
        Ok(Concerned { tenant: submission.tenant, author: submission.author, approvers })
    }
    /// A parcel that is or was held.
    ///
    /// # Errors
    /// Stale access or database.
    pub async fn case(&self, access: &Access<HeldMail, Read>) -> Result<Case> {
        self.check(access)?;
        self.found_case(access.what().0).await
    }
    /// Reads a range of the plain bytes of a held mail. Whoever shows them masks numbers, but for a handler's recorded
    /// opening.
    ///
    /// # Errors
    /// [`StoreError::Damaged`].
    pub async fn read_case(&self, access: &Access<HeldMail, Read>, range: Range<u64>) -> Result<Vec<u8>> {
        let case = self.case(access).await?;
        self.engine.read(case.submission.record, range).await
    }
    /// Records that somebody opened the mail or a part of it; `detail` as JSON, without a number or a name of a file.
    /// It is on disk when this returns: show what was opened after it.
    ///
    /// # Errors
    /// Stale access or database.
    pub async fn note_opening(
        &self,
        access: &Access<HeldMail, Read>,
        event: &'static str,
        detail: String,
        at: Timestamp,
    ) -> Result<()> {
        let case = self.case(access).await?;
        let mut posting = Posting::default();
        posting.audit.push(NewAudit {
            tenant: Some(case.submission.tenant),
            actor: access.holder(),
            at,
            event,
            subject: case.submission.reference.to_string(),
            detail,
        });
        self.engine.post(posting).await?;
        Ok(())
    }

    async fn found_case(&self, parcel: ParcelId) -> Result<Case> {
        self.engine.case(parcel).await?.ok_or_else(|| StoreError::NotFound(format!("held mail {parcel}")))
    }
}
