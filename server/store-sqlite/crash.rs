//! Kills a process in the middle of its work, again and again: what it had answered is there, and nothing is damaged.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::sync::Arc;

use store::contract::{House, Place as _};
use store::{Bytes, NewTexts, Posting, TextsOf};
use types::{Flags, SystemFlags, TenantId, Timestamp, Uid, UidSet, UserId};

use crate::SqliteEngine;
use crate::tests::{Folder, config};

/// The child's folder, company and person, in the environment.
const WORK: &str = "SEKISHO_CRASH_TEST";
const ROUNDS: usize = 4;
const ANSWERS: usize = 60;

/// Not a test of its own: the work of the process that is killed. It says what was answered to it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "run by the test below"]
async fn work_until_killed() {
    let Ok(work) = std::env::var(WORK) else { return };
    let [dir, tenant, taro] = work.split('|').collect::<Vec<_>>().try_into().unwrap();
    let engine = SqliteEngine::open(config(dir.as_ref(), 1)).await.unwrap();
    let (tenant, taro) = (TenantId(tenant.parse().unwrap()), UserId(taro.parse().unwrap()));
    let house = Arc::new(House { engine: engine.clone(), tenant, taro });
    let (inbox, trash) = (house.id("INBOX").await, house.id("Trash").await);
    let mut tasks = tokio::task::JoinSet::new();
    let moving = engine.clone();
    tasks.spawn(async move {
        while crate::writer::move_piece(&moving).await.is_ok() {
            tokio::task::yield_now().await;
        }
    });
    for task in 0..2 {
        let house = house.clone();
        tasks.spawn(async move { save_again_and_again(&house, task).await });
    }
    for task in 0..4 {
        let house = house.clone();
        tasks.spawn(async move {
            for i in 0.. {
                let text = format!("{}-{task}-{i}-{}", std::process::id(), "x".repeat(i * 997 % 20_000));
                let message = house.message(&text, Flags::default()).await;
                let uid = house.engine.append(taro, inbox, vec![message]).await.unwrap()[0].uid;
                println!("\nappended {uid} {text}");
                let set: UidSet = [uid].into_iter().collect();
                if i % 3 == 1 {
                    let moved = house.engine.move_to(taro, inbox, &set, trash, Timestamp(1)).await.unwrap();
                    println!("\nmoved {uid} {}", moved.uids[0].1);
                } else if i % 3 == 2 {
                    house.deliver().await;
                    keep_texts(&house, i * 997 % 40_000).await;
                }
            }
        });
    }
    tasks.join_all().await;
}

/// Saves a draft, and then each time another in its place.
async fn save_again_and_again(house: &House, task: usize) {
    let drafts = house.id("Drafts").await;
    let name = format!("draft-{}-{task}", std::process::id());
    let text = |i: usize| format!("{name}-{i}-{}", "y".repeat(i * 997 % 20_000));
    let message = house.message(&text(0), Flags::default()).await;
    let mut uid = house.engine.append(house.taro, drafts, vec![message]).await.unwrap()[0].uid;
    for i in 1.. {
        println!("\ndraft {name} {}", i - 1);
        let message = house.message(&text(i), Flags::default()).await;
        uid = house.engine.replace(house.taro, drafts, uid, drafts, message).await.unwrap().uid;
    }
}

/// Keeps texts of so many bytes beside the first mail of the journal, in place of those that are there.
async fn keep_texts(house: &House, size: usize) {
    let record = house.engine.journal_after(house.tenant, 0, 1).await.unwrap()[0].record;
    let texts: String = (0..size).map(|at| char::from(b'a' + u8::try_from(at * at % 23).unwrap())).collect();
    let bytes = house.engine.seal_beside(&Bytes::Known(record), texts.as_bytes()).await.unwrap();
    let texts = vec![NewTexts { of: TextsOf::Record(record), edition: 1, bytes }];
    house.engine.post(Posting { texts, ..Posting::default() }).await.unwrap();
}

/// What the process was answered before it died.
#[derive(Default)]
struct Answers {
    appended: HashMap<Uid, String>,
    moved: HashMap<Uid, Uid>,
    /// Each draft as it was last saved.
    drafts: HashMap<String, usize>,
}

impl Answers {
    /// Starts the process, and kills it when it has been answered often enough.
    fn collect(&mut self, folder: &Folder, house: &House) {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "crash::work_until_killed", "--ignored", "--nocapture"])
            .env(WORK, format!("{}|{}|{}", folder.path().display(), house.tenant, house.taro))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut count = 0;
        for line in lines.map_while(Result::ok) {
            let words: Vec<&str> = line.split(' ').collect();
            match words[..] {
                ["appended", uid, text] => drop(self.appended.insert(Uid(uid.parse().unwrap()), text.to_owned())),
                ["moved", from, to] => drop(self.moved.insert(Uid(from.parse().unwrap()), Uid(to.parse().unwrap()))),
                // counted by the others, so that these do not end the round before them
                ["draft", name, number] => {
                    self.drafts.insert(name.to_owned(), number.parse().unwrap());
                    continue;
                }
                _ => continue,
            }
            count += 1;
            if count == ANSWERS {
                child.kill().unwrap();
            }
        }
        child.wait().unwrap();
        assert!(count >= ANSWERS, "the process ended by itself");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_answered_survives_a_kill() {
    let folder = Folder::new();
    let mut house = House::build(&folder).await;
    let (inbox, trash) = (house.id("INBOX").await, house.id("Trash").await);
    let mut answers = Answers::default();
    for _ in 0..ROUNDS {
        house.engine.close().await.unwrap();
        answers = tokio::task::block_in_place(|| {
            answers.collect(&folder, &house);
            answers
        });
        house.engine = folder.open().await;
        assert_eq!(house.engine.verify(false).await.unwrap().damage, []);
        let there = house.uids(inbox).await;
        let first = house.engine.journal_after(house.tenant, 0, 1).await.unwrap();
        if let Some(row) = first.first().filter(|row| row.has_texts) {
            assert!(house.engine.texts(row.record, 1).await.unwrap().is_some(), "texts that are named are there");
        }
        for (uid, text) in &answers.appended {
            let bytes = match answers.moved.get(uid) {
                Some(to) => house.bytes(trash, *to).await,
                // the move was done and its answer cut off by the kill
                None if !there.contains(uid) => continue,
                None => house.bytes(inbox, *uid).await,
            };
            assert_eq!(String::from_utf8(bytes).unwrap(), format!("Subject: contract\r\n\r\n{text}\r\n"));
        }
        every_draft_is_there_once(&house, &answers.drafts).await;
        let missing = answers.appended.keys().filter(|uid| !there.contains(uid) && !answers.moved.contains_key(uid));
        assert!(missing.count() <= 4 * ROUNDS, "at most one move a task can be cut off at each kill");
        let state = house.named(house.taro, "INBOX").await.state;
        let next = house.put(inbox, 1, SystemFlags::default()).await[0];
        assert!(next >= state.uid_next && answers.appended.keys().all(|uid| *uid < next));
    }
}

/// Each draft that was saved is there once, as it was last saved or as it was about to be.
async fn every_draft_is_there_once(house: &House, saved: &HashMap<String, usize>) {
    let drafts = house.id("Drafts").await;
    let mut found: HashMap<String, Vec<usize>> = HashMap::new();
    for uid in house.uids(drafts).await {
        let bytes = String::from_utf8(house.bytes(drafts, uid).await).unwrap();
        let text = bytes.strip_prefix("Subject: contract\r\n\r\n").unwrap().trim_end_matches(['y', '\r', '\n', '-']);
        let (name, number) = text.rsplit_once('-').unwrap();
        found.entry(name.to_owned()).or_default().push(number.parse().unwrap());
    }
    for (name, last) in saved {
        let there = &found[name];
        assert!(there == &[*last] || there == &[last + 1], "{name}: {there:?} after {last}");
    }
    assert!(found.values().all(|there| there.len() == 1), "{found:?}");
}
