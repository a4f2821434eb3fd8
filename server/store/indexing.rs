//! What the full-text index reads: the records in the order in which they were written, and its key.

use types::{RecordId, TenantId};

/// A record as the index meets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexRow {
    /// Which; numbers grow in the order of commits.
    pub record: RecordId,
    /// Whose.
    pub tenant: TenantId,
    /// Size of its bytes.
    pub size: u64,
}

/// A record that was disposed of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DisposedRow {
    /// Its place in the order of disposals; never given out again.
    pub seq: i64,
    /// Whose.
    pub tenant: TenantId,
    /// Which.
    pub record: RecordId,
}
