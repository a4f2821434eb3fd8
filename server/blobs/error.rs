//! What can go wrong with bytes, and whose matter it is.

use std::io;
use std::path::{Path, PathBuf};

use types::{Fault, Kind};

use crate::segments::RecordRef;

/// A failure of the blob store.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// Bytes could not be written or flushed. What the disk holds is in doubt: nothing may be tried again on this
    /// file, and the caller answers its waiters with a temporary refusal and ends the process.
    #[error("{path}: cannot write or flush: {source}; the process has to end")]
    Flush {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// There is no room for more bytes. Nothing was written; it may work when space returns.
    #[error("{path}: the disk is full")]
    Full {
        /// The file that could not grow.
        path: PathBuf,
    },
    /// A file could not be opened, listed or read.
    #[error("{path}: {source}")]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Stored bytes are not what was written.
    #[error("segment {file}, record at {offset}: {what}")]
    Damaged {
        /// Number of the segment file.
        file: u64,
        /// Where the record begins in it, bytes.
        offset: u64,
        /// What is wrong.
        what: Damage,
    },
    /// Stored bytes that are kept outside of segment files are not what was written.
    #[error("record in memory: {0}")]
    DamagedInMemory(Damage),
    /// A range was asked for that the record does not have.
    #[error("range {start}..{end} lies outside a record of {size} bytes")]
    Range {
        /// First byte asked for.
        start: u64,
        /// One past the last byte asked for.
        end: u64,
        /// Size of the record's plain bytes.
        size: u64,
    },
    /// The mail is larger than is taken.
    #[error("larger than {max} bytes")]
    TooLarge {
        /// The bound, bytes.
        max: u64,
    },
    /// A sealed column does not open: other key, other place or damaged.
    #[error("a sealed column does not open")]
    Column,
    /// Another server works in this data folder.
    #[error("{dir} is in use by another sekisho ({holder}); stop it first or name another data_dir")]
    Locked {
        /// The data folder.
        dir: PathBuf,
        /// "process 1234", or that it is not known.
        holder: String,
    },
    /// The data folder lies on a network file system.
    #[error(
        "{dir} lies on a network file system ({kind}), where a flush does not promise that bytes are safe; \
         data_dir has to be on a local disk"
    )]
    NetworkFileSystem {
        /// The data folder.
        dir: PathBuf,
        /// NFS, SMB …
        kind: &'static str,
    },
    /// The system gave no randomness, or sealing failed.
    #[error("sealing failed")]
    Crypto,
    /// The runtime is stopping and did not do the work.
    #[error("the server is stopping")]
    Stopping,
}

/// What is wrong with stored bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// The segment file is not there.
    #[error("the segment file is missing")]
    Missing,
    /// The segment file does not begin as a segment file of its number does.
    #[error("the segment file's header is damaged")]
    Header,
    /// The segment file ends before the record does, or the record is too short to be one.
    #[error("bytes are missing")]
    Short,
    /// The last bytes are not the end mark: never written in full, or overwritten.
    #[error("the end mark is missing")]
    EndMark,
    /// Made by a version of this program that we do not know.
    #[error("unknown format or dictionary")]
    Unknown,
    /// The frame table contradicts itself or its checksum.
    #[error("the frame table is damaged")]
    Table,
    /// CRC32C of the stored bytes differs.
    #[error("the checksum (CRC32C) differs")]
    Checksum,
    /// SHA-256 of the stored bytes differs from the one that the row names.
    #[error("the digest (SHA-256) differs from the row's")]
    Digest,
    /// A frame does not open: altered, or the key is another record's.
    #[error("frame {0} does not open")]
    Frame(u32),
}

impl Fault for BlobError {
    fn kind(&self) -> Kind {
        match self {
            Self::TooLarge { .. } => Kind::Client,
            Self::Flush { .. } | Self::Full { .. } | Self::Read { .. } | Self::Stopping => Kind::Temporary,
            Self::Locked { .. } | Self::NetworkFileSystem { .. } => Kind::Policy,
            Self::Damaged { .. } | Self::DamagedInMemory(_) | Self::Range { .. } | Self::Column | Self::Crypto => {
                Kind::Bug
            }
        }
    }
}

impl BlobError {
    /// True when the process has to end (DESIGN.md 5, "A flush or commit that fails").
    pub fn is_fatal(&self) -> bool {
        matches!(self, Self::Flush { .. })
    }

    pub(crate) fn damaged(at: &RecordRef) -> impl Fn(Damage) -> Self + Copy {
        let RecordRef::Segment { file, offset, .. } = *at;
        move |what| Self::Damaged { file, offset, what }
    }

    pub(crate) fn flush(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Flush { path, source }
    }

    pub(crate) fn read(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Read { path, source }
    }

    /// Growing a file before anything stands in it: a full disk is no catastrophe here, everything else is.
    pub(crate) fn grow(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full { path },
            _ => Self::Flush { path, source },
        }
    }
}
