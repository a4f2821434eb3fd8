//! Who an address is: mailboxes, aliases, groups with their members, and who is outside.

use std::collections::HashSet;
use std::fmt::Write as _;

use store::{Directory, Member, Role, Target};
use types::{Address, TenantId, UserId};

use crate::{Delivery, DeliveryError};

/// A recipient that was accepted at RCPT.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// As given.
    pub address: Address,
    /// Whose mail it is.
    pub tenant: TenantId,
}

/// A copy to be made: for whom, and as which address (Delivered-To).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Copy {
    /// Whose mailbox.
    pub user: UserId,
    /// The company.
    pub tenant: TenantId,
    /// The person's address under which the mail came to him.
    pub address: Address,
}

/// What a list of addresses comes to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expansion {
    /// Mailboxes here, each once.
    pub copies: Vec<Copy>,
    /// Addresses elsewhere, each once, with the addresses that led there.
    pub outside: Vec<Address>,
    /// Addresses of domains here that nobody has.
    pub unknown: Vec<Address>,
}

/// Follows addresses through aliases and groups. A group that leads back to itself is entered once.
#[must_use]
pub fn expand<'a>(directory: &Directory, addresses: impl IntoIterator<Item = &'a Address>) -> Expansion {
    let mut found = Expansion::default();
    let mut seen_users = HashSet::new();
    let mut seen: HashSet<Address> = HashSet::new();
    let mut todo: Vec<Address> = addresses.into_iter().cloned().collect();
    todo.reverse();
    while let Some(address) = todo.pop() {
        if !seen.insert(address.clone()) {
            continue;
        }
        let Some(tenant) = directory.tenant_of(address.domain()) else {
            found.outside.push(address);
            continue;
        };
        match directory.find(&address) {
            Some(Target::User(user)) => {
                if seen_users.insert(user) {
                    found.copies.push(Copy { user, tenant, address });
                }
            }
            Some(Target::Group(group)) => {
                let members = directory.groups.get(&group).map(|group| group.members.as_slice()).unwrap_or_default();
                todo.extend(members.iter().rev().filter_map(|member| member_address(directory, member)));
            }
            None => match postmasters(directory, tenant, &address) {
                masters if masters.is_empty() => found.unknown.push(address),
                masters => todo.extend(masters),
            },
        }
    }
    found
}

fn member_address(directory: &Directory, member: &Member) -> Option<Address> {
    match member {
        Member::User(id) => directory.users.get(id).map(|user| user.address.clone()),
        Member::Address(address) => Some(address.clone()),
    }
}

/// Postmaster exists in every domain (RFC 5321 4.5.1): where nobody has the address, the administrators do.
fn postmasters(directory: &Directory, tenant: TenantId, address: &Address) -> Vec<Address> {
    if !address.local().eq_ignore_ascii_case("postmaster") {
        return Vec::new();
    }
    let administrates = |role| move |user: &&std::sync::Arc<store::User>| user.tenant == tenant && user.roles.has(role);
    let mut masters: Vec<Address> = Vec::new();
    for role in [Role::Admin, Role::Operator] {
        masters.extend(directory.users.values().filter(administrates(role)).map(|user| user.address.clone()));
    }
    masters
}

/// The lines that stand before a copy's bytes: Return-Path, Delivered-To, then the trace headers given.
#[must_use]
pub fn trace_prefix(from: Option<&Address>, recipient: &Address, trace: &[u8]) -> Vec<u8> {
    let mut lines = String::new();
    let from = from.map(ToString::to_string).unwrap_or_default();
    // Writing to a String cannot fail.
    let _ = write!(lines, "Return-Path: <{from}>\r\nDelivered-To: {recipient}\r\n");
    let mut prefix = lines.into_bytes();
    prefix.extend_from_slice(trace);
    prefix
}

impl Delivery {
    /// Says at RCPT whether mail for `address` is taken; `size` is what MAIL announced, 0 when nothing.
    ///
    /// # Errors
    /// [`DeliveryError::NotOurs`], [`DeliveryError::UnknownUser`], [`DeliveryError::OverQuota`],
    /// [`DeliveryError::LargerThanQuota`].
    pub async fn recipient(&self, address: &Address, size: u64) -> Result<Recipient, DeliveryError> {
        let directory = self.store.directory();
        let tenant = directory.tenant_of(address.domain()).ok_or_else(|| DeliveryError::NotOurs(address.clone()))?;
        match directory.find(address) {
            Some(Target::User(user)) => {
                if let Some(user) = directory.users.get(&user).filter(|user| user.is_bounded()) {
                    self.fits(address, user, size).await?;
                }
            }
            Some(Target::Group(_)) => {}
            None if postmasters(&directory, tenant, address).is_empty() => {
                return Err(DeliveryError::UnknownUser(address.clone()));
            }
            None => {}
        }
        Ok(Recipient { address: address.clone(), tenant })
    }

    async fn fits(&self, address: &Address, user: &store::User, size: u64) -> Result<(), DeliveryError> {
        if user.quota.is_some_and(|quota| size > quota) {
            return Err(DeliveryError::LargerThanQuota(address.clone()));
        }
        // A mail whose size nobody has announced has at least one byte.
        let more = store::Usage { bytes: size.max(1), messages: 1 };
        if !user.has_room(self.store.usage(user.id).await?, more) {
            return Err(DeliveryError::OverQuota(address.clone()));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use store::{DomainRow, Group, GroupKind, Roles, User, UserState};
    use types::{Domain, GroupId, Language};

    use super::*;

    fn address(text: &str) -> Address {
        Address::parse(text).unwrap()
    }

    fn user(id: i64, text: &str, roles: Roles) -> Arc<User> {
        Arc::new(User {
            id: UserId(id),
            tenant: TenantId(1),
            address: address(text),
            aliases: vec![],
            name: String::new(),
            department: String::new(),
            supervisor: None,
            roles,
            quota: None,
            message_quota: None,
            state: UserState::Active,
            language: Language::Ja,
            settings: types::Settings::default(),
            credentials: None,
            second_factor: None,
            generation: 1,
        })
    }

    fn directory() -> Directory {
        let mut directory = Directory::default();
        let domain = Domain::parse("a.example").unwrap();
        directory.domains.insert(domain.clone(), DomainRow { name: domain, tenant: TenantId(1) });
        for (id, text) in [(1, "taro@a.example"), (2, "jiro@a.example")] {
            let roles = if id == 2 { Roles::default().with(Role::Admin) } else { Roles::default() };
            directory.users.insert(UserId(id), user(id, text, roles));
            directory.addresses.insert(text.into(), Target::User(UserId(id)));
        }
        directory.addresses.insert("t@a.example".into(), Target::User(UserId(1)));
        for (id, text, members) in [
            (1, "all@a.example", vec![Member::User(UserId(1)), Member::Address(address("loop@a.example"))]),
            (
                2,
                "loop@a.example",
                vec![Member::Address(address("all@a.example")), Member::Address(address("x@b.example"))],
            ),
        ] {
            let group = Group {
                id: GroupId(id),
                tenant: TenantId(1),
                kind: GroupKind::Group,
                name: text.into(),
                address: Some(address(text)),
                members,
            };
            directory.groups.insert(GroupId(id), Arc::new(group));
            directory.addresses.insert(text.into(), Target::Group(GroupId(id)));
        }
        directory
    }

    #[test]
    fn groups_that_lead_to_each_other_end_and_each_mailbox_gets_one_copy() {
        let directory = directory();
        let asked = [address("all@a.example"), address("t@a.example"), address("TARO+x@a.example")];
        let found = expand(&directory, &asked);
        assert_eq!(found.copies.len(), 1);
        assert_eq!(found.copies[0].user, UserId(1));
        assert_eq!(found.outside, vec![address("x@b.example")]);
        assert!(found.unknown.is_empty());
    }

    #[test]
    fn nobody_is_unknown_and_postmaster_is_the_administrator() {
        let directory = directory();
        let found = expand(&directory, &[address("nobody@a.example"), address("postmaster@a.example")]);
        assert_eq!(found.unknown, vec![address("nobody@a.example")]);
        assert_eq!(found.copies[0].user, UserId(2));
    }

    /// Stores may have both spellings of a domain as two rows, from before they were one domain: whoever has an address in the one keeps it.
    #[test]
    fn people_of_a_domain_that_was_added_in_both_spellings_keep_their_addresses() {
        for last in ["例え.jp", "xn--r8jz45g.jp"] {
            let mut directory = directory();
            for name in ["例え.jp", "xn--r8jz45g.jp", last] {
                let name = Domain::parse(name).unwrap();
                directory.domains.insert(name.clone(), DomainRow { name, tenant: TenantId(1) });
            }
            for (id, text) in [(1, "gen@例え.jp"), (2, "gen@xn--r8jz45g.jp"), (1, "ai@xn--r8jz45g.jp")] {
                directory.addresses.insert(text.into(), Target::User(UserId(id)));
            }
            for (id, text) in [(1, "gen@例え.jp"), (2, "gen+x@xn--r8jz45g.jp"), (1, "Ai+x@xn--r8jz45g.jp")] {
                assert_eq!(directory.find(&address(text)), Some(Target::User(UserId(id))), "{text}, {last}");
            }
            let found = expand(&directory, &[address("gen@例え.jp"), address("ai@xn--r8jz45g.jp")]);
            assert_eq!((found.copies.len(), found.unknown.len()), (1, 0));
        }
    }

    #[test]
    fn trace_lines_stand_in_order() {
        let prefix = trace_prefix(None, &address("taro@a.example"), b"Received: x\r\n");
        assert_eq!(prefix, b"Return-Path: <>\r\nDelivered-To: taro@a.example\r\nReceived: x\r\n");
    }
}
