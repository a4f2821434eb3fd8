//! Collecting one mail as it comes in: a small one in memory, a large one sealed into a file of its own.

use bytes::Bytes;
use std::os::unix::fs::FileExt as _;

use crate::error::BlobError;
use crate::frame::FRAME;
use crate::key::RecordKey;
use crate::record::{Sealed, Sealer, seal, whole_frames_before_last};
use crate::segments::{HEADER, NewFile, RecordRef, Segments};

/// A mail up to this size stays in memory.
const IN_MEMORY: usize = 1 << 20;
/// Sealing up to this size (some 0.4 ms) costs less than a hop to another thread and back on a busy machine.
const SEAL_HERE: usize = 256 << 10;

/// One mail on its way in. Dropping it leaves nothing behind.
pub struct Intake {
    segments: Segments,
    key: RecordKey,
    max: u64,
    size: u64,
    /// What is not sealed yet, at most [`IN_MEMORY`] and what came with one call.
    pending: Vec<u8>,
    spool: Option<Spool>,
}

/// A mail that has come in whole. Its record exists for readers once a row holds its reference.
pub struct Draft {
    /// Plain bytes.
    pub size: u64,
    /// SHA-256 of the stored bytes.
    pub digest: [u8; 32],
    /// The stored bytes, or where they are.
    pub stored: Stored,
    /// The plain bytes, when they are in memory anyway.
    pub plain: Option<Bytes>,
}

impl std::fmt::Debug for Draft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // the mail itself never goes to a log
        f.debug_struct("Draft").field("size", &self.size).finish_non_exhaustive()
    }
}

/// Where a draft's stored bytes are.
#[derive(Debug)]
pub enum Stored {
    /// In memory: the appender has to write and flush them.
    Memory(Sealed),
    /// In a segment file of their own, flushed.
    Segment(RecordRef),
}

impl Intake {
    /// Begins a mail of at most `max` bytes, to be sealed under `key`.
    pub fn new(segments: &Segments, key: RecordKey, max: u64) -> Self {
        Self { segments: segments.clone(), key, max, size: 0, pending: Vec::new(), spool: None }
    }

    /// Bytes taken so far.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Takes the next bytes. After an error the mail cannot be finished, only dropped.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), BlobError> {
        let size = self.size + bytes.len() as u64;
        if size > self.max {
            return Err(BlobError::TooLarge { max: self.max });
        }
        self.size = size;
        self.pending.extend_from_slice(bytes);
        if self.pending.len() > IN_MEMORY {
            self.spill().await?;
        }
        Ok(())
    }

    /// Ends the mail. Bytes of a large one are on disk when this returns.
    pub async fn finish(mut self) -> Result<Draft, BlobError> {
        let plain = std::mem::take(&mut self.pending);
        match self.spool.take() {
            Some(spool) => {
                let segments = self.segments.clone();
                elsewhere(move || spool.finish(&segments, &plain)).await
            }
            None if self.size > plain.len() as u64 => Err(BlobError::Stopping),
            None => {
                let key = self.key.clone();
                if plain.len() <= SEAL_HERE { draft(plain, &key) } else { elsewhere(move || draft(plain, &key)).await }
            }
        }
    }

    /// Seals what is pending into the file, but what may be the last frame.
    async fn spill(&mut self) -> Result<(), BlobError> {
        let (segments, key) = (self.segments.clone(), self.key.clone());
        let spool = self.spool.take();
        let mut pending = std::mem::take(&mut self.pending);
        // when this future is dropped, the closure still ends and drops the spool, and that its file
        let work = move || {
            let mut spool = match spool {
                Some(spool) => spool,
                None => Spool::new(&segments, &key)?,
            };
            spool.frames(&mut pending)?;
            Ok((spool, pending))
        };
        let (spool, pending) = elsewhere(work).await?;
        self.spool = Some(spool);
        self.pending = pending;
        Ok(())
    }
}

fn draft(plain: Vec<u8>, key: &RecordKey) -> Result<Draft, BlobError> {
    let sealed = seal(&plain, key)?;
    let (size, digest) = (sealed.size, sealed.digest);
    Ok(Draft { size, digest, stored: Stored::Memory(sealed), plain: Some(plain.into()) })
}

async fn elsewhere<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BlobError> + Send + 'static,
) -> Result<T, BlobError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| BlobError::Stopping)?
}

/// A large mail's file while it comes in.
struct Spool {
    /// None once the file is a segment file.
    file: Option<NewFile>,
    sealer: Option<Sealer>,
    end: u64,
    sealed: Vec<u8>,
}

impl Spool {
    fn new(segments: &Segments, key: &RecordKey) -> Result<Self, BlobError> {
        let sealer = Some(Sealer::new(key)?);
        Ok(Self { file: Some(segments.create_spool()?), sealer, end: HEADER, sealed: Vec::new() })
    }

    /// Seals and writes all whole frames but the last; leaves the rest in `pending`.
    fn frames(&mut self, pending: &mut Vec<u8>) -> Result<(), BlobError> {
        let whole = whole_frames_before_last(pending.len());
        let Some(sealer) = &mut self.sealer else { return Err(BlobError::Stopping) };
        for frame in pending.get(..whole).unwrap_or_default().chunks(FRAME) {
            sealer.frame(frame, &mut self.sealed)?;
        }
        pending.drain(..whole);
        self.write()
    }

    fn finish(mut self, segments: &Segments, rest: &[u8]) -> Result<Draft, BlobError> {
        let mut rest = rest.to_vec();
        self.frames(&mut rest)?;
        let Some(sealer) = self.sealer.take() else { return Err(BlobError::Stopping) };
        let (size, digest) = sealer.finish(&rest, &mut self.sealed)?;
        self.write()?;
        let Some(file) = &self.file else { return Err(BlobError::Stopping) };
        segments.keep(file)?;
        let at = RecordRef::Segment { file: file.number, offset: HEADER, len: self.end - HEADER };
        self.file = None;
        Ok(Draft { size, digest, stored: Stored::Segment(at), plain: None })
    }

    fn write(&mut self) -> Result<(), BlobError> {
        let Some(file) = &self.file else { return Err(BlobError::Stopping) };
        file.file.write_all_at(&self.sealed, self.end).map_err(BlobError::grow(&file.path))?;
        self.end += self.sealed.len() as u64;
        self.sealed.clear();
        Ok(())
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        if let Some(file) = &self.file {
            // what stays behind is removed at the next start
            let _ = std::fs::remove_file(&file.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::Future as _;
    use std::task::{Context, Waker};

    fn files(segments: &Segments) -> Vec<String> {
        let names = std::fs::read_dir(segments.dir()).unwrap().map(|entry| entry.unwrap().file_name());
        names.map(|name| name.into_string().unwrap()).filter(|name| name != "next").collect()
    }

    fn intake(dir: &tempfile::TempDir) -> (Segments, Intake) {
        let segments = Segments::open(dir.path()).unwrap();
        let intake = Intake::new(&segments, RecordKey::generate().unwrap(), u64::MAX);
        (segments, intake)
    }

    #[tokio::test]
    async fn a_dropped_mail_leaves_no_file() {
        let dir = tempfile::tempdir().unwrap();
        let (segments, mut intake) = intake(&dir);
        intake.write(&[b'a'; IN_MEMORY]).await.unwrap();
        assert!(files(&segments).is_empty(), "up to 1 MiB stays in memory");
        intake.write(b"b").await.unwrap();
        assert_eq!(files(&segments).len(), 1);
        assert!(intake.pending.len() <= FRAME, "what is sealed is not kept");
        drop(intake);
        assert!(files(&segments).is_empty());
    }

    #[tokio::test]
    async fn a_cancelled_write_leaves_no_file_and_no_half_mail() {
        let dir = tempfile::tempdir().unwrap();
        let (segments, mut intake) = intake(&dir);
        let bytes = vec![b'a'; 4 * IN_MEMORY];
        {
            let mut write = std::pin::pin!(intake.write(&bytes));
            let _ = write.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        }
        assert!(matches!(intake.finish().await, Err(BlobError::Stopping)));
        while !files(&segments).is_empty() {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn a_large_mail_has_a_file_of_its_own_from_the_moment_it_is_whole() {
        let dir = tempfile::tempdir().unwrap();
        let (segments, mut intake) = intake(&dir);
        intake.write(&vec![b'a'; 2 * IN_MEMORY]).await.unwrap();
        assert_eq!(segments.files().unwrap(), [], "a half mail is no segment file");
        let draft = intake.finish().await.unwrap();
        let Stored::Segment(at @ RecordRef::Segment { file, .. }) = draft.stored else { panic!("in memory") };
        assert_eq!(segments.files().unwrap(), [file]);
        segments.verify(&at, &draft.digest).unwrap();
    }

    #[tokio::test]
    async fn what_a_killed_process_left_is_removed_but_not_what_another_still_writes() {
        let dir = tempfile::tempdir().unwrap();
        let (segments, mut intake) = intake(&dir);
        intake.write(&vec![b'a'; 2 * IN_MEMORY]).await.unwrap();
        std::fs::write(dir.path().join("0000000063.part"), b"left over").unwrap();
        std::fs::write(dir.path().join("notes.txt"), b"somebody's").unwrap();
        let other = Segments::open(dir.path()).unwrap();
        let left = files(&other);
        assert!(!left.contains(&"0000000063.part".to_owned()) && left.contains(&"notes.txt".to_owned()), "{left:?}");
        let draft = intake.finish().await.unwrap();
        let Stored::Segment(at) = draft.stored else { panic!("in memory") };
        other.verify(&at, &draft.digest).unwrap();
        drop(segments);
    }
}
