//! Drafts of webmail: the fields as a sealed column that is rewritten with every save, the files as records that are
//! written once. What touches bytes or other mailboxes is a posting (`posting/drafts.rs`); the rest are jobs.

mod jobs;
mod read;
pub(crate) mod traces;

use async_trait::async_trait;
use store::{
    AttachmentRow, Bytes, DraftAt, DraftChange, DraftCopy, DraftEngine, DraftHead, DraftRow, DraftStep, Folder, Lying,
    MailboxRole, NewAttachment, NewCopy, NewDraft, NewMail, NewTexts, Placed, Posting, StoreError, TextsOf,
};
use types::{AttachmentId, DraftId, Flags, KeyId, RecordId, SystemFlags, Timestamp, UserId};

use crate::SqliteEngine;
use crate::writer::Lane;

pub(crate) use jobs::touch;

type Result<T> = std::result::Result<T, StoreError>;

/// The place for which fields are sealed.
pub(crate) const COLUMN: &str = "draft";

/// The refusal that another's draft gets too.
pub(crate) fn not_found(draft: DraftId) -> StoreError {
    StoreError::NotFound(format!("draft {draft}"))
}
/// The refusal of what was saved elsewhere meanwhile.
pub(crate) fn conflict(draft: DraftId) -> StoreError {
    StoreError::Conflict(format!("draft {draft}"))
}

impl SqliteEngine {
    fn change(user: UserId, draft: DraftId, step: DraftStep, at: Timestamp) -> DraftChange {
        DraftChange { user, draft, version: None, step, at }
    }

    async fn seal_fields(&self, key: KeyId, fields: &[u8]) -> Result<Vec<u8>> {
        Ok(self.keys.get(key).await?.seal_column(COLUMN, fields)?)
    }
}

#[async_trait]
impl DraftEngine for SqliteEngine {
    async fn create_draft(&self, user: UserId, new: NewDraft, at: Timestamp) -> Result<DraftAt> {
        let (key, secret) = self.keys.fresh(self.tenant_of(user)?).await?;
        let fields = secret.seal_column(COLUMN, &new.fields)?;
        self.writer.run(Lane::Quick, jobs::Create { user, key, fields, new, at }).await
    }
    async fn draft(&self, user: UserId, draft: DraftId) -> Result<DraftRow> {
        read::draft(&self.readers, &self.keys, user, draft).await
    }
    async fn draft_of_copy(&self, user: UserId, copy: Lying) -> Result<Option<DraftId>> {
        read::of_copy(&self.readers, user, copy).await
    }
    async fn drafts(&self, user: UserId) -> Result<Vec<DraftHead>> {
        read::heads(&self.readers, user).await
    }
    async fn save_draft(&self, user: UserId, draft: DraftAt, fields: &[u8], at: Timestamp) -> Result<DraftAt> {
        let key = read::key(&self.readers, user, draft.id).await?;
        let fields = self.seal_fields(key, fields).await?;
        self.writer.run(Lane::Quick, jobs::Save { user, draft, fields, at }).await
    }
    async fn attach(
        &self,
        user: UserId,
        draft: DraftId,
        attachment: NewAttachment,
        at: Timestamp,
    ) -> Result<AttachmentRow> {
        let tenant = self.tenant_of(user)?;
        if attachment.bytes.tenant() != tenant {
            return Err(StoreError::Invalid("a record belongs to one tenant".into()));
        }
        let NewAttachment { bytes, name, media_type } = attachment;
        let size = bytes.size();
        let summary = serde_json::to_vec(&(&name, &media_type));
        let summary = summary.map_err(|error| StoreError::Engine(error.to_string()))?;
        let mut posting = Posting::default();
        let mail = posting.mail(NewMail { tenant, bytes: Bytes::New(bytes), summary, sensitive: true });
        posting.drafts.push(Self::change(user, draft, DraftStep::Attach(mail), at));
        let posted = self.writer.post(posting).await?;
        let id = posted.attachments.first().copied().unwrap_or(AttachmentId(0));
        let record = posted.records.first().copied().unwrap_or(RecordId(0));
        Ok(AttachmentRow { id, name, media_type, size, record })
    }
    async fn detach(&self, user: UserId, draft: DraftId, attachment: AttachmentId, at: Timestamp) -> Result<()> {
        self.writer.run(Lane::Quick, jobs::Detach { user, draft, attachment, at }).await
    }
    async fn materialise(&self, user: UserId, draft: DraftAt, copy: DraftCopy, at: Timestamp) -> Result<Placed> {
        let (tenant, DraftCopy { mail, texts }) = (self.tenant_of(user)?, copy);
        let foreign = matches!(&mail.bytes, Bytes::New(bytes) if bytes.tenant() != tenant);
        if foreign || mail.tenant != tenant {
            return Err(StoreError::Invalid("a record belongs to one tenant".into()));
        }
        let mut posting = Posting::default();
        let mail = posting.mail(mail);
        let texts = texts.map(|(edition, bytes)| NewTexts { of: TextsOf::Mail(mail), edition, bytes });
        posting.texts.extend(texts);
        posting.copies.push(NewCopy {
            mail,
            owner: user,
            folder: Folder::Role(MailboxRole::Drafts),
            flags: Flags::system(SystemFlags::DRAFT.union(SystemFlags::SEEN)),
            internal_date: at,
            saved: at,
            prefix: Vec::new(),
            cuts: Vec::new(),
            recipient: None,
        });
        let change = Self::change(user, draft.id, DraftStep::Materialise(0), at);
        posting.drafts.push(DraftChange { version: Some(draft.version), ..change });
        let posted = self.writer.post(posting).await?;
        let placed = posted.copies.into_iter().flatten().next();
        placed.ok_or_else(|| StoreError::Engine("a draft was materialised nowhere".into()))
    }
    async fn discard_draft(&self, user: UserId, draft: DraftId, at: Timestamp) -> Result<()> {
        self.writer.run(Lane::Quick, jobs::Discard { user, draft, at }).await
    }
}
