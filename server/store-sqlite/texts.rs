//! The texts of attachments: records of their own under the keys of those that they belong to.

use async_trait::async_trait;
use blobs::Intake;
use sqlx::Row as _;
use store::{Bytes, Draft, StoreError, TextEngine};
use types::{KeyId, RecordId, TenantId};

use crate::SqliteEngine;
use crate::database::failed;

type Result<T> = std::result::Result<T, StoreError>;

/// Which records hold what is kept of those of a list, and how long that is.
const TEXTS_OF_MANY: &str = "SELECT k.record, k.texts, r.size FROM json_each($1) AS wanted
     CROSS JOIN kept_texts AS k ON k.record = wanted.value LEFT JOIN record AS r ON r.id = k.texts WHERE k.edition = $2";

impl SqliteEngine {
    /// Whose a record is, and under which key.
    async fn owner_and_key(&self, of: &Bytes) -> Result<(TenantId, KeyId)> {
        let record = match of {
            Bytes::New(draft) => {
                let (tenant, key, _) = draft.parts();
                return Ok((tenant, key));
            }
            Bytes::Known(record) => record,
        };
        let query = sqlx::query("SELECT tenant, key FROM record WHERE id = $1").bind(record.0);
        let row = query.fetch_optional(&self.readers).await.map_err(failed)?;
        let row = row.ok_or_else(|| StoreError::NotFound(format!("record {record}")))?;
        Ok((TenantId(row.get(0)), KeyId(row.get(1))))
    }
}

#[async_trait]
impl TextEngine for SqliteEngine {
    async fn seal_beside(&self, of: &Bytes, bytes: &[u8]) -> Result<Draft> {
        let (tenant, key) = self.owner_and_key(of).await?;
        // each sealing derives a key of its own from it, so that two records may stand under one
        let mut intake = Intake::new(&self.segments, self.keys.get(key).await?, u64::MAX);
        intake.write(bytes).await?;
        Ok(Draft::new(tenant, key, intake.finish().await?))
    }
    async fn texts(&self, record: RecordId, edition: u32) -> Result<Option<Vec<u8>>> {
        let sql = "SELECT texts FROM kept_texts WHERE record = $1 AND edition = $2";
        let query = sqlx::query_scalar(sql).bind(record.0).bind(edition);
        let texts: Option<i64> = query.fetch_optional(&self.readers).await.map_err(failed)?;
        let Some(texts) = texts else { return Ok(None) };
        let read = self.places.read(&self.readers, &self.segments, &self.keys, RecordId(texts), 0..u64::MAX);
        Ok(Some(read.await?.into()))
    }
    async fn texts_of_many(
        &self,
        records: &[RecordId],
        edition: u32,
        most: u64,
    ) -> Result<Vec<(RecordId, Option<Vec<u8>>)>> {
        let all: Vec<i64> = records.iter().map(|record| record.0).collect();
        let json = serde_json::to_string(&all).map_err(|error| StoreError::Engine(error.to_string()))?;
        let rows = sqlx::query_as(TEXTS_OF_MANY).bind(json).bind(edition).fetch_all(&self.readers).await;
        let rows: Vec<(i64, i64, Option<i64>)> = rows.map_err(failed)?;
        let is_short =
            |size: &Option<i64>| size.and_then(|size| u64::try_from(size).ok()).is_some_and(|size| size <= most);
        let short = rows.iter().filter(|(_, _, size)| is_short(size)).map(|(_, texts, _)| RecordId(*texts));
        let short: Vec<RecordId> = short.collect();
        let mut read = self.places.read_many(&self.readers, &self.segments, &self.keys, &short).await?.into_iter();
        let texts = rows.iter().map(|(record, _, size)| {
            let texts = if is_short(size) { read.next().and_then(Result::ok) } else { None };
            (RecordId(*record), texts.map(Vec::from))
        });
        Ok(texts.collect())
    }
}
