//! SELECT and EXAMINE (RFC 3501 6.3.1, 6.3.2; with what a client knows already, RFC 7162 3.2.5), after sign-in.

use store::{Opened, Read, Rights, StoreError};
use types::{ModSeq, UidSet};

use super::list;
use crate::ImapError;
use crate::answer::Answer;
use crate::object_id;
use crate::selected::{CHANGING, Selected, gone_of, write_vanished};
use crate::session::Session;
use crate::spaces::{self, Found};
use crate::wire::select::{Resync, Select};

/// Opens the mailbox. One that was open before is closed, even when this fails.
pub(super) async fn run(session: &mut Session, asked: &Select) -> Result<Answer, ImapError> {
    if asked.resync.is_some() && !session.enabled.qresync {
        return Ok(Answer::bad("QRESYNC is not enabled"));
    }
    if session.selected.take().is_some() {
        session.link.line("* OK [CLOSED] Previous mailbox closed.");
    }
    if asked.condstore {
        session.enable_condstore();
    }
    let context = session.context.clone();
    let Found { owner, mailbox, rights } = spaces::find(session, asked.name.as_str()).await?;
    if !mailbox.selectable {
        return Ok(Answer::no("CANNOT", "This name only holds other mailboxes"));
    }
    let read_only = asked.read_only || !rights.has_any(CHANGING);
    let reading = session.in_mailbox::<Read>(owner, mailbox.id, Rights::READ)?;
    // Watched before it is read: no change can fall in between.
    let changed = context.watchers.watch(mailbox.id);
    let me = session.reading()?.what().0;
    let judged = (owner != me).then(|| context.watchers.watch_person(me));
    // IMAP4rev2 knows no \Recent, so nothing is claimed for it.
    let mut opened = if read_only || session.enabled.rev2 {
        context.store.examine(&reading, mailbox.id).await?
    } else {
        context.store.select(&session.in_mailbox(owner, mailbox.id, Rights::READ)?, mailbox.id).await?
    };
    opened.mailbox.name = mailbox.name;
    let selected = Selected::new(&opened, (owner, rights), asked.read_only, (changed, judged), session.enabled);
    selected.write_flags(session.link.out());
    tell(session, &opened);
    if session.enabled.rev2 {
        list::tell_name(session, "", &opened.mailbox.name, asked.name.supplied());
    }
    session.selected = Some(selected);
    if let Some(known) = &asked.resync
        && known.uid_validity == opened.mailbox.state.uid_validity
    {
        resync(session, &opened, known).await?;
    }
    Ok(match (read_only, asked.read_only) {
        (true, true) => Answer::ok_with("READ-ONLY", "EXAMINE completed."),
        (true, false) => Answer::ok_with("READ-ONLY", "SELECT completed."),
        (false, _) => Answer::ok_with("READ-WRITE", "SELECT completed."),
    })
}

fn tell(session: &mut Session, opened: &Opened) {
    let state = &opened.mailbox.state;
    session.link.line(&format!("* {} EXISTS", opened.uids.len()));
    if !session.enabled.rev2 {
        session.link.line(&format!("* {} RECENT", opened.recent.len()));
        if let Some(number) = opened.first_unseen.and_then(|uid| opened.uids.rank(uid)) {
            session.link.line(&format!("* OK [UNSEEN {number}] First unseen."));
        }
    }
    session.link.line(&format!("* OK [UIDVALIDITY {}] UIDs valid", state.uid_validity));
    session.link.line(&format!("* OK [UIDNEXT {}] Predicted next UID", state.uid_next));
    session.link.line(&format!("* OK [HIGHESTMODSEQ {}] Highest", state.highest_modseq));
    session.link.line(&format!("* OK [MAILBOXID ({})] Ok", object_id::mailbox(opened.mailbox.id)));
}

/// Tells what of the known UIDs went, then what came or changed since. What happens after the mailbox was opened is left
/// to the next command, as always.
async fn resync(session: &mut Session, opened: &Opened, resync: &Resync) -> Result<(), ImapError> {
    let (context, state) = (session.context.clone(), &opened.mailbox.state);
    // A client that knows more than there is (the server was set back) knows nothing that can be relied on.
    let since = if resync.modseq > state.highest_modseq { ModSeq(0) } else { resync.modseq };
    let known = match &resync.known {
        Some(set) => set.all_uids(&opened.uids, &UidSet::new()),
        None => every_uid(opened),
    };
    let asked = context.store.changes_since(&session.here(Rights::READ)?, opened.mailbox.id, since, false).await;
    let changes = match asked {
        Err(StoreError::NotFound(_)) => return Err(ImapError::Bye("The selected mailbox was deleted")),
        changes => changes?,
    };
    write_vanished(session.link.out(), true, &gone_of(&changes, &known, &opened.uids));
    for row in changes.rows.iter().filter(|row| row.modseq <= state.highest_modseq && known.contains(row.uid)) {
        let Session { selected: Some(selected), link, .. } = session else { return Ok(()) };
        selected.write_row(row, true, link.out());
        link.flush_batch().await?;
    }
    Ok(())
}

/// Every UID that the mailbox has given so far.
fn every_uid(opened: &Opened) -> UidSet {
    let mut all = UidSet::new();
    all.insert_run(1, opened.mailbox.state.uid_next.0.saturating_sub(1));
    all
}
