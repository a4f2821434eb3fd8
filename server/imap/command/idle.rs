//! IDLE (RFC 2177), after sign-in: tells what happens until the client says DONE.

use std::time::Duration;

use tokio::time::Instant;

use super::{Updates, news};
use crate::ImapError;
use crate::answer::Answer;
use crate::listening::woken;
use crate::session::Session;

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
        if let Some(line) = take_line(session)? {
            let done = line.eq_ignore_ascii_case(b"DONE");
            return Ok(if done { Answer::ok("IDLE completed.") } else { Answer::bad("Expected DONE") });
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

/// The client's line, if it is whole.
fn take_line(session: &mut Session) -> Result<Option<Vec<u8>>, ImapError> {
    let input = session.link.input();
    let Some(end) = memchr::memchr(b'\n', input) else {
        return if input.len() > 1_000 { Err(ImapError::Bye("The line is too long")) } else { Ok(None) };
    };
    let line = input.get(..end).unwrap_or_default().trim_ascii().to_vec();
    session.link.used(end + 1);
    Ok(Some(line))
}
