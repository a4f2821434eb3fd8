//! What somebody may see and do beyond his own mailboxes: roles and relations, judged anew for each command. Another
//! company's things do not exist for him; within his own he is told which role is missing.

use store::{Access, Account, HeldMail, Manage, Read, Review, Role, StoreError, Tenancy, User};
use types::{ParcelId, TenantId, UserId};

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
    /// The contents of a held mail: those who are asked to decide it, and the handlers of its company; never its
    /// author, who has his own copy.
    ///
    /// # Errors
    /// [`AuthError::NotAllowed`]; [`StoreError::NotFound`] for another's company, and for mail that was never held.
    pub async fn open_held(&self, identity: &Identity, parcel: ParcelId) -> Result<Access<HeldMail, Read>, AuthError> {
        self.person(identity)?;
        let concerned = self.store.concerned(&self.authority, parcel).await?;
        let user = self.person(identity)?;
        if user.tenant != concerned.tenant {
            return Err(StoreError::NotFound(format!("held mail {parcel}")).into());
        }
        let asked = concerned.approvers.iter().any(|approver| approver.0 == user.id);
        if concerned.author == Some(user.id) || !(asked || user.roles.has(Role::Handler)) {
            return Err(AuthError::NotAllowed("approver of this mail, or handler"));
        }
        self.granted(identity, HeldMail(parcel))
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
    ) -> Result<Access<HeldMail, Read>, AuthError> {
        self.open_held(&self.as_signed(user)?, parcel).await
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
