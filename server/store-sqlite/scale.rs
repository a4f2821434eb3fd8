//! Lists cost the same however long they are: figures for small ones in the ordinary run, for 100,000 and 1,000,000
//! messages and 1,000,000 audit rows with `SEKISHO_LONG` set. They are printed; what is asserted is generous, since the
//! machine is shared.

use std::time::{Duration, Instant};

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, SqliteConnection};
use store::contract::House;
use store::{AuditFilter, AuditKey, AuditSource, PageFilter, PageKey, PageStart};
use types::{Flags, MailboxId, Timestamp, Uid, UserId};

use crate::tests::Folder;

/// Messages that are put in by the front door; the others share their bytes.
const REAL: i64 = 1_000;

#[tokio::test]
async fn a_page_costs_the_same_in_a_large_mailbox() {
    let long = std::env::var_os("SEKISHO_LONG").is_some();
    for size in if long { &[100_000, 1_000_000][..] } else { &[20_000] } {
        let (_folder, house, mailbox) = filled(*size).await;
        measure(&house, mailbox, *size).await;
    }
}

/// A mailbox of `size` messages, each with a record row of its own; one in a thousand is unread, one in 5,000 starred.
async fn filled(size: i64) -> (Folder, House, MailboxId) {
    let folder = Folder::new();
    let house = House::build(&folder).await;
    let mailbox = house.id("INBOX").await;
    let mut messages = Vec::new();
    for i in 0..REAL {
        let mut message = house.message(&format!("message {i}"), Flags::default()).await;
        message.mail.summary = vec![b'x'; 700];
        messages.push(message);
    }
    house.engine.append(house.taro, mailbox, messages).await.unwrap();
    let file = SqliteConnectOptions::new().filename(folder.path().join("mail.db"));
    let mut db = file.pragma("synchronous", "off").connect().await.unwrap();
    multiply(&mut db, size).await;
    (folder, house, mailbox)
}

async fn multiply(db: &mut SqliteConnection, size: i64) {
    let sql =
        "INSERT INTO record SELECT $1 + 1 + n.value, r.tenant, r.key, r.file, r.offset, r.stored, r.size, r.digest,
                 r.summary, r.sensitive FROM generate AS n JOIN record AS r ON r.id = 1 + n.value % $1";
    let records = format!(
        "WITH RECURSIVE generate (value) AS (SELECT 0 UNION ALL SELECT value + 1 FROM generate WHERE value < $2) {sql}"
    );
    sqlx::query(sqlx::AssertSqlSafe(records)).bind(REAL).bind(size - REAL - 1).execute(&mut *db).await.unwrap();
    let messages =
        "WITH RECURSIVE generate (value) AS (SELECT 0 UNION ALL SELECT value + 1 FROM generate WHERE value < $2)
         INSERT INTO message SELECT mailbox, $1 + 1 + value, 9, 9, 1 - (value % 1000 = 0) + 4 * (value % 5000 = 0), '',
           internal_date + (value * 7919 % $2) * 60000, $1 + 1 + value, size, prefix, cuts, saved
         FROM generate CROSS JOIN message WHERE uid = 1";
    sqlx::query(messages).bind(REAL).bind(size - REAL - 1).execute(db).await.unwrap();
}

async fn measure(house: &House, mailbox: MailboxId, size: i64) {
    let page = async |start, filter| house.engine.page(house.taro, mailbox, start, filter, 50).await.unwrap();
    let newest = page(PageStart::Newest, PageFilter::All).await;
    let oldest = page(PageStart::After(PageKey::start_of(Timestamp(0))), PageFilter::All).await;
    let (last, first) = (newest.rows[0].internal_date.0, oldest.rows[49].internal_date.0);
    let middle = PageKey { at: Timestamp(i64::midpoint(first, last)), uid: Uid(7) };
    let mut took = Vec::new();
    for (name, start, filter) in [
        ("newest 50", PageStart::Newest, PageFilter::All),
        ("50 in the middle", PageStart::Before(middle), PageFilter::All),
        ("50 upwards", PageStart::After(middle), PageFilter::All),
        ("oldest 50", PageStart::Before(oldest.rows[0].key()), PageFilter::All),
        ("newest 50 unread", PageStart::Newest, PageFilter::Unread),
        ("50 unread in the middle", PageStart::Before(middle), PageFilter::Unread),
        ("starred", PageStart::Newest, PageFilter::Starred),
    ] {
        took.push((name, times(async || assert!(!page(start, filter).await.rows.is_empty())).await));
    }
    let beside = async || {
        house.engine.neighbours(house.taro, mailbox, middle, PageFilter::All).await.unwrap();
    };
    took.push(("neighbours", times(beside).await));
    for (name, (p50, p95)) in took {
        println!("{size} messages, {name}: p50 {p50:.2?}, p95 {p95:.2?}");
        assert!(p50 < Duration::from_millis(30), "{name} of {size}: {p50:?}");
    }
}

/// The median and the 95th percentile of 200 calls.
async fn times(call: impl AsyncFn()) -> (Duration, Duration) {
    let mut times = Vec::new();
    for _ in 0..200 {
        let began = Instant::now();
        call().await;
        times.push(began.elapsed());
    }
    times.sort_unstable();
    (times[100], times[190])
}

/// The audit log in a page: the newest, one in the middle, and one whose filter meets nothing in a window.
#[tokio::test]
async fn a_page_of_the_audit_log_costs_the_same_in_a_long_log() {
    let rows = if std::env::var_os("SEKISHO_LONG").is_some() { 1_000_000 } else { 50_000 };
    let folder = Folder::new();
    let house = House::build(&folder).await;
    let file = SqliteConnectOptions::new().filename(folder.path().join("mail.db"));
    let mut db = file.pragma("synchronous", "off").connect().await.unwrap();
    let sql = "WITH RECURSIVE generate (value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM generate WHERE value < $2)
         INSERT INTO audit (tenant, actor, at, event, subject, detail)
         SELECT $1, value % 50, value * 1000, 'submission.judged', 'reference ' || value, '{}' FROM generate";
    sqlx::query(sql).bind(house.tenant.0).bind(rows).execute(&mut db).await.unwrap();
    let middle = AuditKey { at: Timestamp(rows * 500), source: AuditSource::Mail, id: 0 };
    let by = |actor, event: &str| AuditFilter { actor, event: event.into(), ..AuditFilter::default() };
    for (name, filter, before) in [
        ("newest 50", by(None, ""), None),
        ("50 in the middle", by(None, ""), Some(middle)),
        ("50 of a person", by(Some(UserId(7)), ""), Some(middle)),
        ("a window without a hit", by(None, "parcel."), Some(middle)),
    ] {
        let page = async || {
            house.engine.audit_log(Some(house.tenant), &filter, before, 50).await.unwrap();
        };
        let (p50, p95) = times(page).await;
        println!("{rows} audit rows, {name}: p50 {p50:.2?}, p95 {p95:.2?}");
        assert!(p50 < Duration::from_millis(200), "{name}: {p50:?}");
    }
}
