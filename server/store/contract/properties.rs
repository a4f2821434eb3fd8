//! Random work on mailboxes, compared with the [`super::model`] after every step.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use types::{Flags, ModSeq, SystemFlags, Uid, UserId};

use super::house::{NOW, set};
use super::model::{Contents, Mail, Model};
use super::{House, Place};
use crate::{FlagChange, FlagMode, Mailbox, Moved};

const NAMES: [&str; 8] = ["INBOX", "Trash", "a", "a/b", "a/b/c", "d", "INBOX/w", "d/e"];
const CASES: usize = 16;

#[derive(Debug, Clone)]
enum Step {
    Append { into: usize, count: usize, flags: Flags },
    Store { of: usize, pick: u16, mode: FlagMode, flags: Flags },
    StoreSince { of: usize, pick: u16, flags: Flags, back: usize },
    Copy { from: usize, pick: u16, to: usize },
    Move { from: usize, pick: u16, to: usize },
    Expunge { of: usize, pick: Option<u16> },
    Create { name: usize },
    Rename { from: usize, to: usize },
    Delete { name: usize },
}

fn flags() -> impl Strategy<Value = Flags> {
    let words = prop_oneof![Just(""), Just("blue"), Just("Red blue")];
    (0u8..32, words).prop_map(|(bits, words)| Flags::from_parts(SystemFlags(bits), words))
}

fn step() -> impl Strategy<Value = Step> {
    let name = || prop_oneof![3 => 0usize..3, 2 => 0..NAMES.len()];
    let mode = prop_oneof![Just(FlagMode::Add), Just(FlagMode::Remove), Just(FlagMode::Replace)];
    let pick = any::<u16>;
    prop_oneof![
        6 => (name(), 1usize..4, flags()).prop_map(|(into, count, flags)| Step::Append { into, count, flags }),
        5 => (name(), pick(), mode, flags()).prop_map(|(of, pick, mode, flags)| Step::Store { of, pick, mode, flags }),
        2 => (name(), pick(), flags(), 0usize..4)
            .prop_map(|(of, pick, flags, back)| Step::StoreSince { of, pick, flags, back }),
        3 => (name(), pick(), name()).prop_map(|(from, pick, to)| Step::Copy { from, pick, to }),
        3 => (name(), pick(), name()).prop_map(|(from, pick, to)| Step::Move { from, pick, to }),
        3 => (name(), proptest::option::of(pick())).prop_map(|(of, pick)| Step::Expunge { of, pick }),
        2 => (0..NAMES.len()).prop_map(|name| Step::Create { name }),
        2 => (0..NAMES.len(), 0..NAMES.len()).prop_map(|(from, to)| Step::Rename { from, to }),
        1 => (0..NAMES.len()).prop_map(|name| Step::Delete { name }),
    ]
}

/// After any work counters equal a recount, numbers only grow, and every earlier view can be rebuilt exactly.
pub async fn counters_and_views_agree_with_a_model(place: &dyn Place) {
    let house = House::build(place).await;
    let strategy = proptest::collection::vec(step(), 1..32);
    let mut runner = TestRunner::deterministic();
    for case in 0..CASES {
        let mut tree = strategy.new_tree(&mut runner).unwrap();
        let Err(mut fault) = run(&house, case, 0, tree.current()).await else { continue };
        let (mut round, mut smallest) = (0, tree.current());
        while if fault.is_empty() { tree.complicate() } else { tree.simplify() } && round < 300 {
            round += 1;
            fault = match run(&house, case, round, tree.current()).await {
                Ok(()) => String::new(),
                Err(fault) => {
                    smallest = tree.current();
                    fault
                }
            };
        }
        let fault = run(&house, case, round + 1, smallest.clone()).await.err();
        panic!("case {case}: {fault:?} after {smallest:#?}");
    }
}

/// Does the steps for a fresh person.
async fn run(house: &House, case: usize, round: usize, steps: Vec<Step>) -> Result<(), String> {
    let mut trial = Trial { house, user: house.person(&format!("p{case}-{round}")).await, model: Model::new() };
    trial.agree().await?;
    for (i, step) in steps.into_iter().enumerate() {
        let name = format!("step {i} {step:?}");
        trial.take(step).await.map_err(|fault| format!("{name}: {fault}"))?;
        trial.agree().await.map_err(|fault| format!("after {name}: {fault}"))?;
    }
    trial.views_can_be_rebuilt().await
}

fn check(holds: bool, fault: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(fault()) }
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, engine: T, model: T) -> Result<(), String> {
    check(engine == model, || format!("{what}: the engine says {engine:?}, the model {model:?}"))
}

struct Trial<'a> {
    house: &'a House,
    user: UserId,
    model: Model,
}

impl Trial<'_> {
    async fn take(&mut self, step: Step) -> Result<(), String> {
        match step {
            Step::Append { into, count, flags } => self.append(NAMES[into], count, flags).await,
            Step::Store { of, pick, mode, flags } => self.store(NAMES[of], pick, mode, flags).await,
            Step::StoreSince { of, pick, flags, back } => self.store_since(NAMES[of], pick, flags, back).await,
            Step::Copy { from, pick, to } => self.transfer(NAMES[from], pick, NAMES[to], false).await,
            Step::Move { from, pick, to } => self.transfer(NAMES[from], pick, NAMES[to], true).await,
            Step::Expunge { of, pick } => self.expunge(NAMES[of], pick).await,
            Step::Create { name } => {
                let done = self.house.engine.create_mailbox(self.user, NAMES[name], None).await;
                same("create", done.is_ok(), self.model.create(NAMES[name]))
            }
            Step::Rename { from, to } => {
                let done = self.house.engine.rename_mailbox(self.user, NAMES[from], NAMES[to]).await;
                same("rename", done.is_ok(), self.model.rename(NAMES[from], NAMES[to]))
            }
            Step::Delete { name } => {
                let done = self.house.engine.delete_mailbox(self.user, NAMES[name]).await;
                same("delete", done.is_ok(), self.model.delete(NAMES[name]))
            }
        }
    }

    async fn append(&mut self, into: &str, count: usize, flags: Flags) -> Result<(), String> {
        let Some(contents) = self.model.contents(into) else { return Ok(()) };
        let Some((id, _)) = contents.id else { return Err("a mailbox without number".into()) };
        let (mut messages, mut sizes) = (Vec::new(), Vec::new());
        for i in 0..count {
            let message = self.house.message(&"x".repeat(i + 1), flags.clone()).await;
            let crate::Bytes::New(draft) = &message.mail.bytes else { return Err("no draft".into()) };
            sizes.push(draft.size());
            messages.push(message);
        }
        let placed = self.house.engine.append(self.user, id, messages).await.map_err(|e| e.to_string())?;
        same("placed", placed.len(), count)?;
        for (place, size) in placed.iter().zip(sizes) {
            put(contents, place.uid, Mail { flags: flags.clone(), size })?;
        }
        Ok(())
    }

    async fn store(&mut self, of: &str, pick: u16, mode: FlagMode, flags: Flags) -> Result<(), String> {
        let Some(contents) = self.model.contents(of) else { return Ok(()) };
        let Some((id, _)) = contents.id else { return Err("a mailbox without number".into()) };
        let uids = contents.picked(pick);
        let change = FlagChange { mode, flags: flags.clone(), unchanged_since: None };
        let done = self.house.engine.store_flags(self.user, id, &set(&uids), change).await;
        let (rows, left) = done.map_err(|e| e.to_string())?;
        contents.store(&uids, mode, &flags);
        same("left", left.len(), 0)?;
        let answered: BTreeMap<Uid, Flags> = rows.into_iter().map(|row| (row.uid, row.flags)).collect();
        let expected = contents.flags().into_iter().filter(|(uid, _)| uids.contains(uid)).collect();
        same("answer of store", answered, expected)
    }

    /// STORE UNCHANGEDSINCE an M at which the mailbox was looked at, `back` looks ago.
    async fn store_since(&mut self, of: &str, pick: u16, flags: Flags, back: usize) -> Result<(), String> {
        let Some(contents) = self.model.contents(of) else { return Ok(()) };
        let Some((id, _)) = contents.id else { return Err("a mailbox without number".into()) };
        let Some((since, _)) = contents.views.iter().rev().nth(back).cloned() else { return Ok(()) };
        let uids = contents.picked(pick);
        let before = self.house.engine.flags(self.user, id, &set(&uids)).await.map_err(|e| e.to_string())?;
        let change = FlagChange { mode: FlagMode::Add, flags: flags.clone(), unchanged_since: Some(since) };
        let done = self.house.engine.store_flags(self.user, id, &set(&uids), change).await;
        let (rows, left) = done.map_err(|e| e.to_string())?;
        let later: Vec<Uid> = before.iter().filter(|row| row.modseq > since).map(|row| row.uid).collect();
        same("left by UNCHANGEDSINCE", left.iter().collect(), later.clone())?;
        let stored: Vec<Uid> = uids.into_iter().filter(|uid| !later.contains(uid)).collect();
        same("stored", rows.iter().map(|row| row.uid).collect(), stored.clone())?;
        contents.store(&stored, FlagMode::Add, &flags);
        Ok(())
    }

    async fn transfer(&mut self, from: &str, pick: u16, to: &str, away: bool) -> Result<(), String> {
        let Some((target, _)) = self.model.contents(to).and_then(|contents| contents.id) else { return Ok(()) };
        let Some(source) = self.model.contents(from) else { return Ok(()) };
        let Some((id, _)) = source.id else { return Err("a mailbox without number".into()) };
        let uids = source.picked(pick);
        let mails: Vec<Mail> = uids.iter().filter_map(|uid| source.mails.get(uid).cloned()).collect();
        let engine = &self.house.engine;
        let done: Result<Moved, _> = if away {
            engine.move_to(self.user, id, &set(&uids), target, NOW).await
        } else {
            engine.copy(self.user, id, &set(&uids), target, NOW).await
        };
        let moved = done.map_err(|e| e.to_string())?;
        same("old UIDs", moved.uids.iter().map(|(old, _)| *old).collect(), uids.clone())?;
        if let (true, Some(source)) = (away, self.model.contents(from)) {
            source.mails.retain(|uid, _| !uids.contains(uid));
        }
        let Some(contents) = self.model.contents(to) else { return Err("no target".into()) };
        for ((_, new), mail) in moved.uids.iter().zip(mails) {
            put(contents, *new, mail)?;
        }
        Ok(())
    }

    async fn expunge(&mut self, of: &str, pick: Option<u16>) -> Result<(), String> {
        let Some(contents) = self.model.contents(of) else { return Ok(()) };
        let Some((id, _)) = contents.id else { return Err("a mailbox without number".into()) };
        let uids = pick.map(|pick| contents.picked(pick));
        let asked = uids.as_deref().map(set);
        let done = self.house.engine.expunge(self.user, id, asked.as_ref(), NOW).await;
        let goes = |uid: &Uid, mail: &Mail| {
            mail.flags.system.contains(SystemFlags::DELETED) && uids.as_ref().is_none_or(|uids| uids.contains(uid))
        };
        let gone: Vec<Uid> = contents.mails.iter().filter(|(u, m)| goes(u, m)).map(|(uid, _)| *uid).collect();
        contents.mails.retain(|uid, mail| !goes(uid, mail));
        same("expunged", done.map_err(|e| e.to_string())?.iter().collect(), gone)
    }

    /// Compares everything that can be looked at.
    async fn agree(&mut self) -> Result<(), String> {
        let listed = self.house.engine.mailboxes(self.user).await.map_err(|e| e.to_string())?;
        let names: Vec<&String> = listed.iter().map(|mailbox| &mailbox.name).collect();
        same("names", names, self.model.boxes.keys().collect())?;
        let usage = self.house.engine.usage(self.user).await.map_err(|e| e.to_string())?;
        let size: u64 = self.model.boxes.values().flatten().flat_map(|c| c.mails.values()).map(|mail| mail.size).sum();
        same("usage", usage.bytes, size)?;
        let known = self.model.validity;
        for mailbox in &listed {
            let children = self.model.has_children(&mailbox.name);
            same("has_children", mailbox.has_children, children)?;
            let contents = self.model.contents(&mailbox.name);
            same("selectable", mailbox.selectable, contents.is_some())?;
            if let Some(contents) = contents {
                if contents.id.is_none() {
                    let fresh = mailbox.state.uid_validity;
                    check(fresh > known, || format!("{}: UIDVALIDITY {fresh} again", mailbox.name))?;
                }
                counters_agree(mailbox, contents)?;
                contents_agree(self.house, self.user, mailbox, contents).await?;
                self.model.validity = self.model.validity.max(mailbox.state.uid_validity);
            }
        }
        Ok(())
    }

    /// From every M at which a mailbox was looked at, its changes lead exactly to what is in it now.
    async fn views_can_be_rebuilt(&self) -> Result<(), String> {
        for (name, contents) in self.model.boxes.iter().filter_map(|(name, c)| Some((name, c.as_ref()?))) {
            let Some((id, _)) = contents.id else { continue };
            for (since, view) in &contents.views {
                let changes = self.house.engine.changes_since(self.user, id, *since, false).await;
                let changes = changes.map_err(|e| e.to_string())?;
                let wrong = |what: &str| format!("{name} since {since}: {what}; view {view:?}, {changes:?}");
                let gone: Vec<Uid> = view.keys().filter(|uid| !contents.mails.contains_key(uid)).copied().collect();
                check(changes.expunged.iter().eq(gone), || wrong("expunged"))?;
                let mut rebuilt = view.clone();
                rebuilt.retain(|uid, _| !changes.expunged.contains(*uid));
                for row in &changes.rows {
                    check(row.modseq > *since, || wrong("a row that did not change"))?;
                    check((row.created > *since) != view.contains_key(&row.uid), || wrong("created"))?;
                    rebuilt.insert(row.uid, row.flags.clone());
                }
                check(rebuilt == contents.flags(), || wrong("rebuilt"))?;
            }
        }
        Ok(())
    }
}

/// Puts a mail into the model, if its UID may be new.
fn put(contents: &mut Contents, uid: Uid, mail: Mail) -> Result<(), String> {
    let next = contents.state.map_or(Uid(1), |state| state.uid_next);
    let last = contents.mails.last_key_value().map_or(Uid(0), |(last, _)| *last);
    check(uid >= next && uid > last, || format!("UID {uid} after UIDNEXT {next} and last {last}"))?;
    contents.mails.insert(uid, mail);
    Ok(())
}

fn counters_agree(mailbox: &Mailbox, contents: &mut Contents) -> Result<(), String> {
    let (state, name) = (mailbox.state, &mailbox.name);
    let of = |flag, set: bool| contents.mails.values().filter(|m| m.flags.system.contains(flag) == set).count() as u32;
    let counted = (contents.mails.len() as u32, of(SystemFlags::SEEN, false), of(SystemFlags::DELETED, true));
    same(&format!("messages, unseen, deleted of {name}"), (state.messages, state.unseen, state.deleted), counted)?;
    same(&format!("size of {name}"), state.size, contents.mails.values().map(|mail| mail.size).sum())?;
    let number = (mailbox.id, state.uid_validity);
    same(&format!("number of {name}"), number, *contents.id.get_or_insert(number))?;
    let before = contents.state.replace(state).unwrap_or(state);
    check(state.uid_next >= before.uid_next, || format!("{name}: UIDNEXT went back"))?;
    check(state.highest_modseq >= before.highest_modseq, || format!("{name}: HIGHESTMODSEQ went back"))?;
    let last = contents.mails.last_key_value().map_or(Uid(0), |(last, _)| *last);
    check(state.uid_next > last, || format!("{name}: UIDNEXT {} is not above {last}", state.uid_next))
}

async fn contents_agree(house: &House, user: UserId, mailbox: &Mailbox, contents: &mut Contents) -> Result<(), String> {
    let seen = contents.views.last().map_or(ModSeq(0), |(modseq, _)| *modseq);
    let flags = contents.flags();
    if !contents.views.is_empty() && seen == mailbox.state.highest_modseq {
        let before = contents.views.last().map(|(_, view)| view.clone()).unwrap_or_default();
        return same(&format!("{} without a new M", mailbox.name), flags, before);
    }
    let opened = house.engine.open_mailbox(user, mailbox.id, false).await.map_err(|e| e.to_string())?;
    same("UIDs", opened.uids.iter().collect(), contents.mails.keys().copied().collect::<Vec<_>>())?;
    let unseen = contents.mails.iter().find(|(_, mail)| !mail.flags.system.contains(SystemFlags::SEEN));
    same("first unseen", opened.first_unseen, unseen.map(|(uid, _)| *uid))?;
    let used = flags.values().flat_map(|flags| &flags.keywords);
    check(used.clone().all(|word| opened.keywords.contains(word)), || "keywords in use are missing".into())?;
    let rows = house.engine.flags(user, mailbox.id, &opened.uids).await.map_err(|e| e.to_string())?;
    let read: BTreeMap<Uid, Flags> = rows.into_iter().map(|row| (row.uid, row.flags)).collect();
    same("flags", read, flags.clone())?;
    contents.views.push((opened.mailbox.state.highest_modseq, flags));
    Ok(())
}
