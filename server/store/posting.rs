//! A posting: everything one event causes, as one value that is written whole or not at all.

use std::ops::Range;

use types::{
    Address, AttachmentId, Direction, Envelope, Flags, IngestId, LinkId, MailboxId, ParcelId, RecordId, Reference,
    SubmissionId, TenantId, TimerId, Timestamp, Uid, UserId,
};

use crate::{
    Attempt, Decision, DraftChange, Escalation, HandOver, IncidentReminded, MailboxRole, Mark, NewConsent,
    NewCorrespondent, NewHold, NewLedgerAct, NewLedgerLine, NewLink, NewOutward, NewPasswordNote, NewQueueRow,
    NewSubmission, NewTexts, NewTimer, NewUpload, NewVariant, Opening, ParcelRef, Placed, Renewal, ReviewedTo,
    SubmissionRef,
};

/// The bytes of a mail: newly come in, or a record that is there already.
#[derive(Debug)]
pub enum Bytes {
    /// Collected by [`crate::Writing`] or sealed by [`crate::Store::seal`].
    New(crate::Draft),
    /// On disk already.
    Known(RecordId),
}

/// A mail of the posting; other rows name it by its place in [`Posting::mails`].
#[derive(Debug)]
pub struct NewMail {
    /// Whose. A record belongs to one tenant.
    pub tenant: TenantId,
    /// The bytes.
    pub bytes: Bytes,
    /// `message::Summary` as bytes; kept with the record. Ignored for a known record.
    pub summary: Vec<u8>,
    /// The mail has findings of level likely or above: DSNs quote nothing of it. (The summary is always sealed
    /// under the record's key, so that no number stands in the database whatever is found later.)
    pub sensitive: bool,
}

/// Into which mailbox of its owner a copy goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Folder {
    /// By role.
    Role(MailboxRole),
    /// By number; INBOX when that is gone.
    Id(MailboxId),
    /// By number; when that is gone, a mere name or another's, the whole posting is refused (APPEND).
    Exactly(MailboxId),
}

/// A copy in a mailbox.
#[derive(Debug, Clone)]
pub struct NewCopy {
    /// Which mail: place in [`Posting::mails`].
    pub mail: usize,
    /// Whose mailbox.
    pub owner: UserId,
    /// Which.
    pub folder: Folder,
    /// Flags.
    pub flags: Flags,
    /// INTERNALDATE.
    pub internal_date: Timestamp,
    /// The present moment, at which it is put there.
    pub saved: Timestamp,
    /// Trace headers of this copy, each line ended by CRLF.
    pub prefix: Vec<u8>,
    /// Ranges of the record's bytes not shown.
    pub cuts: Vec<Range<u64>>,
    /// The recipient for whom it is, which with [`Once`] makes a repeated delivery one copy.
    pub recipient: Option<Address>,
}

/// A message in whose place a copy of the posting comes (REPLACE, RFC 8508): it goes in the same transaction, whatever flags
/// it bears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replaced {
    /// Whose mailbox.
    pub owner: UserId,
    /// Which.
    pub mailbox: MailboxId,
    /// The message.
    pub uid: Uid,
    /// The present moment.
    pub at: Timestamp,
}

/// What makes a repeat harmless: copies whose (ingest, recipient) is in `delivered` already are left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Once(pub IngestId);

/// An entry of the archive's journal; the engine chains the hashes, a chain per tenant.
#[derive(Debug, Clone)]
pub struct NewJournal {
    /// Which mail.
    pub mail: usize,
    /// Direction.
    pub direction: Direction,
    /// Envelope.
    pub envelope: Envelope,
    /// When.
    pub at: Timestamp,
}

/// An audit row: who did what to what. Never a number, a subject or a body.
#[derive(Debug, Clone)]
pub struct NewAudit {
    /// Whose.
    pub tenant: Option<TenantId>,
    /// By whom; `None`: the system or the command line.
    pub actor: Option<UserId>,
    /// When.
    pub at: Timestamp,
    /// The event's dotted name: `parcel.approved`.
    pub event: &'static str,
    /// What it concerns: a reference, an address, an id.
    pub subject: String,
    /// More, as JSON.
    pub detail: String,
}

/// A line of a submission's timeline.
#[derive(Debug, Clone)]
pub struct NewTrail {
    /// Which submission.
    pub submission: SubmissionRef,
    /// Which parcel, if one.
    pub parcel: Option<ParcelRef>,
    /// When.
    pub at: Timestamp,
    /// The event's dotted name.
    pub event: &'static str,
    /// More, for people; no number, no subject.
    pub detail: String,
    /// Whether the sender sees it.
    pub for_sender: bool,
}

/// Everything one event causes. Empty parts are left at their default.
#[derive(Debug, Default)]
pub struct Posting {
    /// Mails.
    pub mails: Vec<NewMail>,
    /// Copies into mailboxes.
    pub copies: Vec<NewCopy>,
    /// Messages that go; when one is not there, nothing of the posting is written ([`crate::StoreError::NotFound`]).
    pub replaced: Vec<Replaced>,
    /// What makes copies happen once.
    pub once: Option<Once>,
    /// Journal entries.
    pub journal: Vec<NewJournal>,
    /// Audit rows.
    pub audit: Vec<NewAudit>,
    /// Submissions with their parcels.
    pub submissions: Vec<NewSubmission>,
    /// Further parcels of submissions that were under review: written when the state found is `reviewing` or `new`.
    pub reviewed: Vec<(SubmissionId, NewSubmission)>,
    /// Forms in which queue rows leave.
    pub variants: Vec<NewVariant>,
    /// What became of submissions that go to the outside, for who counts.
    pub outward: Vec<NewOutward>,
    /// Queue rows.
    pub queue: Vec<NewQueueRow>,
    /// Timers.
    pub timers: Vec<NewTimer>,
    /// Decisions; when one finds another state than it expects, nothing of the posting is written
    /// ([`crate::StoreError::Decided`]).
    pub decisions: Vec<Decision>,
    /// Parcels that waited and are held now.
    pub holds: Vec<NewHold>,
    /// Approvals; in one posting with the decision when they are the last.
    pub consents: Vec<NewConsent>,
    /// Deadlines that ask others.
    pub escalations: Vec<Escalation>,
    /// Openings of held mail; each is kept once.
    pub openings: Vec<Opening>,
    /// Results of attempts at the next hop.
    pub attempts: Vec<Attempt>,
    /// Timers that are done.
    pub timers_done: Vec<TimerId>,
    /// Links.
    pub links: Vec<NewLink>,
    /// Links that get another address; when one is stopped or has ended, nothing of the posting is written
    /// ([`crate::StoreError::Conflict`]).
    pub renewed: Vec<Renewal>,
    /// What senders are told of passwords.
    pub notes: Vec<NewPasswordNote>,
    /// Collection requests that were reminded of; when one was so before, nothing of the posting is written
    /// ([`crate::StoreError::Decided`]).
    pub reminded: Vec<LinkId>,
    /// Files that were sent back by links.
    pub uploads: Vec<NewUpload>,
    /// Timeline.
    pub trail: Vec<NewTrail>,
    /// To whom mail is sent.
    pub correspondents: Vec<NewCorrespondent>,
    /// Drafts that it changes or ends, in this order.
    pub drafts: Vec<DraftChange>,
    /// What a look at records found that are there already.
    pub marks: Vec<Mark>,
    /// What was read in attachments.
    pub texts: Vec<NewTexts>,
    /// Lines of the ledger of specified personal information.
    pub ledger: Vec<NewLedgerLine>,
    /// What was done to mail that is in the ledger, after the lines above.
    pub ledger_acts: Vec<NewLedgerAct>,
    /// Mail that goes to the handlers' box, after the copies above.
    pub handed: Vec<HandOver>,
    /// Incidents whose handlers it reminds.
    pub incidents_reminded: Vec<IncidentReminded>,
    /// How far the review of incoming mail has come with this posting.
    pub reviewed_to: Option<ReviewedTo>,
}

/// What a posting made, in the order of its parts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Posted {
    /// Records of [`Posting::mails`].
    pub records: Vec<RecordId>,
    /// Where the copies lie; `None`: left out, it was there already.
    pub copies: Vec<Option<Placed>>,
    /// Submissions.
    pub submissions: Vec<SubmissionId>,
    /// Parcels of each submission (new ones first, then those of `reviewed`).
    pub parcels: Vec<Vec<ParcelId>>,
    /// Attachments, of the steps that attach.
    pub attachments: Vec<AttachmentId>,
}

impl Posting {
    /// Adds a mail and gives the number by which the other parts name it.
    pub fn mail(&mut self, mail: NewMail) -> usize {
        self.mails.push(mail);
        self.mails.len() - 1
    }
    /// Adds a form and gives the number by which queue rows name it.
    pub fn variant(&mut self, variant: NewVariant) -> usize {
        self.variants.push(variant);
        self.variants.len() - 1
    }
    /// Adds an audit row.
    pub fn audited(
        &mut self,
        tenant: TenantId,
        actor: Option<UserId>,
        at: Timestamp,
        event: &'static str,
        subject: &Reference,
    ) {
        self.audit.push(NewAudit {
            tenant: Some(tenant),
            actor,
            at,
            event,
            subject: subject.to_string(),
            detail: String::new(),
        });
    }
}
