//! Parcels, and those that are held.

use store::{Held, ParcelRow, ParcelState, StoreError};
use types::{ParcelId, SubmissionId, TenantId, Timestamp, Treatment};

use super::cases::consents;
use super::submissions::{self, columns};
use super::words;
use crate::SqliteEngine;
use crate::database::failed;
use crate::sql;

fn parcel(row: &sql::Row) -> Result<ParcelRow, StoreError> {
    let state: String = row.get(2);
    Ok(ParcelRow {
        id: ParcelId(row.get(0)),
        recipients: words::json(row.get(1))?,
        state: ParcelState::parse(&state).ok_or_else(|| StoreError::Damaged(format!("parcel state {state}")))?,
        rules: words::json(row.get(3))?,
        telling: row.get::<Option<String>, _>(4).map(|text| words::json(&text)).transpose()?,
        release_at: row.get::<Option<i64>, _>(5).map(Timestamp),
        treatment: treatment(row, 12)?,
        submission: submissions::row(row, 13)?,
    })
}

/// Reads the column of number `at`.
pub(super) fn treatment(row: &sql::Row, at: usize) -> Result<Treatment, StoreError> {
    row.get::<Option<String>, _>(at).map_or_else(|| Ok(Treatment::default()), |text| words::json(&text))
}

fn held(row: &sql::Row) -> Result<Held, StoreError> {
    Ok(Held {
        parcel: parcel(row)?,
        approvers: words::json(row.get(6))?,
        deadline: Timestamp(row.get(7)),
        then: row.get(8),
        message: row.get(9),
        terms: words::json(row.get(10))?,
        consents: super::cases::consents_of(row.get(11))?,
    })
}

impl SqliteEngine {
    pub(crate) async fn parcels_of(&self, submission: SubmissionId) -> Result<Vec<ParcelRow>, StoreError> {
        let rows = sql::query(concat!(
            "SELECT p.id, p.recipients, p.state, p.rules, p.telling, p.release_at, NULL, NULL, NULL, NULL, NULL, NULL, p.treatment, ",
            columns!(),
            " FROM parcel p JOIN submission s ON s.id = p.submission JOIN record r ON r.id = s.record \
             WHERE p.submission = $1 ORDER BY p.id"
        ))
        .bind(submission.0)
        .fetch_all(&self.readers)
        .await
        .map_err(failed)?;
        rows.iter().map(parcel).collect()
    }

    pub(crate) async fn held_of(&self, tenant: Option<TenantId>) -> Result<Vec<Held>, StoreError> {
        let rows = sql::query(concat!(
            "SELECT p.id, p.recipients, p.state, p.rules, p.telling, p.release_at, a.approvers, a.deadline, a.outcome, a.message, \
             a.terms, ",
            consents!(),
            ", p.treatment, ",
            columns!(),
            " FROM parcel p JOIN approval a ON a.parcel = p.id JOIN submission s ON s.id = p.submission \
             JOIN record r ON r.id = s.record WHERE p.state = 'held' AND ($1 IS NULL OR s.tenant = $1) \
             ORDER BY a.deadline, p.id"
        ))
        .bind(tenant.map(|tenant| tenant.0))
        .fetch_all(&self.readers)
        .await
        .map_err(failed)?;
        rows.iter().map(held).collect()
    }

    pub(crate) async fn parcel_with_approval(&self, id: ParcelId) -> Result<Option<Held>, StoreError> {
        let row = sql::query(concat!(
            "SELECT p.id, p.recipients, p.state, p.rules, p.telling, p.release_at, a.approvers, a.deadline, a.outcome, a.message, \
             a.terms, ",
            consents!(),
            ", p.treatment, ",
            columns!(),
            " FROM parcel p JOIN approval a ON a.parcel = p.id JOIN submission s ON s.id = p.submission \
             JOIN record r ON r.id = s.record WHERE p.id = $1"
        ))
        .bind(id.0)
        .fetch_optional(&self.readers)
        .await
        .map_err(failed)?;
        row.as_ref().map(held).transpose()
    }
}
