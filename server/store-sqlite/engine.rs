//! The engine's face: each operation of [`store::Engine`] asks the room that knows it.

mod arrivals;
mod pages;

use std::collections::HashMap;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use arc_swap::ArcSwap;
use async_trait::async_trait;
use blobs::{DataLock, Intake, Segments, Stored};
use bytes::Bytes;
use sqlx::SqlitePool;
use store::{
    Bell, Change, Changed, Changes, Claimed, Directory, Draft, Engine, Event, FlagChange, FlagFilter, FlagRow, Hand,
    Held, Mailbox, MailboxRole, MessageRow, Moved, NewMessage, Opened, ParcelRow, Placed, Posted, Posting, PrivateKey,
    QueueAction, QueueFilter, QueueRow, Secret, Shares, StoreError, SubmissionRow, SubmissionState, Timer, TimerKind,
    TrailRow, Usage, VerifyReport, Want, Writing,
};
use tokio::sync::{Semaphore, broadcast};
use tokio_util::sync::CancellationToken;
use types::{
    Domain, IngestId, MailboxId, ModSeq, ParcelId, QueueId, RecordId, Reference, SubmissionId, TenantId, Timestamp,
    Uid, UidSet, UserId,
};

use crate::checkpoint::Turn;
use crate::directory::{DirectoryDb, SealedSecret, dkim_place, factor_place, secret_place};
use crate::keys::Keys;
use crate::mailbox::{Cache, Mailboxes};
use crate::place::Places;
use crate::room::Room;
use crate::sql;
use crate::verify::Verify;
use crate::writer::{Job, Lane, Writer};

type Result<T> = std::result::Result<T, StoreError>;

/// The embedded engine.
pub struct SqliteEngine {
    pub(crate) readers: SqlitePool,
    pub(crate) near: sql::Near,
    pub(crate) writer: Writer,
    pub(crate) segments: Segments,
    pub(crate) keys: Arc<Keys>,
    pub(crate) directory: DirectoryDb,
    pub(crate) cache: Arc<Cache>,
    /// Who may do what with others' mailboxes.
    pub(crate) shares: ArcSwap<Shares>,
    /// One permit: who has it reads them.
    pub(crate) sharing: Semaphore,
    /// Itself, for what goes on after a call.
    pub(crate) me: Weak<Self>,
    pub(crate) places: Places,
    /// Whose turn it is to write to `mail.db`.
    pub(crate) turn: Turn,
    /// What was disposed of may stand in the log of `mail.db` yet.
    pub(crate) to_empty: AtomicBool,
    /// Held while mails are disposed of: their keys are destroyed together behind the last.
    pub(crate) disposing: tokio::sync::Mutex<()>,
    pub(crate) events: Bell,
    pub(crate) ingest: AtomicI64,
    /// No submission waits any more for its sender to come again from this moment on, in ms. Only the server marks
    /// submissions so.
    pub(crate) unanswered_until: AtomicI64,
    pub(crate) room: Room,
    pub(crate) stop: CancellationToken,
    /// The data folder.
    pub(crate) dir: PathBuf,
    /// The file that says that the stop was clean; `None` for a command.
    pub(crate) clean: Option<PathBuf>,
    pub(crate) lock: Mutex<Option<DataLock>>,
}

impl SqliteEngine {
    pub(crate) fn mailboxes(&self) -> Mailboxes<'_> {
        let Self { readers, near, writer, keys, cache, .. } = self;
        Mailboxes { readers, near, writer, keys, cache }
    }

    /// A secret under the key of its company, with a mark of its own.
    async fn sealed_secret(&self, tenant: TenantId, place: fn(&[u8]) -> String, secret: &[u8]) -> Result<SealedSecret> {
        let mut mark = [0; 16];
        let random = ring::rand::SecureRandom::fill(&ring::rand::SystemRandom::new(), &mut mark);
        random.map_err(|_| StoreError::Engine("the system has no randomness".into()))?;
        let bytes = self.keys.seal_of_tenant(tenant, &place(&mark), secret).await?;
        Ok(SealedSecret { mark, bytes })
    }

    /// What of a change is a secret, sealed.
    async fn sealed_secrets(&self, change: &Change) -> Result<Vec<SealedSecret>> {
        let mut sealed = Vec::new();
        match change {
            Change::AddAgreedPassword(new) => {
                sealed.push(self.sealed_secret(new.tenant, secret_place, new.secret.reveal().as_bytes()).await?);
            }
            Change::AddDkimKeys { tenant, keys, .. } => {
                for key in keys {
                    sealed.push(self.sealed_secret(*tenant, dkim_place, key.private.reveal()).await?);
                }
            }
            Change::SetSecondFactor(new) => {
                let tenant = self.tenant_of(new.user)?;
                sealed.push(self.sealed_secret(tenant, factor_place, new.secret.reveal()).await?);
            }
            _ => {}
        }
        Ok(sealed)
    }

    /// Says that another process changed something: everyone looks again.
    pub fn nudge(&self) {
        for event in [Event::Directory { tenant: None }, Event::Submissions, Event::Queue, Event::Timers] {
            self.events.tell(event);
        }
    }

    pub(crate) fn tenant_of(&self, user: UserId) -> Result<TenantId> {
        if let Some(tenant) = store::company_of(user) {
            return Ok(tenant);
        }
        let directory = self.directory.snapshot();
        let user = directory.users.get(&user).ok_or_else(|| StoreError::NotFound(format!("user {user}")))?;
        Ok(user.tenant)
    }
}

/// The first six mailboxes of a new person.
struct MakeFirst {
    tenant: TenantId,
    user: UserId,
}

#[async_trait]
impl Job for MakeFirst {
    type Answer = ();
    async fn run(&self, tx: &mut sql::Here, events: &mut Vec<Event>) -> Result<()> {
        crate::mailbox::make_first(tx, self.tenant, self.user).await?;
        events.push(Event::Mailboxes { user: self.user });
        Ok(())
    }
}

#[async_trait]
impl Engine for SqliteEngine {
    fn directory(&self) -> Arc<Directory> {
        self.directory.snapshot()
    }
    async fn reload_directory(&self) -> Result<()> {
        self.directory.reload().await?;
        self.nudge();
        Ok(())
    }
    async fn change_directory(&self, change: Change, by: Option<UserId>, at: Timestamp) -> Result<Changed> {
        let sealed = self.sealed_secrets(&change).await?;
        // asked before: what is taken away has no company afterwards
        let tenant = change.tenant(&self.directory.snapshot());
        let changed = self.directory.change(&change, &sealed, by, at).await?;
        if let (Change::AddUser(new), Changed::User(user)) = (&change, changed) {
            self.writer.run(Lane::Quick, MakeFirst { tenant: new.tenant, user }).await?;
        }
        self.events.tell(Event::Directory { tenant });
        Ok(changed)
    }
    async fn agreed_passwords(&self, tenant: TenantId) -> Result<Vec<([u8; 16], Secret)>> {
        let mut all = Vec::new();
        for SealedSecret { mark, bytes } in self.directory.sealed_passwords(tenant).await? {
            let text = self.keys.open_of_tenant(tenant, &secret_place(&mark), &bytes).await?;
            let text = String::from_utf8(text).map_err(|_| StoreError::Damaged("an agreed password".into()))?;
            all.push((mark, Secret::new(text.into())));
        }
        Ok(all)
    }

    async fn dkim_private(&self, domain: &Domain) -> Result<Vec<([u8; 16], PrivateKey)>> {
        let mut all = Vec::new();
        for (tenant, SealedSecret { mark, bytes }) in self.directory.sealed_dkim(domain).await? {
            let private = self.keys.open_of_tenant(tenant, &dkim_place(&mark), &bytes).await?;
            all.push((mark, PrivateKey::new(private.into())));
        }
        Ok(all)
    }

    async fn begin(&self, tenant: TenantId, max: u64) -> Result<Writing> {
        if self.room.is_low() {
            return Err(StoreError::Full);
        }
        let (key, secret) = self.keys.fresh(tenant).await?;
        Ok(Writing::new(tenant, key, Intake::new(&self.segments, secret, max)))
    }
    async fn seal(&self, tenant: TenantId, bytes: &[u8]) -> Result<Draft> {
        let (key, secret) = self.keys.fresh(tenant).await?;
        let mut intake = Intake::new(&self.segments, secret, u64::MAX);
        intake.write(bytes).await?;
        Ok(Draft::new(tenant, key, intake.finish().await?))
    }
    async fn draft_bytes(&self, draft: &Draft) -> Result<Vec<u8>> {
        let (_, key, blob) = draft.parts();
        match (&blob.plain, &blob.stored) {
            (Some(plain), _) => Ok(plain.to_vec()),
            (None, Stored::Segment(at)) => {
                let key = self.keys.get(key).await?;
                Ok(self.segments.read_all(at, &key).await?.into())
            }
            (None, Stored::Memory(_)) => Err(StoreError::Engine("a small draft without its bytes".into())),
        }
    }
    async fn read(&self, record: RecordId, range: Range<u64>) -> Result<Bytes> {
        self.places.read(&self.readers, &self.segments, &self.keys, record, range).await
    }
    async fn read_many(&self, records: &[RecordId]) -> Result<Vec<Result<Bytes>>> {
        self.places.read_many(&self.readers, &self.segments, &self.keys, records).await
    }
    fn ingest_id(&self) -> IngestId {
        IngestId(self.ingest.fetch_add(1, Ordering::Relaxed))
    }
    async fn post(&self, posting: Posting) -> Result<Posted> {
        let directory = self.directory.snapshot();
        let mut owners = HashMap::new();
        for copy in &posting.copies {
            let person = || directory.users.get(&copy.owner).map(|user| user.tenant);
            let tenant = store::handlers_of(copy.owner).or_else(person);
            owners.insert(copy.owner, tenant.ok_or_else(|| StoreError::NotFound(format!("user {}", copy.owner)))?);
        }
        self.writer.post_to(posting, owners).await
    }

    async fn usage(&self, user: UserId) -> Result<Usage> {
        self.mailboxes().usage(user).await
    }
    async fn mailboxes(&self, user: UserId) -> Result<Vec<Mailbox>> {
        SqliteEngine::mailboxes(self).list(user).await
    }
    async fn find_mailbox(&self, user: UserId, name: &str) -> Result<Option<Mailbox>> {
        SqliteEngine::mailboxes(self).find(user, name).await
    }
    async fn create_mailbox(&self, user: UserId, name: &str, role: Option<MailboxRole>) -> Result<Mailbox> {
        let made = SqliteEngine::mailboxes(self).create(self.tenant_of(user)?, user, name, role).await?;
        self.catch_up_with_shares().await?;
        Ok(made)
    }
    async fn rename_mailbox(&self, user: UserId, from: &str, to: &str) -> Result<()> {
        SqliteEngine::mailboxes(self).rename(user, from, to).await?;
        // levels above the new name may have been made, and inherit rights
        self.catch_up_with_shares().await
    }
    async fn delete_mailbox(&self, user: UserId, name: &str) -> Result<()> {
        SqliteEngine::mailboxes(self).delete(user, name).await?;
        self.catch_up_with_shares().await
    }
    async fn subscribe(&self, user: UserId, name: &str, on: bool) -> Result<()> {
        SqliteEngine::mailboxes(self).subscribe(user, name, on).await
    }
    async fn open_mailbox(&self, user: UserId, mailbox: MailboxId, claim_recent: bool) -> Result<Opened> {
        SqliteEngine::mailboxes(self).open(user, mailbox, claim_recent).await
    }
    async fn changes_since(
        &self,
        user: UserId,
        mailbox: MailboxId,
        since: ModSeq,
        claim_recent: bool,
    ) -> Result<Changes> {
        SqliteEngine::mailboxes(self).changes(user, mailbox, since, claim_recent).await
    }
    async fn flags(&self, user: UserId, mailbox: MailboxId, uids: &UidSet) -> Result<Vec<FlagRow>> {
        SqliteEngine::mailboxes(self).flags(user, mailbox, uids).await
    }
    async fn flags_of_some(
        &self,
        user: UserId,
        mailbox: MailboxId,
        uids: &UidSet,
        filter: FlagFilter,
    ) -> Result<Vec<FlagRow>> {
        SqliteEngine::mailboxes(self).flags_of_some(user, mailbox, uids, filter).await
    }
    async fn messages(&self, user: UserId, mailbox: MailboxId, uids: &UidSet, want: Want) -> Result<Vec<MessageRow>> {
        SqliteEngine::mailboxes(self).messages(user, mailbox, uids, want).await
    }
    async fn append(&self, user: UserId, mailbox: MailboxId, messages: Vec<NewMessage>) -> Result<Vec<Placed>> {
        SqliteEngine::mailboxes(self).append(user, mailbox, messages).await
    }
    async fn replace(
        &self,
        user: UserId,
        from: MailboxId,
        uid: Uid,
        to: MailboxId,
        message: NewMessage,
    ) -> Result<Placed> {
        SqliteEngine::mailboxes(self).replace((user, from), uid, (user, to), message).await
    }
    async fn store_flags(
        &self,
        user: UserId,
        mailbox: MailboxId,
        uids: &UidSet,
        change: FlagChange,
    ) -> Result<(Vec<FlagRow>, UidSet)> {
        let done = SqliteEngine::mailboxes(self).store_flags(user, mailbox, uids, change).await?;
        Ok((done.rows, done.left))
    }
    async fn copy(&self, user: UserId, from: MailboxId, uids: &UidSet, to: MailboxId, at: Timestamp) -> Result<Moved> {
        let (from, to) = (Hand::own(user, from), Hand::own(user, to));
        SqliteEngine::mailboxes(self).transfer(from, uids, to, at, false).await
    }
    async fn move_to(
        &self,
        user: UserId,
        from: MailboxId,
        uids: &UidSet,
        to: MailboxId,
        at: Timestamp,
    ) -> Result<Moved> {
        let (from, to) = (Hand::own(user, from), Hand::own(user, to));
        SqliteEngine::mailboxes(self).transfer(from, uids, to, at, true).await
    }
    async fn expunge(&self, user: UserId, mailbox: MailboxId, uids: Option<&UidSet>, at: Timestamp) -> Result<UidSet> {
        SqliteEngine::mailboxes(self).expunge(user, mailbox, uids, at).await
    }

    async fn claim(&self, n: usize, now: Timestamp, lease: Timestamp) -> Result<Vec<Claimed>> {
        self.claim_queue(n, now, lease).await
    }
    async fn tls_seen(&self, domains: &[Domain], since: Timestamp) -> Result<Vec<(Domain, bool)>> {
        self.tls_of(domains, since).await
    }
    async fn next_due(&self) -> Result<Option<Timestamp>> {
        self.next_queue_due().await
    }
    async fn queue(&self, tenant: Option<TenantId>, filter: &QueueFilter) -> Result<Vec<QueueRow>> {
        self.list_queue(tenant, filter).await
    }
    async fn control_queue(
        &self,
        tenant: Option<TenantId>,
        filter: &QueueFilter,
        action: QueueAction,
        by: Option<UserId>,
        now: Timestamp,
    ) -> Result<Vec<QueueId>> {
        self.act_on_queue(tenant, filter, action, by, now).await
    }
    async fn submissions(
        &self,
        state: SubmissionState,
        after: Option<SubmissionId>,
        n: usize,
    ) -> Result<Vec<SubmissionRow>> {
        self.submissions_in(state, after, n).await
    }
    async fn submission(&self, reference: Reference) -> Result<Option<SubmissionRow>> {
        self.submission_called(reference).await
    }
    async fn unanswered(&self, join_key: &str, now: Timestamp) -> Result<Option<SubmissionRow>> {
        self.unanswered_submission(join_key, now).await
    }
    async fn by_form_key(&self, form_key: &str) -> Result<Option<SubmissionRow>> {
        self.submission_of_form(form_key).await
    }
    async fn mark_unanswered(&self, submission: SubmissionId, until: Option<Timestamp>) -> Result<()> {
        self.set_unanswered(submission, until).await
    }
    async fn parcels(&self, submission: SubmissionId) -> Result<Vec<ParcelRow>> {
        self.parcels_of(submission).await
    }
    async fn held(&self, tenant: Option<TenantId>) -> Result<Vec<Held>> {
        self.held_of(tenant).await
    }
    async fn held_parcel(&self, parcel: ParcelId) -> Result<Option<Held>> {
        self.parcel_with_approval(parcel).await
    }
    async fn trail(&self, submission: SubmissionId) -> Result<Vec<TrailRow>> {
        self.timeline(submission).await
    }
    async fn claim_timers(&self, n: usize, now: Timestamp, lease: Timestamp) -> Result<Vec<Timer>> {
        self.claim_due_timers(n, now, lease).await
    }
    async fn postpone_timers(&self, kind: TimerKind, until: Timestamp) -> Result<u64> {
        self.postpone(kind, until).await
    }
    async fn next_timer(&self) -> Result<Option<Timestamp>> {
        self.next_timer_due().await
    }

    fn events(&self) -> broadcast::Receiver<Event> {
        self.events.all()
    }
    fn work(&self) -> broadcast::Receiver<Event> {
        self.events.work()
    }
    async fn verify(&self, repair: bool) -> Result<VerifyReport> {
        let parts = Verify { readers: &self.readers, writer: &self.writer, keys: &self.keys, segments: &self.segments };
        parts.run(repair).await
    }
    async fn close(&self) -> Result<()> {
        self.stop.cancel();
        // a disk that is full does not hinder the end: messages are shown as recent again
        if let Err(error) = self.mailboxes().keep_recent().await {
            tracing::debug!(%error, "what was shown as recent is not written down");
        }
        self.writer.close().await;
        self.near.close();
        self.readers.close().await;
        self.directory.close().await;
        self.keys.close().await;
        if let Some(clean) = &self.clean {
            std::fs::write(clean, b"").map_err(|error| StoreError::Engine(format!("{}: {error}", clean.display())))?;
        }
        drop(self.lock.lock().unwrap_or_else(PoisonError::into_inner).take());
        Ok(())
    }
}
