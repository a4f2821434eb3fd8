//! What a session is told before the end of a command, while it idles, and with NOTIFY while no command runs: of its
//! mailbox, and of what it listens for beyond that (RFC 5464 4.4.2, RFC 5465).

use std::collections::BTreeMap;
use std::time::Duration;

use store::{Mailbox, Rights};
use tokio::time::Instant;
use types::MailboxId;

use super::{Updates, fetch, list, metadata, notify, status, sync};
use crate::ImapError;
use crate::error::Consequence;
use crate::listening::{Listening, woken};
use crate::notified::{News, Notified, Overflow};
use crate::session::Session;
use crate::spaces::{self, Found};

/// Begins to listen; what happened before is not told.
pub(super) async fn listen(session: &mut Session) -> Result<(), ImapError> {
    if session.listening.is_some() {
        return Ok(());
    }
    let access = session.reading()?;
    // Watched before it is read: no change can fall in between.
    let changed = session.context.watchers.watch_person(access.what().0);
    let (_, annotations) = session.context.store.annotation_news(&access, i64::MAX).await?;
    session.listening = Some(Box::new(Listening { changed, annotations, own: Vec::new(), notified: None }));
    Ok(())
}

/// Tells what may be told before a command is answered, or while the client idles.
pub(crate) async fn tell(session: &mut Session, updates: Updates) -> Result<(), ImapError> {
    messages(session, updates).await?;
    let Some(listening) = &session.listening else { return Ok(()) };
    let heard = listening.changed.has_changed().unwrap_or(true);
    if updates == Updates::None || !(heard || matches!(updates, Updates::AskStore | Updates::Own)) {
        return Ok(());
    }
    beyond(session).await
}

/// Waits until the client sends something, and tells meanwhile what it asked for (RFC 5465 section 3).
pub(crate) async fn wait(session: &mut Session) -> Result<(), ImapError> {
    let end = Instant::now() + Duration::from_secs(session.context.limits.imap_idle);
    let mut sign_in = session.context.watchers.watch_sign_in(&*session.person()?);
    // judged after it is watched, so that no change falls in between
    session.person()?;
    loop {
        session.link.flush().await?;
        let stop = session.stopped();
        let Session { listening, link, .. } = session;
        tokio::select! {
            () = stop.asked() => return Err(ImapError::Bye("The server is shutting down")),
            came = link.fill() => return came,
            () = woken(listening.as_mut().map(|listening| &mut listening.changed)) => {}
            () = woken(Some(&mut sign_in)) => drop(session.person()?),
            () = tokio::time::sleep_until(end) => return Err(ImapError::Bye("Disconnected for inactivity")),
        }
        if let Err(error) = push(session).await {
            match error.consequence() {
                // It is logged, and the next change or command will ask again.
                Consequence::Answer(_) => {}
                Consequence::Bye(text) => return Err(ImapError::Bye(text)),
                Consequence::Gone => return Err(ImapError::Closed),
            }
        }
    }
}

/// Tells what may be told while no command runs: expunges only where the client said that they need not wait (RFC 5465
/// section 6.1, 6.2).
async fn push(session: &mut Session) -> Result<(), ImapError> {
    let open = session.selected.as_ref().map(|selected| selected.id);
    let waits = open.and_then(|_| notified(session)?.selected());
    match waits {
        Some(true) => messages(session, Updates::AskNoExpunges).await?,
        Some(false) => messages(session, Updates::AskStore).await?,
        None => {}
    }
    beyond(session).await
}

/// Whether the client wants to hear of the messages of its open mailbox: until the first NOTIFY, and where that asked for it.
fn hears_of_the_open_mailbox(session: &Session) -> bool {
    let Some(notified) = notified(session) else { return !session.silent };
    notified.selected().is_some()
}

fn notified(session: &Session) -> Option<&Notified> {
    session.listening.as_ref()?.notified.as_ref()
}

/// What happened in the open mailbox; of new messages what NOTIFY asked for. A client that does not want to hear of its messages
/// (RFC 5465 3.1) hears of what it takes out itself, since numbers change with that.
pub(super) async fn messages(session: &mut Session, updates: Updates) -> Result<(), ImapError> {
    if updates != Updates::Own && !hears_of_the_open_mailbox(session) {
        return Ok(());
    }
    let items = notified(session).map(|notified| notified.fetch().to_vec()).unwrap_or_default();
    if items.is_empty() {
        return sync::tell(session, updates).await;
    }
    let before = session.selected.as_ref().map(|selected| selected.view.clone());
    sync::tell(session, updates).await?;
    let (Some(before), Some(selected)) = (before, &session.selected) else { return Ok(()) };
    let fresh = selected.view.without(&before);
    if fresh.is_empty() { Ok(()) } else { fetch::tell_new(session, &fresh, &items).await }
}

/// What happened beyond it.
async fn beyond(session: &mut Session) -> Result<(), ImapError> {
    let Some(listening) = &mut session.listening else { return Ok(()) };
    listening.changed.borrow_and_update();
    mailboxes(session).await?;
    annotations(session).await
}

/// `* LIST` and `* STATUS` for what became of mailboxes.
async fn mailboxes(session: &mut Session) -> Result<(), ImapError> {
    if notified(session).is_none() {
        return Ok(());
    }
    let all = spaces::all(session).await?;
    let open = session.selected.as_ref().map(|selected| selected.id);
    let Some(listening) = &mut session.listening else { return Ok(()) };
    let news = match listening.notified.as_mut().map(|notified| notified.news(all.iter().map(noted).collect(), open)) {
        None => return Ok(()),
        Some(Ok(news)) => news,
        Some(Err(Overflow)) => {
            // RFC 5465 5.8: from here on it is as after NOTIFY NONE.
            listening.notified = None;
            session.silent = true;
            session.link.line("* OK [NOTIFICATIONOVERFLOW] There are too many mailboxes to tell of.");
            return Ok(());
        }
    };
    let items = notify::items(session);
    for news in news {
        match news {
            News::Gone(name) => list::tell_gone(session, &name),
            News::Listed(mailbox, old) => list::tell_change(session, &mailbox, old.as_deref()),
            News::Status(mailbox) => {
                if let Some(found) = all.iter().find(|found| found.mailbox.id == mailbox.id) {
                    status::tell(session, found, &items).await?;
                }
            }
        }
        session.link.flush_batch().await?;
    }
    Ok(())
}

/// A mailbox as NOTIFY knows it: of one that may not be read only the name is told.
pub(super) fn noted(found: &Found) -> Mailbox {
    let selectable = found.mailbox.selectable && found.rights.has(Rights::READ);
    Mailbox { selectable, ..found.mailbox.clone() }
}

/// `* METADATA name entry …` for what others changed, in mailboxes that the person may read.
async fn annotations(session: &mut Session) -> Result<(), ImapError> {
    let access = session.reading()?;
    let Some(listening) = &mut session.listening else { return Ok(()) };
    let (news, last) = session.context.store.annotation_news(&access, listening.annotations).await?;
    listening.annotations = last;
    let own = std::mem::take(&mut listening.own);
    let mut changed: BTreeMap<Option<MailboxId>, Vec<String>> = BTreeMap::new();
    for news in news.into_iter().filter(|news| !own.contains(&news.change)) {
        changed.entry(news.of).or_default().push(news.entry);
    }
    if changed.is_empty() {
        return Ok(());
    }
    let all = spaces::all(session).await?;
    let utf8 = session.enabled.names_in_utf8();
    for (of, entries) in changed {
        let read = |found: &&Found| Some(found.mailbox.id) == of && found.rights.has(Rights::READ);
        let mailbox = all.iter().find(read).map(|found| &found.mailbox);
        if mailbox.is_none() && of.is_some() {
            continue;
        }
        let enabled = if of.is_none() { session.enabled.metadata_server } else { session.enabled.metadata };
        if enabled || notified(session).is_some_and(|notified| notified.tells_metadata(mailbox)) {
            metadata::write_changed(session.link.out(), mailbox.map(|mailbox| mailbox.name.as_str()), &entries, utf8);
        }
    }
    Ok(())
}
