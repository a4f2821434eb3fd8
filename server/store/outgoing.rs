//! What leaves: submissions, their parcels, held mail, the queue, timers.

use std::fmt;

use serde::{Deserialize, Serialize};
use types::{
    Address, Domain, DraftId, ParcelId, QueueId, RecordId, Reference, Reply, Safeguard, SubmissionId, TenantId,
    TimerId, Timestamp, Treatment, UserId, VariantId,
};

use crate::Exit;

/// Who caused a submission (DESIGN.md section 4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A person, by submission or webmail.
    Author,
    /// A forward of mail that came in.
    Forward,
    /// A vacation answer and its like.
    AutoReply,
    /// Notices and DSNs.
    System,
}

/// Where a submission stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubmissionState {
    /// Made by delivery; outbound has not claimed it.
    New,
    /// Accepted, inspection is under way.
    Reviewing,
    /// Judged: its parcels have their fates.
    Judged,
    /// Refused as a whole.
    Blocked,
}

/// A submission: named by its place in the posting, or known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubmissionRef {
    /// Place in [`crate::Posting::submissions`].
    New(usize),
    /// Known.
    Known(SubmissionId),
}

/// A parcel: (place of the submission, place of the parcel in it), or known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParcelRef {
    /// In [`crate::Posting::submissions`].
    New(usize, usize),
    /// In [`crate::Posting::reviewed`].
    Reviewed(usize, usize),
    /// Known.
    Known(ParcelId),
}

/// A submission to be written.
#[derive(Debug)]
pub struct NewSubmission {
    /// Company of the author.
    pub tenant: TenantId,
    /// The person; `None` for system mail.
    pub author: Option<UserId>,
    /// Why it exists.
    pub origin: Origin,
    /// The reverse path.
    pub from: Option<Address>,
    /// All recipients as handed in.
    pub to: Vec<Address>,
    /// What people call it.
    pub reference: Reference,
    /// The mail: place in [`crate::Posting::mails`].
    pub mail: usize,
    /// Trace headers to stand before the bytes.
    pub prefix: Vec<u8>,
    /// Ranges of the bytes that no recipient is shown (Bcc).
    pub cuts: Vec<std::ops::Range<u64>>,
    /// State.
    pub state: SubmissionState,
    /// Joins repeats: hash of account, Message-ID and recipients.
    pub join_key: String,
    /// Webmail's form key, unique.
    pub form_key: Option<String>,
    /// When.
    pub at: Timestamp,
    /// The judgement with its trace as JSON; masked, no text.
    pub verdict: String,
    /// The SMTP reply that was given.
    pub reply: Option<Reply>,
    /// When the first of what waits of it goes; `None`: nothing waits.
    pub release_at: Option<Timestamp>,
    /// The draft that waits beside it, out of sight ([`crate::DraftStep::Leave`]).
    pub draft: Option<DraftId>,
    /// A copy goes into the author's Sent mailbox once it leaves.
    pub keep_in_sent: bool,
    /// How its author wants its files to be kept from others, beside what rules demand.
    pub safeguard: Option<Safeguard>,
    /// Its fates.
    pub parcels: Vec<NewParcel>,
}

/// Where a parcel stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ParcelState {
    /// Waits for a decision.
    Held,
    /// Goes at its `release_at`, unless its author takes it back before.
    Waiting,
    /// On its way: local copies are written, the others are queue rows.
    Released,
    /// Sent back to the author.
    Returned,
    /// Refused by an approver.
    Rejected,
    /// The deadline passed and its outcome was to return.
    Expired,
    /// Withdrawn by its author.
    Withdrawn,
    /// A rule refused it.
    Blocked,
    /// A rule discarded it.
    Deleted,
}

impl ParcelState {
    /// The word that the database and the command line use.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Waiting => "waiting",
            Self::Released => "released",
            Self::Returned => "returned",
            Self::Rejected => "rejected",
            Self::Expired => "expired",
            Self::Withdrawn => "withdrawn",
            Self::Blocked => "blocked",
            Self::Deleted => "deleted",
        }
    }
    /// Reads [`Self::word`].
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [
            Self::Held,
            Self::Waiting,
            Self::Released,
            Self::Returned,
            Self::Rejected,
            Self::Expired,
            Self::Withdrawn,
            Self::Blocked,
            Self::Deleted,
        ]
        .into_iter()
        .find(|state| state.word() == word)
    }
}

/// Who may decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approver(pub UserId);

/// What a held parcel waits for.
#[derive(Debug, Clone)]
pub struct NewApproval {
    /// Who may decide.
    pub approvers: Vec<Approver>,
    /// When the outcome fires.
    pub deadline: Timestamp,
    /// What the outcome is: `return`, `reject`, `send` or `escalate`, as the rule says.
    pub then: String,
    /// What the approvers are told, from the rule.
    pub message: String,
    /// How it is approved.
    pub terms: Terms,
}

/// A parcel that waited for its time and is held instead; when it waits no more, nothing of the posting is written
/// ([`crate::StoreError::Decided`]).
#[derive(Debug, Clone)]
pub struct NewHold {
    /// Which.
    pub parcel: ParcelId,
    /// What it waits for now.
    pub approval: NewApproval,
    /// The code under which it is held, beside those of the rules.
    pub code: &'static str,
}

/// How a held parcel is approved, beyond who may; kept as JSON, what is missing falls back to the default.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Terms {
    /// So many different approvers must approve it.
    pub approvals: u32,
    /// Whoever approves it must have opened the mail and its files.
    pub must_open: bool,
    /// Whom its deadline asks next, in a rule's words; none: the supervisors of the approvers.
    pub escalate_to: Vec<String>,
    /// How many hours those have.
    pub hours: u32,
    /// Whether these are hours of business.
    pub business: bool,
}

impl Default for Terms {
    fn default() -> Self {
        Self { approvals: 1, must_open: false, escalate_to: Vec::new(), hours: 8, business: true }
    }
}

/// An approval of a parcel, one of as many as its terms ask for. Nothing of its posting is written when another count is
/// found ([`crate::StoreError::Conflict`]), or the parcel is decided ([`crate::StoreError::Decided`]).
#[derive(Debug, Clone)]
pub struct NewConsent {
    /// Which.
    pub parcel: ParcelId,
    /// By whom.
    pub by: UserId,
    /// In whose stead; himself when in nobody's. Each seat counts once.
    pub seat: UserId,
    /// The comment for the author.
    pub comment: String,
    /// When.
    pub at: Timestamp,
    /// How many there are before it.
    pub before: usize,
}

/// An approval as read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    /// By whom.
    pub by: UserId,
    /// In whose stead; himself when in nobody's.
    pub seat: UserId,
    /// The comment for the author.
    pub comment: String,
    /// When.
    pub at: Timestamp,
}

/// The deadline of a held parcel asks others. Nothing of its posting is written when the parcel is decided
/// ([`crate::StoreError::Decided`]) or has another deadline ([`crate::StoreError::Conflict`]).
#[derive(Debug, Clone)]
pub struct Escalation {
    /// Which.
    pub parcel: ParcelId,
    /// The deadline that has come.
    pub expect: Timestamp,
    /// Who may decide from now on.
    pub approvers: Vec<Approver>,
    /// The new deadline.
    pub deadline: Timestamp,
    /// Its outcome.
    pub then: String,
}

/// Somebody opened a held mail, or a part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// Which.
    pub parcel: ParcelId,
    /// Who.
    pub by: UserId,
    /// Which part, by its IMAP number; empty for the mail.
    pub part: String,
    /// When first.
    pub at: Timestamp,
}

/// Who is told when a parcel that waits goes, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Telling {
    /// In a rule's words: addresses, `group:NAME`, `sender`, `supervisor`.
    pub people: Vec<String>,
    /// The rules' messages.
    pub reasons: Vec<String>,
}

/// One fate of a submission. Only the holder of the [`Exit`] can make one.
#[derive(Debug)]
pub struct NewParcel {
    pub(crate) recipients: Vec<Address>,
    pub(crate) state: ParcelState,
    pub(crate) approval: Option<NewApproval>,
    pub(crate) rules: Vec<String>,
    pub(crate) telling: Option<Telling>,
    pub(crate) release_at: Option<Timestamp>,
    pub(crate) treatment: Treatment,
}

impl NewParcel {
    /// A parcel for `recipients` in `state`, with the codes of the rules that matched.
    #[must_use]
    pub fn new(
        _exit: &Exit,
        recipients: Vec<Address>,
        state: ParcelState,
        approval: Option<NewApproval>,
        rules: Vec<String>,
    ) -> Self {
        let treatment = Treatment::default();
        Self { recipients, state, approval, rules, telling: None, release_at: None, treatment }
    }
    /// Who is told when it goes; of a parcel that waits.
    #[must_use]
    pub fn telling(mut self, telling: Option<Telling>) -> Self {
        self.telling = telling;
        self
    }
    /// When it goes, of a parcel that waits.
    #[must_use]
    pub fn leaving(mut self, release_at: Option<Timestamp>) -> Self {
        self.release_at = release_at;
        self
    }
    /// What is done to its mail when it is released.
    #[must_use]
    pub fn treated(mut self, treatment: Treatment) -> Self {
        self.treatment = treatment;
        self
    }
    /// For engines: what [`Self::treated`] was given.
    #[must_use]
    pub fn treatment(&self) -> &Treatment {
        &self.treatment
    }
    /// For engines: what [`Self::leaving`] was given.
    #[must_use]
    pub fn leaves(&self) -> Option<Timestamp> {
        self.release_at
    }
    /// For engines: what [`Self::telling`] was given.
    #[must_use]
    pub fn told(&self) -> Option<&Telling> {
        self.telling.as_ref()
    }
    /// For engines: recipients, state, approval, rule codes.
    #[must_use]
    pub fn parts(&self) -> (&[Address], ParcelState, Option<&NewApproval>, &[String]) {
        (&self.recipients, self.state, self.approval.as_ref(), &self.rules)
    }
}

/// A form in which a parcel leaves that is not its submission's own: other bytes, or others before and taken out.
#[derive(Debug, Clone)]
pub struct NewVariant {
    /// Of which parcel.
    pub parcel: ParcelRef,
    /// Its bytes: place in [`crate::Posting::mails`] of a mail sealed by [`crate::Store::seal_beside`]; `None`: those of
    /// the submission.
    pub mail: Option<usize>,
    /// Headers to stand before the bytes.
    pub prefix: Vec<u8>,
    /// Ranges of the bytes that are not sent.
    pub cuts: Vec<std::ops::Range<u64>>,
}

/// What a queue row asks of the way to the next hop; what cannot be met keeps the mail here.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Demands {
    /// TLS with a host that proves its name.
    pub verified_tls: bool,
    /// The configured route of this name.
    pub route: Option<String>,
}

/// A recipient of a parcel to be brought to the next hop.
#[derive(Debug, Clone)]
pub struct NewQueueRow {
    /// Which parcel.
    pub parcel: ParcelRef,
    /// In which form: place in [`crate::Posting::variants`]; `None`: as the submission has it.
    pub variant: Option<usize>,
    /// How it must go.
    pub demands: Demands,
    /// The recipient.
    pub recipient: Address,
    /// First attempt.
    pub due: Timestamp,
    /// When it is given up.
    pub expires: Timestamp,
}

/// A decision on a parcel that is held or waits; exactly one of several takes effect.
#[derive(Debug, Clone)]
pub struct Decision {
    /// Which.
    pub parcel: ParcelId,
    /// From which state.
    pub expect: ParcelState,
    /// To which.
    pub to: ParcelState,
    /// By whom; `None`: the deadline or the command line.
    pub by: Option<UserId>,
    /// Whether nobody decided in time, and its deadline does.
    pub by_deadline: bool,
    /// The comment for the author.
    pub comment: String,
    /// When.
    pub at: Timestamp,
}

/// The result of one attempt for one queue row.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// Which row.
    pub id: QueueId,
    /// When.
    pub at: Timestamp,
    /// Result.
    pub outcome: Outcome,
    /// The next hop's name and its answer, ASCII, at most 500 characters.
    pub answer: String,
    /// How the next hop was spoken to; `None`: it did not come to that.
    pub way: Option<Way>,
}

/// How a next hop was spoken to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// In the clear.
    Clear,
    /// Under TLS.
    Tls {
        /// Version, as Received header fields name it (`TLS1.3`).
        version: &'static str,
        /// Cipher suite (`TLS_AES_256_GCM_SHA384`).
        cipher: String,
        /// The name that the host's certificate proved; `None`: nobody asked for a proof.
        proved: Option<String>,
    },
}

impl Way {
    /// Whether nobody on the way could read along.
    #[must_use]
    pub fn is_tls(&self) -> bool {
        matches!(self, Self::Tls { .. })
    }
}

/// As the record of a message says it.
impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Clear => f.write_str("no TLS"),
            Self::Tls { version, cipher, proved: Some(name) } => {
                write!(f, "{version} {cipher}, {name} proved its name")
            }
            Self::Tls { version, cipher, proved: None } => write!(f, "{version} {cipher}, name not proved"),
        }
    }
}

/// What became of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Taken by the next hop (or relayed to a mailbox here).
    Delivered,
    /// Again at this time.
    Retry(Timestamp),
    /// Refused for good, or given up.
    Failed,
    /// What the row demands cannot be: it is stopped until somebody acts by hand.
    Held,
    /// The delay notice was sent; the row goes on as it was.
    DelayTold,
}

/// State of a queue row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QueueState {
    /// Waits for its time.
    Waiting,
    /// Stopped, by hand or because what it demands cannot be.
    Held,
    /// Taken by the next hop.
    Delivered,
    /// Failed.
    Failed,
    /// Taken out by hand.
    Deleted,
}

/// A queue row as people see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueRow {
    /// Number.
    pub id: QueueId,
    /// Parcel.
    pub parcel: ParcelId,
    /// Reference of the submission.
    pub reference: Reference,
    /// Company.
    pub tenant: TenantId,
    /// Sender.
    pub from: Option<Address>,
    /// Recipient.
    pub recipient: Address,
    /// State.
    pub state: QueueState,
    /// Attempts so far.
    pub attempts: u32,
    /// Next attempt.
    pub due: Timestamp,
    /// Given up at.
    pub expires: Timestamp,
    /// When it was released.
    pub since: Timestamp,
    /// The last answer.
    pub last_answer: String,
}

/// A queue row taken for an attempt, with what the attempt needs.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// The row.
    pub row: QueueRow,
    /// The submission.
    pub submission: SubmissionId,
    /// Its author.
    pub author: Option<UserId>,
    /// Its origin.
    pub origin: Origin,
    /// The form in which it goes, if not the submission's own; bytes, prefix and cuts are those of it.
    pub variant: Option<VariantId>,
    /// How it must go.
    pub demands: Demands,
    /// The bytes.
    pub record: RecordId,
    /// Their size.
    pub record_size: u64,
    /// Trace headers before them.
    pub prefix: Vec<u8>,
    /// Ranges not sent (Bcc).
    pub cuts: Vec<std::ops::Range<u64>>,
    /// Whether the mail has findings (a DSN quotes headers only).
    pub sensitive: bool,
    /// Whether the delay notice was sent.
    pub delay_told: bool,
}

/// Which queue rows are meant.
#[derive(Debug, Clone, Default)]
pub struct QueueFilter {
    /// These.
    pub ids: Vec<QueueId>,
    /// Of this domain.
    pub domain: Option<Domain>,
    /// Also those that are done.
    pub all: bool,
}

/// What a person does to queue rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueueAction {
    /// Attempt now.
    Retry,
    /// Stop.
    Hold,
    /// Let go on.
    Release,
    /// Take out; no DSN.
    Delete,
}

/// A submission as read back.
#[derive(Debug, Clone)]
pub struct SubmissionRow {
    /// Number.
    pub id: SubmissionId,
    /// Company.
    pub tenant: TenantId,
    /// Person.
    pub author: Option<UserId>,
    /// Why.
    pub origin: Origin,
    /// Reverse path.
    pub from: Option<Address>,
    /// Recipients as handed in.
    pub to: Vec<Address>,
    /// What people call it.
    pub reference: Reference,
    /// Bytes.
    pub record: RecordId,
    /// Their size.
    pub record_size: u64,
    /// Trace headers.
    pub prefix: Vec<u8>,
    /// Ranges of the bytes that no recipient is shown.
    pub cuts: Vec<std::ops::Range<u64>>,
    /// Whether the mail has findings.
    pub sensitive: bool,
    /// State.
    pub state: SubmissionState,
    /// When.
    pub at: Timestamp,
    /// The judgement, JSON.
    pub verdict: String,
    /// The answer given.
    pub reply: Option<Reply>,
    /// When the first of what waits or waited of it goes.
    pub release_at: Option<Timestamp>,
    /// The draft that waits beside it.
    pub draft: Option<DraftId>,
    /// A copy goes into the author's Sent mailbox once it leaves.
    pub keep_in_sent: bool,
    /// How its author wants its files to be kept from others, beside what rules demand.
    pub safeguard: Option<Safeguard>,
}

/// A parcel as read back.
#[derive(Debug, Clone)]
pub struct ParcelRow {
    /// Number.
    pub id: ParcelId,
    /// Recipients.
    pub recipients: Vec<Address>,
    /// State.
    pub state: ParcelState,
    /// Codes of the rules that matched.
    pub rules: Vec<String>,
    /// Who is told when it goes.
    pub telling: Option<Telling>,
    /// When it goes or went, if it waits or waited.
    pub release_at: Option<Timestamp>,
    /// What is or was done to its mail at its release.
    pub treatment: Treatment,
    /// The submission.
    pub submission: SubmissionRow,
}

/// A held parcel with what its approvers need.
#[derive(Debug, Clone)]
pub struct Held {
    /// The parcel.
    pub parcel: ParcelRow,
    /// Who may decide.
    pub approvers: Vec<Approver>,
    /// Deadline.
    pub deadline: Timestamp,
    /// Outcome at the deadline.
    pub then: String,
    /// What the approvers are told.
    pub message: String,
    /// How it is approved.
    pub terms: Terms,
    /// Who approved it so far, the first first.
    pub consents: Vec<Consent>,
}

/// What a timer does when it is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimerKind {
    /// Remind the approvers of a held parcel.
    Reminder,
    /// A held parcel's deadline.
    Deadline,
    /// What waits of a parcel's submission and is due goes.
    Release,
}

/// A timer to be set; a row, so that it outlives the process.
#[derive(Debug, Clone, Copy)]
pub struct NewTimer {
    /// What it does.
    pub kind: TimerKind,
    /// For which parcel.
    pub parcel: ParcelRef,
    /// When.
    pub due: Timestamp,
}

/// A timer that is due, claimed under a lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timer {
    /// Number.
    pub id: TimerId,
    /// Kind.
    pub kind: TimerKind,
    /// Parcel.
    pub parcel: ParcelId,
    /// Its submission.
    pub submission: SubmissionId,
    /// When it was due.
    pub due: Timestamp,
}

/// A line of a timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrailRow {
    /// When.
    pub at: Timestamp,
    /// Parcel, if one.
    pub parcel: Option<ParcelId>,
    /// The event's dotted name.
    pub event: String,
    /// More.
    pub detail: String,
    /// Whether the sender sees it.
    pub for_sender: bool,
}
