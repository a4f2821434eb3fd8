//! STORE: flags of messages, in pieces of at most 1,000, each with a MODSEQ of its own.

use store::{FlagChange, FlagMode, FlagRow, StoreError};
use types::{Flags, MailboxId, Uid, UidSet, UserId};

use super::Piece;
use super::load::{self, Loaded};
use super::rows::{MailboxRow, MessageFlags, column, flags, not_selectable};
use super::view::{Known, News};
use crate::database::failed;
use crate::sql::{self, values};

type Result<T> = std::result::Result<T, StoreError>;

/// Up to so many messages cost less to read with the mailbox than to find out that they are known.
pub const FEW: usize = 4;

/// What STORE did to some messages.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The rows as they are after it.
    pub rows: Vec<FlagRow>,
    /// Those left because of UNCHANGEDSINCE.
    pub left: UidSet,
    /// Those that changed, with their flags before and after it.
    pub changed: Vec<Changed>,
    /// The same for a view of the mailbox.
    pub news: Option<News>,
}

/// A message whose flags changed.
#[derive(Debug)]
pub struct Changed {
    pub uid: Uid,
    pub before: Flags,
    pub after: Flags,
}

/// What a piece of STORE did.
pub type Stored = Piece<Outcome>;

/// Changes flags of the first [`super::PIECE`] of `uids` above `after`. Rows whose flags stay as they are keep their MODSEQ.
/// What a view says of them (`known`) is not read again where the mailbox still is as the view has it.
pub async fn store(
    db: &mut sql::Here,
    (user, mailbox): (UserId, MailboxId),
    (uids, after): (&UidSet, u32),
    known: Option<&Known>,
    change: &FlagChange,
) -> Result<Stored> {
    let mut loaded = loaded(&mut *db, (user, mailbox), (uids, after), known).await?;
    if !loaded.mailbox.selectable {
        return Err(not_selectable());
    }
    let next = super::next(&loaded, Some(uids));
    let since = change.unchanged_since.map_or(i64::MAX, column);
    let left: UidSet = loaded.messages.iter().filter(|message| message.modseq > since).map(|m| Uid(m.uid)).collect();
    let changed = change_rows(&mut loaded, change, since);
    if !changed.is_empty() {
        write(db, &loaded, uids, &changed).await?;
    }
    let modseq = (!changed.is_empty()).then_some(loaded.mailbox.modseq);
    let rows = loaded.messages.iter().filter(|m| !left.contains(Uid(m.uid))).map(MessageFlags::row).collect();
    let news = modseq.map(|now| {
        loaded.messages.retain(|message| message.modseq == now);
        News { since: now - 1, changes: loaded }
    });
    Ok(Piece { done: Outcome { rows, left, changed, news }, next, modseq })
}

async fn loaded(
    db: &mut sql::Here,
    whose: (UserId, MailboxId),
    (uids, after): (&UidSet, u32),
    known: Option<&Known>,
) -> Result<Loaded> {
    let Some(known) = known else { return load::some(db, whose.0, whose.1, uids, after).await };
    let mailbox = load::row(&mut *db, whose.0, whose.1).await?;
    if mailbox.modseq == known.modseq {
        return Ok(Loaded { mailbox, messages: known.messages.clone(), gone: Vec::new() });
    }
    load::some(db, whose.0, whose.1, uids, after).await
}

/// Changes the rows up to the MODSEQ `since` and the counters in memory; what is to be written.
fn change_rows(loaded: &mut Loaded, change: &FlagChange, since: i64) -> Vec<Changed> {
    let (mut changed, modseq) = (Vec::new(), loaded.mailbox.modseq + 1);
    for message in loaded.messages.iter_mut().filter(|message| message.modseq <= since) {
        let old = flags(message.flags, &message.keywords);
        let new = apply(&old, change);
        if new == old {
            continue;
        }
        put(&mut loaded.mailbox, message, &new, modseq);
        changed.push(Changed { uid: Uid(message.uid), before: old, after: new });
    }
    if !changed.is_empty() {
        loaded.mailbox.modseq = modseq;
    }
    changed
}

/// Gives a message new flags at this MODSEQ, in memory, and counts it anew.
pub fn put(mailbox: &mut MailboxRow, message: &mut MessageFlags, new: &Flags, modseq: i64) {
    mailbox.count(-1, message.flags, message.size);
    message.flags = i64::from(new.system.0);
    message.keywords = new.keyword_text();
    message.modseq = modseq;
    mailbox.count(1, message.flags, message.size);
}

/// The flags after a change.
pub fn apply(old: &Flags, change: &FlagChange) -> Flags {
    match change.mode {
        FlagMode::Replace => change.flags.clone(),
        FlagMode::Add => old.union(&change.flags),
        FlagMode::Remove => old.without(&change.flags),
    }
}

/// Messages that got the same flags, with no other message between them.
struct Run<'a> {
    first: u32,
    last: u32,
    after: &'a Flags,
}

/// The runs of what changed. Of `uids` all that there is (up to where the piece ends) is in `loaded`.
fn runs<'a>(loaded: &Loaded, uids: &UidSet, changed: &'a [Changed]) -> Vec<Run<'a>> {
    let mut runs: Vec<Run<'a>> = Vec::new();
    let mut there = loaded.messages.iter().map(|message| message.uid);
    let mut spans = uids.runs().iter();
    let mut span = (1, 0);
    for message in changed {
        let uid = message.uid.0;
        let before = there.by_ref().take_while(|at| *at != uid).count();
        let new_span = uid > span.1;
        while uid > span.1 {
            span = spans.next().copied().unwrap_or((uid, uid));
        }
        match runs.last_mut().filter(|run| before == 0 && !new_span && *run.after == message.after) {
            Some(run) => run.last = uid,
            None => runs.push(Run { first: uid, last: uid, after: &message.after }),
        }
    }
    runs
}

const COUNTERS: &str = "UPDATE mailbox SET modseq = $2, unseen = $3, deleted = $4 WHERE id = $1";
/// Of one table and without anything to look up: SQLite changes each row as it comes to it.
const RUN: &str =
    "UPDATE message SET modseq = $2, flags = $3, keywords = $4 WHERE mailbox = $1 AND uid BETWEEN $5 AND $6";

/// Writes what changed of these `uids`, and the mailbox row.
pub async fn write(db: &mut sql::Here, loaded: &Loaded, uids: &UidSet, changed: &[Changed]) -> Result<()> {
    let MailboxRow { id, modseq, unseen, deleted, .. } = loaded.mailbox;
    let run = |Run { first, last, after }: &Run<'_>| {
        values![id, modseq, i64::from(after.system.0), after.keyword_text(), *first, *last]
    };
    db.each(RUN, &runs(loaded, uids, changed).iter().map(run).collect::<Vec<_>>()).map_err(failed)?;
    let query = sql::query(COUNTERS).bind(id).bind(modseq).bind(unseen).bind(deleted);
    query.execute(db).await.map_err(failed)?;
    Ok(())
}

/// The changes that undo these: flags that came are taken, flags that went are given back, each on exactly the
/// messages concerned; what else was changed meanwhile stays.
pub fn undoing(changed: &[Changed]) -> Vec<(UidSet, FlagChange)> {
    let mut undo: Vec<(UidSet, FlagChange)> = Vec::new();
    let mut add = |uid: Uid, mode: FlagMode, flags: Flags| {
        if flags == Flags::default() {
            return;
        }
        match undo.iter_mut().find(|(_, known)| known.mode == mode && known.flags == flags) {
            Some((uids, _)) => uids.insert(uid),
            None => {
                let change = FlagChange { mode, flags, unchanged_since: None };
                undo.push((std::iter::once(uid).collect(), change));
            }
        }
    };
    for message in changed {
        add(message.uid, FlagMode::Remove, message.after.without(&message.before));
        add(message.uid, FlagMode::Add, message.before.without(&message.after));
    }
    undo
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::view::tests::loaded;
    use super::*;

    proptest! {
        /// Whatever the mailbox holds and whichever of it changes: the statements for runs reach exactly what changed.
        #[test]
        fn runs_hold_what_changed_and_nothing_else(
            there in proptest::collection::btree_map(1u32..60, (any::<bool>(), 0u8..3, 0u8..8), 0..40), gap in 1u32..6,
        ) {
            // those of every gap-th ten are not asked for
            let asked = |uid: u32| !uid.is_multiple_of(10 * gap);
            let mut uids = UidSet::new();
            (1..60).filter(|uid| asked(*uid)).for_each(|uid| uids.insert(Uid(uid)));
            let here: Vec<_> = there.iter().filter(|(uid, _)| asked(**uid)).map(|(uid, _)| (*uid, 1, 0, "")).collect();
            let changed: Vec<Changed> = there.iter().filter(|(uid, (_, _, much))| asked(**uid) && *much > 0).map(|(uid, (_, flags, _))| {
                let after = Flags::system(types::SystemFlags(1 << flags));
                Changed { uid: Uid(*uid), before: Flags::default(), after }
            }).collect();
            let runs = runs(&loaded(5, &here, &[]), &uids, &changed);
            prop_assert!(runs.len() <= changed.len());
            let reached: Vec<(u32, Flags)> = runs.iter().flat_map(|run| {
                there.keys().filter(|uid| (run.first..=run.last).contains(*uid)).map(|uid| (*uid, run.after.clone()))
            }).collect();
            let wanted: Vec<(u32, Flags)> = changed.iter().map(|message| (message.uid.0, message.after.clone())).collect();
            prop_assert_eq!(reached, wanted);
        }
    }
}
