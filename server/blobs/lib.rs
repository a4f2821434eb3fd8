//! Records of bytes: segment files, frames, compression, sealing, group flush (DESIGN.md 5, "Records").
//! Knows nothing of mail, rows or people; who keeps references and keys is the store.
//!
//! The way of a mail: [`Intake`] collects it and gives a [`Draft`]; the writer task hands the sealed bytes of a batch
//! to its [`Appender`], flushes them through a [`Flush`], and only then commits the rows that hold the [`RecordRef`]s.
//! [`Segments`] reads any range back.

mod appender;
mod disk;
mod error;
mod frame;
#[cfg(feature = "fuzz")]
#[doc(hidden)]
pub mod fuzz;
mod intake;
mod key;
mod lock;
mod reader;
mod record;
mod segments;
mod verify;

#[cfg(test)]
mod contract;

pub use appender::{Appender, Flush};
pub use disk::{Ballast, Space, free_space, refuse_network_file_system};
pub use error::{BlobError, Damage};
pub use intake::{Draft, Intake, Stored};
pub use key::RecordKey;
pub use lock::DataLock;
pub use reader::Record;
pub use record::{Sealed, seal};
pub use segments::{RecordRef, Segments, flush_dir};
