//! Sessions that work in several mailboxes, move mail between them, rename them, and speak at the same time: what is there afterwards
//! is what a model says of one order or the other, and every client's picture is the model's (RFC 3501 5.2, 7.4.1; RFC 4315;
//! RFC 6851; RFC 7162).

use std::collections::{BTreeMap, BTreeSet};

use store::Engine as _;
use store_sqlite::SqliteEngine;
use types::UserId;

use super::histories::{Dice, Seat, Style, TARO, on_disk, truth};
use super::house::House;
use super::mirror::{Known, Mirror};

/// A mailbox as it must be.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Folder {
    name: String,
    next: u32,
    /// The flags of each message, by its UID.
    messages: BTreeMap<u32, BTreeSet<String>>,
}

impl Folder {
    fn new(name: &str) -> Self {
        Self { name: name.to_owned(), next: 1, messages: BTreeMap::new() }
    }
    fn put(&mut self, flags: BTreeSet<String>) {
        self.messages.insert(self.next, flags);
        self.next += 1;
    }
    fn view(&self) -> Vec<Known> {
        self.messages.iter().map(|(uid, flags)| Known { uid: Some(*uid), flags: Some(flags.clone()) }).collect()
    }
}

/// What a session does, said in UIDs; mailboxes that are open by their place, others by the name that is given.
#[derive(Debug, Clone)]
enum Act {
    Append { to: String, flag: &'static str },
    Store { at: usize, uid: u32, add: bool, flag: &'static str },
    Expunge { at: usize, uid: Option<u32> },
    Copy { at: usize, uid: u32, to: String },
    Move { at: usize, uid: u32, to: String },
    Rename { from: String, to: String },
    Select { to: String },
    Look,
}

/// Taro's INBOX and the mailboxes that these sessions made, as they must be.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Model {
    folders: Vec<Folder>,
}

impl Model {
    fn place(&self, name: &str) -> Option<usize> {
        self.folders.iter().position(|folder| folder.name == name)
    }

    /// As it is after these, one after the other.
    fn after(&self, acts: &[&Act]) -> Self {
        let mut model = self.clone();
        acts.iter().for_each(|act| model.apply(act));
        model
    }

    /// What cannot be done, because the message or the mailbox of this name is there no more, changes nothing.
    fn apply(&mut self, act: &Act) {
        match act {
            Act::Append { to, flag } => {
                if let Some(to) = self.place(to) {
                    self.folders[to].put(BTreeSet::from([flag.to_lowercase()]));
                }
            }
            Act::Store { at, uid, add, flag } => {
                if let Some(flags) = self.folders[*at].messages.get_mut(uid) {
                    flags.remove(&flag.to_lowercase());
                    flags.extend(add.then(|| flag.to_lowercase()));
                }
            }
            Act::Expunge { at, uid } => {
                let stays = |of: &u32, flags: &BTreeSet<String>| {
                    !flags.contains("\\deleted") || uid.is_some_and(|uid| uid != *of)
                };
                self.folders[*at].messages.retain(|of, flags| stays(of, flags));
            }
            Act::Copy { at, uid, to } | Act::Move { at, uid, to } => {
                let Some(to) = self.place(to) else { return };
                let Some(flags) = self.folders[*at].messages.get(uid).cloned() else { return };
                if matches!(act, Act::Move { .. }) {
                    self.folders[*at].messages.remove(uid);
                }
                self.folders[to].put(flags);
            }
            Act::Rename { from, to } => {
                let Some(place) = self.place(from) else { return };
                to.clone_into(&mut self.folders[place].name);
                if from == "INBOX" {
                    self.folders.push(Folder::new("INBOX"));
                }
            }
            Act::Select { .. } | Act::Look => {}
        }
    }

    /// What each mailbox shows.
    fn shown(&self) -> Shown {
        self.folders.iter().map(|folder| (folder.name.clone(), (folder.next, folder.view()))).collect()
    }
}

/// UIDNEXT and messages of each mailbox: both orders of two acts may leave the same messages and another UIDNEXT.
type Shown = BTreeMap<String, (u32, Vec<Known>)>;

/// What the store has of these mailboxes.
async fn stored(house: &House<SqliteEngine>, taro: UserId) -> Shown {
    let mut shown = Shown::new();
    for mailbox in house.engine.mailboxes(taro).await.unwrap() {
        if mailbox.name == "INBOX" || mailbox.name.starts_with("work") {
            let view = truth(house, taro, mailbox.id, None).await;
            shown.insert(mailbox.name, (mailbox.state.uid_next.0, view));
        }
    }
    shown
}

/// A session and the place of the mailbox that it has open.
struct Worker {
    seat: Seat,
    at: usize,
}

impl Worker {
    /// What it does next: the command, and what that means.
    fn next(&self, model: &Model, dice: &mut Dice, names: &mut u32) -> (String, Act) {
        let (action, place, flag) = (dice.below(16), dice.below(self.seat.mirror.view.len()), dice.flag());
        let (at, number) = (self.at, place + 1);
        let to = model.folders[dice.below(model.folders.len())].name.clone();
        let uid = self.seat.mirror.view.get(place).and_then(|known| known.uid);
        match (action, uid) {
            (0 | 1, _) => (format!("APPEND {to} ({flag}) {{8+}}\r\nA: b\r\n\r\n"), Act::Append { to, flag }),
            (2, _) => ("EXPUNGE".into(), Act::Expunge { at, uid: None }),
            (3 | 4, _) => (format!("SELECT {to}"), Act::Select { to }),
            // INBOX leaves its mail behind under another name, which is no matter of every day
            (5, _) if to != "INBOX" || dice.below(4) == 0 => {
                *names += 1;
                let new = format!("work{names}");
                (format!("RENAME {to} {new}"), Act::Rename { from: to, to: new })
            }
            (_, None) | (5, _) => ("NOOP".into(), Act::Look),
            (6, Some(_)) => ("UID SEARCH UNDELETED".into(), Act::Look),
            (7 | 8, Some(uid)) => (format!("STORE {number} +FLAGS ({flag})"), Act::Store { at, uid, add: true, flag }),
            (9, Some(uid)) => (format!("UID STORE {uid} -FLAGS ({flag})"), Act::Store { at, uid, add: false, flag }),
            (10, Some(uid)) => (format!("UID EXPUNGE {uid}"), Act::Expunge { at, uid: Some(uid) }),
            (11, Some(uid)) => (format!("COPY {number} {to}"), Act::Copy { at, uid, to }),
            (12, Some(uid)) => (format!("UID COPY {uid} {to}"), Act::Copy { at, uid, to }),
            (13 | 14, Some(uid)) => (format!("MOVE {number} {to}"), Act::Move { at, uid, to }),
            (_, Some(uid)) => (format!("UID MOVE {uid} {to}"), Act::Move { at, uid, to }),
        }
    }

    async fn begin(&mut self, command: &str) {
        self.seat.client.send(format!("w {command}\r\n")).await;
    }

    async fn end(&mut self, act: &Act, before: &Model) {
        let answer = self.seat.client.answer("w").await;
        if let Act::Select { to } = act {
            self.at = before.place(to).unwrap();
            self.seat.open.clone_from(to);
            self.seat.mirror = Mirror::default();
            assert!(answer.last().unwrap().starts_with("OK"), "SELECT {to}: {answer:?}");
        }
        self.seat.mirror.take(&answer);
    }
}

struct Stage {
    house: House<SqliteEngine>,
    taro: UserId,
}

impl Stage {
    /// All of these are sent before any is answered; the model as it is then.
    async fn together(&self, model: &Model, workers: &mut [&mut Worker], said: &[(String, Act)]) -> Model {
        for (worker, (command, _)) in workers.iter_mut().zip(said) {
            worker.begin(command).await;
        }
        for (worker, (_, act)) in workers.iter_mut().zip(said) {
            worker.end(act, model).await;
        }
        let mut acts: Vec<&Act> = said.iter().map(|(_, act)| act).collect();
        let first = model.after(&acts);
        acts.reverse();
        let stored = stored(&self.house, self.taro).await;
        let found = [first, model.after(&acts)].into_iter().find(|candidate| candidate.shown() == stored);
        found.unwrap_or_else(|| panic!("{acts:?} makes in no order of {model:#?}\n{stored:#?}"))
    }
}

async fn history(seed: u64, steps: usize) {
    let (house, taro) = on_disk().await;
    house.client().await.ok("CREATE work").await;
    let stage = Stage { house, taro };
    let (mut dice, mut names) = (Dice(seed), 0);
    let mut model = Model { folders: vec![Folder::new("INBOX"), Folder::new("work")] };
    let mut workers = Vec::new();
    for style in [Style::Plain, Style::Qresync, Style::Condstore, Style::Qresync] {
        workers.push(Worker { seat: Seat::sit(&stage.house, TARO, style).await, at: 0 });
    }
    for step in 0..steps {
        let (first, second) = (dice.below(workers.len()), dice.below(workers.len()));
        let said = [first, second].map(|who| workers[who].next(&model, &mut dice, &mut names));
        // which mailbox a name means while it is given away, the client that opens it is not told
        let unclear = said.iter().any(|(_, act)| matches!(act, Act::Rename { .. }))
            && said.iter().any(|(_, act)| matches!(act, Act::Select { .. }));
        model = match workers.get_disjoint_mut([first, second]) {
            Ok(mut both) if !unclear => stage.together(&model, &mut both, &said).await,
            _ => stage.together(&model, &mut [&mut workers[first]], &said[..1]).await,
        };
        // some connections break
        if let Some(worker) = workers.get_mut(dice.below(12)) {
            worker.seat.open.clone_from(&model.folders[worker.at].name);
            worker.seat.come_back(&stage.house, step % 2 == 0).await;
        }
        if step % 10 == 9 {
            for (who, worker) in workers.iter_mut().enumerate() {
                worker.seat.catch_up().await;
                let there = model.folders[worker.at].view();
                assert_eq!(worker.seat.mirror.view, there, "seed {seed}, step {step}, session {who}");
            }
        }
    }
    stage.house.stop.finish(std::time::Duration::from_secs(5)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_that_speak_at_once_in_several_mailboxes_see_one_history() {
    let seeds = if std::env::var_os("SEKISHO_LONG").is_some() { 300 } else { 12 };
    for seed in 0..seeds {
        history(seed, 80).await;
    }
}
