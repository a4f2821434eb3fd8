//! AUTHENTICATE (RFC 3501 6.2.2) with PLAIN (RFC 4616), SCRAM-SHA-256 and SCRAM-SHA-256-PLUS (RFC 7677, 9266), and an
//! initial response (SASL-IR, RFC 4959).

use auth::{AuthError, Binding};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

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
    if !["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"].contains(&mechanism) {
        return Ok(Answer::no("CANNOT", "This mechanism is not supported"));
    }
    if !capability::may_sign_in(session) {
        return Ok(Answer::no("PRIVACYREQUIRED", "Please use STARTTLS first"));
    }
    let first = match initial {
        Some(response) => response.0.into_bytes(),
        None => ask(session, "").await?,
    };
    let Some(first) = decoded(&first) else { return Ok(refused(&first)) };
    match mechanism {
        "PLAIN" => match plain(&first) {
            Some((name, password)) => login::run(session, &name, &password).await,
            None => Ok(Answer::bad("Not a valid response")),
        },
        "SCRAM-SHA-256" => {
            let offered = capability::exporter(session).is_some();
            scram(session, &first, Binding::None { offered }).await
        }
        _ => match capability::exporter(session) {
            Some(material) => scram(session, &first, Binding::TlsExporter(&material)).await,
            None => Ok(Answer::no("CANNOT", "This mechanism needs TLS 1.3")),
        },
    }
}

/// Sends a challenge; the client's response, still in base64.
async fn ask(session: &mut Session, challenge: &str) -> Result<Vec<u8>, ImapError> {
    session.link.line(&format!("+ {}", STANDARD.encode(challenge)));
    session.line().await
}

/// The response; `=` is an empty one (RFC 4959 3).
fn decoded(response: &[u8]) -> Option<String> {
    let response = response.trim_ascii();
    let bytes = if response == b"=" { Vec::new() } else { STANDARD.decode(response).ok()? };
    String::from_utf8(bytes).ok()
}

/// The answer to what is no response.
fn refused(response: &[u8]) -> Answer {
    Answer::bad(if response == b"*" { "Authentication cancelled" } else { "Not a valid response" })
}

/// The exchange of RFC 5802 5: two messages each; the server's last one is a challenge too, since IMAP has no place for
/// it in its answer.
async fn scram(session: &mut Session, first: &str, binding: Binding<'_>) -> Result<Answer, ImapError> {
    let Some(peer) = session.link.facts().map(net::Conn::peer) else { return Err(ImapError::Closed) };
    let context = session.context.clone();
    let begun = context.auth.scram(first, binding, peer.ip(), context.clock.now());
    let exchange = match begun {
        Ok(exchange) => exchange,
        Err(AuthError::Refused) => return login::refused(session),
        Err(error) => return Err(error.into()),
    };
    let response = ask(session, exchange.challenge()).await?;
    let Some(last) = decoded(&response) else { return Ok(refused(&response)) };
    match context.auth.scram_end(exchange, &last, peer.ip(), context.clock.now()) {
        Ok((identity, proof)) => {
            let end = ask(session, &proof).await?;
            // The client has the proof now; all it can say is that it does not like it.
            if decoded(&end).is_none_or(|end| !end.is_empty()) {
                return Ok(refused(&end));
            }
            Ok(login::welcome(session, identity))
        }
        Err(AuthError::Refused) => login::refused(session),
        Err(error) => Err(error.into()),
    }
}

/// Name and password out of `authzid NUL authcid NUL password`. Acting for another is not known here: an authzid must be
/// the name itself.
fn plain(response: &str) -> Option<(String, String)> {
    let mut parts = response.split('\0');
    let (acting_for, name, password) = (parts.next()?, parts.next()?, parts.next()?);
    let same = acting_for.is_empty() || acting_for == name;
    (same && parts.next().is_none()).then(|| (name.to_owned(), password.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_holds_name_and_password() {
        let want = Some(("taro".to_owned(), "geheim".to_owned()));
        assert_eq!(plain("\0taro\0geheim"), want);
        assert_eq!(plain("taro\0taro\0geheim"), want);
        for broken in ["hanako\0taro\0geheim", "taro\0geheim", "\0a\0b\0c", ""] {
            assert_eq!(plain(broken), None);
        }
        assert_eq!(decoded(b"!!"), None);
        assert_eq!(decoded(b"=").as_deref(), Some(""));
    }
}
