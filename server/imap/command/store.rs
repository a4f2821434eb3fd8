//! STORE (RFC 3501 6.4.6, conditional RFC 7162 3.1.3), in the selected state.

use std::collections::VecDeque;
use std::sync::Arc;
use std::vec::IntoIter;

use store::{Access, FlagChange, FlagMode, FlagRow, InMailbox, Rights, StoreError, Write};
use tokio::task::JoinHandle;
use types::{Flags, MailboxId, ModSeq, UidSet};

use super::sync::{resolve, selected, windows};
use super::{Updates, news};
use crate::answer::Answer;
use crate::selected::Selected;
use crate::session::Session;
use crate::wire::sequence::{SequenceSet, write_places, write_set};
use crate::wire::store::StoreMode;
use crate::{Context, ImapError};

/// So many rows are changed together, and told together.
const WINDOW: u32 = 1_000;
/// So many windows are with the store at once: it commits them with one flush, and works while others are told.
const AT_ONCE: usize = 4;

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
    let mut changes = Changes { windows: windows(&uids, WINDOW).into_iter(), begun: VecDeque::new() };
    while let Some(done) = changes.next(session, asked).await? {
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

/// The windows of a STORE, in their order; those that were begun are done even when the session ends.
struct Changes {
    windows: IntoIter<UidSet>,
    begun: VecDeque<JoinHandle<Result<Done, StoreError>>>,
}

impl Changes {
    /// What was done to the next window; `None` after the last. The right to change is judged anew for each.
    async fn next(&mut self, session: &Session, asked: &Asked) -> Result<Option<Done>, ImapError> {
        session.go_on()?;
        while self.begun.len() < AT_ONCE {
            let Some(window) = self.windows.next() else { break };
            let change = Change::new(session, asked)?;
            self.begun.push_back(tokio::spawn(async move { change.of(&window).await }));
        }
        let Some(first) = self.begun.pop_front() else { return Ok(None) };
        Ok(Some(first.await.map_err(|_| StoreError::Engine("changing flags was interrupted".into()))??))
    }
}

/// A change of flags that goes on beside the session.
struct Change {
    context: Arc<Context>,
    access: Access<InMailbox, Write>,
    mailbox: MailboxId,
    /// What the client knew when it asked.
    known: ModSeq,
    change: FlagChange,
    silent: bool,
}

impl Change {
    fn new(session: &Session, asked: &Asked) -> Result<Self, ImapError> {
        let selected = session.selected.as_ref().ok_or(ImapError::Bye("No mailbox selected"))?;
        let mode = match asked.mode {
            StoreMode::Replace => FlagMode::Replace,
            StoreMode::Add => FlagMode::Add,
            StoreMode::Remove => FlagMode::Remove,
        };
        Ok(Self {
            context: session.context.clone(),
            access: session.here(Rights::NONE)?,
            mailbox: selected.id,
            known: selected.modseq,
            change: FlagChange { mode, flags: asked.flags.clone(), unchanged_since: asked.unchanged_since },
            silent: asked.silent,
        })
    }

    /// Changes a window. The client of a silent STORE takes the new flags to be its own with the change; where somebody else
    /// was quicker since it was last told, that is wrong, and the row is told after all.
    async fn of(&self, window: &UidSet) -> Result<Done, StoreError> {
        let FlagChange { mode, unchanged_since, .. } = self.change;
        if !self.silent {
            let (told, left) = self.store(window, unchanged_since).await?;
            return Ok(Done { told, left, ..Done::default() });
        }
        if unchanged_since.is_some() || mode == FlagMode::Replace {
            let (silent, left) = self.store(window, unchanged_since).await?;
            return Ok(Done { silent, left, ..Done::default() });
        }
        let (silent, overtaken) = self.store(window, Some(self.known)).await?;
        let told = if overtaken.is_empty() { Vec::new() } else { self.store(&overtaken, None).await?.0 };
        Ok(Done { silent, told, left: UidSet::new() })
    }

    /// The rows that were changed, and those that were left.
    async fn store(
        &self,
        uids: &UidSet,
        unchanged_since: Option<ModSeq>,
    ) -> Result<(Vec<FlagRow>, UidSet), StoreError> {
        let change = FlagChange { unchanged_since, ..self.change.clone() };
        self.context.store.store_flags(&self.access, self.mailbox, uids, change).await
    }
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
