//! A link sent anew by its sender: another token leads to it, the former to nothing.

use store::{Access, Account, LinkChange, Posting, Write};
use types::LinkId;

use super::Token;
use super::mail::{LinkedMail, Terms};
use crate::{Outbound, OutboundError};

impl Outbound {
    /// Sends the mail of a link of one's own once more, under a new address. The former address ends before the mail goes.
    ///
    /// # Errors
    /// [`OutboundError::NoPage`]; the link is not there, or the store failed.
    pub async fn renew_link(&self, access: &Access<Account, Write>, link: LinkId) -> Result<(), OutboundError> {
        if self.content_url.is_none() {
            return Err(OutboundError::NoPage);
        }
        let (token, at) = (Token::fresh()?, self.clock.now());
        let row = self.store.change_own_link(access, link, LinkChange::Renew(token.hash()), at).await?;
        let bytes = self.linked_mail(&row).await?;
        let mail = self.link_mail(&LinkedMail::of(&row.submission, &bytes), &Terms::from(&row), &token)?;
        let mut posting = Posting::default();
        let (from, tenant) = (row.submission.from.as_ref(), row.submission.tenant);
        self.system_mail(&mut posting, tenant, from, &row.recipient, mail).await?;
        self.store.send(&self.exit, posting).await?;
        Ok(())
    }
}
