//! Annotations (RFC 5464): texts that clients keep beside a mailbox, or beside the account as a whole.

use types::MailboxId;

/// Below this stand the annotations of a mailbox that all its readers share.
pub const SHARED_ANNOTATIONS: &str = "/shared/";
/// Longest value, bytes.
pub const ANNOTATION_SIZE: usize = 64 * 1024;
/// Longest name of an entry, bytes.
pub const ANNOTATION_ENTRY: usize = 255;
/// Most annotations of one mailbox, and of the account.
pub const ANNOTATIONS_MOST: usize = 100;
/// Most annotations of one person, in all mailboxes together.
pub const ANNOTATIONS_IN_ALL: usize = 10_000;

/// An annotation without its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnnotationHead {
    /// Its name, in lower case: `/private/comment`.
    pub entry: String,
    /// The length of its value, bytes.
    pub size: u64,
}

/// A new value, or none any more.
#[derive(Clone, PartialEq, Eq)]
pub struct AnnotationChange {
    /// Its name, in lower case.
    pub entry: String,
    /// Its value.
    pub value: Option<Vec<u8>>,
}

impl std::fmt::Debug for AnnotationChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AnnotationChange").field("entry", &self.entry).finish_non_exhaustive()
    }
}

/// That an annotation was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnnotationNews {
    /// By which change; later ones have greater numbers.
    pub change: i64,
    /// Of which mailbox; `None`: of the account.
    pub of: Option<MailboxId>,
    /// Its name.
    pub entry: String,
}
