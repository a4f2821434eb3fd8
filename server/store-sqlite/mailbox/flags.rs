//! STORE: flags of messages, in pieces of at most 1,000, each with a MODSEQ of its own.

use sqlx::SqliteConnection;
use store::{FlagChange, FlagMode, FlagRow, StoreError};
use types::{Flags, MailboxId, Uid, UidSet, UserId};

use super::load::{self, Loaded};
use super::rows::{MessageFlags, column, flags, not_selectable};
use super::{PIECE, Piece};
use crate::database::failed;

/// What a piece of STORE did.
pub type Stored = Piece<(Vec<FlagRow>, UidSet)>;

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
    Ok(Piece {
        done: (loaded.messages.iter().map(MessageFlags::row).collect(), left),
        next,
        modseq: (!changed.is_empty()).then_some(loaded.mailbox.modseq),
    })
}

/// Changes the rows and counters in memory; what is to be written as (uid, flags, keywords).
fn change_rows(loaded: &mut Loaded, change: &FlagChange) -> Vec<(u32, i64, String)> {
    let (mut changed, modseq) = (Vec::new(), loaded.mailbox.modseq + 1);
    for message in &mut loaded.messages {
        let old = flags(message.flags, &message.keywords);
        let new = apply(&old, change);
        if new == old {
            continue;
        }
        loaded.mailbox.count(-1, message.flags, message.size);
        message.flags = i64::from(new.system.0);
        message.keywords = new.keyword_text();
        message.modseq = modseq;
        loaded.mailbox.count(1, message.flags, message.size);
        changed.push((message.uid, message.flags, message.keywords.clone()));
    }
    if !changed.is_empty() {
        loaded.mailbox.modseq = modseq;
    }
    changed
}

fn apply(old: &Flags, change: &FlagChange) -> Flags {
    match change.mode {
        FlagMode::Replace => change.flags.clone(),
        FlagMode::Add => old.union(&change.flags),
        FlagMode::Remove => old.without(&change.flags),
    }
}

async fn write(db: &mut SqliteConnection, loaded: &Loaded, changed: &[(u32, i64, String)]) -> Result<(), StoreError> {
    // with the mailbox among the changes the planner looks each message up, instead of reading the whole mailbox
    let sql = "WITH change (mailbox, uid, flags, keywords) AS MATERIALIZED
                 (SELECT $1, value->>0, value->>1, value->>2 FROM json_each($5))
               UPDATE message SET modseq = $2, flags = change.flags, keywords = change.keywords
               FROM change WHERE message.mailbox = change.mailbox AND message.uid = change.uid;
               UPDATE mailbox SET modseq = $2, unseen = $3, deleted = $4 WHERE id = $1";
    let row = &loaded.mailbox;
    let json = super::json(&changed)?;
    let query = sqlx::query(sql).bind(row.id).bind(row.modseq).bind(row.unseen).bind(row.deleted).bind(json);
    query.execute(db).await.map_err(failed)?;
    Ok(())
}
