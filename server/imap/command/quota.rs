//! GETQUOTA and GETQUOTAROOT (RFC 9208 4.1), after sign-in. A person's mailboxes share one root, whose name is empty;
//! what it allows is set by the administrator, so SETQUOTA is not announced.

use store::Usage;
use types::UserId;

use crate::ImapError;
use crate::answer::Answer;
use crate::session::Session;
use crate::spaces;
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
    // What others own counts for them, and their roots are theirs to see.
    let beside = spaces::is_beside(name.as_str());
    let utf8 = session.enabled.names_in_utf8();
    let out = session.link.out();
    out.extend_from_slice(b"* QUOTAROOT ");
    write::mailbox(out, name.as_str(), utf8);
    out.extend_from_slice(if beside { b"\r\n" } else { b" \"\"\r\n" });
    if !beside {
        tell(session).await?;
    }
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

/// Whether the mailboxes of their owner may grow by `more`; those of the company always.
pub(super) async fn has_room(session: &Session, owner: UserId, more: Usage) -> Result<bool, ImapError> {
    let directory = session.context.store.directory();
    let Some(user) = directory.users.get(&owner) else { return Ok(true) };
    Ok(!user.is_bounded() || user.has_room(session.context.store.usage(user.id).await?, more))
}

/// The refusal of what does not fit (RFC 5530).
pub(super) fn over_quota() -> Answer {
    Answer::no("OVERQUOTA", "The mailboxes are full")
}
