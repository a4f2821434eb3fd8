//! Pages of a mailbox by (INTERNALDATE, UID), each found through an index of its filter: a page costs the same
//! wherever it lies and however large the mailbox is. No OFFSET, no count.

use sqlx::SqlitePool;
use store::{Neighbours, Page, PageFilter, PageKey, PageStart, StoreError};
use types::{MailboxId, Timestamp, Uid, UserId};

use super::load;
use super::read::{self, Row};
use crate::database::failed;
use crate::keys::Keys;

type Result<T> = std::result::Result<T, StoreError>;

/// Which way a page lies from its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Older,
    Newer,
}

/// Messages of mailbox $1 beyond the place ($2, $3), the nearest first, at most $4. The index is named, so that no
/// planner's guess can turn a page into a scan.
macro_rules! beyond {
    ($what:expr, $join:literal, $index:literal, $filter:literal, $than:literal, $order:literal) => {
        concat!(
            "SELECT ",
            $what,
            " FROM message AS m INDEXED BY ",
            $index,
            $join,
            " WHERE m.mailbox = $1 AND (m.internal_date, m.uid) ",
            $than,
            " ($2, $3)",
            $filter,
            " ORDER BY m.internal_date ",
            $order,
            ", m.uid ",
            $order,
            " LIMIT $4"
        )
    };
}

/// The statement for a filter and a way.
macro_rules! by_filter_and_way {
    ($filter:expr, $way:expr, $what:expr, $join:literal) => {
        match ($filter, $way) {
            (PageFilter::All, Way::Older) => beyond!($what, $join, "message_date", "", "<", "DESC"),
            (PageFilter::All, Way::Newer) => beyond!($what, $join, "message_date", "", ">", "ASC"),
            (PageFilter::Unread, Way::Older) => {
                beyond!($what, $join, "message_unread", " AND m.flags & 1 = 0", "<", "DESC")
            }
            (PageFilter::Unread, Way::Newer) => {
                beyond!($what, $join, "message_unread", " AND m.flags & 1 = 0", ">", "ASC")
            }
            (PageFilter::Starred, Way::Older) => {
                beyond!($what, $join, "message_starred", " AND m.flags & 4 = 4", "<", "DESC")
            }
            (PageFilter::Starred, Way::Newer) => {
                beyond!($what, $join, "message_starred", " AND m.flags & 4 = 4", ">", "ASC")
            }
        }
    };
}

fn page_sql(filter: PageFilter, way: Way) -> &'static str {
    by_filter_and_way!(filter, way, read::message_columns!("r.summary"), " CROSS JOIN record AS r ON r.id = m.record")
}

fn next_sql(filter: PageFilter, way: Way) -> &'static str {
    by_filter_and_way!(filter, way, "m.internal_date, m.uid", "")
}

/// A place after everything.
const END: PageKey = PageKey { at: Timestamp(i64::MAX), uid: Uid(u32::MAX) };

/// At most `most` messages from `start` on, newest first.
pub async fn page(
    db: &SqlitePool,
    keys: &Keys,
    (user, mailbox): (UserId, MailboxId),
    start: PageStart,
    filter: PageFilter,
    most: u32,
) -> Result<Page> {
    load::row(db, user, mailbox).await?;
    let (key, way) = match start {
        PageStart::Newest => (END, Way::Older),
        PageStart::Before(key) => (key, Way::Older),
        PageStart::After(key) => (key, Way::Newer),
    };
    let query = sqlx::query_as(page_sql(filter, way))
        .bind(mailbox.0)
        .bind(key.at.0)
        .bind(key.uid.0)
        .bind(most.saturating_add(1));
    let mut rows: Vec<Row> = query.fetch_all(db).await.map_err(failed)?;
    let further = rows.len() > most as usize;
    rows.truncate(most as usize);
    if way == Way::Newer {
        rows.reverse();
    }
    let rows = read::opened(keys, rows).await?;
    let behind = match (start, way) {
        (PageStart::Newest, _) => false,
        (_, Way::Older) => {
            let first = rows.first().map_or(key, store::MessageRow::key);
            next(db, mailbox, first, filter, Way::Newer).await?.is_some()
        }
        (_, Way::Newer) => {
            let last = rows.last().map_or(key, store::MessageRow::key);
            next(db, mailbox, last, filter, Way::Older).await?.is_some()
        }
    };
    let (newer, older) = if way == Way::Older { (behind, further) } else { (further, behind) };
    Ok(Page { rows, newer, older })
}

/// The messages beside a place.
pub async fn neighbours(
    db: &SqlitePool,
    (user, mailbox): (UserId, MailboxId),
    key: PageKey,
    filter: PageFilter,
) -> Result<Neighbours> {
    load::row(db, user, mailbox).await?;
    Ok(Neighbours {
        newer: next(db, mailbox, key, filter, Way::Newer).await?,
        older: next(db, mailbox, key, filter, Way::Older).await?,
    })
}

async fn next(
    db: &SqlitePool,
    mailbox: MailboxId,
    key: PageKey,
    filter: PageFilter,
    way: Way,
) -> Result<Option<PageKey>> {
    let query = sqlx::query_as(next_sql(filter, way)).bind(mailbox.0).bind(key.at.0).bind(key.uid.0).bind(1);
    let found: Option<(i64, u32)> = query.fetch_optional(db).await.map_err(failed)?;
    Ok(found.map(|(at, uid)| PageKey { at: Timestamp(at), uid: Uid(uid) }))
}

#[cfg(test)]
mod tests {
    use sqlx::sqlite::SqliteConnectOptions;
    use sqlx::{ConnectOptions as _, Row as _};
    use store::contract::Place as _;

    use super::*;
    use crate::tests::Folder;

    /// Every statement walks its index from the place on: no scan, no sorting.
    #[tokio::test]
    async fn pages_walk_an_index_and_sort_nothing() {
        let folder = Folder::new();
        let engine = folder.open().await;
        let mut db = SqliteConnectOptions::new().filename(folder.path().join("mail.db")).connect().await.unwrap();
        for filter in [PageFilter::All, PageFilter::Unread, PageFilter::Starred] {
            for sql in [Way::Older, Way::Newer].iter().flat_map(|way| [page_sql(filter, *way), next_sql(filter, *way)])
            {
                let explain = sqlx::query(sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}")));
                let explain = explain.bind(1).bind(1).bind(1).bind(50).fetch_all(&mut db).await.unwrap();
                let plan: Vec<String> = explain.iter().map(|row| row.get("detail")).collect();
                let walk = "(mailbox=? AND (internal_date,uid)";
                assert!(plan[0].starts_with("SEARCH m USING") && plan[0].contains(walk), "{plan:?}");
                assert!(plan.iter().all(|step| !step.contains("TEMP B-TREE") && !step.contains("SCAN")), "{plan:?}");
            }
        }
        engine.close().await.unwrap();
    }
}
