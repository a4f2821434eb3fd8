//! People, domains, groups, rules: the snapshot, and changes of it.

use std::sync::Arc;

use types::{Domain, Language, Settings, TenantId, Timestamp, UserId};

use super::{Result, Store};
use crate::{
    Access, Account, Authority, Change, Changed, Credentials, Directory, Exit, Manage, PrivateKey, Secret, Server,
    StoreError, Tenancy, UserChange, Write,
};

impl Store {
    /// The present snapshot of people, domains and rules.
    #[must_use]
    pub fn directory(&self) -> Arc<Directory> {
        self.engine.directory()
    }
    /// Reads the snapshot again.
    ///
    /// # Errors
    /// The database failed.
    pub async fn reload_directory(&self) -> Result<()> {
        self.engine.reload_directory().await
    }
    /// The texts of a company's agreed passwords with the marks that name them, for whoever tries them on mail.
    ///
    /// # Errors
    /// [`StoreError::Damaged`]: one does not open; the database failed.
    pub async fn agreed_passwords(&self, _door: &Exit, tenant: TenantId) -> Result<Vec<([u8; 16], Secret)>> {
        self.engine.agreed_passwords(tenant).await
    }
    /// The private halves of the keys with which a domain signs, with the marks that name them, for whoever signs what leaves.
    ///
    /// # Errors
    /// As [`Self::agreed_passwords`].
    pub async fn dkim_private(&self, _door: &Exit, domain: &Domain) -> Result<Vec<([u8; 16], PrivateKey)>> {
        self.engine.dkim_private(domain).await
    }
    /// Lets keys sign whose records stand in the DNS, in the name of `by`.
    ///
    /// # Errors
    /// The database failed.
    pub async fn start_dkim_keys(
        &self,
        _door: &Exit,
        domain: &Domain,
        selectors: Vec<String>,
        by: Option<UserId>,
        at: Timestamp,
    ) -> Result<Changed> {
        self.engine.change_directory(Change::StartDkimKeys { domain: domain.clone(), selectors }, by, at).await
    }
    /// Changes the directory of one tenant.
    ///
    /// # Errors
    /// What is wrong with the change; or the access is stale, or not this tenant's.
    pub async fn change(&self, access: &Access<Tenancy, Manage>, change: Change, at: Timestamp) -> Result<Changed> {
        self.check(access)?;
        if !self.concerns(&change, access.what().0) {
            return Err(StoreError::Stale);
        }
        self.engine.change_directory(change, access.holder(), at).await
    }
    /// Changes anything in the directory: tenants and domains too.
    ///
    /// # Errors
    /// As [`Self::change`].
    pub async fn change_server(
        &self,
        access: &Access<Server, Manage>,
        change: Change,
        at: Timestamp,
    ) -> Result<Changed> {
        self.check(access)?;
        self.engine.change_directory(change, access.holder(), at).await
    }
    /// Changes what a person may change of himself: language and own choices.
    ///
    /// # Errors
    /// As [`Self::change`].
    pub async fn change_own(
        &self,
        access: &Access<Account, Write>,
        language: Option<Language>,
        settings: Option<Settings>,
        at: Timestamp,
    ) -> Result<()> {
        let change = UserChange { language, settings, ..UserChange::default() };
        self.change_person(access, change, at).await
    }
    /// Changes a person's own password; `auth` has seen the old one.
    ///
    /// # Errors
    /// As [`Self::change`].
    pub async fn change_password(
        &self,
        _authority: &Authority,
        access: &Access<Account, Write>,
        credentials: Credentials,
        at: Timestamp,
    ) -> Result<()> {
        let change = UserChange { credentials: Some(credentials), proved: true, ..UserChange::default() };
        self.change_person(access, change, at).await
    }
    async fn change_person(&self, access: &Access<Account, Write>, change: UserChange, at: Timestamp) -> Result<()> {
        self.check(access)?;
        let change = Change::SetUser(access.what().0, Box::new(change));
        self.engine.change_directory(change, access.holder(), at).await.map(|_| ())
    }

    fn concerns(&self, change: &Change, tenant: TenantId) -> bool {
        let directory = self.engine.directory();
        let of_user = |id: &types::UserId| directory.users.get(id).is_none_or(|user| user.tenant == tenant);
        let of_group = |id: &types::GroupId| directory.groups.get(id).is_none_or(|group| group.tenant == tenant);
        match change {
            Change::AddTenant { .. } | Change::RemoveTenant(_) | Change::AddDomain { .. } | Change::RemoveDomain(_) => {
                false
            }
            // nobody sets up another's
            Change::SetSecondFactor(_)
            | Change::SetRecoveryCodes { .. }
            | Change::AddAppPassword(_)
            | Change::RemoveAppPassword { .. } => false,
            Change::SetTenant { tenant: whose, .. }
            | Change::ChangePolicies { tenant: whose, .. }
            | Change::AddGroup { tenant: whose, .. }
            | Change::SetRules { tenant: whose, .. }
            | Change::AddLabels { tenant: whose, .. }
            | Change::RemoveLabels { tenant: whose, .. }
            | Change::RemoveAgreedPassword { tenant: whose, .. } => *whose == tenant,
            Change::AddAgreedPassword(new) => new.tenant == tenant,
            Change::AddUser(user) => user.tenant == tenant,
            Change::SetUser(id, _)
            | Change::RemoveUser(id)
            | Change::RemoveSecondFactor(id)
            | Change::AddAlias { user: id, .. } => of_user(id),
            Change::AddDkimKeys { domain, tenant: whose, .. } => {
                *whose == tenant && directory.tenant_of(domain) == Some(tenant)
            }
            Change::StartDkimKeys { domain, .. } | Change::RemoveDkimKey { domain, .. } => {
                directory.tenant_of(domain) == Some(tenant)
            }
            Change::RemoveAlias(alias) => directory.tenant_of(alias.domain()) == Some(tenant),
            Change::SetMembers(id, _) | Change::RemoveGroup(id) => of_group(id),
        }
    }
}
