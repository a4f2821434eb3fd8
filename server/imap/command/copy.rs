//! COPY (RFC 3501 6.4.7) and MOVE (RFC 6851), with COPYUID (RFC 4315), in the selected state.

use store::{MessageRow, Moved, Rights, StoreError, Usage, Want};
use types::{MailboxId, UidSet, UserId};

use super::quota::{has_room, over_quota};
use super::sync::{self, resolve, selected, windows};
use crate::ImapError;
use crate::answer::Answer;
use crate::session::Session;
use crate::spaces::{self, Found};
use crate::wire::name::MailboxName;
use crate::wire::sequence::{SequenceSet, write_in_order};

/// The destination, or the answer that it could be created, or that these rights are missing there.
pub(super) async fn destination(
    session: &Session,
    name: &MailboxName,
    needed: Rights,
) -> Result<Result<Found, Answer>, ImapError> {
    match spaces::find(session, name.as_str()).await {
        Ok(found) if !found.mailbox.selectable => Ok(Err(Answer::no("CANNOT", "This name only holds other mailboxes"))),
        Ok(found) if !found.rights.has(needed) => Ok(Err(Answer::no("NOPERM", StoreError::NotPermitted.to_string()))),
        Ok(found) => Ok(Ok(found)),
        Err(ImapError::Store(StoreError::NotFound(_))) => {
            Ok(Err(Answer::no("TRYCREATE", "The mailbox does not exist")))
        }
        Err(error) => Err(error),
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
    let to = match destination(session, name, Rights::INSERT).await? {
        Ok(target) => target,
        Err(answer) => return Ok(answer),
    };
    if uids.is_empty() {
        return Ok(Answer::ok("No messages found."));
    }
    if !has_room(session, to.owner, copied(session, to.owner, id, &uids).await?).await? {
        return Ok(over_quota());
    }
    let now = session.context.clock.now();
    let (reading, writing) =
        (session.here(Rights::READ)?, session.in_mailbox(to.owner, to.mailbox.id, Rights::INSERT)?);
    let moved = session.context.store.copy((&reading, id), &uids, (&writing, to.mailbox.id), now).await?;
    if moved.uids.len() < uids.len() && !uid {
        return Ok(Answer::no("EXPUNGEISSUED", "Some of the messages no longer exist"));
    }
    Ok(match copy_uid(&moved) {
        Some(code) => Answer::ok_with(code, "COPY completed."),
        None => Answer::ok("COPY completed."),
    })
}

/// By how much copies of these messages let the mailboxes of `owner` grow; nothing where nothing is bounded.
async fn copied(session: &Session, owner: UserId, from: MailboxId, uids: &UidSet) -> Result<Usage, ImapError> {
    let mut more = Usage::default();
    if !session.context.store.directory().users.get(&owner).is_some_and(|user| user.is_bounded()) {
        return Ok(more);
    }
    for window in windows(uids, 500) {
        let rows = session.context.store.messages(&session.here(Rights::READ)?, from, &window, Want::default()).await?;
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
    let (id, owner, uids) = (from.id, from.owner, resolve(from, uid, set)?);
    let leaving = session.here(Rights::MARK_DELETED.union(Rights::EXPUNGE))?;
    let to = match destination(session, name, Rights::INSERT).await? {
        Ok(target) => target,
        Err(answer) => return Ok(answer),
    };
    if uids.is_empty() {
        return Ok(Answer::ok("No messages found."));
    }
    // What stays with its owner takes no more room.
    if to.owner != owner && !has_room(session, to.owner, copied(session, to.owner, id, &uids).await?).await? {
        return Ok(over_quota());
    }
    let now = session.context.clock.now();
    let writing = session.in_mailbox(to.owner, to.mailbox.id, Rights::INSERT)?;
    let moved = session.context.store.move_between((&leaving, id), &uids, (&writing, to.mailbox.id), now).await?;
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
