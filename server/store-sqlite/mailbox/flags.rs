//! STORE: flags of messages, in pieces of at most 1,000, each with a MODSEQ of its own.

use sqlx::SqliteConnection;
use store::{FlagChange, FlagMode, FlagRow, StoreError};
use types::{Flags, MailboxId, Uid, UidSet, UserId};

use super::load::{self, Loaded};
use super::rows::{MailboxRow, MessageFlags, column, flags, not_selectable};
use super::{PIECE, Piece};
use crate::database::failed;

/// What STORE did to some messages.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The rows as they are after it.
    pub rows: Vec<FlagRow>,
    /// Those left because of UNCHANGEDSINCE.
    pub left: UidSet,
    /// Those that changed, with their flags before and after it.
    pub changed: Vec<Changed>,
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

/// Changes flags of the first [`PIECE`] of `uids` above `after`. Rows whose flags stay as they are keep their MODSEQ.
pub async fn store(
    db: &mut SqliteConnection,
    user: UserId,
    mailbox: MailboxId,
    uids: &UidSet,
    after: u32,
    change: &FlagChange,
) -> Result<Stored, StoreError> {
    let mut loaded = load::some(&mut *db, user, mailbox, uids, after, PIECE).await?;
    if !loaded.mailbox.selectable {
        return Err(not_selectable());
    }
    let next = super::next(&loaded);
    let since = change.unchanged_since.map_or(i64::MAX, column);
    let left: UidSet = loaded.messages.iter().filter(|message| message.modseq > since).map(|m| Uid(m.uid)).collect();
    loaded.messages.retain(|message| message.modseq <= since);
    let changed = change_rows(&mut loaded, change);
    if !changed.is_empty() {
        write(db, &loaded, &changed).await?;
    }
    let modseq = (!changed.is_empty()).then_some(loaded.mailbox.modseq);
    Ok(Piece {
        done: Outcome { rows: loaded.messages.iter().map(MessageFlags::row).collect(), left, changed },
        next,
        modseq,
    })
}

/// Changes the rows and counters in memory; what is to be written.
fn change_rows(loaded: &mut Loaded, change: &FlagChange) -> Vec<Changed> {
    let (mut changed, modseq) = (Vec::new(), loaded.mailbox.modseq + 1);
    for message in &mut loaded.messages {
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

/// Writes what changed, and the mailbox row.
pub async fn write(db: &mut SqliteConnection, loaded: &Loaded, changed: &[Changed]) -> Result<(), StoreError> {
    // with the mailbox among the changes the planner looks each message up, instead of reading the whole mailbox
    let sql = "WITH change (mailbox, uid, flags, keywords) AS MATERIALIZED
                 (SELECT $1, value->>0, value->>1, value->>2 FROM json_each($5))
               UPDATE message SET modseq = $2, flags = change.flags, keywords = change.keywords
               FROM change WHERE message.mailbox = change.mailbox AND message.uid = change.uid;
               UPDATE mailbox SET modseq = $2, unseen = $3, deleted = $4 WHERE id = $1";
    let row = &loaded.mailbox;
    let rows = changed.iter().map(|message| (message.uid, message.after.system, message.after.keyword_text()));
    let json = super::json(&rows.collect::<Vec<_>>())?;
    let query = sqlx::query(sql).bind(row.id).bind(row.modseq).bind(row.unseen).bind(row.deleted).bind(json);
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
