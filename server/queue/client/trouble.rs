//! What can end a conversation before its mails are decided.

use types::Reply;

use super::reply::ReplyError;
use crate::fate::{self, Fate};

/// The command whose refusal leaves the conversation in the clear.
pub(crate) const STARTTLS: &str = "STARTTLS";

/// Why a connection is of no more use.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    /// Nobody there.
    #[error("no connection: {0}")]
    Unreachable(String),
    /// It was there and went away.
    #[error("the connection broke: {0}")]
    Lost(String),
    /// It is silent.
    #[error("no answer to {0} in time")]
    Silent(&'static str),
    /// It says what is not SMTP.
    #[error(transparent)]
    Nonsense(#[from] ReplyError),
    /// It does not want to talk: the greeting, EHLO, AUTH, or 421 at any time.
    #[error("{0} was refused")]
    Refused(&'static str, Reply),
    /// TLS did not come about.
    #[error("TLS failed: {0}")]
    Handshake(String),
    /// TLS is wanted and it offers none, or not now.
    #[error("TLS is required and not offered")]
    NoTls,
    /// The route has a password and it cannot be told.
    #[error("{0}")]
    NoSignIn(&'static str),
    /// It is this server.
    #[error("mail for this domain loops back to this server")]
    Ourselves,
}

impl Trouble {
    /// What it means for the recipients that are not decided yet. Only a loop is for good: what a server says before
    /// it has heard of a mail is about the server.
    pub fn fate(&self, host: &str) -> Fate {
        let status = match self {
            Self::Unreachable(_) => (4, 4, 1),
            Self::Lost(_) | Self::Silent(_) => (4, 4, 2),
            Self::Nonsense(_) => (4, 5, 0),
            Self::Handshake(_) | Self::NoTls => fate::NO_TLS,
            Self::NoSignIn(_) => (4, 7, 0),
            Self::Ourselves => return Fate::permanent((5, 4, 6), self.to_string()).at(host),
            Self::Refused(STARTTLS, reply) => {
                return Fate { status: fate::NO_TLS, remote: false, ..Fate::of_reply(reply, host) }.temporarily();
            }
            Self::Refused(_, reply) => {
                let said = Fate::of_reply(reply, host);
                let status = (4, said.status.1, said.status.2);
                return Fate { status, ..said }.temporarily();
            }
        };
        Fate::temporary(status, self.to_string()).at(host)
    }
}
