//! APPEND (RFC 3501 6.3.11) with APPENDUID (RFC 4315), after sign-in. The message is streamed to the store; no
//! more than a chunk of it is held here until it is read once for its summary.

use message::Parsed;
use store::{Bytes, Draft, Mailbox, NewMail, NewMessage, Store};

use super::copy::destination;
use crate::ImapError;
use crate::answer::Answer;
use crate::mail::Reader;
use crate::session::{Literal, Session};
use crate::wire::append::Append;

/// Takes the message, or refuses it before it is sent.
pub(crate) async fn run(session: &mut Session, append: Append, literal: Literal) -> Result<Answer, ImapError> {
    let mailbox = match admit(session, &append, literal.size).await? {
        Ok(mailbox) => mailbox,
        Err(answer) => {
            if !literal.waits {
                session.skip(literal.size).await?;
                session.rest_of_line().await?;
            }
            return Ok(answer);
        }
    };
    if literal.waits {
        session.link.line("+ OK");
        session.link.flush().await?;
    }
    let (draft, end) = receive(session, literal.size).await?;
    if !end.trim_ascii().is_empty() {
        return Ok(Answer::bad("APPEND takes one message"));
    }
    let message = read_once(session, append, draft?).await?;
    // Nobody would hear the answer, so the client will come back, look for the message and send it again if it is
    // not there: a message put in after that look would be there twice.
    if session.link.is_deserted(session.context.limits.command).await {
        return Err(ImapError::Closed);
    }
    let placed = session.context.store.append(&session.writing()?, mailbox.id, vec![message]).await?;
    Ok(match placed.first() {
        Some(placed) => {
            Answer::ok_with(format!("APPENDUID {} {}", placed.uid_validity, placed.uid), "APPEND completed.")
        }
        None => Answer::ok("APPEND completed."),
    })
}

/// Whether a message of this size may go into that mailbox.
async fn admit(session: &Session, append: &Append, size: u64) -> Result<Result<Mailbox, Answer>, ImapError> {
    let mailbox = match destination(session, &append.mailbox).await? {
        Ok(mailbox) => mailbox,
        Err(answer) => return Ok(Err(answer)),
    };
    if size == 0 {
        return Ok(Err(Answer::no("CANNOT", "A message of no bytes cannot be stored")));
    }
    if size > session.context.limits.message_size {
        let most = session.context.limits.message_size;
        return Ok(Err(Answer::no("TOOBIG", format!("The message is larger than {most} bytes"))));
    }
    if over_quota(session, &session.context.store, size).await? {
        return Ok(Err(Answer::no("OVERQUOTA", "The mailboxes are full")));
    }
    Ok(Ok(mailbox))
}

async fn over_quota(session: &Session, store: &Store, size: u64) -> Result<bool, ImapError> {
    let Some(identity) = &session.identity else { return Ok(false) };
    let user = session.context.auth.person(identity)?;
    let Some(quota) = user.quota else { return Ok(false) };
    Ok(store.usage(user.id).await?.saturating_add(size) > quota)
}

/// Reads the literal and the rest of its line. A failure of the store does not leave the stream in the middle
/// of the message: the bytes are read to their end.
async fn receive(session: &mut Session, size: u64) -> Result<(Result<Draft, ImapError>, Vec<u8>), ImapError> {
    let Some(tenant) = session.identity.as_ref().map(auth::Identity::tenant) else { return Err(ImapError::Closed) };
    let context = session.context.clone();
    let mut writing = match context.store.begin(tenant, context.limits.message_size).await {
        Ok(writing) => writing,
        Err(error) => {
            session.skip(size).await?;
            return Ok((Err(error.into()), session.rest_of_line().await?));
        }
    };
    let mut left = size;
    while left > 0 {
        if session.link.input().is_empty() {
            session.fill().await?;
        }
        let input = session.link.input();
        let step = input.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let written = writing.write(input.get(..step).unwrap_or_default()).await;
        session.link.used(step);
        left -= step as u64;
        if let Err(error) = written {
            session.skip(left).await?;
            return Ok((Err(error.into()), session.rest_of_line().await?));
        }
    }
    if session.link.input().is_empty() {
        // imaplib sends the line's end by itself
        session.link.facts().map(net::Conn::acknowledge);
    }
    let end = session.rest_of_line().await?;
    Ok((writing.finish().await.map_err(ImapError::from), end))
}

/// Reads the message once, for its summary.
async fn read_once(session: &Session, append: Append, draft: Draft) -> Result<NewMessage, ImapError> {
    let context = &session.context;
    let permit = Reader::new(context, session.reading()?).permit(draft.size()).await?;
    let bytes = context.store.draft_bytes(&draft).await?;
    let summary = Parsed::parse(&bytes, &context.limits).summary().to_bytes();
    drop((bytes, permit));
    let mail = NewMail {
        tenant: draft.tenant(),
        bytes: Bytes::New(draft),
        summary,
        // Nobody has looked for numbers in it, so its summary is sealed as if there were some.
        sensitive: true,
    };
    let internal_date = append.date.unwrap_or_else(|| context.clock.now());
    Ok(NewMessage { mail, flags: append.flags, internal_date })
}
