//! STATUS (RFC 3501 6.3.10), after sign-in: counters that are kept, whatever the size of the mailbox, but for
//! DELETED-STORAGE and RECENT, which few clients ask for and which are counted.

use store::{Access, InMailbox, Mailbox, MessageRow, Read, Rights, Want};
use types::{SystemFlags, UidSet};

use super::sync::windows;
use crate::ImapError;
use crate::answer::Answer;
use crate::object_id;
use crate::session::Session;
use crate::spaces::{self, Found};
use crate::wire::list::StatusItem;
use crate::wire::name::MailboxName;
use crate::wire::write;

/// Answers STATUS.
pub(super) async fn run(session: &mut Session, name: &MailboxName, items: &[StatusItem]) -> Result<Answer, ImapError> {
    if items.contains(&StatusItem::HighestModSeq) {
        session.enable_condstore();
    }
    let mut found = spaces::find(session, name.as_str()).await?;
    let reading = session.reading()?;
    if found.owner == reading.what().0 {
        // its counters now
        found.mailbox = session.context.store.mailbox_named(&reading, &found.mailbox.name).await?;
    }
    if !found.mailbox.selectable {
        return Ok(Answer::no("CANNOT", "This name only holds other mailboxes"));
    }
    tell(session, &found, items).await?;
    Ok(Answer::ok("STATUS completed."))
}

/// `* STATUS name (…)`
pub(super) async fn tell(session: &mut Session, found: &Found, items: &[StatusItem]) -> Result<(), ImapError> {
    let access = session.in_mailbox(found.owner, found.mailbox.id, Rights::READ)?;
    let mailbox = &found.mailbox;
    let state = &mailbox.state;
    let mut words = Vec::with_capacity(items.len());
    for item in items {
        words.push(match item {
            StatusItem::Messages => format!("MESSAGES {}", state.messages),
            StatusItem::UidNext => format!("UIDNEXT {}", state.uid_next),
            StatusItem::UidValidity => format!("UIDVALIDITY {}", state.uid_validity),
            StatusItem::Unseen => format!("UNSEEN {}", state.unseen),
            StatusItem::HighestModSeq => format!("HIGHESTMODSEQ {}", state.highest_modseq),
            StatusItem::Deleted => format!("DELETED {}", state.deleted),
            StatusItem::DeletedStorage => {
                format!("DELETED-STORAGE {}", deleted_bytes(session, &access, mailbox).await?.div_ceil(1_024))
            }
            StatusItem::Size => format!("SIZE {}", state.size),
            StatusItem::AppendLimit => format!("APPENDLIMIT {}", session.context.limits.message_size),
            StatusItem::MailboxId => format!("MAILBOXID ({})", object_id::mailbox(mailbox.id)),
            // No row counts them.
            StatusItem::Recent => {
                let opened = session.context.store.examine(&access, mailbox.id).await?;
                format!("RECENT {}", opened.recent.len())
            }
        });
    }
    let utf8 = session.enabled.names_in_utf8();
    let out = session.link.out();
    out.extend_from_slice(b"* STATUS ");
    write::mailbox(out, &mailbox.name, utf8);
    out.extend_from_slice(format!(" ({})\r\n", words.join(" ")).as_bytes());
    Ok(())
}

/// How many bytes the messages have that bear `\Deleted` (RFC 9208 5.1); mostly none does.
async fn deleted_bytes(
    session: &Session,
    access: &Access<InMailbox, Read>,
    mailbox: &Mailbox,
) -> Result<u64, ImapError> {
    if mailbox.state.deleted == 0 {
        return Ok(0);
    }
    let store = &session.context.store;
    let mut all = UidSet::new();
    all.insert_run(1, mailbox.state.uid_next.0.saturating_sub(1));
    let flags = store.flags(access, mailbox.id, &all).await?;
    let deleted =
        flags.iter().filter(|row| row.flags.system.contains(SystemFlags::DELETED)).map(|row| row.uid).collect();
    let mut bytes = 0;
    for window in windows(&deleted, 500) {
        let rows = store.messages(access, mailbox.id, &window, Want::default()).await?;
        bytes += rows.iter().map(MessageRow::size).sum::<u64>();
    }
    Ok(bytes)
}
