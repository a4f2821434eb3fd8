//! The second stage: the rows of all that waits in one transaction.

use std::sync::Arc;

use store::{Event, Posted, StoreError};
use tokio::sync::mpsc;

use super::{After, BoxedJob, Database, Fatal, Item, Letter, MOST_JOBS, Spoilt};
use crate::database::{self, BUSY};
use crate::keys::Keys;
use crate::mailbox::Added;
use crate::posting::{self, Ready, refusal};
use crate::sql;

pub(super) struct Committer {
    pub database: Database,
    pub keys: Arc<Keys>,
    pub after: After,
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
    pub(super) async fn run(mut self, mut quick: mpsc::Receiver<Item>, mut bulk: mpsc::Receiver<BoxedJob>) {
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
            // what comes while a checkpoint has its turn is in this batch too
            let turn = self.database.turn.clone().lock_owned().await;
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
            let went = self.commit(batch).await;
            drop(turn);
            if !went {
                return;
            }
        }
        // What bulk work still waits is told that the store has ended, by its dropped channel.
    }

    /// Commits a batch; false when the file failed and the process ends.
    async fn commit(&mut self, mut batch: Batch) -> bool {
        let (mut events, mut added) = (Vec::new(), Vec::new());
        match self.write(&mut batch, &mut events, &mut added).await {
            Ok(posted) => {
                let took_numbers = |(letter, posted): (&Letter, &Result<Posted, StoreError>)| {
                    posted.is_ok() && letter.posting.numbers().iter().any(|count| *count > 0)
                };
                let wrote = batch.letters.iter().zip(&posted).any(took_numbers);
                self.after.tell(events, &added, &mut batch.jobs, wrote);
                for (letter, result) in batch.letters.into_iter().zip(posted) {
                    let _ = letter.tell.send(result);
                }
                batch.jobs.into_iter().for_each(|job| job.answer(None));
                true
            }
            Err(error) if database::is_full(&error) => {
                refuse(batch, || StoreError::Full);
                self.undo().await;
                true
            }
            Err(error) if database::is_busy(&error) => {
                let why = format!("another process held mail.db for {} s, and nothing was written", BUSY.as_secs());
                tracing::error!(%error, "{why}");
                refuse(batch, || StoreError::Engine(why.clone()));
                self.undo().await;
                true
            }
            Err(error) => {
                let why = format!("a commit to mail.db failed: {error}");
                refuse(batch, || StoreError::Stopped(why.clone()));
                (self.fatal)(&why);
                false
            }
        }
    }

    /// Ends what a full disk left of a transaction; SQLite may have ended it already, or it never began.
    async fn undo(&mut self) {
        let _ = self.tell("ROLLBACK").await;
    }

    /// Runs the batch in one transaction. The error is the file's: it ends the process.
    async fn write(
        &mut self,
        batch: &mut Batch,
        events: &mut Vec<Event>,
        added: &mut Vec<Added>,
    ) -> Result<Vec<Result<Posted, StoreError>>, sqlx::Error> {
        let done = self.transaction(batch, events, added).await;
        // what broke the file says more than what failed because of that
        self.database.connection.sound()?;
        done
    }

    async fn transaction(
        &mut self,
        batch: &mut Batch,
        events: &mut Vec<Event>,
        added: &mut Vec<Added>,
    ) -> Result<Vec<Result<Posted, StoreError>>, sqlx::Error> {
        self.tell("BEGIN IMMEDIATE").await?;
        let Batch { letters, jobs } = batch;
        let posted = match self.together(letters, events, added).await? {
            Some(posted) => posted,
            None => self.one_by_one(letters, events, added).await?,
        };
        match &mut jobs[..] {
            [job] if letters.is_empty() => {
                if !self.alone(job, events).await? {
                    self.database.connection.sound()?;
                    self.tell("ROLLBACK").await?;
                    return Ok(posted);
                }
            }
            jobs => self.jobs(jobs, events).await?,
        }
        self.database.connection.sound()?;
        self.tell("COMMIT").await?;
        Ok(posted)
    }

    async fn tell(&mut self, sql: &'static str) -> Result<(), sqlx::Error> {
        sql::query(sql).execute(&mut self.database.connection).await?;
        Ok(())
    }

    /// The one job of a transaction; whether it can stand.
    async fn alone(&mut self, job: &mut BoxedJob, events: &mut Vec<Event>) -> Result<bool, sqlx::Error> {
        match job.run(&mut self.database.connection, events).await {
            Ok(()) => Ok(true),
            Err(Spoilt::Batch(error)) => Err(error),
            Err(Spoilt::Job) => {
                events.clear();
                Ok(false)
            }
        }
    }

    /// Each job in a savepoint of its own.
    async fn jobs(&mut self, jobs: &mut [BoxedJob], events: &mut Vec<Event>) -> Result<(), sqlx::Error> {
        for job in jobs {
            let told = events.len();
            self.tell("SAVEPOINT job").await?;
            match job.run(&mut self.database.connection, events).await {
                Ok(()) => {}
                Err(Spoilt::Batch(error)) => return Err(error),
                Err(Spoilt::Job) => {
                    events.truncate(told);
                    self.tell("ROLLBACK TO job").await?;
                }
            }
            self.tell("RELEASE job").await?;
        }
        Ok(())
    }

    /// All postings at once. `None`: one of many cannot be written; then none is, and the transaction has begun anew.
    async fn together(
        &mut self,
        letters: &[Letter],
        events: &mut Vec<Event>,
        added: &mut Vec<Added>,
    ) -> Result<Option<Vec<Result<Posted, StoreError>>>, sqlx::Error> {
        if letters.is_empty() {
            return Ok(Some(Vec::new()));
        }
        let all: Vec<&Ready> = letters.iter().map(|letter| &letter.posting).collect();
        match refusal(posting::write(&mut self.database.connection, &self.keys, &all, events).await)? {
            Ok(written) => {
                added.extend(written.added);
                Ok(Some(written.posted.into_iter().map(Ok).collect()))
            }
            Err(error) => {
                tracing::debug!(%error, postings = letters.len(), "a batch is run again one by one");
                events.clear();
                self.tell("ROLLBACK; BEGIN IMMEDIATE").await?;
                Ok((letters.len() == 1).then(|| vec![Err(error)]))
            }
        }
    }

    /// Each posting in a savepoint of its own, so that only the bad one is refused.
    async fn one_by_one(
        &mut self,
        letters: &[Letter],
        events: &mut Vec<Event>,
        added: &mut Vec<Added>,
    ) -> Result<Vec<Result<Posted, StoreError>>, sqlx::Error> {
        let mut results = Vec::with_capacity(letters.len());
        for letter in letters {
            let told = events.len();
            self.tell("SAVEPOINT posting").await?;
            let tx = &mut self.database.connection;
            let result = refusal(posting::write(tx, &self.keys, &[&letter.posting], events).await)?;
            if result.is_err() {
                events.truncate(told);
                self.tell("ROLLBACK TO posting").await?;
            }
            self.tell("RELEASE posting").await?;
            results.push(result.map(|written| {
                added.extend(written.added);
                written.posted.into_iter().next().unwrap_or_default()
            }));
        }
        Ok(results)
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
