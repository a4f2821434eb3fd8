//! STATUS (RFC 3501 6.3.10), after sign-in: one row, whatever the size of the mailbox.

use store::Mailbox;

use crate::ImapError;
use crate::answer::Answer;
use crate::session::Session;
use crate::wire::list::StatusItem;
use crate::wire::name::MailboxName;
use crate::wire::write;

/// Answers STATUS.
pub(super) async fn run(session: &mut Session, name: &MailboxName, items: &[StatusItem]) -> Result<Answer, ImapError> {
    let mailbox = session.context.store.mailbox_named(&session.reading()?, name.as_str()).await?;
    if !mailbox.selectable {
        return Ok(Answer::no("CANNOT", "This name only holds other mailboxes"));
    }
    tell(session, &mailbox, items).await?;
    Ok(Answer::ok("STATUS completed."))
}

/// `* STATUS name (…)`
pub(super) async fn tell(session: &mut Session, mailbox: &Mailbox, items: &[StatusItem]) -> Result<(), ImapError> {
    let state = &mailbox.state;
    let mut words = Vec::with_capacity(items.len());
    for item in items {
        words.push(match item {
            StatusItem::Messages => format!("MESSAGES {}", state.messages),
            StatusItem::UidNext => format!("UIDNEXT {}", state.uid_next),
            StatusItem::UidValidity => format!("UIDVALIDITY {}", state.uid_validity),
            StatusItem::Unseen => format!("UNSEEN {}", state.unseen),
            // The row does not count them: clients that still ask are few.
            StatusItem::Recent => {
                let opened = session.context.store.examine(&session.reading()?, mailbox.id).await?;
                format!("RECENT {}", opened.recent.len())
            }
        });
    }
    let out = session.link.out();
    out.extend_from_slice(b"* STATUS ");
    write::mailbox(out, &mailbox.name);
    out.extend_from_slice(format!(" ({})\r\n", words.join(" ")).as_bytes());
    Ok(())
}
