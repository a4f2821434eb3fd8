//! Shared mailboxes: which a person sees, what he may do there, who may give rights; and the overlay of what he has seen.

use std::sync::Arc;

use types::{Flags, MailboxId, ModSeq, SystemFlags, Timestamp, UidSet, UserId};

use super::{Result, Store};
use crate::overlay::Overlay;
use crate::{
    Access, Account, Changes, FlagChange, FlagMode, Hand, Identifier, InMailbox, Mailbox, MailboxName, Manage,
    NewMessage, Opened, Placed, Reach, Read, Right, Rights, RightsChange, SeenOf, SharedMailbox, Shares, StoreError,
    Tenancy, User, Write, company_owner,
};

/// Where a mailbox is to lie after a RENAME.
#[derive(Debug, Clone, Copy)]
pub enum Below<'a> {
    /// Below this one.
    Mailbox(&'a Access<InMailbox, Write>),
    /// Outermost among those of the company.
    Company(&'a Access<Tenancy, Manage>),
}

impl Store {
    /// The present snapshot of shares.
    #[must_use]
    pub fn shares(&self) -> Arc<Shares> {
        self.engine.shares()
    }

    /// The mailbox as this access reaches it. Its owner's access costs no look-up; another's is judged by the rights that he
    /// has now.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]: it is not reached; [`StoreError::NotPermitted`]: the access lacks a right;
    /// [`StoreError::Stale`]: its holder has lost one since it was made.
    pub(super) fn reach<W: Reach, R: Right>(
        &self,
        access: &Access<W, R>,
        mailbox: MailboxId,
        needed: Rights,
    ) -> Result<Hand> {
        self.check(access)?;
        let (what, missing) = (access.what(), || StoreError::NotFound(format!("mailbox {mailbox}")));
        let rights = what.rights_in(mailbox).ok_or_else(missing)?;
        if !rights.has(needed) {
            return Err(StoreError::NotPermitted);
        }
        let (owner, reader) = (what.owner(), access.holder().unwrap_or(what.owner()));
        let hand = Hand { owner, mailbox, reader, rights };
        if hand.is_own() {
            return Ok(hand);
        }
        let now = self.rights_now(reader, mailbox)?;
        if now.has(needed) { Ok(Hand { rights: rights.intersection(now), ..hand }) } else { Err(StoreError::Stale) }
    }

    fn rights_now(&self, reader: UserId, mailbox: MailboxId) -> Result<Rights> {
        let directory = self.engine.directory();
        let user = directory.users.get(&reader).ok_or(StoreError::Stale)?;
        Ok(self.engine.shares().rights(&directory, user, mailbox))
    }

    /// The mailboxes that others share with this person and his company's own, as far as he may see them.
    ///
    /// # Errors
    /// Stale access or database.
    pub async fn shared_mailboxes(&self, access: &Access<Account, Read>) -> Result<Vec<SharedMailbox>> {
        let (user, directory) = self.reader(access)?;
        let visible = self.engine.shares().visible(&directory, &user);
        let mut all = Vec::new();
        for (owner, rights) in visible {
            for mailbox in self.engine.mailboxes(owner).await? {
                if let Some(rights) = rights.get(&mailbox.id) {
                    all.push(SharedMailbox { owner, mailbox, rights: *rights });
                }
            }
        }
        self.as_read_by(user.id, &mut all).await?;
        Ok(all)
    }

    /// The mailbox that has this name for its owner, if this person may see it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Invalid`] when it is no name.
    pub async fn shared_named(
        &self,
        access: &Access<Account, Read>,
        owner: UserId,
        name: &str,
    ) -> Result<SharedMailbox> {
        let name = MailboxName::parse(name)?;
        let missing = || StoreError::NotFound("the mailbox".into());
        let (user, directory) = self.reader(access)?;
        let visible = self.engine.shares().visible(&directory, &user).remove(&owner).ok_or_else(missing)?;
        let all = self.engine.mailboxes(owner).await?;
        let mailbox = all.into_iter().find(|mailbox| mailbox.name == name.as_str()).ok_or_else(missing)?;
        let rights = *visible.get(&mailbox.id).ok_or_else(missing)?;
        let mut found = [SharedMailbox { owner, mailbox, rights }];
        self.as_read_by(user.id, &mut found).await?;
        let [found] = found;
        Ok(found)
    }

    pub(super) fn reader(&self, access: &Access<Account, Read>) -> Result<(Arc<User>, Arc<crate::Directory>)> {
        self.check(access)?;
        let directory = self.engine.directory();
        let user = directory.users.get(&access.what().0).ok_or(StoreError::Stale)?.clone();
        Ok((user, directory))
    }

    /// Counters and subscriptions as the reader's.
    async fn as_read_by(&self, reader: UserId, all: &mut [SharedMailbox]) -> Result<()> {
        if all.is_empty() {
            return Ok(());
        }
        let ids: Vec<MailboxId> = all.iter().map(|shared| shared.mailbox.id).collect();
        let states = self.engine.reader_states(reader, &ids).await?;
        for (shared, state) in all.iter_mut().zip(states) {
            let mailbox = &mut shared.mailbox;
            mailbox.state.unseen = mailbox.state.messages.saturating_sub(state.seen);
            mailbox.subscribed = state.subscribed;
            // What a mailbox is for, it is for its owner.
            mailbox.role = None;
        }
        Ok(())
    }

    /// Who has which rights on the mailbox, beside its owner who has all.
    ///
    /// # Errors
    /// [`StoreError::NotPermitted`] without `a`.
    pub fn rights_on(&self, access: &Access<InMailbox, Read>) -> Result<Vec<(Identifier, Rights)>> {
        let mailbox = access.what().mailbox;
        let hand = self.reach(access, mailbox, Rights::ADMINISTER)?;
        let shares = self.engine.shares();
        let share = shares.by_mailbox.get(&mailbox).filter(|share| share.owner == hand.owner);
        Ok(share.map(|share| share.entries.clone()).unwrap_or_default())
    }
    /// Changes the rights of `who`; with `None` he has none any more. The change is audited. Whoever is not of the mailbox's
    /// company has no right by it: whom a name means is for the caller to find in the company's own directory.
    ///
    /// # Errors
    /// [`StoreError::NotPermitted`] without `a`; [`StoreError::Invalid`]: the owner has all rights always, or the mailbox is
    /// shared with too many.
    pub async fn set_rights(
        &self,
        access: &Access<InMailbox, Write>,
        who: Identifier,
        change: Option<RightsChange>,
        at: Timestamp,
    ) -> Result<()> {
        let hand = self.reach(access, access.what().mailbox, Rights::ADMINISTER)?;
        if who == Identifier::User(hand.owner) {
            return Err(StoreError::Invalid("the owner of a mailbox has all rights, always".into()));
        }
        self.engine.set_rights(hand.owner, hand.mailbox, who, change, access.holder(), at).await
    }

    /// Makes a mailbox below the one that is reached, named as its owner names it; it gets the same rights.
    ///
    /// # Errors
    /// [`StoreError::NotPermitted`] without `k`; [`StoreError::Exists`], [`StoreError::Invalid`].
    pub async fn create_below(&self, access: &Access<InMailbox, Write>, name: &str) -> Result<Mailbox> {
        let hand = self.reach(access, access.what().mailbox, Rights::CREATE)?;
        if self.nearest_above(hand.owner, &MailboxName::parse(name)?).await? != Some(hand.mailbox) {
            return Err(StoreError::NotPermitted);
        }
        match crate::company_of(hand.owner) {
            Some(tenant) => self.engine.create_company_mailbox(tenant, name).await,
            None => self.engine.create_mailbox(hand.owner, name, None).await,
        }
    }
    /// Makes a mailbox of the company, on which its maker has all rights when none is above it that says otherwise.
    ///
    /// # Errors
    /// [`StoreError::Exists`], [`StoreError::Invalid`].
    pub async fn create_company_mailbox(
        &self,
        access: &Access<Tenancy, Manage>,
        name: &str,
        at: Timestamp,
    ) -> Result<Mailbox> {
        self.check(access)?;
        let tenant = access.what().0;
        if MailboxName::parse(name)?.is_inbox() {
            return Err(StoreError::Invalid("a company has no INBOX".into()));
        }
        let made = self.engine.create_company_mailbox(tenant, name).await?;
        let shares = self.engine.shares();
        let inherits = shares.by_mailbox.get(&made.id).is_some_and(|share| !share.entries.is_empty());
        if let Some(maker) = access.holder().filter(|_| !inherits) {
            let (who, all) = (Identifier::User(maker), Some(RightsChange::Set(Rights::ALL)));
            self.engine.set_rights(company_owner(tenant), made.id, who, all, Some(maker), at).await?;
        }
        Ok(made)
    }
    /// Deletes the mailbox that is reached.
    ///
    /// # Errors
    /// [`StoreError::NotPermitted`] without `x`; INBOX cannot be deleted.
    pub async fn delete_reached(&self, access: &Access<InMailbox, Write>) -> Result<()> {
        self.check(access)?;
        let what = access.what();
        // asked first: nobody has a right any more on what is gone, and it is to be told as gone
        let name = self.name_of(what.owner, what.mailbox).await?;
        let hand = self.reach(access, what.mailbox, Rights::DELETE)?;
        self.engine.delete_mailbox(hand.owner, &name).await
    }
    /// Renames the mailbox that is reached, with all below it, to a name below another.
    ///
    /// # Errors
    /// [`StoreError::NotPermitted`] without `x` on it and `k` on the one above; [`StoreError::Invalid`] for INBOX, and to
    /// another owner.
    pub async fn rename_reached(&self, access: &Access<InMailbox, Write>, below: Below<'_>, to: &str) -> Result<()> {
        let hand = self.reach(access, access.what().mailbox, Rights::DELETE)?;
        let (name, to) = (MailboxName::parse(&self.name_of(hand.owner, hand.mailbox).await?)?, MailboxName::parse(to)?);
        if name.is_inbox() {
            return Err(StoreError::Invalid("another's INBOX cannot be renamed".into()));
        }
        match below {
            Below::Mailbox(above) => {
                let place = self.reach(above, above.what().mailbox, Rights::CREATE)?;
                if place.owner != hand.owner {
                    return Err(StoreError::Invalid("a mailbox stays with its owner".into()));
                }
                if self.nearest_above(place.owner, &to).await? != Some(place.mailbox) {
                    return Err(StoreError::NotPermitted);
                }
            }
            Below::Company(company) => {
                self.check(company)?;
                if company_owner(company.what().0) != hand.owner {
                    return Err(StoreError::Invalid("a mailbox stays with its owner".into()));
                }
            }
        }
        self.engine.rename_mailbox(hand.owner, name.as_str(), to.as_str()).await
    }
    /// Subscribes or unsubscribes another's mailbox for oneself.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn subscribe_reached(&self, access: &Access<InMailbox, Write>, on: bool) -> Result<()> {
        let hand = self.reach(access, access.what().mailbox, Rights::LOOKUP)?;
        if hand.is_own() {
            return Err(StoreError::Invalid("one's own mailboxes are subscribed by name".into()));
        }
        self.engine.subscribe_shared(hand.reader, hand.mailbox, on).await
    }

    /// The nearest mailbox above a name that is there, whoever sees it: its right decides (RFC 4314 4).
    async fn nearest_above(&self, owner: UserId, name: &MailboxName) -> Result<Option<MailboxId>> {
        let all = self.engine.mailboxes(owner).await?;
        let mut at = name.as_str();
        while let Some((above, _)) = at.rsplit_once('/') {
            if let Some(found) = all.iter().find(|mailbox| mailbox.name == above) {
                return Ok(Some(found.id));
            }
            at = above;
        }
        Ok(None)
    }

    /// The name that the mailbox has for its owner.
    async fn name_of(&self, owner: UserId, mailbox: MailboxId) -> Result<String> {
        let all = self.engine.mailboxes(owner).await?;
        let found = all.into_iter().find(|found| found.id == mailbox);
        found.map(|mailbox| mailbox.name).ok_or_else(|| StoreError::NotFound("the mailbox".into()))
    }

    pub(super) async fn overlay(&self, hand: Hand, of: SeenOf<'_>) -> Result<Overlay> {
        Ok(Overlay::new(self.engine.seen(hand.reader, hand.mailbox, of).await?))
    }
    pub(super) async fn opened(&self, hand: Hand, mut opened: Opened) -> Result<Opened> {
        if !hand.is_own() {
            self.overlay(hand, SeenOf::All).await?.over_opened(&mut opened);
            opened.mailbox.role = None;
        }
        Ok(opened)
    }
    /// What the reader is told: what changed of the messages, and where his own `\Seen` did.
    pub(super) async fn changes_shown(&self, hand: Hand, since: ModSeq, mut changes: Changes) -> Result<Changes> {
        let marked = self.overlay(hand, SeenOf::Since(since)).await?.uids();
        let mut known: UidSet = changes.rows.iter().map(|row| row.uid).collect();
        let more: UidSet = marked.iter().filter(|uid| !known.contains(*uid)).collect();
        if !more.is_empty() {
            let rows = self.engine.flags(hand.owner, hand.mailbox, &more).await?;
            // Those that came after the changes were read are told with the next ones.
            let last = changes.modseq.unwrap_or(since);
            changes.rows.extend(rows.into_iter().filter(|row| row.created <= last));
            changes.rows.sort_unstable_by_key(|row| row.uid);
            known = changes.rows.iter().map(|row| row.uid).collect();
        }
        if !known.is_empty() {
            self.overlay(hand, SeenOf::These(&known)).await?.over_flags(&mut changes.rows);
        }
        Ok(changes)
    }
    /// Marks those of the messages put in as seen that came so. They are stored by now: a mark that fails is logged, since who
    /// heard NO would put them in again.
    pub(super) async fn note_seen(&self, hand: Hand, placed: &[Placed], seen: &[bool]) {
        let uids: UidSet = placed.iter().zip(seen).filter(|(_, seen)| **seen).map(|(placed, _)| placed.uid).collect();
        if uids.is_empty() {
            return;
        }
        let flags = Flags::system(SystemFlags::SEEN);
        let change = FlagChange { mode: FlagMode::Add, flags, unchanged_since: None };
        if let Err(error) = self.engine.store_flags_shared(hand, &uids, change).await {
            tracing::error!(%error, mailbox.id = hand.mailbox.0, "messages that were put in are not marked as seen");
        }
    }
}

/// Leaves the message with the flags that may be set in another's mailbox; whether it is to be marked as seen by its reader.
pub(super) fn admitted(hand: Hand, message: &mut NewMessage) -> bool {
    if hand.is_own() {
        return false;
    }
    message.flags = hand.rights.changed(&Flags::default(), &message.flags);
    let seen = message.flags.system.contains(SystemFlags::SEEN);
    message.flags.system = message.flags.system.without(SystemFlags::SEEN);
    seen
}

/// Whether a STORE may change anything: one that sets flags as a whole needs any of the rights on flags.
pub(super) fn may_store(hand: Hand, change: &FlagChange) -> bool {
    let any = Rights::SEEN.union(Rights::FLAG).union(Rights::MARK_DELETED);
    match change.mode {
        FlagMode::Replace if change.flags == Flags::default() => hand.rights.has_any(any),
        _ => hand.rights.may_change_any(&change.flags),
    }
}
