//! Keys with which a company's domains sign (DKIM, RFC 6376): made here, put to work when their records stand in the DNS,
//! so that no signature is sent that nobody can check; and the signature itself (decision 048).

mod make;
mod record;
mod sign;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use store::{Change, DkimKey, DkimState};
use types::{Domain, UserId};

pub(crate) use sign::{ROOM, Signers};

use crate::{Outbound, OutboundError};

/// So often records of waiting keys are looked for.
const LOOK: Duration = Duration::from_secs(600);
/// So long after a key has signed for the last time its record is still needed: mail waits up to five days in queues.
const KEEP: Duration = Duration::from_secs(7 * 86_400);

/// Asks the DNS for TXT records.
#[async_trait]
pub trait TextRecords: Send + Sync {
    /// The texts that stand under a name, each with its strings joined; none when there is no such name.
    ///
    /// # Errors
    /// Why nobody answered.
    async fn texts(&self, name: &str) -> Result<Vec<String>, String>;
}

/// What the DNS says of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Published {
    /// Its record stands there.
    Yes,
    /// Nothing stands under its name.
    Missing,
    /// Something else stands there: the text, or the first of several.
    Other(String),
    /// Nobody answered: why.
    Unknown(String),
}

impl Outbound {
    /// A new pair of keys for a domain, RSA and Ed25519, to be added ([`Change::AddDkimKeys`]).
    ///
    /// # Errors
    /// There is no such domain; the machine gives no randomness.
    pub async fn new_dkim_keys(&self, domain: &Domain) -> Result<Change, OutboundError> {
        let directory = self.store.directory();
        let missing = || store::StoreError::NotFound(format!("the domain {domain}"));
        let tenant = directory.tenant_of(domain).ok_or_else(missing)?;
        let taken = self.dkim_keys(domain).into_iter().map(|key| key.selector).collect::<Vec<_>>();
        let at = self.clock.now();
        // an RSA key takes a good part of a second
        let made = tokio::task::spawn_blocking(move || make::pair(&taken, at)).await;
        let keys = made.map_err(|_| OutboundError::Broken)??;
        Ok(Change::AddDkimKeys { domain: domain.clone(), tenant, keys })
    }

    /// The keys of a domain, in the order in which they were added.
    #[must_use]
    pub fn dkim_keys(&self, domain: &Domain) -> Vec<DkimKey> {
        self.store.directory().dkim.get(domain).map(|keys| keys.to_vec()).unwrap_or_default()
    }

    /// What the DNS says of each key of a domain that is not retired. Those that waited and stand there begin to sign, in the name of `by`.
    ///
    /// # Errors
    /// The store failed.
    pub async fn follow_records(
        &self,
        names: &dyn TextRecords,
        domain: &Domain,
        by: Option<UserId>,
    ) -> Result<Vec<(DkimKey, Published)>, OutboundError> {
        let (mut found, mut silent) = (Vec::new(), None);
        let mut keys = self.dkim_keys(domain);
        keys.retain(|key| key.state != DkimState::Retired);
        // those that wait first: a name of an old one that nobody answers for keeps no new one from signing
        let mut asked: Vec<&DkimKey> = keys.iter().collect();
        asked.sort_by_key(|key| key.state != DkimState::Waiting);
        for key in asked {
            // where nobody answers for one, whoever waits for this page waits for no other
            let answer = match &silent {
                Some(why) => Err(String::clone(why)),
                None => names.texts(&key.record_name()).await,
            };
            let published = answer.map_or_else(Published::Unknown, |texts| record::judge(key, texts));
            if let Published::Unknown(why) = &published {
                silent = Some(why.clone());
            }
            found.push((key.clone(), published));
        }
        found.sort_by_key(|(key, _)| keys.iter().position(|other| other.selector == key.selector));
        // each under the spelling of the domain to which it was added
        let mut ready: BTreeMap<&str, (&Domain, Vec<String>)> = BTreeMap::new();
        for (key, published) in &found {
            if key.state == DkimState::Waiting && *published == Published::Yes {
                let of = ready.entry(key.domain.as_str()).or_insert_with(|| (&key.domain, Vec::new()));
                of.1.push(key.selector.clone());
            }
        }
        for (domain, selectors) in ready.into_values() {
            self.store.start_dkim_keys(&self.exit, domain, selectors, by, self.clock.now()).await?;
        }
        Ok(found)
    }

    /// Looks for records of waiting keys until `stop` is ready.
    pub async fn await_records(&self, names: &dyn TextRecords, stop: impl Future<Output = ()> + Send) {
        tokio::pin!(stop);
        loop {
            let directory = self.store.directory();
            let waiting = |keys: &[DkimKey]| keys.iter().any(|key| key.state == DkimState::Waiting);
            let domains = directory.dkim.iter().filter(|(_, keys)| waiting(keys)).map(|(domain, _)| domain.clone());
            for domain in domains.collect::<Vec<_>>() {
                tokio::select! {
                    biased;
                    () = &mut stop => return,
                    () = std::future::ready(()) => {}
                }
                if let Err(error) = self.follow_records(names, &domain, None).await {
                    tracing::warn!(%domain, %error, "keys whose records stand in the DNS could not be started");
                }
            }
            tokio::select! {
                () = &mut stop => return,
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }
}

/// When the record of a retired key may be taken out of the DNS.
#[must_use]
pub fn record_needed_until(key: &DkimKey) -> types::Timestamp {
    key.changed.after(KEEP)
}
