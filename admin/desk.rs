//! A visit to one company's part of the console: `/t/{tenant}/…`. Rights are judged anew for each command; another
//! company's pages do not exist for a company's administrator.

use std::sync::Arc;

use outbound::RuleNames;
use store::{Access, Custody, Directory, Manage, Read, Review, Role, Server, Tenancy, Tenant, User, Write};
use types::{Language, UserId};
use web::axum::extract::{FromRequestParts, RawPathParams};
use web::axum::http::request::Parts;
use web::{Style, Trouble, Visit};

use crate::Console;
use crate::frame::{Area, Frame};
use crate::words::SharedWords;

/// Who looks at what.
#[derive(Clone)]
pub(crate) struct Desk {
    pub console: Arc<Console>,
    pub visit: Visit,
    /// The visitor.
    pub me: Arc<User>,
    /// The company that he looks at.
    pub tenant: Tenant,
    /// People, groups and rules at this moment.
    pub directory: Arc<Directory>,
}

impl FromRequestParts<Arc<Console>> for Desk {
    type Rejection = Trouble;
    async fn from_request_parts(parts: &mut Parts, console: &Arc<Console>) -> Result<Self, Trouble> {
        let desk = Self::of(parts, console).await?;
        desk.manage()?;
        Ok(desk)
    }
}

/// The desk of whoever keeps or audits specified personal information: handlers, auditors, administrators.
pub(crate) struct Keeper(pub Desk);

impl FromRequestParts<Arc<Console>> for Keeper {
    type Rejection = Trouble;
    async fn from_request_parts(parts: &mut Parts, console: &Arc<Console>) -> Result<Self, Trouble> {
        let desk = Desk::of(parts, console).await?;
        desk.reviews()?;
        Ok(Self(desk))
    }
}

impl Desk {
    /// Before it is asked what the visitor may do there.
    async fn of(parts: &mut Parts, console: &Arc<Console>) -> Result<Self, Trouble> {
        let visit = Visit::from_request_parts(parts, console).await?;
        let params = RawPathParams::from_request_parts(parts, console).await.map_err(|_| Trouble::NotFound)?;
        let (_, name) = params.iter().find(|(key, _)| *key == "tenant").ok_or(Trouble::NotFound)?;
        let directory = console.store.directory();
        let tenant = directory.tenant_by_name(name).ok_or(Trouble::NotFound)?.clone();
        let me = console.auth.person(visit.identity())?;
        Ok(Self { console: console.clone(), visit, me, tenant, directory })
    }
    pub fn language(&self) -> Language {
        self.visit.page.language
    }
    pub fn style(&self) -> Style {
        self.visit.page.style
    }
    pub fn is_operator(&self) -> bool {
        self.me.roles.has(Role::Operator)
    }
    /// To look at this company.
    pub fn read(&self) -> Result<Access<Tenancy, Read>, Trouble> {
        Ok(self.console.auth.read_tenant_of(self.visit.identity(), self.tenant.id)?)
    }
    /// To change this company.
    pub fn manage(&self) -> Result<Access<Tenancy, Manage>, Trouble> {
        Ok(self.console.auth.manage_tenant_of(self.visit.identity(), self.tenant.id)?)
    }
    /// To look at this company's held mail, not into it.
    pub fn reviews(&self) -> Result<Access<Review, Read>, Trouble> {
        Ok(self.console.auth.read_reviews(self.visit.identity(), self.tenant.id)?)
    }
    /// To ask for the disposal of specified personal information.
    pub fn ask_disposal(&self) -> Result<Access<Custody, Write>, Trouble> {
        Ok(self.console.auth.ask_disposal(self.visit.identity(), self.tenant.id)?)
    }
    /// To confirm or refuse it.
    pub fn confirm_disposal(&self) -> Result<Access<Custody, Manage>, Trouble> {
        Ok(self.console.auth.confirm_disposal(self.visit.identity(), self.tenant.id)?)
    }
    /// To write down incidents about mail of this company's ledger.
    pub fn write_reviews(&self) -> Result<Access<Review, Write>, Trouble> {
        Ok(self.console.auth.write_reviews(self.visit.identity(), self.tenant.id)?)
    }
    /// Everything, for operators.
    pub fn server(&self) -> Result<Access<Server, Manage>, Trouble> {
        Ok(self.console.auth.manage_server(self.visit.identity())?)
    }
    /// The path of an area of this company.
    pub fn path(&self, rest: &str) -> String {
        format!("/t/{}/{rest}", self.tenant.name)
    }
    pub fn frame(&self, area: Area) -> Frame {
        let (companies, whole) = (companies(&self.me, &self.directory), administers(&self.me));
        let few_handlers = if whole { self.few_handlers() } else { None };
        Frame { few_handlers, ..Frame::new(self.visit.page.clone(), area, &self.tenant, &companies, whole) }
    }
    /// A person of this company.
    pub fn person(&self, id: i64) -> Result<Arc<User>, Trouble> {
        let found = self.directory.users.get(&UserId(id)).filter(|user| user.tenant == self.tenant.id);
        found.cloned().ok_or(Trouble::NotFound)
    }
    /// That fewer people than needed can approve mail with My Numbers; `None`: there are enough.
    pub fn few_handlers(&self) -> Option<String> {
        few_handlers(&self.directory, &self.tenant, self.language())
    }
    /// What this company's rules are called.
    pub fn rule_names(&self) -> RuleNames {
        self.console.outbound.rule_names(self.tenant.id)
    }
    /// The name of a person, for lists of what people did.
    pub fn name_of(&self, id: UserId) -> String {
        self.directory.users.get(&id).map_or_else(|| format!("#{id}"), |user| user.name.clone())
    }
}

/// That fewer people of a company than needed can approve mail with My Numbers.
pub(crate) fn few_handlers(directory: &Directory, tenant: &Tenant, language: Language) -> Option<String> {
    let lacks = directory.lacks_handlers(tenant.id);
    lacks.then(|| SharedWords::new(language).few_handlers(directory.handlers(tenant.id)))
}

/// Whether all areas of a company are open to somebody.
pub(crate) fn administers(me: &User) -> bool {
    me.roles.has(Role::Admin) || me.roles.has(Role::Operator)
}

/// The visitor's own company.
pub(crate) fn home(console: &Console, visit: &Visit) -> Result<Tenant, Trouble> {
    let user = console.auth.person(visit.identity())?;
    console.store.directory().tenants.get(&user.tenant).cloned().ok_or(Trouble::NotFound)
}

/// The companies that somebody may look at, by title.
pub(crate) fn companies(me: &User, directory: &Directory) -> Vec<Tenant> {
    let all = me.roles.has(Role::Operator);
    let mut seen: Vec<Tenant> =
        directory.tenants.values().filter(|tenant| all || tenant.id == me.tenant).cloned().collect();
    seen.sort_by(|a, b| (&a.title, &a.name).cmp(&(&b.title, &b.name)));
    seen
}
