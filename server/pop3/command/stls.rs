//! STLS (RFC 2595 4), before sign-in.

use super::capa;
use crate::Pop3Error;
use crate::reply::Reply;
use crate::session::Session;

/// Answers, then shakes hands: the answer is the last word in the clear, and what was said before counts no more.
pub(super) async fn run(session: &mut Session) -> Result<(), Pop3Error> {
    if !capa::can_start_tls(session) {
        return Err(Pop3Error::Refused("TLS is not available"));
    }
    session.link.say(&Reply::ok("Begin TLS negotiation now."));
    session.link.flush().await?;
    session.name = None;
    session.link.start_tls().await
}
