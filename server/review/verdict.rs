//! What the rules say about a mail, for each recipient, and why.

use serde::Serialize;
use types::{Address, Treatment};

use crate::rule::{HoldAction, Mode};

/// What is to be done with a mail, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// No rule matched.
    Pass,
    /// It goes; that a rule matched is written down.
    Record,
    /// It goes, and somebody is told.
    Notify,
    /// It goes, and somebody inside gets a copy.
    Bcc,
    /// It goes with further lines in its header.
    Header,
    /// It goes with a text at its end.
    Footer,
    /// It goes without showing to whom else.
    HideRecipients,
    /// It goes through a next hop of its own.
    Route,
    /// It goes over verified TLS, or not at all.
    VerifiedTls,
    /// It goes some minutes later, and can be taken back until then.
    Delay,
    /// It waits until its sender has confirmed it.
    SelfReview,
    /// It goes encrypted.
    Encrypt,
    /// It waits for a decision.
    Hold,
    /// The whole submission is refused.
    Block,
    /// It is discarded.
    Delete,
}

impl Verdict {
    /// The word of the faces (DESIGN.md 7).
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Record => "record",
            Self::Notify => "notify",
            Self::Bcc => "bcc",
            Self::Header => "header",
            Self::Footer => "footer",
            Self::HideRecipients => "hide_recipients",
            Self::Route => "route",
            Self::VerifiedTls => "tls",
            Self::Delay => "delay",
            Self::SelfReview => "self_review",
            Self::Encrypt => "encrypt",
            Self::Hold => "hold",
            Self::Block => "block",
            Self::Delete => "delete",
        }
    }

    /// What stands for a treatment: the strictest of its parts; record when nothing is done.
    #[must_use]
    pub fn of(treatment: &Treatment) -> Self {
        let parts = [
            (treatment.encryption.is_some(), Self::Encrypt),
            (treatment.verified_tls, Self::VerifiedTls),
            (treatment.route.is_some(), Self::Route),
            (treatment.hide_recipients, Self::HideRecipients),
            (!treatment.footers.is_empty(), Self::Footer),
            (!treatment.headers.is_empty(), Self::Header),
            (!treatment.bcc.is_empty(), Self::Bcc),
        ];
        parts.into_iter().find(|(is, _)| *is).map_or(Self::Record, |(_, verdict)| verdict)
    }
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}

/// A rule that matched and acts, with its texts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Hit {
    /// The code of the rule.
    pub code: String,
    /// The strictest action of the rule.
    pub verdict: Verdict,
    /// The strictest of those actions that say whether and when the mail goes.
    pub fate: Verdict,
    /// Whether others of its actions change what goes.
    pub treats: bool,
    /// Whether it asks for My Numbers, so that their places say why it matched.
    pub numbers: bool,
    /// What the sender reads.
    pub message: String,
    /// What approvers read; empty when it is the message.
    pub approver_message: String,
}

/// The verdict for one recipient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecipientVerdict {
    /// The recipient.
    pub recipient: Address,
    /// Whether he belonged to the company when it was judged.
    pub inside: bool,
    /// The strictest of the actions of all rules that matched for him.
    pub verdict: Verdict,
    /// The same of those actions that say whether and when the mail goes: what is done at release adds up beside it.
    pub fate: Verdict,
    /// What is done when it goes, also when a stricter action wins.
    pub treatment: Treatment,
    /// The terms of the hold, also when a stricter action wins.
    pub hold: Option<HoldAction>,
    /// For how many minutes it waits to leave, also when a stricter action wins.
    pub delay: Option<u32>,
    /// The terms under which the sender confirms it himself, also when a stricter action wins.
    pub self_review: Option<HoldAction>,
    /// Who is told: addresses, `group:NAME`, `sender`, `supervisor`, `administrator`; each once, in the order of the rules.
    pub notify: Vec<String>,
    /// The rules that matched and do what is done: those of the strictest action first, then those that change what
    /// goes or tell somebody; each in the order of their file. What a stricter action sets aside stands in the trace only.
    pub hits: Vec<Hit>,
}

/// How a rule fared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It matched for these recipients and acts.
    Matched,
    /// It matched, but is in mode record.
    Recorded,
    /// It matched, but a rule of its `except` takes it out.
    TakenOut,
    /// It looked at the mail and did not match.
    NotMatched,
}

/// One line of the trace: a rule that looked at the mail, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TraceLine {
    /// The code of the rule.
    pub code: String,
    /// Its mode.
    pub mode: Mode,
    /// What it would do.
    pub action: Verdict,
    /// How it fared.
    pub outcome: Outcome,
    /// For whom.
    pub recipients: Vec<Address>,
    /// The rule that took it out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

/// The judgement of a mail. Holds no text of the mail and no number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Judgement {
    /// One for each recipient, in the order of the facts.
    pub recipients: Vec<RecipientVerdict>,
    /// One line for each rule, outcome and cause.
    pub trace: Vec<TraceLine>,
}

impl Judgement {
    /// The strictest verdict over all recipients.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.recipients.iter().map(|one| one.verdict).max().unwrap_or(Verdict::Pass)
    }
}
