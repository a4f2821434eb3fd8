//! CREATE, DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE (RFC 3501 6.3.3 to 6.3.7), after sign-in.

use store::MailboxRole;

use super::list;
use crate::ImapError;
use crate::answer::Answer;
use crate::object_id;
use crate::session::Session;
use crate::wire::name::MailboxName;

/// CREATE, with the levels above it; for a use when one is named (RFC 6154 3). Its lasting name is told (RFC 8474 4.1).
pub(super) async fn create(session: &mut Session, name: &MailboxName, uses: &[String]) -> Result<Answer, ImapError> {
    let role = match uses {
        [] => None,
        [word] if special_use(word).is_some() => special_use(word),
        _ => return Ok(Answer::no("USEATTR", "A mailbox can be for one of the known uses")),
    };
    let (context, access) = (session.context.clone(), session.writing()?);
    let made = match role {
        None => context.store.create_mailbox(&access, name.as_str()).await?,
        Some(role) if is_taken(session, role).await? => {
            return Ok(Answer::no("USEATTR", "Another mailbox is for this use already"));
        }
        Some(role) => context.store.create_special(&access, name.as_str(), role).await?,
    };
    if session.enabled.rev2 && made.name != name.as_str() {
        list::tell_name(session, &made.name, name.as_str());
    }
    Ok(Answer::ok_with(format!("MAILBOXID ({})", object_id::mailbox(made.id)), "CREATE completed."))
}

fn special_use(word: &str) -> Option<MailboxRole> {
    let named =
        |(_, _, known): &&(MailboxRole, &str, Option<&str>)| known.is_some_and(|k| k.eq_ignore_ascii_case(word));
    MailboxRole::ALL.iter().find(named).map(|(role, _, _)| *role)
}

async fn is_taken(session: &Session, role: MailboxRole) -> Result<bool, ImapError> {
    let mailboxes = session.context.store.mailboxes(&session.reading()?).await?;
    Ok(mailboxes.iter().any(|mailbox| mailbox.role == Some(role)))
}

/// DELETE. The mailbox may be the selected one: then none is selected any more.
pub(super) async fn delete(session: &mut Session, name: &MailboxName) -> Result<Answer, ImapError> {
    let context = session.context.clone();
    let mailbox = context.store.mailbox_named(&session.reading()?, name.as_str()).await?;
    context.store.delete_mailbox(&session.writing()?, name.as_str()).await?;
    if session.selected.as_ref().is_some_and(|selected| selected.id == mailbox.id) {
        session.selected = None;
    }
    Ok(Answer::ok("DELETE completed."))
}

/// RENAME, with the levels below it.
pub(super) async fn rename(session: &mut Session, from: &MailboxName, to: &MailboxName) -> Result<Answer, ImapError> {
    session.context.store.rename_mailbox(&session.writing()?, from.as_str(), to.as_str()).await?;
    Ok(Answer::ok("RENAME completed."))
}

/// SUBSCRIBE and UNSUBSCRIBE.
pub(super) async fn subscribe(session: &mut Session, name: &MailboxName, on: bool) -> Result<Answer, ImapError> {
    session.context.store.subscribe(&session.writing()?, name.as_str(), on).await?;
    Ok(if on { Answer::ok("SUBSCRIBE completed.") } else { Answer::ok("UNSUBSCRIBE completed.") })
}
