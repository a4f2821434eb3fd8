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
