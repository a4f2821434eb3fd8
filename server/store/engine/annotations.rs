//! What METADATA asks.

use async_trait::async_trait;
use types::{MailboxId, UserId};

use super::Result;
use crate::{AnnotationChange, AnnotationHead, AnnotationNews};

/// The part of an engine that keeps annotations: of a person's mailbox, or with `None` of his account. They go with their
/// mailbox. Another's mailbox is [`crate::StoreError::NotFound`].
#[async_trait]
pub trait AnnotationEngine: Send + Sync + 'static {
    /// Those that are there, by name.
    async fn annotations(&self, user: UserId, of: Option<MailboxId>) -> Result<Vec<AnnotationHead>>;
    /// The values of those of `entries` that are there, by name.
    async fn annotation_values(
        &self,
        user: UserId,
        of: Option<MailboxId>,
        entries: &[String],
    ) -> Result<Vec<(String, Vec<u8>)>>;
    /// Sets and takes away, all or none; the number of the change. [`crate::StoreError::Full`] is never said of the bounds:
    /// what exceeds them is [`crate::StoreError::Invalid`].
    async fn annotate(&self, user: UserId, of: Option<MailboxId>, changes: Vec<AnnotationChange>) -> Result<i64>;
    /// What was changed after `since`, in that order, and the number of the last change of all; a thousand that were taken away are
    /// remembered. Of the mailboxes `beside` his own, each with its owner, those changes that are [`crate::SHARED_ANNOTATIONS`].
    async fn annotation_news(
        &self,
        user: UserId,
        beside: &[(UserId, MailboxId)],
        since: i64,
    ) -> Result<(Vec<AnnotationNews>, i64)>;
}
