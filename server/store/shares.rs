//! Which mailboxes are shared with whom: a snapshot in memory, since shares are few and are asked for at every command that
//! touches another's mailbox. A new snapshot takes the old one's place at each change.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use types::{GroupId, MailboxId, ModSeq, TenantId, Uid, UserId};

use crate::custody::HANDLERS_BELOW;
use crate::{Directory, Group, GroupKind, Member, Rights, Role, User};

/// Who has rights on a mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Identifier {
    /// Everybody of the company.
    Anyone,
    /// A person.
    User(UserId),
    /// The people of a group.
    Group(GroupId),
}

/// The owner of a company's own mailboxes, who is no person and never signs in.
#[must_use]
pub fn company_owner(tenant: TenantId) -> UserId {
    UserId(-tenant.0)
}

/// The company whose own mailboxes this owner has.
#[must_use]
pub fn company_of(owner: UserId) -> Option<TenantId> {
    (-HANDLERS_BELOW < owner.0 && owner.0 < 0).then_some(TenantId(-owner.0))
}

/// What an administrator may do with his company's own mailboxes before anybody gave him a right: see that they are there,
/// make, delete and share them. Not read them.
const OF_ADMINISTRATORS: Rights = Rights::LOOKUP.union(Rights::CREATE).union(Rights::DELETE).union(Rights::ADMINISTER);

/// A mailbox that others than its owner may have rights on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// Whose it is.
    pub owner: UserId,
    /// Of which company.
    pub tenant: TenantId,
    /// Who has which rights, ordered by who.
    pub entries: Vec<(Identifier, Rights)>,
}

/// The snapshot.
#[derive(Debug, Clone, Default)]
pub struct Shares {
    /// Grows with every change: two snapshots of one generation are the same.
    pub generation: i64,
    /// Mailboxes with their rights; each of a company's own is here, of people's those that they share.
    pub by_mailbox: HashMap<MailboxId, Share>,
    /// The mailboxes of each company by whom they are shared with, so that nobody walks those of others.
    by_identifier: HashMap<(TenantId, Identifier), Vec<MailboxId>>,
    /// Each company's own.
    of_companies: HashMap<TenantId, Vec<MailboxId>>,
}

impl Shares {
    /// The snapshot of these mailboxes.
    #[must_use]
    pub fn new(generation: i64, by_mailbox: HashMap<MailboxId, Share>) -> Self {
        let mut shares = Self { generation, ..Self::default() };
        for (mailbox, share) in &by_mailbox {
            for (who, _) in &share.entries {
                shares.by_identifier.entry((share.tenant, *who)).or_default().push(*mailbox);
            }
            if company_of(share.owner).is_some() {
                shares.of_companies.entry(share.tenant).or_default().push(*mailbox);
            }
        }
        Self { by_mailbox, ..shares }
    }

    /// The companies of whose mailboxes `other` says something else.
    #[must_use]
    pub fn differing(&self, other: &Self) -> BTreeSet<TenantId> {
        let ids = self.by_mailbox.keys().chain(other.by_mailbox.keys());
        let pairs = ids.map(|id| (self.by_mailbox.get(id), other.by_mailbox.get(id)));
        pairs
            .filter(|(one, two)| one != two)
            .flat_map(|(one, two)| one.into_iter().chain(two))
            .map(|s| s.tenant)
            .collect()
    }

    /// What somebody who is not its owner may do with the mailbox; nothing when it is another company's, or when its owner
    /// is gone.
    #[must_use]
    pub fn rights(&self, directory: &Directory, user: &User, mailbox: MailboxId) -> Rights {
        let Some(share) = self.by_mailbox.get(&mailbox) else { return Rights::NONE };
        let owned = match company_of(share.owner) {
            Some(tenant) => tenant == user.tenant,
            None => directory.users.get(&share.owner).is_some_and(|owner| owner.tenant == user.tenant),
        };
        if !owned || share.tenant != user.tenant {
            return Rights::NONE;
        }
        let given = share.entries.iter().filter(|(who, _)| is_meant(directory, user, *who));
        let given = given.fold(Rights::NONE, |all, (_, rights)| all.union(*rights));
        let administers = user.roles.has(Role::Admin) || user.roles.has(Role::Operator);
        if company_of(share.owner).is_some() && administers { given.union(OF_ADMINISTRATORS) } else { given }
    }

    /// The mailboxes that somebody sees in lists beside his own, by owner.
    #[must_use]
    pub fn visible(&self, directory: &Directory, user: &User) -> BTreeMap<UserId, HashMap<MailboxId, Rights>> {
        let mut visible: BTreeMap<UserId, HashMap<MailboxId, Rights>> = BTreeMap::new();
        for mailbox in self.candidates(directory, user) {
            let Some(share) = self.by_mailbox.get(&mailbox).filter(|share| share.owner != user.id) else { continue };
            let rights = self.rights(directory, user, mailbox);
            if rights.has(Rights::LOOKUP) {
                visible.entry(share.owner).or_default().insert(mailbox, rights);
            }
        }
        visible
    }

    /// Whether somebody sees any mailbox of this owner beside his own.
    #[must_use]
    pub fn sees_any_of(&self, directory: &Directory, user: &User, owner: UserId) -> bool {
        let is_his = |mailbox: &MailboxId| self.by_mailbox.get(mailbox).is_some_and(|share| share.owner == owner);
        let mut of_owner = self.candidates(directory, user).into_iter().filter(is_his);
        of_owner.any(|mailbox| self.rights(directory, user, mailbox).has(Rights::LOOKUP))
    }

    /// The mailboxes on which somebody may have rights: [`Self::rights`] judges which.
    fn candidates(&self, directory: &Directory, user: &User) -> BTreeSet<MailboxId> {
        let groups = directory.groups.values().filter(|group| is_member(group, user));
        let groups = groups.map(|group| Identifier::Group(group.id));
        let whom = [Identifier::Anyone, Identifier::User(user.id)].into_iter().chain(groups);
        let given = whom.filter_map(|who| self.by_identifier.get(&(user.tenant, who)));
        given.chain(self.of_companies.get(&user.tenant)).flatten().copied().collect()
    }
}

fn is_meant(directory: &Directory, user: &User, who: Identifier) -> bool {
    match who {
        Identifier::Anyone => true,
        Identifier::User(id) => id == user.id,
        Identifier::Group(id) => directory.groups.get(&id).is_some_and(|group| is_member(group, user)),
    }
}

fn is_member(group: &Group, user: &User) -> bool {
    let named = |member: &Member| match member {
        Member::User(id) => *id == user.id,
        Member::Address(address) => user.owns(address),
    };
    group.tenant == user.tenant && group.kind == GroupKind::Group && group.members.iter().any(named)
}

/// One end of a change: a mailbox, whose it is, who reaches into it and what he may do there. Made by [`crate::Store`] from an
/// access that it found good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hand {
    /// Whose mailbox.
    pub owner: UserId,
    /// Which.
    pub mailbox: MailboxId,
    /// Who.
    pub reader: UserId,
    /// What he may do.
    pub rights: Rights,
}

impl Hand {
    /// The owner's own.
    #[must_use]
    pub fn own(owner: UserId, mailbox: MailboxId) -> Self {
        Self { owner, mailbox, reader: owner, rights: Rights::ALL }
    }
    /// Whether it is the owner's own: then `\Seen` is that of the message, else the reader's.
    #[must_use]
    pub fn is_own(&self) -> bool {
        self.owner == self.reader
    }
}

/// Whether somebody has seen a message of another's mailbox, and since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeenRow {
    /// UID.
    pub uid: Uid,
    /// Whether.
    pub seen: bool,
    /// The mailbox's MODSEQ at which that changed.
    pub modseq: ModSeq,
}

/// What the engine keeps of somebody's relation to another's mailbox, for lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ReaderState {
    /// How many of the messages there he has seen.
    pub seen: u32,
    /// Whether he subscribed it.
    pub subscribed: bool,
}

/// A mailbox of another, as somebody sees it in a list: counters, subscription and children are his.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedMailbox {
    /// Whose it is.
    pub owner: UserId,
    /// The mailbox under the name that it has for its owner.
    pub mailbox: crate::Mailbox,
    /// What he may do.
    pub rights: Rights,
}
