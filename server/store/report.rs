//! What `sekisho verify` found.

/// One thing that is not as it must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// Where: `blobs/0000000000000003.seg offset 8192`, `mailbox 12`, `journal of acme, entry 40`.
    pub place: String,
    /// What.
    pub what: String,
    /// Whether `--repair` mended it.
    pub repaired: bool,
}

/// The result of reading everything back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VerifyReport {
    /// Records read.
    pub records: u64,
    /// Their stored bytes.
    pub bytes: u64,
    /// Copies in mailboxes.
    pub messages: u64,
    /// Journal entries.
    pub journal: u64,
    /// What is wrong; empty when all is well.
    pub damage: Vec<Damage>,
}
