//! The folder of segment files: their names and numbers, making new ones, opening old ones.
//!
//! A number is never used twice, also after its file is gone, and a file is appended to only by the process that made
//! it. So nothing has to be mended at start, and several processes (server and commands) can work in one folder.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};

use crate::error::{BlobError, Damage};

/// Where a record's stored bytes are. Rows keep it; [`Segments`] reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum RecordRef {
    /// In a segment file of this data folder.
    Segment {
        /// Number of the file.
        file: u64,
        /// Where the record begins in it, bytes.
        offset: u64,
        /// Stored bytes.
        len: u64,
    },
}

/// First bytes of every segment file; the file's number follows.
const HEADER_MARK: [u8; 24] = *b"sekisho segment file 1\r\n";
/// Bytes before the first record.
pub(crate) const HEADER: u64 = HEADER_MARK.len() as u64 + 8;
/// Numbers that a process takes at once, so that the counter is flushed once in so many files.
const BLOCK: u64 = 64;
/// Segment files that are kept open for reading.
const OPEN_FILES: usize = 64;

/// The segment files of one data folder. Clones share one set of open files.
#[derive(Clone)]
pub struct Segments {
    inner: Arc<Inner>,
}

struct Inner {
    dir: PathBuf,
    numbers: Mutex<std::ops::Range<u64>>,
    open: Mutex<Vec<(u64, Arc<File>)>>,
}

/// A segment file that this process made and may append to. Its lock tells other processes that it is in work.
#[derive(Debug)]
pub(crate) struct NewFile {
    pub number: u64,
    pub path: PathBuf,
    pub file: File,
}

impl Segments {
    /// Opens the folder, making it when it is not there. Takes nothing over from earlier processes: half-received
    /// mails that they left are removed, and new bytes go to new files.
    pub fn open(dir: impl Into<PathBuf>) -> Result<Self, BlobError> {
        let dir = dir.into();
        if !dir.is_dir() {
            fs::create_dir_all(&dir).map_err(BlobError::read(&dir))?;
            if let Some(parent) = dir.parent() {
                flush_dir(parent)?;
            }
        }
        let segments = Self { inner: Arc::new(Inner { dir, numbers: Mutex::new(0..0), open: Mutex::new(Vec::new()) }) };
        segments.remove_leftovers()?;
        Ok(segments)
    }

    /// The folder.
    pub fn dir(&self) -> &Path {
        &self.inner.dir
    }

    /// Numbers of all finished segment files, in order.
    pub fn files(&self) -> Result<Vec<u64>, BlobError> {
        let mut numbers: Vec<u64> = self.names()?.iter().filter_map(|name| number_of(name, ".seg")).collect();
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// Makes an empty segment file with its header; the name and the header are on disk when this returns.
    pub(crate) fn create(&self) -> Result<NewFile, BlobError> {
        let new = self.create_named(".seg")?;
        new.file.sync_all().map_err(BlobError::flush(&new.path))?;
        flush_dir(self.dir())?;
        Ok(new)
    }

    /// Makes a file for one mail that is still coming in; it counts as a segment file after [`Segments::keep`].
    pub(crate) fn create_spool(&self) -> Result<NewFile, BlobError> {
        self.create_named(".part")
    }

    /// Makes a spool file a segment file: bytes, name and folder are on disk when this returns.
    pub(crate) fn keep(&self, new: &NewFile) -> Result<(), BlobError> {
        new.file.sync_all().map_err(BlobError::flush(&new.path))?;
        let path = self.path(new.number, ".seg");
        fs::rename(&new.path, &path).map_err(BlobError::flush(&path))?;
        flush_dir(self.dir())
    }

    /// The file for reading, from the cache when it is there.
    pub(crate) fn file(&self, number: u64) -> Result<Option<Arc<File>>, BlobError> {
        if let Some(file) = self.cached(number) {
            return Ok(Some(file));
        }
        let path = self.path(number, ".seg");
        let file = match File::open(&path) {
            Ok(file) => Arc::new(file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(BlobError::read(&path)(error)),
        };
        let mut open = self.inner.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|entry| entry.0 != number);
        open.truncate(OPEN_FILES - 1);
        open.insert(0, (number, file.clone()));
        Ok(Some(file))
    }

    /// Says that `number` begins with a segment header of that number.
    pub(crate) fn check_header(&self, number: u64) -> Result<Result<(), Damage>, BlobError> {
        let Some(file) = self.file(number)? else { return Ok(Err(Damage::Missing)) };
        let mut header = [0; HEADER as usize];
        match file.read_exact_at(&mut header, 0) {
            Ok(()) if header == header_of(number) => Ok(Ok(())),
            Ok(()) => Ok(Err(Damage::Header)),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(Err(Damage::Short)),
            Err(error) => Err(BlobError::read(&self.path(number, ".seg"))(error)),
        }
    }

    /// The most recently used stand first.
    fn cached(&self, number: u64) -> Option<Arc<File>> {
        let mut open = self.inner.open.lock().unwrap_or_else(PoisonError::into_inner);
        let at = open.iter().position(|entry| entry.0 == number)?;
        open.get_mut(..=at)?.rotate_right(1);
        open.first().map(|entry| entry.1.clone())
    }

    pub(crate) fn path(&self, number: u64, suffix: &str) -> PathBuf {
        self.dir().join(format!("{number:010}{suffix}"))
    }

    fn create_named(&self, suffix: &str) -> Result<NewFile, BlobError> {
        let number = self.next_number()?;
        let path = self.path(number, suffix);
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .map_err(BlobError::grow(&path))?;
        let new = NewFile { number, path, file };
        let started = flock(&new.file, FlockOperation::NonBlockingLockExclusive)
            .map_err(io::Error::from)
            .and_then(|()| new.file.write_all_at(&header_of(number), 0));
        match started {
            Ok(()) => Ok(new),
            Err(error) => {
                // an empty file under a number that is never used again harms nobody
                let _ = fs::remove_file(&new.path);
                Err(BlobError::grow(&new.path)(error))
            }
        }
    }

    fn next_number(&self) -> Result<u64, BlobError> {
        let mut numbers = self.inner.numbers.lock().unwrap_or_else(PoisonError::into_inner);
        if numbers.is_empty() {
            *numbers = self.reserve()?;
        }
        numbers.next().ok_or(BlobError::Crypto)
    }

    /// Takes a block of numbers out of the counter file, which other processes share.
    fn reserve(&self) -> Result<std::ops::Range<u64>, BlobError> {
        let path = self.dir().join("next");
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(BlobError::grow(&path))?;
        flock(&file, FlockOperation::LockExclusive).map_err(|error| BlobError::read(&path)(error.into()))?;
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(BlobError::read(&path))?;
        let counted = text.trim().parse().unwrap_or(1);
        // the counter may have been lost with a folder that was restored by hand; the names themselves also count
        let named = self.names()?.iter().filter_map(|name| any_number(name)).max().map_or(1, |n| n + 1);
        let first = named.max(counted);
        file.rewind().map_err(BlobError::flush(&path))?;
        // fixed width, so that the file never gets shorter and needs no truncating
        file.write_all(format!("{:020}\n", first + BLOCK).as_bytes()).map_err(BlobError::grow(&path))?;
        file.sync_all().map_err(BlobError::flush(&path))?;
        flush_dir(self.dir())?;
        Ok(first..first + BLOCK)
    }

    /// Removes spool files whose process is gone: no row can name them.
    fn remove_leftovers(&self) -> Result<(), BlobError> {
        for name in self.names()? {
            if number_of(&name, ".part").is_none() {
                continue;
            }
            let path = self.dir().join(&name);
            let Ok(file) = File::open(&path) else { continue };
            // whoever is still writing it holds its lock
            if flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok() {
                let _ = fs::remove_file(&path);
            }
        }
        Ok(())
    }

    fn names(&self) -> Result<Vec<String>, BlobError> {
        let entries = fs::read_dir(self.dir()).map_err(BlobError::read(self.dir()))?;
        Ok(entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect())
    }
}

fn header_of(number: u64) -> [u8; HEADER as usize] {
    let mut header = [0; HEADER as usize];
    let (mark, rest) = header.split_at_mut(HEADER_MARK.len());
    mark.copy_from_slice(&HEADER_MARK);
    rest.copy_from_slice(&number.to_le_bytes());
    header
}

fn number_of(name: &str, suffix: &str) -> Option<u64> {
    name.strip_suffix(suffix)?.parse().ok()
}

fn any_number(name: &str) -> Option<u64> {
    number_of(name, ".seg").or_else(|| number_of(name, ".part"))
}

/// Puts a folder's names on disk.
///
/// # Errors
/// [`BlobError::Flush`]: which of its names will be found after a loss of power is in doubt.
pub fn flush_dir(dir: &Path) -> Result<(), BlobError> {
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(BlobError::flush(dir))
}
