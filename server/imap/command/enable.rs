//! ENABLE (RFC 5161), after sign-in. Asking for what is not known is no error (RFC 5161 3.1).

use crate::answer::Answer;
use crate::session::Session;

/// Enables what is known of `words` and tells it.
pub(super) fn run(session: &mut Session, words: &[String]) -> Answer {
    let mut enabled = session.enabled;
    let known = words.iter().filter_map(|word| enabled.enable(word));
    let line: Vec<&str> = std::iter::once("* ENABLED").chain(known).collect();
    session.link.line(&line.join(" "));
    if enabled.condstore {
        session.enable_condstore();
    }
    session.enabled = enabled;
    if let Some(selected) = &mut session.selected {
        selected.enabled = enabled;
    }
    Answer::ok("ENABLE completed.")
}
