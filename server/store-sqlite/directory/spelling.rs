//! A domain is one in the spelling of people and of machines, and kept as it was added: what is said of it in the other means the same.

use std::borrow::Cow;

use sqlx::SqliteConnection;
use store::{Change, StoreError};
use types::{Address, Domain};

use crate::database::failed;

type Result<T> = std::result::Result<T, StoreError>;

/// The change in the spelling in which the domain was added that it is about.
pub(super) async fn as_added<'c>(tx: &mut SqliteConnection, change: &'c Change) -> Result<Cow<'c, Change>> {
    let mut change = Cow::Borrowed(change);
    let Some(written) = domain_of(&change) else { return Ok(change) };
    let names: Vec<String> = sqlx::query_scalar("SELECT name FROM domain").fetch_all(tx).await.map_err(failed)?;
    // a store may have both, from before they were one
    if names.iter().any(|name| name == written.as_str()) {
        return Ok(change);
    }
    let mut names = names.iter().filter_map(|name| Domain::parse(name).ok());
    if let Some(added) = names.find(|name| name == written) {
        respell(change.to_mut(), &added);
    }
    Ok(change)
}

fn domain_of(change: &Change) -> Option<&Domain> {
    match change {
        Change::RemoveDomain(domain)
        | Change::AddDkimKeys { domain, .. }
        | Change::StartDkimKeys { domain, .. }
        | Change::RemoveDkimKey { domain, .. } => Some(domain),
        Change::AddUser(user) => Some(user.address.domain()),
        Change::AddAlias { alias: address, .. }
        | Change::RemoveAlias(address)
        | Change::AddGroup { address: Some(address), .. } => Some(address.domain()),
        _ => None,
    }
}

fn respell(change: &mut Change, added: &Domain) {
    let respell = |address: &mut Address| *address = address.spelled(added);
    match change {
        Change::RemoveDomain(domain)
        | Change::AddDkimKeys { domain, .. }
        | Change::StartDkimKeys { domain, .. }
        | Change::RemoveDkimKey { domain, .. } => domain.clone_from(added),
        Change::AddUser(user) => respell(&mut user.address),
        Change::AddAlias { alias: address, .. }
        | Change::RemoveAlias(address)
        | Change::AddGroup { address: Some(address), .. } => respell(address),
        _ => {}
    }
}
