//! CREATE, DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE (RFC 3501 6.3.3 to 6.3.7), after sign-in.

use crate::ImapError;
use crate::answer::Answer;
use crate::session::Session;
use crate::wire::name::MailboxName;

/// CREATE, with the levels above it.
pub(super) async fn create(session: &mut Session, name: &MailboxName) -> Result<Answer, ImapError> {
    session.context.store.create_mailbox(&session.writing()?, name.as_str()).await?;
    Ok(Answer::ok("CREATE completed."))
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
