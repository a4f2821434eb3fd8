//! The ledger of specified personal information (特定個人情報取扱台帳): a line for every mail with My Numbers, and what
//! was done to it since, each act an entry of the company's chain of hashes. Never a number: how many distinct ones, how sure
//! that is, and short keyed fingerprints beside the line by which the same number is counted once.
//!
//! Lines come with the posting that the mail causes ([`crate::Posting::ledger`]), acts with the posting that does them
//! ([`crate::Posting::ledger_acts`]); both are only ever added.

use serde::{Deserialize, Serialize};
use types::{Address, LedgerId, MailboxId, RecordId, Reference, SubmissionId, TenantId, Timestamp, UserId};

use crate::{MailboxRole, ParcelState, QueueState, SubmissionRef, TextsOf};

/// The outcome of a line that a hand-over has entered: a rule labelled the mail, in which no number was found.
pub const LEDGER_BY_LABEL: &str = "by_label";
/// Most lines of one answer.
pub const LEDGER_MOST: u32 = 500;

/// How a mail came under the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LedgerKind {
    /// It came from outside (取得).
    Acquired,
    /// From inside to inside (社内).
    Inside,
    /// From inside to the outside (提供).
    Sent,
}

impl LedgerKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Acquired, Self::Inside, Self::Sent];

    /// How rows, forms and JSON name it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Acquired => "acquired",
            Self::Inside => "inside",
            Self::Sent => "sent",
        }
    }
    /// Reads [`Self::word`].
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// What has become of a line's mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LedgerState {
    /// It is kept (保管中).
    Kept,
    /// It lies in the handlers' box alone (引き渡し済み).
    HandedOver,
    /// Somebody has asked for its disposal, a second person has not said yes (廃棄確認待ち).
    DisposalAsked,
    /// It is gone for good (廃棄済み).
    Disposed,
}

impl LedgerState {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Kept, Self::HandedOver, Self::DisposalAsked, Self::Disposed];

    /// How rows, forms and JSON name it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::HandedOver => "handed_over",
            Self::DisposalAsked => "disposal_asked",
            Self::Disposed => "disposed",
        }
    }
    /// Reads [`Self::word`].
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
    /// In which state a line is after these acts, the first first: what was handed over stays so when its disposal is refused,
    /// and what is gone stays gone.
    #[must_use]
    pub fn after(acts: impl IntoIterator<Item = LedgerAct>) -> Self {
        let (mut state, mut resting) = (Self::Kept, Self::Kept);
        for act in acts {
            if act == LedgerAct::HandedOver {
                resting = Self::HandedOver;
            }
            state = match (state, act) {
                (Self::Disposed, _) | (_, LedgerAct::Disposed) => Self::Disposed,
                (_, LedgerAct::DisposalAsked) => Self::DisposalAsked,
                (Self::DisposalAsked, LedgerAct::HandedOver) => state,
                (_, LedgerAct::DisposalRefused | LedgerAct::HandedOver) => resting,
                _ => state,
            };
        }
        state
    }
}

/// A line to be written.
#[derive(Debug, Clone)]
pub struct NewLedgerLine {
    /// Which mail.
    pub of: TextsOf,
    /// Whose ledger.
    pub tenant: TenantId,
    /// When it came or was handed in.
    pub at: Timestamp,
    /// How.
    pub kind: LedgerKind,
    /// What people call it.
    pub reference: Reference,
    /// The submission, of what was sent.
    pub submission: Option<SubmissionRef>,
    /// Who sent it, of the company's people.
    pub author: Option<UserId>,
    /// From whom.
    pub from: Option<Address>,
    /// To whom.
    pub to: Vec<Address>,
    /// The subject with every number made unreadable.
    pub subject: String,
    /// Distinct numbers of level certain.
    pub certain: u32,
    /// Distinct numbers of level likely.
    pub likely: u32,
    /// Fingerprints of the distinct numbers, under [`crate::Store::fingerprint_key`].
    pub fingerprints: Vec<String>,
    /// Codes of the rules that matched.
    pub rules: Vec<String>,
    /// What the review decided, as a word: `held`, `sent`; empty for what came in; [`LEDGER_BY_LABEL`].
    pub outcome: String,
    /// The kind of its documents that their names propose.
    pub documents: Option<LedgerDocuments>,
}

/// Of which kind the documents of a line are, and until when they are kept. It stands in the entry that gave it, as JSON, and beside the
/// line; `verify` compares the two.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerDocuments {
    /// The name of the kind as it was at that moment; the company may have none of that name any more.
    pub kind: String,
    /// The day from which somebody had its period counted, in place of the moment of the mail.
    pub stated: Option<Timestamp>,
    /// From when the mail is to be disposed of, the moment behind the last day of its period; `None`: that is not known yet.
    pub due: Option<Timestamp>,
    /// Whether names proposed it and nobody has looked.
    pub proposed: bool,
}

/// Of which kind the documents of a line are from now on; `None`: of none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Classified {
    /// Whose ledger.
    pub tenant: TenantId,
    /// The lines, with the kind of each.
    pub lines: Vec<(LedgerId, Option<LedgerDocuments>)>,
    /// By whom; `None`: at the machine's own console.
    pub by: Option<UserId>,
    /// When.
    pub at: Timestamp,
}

/// What was done to the mail of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LedgerAct {
    /// The line was written: it came in, was sent, was held.
    Entered,
    /// Its sender let it go, or the time in which he could take it back is over.
    Released,
    /// An approver let it go.
    Approved,
    /// Nobody decided in time, and its rule let it go then.
    SentAtDeadline,
    /// It went back to its sender.
    Returned,
    /// It was refused.
    Rejected,
    /// Nobody decided in time.
    Expired,
    /// Its sender took it back.
    Withdrawn,
    /// Somebody other than its owner opened it, an approver or a handler: the mail, a file of it, or the original.
    Opened,
    /// A handler saved a file of it as it is, with the numbers that stand there.
    Exported,
    /// A recipient fetched it by its link.
    Downloaded,
    /// It went to the handlers' box.
    HandedOver,
    /// Somebody asks for its disposal.
    DisposalAsked,
    /// A second person said no.
    DisposalRefused,
    /// It is gone for good.
    Disposed,
    /// It became part of a report of a breach.
    Reported,
    /// The kind of its documents was given, with the end of its period ([`LedgerDocuments`] as JSON; `null`: it has none any more).
    Classified,
}

impl LedgerAct {
    /// All of them.
    pub const ALL: [Self; 17] = [
        Self::Entered,
        Self::Released,
        Self::Approved,
        Self::SentAtDeadline,
        Self::Returned,
        Self::Rejected,
        Self::Expired,
        Self::Withdrawn,
        Self::Opened,
        Self::Exported,
        Self::Downloaded,
        Self::HandedOver,
        Self::DisposalAsked,
        Self::DisposalRefused,
        Self::Disposed,
        Self::Reported,
        Self::Classified,
    ];

    /// How rows and JSON name it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Entered => "entered",
            Self::Released => "released",
            Self::Approved => "approved",
            Self::SentAtDeadline => "sent_at_deadline",
            Self::Returned => "returned",
            Self::Rejected => "rejected",
            Self::Expired => "expired",
            Self::Withdrawn => "withdrawn",
            Self::Opened => "opened",
            Self::Exported => "exported",
            Self::Downloaded => "downloaded",
            Self::HandedOver => "handed_over",
            Self::DisposalAsked => "disposal_asked",
            Self::DisposalRefused => "disposal_refused",
            Self::Disposed => "disposed",
            Self::Reported => "reported",
            Self::Classified => "classified",
        }
    }
    /// Reads [`Self::word`].
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|act| act.word() == word)
    }
}

/// An act to be written under every line of a mail; nothing for a mail that has none, so whoever does something to mail
/// need not know whether it is in the ledger.
#[derive(Debug, Clone)]
pub struct NewLedgerAct {
    /// Which mail.
    pub record: RecordId,
    /// When.
    pub at: Timestamp,
    /// What.
    pub act: LedgerAct,
    /// By whom; `None`: the system, the command line, or somebody outside.
    pub actor: Option<UserId>,
    /// More, for people: a reason, an address. Never a number, a subject or a name of a file.
    pub detail: String,
}

/// A line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerLine {
    /// Its number; grows.
    pub id: LedgerId,
    /// Whose ledger.
    pub tenant: TenantId,
    /// The mail.
    pub record: RecordId,
    /// When it came or was handed in.
    pub at: Timestamp,
    /// How.
    pub kind: LedgerKind,
    /// What people call it.
    pub reference: Reference,
    /// The submission, of what was sent.
    pub submission: Option<SubmissionId>,
    /// Who sent it, of the company's people.
    pub author: Option<UserId>,
    /// From whom.
    pub from: Option<Address>,
    /// To whom.
    pub to: Vec<Address>,
    /// The subject, masked; empty once it is disposed of.
    pub subject: String,
    /// Distinct numbers of level certain.
    pub certain: u32,
    /// Distinct numbers of level likely.
    pub likely: u32,
    /// Codes of the rules that matched.
    pub rules: Vec<String>,
    /// What the review decided; empty for what came in; [`LEDGER_BY_LABEL`].
    pub outcome: String,
    /// What has become of it.
    pub state: LedgerState,
    /// The kind of its documents.
    pub documents: Option<LedgerDocuments>,
}

/// For what a line is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LedgerReason {
    /// For its numbers.
    Numbers,
    /// As pictures of identity documents, by the words of a rule.
    Pictures,
    /// For a hand-over of what a rule labels.
    Label,
}

impl LedgerLine {
    /// For what it is there.
    #[must_use]
    pub fn reason(&self) -> LedgerReason {
        match (self.certain, self.likely) {
            (0, 0) if self.is_by_label() => LedgerReason::Label,
            (0, 0) => LedgerReason::Pictures,
            _ => LedgerReason::Numbers,
        }
    }

    /// Whether it is there because somebody handed over a mail that a rule labels ([`LEDGER_BY_LABEL`]).
    #[must_use]
    pub fn is_by_label(&self) -> bool {
        self.outcome == LEDGER_BY_LABEL
    }
}

/// An entry of the history of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerEntry {
    /// Its number in the company's chain: 1, 2, 3 …
    pub seq: u64,
    /// Of which line.
    pub line: LedgerId,
    /// When.
    pub at: Timestamp,
    /// What.
    pub act: LedgerAct,
    /// By whom.
    pub actor: Option<UserId>,
    /// More, for people.
    pub detail: String,
    /// SHA-256 of the entry before it and of this one.
    pub chain: Vec<u8>,
}

/// Which lines are meant.
#[derive(Debug, Clone, Default)]
pub struct LedgerFilter {
    /// At this moment or later.
    pub since: Option<Timestamp>,
    /// Before this moment.
    pub until: Option<Timestamp>,
    /// From or to an address that holds this text; empty for all.
    pub person: String,
    /// Only of this kind.
    pub kind: Option<LedgerKind>,
    /// Only in this state.
    pub state: Option<LedgerState>,
    /// Only what is kept or handed over, and nobody has asked to dispose of.
    pub resting: bool,
    /// Only with documents of the kind of this name.
    pub documents: Option<String>,
    /// Only what is to be disposed of.
    pub due: Option<LedgerDue>,
    /// The period that ends first comes first: only of lines that rest and whose documents have an end of their period. Otherwise the newest
    /// line comes first.
    pub by_due: bool,
}

/// What is to be disposed of: documents of a kind when their period is over, other lines after so many years.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LedgerDue {
    /// The present moment.
    pub now: Timestamp,
    /// Lines without a kind from before this moment are due; `None`: they never are.
    pub before: Option<Timestamp>,
    /// Whether nobody looks at it before it goes: a kind that names proposed then counts only where the line would be due without one, too.
    pub unseen: bool,
}

impl LedgerDue {
    /// Whether a line with these documents, from this moment, is due.
    #[must_use]
    pub fn holds(&self, documents: Option<&LedgerDocuments>, at: Timestamp) -> bool {
        let aged = self.before.is_some_and(|before| at < before);
        match documents {
            None => aged,
            Some(documents) => {
                let over = documents.due.is_some_and(|due| due <= self.now);
                over && (aged || !(self.unseen && documents.proposed))
            }
        }
    }
}

/// How many lines of a company rest and are due, by hand or by rule.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LedgerFigures {
    /// Of documents whose period is over.
    pub of_kinds: u64,
    /// Others.
    pub aged: u64,
}

/// Where a mail lies at the moment of asking.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LedgerPlaces {
    /// Copies in mailboxes.
    pub copies: Vec<LedgerCopy>,
    /// Parcels of its submissions, with their recipients.
    pub parcels: Vec<(ParcelState, Vec<Address>)>,
    /// Queue rows that have not come to an end.
    pub queued: Vec<(QueueState, Address)>,
    /// When its key was destroyed, which ends a disposal.
    pub key_destroyed: Option<Timestamp>,
}

impl LedgerPlaces {
    /// Whether something still waits to be decided or to leave.
    #[must_use]
    pub fn is_under_way(&self) -> bool {
        let waits = |state: &ParcelState| matches!(state, ParcelState::Held | ParcelState::Waiting);
        !self.queued.is_empty() || self.parcels.iter().any(|(state, _)| waits(state))
    }
}

/// Whose a mailbox with a copy is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LedgerKeeper {
    /// A person's.
    Person(UserId),
    /// One that the company shares.
    Company,
    /// The handlers' box.
    Handlers,
}

impl LedgerKeeper {
    /// Of the mailboxes of this owner.
    #[must_use]
    pub fn of(owner: UserId) -> Self {
        match owner.0 {
            1.. => Self::Person(owner),
            _ if crate::handlers_of(owner).is_some() => Self::Handlers,
            _ => Self::Company,
        }
    }
}

/// A copy in a mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerCopy {
    /// Whose.
    pub owner: LedgerKeeper,
    /// Which mailbox.
    pub mailbox: MailboxId,
    /// Its name with those above it.
    pub name: String,
    /// For what everybody has it.
    pub role: Option<MailboxRole>,
    /// How many messages in it.
    pub messages: u64,
}

#[cfg(test)]
mod tests {
    use super::LedgerAct::{DisposalAsked, DisposalRefused, Disposed, Entered, HandedOver, Opened};
    use super::*;

    #[test]
    fn what_is_due_follows_from_its_kind_and_otherwise_from_its_age() {
        let moment = Timestamp;
        let kind = |due: Option<i64>, proposed| LedgerDocuments {
            kind: "届出書".into(),
            stated: None,
            due: due.map(Timestamp),
            proposed,
        };
        let due = |before: Option<i64>, unseen| LedgerDue { now: moment(100), before: before.map(Timestamp), unseen };
        // (kind, at, years, unseen, due)
        let cases = [
            (None, 49, Some(50), false, true),
            (None, 50, Some(50), false, false),
            (None, 0, None, false, false),
            (Some(kind(Some(100), false)), 99, None, true, true),
            (Some(kind(Some(101), false)), 0, Some(50), true, false),
            (Some(kind(None, false)), 0, Some(50), false, false),
            (Some(kind(Some(100), true)), 60, Some(50), false, true),
            (Some(kind(Some(100), true)), 60, Some(50), true, false),
            (Some(kind(Some(100), true)), 60, None, true, false),
            (Some(kind(Some(100), true)), 49, Some(50), true, true),
        ];
        for (documents, at, before, unseen, expected) in cases {
            assert_eq!(due(before, unseen).holds(documents.as_ref(), moment(at)), expected, "{documents:?} {at}");
        }
    }

    #[test]
    fn a_state_follows_from_what_was_done() {
        let cases: [(&[LedgerAct], LedgerState); 8] = [
            (&[Entered, Opened], LedgerState::Kept),
            (&[Entered, HandedOver, Opened], LedgerState::HandedOver),
            (&[Entered, DisposalAsked, Opened], LedgerState::DisposalAsked),
            (&[Entered, DisposalAsked, DisposalRefused], LedgerState::Kept),
            (&[Entered, HandedOver, DisposalAsked, DisposalRefused], LedgerState::HandedOver),
            (&[Entered, DisposalAsked, HandedOver], LedgerState::DisposalAsked),
            (&[Entered, DisposalAsked, HandedOver, DisposalRefused], LedgerState::HandedOver),
            (&[Entered, DisposalAsked, Disposed, Opened, HandedOver], LedgerState::Disposed),
        ];
        for (acts, state) in cases {
            assert_eq!(LedgerState::after(acts.iter().copied()), state, "{acts:?}");
        }
    }
}
