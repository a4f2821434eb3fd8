//! Incidents (漏えい等事案): what a company writes down for its report to the 個人情報保護委員会 about mail of its ledger, with
//! every version of it, and where the report stands. Never a number. When reports are due is `outbound`'s to say.

use serde::{Deserialize, Serialize};
use types::{IncidentId, LedgerId, TenantId, Timestamp, UserId};

/// Most lines of the ledger of one incident.
pub const INCIDENT_LINES_MOST: usize = 200;
/// Most incidents of one answer.
pub const INCIDENTS_MOST: u32 = 100;
/// Longest text of an item, characters.
pub const INCIDENT_TEXT_MOST: usize = 8_000;

/// The nine items of the report (個人情報の保護に関する法律施行規則 8条1項, and the rule for 番号法 29条の4 in the same order).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IncidentItem {
    /// 概要
    Outline,
    /// 漏えい等が発生し、又は発生したおそれがある個人データの項目
    Data,
    /// 本人の数
    Persons,
    /// 原因
    Cause,
    /// 二次被害又はそのおそれの有無及びその内容
    Harm,
    /// 本人への対応の実施状況
    ToPersons,
    /// 公表の実施状況
    Publication,
    /// 再発防止のための措置
    Prevention,
    /// その他参考となる事項
    Other,
}

impl IncidentItem {
    /// All of them, in the order of the report.
    pub const ALL: [Self; 9] = [
        Self::Outline,
        Self::Data,
        Self::Persons,
        Self::Cause,
        Self::Harm,
        Self::ToPersons,
        Self::Publication,
        Self::Prevention,
        Self::Other,
    ];

    /// How forms name it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Outline => "outline",
            Self::Data => "data",
            Self::Persons => "persons",
            Self::Cause => "cause",
            Self::Harm => "harm",
            Self::ToPersons => "to_persons",
            Self::Publication => "publication",
            Self::Prevention => "prevention",
            Self::Other => "other",
        }
    }
}

/// Where the report of an incident stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IncidentState {
    /// Nothing was reported yet (未報告).
    Open,
    /// The first report was made (速報済).
    FirstReported,
    /// The full report was made (確報済).
    FullyReported,
    /// Nothing is left to be done (完了).
    Closed,
}

impl IncidentState {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Open, Self::FirstReported, Self::FullyReported, Self::Closed];

    /// How rows and forms name it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::FirstReported => "first_reported",
            Self::FullyReported => "fully_reported",
            Self::Closed => "closed",
        }
    }
    /// Reads [`Self::word`].
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
    /// Whether a company may go on to `to` from here: forwards, past the first report where both were made at once, to the
    /// end from everywhere (it turned out to be none), and from the end back to the beginning.
    #[must_use]
    pub fn leads_to(self, to: Self) -> bool {
        match self {
            Self::Open => to != Self::Open,
            Self::FirstReported => matches!(to, Self::FullyReported | Self::Closed),
            Self::FullyReported => to == Self::Closed,
            Self::Closed => to == Self::Open,
        }
    }
}

/// What is written down about an incident; one version of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncidentText {
    /// When the company came to know of it.
    pub known: Timestamp,
    /// It may have been done for a wrongful purpose: the full report has more time.
    pub wrongful: bool,
    /// The items, in the order of [`IncidentItem::ALL`].
    pub items: [String; 9],
}

impl IncidentText {
    /// What one item says.
    #[must_use]
    pub fn item(&self, item: IncidentItem) -> &str {
        let at = IncidentItem::ALL.iter().position(|one| *one == item);
        at.and_then(|at| self.items.get(at)).map_or("", String::as_str)
    }
}

/// An incident to be written down.
#[derive(Debug, Clone)]
pub struct NewIncident {
    /// Whose.
    pub tenant: TenantId,
    /// The lines of the ledger that it is about: at least one.
    pub lines: Vec<LedgerId>,
    /// What is known.
    pub text: IncidentText,
    /// By whom.
    pub by: Option<UserId>,
    /// When.
    pub at: Timestamp,
    /// When its handlers are to be reminded first.
    pub remind: Option<Timestamp>,
}

/// An incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incident {
    /// Number.
    pub id: IncidentId,
    /// Whose.
    pub tenant: TenantId,
    /// Where its report stands.
    pub state: IncidentState,
    /// The newest version: 1, 2, 3 …
    pub version: u32,
    /// What that says.
    pub text: IncidentText,
    /// The lines of the ledger that it is about, ascending.
    pub lines: Vec<LedgerId>,
    /// When it was written down.
    pub made: Timestamp,
    /// By whom.
    pub made_by: Option<UserId>,
    /// When the first report was made.
    pub first_reported: Option<Timestamp>,
    /// When the full report was made.
    pub fully_reported: Option<Timestamp>,
    /// When its handlers are reminded next.
    pub remind: Option<Timestamp>,
}

/// A version of what was written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncidentVersion {
    /// 1, 2, 3 …
    pub version: u32,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: Option<UserId>,
    /// What it says.
    pub text: IncidentText,
}

/// A change of an incident; each is audited.
#[derive(Debug, Clone)]
pub enum IncidentChange {
    /// Another version in place of version `before`; nothing when it, or where the report stands, is another by now.
    Text {
        /// The version that was changed.
        before: u32,
        /// Where the report stood, which its next reminder depends on.
        state: IncidentState,
        /// What it says now.
        text: Box<IncidentText>,
    },
    /// More lines of the ledger; its reminder stays.
    Lines(Vec<LedgerId>),
    /// The report stands elsewhere; nothing when it does not stand at `from` any more, or its text, on which the next reminder
    /// depends, is another.
    State {
        /// Where it stood.
        from: IncidentState,
        /// Where it stands now.
        to: IncidentState,
        /// The version that was seen.
        version: u32,
    },
}

/// That handlers were reminded, in the posting that writes to them.
#[derive(Debug, Clone, Copy)]
pub struct IncidentReminded {
    /// Of which incident.
    pub incident: IncidentId,
    /// The reminder that was due; another by now: nothing is written.
    pub due: Timestamp,
    /// The version and the state that the notice tells of; others by now: nothing is written.
    pub version: u32,
    /// Where the report stands.
    pub state: IncidentState,
    /// The next one.
    pub next: Option<Timestamp>,
}
