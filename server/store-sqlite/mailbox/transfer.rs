//! COPY and MOVE, in pieces of at most 1,000 messages. A copy shares the record of its original.

use std::collections::HashMap;

use store::{Hand, Moved, StoreError};
use types::{Flags, SystemFlags, Timestamp, Uid, UidSet, UidValidity};

use super::load::{self, Loaded};
use super::rows::{MailboxRow, not_selectable};
use super::{Piece, overlay};
use crate::database::failed;
use crate::sql;

/// Milliseconds for which tombstones are kept: 30 days. A session asks what changed at least every half hour
/// (`limits.imap_idle`), so it never misses one; a view in the cache that does is read anew.
const TOMBSTONES_KEPT: i64 = 30 * 86_400_000;

type Result<T> = std::result::Result<T, StoreError>;

/// From where to where.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    /// From here.
    pub from: Hand,
    /// To here.
    pub to: Hand,
    /// The present moment.
    pub at: Timestamp,
    /// Whether what is copied goes from the source.
    pub moving: bool,
}

/// What a piece did: the pairs of UIDs, and the MODSEQ of the destination when something came there.
pub type Transferred = Piece<(Moved, Option<i64>)>;

/// Brings the first [`super::PIECE`] of `uids` above `after` to the destination.
pub async fn transfer(db: &mut sql::Here, route: Route, uids: &UidSet, after: u32) -> Result<Transferred> {
    let mut source = load::some(&mut *db, route.from.owner, route.from.mailbox, uids, after).await?;
    let same = route.from.mailbox == route.to.mailbox;
    let mut target =
        if same { source.mailbox.clone() } else { load::row(&mut *db, route.to.owner, route.to.mailbox).await? };
    if !source.mailbox.selectable || !target.selectable {
        return Err(not_selectable());
    }
    let next = super::next(&source, Some(uids));
    let uid_validity = UidValidity(target.uid_validity);
    if source.messages.is_empty() {
        return Ok(Piece { done: (Moved { uid_validity, uids: Vec::new() }, None), next, modseq: None });
    }
    let first = target.take_uids(source.messages.len())?;
    let pairs: Vec<(u32, u32)> = source.messages.iter().map(|message| message.uid).zip(first..).collect();
    target.modseq += 1;
    let brought = brought(db, route, &source).await?;
    for (message, brought) in source.messages.iter().zip(&brought) {
        target.count(1, brought.flags.unwrap_or(message.flags), message.size);
    }
    insert(db, &source, &target, &pairs, &brought, route.at).await?;
    let seen = pairs.iter().zip(&brought).filter(|(_, brought)| brought.seen);
    let seen: Vec<(u32, bool)> = seen.map(|((_, new), _)| (*new, true)).collect();
    overlay::mark(db, route.to, target.modseq, &seen).await?;
    if route.moving {
        if same {
            source.mailbox = target.clone();
        } else {
            source.mailbox.modseq += 1;
        }
        take_out(db, &mut source, route.at).await?;
    }
    let moved = Moved { uid_validity, uids: pairs.into_iter().map(|(old, new)| (Uid(old), Uid(new))).collect() };
    let gone = route.moving.then_some(source.mailbox.modseq);
    Ok(Piece { done: (moved, Some(target.modseq)), next, modseq: gone })
}

/// What a copy brings along beside the original's columns.
#[derive(Debug, Clone, Default)]
pub struct Brought {
    /// Its flags and keywords; `None`: those of the original.
    flags: Option<i64>,
    keywords: Option<String>,
    /// Whether its reader's overlay says that he has seen it.
    seen: bool,
}

impl Brought {
    /// Nothing: it lies there as if it had just come.
    pub fn nothing() -> Self {
        Self { flags: Some(0), keywords: Some(String::new()), seen: false }
    }
}

/// Between one's own mailboxes a copy is as its original. Else its flags are those that its reader sees, as far as he may set
/// them at the destination, and `\Seen` is his there too.
async fn brought(db: &mut sql::Here, route: Route, source: &Loaded) -> Result<Vec<Brought>> {
    let Route { from, to, .. } = route;
    if from.is_own() && to.is_own() {
        return Ok(vec![Brought::default(); source.messages.len()]);
    }
    let seen = if from.is_own() { HashMap::new() } else { overlay::of_messages(db, from, &source.messages).await? };
    let one = |message| {
        let row = overlay::shown(from, message, &seen);
        let mut flags = to.rights.changed(&Flags::default(), &row.flags);
        let seen = !to.is_own() && flags.system.contains(SystemFlags::SEEN);
        if !to.is_own() {
            flags.system = flags.system.without(SystemFlags::SEEN);
        }
        Brought { flags: Some(i64::from(flags.system.0)), keywords: Some(flags.keyword_text()), seen }
    };
    Ok(source.messages.iter().map(one).collect())
}

/// Puts copies of the loaded messages into `target` under the UIDs that stand beside theirs, with its counters.
pub async fn insert(
    db: &mut sql::Here,
    source: &Loaded,
    target: &MailboxRow,
    pairs: &[(u32, u32)],
    brought: &[Brought],
    at: Timestamp,
) -> Result<()> {
    let sql = "INSERT INTO message
                 (mailbox, uid, modseq, created, flags, keywords, internal_date, record, size, prefix, cuts, saved)
               SELECT $2, pair.value->>1, $3, $3, ifnull(pair.value->>2, m.flags), ifnull(pair.value->>3, m.keywords), m.internal_date, m.record, m.size, m.prefix,
                      m.cuts, $10
               FROM json_each($4) AS pair CROSS JOIN message AS m WHERE m.mailbox = $1 AND m.uid = pair.value->>0;
               UPDATE mailbox SET uid_next = $5, modseq = $3, messages = $6, unseen = $7, deleted = $8, size = $9
               WHERE id = $2";
    let query = sql::query(sql).bind(source.mailbox.id).bind(target.id).bind(target.modseq);
    let rows = pairs.iter().zip(brought).map(|((old, new), brought)| (old, new, brought.flags, &brought.keywords));
    let query = query.bind(super::json(&rows.collect::<Vec<_>>())?);
    let query = query.bind(target.uid_next).bind(target.messages).bind(target.unseen).bind(target.deleted);
    query.bind(target.size).bind(at.0).execute(db).await.map_err(failed)?;
    Ok(())
}

/// Takes the loaded messages out of their mailbox: tombstones at its MODSEQ, counters. Twice as many old tombstones
/// may go with it, so that they grow only with what was expunged lately.
pub async fn take_out(db: &mut sql::Here, loaded: &mut Loaded, at: Timestamp) -> Result<()> {
    for message in &loaded.messages {
        loaded.mailbox.count(-1, message.flags, message.size);
    }
    let sql = "INSERT INTO tombstone (mailbox, expunged, uid, created, at)
               SELECT $1, $2, m.uid, m.created, $4 FROM json_each($3) AS gone CROSS JOIN message AS m
               WHERE m.mailbox = $1 AND m.uid = gone.value;
               DELETE FROM message WHERE mailbox = $1 AND uid IN (SELECT value FROM json_each($3));
               DELETE FROM seen WHERE mailbox = $1 AND uid IN (SELECT value FROM json_each($3));
               UPDATE mailbox SET forgotten = ifnull((SELECT max(expunged) FROM
                 (SELECT expunged, at FROM tombstone WHERE mailbox = $1 ORDER BY expunged, uid LIMIT $10)
                 WHERE at < $9), forgotten) WHERE id = $1;
               DELETE FROM tombstone WHERE mailbox = $1 AND at < $9 AND (expunged, uid) IN
                 (SELECT expunged, uid FROM tombstone WHERE mailbox = $1 ORDER BY expunged, uid LIMIT $10);
               UPDATE mailbox SET modseq = $2, messages = $5, unseen = $6, deleted = $7, size = $8 WHERE id = $1";
    let uids: Vec<u32> = loaded.messages.iter().map(|message| message.uid).collect();
    let row = &loaded.mailbox;
    let query = sql::query(sql).bind(row.id).bind(row.modseq).bind(super::json(&uids)?).bind(at.0);
    let query = query.bind(row.messages).bind(row.unseen).bind(row.deleted).bind(row.size);
    let old = at.0.saturating_sub(TOMBSTONES_KEPT);
    query.bind(old).bind(2 * super::PIECE).execute(db).await.map_err(failed)?;
    Ok(())
}
