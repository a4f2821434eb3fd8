//! Notes of passwords, kept beside the mail with which they belong.

use async_trait::async_trait;
use types::SubmissionId;

use super::Result;
use crate::PasswordNote;

/// The part of an engine that keeps notes of passwords; they come with a posting ([`crate::Posting::notes`]).
#[async_trait]
pub trait NoteEngine: Send + Sync + 'static {
    /// The notes of a mail's parcels, in the order of these. [`crate::StoreError::Damaged`]: its key is gone.
    async fn password_notes(&self, submission: SubmissionId) -> Result<Vec<PasswordNote>>;
}
