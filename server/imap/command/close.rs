//! CLOSE (RFC 3501 6.4.2), UNSELECT (RFC 3691) in the selected state; LOGOUT (RFC 3501 6.1.3) in any.

use auth::AuthError;
use store::{Rights, StoreError};

use crate::ImapError;
use crate::answer::Answer;
use crate::session::Session;

/// Expunges without a word, unless the mailbox is read-only or the right is missing, and closes (RFC 4314 section 4).
pub(super) async fn close(session: &mut Session) -> Result<Answer, ImapError> {
    if let Some(selected) = &session.selected
        && !selected.read_only
    {
        let (now, id) = (session.context.clock.now(), selected.id);
        match session.here(Rights::EXPUNGE) {
            Ok(access) => drop(session.context.store.expunge(&access, id, None, now).await?),
            Err(ImapError::Auth(AuthError::Store(StoreError::NotPermitted))) => {}
            Err(error) => return Err(error),
        }
    }
    session.selected = None;
    Ok(Answer::ok("CLOSE completed."))
}

/// Closes and leaves everything as it is.
pub(super) fn unselect(session: &mut Session) -> Answer {
    session.selected = None;
    Answer::ok("UNSELECT completed.")
}

/// Says goodbye; the session ends when this is answered.
pub(super) fn logout(session: &mut Session) -> Answer {
    session.link.line("* BYE Logging out");
    Answer::ok("LOGOUT completed.")
}
