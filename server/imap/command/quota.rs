//! GETQUOTA and GETQUOTAROOT (RFC 9208 4.1), after sign-in. A person's mailboxes share one root, whose name is empty;
//! what it allows is set by the administrator, so SETQUOTA is not announced.

use store::StoreError;

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

/// `* QUOTA "" (STORAGE used limit)`, in units of 1,024 bytes (RFC 9208 5.1); an empty list when nothing is limited.
async fn tell(session: &mut Session) -> Result<(), ImapError> {
    let Some(identity) = &session.identity else { return Ok(()) };
    let user = session.context.auth.person(identity)?;
    let used = session.context.store.usage(user.id).await?;
    let line = match user.quota {
        Some(quota) => format!("* QUOTA \"\" (STORAGE {} {})", used.div_ceil(1_024), quota / 1_024),
        None => "* QUOTA \"\" ()".to_owned(),
    };
    session.link.line(&line);
    Ok(())
}
