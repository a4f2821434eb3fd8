//! IDLE (RFC 2177), after sign-in: tells what happens until the client says DONE. It ends with the rights of the sign-in, and in
//! another's mailbox with the right to read it (RFC 4314 4).

use std::time::Duration;

use store::{Read, Rights};
use tokio::sync::watch;
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
    let mut sign_in = session.context.watchers.watch_sign_in(&*session.person()?);
    // judged after it is watched, so that no change falls in between
    session.person()?;
    if session.selected.is_some() {
        session.here::<Read>(Rights::READ)?;
    }
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
        match wait(session, end, &mut sign_in).await? {
            Woken::Input => {}
            Woken::SignIn => drop(session.person()?),
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
    SignIn,
    Change,
    Quiet,
}

async fn wait(
    session: &mut Session,
    end: Instant,
    sign_in: &mut watch::Receiver<Option<u64>>,
) -> Result<Woken, ImapError> {
    let stop = session.stopped();
    let Session { selected, listening, link, .. } = session;
    let (changed, judged) = match selected {
        Some(selected) => (Some(&mut selected.changed), selected.judged.as_mut()),
        None => (None, None),
    };
    let (change, judgement) = (woken(changed), woken(judged));
    let beyond = woken(listening.as_mut().map(|listening| &mut listening.changed));
    tokio::select! {
        () = stop.asked() => Err(ImapError::Bye("The server is shutting down")),
        came = link.fill() => came.map(|()| Woken::Input),
        // also where nothing is selected that could be judged
        () = woken(Some(sign_in)) => Ok(Woken::SignIn),
        () = change => Ok(Woken::Change),
        // who may not read the mailbox any more is sent away now, not at its next change
        () = judgement => Ok(Woken::Change),
        () = beyond => Ok(Woken::Change),
        () = tokio::time::sleep_until(end) => Err(ImapError::Bye("Disconnected for inactivity")),
        () = tokio::time::sleep(STILL_HERE) => Ok(Woken::Quiet),
    }
}
