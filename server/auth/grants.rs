//! What somebody may see and do beyond his own mailboxes: roles and relations, judged anew for each command. Another
//! company's things do not exist for him; within his own he is told which role is missing.

use store::{
    Access, Account, Approver, Custody, HeldMail, InMailbox, Manage, Read, Review, Right, Rights, Role, StoreError,
    Tenancy, User, Write,
};
use types::{MailboxId, ParcelId, TenantId, Timestamp, UserId};

use crate::{Auth, AuthError, Identity};

impl Auth {
    /// A company's people, rules, sent mail, queue and audit log, to look at: its auditors and administrators; any
    /// company for operators.
    ///
    /// # Errors
    /// [`AuthError::NotAllowed`]; [`StoreError::NotFound`] for another's company.
    pub fn read_tenant_of(&self, identity: &Identity, tenant: TenantId) -> Result<Access<Tenancy, Read>, AuthError> {
        self.judged(identity, tenant, &[Role::Auditor, Role::Admin], "auditor or admin")?;
        self.granted(identity, Tenancy(tenant))
    }
    /// A company, to administer: its administrators; any company for operators.
    ///
    /// # Errors
    /// As [`Self::read_tenant_of`].
    pub fn manage_tenant_of(
        &self,
        identity: &Identity,
        tenant: TenantId,
    ) -> Result<Access<Tenancy, Manage>, AuthError> {
        self.judged(identity, tenant, &[Role::Admin], "admin")?;
        self.granted(identity, Tenancy(tenant))
    }
    /// A company's held and decided mail, without its contents: its handlers, auditors and administrators; any company
    /// for operators.
    ///
    /// # Errors
    /// As [`Self::read_tenant_of`].
    pub fn read_reviews(&self, identity: &Identity, tenant: TenantId) -> Result<Access<Review, Read>, AuthError> {
        let roles = [Role::Handler, Role::Auditor, Role::Admin];
        self.judged(identity, tenant, &roles, "handler, auditor or admin")?;
        self.granted(identity, Review(tenant))
    }
    /// To write down incidents about mail of a company's ledger: its handlers and administrators; any company for operators.
    ///
    /// # Errors
    /// As [`Self::read_tenant_of`].
    pub fn write_reviews(&self, identity: &Identity, tenant: TenantId) -> Result<Access<Review, Write>, AuthError> {
        self.judged(identity, tenant, &[Role::Handler, Role::Admin], "handler or admin")?;
        self.granted(identity, Review(tenant))
    }
    /// The contents of a held mail, numbers masked: those who are asked to decide it, who stands in for them at `now`, and the
    /// handlers of its company; never its author, who has his own copy. Of those asked about a mail that holds My Numbers
    /// only who is a handler still, or administers: such are asked where no handler may. An operator who is asked may be of
    /// another company.
    ///
    /// # Errors
    /// [`AuthError::NotAllowed`]; [`StoreError::NotFound`] for another's company, and for mail that was never held.
    pub async fn open_held(
        &self,
        identity: &Identity,
        parcel: ParcelId,
        now: Timestamp,
    ) -> Result<Access<HeldMail, Read>, AuthError> {
        self.person(identity)?;
        let concerned = self.store.concerned(&self.authority, parcel).await?;
        let user = self.person(identity)?;
        let has = |role| user.roles.has(role);
        let (here, asked) = (user.tenant == concerned.tenant, concerned.approvers.iter().any(|one| one.0 == user.id));
        if !(here || asked && has(Role::Operator)) {
            return Err(StoreError::NotFound(format!("held mail {parcel}")).into());
        }
        let directory = self.store.directory();
        let handler = here && has(Role::Handler);
        let stands_in = |one: &Approver| directory.deputy_of(one.0, now) == Some(user.id);
        let asked = match concerned.sensitive {
            true => asked && (has(Role::Admin) || has(Role::Operator)),
            false => asked || concerned.approvers.iter().any(stands_in),
        };
        if concerned.author == Some(user.id) || !(asked || handler) {
            return Err(AuthError::NotAllowed("approver of this mail, or handler"));
        }
        self.granted(identity, HeldMail(parcel))
    }
    /// The contents of a held mail as they are: the handlers of its company, but for its author. Whoever shows them asks
    /// for a reason and records it.
    ///
    /// # Errors
    /// As [`Self::open_held`].
    pub async fn open_original(
        &self,
        identity: &Identity,
        parcel: ParcelId,
        now: Timestamp,
    ) -> Result<Access<HeldMail, Read>, AuthError> {
        if !self.person(identity)?.roles.has(Role::Handler) {
            return Err(AuthError::NotAllowed("handler"));
        }
        let access = self.open_held(identity, parcel, now).await?;
        let tenant = self.store.concerned(&self.authority, parcel).await?.tenant;
        // an operator who is asked elsewhere is no handler there
        if self.person(identity)?.tenant == tenant { Ok(access) } else { Err(AuthError::NotAllowed("handler")) }
    }

    /// The handlers' box of his company, with what lies in it: its handlers. Whoever shows a mail asks for a reason and records
    /// it.
    ///
    /// # Errors
    /// [`AuthError::NotAllowed`] without the role.
    pub fn open_custody(&self, identity: &Identity) -> Result<Access<Custody, Read>, AuthError> {
        if !self.person(identity)?.roles.has(Role::Handler) {
            return Err(AuthError::NotAllowed("handler"));
        }
        self.granted(identity, Custody(identity.tenant))
    }
    /// As [`Self::open_custody`], for the person for whom this process signed a URL a moment ago.
    ///
    /// # Errors
    /// As [`Self::open_custody`], and as [`Self::read_for_signed_url`].
    pub fn open_custody_for_signed_url(&self, user: UserId) -> Result<Access<Custody, Read>, AuthError> {
        self.open_custody(&self.as_signed(user)?)
    }
    /// To ask for the disposal of specified personal information: the handlers of the company.
    ///
    /// # Errors
    /// As [`Self::open_custody`]; [`StoreError::NotFound`] for another's company.
    pub fn ask_disposal(&self, identity: &Identity, tenant: TenantId) -> Result<Access<Custody, Write>, AuthError> {
        if identity.tenant != tenant {
            return Err(StoreError::NotFound(format!("tenant {tenant}")).into());
        }
        self.open_custody(identity)?;
        self.granted(identity, Custody(tenant))
    }
    /// To confirm a disposal that somebody else asked for, or to refuse it: handlers, auditors and administrators of the
    /// company; any company for operators.
    ///
    /// # Errors
    /// As [`Self::read_tenant_of`].
    pub fn confirm_disposal(
        &self,
        identity: &Identity,
        tenant: TenantId,
    ) -> Result<Access<Custody, Manage>, AuthError> {
        let roles = [Role::Handler, Role::Auditor, Role::Admin];
        self.judged(identity, tenant, &roles, "handler, auditor or admin")?;
        self.granted(identity, Custody(tenant))
    }

    /// A mailbox with what he may do there: his own with all rights and without a look-up, another's or his company's with
    /// those that he was given.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where he may not even see it; [`StoreError::NotPermitted`] where he lacks some of `needed`.
    pub fn in_mailbox<R: Right>(
        &self,
        identity: &Identity,
        owner: UserId,
        mailbox: MailboxId,
        needed: Rights,
    ) -> Result<Access<InMailbox, R>, AuthError> {
        if owner == identity.user {
            return self.granted(identity, InMailbox { owner, mailbox, rights: Rights::ALL });
        }
        let user = self.person(identity)?;
        let shares = self.store.shares();
        let rights = shares.rights(&self.store.directory(), &user, mailbox);
        let is_his = shares.by_mailbox.get(&mailbox).is_some_and(|share| share.owner == owner);
        if !is_his || !rights.has(Rights::LOOKUP) {
            return Err(StoreError::NotFound("the mailbox".into()).into());
        }
        if !rights.has(needed) {
            return Err(StoreError::NotPermitted.into());
        }
        self.granted(identity, InMailbox { owner, mailbox, rights })
    }

    /// The mailboxes of the person for whom this process signed a URL a moment ago; he is judged as he is now.
    ///
    /// # Errors
    /// [`AuthError::Refused`] once he is gone or suspended.
    pub fn read_for_signed_url(&self, user: UserId) -> Result<Access<Account, Read>, AuthError> {
        self.read_account(&self.as_signed(user)?)
    }
    /// As [`Self::open_held`], for the person for whom this process signed a URL a moment ago.
    ///
    /// # Errors
    /// As [`Self::open_held`], and as [`Self::read_for_signed_url`].
    pub async fn open_held_for_signed_url(
        &self,
        user: UserId,
        parcel: ParcelId,
        now: Timestamp,
    ) -> Result<Access<HeldMail, Read>, AuthError> {
        self.open_held(&self.as_signed(user)?, parcel, now).await
    }
    /// As [`Self::open_original`], for the person for whom this process signed a URL a moment ago.
    ///
    /// # Errors
    /// As [`Self::open_original`], and as [`Self::read_for_signed_url`].
    pub async fn open_original_for_signed_url(
        &self,
        user: UserId,
        parcel: ParcelId,
        now: Timestamp,
    ) -> Result<Access<HeldMail, Read>, AuthError> {
        self.open_original(&self.as_signed(user)?, parcel, now).await
    }
    fn as_signed(&self, user: UserId) -> Result<Identity, AuthError> {
        let directory = self.store.directory();
        let user = directory.users.get(&user).ok_or(AuthError::Refused)?;
        Ok(Identity { user: user.id, tenant: user.tenant, signed_in_generation: user.generation })
    }

    /// Refuses whoever has none of the roles in that company.
    fn judged(
        &self,
        identity: &Identity,
        tenant: TenantId,
        roles: &[Role],
        missing: &'static str,
    ) -> Result<(), AuthError> {
        let user: &User = &*self.person(identity)?;
        if user.roles.has(Role::Operator) && self.store.directory().tenants.contains_key(&tenant) {
            return Ok(());
        }
        if user.tenant != tenant {
            return Err(StoreError::NotFound(format!("tenant {tenant}")).into());
        }
        if roles.iter().any(|role| user.roles.has(*role)) { Ok(()) } else { Err(AuthError::NotAllowed(missing)) }
    }
}

#[cfg(test)]
mod tests;
