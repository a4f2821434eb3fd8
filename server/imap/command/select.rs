//! SELECT and EXAMINE (RFC 3501 6.3.1, 6.3.2), after sign-in.

use store::Opened;

use crate::ImapError;
use crate::answer::Answer;
use crate::selected::Selected;
use crate::session::Session;
use crate::wire::name::MailboxName;

/// Opens the mailbox. One that was open before is closed, even when this fails.
pub(super) async fn run(session: &mut Session, name: &MailboxName, read_only: bool) -> Result<Answer, ImapError> {
    if session.selected.take().is_some() {
        session.link.line("* OK [CLOSED] Previous mailbox closed.");
    }
    let context = session.context.clone();
    let mailbox = context.store.mailbox_named(&session.reading()?, name.as_str()).await?;
    if !mailbox.selectable {
        return Ok(Answer::no("CANNOT", "This name only holds other mailboxes"));
    }
    // Watched before it is read: no change can fall in between.
    let changed = context.watchers.watch(mailbox.id);
    let opened = if read_only {
        context.store.examine(&session.reading()?, mailbox.id).await?
    } else {
        context.store.select(&session.writing()?, mailbox.id).await?
    };
    let selected = Selected::new(&opened, read_only, changed);
    selected.write_flags(session.link.out());
    tell(session, &opened);
    session.selected = Some(selected);
    Ok(match read_only {
        true => Answer::ok_with("READ-ONLY", "EXAMINE completed."),
        false => Answer::ok_with("READ-WRITE", "SELECT completed."),
    })
}

fn tell(session: &mut Session, opened: &Opened) {
    let state = &opened.mailbox.state;
    session.link.line(&format!("* {} EXISTS", opened.uids.len()));
    session.link.line(&format!("* {} RECENT", opened.recent.len()));
    if let Some(number) = opened.first_unseen.and_then(|uid| opened.uids.rank(uid)) {
        session.link.line(&format!("* OK [UNSEEN {number}] First unseen."));
    }
    session.link.line(&format!("* OK [UIDVALIDITY {}] UIDs valid", state.uid_validity));
    session.link.line(&format!("* OK [UIDNEXT {}] Predicted next UID", state.uid_next));
}
