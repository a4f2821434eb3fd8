//! What sessions ask: the list of mailboxes, opening one, what changed, flags, messages. Each asks a
//! reader one statement (few messages a near one), so each is one snapshot, and no read transaction outlives its statement.

use std::ops::Range;

use sqlx::{FromRow, SqlitePool};
use store::{Changes, FlagFilter, FlagRow, Mailbox, MessageRow, Opened, StoreError, Usage, Want};
use types::{KeyId, MailboxId, ModSeq, RecordId, Timestamp, Uid, UidSet, UserId};

use super::cache::{Cache, Since};
use super::rows::{MailboxRow, column, flags, mailbox_columns, modseq, not_selectable};
use super::tree::Tree;
use super::{load, packed};
use crate::database::failed;
use crate::keys::Keys;
use crate::sql;

type Result<T> = std::result::Result<T, StoreError>;

/// Sets up to this size are read as rows, larger ones from the view in memory.
const FEW: usize = 64;

/// All mailboxes of a person, ordered by name.
pub async fn list(db: &SqlitePool, user: UserId) -> Result<Vec<Mailbox>> {
    let sql = concat!("SELECT ", mailbox_columns!(), " FROM mailbox WHERE user = $1");
    let rows: Vec<MailboxRow> = sql::query_as(sql).bind(user.0).fetch_all(db).await.map_err(failed)?;
    let named = Tree::new(rows).into_named();
    Ok(named.into_iter().map(|(name, has_children, row)| row.named(name, has_children)).collect())
}

/// What all mailboxes of a person hold together.
pub async fn usage(db: &SqlitePool, user: UserId) -> Result<Usage> {
    let sql = "SELECT ifnull(sum(size), 0), ifnull(sum(messages), 0) FROM mailbox WHERE user = $1";
    let (size, messages): (i64, i64) = sqlx::query_as(sql).bind(user.0).fetch_one(db).await.map_err(failed)?;
    Ok(Usage { bytes: u64::try_from(size).unwrap_or(0), messages: u64::try_from(messages).unwrap_or(0) })
}

/// Opens a mailbox.
pub async fn open(
    db: &SqlitePool,
    cache: &Cache,
    user: UserId,
    mailbox: MailboxId,
    claim_recent: bool,
) -> Result<Opened> {
    let (name, has_children) = cache.lists.name_of(db, user, mailbox).await?;
    let opened = |view: &super::view::View| {
        let row = view.row();
        if !row.selectable {
            return Err(not_selectable());
        }
        let from = cache.recent(mailbox, row.recent_from, row.uid_next, claim_recent);
        Ok(Opened {
            mailbox: row.named(name, has_children),
            uids: view.uids().clone(),
            first_unseen: view.first_unseen(),
            keywords: view.keywords(),
            recent: view.uids().intersection(&from_to(from, row.uid_next)),
        })
    };
    cache.ask(db, user, mailbox, opened).await?
}

fn from_to(from: u32, next: u32) -> UidSet {
    let mut set = UidSet::new();
    set.insert_run(from, next.saturating_sub(1));
    set
}

/// What came, changed and went since `since`.
pub async fn changes(
    db: &SqlitePool,
    cache: &Cache,
    user: UserId,
    mailbox: MailboxId,
    since: ModSeq,
    claim_recent: bool,
) -> Result<Changes> {
    let Since { row, rows, gone } = cache.since(db, user, mailbox, column(since)).await?;
    let from = cache.recent(mailbox, row.recent_from, row.uid_next, claim_recent);
    // what both came and went after `since` was never in the view at `since`
    let (known, passing): (Vec<_>, Vec<_>) = gone.iter().partition(|(_, created)| *created <= column(since));
    let complete = since > ModSeq(0) && column(since) >= row.forgotten;
    Ok(Changes {
        complete,
        modseq: Some(modseq(row.modseq)),
        recent: rows.iter().map(|row| row.uid).filter(|uid| uid.0 >= from).collect(),
        rows,
        expunged: uids(known),
        came_and_went: uids(passing),
    })
}

fn uids(gone: Vec<&(u32, i64)>) -> UidSet {
    let mut uids: Vec<u32> = gone.into_iter().map(|(uid, _)| *uid).collect();
    uids.sort_unstable();
    uids.into_iter().map(Uid).collect()
}

/// Flags of those of `uids` that are in the mailbox and that the filter admits.
pub async fn flags_of(
    db: &SqlitePool,
    cache: &Cache,
    (user, mailbox): (UserId, MailboxId),
    uids: &UidSet,
    filter: FlagFilter,
) -> Result<Vec<FlagRow>> {
    if let Some(rows) = cache.ask_current(user, mailbox, |view| view.flags(uids, filter)) {
        return Ok(rows);
    }
    if uids.len() > FEW {
        return cache.ask(db, user, mailbox, |view| view.flags(uids, filter)).await;
    }
    let loaded = load::these(db, user, mailbox, uids).await?;
    let rows = loaded.messages.iter().map(super::rows::MessageFlags::row);
    Ok(rows.filter(|row| filter.admits(row.flags.system)).collect())
}

/// A message as its columns.
#[derive(Debug, PartialEq, Eq, FromRow)]
pub struct Row {
    pub uid: u32,
    pub modseq: i64,
    pub flags: i64,
    pub keywords: String,
    pub internal_date: i64,
    pub record: i64,
    pub prefix: Vec<u8>,
    pub cuts: String,
    pub saved: Option<i64>,
    pub record_size: i64,
    pub key: i64,
    pub sensitive: bool,
    pub summary: Option<Vec<u8>>,
}

/// The columns of [`Row`], of `message m` and `record r`; `$summary` is what is read of the summary.
macro_rules! message_columns {
    ($summary:literal) => {
        concat!(
            "m.uid, m.modseq, m.flags, m.keywords, m.internal_date, m.record, m.prefix, m.cuts, m.saved, r.size AS record_size, \
             r.key, r.sensitive, ",
            $summary,
            " AS summary"
        )
    };
}
pub(super) use message_columns;

/// Messages of `uids`, ascending.
pub async fn messages(
    (db, near): (&SqlitePool, &sql::Near),
    keys: &Keys,
    user: UserId,
    mailbox: MailboxId,
    uids: &UidSet,
    want: Want,
) -> Result<Vec<MessageRow>> {
    let rows = if uids.len() <= sql::Near::MOST {
        packed::some(near, user, mailbox, uids, want).await?
    } else {
        packed::some(db, user, mailbox, uids, want).await?
    };
    if rows.is_empty() {
        load::row(db, user, mailbox).await?;
    }
    opened(keys, rows).await
}

/// The rows as messages, summaries opened under their records' keys, which are fetched together.
pub async fn opened(keys: &Keys, rows: Vec<Row>) -> Result<Vec<MessageRow>> {
    let wanted = rows.iter().filter(|row| row.summary.is_some()).map(|row| KeyId(row.key));
    keys.fetch(wanted).await?;
    let mut messages = Vec::with_capacity(rows.len());
    for row in rows {
        messages.push(message(keys, row).await?);
    }
    Ok(messages)
}

async fn message(keys: &Keys, row: Row) -> Result<MessageRow> {
    let summary = match row.summary {
        // of a mail that was disposed of nothing is left
        Some(sealed) if sealed.is_empty() => Some(sealed),
        Some(sealed) => Some(keys.get(KeyId(row.key)).await?.open_column("summary", &sealed)?),
        None => None,
    };
    Ok(MessageRow {
        uid: Uid(row.uid),
        modseq: modseq(row.modseq),
        flags: flags(row.flags, &row.keywords),
        internal_date: Timestamp(row.internal_date),
        saved: row.saved.map(Timestamp),
        record: RecordId(row.record),
        record_size: u64::try_from(row.record_size).unwrap_or(0),
        prefix: row.prefix,
        cuts: cuts(&row.cuts)?,
        sensitive: row.sensitive,
        summary,
    })
}

/// Reads a column of cuts.
pub fn cuts(text: &str) -> Result<Vec<Range<u64>>> {
    if text == "[]" {
        return Ok(Vec::new());
    }
    let pairs: Vec<(u64, u64)> =
        serde_json::from_str(text).map_err(|_| StoreError::Damaged("the cuts of a message".into()))?;
    Ok(pairs.into_iter().map(|(start, end)| start..end).collect())
}
