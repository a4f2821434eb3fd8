//! ENABLE (RFC 5161), after sign-in. No announced extension needs it yet, so nothing is enabled; asking for what
//! is not known is no error (RFC 5161 3.1).

use crate::answer::Answer;
use crate::session::Session;

/// Answers which of `words` are enabled now: none.
pub(super) fn run(session: &mut Session, _words: &[String]) -> Answer {
    session.link.line("* ENABLED");
    Answer::ok("ENABLE completed.")
}
