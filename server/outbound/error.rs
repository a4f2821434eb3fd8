//! Why a submission was not taken, or a decision not carried out.

use delivery::DeliveryError;
use inspect::review::RuleErrors;
use store::StoreError;
use types::{Address, Fault, Kind, Reply};

use crate::Untreatable;

/// Outbound's refusals and failures.
#[derive(Debug, thiserror::Error)]
pub enum OutboundError {
    /// The sender's address is not the account's.
    #[error("the sender address is not one of this account: {0}")]
    NotYours(Address),
    /// The account has sent too much within an hour.
    #[error("too many mails from this account within an hour")]
    TooMany,
    /// The mail has been on too many hosts.
    #[error("the mail goes round in circles")]
    Loop,
    /// Not one of those who may decide, or the author himself.
    #[error("not among those who may decide this mail")]
    NotApprover,
    /// What rules demand cannot be done to the mail, and without it it does not go.
    #[error("the mail cannot be sent as the rules demand: {0}")]
    Untreatable(#[from] Untreatable),
    /// The same person, or another in the same seat, has approved it before.
    #[error("this approver has approved it already; another one has to")]
    ApprovedBefore,
    /// A rule asks that the mail and its files are opened before they are approved.
    #[error("the mail and its files have to be opened before it is approved")]
    NotOpened,
    /// It holds My Numbers, and those who may open them were asked.
    #[error("the mail may hold My Numbers: a handler has to approve it")]
    NotHandler,
    /// There is no such parcel.
    #[error("there is no such held mail")]
    NoSuchParcel,
    /// Rules name somebody who is not in the directory.
    #[error(transparent)]
    UnknownNames(RuleErrors),
    /// Rules in force name the group or list.
    #[error("{0} is named by the rules {1}; change them first (sekisho rules apply)")]
    Named(String, String),
    /// A link is wanted, and nobody outside can reach a page of this server.
    #[error("this server has no page for recipients outside (listen.content, web.content_url)")]
    NoPage,
    /// An archive could not be written: no randomness, or no thread.
    #[error("the ZIP could not be written")]
    NotPacked,
    /// A domain's keys do not sign, though they should.
    #[error("the mail cannot be signed (DKIM)")]
    NotSigned,
    /// What is kept of passwords beside a mail is not what was written.
    #[error("what is kept of the passwords of the mail cannot be read")]
    BadNote,
    /// A request for files cannot be made.
    #[error(transparent)]
    Request(#[from] crate::RequestProblem),
    /// Delivery failed.
    #[error(transparent)]
    Delivery(#[from] DeliveryError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Work on a mail came to no end.
    #[error("the work on a mail came to no end")]
    Broken,
    /// The machine gives no randomness.
    #[error("the machine gives no randomness")]
    NoRandomness,
}

impl Fault for OutboundError {
    fn kind(&self) -> Kind {
        match self {
            Self::NotYours(_)
            | Self::NotApprover
            | Self::NotHandler
            | Self::ApprovedBefore
            | Self::NotOpened
            | Self::Untreatable(_) => Kind::Policy,
            Self::Loop | Self::Request(_) | Self::NoSuchParcel | Self::UnknownNames(_) | Self::Named(..) => {
                Kind::Client
            }
            Self::TooMany | Self::NoRandomness | Self::NoPage | Self::NotPacked | Self::NotSigned => Kind::Temporary,
            Self::Broken | Self::BadNote => Kind::Bug,
            Self::Delivery(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }
}

impl OutboundError {
    /// The SMTP reply.
    #[must_use]
    pub fn reply(&self) -> Reply {
        match self {
            Self::NotYours(address) => {
                Reply::new(550, (5, 7, 1), format!("The sender address {address} is not one of this account"))
            }
            Self::TooMany => Reply::new(450, (4, 7, 1), "Too many mails from this account within an hour"),
            Self::Loop => Reply::new(554, (5, 4, 6), "Mail loop: it has been on too many hosts"),
            Self::NotApprover
            | Self::NotHandler
            | Self::ApprovedBefore
            | Self::NotOpened
            | Self::Untreatable(_)
            | Self::NoSuchParcel
            | Self::Request(_)
            | Self::UnknownNames(_)
            | Self::Named(..) => Reply::new(550, (5, 7, 1), "Not allowed"),
            Self::Delivery(error) => error.reply(),
            Self::Store(StoreError::Full) => {
                Reply::new(452, (4, 3, 1), "The server's disk is nearly full, try again later")
            }
            Self::Store(_)
            | Self::NoRandomness
            | Self::NoPage
            | Self::Broken
            | Self::NotPacked
            | Self::NotSigned
            | Self::BadNote => Reply::new(451, (4, 3, 0), "Not possible at the moment, try again later"),
        }
    }
}
