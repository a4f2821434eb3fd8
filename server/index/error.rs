//! What can go wrong with the index. None of it loses mail, and none of it makes an answer wrong: what the index cannot
//! tell is read from the mail itself.

use std::io;
use std::path::{Path, PathBuf};

use types::{Fault, Kind};

/// A failure of the index.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file is not what was written; `sekisho reindex` makes the index anew.
    #[error("{path}: damaged ({what}); sekisho reindex makes it anew")]
    Damaged {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        what: &'static str,
    },
    /// Another process writes this index.
    #[error("{0}: another process writes the index")]
    Locked(PathBuf),
    /// The store could not be asked.
    #[error(transparent)]
    Store(#[from] store::StoreError),
    /// Something could not be sealed, or the work was interrupted.
    #[error("{0}")]
    Failed(&'static str),
}

impl IndexError {
    pub(crate) fn file(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        move |source| Self::File { path: path.to_owned(), source }
    }
    pub(crate) fn damaged(path: &Path, what: &'static str) -> Self {
        Self::Damaged { path: path.to_owned(), what }
    }
}

impl Fault for IndexError {
    fn kind(&self) -> Kind {
        match self {
            Self::File { .. } | Self::Locked(_) | Self::Failed(_) => Kind::Temporary,
            Self::Damaged { .. } => Kind::Bug,
            Self::Store(error) => error.kind(),
        }
    }
}
