//! What a client that said NOTIFY (RFC 5465) knows of its mailboxes, and what became of them since. Pure: mailboxes in,
//! news out. A client is told of differences to what it was told before, so that nothing has to be kept for it meanwhile,
//! however much happens.

use std::collections::BTreeMap;

use store::{Mailbox, MailboxRole};
use types::MailboxId;

use crate::spaces::is_beside;
use crate::wire::fetch::Item;
use crate::wire::notify::{Events, Filter, Group};

/// Of more mailboxes nobody is told so.
pub(crate) const MOST: usize = 10_000;

/// There are more mailboxes than [`MOST`].
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Overflow;

/// What a client asked for, and what it knows.
pub(crate) struct Notified {
    groups: Vec<Group>,
    known: BTreeMap<MailboxId, Mailbox>,
}

/// What became of a mailbox.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum News {
    /// `* LIST`: it was made, or (un)subscribed; or renamed, from this name.
    Listed(Mailbox, Option<String>),
    /// `* LIST (\NonExistent)`
    Gone(String),
    /// `* STATUS`
    Status(Mailbox),
}

impl Notified {
    /// Begins with the mailboxes as they are.
    pub(crate) fn new(groups: Vec<Group>, mailboxes: Vec<Mailbox>) -> Result<Self, Overflow> {
        let known = known(mailboxes)?;
        Ok(Self { groups, known })
    }

    /// The mailboxes of whose messages it is told, but for the one that is open.
    pub(crate) fn with_messages(&self, selected: Option<MailboxId>) -> Vec<Mailbox> {
        let told =
            |mailbox: &&Mailbox| mailbox.selectable && Some(mailbox.id) != selected && self.events(mailbox).messages;
        self.known.values().filter(told).cloned().collect()
    }

    /// How the open mailbox is told of while no command runs: whether expunges wait. `None`: not at all. Groups that name it
    /// otherwise do not count (RFC 5465 section 3.1).
    pub(crate) fn selected(&self) -> Option<bool> {
        self.groups.iter().find_map(|group| match group.filter {
            Filter::Selected { delayed } => group.events.messages.then_some(delayed),
            _ => None,
        })
    }

    /// The mailboxes named one by one of whose messages it cannot be told, since they may be listed and not read.
    pub(crate) fn without_access(&self) -> Vec<&Mailbox> {
        let named = |group: &Group, mailbox: &Mailbox| {
            matches!(group.filter, Filter::Mailboxes(_) | Filter::Subtree(_))
                && group.events.messages
                && takes(&group.filter, mailbox)
        };
        let closed = |mailbox: &&Mailbox| !mailbox.selectable && self.groups.iter().any(|group| named(group, mailbox));
        self.known.values().filter(closed).collect()
    }

    /// What is told of each new message of the open mailbox.
    pub(crate) fn fetch(&self) -> &[Item] {
        let selected = self.groups.iter().find(|group| matches!(group.filter, Filter::Selected { .. }));
        selected.map_or(&[], |group| &group.events.fetch)
    }

    /// Whether changes of the annotations of this mailbox, or with `None` of the server, are told.
    pub(crate) fn tells_metadata(&self, mailbox: Option<&Mailbox>) -> bool {
        match mailbox {
            Some(mailbox) => self.events(mailbox).metadata,
            None => self.groups.iter().any(|group| group.events.server_metadata),
        }
    }

    /// What became of the mailboxes since the last time; the one that is open is told of otherwise.
    pub(crate) fn news(&mut self, mailboxes: Vec<Mailbox>, selected: Option<MailboxId>) -> Result<Vec<News>, Overflow> {
        let now = known(mailboxes)?;
        let before = std::mem::take(&mut self.known);
        let mut news = Vec::new();
        for (id, old) in &before {
            if !now.contains_key(id) && self.events(old).names {
                news.push(News::Gone(old.name.clone()));
            }
        }
        // who was told of it under its old name, or while it was subscribed, hears that it is so no longer
        let either = |old: Option<&Mailbox>, mailbox: &Mailbox| {
            self.told(|filter| takes(filter, mailbox) || old.is_some_and(|old| takes(filter, old)))
        };
        let renamed = now.iter().filter_map(|(id, mailbox)| {
            let old = before.get(id).filter(|old| old.name != mailbox.name)?;
            either(Some(old), mailbox).names.then_some((old.name.as_str(), mailbox.name.as_str()))
        });
        let renamed: BTreeMap<&str, &str> = renamed.collect();
        for (id, mailbox) in &now {
            let old = before.get(id);
            let moved = old.is_some_and(|old| went_along(&renamed, &old.name, &mailbox.name));
            news.extend(listed(either(old, mailbox), old, mailbox, moved));
            if mailbox.selectable && Some(*id) != selected && has_other_messages(self.events(mailbox), old, mailbox) {
                news.push(News::Status(mailbox.clone()));
            }
        }
        self.known = now;
        Ok(news)
    }

    /// What is told of the mailbox: the events of all groups that take it together (RFC 5465 section 6).
    fn events(&self, mailbox: &Mailbox) -> Told {
        self.told(|filter| takes(filter, mailbox))
    }

    fn told(&self, takes: impl Fn(&Filter) -> bool) -> Told {
        let taking = self.groups.iter().filter(|group| takes(&group.filter));
        taking.fold(Told::default(), |told, group| told.and(&group.events))
    }
}

/// The events that several groups ask for of one mailbox.
#[derive(Debug, Clone, Copy, Default)]
struct Told {
    messages: bool,
    flags: bool,
    names: bool,
    subscriptions: bool,
    metadata: bool,
}

impl Told {
    fn and(self, events: &Events) -> Self {
        Self {
            messages: self.messages || events.messages,
            flags: self.flags || events.flags,
            names: self.names || events.names,
            subscriptions: self.subscriptions || events.subscriptions,
            metadata: self.metadata || events.metadata,
        }
    }
}

fn known(mailboxes: Vec<Mailbox>) -> Result<BTreeMap<MailboxId, Mailbox>, Overflow> {
    if mailboxes.len() > MOST {
        return Err(Overflow);
    }
    Ok(mailboxes.into_iter().map(|mailbox| (mailbox.id, mailbox)).collect())
}

fn takes(filter: &Filter, mailbox: &Mailbox) -> bool {
    let is_below =
        |above: &str| mailbox.name.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    match filter {
        Filter::Selected { .. } => false,
        // Mail is delivered into INBOX alone.
        Filter::Inboxes => mailbox.role == Some(MailboxRole::Inbox),
        Filter::Personal => !is_beside(&mailbox.name),
        Filter::Subscribed => mailbox.subscribed,
        Filter::Subtree(names) => names.iter().any(|name| is_below(name.as_str())),
        Filter::Mailboxes(names) => names.iter().any(|name| name.as_str() == mailbox.name),
    }
}

/// Whether a mailbox has its new name because one above it was renamed, of which the client is told: it concludes the rest.
fn went_along(renamed: &BTreeMap<&str, &str>, old: &str, new: &str) -> bool {
    old.match_indices('/').any(|(at, _)| {
        let (above, below) = old.split_at(at);
        renamed.get(above).is_some_and(|above| new.strip_prefix(above) == Some(below))
    })
}

/// The LIST of a mailbox (RFC 5465 5.4, 5.5): none of one that went along with one above it, nor of the INBOX that is there
/// since the one before was renamed.
fn listed(events: Told, old: Option<&Mailbox>, mailbox: &Mailbox, went_along: bool) -> Option<News> {
    let Some(old) = old else {
        let made = events.names && mailbox.role != Some(MailboxRole::Inbox);
        return made.then(|| News::Listed(mailbox.clone(), None));
    };
    if events.names && old.name != mailbox.name && !went_along {
        return Some(News::Listed(mailbox.clone(), Some(old.name.clone())));
    }
    let changed = (events.subscriptions && old.subscribed != mailbox.subscribed)
        || (events.names && old.selectable != mailbox.selectable);
    changed.then(|| News::Listed(mailbox.clone(), None))
}

fn has_other_messages(events: Told, old: Option<&Mailbox>, mailbox: &Mailbox) -> bool {
    let now = &mailbox.state;
    let Some(old) = old.map(|old| &old.state) else { return events.messages && now.messages > 0 };
    let others = old.uid_next != now.uid_next || old.messages != now.messages || old.uid_validity != now.uid_validity;
    (events.messages && others) || (events.flags && old.highest_modseq != now.highest_modseq)
}

#[cfg(test)]
mod tests {
    use store::MailboxState;
    use types::{ModSeq, Uid, UidValidity};

    use super::*;
    use crate::wire::cursor::Cursor;
    use crate::wire::notify::{Notify, parse};

    fn groups(text: &str) -> Vec<Group> {
        let Notify::Set { groups, .. } = parse(&mut Cursor::new(text.as_bytes()), 50).unwrap() else {
            panic!("{text}")
        };
        groups
    }
    fn mailbox(id: i64, name: &str, messages: u32, modseq: u64) -> Mailbox {
        Mailbox {
            id: MailboxId(id),
            name: name.to_owned(),
            role: (name == "INBOX").then_some(MailboxRole::Inbox),
            subscribed: id % 2 == 1,
            selectable: true,
            has_children: false,
            state: MailboxState {
                uid_validity: UidValidity(1),
                uid_next: Uid(messages + 1),
                highest_modseq: ModSeq(modseq),
                messages,
                unseen: 0,
                deleted: 0,
                size: 0,
            },
        }
    }
    fn notified(text: &str) -> Notified {
        Notified::new(groups(text), vec![mailbox(1, "INBOX", 3, 9), mailbox(2, "a/b", 0, 1)]).unwrap()
    }

    #[test]
    fn only_what_was_asked_for_is_news_and_only_once() {
        let mut notified = notified(
            "SET (inboxes (MessageNew MessageExpunge)) (subtree a (MailboxName MessageNew MessageExpunge FlagChange))",
        );
        let same = || vec![mailbox(1, "INBOX", 3, 10), mailbox(2, "a/b", 0, 2)];
        assert_eq!(
            notified.news(same(), None).unwrap(),
            [News::Status(mailbox(2, "a/b", 0, 2))],
            "flags of INBOX are not asked for"
        );
        assert_eq!(notified.news(same(), None).unwrap(), []);
        let more =
            vec![mailbox(1, "INBOX", 4, 11), mailbox(2, "a/c", 0, 2), mailbox(3, "x", 1, 2), mailbox(5, "a", 1, 2)];
        let told = notified.news(more, None).unwrap();
        assert_eq!(
            told,
            [
                News::Status(mailbox(1, "INBOX", 4, 11)),
                News::Listed(mailbox(2, "a/c", 0, 2), Some("a/b".into())),
                News::Listed(mailbox(5, "a", 1, 2), None),
                News::Status(mailbox(5, "a", 1, 2)),
            ]
        );
        let fewer = vec![mailbox(1, "INBOX", 5, 12)];
        assert_eq!(
            notified.news(fewer, Some(MailboxId(1))).unwrap(),
            [News::Gone("a/c".into()), News::Gone("a".into())]
        );
    }

    #[test]
    fn all_groups_that_take_a_mailbox_count_together() {
        let mut notified = notified(
            "SET (mailboxes INBOX NONE) (mailboxes a/b (MessageNew MessageExpunge)) (personal (SubscriptionChange))",
        );
        let mut changed = mailbox(2, "a/b", 1, 2);
        changed.subscribed = true;
        let now = vec![mailbox(1, "INBOX", 4, 11), changed.clone()];
        assert_eq!(notified.news(now, None).unwrap(), [News::Listed(changed.clone(), None), News::Status(changed)]);
        assert_eq!(notified.with_messages(None).len(), 1);
    }

    #[test]
    fn what_leaves_a_group_by_its_name_or_subscription_is_told_there_once_more() {
        let mut notified =
            notified("SET (subtree a (MailboxName MessageNew MessageExpunge)) (subscribed (SubscriptionChange))");
        let (renamed, mut dropped) = (mailbox(2, "x", 1, 2), mailbox(1, "INBOX", 3, 9));
        dropped.subscribed = false;
        let now = || vec![dropped.clone(), renamed.clone()];
        assert_eq!(
            notified.news(now(), None).unwrap(),
            [News::Listed(dropped.clone(), None), News::Listed(renamed.clone(), Some("a/b".into()))],
            "its messages are none of the subtree's any more"
        );
        assert_eq!(notified.news(vec![dropped.clone()], None).unwrap(), [], "nobody asked for what is called x");
    }

    #[test]
    fn of_a_tree_that_was_renamed_its_root_is_told() {
        let all = |names: [&str; 4]| (2..).zip(names).map(|(id, name)| mailbox(id, name, 0, 1)).collect::<Vec<_>>();
        let before = all(["a", "a/b", "a/b/c", "ab"]);
        let told = |asked: &str, now: Vec<Mailbox>| {
            let mut notified = Notified::new(groups(asked), before.clone()).unwrap();
            let news = notified.news(now, None).unwrap();
            let name = |news: News| match news {
                News::Listed(mailbox, old) => (old.unwrap_or_default(), mailbox.name),
                other => panic!("{other:?}"),
            };
            news.into_iter().map(name).collect::<Vec<_>>()
        };
        let pair = |old: &str, new: &str| (old.to_owned(), new.to_owned());
        let moved = || all(["x/a", "x/a/b", "x/a/b/c", "ab"]);
        assert_eq!(told("SET (personal (MailboxName))", moved()), [pair("a", "x/a")]);
        assert_eq!(told("SET (mailboxes a/b/c (MailboxName))", moved()), [pair("a/b/c", "x/a/b/c")]);
        let twice = all(["x", "x/b", "y", "ab"]);
        assert_eq!(told("SET (personal (MailboxName))", twice), [pair("a", "x"), pair("a/b/c", "y")]);
        // the mail of INBOX went elsewhere, and INBOX is where it was
        let mut notified =
            Notified::new(groups("SET (personal (MailboxName))"), vec![mailbox(1, "INBOX", 3, 9)]).unwrap();
        let renamed = Mailbox { role: None, ..mailbox(1, "2026", 3, 9) };
        assert_eq!(
            notified.news(vec![renamed.clone(), mailbox(8, "INBOX", 0, 10)], None).unwrap(),
            [News::Listed(renamed, Some("INBOX".into()))]
        );
    }

    #[test]
    fn what_is_named_and_may_not_be_read_is_named() {
        let closed = || Mailbox { selectable: false, ..mailbox(3, "a/c", 0, 1) };
        let names = |text: &str| {
            let notified = Notified::new(groups(text), vec![mailbox(2, "a/b", 0, 1), closed()]).unwrap();
            notified.without_access().into_iter().map(|mailbox| mailbox.name.clone()).collect::<Vec<_>>()
        };
        assert_eq!(names("SET (subtree a (MessageNew MessageExpunge))"), ["a/c"]);
        assert_eq!(names("SET (mailboxes a/c (MessageNew MessageExpunge MailboxName))"), ["a/c"]);
        assert_eq!(names("SET (mailboxes a/c (MailboxName)) (personal (MessageNew MessageExpunge))"), [""; 0]);
    }

    #[test]
    fn the_open_mailbox_is_told_of_at_once_or_with_the_next_command_or_not_at_all() {
        assert_eq!(notified("SET (selected (MessageNew (UID) MessageExpunge))").selected(), Some(false));
        assert_eq!(notified("SET (selected-delayed (MessageNew MessageExpunge))").selected(), Some(true));
        assert_eq!(notified("SET (selected NONE) (personal (MessageNew MessageExpunge))").selected(), None);
        assert_eq!(notified("SET (personal (MessageNew MessageExpunge))").selected(), None);
        assert_eq!(notified("SET (selected (MessageNew (UID) MessageExpunge))").fetch().len(), 1);
    }

    #[test]
    fn too_many_mailboxes_are_too_many() {
        let many = || (0..=MOST as i64).map(|id| mailbox(id, &format!("m{id}"), 0, 1)).collect::<Vec<_>>();
        assert!(Notified::new(groups("SET (personal NONE)"), many()).is_err());
        assert_eq!(notified("SET (personal (MailboxName))").news(many(), None), Err(Overflow));
    }
}
