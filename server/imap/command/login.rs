//! LOGIN (RFC 3501 6.2.3), before sign-in; and what LOGIN and AUTHENTICATE share.

use auth::{AuthError, Identity};

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
        Ok(identity) => Ok(welcome(session, identity)),
        Err(error @ (AuthError::Refused | AuthError::NeedsAppPassword)) => refused(session, &error),
        Err(error) => Err(error.into()),
    }
}

/// Somebody has signed in.
pub(super) fn welcome(session: &mut Session, identity: Identity) -> Answer {
    session.signed_in(identity);
    Answer::ok_with(format!("CAPABILITY {}", capability::words(session)), "Logged in")
}

/// The same words whatever was wrong, but for who has proved his password and needs another one; too many end the session.
pub(super) fn refused(session: &mut Session, error: &AuthError) -> Result<Answer, ImapError> {
    session.count_error()?;
    let text = match error {
        AuthError::NeedsAppPassword => {
            "This account has a second factor: use an app password (webmail, Settings, Security)"
        }
        _ => "The name or the password is wrong",
    };
    Ok(Answer::no("AUTHENTICATIONFAILED", text))
}
