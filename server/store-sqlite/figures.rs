//! What is counted of a company as rows: a row for each mail to the outside, in an order in which counting reads nothing else; and a row for each
//! entry of its list 委託先 of which something is known.

use async_trait::async_trait;
use store::{
    Event, FigureEngine, HeldFigures, OUTWARD_LOOK, OUTWARD_RULES, OutwardFate, OutwardFigures, OutwardFilter, Partner,
    PartnerChange, Sending, StoreError,
};
use types::{SubmissionId, TenantId, Timestamp, UserId};

use crate::SqliteEngine;
use crate::database::failed;
use crate::sql;
use crate::writer::{Job, Lane};

type Result<T> = std::result::Result<T, StoreError>;

const BY_FATE: &str = "SELECT (SELECT count(*) FROM outward WHERE tenant = $1 AND fate = 'sent' AND at >= $2),
    (SELECT count(*) FROM outward WHERE tenant = $1 AND fate = 'asked' AND at >= $2),
    (SELECT count(*) FROM outward WHERE tenant = $1 AND fate = 'held' AND at >= $2),
    (SELECT count(*) FROM outward WHERE tenant = $1 AND fate = 'blocked' AND at >= $2),
    (SELECT count(*) FROM outward WHERE tenant = $1 AND fate = 'deleted' AND at >= $2)";
/// Of each fate the newest.
const BY_RULE: &str = "WITH stopped (rules) AS (
      SELECT rules FROM (SELECT rules FROM outward WHERE tenant = $1 AND fate = 'held' AND at >= $2 ORDER BY at DESC LIMIT $3)
      UNION ALL SELECT rules FROM (SELECT rules FROM outward WHERE tenant = $1 AND fate = 'blocked' AND at >= $2 ORDER BY at DESC LIMIT $3)
      UNION ALL SELECT rules FROM (SELECT rules FROM outward WHERE tenant = $1 AND fate = 'deleted' AND at >= $2 ORDER BY at DESC LIMIT $3))
    SELECT rule.value, count(*) AS n FROM stopped, json_each(stopped.rules) AS rule GROUP BY rule.value ORDER BY n DESC, rule.value LIMIT $4";
const HELD: &str = "SELECT count(*), coalesce(sum(deadline <= $2), 0) FROM approval INDEXED BY approval_open
    WHERE tenant = $1 AND decided_at IS NULL";
const PARTNERS: &str = "SELECT entry, name, contract, since, until, checked, checked_by, note, due FROM partner WHERE tenant = $1 ORDER BY entry";

struct Row {
    entry: String,
    name: String,
    contract: String,
    since: Option<i64>,
    until: Option<i64>,
    checked: Option<i64>,
    checked_by: Option<i64>,
    note: String,
    due: Option<i64>,
}

sql::from_row!(Row: entry, name, contract, since, until, checked, checked_by, note, due);

impl From<Row> for Partner {
    fn from(row: Row) -> Self {
        Self {
            entry: row.entry,
            name: row.name,
            contract: row.contract,
            since: row.since.map(Timestamp),
            until: row.until.map(Timestamp),
            checked: row.checked.map(Timestamp),
            checked_by: row.checked_by.map(UserId),
            note: row.note,
            due: row.due.map(Timestamp),
        }
    }
}

struct Change(PartnerChange);

#[async_trait]
impl Job for Change {
    type Answer = ();
    async fn run(&self, tx: &mut sql::Here, _events: &mut Vec<Event>) -> Result<()> {
        let PartnerChange { tenant, entry, partner, event, by, at } = &self.0;
        match partner {
            Some(partner) => put(tx, *tenant, entry, partner).await?,
            None => {
                let sql = "DELETE FROM partner WHERE tenant = $1 AND entry = $2";
                sql::query(sql).bind(tenant.0).bind(entry).execute(&mut *tx).await.map_err(failed)?;
            }
        }
        let detail = partner.as_ref().map(|partner| serde_json::json!({ "name": partner.name }).to_string());
        let sql = "INSERT INTO audit (tenant, actor, at, event, subject, detail) VALUES ($1, $2, $3, $4, $5, $6)";
        let query = sql::query(sql).bind(tenant.0).bind(by.map(|by| by.0)).bind(at.0).bind(*event).bind(entry);
        query.bind(detail.unwrap_or_default()).execute(tx).await.map_err(failed)?;
        Ok(())
    }
}

async fn put(tx: &mut sql::Here, tenant: TenantId, entry: &str, partner: &Partner) -> Result<()> {
    let sql =
        "INSERT OR REPLACE INTO partner (tenant, entry, name, contract, since, until, checked, checked_by, note, due)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let moment = |at: Option<Timestamp>| at.map(|at| at.0);
    let query = sql::query(sql).bind(tenant.0).bind(entry).bind(&partner.name).bind(&partner.contract);
    let query = query.bind(moment(partner.since)).bind(moment(partner.until)).bind(moment(partner.checked));
    let query = query.bind(partner.checked_by.map(|by| by.0)).bind(&partner.note).bind(moment(partner.due));
    query.execute(tx).await.map_err(failed)?;
    Ok(())
}

#[async_trait]
impl FigureEngine for SqliteEngine {
    async fn outward_figures(&self, tenant: TenantId, since: Timestamp) -> Result<OutwardFigures> {
        let query = sql::query_as(BY_FATE).bind(tenant.0).bind(since.0);
        let counts: (i64, i64, i64, i64, i64) = query.fetch_one(&self.readers).await.map_err(failed)?;
        let query = sql::query_as(BY_RULE).bind(tenant.0).bind(since.0).bind(OUTWARD_LOOK).bind(OUTWARD_RULES);
        let rules: Vec<(String, i64)> = query.fetch_all(&self.readers).await.map_err(failed)?;
        let count = |n: i64| u64::try_from(n).unwrap_or(0);
        let (sent, asked, held, blocked, deleted) = counts;
        Ok(OutwardFigures {
            sent: count(sent),
            asked: count(asked),
            held: count(held),
            blocked: count(blocked),
            deleted: count(deleted),
            rules: rules.into_iter().map(|(code, n)| (code, count(n))).collect(),
        })
    }
    async fn outward_page(
        &self,
        tenant: TenantId,
        filter: &OutwardFilter,
        before: Option<SubmissionId>,
        most: u32,
    ) -> Result<Vec<Sending>> {
        let fates: Vec<&str> = filter.fates.iter().copied().map(OutwardFate::word).collect();
        let fates = serde_json::json!(fates).to_string();
        self.outward_sendings(tenant, (&fates, filter.since, &filter.rule), before, most).await
    }
    async fn held_figures(&self, tenant: TenantId, now: Timestamp) -> Result<HeldFigures> {
        let query = sql::query_as(HELD).bind(tenant.0).bind(now.0);
        let (waiting, overdue): (i64, i64) = query.fetch_one(&self.readers).await.map_err(failed)?;
        let count = |n: i64| u64::try_from(n).unwrap_or(0);
        Ok(HeldFigures { waiting: count(waiting), overdue: count(overdue) })
    }
    async fn partners(&self, tenant: TenantId) -> Result<Vec<Partner>> {
        let rows: Vec<Row> = sql::query_as(PARTNERS).bind(tenant.0).fetch_all(&self.readers).await.map_err(failed)?;
        Ok(rows.into_iter().map(Partner::from).collect())
    }
    async fn change_partner(&self, change: PartnerChange) -> Result<()> {
        self.writer.run(Lane::Quick, Change(change)).await
    }
}
