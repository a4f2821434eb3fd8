//! Rules and the directory agree on groups and lists: no rule is put in force that names one nobody has, and none
//! that a rule in force names is taken away.

use inspect::review::{Named, RuleSet};
use store::{Directory, GroupKind};
use types::TenantId;

use crate::{Outbound, OutboundError};

impl Outbound {
    /// Says whether `rules` may be put in force for `tenant`.
    ///
    /// # Errors
    /// [`OutboundError::UnknownNames`] with every rule and the name that it uses and nobody has.
    pub fn check_names(&self, tenant: TenantId, rules: &RuleSet) -> Result<(), OutboundError> {
        let directory = self.store.directory();
        let missing = |named: &Named| directory.group(tenant, kind(named), &named.name).is_none();
        let lines: Vec<String> = rules
            .named()
            .iter()
            .filter(|named| missing(named))
            .map(|named| format!("rule {} names {}, which the tenant does not have", named.code, word(named)))
            .collect();
        if lines.is_empty() { Ok(()) } else { Err(OutboundError::UnknownNames(lines.join("; "))) }
    }

    /// Says whether the group or list may be taken away.
    ///
    /// # Errors
    /// [`OutboundError::Named`] with the rules in force that name it.
    pub fn may_remove_group(&self, tenant: TenantId, of: GroupKind, name: &str) -> Result<(), OutboundError> {
        let codes = self.rules_that_name(&self.store.directory(), tenant, of, name);
        if codes.is_empty() { Ok(()) } else { Err(OutboundError::Named(name.to_owned(), codes.join(", "))) }
    }

    fn rules_that_name(&self, directory: &Directory, tenant: TenantId, of: GroupKind, name: &str) -> Vec<String> {
        let named = self.rules(directory, tenant).map(|rules| rules.named()).unwrap_or_default();
        named.into_iter().filter(|one| kind(one) == of && one.name == name).map(|one| one.code).collect()
    }
}

fn kind(named: &Named) -> GroupKind {
    if named.list { GroupKind::List } else { GroupKind::Group }
}

/// As rules write it.
fn word(named: &Named) -> String {
    format!("{}:{}", if named.list { "list" } else { "group" }, named.name)
}
