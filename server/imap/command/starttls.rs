//! STARTTLS (RFC 3501 6.2.1), before sign-in.

use super::Updates;
use crate::ImapError;
use crate::answer::Answer;
use crate::session::Session;

/// Answers, then shakes hands: the answer is the last word in the clear.
pub(crate) async fn run(session: &mut Session, tag: &str) -> Result<(), ImapError> {
    if session.identity.is_some() || !session.link.facts().is_some_and(net::Conn::can_start_tls) {
        return session.finish(tag, Ok(Answer::bad("TLS is not available")), Updates::None).await;
    }
    Answer::ok("Begin TLS negotiation now.").write(tag, session.link.out());
    session.link.flush().await?;
    session.link.start_tls().await
}
