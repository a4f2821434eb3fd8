//! Moves the log of `mail.db` into the database, on a connection of its own, so that no commit pays for it.
//!
//! A checkpoint that hinders nobody never comes to the log's end while mail keeps coming, and the log grows for ever
//! (<https://www.sqlite.org/wal.html>, "checkpoint starvation"): commits then wait for the file system to make the
//! file longer, and readers look a page up in more and more tables. So writers wait once for the last few pages
//! when the log has grown too long, and the next commit begins it anew, over bytes that are there already. The writer
//! gives way between two transactions ([`Turn`]): one that writes without a pause would leave SQLite's own waiting,
//! which looks now and then whether nobody writes, no moment.
//!
//! While the file still grows, each commit waits for the file system to write down its new length too, twice as long as later
//! (0.24 ms instead of 0.12). So a log that is used is made as long as it will become, with zeros, which SQLite takes for its end.

use std::fs::File;
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use blobs::{Space, free_space};
use sqlx::SqlitePool;
use store::StoreError;
use tokio_util::sync::CancellationToken;

use crate::commits::Commits;
use crate::database::{self, Judge, failed};
use crate::sql::Here;

/// Whose turn it is to write to the log: held for each transaction, and while writers are to wait. First come, first served.
pub(crate) type Turn = Arc<tokio::sync::Mutex<()>>;

/// When the log is moved.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    /// How often it is looked at.
    pub every: Duration,
    /// Pages that are worth moving.
    pub worth: u32,
    /// Pages from which on it is begun anew.
    pub most: u32,
    /// Pages that somebody has written who will write more.
    pub used: u32,
}

impl Pace {
    /// For a server: 8 MiB, 32 MiB, 1 MiB.
    pub const SERVER: Self = Self { every: Duration::from_millis(250), worth: 2_048, most: 8_192, used: 256 };

    /// Bytes that the log will have: what comes between two looks is beyond what it is begun anew at.
    fn full(self) -> u64 {
        u64::from(self.most + self.worth) * PAGE
    }
}

/// So long another process is waited for that writes.
const BUSY: Duration = Duration::from_millis(500);

/// Looks for which it rests when a reader was in the way.
const RESTS: u32 = 20;

/// Bytes of a page in the log.
const PAGE: u64 = 4_096 + 24;

/// The log that is moved, and how.
pub(crate) struct Log {
    /// A connection of its own.
    pub pool: SqlitePool,
    pub turn: Turn,
    /// Who sees how much it holds.
    pub commits: Arc<Commits>,
    /// `mail.db`.
    pub database: PathBuf,
    pub pace: Pace,
    pub judge: Judge,
}

/// Works until `stop`.
pub(crate) async fn run(log: Log, stop: CancellationToken) {
    // after a reader was in the way: how many looks to rest, and the pages from which on there is no rest
    let mut rest: Option<(u32, u32)> = None;
    let mut lengthens = true;
    // pages of a log that was begun anew and has not been written to since
    let mut done = None;
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            () = tokio::time::sleep(log.pace.every) => {}
        }
        let (pages, moved) = log.pages();
        if lengthens && pages >= log.pace.used {
            lengthens = log.is_lengthened().await;
        }
        let waiting = pages.saturating_sub(moved);
        if (waiting < log.pace.worth && pages <= log.pace.most) || (waiting == 0 && done == Some(pages)) {
            continue;
        }
        if let Some((looks, long)) = rest
            && looks > 0
            && pages < long
        {
            rest = Some((looks - 1, long));
            continue;
        }
        rest = match log.once().await {
            Ok(true) => {
                done = Some(pages);
                None
            }
            // a reader stays where it is: writers are not made to wait for it again before the log has grown much
            Ok(false) => Some((RESTS, pages + 4 * log.pace.most)),
            Err(error) => {
                let error = log.judge.failed(error);
                tracing::warn!(%error, "a checkpoint failed");
                None
            }
        }
    }
    log.pool.close().await;
}

impl Log {
    /// Moves what hinders nobody; where that leaves little of a long log, or the log has become very long, the rest while writers
    /// wait. False: a reader was in the way of that.
    async fn once(&self) -> Result<bool, sqlx::Error> {
        let (_, pages, moved): (i64, i64, i64) =
            sqlx::query_as("PRAGMA wal_checkpoint(PASSIVE)").fetch_one(&self.pool).await?;
        let most = i64::from(self.pace.most);
        if pages <= most || (pages <= 4 * most && pages - moved >= most / 8) {
            return Ok(true);
        }
        let _turn = self.turn.lock().await;
        let (busy, ..): (i64, i64, i64) =
            sqlx::query_as("PRAGMA wal_checkpoint(RESTART)").fetch_one(&self.pool).await?;
        Ok(busy == 0)
    }

    /// Makes the log as long as it will become; false: that cannot be, and need not be tried again.
    async fn is_lengthened(&self) -> bool {
        let full = self.pace.full();
        if std::fs::metadata(self.path()).is_ok_and(|log| log.len() >= full) {
            return true;
        }
        // what room there is, is for mail
        if self.database.parent().is_none_or(|dir| !matches!(free_space(dir), Ok(Space::Plenty))) {
            return true;
        }
        match self.lengthen(full).await {
            Ok(()) => true,
            Err(error) if database::is_busy(&error) => true,
            Err(error) => {
                let error = self.judge.failed(error);
                tracing::warn!(%error, "the log of mail.db grows with each commit");
                false
            }
        }
    }

    /// Zeros behind what the log holds, while nobody can write to it, neither this process nor another: the lock lives in the
    /// thread that fills, so that neither can outlive the other.
    async fn lengthen(&self, full: u64) -> Result<(), sqlx::Error> {
        let (database, log) = (self.database.clone(), self.path());
        let turn = self.turn.clone().lock_owned().await;
        let work = move || {
            let mut nobody = Here::open(&database, BUSY, &[])?;
            nobody.change("BEGIN IMMEDIATE", &[])?;
            let filled = fill(&log, full);
            drop((nobody, turn));
            filled?.sync_all().map_err(sqlx::Error::Io)
        };
        tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
    }

    fn path(&self) -> PathBuf {
        let mut name = self.database.as_os_str().to_owned();
        name.push("-wal");
        name.into()
    }

    /// How many pages it holds, and how many of them the database has; by its length where SQLite's index of it cannot be read.
    fn pages(&self) -> (u32, u32) {
        self.commits.log().unwrap_or_else(|| {
            let length = std::fs::metadata(self.path()).map_or(0, |log| log.len());
            (u32::try_from(length / PAGE).unwrap_or(u32::MAX), 0)
        })
    }
}

/// Fills a file with zeros up to this length. Where there is no room for them it stays as it is.
fn fill(path: &Path, full: u64) -> io::Result<File> {
    const PIECE: usize = 1 << 20;
    let mut file = File::options().write(true).open(path)?;
    let length = file.seek(SeekFrom::End(0))?;
    let mut left = usize::try_from(full.saturating_sub(length)).map_err(io::Error::other)?;
    while left > 0 {
        let piece = left.min(PIECE);
        if let Err(error) = file.write_all(&vec![0; piece]) {
            file.set_len(length)?;
            return Err(error);
        }
        left -= piece;
    }
    Ok(file)
}

/// Moves all of it and empties the file, so that nothing of what was deleted is left there; false: a reader or another process was
/// in the way, and it is to be done again.
pub(crate) async fn empty(path: &Path, turn: &Turn) -> Result<bool, StoreError> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql;

    /// As in the server, the connection that writes has a thread of its own.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn the_log_stays_short_while_writing_never_pauses() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mail.db");
        let (mut writer, readers) = database::open_mail(&path).await.unwrap();
        sql::query("CREATE TABLE filling (bytes BLOB)").execute(&mut writer).await.unwrap();
        let stop = CancellationToken::new();
        let judge = Judge::new("a checkpoint", Arc::new(|why: &str| panic!("{why}")));
        let pace = Pace { every: Duration::from_millis(5), worth: 16, most: 256, used: 16 };
        let pool = database::open_checkpointer(&path).await.unwrap();
        let log = folder.path().join("mail.db-wal");
        let turn = Turn::default();
        let commits = Arc::new(Commits::of(&path));
        let moved = Log { pool, turn: turn.clone(), commits, database: path.clone(), pace, judge };
        let task = tokio::spawn(run(moved, stop.clone()));
        let reader = tokio::spawn(async move {
            while sqlx::query("SELECT count(*) FROM filling").execute(&readers).await.is_ok() {}
            readers
        });
        // 64 MB of pages, of which the log holds a small part at any time
        for _ in 0..2_000 {
            let _turn = turn.lock().await;
            sql::query("INSERT INTO filling VALUES (zeroblob(32000))").execute(&mut writer).await.unwrap();
        }
        stop.cancel();
        task.await.unwrap();
        reader.abort();
        let length = std::fs::metadata(&log).unwrap().len();
        assert!(length < 24 << 20, "{length}");
        let kept: i64 = sql::query_scalar("SELECT count(*) FROM filling").fetch_one(&mut writer).await.unwrap();
        assert_eq!(kept, 2_000);
    }
    /// A log that was made longer holds what it held, for this process, for another, and after a crash.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_longer_log_holds_what_it_held() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mail.db");
        let (mut writer, readers) = database::open_mail(&path).await.unwrap();
        sql::query("CREATE TABLE filling (bytes BLOB)").execute(&mut writer).await.unwrap();
        let fill = "INSERT INTO filling VALUES (zeroblob(32000))";
        let pool = database::open_checkpointer(&path).await.unwrap();
        let judge = Judge::new("a checkpoint", Arc::new(|why: &str| panic!("{why}")));
        let (commits, at) = (Arc::new(Commits::of(&path)), folder.path().join("mail.db-wal"));
        let log = Log { pool, turn: Turn::default(), commits, database: path.clone(), pace: Pace::SERVER, judge };
        for rows in 1..4 {
            sql::query(fill).execute(&mut writer).await.unwrap();
            assert!(log.is_lengthened().await);
            assert_eq!(std::fs::metadata(&at).unwrap().len(), Pace::SERVER.full());
            // as it would be found after a crash
            let crashed = tempfile::tempdir().unwrap();
            for name in ["mail.db", "mail.db-wal"] {
                std::fs::copy(folder.path().join(name), crashed.path().join(name)).unwrap();
            }
            let (mut there, _) = database::open_mail(&crashed.path().join("mail.db")).await.unwrap();
            sql::query(fill).execute(&mut there).await.unwrap();
            let count = "SELECT count(*) FROM filling";
            let counted: i64 = sql::query_scalar(count).fetch_one(&mut there).await.unwrap();
            let checked: String = sql::query_scalar("PRAGMA integrity_check").fetch_one(&mut there).await.unwrap();
            assert_eq!((counted, checked.as_str()), (rows + 1, "ok"));
            let here: i64 = sql::query_scalar(count).fetch_one(&readers).await.unwrap();
            assert_eq!(here, rows);
            // emptied, it is short again
            if rows == 2 {
                assert!(empty(&path, &log.turn).await.unwrap());
                assert_eq!(std::fs::metadata(&at).unwrap().len(), 0);
            }
        }
    }
}
