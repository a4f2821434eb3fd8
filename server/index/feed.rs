//! Keeps the index up: follows the records in the order of their numbers, from a position of its own. Each step leaves
//! the disk so that a process that ends anywhere goes on where it was: segments first, then the tenant's manifest, then
//! the position. What was met twice counts once.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use extract::PartTexts;
use rustix::fs::{FlockOperation, flock};
use store::{Event, IndexRow, StoreError};
use tokio::sync::broadcast::error::RecvError;
use types::{Clock, RecordId, TenantId, Timestamp};

use crate::document::{Document, LONGEST_TEXT};
use crate::files::text_bytes;
use crate::tenant::Tenant;
use crate::{Index, IndexError};

/// What knows mails: makes of a mail's bytes, and of the texts of its files, what is searched in it. Work for threads
/// that may block.
pub trait Reading: Send + Sync + 'static {
    /// Whether a mail has files, or may have some, whose texts are to be had.
    fn has_files(&self, mail: &[u8]) -> bool;

    /// The texts of a mail, as they are.
    fn texts(&self, mail: &[u8], files: &[PartTexts]) -> Vec<String>;

    /// Those of the texts of a mail that it has whatever its files say, and whether there are no others.
    fn own_texts(&self, mail: &[u8]) -> (Vec<String>, bool) {
        let whole = !self.has_files(mail);
        (if whole { self.texts(mail, &[]) } else { Vec::new() }, whole)
    }

    /// The fields of a mail and the same texts, with the places of numbers that must not be kept.
    fn document(&self, mail: &[u8], files: &[PartTexts]) -> Document;

    /// Waits for memory for mails of `bytes` together; given back when the loan is dropped. Lent at once where nobody
    /// else needs any.
    fn lend(&self, bytes: u64) -> Pin<Box<dyn Future<Output = Loan> + Send + '_>> {
        let _ = bytes;
        Box::pin(std::future::ready(Loan::default()))
    }
}

/// Memory that was lent for mails.
#[derive(Default)]
pub struct Loan(Option<Box<dyn Send + Sync>>);

impl Loan {
    /// A loan that ends when `held` is dropped.
    #[must_use]
    pub fn of(held: impl Send + Sync + 'static) -> Self {
        Self(Some(Box::new(held)))
    }
}

impl std::fmt::Debug for Loan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Loan").field(&self.0.is_some()).finish()
    }
}

/// Records met in one step, and most bytes of mails read for it.
const STEP: usize = 512;
const STEP_BYTES: u64 = 16 << 20;
/// The texts of files of one step end it when they are so long, bytes.
const STEP_TEXT: u64 = 32 << 20;
/// After a hint so long is waited for more, so that a burst is one segment.
const GATHER: Duration = Duration::from_millis(400);
/// Without a hint it is looked so often, for what other processes wrote.
const LOOK: Duration = Duration::from_secs(20);
/// After a failure.
const PATIENCE: Duration = Duration::from_secs(10);
/// How much the index gives way to everything else (nice).
const NICE: i32 = 10;

/// What one step did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// There may be more.
    More,
    /// All is met.
    Done,
}

/// A mail that was read for the index.
struct Mail {
    bytes: Arc<[u8]>,
    files: Vec<PartTexts>,
}

/// Mails of one tenant; `None` for one that only a search can read.
type Mails = Vec<(RecordId, Option<Mail>)>;

/// What was read in one step.
struct Gathered {
    wanted: BTreeMap<TenantId, Mails>,
    /// How far that is.
    last: RecordId,
    _loan: Loan,
}

impl Index {
    /// Follows the records until `stop` is ready. One process at a time does.
    ///
    /// # Errors
    /// [`IndexError::Locked`]: another process does it.
    pub async fn feed(&self, clock: Arc<dyn Clock>, stop: impl Future<Output = ()>) -> Result<(), IndexError> {
        let _lock = self.lock()?;
        let mut events = self.0.store.events();
        tokio::pin!(stop);
        let mut untidy = self.begin().await?;
        tokio::select! {
            biased;
            () = &mut stop => return Ok(()),
            () = self.warm(&untidy) => {}
        }
        loop {
            // reading files may take long, and nothing is begun by it; what is on its way to the disk is waited for
            let gathered = tokio::select! {
                biased;
                () = &mut stop => return Ok(()),
                gathered = self.gathered() => gathered,
            };
            let wait = match self.step_and_drop(gathered, clock.now(), &mut untidy).await {
                Ok(Step::More) => Duration::ZERO,
                Ok(Step::Done) => LOOK,
                Err(error) => {
                    tracing::error!(%error, "indexing stopped for a moment");
                    PATIENCE
                }
            };
            tokio::select! {
                biased;
                () = &mut stop => return Ok(()),
                () = tokio::time::sleep(wait) => {}
                () = hint(&mut events, &self.0.woken) => tokio::time::sleep(GATHER).await,
            }
        }
    }

    /// Meets everything that is there, takes out what was disposed of, then returns.
    ///
    /// # Errors
    /// [`IndexError::Locked`]; the store or the disk failed.
    pub async fn catch_up(&self, clock: &Arc<dyn Clock>) -> Result<(), IndexError> {
        let _lock = self.lock()?;
        let mut untidy = BTreeSet::new();
        while self.step_and_drop(self.gathered().await, clock.now(), &mut untidy).await? == Step::More {}
        Ok(())
    }

    /// A step; when all is met, what was disposed of goes.
    async fn step_and_drop(
        &self,
        gathered: Result<Option<Gathered>, IndexError>,
        now: Timestamp,
        untidy: &mut BTreeSet<TenantId>,
    ) -> Result<Step, IndexError> {
        let step = self.step(gathered, now, untidy).await?;
        if step == Step::Done {
            self.drop_disposed().await?;
        }
        Ok(step)
    }

    /// Takes what was disposed of out of the index, from the place on up to which that was done before.
    async fn drop_disposed(&self) -> Result<(), IndexError> {
        loop {
            let rows = self.0.store.disposed_records(&self.0.access, self.dropped(), STEP).await?;
            let Some(last) = rows.last().map(|row| row.seq) else { return Ok(()) };
            let mut wanted: BTreeMap<TenantId, BTreeSet<RecordId>> = BTreeMap::new();
            for row in rows {
                wanted.entry(row.tenant).or_default().insert(row.record);
            }
            for (id, records) in wanted {
                let tenant = self.tenant(id).await?;
                quietly(move || -> Result<(), IndexError> {
                    while tenant.drop_documents(&records)? {}
                    Ok(())
                })
                .await??;
            }
            // only now: what failed is tried again
            self.dropped_to(last)?;
        }
    }

    fn lock(&self) -> Result<File, IndexError> {
        let path = self.folder().join("lock");
        std::fs::create_dir_all(self.folder()).map_err(IndexError::file(self.folder()))?;
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(&path);
        let file = file.map_err(IndexError::file(&path))?;
        flock(&file, FlockOperation::NonBlockingLockExclusive).map_err(|_| IndexError::Locked(path))?;
        Ok(file)
    }

    /// Reads the next mails; `None` when all are met, or an index is to be made anew first.
    async fn gathered(&self) -> Result<Option<Gathered>, IndexError> {
        if !self.anew().is_empty() {
            return Ok(None);
        }
        let from = self.position();
        let rows = self.0.store.records_after(&self.0.access, from, STEP).await?;
        let Some(end) = rows.last().map(|row| row.record) else { return Ok(None) };
        let (mut picked, mut bytes) = (Vec::new(), 0);
        for row in &rows {
            if row.record <= self.tenant(row.tenant).await?.through() {
                continue;
            }
            if bytes > 0 && bytes + row.size > STEP_BYTES {
                break;
            }
            bytes += row.size;
            picked.push(row);
        }
        // one loan for all of them: who holds some and waits for more may wait for ever
        let loan = self.0.reading.lend(bytes).await;
        let mut gathered = Gathered { wanted: BTreeMap::new(), last: end, _loan: loan };
        let mails = self.0.store.bytes_of_records(&self.0.access, &picked).await?;
        let mut text = 0;
        for (row, bytes) in picked.into_iter().zip(mails) {
            let mail = self.mail(row, bytes).await?;
            text += mail.as_ref().map_or(0, |mail| text_bytes(&mail.files));
            gathered.wanted.entry(row.tenant).or_default().push((row.record, mail));
            gathered.last = row.record;
            if text > STEP_TEXT {
                break;
            }
        }
        self.0.files.keep_gathered().await;
        Ok(Some(gathered))
    }

    /// Takes in what was read; clears and merges where there is nothing.
    async fn step(
        &self,
        gathered: Result<Option<Gathered>, IndexError>,
        now: Timestamp,
        untidy: &mut BTreeSet<TenantId>,
    ) -> Result<Step, IndexError> {
        let Some(Gathered { wanted, last, _loan }) = gathered? else {
            return if self.begin_anew().await? { Ok(Step::More) } else { self.tidy(untidy).await };
        };
        for (id, mails) in wanted {
            untidy.insert(id);
            let (tenant, reading) = (self.tenant(id).await?, self.0.reading.clone());
            quietly(move || take_in(&tenant, reading.as_ref(), mails, now)).await??;
        }
        self.moved_to(last)?;
        Ok(Step::More)
    }

    /// A mail with the texts of its files; `None` where only a search can read it: it has more text than is indexed, or
    /// nothing reads its files now.
    async fn mail(&self, row: &IndexRow, bytes: Result<Bytes, StoreError>) -> Result<Option<Mail>, IndexError> {
        let Some(bytes) = readable(row, bytes)? else { return Ok(None) };
        let bytes: Arc<[u8]> = Arc::from(&*bytes);
        match self.files(row.record, &bytes).await {
            Ok(files) => Ok((text_bytes(&files) <= LONGEST_TEXT as u64).then_some(Mail { bytes, files })),
            Err(error) => {
                tracing::warn!(%error, record.id = row.record.0, "a mail is left to the searches");
                Ok(None)
            }
        }
    }

    /// Whether an index was to be made anew.
    async fn begin_anew(&self) -> Result<bool, IndexError> {
        let anew: Vec<TenantId> = self.anew().drain().collect();
        if anew.is_empty() {
            return Ok(false);
        }
        for id in anew {
            let tenant = self.tenant(id).await?;
            quietly(move || tenant.clear()).await??;
        }
        self.moved_to(RecordId(0)).map(|()| true)
    }

    /// Clears away what a process left that ended in the middle; all tenants are to be looked at.
    async fn begin(&self) -> Result<BTreeSet<TenantId>, IndexError> {
        let all: BTreeSet<TenantId> = self.0.store.directory().tenants.keys().copied().collect();
        for id in &all {
            let tenant = self.tenant(*id).await?;
            quietly(move || tenant.sweep()).await?;
        }
        Ok(all)
    }

    /// Merges once, of tenants that took something in; when nothing is left to merge, all is done.
    async fn tidy(&self, untidy: &mut BTreeSet<TenantId>) -> Result<Step, IndexError> {
        while let Some(id) = untidy.pop_first() {
            let tenant = self.tenant(id).await?;
            match quietly(move || tenant.tidy()).await? {
                Ok(false) => continue,
                Ok(true) => {
                    untidy.insert(id);
                }
                Err(error @ IndexError::Damaged { .. }) => {
                    tracing::error!(%error, "a segment of the index is damaged; the index is made anew");
                    self.make_anew(id);
                }
                Err(error) => return Err(error),
            }
            return Ok(Step::More);
        }
        Ok(Step::Done)
    }
}

/// The bytes of a mail; `None` where they are damaged: such a mail is read, and told of, at every search.
fn readable(row: &IndexRow, bytes: Result<Bytes, StoreError>) -> Result<Option<Bytes>, IndexError> {
    use StoreError::{Blobs, Damaged, NotFound};
    match bytes {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error @ (Damaged(_) | NotFound(_) | Blobs(_))) => {
            tracing::warn!(%error, record.id = row.record.0, "a record cannot be indexed");
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

fn take_in(tenant: &Tenant, reading: &dyn Reading, mails: Mails, now: Timestamp) -> Result<(), IndexError> {
    let document = |mail: Mail| reading.document(&mail.bytes, &mail.files);
    let documents = mails.into_iter().map(|(record, mail)| (record, mail.map(document)));
    tenant.add(documents.collect(), now)
}

/// Runs work on a thread that gives way to all others.
pub(crate) async fn quietly<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, IndexError> {
    let (done, answer) = tokio::sync::oneshot::channel();
    let thread = std::thread::Builder::new().name("index".into());
    let started = thread.spawn(move || {
        // on Linux this is the thread's own; where it cannot be had the work is done all the same
        let _ = rustix::process::nice(NICE);
        let _ = done.send(work());
    });
    started.map_err(|_| IndexError::Failed("no thread for the index"))?;
    answer.await.map_err(|_| IndexError::Failed("indexing was interrupted"))
}

/// Ready when something may have come.
async fn hint(events: &mut tokio::sync::broadcast::Receiver<Event>, woken: &tokio::sync::Notify) {
    loop {
        tokio::select! {
            () = woken.notified() => return,
            event = events.recv() => match event {
                Ok(Event::Mailbox { .. } | Event::Arrived { .. } | Event::Submissions) => return,
                Ok(_) => {}
                Err(RecvError::Lagged(_)) => return,
                Err(RecvError::Closed) => std::future::pending().await,
            },
        }
    }
}

#[cfg(test)]
mod tests;
