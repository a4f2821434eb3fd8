//! RETR and TOP (RFC 1939 5, 7): a message in pieces, at the pace of its client.

use store::{Access, Account, Read};

use super::list;
use crate::Pop3Error;
use crate::mail::Mail;
use crate::reply::Reply;
use crate::session::Session;
use crate::wire::content::Content;

/// Sends a message: whole, or `lines` of its body.
pub(super) async fn run(session: &mut Session, number: u32, lines: Option<u64>) -> Result<(), Pop3Error> {
    let access = session.reading()?;
    let row = list::message(session, &access, number).await?;
    let (uid, octets) = (row.uid, row.size());
    let mut mail = Mail::new(row);
    // what cannot be read at all is refused with words
    let first = mail.next(&session.context, &access).await?;
    session.link.say(&Reply::ok(if lines.is_none() { format!("{octets} octets") } else { String::new() }));
    send(session, &access, mail, first, Content::new(lines, session.utf8)).await.map_err(list::cut)?;
    if lines.is_none() {
        session.maildrop()?.has_read(uid);
    }
    Ok(())
}

async fn send(
    session: &mut Session,
    access: &Access<Account, Read>,
    mut mail: Mail,
    first: Option<bytes::Bytes>,
    mut content: Content,
) -> Result<(), Pop3Error> {
    let mut piece = first;
    while let Some(bytes) = piece {
        content.feed(&bytes, session.link.out());
        session.link.flush_batch().await?;
        session.go_on()?;
        if content.is_done() {
            break;
        }
        piece = mail.next(&session.context, access).await?;
    }
    content.finish(session.link.out());
    session.link.flush_batch().await
}
