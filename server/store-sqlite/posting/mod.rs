//! Many postings as a handful of statements: each kind of row is one statement with an array (JSON) for all.

mod copies;
mod correspondents;
mod decisions;
mod drafts;
mod journal;
mod outgoing;
mod ready;
mod records;

use std::collections::HashMap;

use sqlx::{Row as _, SqliteConnection};
use store::{Event, Posted, StoreError};

use crate::keys::Keys;

pub(crate) use journal::chain_hash;
pub(crate) use ready::Ready;
use records::RecordInfo;

/// Why a group of postings was not written.
#[derive(Debug)]
pub(crate) enum WriteError {
    /// One of them cannot be.
    Refused(StoreError),
    /// A statement failed.
    Database(sqlx::Error),
}

impl From<sqlx::Error> for WriteError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}
impl From<StoreError> for WriteError {
    fn from(error: StoreError) -> Self {
        Self::Refused(error)
    }
}
impl From<serde_json::Error> for WriteError {
    fn from(error: serde_json::Error) -> Self {
        Self::Refused(StoreError::Engine(error.to_string()))
    }
}

type Result<T> = std::result::Result<T, WriteError>;

/// The next free numbers, taken for the whole group at once.
pub(crate) struct Numbers(HashMap<String, i64>);

impl Numbers {
    async fn take(tx: &mut SqliteConnection, postings: &[&Ready]) -> Result<Self> {
        let wanted = postings.iter().fold([0i64; 4], |[a, b, c, d], posting| {
            let [w, x, y, z] = posting.numbers();
            [a + w, b + x, c + y, d + z]
        });
        let rows = sqlx::query(
            "UPDATE counter SET next = next + CASE name WHEN 'record' THEN $1 WHEN 'submission' THEN $2 \
             WHEN 'parcel' THEN $3 ELSE $4 END WHERE name IN ('record', 'submission', 'parcel', 'queue') \
             RETURNING name, next - CASE name WHEN 'record' THEN $1 WHEN 'submission' THEN $2 \
             WHEN 'parcel' THEN $3 ELSE $4 END",
        )
        .bind(wanted[0])
        .bind(wanted[1])
        .bind(wanted[2])
        .bind(wanted[3])
        .fetch_all(tx)
        .await?;
        Ok(Self(rows.iter().map(|row| (row.get(0), row.get(1))).collect()))
    }

    /// The next number of a kind.
    fn next(&mut self, kind: &str) -> i64 {
        let next = self.0.entry(kind.to_owned()).or_insert(0);
        *next += 1;
        *next - 1
    }
}

/// Writes a group of postings; the caller's savepoint makes it all or nothing.
pub(crate) async fn write(
    tx: &mut SqliteConnection,
    keys: &Keys,
    postings: &[&Ready],
    events: &mut Vec<Event>,
) -> Result<Vec<Posted>> {
    let mut numbers = Numbers::take(tx, postings).await?;
    let mut posted = vec![Posted::default(); postings.len()];
    decisions::write(tx, postings, events).await?;
    let records = records::write(tx, keys, postings, &mut numbers).await?;
    for (posted, records) in posted.iter_mut().zip(&records) {
        posted.records = records.iter().map(|record| record.id).collect();
    }
    copies::write(tx, postings, &records, &mut posted, events).await?;
    journal::write(tx, postings, &records).await?;
    outgoing::write(tx, postings, &records, &mut numbers, &mut posted, events).await?;
    correspondents::write(tx, postings).await?;
    drafts::write(tx, postings, &records, &mut posted, events).await?;
    Ok(posted)
}

/// Runs a statement whose one argument is an array of rows; nothing when there are none.
async fn insert<R: serde::Serialize>(tx: &mut SqliteConnection, sql: &'static str, rows: &[R]) -> Result<()> {
    if !rows.is_empty() {
        sqlx::query(sql).bind(serde_json::to_string(rows)?).execute(tx).await?;
    }
    Ok(())
}
