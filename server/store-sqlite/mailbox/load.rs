//! A mailbox row together with some of its messages, in one statement and one row: each row that the driver hands
//! to a reader elsewhere costs some 7 µs, so messages come as lines of one text. One statement is one snapshot.

use store::StoreError;
use types::{MailboxId, UidSet, UserId};

use super::rows::{MailboxRow, MessageFlags, mailbox_columns, runs};
use crate::database::failed;
use crate::sql;

type Result<T> = std::result::Result<T, StoreError>;

/// A message as a line of text.
macro_rules! line {
    () => {
        "uid || ' ' || modseq || ' ' || created || ' ' || flags || ' ' || size || ' ' || record || ' ' || (cuts <> '[]') || ' ' || keywords"
    };
}

/// A statement that gives the mailbox $1 of user $2 with `lines` of messages and `gone` UIDs.
macro_rules! loading {
    ($lines:expr, $gone:expr) => {
        concat!(
            "SELECT ",
            mailbox_columns!(),
            ", ",
            $lines,
            " AS lines, ",
            $gone,
            " AS gone
                 FROM mailbox WHERE id = $1 AND user = $2"
        )
    };
}

const ALL: &str =
    loading!(concat!("(SELECT group_concat(", line!(), ", char(10)) FROM message WHERE mailbox = $1)"), "NULL");
const SINCE: &str = loading!(
    concat!("(SELECT group_concat(", line!(), ", char(10)) FROM message WHERE mailbox = $1 AND modseq > $3)"),
    "(SELECT group_concat(uid || ' ' || created, char(10)) FROM tombstone WHERE mailbox = $1 AND expunged > $4)"
);
/// [`super::PIECE`] as it stands in statements: SQLite prepares one anew for each value that is bound to a LIMIT.
macro_rules! piece {
    () => {
        "1000"
    };
}
const ONE_RUN: &str = loading!(
    concat!(
        "(SELECT group_concat(",
        line!(),
        ", char(10)) FROM (SELECT * FROM message WHERE mailbox = $1 AND uid BETWEEN $3 AND $4 LIMIT ",
        piece!(),
        "))"
    ),
    "NULL"
);
const SOME: &str = loading!(
    concat!(
        "(SELECT group_concat(",
        line!(),
        ", char(10)) FROM
          (SELECT m.* FROM json_each($3) AS r CROSS JOIN message AS m
           WHERE r.value->>1 > $4 AND m.mailbox = $1 AND m.uid BETWEEN r.value->>0 AND r.value->>1 AND m.uid > $4
           LIMIT ",
        piece!(),
        "))"
    ),
    "NULL"
);
const THESE: &str = loading!(
    concat!(
        "(SELECT group_concat(",
        line!(),
        ", char(10)) FROM
          (SELECT m.* FROM json_each($3) AS r CROSS JOIN message AS m
           WHERE m.mailbox = $1 AND m.uid BETWEEN r.value->>0 AND r.value->>1))"
    ),
    "NULL"
);
const DELETED: &str = loading!(
    concat!(
        "(SELECT group_concat(",
        line!(),
        ", char(10)) FROM
          (SELECT * FROM message AS m INDEXED BY message_deleted WHERE m.mailbox = $1 AND m.flags & 8 = 8 AND ($3 IS NULL OR EXISTS
             (SELECT 1 FROM json_each($3) AS r WHERE m.uid BETWEEN r.value->>0 AND r.value->>1))
           ORDER BY m.uid LIMIT ",
        piece!(),
        "))"
    ),
    "NULL"
);
const ROW: &str = loading!("NULL", "NULL");

struct Raw {
    mailbox: MailboxRow,
    lines: Option<String>,
    gone: Option<String>,
}

impl sql::FromRow for Raw {
    fn from_row(row: &sql::Row, at: &mut usize) -> std::result::Result<Self, sqlx::Error> {
        let mailbox = MailboxRow::from_row(row, at)?;
        Ok(Self { mailbox, lines: sql::next(row, at)?, gone: sql::next(row, at)? })
    }
}

/// A mailbox with messages.
#[derive(Debug)]
pub struct Loaded {
    /// The mailbox.
    pub mailbox: MailboxRow,
    /// The messages asked for, ascending by UID.
    pub messages: Vec<MessageFlags>,
    /// UIDs that went since, with the MODSEQ at which they came; only from [`since`].
    pub gone: Vec<(u32, i64)>,
}

impl Loaded {
    fn read(raw: Raw) -> Result<Self> {
        let mut messages = Vec::new();
        for line in raw.lines.iter().flat_map(|lines| lines.split('\n')) {
            messages.push(message(line).ok_or_else(|| StoreError::Damaged("a message row".into()))?);
        }
        messages.sort_unstable_by_key(|message| message.uid);
        let mut gone = Vec::new();
        for line in raw.gone.iter().flat_map(|lines| lines.split('\n')) {
            let pair = line.split_once(' ').and_then(|(uid, created)| Some((uid.parse().ok()?, created.parse().ok()?)));
            gone.push(pair.ok_or_else(|| StoreError::Damaged("a tombstone row".into()))?);
        }
        Ok(Self { mailbox: raw.mailbox, messages, gone })
    }
}

fn message(line: &str) -> Option<MessageFlags> {
    let mut fields = line.splitn(8, ' ');
    Some(MessageFlags {
        uid: fields.next()?.parse().ok()?,
        modseq: fields.next()?.parse().ok()?,
        created: fields.next()?.parse().ok()?,
        flags: fields.next()?.parse().ok()?,
        size: fields.next()?.parse().ok()?,
        record: fields.next()?.parse().ok()?,
        cut: fields.next()? == "1",
        keywords: fields.next()?.to_owned(),
    })
}

fn found(mailbox: MailboxId, raw: Option<Raw>) -> Result<Loaded> {
    Loaded::read(raw.ok_or_else(|| super::rows::not_found(mailbox))?)
}

/// The mailbox with all its messages.
pub async fn all(db: impl sql::Executor, user: UserId, mailbox: MailboxId) -> Result<Loaded> {
    let query = sql::query_as(ALL).bind(mailbox.0).bind(user.0);
    found(mailbox, query.fetch_optional(db).await.map_err(failed)?)
}

/// The mailbox with what came or changed after the MODSEQ `changed`, and what went after `gone`.
pub async fn since(
    db: impl sql::Executor,
    user: UserId,
    mailbox: MailboxId,
    changed: i64,
    gone: i64,
) -> Result<Loaded> {
    let query = sql::query_as(SINCE).bind(mailbox.0).bind(user.0).bind(changed).bind(gone);
    found(mailbox, query.fetch_optional(db).await.map_err(failed)?)
}

/// The mailbox with at most [`super::PIECE`] messages of `uids`, the least of those above `after`.
pub async fn some(
    db: impl sql::Executor,
    user: UserId,
    mailbox: MailboxId,
    uids: &UidSet,
    after: u32,
) -> Result<Loaded> {
    let query = match uids.runs() {
        [(first, last)] => {
            let first = (*first).max(after.saturating_add(1));
            sql::query_as(ONE_RUN).bind(mailbox.0).bind(user.0).bind(first).bind(*last)
        }
        _ => sql::query_as(SOME).bind(mailbox.0).bind(user.0).bind(runs(uids)).bind(after),
    };
    found(mailbox, query.fetch_optional(db).await.map_err(failed)?)
}

/// The mailbox with all messages of `uids`.
pub async fn these(db: impl sql::Executor, user: UserId, mailbox: MailboxId, uids: &UidSet) -> Result<Loaded> {
    let query = sql::query_as(THESE).bind(mailbox.0).bind(user.0).bind(runs(uids));
    found(mailbox, query.fetch_optional(db).await.map_err(failed)?)
}

/// The mailbox with at most [`super::PIECE`] messages that bear `\Deleted`, the least of `uids` (all when `None`).
pub async fn deleted(
    db: impl sql::Executor,
    user: UserId,
    mailbox: MailboxId,
    uids: Option<&UidSet>,
) -> Result<Loaded> {
    let query = sql::query_as(DELETED).bind(mailbox.0).bind(user.0).bind(uids.map(runs));
    found(mailbox, query.fetch_optional(db).await.map_err(failed)?)
}

/// The mailbox alone.
pub async fn row(db: impl sql::Executor, user: UserId, mailbox: MailboxId) -> Result<MailboxRow> {
    let query = sql::query_as(ROW).bind(mailbox.0).bind(user.0);
    Ok(found(mailbox, query.fetch_optional(db).await.map_err(failed)?)?.mailbox)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_piece_is_as_large_in_statements_as_elsewhere() {
        assert_eq!(piece!().parse(), Ok(crate::mailbox::PIECE));
    }
}
