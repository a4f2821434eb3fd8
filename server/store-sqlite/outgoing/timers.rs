//! Timers: rows with leases, so that they outlive the process and fire once.

use store::{Event, StoreError, Timer, TimerKind};
use types::{ParcelId, SubmissionId, TimerId, Timestamp};

use super::words;
use crate::SqliteEngine;
use crate::database::failed;
use crate::sql;
use crate::writer::{Job, Lane};

struct Claim {
    n: usize,
    now: Timestamp,
    lease: Timestamp,
}

#[async_trait::async_trait]
impl Job for Claim {
    type Answer = Vec<Timer>;
    async fn run(&self, tx: &mut sql::Here, _events: &mut Vec<Event>) -> Result<Vec<Timer>, StoreError> {
        let rows = sql::query(
            "UPDATE timer SET leased = $1 WHERE id IN (SELECT id FROM timer WHERE due <= $2 AND leased <= $2 \
             ORDER BY kind = 'deadline', due, id LIMIT $3) RETURNING id, kind, parcel, due, \
             (SELECT submission FROM parcel WHERE parcel.id = timer.parcel)",
        )
        .bind(self.lease.0.max(self.now.0 + 1))
        .bind(self.now.0)
        .bind(i64::try_from(self.n).unwrap_or(i64::MAX))
        .fetch_all(tx)
        .await
        .map_err(failed)?;
        let timer = |row: &sql::Row| {
            let (id, parcel) = (TimerId(row.get(0)), ParcelId(row.get(2)));
            let (kind, submission) = (words::read(row.get(1))?, SubmissionId(row.get(4)));
            Ok(Timer { id, kind, parcel, submission, due: Timestamp(row.get(3)) })
        };
        let mut timers = rows.iter().map(timer).collect::<Result<Vec<_>, StoreError>>()?;
        timers.sort_by_key(|timer| (timer.kind == TimerKind::Deadline, timer.due, timer.id));
        Ok(timers)
    }
}

struct Postpone {
    kind: TimerKind,
    until: Timestamp,
}

#[async_trait::async_trait]
impl Job for Postpone {
    type Answer = u64;
    async fn run(&self, tx: &mut sql::Here, events: &mut Vec<Event>) -> Result<u64, StoreError> {
        let moved = sql::query("UPDATE timer SET due = $1 WHERE kind = $2 AND due < $1")
            .bind(self.until.0)
            .bind(words::timer_kind(self.kind))
            .execute(tx)
            .await
            .map_err(failed)?;
        events.push(Event::Timers);
        Ok(moved.rows_affected())
    }
}

impl SqliteEngine {
    pub(crate) async fn claim_due_timers(
        &self,
        n: usize,
        now: Timestamp,
        lease: Timestamp,
    ) -> Result<Vec<Timer>, StoreError> {
        self.writer.run(Lane::Quick, Claim { n, now, lease }).await
    }

    pub(crate) async fn postpone(&self, kind: TimerKind, until: Timestamp) -> Result<u64, StoreError> {
        self.writer.run(Lane::Quick, Postpone { kind, until }).await
    }

    pub(crate) async fn next_timer_due(&self) -> Result<Option<Timestamp>, StoreError> {
        let due: Option<i64> = sql::query_scalar("SELECT min(max(due, leased)) FROM timer")
            .fetch_one(&self.readers)
            .await
            .map_err(failed)?;
        Ok(due.map(Timestamp))
    }
}
