//! RCPT TO (RFC 5321 4.1.1.3) names a recipient; the door behind the listener says whether it takes mail for him.

use types::{Address, Reply};

use crate::reply;
use crate::session::Session;
use crate::stream::Ended;
use crate::wire::command::Wrong;

pub(crate) async fn run(session: &mut Session, to: Option<Address>) -> Result<(), Ended> {
    let Some(mail) = session.mail.as_ref().filter(|mail| mail.chunks.is_none()) else {
        return session.wrong(&reply::bad_sequence("Say MAIL first"));
    };
    let Some(to) = to.or_else(|| postmaster(session)) else {
        return session.wrong(&reply::wrong(&Wrong::Recipient(types::AddressError::NoDomain)));
    };
    if !to.is_ascii() && !mail.utf8 {
        return session.wrong(&reply::wrong(&Wrong::NeedsUtf8));
    }
    // The same person twice gets the mail once.
    let known = mail.envelope.to.contains(&to);
    let answer = if known {
        Ok(())
    } else if mail.envelope.to.len() >= session.context.limits.recipients {
        Err(reply::too_many_recipients())
    } else {
        let (from, size) = (mail.envelope.from.clone(), mail.size);
        session.judge(from.as_ref(), &to, size).await
    };
    let Some(mail) = &mut session.mail else { return Ok(()) };
    match answer {
        Ok(()) => {
            if !known {
                mail.envelope.to.push(to);
            }
            session.say(&Reply::new(250, (2, 1, 5), "Recipient OK"));
            Ok(())
        }
        Err(refusal) => {
            mail.refused = true;
            // Who guesses addresses shall not guess many; a mistyped one costs our own people nothing.
            if refusal.is_temporary() || session.author.is_some() || session.stream.conn().is_loopback() {
                session.say(&refusal);
                return Ok(());
            }
            session.wrong(&refusal)
        }
    }
}

/// `<Postmaster>` is the postmaster of this server (RFC 5321 4.5.1).
fn postmaster(session: &Session) -> Option<Address> {
    Address::parse(&format!("postmaster@{}", session.context.hostname)).ok()
}
