//! NAMESPACE (RFC 2342), after sign-in: one personal namespace without a prefix.

use crate::answer::Answer;
use crate::session::Session;

/// Answers NAMESPACE.
pub(super) fn run(session: &mut Session) -> Answer {
    session.link.line("* NAMESPACE ((\"\" \"/\")) NIL NIL");
    Answer::ok("NAMESPACE completed.")
}
