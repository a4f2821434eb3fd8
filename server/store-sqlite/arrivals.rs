//! The journal as the review of incoming mail reads it, and the memory of deliveries, which does not grow for ever.

use std::time::Duration;

use store::{Event, JournalRow, ReviewedMail, StoreError};
use types::{Envelope, RecordId, SubmissionId, TenantId, Timestamp, UserId};

use crate::SqliteEngine;
use crate::database::failed;
use crate::outgoing::words;
use crate::sql;
use crate::writer::{Job, Lane};

/// Rows of `delivered` that one job clears away (DESIGN.md 5: bulk work comes in pieces).
const PIECE: i64 = 1_000;
/// Ingest numbers are written down with their moment so often.
const BETWEEN_MARKS: Duration = Duration::from_secs(24 * 3_600);

/// The row of the audit log that the review of an arrival wrote, by its moment, and the journal's entry that it names.
const OF_ARRIVAL: &str = "SELECT a.at, a.subject, a.detail, j.envelope FROM audit AS a INDEXED BY audit_at
    CROSS JOIN journal AS j ON j.tenant = a.tenant
      AND j.seq = CASE a.event WHEN 'arrival.judged' THEN a.detail ->> 'journal' END
    WHERE a.tenant = $1 AND a.at = $2 AND a.event = 'arrival.judged' AND j.record = $3 ORDER BY j.seq";
const OF_SENDING: &str = "SELECT at, reference, verdict, id, author, sender, recipients FROM submission
    WHERE record = $1 AND tenant = $2 ORDER BY id";

fn of_arrival(row: &sql::Row) -> Result<ReviewedMail, StoreError> {
    let Envelope { from, to } = words::json(row.get(3))?;
    Ok(ReviewedMail {
        at: Timestamp(row.get(0)),
        reference: words::read(row.get(1))?,
        submission: None,
        author: None,
        from,
        to,
        said: row.get(2),
    })
}

fn of_sending(row: &sql::Row) -> Result<ReviewedMail, StoreError> {
    Ok(ReviewedMail {
        at: Timestamp(row.get(0)),
        reference: words::read(row.get(1))?,
        submission: Some(SubmissionId(row.get(3))),
        author: row.get::<Option<i64>, _>(4).map(UserId),
        from: row.get::<Option<String>, _>(5).map(words::read).transpose()?,
        to: words::json(row.get(6))?,
        said: row.get(2),
    })
}

/// Columns of entries of the journal, as [`entry`] reads them.
macro_rules! entries {
    () => {
        "SELECT j.seq, j.at, j.direction, j.envelope, j.record, r.size, \
         EXISTS (SELECT 1 FROM kept_texts AS k WHERE k.record = j.record), \
         EXISTS (SELECT 1 FROM link_upload AS u JOIN collection AS c ON c.link = u.link WHERE u.record = j.record), j.tenant \
         FROM journal j JOIN record r ON r.id = j.record"
    };
}

fn entry(row: &sql::Row) -> Result<JournalRow, StoreError> {
    let number = |at: usize| u64::try_from(row.get::<i64, _>(at)).unwrap_or(0);
    Ok(JournalRow {
        tenant: TenantId(row.get(8)),
        seq: number(0),
        at: Timestamp(row.get(1)),
        direction: words::read(row.get(2))?,
        envelope: words::json(row.get(3))?,
        record: RecordId(row.get(4)),
        record_size: number(5),
        has_texts: row.get(6),
        collected: row.get(7),
    })
}

/// Clears away old rows of `delivered`. They carry no time; their ingest numbers grow, and which number belonged to
/// which day is written down here.
struct ClearDelivered {
    now: Timestamp,
    keep: Duration,
    ingest: i64,
}

#[async_trait::async_trait]
impl Job for ClearDelivered {
    type Answer = u64;
    async fn run(&self, tx: &mut sql::Here, _events: &mut Vec<Event>) -> Result<u64, StoreError> {
        sql::query(
            "INSERT INTO ingest_mark (at, ingest) SELECT $1, $2 \
             WHERE NOT EXISTS (SELECT 1 FROM ingest_mark WHERE at > $3)",
        )
        .bind(self.now.0)
        .bind(self.ingest)
        .bind(self.now.before(BETWEEN_MARKS).0)
        .execute(&mut *tx)
        .await
        .map_err(failed)?;
        let old = self.now.before(self.keep).0;
        let cleared = sql::query(
            "DELETE FROM delivered WHERE (ingest, recipient) IN (SELECT ingest, recipient FROM delivered \
             WHERE ingest < (SELECT max(ingest) FROM ingest_mark WHERE at <= $1) LIMIT $2)",
        )
        .bind(old)
        .bind(PIECE)
        .execute(&mut *tx)
        .await
        .map_err(failed)?;
        sql::query("DELETE FROM ingest_mark WHERE at < (SELECT max(at) FROM ingest_mark WHERE at <= $1)")
            .bind(old)
            .execute(tx)
            .await
            .map_err(failed)?;
        Ok(cleared.rows_affected())
    }
}

impl SqliteEngine {
    pub(crate) async fn reviewed_up_to(&self, tenant: TenantId) -> Result<u64, StoreError> {
        let seq: Option<i64> = sql::query_scalar("SELECT seq FROM review_position WHERE tenant = $1")
            .bind(tenant.0)
            .fetch_optional(&self.readers)
            .await
            .map_err(failed)?;
        Ok(seq.and_then(|seq| u64::try_from(seq).ok()).unwrap_or(0))
    }

    pub(crate) async fn journal_entries(
        &self,
        tenant: TenantId,
        after: u64,
        n: usize,
    ) -> Result<Vec<JournalRow>, StoreError> {
        let rows = sql::query(concat!(entries!(), " WHERE j.tenant = $1 AND j.seq > $2 ORDER BY j.seq LIMIT $3"))
            .bind(tenant.0)
            .bind(i64::try_from(after).unwrap_or(i64::MAX))
            .bind(i64::try_from(n).unwrap_or(i64::MAX))
            .fetch_all(&self.readers)
            .await
            .map_err(failed)?;
        rows.iter().map(entry).collect()
    }

    pub(crate) async fn arrived_before(
        &self,
        tenant: TenantId,
        before: Option<u64>,
        n: u32,
    ) -> Result<Vec<JournalRow>, StoreError> {
        let before = before.and_then(|seq| i64::try_from(seq).ok()).unwrap_or(i64::MAX);
        let sql = concat!(
            entries!(),
            " WHERE j.tenant = $1 AND j.seq < $2 AND j.direction = 'in' ORDER BY j.seq DESC LIMIT $3"
        );
        let query = sql::query(sql).bind(tenant.0).bind(before).bind(n);
        query.fetch_all(&self.readers).await.map_err(failed)?.iter().map(entry).collect()
    }

    pub(crate) async fn written_of(
        &self,
        tenant: TenantId,
        record: RecordId,
        came: Timestamp,
    ) -> Result<Vec<ReviewedMail>, StoreError> {
        let query = sql::query(OF_ARRIVAL).bind(tenant.0).bind(came.0).bind(record.0);
        let arrived = query.fetch_all(&self.readers).await.map_err(failed)?;
        let query = sql::query(OF_SENDING).bind(record.0).bind(tenant.0);
        let sent = query.fetch_all(&self.readers).await.map_err(failed)?;
        arrived.iter().map(of_arrival).chain(sent.iter().map(of_sending)).collect()
    }

    pub(crate) async fn clear_old_deliveries(&self, now: Timestamp, keep: Duration) -> Result<u64, StoreError> {
        let ingest = self.ingest.load(std::sync::atomic::Ordering::Relaxed);
        self.writer.run(Lane::Bulk, ClearDelivered { now, keep, ingest }).await
    }
}
