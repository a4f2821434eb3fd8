//! GETQUOTA and GETQUOTAROOT (RFC 9208 4.1), after sign-in. A person's mailboxes share one root, whose name is empty;
//! what it allows is set by the administrator, so SETQUOTA is not announced.

use store::{StoreError, Usage};

use crate::ImapError;
use crate::answer::Answer;
use crate::session::Session;
use crate::wire::name::MailboxName;
use crate::wire::write;

/// Answers GETQUOTA.
pub(super) async fn get(session: &mut Session, root: &str) -> Result<Answer, ImapError> {
    if !root.is_empty() {
        return Ok(Answer::no("NONEXISTENT", "There is no such quota root"));
    }
    tell(session).await?;
    Ok(Answer::ok("GETQUOTA completed."))
}

/// Answers GETQUOTAROOT; the mailbox need not be there yet (RFC 9208 4.1.2).
pub(super) async fn root(session: &mut Session, name: &MailboxName) -> Result<Answer, ImapError> {
    match session.context.store.mailbox_named(&session.reading()?, name.as_str()).await {
        Ok(_) | Err(StoreError::NotFound(_)) => {}
        Err(error) => return Err(error.into()),
    }
    let utf8 = session.enabled.names_in_utf8();
    let out = session.link.out();
    out.extend_from_slice(b"* QUOTAROOT ");
    write::mailbox(out, name.as_str(), utf8);
    out.extend_from_slice(b" \"\"\r\n");
    tell(session).await?;
    Ok(Answer::ok("GETQUOTAROOT completed."))
}

/// `* QUOTA "" (STORAGE used limit MESSAGE used limit)`, STORAGE in units of 1,024 bytes (RFC 9208 5.1, 5.2); what is not
/// limited is left out.
async fn tell(session: &mut Session) -> Result<(), ImapError> {
    let Some(identity) = &session.identity else { return Ok(()) };
    let user = session.context.auth.person(identity)?;
    let used = session.context.store.usage(user.id).await?;
    let storage = user.quota.map(|most| format!("STORAGE {} {}", used.bytes.div_ceil(1_024), most / 1_024));
    let message = user.message_quota.map(|most| format!("MESSAGE {} {most}", used.messages));
    let resources: Vec<String> = storage.into_iter().chain(message).collect();
    session.link.line(&format!("* QUOTA \"\" ({})", resources.join(" ")));
    Ok(())
}

/// Whether the person's mailboxes may grow by `more`.
pub(super) async fn has_room(session: &Session, more: Usage) -> Result<bool, ImapError> {
    let Some(identity) = &session.identity else { return Ok(false) };
    let user = session.context.auth.person(identity)?;
    Ok(!user.is_bounded() || user.has_room(session.context.store.usage(user.id).await?, more))
}

/// The refusal of what does not fit (RFC 5530).
pub(super) fn over_quota() -> Answer {
    Answer::no("OVERQUOTA", "The mailboxes are full")
}
