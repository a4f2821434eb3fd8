//! Why a mail was not delivered.

use store::StoreError;
use types::{Address, Fault, Kind, Reply};

/// Delivery's refusals and failures.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryError {
    /// No such mailbox here.
    #[error("no such user here: {0}")]
    UnknownUser(Address),
    /// The domain is not received here.
    #[error("not a domain of this server: {0}")]
    NotOurs(Address),
    /// The mailbox is over its quota now.
    #[error("the mailbox of {0} is full")]
    OverQuota(Address),
    /// The mail alone is larger than the mailbox may be.
    #[error("the mail is larger than the mailbox of {0} may be")]
    LargerThanQuota(Address),
    /// The mail has been here before (own Delivered-To) or on too many hosts (Received).
    #[error("the mail goes round in circles")]
    Loop,
    /// Reading the mail failed.
    #[error("the mail could not be read")]
    Unreadable,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Fault for DeliveryError {
    fn kind(&self) -> Kind {
        match self {
            Self::UnknownUser(_) | Self::LargerThanQuota(_) | Self::Loop => Kind::Client,
            Self::NotOurs(_) => Kind::Policy,
            Self::OverQuota(_) => Kind::Temporary,
            Self::Unreadable => Kind::Bug,
            Self::Store(error) => error.kind(),
        }
    }
}

impl DeliveryError {
    /// The SMTP reply (RFC 5321 4.2.3, RFC 3463).
    #[must_use]
    pub fn reply(&self) -> Reply {
        match self {
            Self::UnknownUser(_) => Reply::new(550, (5, 1, 1), "No such user here"),
            Self::NotOurs(_) => Reply::new(550, (5, 7, 1), "Relaying denied: not a domain of this server"),
            Self::OverQuota(_) => Reply::new(452, (4, 2, 2), "The mailbox is full, try again later"),
            Self::LargerThanQuota(_) => Reply::new(552, (5, 2, 2), "The mail is larger than the mailbox may be"),
            Self::Loop => Reply::new(554, (5, 4, 6), "Mail loop: it has been here before"),
            Self::Store(StoreError::Full) => {
                Reply::new(452, (4, 3, 1), "The server's disk is nearly full, try again later")
            }
            Self::Unreadable | Self::Store(_) => {
                Reply::new(451, (4, 3, 0), "Not possible at the moment, try again later")
            }
        }
    }
}
