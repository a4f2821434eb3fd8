//! LOGIN (RFC 3501 6.2.3), before sign-in; and what LOGIN and AUTHENTICATE share.

use auth::AuthError;

use super::capability;
use crate::ImapError;
use crate::answer::Answer;
use crate::session::Session;

/// Signs in with name and password.
pub(super) async fn run(session: &mut Session, name: &str, password: &str) -> Result<Answer, ImapError> {
    let Some(peer) = session.link.facts().map(net::Conn::peer) else { return Err(ImapError::Closed) };
    if !capability::may_sign_in(session) {
        return Ok(Answer::no("PRIVACYREQUIRED", "Please use STARTTLS first"));
    }
    let now = session.context.clock.now();
    match session.context.auth.sign_in(name, password, peer.ip(), now).await {
        Ok(identity) => {
            session.signed_in(identity);
            let code = format!("CAPABILITY {}", capability::words(session));
            Ok(Answer::ok_with(code, "Logged in"))
        }
        Err(AuthError::Refused) => {
            session.count_error()?;
            Ok(Answer::no("AUTHENTICATIONFAILED", "The name or the password is wrong"))
        }
        Err(error) => Err(error.into()),
    }
}
