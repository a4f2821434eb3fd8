//! Opening the data folder: lock, files, what an unclean stop left.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64};

use arc_swap::ArcSwap;
use blobs::{DataLock, RecordRef, Segments};
use ring::rand::SecureRandom as _;
use sqlx::SqlitePool;
use store::{Bell, StoreError};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use types::RecordId;

use crate::checkpoint::{self, Log, Pace, Turn};
use crate::commits::Commits;
use crate::database::{self, Judge, failed};
use crate::directory::DirectoryDb;
use crate::engine::SqliteEngine;
use crate::keys::{Keys, MasterKey};
use crate::ledger;
use crate::mailbox::Cache;
use crate::place::{self, Places};
use crate::room::Room;
use crate::sharing;
use crate::sql;
use crate::writer::{self, After, Database, Fatal, Writer};

/// Who opens the folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// The server: takes the lock, checks what an unclean stop left.
    Server,
    /// A command, beside the server or without one.
    Command,
}

/// How the data folder is opened.
pub struct OpenConfig {
    /// The folder; made when it is not there.
    pub data_dir: PathBuf,
    /// The key above all keys.
    pub master_key: MasterKey,
    /// Who opens.
    pub mode: Mode,
    /// Called when a flush or commit failed: logs and ends the process.
    pub fatal: Fatal,
}

/// Bytes of the views of mailboxes that are kept in memory.
const VIEWS: usize = 64 << 20;
/// Numbers of acceptances that a process takes at once: more than it will ever use.
const INGESTS: i64 = 1 << 32;
/// More than processes will ever take one after the other.
const BEYOND: i64 = 1 << 61;
/// The file that says that the last server stopped cleanly.
const CLEAN: &str = "clean";

/// Whether the folder holds no database yet: only then a master key may be made.
#[must_use]
pub fn is_empty(data_dir: &Path) -> bool {
    !["keys.db", "mail.db", "directory.db"].iter().any(|name| data_dir.join(name).exists())
}

impl SqliteEngine {
    /// Opens the folder.
    ///
    /// # Errors
    /// It cannot be read, is on a network file system, another server holds it, or the master key is wrong.
    pub async fn open(config: OpenConfig) -> Result<Arc<Self>, StoreError> {
        let dir = &config.data_dir;
        make_folder(dir)?;
        blobs::refuse_network_file_system(dir)?;
        let lock = if config.mode == Mode::Server { Some(DataLock::take(dir)?) } else { None };
        let keys = Keys::open(dir, config.master_key, config.fatal.clone()).await?;
        let directory = DirectoryDb::open(dir, config.fatal.clone()).await?;
        let (mut writing, readers) = database::open_mail(&dir.join("mail.db")).await?;
        let segments = Segments::open(dir.join("blobs"))?;
        if config.mode == Mode::Server {
            check_newest(dir, &readers, &segments).await?;
        }
        let near = database::open_near(&dir.join("mail.db"), config.mode, readers.clone())?;
        let shares = ArcSwap::from_pointee(sharing::load(&readers).await?);
        ledger::seal_what_is_there(&mut writing, &keys).await?;
        let ingest = take_ingests(&mut writing).await?;
        let unanswered_until = last_unanswered(&mut writing).await?;
        let events = Bell::new(1_024);
        let commits = Arc::new(Commits::of(&dir.join("mail.db")));
        let cache = Arc::new(Cache::new(VIEWS, commits.clone()));
        let after = After { commits: commits.clone(), cache: cache.clone(), events: events.clone() };
        let turn = Turn::default();
        let database = Database { connection: writing, turn: turn.clone() };
        let writer = Writer::start(database, &segments, keys.clone(), after, config.fatal.clone())?;
        let stop = CancellationToken::new();
        let room = Room::watch(dir, config.mode, stop.clone());
        let engine = Arc::new_cyclic(|me| Self {
            readers,
            near,
            writer,
            segments,
            keys,
            directory,
            cache,
            shares,
            sharing: Semaphore::new(1),
            me: me.clone(),
            places: Places::default(),
            turn: turn.clone(),
            to_empty: AtomicBool::new(false),
            disposing: tokio::sync::Mutex::default(),
            events,
            ingest: AtomicI64::new(ingest),
            unanswered_until: AtomicI64::new(unanswered_until),
            room,
            stop: stop.clone(),
            clean: (config.mode == Mode::Server).then(|| dir.join(CLEAN)),
            dir: dir.clone(),
            lock: std::sync::Mutex::new(lock),
        });
        if config.mode == Mode::Server {
            engine.mailboxes().sweep().await?;
            // what a disposal had left to do when the process ended
            engine.end_disposals().await?;
            let log = Log {
                pool: database::open_checkpointer(&dir.join("mail.db")).await?,
                turn,
                commits: commits.clone(),
                database: dir.join("mail.db"),
                pace: Pace::SERVER,
                judge: Judge::new("a checkpoint of mail.db", config.fatal),
            };
            tokio::spawn(checkpoint::run(log, stop.clone()));
            tokio::spawn(writer::settle(Arc::downgrade(&engine), commits, stop));
        }
        Ok(engine)
    }
}

/// The data folder; its name is on disk before anything in it is promised.
fn make_folder(dir: &Path) -> Result<(), StoreError> {
    if dir.is_dir() {
        return Ok(());
    }
    let failed = |error| StoreError::Engine(format!("the data folder {}: {error}", dir.display()));
    std::fs::create_dir_all(dir).map_err(failed)?;
    Ok(dir.parent().map_or(Ok(()), blobs::flush_dir)?)
}

/// Numbers of acceptances for this process. Where there is no room to take the next ones, any beyond all that are ever taken so do: mail is
/// read, and told why it is refused, while the disk is full.
async fn take_ingests(db: &mut sql::Here) -> Result<i64, StoreError> {
    let sql = "UPDATE counter SET next = next + $1 WHERE name = 'ingest' RETURNING next - $1";
    match sql::query_scalar(sql).bind(INGESTS).fetch_one(db).await.map_err(failed) {
        Err(StoreError::Full) => {
            let mut bytes = [0; 8];
            let none = |_| StoreError::Engine("the machine gives no randomness".into());
            ring::rand::SystemRandom::new().fill(&mut bytes).map_err(none)?;
            Ok((i64::from_ne_bytes(bytes) & (BEYOND - 1)) | BEYOND)
        }
        taken => taken,
    }
}

async fn last_unanswered(db: &mut sql::Here) -> Result<i64, StoreError> {
    sql::query_scalar("SELECT ifnull(max(unanswered_until), 0) FROM submission WHERE unanswered_until IS NOT NULL")
        .fetch_one(db)
        .await
        .map_err(failed)
}

/// After an unclean stop the records of the two newest segment files, and all that are still in the database, are read
/// back; damage is named in the log, and found again by every `verify`.
async fn check_newest(dir: &Path, readers: &SqlitePool, segments: &Segments) -> Result<(), StoreError> {
    let clean = dir.join(CLEAN);
    if clean.exists() {
        std::fs::remove_file(&clean).map_err(|error| StoreError::Engine(format!("{}: {error}", clean.display())))?;
        // a loss of power must not bring it back
        return Ok(blobs::flush_dir(dir)?);
    }
    let rows = sql::query(
        "SELECT id, file, offset, stored, digest FROM record WHERE file > 0 AND file >= \
         (SELECT min(file) FROM (SELECT DISTINCT file FROM record WHERE file > 0 ORDER BY file DESC LIMIT 2))",
    )
    .fetch_all(readers)
    .await
    .map_err(failed)?;
    let records: Vec<(RecordId, RecordRef, [u8; 32])> = rows.iter().filter_map(newest).collect();
    let (inline, inline_damage) = place::check_inline(readers).await?;
    if records.is_empty() && inline == 0 {
        return Ok(());
    }
    let segments = segments.clone();
    let damage = tokio::task::spawn_blocking(move || {
        let newest: Vec<(RecordRef, [u8; 32])> = records.iter().map(|(_, place, digest)| (*place, *digest)).collect();
        let damaged = segments.check_tail(&newest);
        let name = |place: &RecordRef| records.iter().find(|(_, other, _)| other == place).map(|(id, ..)| *id);
        damaged.into_iter().map(|(place, error)| (name(&place), error.to_string())).collect::<Vec<_>>()
    })
    .await
    .map_err(|_| StoreError::Engine("reading the newest records back was interrupted".into()))?;
    tracing::warn!(
        records = rows.len() + inline,
        damaged = damage.len() + inline_damage.len(),
        "the last stop was not clean; newest records read back"
    );
    for (record, error) in damage {
        tracing::error!(record.id = record.map(|id| id.0), %error, "a record is damaged");
    }
    for record in inline_damage {
        tracing::error!(record.id = record, error = "the digest (SHA-256) differs", "a record is damaged");
    }
    Ok(())
}

fn newest(row: &sql::Row) -> Option<(RecordId, RecordRef, [u8; 32])> {
    let number = |at: usize| u64::try_from(row.get::<i64, _>(at)).ok();
    let place = RecordRef::Segment { file: number(1)?, offset: number(2)?, len: number(3)? };
    Some((RecordId(row.get(0)), place, row.get::<Vec<u8>, _>(4).try_into().ok()?))
}
