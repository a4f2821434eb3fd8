//! Opening the three database files, and what their errors mean.

use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use store::StoreError;

use crate::open::Mode;
use crate::sql::{Here, Near};
use crate::writer::Fatal;

/// So long a connection waits for another process that writes.
pub(crate) const BUSY: Duration = Duration::from_secs(10);

/// What all connections share beside what `sqlx` has words for.
const PRAGMAS: [(&str, &str); 4] = [
    ("temp_store", "memory"),
    ("cache_size", "-32768"),
    ("mmap_size", "268435456"),
    // of a log that was long once so much stays, to be written over
    ("journal_size_limit", "67108864"),
];

/// What the connection that writes has beside them, as [`options`]. It does no checkpoints in its commits: a connection
/// of its own does.
const WRITING: [(&str, &str); 4] =
    [("journal_mode", "WAL"), ("synchronous", "FULL"), ("foreign_keys", "on"), ("wal_autocheckpoint", "0")];

/// The settings that all files share: WAL, a commit is on disk when it returns, waits for other processes.
fn options(path: &Path) -> SqliteConnectOptions {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY)
        .foreign_keys(true)
        .statement_cache_capacity(500);
    PRAGMAS.into_iter().fold(options, |options, (name, value)| options.pragma(name, value))
}

/// A pool whose connections stay. sqlx's task that looks for old ones counts from a number that may wrap for a moment
/// (0.9.0, `PoolInner::pop_idle`), and then turns for ever on its thread: without time limits it is not started.
fn pool(most: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new().max_connections(most).idle_timeout(None).max_lifetime(None)
}

/// `keys.db`: what is deleted there is overwritten.
pub(crate) async fn open_keys(path: &Path) -> Result<SqlitePool, StoreError> {
    let options = options(path).pragma("secure_delete", "on");
    let pool = pool(2).connect_with(options).await.map_err(opening(path))?;
    sqlx::migrate!("migrations/keys").run(&pool).await.map_err(migrating(path))?;
    Ok(pool)
}

/// `directory.db`: one connection, since it changes seldom and is read into memory.
pub(crate) async fn open_directory(path: &Path) -> Result<SqlitePool, StoreError> {
    // what is deleted there may be a secret, sealed as it is
    let options = options(path).pragma("secure_delete", "on");
    let pool = pool(1).connect_with(options).await.map_err(opening(path))?;
    sqlx::migrate!("migrations/directory").run(&pool).await.map_err(migrating(path))?;
    Ok(pool)
}

/// `mail.db`: one connection that writes, and readers.
pub(crate) async fn open_mail(path: &Path) -> Result<(Here, SqlitePool), StoreError> {
    // No statistics are kept (decision 053); a connection goes on to plan by those that it has read, also when a migration has dropped them.
    let migrating_pool = pool(1).connect_with(options(path)).await.map_err(opening(path))?;
    sqlx::migrate!("migrations/mail").run(&migrating_pool).await.map_err(migrating(path))?;
    migrating_pool.close().await;
    let writer = Here::open(path, BUSY, &[&WRITING[..], &PRAGMAS].concat()).map_err(opening(path))?;
    let reading = options(path).pragma("query_only", "on");
    let readers = pool(4).test_before_acquire(false).connect_with(reading).await.map_err(opening(path))?;
    Ok((writer, readers))
}

/// Connections that read in the thread that asks. Nothing is mapped: after each commit of somebody SQLite lets go of what is, and
/// that stops the other processors for a moment, which costs more than to read the few pages anew.
pub(crate) fn open_near(path: &Path, mode: Mode, readers: SqlitePool) -> Result<Near, StoreError> {
    let threads = || std::thread::available_parallelism().map_or(2, |threads| threads.get().clamp(2, 16));
    // a command opens few mails
    let most = if mode == Mode::Server { threads() } else { 0 };
    let reading = [("query_only", "on"), ("mmap_size", "0"), ("cache_size", "-2048")];
    Near::open(path, most, &reading, readers).map_err(opening(path))
}

/// A connection for checkpoints alone.
pub(crate) async fn open_checkpointer(path: &Path) -> Result<SqlitePool, StoreError> {
    // while it waits for readers nobody can write
    let options = options(path).busy_timeout(Duration::from_millis(500));
    pool(1).connect_with(options).await.map_err(opening(path))
}

fn opening(path: &Path) -> impl Fn(sqlx::Error) -> StoreError + '_ {
    move |error| StoreError::Engine(format!("{} cannot be opened: {error}", path.display()))
}
fn migrating(path: &Path) -> impl Fn(sqlx::migrate::MigrateError) -> StoreError + '_ {
    move |error| StoreError::Engine(format!("{} cannot be brought to this version: {error}", path.display()))
}

/// A statement's error as the store's.
#[allow(clippy::needless_pass_by_value, reason = "used as a function value of map_err")]
pub(crate) fn failed(error: sqlx::Error) -> StoreError {
    if is_full(&error) { StoreError::Full } else { StoreError::Engine(error.to_string()) }
}

/// Whether an error means that the file itself cannot be trusted any more (I/O, corrupt, not a database): the process
/// ends.
pub(crate) fn is_fatal(error: &sqlx::Error) -> bool {
    // IOERR 10, CORRUPT 11, NOTADB 26
    match error {
        sqlx::Error::Io(error) => error.kind() != ErrorKind::StorageFull,
        sqlx::Error::WorkerCrashed => true,
        error => matches!(code(error), Some(10 | 11 | 26)),
    }
}

/// Whether the disk had no room for what was to be written (SQLITE_FULL). The transaction is undone, and the file is as
/// it was before: a flush that fails for want of room is an I/O error instead.
pub(crate) fn is_full(error: &sqlx::Error) -> bool {
    let io = matches!(error, sqlx::Error::Io(error) if error.kind() == ErrorKind::StorageFull);
    io || code(error) == Some(13)
}

/// Whether another process held the file for as long as a connection waits (SQLITE_BUSY): a transaction that could not begin has written
/// nothing.
pub(crate) fn is_busy(error: &sqlx::Error) -> bool {
    code(error) == Some(5)
}

/// The error of a transaction in which a statement found no room.
pub(crate) fn no_room() -> sqlx::Error {
    sqlx::Error::Io(ErrorKind::StorageFull.into())
}

/// SQLite's primary code: the low byte of what it says.
fn code(error: &sqlx::Error) -> Option<i32> {
    let sqlx::Error::Database(error) = error else { return None };
    Some(error.code()?.parse::<i32>().ok()? & 0xff)
}

/// The failures of writes to one file, outside the writer of `mail.db`.
pub(crate) struct Judge {
    file: &'static str,
    fatal: Fatal,
}

impl Judge {
    pub fn new(file: &'static str, fatal: Fatal) -> Self {
        Self { file, fatal }
    }

    /// The store's error; where the file is in doubt, the process ends.
    pub fn failed(&self, error: sqlx::Error) -> StoreError {
        if !is_fatal(&error) {
            return failed(error);
        }
        let why = format!("{} failed: {error}", self.file);
        (self.fatal)(&why);
        StoreError::Stopped(why)
    }
}

/// Bytes as hexadecimal digits, for arrays in JSON that SQLite's `unhex` reads.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A command once hung at its end: a thread turned in sqlx's search for old connections.
    #[test]
    fn no_pool_looks_for_old_connections() {
        let options = pool(4);
        assert_eq!(
            (options.get_idle_timeout(), options.get_max_lifetime(), options.get_min_connections()),
            (None, None, 0)
        );
    }
}
