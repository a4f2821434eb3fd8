//! What became of mail to the outside, for who looks at a company as a whole: counts, and the mails behind them.

use types::{TenantId, Timestamp};

use crate::SubmissionRef;

/// What became of a mail to the outside when it was judged: the strictest of what its recipients outside get.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OutwardFate {
    /// It went, or goes at its time.
    Sent,
    /// Its sender was asked to confirm it, before it went or by SMTP behind its acceptance.
    Asked,
    /// It waited for somebody's decision.
    Held,
    /// It was refused.
    Blocked,
    /// It was discarded.
    Deleted,
}

impl OutwardFate {
    /// All of them, the weakest first.
    pub const ALL: [Self; 5] = [Self::Sent, Self::Asked, Self::Held, Self::Blocked, Self::Deleted];
    /// Those that are stopped. A question to the sender is none of them.
    pub const STOPPED: [Self; 3] = [Self::Held, Self::Blocked, Self::Deleted];

    /// How rows and addresses of pages name it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Asked => "asked",
            Self::Held => "held",
            Self::Blocked => "blocked",
            Self::Deleted => "deleted",
        }
    }
    /// Reads [`Self::word`].
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fate| fate.word() == word)
    }
}

/// What became of a submission of the posting, or of a known one.
#[derive(Debug, Clone)]
pub struct NewOutward {
    /// Which.
    pub submission: SubmissionRef,
    /// Whose.
    pub tenant: TenantId,
    /// When it was handed in.
    pub at: Timestamp,
    /// What became of it.
    pub fate: OutwardFate,
    /// Codes of the rules that did that; none of what went.
    pub rules: Vec<String>,
}

/// How much mail to the outside there was.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OutwardFigures {
    /// [`OutwardFate::Sent`]
    pub sent: u64,
    /// [`OutwardFate::Asked`]
    pub asked: u64,
    /// [`OutwardFate::Held`]
    pub held: u64,
    /// [`OutwardFate::Blocked`]
    pub blocked: u64,
    /// [`OutwardFate::Deleted`]
    pub deleted: u64,
    /// The codes of the rules that stopped most of the newest [`OUTWARD_LOOK`] of each kind, with how many; a mail may count for several.
    pub rules: Vec<(String, u64)>,
}

/// Of so many stopped mails of each kind the rules are counted.
pub const OUTWARD_LOOK: u32 = 5_000;
/// So many rules are named.
pub const OUTWARD_RULES: u32 = 5;

impl OutwardFigures {
    /// All mail to the outside.
    #[must_use]
    pub fn all(&self) -> u64 {
        self.sent + self.asked + self.stopped()
    }
    /// What was stopped.
    #[must_use]
    pub fn stopped(&self) -> u64 {
        self.held + self.blocked + self.deleted
    }
    /// The share of what was stopped, in hundredths of a percent, rounded up: what is not nothing is never told as nothing. `None`: there was no mail.
    #[must_use]
    pub fn share(&self) -> Option<u64> {
        let all = self.all();
        (all > 0).then(|| (self.stopped() * 10_000).div_ceil(all))
    }
}

/// Which mails to the outside are meant.
#[derive(Debug, Clone, Default)]
pub struct OutwardFilter {
    /// Of these fates.
    pub fates: Vec<OutwardFate>,
    /// At this moment or later.
    pub since: Option<Timestamp>,
    /// Stopped by the rule of this code; empty: by any or none.
    pub rule: String,
}

/// Held mail of a company.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HeldFigures {
    /// What waits for a decision.
    pub waiting: u64,
    /// What of it waits in spite of its deadline.
    pub overdue: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_of_what_is_stopped_is_rounded_up_and_questions_are_none_of_it() {
        let figures = |sent, asked, held, blocked, deleted| OutwardFigures {
            sent,
            asked,
            held,
            blocked,
            deleted,
            rules: Vec::new(),
        };
        let cases = [
            (figures(0, 0, 0, 0, 0), None),
            (figures(9, 1, 0, 0, 0), Some(0)),
            (figures(99_999, 0, 1, 0, 0), Some(1)),
            (figures(990, 0, 3, 3, 4), Some(100)),
            (figures(2, 0, 1, 0, 0), Some(3_334)),
            (figures(0, 0, 1, 1, 1), Some(10_000)),
        ];
        for (figures, share) in cases {
            assert_eq!(figures.share(), share, "{figures:?}");
        }
        for fate in OutwardFate::ALL {
            assert_eq!(OutwardFate::parse(fate.word()), Some(fate));
        }
    }
}
