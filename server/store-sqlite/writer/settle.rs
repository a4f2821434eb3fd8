//! Moves the bytes of small records out of the database: many at once into the active segment file, flushed, and only
//! then their rows name the new place.

use std::sync::{Arc, Weak};
use std::time::Duration;

use async_trait::async_trait;
use blobs::{RecordRef, Sealed};
use sqlx::SqlitePool;
use store::{Event, StoreError};
use tokio_util::sync::CancellationToken;

use super::{Job, Lane};
use crate::SqliteEngine;
use crate::commits::Commits;
use crate::database::failed;
use crate::place::{INLINE, is_digest, number};
use crate::sql::{self, Value, values};

/// How often it looks whether there is something to move.
const EVERY: Duration = Duration::from_secs(1);
/// Records that are moved at once: with 16 KiB each, as many bytes as are flushed together.
const PIECE: usize = 512;

/// So many transactions between two looks, and what can wait does.
const BUSY: u64 = 200;
/// Records that wait at most while others write: 64 MiB if all are as large as they may be.
const WAIT: i64 = 4_096;

/// Moves what there is, again and again until `stop` or until the engine is gone.
pub(crate) async fn run(engine: Weak<SqliteEngine>, commits: Arc<Commits>, stop: CancellationToken) {
    let mut before = commits.count();
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
        let Some(engine) = engine.upgrade() else { return };
        if let Err(error) = engine.mailboxes().keep_recent().await {
            tracing::debug!(%error, "what was shown as recent is not written down");
        }
        // what somebody who went away in the middle has left to do
        if let Err(error) = engine.end_disposals().await {
            tracing::warn!(%error, "a key is still to be destroyed");
        }
        if let Err(error) = engine.catch_up_with_shares().await {
            tracing::warn!(%error, "the rights on shared mailboxes could not be read");
        }
        let since = commits.count() - before;
        if since < BUSY || !can_wait(&engine.readers).await {
            while !stop.is_cancelled() && piece(&engine).await == Some(PIECE) {}
        }
        before = commits.count();
    }
}

/// Whether few enough records are in the database to leave them there while mail comes as fast as it can be written: moving
/// one costs a third of writing it.
async fn can_wait(db: &SqlitePool) -> bool {
    let sql = "SELECT ifnull((SELECT max(record) FROM inline_record) - (SELECT min(record) FROM inline_record), 0)";
    sqlx::query_scalar(sql).fetch_one(db).await.is_ok_and(|waiting: i64| waiting < WAIT)
}

/// Moves a piece; how many records it had, `None` when it failed and is tried again later.
async fn piece(engine: &SqliteEngine) -> Option<usize> {
    match move_piece(engine).await {
        Ok(moved) => Some(moved),
        // the store ends, or the disk is full: the bytes are as safe where they are
        Err(StoreError::Stopped(_) | StoreError::Full) => None,
        Err(error) => {
            tracing::warn!(%error, "moving small records to their segment failed");
            None
        }
    }
}

/// Moves the oldest records that wait; how many.
pub(crate) async fn move_piece(engine: &SqliteEngine) -> Result<usize, StoreError> {
    let (ids, sealed) = waiting(&engine.readers).await?;
    if ids.is_empty() {
        return Ok(0);
    }
    let places = engine.writer.keep(sealed).await?;
    let moved = ids
        .into_iter()
        .zip(places)
        .map(|(id, RecordRef::Segment { file, offset, .. })| Ok(values![id, number(file)?, number(offset)?]));
    let moved = Moved(moved.collect::<Result<_, StoreError>>()?);
    engine.writer.run(Lane::Bulk, moved).await
}

/// The oldest records whose bytes are in the database.
async fn waiting(db: &SqlitePool) -> Result<(Vec<i64>, Vec<Sealed>), StoreError> {
    let rows = sql::query(
        "SELECT r.id, i.bytes, r.size, r.digest FROM inline_record AS i CROSS JOIN record AS r ON r.id = i.record \
         ORDER BY i.record LIMIT $1",
    )
    .bind(i64::try_from(PIECE).unwrap_or(i64::MAX))
    .fetch_all(db)
    .await
    .map_err(failed)?;
    let mut waiting = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
    for row in rows {
        // what is damaged stays where it is, and `verify` names it
        let Some(sealed) = sealed(&row) else { continue };
        waiting.0.push(row.get(0));
        waiting.1.push(sealed);
    }
    Ok(waiting)
}

fn sealed(row: &sql::Row) -> Option<Sealed> {
    let (bytes, size) = (row.get::<Vec<u8>, _>(1), u64::try_from(row.get::<i64, _>(2)).ok()?);
    let digest: [u8; 32] = row.get::<Vec<u8>, _>(3).try_into().ok()?;
    is_digest(&bytes, &digest).then_some(Sealed { bytes, size, digest })
}

/// Records with the file and the offset at which their bytes have been flushed.
struct Moved(Vec<Vec<Value>>);

const PLACE: &str = "UPDATE record SET file = $2, offset = $3 WHERE id = $1 AND file = 0";
const GONE: &str = "DELETE FROM inline_record WHERE record = $1";

#[async_trait]
impl Job for Moved {
    type Answer = usize;
    async fn run(&self, tx: &mut sql::Here, _events: &mut Vec<Event>) -> Result<usize, StoreError> {
        const _: () = assert!(INLINE == 0, "the statement says so");
        tx.each(PLACE, &self.0).map_err(failed)?;
        tx.each(GONE, &self.0).map_err(failed)?;
        Ok(self.0.len())
    }
}
