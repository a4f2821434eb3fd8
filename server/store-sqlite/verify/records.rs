//! Every record's bytes: end mark, CRC32C, SHA-256, and that they open under the record's key with the size that the
//! row names; and the summary beside it.

use blobs::{BlobError, Record, RecordKey, RecordRef, Segments};
use sqlx::FromRow;
use store::{Damage, StoreError, VerifyReport};
use types::KeyId;

use super::{Result, Verify, damage};
use crate::database::failed;
use crate::place::INLINE;

/// Records that are read in one go on a thread for blocking work.
const WINDOW: i64 = 256;

#[derive(FromRow)]
struct Row {
    id: i64,
    key: i64,
    file: i64,
    offset: i64,
    stored: i64,
    size: i64,
    digest: Vec<u8>,
    summary: Vec<u8>,
    inline: Option<Vec<u8>>,
    disposed: Option<i64>,
    destroyed: Option<i64>,
}

impl Row {
    fn place(&self) -> String {
        match self.is_inline() {
            true => format!("mail.db, inline record {}", self.id),
            false => format!("blobs/{:010}.seg offset {}, record {}", self.file, self.offset, self.id),
        }
    }
    /// What is said of a mail that was disposed of and has its key yet.
    fn has_its_key(&self) -> &'static str {
        match self.destroyed {
            None => "it was disposed of, and its key is there until the server starts again",
            Some(_) => "it was disposed of, and its key is there again",
        }
    }
    fn is_inline(&self) -> bool {
        u64::try_from(self.file) == Ok(INLINE)
    }
    fn at(&self) -> Option<RecordRef> {
        let number = |value: i64| u64::try_from(value).ok();
        Some(RecordRef::Segment { file: number(self.file)?, offset: number(self.offset)?, len: number(self.stored)? })
    }
    /// Reads the bytes back; their plain size.
    fn read(&mut self, segments: &Segments, digest: &[u8; 32], key: &RecordKey) -> std::result::Result<u64, String> {
        let text = |error: BlobError| match error {
            BlobError::Damaged { what, .. } | BlobError::DamagedInMemory(what) => what.to_string(),
            error => error.to_string(),
        };
        if !self.is_inline() {
            let at = self.at().ok_or("the row names no place")?;
            return segments.verify_with_key(&at, digest, key).map_err(text);
        }
        let bytes = self.inline.take().ok_or("its bytes are missing")?;
        if i64::try_from(bytes.len()) != Ok(self.stored) {
            return Err(format!("{} stored bytes, the row says {}", bytes.len(), self.stored));
        }
        Record::verify_in_memory(bytes, digest, key).map_err(text)
    }
}

pub(super) async fn verify(verify: &Verify<'_>, report: &mut VerifyReport) -> Result<()> {
    let mut after = i64::MIN;
    loop {
        let sql = "SELECT r.id, r.key, r.file, r.offset, r.stored, r.size, r.digest, r.summary, i.bytes AS inline,
                     d.at AS disposed, d.destroyed
                   FROM record AS r LEFT JOIN inline_record AS i ON i.record = r.id LEFT JOIN disposed_key AS d ON d.key = r.key
                   WHERE r.id > $1 ORDER BY r.id LIMIT $2";
        let query = sqlx::query_as(sql).bind(after).bind(WINDOW);
        let rows: Vec<Row> = query.fetch_all(verify.readers).await.map_err(failed)?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last.id;
        report.records += rows.len() as u64;
        report.bytes += rows.iter().map(|row| u64::try_from(row.stored).unwrap_or(0)).sum::<u64>();
        let mut keyed = Vec::with_capacity(rows.len());
        for row in rows {
            match verify.keys.get(KeyId(row.key)).await {
                Ok(_) if row.disposed.is_some() => report.damage.push(damage(row.place(), row.has_its_key())),
                Err(StoreError::Damaged(_) | StoreError::NotFound(_)) if row.disposed.is_some() => {}
                Ok(key) => keyed.push((row, key)),
                Err(StoreError::Damaged(what)) => report.damage.push(damage(row.place(), what)),
                Err(error) => return Err(error),
            }
        }
        let segments = verify.segments.clone();
        let read =
            move || keyed.into_iter().filter_map(|(row, key)| read_back(&segments, row, &key)).collect::<Vec<_>>();
        let found = tokio::task::spawn_blocking(read).await;
        report.damage.extend(found.map_err(|_| StoreError::Stopped("verify was interrupted".into()))?);
    }
}

/// What is wrong with a record, if anything. Blocking.
fn read_back(segments: &Segments, mut row: Row, key: &RecordKey) -> Option<Damage> {
    let Ok(digest) = <[u8; 32]>::try_from(row.digest.as_slice()) else {
        return Some(damage(row.place(), "the row names no digest"));
    };
    match row.read(segments, &digest, key) {
        Ok(size) if i64::try_from(size) != Ok(row.size) => {
            Some(damage(row.place(), format!("{size} bytes, the row says {}", row.size)))
        }
        Ok(_) if key.open_column("summary", &row.summary).is_err() => {
            Some(damage(row.place(), "the summary does not open under the record's key"))
        }
        Ok(_) => None,
        Err(what) => Some(damage(row.place(), what)),
    }
}
