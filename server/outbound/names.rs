//! Rules and the directory agree on whom rules name: no rule is put in force that names somebody who is not there, and
//! no group is taken away that a rule in force names.

use inspect::review::{Named, NamedKind, RuleErrors, RuleSet};
use store::{Directory, GroupKind};
use types::{Address, TenantId};

use crate::{Outbound, OutboundError};

impl Outbound {
    /// Says whether `rules` may be put in force for `tenant`.
    ///
    /// # Errors
    /// [`OutboundError::UnknownNames`] with every rule, its line, and whom it names and nobody is.
    pub fn check_names(&self, tenant: TenantId, rules: &RuleSet) -> Result<(), OutboundError> {
        let directory = self.store.directory();
        let wrong = rules.unknown(|named| self.has(&directory, tenant, named));
        if wrong.is_empty() { Ok(()) } else { Err(OutboundError::UnknownNames(RuleErrors(wrong))) }
    }

    /// Whether there is what a rule of the company names: people in the directory, routes in the configuration.
    #[must_use]
    pub fn has(&self, directory: &Directory, tenant: TenantId, named: &Named) -> bool {
        match named.kind {
            NamedKind::Route => self.routes.contains(&named.name),
            _ => is_there(directory, tenant, named),
        }
    }

    /// Says whether the group or list may be taken away.
    ///
    /// # Errors
    /// [`OutboundError::Named`] with the rules in force that name it.
    pub fn may_remove_group(&self, tenant: TenantId, of: GroupKind, name: &str) -> Result<(), OutboundError> {
        let codes = self.rules_that_name(tenant, of, name);
        if codes.is_empty() { Ok(()) } else { Err(OutboundError::Named(name.to_owned(), codes.join(", "))) }
    }

    /// Says whether a person, or one of his addresses, may be taken away.
    ///
    /// # Errors
    /// [`OutboundError::Named`] with the rules in force that name one of these addresses.
    pub fn may_remove_addresses(&self, tenant: TenantId, addresses: &[Address]) -> Result<(), OutboundError> {
        let Some(rules) = self.rules(&self.store.directory(), tenant) else { return Ok(()) };
        let names = |named: &&Named| {
            let address = Address::parse(&named.name).ok();
            named.kind == NamedKind::Person && address.is_some_and(|address| addresses.contains(&address))
        };
        let mut found = rules.named().iter().filter(names).peekable();
        let Some(first) = found.peek() else { return Ok(()) };
        let (name, mut codes) = (first.name.clone(), Vec::new());
        for named in found.filter(|named| named.name == name) {
            if !codes.contains(&named.code) {
                codes.push(named.code.clone());
            }
        }
        Err(OutboundError::Named(name, codes.join(", ")))
    }

    /// The codes of the rules in force that name a group or list.
    #[must_use]
    pub fn rules_that_name(&self, tenant: TenantId, of: GroupKind, name: &str) -> Vec<String> {
        let Some(rules) = self.rules(&self.store.directory(), tenant) else { return Vec::new() };
        let wanted = match of {
            GroupKind::Group => NamedKind::Group,
            GroupKind::List => NamedKind::List,
        };
        let named = rules.named().iter().filter(|one| one.kind == wanted && one.name == name);
        named.map(|one| one.code.clone()).collect()
    }
}

/// Whether the company has whom a rule names. A person is there when one can sign in or receive with that address.
fn is_there(directory: &Directory, tenant: TenantId, named: &Named) -> bool {
    let mut people = directory.users.values().filter(|user| user.tenant == tenant);
    match named.kind {
        NamedKind::Group => directory.group(tenant, GroupKind::Group, &named.name).is_some(),
        NamedKind::List => directory.group(tenant, GroupKind::List, &named.name).is_some(),
        NamedKind::Department => people.any(|user| user.department == named.name),
        NamedKind::Person => {
            let address = Address::parse(&named.name).ok();
            address.is_some_and(|address| people.any(|user| user.owns(&address)))
        }
        NamedKind::Route => false,
    }
}
