//! People, domains, groups and rules: a snapshot in memory, since 10,000 people are small and are asked for at
//! every RCPT. A new snapshot takes the old one's place at each change.

use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use types::{
    Address, Domain, GroupId, Language, Policies, PolicyChange, Settings, TenantId, Timestamp, UndoTime, UserId,
};
use zeroize::Zeroize;

use crate::{
    AgreedPassword, DkimKey, NewAgreedPassword, NewAppPassword, NewDkimKey, NewSecondFactor, RecoveryHash, SecondFactor,
};

/// So many people with the role handler a company needs: one of them decides on the mail of the other.
const HANDLERS_NEEDED: usize = 2;

/// A company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    /// Its number.
    pub id: TenantId,
    /// Its short name: lower-case letters, digits, hyphens.
    pub name: String,
    /// Its name for people.
    pub title: String,
    /// What it has decided for its people.
    pub policies: Policies,
}

/// A domain that this server receives for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DomainRow {
    /// The name.
    pub name: Domain,
    /// Whose.
    pub tenant: TenantId,
}

/// The roles of DESIGN.md section 7.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// 利用者
    User,
    /// 承認者
    Approver,
    /// 取扱担当者: may open mail that holds My Numbers
    Handler,
    /// 監査者
    Auditor,
    /// テナント管理者
    Admin,
    /// 全体管理者
    Operator,
}

impl Role {
    /// All, with the words of the command line.
    pub const ALL: [(Self, &'static str); 6] = [
        (Self::User, "user"),
        (Self::Approver, "approver"),
        (Self::Handler, "handler"),
        (Self::Auditor, "auditor"),
        (Self::Admin, "admin"),
        (Self::Operator, "operator"),
    ];
    /// Reads a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, name)| *name == word).map(|(role, _)| *role)
    }
}

/// A set of roles as bits, in the order of [`Role::ALL`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Roles(pub u8);

impl Roles {
    /// With `role` in it.
    #[must_use]
    pub fn with(self, role: Role) -> Self {
        Self(self.0 | 1 << role as u8)
    }
    /// Whether `role` is in it.
    #[must_use]
    pub fn has(self, role: Role) -> bool {
        self.0 & (1 << role as u8) != 0
    }
    /// The words of those in it.
    #[must_use]
    pub fn words(self) -> Vec<&'static str> {
        Role::ALL.iter().filter(|(role, _)| self.has(*role)).map(|(_, name)| *name).collect()
    }
}

/// Whether a person may sign in and receive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UserState {
    /// May.
    Active,
    /// Receives, may not sign in.
    Suspended,
}

/// What proves a password: an argon2id hash (PHC string) and SCRAM-SHA-256 keys (RFC 5802, 7677).
#[derive(Clone, PartialEq, Eq, Zeroize, Serialize, Deserialize)]
pub struct Credentials {
    /// argon2id, PHC string.
    pub argon2: String,
    /// SCRAM salt.
    pub salt: Vec<u8>,
    /// SCRAM iteration count.
    pub iterations: u32,
    /// SCRAM StoredKey.
    pub stored_key: Vec<u8>,
    /// SCRAM ServerKey.
    pub server_key: Vec<u8>,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Credentials(***)")
    }
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The number.
    pub id: UserId,
    /// The company.
    pub tenant: TenantId,
    /// The primary address: what signs in, and the default sender.
    pub address: Address,
    /// Further addresses of the same mailbox.
    pub aliases: Vec<Address>,
    /// The name for people.
    pub name: String,
    /// The department, empty when none.
    pub department: String,
    /// 上長.
    pub supervisor: Option<UserId>,
    /// Roles.
    pub roles: Roles,
    /// Most bytes in all mailboxes together; `None`: no bound.
    pub quota: Option<u64>,
    /// Most messages in all mailboxes together; `None`: no bound.
    pub message_quota: Option<u64>,
    /// State.
    pub state: UserState,
    /// The language of notices and pages.
    pub language: Language,
    /// What he has chosen for himself.
    pub settings: Settings,
    /// `None` until a password is set: nobody can sign in.
    pub credentials: Option<Credentials>,
    /// What he is asked for in the browser beside his password; `None`: nothing.
    pub second_factor: Option<SecondFactor>,
    /// Grows whenever roles, state, password or second factor change; an older [`crate::Access`] is refused.
    pub generation: u64,
}

impl User {
    /// Whether anything bounds how much he keeps.
    #[must_use]
    pub fn is_bounded(&self) -> bool {
        self.quota.is_some() || self.message_quota.is_some()
    }

    /// Whether `more` fits beside what is `used` (RFC 9208 5.1, 5.2). What does not grow fits always.
    #[must_use]
    pub fn has_room(&self, used: crate::Usage, more: crate::Usage) -> bool {
        let fits = |most: Option<u64>, used: u64, more: u64| {
            more == 0 || most.is_none_or(|most| used.saturating_add(more) <= most)
        };
        fits(self.quota, used.bytes, more.bytes) && fits(self.message_quota, used.messages, more.messages)
    }

    /// Whether mail may be sent with this address as its sender.
    #[must_use]
    pub fn owns(&self, address: &Address) -> bool {
        self.address == *address || self.aliases.contains(address)
    }
}

/// Group: people who act or receive together. List: addresses that rules name, such as 委託先.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GroupKind {
    /// A group.
    Group,
    /// A list.
    List,
}

/// A member of a group: a person here or any address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Member {
    /// A person here.
    User(UserId),
    /// An address, inside (another group) or outside.
    Address(Address),
}

/// A group or list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Number.
    pub id: GroupId,
    /// Company.
    pub tenant: TenantId,
    /// Kind.
    pub kind: GroupKind,
    /// Name, unique in the tenant and kind: what rules write behind `group:` or `list:`.
    pub name: String,
    /// Its own address, when it receives mail.
    pub address: Option<Address>,
    /// Members.
    pub members: Vec<Member>,
}

/// A tenant's rules as text (TOML) with their version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RulesText {
    /// 1, 2, 3 …
    pub version: u32,
    /// The file.
    pub text: Arc<str>,
}

/// A word by which a company's mail names a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// What the word says, as the detector's list calls it (`strong`, `negative` …).
    pub kind: String,
    /// The word.
    pub word: String,
}

/// A company has at most so many labels of its own.
pub const LABELS_MOST: usize = 1_000;

/// What an address stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Target {
    /// A mailbox.
    User(UserId),
    /// A group.
    Group(GroupId),
}

/// The snapshot.
#[derive(Debug, Clone, Default)]
pub struct Directory {
    /// Companies.
    pub tenants: HashMap<TenantId, Tenant>,
    /// Domains.
    pub domains: HashMap<Domain, DomainRow>,
    /// People.
    pub users: HashMap<UserId, Arc<User>>,
    /// Groups and lists.
    pub groups: HashMap<GroupId, Arc<Group>>,
    /// Address keys ([`Address::key`]) of people and groups.
    pub addresses: HashMap<String, Target>,
    /// The rules in force.
    pub rules: HashMap<TenantId, RulesText>,
    /// A company's own labels of numbers, beside the shipped ones; in the order in which they were added.
    pub labels: HashMap<TenantId, Arc<Vec<Label>>>,
    /// A company's agreed passwords without their texts; in the order in which they were added.
    pub agreed: HashMap<TenantId, Arc<Vec<AgreedPassword>>>,
    /// The keys with which domains sign, without their private halves; in the order in which they were added.
    pub dkim: HashMap<Domain, Arc<Vec<DkimKey>>>,
}

impl Directory {
    /// What `address` stands for; `+detail` falls back to the address without it.
    #[must_use]
    pub fn find(&self, address: &Address) -> Option<Target> {
        self.exactly(address).or_else(|| self.exactly(&address.without_detail()?))
    }

    /// Addresses are known in the spelling in which they were added: that of their domain's row, or of another row of it, which
    /// stores may have from before the two spellings were one domain.
    fn exactly(&self, address: &Address) -> Option<Target> {
        let written = self.addresses.get(&address.key()).copied();
        let other = |row: &&DomainRow| row.name.as_str() != address.domain().as_str();
        let row = || self.domains.get(address.domain()).filter(other);
        written.or_else(|| self.addresses.get(&address.spelled(&row()?.name).key()).copied())
    }
    /// The person whose mailbox `address` is.
    #[must_use]
    pub fn user_by_address(&self, address: &Address) -> Option<&Arc<User>> {
        match self.find(address)? {
            Target::User(id) => self.users.get(&id),
            Target::Group(_) => None,
        }
    }
    /// The tenant that receives for `domain`.
    #[must_use]
    pub fn tenant_of(&self, domain: &Domain) -> Option<TenantId> {
        self.domains.get(domain).map(|row| row.tenant)
    }
    /// The tenant called `name`.
    #[must_use]
    pub fn tenant_by_name(&self, name: &str) -> Option<&Tenant> {
        self.tenants.values().find(|tenant| tenant.name == name)
    }
    /// How many people of a company with the role handler are at work.
    #[must_use]
    pub fn handlers(&self, tenant: TenantId) -> usize {
        let is = |user: &&Arc<User>| {
            user.tenant == tenant && user.state == UserState::Active && user.roles.has(Role::Handler)
        };
        self.users.values().filter(is).count()
    }
    /// Whether they are too few: nobody approves his own mail, so a company needs two handlers.
    #[must_use]
    pub fn lacks_handlers(&self, tenant: TenantId) -> bool {
        self.handlers(tenant) < HANDLERS_NEEDED
    }
    /// How long a person's mail from the browser can be taken back: as he has chosen, within his company's policy.
    #[must_use]
    pub fn undo_time(&self, user: &User) -> UndoTime {
        let policy = self.tenants.get(&user.tenant).map(|tenant| tenant.policies.undo).unwrap_or_default();
        user.settings.undo.within(policy)
    }
    /// Who decides held mail in the stead of `user` at `at`: as he has chosen, a person of his company who can sign in.
    #[must_use]
    pub fn deputy_of(&self, user: UserId, at: Timestamp) -> Option<UserId> {
        let user = self.users.get(&user)?;
        let deputy = self.users.get(&user.settings.deputy.filter(|deputy| deputy.stands_in(at))?.user)?;
        let can = deputy.tenant == user.tenant && deputy.state == UserState::Active && deputy.id != user.id;
        can.then_some(deputy.id)
    }
    /// For whom `user` decides held mail at `at`.
    #[must_use]
    pub fn stands_in_for(&self, user: UserId, at: Timestamp) -> Vec<UserId> {
        let all = self.users.keys().copied().filter(|other| self.deputy_of(*other, at) == Some(user));
        let mut all: Vec<UserId> = all.collect();
        all.sort();
        all
    }
    /// The group or list of a tenant called `name`.
    #[must_use]
    pub fn group(&self, tenant: TenantId, kind: GroupKind, name: &str) -> Option<&Arc<Group>> {
        self.groups.values().find(|group| group.tenant == tenant && group.kind == kind && group.name == name)
    }
}

/// A person to be made.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// Company.
    pub tenant: TenantId,
    /// Primary address; its domain must be the tenant's.
    pub address: Address,
    /// Name.
    pub name: String,
    /// Roles; `User` is always added.
    pub roles: Roles,
    /// Password, if set at once.
    pub credentials: Option<Credentials>,
    /// Language.
    pub language: Language,
}

/// What changes of a person; `None` leaves it.
#[derive(Debug, Clone, Default)]
pub struct UserChange {
    /// Name.
    pub name: Option<String>,
    /// Department.
    pub department: Option<String>,
    /// Supervisor; `Some(None)` takes it away.
    pub supervisor: Option<Option<UserId>>,
    /// Roles, as a whole.
    pub roles: Option<Roles>,
    /// Quota in bytes; `Some(None)` takes the bound away.
    pub quota: Option<Option<u64>>,
    /// Most messages; `Some(None)` takes the bound away.
    pub message_quota: Option<Option<u64>>,
    /// State.
    pub state: Option<UserState>,
    /// Language.
    pub language: Option<Language>,
    /// Own choices, as a whole.
    pub settings: Option<Settings>,
    /// Password.
    pub credentials: Option<Credentials>,
    /// Whoever sets the password has proved the old one, so that the passwords of his programs stay: by
    /// [`crate::Store::change_password`] alone.
    pub proved: bool,
}

impl UserChange {
    /// Whether a new password ends the passwords of his programs: whoever knew the old one may have made them.
    #[must_use]
    pub fn ends_app_passwords(&self) -> bool {
        self.credentials.is_some() && !self.proved
    }
}

/// A change of the directory. Each is checked (names free, domain the tenant's, no orphan) and audited.
#[derive(Debug, Clone)]
pub enum Change {
    /// Makes a tenant with its first groups (取扱担当者), list (委託先) and the rules given.
    AddTenant {
        /// Short name.
        name: String,
        /// Name for people.
        title: String,
        /// The rules that it starts with.
        rules: String,
    },
    /// Renames a tenant for people.
    SetTenant {
        /// Which.
        tenant: TenantId,
        /// Name for people.
        title: String,
    },
    /// Changes some of a tenant's policies, as they stand by then; all others stay.
    ChangePolicies {
        /// Which.
        tenant: TenantId,
        /// What.
        changes: Vec<PolicyChange>,
    },
    /// Takes a tenant away; refused while it has domains or people.
    RemoveTenant(TenantId),
    /// Adds a domain.
    AddDomain {
        /// Name.
        domain: Domain,
        /// Whose.
        tenant: TenantId,
    },
    /// Takes a domain away; refused while an address uses it.
    RemoveDomain(Domain),
    /// Makes a person with the six mailboxes.
    AddUser(Box<NewUser>),
    /// Changes a person.
    SetUser(UserId, Box<UserChange>),
    /// Sets up a person's second factor, in place of one that he has.
    SetSecondFactor(Box<NewSecondFactor>),
    /// Puts new recovery codes in the place of those that a person has left; refused without a second factor.
    SetRecoveryCodes {
        /// Whose.
        user: UserId,
        /// The codes.
        codes: Vec<RecoveryHash>,
    },
    /// Takes a person's second factor away, with his recovery codes and the passwords of his mail programs; refused when he has none.
    RemoveSecondFactor(UserId),
    /// Adds the password of a mail program. Refused without a second factor, when its name is there, and when there would be more than
    /// [`crate::APP_PASSWORDS_MOST`].
    AddAppPassword(Box<NewAppPassword>),
    /// Takes the password of a mail program away; refused when it is not there.
    RemoveAppPassword {
        /// Whose.
        user: UserId,
        /// Its name.
        name: String,
    },
    /// Takes a person away: no sign-in, no delivery; mail stays for the archive.
    RemoveUser(UserId),
    /// Adds an alias.
    AddAlias {
        /// The further address.
        alias: Address,
        /// Of whom.
        user: UserId,
    },
    /// Takes an alias away.
    RemoveAlias(Address),
    /// Makes a group or list.
    AddGroup {
        /// Company.
        tenant: TenantId,
        /// Kind.
        kind: GroupKind,
        /// Name.
        name: String,
        /// Own address.
        address: Option<Address>,
        /// Members.
        members: Vec<Member>,
    },
    /// Sets a group's members as a whole.
    SetMembers(GroupId, Vec<Member>),
    /// Takes a group away.
    RemoveGroup(GroupId),
    /// Puts rules in force; the earlier version is kept.
    SetRules {
        /// Whose.
        tenant: TenantId,
        /// The file, already found good by `review`.
        text: String,
        /// By whom; `None`: the command line.
        by: Option<UserId>,
        /// Why, as the audit log shows it with the version (`rules.published`); without a number.
        reason: Option<String>,
        /// The version that has to be in force, 0 where there is none: whoever saw another one gets [`crate::StoreError::Conflict`], and
        /// nothing is changed. `None`: whichever is.
        seen: Option<u32>,
    },
    /// Adds labels; a word that is there takes the new kind. Refused when there would be more than [`LABELS_MOST`].
    AddLabels {
        /// Whose.
        tenant: TenantId,
        /// Already found good by `detect`.
        labels: Vec<Label>,
    },
    /// Takes labels away, all or none; refused when one is not there.
    RemoveLabels {
        /// Whose.
        tenant: TenantId,
        /// The words.
        words: Vec<String>,
    },
    /// Adds an agreed password. Refused when its name is there, or there would be more than
    /// [`crate::AGREED_MOST`].
    AddAgreedPassword(Box<NewAgreedPassword>),
    /// Takes an agreed password away; refused when it is not there.
    RemoveAgreedPassword {
        /// Whose.
        tenant: TenantId,
        /// Its name.
        name: String,
    },
    /// Adds keys with which a domain will sign; they wait. Refused while others wait, and when there would be more than
    /// [`crate::DKIM_KEYS_MOST`].
    AddDkimKeys {
        /// Whose mail they will sign.
        domain: Domain,
        /// The company whose domain it is.
        tenant: TenantId,
        /// The keys.
        keys: Vec<NewDkimKey>,
    },
    /// Lets waiting keys sign from now. Each takes the place of the key of the same algorithm, whose private half is destroyed.
    StartDkimKeys {
        /// Whose.
        domain: Domain,
        /// Their selectors; one that does not wait is left as it is.
        selectors: Vec<String>,
    },
    /// Takes a key away: its private half is destroyed. Refused when it is not there.
    RemoveDkimKey {
        /// Whose.
        domain: Domain,
        /// Its selector.
        selector: String,
    },
}

impl Change {
    /// The company that it concerns, as `before` knows it; `None`: it makes one, or changes what is not known there.
    #[must_use]
    pub fn tenant(&self, before: &Directory) -> Option<TenantId> {
        let of_user = |id: &UserId| before.users.get(id).map(|user| user.tenant);
        let of_group = |id: &GroupId| before.groups.get(id).map(|group| group.tenant);
        match self {
            Self::AddTenant { .. } => None,
            Self::SetTenant { tenant, .. }
            | Self::ChangePolicies { tenant, .. }
            | Self::RemoveTenant(tenant)
            | Self::AddDomain { tenant, .. }
            | Self::AddGroup { tenant, .. }
            | Self::SetRules { tenant, .. }
            | Self::AddLabels { tenant, .. }
            | Self::RemoveLabels { tenant, .. }
            | Self::RemoveAgreedPassword { tenant, .. }
            | Self::AddDkimKeys { tenant, .. } => Some(*tenant),
            Self::AddUser(new) => Some(new.tenant),
            Self::AddAgreedPassword(new) => Some(new.tenant),
            Self::SetSecondFactor(new) => of_user(&new.user),
            Self::AddAppPassword(new) => of_user(&new.user),
            Self::SetUser(user, _)
            | Self::RemoveUser(user)
            | Self::AddAlias { user, .. }
            | Self::SetRecoveryCodes { user, .. }
            | Self::RemoveAppPassword { user, .. }
            | Self::RemoveSecondFactor(user) => of_user(user),
            Self::SetMembers(group, _) | Self::RemoveGroup(group) => of_group(group),
            Self::RemoveAlias(address) => match before.exactly(address)? {
                Target::User(user) => of_user(&user),
                Target::Group(group) => of_group(&group),
            },
            Self::RemoveDomain(domain) | Self::StartDkimKeys { domain, .. } | Self::RemoveDkimKey { domain, .. } => {
                before.tenant_of(domain)
            }
        }
    }
}

/// What a change made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changed {
    /// A tenant.
    Tenant(TenantId),
    /// A person.
    User(UserId),
    /// A group.
    Group(GroupId),
    /// Rules of this version.
    Rules(u32),
    /// Nothing that has a number.
    Done,
}
