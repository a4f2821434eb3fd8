//! MAIL FROM (RFC 5321 4.1.1.2) begins a transaction. Allowed after a greeting; on submission after sign-in.

use types::{Envelope, Reply};

use crate::reply;
use crate::session::{Session, Transaction};
use crate::stream::Ended;
use crate::wire::command::Mail;

pub(crate) async fn run(session: &mut Session, mail: Mail) -> Result<(), Ended> {
    if let Err(refusal) = allowed(session, &mail) {
        return session.wrong(&refusal);
    }
    if let Some(author) = &session.author
        && let Err(refusal) = author.may_send_as(mail.from.as_ref()).await
    {
        session.say(&refusal);
        return Ok(());
    }
    session.mail = Some(Transaction {
        envelope: Envelope { from: mail.from, to: Vec::new() },
        utf8: mail.utf8,
        size: mail.size,
        refused: false,
        chunks: None,
    });
    session.say(&Reply::new(250, (2, 1, 0), "Sender OK"));
    Ok(())
}

fn allowed(session: &Session, mail: &Mail) -> Result<(), Reply> {
    if session.greeted.is_none() {
        return Err(reply::bad_sequence("Say EHLO first"));
    }
    if session.mail.is_some() {
        return Err(reply::bad_sequence("A mail is under way already"));
    }
    if session.peer.kind.is_submission() && session.author.is_none() {
        return Err(if session.may_sign_in() { reply::needs_sign_in() } else { reply::needs_tls() });
    }
    let most = session.context.limits.message_size;
    if mail.size.is_some_and(|size| size > most) { Err(reply::too_big(most)) } else { Ok(()) }
}
