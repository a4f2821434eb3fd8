//! The disk under the data folder: how much room there is, a ballast for bad days, and which file systems will not do.

use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};

use rustix::fs::{FallocateFlags, fallocate, statfs, statvfs};

use crate::error::BlobError;

/// Less than this is low, whatever the disk's size.
const LOW_BYTES: u64 = 1 << 30;
/// Less than this part of the disk is low.
const LOW_PERCENT: u64 = 5;
/// With less than this even expunging may fail: the ballast is given up.
const OUT_BYTES: u64 = 64 << 20;

/// Whether there is room for mail (DESIGN.md 5, "Disk nearly full").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Space {
    /// Mail may come in.
    Plenty,
    /// Below 1 GiB or 5 %: intake answers 452, everything else goes on.
    Low,
    /// Below 64 MiB: what else goes on needs the ballast's room.
    Out,
}

/// How full the disk under `dir` is. A system call of some microseconds.
pub fn free_space(dir: &Path) -> Result<Space, BlobError> {
    let disk = statvfs(dir).map_err(|error| BlobError::read(dir)(error.into()))?;
    Ok(judge(disk.f_bavail.saturating_mul(disk.f_frsize), disk.f_blocks.saturating_mul(disk.f_frsize)))
}

fn judge(available: u64, total: u64) -> Space {
    if available < OUT_BYTES {
        Space::Out
    } else if available < LOW_BYTES || available < total / 100 * LOW_PERCENT {
        Space::Low
    } else {
        Space::Plenty
    }
}

/// A file that only takes up room, so that there is some to free when expunge, checkpoint and compaction need it.
#[derive(Debug, Clone)]
pub struct Ballast {
    path: PathBuf,
}

impl Ballast {
    /// The ballast of data folder `dir`, whether or not it is there now.
    pub fn new(dir: &Path) -> Self {
        Self { path: dir.join("ballast") }
    }

    /// Makes the ballast `bytes` large when it is missing or smaller; does nothing while space is low.
    /// Returns whether it is there in full.
    pub fn create(&self, bytes: u64) -> Result<bool, BlobError> {
        if fs::metadata(&self.path).is_ok_and(|meta| meta.len() >= bytes) {
            return Ok(true);
        }
        let dir = self.path.parent().unwrap_or(Path::new("."));
        if free_space(dir)? != Space::Plenty {
            return Ok(false);
        }
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&self.path)
            .map_err(BlobError::read(&self.path))?;
        // real blocks, not a sparse file; where the system cannot do that, there is no ballast
        if fallocate(&file, FallocateFlags::empty(), 0, bytes).is_err() {
            return self.free().map(|_| false);
        }
        Ok(true)
    }

    /// Gives the room back; returns whether there was any to give.
    pub fn free(&self) -> Result<bool, BlobError> {
        match fs::remove_file(&self.path) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(BlobError::read(&self.path)(error)),
        }
    }
}

/// Refuses a data folder on a file system whose flush and locks do not hold what we promise by them.
///
/// FUSE is taken (it is often a local disk), and 9p only with a warning: sandboxes show their local disk so.
pub fn refuse_network_file_system(dir: &Path) -> Result<(), BlobError> {
    let kind = statfs(dir).map_err(|error| BlobError::read(dir)(error.into()))?.f_type;
    match network_name(kind as u32) {
        Some("9p") => {
            tracing::warn!(dir = %dir.display(), "data_dir lies on 9p; whether a flush holds is up to the host");
            Ok(())
        }
        Some(kind) => Err(BlobError::NetworkFileSystem { dir: dir.to_owned(), kind }),
        None => Ok(()),
    }
}

/// Magic numbers of statfs(2).
fn network_name(magic: u32) -> Option<&'static str> {
    match magic {
        0x6969 => Some("NFS"),
        0x517B | 0xFF53_4D42 | 0xFE53_4D42 => Some("SMB"),
        0x00C3_6400 => Some("Ceph"),
        0x5346_414F | 0x6B41_4653 => Some("AFS"),
        0x7375_7245 => Some("Coda"),
        0x564C => Some("NCP"),
        0x0102_1997 => Some("9p"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn space_is_low_below_a_gibibyte_or_five_percent() {
        let gib = 1 << 30;
        for (available, total, want) in [
            (gib, 10 * gib, Space::Plenty),
            (gib - 1, 10 * gib, Space::Low),
            (5 * gib, 100 * gib, Space::Plenty),
            (5 * gib - 1, 100 * gib, Space::Low),
            (OUT_BYTES, 10 * gib, Space::Low),
            (OUT_BYTES - 1, 10 * gib, Space::Out),
            (0, 0, Space::Out),
            (u64::MAX, u64::MAX, Space::Plenty),
        ] {
            assert_eq!(judge(available, total), want, "{available} of {total}");
        }
    }

    #[test]
    fn ballast_takes_room_and_gives_it_back() {
        let dir = tempfile::tempdir().unwrap();
        let ballast = Ballast::new(dir.path());
        assert!(!ballast.free().unwrap());
        if free_space(dir.path()).unwrap() == Space::Plenty {
            assert!(ballast.create(1 << 20).unwrap());
            assert!(ballast.create(1 << 20).unwrap());
            assert_eq!(fs::metadata(dir.path().join("ballast")).unwrap().len(), 1 << 20);
            assert!(ballast.free().unwrap());
        }
        assert!(!ballast.free().unwrap());
    }

    #[test]
    fn network_file_systems_are_known_by_their_numbers() {
        assert_eq!(network_name(0x6969), Some("NFS"));
        assert_eq!(network_name(0xFF53_4D42), Some("SMB"));
        for local in [
            0xEF53,      /* ext4 */
            0x5846_5342, /* xfs */
            0x9123_683E, /* btrfs */
            0x6573_5546, /* fuse */
        ] {
            assert_eq!(network_name(local), None, "{local:x}");
        }
        let dir = tempfile::tempdir().unwrap();
        refuse_network_file_system(dir.path()).unwrap();
    }
}
