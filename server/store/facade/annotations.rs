//! Annotations: what METADATA keeps.

use types::{MailboxId, UserId};

use super::{Result, Store};
use crate::{
    ANNOTATION_ENTRY, ANNOTATION_SIZE, Access, Account, AnnotationChange, AnnotationHead, AnnotationNews, InMailbox,
    Read, Rights, SHARED_ANNOTATIONS as SHARED, StoreError, Write,
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
        too_long(&changes)?;
        self.engine.annotate(access.what().0, of, changes).await
    }
    /// What was changed after the change `since`, and the number of the last change; of what others share with this person
    /// the shared annotations of mailboxes that he may read.
    ///
    /// # Errors
    /// Stale access or database.
    pub async fn annotation_news(
        &self,
        access: &Access<Account, Read>,
        since: i64,
    ) -> Result<(Vec<AnnotationNews>, i64)> {
        let (user, directory) = self.reader(access)?;
        let visible = self.engine.shares().visible(&directory, &user);
        let readable = |(owner, rights): (UserId, std::collections::HashMap<MailboxId, Rights>)| {
            let readable = rights.into_iter().filter(|(_, rights)| rights.has(Rights::READ));
            readable.map(move |(mailbox, _)| (owner, mailbox))
        };
        let beside: Vec<(UserId, MailboxId)> = visible.into_iter().flat_map(readable).collect();
        self.engine.annotation_news(user.id, &beside, since).await
    }
    /// The shared annotations of the mailbox that is reached, by name.
    ///
    /// # Errors
    /// [`StoreError::NotPermitted`] without `r`.
    pub async fn shared_annotations(&self, access: &Access<InMailbox, Read>) -> Result<Vec<AnnotationHead>> {
        let hand = self.reach(access, access.what().mailbox, Rights::READ)?;
        let mut all = self.engine.annotations(hand.owner, Some(hand.mailbox)).await?;
        all.retain(|head| head.entry.starts_with(SHARED));
        Ok(all)
    }
    /// The values of those shared annotations of the mailbox that is reached that are there.
    ///
    /// # Errors
    /// [`StoreError::NotPermitted`] without `r`.
    pub async fn shared_annotation_values(
        &self,
        access: &Access<InMailbox, Read>,
        entries: &[String],
    ) -> Result<Vec<(String, Vec<u8>)>> {
        let hand = self.reach(access, access.what().mailbox, Rights::READ)?;
        let shared: Vec<String> = entries.iter().filter(|entry| entry.starts_with(SHARED)).cloned().collect();
        self.engine.annotation_values(hand.owner, Some(hand.mailbox), &shared).await
    }
    /// Sets shared annotations of the mailbox that is reached.
    ///
    /// # Errors
    /// [`StoreError::NotPermitted`] without `w`, and for annotations that are not shared.
    pub async fn annotate_shared(
        &self,
        access: &Access<InMailbox, Write>,
        changes: Vec<AnnotationChange>,
    ) -> Result<i64> {
        let hand = self.reach(access, access.what().mailbox, Rights::READ.union(Rights::FLAG))?;
        if changes.iter().any(|change| !change.entry.starts_with(SHARED)) {
            return Err(StoreError::NotPermitted);
        }
        too_long(&changes)?;
        self.engine.annotate(hand.owner, Some(hand.mailbox), changes).await
    }
}

fn too_long(changes: &[AnnotationChange]) -> Result<()> {
    let long = |change: &AnnotationChange| {
        change.entry.len() > ANNOTATION_ENTRY || change.value.as_ref().map_or(0, Vec::len) > ANNOTATION_SIZE
    };
    if changes.iter().any(long) { Err(StoreError::Invalid("the annotation is too long".into())) } else { Ok(()) }
}
