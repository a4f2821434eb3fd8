//! One message changed as a part of something larger (a draft that is sent): a message or mailbox that is gone by
//! then is nothing to refuse the whole for.

use store::{Event, FlagChange, FlagMode, StoreError};
use types::{Flags, MailboxId, Timestamp, Uid, UidSet, UserId};

use super::rows::modseq;
use super::{expunge, flags};
use crate::sql;

type Result<T> = std::result::Result<T, StoreError>;

/// Takes a message out, whatever flags it bears; whether it was there.
pub(crate) async fn take_one(
    tx: &mut sql::Here,
    user: UserId,
    (mailbox, uid): (i64, u32),
    at: Timestamp,
    events: &mut Vec<Event>,
) -> Result<bool> {
    let mailbox = MailboxId(mailbox);
    match expunge::remove(tx, user, mailbox, &one(uid), 0, at).await {
        Ok(piece) => {
            tell(events, user, mailbox, piece.modseq);
            Ok(!piece.done.is_empty())
        }
        Err(StoreError::NotFound(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Adds flags to a message.
pub(crate) async fn mark_one(
    tx: &mut sql::Here,
    user: UserId,
    (mailbox, uid): (i64, u32),
    add: Flags,
    events: &mut Vec<Event>,
) -> Result<()> {
    let mailbox = MailboxId(mailbox);
    let change = FlagChange { mode: FlagMode::Add, flags: add, unchanged_since: None };
    let stored = flags::store(tx, (user, mailbox), (&one(uid), 0), None, &change).await;
    match stored {
        Ok(piece) => tell(events, user, mailbox, piece.modseq),
        Err(StoreError::NotFound(_) | StoreError::Invalid(_)) => {}
        Err(error) => return Err(error),
    }
    Ok(())
}

fn one(uid: u32) -> UidSet {
    std::iter::once(Uid(uid)).collect()
}

fn tell(events: &mut Vec<Event>, user: UserId, mailbox: MailboxId, to: Option<i64>) {
    events.extend(to.map(|to| Event::Mailbox { user, mailbox, modseq: modseq(to) }));
}
