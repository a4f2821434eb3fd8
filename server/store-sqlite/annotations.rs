//! Annotations: rows beside mailboxes, their values sealed. What was taken away stays as a row without a value for a while,
//! so that sessions hear of it.

use std::collections::BTreeSet;

use async_trait::async_trait;
use store::{
    ANNOTATIONS_IN_ALL, ANNOTATIONS_MOST, AnnotationChange, AnnotationEngine, AnnotationHead, AnnotationNews, Event,
    SHARED_ANNOTATIONS, StoreError,
};
use types::{KeyId, MailboxId, UserId};

use crate::SqliteEngine;
use crate::database::failed;
use crate::sql;
use crate::writer::{Job, Lane};

type Result<T> = std::result::Result<T, StoreError>;

/// The place for which values are sealed.
const COLUMN: &str = "annotation";
/// So many of a person's annotations that were taken away are remembered.
const GONE_KEPT: i64 = 1_000;

/// Whether the mailbox $2 is one of the person $1; the account (NULL) is his always.
const IS_HIS: &str = "SELECT $2 IS NULL OR EXISTS (SELECT 1 FROM mailbox WHERE id = $2 AND user = $1 AND selectable)";
const HEADS: &str = "SELECT entry, size FROM annotation
     WHERE user = $1 AND ifnull(mailbox, 0) = ifnull($2, 0) AND value IS NOT NULL ORDER BY entry";
const VALUES: &str = "SELECT a.entry, a.key, a.value FROM json_each($3) AS wanted CROSS JOIN annotation AS a
     WHERE a.user = $1 AND ifnull(a.mailbox, 0) = ifnull($2, 0) AND a.entry = wanted.value AND a.value IS NOT NULL
     ORDER BY a.entry";
const SET: &str =
    "INSERT INTO annotation (user, mailbox, entry, key, value, size, change) VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (user, ifnull(mailbox, 0), entry)
     DO UPDATE SET key = excluded.key, value = excluded.value, size = excluded.size, change = excluded.change";
const TAKE_AWAY: &str = "UPDATE annotation SET value = NULL, size = 0, change = $4
     WHERE user = $1 AND ifnull(mailbox, 0) = ifnull($2, 0) AND entry = $3 AND value IS NOT NULL";
const FORGET: &str = "DELETE FROM annotation WHERE user = $1 AND value IS NULL AND change <=
     (SELECT change FROM annotation WHERE user = $1 AND value IS NULL ORDER BY change DESC LIMIT 1 OFFSET $2)";
const COUNT: &str = "SELECT count(*) FILTER (WHERE ifnull(mailbox, 0) = ifnull($2, 0)), count(*) FROM annotation
     WHERE user = $1 AND value IS NOT NULL";
/// One statement, so that all is of one moment; of others' mailboxes $4, whose owners are $3, the entries that begin with $5.
const NEWS: &str = "SELECT change, mailbox, entry FROM annotation WHERE user = $1 AND change > $2
     UNION ALL
     SELECT a.change, a.mailbox, a.entry FROM json_each($3) AS owner CROSS JOIN annotation AS a
     WHERE a.user = owner.value AND a.change > $2 AND substr(a.entry, 1, length($5)) = $5
       AND a.mailbox IN (SELECT value FROM json_each($4))
     ORDER BY 1, 3";

/// Whether it is one of his mailboxes, or his account.
async fn check(db: impl sql::Executor, user: UserId, of: Option<MailboxId>) -> Result<()> {
    let query = sql::query_scalar(IS_HIS).bind(user.0).bind(of.map(|of| of.0));
    let his: bool = query.fetch_one(db).await.map_err(failed)?;
    if his { Ok(()) } else { Err(StoreError::NotFound("the mailbox".into())) }
}

/// Changes with their values sealed under `key`.
struct Annotate {
    user: UserId,
    of: Option<MailboxId>,
    key: KeyId,
    /// Name, sealed value, plain length.
    changes: Vec<(String, Option<Vec<u8>>, i64)>,
}

#[async_trait]
impl Job for Annotate {
    type Answer = i64;
    async fn run(&self, tx: &mut sql::Here, events: &mut Vec<Event>) -> Result<i64> {
        check(&mut *tx, self.user, self.of).await?;
        let sql = "UPDATE counter SET next = next + 1 WHERE name = 'annotation' RETURNING next - 1";
        let change: i64 = sql::query_scalar(sql).fetch_one(&mut *tx).await.map_err(failed)?;
        let of = self.of.map(|of| of.0);
        for (entry, value, size) in &self.changes {
            let query = match value {
                Some(value) => {
                    sql::query(SET).bind(self.user.0).bind(of).bind(entry).bind(self.key.0).bind(value).bind(size)
                }
                None => sql::query(TAKE_AWAY).bind(self.user.0).bind(of).bind(entry),
            };
            query.bind(change).execute(&mut *tx).await.map_err(failed)?;
        }
        let query = sql::query_as(COUNT).bind(self.user.0).bind(of);
        let (here, all): (i64, i64) = query.fetch_one(&mut *tx).await.map_err(failed)?;
        let more = |count: i64, most: usize| usize::try_from(count).is_ok_and(|count| count > most);
        if more(here, ANNOTATIONS_MOST) || more(all, ANNOTATIONS_IN_ALL) {
            return Err(StoreError::Invalid("there are too many annotations".into()));
        }
        sql::query(FORGET).bind(self.user.0).bind(GONE_KEPT).execute(&mut *tx).await.map_err(failed)?;
        events.push(Event::Annotations { user: self.user });
        Ok(change)
    }
}

#[async_trait]
impl AnnotationEngine for SqliteEngine {
    async fn annotations(&self, user: UserId, of: Option<MailboxId>) -> Result<Vec<AnnotationHead>> {
        check(&self.readers, user, of).await?;
        let query = sql::query(HEADS).bind(user.0).bind(of.map(|of| of.0));
        let rows = query.fetch_all(&self.readers).await.map_err(failed)?;
        let head = |row: &sql::Row| AnnotationHead {
            entry: row.get(0),
            size: u64::try_from(row.get::<i64, _>(1)).unwrap_or(0),
        };
        Ok(rows.iter().map(head).collect())
    }

    async fn annotation_values(
        &self,
        user: UserId,
        of: Option<MailboxId>,
        entries: &[String],
    ) -> Result<Vec<(String, Vec<u8>)>> {
        check(&self.readers, user, of).await?;
        let wanted = serde_json::to_string(entries).map_err(|error| StoreError::Engine(error.to_string()))?;
        let query = sql::query(VALUES).bind(user.0).bind(of.map(|of| of.0)).bind(wanted);
        let rows = query.fetch_all(&self.readers).await.map_err(failed)?;
        let mut values = Vec::with_capacity(rows.len());
        for row in rows {
            let key = self.keys.get(KeyId(row.get(1))).await?;
            values.push((row.get(0), key.open_column(COLUMN, row.get(2))?));
        }
        Ok(values)
    }

    async fn annotate(&self, user: UserId, of: Option<MailboxId>, changes: Vec<AnnotationChange>) -> Result<i64> {
        let (key, secret) = self.keys.fresh(self.tenant_of(user)?).await?;
        let mut sealed = Vec::with_capacity(changes.len());
        for change in changes {
            let size = change.value.as_ref().map_or(0, Vec::len);
            let value = change.value.map(|value| secret.seal_column(COLUMN, &value)).transpose()?;
            sealed.push((change.entry, value, i64::try_from(size).unwrap_or(i64::MAX)));
        }
        self.writer.run(Lane::Quick, Annotate { user, of, key, changes: sealed }).await
    }

    async fn annotation_news(
        &self,
        user: UserId,
        beside: &[(UserId, MailboxId)],
        since: i64,
    ) -> Result<(Vec<AnnotationNews>, i64)> {
        let sql = "SELECT next - 1 FROM counter WHERE name = 'annotation'";
        let last: i64 = sql::query_scalar(sql).fetch_one(&self.readers).await.map_err(failed)?;
        if last <= since {
            return Ok((Vec::new(), last));
        }
        let json =
            |ids: BTreeSet<i64>| serde_json::to_string(&ids).map_err(|error| StoreError::Engine(error.to_string()));
        let owners = json(beside.iter().map(|(owner, _)| owner.0).collect())?;
        let mailboxes = json(beside.iter().map(|(_, mailbox)| mailbox.0).collect())?;
        let query = sql::query(NEWS).bind(user.0).bind(since).bind(owners).bind(mailboxes).bind(SHARED_ANNOTATIONS);
        let rows = query.fetch_all(&self.readers).await.map_err(failed)?;
        let news = |row: &sql::Row| AnnotationNews {
            change: row.get(0),
            of: row.get::<Option<i64>, _>(1).map(MailboxId),
            entry: row.get(2),
        };
        let news: Vec<AnnotationNews> = rows.iter().map(news).collect();
        // What came between the two questions is told now, and not again.
        let last = news.last().map_or(last, |news| last.max(news.change));
        Ok((news, last))
    }
}
