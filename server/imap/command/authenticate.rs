//! AUTHENTICATE (RFC 3501 6.2.2) with the mechanisms of `auth::sasl`, and an initial response (SASL-IR, RFC 4959).

use auth::AuthError;
use auth::sasl::{self, Exchange, Mechanism, Step};

use super::{capability, login};
use crate::ImapError;
use crate::answer::Answer;
use crate::session::Session;
use crate::wire::command::Password;

/// Signs in.
pub(super) async fn run(
    session: &mut Session,
    mechanism: &str,
    initial: Option<Password>,
) -> Result<Answer, ImapError> {
    let Some(mechanism) = Mechanism::named(mechanism) else {
        return Ok(Answer::no("CANNOT", "This mechanism is not supported"));
    };
    if !capability::may_sign_in(session) {
        return Ok(Answer::no("PRIVACYREQUIRED", "Please use STARTTLS first"));
    }
    let exporter = capability::exporter(session);
    if !Mechanism::offered(exporter.is_some()).contains(&mechanism) {
        return Ok(Answer::no("CANNOT", "This mechanism needs TLS 1.3"));
    }
    let Some(peer) = session.link.facts().map(net::Conn::peer) else { return Err(ImapError::Closed) };
    let first = match initial {
        Some(response) => response.0.into_bytes(),
        None => ask(session, "").await?,
    };
    exchange(session, Exchange::new(mechanism, exporter, peer.ip()), first).await
}

/// Challenges and responses until somebody has signed in or is refused.
async fn exchange(session: &mut Session, mut exchange: Exchange, first: Vec<u8>) -> Result<Answer, ImapError> {
    let (context, mut line) = (session.context.clone(), first);
    loop {
        let step = match sasl::response(&line) {
            Ok(response) => context.auth.sasl(&mut exchange, &response, context.clock.now()).await,
            Err(error) => Err(error),
        };
        match step {
            Ok(Step::Challenge(challenge)) => line = ask(session, &challenge).await?,
            Ok(Step::SignedIn(identity)) => return Ok(login::welcome(session, identity)),
            Err(error @ (AuthError::Refused | AuthError::NeedsAppPassword)) => return login::refused(session, &error),
            Err(AuthError::Response(why)) => return Ok(Answer::bad(why)),
            Err(error) => return Err(error.into()),
        }
    }
}

/// Sends a challenge; the client's response, still in base64.
async fn ask(session: &mut Session, challenge: &str) -> Result<Vec<u8>, ImapError> {
    session.link.line(&format!("+ {}", sasl::challenge(challenge)));
    session.line().await
}
