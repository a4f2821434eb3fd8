//! CAPA (RFC 2449 5), in any state. A word stands here only when what it promises is whole.

use auth::sasl::Mechanism;

use crate::reply::Reply;
use crate::session::Session;

const ALWAYS: [&str; 8] = [
    "TOP",
    "UIDL",
    "RESP-CODES",
    "AUTH-RESP-CODE",
    "PIPELINING",
    // nothing is taken away because it was read or is old
    "EXPIRE NEVER",
    "UTF8 USER",
    "IMPLEMENTATION Sekisho",
];

/// Answers CAPA.
pub(super) fn run(session: &mut Session) {
    session.link.say(&Reply::ok("Capability list follows"));
    ALWAYS.iter().for_each(|word| session.link.line(word));
    if session.opening.is_none() {
        if can_start_tls(session) {
            session.link.line("STLS");
        }
        if may_sign_in(session) {
            session.link.line("USER");
            let names: Vec<&str> = mechanisms(session).iter().map(|mechanism| mechanism.name()).collect();
            session.link.line(&format!("SASL {}", names.join(" ")));
        }
    }
    session.link.line(".");
}

/// What this connection may sign in with, the strongest first.
pub(super) fn mechanisms(session: &Session) -> &'static [Mechanism] {
    Mechanism::offered(exporter(session).is_some())
}

/// What binds a sign-in to this connection (RFC 9266).
pub(super) fn exporter(session: &Session) -> Option<[u8; 32]> {
    session.link.facts().and_then(net::Conn::tls_exporter)
}

/// Passwords are taken under TLS, and plain from this very machine only.
pub(super) fn may_sign_in(session: &Session) -> bool {
    session.link.facts().is_some_and(|conn| conn.is_tls() || conn.is_loopback())
}

/// Whether STLS can come (RFC 2595 4). Not after UTF8 (RFC 6856 2.1).
pub(super) fn can_start_tls(session: &Session) -> bool {
    !session.utf8 && session.link.facts().is_some_and(net::Conn::can_start_tls)
}
