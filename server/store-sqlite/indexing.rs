//! What the full-text index asks: records in the order of their numbers, and whose trace headers may hold a text.

use async_trait::async_trait;
use blobs::RecordKey;
use sqlx::Row as _;
use store::{DisposedRow, IndexEngine, IndexRow, StoreError};
use types::{MailboxId, RecordId, TenantId, Uid, UidSet, UserId};

use crate::SqliteEngine;
use crate::database::failed;

type Result<T> = std::result::Result<T, StoreError>;

/// What lies in a mailbox, or may come into one, since a submission has it. Files of drafts, copies in Drafts that gave way, texts
/// that are kept beside mails and notes of passwords are records too, but no mails of anybody's; changed bytes in which mails leave
/// are none either, and what was disposed of is none any more.
const RECORDS_AFTER: &str = "SELECT id, tenant, size FROM record
     WHERE id > $1 AND (EXISTS (SELECT 1 FROM message WHERE message.record = record.id)
       OR EXISTS (SELECT 1 FROM submission WHERE submission.record = record.id))
     AND NOT EXISTS (SELECT 1 FROM variant WHERE variant.record = record.id)
     AND NOT EXISTS (SELECT 1 FROM disposed_key WHERE disposed_key.key = record.key) ORDER BY id LIMIT $2";

/// Trace headers that are plain ASCII without encoded words mean what they are; all others may mean anything.
const TRACED: &str = "SELECT group_concat(uid, ' ') FROM message
     WHERE mailbox = $1 AND EXISTS (SELECT 1 FROM mailbox WHERE id = $1 AND user = $2)
       AND (instr(lower(CAST(prefix AS TEXT)), $3) > 0
            OR length(prefix) <> length(CAST(prefix AS TEXT)) OR instr(prefix, x'3d3f') > 0)";

#[async_trait]
impl IndexEngine for SqliteEngine {
    async fn records_after(&self, after: RecordId, n: usize) -> Result<Vec<IndexRow>> {
        let query = sqlx::query(RECORDS_AFTER).bind(after.0).bind(i64::try_from(n).unwrap_or(i64::MAX));
        let rows = query.fetch_all(&self.readers).await.map_err(failed)?;
        let row = |row: &sqlx::sqlite::SqliteRow| IndexRow {
            record: RecordId(row.get(0)),
            tenant: TenantId(row.get(1)),
            size: u64::try_from(row.get::<i64, _>(2)).unwrap_or(0),
        };
        Ok(rows.iter().map(row).collect())
    }

    async fn records_of_messages(&self) -> Result<Vec<RecordId>> {
        let sql = "SELECT group_concat(record, ' ') FROM (SELECT DISTINCT record FROM message ORDER BY record)";
        let all: Option<String> = sqlx::query_scalar(sql).fetch_one(&self.readers).await.map_err(failed)?;
        let mut all: Vec<RecordId> =
            all.iter().flat_map(|all| all.split(' ')).filter_map(|id| id.parse().ok().map(RecordId)).collect();
        all.sort_unstable();
        Ok(all)
    }

    async fn disposed_records(&self, after: i64, n: usize) -> Result<Vec<DisposedRow>> {
        let sql = "SELECT seq, tenant, record FROM disposed_record WHERE seq > $1 ORDER BY seq LIMIT $2";
        let query = sqlx::query_as(sql).bind(after).bind(i64::try_from(n).unwrap_or(i64::MAX));
        let rows: Vec<(i64, i64, i64)> = query.fetch_all(&self.readers).await.map_err(failed)?;
        let row = |(seq, tenant, record)| DisposedRow { seq, tenant: TenantId(tenant), record: RecordId(record) };
        Ok(rows.into_iter().map(row).collect())
    }

    async fn index_key(&self, tenant: TenantId) -> Result<RecordKey> {
        self.keys.index_key(tenant).await
    }

    async fn traced(&self, user: UserId, mailbox: MailboxId, piece: &str) -> Result<UidSet> {
        let query = sqlx::query_scalar(TRACED).bind(mailbox.0).bind(user.0).bind(piece);
        let found: Option<String> = query.fetch_one(&self.readers).await.map_err(failed)?;
        Ok(found.iter().flat_map(|found| found.split(' ')).filter_map(|uid| uid.parse().ok().map(Uid)).collect())
    }
}
