//! The store as the rooms see it: checks the access, then asks the engine.

use std::ops::Range;
use std::sync::Arc;

use types::{
    IngestId, KeyId, MailboxId, ModSeq, ParcelId, QueueId, RecordId, Reference, SubmissionId, TenantId, Timestamp,
    UidSet,
};

use crate::{
    Access, Account, Authority, Change, Changed, Changes, Claimed, Directory, Engine, Entrance, Event, Exit,
    FlagChange, FlagRow, Held, Mailbox, MailboxName, Manage, MessageRow, Moved, NewMessage, Opened, ParcelRow, Placed,
    Posted, Posting, QueueAction, QueueFilter, QueueRow, Read, Right, Server, StoreError, SubmissionRow,
    SubmissionState, Tenancy, Timer, TimerKind, TrailRow, VerifyReport, Want, Write,
};

type Result<T> = std::result::Result<T, StoreError>;

/// Opens the store over an engine: the store and the three tokens, of which no more are ever made.
#[must_use]
pub fn open(engine: Arc<dyn Engine>) -> (Store, Authority, Entrance, Exit) {
    (Store { engine }, Authority(()), Entrance(()), Exit(()))
}

/// A mail being collected: up to 1 MiB in memory, beyond that on disk, sealed as it comes.
pub struct Writing {
    tenant: TenantId,
    key: KeyId,
    intake: blobs::Intake,
}

impl std::fmt::Debug for Writing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Writing({} bytes)", self.intake.size())
    }
}

impl Writing {
    /// For engines: collects under `key`.
    #[must_use]
    pub fn new(tenant: TenantId, key: KeyId, intake: blobs::Intake) -> Self {
        Self { tenant, key, intake }
    }
    /// Takes the next bytes.
    ///
    /// # Errors
    /// The mail is over its bound, or the disk failed.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        Ok(self.intake.write(bytes).await?)
    }
    /// Ends the mail. A large one is on disk and flushed now; a small one is sealed and waits for its posting.
    ///
    /// # Errors
    /// The disk failed.
    pub async fn finish(self) -> Result<Draft> {
        Ok(Draft { tenant: self.tenant, key: self.key, blob: self.intake.finish().await? })
    }
}

/// A mail whose bytes are complete and that no row names yet.
#[derive(Debug)]
pub struct Draft {
    tenant: TenantId,
    key: KeyId,
    blob: blobs::Draft,
}

impl Draft {
    /// For engines: bytes sealed under `key`.
    #[must_use]
    pub fn new(tenant: TenantId, key: KeyId, blob: blobs::Draft) -> Self {
        Self { tenant, key, blob }
    }
    /// Whose.
    #[must_use]
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }
    /// The size of the plain bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.blob.size
    }
    /// The plain bytes, while the mail is small enough to be in memory.
    #[must_use]
    pub fn plain(&self) -> Option<&[u8]> {
        self.blob.plain.as_deref()
    }
    /// For engines: tenant, key, bytes.
    #[must_use]
    pub fn parts(&self) -> (TenantId, KeyId, &blobs::Draft) {
        (self.tenant, self.key, &self.blob)
    }
    /// For engines: gives up the bytes.
    #[must_use]
    pub fn into_parts(self) -> (TenantId, KeyId, blobs::Draft) {
        (self.tenant, self.key, self.blob)
    }
}

/// The store.
#[derive(Clone)]
pub struct Store {
    engine: Arc<dyn Engine>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store")
    }
}

impl Store {
    /// Refuses an access whose holder's rights changed since it was made.
    fn check<What: Copy, R: Right>(&self, access: &Access<What, R>) -> Result<()> {
        let Some(holder) = access.holder() else { return Ok(()) };
        let directory = self.engine.directory();
        let user = directory.users.get(&holder).ok_or(StoreError::Stale)?;
        if user.generation == access.generation() { Ok(()) } else { Err(StoreError::Stale) }
    }

    /// The present snapshot of people, domains and rules.
    #[must_use]
    pub fn directory(&self) -> Arc<Directory> {
        self.engine.directory()
    }
    /// Reads the snapshot again.
    ///
    /// # Errors
    /// The database failed.
    pub async fn reload_directory(&self) -> Result<()> {
        self.engine.reload_directory().await
    }
    /// Changes the directory of one tenant.
    ///
    /// # Errors
    /// What is wrong with the change; or the access is stale, or not this tenant's.
    pub async fn change(&self, access: &Access<Tenancy, Manage>, change: Change, at: Timestamp) -> Result<Changed> {
        self.check(access)?;
        if !self.concerns(&change, access.what().0) {
            return Err(StoreError::Stale);
        }
        self.engine.change_directory(change, access.holder(), at).await
    }
    /// Changes anything in the directory: tenants and domains too.
    ///
    /// # Errors
    /// As [`Self::change`].
    pub async fn change_server(
        &self,
        access: &Access<Server, Manage>,
        change: Change,
        at: Timestamp,
    ) -> Result<Changed> {
        self.check(access)?;
        self.engine.change_directory(change, access.holder(), at).await
    }
    fn concerns(&self, change: &Change, tenant: TenantId) -> bool {
        let directory = self.engine.directory();
        let of_user = |id: &types::UserId| directory.users.get(id).is_none_or(|user| user.tenant == tenant);
        let of_group = |id: &types::GroupId| directory.groups.get(id).is_none_or(|group| group.tenant == tenant);
        match change {
            Change::AddTenant { .. } | Change::RemoveTenant(_) | Change::AddDomain { .. } | Change::RemoveDomain(_) => {
                false
            }
            Change::SetTenant { tenant: whose, .. }
            | Change::AddGroup { tenant: whose, .. }
            | Change::SetRules { tenant: whose, .. } => *whose == tenant,
            Change::AddUser(user) => user.tenant == tenant,
            Change::SetUser(id, _) | Change::RemoveUser(id) | Change::AddAlias { user: id, .. } => of_user(id),
            Change::RemoveAlias(alias) => directory.tenant_of(alias.domain()) == Some(tenant),
            Change::SetMembers(id, _) | Change::RemoveGroup(id) => of_group(id),
        }
    }

    /// Begins to collect a mail of `tenant`, at most `max` bytes.
    ///
    /// # Errors
    /// [`StoreError::Full`] when the disk is nearly full.
    pub async fn begin(&self, tenant: TenantId, max: u64) -> Result<Writing> {
        self.engine.begin(tenant, max).await
    }
    /// Makes a draft of bytes that are whole in memory.
    ///
    /// # Errors
    /// As [`Self::begin`].
    pub async fn seal(&self, tenant: TenantId, bytes: &[u8]) -> Result<Draft> {
        self.engine.seal(tenant, bytes).await
    }
    /// The plain bytes of a draft: from memory, or read back when it is large. The caller holds a memory permit.
    ///
    /// # Errors
    /// As [`Self::read_for_sending`].
    pub async fn draft_bytes(&self, draft: &Draft) -> Result<Vec<u8>> {
        match draft.plain() {
            Some(bytes) => Ok(bytes.to_vec()),
            None => self.engine.draft_bytes(draft).await,
        }
    }
    /// A fresh number for one acceptance of one mail.
    #[must_use]
    pub fn ingest_id(&self) -> IngestId {
        self.engine.ingest_id()
    }
    /// Delivery's posting: copies, journal, audit, submissions in state `new` (they have no parcels).
    ///
    /// # Errors
    /// Nothing was written.
    pub async fn deliver(&self, _door: &Entrance, posting: Posting) -> Result<Posted> {
        let new = |state| matches!(state, SubmissionState::New);
        if posting.submissions.iter().any(|s| !s.parcels.is_empty() || !new(s.state)) || !posting.queue.is_empty() {
            return Err(StoreError::Invalid("a delivery makes no parcels".into()));
        }
        self.engine.post(posting).await
    }
    /// Outbound's posting: anything.
    ///
    /// # Errors
    /// Nothing was written; [`StoreError::Decided`] when a decision came too late.
    pub async fn send(&self, _door: &Exit, posting: Posting) -> Result<Posted> {
        self.engine.post(posting).await
    }
    /// Reads bytes of a record for the way out (queue, review).
    ///
    /// # Errors
    /// [`StoreError::Damaged`] names the place.
    pub async fn read_for_sending(&self, _door: &Exit, record: RecordId, range: Range<u64>) -> Result<Vec<u8>> {
        self.engine.read(record, range).await
    }
    /// Bytes that a person's mailboxes use.
    ///
    /// # Errors
    /// The database failed.
    pub async fn usage(&self, user: types::UserId) -> Result<u64> {
        self.engine.usage(user).await
    }

    /// Reads a range of the plain bytes of a message's record.
    ///
    /// # Errors
    /// As [`Self::read_for_sending`].
    pub async fn read(
        &self,
        access: &Access<Account, Read>,
        message: &MessageRow,
        range: Range<u64>,
    ) -> Result<Vec<u8>> {
        self.check(access)?;
        self.engine.read(message.record, range).await
    }
    /// All mailboxes, ordered by name.
    ///
    /// # Errors
    /// Stale access or database.
    pub async fn mailboxes(&self, access: &Access<Account, Read>) -> Result<Vec<Mailbox>> {
        self.check(access)?;
        self.engine.mailboxes(access.what().0).await
    }
    /// The mailbox of this name (INBOX in any case, Unicode in any normal form).
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Invalid`] when it is no name.
    pub async fn mailbox_named(&self, access: &Access<Account, Read>, name: &str) -> Result<Mailbox> {
        let name = MailboxName::parse(name)?;
        let found = self.mailboxes(access).await?.into_iter().find(|mailbox| mailbox.name == name.as_str());
        found.ok_or_else(|| StoreError::NotFound(format!("the mailbox {name}")))
    }
    /// Makes a mailbox with those above it.
    ///
    /// # Errors
    /// [`StoreError::Exists`], [`StoreError::Invalid`].
    pub async fn create_mailbox(&self, access: &Access<Account, Write>, name: &str) -> Result<Mailbox> {
        self.check(access)?;
        self.engine.create_mailbox(access.what().0, name).await
    }
    /// Renames a mailbox with all below it (RFC 3501 6.3.5).
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::Exists`], [`StoreError::Invalid`].
    pub async fn rename_mailbox(&self, access: &Access<Account, Write>, from: &str, to: &str) -> Result<()> {
        self.check(access)?;
        self.engine.rename_mailbox(access.what().0, from, to).await
    }
    /// Deletes a mailbox.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; INBOX cannot be deleted.
    pub async fn delete_mailbox(&self, access: &Access<Account, Write>, name: &str) -> Result<()> {
        self.check(access)?;
        self.engine.delete_mailbox(access.what().0, name).await
    }
    /// Subscribes or unsubscribes.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn subscribe(&self, access: &Access<Account, Write>, name: &str, on: bool) -> Result<()> {
        self.check(access)?;
        self.engine.subscribe(access.what().0, name, on).await
    }
    /// Opens for EXAMINE.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn examine(&self, access: &Access<Account, Read>, mailbox: MailboxId) -> Result<Opened> {
        self.check(access)?;
        self.engine.open_mailbox(access.what().0, mailbox, false).await
    }
    /// Opens for SELECT: claims what is recent.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn select(&self, access: &Access<Account, Write>, mailbox: MailboxId) -> Result<Opened> {
        self.check(access)?;
        self.engine.open_mailbox(access.what().0, mailbox, true).await
    }
    /// What happened since `since`; `claim_recent` for selected (not examined) mailboxes.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]: the mailbox is gone.
    pub async fn changes_since(
        &self,
        access: &Access<Account, Read>,
        mailbox: MailboxId,
        since: ModSeq,
        claim_recent: bool,
    ) -> Result<Changes> {
        self.check(access)?;
        self.engine.changes_since(access.what().0, mailbox, since, claim_recent).await
    }
    /// Flags of `uids`.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn flags(
        &self,
        access: &Access<Account, Read>,
        mailbox: MailboxId,
        uids: &UidSet,
    ) -> Result<Vec<FlagRow>> {
        self.check(access)?;
        self.engine.flags(access.what().0, mailbox, uids).await
    }
    /// Messages, ascending by UID; callers ask for windows of a few hundred.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn messages(
        &self,
        access: &Access<Account, Read>,
        mailbox: MailboxId,
        uids: &UidSet,
        want: Want,
    ) -> Result<Vec<MessageRow>> {
        self.check(access)?;
        self.engine.messages(access.what().0, mailbox, uids, want).await
    }
    /// Puts messages in; all or none.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn append(
        &self,
        access: &Access<Account, Write>,
        mailbox: MailboxId,
        messages: Vec<NewMessage>,
    ) -> Result<Vec<Placed>> {
        self.check(access)?;
        self.engine.append(access.what().0, mailbox, messages).await
    }
    /// STORE.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn store_flags(
        &self,
        access: &Access<Account, Write>,
        mailbox: MailboxId,
        uids: &UidSet,
        change: FlagChange,
    ) -> Result<(Vec<FlagRow>, UidSet)> {
        self.check(access)?;
        self.engine.store_flags(access.what().0, mailbox, uids, change).await
    }
    /// COPY; all or none.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn copy(
        &self,
        access: &Access<Account, Write>,
        from: MailboxId,
        uids: &UidSet,
        to: MailboxId,
        at: Timestamp,
    ) -> Result<Moved> {
        self.check(access)?;
        self.engine.copy(access.what().0, from, uids, to, at).await
    }
    /// MOVE; all or none.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn move_to(
        &self,
        access: &Access<Account, Write>,
        from: MailboxId,
        uids: &UidSet,
        to: MailboxId,
        at: Timestamp,
    ) -> Result<Moved> {
        self.check(access)?;
        self.engine.move_to(access.what().0, from, uids, to, at).await
    }
    /// Expunges those of `uids` (all when `None`) that bear `\Deleted`; answers which went.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn expunge(
        &self,
        access: &Access<Account, Write>,
        mailbox: MailboxId,
        uids: Option<&UidSet>,
        at: Timestamp,
    ) -> Result<UidSet> {
        self.check(access)?;
        self.engine.expunge(access.what().0, mailbox, uids, at).await
    }

    /// Takes due queue rows under a lease.
    ///
    /// # Errors
    /// The database failed.
    pub async fn claim(&self, _door: &Exit, n: usize, now: Timestamp, lease: Timestamp) -> Result<Vec<Claimed>> {
        self.engine.claim(n, now, lease).await
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
    /// Submissions in `state`, oldest first.
    ///
    /// # Errors
    /// The database failed.
    pub async fn submissions(&self, _door: &Exit, state: SubmissionState, n: usize) -> Result<Vec<SubmissionRow>> {
        self.engine.submissions(state, n).await
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
    /// One held or decided parcel with its approval, for outbound.
    ///
    /// # Errors
    /// The database failed.
    pub async fn held_parcel(&self, _door: &Exit, parcel: ParcelId) -> Result<Option<Held>> {
        self.engine.held_parcel(parcel).await
    }

    /// Held parcels of a tenant, nearest deadline first.
    ///
    /// # Errors
    /// Stale access or database.
    pub async fn held(&self, access: &Access<Tenancy, Read>) -> Result<Vec<Held>> {
        self.check(access)?;
        self.engine.held(Some(access.what().0)).await
    }
    /// Held parcels of all tenants.
    ///
    /// # Errors
    /// Stale access or database.
    pub async fn held_everywhere(&self, access: &Access<Server, Manage>) -> Result<Vec<Held>> {
        self.check(access)?;
        self.engine.held(None).await
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
    /// Acts on queue rows.
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
        self.engine.control_queue(None, filter, action, now).await
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

    /// Events from now on.
    #[must_use]
    pub fn events(&self) -> tokio::sync::broadcast::Receiver<Event> {
        self.engine.events()
    }
    /// Reads everything back.
    ///
    /// # Errors
    /// Stale access; the database could not be read at all.
    pub async fn verify(&self, access: &Access<Server, Manage>, repair: bool) -> Result<VerifyReport> {
        self.check(access)?;
        self.engine.verify(repair).await
    }
    /// Stops: waits for what is under way, closes the files.
    ///
    /// # Errors
    /// The last flush failed.
    pub async fn close(&self) -> Result<()> {
        self.engine.close().await
    }
}
