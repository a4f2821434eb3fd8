//! Opening a conversation: connect, greeting, EHLO, STARTTLS, AUTH.

use std::net::SocketAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use net::Conn;
use types::Reply;

use super::extensions::Extensions;
use super::session::{Patience, Session};
use super::trouble::{STARTTLS, Trouble};
use crate::hop::HopTls;
use crate::route::RouteTls;

/// Port on which TLS begins with the first byte (RFC 8314 3.3).
const SUBMISSIONS: u16 = 465;

/// Whom to talk to, and how.
pub(crate) struct Target<'a> {
    /// The host's name, or its address when it has none.
    pub host: &'a str,
    /// Where it is.
    pub addr: SocketAddr,
    /// How much TLS matters.
    pub policy: RouteTls,
    /// TLS itself.
    pub tls: &'a HopTls,
    /// Name and password.
    pub auth: Option<&'a (String, String)>,
    /// Our own name.
    pub hostname: &'a str,
    /// Whether a host that bears our name is a loop; not so for routes, which the administrator chose.
    pub from_mx: bool,
    /// Limits of time.
    pub patience: Patience,
}

/// Opens a conversation. Where TLS is opportunistic and fails, a second connection goes without it (RFC 7435).
///
/// # Errors
/// [`Trouble`] when the target cannot be talked to as it must be.
pub(crate) async fn open(target: &Target<'_>) -> Result<Session, Trouble> {
    match talk(target, target.policy).await {
        Err(Trouble::Handshake(error)) if target.policy == RouteTls::Opportunistic => {
            tracing::debug!(%error, "TLS failed; the mail goes in the clear");
            talk(target, RouteTls::None).await
        }
        result => result,
    }
}

async fn talk(target: &Target<'_>, policy: RouteTls) -> Result<Session, Trouble> {
    let conn = Conn::connect(target.addr, target.patience.connect)
        .await
        .map_err(|error| Trouble::Unreachable(error.to_string()))?;
    let mut session = Session::new(conn, target.host, target.patience);
    let implicit = target.addr.port() == SUBMISSIONS && policy != RouteTls::None;
    if implicit {
        session = encrypt(session, target, policy).await?;
    }
    let greeting = session.answer("the connection", target.patience.command).await?;
    expect("the connection", greeting, 2)?;
    hello(&mut session, target).await?;
    if !implicit && policy != RouteTls::None {
        session = start_tls(session, target, policy).await?;
    }
    if let Some(auth) = target.auth {
        sign_in(&mut session, auth).await?;
    }
    Ok(session)
}

async fn hello(session: &mut Session, target: &Target<'_>) -> Result<(), Trouble> {
    let mut reply = session.command("EHLO", &format!("EHLO {}\r\n", target.hostname)).await?;
    if reply.code / 100 == 5 {
        reply = session.command("HELO", &format!("HELO {}\r\n", target.hostname)).await?;
        reply.lines.truncate(1);
    }
    let reply = expect("EHLO", reply, 2)?;
    let name = reply.lines.first().and_then(|line| line.split_ascii_whitespace().next()).unwrap_or_default();
    if target.from_mx && name.eq_ignore_ascii_case(target.hostname) {
        return Err(Trouble::Ourselves);
    }
    session.extensions = Extensions::of(&reply);
    Ok(())
}

async fn start_tls(mut session: Session, target: &Target<'_>, policy: RouteTls) -> Result<Session, Trouble> {
    let required = policy == RouteTls::Required;
    if !session.extensions.starttls {
        return if required { Err(Trouble::NoTls) } else { Ok(session) };
    }
    let reply = session.command(STARTTLS, "STARTTLS\r\n").await?;
    if !reply.is_success() {
        return if required { Err(Trouble::Refused(STARTTLS, reply)) } else { Ok(session) };
    }
    let mut session = encrypt(session, target, policy).await?;
    hello(&mut session, target).await?;
    Ok(session)
}

/// Shakes hands. What was read before is thrown away, for anybody on the way may have written it (RFC 3207 4.2).
async fn encrypt(session: Session, target: &Target<'_>, policy: RouteTls) -> Result<Session, Trouble> {
    let verified = policy == RouteTls::Required;
    let config = if verified { &target.tls.verified } else { &target.tls.opportunistic };
    let name = target.host.trim_start_matches('[').trim_end_matches(']');
    let conn = session.conn.start_tls_as_client(config, name).await;
    let conn = conn.map_err(|error| Trouble::Handshake(error.to_string()))?;
    let session = Session::new(conn, target.host, target.patience);
    Ok(Session { proved: verified.then(|| name.to_owned()), ..session })
}

async fn sign_in(session: &mut Session, (name, password): &(String, String)) -> Result<(), Trouble> {
    if !session.conn.is_tls() {
        return Err(Trouble::NoSignIn("the route has a password, which is told only under TLS"));
    }
    if !session.extensions.auth_plain {
        return Err(Trouble::NoSignIn("the route has a password and its host does not offer AUTH PLAIN"));
    }
    let token = STANDARD.encode(format!("\0{name}\0{password}"));
    let reply = session.command("AUTH", &format!("AUTH PLAIN {token}\r\n")).await?;
    expect("AUTH", reply, 2).map(|_| ())
}

fn expect(to: &'static str, reply: Reply, class: u16) -> Result<Reply, Trouble> {
    if reply.code / 100 == class { Ok(reply) } else { Err(Trouble::Refused(to, reply)) }
}
