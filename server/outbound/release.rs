//! A fate that is Send becomes copies for those inside, queue rows for those outside, and journal entries.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::sync::Arc;

use delivery::{Copy, Expansion, trace_prefix};
use message::Parsed;
use store::{
    Bytes, Demands, Draft, Folder, MailboxRole, NewCopy, NewCorrespondent, NewJournal, NewMail, NewQueueRow,
    NewVariant, Origin, ParcelRef, Posting, StoreError, SubmissionRef, SubmissionRow,
};
use types::{Address, Direction, Envelope, Flags, QUEUE_LIFETIME, Reference, TenantId, Timestamp, Treatment, UserId};

use crate::fates::people;
use crate::links::LinkedPart;
use crate::ready::{Apart, Ready};
use crate::treat::{self, Form};
use crate::{Outbound, OutboundError};

/// Names by address key.
pub(crate) type Names = HashMap<String, String>;

/// Most characters of a name that is remembered.
const NAME: usize = 100;

/// The mail that is released: what its copies and queue rows need to know.
pub(crate) struct Released<'a> {
    /// Place of the mail in the posting.
    pub mail: usize,
    /// The submission of which it is a part.
    pub submission: SubmissionRef,
    /// What people call it.
    pub reference: Reference,
    /// Company of the author.
    pub tenant: TenantId,
    /// The person who sent it.
    pub author: Option<UserId>,
    /// Reverse path.
    pub from: Option<&'a Address>,
    /// Trace headers.
    pub trace: &'a [u8],
    /// Bcc.
    pub cuts: &'a [Range<u64>],
    /// Its plain bytes.
    pub bytes: &'a Arc<Vec<u8>>,
    /// Its summary.
    pub summary: &'a [u8],
    /// It has findings: no report quotes anything of it.
    pub sensitive: bool,
    /// Who caused it.
    pub origin: Origin,
    /// The names that stand beside its recipients' addresses.
    pub names: &'a Names,
    /// When.
    pub at: Timestamp,
}

/// A part of a mail that goes.
pub(crate) struct Leaving<'a> {
    /// Which.
    pub parcel: ParcelRef,
    /// To whom.
    pub recipients: &'a [Address],
    /// What is done to it.
    pub treatment: &'a Treatment,
    /// What was made of it.
    pub ready: Ready,
}

/// A mail that another company on this server receives.
pub(crate) struct Given {
    /// The company.
    pub tenant: TenantId,
    /// Place of the mail in the posting.
    pub mail: usize,
    /// Those to whom it went, where not all recipients of the part got it.
    pub to: Option<Vec<Address>>,
}

/// A submission that is on disk, with what its release needs to know of its bytes.
pub(crate) struct Stored<'a> {
    pub submission: &'a SubmissionRow,
    pub bytes: Arc<Vec<u8>>,
    summary: Vec<u8>,
    names: Names,
}

impl Stored<'_> {
    /// As the mail at this place of a posting.
    pub fn released(&self, mail: usize, at: Timestamp) -> Released<'_> {
        let submission = self.submission;
        Released {
            mail,
            submission: SubmissionRef::Known(submission.id),
            reference: submission.reference,
            tenant: submission.tenant,
            author: submission.author,
            from: submission.from.as_ref(),
            trace: &submission.prefix,
            cuts: &submission.cuts,
            bytes: &self.bytes,
            summary: &self.summary,
            sensitive: submission.sensitive,
            origin: submission.origin,
            names: &self.names,
            at,
        }
    }
}

impl Outbound {
    /// Reads a submission's bytes back.
    ///
    /// # Errors
    /// The record could not be read.
    pub(crate) async fn stored<'a>(&self, submission: &'a SubmissionRow) -> Result<Stored<'a>, OutboundError> {
        let range = 0..submission.record_size;
        let bytes = Arc::new(self.store.read_for_sending(&self.exit, submission.record, range).await?);
        let limits = self.limits.clone();
        let read = move |bytes: &[u8]| {
            let parsed = Parsed::parse(bytes, &limits);
            (parsed.summary().to_bytes(), names(&parsed))
        };
        let (summary, names) = crate::work::apart(&bytes, read).await?;
        Ok(Stored { submission, bytes, summary, names })
    }

    /// Adds to `posting` what releasing a part causes.
    ///
    /// # Errors
    /// The record of another tenant, or the report about recipients that nobody has, could not be sealed.
    pub(crate) async fn release(
        &self,
        posting: &mut Posting,
        mail: &Released<'_>,
        part: Leaving<'_>,
    ) -> Result<(), OutboundError> {
        let Leaving { parcel, recipients, treatment, ready: Ready { form, found, apart } } = part;
        let goes_apart = !matches!(apart, Apart::Nothing);
        // what is done to the text is for those outside, who get it in another form then
        let changed = if goes_apart { None } else { self.changed(posting, mail, form.as_ref()).await? };
        // nothing of it goes to another company in clear, be it on this server
        let given = match apart {
            Apart::Links(source, terms) => {
                let part = LinkedPart { parcel, treatment, terms, source };
                self.send_links(posting, mail, &part, &found).await?
            }
            Apart::Zips(zips) => self.send_zips(posting, mail, (parcel, treatment), zips).await?,
            Apart::Nothing => self.give_whole(posting, mail, &found.copies, form.as_ref()).await?,
        };
        // those who get the mail as it was written get its own cuts, not those of what was made of it
        let as_written = form.as_ref().filter(|_| goes_apart).map(|form| Form {
            cuts: treat::cuts_as_written(treatment, mail),
            lines: form.lines.clone(),
            ..Form::default()
        });
        let inside = as_written.as_ref().or(form.as_ref());
        for copy in &found.copies {
            let own = (copy.tenant == mail.tenant).then(|| changed.unwrap_or(mail.mail));
            let theirs = || given.iter().find(|one| one.tenant == copy.tenant && !goes_apart).map(|one| one.mail);
            posting.copies.extend(own.or_else(theirs).map(|place| inbox_copy(place, copy, mail, inside)));
        }
        let copied = self.copy_to(posting, mail, treatment, &found.copies);
        treat::told(posting, mail.submission, parcel, (treatment, form.as_ref()), &copied, mail.at);
        if !goes_apart {
            queue(posting, mail, parcel, &found.outside, form, changed);
        }
        posting.correspondents.extend(correspondents(mail, recipients));
        if !found.copies.is_empty() || !found.outside.is_empty() {
            journal(posting, mail, given, recipients, !found.outside.is_empty());
        }
        self.report_unknown(posting, parcel, mail, &found.unknown).await
    }

    /// Changed bytes as a mail of the posting, sealed beside what they were made of.
    async fn changed(
        &self,
        posting: &mut Posting,
        mail: &Released<'_>,
        form: Option<&Form>,
    ) -> Result<Option<usize>, OutboundError> {
        let Some(bytes) = form.and_then(|form| form.bytes.as_ref()) else { return Ok(None) };
        let missing = || StoreError::Invalid("there is no mail to be changed".into());
        let of = &posting.mails.get(mail.mail).ok_or_else(missing)?.bytes;
        let draft = self.store.seal_beside(of, bytes).await?;
        let summary = self.summary(bytes).await?;
        let (tenant, sensitive) = (mail.tenant, mail.sensitive);
        Ok(Some(posting.mail(NewMail { tenant, bytes: Bytes::New(draft), summary, sensitive })))
    }

    /// Gives copies to people inside whom no header names; to those who are reached anyway none. Answers who got one.
    fn copy_to(&self, posting: &mut Posting, mail: &Released<'_>, treatment: &Treatment, reached: &[Copy]) -> String {
        if treatment.bcc.is_empty() {
            return String::new();
        }
        let directory = self.store.directory();
        let words: Vec<String> = treatment.bcc.iter().cloned().collect();
        let mut names = Vec::new();
        for user in people(&directory, mail.tenant, mail.author, &words) {
            let Some(person) = directory.users.get(&user) else { continue };
            names.push(person.address.to_string());
            let has = |copy: &NewCopy| copy.owner == user && copy.mail == mail.mail && copy.recipient.is_some();
            if !reached.iter().any(|copy| copy.user == user) && !posting.copies.iter().any(has) {
                let copy = Copy { user, tenant: mail.tenant, address: person.address.clone() };
                posting.copies.push(inbox_copy(mail.mail, &copy, mail, None));
            }
        }
        names.join(", ")
    }

    /// The summary of a mail, read on a thread that may take its time.
    async fn summary(&self, bytes: &Arc<Vec<u8>>) -> Result<Vec<u8>, OutboundError> {
        let limits = self.limits.clone();
        crate::work::apart(bytes, move |bytes| Parsed::parse(bytes, &limits).summary().to_bytes()).await
    }

    /// A record belongs to one tenant: the others on this server get records of their own.
    async fn give_whole(
        &self,
        posting: &mut Posting,
        mail: &Released<'_>,
        copies: &[Copy],
        form: Option<&Form>,
    ) -> Result<Vec<Given>, OutboundError> {
        let changed = form.and_then(|form| form.bytes.as_ref());
        let bytes = changed.unwrap_or(mail.bytes);
        let others: BTreeSet<TenantId> =
            copies.iter().map(|copy| copy.tenant).filter(|tenant| *tenant != mail.tenant).collect();
        let mut given = Vec::with_capacity(others.len());
        for tenant in others {
            let draft = self.store.seal(tenant, bytes).await?;
            let summary = match changed {
                Some(bytes) => self.summary(bytes).await?,
                None => mail.summary.to_vec(),
            };
            let new = NewMail { tenant, bytes: Bytes::New(draft), summary, sensitive: mail.sensitive };
            given.push(Given { tenant, mail: posting.mail(new), to: None });
        }
        Ok(given)
    }

    /// Everybody outside gets a link of his own, people of other companies on this server too.
    async fn send_links(
        &self,
        posting: &mut Posting,
        mail: &Released<'_>,
        part: &LinkedPart<'_>,
        found: &Expansion,
    ) -> Result<Vec<Given>, OutboundError> {
        let mut given = Vec::new();
        for copy in found.copies.iter().filter(|copy| copy.tenant != mail.tenant) {
            let place = self.copied_link(posting, mail, part, (&copy.address, copy.tenant)).await?;
            let form = Form { lines: treat::lines(part.treatment), ..Form::default() };
            posting.copies.push(inbox_copy(place, copy, mail, Some(&form)));
            given.push(Given { tenant: copy.tenant, mail: place, to: Some(vec![copy.address.clone()]) });
        }
        for recipient in &found.outside {
            self.queue_link(posting, mail, part, recipient).await?;
        }
        Ok(given)
    }
}

/// To whom a person wrote himself.
fn correspondents(mail: &Released<'_>, recipients: &[Address]) -> Vec<NewCorrespondent> {
    let (Some(user), Origin::Author) = (mail.author, mail.origin) else { return Vec::new() };
    let new = |address: &Address| NewCorrespondent {
        user,
        address: address.clone(),
        name: mail.names.get(&address.key()).cloned().unwrap_or_default(),
        at: mail.at,
    };
    recipients.iter().map(new).collect()
}

/// The names beside the addresses of To, Cc and Bcc, by address key.
pub(crate) fn names(parsed: &Parsed<'_>) -> Names {
    let people = ["To", "Cc", "Bcc"].into_iter().flat_map(|field| parsed.people(field));
    let named = people.filter(|person| is_a_name(&person.name));
    named
        .filter_map(|person| {
            let name: String = person.name.chars().take(NAME).collect();
            Some((Address::parse(&person.address).ok()?.key(), name))
        })
        .collect()
}

/// A name with as many digits as a My Number, in whatever script, is none and is not remembered.
pub(crate) fn is_a_name(name: &str) -> bool {
    let digits = name.chars().filter(|c| c.is_numeric() || "〇一二三四五六七八九".contains(*c));
    !name.is_empty() && digits.count() < 12
}

/// Adds the rows of those whom the queue reaches, with the form in which it goes to them.
fn queue(
    posting: &mut Posting,
    mail: &Released<'_>,
    parcel: ParcelRef,
    outside: &[Address],
    form: Option<Form>,
    changed: Option<usize>,
) {
    if outside.is_empty() {
        return;
    }
    let demands = form.as_ref().map(|form| form.demands.clone()).unwrap_or_default();
    let variant = form.map(|Form { lines, cuts, .. }| {
        posting.variant(NewVariant { parcel, mail: changed, prefix: [mail.trace, &lines].concat(), cuts })
    });
    posting.queue.extend(rows(mail, (parcel, variant), &demands, outside));
}

/// Adds the rows by which a mail of another form, sealed beside the one that it stands for, goes to people elsewhere.
pub(crate) fn queue_sealed(
    posting: &mut Posting,
    mail: &Released<'_>,
    (parcel, treatment): (ParcelRef, &Treatment),
    (draft, form, sensitive): (Draft, &Form, bool),
    to: &[Address],
) {
    let (tenant, bytes) = (mail.tenant, Bytes::New(draft));
    let place = posting.mail(NewMail { tenant, bytes, summary: Vec::new(), sensitive });
    let prefix = [mail.trace, &form.lines].concat();
    let variant = Some(posting.variant(NewVariant { parcel, mail: Some(place), prefix, cuts: form.cuts.clone() }));
    posting.queue.extend(rows(mail, (parcel, variant), &treat::demands(treatment), to));
}

fn rows<'a>(
    mail: &'a Released<'_>,
    (parcel, variant): (ParcelRef, Option<usize>),
    demands: &'a Demands,
    to: &'a [Address],
) -> impl Iterator<Item = NewQueueRow> + 'a {
    to.iter().map(move |recipient| NewQueueRow {
        parcel,
        variant,
        demands: demands.clone(),
        recipient: recipient.clone(),
        due: mail.at,
        expires: mail.at.after(QUEUE_LIFETIME),
    })
}

pub(crate) fn inbox_copy(place: usize, copy: &Copy, mail: &Released<'_>, form: Option<&Form>) -> NewCopy {
    let mut prefix = trace_prefix(mail.from, &copy.address, mail.trace);
    prefix.extend_from_slice(form.map(|form| form.lines.as_slice()).unwrap_or_default());
    NewCopy {
        mail: place,
        owner: copy.user,
        folder: Folder::Role(MailboxRole::Inbox),
        flags: Flags::default(),
        internal_date: mail.at,
        saved: mail.at,
        prefix,
        cuts: form.map_or(mail.cuts, |form| form.cuts.as_slice()).to_vec(),
        recipient: Some(copy.address.clone()),
    }
}

/// One entry for the author's company, and one for each mail that another company here received.
fn journal(posting: &mut Posting, mail: &Released<'_>, given: Vec<Given>, recipients: &[Address], outside: bool) {
    let direction = match (outside || !given.is_empty(), mail.origin) {
        (true, _) => Direction::Out,
        (false, Origin::Forward) => Direction::In,
        (false, _) => Direction::Inside,
    };
    let entry = |place: usize, direction, to: Vec<Address>| NewJournal {
        mail: place,
        direction,
        envelope: Envelope { from: mail.from.cloned(), to },
        at: mail.at,
    };
    // its own company keeps what was written, whatever was made of it for others
    posting.journal.push(entry(mail.mail, direction, recipients.to_vec()));
    for Given { mail, to, .. } in given {
        posting.journal.push(entry(mail, Direction::In, to.unwrap_or_else(|| recipients.to_vec())));
    }
}
