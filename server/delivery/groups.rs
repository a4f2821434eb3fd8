//! Who is in a group: the members, and those of the groups among them, as mail to it reaches them. Rules, approvers and notices ask
//! here, so that nobody is in a group for the mail and out of it for the rules. A group that leads back to itself is entered once.

use std::collections::BTreeSet;

use store::{Directory, Group, Member, Target};
use types::{Address, GroupId, TenantId, UserId};

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

/// The groups and lists of a company that hold an address, by themselves or by a group of it within them.
#[must_use]
pub fn groups_with(directory: &Directory, tenant: TenantId, address: &Address) -> BTreeSet<GroupId> {
    let mut found = BTreeSet::new();
    let mut todo = vec![directory.find(address)];
    // what is looked for first is the address as it is written, too: of somebody elsewhere there is nothing else
    let mut written = Some(address);
    while let Some(wanted) = todo.pop() {
        let holds = |member: &Member| match member {
            Member::Address(listed) if written == Some(listed) => true,
            _ => wanted.is_some() && target(directory, member) == wanted,
        };
        let theirs = directory.groups.values().filter(|group| group.tenant == tenant && !found.contains(&group.id));
        let new: Vec<GroupId> = theirs.filter(|group| group.members.iter().any(holds)).map(|group| group.id).collect();
        todo.extend(new.iter().map(|id| Some(Target::Group(*id))));
        found.extend(new);
        written = None;
    }
    found
}

fn target(directory: &Directory, member: &Member) -> Option<Target> {
    match member {
        Member::User(id) => Some(Target::User(*id)),
        // most members elsewhere are told apart by their domain, without a look at each address
        Member::Address(address) => directory.tenant_of(address.domain()).and_then(|_| directory.find(address)),
    }
}
