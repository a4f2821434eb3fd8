//! Links at the release of a mail: each recipient outside gets a mail of his own with a link, and what it leads to stays here.

use inspect::Seen;
use message::Parsed;
use store::{Bytes, NewLink, NewMail, ParcelRef, Posting, Secret};
use types::{Address, Encrypted, EncryptionForm, LinkIdentity, LinkTerms, TenantId, Treatment, UserId};

use super::mail::{LinkedMail, Terms, end_after};
use super::source::LinkSource;
use super::{Token, codes};
use crate::release::{Released, queue_sealed};
use crate::treat::{self, Form};
use crate::{Outbound, OutboundError, catalogue};

/// The terms of the links with which a part leaves; `None`: it leaves otherwise.
pub(crate) fn link_of(treatment: &Treatment) -> Option<LinkTerms> {
    let encryption = treatment.encryption.filter(|encryption| encryption.form == EncryptionForm::Link)?;
    Some(encryption.link.unwrap_or_default())
}

/// The whole mail is kept from others when numbers stand in its text: its files alone would protect nothing.
pub(crate) fn widen(treatment: &mut Treatment, seen: &Seen) {
    if let Some(encryption) = &mut treatment.encryption
        && seen.has_findings_in_text()
    {
        encryption.what = Encrypted::Whole;
    }
}

/// A part that leaves as links.
pub(crate) struct LinkedPart<'a> {
    pub parcel: ParcelRef,
    pub treatment: &'a Treatment,
    pub terms: LinkTerms,
    /// Of the mail that stays here.
    pub source: LinkSource,
}

impl Outbound {
    /// Adds what brings a link to `recipient` by the queue.
    ///
    /// # Errors
    /// [`OutboundError::NoPage`]; something could not be sealed.
    pub(crate) async fn queue_link(
        &self,
        posting: &mut Posting,
        mail: &Released<'_>,
        part: &LinkedPart<'_>,
        recipient: &Address,
    ) -> Result<(), OutboundError> {
        let bytes = self.linked(posting, mail, part, recipient).await?;
        let own = posting.mails.get(mail.mail).ok_or(OutboundError::NoSuchParcel)?;
        let draft = self.store.seal_beside(&own.bytes, &bytes).await?;
        let form = Form { lines: treat::lines(part.treatment), ..Form::default() };
        let (to, sealed) = (std::slice::from_ref(recipient), (draft, &form, mail.sensitive));
        queue_sealed(posting, mail, (part.parcel, part.treatment), sealed, to);
        Ok(())
    }

    /// A link's mail as a mail of the posting, for a recipient of another company on this server.
    ///
    /// # Errors
    /// As [`Self::queue_link`].
    pub(crate) async fn copied_link(
        &self,
        posting: &mut Posting,
        mail: &Released<'_>,
        part: &LinkedPart<'_>,
        (recipient, tenant): (&Address, TenantId),
    ) -> Result<usize, OutboundError> {
        let bytes = self.linked(posting, mail, part, recipient).await?;
        let draft = self.store.seal(tenant, &bytes).await?;
        let summary = Parsed::parse(&bytes, &self.limits).summary().to_bytes();
        Ok(posting.mail(NewMail { tenant, bytes: Bytes::New(draft), summary, sensitive: mail.sensitive }))
    }

    /// Makes a recipient's link; the bytes of the mail that brings it to him.
    async fn linked(
        &self,
        posting: &mut Posting,
        mail: &Released<'_>,
        part: &LinkedPart<'_>,
        recipient: &Address,
    ) -> Result<Vec<u8>, OutboundError> {
        let token = Token::fresh()?;
        let password = match part.terms.identity {
            LinkIdentity::Code => None,
            LinkIdentity::Password => Some(self.told_password(posting, mail, (recipient, &part.source.subject)).await?),
        };
        let link = NewLink {
            submission: mail.submission,
            parcel: part.parcel,
            recipient: recipient.clone(),
            token: token.hash(),
            whole: part.source.whole,
            password,
            replies: part.terms.reply && mail.author.is_some(),
            downloads: part.terms.downloads,
            collection: None,
            at: mail.at,
            expires: end_after(part.terms.days, mail.at),
        };
        let (author, from, tenant, source) = (mail.author, mail.from, mail.tenant, &part.source);
        let of = LinkedMail { author, from, tenant, source };
        let made = self.link_mail(&of, &Terms::from(&link), &token)?;
        posting.links.push(link);
        Ok(made)
    }

    /// A fresh password, of which the sender alone is told; what is kept of it.
    async fn told_password(
        &self,
        posting: &mut Posting,
        mail: &Released<'_>,
        (recipient, subject): (&Address, &str),
    ) -> Result<Secret, OutboundError> {
        let password = auth::generated().map_err(|_| OutboundError::NoRandomness)?;
        let about = crate::notices::About {
            author: mail.author,
            from: mail.from,
            recipients: std::slice::from_ref(recipient),
            reference: mail.reference,
            subject,
            places_ja: "",
            places_en: "",
            at: mail.at,
        };
        let details = crate::notices::Details { comment: &password, ..Default::default() };
        let told: Vec<UserId> = mail.author.into_iter().collect();
        self.tell(posting, &told, &about, &details, catalogue::link_password).await?;
        Ok(Secret::new(codes::password_hash(&password).into()))
    }
}
