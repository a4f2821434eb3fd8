//! Held and decided parcels with their approvals, and submissions with all of it.

use std::collections::{BTreeMap, HashMap};

use store::{
    Approval, Case, CaseHistory, CaseKey, Consent, Decided, DecidedFilter, HeldKey, Opening, ParcelState, Part, Seats,
    Sending, SendingsOf, StoreError, TrailRow, Unsettled,
};
use types::{KeyId, ParcelId, Reference, SubmissionId, TenantId, Timestamp, UserId};

use super::parcels::treatment;
use super::submissions::{self, columns};
use super::words;
use crate::SqliteEngine;
use crate::database::failed;
use crate::sql;

type Result<T> = std::result::Result<T, StoreError>;

/// The approvals of `approval a` as one column.
macro_rules! consents {
    () => {
        "(SELECT json_group_array(json_array(person, seat, comment, at)) FROM consent WHERE parcel = a.parcel)"
    };
}
pub(super) use consents;

/// The columns of a [`Part`], of `parcel p` and `approval a`.
macro_rules! part_columns {
    () => {
        concat!(
            "p.id, p.recipients, p.state, p.rules, a.approvers, a.deadline, a.outcome, a.message, a.decided_by, \
             a.comment, a.decided_at, p.release_at, p.treatment, a.terms, ",
            consents!()
        )
    };
}
/// How many they are.
const PART: usize = 15;

/// A statement for [`Case`]s; `$from` joins `approval a` and `parcel p`, the one that leads first.
macro_rules! cases {
    ($from:expr, $where:expr) => {
        concat!(
            "SELECT ",
            part_columns!(),
            ", r.key, r.summary, ",
            columns!(),
            " FROM ",
            $from,
            " CROSS JOIN submission AS s ON s.id = p.submission CROSS JOIN record AS r ON r.id = s.record WHERE ",
            $where
        )
    };
}
/// A statement for held ones, nearest deadline first; the index is that of `$whose`.
macro_rules! held {
    ($index:literal, $whose:literal) => {
        cases!(
            concat!("approval AS a INDEXED BY ", $index, " CROSS JOIN parcel AS p ON p.id = a.parcel"),
            concat!(
                $whose,
                " AND a.decided_at IS NULL AND (a.deadline, a.parcel) > ($2, $3) AND p.state = 'held' \
                 ORDER BY a.deadline, a.parcel LIMIT $4"
            )
        )
    };
}
/// A statement for decided ones, newest first; the index is that of `$whose`.
macro_rules! decided {
    ($index:literal, $whose:literal) => {
        cases!(
            concat!("approval AS a INDEXED BY ", $index, " CROSS JOIN parcel AS p ON p.id = a.parcel"),
            concat!(
                $whose,
                " AND (a.decided_at, a.parcel) < ($2, $3) AND a.decided_at >= $4 AND p.state <> 'held' \
                 AND ($5 IS NULL OR p.state = $5) ORDER BY a.decided_at DESC, a.parcel DESC LIMIT $7"
            )
        )
    };
}

/// What one person is asked, as another sees it: never that one's own mail.
const AWAITING: &str = cases!(
    "asked AS q CROSS JOIN approval AS a ON a.parcel = q.parcel CROSS JOIN parcel AS p ON p.id = q.parcel",
    "q.person = $1 AND (q.deadline, q.parcel) > ($2, $3) AND ($5 OR NOT r.sensitive) AND a.author IS NOT $6 \
     AND (a.tenant = $7 OR $8) ORDER BY q.deadline, q.parcel LIMIT $4"
);
const OWN: &str = held!("approval_author", "a.author = $1 AND a.tenant = $5");
const HELD: &str = held!("approval_open", "a.tenant = $1");
const COUNT_HELD: &str =
    "SELECT count(*) FROM approval AS a INDEXED BY approval_open WHERE a.tenant = $1 AND a.decided_at IS NULL";
const ONE: &str = cases!("approval AS a CROSS JOIN parcel AS p ON p.id = a.parcel", "a.parcel = $1");
const DECIDED: &str = decided!("approval_decided", "a.tenant = $1 AND $6 IS NULL");
const DECIDED_BY: &str = decided!("approval_decided_by", "a.decided_by = $6 AND a.tenant = $1");

/// How many parcels a person is asked, how many those ask for whom he stands in (and not him), how many of his own are
/// held, and how many wait to leave. No summary is read, and of the first (of who sees numbers) and third no row.
const UNSETTLED: &str = "SELECT
    CASE WHEN $5 THEN (SELECT count(*) FROM asked WHERE person = $1) ELSE
      (SELECT count(*) FROM asked AS q CROSS JOIN parcel AS p ON p.id = q.parcel CROSS JOIN submission AS s ON s.id = p.submission
         CROSS JOIN record AS r ON r.id = s.record WHERE q.person = $1 AND NOT r.sensitive) END,
    (SELECT count(DISTINCT q.parcel) FROM json_each($2) AS stood CROSS JOIN asked AS q ON q.person = stood.value
       CROSS JOIN approval AS a ON a.parcel = q.parcel CROSS JOIN parcel AS p ON p.id = q.parcel
       CROSS JOIN submission AS s ON s.id = p.submission CROSS JOIN record AS r ON r.id = s.record
       WHERE ($3 OR NOT r.sensitive) AND a.author IS NOT $1 AND a.tenant = $4
       AND NOT EXISTS (SELECT 1 FROM asked WHERE person = $1 AND deadline = q.deadline AND parcel = q.parcel)),
    (SELECT count(*) FROM approval AS a INDEXED BY approval_author WHERE a.author = $1 AND a.decided_at IS NULL),
    (SELECT count(*) FROM parcel AS p INDEXED BY parcel_waiting CROSS JOIN submission AS s ON s.id = p.submission
       WHERE p.state = 'waiting' AND s.author = $1)";

/// A statement for [`Sending`]s without their parcels and lines.
macro_rules! sendings {
    ($index:literal, $where:literal) => {
        concat!(
            "SELECT r.key, r.summary, ",
            columns!(),
            " FROM submission AS s",
            $index,
            " CROSS JOIN record AS r ON r.id = s.record WHERE ",
            $where
        )
    };
}
const OF_AUTHOR: &str =
    sendings!(" INDEXED BY submission_author", "s.author = $1 AND s.id < $2 ORDER BY s.id DESC LIMIT $3");
const OF_COPY: &str = sendings!(
    " INDEXED BY submission_record",
    "s.record = $4 AND s.author = $1 AND s.id < $2 ORDER BY s.id DESC LIMIT $3"
);
const OF_TENANT: &str =
    sendings!(" INDEXED BY submission_tenant", "s.tenant = $1 AND s.id < $2 ORDER BY s.id DESC LIMIT $3");
/// What was judged leads: few of many are asked for.
const OUTWARD: &str = concat!(
    "SELECT r.key, r.summary, ",
    columns!(),
    " FROM (SELECT submission FROM outward WHERE tenant = $1 AND fate IN (SELECT value FROM json_each($4)) AND at >= $5 \
       AND submission < $2 AND ($6 = '' OR EXISTS (SELECT 1 FROM json_each(outward.rules) WHERE value = $6)) \
       ORDER BY submission DESC LIMIT $3) AS o CROSS JOIN submission AS s ON s.id = o.submission \
     CROSS JOIN record AS r ON r.id = s.record ORDER BY s.id DESC"
);
const CALLED: &str = sendings!("", "s.reference = $2 AND s.tenant = $1");

/// A place before all held parcels.
const BEFORE_ALL: HeldKey = HeldKey { deadline: Timestamp(i64::MIN), parcel: ParcelId(0) };

fn part(row: &sql::Row) -> Result<Part> {
    let state: String = row.get(2);
    Ok(Part {
        id: ParcelId(row.get(0)),
        recipients: words::json(row.get(1))?,
        state: ParcelState::parse(&state).ok_or_else(|| StoreError::Damaged(format!("parcel state {state}")))?,
        rules: words::json(row.get(3))?,
        approval: approval(row)?,
        release_at: row.get::<Option<i64>, _>(11).map(Timestamp),
        treatment: treatment(row, 12)?,
    })
}

fn approval(row: &sql::Row) -> Result<Option<Approval>> {
    let Some(approvers) = row.get::<Option<String>, _>(4) else { return Ok(None) };
    let decided = row.get::<Option<i64>, _>(10).map(|at| Decided {
        by: row.get::<Option<i64>, _>(8).map(UserId),
        comment: row.get::<Option<String>, _>(9).unwrap_or_default(),
        at: Timestamp(at),
    });
    let approvers = words::json(&approvers)?;
    let (deadline, then, message) = (Timestamp(row.get(5)), row.get(6), row.get(7));
    let (terms, consents) = (words::json(row.get(13))?, consents_of(row.get(14))?);
    Ok(Some(Approval { approvers, deadline, then, message, terms, consents, decided }))
}

/// Reads the column [`consents`]; the first first.
pub(super) fn consents_of(column: &str) -> Result<Vec<Consent>> {
    let mut all: Vec<(UserId, UserId, String, Timestamp)> = words::json(column)?;
    all.sort_by_key(|(_, seat, _, at)| (*at, *seat));
    Ok(all.into_iter().map(|(by, seat, comment, at)| Consent { by, seat, comment, at }).collect())
}

impl SqliteEngine {
    async fn open_summary(&self, row: &sql::Row, at: usize) -> Result<Vec<u8>> {
        let sealed: Vec<u8> = row.get(at + 1);
        // of a mail that was disposed of nothing is left
        if sealed.is_empty() {
            return Ok(sealed);
        }
        Ok(self.keys.get(KeyId(row.get(at))).await?.open_column("summary", &sealed)?)
    }

    async fn cases(&self, rows: Vec<sql::Row>) -> Result<Vec<Case>> {
        self.keys.fetch(rows.iter().map(|row| KeyId(row.get(PART)))).await?;
        let mut cases = Vec::with_capacity(rows.len());
        for row in rows {
            cases.push(Case {
                submission: submissions::row(&row, PART + 2)?,
                summary: self.open_summary(&row, PART).await?,
                part: part(&row)?,
            });
        }
        Ok(cases)
    }

    /// A page of each seat walks its index; together they make the page.
    pub(super) async fn cases_awaiting(&self, seats: &Seats, after: Option<HeldKey>, most: u32) -> Result<Vec<Case>> {
        let (tenant, after) = (self.tenant_of(seats.user)?, after.unwrap_or(BEFORE_ALL));
        let mut found: BTreeMap<HeldKey, sql::Row> = BTreeMap::new();
        for seat in std::iter::once(&seats.user).chain(&seats.stands_in_for) {
            let query = sql::query(AWAITING).bind(seat.0).bind(after.deadline.0).bind(after.parcel.0).bind(most);
            let query = query.bind(seats.sees_numbers(*seat)).bind(seats.user.0).bind(tenant.0);
            // who is asked himself may be the operator, of another company
            let query = query.bind(*seat == seats.user);
            for row in query.fetch_all(&self.readers).await.map_err(failed)? {
                let key = HeldKey { deadline: Timestamp(row.get(5)), parcel: ParcelId(row.get(0)) };
                found.insert(key, row);
            }
        }
        self.cases(found.into_values().take(most as usize).collect()).await
    }
    pub(super) async fn cases_of_author(&self, author: UserId, after: Option<HeldKey>, most: u32) -> Result<Vec<Case>> {
        let (tenant, after) = (self.tenant_of(author)?, after.unwrap_or(BEFORE_ALL));
        let query = sql::query(OWN).bind(author.0).bind(after.deadline.0).bind(after.parcel.0).bind(most);
        self.cases(query.bind(tenant.0).fetch_all(&self.readers).await.map_err(failed)?).await
    }
    pub(super) async fn count_unsettled(&self, seats: &Seats) -> Result<Unsettled> {
        let tenant = self.tenant_of(seats.user)?;
        let stood = serde_json::to_string(&seats.stands_in_for);
        let stood = stood.map_err(|error| StoreError::Engine(error.to_string()))?;
        let query = sql::query(UNSETTLED).bind(seats.user.0).bind(stood).bind(seats.handler).bind(tenant.0);
        let query = query.bind(seats.sees_numbers(seats.user));
        let row = query.fetch_one(&self.readers).await.map_err(failed)?;
        let count = |at: usize| u64::try_from(row.get::<i64, _>(at)).unwrap_or(0);
        Ok(Unsettled { awaiting: count(0) + count(1), own_held: count(2), own: count(2) + count(3) })
    }
    pub(super) async fn cases_of_tenant(
        &self,
        tenant: TenantId,
        after: Option<HeldKey>,
        most: u32,
    ) -> Result<Vec<Case>> {
        let after = after.unwrap_or(BEFORE_ALL);
        let query = sql::query(HELD).bind(tenant.0).bind(after.deadline.0).bind(after.parcel.0).bind(most);
        self.cases(query.fetch_all(&self.readers).await.map_err(failed)?).await
    }
    pub(super) async fn held_of_tenant(&self, tenant: TenantId) -> Result<u64> {
        let count: i64 = sql::query_scalar(COUNT_HELD).bind(tenant.0).fetch_one(&self.readers).await.map_err(failed)?;
        Ok(u64::try_from(count).unwrap_or(0))
    }
    pub(super) async fn history_of_case(&self, parcel: ParcelId) -> Result<CaseHistory> {
        let lines = sql::query(
            "SELECT at, parcel, event, detail, for_sender FROM trail \
             WHERE submission = (SELECT submission FROM parcel WHERE id = $1) AND parcel = $1 ORDER BY id",
        );
        let lines = lines.bind(parcel.0).fetch_all(&self.readers).await.map_err(failed)?;
        let openings = sql::query("SELECT person, part, at FROM opening WHERE parcel = $1 ORDER BY at, person, part");
        let openings = openings.bind(parcel.0).fetch_all(&self.readers).await.map_err(failed)?;
        let opening =
            |row: &sql::Row| Opening { parcel, by: UserId(row.get(0)), part: row.get(1), at: Timestamp(row.get(2)) };
        Ok(CaseHistory {
            lines: lines.iter().map(submissions::line).collect(),
            openings: openings.iter().map(opening).collect(),
        })
    }
    pub(super) async fn one_case(&self, parcel: ParcelId) -> Result<Option<Case>> {
        let query = sql::query(ONE).bind(parcel.0);
        let found = self.cases(query.fetch_all(&self.readers).await.map_err(failed)?).await?;
        Ok(found.into_iter().next())
    }
    pub(super) async fn decided_cases(
        &self,
        tenant: TenantId,
        filter: DecidedFilter,
        before: Option<CaseKey>,
        most: u32,
    ) -> Result<Vec<Case>> {
        let end = filter.until.map_or(CaseKey { at: Timestamp(i64::MAX), parcel: ParcelId(i64::MAX) }, |until| {
            CaseKey { at: until, parcel: ParcelId(0) }
        });
        let before = before.filter(|key| (key.at, key.parcel) < (end.at, end.parcel)).unwrap_or(end);
        let query = sql::query(if filter.by.is_some() { DECIDED_BY } else { DECIDED });
        let query = query.bind(tenant.0).bind(before.at.0).bind(before.parcel.0);
        let query = query.bind(filter.since.map_or(i64::MIN, |since| since.0));
        let query = query.bind(filter.state.map(ParcelState::word)).bind(filter.by.map(|user| user.0)).bind(most);
        self.cases(query.fetch_all(&self.readers).await.map_err(failed)?).await
    }

    pub(super) async fn sendings_of(
        &self,
        of: SendingsOf,
        before: Option<SubmissionId>,
        most: u32,
    ) -> Result<Vec<Sending>> {
        let (sql, whose, record, all_lines) = match of {
            SendingsOf::Author(author) => (OF_AUTHOR, author.0, None, false),
            SendingsOf::Copy(author, record) => (OF_COPY, author.0, Some(record.0), false),
            SendingsOf::Tenant(tenant) => (OF_TENANT, tenant.0, None, true),
        };
        let query = sql::query(sql).bind(whose).bind(before.map_or(i64::MAX, |id| id.0)).bind(most);
        let query = if record.is_some() { query.bind(record) } else { query };
        self.whole(query.fetch_all(&self.readers).await.map_err(failed)?, all_lines).await
    }
    /// Those of mail to the outside: of these fates (JSON), since then, and stopped by that rule where one is named.
    pub(crate) async fn outward_sendings(
        &self,
        tenant: TenantId,
        (fates, since, rule): (&str, Option<Timestamp>, &str),
        before: Option<SubmissionId>,
        most: u32,
    ) -> Result<Vec<Sending>> {
        let query = sql::query(OUTWARD).bind(tenant.0).bind(before.map_or(i64::MAX, |id| id.0)).bind(most);
        let query = query.bind(fates).bind(since.map_or(i64::MIN, |since| since.0)).bind(rule);
        self.whole(query.fetch_all(&self.readers).await.map_err(failed)?, true).await
    }
    pub(super) async fn sending_called(&self, tenant: TenantId, reference: Reference) -> Result<Option<Sending>> {
        let query = sql::query(CALLED).bind(tenant.0).bind(reference.to_string());
        let found = self.whole(query.fetch_all(&self.readers).await.map_err(failed)?, true).await?;
        Ok(found.into_iter().next())
    }

    /// Submissions with their parcels and lines, in two further statements for all of them.
    async fn whole(&self, rows: Vec<sql::Row>, all_lines: bool) -> Result<Vec<Sending>> {
        self.keys.fetch(rows.iter().map(|row| KeyId(row.get(0)))).await?;
        let ids: Vec<i64> = rows.iter().map(|row| row.get(2)).collect();
        let ids = serde_json::to_string(&ids).map_err(|error| StoreError::Engine(error.to_string()))?;
        let mut parts = self.parts(&ids).await?;
        let mut trails = self.lines(&ids, all_lines).await?;
        let mut sendings = Vec::with_capacity(rows.len());
        for row in rows {
            let submission = submissions::row(&row, 2)?;
            sendings.push(Sending {
                summary: self.open_summary(&row, 0).await?,
                parts: parts.remove(&submission.id).unwrap_or_default(),
                trail: trails.remove(&submission.id).unwrap_or_default(),
                submission,
            });
        }
        Ok(sendings)
    }

    async fn parts(&self, submissions: &str) -> Result<HashMap<SubmissionId, Vec<Part>>> {
        let rows = sql::query(concat!(
            "SELECT ",
            part_columns!(),
            ", p.submission FROM parcel AS p LEFT JOIN approval AS a ON a.parcel = p.id \
             WHERE p.submission IN (SELECT value FROM json_each($1)) ORDER BY p.id"
        ))
        .bind(submissions)
        .fetch_all(&self.readers)
        .await
        .map_err(failed)?;
        let mut all: HashMap<SubmissionId, Vec<Part>> = HashMap::new();
        for row in rows {
            all.entry(SubmissionId(row.get(PART))).or_default().push(part(&row)?);
        }
        Ok(all)
    }

    async fn lines(&self, submissions: &str, all: bool) -> Result<HashMap<SubmissionId, Vec<TrailRow>>> {
        let rows = sql::query(
            "SELECT at, parcel, event, detail, for_sender, submission FROM trail \
             WHERE submission IN (SELECT value FROM json_each($1)) AND ($2 OR for_sender) ORDER BY id",
        )
        .bind(submissions)
        .bind(all)
        .fetch_all(&self.readers)
        .await
        .map_err(failed)?;
        let mut lines: HashMap<SubmissionId, Vec<TrailRow>> = HashMap::new();
        for row in rows {
            lines.entry(SubmissionId(row.get(5))).or_default().push(submissions::line(&row));
        }
        Ok(lines)
    }
}

#[cfg(test)]
mod tests {
    use sqlx::sqlite::SqliteConnectOptions;
    use sqlx::{ConnectOptions as _, Row as _};
    use store::contract::Place as _;

    use super::*;
    use crate::tests::Folder;

    /// No list scans a table or sorts what it does not show.
    #[tokio::test]
    async fn lists_walk_their_indexes() {
        let folder = Folder::new();
        let engine = folder.open().await;
        let mut db = SqliteConnectOptions::new().filename(folder.path().join("mail.db")).connect().await.unwrap();
        for (sql, first, sorts) in [
            (AWAITING, "SEARCH q USING PRIMARY KEY (person=? AND (deadline,parcel)>(?,?))", false),
            (OWN, "SEARCH a USING INDEX approval_author (author=? AND ", false),
            (HELD, "SEARCH a USING INDEX approval_open (tenant=? AND ", false),
            (COUNT_HELD, "SEARCH a USING COVERING INDEX approval_open (tenant=?)", false),
            (UNSETTLED, "SCAN CONSTANT ROW", false),
            (DECIDED, "SEARCH a USING INDEX approval_decided (tenant=?", false),
            (DECIDED_BY, "SEARCH a USING INDEX approval_decided_by (decided_by=?", false),
            (OF_AUTHOR, "SEARCH s USING INDEX submission_author (author=? AND id<?)", false),
            (OF_TENANT, "SEARCH s USING INDEX submission_tenant (tenant=? AND id<?)", false),
        ] {
            let explain = sqlx::query(sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}")));
            let plan: Vec<String> =
                explain.fetch_all(&mut db).await.unwrap().iter().map(|row| row.get("detail")).collect();
            assert!(plan[0].starts_with(first), "{plan:?}");
            assert!(plan.iter().all(|step| !step.starts_with("SCAN p") || step.contains("USING INDEX")), "{plan:?}");
            assert_eq!(plan.iter().any(|step| step.contains("ORDER BY")), sorts, "{plan:?}");
        }
        engine.close().await.unwrap();
    }
}
