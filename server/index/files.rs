//! The texts of a mail's files as the readers of attachments have them: the feeder waits for them, a search no longer
//! than its patience lasts. No file is parsed here, and none that was read before is read again.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use extract::{MailTexts, NotNow, PartTexts};
use tokio::time::Instant;
use types::RecordId;

use crate::{Index, IndexError, Loan, folded};

/// One search waits so long in all for files that nobody has read yet.
const PATIENCE: Duration = Duration::from_secs(20);
/// A search waits so long for memory for one mail's texts.
const MEMORY: Duration = Duration::from_secs(10);
/// Smaller mails are looked at on the spot, bytes: going to another thread takes longer.
const SMALL: usize = 64 << 10;
/// So many mails are remembered whose files say nothing.
const MUTE: usize = 200_000;
/// What could not be read well, for reasons of the moment, is tried again after so long each time; then the index takes
/// what there is.
const AGAIN: [Duration; 2] = [Duration::from_secs(2), Duration::from_secs(10)];

/// How long a search may still wait for files that nobody has read yet, and whether it left some out.
#[derive(Debug)]
pub struct Patience {
    left: Duration,
    lost: bool,
}

impl Default for Patience {
    fn default() -> Self {
        Self { left: PATIENCE, lost: false }
    }
}

impl Patience {
    /// Whether the search went on without the texts of some files.
    #[must_use]
    pub fn lost(&self) -> bool {
        self.lost
    }
}

/// The texts of a mail, with the memory that they take. Its `Debug` shows none of them.
#[derive(Default)]
pub struct Texts {
    /// Each text, folded.
    pub folded: Vec<String>,
    _loan: Loan,
}

impl std::fmt::Debug for Texts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Texts({})", self.folded.len())
    }
}

/// Mails with files that say nothing, as photos do: decoding such a mail shows all its texts, and no file of it has to be
/// opened to know that again.
#[derive(Default)]
pub(crate) struct Mute(Mutex<HashSet<RecordId>>);

impl Mute {
    fn holds(&self, record: RecordId) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(&record)
    }
    fn note(&self, record: RecordId) {
        let mut records = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if records.len() >= MUTE {
            records.clear();
        }
        records.insert(record);
    }
}

/// What decoding a mail shows of its texts.
pub struct OwnTexts {
    /// Each text, folded.
    pub folded: Vec<String>,
    /// Whether that is all; else its files have more, of which decoding the mail knows nothing.
    pub whole: bool,
}

/// The texts of the files of many mails, with the memory that they take.
pub struct KnownFiles {
    /// Those of each mail; `None` where that mail has to be asked about alone.
    pub of_mails: Vec<Option<Vec<PartTexts>>>,
    _loan: Loan,
}

impl Index {
    /// What a search looks at in the texts of a mail about which the index cannot tell: the same texts that it is made
    /// of. A file that nobody has read is read now, by the pool that reads all, and kept.
    ///
    /// # Errors
    /// There was no memory for them in time; the work was interrupted.
    pub async fn texts(&self, record: RecordId, mail: Vec<u8>, patience: &mut Patience) -> Result<Texts, IndexError> {
        let mail: Arc<[u8]> = mail.into();
        let files = self.files_in_time(record, &mail, patience).await;
        // as they are, and folded
        let bytes = 2 * text_bytes(&files);
        let loan = tokio::time::timeout(MEMORY, self.0.reading.lend(bytes)).await;
        let loan = loan.map_err(|_| IndexError::Failed("no memory for the texts of a mail"))?;
        let reading = self.0.reading.clone();
        let texts = move || reading.texts(&mail, &files).iter().map(|text| folded(text)).collect();
        let folded = tokio::task::spawn_blocking(texts).await;
        let folded = folded.map_err(|_| IndexError::Failed("reading a mail was interrupted"))?;
        Ok(Texts { folded, _loan: loan })
    }

    /// What decoding a mail shows of its texts, for whoever looks into many mails; for threads that may block.
    #[must_use]
    pub fn own_texts(&self, record: RecordId, mail: &[u8]) -> OwnTexts {
        let (texts, whole) = self.0.reading.own_texts(mail);
        OwnTexts { folded: texts.iter().map(|text| folded(text)).collect(), whole: whole || self.0.mute.holds(record) }
    }

    /// What the files of many mails say, as far as it is known and fits into memory now; [`Self::texts`] has the others.
    pub async fn known_files(&self, mails: Vec<(RecordId, Arc<[u8]>)>) -> KnownFiles {
        let count = mails.len();
        let known = self.0.files.known_texts_of_many(mails).await.unwrap_or_default();
        let bytes = known.iter().flatten().map(|files| 2 * text_bytes(files)).sum();
        match tokio::time::timeout(MEMORY, self.0.reading.lend(bytes)).await {
            Ok(loan) if known.len() == count => KnownFiles { of_mails: known, _loan: loan },
            _ => KnownFiles { of_mails: vec![None; count], _loan: Loan::default() },
        }
    }

    /// All texts of a mail with these files, folded, of which decoding it shows `own`; for threads that may block.
    #[must_use]
    pub fn texts_with(&self, record: RecordId, mail: &[u8], files: &[PartTexts], own: usize) -> Vec<String> {
        let texts = self.0.reading.texts(mail, files);
        // its own ones are among them
        if texts.len() == own && is_settled(files) {
            self.0.mute.note(record);
        }
        texts.iter().map(|text| folded(text)).collect()
    }

    async fn files_in_time(&self, record: RecordId, mail: &Arc<[u8]>, patience: &mut Patience) -> Vec<PartTexts> {
        if !self.has_files(mail).await {
            return Vec::new();
        }
        let read = match self.0.files.known_texts(record, mail.clone()).await {
            Ok(Some(files)) => Some(Ok(files)),
            Ok(None) => read_in_time(self.0.files.clone(), record, mail.clone(), patience).await,
            Err(error) => Some(Err(error)),
        };
        match read {
            Some(Ok(files)) => return files,
            Some(Err(error)) => tracing::warn!(%error, record.id = record.0, "a search goes on without files"),
            None => {}
        }
        patience.lost = true;
        Vec::new()
    }

    /// The texts of a mail's files for the index, however long that takes.
    pub(crate) async fn files(&self, record: RecordId, mail: &Arc<[u8]>) -> Result<Vec<PartTexts>, NotNow> {
        if !self.has_files(mail).await {
            return Ok(Vec::new());
        }
        let texts = &self.0.files;
        if let Some(known) = texts.known_texts(record, mail.clone()).await? {
            return Ok(known);
        }
        // its review reads it, and keeps that in a posting that is written in any case
        texts.reviewed().await;
        for pause in AGAIN {
            let files = texts.gathered_texts(record, mail.clone()).await?;
            if is_settled(&files) {
                return Ok(files);
            }
            tokio::time::sleep(pause).await;
        }
        texts.gathered_texts(record, mail.clone()).await
    }

    async fn has_files(&self, mail: &Arc<[u8]>) -> bool {
        let reading = &self.0.reading;
        if mail.len() <= SMALL {
            return reading.has_files(mail);
        }
        let (reading, mail) = (reading.clone(), mail.clone());
        // who broke off says nothing: then it is looked at closely
        tokio::task::spawn_blocking(move || reading.has_files(&mail)).await.unwrap_or(true)
    }
}

/// Reads files now; `None` when the patience has come to its end.
async fn read_in_time(
    files: Arc<dyn MailTexts>,
    record: RecordId,
    mail: Arc<[u8]>,
    patience: &mut Patience,
) -> Option<Result<Vec<PartTexts>, NotNow>> {
    if patience.left.is_zero() {
        return None;
    }
    let began = Instant::now();
    // when nobody waits any more it goes on, bounded as every look is: the next search finds what it has kept
    let reading = tokio::spawn(async move { files.texts(record, mail).await });
    let read = tokio::time::timeout(patience.left, reading).await;
    patience.left = patience.left.saturating_sub(began.elapsed());
    let interrupted = |error: tokio::task::JoinError| Err(NotNow(error.to_string()));
    read.ok().map(|read| read.unwrap_or_else(interrupted))
}

/// Whether another look would read the same.
pub(crate) fn is_settled(files: &[PartTexts]) -> bool {
    files.iter().all(|file| file.read.settled)
}

/// How long the texts of files are, bytes.
pub(crate) fn text_bytes(files: &[PartTexts]) -> u64 {
    files.iter().flat_map(|file| &file.read.texts).map(|text| text.text.len() as u64).sum()
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;

    use super::*;

    /// Readers that take so long for each mail.
    struct Slow(Duration);

    #[async_trait]
    impl MailTexts for Slow {
        async fn texts(&self, _: RecordId, _: Arc<[u8]>) -> Result<Vec<PartTexts>, NotNow> {
            tokio::time::sleep(self.0).await;
            Ok(Vec::new())
        }
        async fn known_texts(&self, _: RecordId, _: Arc<[u8]>) -> Result<Option<Vec<PartTexts>>, NotNow> {
            Ok(None)
        }
        async fn reviewed(&self) {}
    }

    #[tokio::test(start_paused = true)]
    async fn one_search_waits_for_all_its_files_together_no_longer_than_its_patience_lasts() {
        let (mut patience, began) = (Patience::default(), Instant::now());
        let mut read = 0;
        for _ in 0..100 {
            let files = Arc::new(Slow(Duration::from_secs(3)));
            read += usize::from(read_in_time(files, RecordId(1), Arc::default(), &mut patience).await.is_some());
        }
        assert_eq!((read, began.elapsed().as_secs()), (6, PATIENCE.as_secs()));
    }
}
