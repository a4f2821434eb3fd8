//! What the compose page asks: drafts that are saved often and cheaply.

use async_trait::async_trait;
use types::{AttachmentId, DraftId, Timestamp, UserId};

use super::Result;
use crate::{AttachmentRow, DraftAt, DraftCopy, DraftHead, DraftRow, Lying, NewAttachment, NewDraft, Placed};

/// The part of an engine that keeps drafts. Another's draft is [`crate::StoreError::NotFound`].
#[async_trait]
pub trait DraftEngine: Send + Sync + 'static {
    /// Makes a draft. [`crate::StoreError::Exists`] when there is one of the same copy.
    async fn create_draft(&self, user: UserId, new: NewDraft, at: Timestamp) -> Result<DraftAt>;
    /// Reads a draft.
    async fn draft(&self, user: UserId, draft: DraftId) -> Result<DraftRow>;
    /// The draft whose copy lies there.
    async fn draft_of_copy(&self, user: UserId, copy: Lying) -> Result<Option<DraftId>>;
    /// A person's drafts, last changed first.
    async fn drafts(&self, user: UserId) -> Result<Vec<DraftHead>>;
    /// Saves the fields; [`crate::StoreError::Conflict`] when the draft has another version by now.
    async fn save_draft(&self, user: UserId, draft: DraftAt, fields: &[u8], at: Timestamp) -> Result<DraftAt>;
    /// Adds a file.
    async fn attach(
        &self,
        user: UserId,
        draft: DraftId,
        attachment: NewAttachment,
        at: Timestamp,
    ) -> Result<AttachmentRow>;
    /// Takes a file away.
    async fn detach(&self, user: UserId, draft: DraftId, attachment: AttachmentId, at: Timestamp) -> Result<()>;
    /// Puts the draft as a mail into Drafts, in place of its former copy. [`crate::StoreError::Conflict`] as for
    /// saving.
    async fn materialise(&self, user: UserId, draft: DraftAt, copy: DraftCopy, at: Timestamp) -> Result<Placed>;
    /// Throws the draft away with its copy.
    async fn discard_draft(&self, user: UserId, draft: DraftId, at: Timestamp) -> Result<()>;
}
