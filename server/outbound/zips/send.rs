//! ZIPs at the release of a mail: those outside get one in place of its files, under a password of which its sender alone is told.

use std::collections::BTreeMap;
use std::sync::Arc;

use delivery::{Copy, Expansion};
use inspect::extract::Password;
use message::Parsed;
use message::rewrite::{self, Protection, protection};
use store::{AgreedPassword, Bytes, GroupKind, NewMail, NewPasswordNote, NewQueueRow, NewVariant, ParcelRef, Posting};
use types::{Address, QUEUE_LIFETIME, TenantId, Treatment};

use super::mail::{Unpacked, contents};
use super::pack::{self, Packed};
use super::{ZipTold, password};
use crate::act::trail;
use crate::fates::groups_of;
use crate::release::{Released, inbox_copy};
use crate::treat::{self, Form};
use crate::{Outbound, OutboundError, Untreatable, catalogue};

/// Archives of a mail under agreed passwords; whoever is beyond them gets the one under a made one.
const ARCHIVES: usize = 8;

/// A part that leaves as ZIPs.
pub(crate) struct ZippedPart<'a> {
    pub parcel: ParcelRef,
    pub treatment: &'a Treatment,
    /// What is packed, with what else was done to it.
    pub bytes: &'a [u8],
}

/// Those who get the same ZIP.
pub(super) struct Locked<'a> {
    pub password: Password,
    /// What it is called, where it was agreed before.
    pub agreed: String,
    pub outside: Vec<&'a Address>,
    /// People of other companies on this server.
    pub copies: Vec<&'a Copy>,
}

impl Locked<'_> {
    /// All of them.
    pub fn recipients(&self) -> impl Iterator<Item = &Address> {
        self.outside.iter().copied().chain(self.copies.iter().map(|copy| &copy.address))
    }

    fn told(&self) -> ZipTold {
        let recipients = self.recipients().cloned().collect();
        let password = self.agreed.is_empty().then(|| self.password.clone());
        ZipTold { recipients, password, agreed: self.agreed.clone() }
    }
}

impl Outbound {
    /// Adds what brings ZIPs to everybody outside, and what tells the sender of their passwords.
    ///
    /// # Errors
    /// [`Untreatable`]; something could not be packed or sealed.
    pub(crate) async fn send_zips(
        &self,
        posting: &mut Posting,
        mail: &Released<'_>,
        part: &ZippedPart<'_>,
        found: &Expansion,
        mails: &mut BTreeMap<TenantId, usize>,
    ) -> Result<(), OutboundError> {
        let all = self.locked(mail, found).await?;
        // held until all is sealed: whoever waits has no files in memory yet
        let _permit = self.packing.acquire().await.map_err(|_| OutboundError::NotPacked)?;
        let language = self.language_of(mail.author);
        let (files, whole) = {
            let parsed = Parsed::parse(part.bytes, &self.limits);
            if protection(&parsed) != Protection::None {
                return Err(Untreatable::Protected.into());
            }
            let whole = goes_whole(part.treatment, &parsed);
            (Arc::new(contents(&parsed, whole, language)?), whole)
        };
        let mut told = Vec::new();
        for locked in &all {
            let bytes = self.zip(mail, part, (&files, whole), locked).await?;
            self.add_zip(posting, mail, part, locked, (&bytes, mails)).await?;
            self.mail_password(posting, mail, part, locked).await?;
            told.push(locked.told());
        }
        self.tell_of_zips(posting, mail, part.parcel, &told).await
    }

    /// Those who get a ZIP, by what opens it.
    async fn locked<'a>(&self, mail: &Released<'_>, found: &'a Expansion) -> Result<Vec<Locked<'a>>, OutboundError> {
        let list = self.agreed_in_all(mail.tenant).await?;
        let directory = self.store.directory();
        let of = |from| groups_of(&directory, mail.tenant, GroupKind::Group, from);
        let groups = mail.from.map(of).unwrap_or_default();
        let mut all: Vec<Locked<'a>> = Vec::new();
        let (mut outside, mut copies) = (Vec::new(), Vec::new());
        for address in &found.outside {
            match agreed(&mut all, list.agreed_with(address.domain(), &groups)) {
                Some(locked) => locked.outside.push(address),
                None => outside.push(address),
            }
        }
        for copy in found.copies.iter().filter(|copy| copy.tenant != mail.tenant) {
            match agreed(&mut all, list.agreed_with(copy.address.domain(), &groups)) {
                Some(locked) => locked.copies.push(copy),
                None => copies.push(copy),
            }
        }
        if !outside.is_empty() || !copies.is_empty() {
            if mail.author.is_none() {
                return Err(Untreatable::NobodyToTell.into());
            }
            all.push(Locked { password: password::fresh()?, agreed: String::new(), outside, copies });
        }
        Ok(all)
    }

    /// The bytes of the mail that brings a ZIP under this password.
    async fn zip(
        &self,
        mail: &Released<'_>,
        part: &ZippedPart<'_>,
        (files, whole): (&Arc<Vec<Packed>>, bool),
        locked: &Locked<'_>,
    ) -> Result<Vec<u8>, OutboundError> {
        let (files, password, at) = (Arc::clone(files), locked.password.clone(), mail.at);
        let work = tokio::task::spawn_blocking(move || pack::packed(&files, &password, at));
        let archive = work.await.map_err(|_| OutboundError::NotPacked)?.map_err(|_| OutboundError::NotPacked)?;
        let of = Unpacked { author: mail.author, from: mail.from, tenant: mail.tenant, bytes: part.bytes };
        let bytes = self.zip_mail(&of, (whole, !locked.agreed.is_empty()), &archive)?;
        let fits = bytes.len() as u64 <= self.limits.message_size;
        if fits { Ok(bytes) } else { Err(Untreatable::TooBig.into()) }
    }

    /// A ZIP to those who get it: by the queue, and into mailboxes of other companies here.
    async fn add_zip(
        &self,
        posting: &mut Posting,
        mail: &Released<'_>,
        part: &ZippedPart<'_>,
        locked: &Locked<'_>,
        (bytes, mails): (&[u8], &mut BTreeMap<TenantId, usize>),
    ) -> Result<(), OutboundError> {
        let lines = form_lines(part.treatment);
        let cuts = match part.treatment.hide_recipients {
            true => rewrite::recipient_fields(bytes),
            false => Vec::new(),
        };
        if !locked.outside.is_empty() {
            let own = posting.mails.get(mail.mail).ok_or(OutboundError::NoSuchParcel)?;
            let draft = self.store.seal_beside(&own.bytes, bytes).await?;
            let (tenant, sensitive) = (mail.tenant, mail.sensitive);
            let place = posting.mail(NewMail { tenant, bytes: Bytes::New(draft), summary: Vec::new(), sensitive });
            let prefix = [mail.trace, &lines].concat();
            let form = NewVariant { parcel: part.parcel, mail: Some(place), prefix, cuts: cuts.clone() };
            let variant = Some(posting.variant(form));
            let row = |recipient: &&Address| NewQueueRow {
                parcel: part.parcel,
                variant,
                demands: treat::demands(part.treatment),
                recipient: (*recipient).clone(),
                due: mail.at,
                expires: mail.at.after(QUEUE_LIFETIME),
            };
            posting.queue.extend(locked.outside.iter().map(row));
        }
        let form = Form { lines, cuts, ..Form::default() };
        for copy in &locked.copies {
            let draft = self.store.seal(copy.tenant, bytes).await?;
            let summary = Parsed::parse(bytes, &self.limits).summary().to_bytes();
            let (tenant, sensitive) = (copy.tenant, mail.sensitive);
            let place = posting.mail(NewMail { tenant, bytes: Bytes::New(draft), summary, sensitive });
            posting.copies.push(inbox_copy(place, copy, mail, Some(&form)));
            mails.insert(copy.tenant, place);
        }
        Ok(())
    }

    /// Tells the sender, by a notice and by what is kept beside the mail, and the timeline, which names no password.
    async fn tell_of_zips(
        &self,
        posting: &mut Posting,
        mail: &Released<'_>,
        parcel: ParcelRef,
        told: &[ZipTold],
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
                self.tell_password(posting, mail, &zip.recipients, password).await?;
            }
        }
        Ok(())
    }

    async fn tell_password(
        &self,
        posting: &mut Posting,
        mail: &Released<'_>,
        recipients: &[Address],
        password: &Password,
    ) -> Result<(), OutboundError> {
        let subject = inspect::mask_numbers(&Parsed::parse(mail.bytes, &self.limits).subject());
        let about = crate::notices::About {
            author: mail.author,
            from: mail.from,
            recipients,
            reference: mail.reference,
            subject: &subject,
            places_ja: "",
            places_en: "",
            at: mail.at,
        };
        let details = crate::notices::Details { comment: password.reveal(), ..Default::default() };
        self.tell(posting, mail.author.as_slice(), &about, &details, catalogue::zip_password).await
    }
}

/// Those who share what was agreed with them; `None`: nothing was, or a mail has as many archives as it may.
fn agreed<'l, 'a>(
    all: &'l mut Vec<Locked<'a>>,
    found: Option<(&AgreedPassword, &Password)>,
) -> Option<&'l mut Locked<'a>> {
    let (agreed, password) = found?;
    let place = match all.iter().position(|known| known.agreed == agreed.name) {
        Some(place) => place,
        None if all.len() < ARCHIVES => {
            let (password, agreed) = (password.clone(), agreed.name.clone());
            all.push(Locked { password, agreed, outside: Vec::new(), copies: Vec::new() });
            all.len() - 1
        }
        None => return None,
    };
    all.get_mut(place)
}

/// The lines that stand before its header.
fn form_lines(treatment: &Treatment) -> Vec<u8> {
    let mut lines = treat::lines(treatment);
    if treatment.hide_recipients {
        lines.extend_from_slice(rewrite::NOBODY);
    }
    lines
}

/// Whether the text is packed too: where the rules say so, and where there is no file that could be packed alone.
fn goes_whole(treatment: &Treatment, mail: &Parsed<'_>) -> bool {
    treat::demands_whole(treatment) || message::attachments::attachments(mail).is_empty()
}
