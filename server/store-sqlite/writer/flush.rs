//! The first stage: bytes for the active segment, of many mails in one write and one flush.

use blobs::{Appender, BlobError, RecordRef, Sealed};
use store::StoreError;
use tokio::sync::mpsc::error::TryRecvError;
use tokio::sync::{mpsc, oneshot};

use super::{Fatal, Item, Letter, MOST_BYTES, MOST_JOBS};

/// What the flusher takes.
pub(super) enum Work {
    /// A posting with mails that are too large for the database; its rows come next.
    Letter(Box<Letter>),
    /// Records that were in the database until now.
    Keep { sealed: Vec<Sealed>, tell: oneshot::Sender<Result<Vec<RecordRef>, StoreError>> },
}

impl Work {
    fn sealed(&self) -> Vec<&Sealed> {
        match self {
            Self::Letter(letter) => letter.posting.sealed().collect(),
            Self::Keep { sealed, .. } => sealed.iter().collect(),
        }
    }
    fn bytes(&self) -> u64 {
        self.sealed().iter().map(|sealed| sealed.bytes.len() as u64).sum()
    }
    fn refuse(self, error: StoreError) {
        // whoever waited may be gone
        match self {
            Self::Letter(letter) => drop(letter.tell.send(Err(error))),
            Self::Keep { tell, .. } => drop(tell.send(Err(error))),
        }
    }
}

/// Starts the flusher's thread: a flush blocks, and a hop to a pool for each would cost more than it takes.
pub(super) fn start(
    appender: Appender,
    work: mpsc::Receiver<Work>,
    next: mpsc::WeakSender<Item>,
    fatal: Fatal,
) -> Result<std::thread::JoinHandle<()>, StoreError> {
    let flusher = Flusher { appender, work, next, fatal };
    std::thread::Builder::new()
        .name("flusher".into())
        .spawn(move || flusher.run())
        .map_err(|error| StoreError::Engine(format!("the flusher's thread: {error}")))
}

struct Flusher {
    appender: Appender,
    work: mpsc::Receiver<Work>,
    next: mpsc::WeakSender<Item>,
    fatal: Fatal,
}

impl Flusher {
    fn run(mut self) {
        while let Some(first) = self.work.blocking_recv() {
            let batch = self.collect(first);
            let places = match write(&mut self.appender, &batch) {
                Ok(places) => places,
                Err(error) if error.is_fatal() => {
                    let why = error.to_string();
                    batch.into_iter().for_each(|work| work.refuse(StoreError::Stopped(why.clone())));
                    (self.fatal)(&why);
                    return;
                }
                // The disk is full: nothing of the batch was written, its senders come again.
                Err(_) => {
                    batch.into_iter().for_each(|work| work.refuse(StoreError::Full));
                    continue;
                }
            };
            if !self.hand_on(batch, places) {
                return;
            }
        }
    }

    fn collect(&mut self, first: Work) -> Vec<Work> {
        let mut bytes = first.bytes();
        let mut batch = vec![first];
        while batch.len() < MOST_JOBS && bytes < MOST_BYTES {
            match self.work.try_recv() {
                Ok(work) => {
                    bytes += work.bytes();
                    batch.push(work);
                }
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => break,
            }
        }
        batch
    }

    /// What is flushed goes to the committer, or back to who asked; false when the committer has ended.
    fn hand_on(&self, batch: Vec<Work>, places: Vec<RecordRef>) -> bool {
        let (mut places, mut letters) = (places.into_iter(), Vec::new());
        for work in batch {
            match work {
                Work::Letter(mut letter) => {
                    letter.posting.place(&mut places);
                    letters.push(*letter);
                }
                Work::Keep { sealed, tell } => drop(tell.send(Ok(places.by_ref().take(sealed.len()).collect()))),
            }
        }
        if letters.is_empty() {
            return true;
        }
        let next = self.next.upgrade();
        next.is_some_and(|next| next.blocking_send(Item::Letters(letters)).is_ok())
    }
}

fn write(appender: &mut Appender, batch: &[Work]) -> Result<Vec<RecordRef>, BlobError> {
    let sealed: Vec<&Sealed> = batch.iter().flat_map(Work::sealed).collect();
    let places = appender.write(&sealed)?;
    appender.flush()?;
    Ok(places)
}
