//! The old habit of mailing a ZIP's password after it to the same recipients (PPAP). It protects nothing from who reads their mail,
//! and happens only where a company switched it on knowingly (`Policies::mail_passwords`).

use inspect::extract::Password;
use message::Parsed;
use message::compose::{Mail, Mailbox as Person};
use store::{Bytes, NewMail, ParcelRef, Posting};
use types::{Address, TenantId, Treatment};

use super::locks::Lock;
use super::seal::Words;
use crate::act::trail;
use crate::release::{Given, Released, inbox_copy, queue_sealed};
use crate::treat::{self, Form};
use crate::{Outbound, OutboundError, catalogue};

impl Outbound {
    /// Whether a company wants it.
    fn mails_passwords(&self, tenant: TenantId) -> bool {
        self.store.directory().tenants.get(&tenant).is_some_and(|one| one.policies.mail_passwords)
    }

    /// Adds a mail with the password of a ZIP to each who got it, where the company wants that; one that was agreed before is
    /// never mailed.
    ///
    /// # Errors
    /// Something could not be sealed.
    pub(super) async fn mail_password(
        &self,
        posting: &mut Posting,
        mail: &Released<'_>,
        part: (ParcelRef, &Treatment),
        (lock, words): (&Lock, &Words),
        given: &mut Vec<Given>,
    ) -> Result<(), OutboundError> {
        if !lock.agreed.is_empty() || !self.mails_passwords(mail.tenant) {
            return Ok(());
        }
        let form = Form { lines: treat::lines(part.1), ..Form::default() };
        for recipient in &lock.outside {
            let bytes = self.password_mail(mail, words, recipient, &lock.password)?;
            let own = posting.mails.get(mail.mail).ok_or(OutboundError::NoSuchParcel)?;
            let draft = self.store.seal_beside(&own.bytes, &bytes).await?;
            queue_sealed(posting, mail, part, (draft, &form, true), std::slice::from_ref(recipient));
        }
        for copy in &lock.copies {
            let bytes = self.password_mail(mail, words, &copy.address, &lock.password)?;
            let draft = self.store.seal(copy.tenant, &bytes).await?;
            let summary = Parsed::parse(&bytes, &self.limits).summary().to_bytes();
            let (tenant, bytes) = (copy.tenant, Bytes::New(draft));
            let place = posting.mail(NewMail { tenant, bytes, summary, sensitive: true });
            posting.copies.push(inbox_copy(place, copy, mail, Some(&form)));
            given.push(Given { tenant, mail: place, to: Some(vec![copy.address.clone()]) });
        }
        let to: Vec<String> = lock.recipients().map(ToString::to_string).collect();
        posting.trail.push(trail(mail.submission, Some(part.0), mail.at, "parcel.password_mailed", &to.join(", ")));
        Ok(())
    }

    fn password_mail(
        &self,
        mail: &Released<'_>,
        words: &Words,
        to: &Address,
        password: &Password,
    ) -> Result<Vec<u8>, OutboundError> {
        let face = self.face_of(mail.tenant, mail.author, mail.from);
        let from = words.from.clone().ok_or(OutboundError::NoSuchParcel)?;
        let language = self.language_of(mail.author);
        let notice =
            catalogue::mailed_password(language, &face.company, &face.sender, &words.subject, password.reveal());
        Ok(Mail::new(&Person::new(face.sender, from), self.clock.now(), &self.message_id()?)
            .to(&[Person::from(to.clone())])
            .subject(&notice.subject)
            .text(notice.text)
            .to_bytes())
    }
}
