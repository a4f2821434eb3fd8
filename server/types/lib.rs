//! The words of the domain: addresses, ids, flags, envelopes, replies, limits, time.
//! No I/O and no clock: time and randomness come in as arguments.

mod address;
mod document_kind;
mod domain;
mod error;
mod flags;
mod ids;
mod letters;
mod limits;
mod link_terms;
mod policies;
mod reference;
mod reply;
mod safeguard;
mod settings;
mod time;
mod treatment;
mod uid_set;

pub use address::{Address, AddressError, Envelope};
pub use document_kind::{
    BadDocumentKind, CountedFrom, DOCUMENT_KINDS_MOST, DOCUMENT_NAME_MOST, DOCUMENT_WORDS_MOST, DocumentKind,
};
pub use domain::Domain;
pub use error::{Fault, Kind};
pub use flags::{Flags, Keyword, SystemFlags};
pub use ids::*;
pub use letters::letters;
pub use limits::{Limits, QUEUE_LIFETIME};
pub use link_terms::{LinkIdentity, LinkTerms};
pub use policies::{BadPolicy, FactorDemand, NoTelephone, PARTNERS_MOST, Policies, PolicyChange, Telephone};
pub use reference::Reference;
pub use reply::Reply;
pub use safeguard::Safeguard;
pub use settings::{Density, Deputy, Settings, TextSize, Theme, UndoTime};
pub use time::{Clock, FixedClock, SystemClock, Timestamp};
pub use treatment::{Encrypted, Encryption, EncryptionForm, Footer, HeaderLine, Treatment};
pub use uid_set::UidSet;

/// The languages that people read: every text exists in both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Japanese.
    #[default]
    Ja,
    /// English.
    En,
}

/// The two directions of the listeners' answers and of the journal: where a mail came from and goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// An inside author and an outside recipient.
    Out,
    /// Author and recipient inside.
    Inside,
    /// An outside author.
    In,
}
