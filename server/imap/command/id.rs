//! ID (RFC 2971), in any state.

use crate::answer::Answer;
use crate::session::Session;

/// Tells the name; no version, which would help only those who look for old ones.
pub(super) fn run(session: &mut Session) -> Answer {
    session.link.line("* ID (\"name\" \"Sekisho\")");
    Answer::ok("ID completed.")
}
