//! The namespaces (RFC 2342): a person's own mailboxes without a prefix, those that colleagues share with him below `Other
//! Users/ADDRESS/`, his company's own below `Shared/`. Says which owner a name means, and under which name a mailbox is shown.

use std::collections::BTreeSet;

use store::{Directory, Mailbox, MailboxState, Rights, StoreError, User, company_of, company_owner};
use types::{Address, MailboxId, ModSeq, Uid, UidValidity, UserId};

use crate::ImapError;
use crate::session::Session;

/// Above the mailboxes of colleagues.
pub(crate) const OTHERS: &str = "Other Users";
/// Above the mailboxes of the company.
pub(crate) const COMPANY: &str = "Shared";

/// A mailbox under the name by which it was asked for or is listed, and what may be done with it.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub(crate) owner: UserId,
    pub(crate) mailbox: Mailbox,
    pub(crate) rights: Rights,
}

/// Where a name points.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Spot<'n> {
    /// Among one's own.
    Own,
    /// At another owner, who calls it so.
    At(UserId, &'n str),
    /// Below a namespace, but at nobody who is there.
    Nowhere,
}

/// Whether the name lies in a namespace of others.
pub(crate) fn is_beside(name: &str) -> bool {
    let first = name.split_once('/').map_or(name, |(first, _)| first);
    first == OTHERS || first == COMPANY
}

/// Where a name points for `me`.
pub(crate) fn spot<'n>(directory: &Directory, me: &User, name: &'n str) -> Spot<'n> {
    match name.split_once('/') {
        Some((COMPANY, rest)) => Spot::At(company_owner(me.tenant), rest),
        Some((OTHERS, rest)) => {
            let Some((address, rest)) = rest.split_once('/') else { return Spot::Nowhere };
            let owner = Address::parse(address).ok().and_then(|address| directory.user_by_address(&address));
            match owner.filter(|owner| owner.tenant == me.tenant && owner.id != me.id) {
                Some(owner) => Spot::At(owner.id, rest),
                None => Spot::Nowhere,
            }
        }
        _ if name == COMPANY || name == OTHERS => Spot::Nowhere,
        _ => Spot::Own,
    }
}

/// The name under which others see a mailbox of this owner; `None` when he is gone.
pub(crate) fn full_name(directory: &Directory, owner: UserId, name: &str) -> Option<String> {
    match company_of(owner) {
        Some(_) => Some(format!("{COMPANY}/{name}")),
        None => Some(format!("{OTHERS}/{}/{name}", directory.users.get(&owner)?.address)),
    }
}

/// The mailbox of this name, as far as the person may know of it. What it counts may be of a moment before.
///
/// # Errors
/// [`StoreError::NotFound`], in the same words where it is not there and where it may not be seen.
pub(crate) async fn find(session: &Session, name: &str) -> Result<Found, ImapError> {
    let (store, access) = (&session.context.store, session.reading()?);
    if is_beside(name) {
        let directory = store.directory();
        let me = session.person()?;
        if let Spot::At(owner, rest) = spot(&directory, &me, name) {
            match store.shared_named(&access, owner, rest).await {
                Ok(shared) => {
                    let mut mailbox = shared.mailbox;
                    mailbox.name = full_name(&directory, owner, &mailbox.name).unwrap_or_default();
                    return Ok(Found { owner, mailbox, rights: shared.rights });
                }
                Err(StoreError::NotFound(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
    // Of such a name there may be one's own from before it meant something else.
    let mailbox = store.find_mailbox(&access, name).await?;
    Ok(Found { owner: access.what().0, mailbox, rights: Rights::ALL })
}

/// All that the person sees: his own, then what others and his company share with him.
pub(crate) async fn all(session: &Session) -> Result<Vec<Found>, ImapError> {
    let (store, access) = (&session.context.store, session.reading()?);
    let me = access.what().0;
    let own = store.mailboxes(&access).await?.into_iter();
    let mut all: Vec<Found> = own.map(|mailbox| Found { owner: me, mailbox, rights: Rights::ALL }).collect();
    let directory = store.directory();
    let mut beside = Vec::new();
    for mut shared in store.shared_mailboxes(&access).await? {
        let Some(name) = full_name(&directory, shared.owner, &shared.mailbox.name) else { continue };
        shared.mailbox.name = name;
        beside.push(Found { owner: shared.owner, mailbox: shared.mailbox, rights: shared.rights });
    }
    beside.sort_by(|a, b| a.mailbox.name.cmp(&b.mailbox.name));
    let names: Vec<String> = beside.iter().map(|found| found.mailbox.name.clone()).collect();
    for found in &mut beside {
        let below = format!("{}/", found.mailbox.name);
        found.mailbox.has_children = names.iter().any(|name| name.starts_with(&below));
    }
    all.extend(beside);
    Ok(all)
}

/// The levels above those of others that may be seen, which are names only (for LIST).
pub(crate) fn levels_above(all: &[Found]) -> Vec<Found> {
    let names = all.iter().map(|found| found.mailbox.name.as_str());
    let there: BTreeSet<&str> = names.filter(|name| is_beside(name)).collect();
    let mut levels = BTreeSet::new();
    for name in &there {
        levels.extend(name.match_indices('/').filter_map(|(at, _)| name.get(..at)));
    }
    levels.into_iter().filter(|level| !there.contains(level)).map(level).collect()
}

fn level(name: &str) -> Found {
    let state = MailboxState {
        uid_validity: UidValidity(1),
        uid_next: Uid(1),
        highest_modseq: ModSeq(1),
        messages: 0,
        unseen: 0,
        deleted: 0,
        size: 0,
    };
    let mailbox = Mailbox {
        id: MailboxId(0),
        name: name.to_owned(),
        role: None,
        subscribed: false,
        selectable: false,
        has_children: true,
        state,
    };
    Found { owner: UserId(0), mailbox, rights: Rights::LOOKUP }
}

/// The nearest mailbox above `name`, which its owner calls so, that the person sees.
pub(crate) async fn above(session: &Session, owner: UserId, name: &str) -> Result<Option<Found>, ImapError> {
    let (store, access) = (&session.context.store, session.reading()?);
    let mut at = name;
    while let Some((above, _)) = at.rsplit_once('/') {
        match store.shared_named(&access, owner, above).await {
            Ok(found) => return Ok(Some(Found { owner, mailbox: found.mailbox, rights: found.rights })),
            Err(StoreError::NotFound(_)) => at = above,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(name: &str) -> Found {
        let mut found = level(name);
        found.mailbox.selectable = true;
        found
    }

    #[test]
    fn levels_above_the_mailboxes_of_others_are_names() {
        let all = ["INBOX", "a/b", "Shared/x/y", "Shared/x/y/z", "Other Users/h@a.jp/INBOX"].map(found);
        let levels: Vec<String> = levels_above(&all).into_iter().map(|found| found.mailbox.name).collect();
        assert_eq!(levels, ["Other Users", "Other Users/h@a.jp", "Shared", "Shared/x"]);
        assert!(levels_above(&["INBOX", "a/b"].map(found)).is_empty());
    }

    #[test]
    fn only_whole_first_levels_lie_beside() {
        for (name, beside) in
            [("Shared", true), ("Shared/a", true), ("Shareda/a", false), ("Other Users/x", true), ("a/Shared", false)]
        {
            assert_eq!(is_beside(name), beside, "{name}");
        }
    }
}
