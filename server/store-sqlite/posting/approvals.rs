//! Parcels that waited and are held; approvals of held parcels before their decision, deadlines that ask others, openings.

use store::{Escalation, NewConsent, NewHold, ParcelState, Posting, StoreError};
use types::ParcelId;

use super::{Result, change};

use crate::sql;
pub(super) async fn write(tx: &mut sql::Here, posting: &Posting) -> Result<()> {
    for hold in &posting.holds {
        stop(tx, hold).await?;
    }
    for consent in &posting.consents {
        approve(tx, consent).await?;
    }
    for escalation in &posting.escalations {
        escalate(tx, escalation).await?;
    }
    let openings: Vec<_> =
        posting.openings.iter().map(|one| (one.parcel.0, one.by.0, one.part.as_str(), one.at.0)).collect();
    change(
        tx,
        "INSERT OR IGNORE INTO opening (parcel, person, part, at) \
         SELECT value->>0, value->>1, value->>2, value->>3 FROM json_each($1)",
        &openings,
    )
    .await
}

/// Only what waits is held, once. Its time to go does not come any more.
async fn stop(tx: &mut sql::Here, new: &NewHold) -> Result<()> {
    let parcel = new.parcel;
    let changed = sql::query(
        "UPDATE parcel SET state = 'held', rules = json_insert(rules, '$[#]', $2) WHERE id = $1 AND state = 'waiting'",
    )
    .bind(parcel.0)
    .bind(new.code)
    .execute(&mut *tx)
    .await?
    .rows_affected();
    if changed == 0 {
        let state: Option<String> =
            sql::query_scalar("SELECT state FROM parcel WHERE id = $1").bind(parcel.0).fetch_optional(tx).await?;
        let state = state.ok_or_else(|| StoreError::NotFound(format!("parcel {parcel}")))?;
        return Err(StoreError::Decided(state).into());
    }
    sql::query("DELETE FROM timer WHERE parcel = $1").bind(parcel.0).execute(&mut *tx).await?;
    sql::query(
        "INSERT INTO approval (parcel, approvers, deadline, outcome, message, tenant, author, terms) \
         SELECT $1, $2, $3, $4, $5, s.tenant, s.author, $6 FROM parcel p JOIN submission s ON s.id = p.submission \
         WHERE p.id = $1",
    )
    .bind(parcel.0)
    .bind(serde_json::to_string(&new.approval.approvers)?)
    .bind(new.approval.deadline.0)
    .bind(&new.approval.then)
    .bind(&new.approval.message)
    .bind(serde_json::to_string(&new.approval.terms)?)
    .execute(&mut *tx)
    .await?;
    ask(tx, parcel).await
}

/// Refuses what is not held any more; answers how many approvals it has.
async fn held(tx: &mut sql::Here, parcel: ParcelId) -> Result<i64> {
    let row =
        sql::query("SELECT state, (SELECT count(*) FROM consent WHERE parcel = parcel.id) FROM parcel WHERE id = $1")
            .bind(parcel.0)
            .fetch_optional(tx)
            .await?
            .ok_or_else(|| StoreError::NotFound(format!("parcel {parcel}")))?;
    let state: String = row.get(0);
    if state == ParcelState::Held.word() { Ok(row.get(1)) } else { Err(StoreError::Decided(state).into()) }
}

/// An approval finds as many before it as it expects; of a seat, and of a person, there is one.
async fn approve(tx: &mut sql::Here, new: &NewConsent) -> Result<()> {
    let before = held(tx, new.parcel).await?;
    let conflict = || StoreError::Conflict(format!("the approval of parcel {}", new.parcel));
    if usize::try_from(before).ok() != Some(new.before) {
        return Err(conflict().into());
    }
    let written =
        sql::query("INSERT OR IGNORE INTO consent (parcel, seat, person, comment, at) VALUES ($1, $2, $3, $4, $5)")
            .bind(new.parcel.0)
            .bind(new.seat.0)
            .bind(new.by.0)
            .bind(&new.comment)
            .bind(new.at.0)
            .execute(&mut *tx)
            .await?
            .rows_affected();
    if written == 0 {
        return Err(conflict().into());
    }
    // whoever has given his word is asked no more
    sql::query("DELETE FROM asked WHERE parcel = $1 AND person IN ($2, $3)")
        .bind(new.parcel.0)
        .bind(new.seat.0)
        .bind(new.by.0)
        .execute(tx)
        .await?;
    Ok(())
}

async fn escalate(tx: &mut sql::Here, new: &Escalation) -> Result<()> {
    held(tx, new.parcel).await?;
    let approvers = serde_json::to_string(&new.approvers)?;
    let changed = sql::query(
        "UPDATE approval SET approvers = $1, deadline = $2, outcome = $3 WHERE parcel = $4 AND deadline = $5",
    )
    .bind(&approvers)
    .bind(new.deadline.0)
    .bind(&new.then)
    .bind(new.parcel.0)
    .bind(new.expect.0)
    .execute(&mut *tx)
    .await?
    .rows_affected();
    if changed == 0 {
        return Err(StoreError::Conflict(format!("the deadline of parcel {}", new.parcel)).into());
    }
    sql::query("DELETE FROM asked WHERE parcel = $1").bind(new.parcel.0).execute(&mut *tx).await?;
    ask(tx, new.parcel).await
}

/// Whoever may decide is asked, but its author and who has given his word.
async fn ask(tx: &mut sql::Here, parcel: ParcelId) -> Result<()> {
    sql::query(
        "INSERT INTO asked (person, deadline, parcel) SELECT DISTINCT who.value, a.deadline, a.parcel \
         FROM approval AS a, json_each(a.approvers) AS who WHERE a.parcel = $1 AND who.value IS NOT a.author \
         AND NOT EXISTS (SELECT 1 FROM consent WHERE parcel = $1 AND who.value IN (seat, person))",
    )
    .bind(parcel.0)
    .execute(tx)
    .await?;
    Ok(())
}
