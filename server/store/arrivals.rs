//! Mail that came in, as its review reads it: entries of the journal, and how far the review has come.

use types::{Address, Direction, Envelope, RecordId, Reference, SubmissionId, TenantId, Timestamp, UserId};

/// An entry of a tenant's journal.
#[derive(Debug, Clone)]
pub struct JournalRow {
    /// Whose journal.
    pub tenant: TenantId,
    /// Its number in the tenant's journal: 1, 2, 3 …
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// Direction.
    pub direction: Direction,
    /// Envelope as it was handed in; its recipients may belong to several tenants.
    pub envelope: Envelope,
    /// The bytes.
    pub record: RecordId,
    /// Their size.
    pub record_size: u64,
    /// Whether texts of its attachments are kept, whichever edition read them.
    pub has_texts: bool,
    /// It brought what a collection request asked for.
    pub collected: bool,
}

/// What was written down when a mail was reviewed: one that came in, or that somebody here sent.
#[derive(Debug, Clone)]
pub struct ReviewedMail {
    /// When it came or was handed in.
    pub at: Timestamp,
    /// What people call it.
    pub reference: Reference,
    /// The submission, of what was sent.
    pub submission: Option<SubmissionId>,
    /// Who sent it, of the company's people.
    pub author: Option<UserId>,
    /// From whom.
    pub from: Option<Address>,
    /// To whom, as it was handed in.
    pub to: Vec<Address>,
    /// JSON: of what came in the detail of `arrival.judged` in the audit log, of what was sent its judgement. No number.
    pub said: String,
}

/// The review of incoming mail moves on in the journal of a tenant. Written with the notices that the entries
/// cause; when another has moved it, nothing of the posting is written ([`crate::StoreError::Decided`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReviewedTo {
    /// Whose journal.
    pub tenant: TenantId,
    /// The number up to which it was reviewed before.
    pub from: u64,
    /// The number up to which it is reviewed now.
    pub to: u64,
}

/// What a look at a record found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// Which.
    pub record: RecordId,
    /// Whether it has findings of level likely or above.
    pub sensitive: bool,
}
