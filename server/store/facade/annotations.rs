//! Annotations: what METADATA keeps.

use types::MailboxId;

use super::{Result, Store};
use crate::{
    ANNOTATION_ENTRY, ANNOTATION_SIZE, Access, Account, AnnotationChange, AnnotationHead, AnnotationNews, Read,
    StoreError, Write,
};

impl Store {
    /// The annotations of a mailbox, or with `None` of the account, by name.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn annotations(
        &self,
        access: &Access<Account, Read>,
        of: Option<MailboxId>,
    ) -> Result<Vec<AnnotationHead>> {
        self.check(access)?;
        self.engine.annotations(access.what().0, of).await
    }
    /// The values of those of `entries` that are there, by name.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn annotation_values(
        &self,
        access: &Access<Account, Read>,
        of: Option<MailboxId>,
        entries: &[String],
    ) -> Result<Vec<(String, Vec<u8>)>> {
        self.check(access)?;
        self.engine.annotation_values(access.what().0, of, entries).await
    }
    /// Sets annotations and takes them away, all or none; the number of the change.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Invalid`]: a name or value is too long, or there are too many.
    pub async fn annotate(
        &self,
        access: &Access<Account, Write>,
        of: Option<MailboxId>,
        changes: Vec<AnnotationChange>,
    ) -> Result<i64> {
        self.check(access)?;
        for change in &changes {
            let size = change.value.as_ref().map_or(0, Vec::len);
            if change.entry.len() > ANNOTATION_ENTRY || size > ANNOTATION_SIZE {
                return Err(StoreError::Invalid("the annotation is too long".into()));
            }
        }
        self.engine.annotate(access.what().0, of, changes).await
    }
    /// What was changed after the change `since`, and the number of the last change.
    ///
    /// # Errors
    /// Stale access or database.
    pub async fn annotation_news(
        &self,
        access: &Access<Account, Read>,
        since: i64,
    ) -> Result<(Vec<AnnotationNews>, i64)> {
        self.check(access)?;
        self.engine.annotation_news(access.what().0, since).await
    }
}
