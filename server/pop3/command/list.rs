//! STAT, LIST and UIDL (RFC 1939 5, 7): numbers, octets, unique-ids. A message that somebody took away since the
//! session began is not listed.

use std::collections::HashMap;

use store::{Access, Account, MessageRow, Read, Want};
use types::{Uid, UidSet};

use crate::Pop3Error;
use crate::reply::Reply;
use crate::session::Session;

/// So many messages are looked up at once.
const WINDOW: usize = 500;

/// STAT
pub(super) fn stat(session: &mut Session) -> Result<(), Pop3Error> {
    let (count, octets) = session.maildrop()?.left();
    session.link.say(&Reply::ok(format!("{count} {octets}")));
    Ok(())
}

/// LIST
pub(super) async fn run(session: &mut Session, number: Option<u32>) -> Result<(), Pop3Error> {
    let access = session.reading()?;
    if let Some(number) = number {
        let row = message(session, &access, number).await?;
        session.link.say(&Reply::ok(format!("{number} {}", row.size())));
        return Ok(());
    }
    let (count, octets) = session.maildrop()?.left();
    session.link.say(&Reply::ok(format!("{count} messages ({octets} octets)")));
    let mut after = 0;
    loop {
        let window = session.maildrop()?.window(after, WINDOW);
        let Some((last, _)) = window.last() else { break };
        after = *last;
        let sizes = sizes(session, &access, &window).await.map_err(cut)?;
        for (number, uid) in window {
            if let Some(octets) = sizes.get(&uid) {
                session.link.line(&format!("{number} {octets}"));
            }
        }
        session.link.flush_batch().await?;
        session.go_on()?;
    }
    session.link.line(".");
    Ok(())
}

/// UIDL
pub(super) async fn uidl(session: &mut Session, number: Option<u32>) -> Result<(), Pop3Error> {
    let drop = session.maildrop()?;
    if let Some(number) = number {
        let id = drop.unique_id(drop.uid(number).ok_or(Pop3Error::NoMessage)?);
        session.link.say(&Reply::ok(format!("{number} {id}")));
        return Ok(());
    }
    session.link.say(&Reply::ok(""));
    let mut after = 0;
    loop {
        let drop = session.maildrop()?;
        let ids: Vec<_> = drop.window(after, WINDOW).iter().map(|(n, uid)| (*n, drop.unique_id(*uid))).collect();
        let Some((last, _)) = ids.last() else { break };
        after = *last;
        ids.iter().for_each(|(number, id)| session.link.line(&format!("{number} {id}")));
        session.link.flush_batch().await?;
        session.go_on()?;
    }
    session.link.line(".");
    Ok(())
}

async fn sizes(
    session: &mut Session,
    access: &Access<Account, Read>,
    window: &[(u32, Uid)],
) -> Result<HashMap<Uid, u64>, Pop3Error> {
    let mailbox = session.maildrop()?.mailbox;
    let uids: UidSet = window.iter().map(|(_, uid)| *uid).collect();
    let rows = session.context.store.messages(access, mailbox, &uids, Want::default()).await?;
    Ok(rows.iter().map(|row| (row.uid, row.size())).collect())
}

/// The message of this number, if it is not marked and still there.
pub(super) async fn message(
    session: &mut Session,
    access: &Access<Account, Read>,
    number: u32,
) -> Result<MessageRow, Pop3Error> {
    let drop = session.maildrop()?;
    let (mailbox, uid) = (drop.mailbox, drop.uid(number).ok_or(Pop3Error::NoMessage)?);
    let one: UidSet = std::iter::once(uid).collect();
    let rows = session.context.store.messages(access, mailbox, &one, Want::default()).await?;
    rows.into_iter().next().ok_or(Pop3Error::NoMessage)
}

/// A failure in the middle of an answer: nothing can be said any more, and the client sees that the end is missing.
pub(super) fn cut(error: Pop3Error) -> Pop3Error {
    if !matches!(error, Pop3Error::Io(_) | Pop3Error::Closed) {
        crate::error::logged(&error);
    }
    Pop3Error::Closed
}
