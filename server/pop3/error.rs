//! What can go wrong in a session, and what the client is told of it.

use types::{Fault, Kind, Reference};

use crate::reply::{Code, Reply};
use crate::wire::command::ParseError;

/// Why a command failed, or why the session ends.
#[derive(Debug, thiserror::Error)]
pub enum Pop3Error {
    /// The connection broke.
    #[error("the connection broke: {0}")]
    Io(#[from] std::io::Error),
    /// TLS could not be begun.
    #[error(transparent)]
    Net(#[from] net::NetError),
    /// The session ends without a further word.
    #[error("the session ends")]
    Closed,
    /// The session ends with this word.
    #[error("{0}")]
    Bye(&'static str),
    /// A command is not in the grammar.
    #[error(transparent)]
    Parse(#[from] ParseError),
    /// A command is not for now, or not for this connection.
    #[error("{0}")]
    Refused(&'static str),
    /// There is no message of that number, or it is marked.
    #[error("there is no such message")]
    NoMessage,
    /// The maildrop is open in another session.
    #[error("the maildrop is open in another session")]
    InUse,
    /// Signing in needs TLS here.
    #[error("please use STLS first")]
    NeedsTls,
    /// The store refused or failed.
    #[error(transparent)]
    Store(#[from] store::StoreError),
    /// The sign-in or a right was refused.
    #[error(transparent)]
    Auth(#[from] auth::AuthError),
}

impl Fault for Pop3Error {
    fn kind(&self) -> Kind {
        match self {
            Self::Io(_) | Self::Net(_) | Self::Closed | Self::Bye(_) | Self::Parse(_) => Kind::Client,
            Self::Refused(_) | Self::NoMessage => Kind::Client,
            Self::NeedsTls => Kind::Policy,
            Self::InUse => Kind::Temporary,
            Self::Store(error) => error.kind(),
            Self::Auth(error) => error.kind(),
        }
    }
}

/// What follows from a failure.
#[derive(Debug)]
pub(crate) enum Consequence {
    /// The command is answered so.
    Answer(Reply),
    /// The same, and it counts as one of the wrong commands that end a session.
    Wrong(Reply),
    /// The session ends with this answer.
    Bye(Reply),
    /// The session ends without a word: nobody listens, or none may be said (RFC 1939 3, the timer).
    Gone,
}

impl Pop3Error {
    /// The consequence; what is our fault is logged here, once, under the reference that the client is told.
    pub(crate) fn consequence(self) -> Consequence {
        use auth::AuthError;
        match self {
            Self::Io(_) | Self::Net(_) | Self::Closed => Consequence::Gone,
            Self::Bye(text) => Consequence::Bye(Reply::coded(Code::SysTemp, text)),
            Self::Parse(error) => Consequence::Wrong(Reply::err(capital(&error.to_string()))),
            Self::Refused(text) => Consequence::Wrong(Reply::err(text)),
            Self::NoMessage => Consequence::Answer(Reply::err("There is no such message")),
            Self::InUse => Consequence::Answer(Reply::coded(Code::InUse, "The maildrop is open in another session")),
            Self::NeedsTls => Consequence::Wrong(Reply::coded(Code::SysPerm, "Please use STLS first")),
            // The sign-in itself is answered where it happens; here it means that it is no longer valid.
            Self::Auth(AuthError::Refused) | Self::Store(store::StoreError::Stale) => Consequence::Bye(Reply::coded(
                Code::Auth,
                "Your password or your rights have changed, please sign in again",
            )),
            Self::Auth(AuthError::Response(text)) => Consequence::Wrong(Reply::err(text)),
            Self::Auth(AuthError::Store(error)) | Self::Store(error) => Consequence::Answer(of_store(&error)),
            Self::Auth(error) => Consequence::Answer(Reply::coded(Code::SysTemp, capital(&error.to_string()))),
        }
    }
}

/// The answer to a failure of the store: nobody asks it here for what it refuses.
fn of_store(error: &store::StoreError) -> Reply {
    let reference = logged(error);
    Reply::coded(Code::SysTemp, format!("This did not work, please try again (reference {reference})"))
}

/// Writes a failure down; answers under which reference.
pub(crate) fn logged(error: &impl std::fmt::Display) -> Reference {
    let mut bits = [0; 5];
    // Without randomness the reference is the same each time, and the log still has the failure.
    let _ = getrandom::fill(&mut bits);
    let reference = Reference::from_random(bits);
    tracing::error!(%reference, %error, "POP3 command failed");
    reference
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
