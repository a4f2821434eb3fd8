//! Decisions on held mail: approve, return, reject, expire. Exactly one takes effect; where a rule asks for two approvals,
//! the first is counted and the second sends.

use inspect::{NotSeen, Seen, Sighting};
use store::{
    Access, Approver, Case, Consent, Decision, Folder, Held, MailboxRole, Manage, NewAudit, NewConsent, NewCopy,
    Opening, ParcelRef, ParcelState, Posting, Read, Review, StoreError, SubmissionRef, SubmissionRow, Tenancy,
};
use types::{Flags, ParcelId, SystemFlags, TimerId, Timestamp, UserId};

use crate::act::trail;
use crate::approvers::Asking;
use crate::catalogue;
use crate::notices::{About, Decider, Details};
use crate::waiting::known_mail;
use crate::{Outbound, OutboundError, Untreatable};

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

/// So often a held mail is looked at anew when somebody else approved it meanwhile.
const TRIES: usize = 4;

/// A decision under work.
#[derive(Clone, Copy)]
struct Deciding<'a> {
    held: &'a Held,
    to: ParcelState,
    by: Option<UserId>,
    /// In whose stead; `None`: in nobody's, neither an approver's nor his own.
    seat: Option<UserId>,
    comment: &'a str,
    /// Why it could not go, which each reads in his own language, in place of the comment.
    why: Option<Untreatable>,
    /// Who is said to have decided.
    decider: Decider,
    at: Timestamp,
}

impl Outbound {
    /// Decides a held parcel. `by` is `None` for the machine's own console. Answers `Held` when one more approval is
    /// wanted.
    ///
    /// # Errors
    /// [`OutboundError::NotApprover`], [`OutboundError::ApprovedBefore`], [`OutboundError::NotOpened`];
    /// [`StoreError::Decided`] when somebody or the deadline was first.
    pub async fn decide(
        &self,
        parcel: ParcelId,
        verdict: Verdict,
        by: Option<UserId>,
        comment: &str,
    ) -> Result<ParcelState, OutboundError> {
        self.speak_anew(parcel, verdict, by, comment, |held, at| self.seat(held, verdict, by, at)).await
    }

    /// Decides a held parcel by an administrator's right over his company, whoever was asked; never his own mail.
    ///
    /// # Errors
    /// [`OutboundError::NoSuchParcel`], also for another company's; [`OutboundError::NotApprover`] on his own mail;
    /// [`OutboundError::NotHandler`] when he would let go what only handlers may open; otherwise as [`Self::decide`], where he is one
    /// approver of those that a rule asks for.
    pub async fn decide_for_company(
        &self,
        access: &Access<Tenancy, Manage>,
        parcel: ParcelId,
        verdict: Verdict,
        comment: &str,
    ) -> Result<ParcelState, OutboundError> {
        let by = access.holder();
        let may = |held: &Held, at| {
            let submission = &held.parcel.submission;
            if submission.tenant != access.what().0 {
                return Err(OutboundError::NoSuchParcel);
            }
            let own = by.is_some() && submission.author == by;
            if own || verdict == Verdict::Withdraw {
                return Err(OutboundError::NotApprover);
            }
            let lets_go = |person| self.may_let_go(submission, (&held.approvers, &held.consents), person, at);
            if verdict == Verdict::Approve && !by.is_none_or(lets_go) { Err(OutboundError::NotHandler) } else { Ok(by) }
        };
        self.speak_anew(parcel, verdict, by, comment, may).await
    }

    /// Looks at the held mail, asks in whose stead he speaks, and carries out his word; anew when another approval came
    /// between the look and the word. No release is made twice: only an approval that is not the last can be tried anew, since behind
    /// the last one nothing is held any more, and whoever comes after it is told so.
    async fn speak_anew(
        &self,
        parcel: ParcelId,
        verdict: Verdict,
        by: Option<UserId>,
        comment: &str,
        seat: impl Fn(&Held, Timestamp) -> Result<Option<UserId>, OutboundError> + Send + Sync,
    ) -> Result<ParcelState, OutboundError> {
        // it goes into a notice and into lists, none of which holds a number
        let (mut tries, comment) = (1, inspect::mask_every_number(comment));
        loop {
            let held = self.store.held_parcel(&self.exit, parcel).await?.ok_or(OutboundError::NoSuchParcel)?;
            let at = self.clock.now();
            let seat = seat(&held, at)?;
            match self
                .speak(Deciding {
                    held: &held,
                    to: outcome(verdict),
                    by,
                    seat,
                    comment: &comment,
                    why: None,
                    decider: by.into(),
                    at,
                })
                .await
            {
                Err(OutboundError::Store(StoreError::Conflict(_))) if tries < TRIES => tries += 1,
                other => return other,
            }
        }
    }

    /// Carries out a word that may be given: an approval is counted, and sends when it is the last.
    async fn speak(&self, deciding: Deciding<'_>) -> Result<ParcelState, OutboundError> {
        let Deciding { held, to, by, seat, comment, at, .. } = deciding;
        let (Some(by), Some(seat), ParcelState::Released) = (by, seat, to) else {
            return self.carry_out(deciding, Posting::default()).await;
        };
        if held.parcel.state != ParcelState::Held {
            return Err(StoreError::Decided(held.parcel.state.word().to_owned()).into());
        }
        if held.consents.iter().any(|one| one.by == by || one.seat == seat) {
            return Err(OutboundError::ApprovedBefore);
        }
        if held.terms.must_open && !self.to_open(held, by).await?.is_empty() {
            return Err(OutboundError::NotOpened);
        }
        let (parcel, before) = (held.parcel.id, held.consents.len());
        let consent = NewConsent { parcel, by, seat, comment: comment.to_owned(), at, before };
        let posting = Posting { consents: vec![consent], ..Posting::default() };
        if before + 1 >= held.terms.approvals as usize {
            return self.carry_out(deciding, posting).await;
        }
        self.record(posting, deciding, "parcel.approved_in_part").await?;
        Ok(ParcelState::Held)
    }

    /// What of a held mail `by` has not opened yet, of what a rule asks him to open: parts by their IMAP numbers, and
    /// the mail itself as the empty one. Files that cannot be looked into count as opened with the mail.
    async fn to_open(&self, held: &Held, by: UserId) -> Result<Vec<String>, OutboundError> {
        let submission = &held.parcel.submission;
        let bytes = self.store.read_for_sending(&self.exit, submission.record, 0..submission.record_size).await?;
        let seen = self.inspected_record(&submission.into(), submission.record, bytes).await;
        let openings = self.store.openings(&self.exit, held.parcel.id).await?;
        Ok(unopened(seen.as_deref(), &openings, by))
    }

    /// In whose stead somebody decides: approvers in their own, others in an approver's; on his own mail nobody but where
    /// a rule asks its author alone; only the author withdraws; the console may all.
    fn seat(
        &self,
        held: &Held,
        verdict: Verdict,
        by: Option<UserId>,
        at: Timestamp,
    ) -> Result<Option<UserId>, OutboundError> {
        let Some(person) = by else { return Ok(None) };
        let submission = &held.parcel.submission;
        let author = submission.author == Some(person);
        let approvers: Vec<UserId> = held.approvers.iter().map(|approver| approver.0).collect();
        // where nobody is left to be asked, he is not asked either
        let own = author && !approvers.is_empty() && approvers.iter().all(|approver| *approver == person);
        match verdict {
            Verdict::Withdraw if author => return Ok(None),
            Verdict::Withdraw => return Err(OutboundError::NotApprover),
            _ if own => return Ok(None),
            _ => {}
        }
        let given: Vec<UserId> = held.consents.iter().map(|one| one.seat).collect();
        let directory = self.store.directory();
        let seat = Asking::about(&directory, submission).seat(&approvers, &given, person, at);
        seat.map(Some).ok_or(OutboundError::NotApprover)
    }

    /// In whose stead `person` may decide a held mail now; `None`: in nobody's.
    #[must_use]
    pub fn seat_of(&self, case: &Case, person: UserId) -> Option<UserId> {
        let approval = case.part.approval.as_ref()?;
        let approvers: Vec<UserId> = approval.approvers.iter().map(|approver| approver.0).collect();
        let given: Vec<UserId> = approval.consents.iter().map(|one| one.seat).collect();
        let directory = self.store.directory();
        Asking::about(&directory, &case.submission).seat(&approvers, &given, person, self.clock.now())
    }

    /// Whether `person` may approve a held mail now by his right over a company; whether it is his own is not asked.
    #[must_use]
    pub fn may_approve_for_company(&self, case: &Case, person: UserId) -> bool {
        let asked = case.part.approval.as_ref().map(|approval| (&*approval.approvers, &*approval.consents));
        self.may_let_go(&case.submission, asked.unwrap_or_default(), person, self.clock.now())
    }

    fn may_let_go(
        &self,
        submission: &SubmissionRow,
        (approvers, consents): (&[Approver], &[Consent]),
        person: UserId,
        at: Timestamp,
    ) -> bool {
        let approvers: Vec<UserId> = approvers.iter().map(|approver| approver.0).collect();
        let done = |id: UserId| consents.iter().any(|one| one.by == id || one.seat == id);
        let directory = self.store.directory();
        Asking::about(&directory, submission).may_overrule(&approvers, done, person, at)
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
            "escalate" => match self.escalate(&held, timer).await {
                Ok(true) => return Ok(()),
                Ok(false) => ParcelState::Expired,
                Err(OutboundError::Store(StoreError::Decided(_) | StoreError::Conflict(_))) => {
                    return self.drop_timer(timer).await;
                }
                Err(error) => return Err(error),
            },
            _ => ParcelState::Expired,
        };
        let at = self.clock.now();
        let decider = Decider::Deadline;
        let deciding = Deciding { held: &held, to, by: None, seat: None, comment: "", why: None, decider, at };
        let done = || Posting { timers_done: vec![timer], ..Posting::default() };
        match self.carry_out(deciding, done()).await {
            // the rule would send it, and it cannot be sent as rules demand: nobody has failed to decide, and its author reads why
            Err(OutboundError::Untreatable(why)) => {
                let comment = why.told(self.language_of(held.parcel.submission.author));
                let (to, decider, why) = (ParcelState::Returned, Decider::System, Some(why));
                let deciding = Deciding { to, comment, why, decider, ..deciding };
                self.carry_out(deciding, done()).await.map(drop)
            }
            Err(OutboundError::Store(StoreError::Decided(_))) => self.drop_timer(timer).await,
            other => other.map(drop),
        }
    }

    pub(crate) async fn drop_timer(&self, timer: TimerId) -> Result<(), OutboundError> {
        self.store.send(&self.exit, Posting { timers_done: vec![timer], ..Posting::default() }).await?;
        Ok(())
    }

    async fn carry_out(&self, deciding: Deciding<'_>, mut posting: Posting) -> Result<ParcelState, OutboundError> {
        let Deciding { held, to, by, comment, decider, at, .. } = deciding;
        let submission = &held.parcel.submission;
        posting.decisions.push(Decision {
            parcel: held.parcel.id,
            expect: ParcelState::Held,
            to,
            by,
            by_deadline: decider == Decider::Deadline,
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
            ParcelState::Released if decider == Decider::Deadline => "parcel.sent_at_deadline",
            ParcelState::Released => "parcel.approved",
            ParcelState::Returned => "parcel.returned",
            ParcelState::Rejected => "parcel.rejected",
            ParcelState::Withdrawn => "parcel.withdrawn",
            _ => "parcel.expired",
        };
        self.tell_decision(&mut posting, &deciding).await?;
        self.record(posting, deciding, event).await?;
        Ok(to)
    }

    /// Writes what a word causes, with its line of the timeline and its audit row.
    async fn record(
        &self,
        mut posting: Posting,
        deciding: Deciding<'_>,
        event: &'static str,
    ) -> Result<(), OutboundError> {
        let Deciding { held, by, seat, at, .. } = deciding;
        let submission = &held.parcel.submission;
        let (known, parcel) = (SubmissionRef::Known(submission.id), ParcelRef::Known(held.parcel.id));
        posting.trail.push(trail(known, Some(parcel), at, event, ""));
        let (tenant, subject) = (Some(submission.tenant), submission.reference.to_string());
        let detail = self.in_whose_stead(by, seat);
        posting.audit.push(NewAudit { tenant, actor: by, at, event, subject, detail });
        self.store.send(&self.exit, posting).await?;
        Ok(())
    }

    /// For whom somebody decided, as the detail of an audit row; empty when for himself.
    fn in_whose_stead(&self, by: Option<UserId>, seat: Option<UserId>) -> String {
        let directory = self.store.directory();
        let other = seat.filter(|seat| Some(*seat) != by).and_then(|seat| directory.users.get(&seat));
        other.map(|user| serde_json::json!({ "in_place_of": user.address.to_string() }).to_string()).unwrap_or_default()
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
        let part = self.leaving(&held.parcel, &released).await?;
        self.release(posting, &released, part).await
    }

    /// Tells the author what became of his mail. Where it has none, as one that was forwarded, those are told who were asked, when it does not
    /// go without anybody's word.
    async fn tell_decision(&self, posting: &mut Posting, deciding: &Deciding<'_>) -> Result<(), OutboundError> {
        let Deciding { held, to, by, comment, why, decider, .. } = *deciding;
        let submission = &held.parcel.submission;
        // he knows what he did himself: he took it back, or confirmed it
        let own = matches!(to, ParcelState::Withdrawn | ParcelState::Released);
        let ended = to != ParcelState::Released && matches!(decider, Decider::Deadline | Decider::System);
        let people: Vec<UserId> = match submission.author {
            Some(author) if own && by == Some(author) => return Ok(()),
            Some(author) => vec![author],
            None if ended => held.approvers.iter().map(|approver| approver.0).collect(),
            None => return Ok(()),
        };
        // who is no party to the mail reads no subject
        let subject = match submission.author {
            Some(_) => self.masked_subject(submission).await?,
            None => String::new(),
        };
        let about = About {
            author: submission.author,
            from: submission.from.as_ref(),
            recipients: &held.parcel.recipients,
            reference: submission.reference,
            subject: &subject,
            places_ja: "",
            places_en: "",
            at: deciding.at,
        };
        let write = match to {
            _ if submission.author.is_none() => catalogue::not_forwarded,
            ParcelState::Released => catalogue::approved,
            ParcelState::Expired => catalogue::expired,
            ParcelState::Rejected => catalogue::rejected,
            _ => catalogue::returned,
        };
        for person in people {
            let last = why.map_or(comment, |why| why.told(self.language_of(Some(person))));
            let comments = held.consents.iter().map(|one| one.comment.as_str()).chain([last]);
            let comments = comments.filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n");
            let details = Details { by: decider, comment: &comments, ..Details::default() };
            self.tell(posting, &[person], &about, &details, write).await?;
        }
        Ok(())
    }

    /// The subject of a stored submission with every number masked.
    ///
    /// # Errors
    /// The record could not be read.
    pub(crate) async fn masked_subject(&self, submission: &SubmissionRow) -> Result<String, OutboundError> {
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

/// What of a held mail somebody has not opened yet: the mail itself (the empty part), then its files.
#[must_use]
pub fn unopened(seen: Option<&Seen>, openings: &[Opening], by: UserId) -> Vec<String> {
    let files = seen.map(|seen| seen.attachments.as_slice()).unwrap_or_default();
    let parts = std::iter::once("").chain(files.iter().map(|file| file.part.as_str()));
    let opened = |part: &str| openings.iter().any(|one| one.by == by && one.part == part);
    parts.filter(|part| !opened(part)).map(str::to_owned).collect()
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
