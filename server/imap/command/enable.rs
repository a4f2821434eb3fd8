//! ENABLE (RFC 5161), after sign-in. Asking for what is not known is no error (RFC 5161 3.1).

use super::news;
use crate::ImapError;
use crate::answer::Answer;
use crate::session::Session;

/// Enables what is known of `words` and tells it.
pub(super) async fn run(session: &mut Session, words: &[String]) -> Result<Answer, ImapError> {
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
    if enabled.metadata_server {
        news::listen(session).await?;
    }
    Ok(Answer::ok("ENABLE completed."))
}
