//! Full text of all mail: what a search asks is answered from terms and kept texts, each tenant's and month's in
//! segments of their own, sealed under the tenant's index key. It knows no mail and no protocol: documents come from a
//! [`Reading`], the texts of their files from [`extract::MailTexts`], questions are [`Ask`]s about records.
//!
//! **The answers are those of a scan.** [`Ask::holds`] is what a question means; the index says Yes or No where it
//! knows, and Maybe where only the mail itself can tell: what is not indexed yet, what is hidden (numbers of level
//! likely or above are kept as keyed hashes only), what a copy may not show (Bcc). So nothing that it lacks, loses or
//! has not reached makes an answer wrong.

mod batch;
mod document;
mod error;
mod feed;
mod files;
mod fold;
mod house;
mod known;
mod looking;
mod manifest;
mod postings;
mod query;
mod search;
mod segment;
mod shelf;
mod tenant;
#[cfg(test)]
mod tests;
mod tokens;
mod varint;
mod verify;
mod warm;

pub use document::{Document, LONGEST_TEXT, Passage};
pub use error::IndexError;
pub use extract;
pub use feed::{Loan, Reading};
pub use files::{KnownFiles, OwnTexts, Patience, Texts};
pub use fold::folded;
pub use house::Index;
pub use query::{Answer, Ask, Place};
pub use verify::Difference;
