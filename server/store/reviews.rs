//! Held mail as approvers and handlers see it, and what was sent as its authors and their companies see it.

use types::{Address, Domain, ParcelId, QueueId, RecordId, TenantId, Timestamp, Treatment, UserId};

use crate::{Approver, Consent, Opening, ParcelState, QueueState, SubmissionRow, Terms, TrailRow};

/// Most rows of one answer.
pub const REVIEW_MOST: u32 = 200;

/// How a held parcel was decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// By whom; `None`: the deadline, or the machine's own console.
    pub by: Option<UserId>,
    /// The comment for the author.
    pub comment: String,
    /// When.
    pub at: Timestamp,
}

/// What a parcel waits or waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// Who may decide.
    pub approvers: Vec<Approver>,
    /// When the outcome fires.
    pub deadline: Timestamp,
    /// The outcome: `return`, `reject`, `send` or `escalate`.
    pub then: String,
    /// What the approvers are told.
    pub message: String,
    /// How it is approved.
    pub terms: Terms,
    /// Who approved it so far, the first first.
    pub consents: Vec<Consent>,
    /// The decision, once there is one.
    pub decided: Option<Decided>,
}

/// A parcel without its submission.
#[derive(Debug, Clone)]
pub struct Part {
    /// Number.
    pub id: ParcelId,
    /// Recipients.
    pub recipients: Vec<Address>,
    /// State.
    pub state: ParcelState,
    /// Codes of the rules that matched.
    pub rules: Vec<String>,
    /// Its approval, when it was ever held.
    pub approval: Option<Approval>,
    /// When it goes or went, if it waits or waited.
    pub release_at: Option<Timestamp>,
    /// What is or was done to its mail at its release.
    pub treatment: Treatment,
}

/// A parcel that is or was held.
#[derive(Debug, Clone)]
pub struct Case {
    /// The submission.
    pub submission: SubmissionRow,
    /// The mail's summary (`message::Summary` as bytes). Subject and names may hold numbers: whoever is not the author
    /// sees them masked.
    pub summary: Vec<u8>,
    /// The parcel.
    pub part: Part,
}

/// A submission with its fates.
#[derive(Debug, Clone)]
pub struct Sending {
    /// The submission.
    pub submission: SubmissionRow,
    /// The mail's summary, as in [`Case::summary`].
    pub summary: Vec<u8>,
    /// Its parcels.
    pub parts: Vec<Part>,
    /// Its timeline: for the author those lines that he may see.
    pub trail: Vec<TrailRow>,
}

/// A place among decided parcels: by the moment of the decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CaseKey {
    /// When it was decided.
    pub at: Timestamp,
    /// Parcel.
    pub parcel: ParcelId,
}

impl Case {
    /// Its place among held parcels; `None` for one that was never held.
    #[must_use]
    pub fn held_key(&self) -> Option<HeldKey> {
        let approval = self.part.approval.as_ref()?;
        Some(HeldKey { deadline: approval.deadline, parcel: self.part.id })
    }
    /// Its place among decided parcels; `None` while it waits.
    #[must_use]
    pub fn key(&self) -> Option<CaseKey> {
        let decided = self.part.approval.as_ref()?.decided.as_ref()?;
        Some(CaseKey { at: decided.at, parcel: self.part.id })
    }
}

/// A place among held parcels: by their deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct HeldKey {
    /// When its outcome fires.
    pub deadline: Timestamp,
    /// Parcel.
    pub parcel: ParcelId,
}

/// Whose decisions are meant: what he is asked himself, and what those are asked for whom he stands in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seats {
    /// Who looks; never at his own mail.
    pub user: UserId,
    /// For whom he stands in.
    pub stands_in_for: Vec<UserId>,
    /// Whether he may open My Numbers: in another's stead he sees such mail only then.
    pub handler: bool,
    /// Whether he is an administrator: he may have been asked about such mail without being a handler, where nobody was one. Anybody else who was
    /// asked has been a handler, and sees it as long as he is.
    pub steward: bool,
}

impl Seats {
    /// Whether he sees that mail with My Numbers waits for this seat.
    #[must_use]
    pub fn sees_numbers(&self, seat: UserId) -> bool {
        self.handler || self.steward && seat == self.user
    }
}

/// What happened to a held parcel while it waited.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CaseHistory {
    /// Its lines of the timeline.
    pub lines: Vec<TrailRow>,
    /// Who opened what, in order.
    pub openings: Vec<Opening>,
}

/// Which decided parcels are meant.
#[derive(Debug, Clone, Copy, Default)]
pub struct DecidedFilter {
    /// Decided by this person.
    pub by: Option<UserId>,
    /// In this state.
    pub state: Option<ParcelState>,
    /// Decided at this moment or later.
    pub since: Option<Timestamp>,
    /// Decided before this moment.
    pub until: Option<Timestamp>,
}

/// How many parcels somebody has not done with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Unsettled {
    /// Held ones that he may decide, for himself or in another's stead.
    pub awaiting: u64,
    /// His own that are held.
    pub own_held: u64,
    /// His own that are held or wait to leave.
    pub own: u64,
}

/// Whose submissions are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SendingsOf {
    /// A person's, with the lines of the timeline that he may see.
    Author(UserId),
    /// Those of a person's whose mail is this record.
    Copy(UserId, RecordId),
    /// A company's, with all lines.
    Tenant(TenantId),
}

/// Who has to do with a parcel: what `auth` must know to let somebody open it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Concerned {
    /// The company.
    pub tenant: TenantId,
    /// The author.
    pub author: Option<UserId>,
    /// Who may decide or has been asked to.
    pub approvers: Vec<Approver>,
    /// It holds My Numbers, or nobody could look.
    pub sensitive: bool,
}

/// Which open queue rows are meant.
#[derive(Debug, Clone, Default)]
pub struct QueuePage {
    /// Those after this one.
    pub after: Option<QueueId>,
    /// To this domain.
    pub domain: Option<Domain>,
    /// In this state: [`QueueState::Waiting`] or [`QueueState::Held`]; both when `None`.
    pub state: Option<QueueState>,
}

/// What waits for one domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DomainLoad {
    /// The domain.
    pub domain: Domain,
    /// Rows that wait for their time.
    pub waiting: u64,
    /// Rows that were stopped by hand.
    pub held: u64,
    /// When the oldest was released.
    pub oldest: Timestamp,
    /// The answer of the newest row that got one; empty when none did.
    pub last_answer: String,
}
