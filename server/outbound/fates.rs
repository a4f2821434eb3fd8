//! From a judgement per recipient to fates: recipients with equal verdicts share one.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::ledger::Numbers;
use inspect::extract::Kept;
use store::{Directory, GroupKind, Role};
use types::{Address, GroupId, TenantId, Timestamp, Treatment, UserId};

/// What happens to a part of a submission.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Act {
    /// It goes.
    Send,
    /// It goes so many minutes later.
    Delay(u32),
    /// It waits.
    Hold(HoldTerms),
    /// It is discarded.
    Delete,
    /// The whole submission is refused.
    Block,
}

/// What a hold waits for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct HoldTerms {
    /// As the rule writes them: addresses, `group:NAME`, `supervisor`.
    pub approvers: Vec<String>,
    /// When the outcome fires.
    pub deadline: Timestamp,
    /// When the approvers are reminded.
    pub reminders: Vec<Timestamp>,
    /// `return`, `reject`, `send` or `escalate`.
    pub then: String,
    /// How it is approved.
    pub terms: store::Terms,
    /// Its own author decides, and nobody else.
    pub own: bool,
}

/// A rule that matched, with its texts.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Hit {
    pub code: String,
    pub message: String,
    pub approver_message: String,
    /// Whether My Numbers made it match.
    pub numbers: bool,
    /// Whether it stops the mail, or asks its sender.
    pub stops: bool,
}

/// A fate and those who share it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fate {
    pub act: Act,
    pub recipients: Vec<Address>,
    pub hits: Vec<Hit>,
    /// Who else is told: addresses, `group:NAME`, `sender`, `supervisor`.
    pub notify: Vec<String>,
    /// What is done when it goes.
    pub treatment: Treatment,
}

/// The judgement of a submission, as outbound acts on it.
#[derive(Debug, Clone)]
pub(crate) struct Judged {
    pub fates: Vec<Fate>,
    /// The judgement with its trace as JSON; masked.
    pub verdict: String,
    /// Findings of level likely or above.
    pub sensitive: bool,
    /// The subject, masked.
    pub subject: String,
    /// The places of the findings, for people.
    pub places: Places,
    /// What an SMTP reply says when the whole is refused, ASCII.
    pub block_lines: Vec<String>,
    /// The rules that matched only to be recorded.
    pub recorded: Vec<String>,
    /// What of it belongs into the ledger of specified personal information.
    pub numbers: Option<Numbers>,
    /// What was read in the attachments and is to be kept beside the mail.
    pub texts: Option<Kept>,
}

/// Where something was found, in two languages.
#[derive(Debug, Clone, Default)]
pub(crate) struct Places {
    pub ja: String,
    pub en: String,
}

impl Fate {
    /// A fate that nobody shares yet.
    pub fn new(act: Act, hits: Vec<Hit>, notify: Vec<String>, treatment: Treatment) -> Self {
        Self { act, recipients: Vec::new(), hits, notify, treatment }
    }

    /// Whether it goes without a decision.
    pub fn goes(&self) -> bool {
        matches!(self.act, Act::Send | Act::Delay(_))
    }

    /// When it goes, of what goes without a decision, and not before `undo_until`; `None`: at once.
    pub fn leaves(&self, at: Timestamp, undo_until: Option<Timestamp>) -> Option<Timestamp> {
        match self.act {
            Act::Send => undo_until,
            Act::Delay(minutes) => Some(at.after(Duration::from_secs(u64::from(minutes) * 60))).max(undo_until),
            Act::Hold(_) | Act::Delete | Act::Block => None,
        }
    }
}

impl Judged {
    /// Whether any rule refuses the whole.
    pub fn blocked(&self) -> bool {
        self.fates.iter().any(|fate| fate.act == Act::Block)
    }
    /// The rules that matched anywhere, each once.
    pub fn hits(&self) -> Vec<&Hit> {
        let mut hits: Vec<&Hit> = Vec::new();
        for hit in self.fates.iter().flat_map(|fate| &fate.hits) {
            if !hits.iter().any(|known| known.code == hit.code) {
                hits.push(hit);
            }
        }
        hits
    }
}

/// Adds a recipient to the fate that is equal to his, or opens a new one.
pub(crate) fn add(fates: &mut Vec<Fate>, recipient: Address, like: Fate) {
    let same = |fate: &&mut Fate| {
        let what = (&fate.act, &fate.hits, &fate.notify, &fate.treatment);
        what == (&like.act, &like.hits, &like.notify, &like.treatment)
    };
    match fates.iter_mut().find(same) {
        Some(fate) => fate.recipients.push(recipient),
        None => fates.push(Fate { recipients: vec![recipient], ..like }),
    }
}

/// The people behind what a rule writes: an address, `group:NAME`, `sender`, `supervisor`, `administrator`. Never `author` as an
/// approver of his own mail: the caller takes him out.
pub(crate) fn people(directory: &Directory, tenant: TenantId, author: Option<UserId>, words: &[String]) -> Vec<UserId> {
    let mut found = Vec::new();
    for word in words {
        match word.as_str() {
            "sender" => found.extend(author),
            "supervisor" => {
                found.extend(author.and_then(|id| directory.users.get(&id)).and_then(|user| user.supervisor));
            }
            "administrator" => found.extend(administrators(directory, tenant)),
            word => match word.strip_prefix("group:") {
                Some(name) => found.extend(members(directory, tenant, name)),
                None => {
                    let address = Address::parse(word).ok();
                    found.extend(address.and_then(|a| directory.user_by_address(&a)).map(|user| user.id));
                }
            },
        }
    }
    found.sort();
    found.dedup();
    found.retain(|id| directory.users.get(id).is_some_and(|user| user.tenant == tenant));
    found
}

fn administrators(directory: &Directory, tenant: TenantId) -> impl Iterator<Item = UserId> {
    let all = directory.users.values().filter(move |user| user.tenant == tenant && user.roles.has(Role::Admin));
    all.map(|user| user.id)
}

fn members(directory: &Directory, tenant: TenantId, name: &str) -> Vec<UserId> {
    let group = directory.group(tenant, GroupKind::Group, name);
    group.map(|group| delivery::people_in(directory, group)).unwrap_or_default()
}

/// Of each of these addresses, the names of the groups and of the lists of `tenant` that hold it, be it by a group within them.
pub(crate) fn groups_and_lists(
    directory: &Directory,
    tenant: TenantId,
    addresses: &[&Address],
) -> Vec<(Vec<String>, Vec<String>)> {
    let names = |found: BTreeSet<GroupId>| {
        let found: Vec<_> = found.iter().filter_map(|id| directory.groups.get(id)).collect();
        let of = |kind| found.iter().filter(|group| group.kind == kind).map(|group| group.name.clone()).collect();
        (of(GroupKind::Group), of(GroupKind::List))
    };
    delivery::groups_with(directory, tenant, addresses).into_iter().map(names).collect()
}

/// The names of the groups of `tenant` that hold one of these addresses.
pub(crate) fn groups_of(directory: &Directory, tenant: TenantId, addresses: &[&Address]) -> Vec<String> {
    groups_and_lists(directory, tenant, addresses).into_iter().flat_map(|(groups, _)| groups).collect()
}
