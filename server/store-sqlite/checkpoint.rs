//! Moves the log of `mail.db` into the database, on a connection of its own, so that no commit pays for it.
//!
//! A checkpoint that hinders nobody never comes to the log's end while mail keeps coming, and the log grows for ever
//! (<https://www.sqlite.org/wal.html>, "checkpoint starvation"): commits then wait for the file system to make the
//! file longer, and readers look a page up in more and more tables. So writers wait once for the last few pages
//! when the log has grown too long, and the next commit begins it anew, over bytes that are there already. The writer
//! gives way between two transactions ([`Turn`]): one that writes without a pause would leave SQLite's own waiting,
//! which looks now and then whether nobody writes, no moment.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use sqlx::SqlitePool;
use store::StoreError;
use tokio_util::sync::CancellationToken;

use crate::database::{self, Judge, failed};

/// Whose turn it is to write to the log: held for each transaction, and while writers are to wait. First come, first served.
pub(crate) type Turn = Arc<tokio::sync::Mutex<()>>;

/// When the log is moved.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    /// How often it is looked at.
    pub every: Duration,
    /// Bytes that are worth moving.
    pub worth: u64,
    /// Pages from which on it is begun anew.
    pub most: i64,
}

impl Pace {
    /// For a server: 8 MiB, 32 MiB.
    pub const SERVER: Self = Self { every: Duration::from_millis(250), worth: 8 << 20, most: 8_192 };
}

/// Looks for which it rests when a reader was in the way.
const RESTS: u32 = 20;

/// Bytes of a page of the database, about: a page of the log has 24 more.
const PAGE: u64 = 4_096;

/// The log that is moved, and how.
pub(crate) struct Log {
    /// A connection of its own.
    pub pool: SqlitePool,
    pub turn: Turn,
    pub path: PathBuf,
    pub pace: Pace,
    pub judge: Judge,
}

/// Works until `stop`.
pub(crate) async fn run(log: Log, stop: CancellationToken) {
    let Log { pool, turn, path, pace, judge } = log;
    // after a reader was in the way: how many looks to rest, and the length from which on there is no rest
    let mut rest: Option<(u32, u64)> = None;
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            () = tokio::time::sleep(pace.every) => {}
        }
        let length = std::fs::metadata(&path).map_or(0, |log| log.len());
        if length < pace.worth {
            continue;
        }
        if let Some((looks, long)) = rest
            && looks > 0
            && length < long
        {
            rest = Some((looks - 1, long));
            continue;
        }
        rest = match once(&pool, &turn, pace.most).await {
            Ok(true) => None,
            // a reader stays where it is: writers are not made to wait for it again before the log has grown much
            Ok(false) => Some((RESTS, length + 4 * pace.most.unsigned_abs() * PAGE)),
            Err(error) => {
                let error = judge.failed(error);
                tracing::warn!(%error, "a checkpoint failed");
                None
            }
        }
    }
    pool.close().await;
}

/// Moves all of it and empties the file, so that nothing of what was deleted is left there; false: a reader or another process was
/// in the way, and it is to be done again.
pub(crate) async fn empty(path: &std::path::Path, turn: &Turn) -> Result<bool, StoreError> {
    const TRIES: usize = 5;
    let pool = database::open_checkpointer(path).await?;
    for _ in 0..TRIES {
        let _turn = turn.lock().await;
        let moved: (i64, i64, i64) =
            sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&pool).await.map_err(failed)?;
        if moved.0 == 0 {
            pool.close().await;
            return Ok(true);
        }
    }
    pool.close().await;
    Ok(false)
}

/// Moves what hinders nobody; where that leaves little of a long log, or the log has become very long, the rest while writers
/// wait. False: a reader was in the way of that.
async fn once(pool: &SqlitePool, turn: &Turn, most: i64) -> Result<bool, sqlx::Error> {
    let (_, pages, moved): (i64, i64, i64) = sqlx::query_as("PRAGMA wal_checkpoint(PASSIVE)").fetch_one(pool).await?;
    if pages <= most || (pages <= 4 * most && pages - moved >= most / 8) {
        return Ok(true);
    }
    let _turn = turn.lock().await;
    let (busy, ..): (i64, i64, i64) = sqlx::query_as("PRAGMA wal_checkpoint(RESTART)").fetch_one(pool).await?;
    Ok(busy == 0)
}

#[cfg(test)]
mod tests {
    use sqlx::Connection as _;

    use super::*;

    #[tokio::test]
    async fn the_log_stays_short_while_writing_never_pauses() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mail.db");
        let (mut writer, readers) = database::open_mail(&path).await.unwrap();
        sqlx::query("CREATE TABLE filling (bytes BLOB)").execute(&mut writer).await.unwrap();
        let stop = CancellationToken::new();
        let judge = Judge::new("a checkpoint", Arc::new(|why: &str| panic!("{why}")));
        let pace = Pace { every: Duration::from_millis(5), worth: 64 << 10, most: 256 };
        let pool = database::open_checkpointer(&path).await.unwrap();
        let log = folder.path().join("mail.db-wal");
        let turn = Turn::default();
        let moved = Log { pool, turn: turn.clone(), path: log.clone(), pace, judge };
        let task = tokio::spawn(run(moved, stop.clone()));
        let reader = tokio::spawn(async move {
            while sqlx::query("SELECT count(*) FROM filling").execute(&readers).await.is_ok() {}
            readers
        });
        // 64 MB of pages, of which the log holds a small part at any time
        for _ in 0..2_000 {
            let _turn = turn.lock().await;
            sqlx::query("INSERT INTO filling VALUES (zeroblob(32000))").execute(&mut writer).await.unwrap();
        }
        stop.cancel();
        task.await.unwrap();
        reader.abort();
        let length = std::fs::metadata(&log).unwrap().len();
        assert!(length < 24 << 20, "{length}");
        let kept: i64 = sqlx::query_scalar("SELECT count(*) FROM filling").fetch_one(&mut writer).await.unwrap();
        assert_eq!(kept, 2_000);
        writer.close().await.unwrap();
    }
}
