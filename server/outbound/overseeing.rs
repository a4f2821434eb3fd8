//! What signing in asks of this room: who approves by the rules in force, and the mails about second factors.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, PoisonError};

use async_trait::async_trait;
use auth::{FactorNews, Overseer};
use store::{Directory, Posting, User};
use types::{Deputy, TenantId, UserId};

use crate::fates::people;
use crate::rules::KEEPERS;
use crate::{Outbound, OutboundError, PasswordChange, catalogue, notices};

/// Who approves, by company, as a directory says.
#[derive(Default)]
pub(crate) struct Approving {
    of: Arc<Directory>,
    found: HashMap<TenantId, HashSet<UserId>>,
}

impl Outbound {
    /// Those whom rules in force ask, and whoever is asked when a review fails; with who stands in for them now or later.
    fn approving(&self, directory: &Directory, tenant: TenantId) -> HashSet<UserId> {
        let keepers = people(directory, tenant, None, &[KEEPERS.to_owned()]);
        let keepers = keepers.into_iter().filter_map(|id| directory.users.get(&id));
        let keepers = keepers.map(|user| (user.id, self.deputy(directory, user)));
        let asked = self.rule_approvers(tenant).into_iter().map(|one| (one.user, one.deputy));
        let both = |(user, deputy): (UserId, Option<Deputy>)| [Some(user), deputy.map(|deputy| deputy.user)];
        keepers.chain(asked).flat_map(both).flatten().collect()
    }

    /// Tells a person what became of his second factor, from where or by whom.
    ///
    /// # Errors
    /// The store failed.
    pub async fn tell_of_factor(
        &self,
        user: UserId,
        news: FactorNews,
        how: PasswordChange<'_>,
    ) -> Result<(), OutboundError> {
        let (directory, at) = (self.store.directory(), self.clock.now());
        let Some(user) = directory.users.get(&user) else { return Ok(()) };
        let (whence, own) = notices::whence(&directory, user.language, how);
        let (address, url) = (user.address.to_string(), self.mail_url.as_deref().unwrap_or_default());
        let notice = catalogue::factor_changed(user.language, (&address, at), news, (&whence, own), url);
        let mut posting = Posting::default();
        self.put_notice(&mut posting, user, at, notice).await?;
        self.store.send(&self.exit, posting).await?;
        Ok(())
    }
}

#[async_trait]
impl Overseer for Outbound {
    fn approves(&self, user: &User) -> bool {
        let directory = self.store.directory();
        let mut known = self.approving.lock().unwrap_or_else(PoisonError::into_inner);
        if !Arc::ptr_eq(&known.of, &directory) {
            *known = Approving { of: directory.clone(), found: HashMap::new() };
        }
        let of = known.found.entry(user.tenant).or_insert_with(|| self.approving(&directory, user.tenant));
        of.contains(&user.id)
    }

    async fn tell(&self, user: UserId, news: FactorNews, whence: &str) {
        if let Err(error) = self.tell_of_factor(user, news, PasswordChange::From(whence)).await {
            tracing::warn!(%error, user.id = user.0, "what became of a second factor was not told to its owner");
        }
    }
}
