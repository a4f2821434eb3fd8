//! What a database engine does. [`crate::Store`] checks access and asks it; nobody else calls it. Beside what every
//! room needs, a trait for each area of what the pages ask.

mod annotations;
mod arrivals;
mod audits;
mod correspondents;
mod drafts;
mod factor;
mod figures;
mod incidents;
mod indexing;
mod ledger;
mod links;
mod notes;
mod pages;
mod reviews;
mod sessions;
mod sharing;
mod texts;

use std::ops::Range;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use types::{
    Domain, IngestId, MailboxId, ModSeq, ParcelId, QueueId, RecordId, Reference, SubmissionId, TenantId, Timestamp,
    Uid, UidSet, UserId,
};

use crate::{
    Change, Changed, Changes, Claimed, Directory, Draft, Event, FlagChange, FlagFilter, FlagRow, Held, Mailbox,
    MailboxRole, MessageRow, Moved, NewMessage, Opened, ParcelRow, Placed, Posted, Posting, PrivateKey, QueueAction,
    QueueFilter, QueueRow, Secret, StoreError, SubmissionRow, SubmissionState, Timer, TrailRow, Usage, VerifyReport,
    Want, Writing,
};

pub use annotations::AnnotationEngine;
pub use arrivals::ArrivalEngine;
pub use audits::AuditEngine;
pub use correspondents::CorrespondentEngine;
pub use drafts::DraftEngine;
pub use factor::FactorEngine;
pub use figures::FigureEngine;
pub use incidents::IncidentEngine;
pub use indexing::IndexEngine;
pub use ledger::LedgerEngine;
pub use links::LinkEngine;
pub use notes::NoteEngine;
pub use pages::PageEngine;
pub use reviews::ReviewEngine;
pub use sessions::SessionEngine;
pub use sharing::{SeenOf, SharingEngine};
pub use texts::TextEngine;

type Result<T> = std::result::Result<T, StoreError>;

/// An engine: one call, one transaction. Every operation on a mailbox takes its owner too and answers
/// [`StoreError::NotFound`] for another's.
#[async_trait]
pub trait Engine:
    PageEngine
    + DraftEngine
    + CorrespondentEngine
    + ReviewEngine
    + AuditEngine
    + ArrivalEngine
    + AnnotationEngine
    + FactorEngine
    + FigureEngine
    + IncidentEngine
    + IndexEngine
    + LinkEngine
    + LedgerEngine
    + NoteEngine
    + SessionEngine
    + SharingEngine
    + TextEngine
    + Send
    + Sync
    + 'static
{
    /// The present snapshot of people, domains and rules.
    fn directory(&self) -> Arc<Directory>;
    /// Reads the snapshot again (another process changed it).
    async fn reload_directory(&self) -> Result<()>;
    /// Changes the directory.
    async fn change_directory(&self, change: Change, by: Option<UserId>, at: Timestamp) -> Result<Changed>;
    /// The texts of a company's agreed passwords with their marks, in the order in which they were added.
    async fn agreed_passwords(&self, tenant: TenantId) -> Result<Vec<([u8; 16], Secret)>>;

    /// The private halves of a domain's keys with their marks; none of a key that is retired.
    async fn dkim_private(&self, domain: &Domain) -> Result<Vec<([u8; 16], PrivateKey)>>;

    /// Begins to collect a mail of `tenant` of at most `max` bytes under a fresh record key.
    async fn begin(&self, tenant: TenantId, max: u64) -> Result<Writing>;
    /// Reads a range of a record's plain bytes, shared with whoever else reads them; beyond the end it is cut off.
    async fn read(&self, record: RecordId, range: Range<u64>) -> Result<Bytes>;
    /// The plain bytes of many records, in their order, for somebody who reads them once. Callers ask for as many as fit
    /// their memory.
    async fn read_many(&self, records: &[RecordId]) -> Result<Vec<Result<Bytes>>> {
        let mut read = Vec::with_capacity(records.len());
        for record in records {
            read.push(self.read(*record, 0..u64::MAX).await);
        }
        Ok(read)
    }
    /// The plain bytes of a draft, also of a large one that is on disk already.
    async fn draft_bytes(&self, draft: &Draft) -> Result<Vec<u8>>;
    /// A fresh number for one acceptance of one mail; grows over the life of the data folder.
    fn ingest_id(&self) -> IngestId;
    /// Writes a posting; returns when it is on disk.
    async fn post(&self, posting: Posting) -> Result<Posted>;

    /// What a person's mailboxes hold.
    async fn usage(&self, user: UserId) -> Result<Usage>;
    /// All mailboxes of a person, ordered by name.
    async fn mailboxes(&self, user: UserId) -> Result<Vec<Mailbox>>;
    /// The mailbox of this name. What it counts may be of a moment before.
    async fn find_mailbox(&self, user: UserId, name: &str) -> Result<Option<Mailbox>> {
        Ok(self.mailboxes(user).await?.into_iter().find(|mailbox| mailbox.name == name))
    }
    /// Makes a mailbox with those above it; with `role` it is the one for that use, which no other may be
    /// ([`StoreError::Invalid`]).
    async fn create_mailbox(&self, user: UserId, name: &str, role: Option<MailboxRole>) -> Result<Mailbox>;
    /// Renames a mailbox with all below it; INBOX: its mail moves to a new mailbox, INBOX stays (RFC 3501 6.3.5).
    async fn rename_mailbox(&self, user: UserId, from: &str, to: &str) -> Result<()>;
    /// Deletes a mailbox; with children it stays as a name that cannot be selected.
    async fn delete_mailbox(&self, user: UserId, name: &str) -> Result<()>;
    /// Subscribes or unsubscribes a name.
    async fn subscribe(&self, user: UserId, name: &str, on: bool) -> Result<()>;

    /// Opens a mailbox; `claim_recent` for SELECT.
    async fn open_mailbox(&self, user: UserId, mailbox: MailboxId, claim_recent: bool) -> Result<Opened>;
    /// What happened since `since`.
    async fn changes_since(
        &self,
        user: UserId,
        mailbox: MailboxId,
        since: ModSeq,
        claim_recent: bool,
    ) -> Result<Changes>;
    /// Flags of `uids`.
    async fn flags(&self, user: UserId, mailbox: MailboxId, uids: &UidSet) -> Result<Vec<FlagRow>>;
    /// Flags of those of `uids` that the filter admits.
    async fn flags_of_some(
        &self,
        user: UserId,
        mailbox: MailboxId,
        uids: &UidSet,
        filter: FlagFilter,
    ) -> Result<Vec<FlagRow>> {
        let mut rows = self.flags(user, mailbox, uids).await?;
        rows.retain(|row| filter.admits(row.flags.system));
        Ok(rows)
    }
    /// Messages by UID; callers ask for windows of a few hundred.
    async fn messages(&self, user: UserId, mailbox: MailboxId, uids: &UidSet, want: Want) -> Result<Vec<MessageRow>>;
    /// Puts messages in; all or none.
    async fn append(&self, user: UserId, mailbox: MailboxId, messages: Vec<NewMessage>) -> Result<Vec<Placed>>;
    /// Puts a message into `to` and takes the message `uid` out of `from`, both or neither ([`StoreError::NotFound`] when it is
    /// not there any more).
    async fn replace(
        &self,
        user: UserId,
        from: MailboxId,
        uid: Uid,
        to: MailboxId,
        message: NewMessage,
    ) -> Result<Placed>;
    /// STORE; answers the rows as they are after it, those left because of UNCHANGEDSINCE are in the second set.
    async fn store_flags(
        &self,
        user: UserId,
        mailbox: MailboxId,
        uids: &UidSet,
        change: FlagChange,
    ) -> Result<(Vec<FlagRow>, UidSet)>;
    /// COPY; all or none.
    async fn copy(&self, user: UserId, from: MailboxId, uids: &UidSet, to: MailboxId, at: Timestamp) -> Result<Moved>;
    /// MOVE; all or none.
    async fn move_to(
        &self,
        user: UserId,
        from: MailboxId,
        uids: &UidSet,
        to: MailboxId,
        at: Timestamp,
    ) -> Result<Moved>;
    /// Expunges those of `uids` (all when `None`) that bear `\Deleted`.
    async fn expunge(&self, user: UserId, mailbox: MailboxId, uids: Option<&UidSet>, at: Timestamp) -> Result<UidSet>;

    /// Queue rows that are due, leased until `lease`; at most `n`, fair between domains.
    async fn claim(&self, n: usize, now: Timestamp, lease: Timestamp) -> Result<Vec<Claimed>>;
    /// Of these domains, those whose next hop was spoken to since `since`, and whether that was under TLS.
    async fn tls_seen(&self, domains: &[Domain], since: Timestamp) -> Result<Vec<(Domain, bool)>>;
    /// When the next queue row is due.
    async fn next_due(&self) -> Result<Option<Timestamp>>;
    /// Lists queue rows of a tenant (all: `None`).
    async fn queue(&self, tenant: Option<TenantId>, filter: &QueueFilter) -> Result<Vec<QueueRow>>;
    /// Acts on queue rows, which is audited as done by `by`; answers those that it touched.
    async fn control_queue(
        &self,
        tenant: Option<TenantId>,
        filter: &QueueFilter,
        action: QueueAction,
        by: Option<UserId>,
        now: Timestamp,
    ) -> Result<Vec<QueueId>>;
    /// Submissions in `state`, oldest first, behind `after`, at most `n`.
    async fn submissions(
        &self,
        state: SubmissionState,
        after: Option<SubmissionId>,
        n: usize,
    ) -> Result<Vec<SubmissionRow>>;
    /// A submission by what people call it.
    async fn submission(&self, reference: Reference) -> Result<Option<SubmissionRow>>;
    /// The submission with this join key whose answer was not written, if its wait is not over.
    async fn unanswered(&self, join_key: &str, now: Timestamp) -> Result<Option<SubmissionRow>>;
    /// The submission that came with this form key.
    async fn by_form_key(&self, form_key: &str) -> Result<Option<SubmissionRow>>;
    /// Marks a submission whose answer could not be written: its queue rows wait until `until`; `None` ends the wait.
    async fn mark_unanswered(&self, submission: SubmissionId, until: Option<Timestamp>) -> Result<()>;
    /// Parcels of a submission.
    async fn parcels(&self, submission: SubmissionId) -> Result<Vec<ParcelRow>>;
    /// Held parcels of a tenant (all: `None`), nearest deadline first.
    async fn held(&self, tenant: Option<TenantId>) -> Result<Vec<Held>>;
    /// One held (or decided) parcel with its approval.
    async fn held_parcel(&self, parcel: ParcelId) -> Result<Option<Held>>;
    /// The timeline of a submission.
    async fn trail(&self, submission: SubmissionId) -> Result<Vec<TrailRow>>;
    /// Timers that are due, leased; reminders before deadlines.
    async fn claim_timers(&self, n: usize, now: Timestamp, lease: Timestamp) -> Result<Vec<Timer>>;
    /// Moves every timer of `kind` that is due before `until` to `until` (time out of service does not count).
    async fn postpone_timers(&self, kind: crate::TimerKind, until: Timestamp) -> Result<u64>;
    /// When the next timer is due.
    async fn next_timer(&self) -> Result<Option<Timestamp>>;

    /// Events from now on.
    fn events(&self) -> tokio::sync::broadcast::Receiver<Event>;
    /// Those of them that tell of work ([`crate::Bell::work`]).
    fn work(&self) -> tokio::sync::broadcast::Receiver<Event>;
    /// Reads everything back.
    async fn verify(&self, repair: bool) -> Result<VerifyReport>;
    /// Stops: waits for what is under way, closes the files.
    async fn close(&self) -> Result<()>;
    /// Makes a draft of bytes that are whole in memory.
    async fn seal(&self, tenant: TenantId, bytes: &[u8]) -> Result<Draft>;
}
