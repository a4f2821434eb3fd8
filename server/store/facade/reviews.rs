//! Held mail for those who decide it, sent mail for its authors, both for their company.

use std::ops::Range;

use types::{ParcelId, RecordId, Reference, SubmissionId, Timestamp, UserId};

use super::{Result, Store};
use crate::{
    Access, Account, Authority, Case, CaseHistory, CaseKey, Concerned, DecidedFilter, HeldKey, HeldMail, LedgerAct,
    NewAudit, NewLedgerAct, Opening, Posting, REVIEW_MOST, Read, Review, Role, Seats, Sending, SendingsOf, StoreError,
    SubmissionRow, Tenancy, Unsettled,
};

impl Store {
    /// Held parcels that the person may decide at `now`, for himself or for whom he stands in, nearest deadline first
    /// (承認待ち).
    ///
    /// # Errors
    /// Stale access or database.
    pub async fn awaiting(
        &self,
        access: &Access<Account, Read>,
        now: Timestamp,
        after: Option<HeldKey>,
        most: u32,
    ) -> Result<Vec<Case>> {
        self.check(access)?;
        let seats = self.seats(access.what().0, now)?;
        self.engine.awaiting(&seats, after, most.clamp(1, REVIEW_MOST)).await
    }
    fn seats(&self, user: UserId, now: Timestamp) -> Result<Seats> {
        let directory = self.engine.directory();
        let roles = directory.users.get(&user).ok_or(StoreError::Stale)?.roles;
        let (handler, steward) = (roles.has(Role::Handler), roles.has(Role::Admin) || roles.has(Role::Operator));
        Ok(Seats { user, stands_in_for: directory.stands_in_for(user, now), handler, steward })
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
    /// The person's own mail that waits for a decision, nearest deadline first.
    ///
    /// # Errors
    /// Stale access or database.
    pub async fn own_held(
        &self,
        access: &Access<Account, Read>,
        after: Option<HeldKey>,
        most: u32,
    ) -> Result<Vec<Case>> {
        self.check(access)?;
        self.engine.own_held(access.what().0, after, most.clamp(1, REVIEW_MOST)).await
    }
    /// The person's own mail that is or was held.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], also for another's.
    pub async fn own_case(&self, access: &Access<Account, Read>, parcel: ParcelId) -> Result<Case> {
        self.check(access)?;
        let case = self.found_case(parcel).await?;
        let own = case.submission.author == Some(access.what().0);
        if own { Ok(case) } else { Err(StoreError::NotFound(format!("held mail {parcel}"))) }
    }
    /// How many parcels wait for the person's decision at `now`, and how many of his own have not left.
    ///
    /// # Errors
    /// Stale access or database.
    pub async fn unsettled(&self, access: &Access<Account, Read>, now: Timestamp) -> Result<Unsettled> {
        self.check(access)?;
        self.engine.unsettled(&self.seats(access.what().0, now)?).await
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
    /// The person's own submission of which this record is the mail: what his copy in Sent can say of how it went.
    ///
    /// # Errors
    /// Stale access or database.
    pub async fn own_sending_of(&self, access: &Access<Account, Read>, record: RecordId) -> Result<Option<Sending>> {
        self.check(access)?;
        let mut found = self.engine.sendings(SendingsOf::Copy(access.what().0, record), None, 1).await?;
        Ok(found.pop())
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
    pub async fn held_cases(
        &self,
        access: &Access<Review, Read>,
        after: Option<HeldKey>,
        most: u32,
    ) -> Result<Vec<Case>> {
        self.check(access)?;
        self.engine.held_cases(access.what().0, after, most.clamp(1, REVIEW_MOST)).await
    }
    /// How many those are.
    ///
    /// # Errors
    /// Stale access or database.
    pub async fn count_held(&self, access: &Access<Review, Read>) -> Result<u64> {
        self.check(access)?;
        self.engine.count_held(access.what().0).await
    }
    /// A held or decided parcel of a company.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], also for another company's.
    pub async fn reviewed_case(&self, access: &Access<Review, Read>, parcel: ParcelId) -> Result<Case> {
        self.check(access)?;
        let case = self.found_case(parcel).await?;
        let own = case.submission.tenant == access.what().0;
        if own { Ok(case) } else { Err(StoreError::NotFound(format!("held mail {parcel}"))) }
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
        let (tenant, author, sensitive) = (submission.tenant, submission.author, submission.sensitive);
        Ok(Concerned { tenant, author, approvers, sensitive })
    }
    /// A parcel that is or was held.
    ///
    /// # Errors
    /// Stale access or database.
    pub async fn case(&self, access: &Access<HeldMail, Read>) -> Result<Case> {
        self.check(access)?;
        self.found_case(access.what().0).await
    }
    /// What happened to it while it waited.
    ///
    /// # Errors
    /// Stale access or database.
    pub async fn case_history(&self, access: &Access<HeldMail, Read>) -> Result<CaseHistory> {
        self.check(access)?;
        self.engine.case_history(access.what().0).await
    }
    /// Reads a range of the plain bytes of a held mail. Whoever shows them masks numbers, but for a handler's recorded
    /// opening.
    ///
    /// # Errors
    /// [`StoreError::Damaged`].
    pub async fn read_case(&self, access: &Access<HeldMail, Read>, range: Range<u64>) -> Result<Vec<u8>> {
        let case = self.case(access).await?;
        Ok(self.engine.read(case.submission.record, range).await?.into())
    }
    /// Records that somebody opened the mail or a part of it (by its IMAP number; empty: the mail); `detail` as JSON,
    /// without a number or a name of a file. It is on disk when this returns: show what was opened after it.
    ///
    /// # Errors
    /// Stale access or database.
    pub async fn note_opening(
        &self,
        access: &Access<HeldMail, Read>,
        event: &'static str,
        part: &str,
        detail: String,
        at: Timestamp,
    ) -> Result<()> {
        let case = self.case(access).await?;
        let opening = |by| Opening { parcel: case.part.id, by, part: part.to_owned(), at };
        let openings = access.holder().map(opening).into_iter().collect();
        let posting = Posting { openings, ..Posting::default() };
        self.note_held(access, &case, LedgerAct::Opened, (event, detail, at), posting).await
    }
    /// Records that a file of the mail as it is leaves the server with whoever asked for it; `detail` as JSON, without a number or a name
    /// of a file. It is on disk when this returns: hand the file out after it.
    ///
    /// # Errors
    /// Stale access or database.
    pub async fn note_saving(&self, access: &Access<HeldMail, Read>, detail: String, at: Timestamp) -> Result<()> {
        let case = self.case(access).await?;
        let done = ("held.original_saved", detail, at);
        self.note_held(access, &case, LedgerAct::Exported, done, Posting::default()).await
    }
    async fn note_held(
        &self,
        access: &Access<HeldMail, Read>,
        case: &Case,
        act: LedgerAct,
        (event, detail, at): (&'static str, String, Timestamp),
        mut posting: Posting,
    ) -> Result<()> {
        posting.audit.push(NewAudit {
            tenant: Some(case.submission.tenant),
            actor: access.holder(),
            at,
            event,
            subject: case.submission.reference.to_string(),
            detail,
        });
        let (record, actor) = (case.submission.record, access.holder());
        posting.ledger_acts.push(NewLedgerAct { record, at, act, actor, detail: event.to_owned() });
        self.engine.post(posting).await?;
        Ok(())
    }

    async fn found_case(&self, parcel: ParcelId) -> Result<Case> {
        self.engine.case(parcel).await?.ok_or_else(|| StoreError::NotFound(format!("held mail {parcel}")))
    }
}
