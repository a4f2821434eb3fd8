//! IDLE (RFC 2177), after sign-in: tells what happens until the client says DONE.

use std::time::Duration;

use tokio::time::Instant;

use super::{Updates, news};
use crate::ImapError;
use crate::answer::Answer;
use crate::listening::woken;
use crate::session::Session;
use crate::wire::idle::{Said, said};

/// So often an idle client hears something, so that no router between forgets the connection; the store is
/// asked then too, in case a hint was lost.
const STILL_HERE: Duration = Duration::from_secs(120);

/// Waits and tells.
pub(super) async fn run(session: &mut Session) -> Result<Answer, ImapError> {
    session.link.line("+ idling");
    let end = Instant::now() + Duration::from_secs(session.context.limits.imap_idle);
    news::tell(session, Updates::AskStore).await?;
    loop {
        session.link.flush().await?;
        match said(session.link.input()) {
            Said::More => {}
            Said::TooLong => return Err(ImapError::Bye("The line is too long")),
            Said::Line { used, done } => {
                session.link.used(used);
                return Ok(if done { Answer::ok("IDLE completed.") } else { Answer::bad("Expected DONE") });
            }
        }
        match wait(session, end).await? {
            Woken::Input => {}
            Woken::Change => news::tell(session, Updates::AskStore).await?,
            Woken::Quiet => {
                session.link.line("* OK Still here");
                news::tell(session, Updates::AskStore).await?;
            }
        }
    }
}

/// What ended a wait.
enum Woken {
    Input,
    Change,
    Quiet,
}

async fn wait(session: &mut Session, end: Instant) -> Result<Woken, ImapError> {
    let stop = session.stopped();
    let Session { selected, listening, link, .. } = session;
    let change = woken(selected.as_mut().map(|selected| &mut selected.changed));
    let beyond = woken(listening.as_mut().map(|listening| &mut listening.changed));
    tokio::select! {
        () = stop.asked() => Err(ImapError::Bye("The server is shutting down")),
        came = link.fill() => came.map(|()| Woken::Input),
        () = change => Ok(Woken::Change),
        () = beyond => Ok(Woken::Change),
        () = tokio::time::sleep_until(end) => Err(ImapError::Bye("Disconnected for inactivity")),
        () = tokio::time::sleep(STILL_HERE) => Ok(Woken::Quiet),
    }
}
