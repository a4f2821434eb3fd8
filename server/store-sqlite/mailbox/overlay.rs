//! `\Seen` of readers who are not the owner: rows beside the messages, under the mailbox's MODSEQ, so that each reader's
//! sessions hear of his own changes as of any other.

use std::collections::HashMap;

use sqlx::SqlitePool;
use store::{FlagChange, FlagRow, Hand, ReaderState, SeenOf, SeenRow, StoreError};
use types::{Flags, MailboxId, SystemFlags, Uid, UidSet, UserId};

use super::flags::{Changed, Outcome, Stored, apply, put, write};
use super::rows::{MessageFlags, column, flags, has, modseq, not_selectable, runs};
use super::{Piece, load};
use crate::database::failed;
use crate::sql;

type Result<T> = std::result::Result<T, StoreError>;

/// The overlay of user $2 in mailbox $1 as lines of one text; `$where` says which rows.
macro_rules! lines {
    ($from:literal, $where:literal) => {
        concat!("SELECT group_concat(s.uid || ' ' || s.seen || ' ' || s.modseq, char(10)) FROM ", $from, $where)
    };
}
const ALL: &str = lines!("seen AS s", " WHERE s.mailbox = $1 AND s.user = $2");
const SINCE: &str = lines!("seen AS s", " WHERE s.mailbox = $1 AND s.user = $2 AND s.modseq > $3");
const THESE: &str = lines!(
    "json_each($3) AS r CROSS JOIN seen AS s",
    " WHERE s.mailbox = $1 AND s.user = $2 AND s.uid BETWEEN r.value->>0 AND r.value->>1"
);

/// Rows of a reader's overlay.
pub async fn read(db: impl sql::Executor, reader: UserId, mailbox: MailboxId, of: SeenOf<'_>) -> Result<Vec<SeenRow>> {
    let query = match of {
        SeenOf::All => sql::query_scalar(ALL).bind(mailbox.0).bind(reader.0),
        SeenOf::Since(since) => sql::query_scalar(SINCE).bind(mailbox.0).bind(reader.0).bind(column(since)),
        SeenOf::These(uids) => sql::query_scalar(THESE).bind(mailbox.0).bind(reader.0).bind(runs(uids)),
    };
    let text: Option<String> = query.fetch_one(db).await.map_err(failed)?;
    let rows = text.iter().flat_map(|text| text.split('\n')).map(row).collect::<Option<Vec<_>>>();
    rows.ok_or_else(|| StoreError::Damaged("a row of what somebody has seen".into()))
}

fn row(line: &str) -> Option<SeenRow> {
    let mut fields = line.splitn(3, ' ');
    let uid = Uid(fields.next()?.parse().ok()?);
    let seen = fields.next()? == "1";
    Some(SeenRow { uid, seen, modseq: modseq(fields.next()?.parse().ok()?) })
}

/// How many messages of each mailbox the reader has seen, and whether he subscribed it.
pub async fn states(db: &SqlitePool, reader: UserId, mailboxes: &[MailboxId]) -> Result<Vec<ReaderState>> {
    let sql = "SELECT (SELECT count(*) FROM seen WHERE mailbox = wanted.value AND user = $2 AND seen = 1),
                      EXISTS (SELECT 1 FROM subscription WHERE user = $2 AND mailbox = wanted.value)
               FROM json_each($1) AS wanted ORDER BY wanted.key";
    let ids: Vec<i64> = mailboxes.iter().map(|mailbox| mailbox.0).collect();
    let query = sql::query_as(sql).bind(super::json(&ids)?).bind(reader.0);
    let rows: Vec<(u32, bool)> = query.fetch_all(db).await.map_err(failed)?;
    Ok(rows.into_iter().map(|(seen, subscribed)| ReaderState { seen, subscribed }).collect())
}

/// Writes the reader's `\Seen` of these messages at this MODSEQ.
pub async fn mark(db: &mut sql::Here, hand: Hand, modseq: i64, marks: &[(u32, bool)]) -> Result<()> {
    if marks.is_empty() {
        return Ok(());
    }
    let sql = "INSERT INTO seen (mailbox, user, uid, seen, modseq)
               SELECT $1, $2, value->>0, value->>1, $3 FROM json_each($4) WHERE true
               ON CONFLICT (mailbox, user, uid) DO UPDATE SET seen = excluded.seen, modseq = excluded.modseq";
    let query = sql::query(sql).bind(hand.mailbox.0).bind(hand.reader.0).bind(modseq).bind(super::json(&marks)?);
    query.execute(db).await.map_err(failed)?;
    Ok(())
}

/// What the reader has seen of these messages, by UID.
pub async fn of_messages(db: &mut sql::Here, hand: Hand, messages: &[MessageFlags]) -> Result<HashMap<u32, SeenRow>> {
    let uids: UidSet = messages.iter().map(|message| Uid(message.uid)).collect();
    let rows = read(db, hand.reader, hand.mailbox, SeenOf::These(&uids)).await?;
    Ok(rows.into_iter().map(|row| (row.uid.0, row)).collect())
}

/// The message as its reader sees it.
pub fn shown(hand: Hand, message: &MessageFlags, overlay: &HashMap<u32, SeenRow>) -> FlagRow {
    let mut row = message.row();
    if !hand.is_own() {
        let own = overlay.get(&message.uid);
        row.flags = with_seen(&row.flags, own.is_some_and(|own| own.seen));
        row.modseq = own.map_or(row.modseq, |own| own.modseq.max(row.modseq));
    }
    row
}

fn with_seen(flags: &Flags, seen: bool) -> Flags {
    let mut flags = flags.clone();
    flags.system = flags.system.without(SystemFlags::SEEN);
    if seen {
        flags.system = flags.system.union(SystemFlags::SEEN);
    }
    flags
}

/// STORE of the first [`super::PIECE`] of `uids` above `after` by somebody who is not the owner: his `\Seen` goes into the overlay, of
/// the other flags those change that he may.
pub async fn store(db: &mut sql::Here, hand: Hand, uids: &UidSet, after: u32, change: &FlagChange) -> Result<Stored> {
    let mut loaded = load::some(&mut *db, hand.owner, hand.mailbox, uids, after).await?;
    if !loaded.mailbox.selectable {
        return Err(not_selectable());
    }
    let next = super::next(&loaded, Some(uids));
    let overlay = of_messages(db, hand, &loaded.messages).await?;
    let since = change.unchanged_since;
    let (mut outcome, mut marks, mut written) = (Outcome::default(), Vec::new(), Vec::new());
    let now = loaded.mailbox.modseq + 1;
    for message in &mut loaded.messages {
        let mut row = shown(hand, message, &overlay);
        if since.is_some_and(|since| row.modseq > since) {
            outcome.left.insert(row.uid);
            continue;
        }
        let wanted = hand.rights.changed(&row.flags, &apply(&row.flags, change));
        if wanted != row.flags {
            let seen = wanted.system.contains(SystemFlags::SEEN);
            if seen != row.flags.system.contains(SystemFlags::SEEN) {
                marks.push((message.uid, seen));
            }
            // the owner's \Seen is his
            let before = flags(message.flags, &message.keywords);
            let base = with_seen(&wanted, has(message.flags, SystemFlags::SEEN));
            if base != before {
                put(&mut loaded.mailbox, message, &base, now);
                written.push(Changed { uid: row.uid, before, after: base });
            }
            (row.flags, row.modseq) = (wanted, modseq(now));
        }
        outcome.rows.push(row);
    }
    if marks.is_empty() && written.is_empty() {
        return Ok(Piece { done: outcome, next, modseq: None });
    }
    loaded.mailbox.modseq = now;
    write(db, &loaded, uids, &written).await?;
    mark(db, hand, now, &marks).await?;
    Ok(Piece { done: outcome, next, modseq: Some(now) })
}
