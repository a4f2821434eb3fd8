//! Access as a value: who may ask the store for what. Only `auth` (which holds [`Authority`]) can make one.

use std::marker::PhantomData;

use types::{MailboxId, ParcelId, TenantId, UserId};

use crate::Rights;

/// One person's mailboxes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Account(pub UserId);
/// One tenant's people, rules, held mail and queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tenancy(pub TenantId);
/// One tenant's held and decided mail, without its contents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Review(pub TenantId);
/// One company's specified personal information: the handlers' box, and the disposal of what the ledger lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Custody(pub TenantId);
/// The contents of one mail that is or was held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeldMail(pub ParcelId);
/// The whole server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Server;

/// One mailbox, whoever's it is, with what the holder may do there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InMailbox {
    /// Whose it is.
    pub owner: UserId,
    /// Which.
    pub mailbox: MailboxId,
    /// What may be done.
    pub rights: Rights,
}

/// What mailboxes are reached by: a person's account, or a grant for one mailbox.
pub trait Reach: Copy + Send + Sync + 'static {
    /// Whose mailboxes.
    fn owner(self) -> UserId;
    /// The one mailbox that is reached; `None`: each of the owner's.
    fn only(self) -> Option<MailboxId>;
    /// What may be done with this one of them; `None`: it is not reached.
    fn rights_in(self, mailbox: MailboxId) -> Option<Rights>;
}
impl Reach for Account {
    fn owner(self) -> UserId {
        self.0
    }
    fn only(self) -> Option<MailboxId> {
        None
    }
    fn rights_in(self, _: MailboxId) -> Option<Rights> {
        Some(Rights::ALL)
    }
}
impl Reach for InMailbox {
    fn owner(self) -> UserId {
        self.owner
    }
    fn only(self) -> Option<MailboxId> {
        Some(self.mailbox)
    }
    fn rights_in(self, mailbox: MailboxId) -> Option<Rights> {
        (self.mailbox == mailbox).then_some(self.rights)
    }
}

/// The right to look.
#[derive(Debug, Clone, Copy)]
pub enum Read {}
/// The right to change; includes looking.
#[derive(Debug, Clone, Copy)]
pub enum Write {}
/// The right to administer; includes both.
#[derive(Debug, Clone, Copy)]
pub enum Manage {}

/// The kinds of right.
pub trait Right: Send + Sync + 'static {}
impl Right for Read {}
impl Right for Write {}
impl Right for Manage {}

/// Permission to do something with something, made for one command. It carries the generation of its holder's
/// rights; the store refuses it once those have changed.
#[derive(Debug)]
pub struct Access<What, R: Right> {
    what: What,
    holder: Option<UserId>,
    generation: u64,
    right: PhantomData<R>,
}

impl<What: Copy, R: Right> Access<What, R> {
    /// What the access is for.
    #[must_use]
    pub fn what(&self) -> What {
        self.what
    }
    /// Who holds it; `None` is the console of the machine itself (the command line).
    #[must_use]
    pub fn holder(&self) -> Option<UserId> {
        self.holder
    }
    /// The generation of the holder's rights under which it was made.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation
    }
}

impl<What: Copy> Access<What, Write> {
    /// The same access, for looking only.
    #[must_use]
    pub fn reading(&self) -> Access<What, Read> {
        Access { what: self.what, holder: self.holder, generation: self.generation, right: PhantomData }
    }
}

/// The token that makes access. One exists; main hands it to `auth`.
#[derive(Debug)]
pub struct Authority(pub(crate) ());

impl Authority {
    /// Grants `holder` (None: the machine's own console) the right `R` on `what`. `generation` is
    /// [`crate::User::generation`] as read when the right was judged; the console passes 0.
    #[must_use]
    pub fn grant<What, R: Right>(&self, what: What, holder: Option<UserId>, generation: u64) -> Access<What, R> {
        Access { what, holder, generation, right: PhantomData }
    }
}

/// The token of the one door in: only its holder (`delivery`) puts mail into mailboxes.
#[derive(Debug)]
pub struct Entrance(pub(crate) ());

/// The token of the one door out: only its holder (`outbound`) makes parcels.
///
/// Nobody else can make one:
/// ```compile_fail
/// let exit = store::Exit(());
/// ```
/// and without it there is no parcel:
/// ```compile_fail
/// let parcel = store::NewParcel { ..Default::default() };
/// ```
#[derive(Debug)]
pub struct Exit(pub(crate) ());
