//! AUTHENTICATE (RFC 3501 6.2.2) with PLAIN (RFC 4616) and an initial response (SASL-IR, RFC 4959).

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
    if mechanism != "PLAIN" {
        return Ok(Answer::no("CANNOT", "This mechanism is not supported"));
    }
    if !capability::may_sign_in(session) {
        return Ok(Answer::no("PRIVACYREQUIRED", "Please use STARTTLS first"));
    }
    let response = match initial {
        Some(response) => response.0.into_bytes(),
        None => {
            session.link.line("+ ");
            session.line().await?
        }
    };
    if response == b"*" {
        return Ok(Answer::bad("Authentication cancelled"));
    }
    match plain(&response) {
        Some((name, password)) => login::run(session, &name, &password).await,
        None => Ok(Answer::bad("Not a valid response")),
    }
}

/// Name and password out of `base64(authzid NUL authcid NUL password)`. Acting for another is not known here:
/// an authzid must be the name itself.
fn plain(response: &[u8]) -> Option<(String, String)> {
    let decoded = STANDARD.decode(response.trim_ascii()).ok()?;
    let text = String::from_utf8(decoded).ok()?;
    let mut parts = text.split('\0');
    let (acting_for, name, password) = (parts.next()?, parts.next()?, parts.next()?);
    let same = acting_for.is_empty() || acting_for == name;
    (same && parts.next().is_none()).then(|| (name.to_owned(), password.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(String, String)> {
        plain(STANDARD.encode(text).as_bytes())
    }

    #[test]
    fn plain_holds_name_and_password() {
        let want = Some(("taro".to_owned(), "geheim".to_owned()));
        assert_eq!(read("\0taro\0geheim"), want);
        assert_eq!(read("taro\0taro\0geheim"), want);
        for broken in ["hanako\0taro\0geheim", "taro\0geheim", "\0a\0b\0c", ""] {
            assert_eq!(read(broken), None);
        }
        assert_eq!(plain(b"!!"), None);
    }
}
