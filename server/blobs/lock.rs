//! One server per data folder: the lock, which is also the file that names the server's process.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use crate::error::BlobError;

/// Holds a data folder until it is dropped or the process ends, however it ends.
#[derive(Debug)]
pub struct DataLock {
    file: File,
}

impl DataLock {
    /// Takes the lock of `dir`, or says which process holds it. The process id stands in `dir/pid` as long as the lock
    /// is held; an empty file means that no server runs.
    pub fn take(dir: &Path) -> Result<Self, BlobError> {
        let path = path(dir);
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(BlobError::read(&path))?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(Errno::WOULDBLOCK) => {
                let mut pid = String::new();
                let known = file.read_to_string(&mut pid).is_ok() && !pid.trim().is_empty();
                let holder =
                    if known { format!("process {}", pid.trim()) } else { "its process is not known".to_owned() };
                return Err(BlobError::Locked { dir: dir.to_owned(), holder });
            }
            Err(error) => return Err(BlobError::read(&path)(error.into())),
        }
        file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id())).map_err(BlobError::read(&path))?;
        Ok(Self { file })
    }
}

impl Drop for DataLock {
    fn drop(&mut self) {
        // the lock itself goes with the file handle; a stale number would only puzzle people
        let _ = self.file.set_len(0);
    }
}

fn path(dir: &Path) -> PathBuf {
    dir.join("pid")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_server_is_told_who_holds_the_folder() {
        let dir = tempfile::tempdir().unwrap();
        let lock = DataLock::take(dir.path()).unwrap();
        let error = DataLock::take(dir.path()).unwrap_err().to_string();
        assert!(error.contains(&format!("process {}", std::process::id())), "{error}");
        assert!(error.contains(&dir.path().display().to_string()), "{error}");
        drop(lock);
        assert_eq!(std::fs::read(path(dir.path())).unwrap(), b"");
        DataLock::take(dir.path()).unwrap();
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let error = DataLock::take(Path::new("/nowhere/data")).unwrap_err().to_string();
        assert!(error.starts_with("/nowhere/data/pid: "), "{error}");
    }
}
