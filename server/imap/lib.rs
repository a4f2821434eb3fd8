//! IMAP4rev1 (RFC 3501) and IMAP4rev2 (RFC 9051) over the store: `wire` reads commands and writes answers, `session` holds what one
//! connection knows, `command` has a file for each verb. It knows nothing of SMTP and of the review.
//!
//! Extensions, announced because they are whole: LITERAL+ (RFC 7888), SASL-IR (4959), ID (2971), ENABLE (5161),
//! IDLE (2177), NAMESPACE (2342), UIDPLUS (4315), UNSELECT (3691), MOVE (6851), CHILDREN (3348),
//! LIST-EXTENDED (5258), LIST-STATUS (5819), SPECIAL-USE and CREATE-SPECIAL-USE (6154), CONDSTORE and QRESYNC (7162),
//! ESEARCH (4731), SEARCHRES (5182), WITHIN (5032), PARTIAL (9394), STATUS=SIZE (8438), APPENDLIMIT (7889),
//! OBJECTID (8474), PREVIEW (8970), SAVEDATE (8514), REPLACE (8508), I18NLEVEL=1 (5255), METADATA (5464), LIST-METADATA (9590), NOTIFY (5465), QUOTA (9208), SORT and THREAD (5256), SORT=DISPLAY (5957), ESORT (5267), ACL (4314), LIST-MYRIGHTS (8440),
//! MULTIAPPEND (3502), BINARY (3516), UTF8=ACCEPT (9755), COMPRESS=DEFLATE (4978), SCRAM-SHA-256 and -PLUS (7677, 9266).

mod ahead;
mod answer;
mod at_rest;
mod cards;
mod clean;
mod command;
mod deflate;
mod enabled;
mod error;
mod link;
mod listening;
mod mail;
mod notified;
mod object_id;
mod order;
mod orders;
mod output;
mod pace;
mod ready;
#[cfg(test)]
mod scenarios;
mod selected;
mod session;
mod spaces;
mod watch;
pub mod wire;

use std::sync::Arc;

use auth::Auth;
use index::Index;
use net::{ByteBudget, Conn, Stop};
use store::Store;
use types::{Clock, Limits};

pub use error::ImapError;
pub use ready::keep_ready;
use watch::Watchers;

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
    /// Memory for whole mails under work.
    pub memory: ByteBudget,
    /// The full-text index; without one every search reads the mails.
    pub index: Option<Index>,
    cards: cards::Cards,
    clean: clean::Clean,
    orders: orders::Orders,
    watchers: Watchers,
}

impl Context {
    /// The context of all IMAP listeners; `memory` is the budget that all protocols share.
    #[must_use]
    pub fn new(
        store: Store,
        auth: Arc<Auth>,
        limits: Limits,
        clock: Arc<dyn Clock>,
        memory: ByteBudget,
        index: Option<Index>,
    ) -> Arc<Self> {
        Arc::new(Self {
            store,
            auth,
            limits,
            clock,
            memory,
            index,
            cards: cards::Cards::default(),
            clean: clean::Clean::default(),
            orders: orders::Orders::default(),
            watchers: Watchers::default(),
        })
    }
}

impl std::fmt::Debug for Context {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("imap::Context")
    }
}

/// The polite word to a peer for whom there is no room (`net::Door::refusal`).
pub const REFUSAL: &str = "* BYE Too many connections, please try again later\r\n";

/// Serves one connection until it ends or `stop` is asked for.
pub async fn serve(conn: Conn, context: Arc<Context>, stop: Stop) {
    context.watchers.start(&context.store, &stop);
    session::Session::new(conn, context, stop).run().await;
}
