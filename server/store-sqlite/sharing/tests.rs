//! What only this engine promises about shares: readings follow each other, and one that fails shares nothing.

use std::sync::Arc;
use std::time::Duration;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, SqliteConnection};
use store::contract::House;
use store::{Identifier, Rights, RightsChange, SharingEngine};
use types::{Flags, MailboxId, SystemFlags, Timestamp, UserId};

use super::load;
use crate::SqliteEngine;
use crate::tests::{Folder, config};

const NOW: Timestamp = Timestamp(1);

struct Stage {
    _folder: Folder,
    engine: Arc<SqliteEngine>,
    house: House,
    inbox: MailboxId,
    db: SqliteConnection,
}

impl Stage {
    async fn set() -> Self {
        let folder = Folder::new();
        let engine = SqliteEngine::open(config(folder.path(), 1)).await.unwrap();
        let house = House::over(engine.clone()).await;
        let inbox = house.id("INBOX").await;
        let db = SqliteConnectOptions::new().filename(folder.path().join("mail.db")).connect().await.unwrap();
        Self { _folder: folder, engine, house, inbox, db }
    }
    async fn give(&self, who: UserId, rights: Rights) -> Result<(), store::StoreError> {
        let (who, change) = (Identifier::User(who), Some(RightsChange::Set(rights)));
        self.engine.set_rights(self.house.taro, self.inbox, who, change, None, NOW).await
    }
    async fn run(&mut self, sql: &'static str) {
        sqlx::query(sql).execute(&mut self.db).await.unwrap();
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_shared_with_nobody_until_it_can() {
    let mut stage = Stage::set().await;
    let hanako = stage.house.person("hanako").await;
    stage.give(hanako, Rights::LOOKUP.union(Rights::READ)).await.unwrap();
    assert_eq!(stage.engine.shares().by_mailbox.len(), 1);
    stage.run("DELETE FROM counter WHERE name = 'share'").await;
    assert!(stage.give(hanako, Rights::NONE).await.is_err(), "it is not known what holds now");
    assert!(stage.engine.shares().by_mailbox.is_empty(), "a revoked right is in force");
    stage.run("INSERT INTO counter (name, next) VALUES ('share', 90)").await;
    let read = async {
        while stage.engine.shares().generation != 90 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), read).await.expect("the shares were not read again");
    assert!(stage.engine.shares().by_mailbox.is_empty(), "the revocation was written");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_changes_at_once_the_last_reading_stays() {
    let stage = Arc::new(Stage::set().await);
    for round in 0..10 {
        let changes = (0..16).map(|number| {
            let stage = stage.clone();
            let rights = if (number + round) % 3 == 0 { Rights::NONE } else { Rights::LOOKUP };
            tokio::spawn(async move { stage.give(UserId(1_000 + number), rights).await })
        });
        for change in changes.collect::<Vec<_>>() {
            change.await.unwrap().unwrap();
        }
        let (now, written) = (stage.engine.shares(), load(&stage.engine.readers).await.unwrap());
        assert_eq!((now.generation, &now.by_mailbox), (written.generation, &written.by_mailbox));
    }
}

#[tokio::test]
async fn mail_that_was_put_in_is_said_to_be_there_though_it_could_not_be_marked_as_seen() {
    let mut stage = Stage::set().await;
    let hanako = stage.house.person("hanako").await;
    let all = Rights::parse("lrswite").unwrap();
    stage.give(hanako, all).await.unwrap();
    stage.run("CREATE TRIGGER broken BEFORE INSERT ON seen BEGIN SELECT RAISE(ABORT, 'broken'); END").await;
    let (store, authority, ..) = store::open(stage.engine.clone());
    let what = store::InMailbox { owner: stage.house.taro, mailbox: stage.inbox, rights: all };
    let generation = store.directory().users[&hanako].generation;
    let access = authority.grant::<_, store::Write>(what, Some(hanako), generation);
    let message = stage.house.message("one", Flags::system(SystemFlags::SEEN)).await;
    let placed = store.append(&access, stage.inbox, vec![message]).await.unwrap();
    let message = stage.house.message("two", Flags::system(SystemFlags::SEEN)).await;
    let to = (&access, stage.inbox);
    store.replace((&access, stage.inbox), placed[0].uid, to, message).await.unwrap();
    assert_eq!(stage.house.uids(stage.inbox).await.len(), 1, "it is there once");
}
