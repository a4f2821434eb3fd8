//! SASL (RFC 4422) as the line protocols of mail readers speak it: an exchange of base64 lines that ends with somebody
//! signed in. It knows PLAIN (RFC 4616) and SCRAM-SHA-256 with and without channel binding (RFC 7677, 9266), and not
//! how a protocol writes its challenges.
//!
//! The server's last message of SCRAM is a challenge too, which the client answers with nothing: neither IMAP (RFC 3501
//! 6.2.2) nor POP3 (RFC 5034 4) has a place for it in the answer.

use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use types::Timestamp;
use zeroize::Zeroizing;

use crate::{Auth, AuthError, Binding, Identity, Scram};

/// A way to prove who one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mechanism {
    /// Name and password as they are.
    Plain,
    /// The password is proved and not sent.
    ScramSha256,
    /// The same, for this very TLS connection.
    ScramSha256Plus,
}

impl Mechanism {
    /// The mechanism of this name, in any case.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::offered(true).iter().copied().find(|known| known.name().eq_ignore_ascii_case(name))
    }

    /// Its registered name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plain => "PLAIN",
            Self::ScramSha256 => "SCRAM-SHA-256",
            Self::ScramSha256Plus => "SCRAM-SHA-256-PLUS",
        }
    }

    /// What is offered, the strongest first; `bound`: on a connection that a proof can be bound to.
    #[must_use]
    pub const fn offered(bound: bool) -> &'static [Self] {
        if bound { &[Self::ScramSha256Plus, Self::ScramSha256, Self::Plain] } else { &[Self::ScramSha256, Self::Plain] }
    }
}

/// An exchange that has begun.
#[derive(Debug)]
pub struct Exchange {
    mechanism: Mechanism,
    exporter: Option<[u8; 32]>,
    peer: IpAddr,
    state: State,
}

/// What the client sends next.
#[derive(Debug)]
enum State {
    /// Its first message.
    First,
    /// The proof of its password.
    Proof(Scram),
    /// Nothing: it has our proof.
    Nothing(Identity),
    /// Nothing at all: the exchange is over.
    Over,
}

/// What follows a response.
#[derive(Debug)]
pub enum Step {
    /// This is sent to the client, which answers it.
    Challenge(String),
    /// Somebody has signed in.
    SignedIn(Identity),
}

impl Exchange {
    /// Begins with a peer; `exporter` is the keying material of its connection, where TLS gives some
    /// (`net::Conn::tls_exporter`).
    #[must_use]
    pub fn new(mechanism: Mechanism, exporter: Option<[u8; 32]>, peer: IpAddr) -> Self {
        Self { mechanism, exporter, peer, state: State::First }
    }
}

/// Reads a response line: base64; a lone `=` is an empty one (RFC 4959 3, RFC 5034 4).
///
/// # Errors
/// [`AuthError::Response`]: it gives up (`*`), or is no response.
pub fn response(line: &[u8]) -> Result<Zeroizing<String>, AuthError> {
    match line.trim_ascii() {
        b"*" => Err(AuthError::Response("Authentication cancelled")),
        b"=" => Ok(Zeroizing::new(String::new())),
        base64 => {
            let bytes = STANDARD.decode(base64).map_err(|_| UNREADABLE)?;
            String::from_utf8(bytes).map(Zeroizing::new).map_err(|_| UNREADABLE)
        }
    }
}

/// A challenge as it is written: in base64.
#[must_use]
pub fn challenge(text: &str) -> String {
    STANDARD.encode(text)
}

const UNREADABLE: AuthError = AuthError::Response("Not a valid response");

impl Auth {
    /// Goes on with an exchange after the client's response. After an error it is over.
    ///
    /// # Errors
    /// As [`Self::sign_in`]; [`AuthError::Response`] when the response has not the form of its mechanism.
    pub async fn sasl(&self, exchange: &mut Exchange, response: &str, now: Timestamp) -> Result<Step, AuthError> {
        let peer = exchange.peer;
        match std::mem::replace(&mut exchange.state, State::Over) {
            State::First if exchange.mechanism == Mechanism::Plain => {
                let (name, password) = plain(response).ok_or(UNREADABLE)?;
                Ok(Step::SignedIn(self.sign_in(name, password, peer, now).await?))
            }
            State::First => {
                tokio::time::sleep(self.attempts.turn(peer, now)?).await;
                let scram = self.scram(response, exchange.binding()?, peer, now)?;
                let challenge = scram.challenge().to_owned();
                exchange.state = State::Proof(scram);
                Ok(Step::Challenge(challenge))
            }
            State::Proof(scram) => {
                let proved = self.scram_end(scram, response, peer, now)?;
                if let Some(app) = proved.app {
                    self.app_used(app, now).await;
                }
                exchange.state = State::Nothing(proved.identity);
                Ok(Step::Challenge(proved.server_final))
            }
            State::Nothing(identity) if response.is_empty() => Ok(Step::SignedIn(identity)),
            State::Nothing(_) | State::Over => Err(UNREADABLE),
        }
    }
}

impl Exchange {
    fn binding(&self) -> Result<Binding<'_>, AuthError> {
        match (self.mechanism, &self.exporter) {
            (Mechanism::ScramSha256Plus, Some(material)) => Ok(Binding::TlsExporter(material)),
            (Mechanism::ScramSha256Plus, None) => Err(AuthError::Refused),
            _ => Ok(Binding::None { offered: self.exporter.is_some() }),
        }
    }
}

/// Name and password out of `authzid NUL authcid NUL password`. Acting for another is not known here: an authzid must be
/// the name itself.
fn plain(response: &str) -> Option<(&str, &str)> {
    let mut parts = response.split('\0');
    let (acting_for, name, password) = (parts.next()?, parts.next()?, parts.next()?);
    let same = acting_for.is_empty() || acting_for == name;
    (same && parts.next().is_none()).then_some((name, password))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_holds_name_and_password() {
        let want = Some(("taro", "geheim"));
        assert_eq!(plain("\0taro\0geheim"), want);
        assert_eq!(plain("taro\0taro\0geheim"), want);
        for broken in ["hanako\0taro\0geheim", "taro\0geheim", "\0a\0b\0c", ""] {
            assert_eq!(plain(broken), None);
        }
    }

    #[test]
    fn a_response_is_base64_of_text_an_equals_sign_is_an_empty_one_and_a_star_gives_up() {
        assert_eq!(response(b"dGFybw==").unwrap().as_str(), "taro");
        assert_eq!(response(b"=").unwrap().as_str(), "");
        assert_eq!(response(b"").unwrap().as_str(), "");
        for (line, why) in [(&b"*"[..], "Authentication cancelled"), (b"!!", "Not a valid response")] {
            assert_eq!(response(line).unwrap_err().to_string(), why);
        }
        assert!(response(b"/w==").is_err(), "not UTF-8");
    }

    #[test]
    fn mechanisms_are_found_in_any_case_and_the_strongest_is_offered_first() {
        assert_eq!(Mechanism::named("scram-sha-256-plus"), Some(Mechanism::ScramSha256Plus));
        assert_eq!(Mechanism::named("LOGIN"), None);
        assert_eq!(Mechanism::offered(true)[0], Mechanism::ScramSha256Plus);
        assert!(!Mechanism::offered(false).contains(&Mechanism::ScramSha256Plus));
    }
}
