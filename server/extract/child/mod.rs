//! Stranger's files are read in child processes without rights: [`Workers`] is the pool of them, as seen by the
//! process that looks at mail; [`worker`] is what runs in a child; [`sandbox`] takes its rights away before it has
//! read a byte. A child that crashes, or takes too long, too much memory or too many words costs one file its
//! inspection and nobody else anything.

pub(crate) mod lanes;
mod pipes;
mod pool;
mod process;
mod sandbox;
mod wire;
mod worker;

pub use pool::{NoWorker, Workers};
pub use process::Program;
pub use worker::{run, self_test};

use std::time::Duration;

/// What one child may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Memory that it may have in all, bytes.
    pub memory: u64,
    /// Processor time for one file, seconds.
    pub seconds: u64,
}

impl Bounds {
    /// The bounds as the configuration says them.
    #[must_use]
    pub fn of(limits: &types::Limits) -> Self {
        Self { memory: limits.extract_memory, seconds: limits.extract_seconds.max(1) }
    }

    /// How long one file may take by the clock on the wall: a busy machine gives a process a part of its time.
    fn patience(self) -> Duration {
        Duration::from_secs(self.seconds.saturating_mul(3))
    }
}
