//! Links: what their pages and their senders ask. Each change is one job of the one writer, so of many tries at once each
//! finds what the one before it left. A posting makes them (`posting/links.rs`).

use std::sync::Arc;

use async_trait::async_trait;
use store::{
    AskedFrom, CODE_GOOD_FOR, CODES_PER_HOUR, CodeStep, Collection, Event, LINK_ACCESSES_MOST, LOCKED_FOR, LinkAccess,
    LinkChange, LinkEngine, LinkEvent, LinkRow, NewUpload, Proof, Renewal, Secret, StoreError, Taking, TokenHash,
    Tried, UPLOAD_BYTES_MOST, UPLOADS_MOST, UploadRow, WRONG_A_DAY, WRONG_IN_A_ROW, handlers_owner,
};
use types::{LinkId, MailboxId, ParcelId, SubmissionId, TenantId, Timestamp, Uid};

use crate::SqliteEngine;
use crate::database::failed;
use crate::keys::Keys;
use crate::outgoing::{submission_columns, submission_row, words};
use crate::sql;
use crate::writer::{Job, Lane};

type Result<T> = std::result::Result<T, StoreError>;

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// The columns of a link before those of its submission.
const OWN_COLUMNS: usize = 20;
/// A link with its submission; what follows says which.
macro_rules! select {
    ($which:literal) => {
        concat!(
            "SELECT l.id, l.parcel, l.recipient, l.whole, l.password, l.replies, l.downloads, l.made, l.expires, \
             l.stopped, l.locked_until, \
             (SELECT json_group_array(json_array(f.file, f.used)) FROM link_file f WHERE f.link = l.id), \
             (SELECT count(*) FROM link_access a WHERE a.link = l.id AND a.event = 'code_sent'), \
             (SELECT count(*) FROM link_upload u WHERE u.link = l.id), \
             (SELECT ifnull(sum(u.bytes), 0) FROM link_upload u WHERE u.link = l.id), \
             c.title, c.note, c.expected, c.remind_at, \
             (SELECT count(*) FROM link_access a WHERE a.link = l.id AND a.event = 'wrong'), ",
            submission_columns!(),
            " FROM link l JOIN submission s ON s.id = l.submission JOIN record r ON r.id = s.record \
             LEFT JOIN collection c ON c.link = l.id WHERE ",
            $which
        )
    };
}
const BY_TOKEN: &str = select!("l.token = $1");
const BY_NUMBER: &str = select!("l.id = $1");
const OF_MAIL: &str = select!("l.submission = $1 ORDER BY l.id");
const OF_COMPANY: &str = select!(
    "l.id IN (SELECT link FROM collection WHERE tenant = $1 AND link < $2 ORDER BY link DESC LIMIT $3) ORDER BY l.id DESC"
);
const TO_REMIND: &str = select!(
    "l.id IN (SELECT link FROM collection WHERE remind_at <= $1 AND (remind_at, link) > ($2, $3) \
     ORDER BY remind_at, link LIMIT $4) ORDER BY c.remind_at, l.id"
);
const UPLOADS: &str = "SELECT u.at, u.files, u.bytes, (SELECT m.uid FROM message m JOIN mailbox b ON b.id = m.mailbox \
     WHERE m.record = u.record AND b.user = $2 LIMIT 1) FROM link_upload u WHERE u.link = $1 ORDER BY u.id";

/// One statement for all links of a mail, with a bound on each.
const ACCESSES: &str = "SELECT at, event, network, agent, file, id, link FROM (SELECT a.id, a.at, a.event, a.network, a.agent, \
     a.file, a.link, row_number() OVER (PARTITION BY a.link ORDER BY a.id DESC) AS turn FROM link l \
     JOIN link_access a ON a.link = l.id WHERE l.submission = $1) WHERE turn <= $2 ORDER BY link, id DESC";

const EARLIER: &str =
    "SELECT at, event, network, agent, file, id FROM link_access WHERE link = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
const STATE: &str =
    "SELECT who, downloads, expires, stopped, locked_until, code, code_until, wrong FROM link WHERE id = $1";
const NOTE: &str = "INSERT INTO link_access (link, at, event, network, agent, file) VALUES ($1, $2, $3, $4, $5, $6)";
/// How often something happened to any link of a recipient since a moment, and when first.
const SO_OFTEN: &str = "SELECT count(*), ifnull(min(a.at), 0) FROM link l JOIN link_access a ON a.link = l.id
     WHERE l.who = $1 AND a.event = $2 AND a.at > $3";
const PUT_CODE: &str = "UPDATE link SET code = $2, code_until = $3 WHERE id = $1";
const OPEN: &str = "UPDATE link SET code = NULL, wrong = 0 WHERE id = $1";
const COUNT_WRONG: &str = "UPDATE link SET wrong = wrong + 1 WHERE id = $1";
const LOCK: &str = "UPDATE link SET code = NULL, wrong = 0, locked_until = $2 WHERE id = $1";
const TAKE: &str = "INSERT INTO link_file (link, file, used) VALUES ($1, $2, 1)
     ON CONFLICT (link, file) DO UPDATE SET used = used + 1 WHERE used < $3";
const STOP: &str = "UPDATE link SET stopped = $2, code = NULL WHERE id = $1 AND stopped IS NULL";
/// Of a mail that was disposed of nothing is left to which it could lead.
const EXTEND: &str = "UPDATE link SET expires = $2, downloads = $3, stopped = NULL WHERE id = $1 AND NOT EXISTS \
     (SELECT 1 FROM submission AS s JOIN disposed_record AS e ON e.record = s.record WHERE s.id = link.submission)";
const RENEW: &str = "UPDATE link SET token = $2, code = NULL, wrong = 0, locked_until = 0 \
     WHERE id = $1 AND stopped IS NULL AND expires > $3";

/// A link as a change finds it.
struct State {
    who: String,
    downloads: i64,
    open: bool,
    locked_until: i64,
    code: Option<Vec<u8>>,
    code_until: i64,
    wrong: i64,
}

async fn state(tx: &mut sql::Here, link: LinkId, at: Timestamp) -> Result<State> {
    let found = sql::query(STATE).bind(link.0).fetch_optional(tx).await.map_err(failed)?;
    let row = found.ok_or_else(|| StoreError::NotFound(format!("link {link}")))?;
    let stopped: Option<i64> = row.get(3);
    Ok(State {
        who: row.get(0),
        downloads: row.get(1),
        open: stopped.is_none() && at.0 < row.get::<i64, _>(2),
        locked_until: row.get(4),
        code: row.get(5),
        code_until: row.get::<Option<i64>, _>(6).unwrap_or(0),
        wrong: row.get(7),
    })
}

/// Writes an access down.
async fn note(
    tx: &mut sql::Here,
    link: LinkId,
    event: LinkEvent,
    from: &AskedFrom,
    at: Timestamp,
    file: Option<u32>,
) -> Result<()> {
    let query = sql::query(NOTE).bind(link.0).bind(at.0).bind(words::link_event(event));
    let query = query.bind(&from.network).bind(&from.agent).bind(file);
    query.execute(tx).await.map_err(failed)?;
    Ok(())
}

async fn so_often(tx: &mut sql::Here, who: &str, event: LinkEvent, since: i64) -> Result<(i64, i64)> {
    let query = sql::query_as(SO_OFTEN).bind(who).bind(words::link_event(event)).bind(since);
    query.fetch_one(tx).await.map_err(failed)
}

/// Until when nothing opens a recipient's links; `None`: not locked.
async fn locked(tx: &mut sql::Here, state: &State, at: Timestamp) -> Result<Option<Timestamp>> {
    if state.locked_until > at.0 {
        return Ok(Some(Timestamp(state.locked_until)));
    }
    let (wrong, first) = so_often(tx, &state.who, LinkEvent::Wrong, at.0 - DAY_MS).await?;
    Ok((wrong >= i64::from(WRONG_A_DAY)).then_some(Timestamp(first + DAY_MS)))
}

struct PutCode {
    link: LinkId,
    code: TokenHash,
    from: AskedFrom,
    at: Timestamp,
}

#[async_trait]
impl Job for PutCode {
    type Answer = CodeStep;
    async fn run(&self, tx: &mut sql::Here, _events: &mut Vec<Event>) -> Result<CodeStep> {
        let state = state(&mut *tx, self.link, self.at).await?;
        if !state.open {
            return Ok(CodeStep::Gone);
        }
        if let Some(until) = locked(&mut *tx, &state, self.at).await? {
            return Ok(CodeStep::Locked(until));
        }
        let (sent, _) = so_often(&mut *tx, &state.who, LinkEvent::CodeSent, self.at.0 - HOUR_MS).await?;
        if sent >= i64::from(CODES_PER_HOUR) {
            return Ok(CodeStep::TooMany);
        }
        let query = sql::query(PUT_CODE).bind(self.link.0).bind(&self.code.0[..]).bind(self.at.after(CODE_GOOD_FOR).0);
        query.execute(&mut *tx).await.map_err(failed)?;
        note(tx, self.link, LinkEvent::CodeSent, &self.from, self.at, None).await?;
        Ok(CodeStep::Stands)
    }
}

struct TryLink {
    link: LinkId,
    proof: Proof,
    from: AskedFrom,
    at: Timestamp,
}

impl TryLink {
    fn is_right(&self, state: &State) -> bool {
        match self.proof {
            Proof::Code(hash) => state.code.as_deref() == Some(&hash.0[..]) && self.at.0 < state.code_until,
            Proof::Password(right) => right,
        }
    }

    async fn wrong(&self, tx: &mut sql::Here, state: &State) -> Result<Tried> {
        note(&mut *tx, self.link, LinkEvent::Wrong, &self.from, self.at, None).await?;
        let (today, first) = so_often(&mut *tx, &state.who, LinkEvent::Wrong, self.at.0 - DAY_MS).await?;
        let wrong = state.wrong + 1;
        let until = if today >= i64::from(WRONG_A_DAY) {
            Timestamp(first + DAY_MS)
        } else if wrong >= i64::from(WRONG_IN_A_ROW) {
            self.at.after(LOCKED_FOR)
        } else {
            sql::query(COUNT_WRONG).bind(self.link.0).execute(tx).await.map_err(failed)?;
            return Ok(Tried::Wrong(WRONG_IN_A_ROW - u32::try_from(wrong).unwrap_or(WRONG_IN_A_ROW)));
        };
        sql::query(LOCK).bind(self.link.0).bind(until.0).execute(&mut *tx).await.map_err(failed)?;
        note(tx, self.link, LinkEvent::Locked, &self.from, self.at, None).await?;
        Ok(Tried::Locked { until, now: true })
    }
}

#[async_trait]
impl Job for TryLink {
    type Answer = Tried;
    async fn run(&self, tx: &mut sql::Here, _events: &mut Vec<Event>) -> Result<Tried> {
        let state = state(&mut *tx, self.link, self.at).await?;
        if !state.open {
            return Ok(Tried::Gone);
        }
        if let Some(until) = locked(&mut *tx, &state, self.at).await? {
            return Ok(Tried::Locked { until, now: false });
        }
        if !self.is_right(&state) {
            return self.wrong(tx, &state).await;
        }
        sql::query(OPEN).bind(self.link.0).execute(&mut *tx).await.map_err(failed)?;
        note(tx, self.link, LinkEvent::Opened, &self.from, self.at, None).await?;
        Ok(Tried::Open)
    }
}

struct Take {
    keys: Arc<Keys>,
    link: LinkId,
    file: u32,
    from: AskedFrom,
    at: Timestamp,
}

#[async_trait]
impl Job for Take {
    type Answer = Taking;
    async fn run(&self, tx: &mut sql::Here, _events: &mut Vec<Event>) -> Result<Taking> {
        let state = state(&mut *tx, self.link, self.at).await?;
        if !state.open {
            return Ok(Taking::Gone);
        }
        let query = sql::query(TAKE).bind(self.link.0).bind(self.file).bind(state.downloads);
        let counted = query.execute(&mut *tx).await.map_err(failed)?.rows_affected();
        if counted == 0 {
            return Ok(Taking::UsedUp);
        }
        note(tx, self.link, LinkEvent::Downloaded, &self.from, self.at, Some(self.file)).await?;
        crate::ledger::downloaded(tx, &self.keys, self.link, self.at).await?;
        Ok(Taking::Counted)
    }
}

const SENT_BACK: &str = "SELECT l.replies, count(u.id), ifnull(sum(u.bytes), 0) FROM link l LEFT JOIN link_upload u ON u.link = l.id \
     WHERE l.id = $1 GROUP BY l.id";
const UPLOAD: &str = "INSERT INTO link_upload (link, at, files, bytes, record) VALUES ($1, $2, $3, $4, $5)";

/// Writes down that files came back, within the transaction of the mail that brings them.
pub(crate) async fn sent_back(tx: &mut sql::Here, upload: &NewUpload, record: i64) -> Result<()> {
    let NewUpload { link, files, bytes, from, at, .. } = upload;
    let gone = || StoreError::NotFound(format!("link {link}"));
    if !state(&mut *tx, *link, *at).await?.open {
        return Err(gone());
    }
    let found = sql::query_as(SENT_BACK).bind(link.0).fetch_optional(&mut *tx).await.map_err(failed)?;
    let (takes, times, before): (bool, i64, i64) = found.ok_or_else(gone)?;
    let bytes = i64::try_from(*bytes).unwrap_or(i64::MAX);
    let most = i64::try_from(UPLOAD_BYTES_MOST).unwrap_or(i64::MAX);
    if !takes || times >= i64::from(UPLOADS_MOST) || before.saturating_add(bytes) > most {
        return Err(StoreError::Conflict(format!("files for link {link}")));
    }
    let query = sql::query(UPLOAD).bind(link.0).bind(at.0).bind(files).bind(bytes).bind(record);
    query.execute(&mut *tx).await.map_err(failed)?;
    note(tx, *link, LinkEvent::Replied, from, *at, Some(*files)).await
}

struct ChangeLink {
    link: LinkId,
    change: LinkChange,
    at: Timestamp,
}

#[async_trait]
impl Job for ChangeLink {
    type Answer = ();
    async fn run(&self, tx: &mut sql::Here, _events: &mut Vec<Event>) -> Result<()> {
        state(&mut *tx, self.link, self.at).await?;
        let (query, event) = match &self.change {
            LinkChange::Stop => (sql::query(STOP).bind(self.link.0).bind(self.at.0), LinkEvent::Stopped),
            LinkChange::Extend { expires, downloads } => {
                (sql::query(EXTEND).bind(self.link.0).bind(expires.0).bind(downloads), LinkEvent::Extended)
            }
        };
        let changed = query.execute(&mut *tx).await.map_err(failed)?.rows_affected();
        match (changed, event) {
            (0, LinkEvent::Extended) => Err(StoreError::Conflict(format!("link {}", self.link))),
            // what was stopped before is not stopped again
            (0, _) => Ok(()),
            _ => note(tx, self.link, event, &nowhere(), self.at, None).await,
        }
    }
}

/// Of what is done to a link here nobody asked from elsewhere.
fn nowhere() -> AskedFrom {
    AskedFrom { network: String::new(), agent: String::new() }
}

/// Gives a link its new address, within the transaction of the mail that tells of it.
pub(crate) async fn renewed(tx: &mut sql::Here, renewal: &Renewal) -> Result<()> {
    let Renewal { link, token, at } = renewal;
    state(&mut *tx, *link, *at).await?;
    let query = sql::query(RENEW).bind(link.0).bind(&token.0[..]).bind(at.0);
    if query.execute(&mut *tx).await.map_err(failed)?.rows_affected() == 0 {
        return Err(StoreError::Conflict(format!("link {link}")));
    }
    note(tx, *link, LinkEvent::Renewed, &nowhere(), *at, None).await
}

fn row(found: &sql::Row) -> Result<LinkRow> {
    Ok(LinkRow {
        id: LinkId(found.get(0)),
        parcel: ParcelId(found.get(1)),
        recipient: words::read(found.get(2))?,
        whole: found.get(3),
        password: found.get::<Option<String>, _>(4).map(|hash| Secret::new(hash.into())),
        replies: found.get(5),
        downloads: found.get(6),
        made: Timestamp(found.get(7)),
        expires: Timestamp(found.get(8)),
        stopped: found.get::<Option<i64>, _>(9).map(Timestamp),
        locked_until: Timestamp(found.get(10)),
        taken: words::json(found.get(11))?,
        codes: found.get(12),
        wrong: found.get(19),
        uploads: found.get(13),
        uploaded: u64::try_from(found.get::<i64, _>(14)).unwrap_or(0),
        collection: collection(found)?,
        submission: submission_row(found, OWN_COLUMNS)?,
    })
}

fn collection(found: &sql::Row) -> Result<Option<Collection>> {
    let Some(title) = found.get::<Option<String>, _>(15) else { return Ok(None) };
    let (note, remind_at) = (found.get(16), found.get::<Option<i64>, _>(18).map(Timestamp));
    Ok(Some(Collection { title, note, expected: words::json(found.get(17))?, remind_at }))
}

fn upload(found: &sql::Row) -> UploadRow {
    let bytes = u64::try_from(found.get::<i64, _>(2)).unwrap_or(0);
    UploadRow { at: Timestamp(found.get(0)), files: found.get(1), bytes, uid: found.get::<Option<u32>, _>(3).map(Uid) }
}

struct MakeBox(TenantId);

#[async_trait]
impl Job for MakeBox {
    type Answer = MailboxId;
    async fn run(&self, tx: &mut sql::Here, events: &mut Vec<Event>) -> Result<MailboxId> {
        crate::mailbox::make_box(tx, self.0, handlers_owner(self.0), events).await
    }
}

fn access(found: &sql::Row) -> Result<LinkAccess> {
    Ok(LinkAccess {
        seq: found.get(5),
        at: Timestamp(found.get(0)),
        event: words::read(found.get(1))?,
        from: AskedFrom { network: found.get(2), agent: found.get(3) },
        file: found.get(4),
    })
}

#[async_trait]
impl LinkEngine for SqliteEngine {
    async fn link_of_token(&self, token: TokenHash) -> Result<Option<LinkRow>> {
        let query = sql::query(BY_TOKEN).bind(&token.0[..]);
        query.fetch_optional(&self.readers).await.map_err(failed)?.as_ref().map(row).transpose()
    }
    async fn link(&self, link: LinkId) -> Result<Option<LinkRow>> {
        let query = sql::query(BY_NUMBER).bind(link.0);
        query.fetch_optional(&self.readers).await.map_err(failed)?.as_ref().map(row).transpose()
    }
    async fn links_of(&self, submission: SubmissionId) -> Result<Vec<LinkRow>> {
        let query = sql::query(OF_MAIL).bind(submission.0);
        query.fetch_all(&self.readers).await.map_err(failed)?.iter().map(row).collect()
    }
    async fn accesses_of(&self, submission: SubmissionId) -> Result<Vec<(LinkId, LinkAccess)>> {
        let query = sql::query(ACCESSES).bind(submission.0).bind(LINK_ACCESSES_MOST);
        let found = query.fetch_all(&self.readers).await.map_err(failed)?;
        found.iter().map(|row| Ok((LinkId(row.get(6)), access(row)?))).collect()
    }
    async fn accesses_before(&self, link: LinkId, before: i64) -> Result<Vec<LinkAccess>> {
        let query = sql::query(EARLIER).bind(link.0).bind(before).bind(LINK_ACCESSES_MOST);
        query.fetch_all(&self.readers).await.map_err(failed)?.iter().map(access).collect()
    }
    async fn put_code(&self, link: LinkId, code: TokenHash, from: AskedFrom, at: Timestamp) -> Result<CodeStep> {
        self.writer.run(Lane::Quick, PutCode { link, code, from, at }).await
    }
    async fn try_link(&self, link: LinkId, proof: Proof, from: AskedFrom, at: Timestamp) -> Result<Tried> {
        self.writer.run(Lane::Quick, TryLink { link, proof, from, at }).await
    }
    async fn begin_download(&self, link: LinkId, file: u32, from: AskedFrom, at: Timestamp) -> Result<Taking> {
        let keys = self.keys.clone();
        self.writer.run(Lane::Quick, Take { keys, link, file, from, at }).await
    }
    async fn uploads(&self, link: LinkId) -> Result<Vec<UploadRow>> {
        let Some(row) = LinkEngine::link(self, link).await? else { return Ok(Vec::new()) };
        let query = sql::query(UPLOADS).bind(link.0).bind(handlers_owner(row.submission.tenant).0);
        Ok(query.fetch_all(&self.readers).await.map_err(failed)?.iter().map(upload).collect())
    }
    async fn collections(&self, tenant: TenantId, before: Option<LinkId>, most: u32) -> Result<Vec<LinkRow>> {
        let query = sql::query(OF_COMPANY).bind(tenant.0).bind(before.map_or(i64::MAX, |link| link.0)).bind(most);
        query.fetch_all(&self.readers).await.map_err(failed)?.iter().map(row).collect()
    }
    async fn collections_to_remind(
        &self,
        at: Timestamp,
        after: Option<(Timestamp, LinkId)>,
        most: u32,
    ) -> Result<Vec<LinkRow>> {
        let (due, link) = after.map_or((i64::MIN, 0), |(due, link)| (due.0, link.0));
        let query = sql::query(TO_REMIND).bind(at.0).bind(due).bind(link).bind(most);
        query.fetch_all(&self.readers).await.map_err(failed)?.iter().map(row).collect()
    }
    async fn handlers_box(&self, tenant: TenantId) -> Result<MailboxId> {
        self.writer.run(Lane::Quick, MakeBox(tenant)).await
    }
    async fn change_link(&self, link: LinkId, change: LinkChange, at: Timestamp) -> Result<()> {
        self.writer.run(Lane::Quick, ChangeLink { link, change, at }).await
    }
}
