//! The rules of outgoing, internal and incoming mail: facts in, verdict out. Pure: it knows no store, no clock
//! and no bytes of mail; who belongs to which group and what was found is told by the caller.
//!
//! A rule file (TOML, `docs` and DESIGN.md 6) becomes a [`RuleSet`]; [`judge`] judges all its rules for each
//! recipient, so that the colleague inside does not wait for the partner outside.

mod active;
mod approvals;
pub mod calendar;

mod condition;
mod deletions;
mod describe;
mod edit;
mod encryption;
mod error;
mod expression;
mod facts;
mod holidays;
mod judge;
mod mistake;
mod names;
mod parse;
mod people;
mod reader;
mod ready;
mod rule;
mod text;
mod time;
mod treatments;
mod verdict;

pub use approvals::new_approvals_of_numbers;
pub use calendar::Calendar;
pub use deletions::new_deletions;
pub use describe::{Told, treatment_told};
pub use edit::with_mode;
pub use error::{RuleError, RuleErrors};
pub use expression::{BadExpression, Slip};
pub use facts::{
    AttachmentFact, AuthorFact, Contact, Facts, FileKind, FindingFact, RecipientFact, Seat, ShownFact, TextFact, Unseen,
};
pub use judge::judge;
pub use mistake::{Kind, Mistake, Near, Noun};
pub use names::{Named, NamedKind};
pub use ready::{READY_SETS, ReadySet};
pub use rule::{Asked, HoldAction, Mode, Rule, RuleSet, Scope};
pub use text::matches;
pub use verdict::{Hit, Judgement, Outcome, RecipientVerdict, TraceLine, Verdict};
