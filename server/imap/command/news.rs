//! What a session is told before the end of a command and while it idles: of its mailbox, and of what it listens for beyond
//! that (RFC 5464 4.4.2).

use std::collections::BTreeMap;

use types::MailboxId;

use super::{Updates, metadata, sync};
use crate::ImapError;
use crate::listening::Listening;
use crate::session::Session;

/// Begins to listen; what happened before is not told.
pub(super) async fn listen(session: &mut Session) -> Result<(), ImapError> {
    if session.listening.is_some() {
        return Ok(());
    }
    let access = session.reading()?;
    // Watched before it is read: no change can fall in between.
    let changed = session.context.watchers.watch_person(access.what().0);
    let (_, annotations) = session.context.store.annotation_news(&access, i64::MAX).await?;
    session.listening = Some(Listening { changed, annotations, own: Vec::new() });
    Ok(())
}

/// Tells what may be told.
pub(crate) async fn tell(session: &mut Session, updates: Updates) -> Result<(), ImapError> {
    sync::tell(session, updates).await?;
    let Some(listening) = &mut session.listening else { return Ok(()) };
    let heard = listening.changed.has_changed().unwrap_or(true);
    if updates == Updates::None || !(heard || updates == Updates::AskStore) {
        return Ok(());
    }
    listening.changed.borrow_and_update();
    annotations(session).await
}

/// `* METADATA name entry …` for what others changed.
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
    let mailboxes = session.context.store.mailboxes(&access).await?;
    let utf8 = session.enabled.names_in_utf8();
    for (of, entries) in changed {
        let name = mailboxes.iter().find(|mailbox| Some(mailbox.id) == of).map(|mailbox| mailbox.name.as_str());
        let wanted = if of.is_none() { session.enabled.metadata_server } else { session.enabled.metadata };
        if wanted && name.is_some() == of.is_some() {
            metadata::write_changed(session.link.out(), name, &entries, utf8);
        }
    }
    Ok(())
}
