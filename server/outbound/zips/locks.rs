//! Who shares a ZIP: those with whom the same password was agreed before, and all others, for whom one is made.

use std::collections::BTreeSet;

use delivery::{Copy, Expansion};
use inspect::extract::Password;
use store::AgreedPassword;
use types::{Address, TenantId};

use super::{ZipTold, password};
use crate::fates::groups_of;
use crate::ready::Written;
use crate::{Outbound, OutboundError, Untreatable};

/// Archives of a mail under agreed passwords; whoever is beyond them gets the one under a made one.
const ARCHIVES: usize = 8;

/// Those who get the same ZIP.
pub(super) struct Lock {
    pub password: Password,
    /// What it is called, where it was agreed before.
    pub agreed: String,
    /// Addresses that the queue reaches.
    pub outside: Vec<Address>,
    /// People of other companies on this server.
    pub copies: Vec<Copy>,
}

impl Lock {
    fn new(password: Password, agreed: String) -> Self {
        Self { password, agreed, outside: Vec::new(), copies: Vec::new() }
    }

    /// All of them.
    pub fn recipients(&self) -> impl Iterator<Item = &Address> {
        self.outside.iter().chain(self.copies.iter().map(|copy| &copy.address))
    }

    /// The other companies on this server, each once.
    pub fn companies(&self) -> BTreeSet<TenantId> {
        self.copies.iter().map(|copy| copy.tenant).collect()
    }

    /// The people of one of them.
    pub fn people_of(&self, company: TenantId) -> impl Iterator<Item = &Copy> {
        self.copies.iter().filter(move |copy| copy.tenant == company)
    }

    /// What the sender is told.
    pub fn told(&self) -> ZipTold {
        let recipients = self.recipients().cloned().collect();
        let password = self.agreed.is_empty().then(|| self.password.clone());
        ZipTold { recipients, password, agreed: self.agreed.clone() }
    }
}

impl Outbound {
    /// Those who get a ZIP, by what opens it.
    ///
    /// # Errors
    /// [`Untreatable::NobodyToTell`]; the agreed passwords could not be read, or the machine gives no randomness.
    pub(super) async fn locks(&self, mail: &Written<'_>, found: &Expansion) -> Result<Vec<Lock>, OutboundError> {
        let list = self.agreed_in_all(mail.tenant).await?;
        let directory = self.store.directory();
        let groups = groups_of(&directory, mail.tenant, mail.from.as_slice());
        let (mut all, mut others) = (Vec::new(), Lock::new(password::fresh()?, String::new()));
        for address in &found.outside {
            let lock = agreed(&mut all, list.agreed_with(address.domain(), &groups));
            lock.unwrap_or(&mut others).outside.push(address.clone());
        }
        for copy in found.copies.iter().filter(|copy| copy.tenant != mail.tenant) {
            let lock = agreed(&mut all, list.agreed_with(copy.address.domain(), &groups));
            lock.unwrap_or(&mut others).copies.push(copy.clone());
        }
        if others.recipients().next().is_some() {
            if mail.author.is_none() {
                return Err(Untreatable::NobodyToTell.into());
            }
            all.push(others);
        }
        Ok(all)
    }
}

/// Those who share what was agreed with them; `None`: nothing was, or a mail has as many archives as it may.
fn agreed<'l>(all: &'l mut Vec<Lock>, found: Option<(&AgreedPassword, &Password)>) -> Option<&'l mut Lock> {
    let (agreed, password) = found?;
    let place = match all.iter().position(|known| known.agreed == agreed.name) {
        Some(place) => place,
        None if all.len() < ARCHIVES => {
            all.push(Lock::new(password.clone(), agreed.name.clone()));
            all.len() - 1
        }
        None => return None,
    };
    all.get_mut(place)
}
