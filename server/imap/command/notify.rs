//! NOTIFY (RFC 5465), after sign-in: which events the client is told of, while commands run and between them. Whoever does not ask
//! for its messages is told nothing more of the open mailbox either, as Dovecot does.

use super::{list, news, status};
use crate::ImapError;
use crate::answer::Answer;
use crate::notified::{Notified, Overflow};
use crate::session::Session;
use crate::spaces;
use crate::wire::list::StatusItem;
use crate::wire::notify::{EVENTS, Group, Notify};

/// Answers NOTIFY; a new one takes the place of the one before.
pub(super) async fn run(session: &mut Session, notify: Notify) -> Result<Answer, ImapError> {
    match notify {
        Notify::None => {
            if let Some(listening) = &mut session.listening {
                listening.notified = None;
            }
            session.silent = true;
            Ok(Answer::ok("NOTIFY completed."))
        }
        Notify::Set { groups, .. } if groups.iter().any(|group| group.events.unknown) => {
            Ok(Answer::no(format!("BADEVENT ({})", EVENTS.join(" ")), "An event is not known"))
        }
        Notify::Set { status, groups } => set(session, status, groups).await,
    }
}

async fn set(session: &mut Session, status: bool, groups: Vec<Group>) -> Result<Answer, ImapError> {
    news::listen(session).await?;
    let all = spaces::all(session).await?;
    let mailboxes = all.iter().map(news::noted).collect();
    let notified = match Notified::new(groups, mailboxes) {
        Ok(notified) => notified,
        Err(Overflow) => return Ok(Answer::no("NOTIFICATIONOVERFLOW", "There are too many mailboxes")),
    };
    let selected = session.selected.as_ref().map(|selected| selected.id);
    let told = if status { notified.with_messages(selected) } else { Vec::new() };
    let closed: Vec<String> = notified.without_access().into_iter().map(|mailbox| mailbox.name.clone()).collect();
    if let Some(listening) = &mut session.listening {
        listening.notified = Some(notified);
    }
    for name in closed {
        list::tell_no_access(session, &name);
    }
    let items = items(session);
    for mailbox in told {
        if let Some(found) = all.iter().find(|found| found.mailbox.id == mailbox.id) {
            status::tell(session, found, &items).await?;
        }
        session.link.flush_batch().await?;
    }
    Ok(Answer::ok("NOTIFY completed."))
}

/// What of a mailbox is told: all that a change of messages or flags may have changed.
pub(super) fn items(session: &Session) -> Vec<StatusItem> {
    let mut items = vec![StatusItem::Messages, StatusItem::UidNext, StatusItem::UidValidity, StatusItem::Unseen];
    if session.enabled.condstore {
        items.push(StatusItem::HighestModSeq);
    }
    items
}
