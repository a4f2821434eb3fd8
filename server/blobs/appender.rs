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
/// Room is made in steps of this size, before bytes are written into it: a full disk is noticed while nothing is at
/// stake.
const ROOM: u64 = 4 << 20;
/// How many zeros are written behind a batch that reaches fresh room. Flushing bytes over written zeros needs no commit
/// of the file system's journal, flushing into room that was only promised does (measured on ext4, flushes a second of
/// 1, 8, 32 mails: appending 3,100, 2,700, 2,100; into promised room 3,400, 2,700, 2,300; over zeros 6,000, 4,200,
/// 3,800).
const ZEROS: u64 = 512 << 10;

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
    /// Up to where zeros are written.
    zeroed: u64,
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
        let zeros = active.make_room(total)?;
        let file = active.file.clone();
        let start = active.end;
        // an offset is used up even when the write fails
        active.end += total;
        let bytes = match records {
            [record] if zeros == 0 => &record.bytes,
            _ => {
                self.batch.clear();
                records.iter().for_each(|record| self.batch.extend_from_slice(&record.bytes));
                self.batch.resize(self.batch.len() + zeros, 0);
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
                Ok(none.insert(Active { file, end: HEADER, zeroed: HEADER, room: HEADER }))
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
    /// Sees to room for `more` bytes; returns how many zeros are to be written behind them.
    fn make_room(&mut self, more: u64) -> Result<usize, BlobError> {
        let end = self.end + more;
        if end <= self.zeroed {
            return Ok(0);
        }
        // a large batch would gain nothing from it
        let zeros = if more < ZEROS { ZEROS } else { 0 };
        if end + zeros > self.room {
            let room = (end + zeros).next_multiple_of(ROOM);
            match fallocate(&self.file.file, FallocateFlags::empty(), self.room, room - self.room) {
                // where the file system cannot promise room, the write finds out
                Ok(()) | Err(Errno::OPNOTSUPP) => self.room = room,
                Err(error) => return Err(BlobError::grow(&self.file.path)(error.into())),
            }
        }
        self.zeroed = end + zeros;
        Ok(zeros as usize)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::RecordKey;
    use crate::record::seal;

    fn sealed(len: usize) -> Sealed {
        seal(&vec![b'a'; len], &RecordKey::new([1; 32])).unwrap()
    }

    fn place(at: &RecordRef) -> (u64, u64, u64) {
        let RecordRef::Segment { file, offset, len } = *at;
        (file, offset, len)
    }

    /// An appender whose file is always full and cannot be flushed.
    fn full(segments: &Segments) -> Appender {
        let path = "/dev/full".into();
        let file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
        let file = Arc::new(NewFile { number: 1, path, file });
        let mut appender = segments.appender();
        appender.active = Some(Active { file, end: HEADER, zeroed: u64::MAX, room: 0 });
        appender
    }

    #[test]
    fn every_process_has_files_of_its_own_and_no_number_comes_twice() {
        let dir = tempfile::tempdir().unwrap();
        let mut seen = Vec::new();
        for _ in 0..3 {
            let segments = Segments::open(dir.path()).unwrap();
            let mut appenders = [segments.appender(), segments.appender()];
            for appender in &mut appenders {
                seen.push(place(&appender.write(&[&sealed(10)]).unwrap()[0]).0);
                appender.flush().unwrap();
            }
            // also the newest number is gone for good with its file
            std::fs::remove_file(segments.path(seen[seen.len() - 1], ".seg")).unwrap();
        }
        let mut distinct = seen.clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct, seen, "numbers grow");
    }

    #[test]
    fn a_reader_makes_no_file() {
        let dir = tempfile::tempdir().unwrap();
        let segments = Segments::open(dir.path()).unwrap();
        let mut appender = segments.appender();
        appender.flush().unwrap();
        drop(appender);
        assert_eq!(segments.files().unwrap(), []);
    }

    #[test]
    fn records_stand_one_behind_the_other_and_unused_room_is_given_back() {
        let dir = tempfile::tempdir().unwrap();
        let segments = Segments::open(dir.path()).unwrap();
        let mut appender = segments.appender();
        let records = [sealed(10), sealed(100_000), sealed(0)];
        let mut places = appender.write(&records.iter().collect::<Vec<_>>()).unwrap();
        places.extend(appender.write(&[&records[0]]).unwrap());
        appender.flush().unwrap();
        let mut end = HEADER;
        for at in &places {
            let (file, offset, len) = place(at);
            assert_eq!((file, offset), (place(&places[0]).0, end));
            end += len;
        }
        let path = segments.path(place(&places[0]).0, ".seg");
        assert_eq!(std::fs::metadata(&path).unwrap().len(), ROOM);
        drop(appender);
        assert_eq!(std::fs::metadata(&path).unwrap().len(), end);
    }

    #[test]
    fn a_full_file_is_followed_by_the_next() {
        let dir = tempfile::tempdir().unwrap();
        let segments = Segments::open(dir.path()).unwrap();
        let mut appender = segments.appender();
        let first = place(&appender.write(&[&sealed(10)]).unwrap()[0]);
        appender.active.as_mut().unwrap().end = FULL - 10;
        let second = place(&appender.write(&[&sealed(10)]).unwrap()[0]);
        assert_eq!((second.0, second.1), (first.0 + 1, HEADER));
        assert_eq!(appender.flush_handle().files.len(), 2, "both files are flushed");
        assert_eq!(appender.flush_handle().files.len(), 1);
    }

    #[test]
    fn a_flush_runs_elsewhere_while_the_next_batch_is_written() {
        let dir = tempfile::tempdir().unwrap();
        let segments = Segments::open(dir.path()).unwrap();
        let mut appender = segments.appender();
        appender.write(&[&sealed(10)]).unwrap();
        let flush = appender.flush_handle();
        let other = std::thread::spawn(move || flush.run());
        appender.write(&[&sealed(20)]).unwrap();
        other.join().unwrap().unwrap();
        appender.flush().unwrap();
    }

    #[test]
    fn a_full_disk_may_be_tried_again() {
        let dir = tempfile::tempdir().unwrap();
        let mut appender = full(&Segments::open(dir.path()).unwrap());
        for _ in 0..2 {
            let error = appender.write(&[&sealed(10)]).unwrap_err();
            assert!(matches!(error, BlobError::Full { .. }), "{error}");
        }
    }

    #[test]
    fn after_a_failed_flush_nothing_is_tried_again() {
        let dir = tempfile::tempdir().unwrap();
        let mut appender = full(&Segments::open(dir.path()).unwrap());
        assert!(appender.flush().unwrap_err().is_fatal());
        appender.active = None;
        let error = appender.write(&[&sealed(10)]).unwrap_err();
        assert!(error.is_fatal() && error.to_string().contains("earlier"), "{error}");
    }
}
