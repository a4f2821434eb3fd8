//! The queue: claimed under leases, listed, controlled.

use store::{Claimed, Demands, Event, QueueAction, QueueFilter, QueueRow, QueueState, StoreError};
use types::{Domain, ParcelId, QueueId, RecordId, SubmissionId, TenantId, Timestamp, UserId, VariantId};

use super::words;
use crate::SqliteEngine;
use crate::database::failed;
use crate::sql;
use crate::writer::{Job, Lane};

macro_rules! columns {
    () => {
        "q.id, q.parcel, s.reference, s.tenant, s.sender, q.recipient, q.state, q.attempts, q.due, q.expires, q.since, \
         q.last_answer"
    };
}

pub(super) use columns;

pub(super) fn row(row: &sql::Row) -> Result<QueueRow, StoreError> {
    Ok(QueueRow {
        id: QueueId(row.get(0)),
        parcel: ParcelId(row.get(1)),
        reference: words::read(row.get(2))?,
        tenant: TenantId(row.get(3)),
        from: row.get::<Option<String>, _>(4).map(words::read).transpose()?,
        recipient: words::read(row.get(5))?,
        state: words::read(row.get(6))?,
        attempts: row.get(7),
        due: Timestamp(row.get(8)),
        expires: Timestamp(row.get(9)),
        since: Timestamp(row.get(10)),
        last_answer: row.get(11),
    })
}

fn claimed(found: &sql::Row) -> Result<Claimed, StoreError> {
    Ok(Claimed {
        row: row(found)?,
        submission: SubmissionId(found.get(12)),
        author: found.get::<Option<i64>, _>(13).map(UserId),
        origin: words::read(found.get(14))?,
        record: RecordId(found.get(15)),
        record_size: u64::try_from(found.get::<i64, _>(16)).unwrap_or(0),
        prefix: found.get(17),
        cuts: crate::mailbox::cuts(found.get(18))?,
        sensitive: found.get(19),
        delay_told: found.get(20),
        variant: found.get::<Option<i64>, _>(21).map(VariantId),
        demands: Demands { verified_tls: found.get(22), route: found.get(23) },
    })
}

/// Takes due rows, a few of each domain at a time, so that one slow domain does not fill every claim.
struct Claim {
    n: usize,
    now: Timestamp,
    lease: Timestamp,
}

#[async_trait::async_trait]
impl Job for Claim {
    type Answer = (Vec<Claimed>, Vec<QueueId>);
    async fn run(&self, tx: &mut sql::Here, events: &mut Vec<Event>) -> Result<Self::Answer, StoreError> {
        let taken: Vec<i64> = sql::query_scalar(
            "UPDATE queue SET leased = $1 WHERE id IN (SELECT id FROM \
             (SELECT id, due, row_number() OVER (PARTITION BY domain ORDER BY due, id) AS turn FROM \
             (SELECT id, due, domain FROM queue WHERE state = 'waiting' AND due <= $2 AND leased <= $2 ORDER BY due, id LIMIT $3)) \
             ORDER BY turn, due, id LIMIT $4) RETURNING id",
        )
        .bind(self.lease.0.max(self.now.0 + 1))
        .bind(self.now.0)
        .bind(i64::try_from(self.n.saturating_mul(8)).unwrap_or(i64::MAX))
        .bind(i64::try_from(self.n).unwrap_or(i64::MAX))
        .fetch_all(&mut *tx)
        .await
        .map_err(failed)?;
        if taken.is_empty() {
            return Ok(Self::Answer::default());
        }
        let rows = sql::query(concat!(
            "SELECT ",
            columns!(),
            ", s.id, s.author, s.origin, r.id, r.size, coalesce(v.prefix, s.prefix), coalesce(v.cuts, s.cuts), \
             r.sensitive, q.delay_told, v.id, q.verified_tls, q.route FROM queue q JOIN parcel p ON p.id = q.parcel \
             JOIN submission s ON s.id = p.submission LEFT JOIN variant v ON v.id = q.variant \
             JOIN record r ON r.id = coalesce(v.record, s.record) \
             WHERE q.id IN (SELECT value FROM json_each($1)) AND (q.variant IS NULL OR v.id IS NOT NULL) \
             ORDER BY q.parcel, q.id"
        ))
        .bind(serde_json::to_string(&taken).unwrap_or_default())
        .fetch_all(&mut *tx)
        .await
        .map_err(failed)?;
        let rows: Vec<Claimed> = rows.iter().map(claimed).collect::<Result<_, _>>()?;
        let formless: Vec<i64> = taken.into_iter().filter(|id| rows.iter().all(|row| row.row.id.0 != *id)).collect();
        if !formless.is_empty() {
            self.stop(tx, &formless).await?;
            events.push(Event::Queue);
        }
        Ok((rows, formless.into_iter().map(QueueId).collect()))
    }
}

/// What the queue says of a row that has lost its form.
const FORMLESS: &str = "the form in which this mail was to leave is not there any more (sekisho verify tells what is damaged); \
     it was not sent";

impl Claim {
    /// Rows whose form, or its bytes, are gone stay in sight: nothing of them may leave in another form.
    async fn stop(&self, tx: &mut sql::Here, rows: &[i64]) -> Result<(), StoreError> {
        let rows = serde_json::to_string(rows).unwrap_or_default();
        sql::query(
            "UPDATE queue SET state = 'held', leased = 0, last_answer = $2 WHERE id IN (SELECT value FROM json_each($1))",
        )
        .bind(&rows)
        .bind(FORMLESS)
        .execute(&mut *tx)
        .await
        .map_err(failed)?;
        sql::query(
            "INSERT INTO trail (submission, parcel, at, event, detail, for_sender) \
             SELECT p.submission, p.id, $2, 'queue.held', q.recipient || ': ' || $3, 1 \
             FROM queue q JOIN parcel p ON p.id = q.parcel WHERE q.id IN (SELECT value FROM json_each($1))",
        )
        .bind(&rows)
        .bind(self.now.0)
        .bind(FORMLESS)
        .execute(tx)
        .await
        .map_err(failed)?;
        Ok(())
    }
}

/// Acts on rows that are not done.
struct Control {
    tenant: Option<TenantId>,
    filter: QueueFilter,
    action: QueueAction,
    by: Option<UserId>,
    /// Who that is, for the timeline.
    who: String,
    now: Timestamp,
}

#[async_trait::async_trait]
impl Job for Control {
    type Answer = Vec<QueueId>;
    async fn run(&self, tx: &mut sql::Here, events: &mut Vec<Event>) -> Result<Vec<QueueId>, StoreError> {
        let (from, to, due) = match self.action {
            QueueAction::Retry => ("waiting", QueueState::Waiting, Some(self.now.0)),
            QueueAction::Hold => ("waiting", QueueState::Held, None),
            QueueAction::Release => ("held", QueueState::Waiting, Some(self.now.0)),
            QueueAction::Delete => ("waiting held", QueueState::Deleted, None),
        };
        let ids: Vec<i64> = self.filter.ids.iter().map(|id| id.0).collect();
        let touched: Vec<i64> = sql::query_scalar(
            "UPDATE queue SET state = $1, due = coalesce($2, due) WHERE instr($3, state) > 0 \
             AND (json_array_length($4) = 0 OR id IN (SELECT value FROM json_each($4))) \
             AND ($5 IS NULL OR domain = $5) AND ($6 IS NULL OR parcel IN (SELECT p.id FROM parcel p \
             JOIN submission s ON s.id = p.submission WHERE s.tenant = $6)) RETURNING id",
        )
        .bind(words::queue_state(to))
        .bind(due)
        .bind(from)
        .bind(serde_json::to_string(&ids).unwrap_or_default())
        .bind(self.filter.domain.as_ref().map(types::Domain::as_str))
        .bind(self.tenant.map(|tenant| tenant.0))
        .fetch_all(&mut *tx)
        .await
        .map_err(failed)?;
        self.audit(tx, &touched).await?;
        self.trail(tx, &touched).await?;
        events.push(Event::Queue);
        Ok(touched.into_iter().map(QueueId).collect())
    }
}

impl Control {
    fn event(&self) -> &'static str {
        match self.action {
            QueueAction::Retry => "queue.retried",
            QueueAction::Hold => "queue.stopped",
            QueueAction::Release => "queue.resumed",
            QueueAction::Delete => "queue.deleted",
        }
    }

    /// A line of each mail's timeline: for whom, and who did it. The sender does not see it.
    async fn trail(&self, tx: &mut sql::Here, touched: &[i64]) -> Result<(), StoreError> {
        sql::query(
            "INSERT INTO trail (submission, parcel, at, event, detail, for_sender) \
             SELECT p.submission, p.id, $1, $2, q.recipient || ': ' || $3, 0 FROM queue q \
             JOIN parcel p ON p.id = q.parcel WHERE q.id IN (SELECT value FROM json_each($4)) ORDER BY q.id",
        )
        .bind(self.now.0)
        .bind(self.event())
        .bind(&self.who)
        .bind(serde_json::to_string(touched).unwrap_or_default())
        .execute(tx)
        .await
        .map_err(failed)?;
        Ok(())
    }

    /// A row for each company whose mail was touched: what, how many, of which domain.
    async fn audit(&self, tx: &mut sql::Here, touched: &[i64]) -> Result<(), StoreError> {
        sql::query(
            "INSERT INTO audit (tenant, actor, at, event, subject, detail) \
             SELECT s.tenant, $1, $2, $3, ifnull($4, group_concat(DISTINCT s.reference)), json_object('rows', count(*)) \
             FROM queue q JOIN parcel p ON p.id = q.parcel JOIN submission s ON s.id = p.submission \
             WHERE q.id IN (SELECT value FROM json_each($5)) GROUP BY s.tenant",
        )
        .bind(self.by.map(|user| user.0))
        .bind(self.now.0)
        .bind(self.event())
        .bind(self.filter.domain.as_ref().map(types::Domain::as_str))
        .bind(serde_json::to_string(touched).unwrap_or_default())
        .execute(tx)
        .await
        .map_err(failed)?;
        Ok(())
    }
}

impl SqliteEngine {
    pub(crate) async fn claim_queue(
        &self,
        n: usize,
        now: Timestamp,
        lease: Timestamp,
    ) -> Result<Vec<Claimed>, StoreError> {
        let (rows, formless) = self.writer.run(Lane::Quick, Claim { n, now, lease }).await?;
        for id in formless {
            tracing::error!(queue.id = %id, "a mail in the queue has lost its form and is held");
        }
        Ok(rows)
    }

    pub(crate) async fn tls_of(&self, domains: &[Domain], since: Timestamp) -> Result<Vec<(Domain, bool)>, StoreError> {
        let rows: Vec<(String, bool)> = sql::query_as(
            "SELECT domain, encrypted FROM tls_seen WHERE domain IN (SELECT value FROM json_each($1)) AND at >= $2 ORDER BY encrypted DESC",
        )
        .bind(serde_json::to_string(&domains.iter().flat_map(Domain::spellings).collect::<Vec<_>>()).unwrap_or_default())
        .bind(since.0)
        .fetch_all(&self.readers)
        .await
        .map_err(failed)?;
        let domain = |text: &str| Domain::parse(text).map_err(|error| StoreError::Damaged(error.to_string()));
        // of one that was spoken to in two spellings the worse word
        let mut seen: Vec<(Domain, bool)> = Vec::with_capacity(rows.len());
        for (text, encrypted) in &rows {
            let domain = domain(text)?;
            seen.retain(|(known, _)| *known != domain);
            seen.push((domain, *encrypted));
        }
        Ok(seen)
    }

    pub(crate) async fn next_queue_due(&self) -> Result<Option<Timestamp>, StoreError> {
        let due: Option<i64> = sql::query_scalar("SELECT min(max(due, leased)) FROM queue WHERE state = 'waiting'")
            .fetch_one(&self.readers)
            .await
            .map_err(failed)?;
        Ok(due.map(Timestamp))
    }

    pub(crate) async fn list_queue(
        &self,
        tenant: Option<TenantId>,
        filter: &QueueFilter,
    ) -> Result<Vec<QueueRow>, StoreError> {
        let ids: Vec<i64> = filter.ids.iter().map(|id| id.0).collect();
        let rows = sql::query(concat!(
            "SELECT ",
            columns!(),
            " FROM queue q JOIN parcel p ON p.id = q.parcel JOIN submission s ON s.id = p.submission \
             WHERE ($1 OR q.state IN ('waiting', 'held')) \
             AND (json_array_length($2) = 0 OR q.id IN (SELECT value FROM json_each($2))) \
             AND ($3 IS NULL OR q.domain = $3) AND ($4 IS NULL OR s.tenant = $4) ORDER BY q.due, q.id LIMIT 10000"
        ))
        .bind(filter.all)
        .bind(serde_json::to_string(&ids).unwrap_or_default())
        .bind(filter.domain.as_ref().map(types::Domain::as_str))
        .bind(tenant.map(|tenant| tenant.0))
        .fetch_all(&self.readers)
        .await
        .map_err(failed)?;
        rows.iter().map(row).collect()
    }

    pub(crate) async fn act_on_queue(
        &self,
        tenant: Option<TenantId>,
        filter: &QueueFilter,
        action: QueueAction,
        by: Option<UserId>,
        now: Timestamp,
    ) -> Result<Vec<QueueId>, StoreError> {
        let directory = self.directory.snapshot();
        let person = by.and_then(|id| directory.users.get(&id)).map(|user| user.address.to_string());
        let who = person.unwrap_or_else(|| "sekisho queue".to_owned());
        self.writer.run(Lane::Quick, Control { tenant, filter: filter.clone(), action, by, who, now }).await
    }
}
