//! ZIPs made ready before a mail goes: packed and sealed once for all who share one, and once more for each other company on this
//! server, whose records are its own. Nothing of them stands in a posting yet.

use std::ops::Range;
use std::sync::Arc;

use delivery::Expansion;
use store::Draft;
use types::{Address, TenantId, Treatment};

use super::locks::Lock;
use super::mail::{Cover, Key, Made, made};
use super::source::ZipSource;
use crate::ready::Written;
use crate::work::on_a_thread;
use crate::{Outbound, OutboundError};

/// The ZIPs of a part.
pub(crate) struct Zips {
    pub(super) all: Vec<Sealed>,
    pub(super) words: Words,
}

/// What else is said of them.
#[derive(Default)]
pub(super) struct Words {
    /// The subject of the mail without numbers.
    pub subject: String,
    /// In whose name its mails go; `None`: there are none.
    pub from: Option<Address>,
}

/// A ZIP's mail, sealed for those who get it.
pub(super) struct Sealed {
    pub lock: Lock,
    /// Ranges that are not sent.
    pub cuts: Vec<Range<u64>>,
    /// For mailboxes.
    pub summary: Vec<u8>,
    /// For those whom the queue reaches.
    pub own: Option<Draft>,
    /// For other companies here, each once.
    pub theirs: Vec<(TenantId, Draft)>,
}

impl Outbound {
    /// Makes the ZIPs that everybody outside gets in place of the mail; `bytes` are packed, with what else was done to it.
    ///
    /// # Errors
    /// [`crate::Untreatable`]; something could not be packed or sealed.
    pub(crate) async fn zips(
        &self,
        mail: &Written<'_>,
        treatment: &Treatment,
        bytes: &Arc<Vec<u8>>,
        found: &Expansion,
    ) -> Result<Zips, OutboundError> {
        let locks = self.locks(mail, found).await?;
        if locks.is_empty() {
            return Ok(Zips { all: Vec::new(), words: Words::default() });
        }
        // held until all is sealed: whoever waits has no files in memory yet
        let _permit = self.packing.acquire().await.map_err(|_| OutboundError::NotPacked)?;
        let language = self.language_of(mail.author);
        let source = Arc::new(self.zip_source(bytes, treatment, language).await?);
        let cover = Arc::new(Cover {
            language,
            face: self.face_of(mail.tenant, mail.author, mail.from),
            from: self.in_whose_name(mail, &source)?,
            id: self.message_id()?,
            at: mail.at,
            hides: treatment.hide_recipients,
        });
        let mut all = Vec::with_capacity(locks.len());
        for lock in locks {
            all.push(self.sealed(mail, (&source, &cover), lock).await?);
        }
        let words = Words { subject: source.subject.clone(), from: Some(cover.from.clone()) };
        Ok(Zips { all, words })
    }

    /// An automatic mail has the null sender.
    fn in_whose_name(&self, mail: &Written<'_>, source: &ZipSource) -> Result<Address, OutboundError> {
        let directory = self.store.directory();
        let user = || mail.author.and_then(|id| directory.users.get(&id)).map(|user| user.address.clone());
        mail.from.or(source.author.as_ref()).cloned().or_else(user).ok_or(OutboundError::NoSuchParcel)
    }

    async fn sealed(
        &self,
        mail: &Written<'_>,
        (source, cover): (&Arc<ZipSource>, &Arc<Cover>),
        lock: Lock,
    ) -> Result<Sealed, OutboundError> {
        let (password, agreed) = (lock.password.clone(), !lock.agreed.is_empty());
        let key = Key { password, agreed, for_mailboxes: !lock.copies.is_empty() };
        let (source, cover, limits) = (Arc::clone(source), Arc::clone(cover), self.limits.clone());
        let Made { bytes, cuts, summary } = on_a_thread(move || made(&source, &cover, &key, &limits)).await??;
        let own = match lock.outside.is_empty() {
            true => None,
            false => Some(self.store.seal_beside(mail.stored, &bytes).await?),
        };
        let mut theirs = Vec::new();
        for company in lock.companies() {
            theirs.push((company, self.store.seal(company, &bytes).await?));
        }
        Ok(Sealed { lock, cuts, summary, own, theirs })
    }
}
