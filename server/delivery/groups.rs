//! Who is in a group: the members, and those of the groups among them, as mail to it reaches them. Rules, approvers and notices ask
//! here, so that nobody is in a group for the mail and out of it for the rules. A group that leads back to itself is entered once.

use std::collections::{BTreeSet, HashMap, HashSet};

use store::{Directory, Group, Member, Target};
use types::{Address, Domain, GroupId, TenantId, UserId};

/// The people in a group or on a list, each once; who is elsewhere is none of them.
#[must_use]
pub fn people_in(directory: &Directory, group: &Group) -> Vec<UserId> {
    let (mut people, mut entered) = (BTreeSet::new(), BTreeSet::from([group.id]));
    let mut todo = vec![group];
    while let Some(group) = todo.pop() {
        for target in group.members.iter().filter_map(|member| target(directory, member)) {
            match target {
                Target::User(user) => drop(people.insert(user)),
                Target::Group(inner) if entered.insert(inner) => {
                    todo.extend(directory.groups.get(&inner).map(AsRef::as_ref));
                }
                Target::Group(_) => {}
            }
        }
    }
    people.into_iter().collect()
}

/// Of each of these addresses, the groups and lists of a company that hold it, by themselves or by a group of it within them. All
/// members are looked at once, however many addresses there are.
#[must_use]
pub fn groups_with(directory: &Directory, tenant: TenantId, addresses: &[&Address]) -> Vec<BTreeSet<GroupId>> {
    let holders = Holders::of(directory, tenant, addresses);
    addresses.iter().map(|address| holders.around(directory, address)).collect()
}

/// Which groups hold what, by themselves.
struct Holders<'a> {
    /// The addresses that are asked for, as they are written: of somebody elsewhere there is nothing else.
    written: HashMap<&'a Address, Vec<GroupId>>,
    /// What these stand for, and groups.
    targets: HashMap<Target, Vec<GroupId>>,
}

impl<'a> Holders<'a> {
    fn of(directory: &Directory, tenant: TenantId, addresses: &[&'a Address]) -> Self {
        let domains: HashSet<&Domain> = addresses.iter().map(|address| address.domain()).collect();
        let found = addresses.iter().filter_map(|address| directory.find(address));
        let targets = found.map(|target| (target, Vec::new())).collect();
        let mut all = Self { written: addresses.iter().map(|address| (*address, Vec::new())).collect(), targets };
        for group in directory.groups.values().filter(|group| group.tenant == tenant) {
            for member in &group.members {
                if let Member::Address(listed) = member
                    && domains.contains(listed.domain())
                    && let Some(holders) = all.written.get_mut(listed)
                {
                    holders.push(group.id);
                }
                match target(directory, member) {
                    Some(inner @ Target::Group(_)) => all.targets.entry(inner).or_default().push(group.id),
                    Some(user) => all.targets.get_mut(&user).into_iter().for_each(|holders| holders.push(group.id)),
                    None => {}
                }
            }
        }
        all
    }

    fn around(&self, directory: &Directory, address: &Address) -> BTreeSet<GroupId> {
        let held = |target: Option<Target>| target.and_then(|target| self.targets.get(&target));
        let mut todo: Vec<GroupId> = self.written.get(address).cloned().unwrap_or_default();
        todo.extend(held(directory.find(address)).into_iter().flatten());
        let mut found = BTreeSet::new();
        while let Some(group) = todo.pop() {
            if found.insert(group) {
                todo.extend(held(Some(Target::Group(group))).into_iter().flatten());
            }
        }
        found
    }
}

fn target(directory: &Directory, member: &Member) -> Option<Target> {
    match member {
        Member::User(id) => Some(Target::User(*id)),
        // most members elsewhere are told apart by their domain, without a look at each address
        Member::Address(address) => directory.tenant_of(address.domain()).and_then(|_| directory.find(address)),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;
    use store::{DomainRow, GroupKind};

    use super::*;
    use crate::expand;

    const HERE: TenantId = TenantId(1);

    fn address(text: &str) -> Address {
        Address::parse(text).unwrap()
    }

    /// Groups with these members: below 4 a person by his number, below 8 by his address, below 12 a group, then somebody elsewhere.
    fn directory(groups: &[Vec<usize>]) -> Directory {
        let mut directory = Directory::default();
        let name = Domain::parse("a.example").unwrap();
        directory.domains.insert(name.clone(), DomainRow { name, tenant: HERE });
        for id in 0..4 {
            directory.addresses.insert(format!("p{id}@a.example"), Target::User(UserId(id)));
        }
        let member = |what: &usize| match what {
            0..4 => Member::User(UserId(*what as i64)),
            4..8 => Member::Address(address(&format!("P{}+x@a.example", what - 4))),
            8..12 => Member::Address(address(&format!("g{}@a.example", what - 8))),
            _ => Member::Address(address(&format!("x{what}@b.example"))),
        };
        for (id, members) in groups.iter().enumerate() {
            let (address, id) = (address(&format!("g{id}@a.example")), GroupId(id as i64));
            directory.addresses.insert(address.key(), Target::Group(id));
            let members = members.iter().map(member).collect();
            let group =
                Group { id, tenant: HERE, kind: GroupKind::List, name: String::new(), address: Some(address), members };
            directory.groups.insert(id, Arc::new(group));
        }
        directory
    }

    proptest! {
        /// Nobody is in a group for the mail and out of it for the rules, or the other way round.
        #[test]
        fn whoever_mail_to_a_group_reaches_is_in_it(
            groups in proptest::collection::vec(proptest::collection::vec(0usize..15, 0..6), 4),
        ) {
            let directory = directory(&groups);
            let people: Vec<Address> = (0..4).map(|id| address(&format!("p{id}@a.example"))).collect();
            let others: Vec<Address> = (12..15).map(|id| address(&format!("x{id}@b.example"))).collect();
            let asked: Vec<&Address> = people.iter().chain(&others).collect();
            let found = groups_with(&directory, HERE, &asked);
            for group in directory.groups.values() {
                // people by their number have no address here that mail would go to
                let reached = expand(&directory, &group.address);
                let inside = people_in(&directory, group);
                for (address, groups) in asked.iter().zip(&found) {
                    let is_in = groups.contains(&group.id);
                    match directory.find(address) {
                        Some(Target::User(user)) => {
                            prop_assert_eq!(is_in, inside.contains(&user));
                            prop_assert!(is_in || reached.copies.iter().all(|copy| copy.user != user));
                        }
                        _ => prop_assert_eq!(is_in, reached.outside.contains(address)),
                    }
                }
                prop_assert_eq!(groups_with(&directory, HERE, &asked[..1]), &found[..1]);
            }
        }
    }
}
