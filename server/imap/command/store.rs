//! STORE (RFC 3501 6.4.6, conditional RFC 7162 3.1.3), in the selected state.

use store::{FlagChange, FlagMode, FlagRow, Rights};
use types::{Flags, ModSeq, UidSet};

use super::sync::{resolve, selected, windows};
use super::{Updates, news};
use crate::ImapError;
use crate::answer::Answer;
use crate::selected::Selected;
use crate::session::Session;
use crate::wire::sequence::{SequenceSet, write_places, write_set};
use crate::wire::store::StoreMode;

/// So many rows are changed in one transaction, and told together.
const WINDOW: u32 = 1_000;

/// A STORE as asked.
pub(super) struct Asked {
    pub(super) uid: bool,
    pub(super) set: SequenceSet,
    /// Only where nothing changed after this (RFC 7162 3.1.3).
    pub(super) unchanged_since: Option<ModSeq>,
    pub(super) mode: StoreMode,
    pub(super) silent: bool,
    pub(super) flags: Flags,
}

/// Changes flags and tells the new ones, unless `.SILENT`.
pub(super) async fn run(session: &mut Session, asked: &Asked) -> Result<Answer, ImapError> {
    if selected(session)?.read_only {
        return Ok(Answer::no("READ-ONLY", "The mailbox is read-only"));
    }
    if asked.unchanged_since.is_some() {
        session.enable_condstore();
    }
    let uids = resolve(selected(session)?, asked.uid, &asked.set)?;
    // What others changed before is told first: a silent STORE must not swallow it.
    news::messages(session, Updates::AskNoExpunges).await?;
    let (mut found, mut modified) = (0, UidSet::new());
    for window in windows(&uids, WINDOW) {
        session.go_on()?;
        let done = change(session, asked, &window).await?;
        found += done.silent.len() + done.told.len() + done.left.len();
        done.left.runs().iter().for_each(|(first, last)| modified.insert_run(*first, *last));
        let Session { selected: Some(selected), link, .. } = session else { break };
        selected.announce(done.silent.iter().chain(&done.told).map(|row| &row.flags), link.out());
        for row in &done.told {
            selected.write_row(row, asked.uid, link.out());
            selected.told(row.uid, row.modseq);
        }
        for row in &done.silent {
            if selected.enabled.condstore && selected.is_news(row) {
                selected.write_modseq(row, asked.uid, link.out());
            }
            selected.told(row.uid, row.modseq);
        }
        link.flush_batch().await?;
    }
    if !modified.is_empty() {
        return Ok(Answer::ok_with(
            modified_code(selected(session)?, asked.uid, &modified),
            "Conditional STORE failed.",
        ));
    }
    if found < uids.len() && !asked.uid {
        return Ok(Answer::no("EXPUNGEISSUED", "Some of the messages no longer exist"));
    }
    Ok(Answer::ok("STORE completed."))
}

/// What a STORE did to a window of messages.
#[derive(Default)]
struct Done {
    /// Rows that are told with their flags.
    told: Vec<FlagRow>,
    /// Rows whose flags the client knows, since it said them.
    silent: Vec<FlagRow>,
    /// Those left because of UNCHANGEDSINCE.
    left: UidSet,
}

/// Changes a window. The client of a silent STORE takes the new flags to be its own with the change; where somebody else
/// was quicker since it was last told, that is wrong, and the row is told after all.
async fn change(session: &mut Session, asked: &Asked, window: &UidSet) -> Result<Done, ImapError> {
    let (context, selected) = (session.context.clone(), selected(session)?);
    let (id, known) = (selected.id, selected.modseq);
    let store = async |uids: &UidSet, unchanged_since| -> Result<_, ImapError> {
        let mode = match asked.mode {
            StoreMode::Replace => FlagMode::Replace,
            StoreMode::Add => FlagMode::Add,
            StoreMode::Remove => FlagMode::Remove,
        };
        let change = FlagChange { mode, flags: asked.flags.clone(), unchanged_since };
        Ok(context.store.store_flags(&session.here(Rights::NONE)?, id, uids, change).await?)
    };
    if !asked.silent {
        let (told, left) = store(window, asked.unchanged_since).await?;
        return Ok(Done { told, left, ..Done::default() });
    }
    if asked.unchanged_since.is_some() || asked.mode == StoreMode::Replace {
        let (silent, left) = store(window, asked.unchanged_since).await?;
        return Ok(Done { silent, left, ..Done::default() });
    }
    let (silent, overtaken) = store(window, Some(known)).await?;
    let told = if overtaken.is_empty() { Vec::new() } else { store(&overtaken, None).await?.0 };
    Ok(Done { silent, told, left: UidSet::new() })
}

/// `MODIFIED set`: what was left because it changed meanwhile.
fn modified_code(selected: &Selected, uid: bool, modified: &UidSet) -> String {
    let mut code = b"MODIFIED ".to_vec();
    if uid {
        write_set(&mut code, modified)
    } else {
        write_places(&mut code, &selected.view, modified)
    }
    String::from_utf8_lossy(&code).into_owned()
}
