//! Reading records: any range of plain bytes for the memory of the range and one frame.

use std::fs::File;
use std::ops::Range;
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use ring::aead::LessSafeKey;

use crate::error::{BlobError, Damage};
use crate::frame::{self, FRAME};
use crate::key::RecordKey;
use crate::record::{self, CRC_FROM_END, FOOTER, Tail};
use crate::segments::{RecordRef, Segments};

/// Stored bytes that are read at once on the calling thread. A mail of this size is in the page cache or one disk read
/// away, and is opened in some 0.1 ms; a hop to another thread and back costs up to 4 ms on a busy machine.
const AT_ONCE: u64 = 128 << 10;
/// How much of a larger record's end is read first; holds the table of 60 MiB.
const TAIL_GUESS: u64 = 4 << 10;

/// An open record: its end is read and checked, its frames are read as they are asked for. Blocking.
pub struct Record {
    bytes: Stored,
    tail: Tail,
    key: LessSafeKey,
}

impl Segments {
    /// Reads `range` of a record's plain bytes. Small reads run here, larger ones on a thread for blocking work.
    pub async fn read(&self, at: &RecordRef, key: &RecordKey, range: Range<u64>) -> Result<Bytes, BlobError> {
        let RecordRef::Segment { len, .. } = *at;
        let touched = len.min(range.end.saturating_sub(range.start).saturating_add(2 * FRAME as u64));
        self.here_or_there(touched, at, key, move |record| record.read(range)).await
    }

    /// Reads all plain bytes of a record.
    pub async fn read_all(&self, at: &RecordRef, key: &RecordKey) -> Result<Bytes, BlobError> {
        let RecordRef::Segment { len, .. } = *at;
        self.here_or_there(len, at, key, |record| record.read(0..record.size())).await
    }

    /// Opens a record, to read it in windows from a thread that may block.
    pub fn open_record(&self, at: &RecordRef, key: &RecordKey) -> Result<Record, BlobError> {
        Record::open(Stored::find(self, at)?, key)
    }

    async fn here_or_there(
        &self,
        touched: u64,
        at: &RecordRef,
        key: &RecordKey,
        work: impl FnOnce(&Record) -> Result<Bytes, BlobError> + Send + 'static,
    ) -> Result<Bytes, BlobError> {
        if touched <= AT_ONCE {
            return work(&self.open_record(at, key)?);
        }
        let (segments, at, key) = (self.clone(), *at, key.clone());
        tokio::task::spawn_blocking(move || work(&segments.open_record(&at, &key)?))
            .await
            .map_err(|_| BlobError::Stopping)?
    }
}

impl Record {
    /// Opens a record whose stored bytes are in memory. [`BlobError::DamagedInMemory`] when they are no record.
    pub fn in_memory(stored: Vec<u8>, key: &RecordKey) -> Result<Self, BlobError> {
        Self::open(Stored::in_memory(stored)?, key)
    }

    pub(crate) fn open(bytes: Stored, key: &RecordKey) -> Result<Self, BlobError> {
        let (bytes, tail) = bytes.tail()?;
        Ok(Self { key: tail.key(key)?, bytes, tail })
    }

    /// Plain bytes of the record.
    pub fn size(&self) -> u64 {
        self.tail.size
    }

    /// Reads `range` of the plain bytes; [`BlobError::Range`] when it lies outside.
    pub fn read(&self, range: Range<u64>) -> Result<Bytes, BlobError> {
        let Range { start, end } = range;
        let outside = || BlobError::Range { start, end, size: self.size() };
        if start > end || end > self.size() {
            return Err(outside());
        }
        if start == end {
            return Ok(Bytes::new());
        }
        let frame = FRAME as u64;
        let (first, last) = (start / frame, (end - 1) / frame);
        let skip = (start - first * frame) as usize;
        let want = usize::try_from(end - start).map_err(|_| outside())?;
        // whole frames are opened: what is kept of them must not hold more room than it needs
        let opened = (last - first) * frame + self.size().saturating_sub(last * frame).min(frame);
        let mut out = Vec::with_capacity(usize::try_from(opened).map_err(|_| outside())?);
        let mut stored = Vec::new();
        for index in first..=last {
            self.open_frame(index as u32, &mut stored, &mut out)?;
        }
        out.truncate(skip + want);
        Ok(Bytes::from(out).slice(skip..))
    }

    /// Opens every frame and throws the bytes away.
    pub(crate) fn open_all(&self) -> Result<(), BlobError> {
        let (mut stored, mut plain) = (Vec::new(), Vec::new());
        (0..self.tail.frames()).try_for_each(|index| {
            plain.clear();
            self.open_frame(index, &mut stored, &mut plain)
        })
    }

    fn open_frame(&self, index: u32, stored: &mut Vec<u8>, out: &mut Vec<u8>) -> Result<(), BlobError> {
        let damaged = || self.bytes.damaged()(Damage::Frame(index));
        let (place, info) = self.tail.frame(index).ok_or_else(damaged)?;
        self.bytes.read(place, stored)?;
        frame::open(&self.key, info, stored, out).ok_or_else(damaged)
    }
}

/// Stored bytes of one record: in memory when it is small, else in their file.
pub(crate) struct Stored {
    file: Option<InFile>,
    whole: Option<Vec<u8>>,
    len: u64,
}

struct InFile {
    file: Arc<File>,
    path: PathBuf,
    at: RecordRef,
}

impl Stored {
    /// Finds the record's bytes; a small record is read and its checksum is checked.
    pub(crate) fn find(segments: &Segments, at: &RecordRef) -> Result<Self, BlobError> {
        let damaged = BlobError::damaged(at);
        let RecordRef::Segment { file: number, offset, len } = *at;
        let path = segments.path(number, ".seg");
        let file = segments.file(number)?.ok_or_else(|| damaged(Damage::Missing))?;
        if len < FOOTER as u64 || offset.checked_add(len).is_none() {
            return Err(damaged(Damage::Short));
        }
        let mut stored = Self { file: Some(InFile { file, path, at: *at }), whole: None, len };
        if len <= AT_ONCE {
            let mut bytes = Vec::new();
            stored.read(0..len, &mut bytes)?;
            stored.whole = Some(bytes);
        }
        Ok(stored)
    }

    /// Bytes that are no segment file's.
    pub(crate) fn in_memory(bytes: Vec<u8>) -> Result<Self, BlobError> {
        if bytes.len() < FOOTER {
            return Err(BlobError::DamagedInMemory(Damage::Short));
        }
        Ok(Self { file: None, len: bytes.len() as u64, whole: Some(bytes) })
    }

    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// Says what is wrong with these bytes.
    pub(crate) fn damaged(&self) -> impl Fn(Damage) -> BlobError + Copy + use<> {
        let at = self.file.as_ref().map(|file| file.at);
        move |what| match at {
            Some(at) => BlobError::damaged(&at)(what),
            None => BlobError::DamagedInMemory(what),
        }
    }

    /// Reads the record's end, and checks the checksum of what is read anyway.
    pub(crate) fn tail(self) -> Result<(Self, Tail), BlobError> {
        let damaged = self.damaged();
        let len = self.len();
        let mut end = Vec::new();
        self.read(len - len.min(TAIL_GUESS)..len, &mut end)?;
        let want = Tail::len(&end, len).map_err(damaged)?;
        if want > end.len() {
            self.read(len - want as u64..len, &mut end)?;
        }
        let tail = end.get(end.len() - want..).unwrap_or_default();
        let tail = Tail::read(tail, len).map_err(damaged)?;
        if let Some(whole) = &self.whole {
            let checked = whole.get(..whole.len() - CRC_FROM_END).unwrap_or_default();
            if record::stored_crc(whole) != Some(crc32c::crc32c(checked)) {
                return Err(damaged(Damage::Checksum));
            }
        }
        Ok((self, tail))
    }

    /// Reads `range` of the stored bytes into `out`, which it clears.
    pub(crate) fn read(&self, range: Range<u64>, out: &mut Vec<u8>) -> Result<(), BlobError> {
        let damaged = self.damaged();
        out.clear();
        if let Some(whole) = &self.whole {
            let part = whole.get(range.start as usize..range.end as usize).ok_or_else(|| damaged(Damage::Short))?;
            out.extend_from_slice(part);
            return Ok(());
        }
        let Some(InFile { file, path, at: RecordRef::Segment { offset, .. } }) = &self.file else {
            return Err(damaged(Damage::Short));
        };
        out.resize((range.end - range.start) as usize, 0);
        file.read_exact_at(out, offset + range.start).map_err(|error| match error.kind() {
            std::io::ErrorKind::UnexpectedEof => damaged(Damage::Short),
            _ => BlobError::read(path)(error),
        })
    }
}
