//! COPY (RFC 3501 6.4.7) and MOVE (RFC 6851), with COPYUID (RFC 4315), in the selected state.

use store::{Mailbox, MessageRow, Moved, StoreError, Usage, Want};
use types::{MailboxId, UidSet};

use super::quota::{has_room, over_quota};
use super::sync::{self, resolve, selected, windows};
use crate::ImapError;
use crate::answer::Answer;
use crate::session::Session;
use crate::wire::name::MailboxName;
use crate::wire::sequence::{SequenceSet, write_in_order};

/// The destination, or the answer that it could be created.
pub(super) async fn destination(session: &Session, name: &MailboxName) -> Result<Result<Mailbox, Answer>, ImapError> {
    match session.context.store.mailbox_named(&session.reading()?, name.as_str()).await {
        Ok(mailbox) if mailbox.selectable => Ok(Ok(mailbox)),
        Ok(_) => Ok(Err(Answer::no("CANNOT", "This name only holds other mailboxes"))),
        Err(StoreError::NotFound(_)) => Ok(Err(Answer::no("TRYCREATE", "The mailbox does not exist"))),
        Err(error) => Err(error.into()),
    }
}

/// COPY: all or none.
pub(super) async fn copy(
    session: &mut Session,
    uid: bool,
    set: &SequenceSet,
    name: &MailboxName,
) -> Result<Answer, ImapError> {
    let from = selected(session)?;
    let (id, uids) = (from.id, resolve(from, uid, set)?);
    let to = match destination(session, name).await? {
        Ok(mailbox) => mailbox,
        Err(answer) => return Ok(answer),
    };
    if uids.is_empty() {
        return Ok(Answer::ok("No messages found."));
    }
    if !has_room(session, copied(session, id, &uids).await?).await? {
        return Ok(over_quota());
    }
    let now = session.context.clock.now();
    let moved = session.context.store.copy(&session.writing()?, id, &uids, to.id, now).await?;
    if moved.uids.len() < uids.len() && !uid {
        return Ok(Answer::no("EXPUNGEISSUED", "Some of the messages no longer exist"));
    }
    Ok(match copy_uid(&moved) {
        Some(code) => Answer::ok_with(code, "COPY completed."),
        None => Answer::ok("COPY completed."),
    })
}

/// By how much copies of these messages let the mailboxes grow; nothing where nothing is bounded.
async fn copied(session: &Session, from: MailboxId, uids: &UidSet) -> Result<Usage, ImapError> {
    let identity = session.identity.as_ref().ok_or(ImapError::Closed)?;
    let mut more = Usage::default();
    if !session.context.auth.person(identity)?.is_bounded() {
        return Ok(more);
    }
    for window in windows(uids, 500) {
        let rows = session.context.store.messages(&session.reading()?, from, &window, Want::default()).await?;
        more.messages += rows.len() as u64;
        more.bytes += rows.iter().map(MessageRow::size).sum::<u64>();
    }
    Ok(more)
}

/// MOVE: all or none. COPYUID comes untagged before the expunges (RFC 6851 4.3).
pub(super) async fn move_to(
    session: &mut Session,
    uid: bool,
    set: &SequenceSet,
    name: &MailboxName,
) -> Result<Answer, ImapError> {
    let from = selected(session)?;
    if from.read_only {
        return Ok(Answer::no("READ-ONLY", "The mailbox is read-only"));
    }
    let (id, uids) = (from.id, resolve(from, uid, set)?);
    let to = match destination(session, name).await? {
        Ok(mailbox) => mailbox,
        Err(answer) => return Ok(answer),
    };
    if uids.is_empty() {
        return Ok(Answer::ok("No messages found."));
    }
    let now = session.context.clock.now();
    let moved = session.context.store.move_to(&session.writing()?, id, &uids, to.id, now).await?;
    if let Some(code) = copy_uid(&moved) {
        session.link.line(&format!("* OK [{code}] Moved UIDs."));
    }
    // RFC 6851 4.4
    Ok(match sync::highest(session).await? {
        Some(code) => Answer::ok_with(code, "MOVE completed."),
        None => Answer::ok("MOVE completed."),
    })
}

/// `COPYUID validity old new`
fn copy_uid(moved: &Moved) -> Option<String> {
    if moved.uids.is_empty() {
        return None;
    }
    let mut out = format!("COPYUID {} ", moved.uid_validity).into_bytes();
    write_in_order(&mut out, moved.uids.iter().map(|(old, _)| *old));
    out.push(b' ');
    write_in_order(&mut out, moved.uids.iter().map(|(_, new)| *new));
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use types::{Uid, UidValidity};

    use super::*;

    #[test]
    fn old_and_new_uids_stand_in_the_same_order() {
        let uids = vec![(Uid(304), Uid(3956)), (Uid(319), Uid(3957)), (Uid(320), Uid(3958))];
        let moved = Moved { uid_validity: UidValidity(38_505), uids };
        assert_eq!(copy_uid(&moved).unwrap(), "COPYUID 38505 304,319:320 3956:3958");
    }
}
