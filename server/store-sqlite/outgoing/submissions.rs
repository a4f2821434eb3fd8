//! Submissions.

use std::sync::atomic::Ordering;

use store::{Event, StoreError, SubmissionRow, SubmissionState, TrailRow};
use types::{DraftId, ParcelId, RecordId, Reference, Safeguard, SubmissionId, TenantId, Timestamp, UserId};

use super::words;
use crate::SqliteEngine;
use crate::database::failed;
use crate::sql;
use crate::writer::{Job, Lane};

/// The columns of a [`SubmissionRow`], of `submission s` joined with `record r`.
macro_rules! columns {
    () => {
        "s.id, s.tenant, s.author, s.origin, s.sender, s.recipients, s.reference, s.record, r.size, s.prefix, s.cuts, \
         r.sensitive, s.state, s.at, s.verdict, s.reply, s.release_at, s.draft, s.keep_in_sent, s.safeguard"
    };
}
pub(crate) use columns;

/// Reads the columns from number `from` on.
pub(crate) fn row(row: &sql::Row, from: usize) -> Result<SubmissionRow, StoreError> {
    let sender: Option<String> = row.get(from + 4);
    let reply: Option<String> = row.get(from + 15);
    Ok(SubmissionRow {
        id: SubmissionId(row.get(from)),
        tenant: TenantId(row.get(from + 1)),
        author: row.get::<Option<i64>, _>(from + 2).map(UserId),
        origin: words::read(row.get(from + 3))?,
        from: sender.map(words::read).transpose()?,
        to: words::json(row.get(from + 5))?,
        reference: words::read(row.get(from + 6))?,
        record: RecordId(row.get(from + 7)),
        record_size: u64::try_from(row.get::<i64, _>(from + 8)).unwrap_or(0),
        prefix: row.get(from + 9),
        cuts: crate::mailbox::cuts(row.get(from + 10))?,
        sensitive: row.get(from + 11),
        state: words::read(row.get(from + 12))?,
        at: Timestamp(row.get(from + 13)),
        verdict: row.get(from + 14),
        reply: reply.map(|text| words::json(&text)).transpose()?,
        release_at: row.get::<Option<i64>, _>(from + 16).map(Timestamp),
        draft: row.get::<Option<i64>, _>(from + 17).map(DraftId),
        keep_in_sent: row.get(from + 18),
        safeguard: row.get::<Option<&str>, _>(from + 19).and_then(Safeguard::parse),
    })
}

/// A line of a timeline, from its first five columns.
pub(super) fn line(row: &sql::Row) -> TrailRow {
    TrailRow {
        at: Timestamp(row.get(0)),
        parcel: row.get::<Option<i64>, _>(1).map(ParcelId),
        event: row.get(2),
        detail: row.get(3),
        for_sender: row.get(4),
    }
}

impl SqliteEngine {
    pub(crate) async fn submissions_in(
        &self,
        state: SubmissionState,
        after: Option<SubmissionId>,
        n: usize,
    ) -> Result<Vec<SubmissionRow>, StoreError> {
        let rows = sql::query(concat!(
            "SELECT ",
            columns!(),
            " FROM submission s JOIN record r ON r.id = s.record WHERE s.state = $1 AND s.id > $2 ORDER BY s.id LIMIT $3"
        ))
        .bind(words::submission_state(state))
        .bind(after.map_or(0, |after| after.0))
        .bind(i64::try_from(n).unwrap_or(i64::MAX))
        .fetch_all(&self.readers)
        .await
        .map_err(failed)?;
        rows.iter().map(|found| row(found, 0)).collect()
    }

    pub(crate) async fn submission_called(&self, reference: Reference) -> Result<Option<SubmissionRow>, StoreError> {
        let found = sql::query(concat!(
            "SELECT ",
            columns!(),
            " FROM submission s JOIN record r ON r.id = s.record WHERE s.reference = $1"
        ))
        .bind(reference.to_string())
        .fetch_optional(&self.readers)
        .await
        .map_err(failed)?;
        found.as_ref().map(|found| row(found, 0)).transpose()
    }

    pub(crate) async fn submission_of_form(&self, form_key: &str) -> Result<Option<SubmissionRow>, StoreError> {
        let found = sql::query(concat!(
            "SELECT ",
            columns!(),
            " FROM submission s JOIN record r ON r.id = s.record WHERE s.form_key = $1"
        ))
        .bind(form_key)
        .fetch_optional(&self.readers)
        .await
        .map_err(failed)?;
        found.as_ref().map(|found| row(found, 0)).transpose()
    }

    pub(crate) async fn unanswered_submission(
        &self,
        join_key: &str,
        now: Timestamp,
    ) -> Result<Option<SubmissionRow>, StoreError> {
        // hardly ever does one wait, and every submission asks
        if now.0 >= self.unanswered_until.load(Ordering::Acquire) {
            return Ok(None);
        }
        let found = sql::query(concat!(
            "SELECT ",
            columns!(),
            " FROM submission s JOIN record r ON r.id = s.record \
             WHERE s.join_key = $1 AND s.unanswered_until > $2 ORDER BY s.id DESC LIMIT 1"
        ))
        .bind(join_key)
        .bind(now.0)
        .fetch_optional(&self.readers)
        .await
        .map_err(failed)?;
        found.as_ref().map(|found| row(found, 0)).transpose()
    }

    pub(crate) async fn set_unanswered(
        &self,
        submission: SubmissionId,
        until: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        self.unanswered_until.fetch_max(until.map_or(0, |until| until.0), Ordering::AcqRel);
        self.writer.run(Lane::Quick, Unanswered { submission, until }).await
    }

    pub(crate) async fn timeline(&self, submission: SubmissionId) -> Result<Vec<TrailRow>, StoreError> {
        let rows =
            sql::query("SELECT at, parcel, event, detail, for_sender FROM trail WHERE submission = $1 ORDER BY id")
                .bind(submission.0)
                .fetch_all(&self.readers)
                .await
                .map_err(failed)?;
        Ok(rows.iter().map(line).collect())
    }
}

/// Marks a submission whose answer was not written; its queue rows wait as long.
struct Unanswered {
    submission: SubmissionId,
    until: Option<Timestamp>,
}

#[async_trait::async_trait]
impl Job for Unanswered {
    type Answer = ();
    async fn run(&self, tx: &mut sql::Here, events: &mut Vec<Event>) -> Result<(), StoreError> {
        let until = self.until.map(|until| until.0);
        sql::query("UPDATE submission SET unanswered_until = $1 WHERE id = $2")
            .bind(until)
            .bind(self.submission.0)
            .execute(&mut *tx)
            .await
            .map_err(failed)?;
        // ended: what waits may go at once, so its time is the time at which it was released
        sql::query(
            "UPDATE queue SET due = CASE WHEN $1 IS NULL THEN since ELSE max(due, $1) END \
             WHERE attempts = 0 AND state = 'waiting' AND parcel IN (SELECT id FROM parcel WHERE submission = $2)",
        )
        .bind(until)
        .bind(self.submission.0)
        .execute(tx)
        .await
        .map_err(failed)?;
        events.push(Event::Queue);
        Ok(())
    }
}
