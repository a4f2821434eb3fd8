//! STORE (RFC 3501 6.4.6), in the selected state.

use store::{FlagChange, FlagMode};
use types::Flags;

use super::Updates;
use super::sync::{self, resolve, selected, windows};
use crate::ImapError;
use crate::answer::Answer;
use crate::session::Session;
use crate::wire::sequence::SequenceSet;
use crate::wire::store::StoreMode;

/// So many rows are changed in one transaction, and told together.
const WINDOW: u32 = 1_000;

/// A STORE as asked.
pub(super) struct Asked {
    pub(super) uid: bool,
    pub(super) set: SequenceSet,
    pub(super) mode: StoreMode,
    pub(super) silent: bool,
    pub(super) flags: Flags,
}

/// Changes flags and tells the new ones, unless `.SILENT`.
pub(super) async fn run(session: &mut Session, asked: &Asked) -> Result<Answer, ImapError> {
    if selected(session)?.read_only {
        return Ok(Answer::no("READ-ONLY", "The mailbox is read-only"));
    }
    let uids = resolve(selected(session)?, asked.uid, &asked.set)?;
    // What others changed before is told first: a silent STORE must not swallow it.
    sync::tell(session, Updates::NoExpunges).await?;
    let mode = match asked.mode {
        StoreMode::Replace => FlagMode::Replace,
        StoreMode::Add => FlagMode::Add,
        StoreMode::Remove => FlagMode::Remove,
    };
    let change = FlagChange { mode, flags: asked.flags.clone(), unchanged_since: None };
    let context = session.context.clone();
    let mut changed = 0;
    for window in windows(&uids, WINDOW) {
        session.go_on()?;
        let (access, id) = (session.writing()?, selected(session)?.id);
        let (rows, _) = context.store.store_flags(&access, id, &window, change.clone()).await?;
        changed += rows.len();
        let Session { selected: Some(selected), link, .. } = session else { break };
        selected.announce(rows.iter().map(|row| &row.flags), link.out());
        for row in &rows {
            if !asked.silent {
                selected.write_row(row, asked.uid, link.out());
            }
            selected.told(row.uid, row.modseq);
        }
        link.flush_batch().await?;
    }
    if changed < uids.len() && !asked.uid {
        return Ok(Answer::no("EXPUNGEISSUED", "Some of the messages no longer exist"));
    }
    Ok(Answer::ok("STORE completed."))
}
