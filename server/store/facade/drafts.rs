//! Drafts: what the compose page saves.

use std::ops::Range;

use types::{AttachmentId, DraftId, Timestamp};

use super::{Result, Store};
use crate::{
    Access, Account, AttachmentRow, DRAFT_FIELDS, DraftAt, DraftCopy, DraftHead, DraftRow, Lying, NewAttachment,
    NewDraft, Placed, Read, StoreError, Write,
};

impl Store {
    /// Makes a draft.
    ///
    /// # Errors
    /// [`StoreError::Exists`]: one of the same copy is there; [`StoreError::Invalid`]: too long, or too many drafts;
    /// [`StoreError::NotFound`]: the copy.
    pub async fn create_draft(&self, access: &Access<Account, Write>, new: NewDraft, at: Timestamp) -> Result<DraftAt> {
        self.check(access)?;
        bounded(&new.fields)?;
        self.engine.create_draft(access.what().0, new, at).await
    }
    /// Reads a draft.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]: sent, discarded, or another's.
    pub async fn draft(&self, access: &Access<Account, Read>, draft: DraftId) -> Result<DraftRow> {
        self.check(access)?;
        self.engine.draft(access.what().0, draft).await
    }
    /// The draft that lies there in Drafts; `None` for a mail that another client put there.
    ///
    /// # Errors
    /// Stale access or database.
    pub async fn draft_of_copy(&self, access: &Access<Account, Read>, copy: Lying) -> Result<Option<DraftId>> {
        self.check(access)?;
        self.engine.draft_of_copy(access.what().0, copy).await
    }
    /// All drafts, last changed first. Those without a copy are in no mailbox: the pages show them apart.
    ///
    /// # Errors
    /// Stale access or database.
    pub async fn drafts(&self, access: &Access<Account, Read>) -> Result<Vec<DraftHead>> {
        self.check(access)?;
        self.engine.drafts(access.what().0).await
    }
    /// Saves what stands in the form; answers the new version.
    ///
    /// # Errors
    /// [`StoreError::Conflict`]: it was saved elsewhere meanwhile; [`StoreError::NotFound`]; [`StoreError::Invalid`].
    pub async fn save_draft(
        &self,
        access: &Access<Account, Write>,
        draft: DraftAt,
        fields: &[u8],
        at: Timestamp,
    ) -> Result<DraftAt> {
        self.check(access)?;
        bounded(fields)?;
        self.engine.save_draft(access.what().0, draft, fields, at).await
    }
    /// Adds a file; the version stays.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Invalid`]: too many files, or another company's bytes.
    pub async fn attach(
        &self,
        access: &Access<Account, Write>,
        draft: DraftId,
        attachment: NewAttachment,
        at: Timestamp,
    ) -> Result<AttachmentRow> {
        self.check(access)?;
        self.engine.attach(access.what().0, draft, attachment, at).await
    }
    /// Takes a file away; the version stays.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn detach(
        &self,
        access: &Access<Account, Write>,
        draft: DraftId,
        attachment: AttachmentId,
        at: Timestamp,
    ) -> Result<()> {
        self.check(access)?;
        self.engine.detach(access.what().0, draft, attachment, at).await
    }
    /// Reads a range of an attachment's bytes.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Damaged`].
    pub async fn read_attachment(
        &self,
        access: &Access<Account, Read>,
        draft: DraftId,
        attachment: AttachmentId,
        range: Range<u64>,
    ) -> Result<Vec<u8>> {
        let row = self.draft(access, draft).await?;
        let found = row.attachments.iter().find(|one| one.id == attachment);
        let found = found.ok_or_else(|| StoreError::NotFound(format!("attachment {attachment}")))?;
        Ok(self.engine.read(found.record, range).await?.into())
    }
    /// Puts the draft as a mail into Drafts (`\Draft`, `\Seen`) in place of its former copy.
    ///
    /// # Errors
    /// As [`Self::save_draft`].
    pub async fn materialise(
        &self,
        access: &Access<Account, Write>,
        draft: DraftAt,
        copy: DraftCopy,
        at: Timestamp,
    ) -> Result<Placed> {
        self.check(access)?;
        self.engine.materialise(access.what().0, draft, copy, at).await
    }
    /// Throws a draft away, and its copy in Drafts for good.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn discard_draft(&self, access: &Access<Account, Write>, draft: DraftId, at: Timestamp) -> Result<()> {
        self.check(access)?;
        self.engine.discard_draft(access.what().0, draft, at).await
    }
}

fn bounded(fields: &[u8]) -> Result<()> {
    let most = DRAFT_FIELDS;
    if fields.len() <= most { Ok(()) } else { Err(StoreError::Invalid(format!("a draft has at most {most} bytes"))) }
}
