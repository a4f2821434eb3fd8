//! APPEND (RFC 3501 6.3.11) with APPENDUID (RFC 4315), of several messages (MULTIAPPEND, RFC 3502) and of binary ones
//! (RFC 3516), after sign-in. Messages are streamed to the store; no more than a chunk is held here until a message is
//! read once for its summary. All are put in, or none.

use message::Parsed;
use store::{Bytes, Draft, NewMail, NewMessage, Placed, Rights, Usage};

use super::copy::destination;
use super::quota::{has_room, over_quota};
use super::replace;
use crate::ImapError;
use crate::answer::Answer;
use crate::mail::permit;
use crate::session::Session;
use crate::spaces::Found;
use crate::wire::append::{Append, Head, Next, parse_next};
use crate::wire::sequence::write_in_order;

/// Most messages of one APPEND.
const MOST_MESSAGES: usize = 1_000;

/// Takes the messages, or refuses each before it is sent.
pub(crate) async fn run(session: &mut Session, append: Append) -> Result<Answer, ImapError> {
    if append.head.utf8 && !session.enabled.utf8 {
        return refuse(session, append.head, Answer::bad("UTF8=ACCEPT is not enabled")).await;
    }
    if let Some(old) = append.replaces {
        return replace::run(session, append, old).await;
    }
    let (mut messages, mut head, mut sum) = (Vec::new(), append.head, 0u64);
    let target = loop {
        sum = sum.saturating_add(head.size);
        let admitted = if messages.len() < MOST_MESSAGES {
            let more = Usage { bytes: sum, messages: messages.len() as u64 + 1 };
            admit(session, &append.mailbox, head.size, sum, more).await?
        } else {
            Err(Answer::no("LIMIT", "Too many messages in one APPEND"))
        };
        let target = match admitted {
            Ok(target) => target,
            Err(answer) => return refuse(session, head, answer).await,
        };
        let (received, end) = receive(session, &head).await?;
        let next = match parse_next(&head, &end) {
            Ok(next) => next,
            Err(error) => return Ok(Answer::bad(error.to_string())),
        };
        let message = match received {
            Ok(draft) => read_once(session, &head, draft).await,
            Err(error) => Err(error),
        };
        match (message, next) {
            (Ok(message), Next::Message(further)) => {
                messages.push(message);
                head = further;
            }
            (Ok(message), Next::End) => {
                messages.push(message);
                break target;
            }
            (Err(error), Next::End) => return Err(error),
            (Err(error), Next::Message(further)) => {
                drain(session, further).await?;
                return Err(error);
            }
        }
    };
    // Nobody would hear the answer, so the client will come back, look for the message and send it again if it is
    // not there: a message put in after that look would be there twice.
    if session.link.is_deserted(session.context.limits.command).await {
        return Err(ImapError::Closed);
    }
    let access = session.in_mailbox(target.owner, target.mailbox.id, Rights::INSERT)?;
    let placed = session.context.store.append(&access, target.mailbox.id, messages).await?;
    Ok(match append_uid(&placed) {
        Some(code) => Answer::ok_with(code, "APPEND completed."),
        None => Answer::ok("APPEND completed."),
    })
}

/// `APPENDUID validity uids`
pub(super) fn append_uid(placed: &[Placed]) -> Option<String> {
    let mut code = format!("APPENDUID {} ", placed.first()?.uid_validity).into_bytes();
    write_in_order(&mut code, placed.iter().map(|placed| placed.uid));
    String::from_utf8(code).ok()
}

/// Refuses a message, and with it the command.
pub(super) async fn refuse(session: &mut Session, head: Head, answer: Answer) -> Result<Answer, ImapError> {
    drain(session, head).await?;
    Ok(answer)
}

/// Reads what comes of the command although nobody wants it, so that it is not taken for commands: the messages whose
/// client does not wait.
pub(super) async fn drain(session: &mut Session, mut head: Head) -> Result<(), ImapError> {
    while !head.waits {
        session.skip(head.size).await?;
        match parse_next(&head, &session.rest_of_line().await?) {
            Ok(Next::Message(next)) => head = next,
            _ => break,
        }
    }
    Ok(())
}

/// Whether a message of this size may go into that mailbox; `sum` is that of the command so far, `more` by how much the
/// mailboxes grow.
pub(super) async fn admit(
    session: &Session,
    name: &crate::wire::name::MailboxName,
    size: u64,
    sum: u64,
    more: Usage,
) -> Result<Result<Found, Answer>, ImapError> {
    let target = match destination(session, name, Rights::INSERT).await? {
        Ok(target) => target,
        Err(answer) => return Ok(Err(answer)),
    };
    // RFC 3502 6.3.11: a message of no bytes takes the whole command back.
    if size == 0 {
        return Ok(Err(Answer::no("CANNOT", "A message of no bytes cannot be stored")));
    }
    if sum > session.context.limits.message_size {
        let most = session.context.limits.message_size;
        return Ok(Err(Answer::no("TOOBIG", format!("The message is larger than {most} bytes"))));
    }
    if !has_room(session, target.owner, more).await? {
        return Ok(Err(over_quota()));
    }
    Ok(Ok(target))
}

/// Reads the literal, when its client waits after telling it to go on, and the rest of its line. A failure of the store does not leave the stream in the middle
/// of the message: the bytes are read to their end.
pub(super) async fn receive(
    session: &mut Session,
    head: &Head,
) -> Result<(Result<Draft, ImapError>, Vec<u8>), ImapError> {
    if head.waits {
        session.link.line("+ OK");
        session.link.flush().await?;
    }
    let Some(tenant) = session.identity.as_ref().map(auth::Identity::tenant) else { return Err(ImapError::Closed) };
    let context = session.context.clone();
    let mut writing = match context.store.begin(tenant, context.limits.message_size).await {
        Ok(writing) => writing,
        Err(error) => {
            session.skip(head.size).await?;
            return Ok((Err(error.into()), session.rest_of_line().await?));
        }
    };
    let (mut left, mut nul) = (head.size, false);
    while left > 0 {
        session.fill().await?;
        let input = session.link.input();
        let step = input.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let some = input.get(..step).unwrap_or_default();
        nul |= head.binary && memchr::memchr(0, some).is_some();
        let written = writing.write(some).await;
        session.used(step);
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
    // RFC 3516 4.4: mail with NUL is not stored, so it is refused with this code.
    let draft = if nul { Err(ImapError::UnknownEncoding) } else { writing.finish().await.map_err(ImapError::from) };
    Ok((draft, end))
}

/// Reads the message once, for its summary.
pub(super) async fn read_once(session: &Session, head: &Head, draft: Draft) -> Result<NewMessage, ImapError> {
    let context = &session.context;
    let permit = permit(context, draft.size()).await?;
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
    let saved = context.clock.now();
    Ok(NewMessage { mail, flags: head.flags.clone(), internal_date: head.date.unwrap_or(saved), saved })
}
