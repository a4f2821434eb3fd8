//! Decisions on held mail: approve, return, reject, expire. Exactly one takes effect.

use inspect::{NotSeen, Sighting};
use store::{
    Access, Decision, Folder, Held, MailboxRole, Manage, NewCopy, ParcelRef, ParcelState, Posting, Read, Review,
    StoreError, SubmissionRef, Tenancy,
};
use types::{Flags, ParcelId, SystemFlags, TimerId, Timestamp, UserId};

use crate::act::trail;
use crate::catalogue;
use crate::notices::{About, Details};
use crate::waiting::known_mail;
use crate::{Outbound, OutboundError};

/// What is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Send it.
    Approve,
    /// Back to the author, as a draft.
    Return,
    /// Not at all.
    Reject,
    /// The author takes it back.
    Withdraw,
}

/// A decision under work.
struct Deciding<'a> {
    held: &'a Held,
    to: ParcelState,
    by: Option<UserId>,
    comment: &'a str,
    at: Timestamp,
}

impl Outbound {
    /// Decides a held parcel. `by` is `None` for the machine's own console.
    ///
    /// # Errors
    /// [`OutboundError::NotApprover`]; [`StoreError::Decided`] when somebody or the deadline was first.
    pub async fn decide(
        &self,
        parcel: ParcelId,
        verdict: Verdict,
        by: Option<UserId>,
        comment: &str,
    ) -> Result<ParcelState, OutboundError> {
        let held = self.store.held_parcel(&self.exit, parcel).await?.ok_or(OutboundError::NoSuchParcel)?;
        may_decide(&held, verdict, by)?;
        let to = outcome(verdict);
        self.carry_out(Deciding { held: &held, to, by, comment, at: self.clock.now() }, None).await?;
        Ok(to)
    }

    /// Decides a held parcel by an administrator's right over his company, whoever was asked; never his own mail.
    ///
    /// # Errors
    /// [`OutboundError::NoSuchParcel`], also for another company's; [`OutboundError::NotApprover`] on his own mail;
    /// [`StoreError::Decided`] when somebody or the deadline was first.
    pub async fn decide_for_company(
        &self,
        access: &Access<Tenancy, Manage>,
        parcel: ParcelId,
        verdict: Verdict,
        comment: &str,
    ) -> Result<ParcelState, OutboundError> {
        let held = self.store.held_parcel(&self.exit, parcel).await?.ok_or(OutboundError::NoSuchParcel)?;
        let submission = &held.parcel.submission;
        if submission.tenant != access.what().0 {
            return Err(OutboundError::NoSuchParcel);
        }
        let by = access.holder();
        if verdict == Verdict::Withdraw || (by.is_some() && submission.author == by) {
            return Err(OutboundError::NotApprover);
        }
        let to = outcome(verdict);
        self.carry_out(Deciding { held: &held, to, by, comment, at: self.clock.now() }, None).await?;
        Ok(to)
    }

    /// What the engine finds in a mail that is or was held: places and reasons, no text; for those who may see that
    /// it is held, but not what it says. `None`: the look itself failed.
    ///
    /// # Errors
    /// [`OutboundError::NoSuchParcel`], also for another company's.
    pub async fn findings(
        &self,
        access: &Access<Review, Read>,
        parcel: ParcelId,
    ) -> Result<Option<(Vec<Sighting>, Vec<NotSeen>)>, OutboundError> {
        let held = self.store.held_parcel(&self.exit, parcel).await?.ok_or(OutboundError::NoSuchParcel)?;
        let submission = &held.parcel.submission;
        if submission.tenant != access.what().0 {
            return Err(OutboundError::NoSuchParcel);
        }
        let bytes = self.store.read_for_sending(&self.exit, submission.record, 0..submission.record_size).await?;
        let seen = self.inspected_record(&submission.into(), submission.record, bytes).await;
        Ok(seen.map(|seen| (seen.sightings(), seen.not_inspected.clone())))
    }

    /// The deadline has come: what the rule said happens, unless somebody was first.
    ///
    /// # Errors
    /// The store failed.
    pub(crate) async fn expire(&self, parcel: ParcelId, timer: TimerId) -> Result<(), OutboundError> {
        let Some(held) = self.store.held_parcel(&self.exit, parcel).await? else { return self.drop_timer(timer).await };
        let to = match held.then.as_str() {
            "send" => ParcelState::Released,
            "reject" => ParcelState::Rejected,
            _ => ParcelState::Expired,
        };
        let deciding = Deciding { held: &held, to, by: None, comment: "", at: self.clock.now() };
        match self.carry_out(deciding, Some(timer)).await {
            // the rule would send it, and it cannot be sent as rules demand
            Err(OutboundError::Untreatable(_)) => {
                let to = ParcelState::Expired;
                let deciding = Deciding { held: &held, to, by: None, comment: "", at: self.clock.now() };
                self.carry_out(deciding, Some(timer)).await
            }
            Err(OutboundError::Store(StoreError::Decided(_))) => self.drop_timer(timer).await,
            other => other,
        }
    }

    pub(crate) async fn drop_timer(&self, timer: TimerId) -> Result<(), OutboundError> {
        self.store.send(&self.exit, Posting { timers_done: vec![timer], ..Posting::default() }).await?;
        Ok(())
    }

    async fn carry_out(&self, deciding: Deciding<'_>, timer: Option<TimerId>) -> Result<(), OutboundError> {
        let Deciding { held, to, by, comment, at } = deciding;
        let submission = &held.parcel.submission;
        let mut posting = Posting { timers_done: timer.into_iter().collect(), ..Posting::default() };
        posting.decisions.push(Decision {
            parcel: held.parcel.id,
            expect: ParcelState::Held,
            to,
            by,
            comment: comment.to_owned(),
            at,
        });
        let mail = known_mail(&mut posting, submission);
        if to == ParcelState::Released {
            self.release_held(&mut posting, held, mail, at).await?;
        } else if let (Some(author), false) = (submission.author, to == ParcelState::Rejected) {
            posting.copies.push(draft_copy(author, mail, at));
        }
        let event = match to {
            ParcelState::Released if by.is_some() && by == submission.author => "parcel.confirmed",
            ParcelState::Released => "parcel.approved",
            ParcelState::Returned => "parcel.returned",
            ParcelState::Rejected => "parcel.rejected",
            ParcelState::Withdrawn => "parcel.withdrawn",
            _ => "parcel.expired",
        };
        let (known, parcel) = (SubmissionRef::Known(submission.id), ParcelRef::Known(held.parcel.id));
        posting.trail.push(trail(known, Some(parcel), at, event, ""));
        posting.audited(submission.tenant, by, at, event, &submission.reference);
        self.tell_decision(&mut posting, &Deciding { held, to, by, comment, at }).await?;
        self.store.send(&self.exit, posting).await?;
        Ok(())
    }

    async fn release_held(
        &self,
        posting: &mut Posting,
        held: &Held,
        mail: usize,
        at: Timestamp,
    ) -> Result<(), OutboundError> {
        let stored = self.stored(&held.parcel.submission).await?;
        let released = stored.released(mail, at);
        let part = self.leaving(&held.parcel, &released)?;
        self.release(posting, &released, part).await
    }

    async fn tell_decision(&self, posting: &mut Posting, deciding: &Deciding<'_>) -> Result<(), OutboundError> {
        let Deciding { held, to, by, comment, .. } = *deciding;
        let submission = &held.parcel.submission;
        // he knows what he did himself: he took it back, or confirmed it
        let own = matches!(to, ParcelState::Withdrawn | ParcelState::Released);
        let Some(author) = submission.author.filter(|author| !own || Some(*author) != by) else {
            return Ok(());
        };
        let subject = self.masked_subject(submission).await?;
        let about = About {
            author: Some(author),
            from: submission.from.as_ref(),
            recipients: &held.parcel.recipients,
            reference: submission.reference,
            subject: &subject,
            places_ja: "",
            places_en: "",
            at: deciding.at,
        };
        let details = Details { by, comment, ..Details::default() };
        let write = match to {
            ParcelState::Released => catalogue::approved,
            ParcelState::Expired => catalogue::expired,
            ParcelState::Rejected => catalogue::rejected,
            _ => catalogue::returned,
        };
        self.tell(posting, &[author], &about, &details, write).await
    }

    /// The subject of a stored submission with every number masked.
    ///
    /// # Errors
    /// The record could not be read.
    pub(crate) async fn masked_subject(&self, submission: &store::SubmissionRow) -> Result<String, OutboundError> {
        let head = 0..submission.record_size.min(self.limits.header_bytes as u64);
        let bytes = self.store.read_for_sending(&self.exit, submission.record, head).await?;
        Ok(inspect::mask_numbers(&message::Parsed::parse(&bytes, &self.limits).subject()))
    }
}

fn outcome(verdict: Verdict) -> ParcelState {
    match verdict {
        Verdict::Approve => ParcelState::Released,
        Verdict::Return => ParcelState::Returned,
        Verdict::Reject => ParcelState::Rejected,
        Verdict::Withdraw => ParcelState::Withdrawn,
    }
}

/// Approvers may decide, but on their own mail only where a rule asks nobody else than its author; only the author
/// withdraws; the console may all.
fn may_decide(held: &Held, verdict: Verdict, by: Option<UserId>) -> Result<(), OutboundError> {
    let Some(person) = by else { return Ok(()) };
    let author = held.parcel.submission.author == Some(person);
    let approver = held.approvers.iter().any(|approver| approver.0 == person);
    let own = held.approvers.iter().all(|approver| approver.0 == person);
    let may = if verdict == Verdict::Withdraw { author } else { approver && (!author || own) };
    if may { Ok(()) } else { Err(OutboundError::NotApprover) }
}

/// A mail back in its author's Drafts.
pub(crate) fn draft_copy(author: UserId, mail: usize, at: Timestamp) -> NewCopy {
    NewCopy {
        mail,
        owner: author,
        folder: Folder::Role(MailboxRole::Drafts),
        flags: Flags::system(SystemFlags::DRAFT.union(SystemFlags::SEEN)),
        internal_date: at,
        saved: at,
        prefix: Vec::new(),
        cuts: Vec::new(),
        recipient: None,
    }
}
