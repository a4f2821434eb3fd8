//! ZIPs at the release of a mail: what was made ready becomes rows, copies and journal entries, and its sender alone is told what
//! opens it.

use inspect::extract::Password;
use message::rewrite;
use store::{Bytes, NewMail, NewPasswordNote, ParcelRef, Posting};
use types::{Address, Treatment};

use super::locks::Lock;
use super::seal::{Sealed, Words, Zips};
use super::{ZipTold, pack};
use crate::act::trail;
use crate::release::{Given, Released, inbox_copy, queue_sealed};
use crate::treat::{self, Form};
use crate::{Outbound, OutboundError, catalogue};

impl Outbound {
    /// Adds what brings ZIPs to everybody outside, and what tells the sender of their passwords. Answers what other companies
    /// here got.
    ///
    /// # Errors
    /// Something that is told could not be sealed.
    pub(crate) async fn send_zips(
        &self,
        posting: &mut Posting,
        mail: &Released<'_>,
        (parcel, treatment): (ParcelRef, &Treatment),
        zips: Zips,
    ) -> Result<Vec<Given>, OutboundError> {
        let Zips { all, words } = zips;
        let (mut told, mut given) = (Vec::new(), Vec::new());
        for sealed in all {
            let lock = add(posting, mail, (parcel, treatment), sealed, &mut given);
            self.mail_password(posting, mail, (parcel, treatment), (&lock, &words), &mut given).await?;
            told.push(lock.told());
        }
        self.tell_of_zips(posting, mail, parcel, (&told, &words)).await?;
        Ok(given)
    }

    /// Tells the sender, by a notice and by what is kept beside the mail, and the timeline, which names no password.
    async fn tell_of_zips(
        &self,
        posting: &mut Posting,
        mail: &Released<'_>,
        parcel: ParcelRef,
        (told, words): (&[ZipTold], &Words),
    ) -> Result<(), OutboundError> {
        if told.is_empty() {
            return Ok(());
        }
        let note = zeroize::Zeroizing::new(serde_json::to_vec(told).map_err(|_| OutboundError::BadNote)?);
        let own = posting.mails.get(mail.mail).ok_or(OutboundError::NoSuchParcel)?;
        let draft = self.store.seal_beside(&own.bytes, &note).await?;
        let new = NewMail { tenant: mail.tenant, bytes: Bytes::New(draft), summary: Vec::new(), sensitive: false };
        let place = posting.mail(new);
        posting.notes.push(NewPasswordNote { parcel, mail: place });
        for zip in told {
            let to: Vec<String> = zip.recipients.iter().map(ToString::to_string).collect();
            let detail = format!("{}: {}", pack::ALGORITHM, to.join(", "));
            posting.trail.push(trail(mail.submission, Some(parcel), mail.at, "parcel.zipped", &detail));
            if let Some(password) = &zip.password {
                self.tell_password(posting, mail, (&zip.recipients, &words.subject), password).await?;
            }
        }
        Ok(())
    }

    async fn tell_password(
        &self,
        posting: &mut Posting,
        mail: &Released<'_>,
        (recipients, subject): (&[Address], &str),
        password: &Password,
    ) -> Result<(), OutboundError> {
        let about = crate::notices::About {
            author: mail.author,
            from: mail.from,
            recipients,
            reference: mail.reference,
            subject,
            places_ja: "",
            places_en: "",
            at: mail.at,
        };
        let details = crate::notices::Details { comment: password.reveal(), ..Default::default() };
        self.tell(posting, mail.author.as_slice(), &about, &details, catalogue::zip_password).await
    }
}

/// Adds a ZIP's mail for those who get it; answers who they are.
fn add(
    posting: &mut Posting,
    mail: &Released<'_>,
    part: (ParcelRef, &Treatment),
    sealed: Sealed,
    given: &mut Vec<Given>,
) -> Lock {
    let Sealed { lock, cuts, summary, own, theirs } = sealed;
    let form = Form { lines: form_lines(part.1), cuts, ..Form::default() };
    if let Some(draft) = own {
        queue_sealed(posting, mail, part, (draft, &form, mail.sensitive), &lock.outside);
    }
    for (tenant, draft) in theirs {
        let (bytes, sensitive) = (Bytes::New(draft), mail.sensitive);
        let place = posting.mail(NewMail { tenant, bytes, summary: summary.clone(), sensitive });
        let to = lock.people_of(tenant).map(|copy| copy.address.clone()).collect();
        posting.copies.extend(lock.people_of(tenant).map(|copy| inbox_copy(place, copy, mail, Some(&form))));
        given.push(Given { tenant, mail: place, to: Some(to) });
    }
    lock
}

/// The lines that stand before its header.
fn form_lines(treatment: &Treatment) -> Vec<u8> {
    let mut lines = treat::lines(treatment);
    if treatment.hide_recipients {
        lines.extend_from_slice(rewrite::NOBODY);
    }
    lines
}
