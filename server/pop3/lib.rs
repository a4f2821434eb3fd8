//! POP3 (RFC 1939) over a person's INBOX: `wire` reads commands and writes messages, `session` holds what one connection
//! knows, `command` has a file for each verb. It knows nothing of SMTP, of IMAP and of the review.
//!
//! Extensions, announced because they are whole: CAPA, RESP-CODES, PIPELINING, EXPIRE, IMPLEMENTATION (RFC 2449), STLS
//! (2595), AUTH-RESP-CODE (3206), SASL with PLAIN, SCRAM-SHA-256 and -PLUS (5034, 7677), TOP, UIDL, UTF8 (6856). There is
//! no APOP, which would need passwords that can be read back, and no LANG.
//!
//! A message leaves the maildrop at QUIT or not at all, all that are marked in one transaction. Its unique-id is made of
//! UIDVALIDITY and UID, so it lasts as long as IMAP's numbers do.

mod command;
mod error;
#[cfg(feature = "fuzz")]
pub mod fuzz;
mod link;
mod locks;
mod mail;
mod maildrop;
mod reply;
#[cfg(test)]
mod scenarios;
mod session;
pub mod wire;

use std::sync::Arc;

use auth::Auth;
use net::{Conn, Stop};
use store::Store;
use types::{Clock, Limits};

pub use error::Pop3Error;
use locks::Locks;

/// What all sessions share.
pub struct Context {
    /// The store.
    pub store: Store,
    /// Who signs people in.
    pub auth: Arc<Auth>,
    /// Bounds.
    pub limits: Limits,
    /// The time.
    pub clock: Arc<dyn Clock>,
    locks: Locks,
}

impl Context {
    /// The context of all POP3 listeners.
    #[must_use]
    pub fn new(store: Store, auth: Arc<Auth>, limits: Limits, clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self { store, auth, limits, clock, locks: Locks::default() })
    }
}

impl std::fmt::Debug for Context {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("pop3::Context")
    }
}

/// The polite word to a peer for whom there is no room (`net::Door::refusal`).
pub const REFUSAL: &str = "-ERR [SYS/TEMP] Too many connections, please try again later\r\n";

/// Serves one connection until it ends or `stop` is asked for.
pub async fn serve(conn: Conn, context: Arc<Context>, stop: Stop) {
    session::Session::new(conn, context, stop).run().await;
}
