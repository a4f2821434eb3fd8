//! What was read in attachments, taken from beside the mail and kept there, so that review, approvers, search index
//! and audit read each of them once. What cannot be kept is read again: no mail waits or fails for it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use inspect::extract::{Kept, MailTexts, NotNow, PartTexts};
use inspect::{Looked, Seen};
use store::{Bytes, NewTexts, Posting, StoreError, TextsOf};
use types::RecordId;

use crate::Outbound;
use crate::passwords::Parties;

/// So long [`MailTexts::reviewed`] waits at most.
const REVIEW: Duration = Duration::from_secs(30);
/// So many bytes of texts, and texts of so many mails, wait to be kept together.
const GATHERED_BYTES: usize = 1 << 20;
const GATHERED: usize = 256;
/// What is kept of a mail is looked at together with that of others up to this length, bytes.
const SHORT: u64 = 64 << 10;

/// Texts that were read and are not kept yet, by record and edition.
#[derive(Default)]
pub(crate) struct Gathered(Mutex<Vec<(RecordId, u32, Vec<u8>)>>);

impl Gathered {
    /// Adds what was read in a record; whether so much waits that it should be kept.
    fn add(&self, record: RecordId, kept: &Kept) -> bool {
        // a push is all that is done under it
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.push((record, kept.edition().number(), kept.to_bytes()));
        waiting.len() >= GATHERED || waiting.iter().map(|(_, _, bytes)| bytes.len()).sum::<usize>() >= GATHERED_BYTES
    }
    fn take(&self) -> Vec<(RecordId, u32, Vec<u8>)> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Outbound {
    /// The edition of the readers, under which the store finds what they have read.
    #[must_use]
    pub fn edition(&self) -> u32 {
        self.inspector.edition().number()
    }

    /// What the store keeps of some records or files, together.
    #[must_use]
    pub fn kept(&self, all: impl IntoIterator<Item = Vec<u8>>) -> Kept {
        let mut kept = Kept::new(self.inspector.edition());
        for bytes in all {
            Kept::from_bytes(self.inspector.edition(), &bytes).into_iter().for_each(|some| kept.join(some));
        }
        kept
    }

    /// Looks at bytes with the engine that reviews, with what was read in them before; `None` when the look itself
    /// failed.
    pub async fn inspected(&self, parties: &Parties, mail: Vec<u8>, known: Kept) -> Option<Arc<Seen>> {
        match self.inspector_for(parties).await.look_through(mail, known).await {
            Looked::Seen(seen) => Some(seen),
            Looked::Slow | Looked::Failed(_) => None,
        }
    }

    /// The same of a mail that is stored; what is read now is kept beside it. Whoever asks has the right to its bytes.
    pub async fn inspected_record(&self, parties: &Parties, record: RecordId, mail: Vec<u8>) -> Option<Arc<Seen>> {
        let seen = self.inspected(parties, mail, self.kept_of(record).await).await?;
        if seen.fresh() {
            self.keep(record, seen.kept()).await;
        }
        Some(seen)
    }

    /// How many parts were read since the start that were neither plain nor known.
    #[must_use]
    pub fn parts_read(&self) -> u64 {
        self.inspector.parts_read()
    }

    /// What is kept of a record.
    pub(crate) async fn kept_of(&self, record: RecordId) -> Kept {
        let texts = self.store.texts(&self.exit, record, self.edition()).await;
        let texts = texts.unwrap_or_else(|error| {
            not_kept("texts of attachments cannot be taken from beside their mail", &error);
            None
        });
        self.kept(texts)
    }

    /// Adds to a posting what was read in the mail `bytes`, which is `of` there.
    pub(crate) async fn keep_with(&self, posting: &mut Posting, of: TextsOf, bytes: &Bytes, kept: &Kept) {
        let sealed = self.store.seal_beside(bytes, &kept.to_bytes()).await;
        let edition = kept.edition().number();
        match sealed {
            Ok(bytes) => posting.texts.push(NewTexts { of, edition, bytes }),
            Err(error) => not_kept("texts of attachments are not kept beside their mail", &error),
        }
    }

    /// Reads the mail; with what is to be kept of it where anything was read that nobody had read before.
    async fn read_now(&self, record: RecordId, mail: Arc<[u8]>) -> Result<(Vec<PartTexts>, Option<Kept>), NotNow> {
        let known = self.kept_of(record).await;
        let (texts, mut kept, fresh) = self.inspector.texts(mail, known.clone()).await.map_err(NotNow)?;
        // a file of a draft that is a mail itself: what was read in it as a file stays
        kept.join(known);
        Ok((texts, fresh.then_some(kept)))
    }

    async fn keep(&self, record: RecordId, kept: &Kept) {
        let kept = self.store.keep_texts(&self.exit, record, kept.edition().number(), &kept.to_bytes()).await;
        kept.unwrap_or_else(|error| not_kept("texts of attachments are not kept beside their mail", &error));
    }
}

fn not_kept(what: &str, error: &StoreError) {
    tracing::warn!(%error, "{what}; they are read again when they are needed");
}

#[async_trait]
impl MailTexts for Outbound {
    // without passwords: what only they open stays out of every index
    async fn texts(&self, record: RecordId, bytes: Arc<[u8]>) -> Result<Vec<PartTexts>, NotNow> {
        let (texts, fresh) = self.read_now(record, bytes).await?;
        if let Some(kept) = fresh {
            self.keep(record, &kept).await;
        }
        Ok(texts)
    }

    async fn gathered_texts(&self, record: RecordId, bytes: Arc<[u8]>) -> Result<Vec<PartTexts>, NotNow> {
        let (texts, fresh) = self.read_now(record, bytes).await?;
        if fresh.is_some_and(|kept| self.gathered.add(record, &kept)) {
            self.keep_gathered().await;
        }
        Ok(texts)
    }

    async fn keep_gathered(&self) {
        let kept = self.store.keep_all_texts(&self.exit, &self.gathered.take()).await;
        kept.unwrap_or_else(|error| not_kept("texts of attachments are not kept beside their mails", &error));
    }

    async fn known_texts(&self, record: RecordId, bytes: Arc<[u8]>) -> Result<Option<Vec<PartTexts>>, NotNow> {
        self.inspector.known_texts(bytes, self.kept_of(record).await).await.map_err(NotNow)
    }

    async fn known_texts_of_many(
        &self,
        mails: Vec<(RecordId, Arc<[u8]>)>,
    ) -> Result<Vec<Option<Vec<PartTexts>>>, NotNow> {
        let records: Vec<RecordId> = mails.iter().map(|(record, _)| *record).collect();
        let kept = self.store.texts_of_many(&self.exit, &records, self.edition(), SHORT).await;
        let kept = kept.map_err(|error| NotNow(error.to_string()))?;
        let kept: HashMap<RecordId, Option<Vec<u8>>> = kept.into_iter().collect();
        let known = |(record, bytes): (RecordId, Arc<[u8]>)| match kept.get(&record) {
            Some(None) => None,
            Some(Some(texts)) => Some((bytes, self.kept([texts.clone()]))),
            None => Some((bytes, self.kept([]))),
        };
        let asked: Vec<_> = mails.into_iter().map(known).collect();
        self.inspector.known_texts_of_many(asked).await.map_err(NotNow)
    }

    async fn reviewed(&self) {
        let mut busy = self.busy.subscribe();
        // who is not there any more reviews nothing either
        let _ = tokio::time::timeout(REVIEW, busy.wait_for(|busy| !busy)).await;
    }
}
