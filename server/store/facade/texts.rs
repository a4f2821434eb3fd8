//! The texts of attachments: kept once they are read, for every later look at the same bytes.

use types::{AttachmentId, DraftId, RecordId};

use super::{Draft, Result, Store};
use crate::{Access, Account, Bytes, Exit, NewTexts, Posting, Read, StoreError, TextsOf, Write};

impl Store {
    /// Seals what belongs to the record `of` under its key, for a posting: texts, or a variant's bytes. Whoever destroys
    /// that key has destroyed both.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]: the record; [`StoreError::Damaged`]: its key is gone.
    pub async fn seal_beside(&self, of: &Bytes, bytes: &[u8]) -> Result<Draft> {
        self.engine.seal_beside(of, bytes).await
    }
    /// What is kept of a record; `None` also when another edition of the readers has read it.
    ///
    /// # Errors
    /// [`StoreError::Damaged`]: it is there and cannot be read.
    pub async fn texts(&self, _door: &Exit, record: RecordId, edition: u32) -> Result<Option<Vec<u8>>> {
        self.engine.texts(record, edition).await
    }
    /// The same of many records; those of which nothing is kept are left out, and of what is longer than `most` bytes or
    /// cannot be read it is said only that it is there.
    ///
    /// # Errors
    /// The database failed.
    pub async fn texts_of_many(
        &self,
        _door: &Exit,
        records: &[RecordId],
        edition: u32,
        most: u64,
    ) -> Result<Vec<(RecordId, Option<Vec<u8>>)>> {
        self.engine.texts_of_many(records, edition, most).await
    }
    /// Keeps what was read in a record that is there.
    ///
    /// # Errors
    /// As [`Self::seal_beside`]; nothing was written.
    pub async fn keep_texts(&self, _door: &Exit, record: RecordId, edition: u32, texts: &[u8]) -> Result<()> {
        let texts = vec![self.sealed_texts(record, edition, texts).await?];
        self.engine.post(Posting { texts, ..Posting::default() }).await?;
        Ok(())
    }
    /// The same of many records, in one transaction. Those that are not there any more are left out.
    ///
    /// # Errors
    /// As [`Self::keep_texts`]; some of it may have been written.
    pub async fn keep_all_texts(&self, door: &Exit, all: &[(RecordId, u32, Vec<u8>)]) -> Result<()> {
        let gone = |error: &StoreError| matches!(error, StoreError::NotFound(_) | StoreError::Damaged(_));
        let mut sealed = Vec::with_capacity(all.len());
        for (record, edition, texts) in all {
            match self.sealed_texts(*record, *edition, texts).await {
                Ok(texts) => sealed.push(texts),
                Err(error) if gone(&error) => {}
                Err(error) => return Err(error),
            }
        }
        if sealed.is_empty() {
            return Ok(());
        }
        match self.engine.post(Posting { texts: sealed, ..Posting::default() }).await {
            // one of them went meanwhile, and the others are kept without it
            Err(error) if gone(&error) => {}
            posted => return posted.map(drop),
        }
        for (record, edition, texts) in all {
            match self.keep_texts(door, *record, *edition, texts).await {
                Err(error) if !gone(&error) => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }
    /// What is kept of the files of a draft; those of which nothing is kept are left out.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]: the draft; [`StoreError::Damaged`].
    pub async fn attachment_texts(
        &self,
        access: &Access<Account, Read>,
        draft: DraftId,
        edition: u32,
    ) -> Result<Vec<(AttachmentId, Vec<u8>)>> {
        let mut found = Vec::new();
        for file in self.draft(access, draft).await?.attachments {
            found.extend(self.engine.texts(file.record, edition).await?.map(|texts| (file.id, texts)));
        }
        Ok(found)
    }
    /// Keeps what was read in files of a draft.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]: the draft, or a file that is not there any more; as [`Self::keep_texts`].
    pub async fn keep_attachment_texts(
        &self,
        access: &Access<Account, Write>,
        draft: DraftId,
        edition: u32,
        all: &[(AttachmentId, Vec<u8>)],
    ) -> Result<()> {
        self.check(access)?;
        let row = self.engine.draft(access.what().0, draft).await?;
        let mut posting = Posting::default();
        for (attachment, texts) in all {
            let file = row.attachments.iter().find(|file| file.id == *attachment);
            let file = file.ok_or_else(|| StoreError::NotFound(format!("attachment {attachment}")))?;
            posting.texts.push(self.sealed_texts(file.record, edition, texts).await?);
        }
        self.engine.post(posting).await?;
        Ok(())
    }

    async fn sealed_texts(&self, record: RecordId, edition: u32, texts: &[u8]) -> Result<NewTexts> {
        let bytes = self.engine.seal_beside(&Bytes::Known(record), texts).await?;
        Ok(NewTexts { of: TextsOf::Record(record), edition, bytes })
    }
}
