//! QUIT (RFC 1939 4, 6): what is marked goes, all of it or nothing; then the session ends.

use crate::Pop3Error;
use crate::error::logged;
use crate::reply::{Code, Reply};
use crate::session::Session;

/// Ends the session.
pub(super) async fn run(session: &mut Session) -> Result<(), Pop3Error> {
    let removed = remove(session).await;
    // before the answer: who has it may sign in again at once
    session.leave().await;
    let reply = match removed {
        Ok(()) => Reply::ok("Goodbye"),
        Err(error) => {
            let text = format!("None of the marked messages was removed (reference {})", logged(&error));
            Reply::coded(Code::SysTemp, text)
        }
    };
    session.link.say(&reply);
    Err(Pop3Error::Closed)
}

async fn remove(session: &mut Session) -> Result<(), Pop3Error> {
    let Ok(drop) = session.maildrop() else { return Ok(()) };
    let (mailbox, marked) = (drop.mailbox, drop.marked().clone());
    if marked.is_empty() {
        return Ok(());
    }
    let access = session.writing()?;
    let now = session.context.clock.now();
    session.context.store.remove_together(&access, mailbox, &marked, now).await?;
    Ok(())
}
