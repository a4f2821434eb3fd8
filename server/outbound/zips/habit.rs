//! The old habit of mailing a ZIP's password after it to the same recipients (PPAP). It protects nothing from who reads their mail,
//! and happens only where a company switched it on knowingly (`Policies::mail_passwords`).

use inspect::extract::Password;
use message::Parsed;
use message::compose::{Mail, Mailbox as Person};
use store::{Bytes, NewMail, NewQueueRow, NewVariant, Posting};
use types::{Address, QUEUE_LIFETIME, TenantId};

use super::send::{Locked, ZippedPart};
use crate::act::trail;
use crate::release::{Released, inbox_copy};
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
        part: &ZippedPart<'_>,
        locked: &Locked<'_>,
    ) -> Result<(), OutboundError> {
        if !locked.agreed.is_empty() || !self.mails_passwords(mail.tenant) {
            return Ok(());
        }
        let lines = treat::lines(part.treatment);
        for recipient in &locked.outside {
            let bytes = self.password_mail(mail, recipient, &locked.password)?;
            let own = posting.mails.get(mail.mail).ok_or(OutboundError::NoSuchParcel)?;
            let draft = self.store.seal_beside(&own.bytes, &bytes).await?;
            let (tenant, bytes) = (mail.tenant, Bytes::New(draft));
            let place = posting.mail(NewMail { tenant, bytes, summary: Vec::new(), sensitive: true });
            let prefix = [mail.trace, &lines].concat();
            let form = NewVariant { parcel: part.parcel, mail: Some(place), prefix, cuts: Vec::new() };
            let variant = Some(posting.variant(form));
            posting.queue.push(NewQueueRow {
                parcel: part.parcel,
                variant,
                demands: treat::demands(part.treatment),
                recipient: (*recipient).clone(),
                due: mail.at,
                expires: mail.at.after(QUEUE_LIFETIME),
            });
        }
        for copy in &locked.copies {
            let bytes = self.password_mail(mail, &copy.address, &locked.password)?;
            let draft = self.store.seal(copy.tenant, &bytes).await?;
            let summary = Parsed::parse(&bytes, &self.limits).summary().to_bytes();
            let (tenant, bytes) = (copy.tenant, Bytes::New(draft));
            let place = posting.mail(NewMail { tenant, bytes, summary, sensitive: true });
            let form = Form { lines: lines.clone(), ..Form::default() };
            posting.copies.push(inbox_copy(place, copy, mail, Some(&form)));
        }
        let to: Vec<String> = locked.recipients().map(ToString::to_string).collect();
        let event = "parcel.password_mailed";
        posting.trail.push(trail(mail.submission, Some(part.parcel), mail.at, event, &to.join(", ")));
        Ok(())
    }

    fn password_mail(&self, mail: &Released<'_>, to: &Address, password: &Password) -> Result<Vec<u8>, OutboundError> {
        let face = self.face_of(mail.tenant, mail.author, mail.from);
        let parsed = Parsed::parse(mail.bytes, &self.limits);
        let from = mail.from.cloned().or_else(|| parsed.from().into_iter().next());
        let from = from.ok_or(OutboundError::NoSuchParcel)?;
        let subject = inspect::mask_numbers(&parsed.subject());
        let language = self.language_of(mail.author);
        let notice = catalogue::mailed_password(language, &face.company, &face.sender, &subject, password.reveal());
        Ok(Mail::new(&Person::new(face.sender, from), self.clock.now(), &self.message_id()?)
            .to(&[Person::from(to.clone())])
            .subject(&notice.subject)
            .text(notice.text)
            .to_bytes())
    }
}
