//! What a tenant's index consists of: its segments by month, and how far it has come. One small sealed file, replaced
//! as a whole; a segment that it does not name does not count.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

use blobs::RecordKey;
use serde::{Deserialize, Serialize};
use types::{RecordId, Timestamp};

use crate::IndexError;
use crate::segment::Written;

/// What is taken in of a mail, how it is folded and cut into terms; an index of another version is made anew.
pub(crate) const VERSION: u32 = 3;
const PLACE: &str = "index manifest";
/// Segments of one size that become one.
const FAN: usize = 8;
/// A segment with so many documents is merged no more.
const LARGEST: u32 = 250_000;

/// A segment of a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(crate) id: u64,
    /// Months since the year 0.
    pub(crate) month: u32,
    pub(crate) docs: u32,
    pub(crate) first: i64,
    pub(crate) last: i64,
    pub(crate) bytes: u64,
}

/// The segments of a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    version: u32,
    /// The last record that was met, whether or not it could be taken in.
    pub(crate) through: i64,
    /// The number of the next segment.
    pub(crate) next: u64,
    pub(crate) segments: Vec<Entry>,
    /// Records that are read at every search: too long, or not readable.
    pub(crate) apart: Vec<i64>,
    /// With which record a month began.
    months: Vec<(i64, u32)>,
}

impl Default for Manifest {
    fn default() -> Self {
        Self { version: VERSION, through: 0, next: 1, segments: Vec::new(), apart: Vec::new(), months: Vec::new() }
    }
}

impl Manifest {
    /// Reads the manifest of a folder; an empty one where there is none or none that is of use. Numbers of segments are
    /// not given out again, whatever the version.
    pub(crate) fn read(path: &Path, key: &RecordKey) -> Self {
        let opened = fs::read(path).ok().and_then(|sealed| key.open_column(PLACE, &sealed).ok());
        let read = opened.and_then(|plain| postcard::from_bytes::<Self>(&plain).ok());
        let read = read.unwrap_or_default();
        if read.version == VERSION { read } else { read.anew() }
    }

    /// Writes it in place of the one before.
    pub(crate) fn write(&self, path: &Path, key: &RecordKey) -> Result<(), IndexError> {
        let plain = postcard::to_allocvec(self).map_err(|_| IndexError::Failed("the manifest"))?;
        let sealed = key.seal_column(PLACE, &plain).map_err(|_| IndexError::Failed("the manifest"))?;
        replace(path, &sealed)
    }

    /// The same tenant's index before its first record; when months began is kept.
    pub(crate) fn anew(&self) -> Self {
        Self { next: self.next, months: self.months.clone(), ..Self::default() }
    }

    /// The month of a record that is met at `now`.
    pub(crate) fn month_of(&mut self, record: RecordId, now: Timestamp) -> u32 {
        if record.0 <= self.months.last().map_or(0, |(first, _)| *first) {
            let at = self.months.partition_point(|(first, _)| *first <= record.0);
            return self.months.get(at.saturating_sub(1)).map_or(0, |(_, month)| *month);
        }
        let present = month(now);
        match self.months.last() {
            // a clock that goes back does not take a month back; a re-made index meets old records late
            Some((_, last)) if *last >= present || record.0 <= self.through => *last,
            _ => {
                self.months.push((record.0, present));
                present
            }
        }
    }

    /// Puts a new segment in.
    pub(crate) fn add(&mut self, id: u64, month: u32, written: Written) {
        let Written { docs, first, last, bytes } = written;
        self.segments.push(Entry { id, month, docs, first: first.0, last: last.0, bytes });
    }

    /// Segments that should become one: many of about one size, or all of a month that is over.
    pub(crate) fn to_merge(&self) -> Option<Vec<Entry>> {
        let present = self.months.last().map_or(0, |(_, month)| *month);
        let small: Vec<&Entry> = self.segments.iter().filter(|entry| entry.docs < LARGEST).collect();
        let mut months: Vec<u32> = small.iter().map(|entry| entry.month).collect();
        months.dedup();
        for month in months {
            let of_month: Vec<Entry> = small.iter().filter(|entry| entry.month == month).map(|entry| **entry).collect();
            if month < present && of_month.len() > 1 {
                return Some(of_month);
            }
            for tier in 0..=LARGEST.ilog(8) {
                let same: Vec<Entry> =
                    of_month.iter().filter(|entry| entry.docs.max(1).ilog(8) == tier).copied().collect();
                if same.len() >= FAN {
                    return Some(same);
                }
            }
        }
        None
    }

    /// Puts `made` in place of the segments that it was made of.
    pub(crate) fn merged(&mut self, of: &[Entry], made: (u64, Written)) {
        let month = of.first().map_or(0, |entry| entry.month);
        self.segments.retain(|entry| !of.iter().any(|gone| gone.id == entry.id));
        self.add(made.0, month, made.1);
    }
}

/// Months since the year 0 at a moment, UTC.
fn month(at: Timestamp) -> u32 {
    // days since 0000-03-01, then the year of 400 (Howard Hinnant's civil_from_days)
    let days = at.secs().div_euclid(86_400) + 719_468;
    let era = days.div_euclid(146_097);
    let day = days.rem_euclid(146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let of_year = day - (365 * year + year / 4 - year / 100);
    let march_first = (5 * of_year + 2) / 153;
    u32::try_from((era * 400 + year) * 12 + march_first + 2).unwrap_or(0)
}

/// Replaces a small file by another as a whole.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), IndexError> {
    let beside = path.with_extension("new");
    let write = || {
        let mut file = File::create(&beside)?;
        file.write_all(bytes)?;
        file.sync_data()?;
        fs::rename(&beside, path)?;
        path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
    };
    write().map_err(IndexError::file(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(docs: u32) -> Written {
        Written { docs, first: RecordId(1), last: RecordId(2), bytes: 1 }
    }

    #[test]
    fn months_are_counted() {
        let at = |secs| month(Timestamp::from_secs(secs));
        assert_eq!(at(0), 1970 * 12);
        assert_eq!(at(1_764_115_200), 2025 * 12 + 10, "2025-11-26");
        assert_eq!(at(1_764_115_200 + 10 * 86_400), 2025 * 12 + 11);
        assert_eq!(at(951_782_400), 2000 * 12 + 1, "2000-02-29");
        assert_eq!(at(951_868_800), 2000 * 12 + 2, "2000-03-01");
    }

    #[test]
    fn a_remade_index_knows_the_months_of_old_records() {
        let (november, december) = (Timestamp::from_secs(1_764_115_200), Timestamp::from_secs(1_764_979_200));
        let mut manifest = Manifest::default();
        let months = [(1, november), (50, november), (51, december), (90, december)];
        let first: Vec<u32> = months.iter().map(|(id, at)| manifest.month_of(RecordId(*id), *at)).collect();
        let mut anew = manifest.anew();
        let again: Vec<u32> = months.iter().map(|(id, _)| anew.month_of(RecordId(*id), december)).collect();
        assert_eq!((first.clone(), first[0] + 1), (again, first[3]));
    }

    #[test]
    fn an_index_of_another_version_begins_anew_with_numbers_of_its_own() {
        let dir = tempfile::tempdir().unwrap();
        let (path, key) = (dir.path().join("manifest"), RecordKey::new([3; 32]));
        let mut manifest = Manifest { version: VERSION - 1, through: 7, next: 3, ..Manifest::default() };
        manifest.add(2, 1, written(1));
        manifest.write(&path, &key).unwrap();
        let read = Manifest::read(&path, &key);
        assert_eq!((read.through, read.next, read.segments.len(), read.version), (0, 3, 0, VERSION));
        manifest.version = VERSION;
        manifest.write(&path, &key).unwrap();
        assert_eq!(Manifest::read(&path, &key), manifest);
    }

    #[test]
    fn segments_of_one_size_become_one_and_those_of_a_past_month_too() {
        let mut manifest = Manifest::default();
        let present = manifest.month_of(RecordId(1), Timestamp::from_secs(1_764_115_200));
        for id in 0..7 {
            manifest.add(id, present, written(1));
        }
        manifest.add(7, present, written(64));
        assert_eq!(manifest.to_merge(), None);
        manifest.add(8, present, written(2));
        let of = manifest.to_merge().unwrap();
        assert_eq!(of.len(), 8);
        manifest.merged(&of, (9, written(9)));
        assert_eq!(manifest.segments.iter().map(|entry| entry.id).collect::<Vec<_>>(), [7, 9]);
        manifest.month_of(RecordId(100), Timestamp::from_secs(1_764_979_200));
        assert_eq!(manifest.to_merge().map(|of| of.len()), Some(2));
    }
}
