//! Lists cost the same however long they are: figures for small ones in the ordinary run, for 100,000 and 1,000,000
//! messages and 1,000,000 audit rows with `SEKISHO_LONG` set. They are printed; what is asserted is generous, since the
//! machine is shared.

use std::time::{Duration, Instant};

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, SqliteConnection};
use store::contract::{House, Place as _};
use store::{AuditFilter, AuditKey, AuditSource, PageFilter, PageKey, PageStart, ParcelState, Posting, Seats};
use types::{Flags, MailboxId, Reference, Timestamp, Uid, UserId};

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

/// Held mail: the console's list and an approver's, with the counts that stand beside them on every page.
#[tokio::test]
async fn a_page_of_held_mail_costs_the_same_however_many_are_held() {
    let rows = if std::env::var_os("SEKISHO_LONG").is_some() { 100_000 } else { 20_000 };
    let folder = Folder::new();
    let mut house = House::build(&folder).await;
    let hanako = house.person("hanako").await;
    let mut posting = Posting::default();
    posting.mail(house.mail(&"x".repeat(700)).await);
    posting.submissions.push(house.submission(1, ParcelState::Held));
    house.engine.post(posting).await.unwrap();
    // statistics of that moment, kept over a start, once made each page read whole tables for each of its rows
    house.engine.close().await.unwrap();
    house.engine = folder.open().await;
    let file = SqliteConnectOptions::new().filename(folder.path().join("mail.db"));
    let mut db = file.pragma("synchronous", "off").connect().await.unwrap();
    let sql = "SELECT count(*) FROM sqlite_schema WHERE name LIKE 'sqlite_stat%'";
    let kept: i64 = sqlx::query_scalar(sql).fetch_one(&mut db).await.unwrap();
    assert_eq!(kept, 0);
    let reference = |n: i64| Reference::from_random([7, 7, (n >> 16) as u8, (n >> 8) as u8, n as u8]).to_string();
    let references = serde_json::to_string(&(0..=rows).map(reference).collect::<Vec<_>>()).unwrap();
    for sql in [
        "INSERT INTO submission (id, tenant, author, origin, sender, recipients, reference, record, prefix, cuts, state, \
           join_key, at, verdict, keep_in_sent) SELECT s.id + n.value, s.tenant, s.author, s.origin, s.sender, \
           s.recipients, $3 ->> n.value, s.record, s.prefix, s.cuts, s.state, s.join_key, s.at, s.verdict, \
           s.keep_in_sent FROM generate AS n CROSS JOIN submission AS s WHERE s.id = (SELECT max(id) FROM submission)",
        "INSERT INTO parcel (id, submission, recipients, state, rules) SELECT p.id + n.value, p.submission + n.value, \
           p.recipients, p.state, p.rules FROM generate AS n CROSS JOIN parcel AS p \
           WHERE p.id = (SELECT max(id) FROM parcel)",
        "INSERT INTO approval (parcel, approvers, deadline, outcome, message, tenant, author) \
           SELECT a.parcel + n.value, json_array($2), a.deadline + (n.value * 7919 % $1) * 60000, a.outcome, a.message, \
           a.tenant, a.author FROM generate AS n CROSS JOIN approval AS a WHERE a.parcel = (SELECT max(parcel) FROM approval)",
        "INSERT INTO asked (person, deadline, parcel) SELECT $2, deadline, parcel FROM approval",
    ] {
        let sql = format!(
            "WITH RECURSIVE generate (value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM generate WHERE value < $1) {sql}"
        );
        sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(rows)
            .bind(hanako.0)
            .bind(&references)
            .execute(&mut db)
            .await
            .unwrap();
    }
    let seats = Seats { user: hanako, stands_in_for: vec![house.taro], handler: true, steward: false };
    let first = house.engine.held_cases(house.tenant, None, 50).await.unwrap();
    let middle = first
        .last()
        .and_then(store::Case::held_key)
        .map(|key| store::HeldKey { deadline: Timestamp(key.deadline.0 + rows * 30_000), ..key });
    let mut took = Vec::new();
    for (name, after) in [("first 50", None), ("50 in the middle", middle)] {
        let console = async || assert_eq!(house.engine.held_cases(house.tenant, after, 50).await.unwrap().len(), 50);
        took.push((format!("the console's {name}"), times(console).await));
        let approver = async || assert_eq!(house.engine.awaiting(&seats, after, 50).await.unwrap().len(), 50);
        took.push((format!("an approver's {name}"), times(approver).await));
    }
    let count = async || assert!(house.engine.count_held(house.tenant).await.unwrap() > 10_000);
    took.push(("the console's count".into(), times(count).await));
    let badge = async || assert!(house.engine.unsettled(&seats).await.unwrap().awaiting > 10_000);
    took.push(("an approver's badge".into(), times(badge).await));
    for (name, (p50, p95)) in took {
        println!("{rows} held, {name}: p50 {p50:.2?}, p95 {p95:.2?}");
        assert!(p50 < Duration::from_millis(50), "{name}: {p50:?}");
    }
}
