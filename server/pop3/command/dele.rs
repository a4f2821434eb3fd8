//! DELE and RSET (RFC 1939 5): marks, which QUIT obeys.

use super::list;
use crate::Pop3Error;
use crate::reply::Reply;
use crate::session::Session;

/// Marks a message.
pub(super) async fn run(session: &mut Session, number: u32) -> Result<(), Pop3Error> {
    let access = session.reading()?;
    let row = list::message(session, &access, number).await?;
    session.maildrop()?.mark(row.uid, row.size());
    session.link.say(&Reply::ok(format!("Message {number} is marked")));
    Ok(())
}

/// Takes all marks away.
pub(super) fn reset(session: &mut Session) -> Result<(), Pop3Error> {
    session.maildrop()?.reset();
    session.link.say(&Reply::ok(""));
    Ok(())
}
