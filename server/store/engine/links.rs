//! What the download page and the senders of links ask.

use async_trait::async_trait;
use types::{LinkId, MailboxId, SubmissionId, TenantId, Timestamp};

use super::Result;
use crate::{AskedFrom, CodeStep, LinkAccess, LinkChange, LinkRow, Proof, Taking, TokenHash, Tried, UploadRow};

/// The part of an engine that keeps links. Each change is one transaction together with its access row, so that of several at
/// once each finds what the one before it left. A link that is not there is [`crate::StoreError::NotFound`].
#[async_trait]
pub trait LinkEngine: Send + Sync + 'static {
    /// The link to which a token leads.
    async fn link_of_token(&self, token: TokenHash) -> Result<Option<LinkRow>>;
    /// A link by its number.
    async fn link(&self, link: LinkId) -> Result<Option<LinkRow>>;
    /// The links of a mail, in the order in which they were made.
    async fn links_of(&self, submission: SubmissionId) -> Result<Vec<LinkRow>>;
    /// What happened to the links of a mail, the newest of each first, of each at most [`crate::LINK_ACCESSES_MOST`].
    async fn accesses_of(&self, submission: SubmissionId) -> Result<Vec<(LinkId, LinkAccess)>>;
    /// What happened to a link before the access of this place, as many and in the order as [`Self::accesses_of`] tells them.
    async fn accesses_before(&self, link: LinkId, before: i64) -> Result<Vec<LinkAccess>>;
    /// Puts a code in force, in place of the one before it.
    async fn put_code(&self, link: LinkId, code: TokenHash, from: AskedFrom, at: Timestamp) -> Result<CodeStep>;
    /// Tries to open it.
    async fn try_link(&self, link: LinkId, proof: Proof, from: AskedFrom, at: Timestamp) -> Result<Tried>;
    /// Counts that a file is taken.
    async fn begin_download(&self, link: LinkId, file: u32, from: AskedFrom, at: Timestamp) -> Result<Taking>;
    /// What came by it, oldest first.
    async fn uploads(&self, link: LinkId) -> Result<Vec<UploadRow>>;
    /// A company's collection requests below `before`, the newest first.
    async fn collections(&self, tenant: TenantId, before: Option<LinkId>, most: u32) -> Result<Vec<LinkRow>>;
    /// Collection requests of which it is time to remind, whatever has become of them, the oldest reminder first, behind one of then.
    async fn collections_to_remind(
        &self,
        at: Timestamp,
        after: Option<(Timestamp, LinkId)>,
        most: u32,
    ) -> Result<Vec<LinkRow>>;
    /// The mailbox of a company's handlers' box; made when there is none.
    async fn handlers_box(&self, tenant: TenantId) -> Result<MailboxId>;
    /// Changes it. [`crate::StoreError::Conflict`]: what it led to was disposed of, so that it does not go on.
    async fn change_link(&self, link: LinkId, change: LinkChange, at: Timestamp) -> Result<()>;
}
