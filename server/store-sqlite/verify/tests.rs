//! What is broken on purpose is found, named by its place, and mended where that can be.

use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::sync::Arc;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, SqliteConnection};
use store::contract::{House, Place as _};
use store::{
    Damage, Demands, Engine as _, NewQueueRow, NewVariant, ParcelRef, ParcelState, Posting, QueueFilter, QueueState,
    VerifyReport,
};
use types::{SystemFlags, Timestamp};

use crate::SqliteEngine;
use crate::tests::{Folder, config};

const NOW: Timestamp = Timestamp(1_000_000);

/// A house with four messages in INBOX and a journal of three entries.
async fn house() -> (Folder, House, SqliteConnection) {
    let folder = Folder::new();
    let house = House::build(&folder).await;
    let inbox = house.id("INBOX").await;
    house.put(inbox, 4, SystemFlags::default()).await;
    for _ in 0..3 {
        house.deliver().await;
    }
    let file = SqliteConnectOptions::new().filename(folder.path().join("mail.db")).foreign_keys(false);
    let db = file.connect().await.unwrap();
    (folder, house, db)
}

async fn break_it(db: &mut SqliteConnection, sql: &'static str) {
    assert!(sqlx::query(sql).execute(db).await.unwrap().rows_affected() > 0, "{sql}");
}

/// Waits until the bytes of all records are in segment files.
async fn settled(db: &mut SqliteConnection) {
    let mut moved = async || {
        while sqlx::query_scalar("SELECT count(*) FROM inline_record").fetch_one(&mut *db).await.unwrap_or(1) > 0 {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), moved()).await.expect("the bytes are moved");
}

async fn verify(house: &House, repair: bool) -> VerifyReport {
    house.engine.verify(repair).await.unwrap()
}

fn texts(report: &VerifyReport) -> Vec<String> {
    report.damage.iter().map(|Damage { place, what, .. }| format!("{place}: {what}")).collect()
}

#[tokio::test]
async fn wrong_counters_are_named_and_mended() {
    let (_folder, house, mut db) = house().await;
    let inbox = house.id("INBOX").await;
    let sql = "UPDATE mailbox SET messages = 9, unseen = 0, deleted = 1, size = 5, uid_next = 2 WHERE role = 0";
    break_it(&mut db, sql).await;
    let found = verify(&house, false).await;
    let place = format!("mailbox {inbox}: ");
    assert_eq!(found.damage.len(), 5, "{found:?}");
    assert!(texts(&found).iter().all(|text| text.starts_with(&place)), "{found:?}");
    assert!(texts(&found).contains(&format!("{place}UIDNEXT is 2, UID 7 was given")), "{found:?}");
    let mended = verify(&house, true).await;
    assert_eq!(mended.damage.len(), 5);
    assert!(mended.damage.iter().all(|damage| damage.repaired));
    assert_eq!(verify(&house, false).await.damage, []);
    let state = house.named(house.taro, "INBOX").await.state;
    assert_eq!((state.messages, state.unseen, state.deleted, state.uid_next.0), (7, 7, 0, 8));
}

#[tokio::test]
async fn a_flipped_bit_names_file_and_offset() {
    let (folder, house, mut db) = house().await;
    settled(&mut db).await;
    let sql = "SELECT file, offset, stored FROM record ORDER BY id LIMIT 1";
    let (file, offset, stored): (i64, i64, i64) = sqlx::query_as(sql).fetch_one(&mut db).await.unwrap();
    flip(&folder.path().join(format!("blobs/{file:010}.seg")), (offset + stored / 2) as u64);
    let found = verify(&house, true).await;
    assert_eq!((found.records, found.damage.len()), (7, 1), "{found:?}");
    assert!(found.damage[0].place.starts_with(&format!("blobs/{file:010}.seg offset {offset}")), "{found:?}");
    assert!(!found.damage[0].repaired);
}

/// Small records are in the database before they are in a segment file, and read the same in both places.
#[tokio::test]
async fn bytes_read_the_same_before_and_after_they_are_moved() {
    let (folder, house, mut db) = house().await;
    let inbox = house.id("INBOX").await;
    let before = house.bytes(inbox, types::Uid(1)).await;
    settled(&mut db).await;
    assert_eq!(house.bytes(inbox, types::Uid(1)).await, before);
    let inside: i64 =
        sqlx::query_scalar("SELECT count(*) FROM record WHERE file = 0").fetch_one(&mut db).await.unwrap();
    assert_eq!(inside, 0);
    assert_eq!(verify(&house, false).await.damage, []);
    house.engine.close().await.unwrap();
    let house = House { engine: folder.open().await, ..house };
    assert_eq!(house.bytes(inbox, types::Uid(1)).await, before);
}

#[tokio::test]
async fn damaged_or_missing_bytes_in_the_database_are_named() {
    let (folder, house, mut db) = house().await;
    house.engine.close().await.unwrap();
    let sql = "UPDATE record SET file = 0, offset = 0, stored = 100 WHERE id <= 3";
    break_it(&mut db, sql).await;
    break_it(&mut db, "DELETE FROM inline_record").await;
    break_it(&mut db, "INSERT INTO inline_record (record, bytes) VALUES (2, zeroblob(100)), (3, x'00'), (4711, x'00')")
        .await;
    let house = House { engine: folder.open().await, ..house };
    let found = texts(&verify(&house, false).await);
    for text in [
        "mail.db, inline record 1: its bytes are missing",
        "mail.db, inline record 2: the end mark is missing",
        "mail.db, inline record 3: 1 stored bytes, the row says 100",
        "inline bytes of record 4711: no record has its bytes there",
    ] {
        assert!(found.iter().any(|line| line == text), "{text} in {found:?}");
    }
}

/// A database from before small records were kept in it.
#[tokio::test]
async fn an_older_database_is_brought_to_this_version() {
    let (folder, house, mut db) = house().await;
    settled(&mut db).await;
    house.engine.close().await.unwrap();
    for sql in [
        "DROP TABLE inline_record",
        "DROP INDEX record_place",
        "CREATE INDEX record_place ON record (file, offset)",
        "DELETE FROM _sqlx_migrations WHERE version = 4",
    ] {
        sqlx::query(sql).execute(&mut db).await.unwrap();
    }
    let house = House { engine: folder.open().await, ..house };
    assert_eq!(verify(&house, false).await.damage, []);
    let inbox = house.id("INBOX").await;
    house.put(inbox, 1, SystemFlags::default()).await;
    assert_eq!(verify(&house, false).await.records, 8);
}

/// Of drafts that were begun before they kept traces, those that are there when the version comes are known with all that they hold, and
/// nothing that came in or was sent counts as a copy of theirs.
#[tokio::test]
async fn drafts_of_an_earlier_version_get_their_traces() {
    use store::{Lying, NewAttachment, NewDraft};
    let (folder, house, mut db) = house().await;
    let (engine, drafts) = (&house.engine, house.id("Drafts").await);
    let draft = engine.create_draft(house.taro, NewDraft::default(), NOW).await.unwrap();
    let bytes = engine.seal(house.tenant, b"a file").await.unwrap();
    let file = NewAttachment { bytes, name: "a".into(), media_type: "text/csv".into() };
    engine.attach(house.taro, draft.id, file, NOW).await.unwrap();
    engine.materialise(house.taro, draft, house.mail("copy").await.into(), NOW).await.unwrap();
    house.deliver().await;
    let inbox = house.id("INBOX").await;
    let delivered = house.uids(inbox).await.into_iter().max().into_iter().collect();
    engine.copy(house.taro, inbox, &delivered, drafts, NOW).await.unwrap();
    let copy = house.uids(drafts).await.into_iter().max().map(|uid| Lying { mailbox: drafts, uid });
    engine.create_draft(house.taro, NewDraft { copy, ..NewDraft::default() }, NOW).await.unwrap();
    engine.close().await.unwrap();
    for sql in [
        "DROP TABLE draft_trace",
        "DROP TABLE draft_mail",
        "DROP TABLE disposed_record",
        "CREATE INDEX ledger_disposed ON ledger (record, tenant) WHERE state = 'disposed'",
        "DELETE FROM _sqlx_migrations WHERE version = 35",
    ] {
        sqlx::query(sql).execute(&mut db).await.unwrap();
    }
    let engine = folder.open().await;
    let sql = "SELECT draft, count(*), count(record) FROM draft_trace GROUP BY draft ORDER BY draft";
    let traces: Vec<(i64, i64, i64)> = sqlx::query_as(sql).fetch_all(&mut db).await.unwrap();
    assert_eq!(traces, [(1, 3, 2), (2, 1, 0)], "form, file and copy; the form of the one that was opened from a mail");
    let mails: i64 = sqlx::query_scalar("SELECT count(*) FROM draft_mail").fetch_one(&mut db).await.unwrap();
    assert_eq!(mails, 2);
    assert_eq!(engine.verify(false).await.unwrap().damage, []);
}

fn flip(path: &Path, at: u64) {
    let mut file = std::fs::File::options().read(true).write(true).open(path).unwrap();
    let mut byte = [0];
    file.seek(SeekFrom::Start(at)).unwrap();
    file.read_exact(&mut byte).unwrap();
    file.seek(SeekFrom::Start(at)).unwrap();
    file.write_all(&[byte[0] ^ 1]).unwrap();
}

#[tokio::test]
async fn a_missing_segment_file_names_each_record_in_it() {
    let (folder, house, mut db) = house().await;
    settled(&mut db).await;
    house.engine.close().await.unwrap();
    for entry in std::fs::read_dir(folder.path().join("blobs")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "seg") {
            std::fs::remove_file(path).unwrap();
        }
    }
    let house = House { engine: folder.open().await, ..house };
    let found = verify(&house, false).await;
    assert_eq!(found.damage.len(), 7, "{found:?}");
    assert!(texts(&found).iter().all(|text| text.ends_with("the segment file is missing")), "{found:?}");
}

#[tokio::test]
async fn an_altered_or_missing_journal_entry_breaks_the_chain() {
    let (_folder, house, mut db) = house().await;
    assert_eq!(verify(&house, false).await.journal, 3);
    break_it(&mut db, "UPDATE journal SET at = at + 1 WHERE seq = 2").await;
    let found = texts(&verify(&house, false).await);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with(&format!("journal of tenant {}, entry 2: the chain", house.tenant)), "{found:?}");
    break_it(&mut db, "DELETE FROM journal WHERE seq = 2").await;
    let found = texts(&verify(&house, false).await);
    assert!(found.iter().any(|text| text.contains("entry 3: the entry before it is missing")), "{found:?}");
}

#[tokio::test]
async fn rows_that_name_nothing_are_named() {
    let (_folder, house, mut db) = house().await;
    break_it(&mut db, "DELETE FROM record WHERE id = (SELECT min(id) FROM record)").await;
    break_it(&mut db, "INSERT INTO queue (id, parcel, recipient, domain, state, due, expires, since) VALUES (77, 5, 'a@b', 'b', 'waiting', 1, 2, 1)").await;
    break_it(&mut db, "INSERT INTO queue (id, parcel, recipient, domain, state, due, expires, since, variant) VALUES (79, 5, 'a@b', 'b', 'waiting', 1, 2, 1, 81)").await;
    break_it(&mut db, "INSERT INTO variant (id, parcel, record, prefix, cuts) VALUES (80, 5, 4711, x'', '[]')").await;
    break_it(&mut db, "INSERT INTO password_note (parcel, record) VALUES (83, 4711)").await;
    break_it(&mut db, "INSERT INTO timer (id, kind, parcel, due) VALUES (78, 'deadline', 5, 1)").await;
    let found = texts(&verify(&house, true).await);
    let inbox = house.id("INBOX").await;
    for text in [
        format!("mailbox {inbox}: 1 messages have no record"),
        "queue row 79: the form in which it goes is missing".into(),
        "variant 80: its parcel is missing".into(),
        "variant 80: its record is missing".into(),
        "note of parcel 83: its parcel is missing".into(),
        "note of parcel 83: its record is missing".into(),
        "queue row 77: its parcel is missing".into(),
        "timer 78: its parcel is missing".into(),
    ] {
        assert!(found.contains(&text), "{text} in {found:?}");
    }
}

#[tokio::test]
async fn it_looks_while_the_server_works() {
    let (_folder, house, _db) = house().await;
    let house = Arc::new(house);
    let writing = {
        let house = house.clone();
        tokio::spawn(async move {
            let inbox = house.id("INBOX").await;
            for _ in 0..20 {
                house.put(inbox, 3, SystemFlags::DELETED).await;
                house.engine.expunge(house.taro, inbox, None, types::Timestamp(1)).await.unwrap();
            }
        })
    };
    while !writing.is_finished() {
        assert_eq!(verify(&house, false).await.damage, []);
    }
    writing.await.unwrap();
}

#[tokio::test]
async fn a_draft_that_cannot_be_read_is_named() {
    let (_folder, house, mut db) = house().await;
    let draft = house.engine.create_draft(house.taro, store::NewDraft::default(), types::Timestamp(1)).await.unwrap();
    let bytes = house.engine.seal(house.tenant, b"x").await.unwrap();
    let file = store::NewAttachment { bytes, name: "x".into(), media_type: String::new() };
    let file = house.engine.attach(house.taro, draft.id, file, types::Timestamp(1)).await.unwrap();
    assert_eq!(verify(&house, false).await.damage, []);
    settled(&mut db).await;
    break_it(&mut db, "UPDATE draft SET fields = zeroblob(60)").await;
    break_it(&mut db, "DELETE FROM record WHERE id = (SELECT record FROM draft_attachment)").await;
    let found = texts(&verify(&house, true).await);
    assert_eq!(
        found,
        [
            format!("draft {}: its text does not open under its key", draft.id),
            format!("draft attachment {}: its record is missing", file.id),
        ]
    );
}

/// The record of the first entry of the journal, with texts beside it.
async fn with_texts(house: &House, text: &str) -> types::RecordId {
    let record = house.engine.journal_after(house.tenant, 0, 1).await.unwrap()[0].record;
    let bytes = house.engine.seal_beside(&store::Bytes::Known(record), text.as_bytes()).await.unwrap();
    let texts = vec![store::NewTexts { of: store::TextsOf::Record(record), edition: 7, bytes }];
    house.engine.post(store::Posting { texts, ..store::Posting::default() }).await.unwrap();
    assert_eq!(verify(house, false).await.damage, []);
    record
}

#[tokio::test]
async fn texts_that_are_gone_or_not_their_records_are_named() {
    let (_folder, house, mut db) = house().await;
    let record = with_texts(&house, "name").await;
    break_it(&mut db, "UPDATE record SET key = key + 1 WHERE id = (SELECT texts FROM kept_texts)").await;
    let found = texts(&verify(&house, true).await);
    assert!(found.contains(&format!("texts of record {record}: they stand under another key than the record")));
    break_it(&mut db, "DELETE FROM record WHERE id = (SELECT texts FROM kept_texts)").await;
    break_it(&mut db, "INSERT INTO kept_texts (record, texts, edition) SELECT 999, min(id), 7 FROM record").await;
    let found = texts(&verify(&house, true).await);
    assert!(found.contains(&format!("texts of record {record}: they are missing")), "{found:?}");
    assert!(found.contains(&"texts of record 999: the record is missing".to_owned()), "{found:?}");
}

#[tokio::test]
async fn texts_go_with_the_key_of_their_mail_and_stand_nowhere_in_clear() {
    let (folder, house, mut db) = house().await;
    let text = "個人番号 123456789018";
    let record = with_texts(&house, text).await;
    settled(&mut db).await;
    let of = "SELECT key FROM record WHERE id = $1";
    let key: i64 = sqlx::query_scalar(of).bind(record.0).fetch_one(&mut db).await.unwrap();
    house.engine.close().await.unwrap();
    for file in walk(folder.path()) {
        let bytes = std::fs::read(&file).unwrap();
        assert!(!bytes.windows(12).any(|window| window == b"123456789018"), "{}", file.display());
    }
    let keys = SqliteConnectOptions::new().filename(folder.path().join("keys.db"));
    let mut keys = keys.connect().await.unwrap();
    let destroyed = sqlx::query("DELETE FROM record_key WHERE id = $1").bind(key).execute(&mut keys).await.unwrap();
    assert_eq!(destroyed.rows_affected(), 1);
    let engine = folder.open().await;
    assert!(matches!(engine.read(record, 0..1).await, Err(store::StoreError::Damaged(_))));
    assert!(matches!(engine.texts(record, 7).await, Err(store::StoreError::Damaged(_))));
}

/// All files below a folder.
fn walk(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

#[tokio::test]
async fn a_ledger_that_was_altered_is_named() {
    let (_folder, house, mut db) = house().await;
    for _ in 0..2 {
        let mut posting = store::Posting::default();
        posting.mail(house.mail("numbers").await);
        posting.ledger.push(store::contract::ledger::entered(&house, 1, store::LedgerKind::Acquired));
        house.engine.post(posting).await.unwrap();
    }
    assert_eq!(texts(&verify(&house, false).await), Vec::<String>::new());
    break_it(&mut db, "UPDATE ledger SET certain = 0 WHERE id = 1").await;
    let altered = altered_line(&house);
    assert_eq!(texts(&verify(&house, false).await), [altered.as_str()]);
    break_it(&mut db, "UPDATE ledger_entry SET at = at + 1 WHERE seq = 2").await;
    let broken = "the chain of hashes is broken: the entry or the one before it was altered";
    let broken = format!("ledger of tenant {}, entry 2: {broken}", house.tenant);
    // the moment of a first entry is that of its line
    let moved = format!("ledger of tenant {}, entry 2: its line is missing or was altered", house.tenant);
    assert_eq!(texts(&verify(&house, false).await), [altered, broken, moved]);
    break_it(&mut db, "UPDATE ledger_entry SET at = at - 1 WHERE seq = 2").await;
    break_it(&mut db, "UPDATE ledger SET certain = 2 WHERE id = 1").await;
    assert_eq!(texts(&verify(&house, false).await), Vec::<String>::new());
    // everything by which a line is found or judged
    for (change, back) in [
        ("at = at + 1", "at = at - 1"),
        ("tenant = tenant + 1", "tenant = tenant - 1"),
        ("author = 7", "author = NULL"),
        ("submission = 7", "submission = NULL"),
        ("people = people || 'x'", "people = substr(people, 1, length(people) - 1)"),
    ] {
        let set = |to: &str| sqlx::AssertSqlSafe(format!("UPDATE ledger SET {to} WHERE id = 1"));
        sqlx::query(set(change)).execute(&mut db).await.unwrap();
        assert_eq!(texts(&verify(&house, false).await), [altered_line(&house)], "{change}");
        sqlx::query(set(back)).execute(&mut db).await.unwrap();
    }
    break_it(&mut db, "UPDATE ledger SET state = 'disposed' WHERE id = 2").await;
    let state = "ledger line 2: it is in another state than its last entry left it in";
    assert_eq!(texts(&verify(&house, false).await), [state]);
    break_it(&mut db, "UPDATE ledger SET state = 'kept' WHERE id = 2").await;
    // a kind of documents, or a day of disposal, that nobody has given
    let kind = "ledger line 2: its kind of documents or its day of disposal is another than its last entry says";
    for set in ["documents = '届出書'", "due = 7", "proposed = 1"] {
        let set = sqlx::AssertSqlSafe(format!("UPDATE ledger SET {set} WHERE id = 2"));
        sqlx::query(set).execute(&mut db).await.unwrap();
        assert_eq!(texts(&verify(&house, false).await), [kind]);
        break_it(&mut db, "UPDATE ledger SET documents = NULL, due = NULL, proposed = 0 WHERE id = 2").await;
    }
    break_it(&mut db, "DELETE FROM ledger_entry WHERE seq = 1").await;
    let found = texts(&verify(&house, false).await);
    assert!(found.iter().any(|text| text.ends_with("entry 2: the entry before it is missing")), "{found:?}");
    assert!(found.contains(&"ledger line 1: no entry tells of it".to_owned()), "{found:?}");
}

/// A mail of Taro's that is disposed of, and the number and the wrapped bytes of its key.
async fn disposed(house: &House, keys: &mut SqliteConnection, text: &str) -> (types::RecordId, i64, Vec<u8>) {
    use store::{Disposal, DisposalStep, Disposed};
    let hanako = house.person("hanako").await;
    let mut posting = store::Posting::default();
    posting.mail(house.mail(text).await);
    let prefix = b"X-Word: headersecret\r\n".to_vec();
    posting.copies.push(store::NewCopy { prefix, ..house.copy(house.taro, "taro") });
    let line = store::contract::ledger::entered(house, 1, store::LedgerKind::Acquired);
    posting.ledger.push(store::NewLedgerLine { subject: "subjectsecret".into(), ..line });
    let record = house.engine.post(posting).await.unwrap().records[0];
    let line = house.engine.ledger_of_record(record).await.unwrap()[0].clone();
    assert_eq!(line.subject, "subjectsecret");
    let sql = "SELECT id, wrapped FROM record_key";
    let before: Vec<(i64, Vec<u8>)> = sqlx::query_as(sql).fetch_all(&mut *keys).await.unwrap();
    let steps = [
        (house.taro, DisposalStep::Ask { documents: "x".into(), reason: "y".into() }),
        (hanako, DisposalStep::Confirm { backups_end: None }),
    ];
    for (by, step) in steps {
        let disposal = Disposal { tenant: house.tenant, line: line.id, step, by: Some(by), at: types::Timestamp(1) };
        assert_eq!(house.engine.dispose(disposal).await.unwrap(), Disposed::Done);
    }
    let left: Vec<i64> = sqlx::query_scalar("SELECT id FROM record_key").fetch_all(keys).await.unwrap();
    let mut gone = before.into_iter().filter(|(id, _)| !left.contains(id));
    let (id, wrapped) = gone.next().expect("its key is gone");
    assert!(gone.next().is_none(), "and no other");
    (record, id, wrapped)
}

#[tokio::test]
async fn the_key_of_what_was_disposed_of_stands_nowhere_any_more_and_neither_does_a_word_of_it() {
    let (folder, house, db) = house().await;
    // a reader in the way would leave the logs to a later moment
    sqlx::Connection::close(db).await.unwrap();
    let file = SqliteConnectOptions::new().filename(folder.path().join("keys.db"));
    let mut keys = file.connect().await.unwrap();
    let (record, _, wrapped) = disposed(&house, &mut keys, "secret word of the mail").await;
    sqlx::Connection::close(keys).await.unwrap();
    assert!(matches!(house.engine.read(record, 0..1).await, Err(store::StoreError::NotFound(_))));
    for file in walk(folder.path()) {
        let bytes = std::fs::read(&file).unwrap();
        let holds = |what: &[u8]| bytes.windows(what.len()).any(|window| window == what);
        for word in [&wrapped[..], b"secret word of the mail", b"subjectsecret", b"headersecret"] {
            assert!(!holds(word), "{} in {}", String::from_utf8_lossy(word), file.display());
        }
    }
    assert_eq!(texts(&verify(&house, false).await), Vec::<String>::new());
}

#[tokio::test]
async fn a_key_that_the_end_of_the_process_spared_is_destroyed_at_the_next_start() {
    let (folder, house, mut db) = house().await;
    let file = SqliteConnectOptions::new().filename(folder.path().join("keys.db"));
    let mut keys = file.connect().await.unwrap();
    let (record, id, wrapped) = disposed(&house, &mut keys, "numbers").await;
    house.engine.close().await.unwrap();
    // as a kill between the commit and the destruction leaves it
    let put_back = sqlx::query("INSERT INTO record_key (id, tenant, wrapped) VALUES ($1, $2, $3)").bind(id);
    put_back.bind(house.tenant.0).bind(&wrapped).execute(&mut keys).await.unwrap();
    let command =
        SqliteEngine::open(crate::OpenConfig { mode: crate::Mode::Command, ..config(folder.path(), 1) }).await;
    let command = command.unwrap();
    let found = texts(&command.verify(false).await.unwrap());
    assert!(found.len() == 1 && found[0].ends_with("it was disposed of, and its key is there again"), "{found:?}");
    break_it(&mut db, "UPDATE disposed_key SET destroyed = NULL").await;
    let found = texts(&command.verify(false).await.unwrap());
    assert!(found.len() == 1 && found[0].ends_with("its key is there until the server starts again"), "{found:?}");
    command.close().await.unwrap();
    let engine = folder.open().await;
    assert!(matches!(engine.read(record, 0..1).await, Err(store::StoreError::NotFound(_))));
    assert_eq!(texts(&engine.verify(false).await.unwrap()), Vec::<String>::new());
    let left: Option<i64> =
        sqlx::query_scalar("SELECT id FROM record_key WHERE id = $1").bind(id).fetch_optional(&mut keys).await.unwrap();
    assert_eq!(left, None);
}

/// A queue row that has lost its form is neither sent in another nor leased again and again: it stands among the held ones, with
/// what is wrong, and goes on with the others beside it.
#[tokio::test]
async fn a_queue_row_that_lost_its_form_is_held_and_says_so() {
    let (_folder, house, mut db) = house().await;
    let mut posting = Posting::default();
    posting.mail(house.mail("as it was written").await);
    let submission = house.submission(1, ParcelState::Released);
    let recipient = submission.to[0].clone();
    posting.submissions.push(submission);
    let parcel = ParcelRef::New(0, 0);
    let form = NewVariant { parcel, mail: None, prefix: b"X: 1\r\n".to_vec(), cuts: Vec::new() };
    let form = posting.variant(form);
    for variant in [Some(form), None] {
        let (recipient, demands) = (recipient.clone(), Demands::default());
        posting.queue.push(NewQueueRow { parcel, variant, demands, recipient, due: NOW, expires: Timestamp(i64::MAX) });
    }
    let submission = house.engine.post(posting).await.unwrap().submissions[0];
    break_it(&mut db, "DELETE FROM variant").await;
    let claimed = house.engine.claim(9, NOW, Timestamp(NOW.0 + 60_000)).await.unwrap();
    assert_eq!(claimed.len(), 1, "the other goes");
    let rows = house.engine.queue(None, &QueueFilter::default()).await.unwrap();
    let held: Vec<_> = rows.iter().filter(|row| row.state == QueueState::Held).collect();
    assert_eq!((rows.len(), held.len()), (2, 1), "{rows:?}");
    assert!(held[0].last_answer.contains("the form in which this mail was to leave is not there"), "{held:?}");
    let lines = house.engine.trail(submission).await.unwrap();
    assert!(lines.iter().any(|line| line.event == "queue.held" && line.for_sender), "{lines:?}");
    assert!(
        house.engine.claim(9, Timestamp(NOW.0 + 90_000), Timestamp(NOW.0 + 99_000)).await.unwrap().len() == 1,
        "once"
    );
}

fn altered_line(house: &House) -> String {
    format!("ledger of tenant {}, entry 1: its line is missing or was altered", house.tenant)
}

/// Two lines, of mails of their own.
async fn with_lines(house: &House) {
    for number in 1..3 {
        let mut posting = store::Posting::default();
        posting.mail(house.mail("numbers").await);
        posting.ledger.push(store::contract::ledger::entered(house, number, store::LedgerKind::Acquired));
        house.engine.post(posting).await.unwrap();
    }
    assert_eq!(texts(&verify(house, false).await), Vec::<String>::new());
}

#[tokio::test]
async fn entries_cut_off_at_the_end_of_the_ledger_are_missed() {
    let (_folder, house, mut db) = house().await;
    with_lines(&house).await;
    break_it(&mut db, "DELETE FROM ledger_entry WHERE seq = 2").await;
    break_it(&mut db, "DELETE FROM ledger WHERE id = 2").await;
    let cut = format!("ledger of tenant {}: entries 2 to 2 were cut off at its end", house.tenant);
    assert_eq!(texts(&verify(&house, false).await), [cut]);
    // what is added later does not hide it
    let mut posting = store::Posting::default();
    posting.mail(house.mail("more").await);
    posting.ledger.push(store::contract::ledger::entered(&house, 3, store::LedgerKind::Acquired));
    house.engine.post(posting).await.unwrap();
    let found = texts(&verify(&house, false).await);
    assert!(found.iter().any(|text| text.ends_with("entry 3: the entry before it is missing")), "{found:?}");
    break_it(&mut db, "DELETE FROM ledger_entry").await;
    let all = format!("ledger of tenant {}: entries 1 to 3 were cut off at its end", house.tenant);
    let found = texts(&verify(&house, false).await);
    assert!(found.contains(&all), "{found:?}");
}

#[tokio::test]
async fn a_chain_beyond_its_head_is_named() {
    let (_folder, house, mut db) = house().await;
    with_lines(&house).await;
    break_it(&mut db, "UPDATE ledger_head SET chain = zeroblob(32)").await;
    let foreign = format!("ledger of tenant {}: its head does not belong to entry 2", house.tenant);
    assert_eq!(texts(&verify(&house, false).await), [foreign]);
    break_it(&mut db, "DELETE FROM ledger_head").await;
    let beyond = format!("ledger of tenant {}: entries stand beyond its head: the last one is 2", house.tenant);
    assert_eq!(texts(&verify(&house, false).await), [beyond]);
}

/// Writes the ledger's hashes anew from what its entries say, as anybody can who can write the database.
async fn hash_anew(db: &mut SqliteConnection) {
    type Row = (i64, i64, i64, String, Option<i64>, String);
    let sql = "SELECT seq, line, at, act, actor, detail FROM ledger_entry ORDER BY seq";
    let rows: Vec<Row> = sqlx::query_as(sql).fetch_all(&mut *db).await.unwrap();
    let mut before = Vec::new();
    for (seq, line, at, act, actor, detail) in rows {
        let entry = crate::ledger::Entry { line, at, act: &act, actor, detail: &detail };
        before = crate::ledger::chain_hash(&before, &entry, seq);
        let update = sqlx::query("UPDATE ledger_entry SET chain = $1 WHERE seq = $2").bind(&before).bind(seq);
        update.execute(&mut *db).await.unwrap();
    }
    break_it(
        db,
        "UPDATE ledger_head SET (seq, chain) = (SELECT seq, chain FROM ledger_entry ORDER BY seq DESC LIMIT 1)",
    )
    .await;
}

async fn one_more_line(house: &House) {
    let mut posting = store::Posting::default();
    posting.mail(house.mail("more").await);
    posting.ledger.push(store::contract::ledger::entered(house, 3, store::LedgerKind::Acquired));
    house.engine.post(posting).await.unwrap();
}

const SEAL: &str = "its seal does not fit: it or the end of the chain before it was written without the key";

/// Line, entries and hashes fit each other, and the seals tell that it was not the server that wrote them, also when it has gone on
/// writing since.
#[tokio::test]
async fn a_ledger_that_was_written_anew_without_the_key_is_named() {
    let (_folder, house, mut db) = house().await;
    with_lines(&house).await;
    break_it(&mut db, "UPDATE ledger SET author = 77 WHERE id = 1").await;
    break_it(&mut db, "UPDATE ledger_entry SET actor = 77 WHERE seq = 1").await;
    hash_anew(&mut db).await;
    let named = [1, 2].map(|seq| format!("ledger of tenant {}, entry {seq}: {SEAL}", house.tenant));
    assert_eq!(texts(&verify(&house, false).await), named);
    one_more_line(&house).await;
    assert_eq!(texts(&verify(&house, false).await), named);
}

/// Entries were cut off, and the head says that there were never more: it lacks its seal, and what the server writes behind it keeps that.
#[tokio::test]
async fn a_head_that_was_put_back_without_the_key_is_named() {
    let (_folder, house, mut db) = house().await;
    with_lines(&house).await;
    break_it(&mut db, "DELETE FROM ledger_entry WHERE seq = 2").await;
    break_it(&mut db, "DELETE FROM ledger WHERE id = 2").await;
    hash_anew(&mut db).await;
    let head = format!("ledger of tenant {}: its head stands at entry 1 without its seal", house.tenant);
    assert_eq!(texts(&verify(&house, false).await), [head]);
    one_more_line(&house).await;
    let later = format!("ledger of tenant {}, entry 2: {SEAL}", house.tenant);
    assert_eq!(texts(&verify(&house, false).await), [later]);
}

/// What has no seal because an earlier version wrote it gets one at the first start; after that it is named, since only
/// somebody without the key can have taken it away.
#[tokio::test]
async fn what_an_earlier_version_wrote_is_sealed_once() {
    let (folder, house, mut db) = house().await;
    with_lines(&house).await;
    house.engine.close().await.unwrap();
    let without_seals = ["UPDATE ledger_entry SET seal = NULL", "UPDATE ledger_head SET seal = NULL"];
    for sql in without_seals {
        break_it(&mut db, sql).await;
    }
    let proof = blobs::RecordKey::new([1; 32]).seal_column("master", b"sekisho master key").unwrap();
    let mut keys = SqliteConnectOptions::new().filename(folder.path().join("keys.db")).connect().await.unwrap();
    sqlx::query("UPDATE master SET proof = $1").bind(proof).execute(&mut keys).await.unwrap();
    let engine = folder.open().await;
    assert_eq!(texts(&engine.verify(false).await.unwrap()), Vec::<String>::new());
    engine.close().await.unwrap();
    for sql in without_seals {
        break_it(&mut db, sql).await;
    }
    let found = texts(&folder.open().await.verify(false).await.unwrap());
    assert_eq!(found.iter().filter(|text| text.ends_with(SEAL)).count(), 2, "{found:?}");
    assert!(found.iter().any(|text| text.ends_with("without its seal")), "{found:?}");
}

#[tokio::test]
async fn a_line_that_was_entered_before_submissions_counted_is_as_it_was_entered() {
    let (_folder, house, mut db) = house().await;
    with_lines(&house).await;
    let old = crate::ledger::Facts {
        record: 0,
        kind: "sent",
        reference: "R",
        outcome: "",
        submission: None,
        sender: None,
        recipients: "[]",
        certain: 1,
        likely: 0,
        rules: "[]",
    };
    assert!(old.detail().contains("\"submission\":null"));
    assert!(!old.detail_of_old().contains("submission"));
    // both forms differ in nothing else
    let stripped = "UPDATE ledger_entry SET detail = json_remove(detail, '$.submission') WHERE seq = 1";
    break_it(&mut db, stripped).await;
    let found = texts(&verify(&house, false).await);
    assert!(!found.contains(&altered_line(&house)), "{found:?}");
}

#[tokio::test]
async fn marks_of_readers_on_messages_that_are_gone_are_named() {
    let (_folder, house, mut db) = house().await;
    let inbox = house.id("INBOX").await;
    break_it(
        &mut db,
        "INSERT INTO seen (mailbox, user, uid, seen, modseq) SELECT id, 77, 999, 1, 1 FROM mailbox WHERE role = 0",
    )
    .await;
    let found = texts(&verify(&house, false).await);
    assert_eq!(found, [format!("mailbox {inbox}: somebody has seen a message there that is gone")]);
}
