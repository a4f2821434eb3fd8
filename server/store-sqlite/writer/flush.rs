//! The first stage: the bytes of many mails in one write and one flush.

use blobs::{Appender, BlobError, Sealed};
use store::StoreError;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TryRecvError;

use super::{Fatal, Item, Letter, MOST_BYTES, MOST_JOBS};

/// Starts the flusher's thread: a flush blocks, and a hop to a pool for each would cost more than it takes.
pub(super) fn start(
    appender: Appender,
    letters: mpsc::Receiver<Letter>,
    next: mpsc::WeakSender<Item>,
    fatal: Fatal,
) -> Result<std::thread::JoinHandle<()>, StoreError> {
    let flusher = Flusher { appender, letters, next, fatal };
    std::thread::Builder::new()
        .name("flusher".into())
        .spawn(move || flusher.run())
        .map_err(|error| StoreError::Engine(format!("the flusher's thread: {error}")))
}

struct Flusher {
    appender: Appender,
    letters: mpsc::Receiver<Letter>,
    next: mpsc::WeakSender<Item>,
    fatal: Fatal,
}

impl Flusher {
    fn run(mut self) {
        while let Some(first) = self.letters.blocking_recv() {
            let mut batch = self.collect(first);
            match write(&mut self.appender, &mut batch) {
                Ok(()) => {}
                Err(error) if error.is_fatal() => {
                    let why = error.to_string();
                    refuse(batch, || StoreError::Stopped(why.clone()));
                    (self.fatal)(&why);
                    return;
                }
                // The disk is full: nothing of the batch was written, its senders come again.
                Err(_) => {
                    refuse(batch, || StoreError::Full);
                    continue;
                }
            }
            let Some(next) = self.next.upgrade() else { return };
            if next.blocking_send(Item::Letters(batch)).is_err() {
                return;
            }
        }
    }

    fn collect(&mut self, first: Letter) -> Vec<Letter> {
        let mut bytes = first.posting.bytes();
        let mut batch = vec![first];
        while batch.len() < MOST_JOBS && bytes < MOST_BYTES {
            match self.letters.try_recv() {
                Ok(letter) => {
                    bytes += letter.posting.bytes();
                    batch.push(letter);
                }
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => break,
            }
        }
        batch
    }
}

fn write(appender: &mut Appender, batch: &mut [Letter]) -> Result<(), BlobError> {
    let sealed: Vec<&Sealed> = batch.iter().flat_map(|letter| letter.posting.sealed()).collect();
    let places = appender.write(&sealed)?;
    appender.flush()?;
    let mut places = places.into_iter();
    for letter in batch {
        letter.posting.place(&mut places);
    }
    Ok(())
}

fn refuse(batch: Vec<Letter>, error: impl Fn() -> StoreError) {
    for letter in batch {
        let _ = letter.tell.send(Err(error()));
    }
}
