//! CAPABILITY (RFC 3501 6.1.1), in any state. A word stands here only when what it promises is whole.

use auth::sasl::Mechanism;

use crate::answer::Answer;
use crate::session::Session;

const ALWAYS: &str = "IMAP4rev1 IMAP4rev2 LITERAL+ SASL-IR ID ENABLE IDLE";
const SIGNED_IN: &str = "NAMESPACE UIDPLUS UNSELECT MOVE CHILDREN LIST-EXTENDED LIST-STATUS SPECIAL-USE \
     CREATE-SPECIAL-USE ACL RIGHTS=kxte LIST-MYRIGHTS CONDSTORE QRESYNC ESEARCH SEARCHRES WITHIN PARTIAL STATUS=SIZE OBJECTID PREVIEW SAVEDATE REPLACE I18NLEVEL=1 METADATA LIST-METADATA NOTIFY QUOTA \
     QUOTA=RES-STORAGE QUOTA=RES-MESSAGE SORT SORT=DISPLAY ESORT THREAD=ORDEREDSUBJECT THREAD=REFERENCES THREAD=REFS MULTIAPPEND BINARY UTF8=ACCEPT";

/// The words for the present state.
pub(crate) fn words(session: &Session) -> String {
    if session.identity.is_some() {
        let compress = if session.link.is_compressed() { "" } else { " COMPRESS=DEFLATE" };
        let limit = session.context.limits.message_size;
        return format!("{ALWAYS} {SIGNED_IN} APPENDLIMIT={limit}{compress}");
    }
    let starttls = if session.link.facts().is_some_and(net::Conn::can_start_tls) { " STARTTLS" } else { "" };
    if !may_sign_in(session) {
        return format!("{ALWAYS}{starttls} LOGINDISABLED");
    }
    let offered = Mechanism::offered(exporter(session).is_some());
    let sign_in: String = offered.iter().map(|mechanism| format!(" AUTH={}", mechanism.name())).collect();
    format!("{ALWAYS}{starttls}{sign_in}")
}

/// What binds a sign-in to this connection (RFC 9266).
pub(super) fn exporter(session: &Session) -> Option<[u8; 32]> {
    session.link.facts().and_then(net::Conn::tls_exporter)
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
