//! CAPABILITY (RFC 3501 6.1.1), in any state. A word stands here only when what it promises is whole.

use crate::answer::Answer;
use crate::session::Session;

const ALWAYS: &str = "IMAP4rev1 LITERAL+ SASL-IR ID ENABLE IDLE";
const SIGNED_IN: &str = "NAMESPACE UIDPLUS UNSELECT MOVE CHILDREN LIST-EXTENDED LIST-STATUS SPECIAL-USE \
     CREATE-SPECIAL-USE CONDSTORE QRESYNC ESEARCH SEARCHRES WITHIN PARTIAL STATUS=SIZE OBJECTID PREVIEW QUOTA \
     QUOTA=RES-STORAGE SORT SORT=DISPLAY ESORT THREAD=ORDEREDSUBJECT THREAD=REFERENCES THREAD=REFS";

/// The words for the present state.
pub(crate) fn words(session: &Session) -> String {
    if session.identity.is_some() {
        return format!("{ALWAYS} {SIGNED_IN} APPENDLIMIT={}", session.context.limits.message_size);
    }
    let starttls = if session.link.facts().is_some_and(net::Conn::can_start_tls) { " STARTTLS" } else { "" };
    let sign_in = if may_sign_in(session) { "AUTH=PLAIN" } else { "LOGINDISABLED" };
    format!("{ALWAYS}{starttls} {sign_in}")
}

/// Passwords are taken under TLS, and plain from this very machine only.
pub(crate) fn may_sign_in(session: &Session) -> bool {
    session.link.facts().is_some_and(|conn| conn.is_tls() || conn.is_loopback())
}

/// Answers CAPABILITY.
pub(super) fn run(session: &mut Session) -> Answer {
    let line = format!("* CAPABILITY {}", words(session));
    session.link.line(&line);
    Answer::ok("CAPABILITY completed.")
}
