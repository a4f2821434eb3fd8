//! What can go wrong with the queue itself; what goes wrong with a mail is an answer in its row.

use types::{Fault, Kind};

/// A failure of the queue or of what stands behind its door.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// The store did not do what the queue asked for.
    #[error("queue: {text}")]
    Door {
        /// What it said.
        text: String,
        /// Who must act.
        kind: Kind,
    },
    /// The machine gives no randomness.
    #[error("queue: the machine gives no randomness")]
    NoRandomness,
}

impl QueueError {
    /// Wraps a failure of the room behind the door.
    pub fn door(fault: &impl Fault) -> Self {
        Self::Door { text: fault.to_string(), kind: fault.kind() }
    }
}

impl Fault for QueueError {
    fn kind(&self) -> Kind {
        match self {
            Self::Door { kind, .. } => *kind,
            Self::NoRandomness => Kind::Temporary,
        }
    }
}
