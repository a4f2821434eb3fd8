//! What is done to links beside their page: sent anew by their sender, under another token, and stopped by an administrator.

use store::{Access, Account, Manage, Posting, Tenancy, Write};
use types::LinkId;

use super::mail::{LinkedMail, Terms};
use super::{Token, Told};
use crate::{Outbound, OutboundError};

impl Outbound {
    /// Sends the mail of a link of one's own once more, under a new address: in one commit, so that the former address leads on
    /// for as long as no mail tells of another.
    ///
    /// # Errors
    /// [`OutboundError::NoPage`]; [`store::StoreError::Conflict`]: it is stopped or has ended, and stays so; the link is not
    /// there, or the store failed.
    pub async fn renew_link(&self, access: &Access<Account, Write>, link: LinkId) -> Result<(), OutboundError> {
        if self.content_url.is_none() {
            return Err(OutboundError::NoPage);
        }
        let token = Token::fresh()?;
        let row = self.store.own_link(access, link).await?;
        let parts = self.store.parcels(&self.exit, row.submission.id).await?;
        let treatment = parts.into_iter().find(|part| part.id == row.parcel).map(|part| part.treatment);
        let treatment = treatment.unwrap_or_default();
        let source = self.source_again(self.linked_mail(&row).await?, &treatment, row.whole).await?;
        let (mail, terms) = (LinkedMail::of(&row.submission, &source), Terms::from(&row));
        let (bytes, kept) = (self.link_mail(&mail, &terms, &token)?, self.link_mail(&mail, &terms, &Token::kept())?);
        self.send_anew(&row, &token, Told { bytes, kept }, row.submission.from.as_ref()).await
    }

    /// Stops a link of a company's mail by an administrator's right; it stands in the audit log.
    ///
    /// # Errors
    /// The link is not there, or another company's; the store failed.
    pub async fn stop_link_for_company(
        &self,
        access: &Access<Tenancy, Manage>,
        link: LinkId,
    ) -> Result<(), OutboundError> {
        let at = self.clock.now();
        let row = self.store.stop_link_of_company(access, link, at).await?;
        let mut posting = Posting::default();
        let submission = &row.submission;
        posting.audited(submission.tenant, access.holder(), at, "link.stopped", &submission.reference);
        self.store.send(&self.exit, posting).await?;
        Ok(())
    }
}
