//! Links seen from the page that serves them: what leads to one, the code that opens it, the files it hands out. Only those
//! who have proved to be its recipient see more than who sent it.

mod codes;
mod collect;
mod mail;
mod renew;
mod replies;
mod send;
mod source;

use std::ops::Range;
use std::sync::Arc;

use message::Parsed;
use store::{AskedFrom, CodeStep, LinkRow, ParcelRef, Posting, Proof, Renewal, SubmissionRef, Taking, Tried};
use types::{Address, Language, UserId};

use crate::notices::{About, Details};
use crate::{Outbound, OutboundError, catalogue};

pub(crate) use codes::Token;
use codes::{hash, normal};
pub use collect::{CollectionRequest, RequestProblem};
pub use replies::{CameBy, REPLY_TEXT, Reply};
pub(crate) use send::{LinkedPart, link_of, widen};
pub(crate) use source::LinkSource;

/// What everybody may know of a link who has its address.
#[derive(Debug, Clone)]
pub struct LinkFace {
    /// The company that sent it.
    pub company: String,
    /// The name of who sent it; his address when he has none.
    pub sender: String,
}

impl Outbound {
    /// The link to which an address of the page leads. `None`: there is none, it was stopped or has ended; nobody can tell which.
    ///
    /// # Errors
    /// The store failed.
    pub async fn link(&self, token: &str) -> Result<Option<LinkRow>, OutboundError> {
        let Some(token) = Token::parse(token) else { return Ok(None) };
        let found = self.store.link_of_token(&self.exit, token.hash()).await?;
        Ok(found.filter(|link| link.is_open(self.clock.now())))
    }

    /// Who sent it.
    #[must_use]
    pub fn link_face(&self, link: &LinkRow) -> LinkFace {
        let directory = self.store.directory();
        let user = link.submission.author.and_then(|id| directory.users.get(&id));
        let named = user.filter(|user| !user.name.is_empty()).map(|user| user.name.clone());
        let address = || link.submission.from.as_ref().map(ToString::to_string).unwrap_or_default();
        LinkFace {
            company: directory.tenants.get(&link.submission.tenant).map(|one| one.title.clone()).unwrap_or_default(),
            sender: named.unwrap_or_else(address),
        }
    }

    /// The same of the author of a mail that leaves.
    pub(crate) fn face_of(&self, tenant: types::TenantId, author: Option<UserId>, from: Option<&Address>) -> LinkFace {
        let directory = self.store.directory();
        LinkFace { company: mail::company(&directory, tenant), sender: mail::named(&directory, author, from) }
    }

    /// Sends a code to the recipient, if he may have one now.
    ///
    /// # Errors
    /// The store failed; no code is in force of which he does not know.
    pub async fn send_code(
        &self,
        link: &LinkRow,
        token: &str,
        from: AskedFrom,
        language: Language,
    ) -> Result<CodeStep, OutboundError> {
        let (code, at) = (codes::code()?, self.clock.now());
        let step = self.store.put_code(&self.exit, link.id, hash(token, &code), from, at).await?;
        if step == CodeStep::Stands {
            let company = self.link_face(link).company;
            let id = self.message_id()?;
            let mail =
                |code: &str| self.system_bytes(language, link, catalogue::link_code(language, &company, code), &id);
            let told = Told { bytes: mail(&code)?, kept: mail(codes::KEPT)? };
            let mut posting = Posting::default();
            let owed = self.owed(link).await?;
            let sender = Sender { tenant: link.submission.tenant, author: None, from: None };
            self.system_mail(&mut posting, sender, &link.recipient, told, &owed).await?;
            self.store.send(&self.exit, posting).await?;
        }
        Ok(step)
    }

    /// Tries what somebody typed: the code, or the link's password. When it locks the link, its sender is told.
    ///
    /// # Errors
    /// The store failed.
    pub async fn open_link(
        &self,
        link: &LinkRow,
        token: &str,
        typed: &str,
        from: AskedFrom,
    ) -> Result<Tried, OutboundError> {
        let proof = match &link.password {
            Some(kept) => Proof::Password(kept.reveal() == codes::password_hash(typed)),
            None => Proof::Code(hash(token, &normal(typed))),
        };
        let tried = self.store.try_link(&self.exit, link.id, proof, from, self.clock.now()).await?;
        if let Tried::Locked { until, now: true } = tried {
            self.tell_of_lock(link, until).await?;
        }
        Ok(tried)
    }

    /// Counts that a file is taken; only then may a byte of it be handed out.
    ///
    /// # Errors
    /// The store failed.
    pub async fn take_file(&self, link: &LinkRow, file: u32, from: AskedFrom) -> Result<Taking, OutboundError> {
        Ok(self.store.begin_download(&self.exit, link.id, file, from, self.clock.now()).await?)
    }

    /// The mail that stays here, as its author wrote it. The caller holds the memory.
    ///
    /// # Errors
    /// The record could not be read.
    pub async fn linked_mail(&self, link: &LinkRow) -> Result<Vec<u8>, OutboundError> {
        let submission = &link.submission;
        Ok(self.store.read_for_sending(&self.exit, submission.record, 0..submission.record_size).await?)
    }

    async fn tell_of_lock(&self, link: &LinkRow, until: types::Timestamp) -> Result<(), OutboundError> {
        let submission = &link.submission;
        let subject = self.masked_subject(submission).await?;
        let recipients = std::slice::from_ref(&link.recipient);
        let about = About {
            author: submission.author,
            from: submission.from.as_ref(),
            recipients,
            reference: submission.reference,
            subject: &subject,
            places_ja: "",
            places_en: "",
            at: self.clock.now(),
        };
        let details = Details { deadline: Some(until), ..Details::default() };
        let mut posting = Posting::default();
        self.tell(&mut posting, submission.author.as_slice(), &about, &details, catalogue::link_locked).await?;
        self.store.send(&self.exit, posting).await?;
        Ok(())
    }

    /// A mail of the system to a recipient outside, from the postmaster of the domain that wrote to him.
    fn system_bytes(
        &self,
        language: Language,
        link: &LinkRow,
        notice: catalogue::Notice,
        id: &str,
    ) -> Result<Vec<u8>, OutboundError> {
        use message::compose::{AutoSubmitted, Mail, Mailbox as Person};
        let domain = link.submission.from.as_ref().map(|from| from.domain().to_string());
        let domain = domain.unwrap_or_else(|| self.hostname.clone());
        let postmaster = Address::parse(&format!("postmaster@{domain}")).map_err(|_| OutboundError::NoRandomness)?;
        let company = self.link_face(link).company;
        let name = if company.is_empty() { crate::notices::system_name(language) } else { company };
        let mail = Mail::new(&Person::new(name, postmaster), self.clock.now(), id)
            .to(&[Person::from(link.recipient.clone())])
            .subject(&notice.subject)
            .auto_submitted(AutoSubmitted::Generated)
            .text(notice.text);
        Ok(mail.to_bytes())
    }
}

/// The bytes of a mail without what no recipient is shown.
#[must_use]
pub fn without(bytes: &[u8], cuts: &[Range<u64>]) -> Vec<u8> {
    let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(bytes.len());
    let (mut left, mut from) = (Vec::with_capacity(bytes.len()), 0);
    for cut in cuts {
        left.extend_from_slice(bytes.get(from..place(cut.start)).unwrap_or_default());
        from = place(cut.end);
    }
    left.extend_from_slice(bytes.get(from..).unwrap_or_default());
    left
}

/// A mail that tells its recipient a secret.
pub(crate) struct Told {
    /// As he gets it.
    pub bytes: Vec<u8>,
    /// As the journal and whatever else is kept has it: the secret is blanked.
    pub kept: Vec<u8>,
}

/// In whose name the system writes such a mail.
pub(crate) struct Sender<'a> {
    pub tenant: types::TenantId,
    /// Who finds it among what he sent; `None`: nobody.
    pub author: Option<types::UserId>,
    /// Its reverse path, to which reports go.
    pub from: Option<&'a Address>,
}

impl Outbound {
    /// Adds a mail of the system that holds a secret to one recipient, wherever he is: what is kept of it is without, and what leaves is
    /// a form of it. It goes by the way that `treatment` demands: no review, and a report
    /// only where `from` is somebody.
    ///
    /// # Errors
    /// It could not be sealed.
    pub(crate) async fn system_mail(
        &self,
        posting: &mut Posting,
        Sender { tenant, author, from }: Sender<'_>,
        to: &Address,
        told: Told,
        treatment: &types::Treatment,
    ) -> Result<(SubmissionRef, ParcelRef, types::Reference), OutboundError> {
        use crate::ready::{Apart, Ready};
        use crate::release::{Leaving, Names, Released};
        use store::{Bytes, NewMail, NewParcel, NewSubmission, Origin, ParcelState};
        let at = self.clock.now();
        let kept = Arc::new(told.kept);
        let draft = self.store.seal(tenant, &kept).await?;
        let summary = Parsed::parse(&kept, &self.limits).summary().to_bytes();
        let new = NewMail { tenant, bytes: Bytes::New(draft), summary: summary.clone(), sensitive: false };
        let (mail, place) = (posting.mail(new), posting.submissions.len());
        let (to, reference) = (vec![to.clone()], self.reference()?);
        posting.submissions.push(NewSubmission {
            tenant,
            author,
            origin: Origin::System,
            from: from.cloned(),
            to: to.clone(),
            reference,
            mail,
            prefix: Vec::new(),
            cuts: Vec::new(),
            state: store::SubmissionState::Judged,
            join_key: String::new(),
            form_key: None,
            at,
            verdict: String::new(),
            reply: None,
            release_at: None,
            draft: None,
            keep_in_sent: false,
            safeguard: None,
            parcels: vec![NewParcel::new(&self.exit, to.clone(), ParcelState::Released, None, Vec::new())],
        });
        let released = Released {
            mail,
            submission: SubmissionRef::New(place),
            reference,
            tenant,
            author,
            from,
            trace: &[],
            cuts: &[],
            bytes: &kept,
            summary: &summary,
            sensitive: false,
            origin: Origin::System,
            names: &Names::new(),
            at,
        };
        let form = self.form(treatment, author, &kept, &[]).await?.unwrap_or_default();
        let form = Some(crate::treat::Form { bytes: Some(Arc::new(told.bytes)), ..form });
        let found = delivery::expand(&self.store.directory(), &to);
        let ready = Ready { form, found, apart: Apart::Nothing };
        let parcel = ParcelRef::New(place, 0);
        self.release(posting, &released, Leaving { parcel, recipients: &to, treatment, ready }).await?;
        Ok((SubmissionRef::New(place), parcel, reference))
    }

    /// Sends such a mail about a link to which `token` leads from now on, by the way that its part demands.
    async fn send_anew(
        &self,
        row: &LinkRow,
        token: &Token,
        told: Told,
        from: Option<&Address>,
    ) -> Result<(), OutboundError> {
        let renewal = Renewal { link: row.id, token: token.hash(), at: self.clock.now() };
        let mut posting = Posting { renewed: vec![renewal], ..Posting::default() };
        let owed = self.owed(row).await?;
        let sender = Sender { tenant: row.submission.tenant, author: None, from };
        self.system_mail(&mut posting, sender, &row.recipient, told, &owed).await?;
        self.store.send(&self.exit, posting).await?;
        Ok(())
    }

    /// What a mail about a link owes to the part of which the link is: the way that is demanded, and its lines.
    async fn owed(&self, link: &LinkRow) -> Result<types::Treatment, OutboundError> {
        let parts = self.store.parcels(&self.exit, link.submission.id).await?;
        let part = parts.into_iter().find(|part| part.id == link.parcel).ok_or(OutboundError::NoSuchParcel)?;
        let types::Treatment { headers, verified_tls, route, .. } = part.treatment;
        Ok(types::Treatment { headers, verified_tls, route, ..types::Treatment::default() })
    }
}

#[cfg(test)]
mod tests;
