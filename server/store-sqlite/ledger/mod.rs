//! The ledger of specified personal information as it is read; [`append`] writes it.

mod append;
mod classify;
mod dispose;
mod seal;

use async_trait::async_trait;
use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, Row as _};
use store::{
    Classified, Disposal, Disposed, LedgerCopy, LedgerDocuments, LedgerDue, LedgerEngine, LedgerEntry, LedgerFigures,
    LedgerFilter, LedgerKeeper, LedgerLine, LedgerPlaces, ParcelState, QueueState, StoreError,
};
use types::{KeyId, LedgerId, MailboxId, RecordId, SubmissionId, TenantId, Timestamp, UserId};

pub(crate) use append::{Entry, Facts, act, act_on_record, chain_hash, decided, done, downloaded, enter, people};
pub(crate) use dispose::draft_ended;
pub(crate) use seal::{LedgerKey, seal_what_is_there};

use crate::SqliteEngine;
use crate::database::failed;
use crate::keys::Keys;
use crate::outgoing::words;

type Result<T> = std::result::Result<T, StoreError>;

/// The columns of [`Row`].
macro_rules! columns {
    () => {
        "id, tenant, record, at, kind, reference, submission, author, sender, recipients, subject, sealed_subject, certain, likely, \
         rules, outcome, state, documents, stated, due, proposed, (SELECT key FROM record WHERE record.id = ledger.record) AS key"
    };
}

#[derive(FromRow)]
struct Row {
    id: i64,
    tenant: i64,
    record: i64,
    at: i64,
    kind: String,
    reference: String,
    submission: Option<i64>,
    author: Option<i64>,
    sender: Option<String>,
    recipients: String,
    subject: String,
    sealed_subject: Option<Vec<u8>>,
    certain: u32,
    likely: u32,
    rules: String,
    outcome: String,
    state: String,
    documents: Option<String>,
    stated: Option<i64>,
    due: Option<i64>,
    proposed: bool,
    key: Option<i64>,
}

/// Where a subject is sealed.
const SUBJECT: &str = "ledger subject";

/// Seals the masked subject of a line under the key of its mail.
pub(crate) async fn seal_subject(keys: &Keys, key: KeyId, subject: &str) -> Result<Vec<u8>> {
    Ok(keys.get(key).await?.seal_column(SUBJECT, subject.as_bytes())?)
}

fn line(row: Row) -> Result<LedgerLine> {
    Ok(LedgerLine {
        id: LedgerId(row.id),
        tenant: TenantId(row.tenant),
        record: RecordId(row.record),
        at: Timestamp(row.at),
        kind: words::read(row.kind)?,
        reference: words::read(row.reference)?,
        submission: row.submission.map(SubmissionId),
        author: row.author.map(UserId),
        from: row.sender.map(words::read).transpose()?,
        to: words::json(&row.recipients)?,
        subject: row.subject,
        certain: row.certain,
        likely: row.likely,
        rules: words::json(&row.rules)?,
        outcome: row.outcome,
        state: words::read(row.state)?,
        documents: row.documents.map(|kind| LedgerDocuments {
            kind,
            stated: row.stated.map(Timestamp),
            due: row.due.map(Timestamp),
            proposed: row.proposed,
        }),
    })
}

impl SqliteEngine {
    /// The rows as lines, subjects opened under the keys of their mails.
    async fn ledger_lines(&self, rows: Vec<Row>) -> Result<Vec<LedgerLine>> {
        self.keys.fetch(rows.iter().filter_map(|row| row.key).map(KeyId)).await?;
        let mut lines = Vec::with_capacity(rows.len());
        for mut row in rows {
            if let (Some(sealed), Some(key)) = (row.sealed_subject.take(), row.key) {
                row.subject = self.opened_subject(KeyId(key), &sealed).await?;
            }
            lines.push(line(row)?);
        }
        Ok(lines)
    }
    async fn opened_subject(&self, key: KeyId, sealed: &[u8]) -> Result<String> {
        let key = match self.keys.get(key).await {
            // it was disposed of since the row was read
            Err(StoreError::NotFound(_)) => return Ok(String::new()),
            key => key?,
        };
        let plain = key.open_column(SUBJECT, sealed)?;
        String::from_utf8(plain).map_err(|_| StoreError::Damaged("the subject of a line".into()))
    }
}

/// Lines without a kind from before this are due.
fn aged(due: &LedgerDue) -> i64 {
    due.before.map_or(i64::MIN, |before| before.0)
}

fn entry(row: &SqliteRow) -> Result<LedgerEntry> {
    Ok(LedgerEntry {
        seq: u64::try_from(row.get::<i64, _>(0)).unwrap_or(0),
        line: LedgerId(row.get(1)),
        at: Timestamp(row.get(2)),
        act: words::read(row.get(3))?,
        actor: row.get::<Option<i64>, _>(4).map(UserId),
        detail: row.get(5),
        chain: row.get(6),
    })
}

/// What a filter asks of a line, beside its company. Params: 3, 4 the span of time, 5 the person, 6 the kind, 7 the state, 9 whether it rests,
/// 10 to 12 what is due, 13 its documents.
macro_rules! filtered {
    () => {
        " AND at >= $3 AND at < $4 AND ($5 = '' OR instr(people, $5) > 0) AND ($6 IS NULL OR kind = $6) \
          AND ($7 IS NULL OR state = $7) AND (NOT $9 OR state IN ('kept', 'handed_over')) \
          AND ($10 IS NULL OR (due <= $10 AND (NOT $12 OR NOT proposed OR at < $11)) OR (documents IS NULL AND at < $11)) \
          AND ($13 IS NULL OR documents = $13)"
    };
}
const PAGE: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM ledger INDEXED BY ledger_tenant WHERE tenant = $1 AND id < $2",
    filtered!(),
    " ORDER BY id DESC LIMIT $8"
);
/// Behind the line 2; of that one which is due before all.
const BY_DUE: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM ledger INDEXED BY ledger_due WHERE tenant = $1 AND due IS NOT NULL AND state IN ('kept', 'handed_over') \
      AND ($2 = 0 OR (due, id) > (SELECT behind.due, behind.id FROM ledger AS behind WHERE behind.id = $2))",
    filtered!(),
    " ORDER BY due, id LIMIT $8"
);
const LINE: &str = concat!("SELECT ", columns!(), " FROM ledger WHERE tenant = $1 AND id = $2");
const OF_RECORD: &str = concat!("SELECT ", columns!(), " FROM ledger WHERE record = $1 ORDER BY id");
const COPIES: &str = "SELECT m.mailbox, b.user, count(*), (WITH RECURSIVE up (parent, path) AS
        (SELECT parent, leaf FROM mailbox WHERE id = m.mailbox
         UNION ALL SELECT above.parent, above.leaf || '/' || up.path FROM up JOIN mailbox AS above ON above.id = up.parent)
        SELECT path FROM up WHERE parent IS NULL), b.role
    FROM message AS m JOIN mailbox AS b ON b.id = m.mailbox WHERE m.record = $1
    GROUP BY m.mailbox ORDER BY b.user, m.mailbox";

#[async_trait]
impl LedgerEngine for SqliteEngine {
    async fn fingerprint_key(&self, tenant: TenantId) -> Result<[u8; 32]> {
        self.keys.fingerprint_key(tenant).await
    }
    async fn ledger_page(
        &self,
        tenant: TenantId,
        filter: &LedgerFilter,
        before: Option<LedgerId>,
        most: u32,
    ) -> Result<Vec<LedgerLine>> {
        let (sql, first) = if filter.by_due { (BY_DUE, 0) } else { (PAGE, i64::MAX) };
        let query = sqlx::query_as(sql).bind(tenant.0).bind(before.map_or(first, |line| line.0));
        let query = query.bind(filter.since.map_or(i64::MIN, |since| since.0));
        let query = query.bind(filter.until.map_or(i64::MAX, |until| until.0));
        let query = query.bind(filter.person.trim().to_lowercase()).bind(filter.kind.map(store::LedgerKind::word));
        let query = query.bind(filter.state.map(store::LedgerState::word)).bind(most).bind(filter.resting);
        let due = filter.due.as_ref();
        let query = query.bind(due.map(|due| due.now.0)).bind(due.map(aged));
        let query = query.bind(due.is_some_and(|due| due.unseen)).bind(&filter.documents);
        let rows: Vec<Row> = query.fetch_all(&self.readers).await.map_err(failed)?;
        self.ledger_lines(rows).await
    }
    async fn ledger_line(&self, tenant: TenantId, id: LedgerId) -> Result<Option<LedgerLine>> {
        let query = sqlx::query_as(LINE).bind(tenant.0).bind(id.0);
        let row: Option<Row> = query.fetch_optional(&self.readers).await.map_err(failed)?;
        Ok(self.ledger_lines(row.into_iter().collect()).await?.pop())
    }
    async fn ledger_of_record(&self, record: RecordId) -> Result<Vec<LedgerLine>> {
        let query = sqlx::query_as(OF_RECORD).bind(record.0);
        let rows: Vec<Row> = query.fetch_all(&self.readers).await.map_err(failed)?;
        self.ledger_lines(rows).await
    }
    async fn ledger_history(&self, line: LedgerId) -> Result<Vec<LedgerEntry>> {
        let sql = "SELECT seq, line, at, act, actor, detail, chain FROM ledger_entry WHERE line = $1 ORDER BY seq";
        let rows = sqlx::query(sql).bind(line.0).fetch_all(&self.readers).await.map_err(failed)?;
        rows.iter().map(entry).collect()
    }
    async fn ledger_places(&self, record: RecordId) -> Result<LedgerPlaces> {
        let rows = sqlx::query(COPIES).bind(record.0).fetch_all(&self.readers).await.map_err(failed)?;
        let copies = rows.iter().map(copy).collect();
        let sql = "SELECT p.state, p.recipients FROM submission AS s JOIN parcel AS p ON p.submission = s.id
                   WHERE s.record = $1 ORDER BY p.id";
        let rows = sqlx::query(sql).bind(record.0).fetch_all(&self.readers).await.map_err(failed)?;
        let parcels = rows.iter().map(|row| {
            let state: String = row.get(0);
            let known = ParcelState::parse(&state).ok_or_else(|| StoreError::Damaged(format!("a parcel is {state}")));
            Ok((known?, words::json(row.get(1))?))
        });
        let parcels = parcels.collect::<Result<Vec<_>>>()?;
        let sql = "SELECT q.state, q.recipient FROM submission AS s JOIN parcel AS p ON p.submission = s.id
                   JOIN queue AS q ON q.parcel = p.id WHERE s.record = $1 AND q.state IN ('waiting', 'held') ORDER BY q.id";
        let rows = sqlx::query(sql).bind(record.0).fetch_all(&self.readers).await.map_err(failed)?;
        let queued = rows.iter().map(|row| Ok((words::read::<QueueState>(row.get(0))?, words::read(row.get(1))?)));
        let sql = "SELECT d.destroyed FROM record AS r JOIN disposed_key AS d ON d.key = r.key
                   WHERE r.id = $1 AND d.destroyed IS NOT NULL";
        let query = sqlx::query_scalar(sql).bind(record.0);
        let key_destroyed: Option<i64> = query.fetch_optional(&self.readers).await.map_err(failed)?;
        Ok(LedgerPlaces {
            copies,
            parcels,
            queued: queued.collect::<Result<Vec<_>>>()?,
            key_destroyed: key_destroyed.map(Timestamp),
        })
    }
    async fn dispose(&self, disposal: Disposal) -> Result<Disposed> {
        self.take_step(disposal).await
    }
    async fn dispose_each(&self, disposals: Vec<Disposal>) -> Vec<Result<Disposed>> {
        self.take_steps(disposals).await
    }
    async fn classify(&self, classified: Classified) -> Result<()> {
        self.write_kinds(classified).await
    }
    async fn ledger_figures(&self, tenant: TenantId, due: LedgerDue) -> Result<LedgerFigures> {
        let sql = "SELECT (SELECT count(*) FROM ledger INDEXED BY ledger_due WHERE tenant = $1 AND due <= $2 AND due IS NOT NULL
                             AND state IN ('kept', 'handed_over')),
                          (SELECT count(*) FROM ledger INDEXED BY ledger_aged WHERE tenant = $1 AND at < $3 AND documents IS NULL
                             AND state IN ('kept', 'handed_over'))";
        let query = sqlx::query_as(sql).bind(tenant.0).bind(due.now.0).bind(aged(&due));
        let (of_kinds, others): (i64, i64) = query.fetch_one(&self.readers).await.map_err(failed)?;
        let count = |n| u64::try_from(n).unwrap_or(0);
        Ok(LedgerFigures { of_kinds: count(of_kinds), aged: count(others) })
    }
    async fn distinct_numbers(&self, tenant: TenantId, lines: &[LedgerId]) -> Result<u64> {
        let lines = serde_json::to_string(lines).map_err(|error| StoreError::Engine(error.to_string()))?;
        let sql = "SELECT count(DISTINCT n.fingerprint) FROM ledger AS l JOIN ledger_number AS n ON n.line = l.id
                   WHERE l.tenant = $1 AND l.id IN (SELECT value FROM json_each($2))";
        let query = sqlx::query_scalar(sql).bind(tenant.0).bind(lines);
        let count: i64 = query.fetch_one(&self.readers).await.map_err(failed)?;
        Ok(u64::try_from(count).unwrap_or(0))
    }
}

fn copy(row: &SqliteRow) -> LedgerCopy {
    LedgerCopy {
        owner: LedgerKeeper::of(UserId(row.get(1))),
        mailbox: MailboxId(row.get(0)),
        name: row.get::<Option<String>, _>(3).unwrap_or_default(),
        role: crate::mailbox::role(row.get(4)),
        messages: u64::try_from(row.get::<i64, _>(2)).unwrap_or(0),
    }
}
