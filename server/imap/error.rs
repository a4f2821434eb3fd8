//! What can go wrong in a session, and what the client is told of it.

use types::{Fault, Kind, Reference};

use crate::answer::Answer;
use crate::wire::cursor::ParseError;
use crate::wire::search::CHARSETS;

/// Why a command failed, or why the session ends.
#[derive(Debug, thiserror::Error)]
pub enum ImapError {
    /// The connection broke.
    #[error("the connection broke: {0}")]
    Io(#[from] std::io::Error),
    /// TLS could not be begun.
    #[error(transparent)]
    Net(#[from] net::NetError),
    /// The client closed the connection.
    #[error("the client closed the connection")]
    Closed,
    /// The session ends with this word (`BYE`).
    #[error("{0}")]
    Bye(&'static str),
    /// A command is not in the grammar.
    #[error(transparent)]
    Parse(#[from] ParseError),
    /// The store refused or failed.
    #[error(transparent)]
    Store(#[from] store::StoreError),
    /// The sign-in or a right was refused.
    #[error(transparent)]
    Auth(#[from] auth::AuthError),
    /// A part bears a transfer encoding that nobody knows, so it cannot be had without it.
    #[error("the transfer encoding of this part is not known")]
    UnknownEncoding,
    /// Memory for whole mails did not become free in time.
    #[error("too many mails are being read at once")]
    Memory,
}

impl Fault for ImapError {
    fn kind(&self) -> Kind {
        match self {
            Self::Io(_) | Self::Net(_) | Self::Closed | Self::Bye(_) | Self::Parse(_) | Self::UnknownEncoding => {
                Kind::Client
            }
            Self::Store(error) => error.kind(),
            Self::Auth(error) => error.kind(),
            Self::Memory => Kind::Temporary,
        }
    }
}

/// What follows from a failure.
pub(crate) enum Consequence {
    /// The command is answered so.
    Answer(Answer),
    /// The session ends with `BYE` and these words.
    Bye(&'static str),
    /// The session ends without a word: nobody listens.
    Gone,
}

impl ImapError {
    /// The consequence; what is our fault is logged here, once, under the reference that the client is told.
    pub(crate) fn consequence(self) -> Consequence {
        match self {
            Self::Io(_) | Self::Net(_) | Self::Closed => Consequence::Gone,
            Self::Bye(text) => Consequence::Bye(text),
            Self::Parse(ParseError::Charset) => Consequence::Answer(Answer::no(
                format!("BADCHARSET ({})", CHARSETS.join(" ")),
                "This charset is not known",
            )),
            Self::Parse(ParseError::Syntax(text)) => Consequence::Answer(Answer::bad(text)),
            // The sign-in itself is answered where it happens; here it means that it is no longer valid.
            Self::Auth(auth::AuthError::Refused) | Self::Store(store::StoreError::Stale) => {
                Consequence::Bye("Your password or your rights have changed, please sign in again")
            }
            Self::Auth(auth::AuthError::Store(error)) | Self::Store(error) => Consequence::Answer(of_store(error)),
            Self::Auth(error @ auth::AuthError::NotAllowed(_)) => {
                Consequence::Answer(Answer::no("NOPERM", error.to_string()))
            }
            Self::Auth(error) => Consequence::Answer(Answer::no("UNAVAILABLE", error.to_string())),
            Self::UnknownEncoding => Consequence::Answer(Answer::no("UNKNOWN-CTE", self.to_string())),
            Self::Memory => Consequence::Answer(Answer::no("UNAVAILABLE", self.to_string())),
        }
    }
}

/// The answer to a refusal or failure of the store (codes of RFC 5530).
fn of_store(error: store::StoreError) -> Answer {
    use store::StoreError::{Exists, Full, Invalid, NotFound, NotPermitted};
    match error {
        NotFound(_) => Answer::no("NONEXISTENT", capital(&error.to_string())),
        NotPermitted => Answer::no("NOPERM", capital(&error.to_string())),
        Exists(_) => Answer::no("ALREADYEXISTS", capital(&error.to_string())),
        Invalid(_) => Answer::no("CANNOT", capital(&error.to_string())),
        Full => Answer::no("UNAVAILABLE", "The disk is nearly full, no mail can be stored"),
        error => {
            let mut bits = [0; 5];
            // Without randomness the reference is the same each time, and the log still has the failure.
            let _ = getrandom::fill(&mut bits);
            let reference = Reference::from_random(bits);
            let code = if error.kind() == Kind::Bug { "SERVERBUG" } else { "UNAVAILABLE" };
            tracing::error!(%reference, %error, "IMAP command failed");
            Answer::no(code, format!("This did not work, please try again (reference {reference})"))
        }
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
