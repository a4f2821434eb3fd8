//! What can go wrong when the store is asked.

use types::{Fault, Kind};

/// The store's refusals and failures.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Nothing of that name or number, or not the asker's.
    #[error("{0} does not exist")]
    NotFound(String),
    /// There is one already.
    #[error("{0} exists already")]
    Exists(String),
    /// The request contradicts itself or the data.
    #[error("{0}")]
    Invalid(String),
    /// Somebody changed it meanwhile, perhaps the same person in another window.
    #[error("{0} was changed meanwhile")]
    Conflict(String),
    /// The holder's rights changed since the access was made.
    #[error("the rights of this session have changed")]
    Stale,
    /// The access lacks a right on the mailbox (RFC 4314).
    #[error("this needs a right that you do not have on this mailbox")]
    NotPermitted,
    /// Somebody or something else decided first; carries the state found.
    #[error("already decided: {0}")]
    Decided(String),
    /// The disk is nearly full: mail intake stops, the rest goes on.
    #[error("the disk is nearly full")]
    Full,
    /// A flush or commit failed, or the store is stopping; the process is about to end.
    #[error("the store has stopped: {0}")]
    Stopped(String),
    /// Bytes that cannot be read back right: which record, where.
    #[error("damaged: {0}")]
    Damaged(String),
    /// The bytes' store failed.
    #[error(transparent)]
    Blobs(blobs::BlobError),
    /// The database failed.
    #[error("database: {0}")]
    Engine(String),
}

impl From<blobs::BlobError> for StoreError {
    /// A file that finds no room is the full disk that everybody who asks knows of.
    fn from(error: blobs::BlobError) -> Self {
        match error {
            blobs::BlobError::Full { .. } => Self::Full,
            other => Self::Blobs(other),
        }
    }
}

impl Fault for StoreError {
    fn kind(&self) -> Kind {
        match self {
            Self::NotFound(_) | Self::Exists(_) | Self::Invalid(_) | Self::Decided(_) | Self::Conflict(_) => {
                Kind::Client
            }
            Self::Stale | Self::NotPermitted => Kind::Policy,
            Self::Full | Self::Stopped(_) | Self::Engine(_) => Kind::Temporary,
            Self::Blobs(error) => error.kind(),
            Self::Damaged(_) => Kind::Bug,
        }
    }
}
