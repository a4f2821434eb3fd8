//! Incidents as rows: an incident, its versions, the lines of the ledger that it is about. Versions are only added.

use std::sync::Arc;

use async_trait::async_trait;
use store::{
    Event, Incident, IncidentChange, IncidentEngine, IncidentReminded, IncidentState, IncidentText, IncidentVersion,
    LedgerAct, NewIncident, StoreError,
};
use types::{IncidentId, LedgerId, TenantId, Timestamp, UserId};

use crate::SqliteEngine;
use crate::database::failed;
use crate::keys::Keys;
use crate::outgoing::words;
use crate::sql;
use crate::writer::{Job, Lane};

type Result<T> = std::result::Result<T, StoreError>;

/// The columns of [`Row`], of `incident i` and its newest version `v`.
macro_rules! incidents {
    ($where:literal) => {
        concat!(
            "SELECT i.id, i.tenant, i.state, i.version, v.known, v.wrongful, v.items, i.made, i.made_by, i.first_reported, \
             i.fully_reported, i.remind, (SELECT json_group_array(line) FROM incident_line WHERE incident = i.id) AS lines \
             FROM incident AS i JOIN incident_version AS v ON v.incident = i.id AND v.version = i.version WHERE ",
            $where
        )
    };
}
const ONE: &str = incidents!("i.tenant = $1 AND i.id = $2");
const PAGE: &str = incidents!("i.tenant = $1 AND i.id < $2 ORDER BY i.id DESC LIMIT $3");
const DUE: &str = incidents!("i.remind <= $1 AND (i.remind, i.id) > ($2, $3) ORDER BY i.remind, i.id LIMIT $4");

struct Row {
    id: i64,
    tenant: i64,
    state: String,
    version: u32,
    known: i64,
    wrongful: bool,
    items: String,
    made: i64,
    made_by: Option<i64>,
    first_reported: Option<i64>,
    fully_reported: Option<i64>,
    remind: Option<i64>,
    lines: String,
}

sql::from_row!(Row: id, tenant, state, version, known, wrongful, items, made, made_by, first_reported, fully_reported, remind, lines);

fn incident(row: Row) -> Result<Incident> {
    let mut lines: Vec<LedgerId> = words::json(&row.lines)?;
    lines.sort_unstable();
    let damaged = || StoreError::Damaged(format!("an incident is {}", row.state));
    Ok(Incident {
        id: IncidentId(row.id),
        tenant: TenantId(row.tenant),
        state: IncidentState::parse(&row.state).ok_or_else(damaged)?,
        version: row.version,
        text: text(row.known, row.wrongful, &row.items)?,
        lines,
        made: Timestamp(row.made),
        made_by: row.made_by.map(UserId),
        first_reported: row.first_reported.map(Timestamp),
        fully_reported: row.fully_reported.map(Timestamp),
        remind: row.remind.map(Timestamp),
    })
}

fn text(known: i64, wrongful: bool, items: &str) -> Result<IncidentText> {
    Ok(IncidentText { known: Timestamp(known), wrongful, items: words::json(items)? })
}

async fn put_version(
    tx: &mut sql::Here,
    incident: i64,
    version: u32,
    text: &IncidentText,
    (by, at): (Option<UserId>, Timestamp),
) -> Result<()> {
    let items = serde_json::to_string(&text.items).map_err(|error| StoreError::Engine(error.to_string()))?;
    let sql = "INSERT INTO incident_version (incident, version, at, by, known, wrongful, items)
               VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let query = sql::query(sql).bind(incident).bind(version).bind(at.0).bind(by.map(|by| by.0));
    query.bind(text.known.0).bind(text.wrongful).bind(items).execute(tx).await.map_err(failed)?;
    Ok(())
}

/// Adds lines of the tenant's ledger, each with an act; those that are there already stay as they are.
async fn put_lines(
    tx: &mut sql::Here,
    keys: &Keys,
    (tenant, incident): (TenantId, i64),
    lines: &[LedgerId],
    (by, at): (Option<UserId>, Timestamp),
) -> Result<()> {
    for line in lines {
        let sql = "INSERT OR IGNORE INTO incident_line (incident, line) SELECT $1, id FROM ledger WHERE id = $2 AND tenant = $3";
        let query = sql::query(sql).bind(incident).bind(line.0).bind(tenant.0);
        if query.execute(&mut *tx).await.map_err(failed)?.rows_affected() > 0 {
            let of = (tenant.0, line.0);
            let act = (LedgerAct::Reported, format!("#{incident}"));
            crate::ledger::act(tx, keys, of, (act.0, &act.1), (by, at)).await?;
            continue;
        }
        let sql = "SELECT EXISTS (SELECT 1 FROM incident_line WHERE incident = $1 AND line = $2)";
        let known: bool =
            sql::query_scalar(sql).bind(incident).bind(line.0).fetch_one(&mut *tx).await.map_err(failed)?;
        if !known {
            return Err(StoreError::NotFound(format!("line {line} of the ledger")));
        }
    }
    Ok(())
}

async fn audit(
    tx: &mut sql::Here,
    tenant: TenantId,
    (event, incident, detail): (&'static str, i64, serde_json::Value),
    (by, at): (Option<UserId>, Timestamp),
) -> Result<()> {
    let sql = "INSERT INTO audit (tenant, actor, at, event, subject, detail) VALUES ($1, $2, $3, $4, $5, $6)";
    let query = sql::query(sql).bind(tenant.0).bind(by.map(|by| by.0)).bind(at.0).bind(event);
    query.bind(incident.to_string()).bind(detail.to_string()).execute(tx).await.map_err(failed)?;
    Ok(())
}

struct Make(NewIncident, Arc<Keys>);

#[async_trait]
impl Job for Make {
    type Answer = IncidentId;
    async fn run(&self, tx: &mut sql::Here, events: &mut Vec<Event>) -> Result<IncidentId> {
        let NewIncident { tenant, lines, text, by, at, remind } = &self.0;
        let sql = "INSERT INTO incident (tenant, state, version, made, made_by, remind) VALUES ($1, $2, 1, $3, $4, $5) RETURNING id";
        let query = sql::query_scalar(sql).bind(tenant.0).bind(IncidentState::Open.word()).bind(at.0);
        let query = query.bind(by.map(|by| by.0)).bind(remind.map(|at| at.0));
        let id: i64 = query.fetch_one(&mut *tx).await.map_err(failed)?;
        put_version(tx, id, 1, text, (*by, *at)).await?;
        put_lines(tx, &self.1, (*tenant, id), lines, (*by, *at)).await?;
        let detail = serde_json::json!({ "lines": lines });
        audit(tx, *tenant, ("incident.made", id, detail), (*by, *at)).await?;
        events.push(Event::Timers);
        Ok(IncidentId(id))
    }
}

struct ChangeOf {
    keys: Arc<Keys>,
    tenant: TenantId,
    incident: IncidentId,
    change: IncidentChange,
    remind: Option<Timestamp>,
    by: Option<UserId>,
    at: Timestamp,
}

impl ChangeOf {
    /// One more version, when `before` is the newest.
    async fn text(&self, tx: &mut sql::Here, before: u32, state: IncidentState, text: &IncidentText) -> Result<()> {
        let sql = "UPDATE incident SET version = version + 1 WHERE id = $1 AND version = $2 AND state = $3";
        let query = sql::query(sql).bind(self.incident.0).bind(before).bind(state.word());
        if query.execute(&mut *tx).await.map_err(failed)?.rows_affected() == 0 {
            return Err(StoreError::Conflict(format!("incident {} was changed", self.incident)));
        }
        put_version(tx, self.incident.0, before + 1, text, (self.by, self.at)).await?;
        let detail = serde_json::json!({ "version": before + 1 });
        audit(tx, self.tenant, ("incident.changed", self.incident.0, detail), (self.by, self.at)).await
    }
    async fn lines(&self, tx: &mut sql::Here, lines: &[LedgerId]) -> Result<()> {
        put_lines(tx, &self.keys, (self.tenant, self.incident.0), lines, (self.by, self.at)).await?;
        let sql = "SELECT count(*) FROM incident_line WHERE incident = $1";
        let all: i64 = sql::query_scalar(sql).bind(self.incident.0).fetch_one(&mut *tx).await.map_err(failed)?;
        if usize::try_from(all).unwrap_or(usize::MAX) > store::INCIDENT_LINES_MOST {
            return Err(StoreError::Invalid("the incident is about too many lines".into()));
        }
        let detail = serde_json::json!({ "lines": lines });
        audit(tx, self.tenant, ("incident.changed", self.incident.0, detail), (self.by, self.at)).await
    }
    /// Reports keep the moment at which they were first said to be made.
    async fn state(&self, tx: &mut sql::Here, (from, to): (IncidentState, IncidentState), version: u32) -> Result<()> {
        let sql = "UPDATE incident SET state = $3,
                     first_reported = CASE WHEN $3 IN ('first_reported', 'fully_reported') THEN ifnull(first_reported, $4) ELSE first_reported END,
                     fully_reported = CASE WHEN $3 = 'fully_reported' THEN ifnull(fully_reported, $4) ELSE fully_reported END
                   WHERE id = $1 AND state = $2 AND version = $5";
        let query = sql::query(sql).bind(self.incident.0).bind(from.word()).bind(to.word()).bind(self.at.0);
        if query.bind(version).execute(&mut *tx).await.map_err(failed)?.rows_affected() == 0 {
            return Err(StoreError::Conflict(format!("the report of incident {} stands elsewhere", self.incident)));
        }
        let detail = serde_json::json!({ "state": to.word() });
        audit(tx, self.tenant, ("incident.moved", self.incident.0, detail), (self.by, self.at)).await
    }
}

#[async_trait]
impl Job for ChangeOf {
    type Answer = ();
    async fn run(&self, tx: &mut sql::Here, events: &mut Vec<Event>) -> Result<()> {
        let sql = "UPDATE incident SET remind = CASE WHEN $4 THEN remind ELSE $3 END WHERE id = $1 AND tenant = $2";
        let stays = matches!(self.change, IncidentChange::Lines(_));
        let query = sql::query(sql).bind(self.incident.0).bind(self.tenant.0);
        let query = query.bind(self.remind.map(|at| at.0)).bind(stays);
        if query.execute(&mut *tx).await.map_err(failed)?.rows_affected() == 0 {
            return Err(StoreError::NotFound(format!("incident {}", self.incident)));
        }
        events.push(Event::Timers);
        match &self.change {
            IncidentChange::Text { before, state, text } => self.text(tx, *before, *state, text).await,
            IncidentChange::Lines(lines) => self.lines(tx, lines).await,
            IncidentChange::State { from, to, version } => self.state(tx, (*from, *to), *version).await,
        }
    }
}

/// Notes a reminder, in the transaction of the notices; one that was noted before, or of another text or state, is a conflict.
pub(crate) async fn reminded(tx: &mut sql::Here, one: &IncidentReminded) -> Result<()> {
    let sql = "UPDATE incident SET remind = $3 WHERE id = $1 AND remind = $2 AND version = $4 AND state = $5";
    let query = sql::query(sql).bind(one.incident.0).bind(one.due.0).bind(one.next.map(|at| at.0));
    match query.bind(one.version).bind(one.state.word()).execute(tx).await.map_err(failed)?.rows_affected() {
        0 => {
            Err(StoreError::Conflict(format!("incident {} was changed, or somebody was reminded before", one.incident)))
        }
        _ => Ok(()),
    }
}

#[async_trait]
impl IncidentEngine for SqliteEngine {
    async fn make_incident(&self, new: NewIncident) -> Result<IncidentId> {
        self.writer.run(Lane::Quick, Make(new, self.keys.clone())).await
    }
    async fn change_incident(
        &self,
        tenant: TenantId,
        incident: IncidentId,
        change: IncidentChange,
        remind: Option<Timestamp>,
        by: Option<UserId>,
        at: Timestamp,
    ) -> Result<()> {
        let keys = self.keys.clone();
        self.writer.run(Lane::Quick, ChangeOf { keys, tenant, incident, change, remind, by, at }).await
    }
    async fn incident(&self, tenant: TenantId, id: IncidentId) -> Result<Option<Incident>> {
        let query = sql::query_as(ONE).bind(tenant.0).bind(id.0);
        let row: Option<Row> = query.fetch_optional(&self.readers).await.map_err(failed)?;
        row.map(incident).transpose()
    }
    async fn incidents(&self, tenant: TenantId, before: Option<IncidentId>, most: u32) -> Result<Vec<Incident>> {
        let query = sql::query_as(PAGE).bind(tenant.0).bind(before.map_or(i64::MAX, |id| id.0)).bind(most);
        let rows: Vec<Row> = query.fetch_all(&self.readers).await.map_err(failed)?;
        rows.into_iter().map(incident).collect()
    }
    async fn incidents_of_line(&self, tenant: TenantId, line: LedgerId) -> Result<Vec<IncidentId>> {
        let sql = "SELECT l.incident FROM incident_line AS l JOIN incident AS i ON i.id = l.incident
                   WHERE l.line = $1 AND i.tenant = $2 ORDER BY l.incident";
        let query = sql::query_scalar(sql).bind(line.0).bind(tenant.0);
        let ids: Vec<i64> = query.fetch_all(&self.readers).await.map_err(failed)?;
        Ok(ids.into_iter().map(IncidentId).collect())
    }
    async fn incident_versions(&self, incident: IncidentId) -> Result<Vec<IncidentVersion>> {
        let sql = "SELECT version, at, by, known, wrongful, items FROM incident_version WHERE incident = $1 ORDER BY version DESC";
        type Version = (u32, i64, Option<i64>, i64, bool, String);
        let rows: Vec<Version> = sql::query_as(sql).bind(incident.0).fetch_all(&self.readers).await.map_err(failed)?;
        let version = |(version, at, by, known, wrongful, items): Version| {
            let text = text(known, wrongful, &items)?;
            Ok(IncidentVersion { version, at: Timestamp(at), by: by.map(UserId), text })
        };
        rows.into_iter().map(version).collect()
    }
    async fn incidents_due(
        &self,
        now: Timestamp,
        after: Option<(Timestamp, IncidentId)>,
        most: u32,
    ) -> Result<Vec<Incident>> {
        let (due, id) = after.map_or((i64::MIN, 0), |(due, id)| (due.0, id.0));
        let query = sql::query_as(DUE).bind(now.0).bind(due).bind(id).bind(most);
        let rows: Vec<Row> = query.fetch_all(&self.readers).await.map_err(failed)?;
        rows.into_iter().map(incident).collect()
    }
}
