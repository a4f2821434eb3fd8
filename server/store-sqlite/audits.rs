//! The audit log: two tables in two files, told as one list. A page looks at no more than [`LOOK`] rows of each, so a
//! filter that meets hardly any row costs as little as one that meets all; the next page goes on from there.

use async_trait::async_trait;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqlitePool};
use store::{AuditEngine, AuditFilter, AuditKey, AuditPage, AuditRow, AuditSource, RulesVersion, StoreError};
use types::{TenantId, Timestamp, UserId};

use crate::SqliteEngine;
use crate::database::failed;

type Result<T> = std::result::Result<T, StoreError>;

/// Most rows of each table that a page looks at.
const LOOK: i64 = 20_000;

/// A statement for a window of a table: the rows from a place on, those that the filter meets, and as the last row
/// where the window ends, when it is full.
macro_rules! window {
    ($index:literal, $whose:literal) => {
        concat!(
            "WITH span AS (SELECT id, tenant, actor, at, event, subject, detail FROM audit INDEXED BY ",
            $index,
            " WHERE ",
            $whose,
            " AND (at, id) < ($2, $3) AND at >= $4 ORDER BY at DESC, id DESC LIMIT $5)
             SELECT * FROM (SELECT 0 AS ends, * FROM span WHERE ($6 IS NULL OR actor = $6)
               AND substr(event, 1, length($7)) = $7 AND instr(subject, $8) > 0 ORDER BY at DESC, id DESC LIMIT $9)
             UNION ALL SELECT * FROM (SELECT 1, * FROM span ORDER BY at DESC, id DESC LIMIT 1 OFFSET $5 - 1)"
        )
    };
}
/// Of either file: the tables are alike.
const OF_TENANT: &str = window!("audit_at", "tenant = $1");
const EVERYWHERE: &str = window!("audit_everywhere", "$1 IS NULL");

/// What a window of one table gave.
struct Window {
    rows: Vec<AuditRow>,
    /// The last row looked at, when there may be more behind it.
    end: Option<AuditKey>,
}

/// Where the rows of `source` begin that are older than `key`: (at, id) below this pair.
fn below(key: Option<AuditKey>, source: AuditSource, filter: &AuditFilter) -> (i64, i64) {
    let until =
        (filter.until.map_or(i64::MAX, |until| until.0), if filter.until.is_some() { i64::MIN } else { i64::MAX });
    let Some(key) = key else { return until };
    let id = match source.cmp(&key.source) {
        std::cmp::Ordering::Less => i64::MAX,
        std::cmp::Ordering::Equal => key.id,
        std::cmp::Ordering::Greater => i64::MIN,
    };
    until.min((key.at.0, id))
}

fn row(source: AuditSource, row: &SqliteRow) -> AuditRow {
    AuditRow {
        key: AuditKey { at: Timestamp(row.get(4)), source, id: row.get(1) },
        tenant: row.get::<Option<i64>, _>(2).map(TenantId),
        actor: row.get::<Option<i64>, _>(3).map(UserId),
        event: row.get(5),
        subject: row.get(6),
        detail: row.get(7),
    }
}

/// What is asked of both tables.
struct Asked<'a> {
    tenant: Option<TenantId>,
    filter: &'a AuditFilter,
    before: Option<AuditKey>,
    most: u32,
}

impl Asked<'_> {
    /// How many rows are looked at: without a filter those that are shown.
    fn look(&self) -> i64 {
        let all = self.filter.actor.is_none() && self.filter.event.is_empty() && self.filter.subject.is_empty();
        if all { i64::from(self.most) } else { LOOK }
    }

    async fn window(&self, db: &SqlitePool, source: AuditSource) -> Result<Window> {
        let sql = if self.tenant.is_some() { OF_TENANT } else { EVERYWHERE };
        let (at, id) = below(self.before, source, self.filter);
        let query = sqlx::query(sql).bind(self.tenant.map(|tenant| tenant.0)).bind(at).bind(id);
        let query = query.bind(self.filter.since.map_or(i64::MIN, |since| since.0)).bind(self.look());
        let query = query.bind(self.filter.actor.map(|user| user.0)).bind(&self.filter.event);
        let query = query.bind(&self.filter.subject).bind(self.most);
        let rows = query.fetch_all(db).await.map_err(failed)?;
        let (ends, rows): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row.get::<bool, _>(0));
        let rows: Vec<AuditRow> = rows.into_iter().map(|found| row(source, found)).collect();
        let full = rows.len() >= self.most as usize;
        let end = ends.first().map(|end| row(source, end).key);
        Ok(Window { end: if full { rows.last().map(|row| row.key) } else { end }, rows })
    }
}

/// Two windows as one page. What lies behind the end of either is for the next page: the other may have newer rows.
fn merged(one: Window, two: Window, most: usize) -> AuditPage {
    let horizon = one.end.max(two.end);
    let mut rows: Vec<AuditRow> = one.rows.into_iter().chain(two.rows).collect();
    rows.retain(|row| horizon.is_none_or(|end| row.key >= end));
    rows.sort_unstable_by_key(|row| std::cmp::Reverse(row.key));
    let next = if rows.len() > most { rows.get(most - 1).map(|row| row.key) } else { horizon };
    rows.truncate(most);
    AuditPage { rows, next }
}

fn version(row: &SqliteRow) -> RulesVersion {
    RulesVersion { version: row.get(0), by: row.get::<Option<i64>, _>(1).map(UserId), at: Timestamp(row.get(2)) }
}

#[async_trait]
impl AuditEngine for SqliteEngine {
    async fn audit_log(
        &self,
        tenant: Option<TenantId>,
        filter: &AuditFilter,
        before: Option<AuditKey>,
        most: u32,
    ) -> Result<AuditPage> {
        let asked = Asked { tenant, filter, before, most: most.max(1) };
        let mail = asked.window(&self.readers, AuditSource::Mail).await?;
        let directory = asked.window(self.directory.pool(), AuditSource::Directory).await?;
        Ok(merged(mail, directory, asked.most as usize))
    }
    async fn rules_versions(&self, tenant: TenantId) -> Result<Vec<RulesVersion>> {
        let sql = "SELECT version, by, at FROM rules WHERE tenant = $1 ORDER BY version DESC LIMIT 1000";
        let rows = sqlx::query(sql).bind(tenant.0).fetch_all(self.directory.pool()).await.map_err(failed)?;
        Ok(rows.iter().map(version).collect())
    }
    async fn rules_version(&self, tenant: TenantId, number: u32) -> Result<Option<(RulesVersion, String)>> {
        let sql = "SELECT version, by, at, text FROM rules WHERE tenant = $1 AND version = $2";
        let query = sqlx::query(sql).bind(tenant.0).bind(number);
        let found = query.fetch_optional(self.directory.pool()).await.map_err(failed)?;
        Ok(found.map(|row| (version(&row), row.get(3))))
    }
}
