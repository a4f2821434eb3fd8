//! The contract of the store, kept by this engine; and what only this engine promises.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use sqlx::ConnectOptions as _;
use sqlx::sqlite::SqliteConnectOptions;
use store::contract::{House, Place};
use store::{Bytes, Engine, FlagChange, FlagMode, NewMail, NewMessage, Want};
use types::{Flags, SystemFlags, Timestamp, UidSet};

use crate::{MasterKey, Mode, OpenConfig, SqliteEngine};

pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }
    pub(crate) fn path(&self) -> &std::path::Path {
        self.0.path()
    }
    fn config(&self, key: u8) -> OpenConfig {
        config(self.path(), key)
    }
}

/// A folder opened under a master key of this byte.
pub(crate) fn config(folder: &std::path::Path, key: u8) -> OpenConfig {
    OpenConfig {
        data_dir: folder.to_owned(),
        master_key: MasterKey::new([key; 32]),
        mode: Mode::Server,
        fatal: Arc::new(|why| panic!("{why}")),
    }
}

#[async_trait]
impl Place for Folder {
    async fn open(&self) -> Arc<dyn Engine> {
        SqliteEngine::open(self.config(1)).await.unwrap()
    }
}

store::contract_tests!(crate::tests::Folder::new());

#[tokio::test]
async fn a_wrong_master_key_is_refused() {
    let folder = Folder::new();
    folder.open().await.close().await.unwrap();
    let error = SqliteEngine::open(folder.config(2)).await.err().unwrap().to_string();
    assert!(error.contains("the master key does not fit"), "{error}");
}

#[tokio::test]
async fn a_second_server_on_the_same_folder_is_refused() {
    let folder = Folder::new();
    let first = folder.open().await;
    let error = SqliteEngine::open(folder.config(1)).await.err().unwrap().to_string();
    assert!(error.contains("process"), "{error}");
    first.close().await.unwrap();
    folder.open().await;
}

/// Bulk work in pieces ends also while others write without a pause.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bulk_work_goes_on_under_load() {
    let folder = Folder::new();
    let house = Arc::new(House::build(&folder).await);
    let inbox = house.id("INBOX").await;
    let uid = house.put(inbox, 1, SystemFlags::default()).await[0];
    let set: UidSet = [uid].into_iter().collect();
    let record = house.engine.messages(house.taro, inbox, &set, Want::default()).await.unwrap()[0].record;
    let archive = house.id("Archive").await;
    let known = |_| NewMessage {
        mail: NewMail { tenant: house.tenant, bytes: Bytes::Known(record), summary: Vec::new(), sensitive: false },
        flags: Flags::default(),
        internal_date: Timestamp(0),
        saved: Timestamp(0),
    };
    house.engine.append(house.taro, archive, (0..3_500).map(known).collect()).await.unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let mut load = tokio::task::JoinSet::new();
    for i in 0..8 {
        let (house, stop, set) = (house.clone(), stop.clone(), set.clone());
        load.spawn(async move {
            while !stop.load(Ordering::Relaxed) {
                let mode = if i % 2 == 0 { FlagMode::Add } else { FlagMode::Remove };
                let change = FlagChange { mode, flags: Flags::system(SystemFlags::SEEN), unchanged_since: None };
                house.engine.store_flags(house.taro, inbox, &set, change).await.unwrap();
            }
        });
    }
    let all = house.engine.open_mailbox(house.taro, archive, false).await.unwrap().uids;
    let change = FlagChange { mode: FlagMode::Add, flags: Flags::system(SystemFlags::FLAGGED), unchanged_since: None };
    let stored = house.engine.store_flags(house.taro, archive, &all, change);
    let stored = tokio::time::timeout(std::time::Duration::from_secs(30), stored).await.expect("an end");
    assert_eq!(stored.unwrap().0.len(), 3_500);
    stop.store(true, Ordering::Relaxed);
    load.join_all().await;
}

/// Another process that writes for longer than a connection waits (a command at work, somebody with a tool in the file): whoever waited
/// is refused for now, and the server goes on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_another_process_holds_refuses_for_now_and_ends_nothing() {
    let folder = Folder::new();
    let house = House::build(&folder).await;
    let inbox = house.id("INBOX").await;
    let uids = house.put(inbox, 1, SystemFlags::default()).await;
    let mut other = SqliteConnectOptions::new().filename(folder.path().join("mail.db")).connect().await.unwrap();
    sqlx::query("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
    let set: UidSet = uids.iter().copied().collect();
    let change = FlagChange { mode: FlagMode::Add, flags: Flags::system(SystemFlags::SEEN), unchanged_since: None };
    let message = house.message("held up", Flags::default()).await;
    let (posted, flagged) = tokio::join!(
        house.engine.append(house.taro, inbox, vec![message]),
        house.engine.store_flags(house.taro, inbox, &set, change.clone())
    );
    for refused in [posted.err().unwrap(), flagged.err().unwrap()] {
        assert!(refused.to_string().contains("another process held mail.db for 10 s"), "{refused}");
        assert_eq!(types::Fault::kind(&refused), types::Kind::Temporary);
    }
    sqlx::query("ROLLBACK").execute(&mut other).await.unwrap();
    assert_eq!(house.uids(inbox).await, uids, "nothing of it is there");
    assert_eq!(house.put(inbox, 1, SystemFlags::default()).await.len(), 1);
    house.engine.store_flags(house.taro, inbox, &set, change).await.unwrap();
    assert_eq!(house.engine.verify(false).await.unwrap().damage, []);
}

/// Tombstones of more than 30 days go with a later EXPUNGE, and a view in memory from before them is read anew.
#[tokio::test]
async fn old_tombstones_go_and_views_stay_right() {
    let folder = Folder::new();
    let house = House::build(&folder).await;
    let inbox = house.id("INBOX").await;
    let count = async || -> i64 {
        let mut db = SqliteConnectOptions::new().filename(folder.path().join("mail.db")).connect().await.unwrap();
        sqlx::query_scalar("SELECT count(*) FROM tombstone").fetch_one(&mut db).await.unwrap()
    };
    let day = |days: i64| Timestamp(days * 86_400_000);
    house.put(inbox, 5, SystemFlags::DELETED).await;
    let kept = house.put(inbox, 4, SystemFlags::default()).await;
    assert_eq!(house.uids(inbox).await.len(), 9);
    house.engine.expunge(house.taro, inbox, None, day(100)).await.unwrap();
    house.flag(inbox, &kept[..1], FlagMode::Add, SystemFlags::DELETED).await;
    house.engine.expunge(house.taro, inbox, None, day(129)).await.unwrap();
    assert_eq!(count().await, 6);
    house.flag(inbox, &kept[1..2], FlagMode::Add, SystemFlags::DELETED).await;
    house.engine.expunge(house.taro, inbox, None, day(131)).await.unwrap();
    assert_eq!(count().await, 2);
    assert_eq!(house.uids(inbox).await, kept[2..]);
    assert_eq!(house.engine.verify(false).await.unwrap().damage, []);
}

/// What stands in a draft, and the names of its files, lie nowhere in plain: people write My Numbers in drafts.
#[tokio::test]
async fn a_draft_is_nowhere_in_plain() {
    const NUMBER: &str = "123456789018";
    let folder = Folder::new();
    let house = House::build(&folder).await;
    let new = store::NewDraft { fields: NUMBER.into(), ..store::NewDraft::default() };
    let draft = house.engine.create_draft(house.taro, new, Timestamp(1)).await.unwrap();
    let bytes = house.engine.seal(house.tenant, NUMBER.as_bytes()).await.unwrap();
    let file = store::NewAttachment { bytes, name: format!("{NUMBER}.txt"), media_type: NUMBER.into() };
    house.engine.attach(house.taro, draft.id, file, Timestamp(1)).await.unwrap();
    let saved = house.engine.save_draft(house.taro, draft, format!("again {NUMBER}").as_bytes(), Timestamp(2)).await;
    assert!(saved.is_ok());
    house.engine.close().await.unwrap();
    let mut looked = 0;
    for name in ["mail.db", "mail.db-wal", "keys.db", "directory.db"] {
        let bytes = std::fs::read(folder.path().join(name)).unwrap_or_default();
        looked += bytes.len();
        assert!(!bytes.windows(NUMBER.len()).any(|window| window == NUMBER.as_bytes()), "{name}");
    }
    for entry in std::fs::read_dir(folder.path().join("blobs")).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(NUMBER.len()).any(|window| window == NUMBER.as_bytes()));
    }
    assert!(looked > 10_000);
}

/// A store from before the two spellings of a domain were one has both, since mail came under both: its people keep their addresses, and
/// its mail is signed with the keys of both.
#[tokio::test]
async fn a_domain_that_was_added_in_both_spellings_loses_nobody_and_no_key() {
    let folder = Folder::new();
    let house = House::build(&folder).await;
    let (tenant, people, machines) = (house.tenant, "例え.jp", "xn--r8jz45g.jp");
    let domain = |text: &str| types::Domain::parse(text).unwrap();
    let change = async |change| house.engine.change_directory(change, None, Timestamp(1)).await.unwrap();
    change(store::Change::AddDomain { domain: domain(people), tenant }).await;
    let key = |selector: &str| store::NewDkimKey {
        selector: selector.into(),
        algorithm: if selector == "one" { store::DkimAlgorithm::Rsa } else { store::DkimAlgorithm::Ed25519 },
        public: "p".into(),
        private: store::PrivateKey::new(b"x".to_vec().into()),
    };
    change(store::Change::AddDkimKeys { domain: domain(people), tenant, keys: vec![key("one"), key("two")] }).await;
    let alias = |local: &str, text: &str| types::Address::parse(&format!("{local}@{text}")).unwrap();
    for local in ["a", "b"] {
        change(store::Change::AddAlias { alias: alias(local, people), user: house.taro }).await;
    }
    house.engine.close().await.unwrap();
    let options = SqliteConnectOptions::new().filename(folder.path().join("directory.db"));
    let mut db = options.connect().await.unwrap();
    for sql in [
        "INSERT INTO domain (name, tenant) SELECT 'xn--r8jz45g.jp', tenant FROM domain WHERE name = '例え.jp'",
        "UPDATE alias SET address = 'b@xn--r8jz45g.jp' WHERE address = 'b@例え.jp'",
        "UPDATE dkim_key SET domain = 'xn--r8jz45g.jp' WHERE selector = 'two'",
    ] {
        assert_eq!(sqlx::query(sql).execute(&mut db).await.unwrap().rows_affected(), 1);
    }
    sqlx::Connection::close(db).await.unwrap();
    let engine = folder.open().await;
    for (local, text) in [("a", people), ("b", machines)] {
        assert_eq!(engine.directory().find(&alias(local, text)), Some(store::Target::User(house.taro)));
    }
    for text in [people, machines] {
        assert_eq!(engine.dkim_private(&domain(text)).await.unwrap().len(), 2, "{text}");
    }
    // each row is still one of its own to whoever changes it
    for (alias, text) in [(alias("b", machines), machines), (alias("a", people), people)] {
        let remove = [store::Change::RemoveAlias(alias), store::Change::RemoveDomain(domain(text))];
        for change in remove {
            engine.change_directory(change, None, Timestamp(2)).await.unwrap();
        }
        assert_eq!(engine.directory().domains.len(), if text == machines { 2 } else { 1 });
    }
}
