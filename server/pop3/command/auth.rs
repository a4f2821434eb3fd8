//! AUTH (RFC 5034) with the mechanisms of `auth::sasl`, and an initial response.

use ::auth::AuthError;
use ::auth::sasl::{self, Exchange, Mechanism, Step};
use zeroize::Zeroizing;

use super::{capa, pass};
use crate::Pop3Error;
use crate::reply::Reply;
use crate::session::Session;
use crate::wire::command::Secret;

/// AUTH without a mechanism: which there are, as Outlook asks and Dovecot answers.
pub(super) fn list(session: &mut Session) {
    session.link.say(&Reply::ok(""));
    if capa::may_sign_in(session) {
        capa::mechanisms(session).iter().for_each(|mechanism| session.link.line(mechanism.name()));
    }
    session.link.line(".");
}

/// Signs in.
pub(super) async fn run(session: &mut Session, name: &str, initial: Option<Secret>) -> Result<(), Pop3Error> {
    if !capa::may_sign_in(session) {
        return Err(Pop3Error::NeedsTls);
    }
    let mechanism = Mechanism::named(name).filter(|mechanism| capa::mechanisms(session).contains(mechanism));
    let mechanism = mechanism.ok_or(Pop3Error::Refused("This mechanism is not supported"))?;
    let peer = session.link.facts().map(net::Conn::peer).ok_or(Pop3Error::Closed)?;
    let mut exchange = Exchange::new(mechanism, capa::exporter(session), peer.ip());
    let mut line = match initial {
        Some(response) => Zeroizing::new(response.0.as_bytes().to_vec()),
        None => ask(session, "").await?,
    };
    let context = session.context.clone();
    loop {
        let response = sasl::response(&line)?;
        match context.auth.sasl(&mut exchange, &response, context.clock.now()).await {
            Ok(Step::Challenge(challenge)) => line = ask(session, &challenge).await?,
            Ok(Step::SignedIn(identity)) => return pass::welcome(session, identity).await,
            Err(error @ (AuthError::Refused | AuthError::NeedsAppPassword)) => return pass::refused(session, error),
            Err(error) => return Err(error.into()),
        }
    }
}

/// Sends a challenge; the client's response, still in base64.
async fn ask(session: &mut Session, challenge: &str) -> Result<Zeroizing<Vec<u8>>, Pop3Error> {
    session.link.line(&format!("+ {}", sasl::challenge(challenge)));
    let most = session.context.limits.command_line;
    Ok(Zeroizing::new(session.line(most).await?))
}
