//! SMTP as a server: greets, reads commands, streams the mail to the doors behind it, and answers. It does not
//! know how mail is stored, judged or sent on: that is behind [`Inbound`] and [`Submissions`].
//!
//! | part | in charge of |
//! |---|---|
//! | `wire` | bytes to commands, without I/O |
//! | `stream` | the one read buffer and the replies that wait for it to drain |
//! | `session` | which command is allowed when |
//! | `command` | a verb a file |
//! | `trace` | the header fields that stand before the mail |

mod command;
mod date;
mod doors;
#[cfg(feature = "fuzz")]
#[doc(hidden)]
pub mod fuzz;
mod intake;
mod reply;
mod session;
mod stream;
mod trace;
mod wire;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use net::{ByteBudget, Conn, Stop};
use types::{Clock, Limits};

pub use doors::{Answer, Author, Body, Inbound, Peer, Submissions, Trace};

/// The refusal for [`net::Door`] of the SMTP listeners.
pub const REFUSAL: &str = "421 4.3.2 Too many connections, try again later\r\n";

/// Which of the three listeners a connection came in by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListenerKind {
    /// Port 25: other servers, for mail to us; never relays, STARTTLS offered.
    Mx,
    /// Port 587: our people's mail programs; STARTTLS, then sign-in, then mail (RFC 6409).
    Submission,
    /// Port 465: the same with TLS from the first byte (RFC 8314).
    Submissions,
}

impl ListenerKind {
    /// Whether people hand in their mail here.
    #[must_use]
    pub fn is_submission(self) -> bool {
        self != Self::Mx
    }
}

/// What all sessions share.
pub struct Context {
    /// Our name: in the greeting, EHLO and Received.
    pub hostname: String,
    /// The bounds.
    pub limits: Limits,
    /// Tells the time for Received.
    pub clock: Arc<dyn Clock>,
    /// Memory for mails under way (`limits.memory`), shared with whoever parses them.
    pub memory: ByteBudget,
    /// Where mail to us goes.
    pub inbound: Arc<dyn Inbound>,
    /// Where our people's mail goes.
    pub submissions: Arc<dyn Submissions>,
}

impl std::fmt::Debug for Context {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("smtp::Context").field("hostname", &self.hostname).finish_non_exhaustive()
    }
}

/// Serves one connection until it ends. On a stop the session says 421 between two commands.
pub async fn serve(conn: Conn, context: Arc<Context>, kind: ListenerKind, stop: Stop) {
    session::run(conn, context, kind, stop).await;
}
