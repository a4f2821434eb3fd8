//! What approvers, authors and the console ask: the face over held and sent mail, and the queue in pages.

use async_trait::async_trait;
use store::{
    Case, CaseHistory, CaseKey, DecidedFilter, DomainLoad, HeldKey, QueuePage, QueueRow, ReviewEngine, Seats, Sending,
    SendingsOf, StoreError, Unsettled,
};
use types::{Domain, ParcelId, Reference, SubmissionId, TenantId, Timestamp, UserId};

use super::{queue, words};
use crate::SqliteEngine;
use crate::database::failed;
use crate::sql;

type Result<T> = std::result::Result<T, StoreError>;

/// Most domains in one answer.
const DOMAINS: u32 = 1_000;

const PAGE: &str = concat!(
    "SELECT ",
    queue::columns!(),
    " FROM queue AS q INDEXED BY queue_open JOIN parcel AS p ON p.id = q.parcel \
     JOIN submission AS s ON s.id = p.submission WHERE q.state IN ('waiting', 'held') AND q.id > $1 \
     AND ($2 IS NULL OR q.state = $2) AND ($3 IS NULL OR q.domain = $3) AND ($4 IS NULL OR s.tenant = $4) \
     ORDER BY q.id LIMIT $5"
);

const BY_DOMAIN: &str = "WITH open AS (SELECT q.domain, count(*) AS rows, sum(q.state = 'waiting') AS waiting,
         sum(q.state = 'held') AS held, min(q.since) AS oldest, max(CASE WHEN q.last_answer <> '' THEN q.id END) AS last
       FROM queue AS q JOIN parcel AS p ON p.id = q.parcel JOIN submission AS s ON s.id = p.submission
       WHERE q.state IN ('waiting', 'held') AND ($1 IS NULL OR s.tenant = $1) GROUP BY q.domain)
     SELECT domain, waiting, held, oldest, (SELECT last_answer FROM queue WHERE id = open.last) FROM open
     ORDER BY rows DESC, domain LIMIT $2";

fn load(row: &sql::Row) -> Result<DomainLoad> {
    let count = |at: usize| u64::try_from(row.get::<i64, _>(at)).unwrap_or(0);
    let domain: String = row.get(0);
    let domain = Domain::parse(&domain).map_err(|error| StoreError::Damaged(error.to_string()))?;
    let last_answer = row.get::<Option<String>, _>(4).unwrap_or_default();
    Ok(DomainLoad { domain, waiting: count(1), held: count(2), oldest: Timestamp(row.get(3)), last_answer })
}

#[async_trait]
impl ReviewEngine for SqliteEngine {
    async fn awaiting(&self, seats: &Seats, after: Option<HeldKey>, most: u32) -> Result<Vec<Case>> {
        self.cases_awaiting(seats, after, most).await
    }
    async fn own_held(&self, author: UserId, after: Option<HeldKey>, most: u32) -> Result<Vec<Case>> {
        self.cases_of_author(author, after, most).await
    }
    async fn unsettled(&self, seats: &Seats) -> Result<Unsettled> {
        self.count_unsettled(seats).await
    }
    async fn held_cases(&self, tenant: TenantId, after: Option<HeldKey>, most: u32) -> Result<Vec<Case>> {
        self.cases_of_tenant(tenant, after, most).await
    }
    async fn count_held(&self, tenant: TenantId) -> Result<u64> {
        self.held_of_tenant(tenant).await
    }
    async fn case_history(&self, parcel: ParcelId) -> Result<CaseHistory> {
        self.history_of_case(parcel).await
    }
    async fn case(&self, parcel: ParcelId) -> Result<Option<Case>> {
        self.one_case(parcel).await
    }
    async fn decided(
        &self,
        tenant: TenantId,
        filter: DecidedFilter,
        before: Option<CaseKey>,
        most: u32,
    ) -> Result<Vec<Case>> {
        self.decided_cases(tenant, filter, before, most).await
    }
    async fn sendings(&self, of: SendingsOf, before: Option<SubmissionId>, most: u32) -> Result<Vec<Sending>> {
        self.sendings_of(of, before, most).await
    }
    async fn sending(&self, tenant: TenantId, reference: Reference) -> Result<Option<Sending>> {
        self.sending_called(tenant, reference).await
    }
    async fn queue_page(&self, tenant: Option<TenantId>, page: &QueuePage, most: u32) -> Result<Vec<QueueRow>> {
        let query = sql::query(PAGE).bind(page.after.map_or(0, |id| id.0)).bind(page.state.map(words::queue_state));
        let query = query.bind(page.domain.as_ref().map(Domain::as_str)).bind(tenant.map(|tenant| tenant.0));
        let rows = query.bind(most).fetch_all(&self.readers).await.map_err(failed)?;
        rows.iter().map(queue::row).collect()
    }
    async fn queue_domains(&self, tenant: Option<TenantId>) -> Result<Vec<DomainLoad>> {
        let query = sql::query(BY_DOMAIN).bind(tenant.map(|tenant| tenant.0)).bind(DOMAINS);
        query.fetch_all(&self.readers).await.map_err(failed)?.iter().map(load).collect()
    }
}
