//! A person's mailboxes as a plain value: what an engine must agree with. Knows no engine.

use std::collections::BTreeMap;

use types::{Flags, MailboxId, ModSeq, Uid, UidValidity};

use crate::{FlagMode, MailboxState};

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mail {
    pub flags: Flags,
    pub size: u64,
}

/// One mailbox that can be selected.
#[derive(Debug, Clone, Default)]
pub(super) struct Contents {
    /// Its number and UIDVALIDITY, once the engine told them.
    pub id: Option<(MailboxId, UidValidity)>,
    /// The engine's counters when it was last looked at.
    pub state: Option<MailboxState>,
    pub mails: BTreeMap<Uid, Mail>,
    /// What was in it at each M at which it was looked at.
    pub views: Vec<(ModSeq, BTreeMap<Uid, Flags>)>,
}

impl Contents {
    /// The UIDs at the places whose bit is set in `pick`.
    pub fn picked(&self, pick: u16) -> Vec<Uid> {
        let chosen = |(i, _): &(usize, &Uid)| pick >> (i % 16) & 1 == 1;
        self.mails.keys().enumerate().filter(chosen).map(|(_, uid)| *uid).collect()
    }
    /// Flags by UID.
    pub fn flags(&self) -> BTreeMap<Uid, Flags> {
        self.mails.iter().map(|(uid, mail)| (*uid, mail.flags.clone())).collect()
    }
    /// STORE.
    pub fn store(&mut self, uids: &[Uid], mode: FlagMode, flags: &Flags) {
        for (_, mail) in self.mails.iter_mut().filter(|(uid, _)| uids.contains(uid)) {
            mail.flags = match mode {
                FlagMode::Replace => flags.clone(),
                FlagMode::Add => mail.flags.union(flags),
                FlagMode::Remove => mail.flags.without(flags),
            };
        }
    }
}

/// All mailboxes of a person by name; `None` is a name that cannot be selected.
#[derive(Debug, Clone)]
pub(super) struct Model {
    pub boxes: BTreeMap<String, Option<Contents>>,
    /// The greatest UIDVALIDITY seen.
    pub validity: UidValidity,
}

impl Model {
    /// What a person starts with.
    pub fn new() -> Self {
        let boxes = crate::MailboxRole::ALL.map(|(_, name, _)| (name.to_owned(), Some(Contents::default())));
        Self { boxes: boxes.into(), validity: UidValidity(0) }
    }
    pub fn has_children(&self, name: &str) -> bool {
        self.boxes.keys().any(|other| is_below(other, name))
    }
    pub fn contents(&mut self, name: &str) -> Option<&mut Contents> {
        self.boxes.get_mut(name)?.as_mut()
    }
    /// CREATE; whether it is allowed.
    pub fn create(&mut self, name: &str) -> bool {
        if self.boxes.get(name).is_some_and(Option::is_some) {
            return false;
        }
        self.make_above(name);
        self.boxes.insert(name.to_owned(), Some(Contents::default()));
        true
    }
    /// DELETE; whether it is allowed.
    pub fn delete(&mut self, name: &str) -> bool {
        let parent = self.has_children(name);
        match self.boxes.get_mut(name) {
            Some(contents) if name != "INBOX" && !(contents.is_none() && parent) => {
                *contents = None;
                self.drop_empty_names();
                true
            }
            _ => false,
        }
    }
    /// RENAME; whether it is allowed.
    pub fn rename(&mut self, from: &str, to: &str) -> bool {
        if self.boxes.contains_key(to) || !self.boxes.contains_key(from) || (from != "INBOX" && is_below(to, from)) {
            return false;
        }
        self.make_above(to);
        if from == "INBOX" {
            let old = self.boxes.insert("INBOX".into(), Some(Contents::default())).flatten();
            self.boxes.insert(to.to_owned(), old);
            return true;
        }
        let names: Vec<String> = self.boxes.keys().filter(|n| *n == from || is_below(n, from)).cloned().collect();
        for name in names {
            let contents = self.boxes.remove(&name).flatten();
            self.boxes.insert(format!("{to}{}", &name[from.len()..]), contents);
        }
        self.drop_empty_names();
        true
    }
    fn make_above(&mut self, name: &str) {
        for (i, _) in name.match_indices('/') {
            self.boxes.entry(name[..i].to_owned()).or_insert_with(|| Some(Contents::default()));
        }
    }
    fn drop_empty_names(&mut self) {
        let empty = |model: &Self| {
            let mut ghosts = model.boxes.iter().filter(|(_, contents)| contents.is_none()).map(|(name, _)| name);
            ghosts.find(|name| !model.has_children(name)).cloned()
        };
        while let Some(name) = empty(self) {
            self.boxes.remove(&name);
        }
    }
}

fn is_below(name: &str, above: &str) -> bool {
    name.strip_prefix(above).is_some_and(|rest| rest.starts_with('/'))
}
