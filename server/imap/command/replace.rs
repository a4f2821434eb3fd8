//! REPLACE and UID REPLACE (RFC 8508), in the selected state: a message comes in place of another, in one transaction of
//! the store, so that a draft that is saved again is never there twice and never gone.

use store::{MessageRow, Rights, StoreError, Usage, Want, Write};
use types::{MailboxId, Uid};

use super::append::{admit, append_uid, drain, read_once, receive, refuse};
use super::sync;
use crate::ImapError;
use crate::answer::Answer;
use crate::session::Session;
use crate::wire::append::{Append, Next, Old, parse_next};
use crate::wire::sequence::{Bound, SequenceSet};

/// What the old message needs to go.
const LEAVING: Rights = Rights::MARK_DELETED.union(Rights::EXPUNGE);

/// Takes the message, or refuses it before it is sent.
pub(super) async fn run(session: &mut Session, append: Append, old: Old) -> Result<Answer, ImapError> {
    let head = append.head;
    let (from, uid, size) = match named(session, old).await? {
        Ok(named) => named,
        Err(answer) => return refuse(session, head, answer).await,
    };
    // What goes makes room for what comes.
    let more = Usage { bytes: head.size.saturating_sub(size), messages: 0 };
    let to = match admit(session, &append.mailbox, head.size, head.size, more).await? {
        Ok(target) => target,
        Err(answer) => return refuse(session, head, answer).await,
    };
    let (received, end) = receive(session, &head).await?;
    match parse_next(&head, &end) {
        Ok(Next::End) => {}
        Ok(Next::Message(further)) => {
            drain(session, further).await?;
            return Ok(Answer::bad("REPLACE takes one message"));
        }
        Err(error) => return Ok(Answer::bad(error.to_string())),
    }
    let message = read_once(session, &head, received?).await?;
    // As with APPEND: nobody would hear the answer, and the client will come back with the same message.
    if session.link.is_deserted(session.context.limits.command).await {
        return Err(ImapError::Closed);
    }
    let (leaving, writing) = (session.here(LEAVING)?, session.in_mailbox(to.owner, to.mailbox.id, Rights::INSERT)?);
    let placed = session.context.store.replace((&leaving, from), uid, (&writing, to.mailbox.id), message).await?;
    // RFC 8508 3.4: told before the old message is said to be gone.
    if let Some(code) = append_uid(&[placed]) {
        session.link.line(&format!("* OK [{code}] Replacement message ready."));
    }
    Ok(match sync::highest(session).await? {
        Some(code) => Answer::ok_with(code, "REPLACE completed."),
        None => Answer::ok("REPLACE completed."),
    })
}

/// Where the old message lies, which it is and how large, or why it cannot go.
async fn named(session: &mut Session, old: Old) -> Result<Result<(MailboxId, Uid, u64), Answer>, ImapError> {
    let Some(selected) = &session.selected else { return Ok(Err(Answer::bad("No mailbox selected"))) };
    if selected.read_only {
        return Ok(Err(Answer::no("READ-ONLY", "The mailbox is read-only")));
    }
    if let Err(ImapError::Auth(auth::AuthError::Store(StoreError::NotPermitted))) = session.here::<Write>(LEAVING) {
        return Ok(Err(Answer::no("NOPERM", StoreError::NotPermitted.to_string())));
    }
    // In an empty mailbox `*` is no message.
    if old.number == Bound::Last && selected.view.is_empty() {
        return Ok(Err(Answer::bad("Invalid messageset")));
    }
    let set = SequenceSet::Ranges(vec![(old.number, old.number)]);
    let (id, uids) = match sync::resolve(selected, old.uid, &set) {
        Ok(uids) => (selected.id, uids),
        Err(error) => return Ok(Err(Answer::bad(error.to_string()))),
    };
    let rows = session.context.store.messages(&session.here(Rights::READ)?, id, &uids, Want::default()).await?;
    Ok(match rows.first() {
        Some(row) => Ok((id, row.uid, MessageRow::size(row))),
        None => Err(Answer::no("NONEXISTENT", "The message does not exist")),
    })
}
