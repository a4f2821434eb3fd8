//! Opening the three database files, and what their errors mean.

use std::path::Path;
use std::time::Duration;

use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use store::StoreError;

/// The settings that all files share: WAL, a commit is on disk when it returns, waits for other processes.
fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_secs(10))
        .foreign_keys(true)
        .statement_cache_capacity(500)
        .pragma("temp_store", "memory")
        .pragma("cache_size", "-32768")
        .pragma("mmap_size", "268435456")
}

/// `keys.db`: what is deleted there is overwritten.
pub(crate) async fn open_keys(path: &Path) -> Result<SqlitePool, StoreError> {
    let options = options(path).pragma("secure_delete", "on");
    let pool = SqlitePoolOptions::new().max_connections(2).connect_with(options).await.map_err(opening(path))?;
    sqlx::migrate!("migrations/keys").run(&pool).await.map_err(migrating(path))?;
    Ok(pool)
}

/// `directory.db`: one connection, since it changes seldom and is read into memory.
pub(crate) async fn open_directory(path: &Path) -> Result<SqlitePool, StoreError> {
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options(path)).await.map_err(opening(path))?;
    sqlx::migrate!("migrations/directory").run(&pool).await.map_err(migrating(path))?;
    Ok(pool)
}

/// `mail.db`: one connection that writes, and readers. The writer does no checkpoints in its commits: a connection
/// of its own does.
pub(crate) async fn open_mail(path: &Path) -> Result<(SqlitePool, SqlitePool), StoreError> {
    let writing = options(path).pragma("wal_autocheckpoint", "0").optimize_on_close(true, None);
    let writer = SqlitePoolOptions::new()
        .max_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_with(writing)
        .await
        .map_err(opening(path))?;
    sqlx::migrate!("migrations/mail").run(&writer).await.map_err(migrating(path))?;
    let readers = SqlitePoolOptions::new()
        .min_connections(1)
        .max_connections(4)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_with(options(path).pragma("query_only", "on"))
        .await
        .map_err(opening(path))?;
    Ok((writer, readers))
}

/// A connection for checkpoints alone.
pub(crate) async fn open_checkpointer(path: &Path) -> Result<SqlitePool, StoreError> {
    SqlitePoolOptions::new().max_connections(1).connect_with(options(path)).await.map_err(opening(path))
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
    StoreError::Engine(error.to_string())
}

/// Whether an error means that the file itself cannot be trusted or written any more (I/O, full, corrupt, not a
/// database): the process ends.
pub(crate) fn is_fatal(error: &sqlx::Error) -> bool {
    let code = match error {
        sqlx::Error::Database(error) => error.code().and_then(|code| code.parse::<i32>().ok()),
        sqlx::Error::Io(_) | sqlx::Error::WorkerCrashed => return true,
        _ => None,
    };
    // the primary code is in the low byte: IOERR 10, CORRUPT 11, FULL 13, NOTADB 26
    code.is_some_and(|code| matches!(code & 0xff, 10 | 11 | 13 | 26))
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
