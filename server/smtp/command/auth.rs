//! AUTH (RFC 4954) with PLAIN (RFC 4616) and LOGIN. Allowed on submission, over TLS or from this machine, once.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use types::Reply;
use zeroize::Zeroizing;

use crate::reply;
use crate::session::Session;
use crate::stream::{Ended, Line};

/// Base64 of `Username:` and `Password:`, as mail programs expect them.
const USERNAME: &str = "VXNlcm5hbWU6";
const PASSWORD: &str = "UGFzc3dvcmQ6";

/// What a client sent in answer to a challenge.
type Response = Zeroizing<Vec<u8>>;

pub(crate) async fn run(session: &mut Session, mechanism: &str, initial: Option<String>) -> Result<(), Ended> {
    if let Err(refusal) = allowed(session) {
        return session.wrong(&refusal);
    }
    let initial = initial.map(Zeroizing::new);
    let credentials = match mechanism {
        "PLAIN" => plain(session, initial).await?,
        "LOGIN" => login(session, initial).await?,
        _ => Err(Reply::new(504, (5, 5, 4), "Only PLAIN and LOGIN are served")),
    };
    let signed_in = match credentials {
        Ok((name, password)) => session.context.submissions.sign_in(&name, &password, &session.peer).await,
        Err(refusal) => Err(refusal),
    };
    match signed_in {
        Ok(author) => {
            session.author = Some(author);
            session.say(&Reply::new(235, (2, 7, 0), "Signed in"));
            Ok(())
        }
        Err(refusal) => session.wrong(&refusal),
    }
}

fn allowed(session: &Session) -> Result<(), Reply> {
    if !session.peer.kind.is_submission() {
        return Err(Reply::new(502, (5, 5, 1), "No sign-in on this port, use 587 or 465"));
    }
    if session.greeted.is_none() {
        return Err(reply::bad_sequence("Say EHLO first"));
    }
    if session.author.is_some() || session.mail.is_some() {
        return Err(reply::bad_sequence("AUTH cannot come now"));
    }
    if session.may_sign_in() {
        return Ok(());
    }
    Err(Reply::new(538, (5, 7, 11), "Encryption needed: issue STARTTLS first"))
}

/// Name and password, or the refusal.
type Credentials = Result<(String, Zeroizing<String>), Reply>;

async fn plain(session: &mut Session, initial: Option<Zeroizing<String>>) -> Result<Credentials, Ended> {
    let response = match initial {
        Some(initial) => decode(initial.as_bytes()),
        None => ask(session, "").await?,
    };
    Ok(response.and_then(|response| split_plain(&response)))
}

/// `authorisation NUL name NUL password`; to act for somebody else is not possible here.
fn split_plain(response: &[u8]) -> Credentials {
    let mut parts = response.split(|byte| *byte == 0);
    let (Some(acts_as), Some(name), Some(password), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(malformed());
    };
    let (acts_as, name, password) = (text(acts_as)?, text(name)?, Zeroizing::new(text(password)?));
    if name.is_empty() || !(acts_as.is_empty() || acts_as == name) {
        return Err(Reply::new(535, (5, 7, 8), "You can only sign in as yourself"));
    }
    Ok((name, password))
}

async fn login(session: &mut Session, initial: Option<Zeroizing<String>>) -> Result<Credentials, Ended> {
    let name = match initial {
        Some(initial) => decode(initial.as_bytes()),
        None => ask(session, USERNAME).await?,
    };
    let name = match name.and_then(|name| text(&name)) {
        Ok(name) => name,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let password = ask(session, PASSWORD).await?;
    Ok(password.and_then(|password| Ok((name, Zeroizing::new(text(&password)?)))))
}

/// Sends a challenge and reads the response; `*` gives up.
async fn ask(session: &mut Session, challenge: &str) -> Result<Result<Response, Reply>, Ended> {
    session.say(&Reply::bare(334, challenge));
    let patience = session.patience();
    Ok(match session.stream.line(patience).await? {
        Line::Text(line) if line == b"*" => Err(Reply::new(501, (5, 7, 0), "Sign-in given up")),
        Line::Text(line) => decode(&Zeroizing::new(line)),
        Line::BadEnd => Err(reply::bad_line_end()),
        Line::TooLong => Err(reply::line_too_long()),
    })
}

/// Reads base64; a lone `=` is an empty initial response (RFC 4954 4).
fn decode(line: &[u8]) -> Result<Response, Reply> {
    let line = if line == b"=" { b"" } else { line };
    STANDARD.decode(line).map(Zeroizing::new).map_err(|_| malformed())
}

fn text(bytes: &[u8]) -> Result<String, Reply> {
    std::str::from_utf8(bytes).map(str::to_owned).map_err(|_| malformed())
}

fn malformed() -> Reply {
    Reply::new(501, (5, 5, 2), "The response cannot be read")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_names_one_person_only() {
        let (name, password) = split_plain(b"\0taro@example.jp\0geheim").unwrap();
        assert_eq!((name.as_str(), password.as_str()), ("taro@example.jp", "geheim"));
        assert!(split_plain(b"taro\0taro\0x").is_ok());
        assert_eq!(split_plain(b"hanako\0taro\0x").unwrap_err().code, 535);
        assert_eq!(split_plain(b"\0\0x").unwrap_err().code, 535);
        for bad in [&b""[..], b"taro\0x", b"\0a\0b\0c", b"\0\xff\0x"] {
            assert_eq!(split_plain(bad).unwrap_err().code, 501);
        }
    }

    #[test]
    fn a_lone_equals_sign_is_an_empty_response() {
        assert_eq!(decode(b"=").unwrap().as_slice(), b"");
        assert_eq!(decode(b"%%").unwrap_err().code, 501);
    }
}
