//! Where a record's stored bytes are: in a segment file, or, as long as they are young and few, beside its row. What
//! was read lately of small records is kept open in memory, since whoever reads a mail has rarely read it for the last time.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use blobs::{BlobError, Record, RecordKey, RecordRef, Segments};
use bytes::Bytes;
use moka::policy::EvictionPolicy;
use moka::sync::Cache;
use ring::digest;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqlitePool};
use store::StoreError;
use types::{KeyId, RecordId};

use crate::database::failed;
use crate::keys::Keys;

/// The number that stands for a segment file in the row of a record whose bytes are in `inline_record`. Segment files
/// begin with 1.
pub(crate) const INLINE: u64 = 0;
/// Stored bytes up to this size go into the database with their row. The flush of a segment that this saves takes
/// longer than writing so much twice (docs/decisions/003).
pub(crate) const FEW: usize = 16 << 10;
/// So many places of records are remembered.
const PLACES: usize = 100_000;

/// Records up to this size are one frame, which is opened whole for any range of it.
const ONE_FRAME: u64 = 64 << 10;
/// So many plain bytes of such records are kept in memory, with what keeping one costs.
const LATELY: u64 = 64 << 20;
const COST: usize = 200;

/// A place or a size for a column.
pub(crate) fn number(value: u64) -> Result<i64, StoreError> {
    i64::try_from(value).map_err(|_| StoreError::Engine(format!("{value} is too much for a column")))
}

/// A record's bytes.
#[derive(Debug, Clone)]
enum At {
    Segment(RecordRef),
    Inline(Vec<u8>),
}

/// Where a record's bytes are and what opens them.
#[derive(Debug, Clone)]
struct Place {
    at: At,
    key: KeyId,
    size: u64,
}

/// Where records are, and what some of them hold. Places in segment files do not change but by compaction, and what a record
/// holds never does, so both are remembered.
#[derive(Debug)]
pub(crate) struct Places {
    known: Mutex<HashMap<RecordId, Place>>,
    opened: Cache<RecordId, Opened>,
}

/// A small record's plain bytes, and the key that they stand under: without it nobody gets them.
#[derive(Debug, Clone)]
struct Opened {
    key: KeyId,
    plain: Bytes,
}

impl Default for Places {
    fn default() -> Self {
        let weight = |_: &RecordId, opened: &Opened| u32::try_from(opened.plain.len() + COST).unwrap_or(u32::MAX);
        // by recency: the index reads all that comes, and must not keep out what a person reads for the second time
        let opened = Cache::builder().weigher(weight).max_capacity(LATELY).eviction_policy(EvictionPolicy::lru());
        Self { known: Mutex::default(), opened: opened.build() }
    }
}

impl Places {
    /// Reads a range of a record's plain bytes; beyond the end it is cut off.
    pub async fn read(
        &self,
        db: &SqlitePool,
        segments: &Segments,
        keys: &Keys,
        record: RecordId,
        range: std::ops::Range<u64>,
    ) -> Result<Bytes, StoreError> {
        if let Some(Opened { key, plain }) = self.opened.get(&record) {
            keys.get(key).await?;
            return Ok(slice(&plain, range));
        }
        let Place { at, key: id, size } = self.find(db, record).await?;
        let key = keys.get(id).await?;
        let small = size <= ONE_FRAME;
        let read = if small { 0..size } else { range.start.min(size)..range.end.min(size) };
        let plain = match at {
            At::Segment(at) => segments.read(&at, &key, read).await?,
            At::Inline(bytes) => Record::in_memory(bytes, &key)?.read(read)?,
        };
        if !small {
            return Ok(plain);
        }
        self.opened.insert(record, Opened { key: id, plain: plain.clone() });
        if let Err(gone) = keys.get(id).await {
            // its key was destroyed while it was read
            self.opened.invalidate(&record);
            return Err(gone);
        }
        Ok(slice(&plain, range))
    }

    /// The plain bytes of many records, in their order, with few statements and on one thread. They are not kept: who
    /// reads a whole mailbox must not drive out what people read.
    pub async fn read_many(
        &self,
        db: &SqlitePool,
        segments: &Segments,
        keys: &Keys,
        records: &[RecordId],
    ) -> Result<Vec<Result<Bytes, StoreError>>, StoreError> {
        let mut places = self.find_many(db, records).await?;
        keys.fetch(places.values().map(|place| place.key)).await?;
        let (mut read, mut sealed) = (Vec::with_capacity(records.len()), Vec::new());
        for record in records {
            let found = places.remove(record).filter(|place| place.size <= ONE_FRAME);
            // what is large, open already, asked for twice or gone is no work for many
            let Some(place) = found.filter(|_| !self.opened.contains_key(record)) else {
                read.push(self.read(db, segments, keys, *record, 0..u64::MAX).await);
                continue;
            };
            match keys.get(place.key).await {
                Ok(key) => {
                    sealed.push((read.len(), place, key));
                    read.push(Ok(Bytes::new()));
                }
                Err(gone) => read.push(Err(gone)),
            }
        }
        let segments = segments.clone();
        let open = move |(at, place, key): (usize, Place, RecordKey)| (at, place.open(&segments, &key));
        let opened = tokio::task::spawn_blocking(move || sealed.into_iter().map(open).collect::<Vec<_>>()).await;
        for (at, plain) in opened.map_err(|_| StoreError::Engine("reading mails was interrupted".into()))? {
            if let Some(slot) = read.get_mut(at) {
                *slot = plain.map_err(StoreError::from);
            }
        }
        Ok(read)
    }

    /// Forgets what is open, since a key was destroyed.
    pub fn forget_opened(&self) {
        self.opened.invalidate_all();
        self.opened.run_pending_tasks();
    }

    async fn find(&self, db: &SqlitePool, record: RecordId) -> Result<Place, StoreError> {
        if let Some(place) = self.known(record) {
            return Ok(place);
        }
        let row = sqlx::query(FIND).bind(record.0).fetch_optional(db).await.map_err(failed)?;
        self.met(&row.ok_or_else(|| StoreError::NotFound(format!("record {record}")))?).map(|(_, place)| place)
    }

    /// The places of those of the records that are there.
    async fn find_many(&self, db: &SqlitePool, records: &[RecordId]) -> Result<HashMap<RecordId, Place>, StoreError> {
        let mut places: HashMap<RecordId, Place> =
            records.iter().filter_map(|record| Some((*record, self.known(*record)?))).collect();
        let unknown =
            records.iter().filter(|record| !places.contains_key(record) && !self.opened.contains_key(*record));
        let unknown: Vec<i64> = unknown.map(|record| record.0).collect();
        if unknown.is_empty() {
            return Ok(places);
        }
        let json = serde_json::to_string(&unknown).map_err(|error| StoreError::Engine(error.to_string()))?;
        for row in sqlx::query(FIND_MANY).bind(json).fetch_all(db).await.map_err(failed)? {
            let (record, place) = self.met(&row)?;
            places.insert(record, place);
        }
        Ok(places)
    }

    fn known(&self, record: RecordId) -> Option<Place> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&record).cloned()
    }

    /// What a row of [`FIND`] says; a place in a segment is remembered.
    fn met(&self, row: &SqliteRow) -> Result<(RecordId, Place), StoreError> {
        let number = |at: usize| u64::try_from(row.get::<i64, _>(at)).unwrap_or(u64::MAX);
        let (record, key, size) = (RecordId(row.get(6)), KeyId(row.get(3)), number(4));
        if number(0) == INLINE {
            let bytes: Option<Vec<u8>> = row.get(5);
            let bytes =
                bytes.ok_or_else(|| StoreError::Damaged(format!("the bytes of record {record} are missing")))?;
            return Ok((record, Place { at: At::Inline(bytes), key, size }));
        }
        let at = At::Segment(RecordRef::Segment { file: number(0), offset: number(1), len: number(2) });
        let place = Place { at, key, size };
        let mut places = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if places.len() >= PLACES {
            places.clear();
        }
        places.insert(record, place.clone());
        Ok((record, place))
    }
}

/// Where a record is. One statement, so that a move in between cannot hide the bytes.
const FIND: &str = "SELECT r.file, r.offset, r.stored, r.key, r.size, i.bytes, r.id FROM record AS r \
     LEFT JOIN inline_record AS i ON i.record = r.id \
     WHERE r.id = $1 AND NOT EXISTS (SELECT 1 FROM disposed_key AS d WHERE d.key = r.key)";
/// The same of the records of a list.
const FIND_MANY: &str = "SELECT r.file, r.offset, r.stored, r.key, r.size, i.bytes, r.id FROM json_each($1) AS wanted \
     CROSS JOIN record AS r ON r.id = wanted.value LEFT JOIN inline_record AS i ON i.record = r.id \
     WHERE NOT EXISTS (SELECT 1 FROM disposed_key AS d WHERE d.key = r.key)";

impl Place {
    /// All plain bytes of a small record.
    fn open(self, segments: &Segments, key: &RecordKey) -> Result<Bytes, BlobError> {
        match self.at {
            At::Segment(at) => segments.open_record(&at, key)?.read(0..self.size),
            At::Inline(bytes) => Record::in_memory(bytes, key)?.read(0..self.size),
        }
    }
}

/// A range of these bytes; beyond the end it is cut off.
fn slice(bytes: &Bytes, range: std::ops::Range<u64>) -> Bytes {
    let at = |place: u64| usize::try_from(place).unwrap_or(usize::MAX).min(bytes.len());
    let (start, end) = (at(range.start), at(range.end));
    bytes.slice(start..end.max(start))
}

/// Reads back the bytes that are in the database: how many records they are, and the numbers of those whose bytes are
/// not what was written.
pub(crate) async fn check_inline(db: &SqlitePool) -> Result<(usize, Vec<i64>), StoreError> {
    const WINDOW: i64 = 256;
    let (mut count, mut damaged, mut after) = (0, Vec::new(), i64::MIN);
    loop {
        let sql = "SELECT r.id, i.bytes, r.digest FROM inline_record AS i CROSS JOIN record AS r ON r.id = i.record
                   WHERE i.record > $1 ORDER BY i.record LIMIT $2";
        let rows = sqlx::query(sql).bind(after).bind(WINDOW).fetch_all(db).await.map_err(failed)?;
        let Some(last) = rows.last() else { return Ok((count, damaged)) };
        (after, count) = (last.get(0), count + rows.len());
        let bad = rows.iter().filter(|row| !is_digest(row.get(1), row.get(2)));
        damaged.extend(bad.map(|row| row.get::<i64, _>(0)));
    }
}

/// Whether `digest` is the SHA-256 of stored bytes.
pub(crate) fn is_digest(stored: &[u8], digest: &[u8]) -> bool {
    digest::digest(&digest::SHA256, stored).as_ref() == digest
}
