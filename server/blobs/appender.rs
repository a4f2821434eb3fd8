//! Appending records to a segment file: one write for a batch, and the flush as a step of its own.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::fs::{FallocateFlags, fallocate};
use rustix::io::Errno;

use crate::error::BlobError;
use crate::record::Sealed;
use crate::segments::{HEADER, NewFile, RecordRef, Segments};

/// No segment file grows beyond this, unless one record alone is larger.
const FULL: u64 = 256 << 20;
/// Room is made in steps of this size, before bytes are written into it.
const STEP: u64 = 4 << 20;

/// Writes batches of records, one after the other, into segment files of its own.
///
/// One task owns it. The file is made with the first batch, so a process that only reads makes none.
pub struct Appender {
    segments: Segments,
    active: Option<Active>,
    /// Files that hold bytes which no flush was handed out for.
    unflushed: Vec<Arc<NewFile>>,
    failed: Arc<AtomicBool>,
    batch: Vec<u8>,
}

struct Active {
    file: Arc<NewFile>,
    /// Where the next record goes.
    end: u64,
    /// Up to where the file has room.
    room: u64,
}

impl Segments {
    /// An appender with files of its own.
    pub fn appender(&self) -> Appender {
        Appender {
            segments: self.clone(),
            active: None,
            unflushed: Vec::new(),
            failed: Arc::default(),
            batch: Vec::new(),
        }
    }
}

impl Appender {
    /// Writes a batch with one system call and says where each record went. Blocks while the system copies the bytes;
    /// they are safe only after a [`Flush`] taken later has run.
    ///
    /// [`BlobError::Full`] leaves nothing written and may be tried again; [`BlobError::Flush`] ends the process.
    pub fn write(&mut self, records: &[&Sealed]) -> Result<Vec<RecordRef>, BlobError> {
        if self.failed.load(Ordering::Acquire) {
            let error = std::io::Error::other("an earlier write or flush failed");
            return Err(BlobError::flush(self.segments.dir())(error));
        }
        let written = self.write_batch(records);
        if written.as_ref().is_err_and(BlobError::is_fatal) {
            self.failed.store(true, Ordering::Release);
        }
        written
    }

    fn write_batch(&mut self, records: &[&Sealed]) -> Result<Vec<RecordRef>, BlobError> {
        let total = records.iter().map(|record| record.bytes.len() as u64).sum();
        let active = self.active_for(total)?;
        active.make_room(total)?;
        let file = active.file.clone();
        let start = active.end;
        // an offset is used up even when the write fails
        active.end += total;
        let bytes = match records {
            [record] => &record.bytes,
            _ => {
                self.batch.clear();
                records.iter().for_each(|record| self.batch.extend_from_slice(&record.bytes));
                &self.batch
            }
        };
        file.file.write_all_at(bytes, start).map_err(BlobError::grow(&file.path))?;
        Ok(places(file.number, start, records))
    }

    /// Takes over the duty to flush everything written so far. It can run on another thread, while the next batch is
    /// written here.
    pub fn flush_handle(&mut self) -> Flush {
        let mut files = std::mem::take(&mut self.unflushed);
        files.extend(self.active.as_ref().map(|active| active.file.clone()));
        Flush { files, failed: self.failed.clone() }
    }

    /// Flushes everything written so far and waits for it.
    pub fn flush(&mut self) -> Result<(), BlobError> {
        self.flush_handle().run()
    }

    /// The file that takes `total` more bytes.
    fn active_for(&mut self, total: u64) -> Result<&mut Active, BlobError> {
        if let Some(full) = self.active.take_if(|active| active.end > HEADER && active.end + total > FULL) {
            self.unflushed.push(full.file.clone());
            drop(full);
        }
        match &mut self.active {
            Some(active) => Ok(active),
            none => {
                let file = Arc::new(self.segments.create()?);
                Ok(none.insert(Active { file, end: HEADER, room: HEADER }))
            }
        }
    }
}

fn places(file: u64, start: u64, records: &[&Sealed]) -> Vec<RecordRef> {
    let mut offset = start;
    let place = |record: &&Sealed| {
        let len = record.bytes.len() as u64;
        offset += len;
        RecordRef::Segment { file, offset: offset - len, len }
    };
    records.iter().map(place).collect()
}

impl Drop for Active {
    fn drop(&mut self) {
        self.cut();
    }
}

impl Active {
    fn make_room(&mut self, more: u64) -> Result<(), BlobError> {
        let need = self.end + more;
        if need <= self.room {
            return Ok(());
        }
        let room = need.next_multiple_of(STEP);
        match fallocate(&self.file.file, FallocateFlags::empty(), self.room, room - self.room) {
            // where the file system cannot promise room, the write finds out
            Ok(()) | Err(Errno::OPNOTSUPP) => {}
            Err(error) => return Err(BlobError::grow(&self.file.path)(error.into())),
        }
        self.room = room;
        Ok(())
    }

    /// Gives back the room that was not used. That this fails harms nobody: nothing reads there.
    fn cut(&self) {
        if self.room > self.end {
            let _ = self.file.file.set_len(self.end);
        }
    }
}

/// The flush of what an [`Appender`] wrote before it gave this out. Dropping it unrun flushes nothing.
#[must_use = "bytes are safe only after the flush has run"]
pub struct Flush {
    files: Vec<Arc<NewFile>>,
    failed: Arc<AtomicBool>,
}

impl Flush {
    /// Waits until the bytes are on disk (fdatasync). An error is always [`BlobError::Flush`]: the caller ends the
    /// process, for after a failed flush the system may have dropped the bytes and yet call the next flush good.
    pub fn run(self) -> Result<(), BlobError> {
        self.files.iter().try_for_each(|new| self.flush(&new.file, &new.path))
    }

    fn flush(&self, file: &File, path: &Path) -> Result<(), BlobError> {
        file.sync_data().map_err(|error| {
            self.failed.store(true, Ordering::Release);
            BlobError::flush(path)(error)
        })
    }
}
