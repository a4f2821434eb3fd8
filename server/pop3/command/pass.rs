//! USER and PASS (RFC 1939 7), and what every way of signing in ends with: the maildrop is locked and opened.

use auth::{AuthError, Identity};

use super::capa;
use crate::Pop3Error;
use crate::maildrop::{Maildrop, Opening};
use crate::reply::{Code, Reply};
use crate::session::Session;
use crate::wire::command::Secret;

/// Keeps the name for PASS; whether there is such a person is not said.
pub(super) fn user(session: &mut Session, name: String) -> Result<(), Pop3Error> {
    if !capa::may_sign_in(session) {
        return Err(Pop3Error::NeedsTls);
    }
    session.name = Some(name);
    session.link.say(&Reply::ok(""));
    Ok(())
}

/// Signs in with the name of USER and this password.
pub(super) async fn run(session: &mut Session, password: &Secret) -> Result<(), Pop3Error> {
    if !capa::may_sign_in(session) {
        return Err(Pop3Error::NeedsTls);
    }
    let name = session.name.take().ok_or(Pop3Error::Refused("Please say USER first"))?;
    let peer = session.link.facts().map(net::Conn::peer).ok_or(Pop3Error::Closed)?;
    let context = session.context.clone();
    match context.auth.sign_in(&name, &password.0, peer.ip(), context.clock.now()).await {
        Ok(identity) => welcome(session, identity).await,
        Err(error) => refused(session, error),
    }
}

/// Somebody has proved who he is: his maildrop is opened, unless another session has it.
pub(super) async fn welcome(session: &mut Session, identity: Identity) -> Result<(), Pop3Error> {
    let context = session.context.clone();
    let lock = context.locks.take(identity.user()).ok_or(Pop3Error::InUse)?;
    let access = context.auth.read_account(&identity)?;
    let inbox = context.store.mailbox_named(&access, "INBOX").await?;
    let drop = Maildrop::new(context.store.examine(&access, inbox.id).await?);
    session.opened(Opening { identity, drop, lock });
    session.link.say(&Reply::ok("Logged in."));
    Ok(())
}

/// The same words whatever was wrong, but for who has proved his password and needs another one; too many end the session.
pub(super) fn refused(session: &mut Session, error: AuthError) -> Result<(), Pop3Error> {
    let text = match error {
        AuthError::Refused => "The name or the password is wrong",
        AuthError::NeedsAppPassword => {
            "This account has a second factor: use an app password (webmail, Settings, Security)"
        }
        other => return Err(other.into()),
    };
    session.link.say(&Reply::coded(Code::Auth, text));
    session.count_error()
}
