//! The one writer of a stream: what waits is flushed together and committed together (DESIGN.md 5).
//!
//! The committer writes everything that waits in one transaction: rows, and the bytes of small records beside them,
//! so that a mail costs one flush and shares it. Postings with larger mails pass the flusher (a thread of its own)
//! first, which writes them into the active segment in one write and flushes it once; flushing the next batch overlaps
//! committing this one. Waiters are answered, and events told, after the commit. Small records are moved into the
//! segment later, many at once (`settle`).

mod commit;
mod flush;
mod settle;

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use async_trait::async_trait;
use blobs::{RecordRef, Sealed, Segments};
use store::{Bell, Event, Posted, Posting, StoreError};
use tokio::sync::{mpsc, oneshot};
use types::{TenantId, UserId};

use crate::checkpoint::Turn;
use crate::commits::Commits;
use crate::database;
use crate::keys::Keys;
use crate::mailbox::{Added, Cache};
use crate::posting::Ready;
use crate::sql;
use flush::Work;
#[cfg(test)]
pub(crate) use settle::move_piece;
pub(crate) use settle::run as settle;

/// Most jobs in one transaction.
const MOST_JOBS: usize = 256;
/// Most bytes that are flushed together.
const MOST_BYTES: u64 = 8 << 20;

/// What is called when a flush or commit failed: nothing is retried on that file, the process ends.
pub type Fatal = Arc<dyn Fn(&str) + Send + Sync>;

/// A change of `mail.db` as a value that can be run again: in a batch, then alone when the batch failed.
#[async_trait]
pub(crate) trait Job: Send + Sync + 'static {
    /// What it answers.
    type Answer: Send + 'static;
    /// Runs inside a transaction or savepoint. Events are told after the commit.
    async fn run(&self, tx: &mut sql::Here, events: &mut Vec<Event>) -> Result<Self::Answer, StoreError>;
    /// Tells the views what is committed, in the order of the jobs and before anybody is answered: a view takes in what it stands right before,
    /// and whoever is answered first asks a view that has everything.
    fn committed(&self, _answer: &mut Self::Answer, _views: &Cache) {}
}

/// Which lane a job waits in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lane {
    /// What somebody waits for.
    Quick,
    /// Bulk work, cut into jobs of at most 1,000 rows: at most one in a transaction.
    Bulk,
}

/// What a job that failed has spoilt.
enum Spoilt {
    /// Itself: its savepoint is undone.
    Job,
    /// The whole transaction: the disk is full, and SQLite may have undone it, another process writes and it did not begin, or the file cannot
    /// be trusted.
    Batch(sqlx::Error),
}

/// A job whose answer's type is forgotten.
#[async_trait]
trait Waiting: Send {
    async fn run(&mut self, tx: &mut sql::Here, events: &mut Vec<Event>) -> Result<(), Spoilt>;
    /// It is committed.
    fn committed(&mut self, views: &Cache);
    /// Tells the waiter: the answer is on disk, or why there is none.
    fn answer(self: Box<Self>, failed: Option<StoreError>);
}

struct Waiter<J: Job> {
    job: J,
    result: Option<Result<J::Answer, StoreError>>,
    tell: oneshot::Sender<Result<J::Answer, StoreError>>,
}

#[async_trait]
impl<J: Job> Waiting for Waiter<J> {
    async fn run(&mut self, tx: &mut sql::Here, events: &mut Vec<Event>) -> Result<(), Spoilt> {
        let result = self.job.run(tx, events).await;
        let spoilt = match &result {
            Ok(_) => Ok(()),
            Err(StoreError::Full) => Err(Spoilt::Batch(database::no_room())),
            Err(_) => Err(Spoilt::Job),
        };
        self.result = Some(result);
        spoilt
    }
    fn committed(&mut self, views: &Cache) {
        if let Some(Ok(answer)) = &mut self.result {
            self.job.committed(answer, views);
        }
    }
    fn answer(self: Box<Self>, failed: Option<StoreError>) {
        let result = match (failed, self.result) {
            (Some(error), _) => Err(error),
            (None, Some(result)) => result,
            (None, None) => Err(StoreError::Stopped("not run".into())),
        };
        // Nobody waits any more: the session ended, and the change stands.
        let _ = self.tell.send(result);
    }
}

type BoxedJob = Box<dyn Waiting>;

/// A posting on its way.
pub(crate) struct Letter {
    pub posting: Ready,
    pub tell: oneshot::Sender<Result<Posted, StoreError>>,
}

/// What the committer takes.
enum Item {
    Letters(Vec<Letter>),
    Job(BoxedJob),
}

/// The ways to the two stages.
#[derive(Clone)]
struct Ways {
    bytes: mpsc::Sender<Work>,
    quick: mpsc::Sender<Item>,
    bulk: mpsc::Sender<BoxedJob>,
}

/// The two stages, to be waited for.
struct Stages {
    flusher: std::thread::JoinHandle<()>,
    committer: std::thread::JoinHandle<()>,
}

/// Who learns of a commit, before those who wait for it are answered.
pub(crate) struct After {
    pub commits: Arc<Commits>,
    pub cache: Arc<Cache>,
    pub events: Bell,
}

impl After {
    /// `wrote`: the commit wrote something, whatever the events say.
    fn tell(&self, events: Vec<Event>, added: &[Added], jobs: &mut [BoxedJob], wrote: bool) {
        self.commits.committed(&events, wrote);
        added.iter().for_each(|added| self.cache.add(added));
        jobs.iter_mut().for_each(|job| job.committed(&self.cache));
        for event in events {
            self.events.tell(event);
        }
    }
}

/// What the committer writes to.
pub(crate) struct Database {
    pub connection: sql::Here,
    /// Held for each transaction.
    pub turn: Turn,
}

/// The writer's front.
pub(crate) struct Writer {
    ways: RwLock<Option<Ways>>,
    stages: Mutex<Option<Stages>>,
}

impl Writer {
    /// Starts the two stages.
    pub fn start(
        database: Database,
        segments: &Segments,
        keys: Arc<Keys>,
        after: After,
        fatal: Fatal,
    ) -> Result<Self, StoreError> {
        let (bytes, bytes_in) = mpsc::channel(1_024);
        let (quick, quick_in) = mpsc::channel(1_024);
        let (bulk, bulk_in) = mpsc::channel(64);
        let flusher = flush::start(segments.appender(), bytes_in, quick.downgrade(), fatal.clone())?;
        let broken = fatal.clone();
        let committer = commit::Committer { database, keys, after, fatal };
        let runtime = tokio::runtime::Handle::current();
        let run = move || {
            // nobody may go on as if there were somebody who writes
            if catch_unwind(AssertUnwindSafe(|| runtime.block_on(committer.run(quick_in, bulk_in)))).is_err() {
                broken("the committer has met a mistake of the program");
            }
        };
        let committer = std::thread::Builder::new().name("committer".into()).spawn(run).map_err(no_thread)?;
        Ok(Self {
            ways: RwLock::new(Some(Ways { bytes, quick, bulk })),
            stages: Mutex::new(Some(Stages { flusher, committer })),
        })
    }

    fn ways(&self) -> Result<Ways, StoreError> {
        self.ways.read().unwrap_or_else(PoisonError::into_inner).clone().ok_or_else(stopping)
    }

    /// Writes a posting whose owners have mailboxes; returns when it is on disk.
    pub async fn post(&self, posting: Posting) -> Result<Posted, StoreError> {
        self.post_to(posting, HashMap::new()).await
    }

    /// Writes a posting; owners (with their tenants) who have no mailboxes yet get the first six.
    pub async fn post_to(&self, posting: Posting, owners: HashMap<UserId, TenantId>) -> Result<Posted, StoreError> {
        let ways = self.ways()?;
        let (tell, told) = oneshot::channel();
        let letter = Letter { posting: Ready::new(posting, owners), tell };
        if letter.posting.needs_flush() {
            ways.bytes.send(Work::Letter(Box::new(letter))).await.map_err(|_| stopping())?;
        } else {
            ways.quick.send(Item::Letters(vec![letter])).await.map_err(|_| stopping())?;
        }
        drop(ways);
        told.await.map_err(|_| stopping())?
    }

    /// Writes records into the active segment; returns when they are on disk there.
    async fn keep(&self, sealed: Vec<Sealed>) -> Result<Vec<RecordRef>, StoreError> {
        let ways = self.ways()?;
        let (tell, told) = oneshot::channel();
        ways.bytes.send(Work::Keep { sealed, tell }).await.map_err(|_| stopping())?;
        drop(ways);
        told.await.map_err(|_| stopping())?
    }

    /// Runs a job; returns when its change is on disk.
    pub async fn run<J: Job>(&self, lane: Lane, job: J) -> Result<J::Answer, StoreError> {
        let ways = self.ways()?;
        let (tell, told) = oneshot::channel();
        let job: BoxedJob = Box::new(Waiter { job, result: None, tell });
        match lane {
            Lane::Quick => ways.quick.send(Item::Job(job)).await.map_err(|_| stopping())?,
            Lane::Bulk => ways.bulk.send(job).await.map_err(|_| stopping())?,
        }
        drop(ways);
        told.await.map_err(|_| stopping())?
    }

    /// Waits for what is under way and ends both stages.
    pub async fn close(&self) {
        let ways = self.ways.write().unwrap_or_else(PoisonError::into_inner).take();
        let stages = self.stages.lock().unwrap_or_else(PoisonError::into_inner).take();
        let (Some(Ways { bytes, quick, bulk }), Some(stages)) = (ways, stages) else { return };
        drop((bytes, bulk));
        // the flusher hands on what it still has before the committer's way is closed
        let _ = tokio::task::spawn_blocking(move || stages.flusher.join()).await;
        drop(quick);
        let _ = tokio::task::spawn_blocking(move || stages.committer.join()).await;
    }
}

#[allow(clippy::needless_pass_by_value, reason = "used as a function value of map_err")]
fn no_thread(error: std::io::Error) -> StoreError {
    StoreError::Engine(format!("the committer's thread: {error}"))
}

fn stopping() -> StoreError {
    StoreError::Stopped("the store is closing".into())
}
