//! Decisions on parcels that are held or wait, results of attempts, timers that are done.

use store::{Decision, Event, Outcome, ParcelState, StoreError};

use super::outgoing::reviews;
use super::{Ready, Result, approvals, change, tls};
use crate::keys::Keys;
use crate::sql;

pub(super) async fn write(tx: &mut sql::Here, keys: &Keys, postings: &[&Ready], events: &mut Vec<Event>) -> Result<()> {
    for posting in postings.iter().map(|posting| &posting.posting) {
        // an approval that is the last of several comes with the decision, which finds it counted
        approvals::write(tx, posting).await?;
        for decision in &posting.decisions {
            decide(tx, decision).await?;
        }
    }
    let done: Vec<_> = postings.iter().flat_map(|posting| crate::ledger::done(&posting.posting)).collect();
    crate::ledger::decided(tx, keys, &done).await?;
    reviews(tx, postings).await?;
    attempts(tx, postings, events).await?;
    let done: Vec<i64> = postings.iter().flat_map(|p| &p.posting.timers_done).map(|timer| timer.0).collect();
    change(tx, "DELETE FROM timer WHERE id IN (SELECT value FROM json_each($1))", &done).await
}

/// Exactly one of several decisions finds the state that it expects.
async fn decide(tx: &mut sql::Here, decision: &Decision) -> Result<()> {
    let changed = sql::query("UPDATE parcel SET state = $1 WHERE id = $2 AND state = $3")
        .bind(decision.to.word())
        .bind(decision.parcel.0)
        .bind(decision.expect.word())
        .execute(&mut *tx)
        .await?
        .rows_affected();
    if changed == 0 {
        let state =
            sql::query("SELECT state FROM parcel WHERE id = $1").bind(decision.parcel.0).fetch_optional(tx).await?;
        return Err(match state {
            Some(row) => StoreError::Decided(row.get(0)),
            None => StoreError::NotFound(format!("parcel {}", decision.parcel)),
        }
        .into());
    }
    sql::query("UPDATE approval SET decided_by = $1, comment = $2, decided_at = $3 WHERE parcel = $4")
        .bind(decision.by.map(|user| user.0))
        .bind(&decision.comment)
        .bind(decision.at.0)
        .bind(decision.parcel.0)
        .execute(&mut *tx)
        .await?;
    if matches!(decision.expect, ParcelState::Held | ParcelState::Waiting) {
        sql::query("DELETE FROM timer WHERE parcel = $1").bind(decision.parcel.0).execute(&mut *tx).await?;
        sql::query("DELETE FROM asked WHERE parcel = $1").bind(decision.parcel.0).execute(tx).await?;
    }
    Ok(())
}

async fn attempts(tx: &mut sql::Here, postings: &[&Ready], events: &mut Vec<Event>) -> Result<()> {
    let attempts = postings.iter().flat_map(|posting| &posting.posting.attempts);
    let mut rows = Vec::new();
    for attempt in attempts {
        let (state, due, counts, told) = match attempt.outcome {
            Outcome::Delivered => ("delivered", None, 1, 0),
            Outcome::Failed => ("failed", None, 1, 0),
            Outcome::Retry(due) => ("waiting", Some(due.0), 1, 0),
            Outcome::Held => ("held", None, 1, 0),
            Outcome::DelayTold => ("waiting", None, 0, 1),
        };
        rows.push((attempt.id.0, state, due, counts, told, &attempt.answer));
    }
    if rows.is_empty() {
        return Ok(());
    }
    timeline(tx, postings).await?;
    tls::remember(tx, postings).await?;
    events.push(Event::Queue);
    // a row that was stopped or taken out by hand while it was under way stays so, unless the mail is gone anyway
    change(
        tx,
        "UPDATE queue SET state = CASE WHEN state = 'waiting' OR new.value->>1 = 'delivered' THEN new.value->>1 ELSE state END, \
         due = coalesce(new.value->>2, due), attempts = attempts + (new.value->>3), \
         delay_told = max(delay_told, new.value->>4), leased = CASE WHEN new.value->>4 THEN leased ELSE 0 END, \
         last_answer = CASE WHEN new.value->>5 = '' THEN last_answer ELSE new.value->>5 END \
         FROM json_each($1) AS new WHERE queue.id = new.value->>0",
        &rows,
    )
    .await
}

/// Every result is a line of its submission's timeline; of what was handed over it says, too, how it was kept on the way.
async fn timeline(tx: &mut sql::Here, postings: &[&Ready]) -> Result<()> {
    let attempts = postings.iter().flat_map(|posting| &posting.posting.attempts);
    let line = |attempt: &store::Attempt| {
        let event = match attempt.outcome {
            Outcome::Delivered => "queue.delivered",
            Outcome::Failed => "queue.failed",
            Outcome::Retry(_) => "queue.deferred",
            Outcome::Held => "queue.held",
            Outcome::DelayTold => "queue.delay_told",
        };
        let way = attempt.way.as_ref().filter(|_| attempt.outcome == Outcome::Delivered);
        let way = way.map_or_else(String::new, |way| format!(" [{way}]"));
        (attempt.id.0, attempt.at.0, event, format!("{}{way}", attempt.answer))
    };
    let rows: Vec<_> = attempts.map(line).collect();
    change(
        tx,
        "INSERT INTO trail (submission, parcel, at, event, detail, for_sender) \
         SELECT p.submission, p.id, new.value->>1, new.value->>2, q.recipient || ': ' || (new.value->>3), 1 \
         FROM json_each($1) AS new JOIN queue q ON q.id = new.value->>0 JOIN parcel p ON p.id = q.parcel ORDER BY new.key",
        &rows,
    )
    .await
}
