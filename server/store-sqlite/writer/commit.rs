//! The second stage: the rows of all that waits in one transaction.

use std::sync::Arc;

use sqlx::{SqliteConnection, SqlitePool};
use store::{Event, Posted, StoreError};
use tokio::sync::{broadcast, mpsc};

use super::{BoxedJob, Fatal, Item, Letter, MOST_JOBS, Spoilt};
use crate::keys::Keys;
use crate::{database, posting};

pub(super) struct Committer {
    pub pool: SqlitePool,
    pub keys: Arc<Keys>,
    pub events: broadcast::Sender<Event>,
    pub fatal: Fatal,
}

/// Bulk work has its turn after so many transactions without it, if there is never a pause.
const BULK_TURN: u32 = 4;

/// What one transaction carries.
#[derive(Default)]
struct Batch {
    letters: Vec<Letter>,
    jobs: Vec<BoxedJob>,
}

impl Batch {
    fn len(&self) -> usize {
        self.letters.len() + self.jobs.len()
    }
    fn add(&mut self, item: Item) {
        match item {
            Item::Letters(letters) => self.letters.extend(letters),
            Item::Job(job) => self.jobs.push(job),
        }
    }
}

impl Committer {
    pub(super) async fn run(self, mut quick: mpsc::Receiver<Item>, mut bulk: mpsc::Receiver<BoxedJob>) {
        let mut bulk_open = true;
        // transactions since bulk work had its turn: it goes on, however much comes
        let mut since_bulk = 0;
        loop {
            let mut batch = Batch::default();
            tokio::select! {
                biased;
                item = quick.recv() => match item {
                    Some(item) => batch.add(item),
                    None => break,
                },
                job = bulk.recv(), if bulk_open => match job {
                    Some(job) => { batch.jobs.push(job); since_bulk = 0; }
                    None => { bulk_open = false; continue; }
                },
            }
            since_bulk += 1;
            if since_bulk > BULK_TURN
                && let Ok(job) = bulk.try_recv()
            {
                batch.jobs.push(job);
                since_bulk = 0;
            }
            while batch.len() < MOST_JOBS {
                let Ok(item) = quick.try_recv() else { break };
                batch.add(item);
            }
            if !self.commit(batch).await {
                return;
            }
        }
        // What bulk work still waits is told that the store has ended, by its dropped channel.
        self.pool.close().await;
    }

    /// Commits a batch; false when the file failed and the process ends.
    async fn commit(&self, mut batch: Batch) -> bool {
        let mut events = Vec::new();
        let written = match self.pool.acquire().await {
            Ok(mut connection) => self.write(&mut connection, &mut batch, &mut events).await,
            Err(error) => Err(error),
        };
        match written {
            Ok(posted) => {
                for event in events {
                    let _ = self.events.send(event);
                }
                for (letter, result) in batch.letters.into_iter().zip(posted) {
                    let _ = letter.tell.send(result);
                }
                batch.jobs.into_iter().for_each(|job| job.answer(None));
                true
            }
            Err(error) if database::is_full(&error) => {
                refuse(batch, || StoreError::Full);
                self.undo().await
            }
            Err(error) => {
                let why = format!("a commit to mail.db failed: {error}");
                refuse(batch, || StoreError::Stopped(why.clone()));
                (self.fatal)(&why);
                false
            }
        }
    }

    /// Ends what a full disk left of a transaction; SQLite may have ended it already.
    async fn undo(&self) -> bool {
        let Ok(mut connection) = self.pool.acquire().await else { return false };
        let _ = sqlx::query("ROLLBACK").execute(&mut *connection).await;
        true
    }

    /// Runs the batch in one transaction. The error is the file's: it ends the process.
    async fn write(
        &self,
        tx: &mut SqliteConnection,
        batch: &mut Batch,
        events: &mut Vec<Event>,
    ) -> Result<Vec<Result<Posted, StoreError>>, sqlx::Error> {
        sqlx::query("BEGIN IMMEDIATE").execute(&mut *tx).await?;
        let posted = self.letters(tx, &batch.letters, events).await?;
        // each statement is a hop to the driver's thread: one savepoint ends and the next begins in one, and the commit
        // ends the last
        let mut savepoint = "SAVEPOINT job";
        for job in &mut batch.jobs {
            let told = events.len();
            sqlx::query(savepoint).execute(&mut *tx).await?;
            savepoint = "RELEASE job; SAVEPOINT job";
            match job.run(tx, events).await {
                Ok(()) => {}
                Err(Spoilt::Batch) => return Err(database::no_room()),
                Err(Spoilt::Job) => {
                    events.truncate(told);
                    sqlx::query("ROLLBACK TO job").execute(&mut *tx).await?;
                }
            }
        }
        sqlx::query("COMMIT").execute(&mut *tx).await?;
        Ok(posted)
    }

    /// All postings with a handful of statements; when that fails, one by one, so that only the bad one is refused.
    async fn letters(
        &self,
        tx: &mut SqliteConnection,
        letters: &[Letter],
        events: &mut Vec<Event>,
    ) -> Result<Vec<Result<Posted, StoreError>>, sqlx::Error> {
        if letters.is_empty() {
            return Ok(Vec::new());
        }
        let all: Vec<&posting::Ready> = letters.iter().map(|letter| &letter.posting).collect();
        match self.group(tx, &all, events).await? {
            Ok(posted) => return Ok(posted.into_iter().map(Ok).collect()),
            Err(error) if letters.len() == 1 => return Ok(vec![Err(error)]),
            Err(error) => tracing::debug!(%error, postings = letters.len(), "a batch is run again one by one"),
        }
        let mut results = Vec::with_capacity(letters.len());
        for one in all {
            let posted = self.group(tx, &[one], events).await?;
            results.push(posted.map(|posted| posted.into_iter().next().unwrap_or_default()));
        }
        Ok(results)
    }

    async fn group(
        &self,
        tx: &mut SqliteConnection,
        postings: &[&posting::Ready],
        events: &mut Vec<Event>,
    ) -> Result<Result<Vec<Posted>, StoreError>, sqlx::Error> {
        let told = events.len();
        sqlx::query("SAVEPOINT postings").execute(&mut *tx).await?;
        let result = posting::write(tx, &self.keys, postings, events).await;
        let result = match result {
            Err(posting::WriteError::Database(error)) if database::is_fatal(&error) || database::is_full(&error) => {
                return Err(error);
            }
            Err(posting::WriteError::Database(error)) => Err(database::failed(error)),
            Err(posting::WriteError::Refused(error)) => Err(error),
            Ok(posted) => Ok(posted),
        };
        if result.is_err() {
            events.truncate(told);
            sqlx::query("ROLLBACK TO postings").execute(&mut *tx).await?;
        }
        sqlx::query("RELEASE postings").execute(&mut *tx).await?;
        Ok(result)
    }
}

/// Tells everybody who waits why there is no answer.
fn refuse(batch: Batch, error: impl Fn() -> StoreError) {
    for letter in batch.letters {
        // whoever waited may be gone
        let _ = letter.tell.send(Err(error()));
    }
    batch.jobs.into_iter().for_each(|job| job.answer(Some(error())));
}
