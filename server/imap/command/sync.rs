//! Tells the client what happened in its mailbox (RFC 3501 5.2): shared by all commands.

use store::Rights;
use types::UidSet;

use super::{Updates, news};
use crate::ImapError;
use crate::selected::Selected;
use crate::session::Session;
use crate::wire::cursor::Parsed;
use crate::wire::sequence::SequenceSet;

/// Tells what may be told.
pub(crate) async fn tell(session: &mut Session, updates: Updates) -> Result<(), ImapError> {
    let Some(selected) = &mut session.selected else { return Ok(()) };
    let expunges = matches!(updates, Updates::All | Updates::AskStore | Updates::Own);
    let heard = selected.changed.has_changed().unwrap_or(true);
    let ask = match updates {
        Updates::None => return Ok(()),
        Updates::NoExpunges | Updates::All => heard,
        Updates::AskNoExpunges | Updates::AskStore | Updates::Own => true,
    };
    let waiting = expunges && selected.has_gone();
    if !(ask || waiting) {
        return Ok(());
    }
    // Marked as heard before the store is asked: what comes in between is heard again.
    selected.changed.borrow_and_update();
    let access = session.here(Rights::READ)?;
    let Some(selected) = &mut session.selected else { return Ok(()) };
    let claim = selected.claims_recent();
    let asked = session.context.store.changes_since(&access, selected.id, selected.modseq, claim).await;
    let changes = match asked {
        Err(store::StoreError::NotFound(_)) => return Err(ImapError::Bye("The selected mailbox was deleted")),
        changes => changes?,
    };
    if !changes.expunged.is_empty() {
        session.context.cards.forget(selected.id, &changes.expunged);
    }
    selected.apply(&changes, expunges, session.link.out());
    Ok(())
}

/// The selected mailbox; commands that need one are refused before they get here.
pub(crate) fn selected(session: &mut Session) -> Result<&mut Selected, ImapError> {
    session.selected.as_mut().ok_or(ImapError::Bye("No mailbox selected"))
}

/// The UIDs that a command means.
pub(crate) fn resolve(selected: &Selected, uid: bool, set: &SequenceSet) -> Parsed<UidSet> {
    let (view, saved) = (&selected.view, &selected.saved);
    if uid { Ok(set.as_uids(view, saved)) } else { set.as_numbers(view, saved) }
}

/// Tells everything, so that the client knows the mailbox as it is; then the code of the MODSEQ with which it may come
/// back, for those who do (RFC 7162 3.2.7).
pub(crate) async fn highest(session: &mut Session) -> Result<Option<String>, ImapError> {
    news::messages(session, Updates::Own).await?;
    let selected = session.selected.as_ref().filter(|selected| selected.enabled.qresync);
    Ok(selected.map(|selected| format!("HIGHESTMODSEQ {}", selected.known_whole())))
}

/// Cuts a set into windows of at most `size` UIDs.
pub(crate) fn windows(set: &UidSet, size: u32) -> Vec<UidSet> {
    let (mut out, mut window, mut room) = (Vec::new(), UidSet::new(), size);
    for (first, last) in set.runs() {
        let mut first = *first;
        while first <= *last {
            let end = (*last).min(first.saturating_add(room - 1));
            window.insert_run(first, end);
            room -= end - first + 1;
            if room == 0 {
                out.push(std::mem::take(&mut window));
                room = size;
            }
            let Some(next) = end.checked_add(1) else { break };
            first = next;
        }
    }
    if !window.is_empty() {
        out.push(window);
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use types::Uid;

    use super::*;

    proptest! {
        #[test]
        fn windows_hold_every_uid_once(uids in proptest::collection::btree_set(1u32..400, 0..120), size in 1u32..40) {
            let set: UidSet = uids.iter().map(|uid| Uid(*uid)).collect();
            let windows = windows(&set, size);
            prop_assert!(windows.iter().all(|window| window.len() <= size as usize && !window.is_empty()));
            let back: Vec<u32> = windows.iter().flat_map(|window| window.iter().map(|uid| uid.0).collect::<Vec<_>>()).collect();
            prop_assert_eq!(back, uids.into_iter().collect::<Vec<_>>());
        }
    }

    #[test]
    fn the_greatest_uid_ends_the_last_window() {
        let mut set = UidSet::new();
        set.insert_run(u32::MAX - 2, u32::MAX);
        assert_eq!(windows(&set, 2).len(), 2);
    }
}
