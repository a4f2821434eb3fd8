//! A posting in the writer's hands: its bytes as they are written and flushed, its rows as they wait.

use std::collections::HashMap;

use blobs::{RecordRef, Sealed, Stored};
use store::{Bytes, Draft, Posting, TextsOf};
use types::{KeyId, RecordId, TenantId, UserId};

use crate::place::FEW;

/// A mail of a posting.
pub(crate) struct ReadyMail {
    pub tenant: TenantId,
    pub bytes: ReadyBytes,
    pub summary: Vec<u8>,
    pub sensitive: bool,
}

pub(crate) enum ReadyBytes {
    /// New bytes. Few go into the database with their row; of many, `place` is known once they are flushed.
    New { key: KeyId, size: u64, digest: [u8; 32], sealed: Option<Sealed>, place: Option<RecordRef> },
    /// There already.
    Known(RecordId),
}

/// Texts of a posting: of what they are, and where they stand in [`Ready::mails`].
pub(crate) struct ReadyTexts {
    pub of: TextsOf,
    pub edition: u32,
    pub place: usize,
}

/// A posting that can be written again and again until it succeeds or is refused.
pub(crate) struct Ready {
    pub posting: Posting,
    /// Its mails, and behind them what was read in them or in others, record for record.
    pub mails: Vec<ReadyMail>,
    pub texts: Vec<ReadyTexts>,
    /// The owners of copies with their tenants, as the directory knows them.
    pub owners: HashMap<UserId, TenantId>,
}

impl Ready {
    pub fn new(mut posting: Posting, owners: HashMap<UserId, TenantId>) -> Self {
        let mails = std::mem::take(&mut posting.mails);
        let mails = mails.into_iter().map(|mail| {
            let bytes = match mail.bytes {
                Bytes::Known(id) => ReadyBytes::Known(id),
                Bytes::New(draft) => ReadyBytes::new(draft),
            };
            ReadyMail { tenant: mail.tenant, bytes, summary: mail.summary, sensitive: mail.sensitive }
        });
        let mut mails: Vec<ReadyMail> = mails.collect();
        let mut texts = Vec::with_capacity(posting.texts.len());
        for kept in std::mem::take(&mut posting.texts) {
            texts.push(ReadyTexts { of: kept.of, edition: kept.edition, place: mails.len() });
            let tenant = kept.bytes.tenant();
            mails.push(ReadyMail { tenant, bytes: ReadyBytes::new(kept.bytes), summary: Vec::new(), sensitive: true });
        }
        Self { mails, texts, posting, owners }
    }

    /// How many of [`Self::mails`] are mails.
    pub fn own_mails(&self) -> usize {
        self.mails.len() - self.texts.len()
    }

    /// Mails that the flusher has to write.
    pub fn sealed(&self) -> impl Iterator<Item = &Sealed> {
        self.mails.iter().filter_map(|mail| match &mail.bytes {
            ReadyBytes::New { sealed, .. } => sealed.as_ref().filter(|sealed| is_much(sealed)),
            ReadyBytes::Known(_) => None,
        })
    }
    pub fn needs_flush(&self) -> bool {
        self.sealed().next().is_some()
    }
    /// Takes the places of the mails in the order of [`Self::sealed`]; the bytes are on disk and let go.
    pub fn place(&mut self, places: &mut impl Iterator<Item = RecordRef>) {
        for mail in &mut self.mails {
            if let ReadyBytes::New { sealed, place, .. } = &mut mail.bytes
                && sealed.take_if(|sealed| is_much(sealed)).is_some()
            {
                *place = places.next();
            }
        }
    }

    /// How many numbers it needs: records, submissions, parcels, queue rows, variants.
    pub fn numbers(&self) -> [i64; 5] {
        let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        let new = self.mails.iter().filter(|mail| matches!(mail.bytes, ReadyBytes::New { .. })).count();
        let rows = self.posting.submissions.iter().chain(self.posting.reviewed.iter().map(|(_, row)| row));
        let parcels = rows.map(|row| row.parcels.len()).sum();
        let Posting { submissions, queue, variants, .. } = &self.posting;
        [count(new), count(submissions.len()), count(parcels), count(queue.len()), count(variants.len())]
    }
}

impl ReadyBytes {
    fn new(draft: Draft) -> Self {
        let (_, key, blob) = draft.into_parts();
        let (sealed, place) = match blob.stored {
            Stored::Memory(sealed) => (Some(sealed), None),
            Stored::Segment(place) => (None, Some(place)),
        };
        Self::New { key, size: blob.size, digest: blob.digest, sealed, place }
    }
}

/// Whether the bytes go to the segment file before their row.
fn is_much(sealed: &Sealed) -> bool {
    sealed.bytes.len() > FEW
}
