//! What leaves: submissions, held parcels, the queue, timers.

use types::{Address, Domain, ParcelId, Reference, SubmissionId, Timestamp, UserId};

use super::{Result, Store};
use crate::{
    Access, Claimed, Exit, Held, Manage, Opening, ParcelRow, QueueFilter, QueueRow, Read, Server, SubmissionRow,
    SubmissionState, Tenancy, Timer, TimerKind, TrailRow,
};

impl Store {
    /// Takes due queue rows under a lease.
    ///
    /// # Errors
    /// The database failed.
    pub async fn claim(&self, _door: &Exit, n: usize, now: Timestamp, lease: Timestamp) -> Result<Vec<Claimed>> {
        self.engine.claim(n, now, lease).await
    }
    /// What the last attempts said of TLS: of these domains, those whose next hop was spoken to since `since`.
    ///
    /// # Errors
    /// The database failed.
    pub async fn tls_seen(&self, _door: &Exit, domains: &[Domain], since: Timestamp) -> Result<Vec<(Domain, bool)>> {
        self.engine.tls_seen(domains, since).await
    }
    /// When the next queue row is due.
    ///
    /// # Errors
    /// The database failed.
    pub async fn next_due(&self) -> Result<Option<Timestamp>> {
        self.engine.next_due().await
    }
    /// Takes due timers under a lease.
    ///
    /// # Errors
    /// The database failed.
    pub async fn claim_timers(&self, _door: &Exit, n: usize, now: Timestamp, lease: Timestamp) -> Result<Vec<Timer>> {
        self.engine.claim_timers(n, now, lease).await
    }
    /// Moves timers of `kind` that are due before `until` to `until`.
    ///
    /// # Errors
    /// The database failed.
    pub async fn postpone_timers(&self, _door: &Exit, kind: TimerKind, until: Timestamp) -> Result<u64> {
        self.engine.postpone_timers(kind, until).await
    }
    /// When the next timer is due.
    ///
    /// # Errors
    /// The database failed.
    pub async fn next_timer(&self) -> Result<Option<Timestamp>> {
        self.engine.next_timer().await
    }
    /// Submissions in `state`, oldest first, behind `after`.
    ///
    /// # Errors
    /// The database failed.
    pub async fn submissions(
        &self,
        _door: &Exit,
        state: SubmissionState,
        after: Option<SubmissionId>,
        n: usize,
    ) -> Result<Vec<SubmissionRow>> {
        self.engine.submissions(state, after, n).await
    }
    /// The submission with this join key whose answer was never written, while its wait lasts.
    ///
    /// # Errors
    /// The database failed.
    pub async fn unanswered(&self, _door: &Exit, join_key: &str, now: Timestamp) -> Result<Option<SubmissionRow>> {
        self.engine.unanswered(join_key, now).await
    }
    /// The submission that came with this form key.
    ///
    /// # Errors
    /// The database failed.
    pub async fn by_form_key(&self, _door: &Exit, form_key: &str) -> Result<Option<SubmissionRow>> {
        self.engine.by_form_key(form_key).await
    }
    /// Marks a submission whose answer could not be written, or ends its wait.
    ///
    /// # Errors
    /// The database failed.
    pub async fn mark_unanswered(
        &self,
        _door: &Exit,
        submission: SubmissionId,
        until: Option<Timestamp>,
    ) -> Result<()> {
        self.engine.mark_unanswered(submission, until).await
    }
    /// A submission by what people call it, with its parcels, for outbound.
    ///
    /// # Errors
    /// The database failed.
    pub async fn submission_called(
        &self,
        _door: &Exit,
        reference: Reference,
    ) -> Result<Option<(SubmissionRow, Vec<ParcelRow>)>> {
        let Some(submission) = self.engine.submission(reference).await? else { return Ok(None) };
        let parcels = self.engine.parcels(submission.id).await?;
        Ok(Some((submission, parcels)))
    }
    /// Those of `addresses` to whom any of `users` has sent mail, for rules that ask for a first contact.
    ///
    /// # Errors
    /// The database failed.
    pub async fn written_to(&self, _door: &Exit, users: &[UserId], addresses: &[Address]) -> Result<Vec<Address>> {
        self.engine.written_to(users, addresses).await
    }
    /// The parcels of a submission, for outbound.
    ///
    /// # Errors
    /// The database failed.
    pub async fn parcels(&self, _door: &Exit, submission: SubmissionId) -> Result<Vec<ParcelRow>> {
        self.engine.parcels(submission).await
    }
    /// One held or decided parcel with its approval, for outbound.
    ///
    /// # Errors
    /// The database failed.
    pub async fn held_parcel(&self, _door: &Exit, parcel: ParcelId) -> Result<Option<Held>> {
        self.engine.held_parcel(parcel).await
    }

    /// Who opened a held or decided parcel, for outbound.
    ///
    /// # Errors
    /// Database.
    pub async fn openings(&self, _door: &Exit, parcel: ParcelId) -> Result<Vec<Opening>> {
        Ok(self.engine.case_history(parcel).await?.openings)
    }
    /// Queue rows of a tenant.
    ///
    /// # Errors
    /// Stale access or database.
    pub async fn queue(&self, access: &Access<Tenancy, Read>, filter: &QueueFilter) -> Result<Vec<QueueRow>> {
        self.check(access)?;
        self.engine.queue(Some(access.what().0), filter).await
    }
    /// Queue rows of all tenants.
    ///
    /// # Errors
    /// Stale access or database.
    pub async fn queue_everywhere(
        &self,
        access: &Access<Server, Manage>,
        filter: &QueueFilter,
    ) -> Result<Vec<QueueRow>> {
        self.check(access)?;
        self.engine.queue(None, filter).await
    }
    /// A submission, its parcels and its timeline, for `sekisho trace`.
    ///
    /// # Errors
    /// Stale access or database.
    pub async fn trace(
        &self,
        access: &Access<Server, Manage>,
        reference: Reference,
    ) -> Result<Option<(SubmissionRow, Vec<ParcelRow>, Vec<TrailRow>)>> {
        self.check(access)?;
        let Some(submission) = self.engine.submission(reference).await? else { return Ok(None) };
        let parcels = self.engine.parcels(submission.id).await?;
        let trail = self.engine.trail(submission.id).await?;
        Ok(Some((submission, parcels, trail)))
    }
}
