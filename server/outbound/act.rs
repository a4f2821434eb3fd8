//! What was judged is done: the fates of a submission become one posting.

use store::{
    Approver, DraftStep, Folder, MailboxRole, NewApproval, NewAudit, NewCopy, NewMail, NewParcel, NewTimer, NewTrail,
    Origin, ParcelRef, ParcelState, Posting, SubmissionRef, SubmissionState, Telling, TextsOf, TimerKind,
};
use types::{Flags, SubmissionId, SystemFlags, Timestamp, UserId};

use crate::approvers::Asking;
use crate::catalogue;
use crate::fates::{Act, Fate, HoldTerms, Judged, people};
use crate::notices::{About, Details, reasons, reasons_for_approvers};
use crate::ready::Ready;
use crate::release::{Leaving, Released};
use crate::rules::KEEPERS;
use crate::submit::Work;
use crate::{Answer, Outbound, OutboundError, Outcome};

/// A line of the timeline, shown to the sender.
pub(crate) fn trail(
    submission: SubmissionRef,
    parcel: Option<ParcelRef>,
    at: Timestamp,
    event: &'static str,
    detail: &str,
) -> NewTrail {
    NewTrail { submission, parcel, at, event, detail: detail.to_owned(), for_sender: true }
}

impl Outbound {
    /// Writes what was judged and answers.
    ///
    /// # Errors
    /// Nothing was written.
    pub(crate) async fn act(&self, mut work: Work, mut judged: Judged) -> Result<Answer, OutboundError> {
        let undo_until = work.release_at(self.clock.now());
        let ready = self.make_ready(&work, &mut judged, undo_until).await?;
        let judged = judged;
        let outcome = outcome(&judged);
        let blocked = judged.blocked();
        let leaves: Vec<Option<Timestamp>> = match blocked {
            true => Vec::new(),
            false => judged.fates.iter().map(|fate| fate.leaves(work.at, undo_until)).collect(),
        };
        let release_at = leaves.iter().flatten().min().copied();
        let mut answer = Answer { submission: SubmissionId(0), reference: work.reference, outcome, release_at };
        let mut posting = Posting::default();
        let stored = std::mem::replace(&mut work.stored, store::Bytes::Known(types::RecordId(0)));
        if let store::Bytes::Known(record) = stored {
            posting.marks.push(store::Mark { record, sensitive: judged.sensitive });
        }
        if let Some(texts) = &judged.texts {
            // the mail is the first of the posting
            let of = if let store::Bytes::Known(record) = stored { TextsOf::Record(record) } else { TextsOf::Mail(0) };
            self.keep_with(&mut posting, of, &stored, texts).await;
        }
        let (tenant, summary) = (work.tenant, work.summary.clone());
        let mail = posting.mail(NewMail { tenant, bytes: stored, summary, sensitive: judged.sensitive });
        let state = if blocked { SubmissionState::Blocked } else { SubmissionState::Judged };
        let goes_now = judged.fates.iter().zip(&leaves).any(|(fate, leaves)| fate.goes() && leaves.is_none());
        let mut row = match release_at {
            Some(_) => work.waiting_row(mail, state, release_at),
            None => work.row(mail, state),
        };
        // of a mail under a long review the row is there, and says that its copy is owed
        let keeps_now = goes_now && work.known.is_none();
        row.keep_in_sent &= !keeps_now;
        row.verdict.clone_from(&judged.verdict);
        row.reply = Some(answer.reply());
        if blocked {
            let rules = judged.hits().iter().map(|hit| hit.code.clone()).collect();
            row.parcels.push(NewParcel::new(&self.exit, work.to.clone(), ParcelState::Blocked, None, rules));
            self.block(&mut posting, &work, &judged, mail).await?;
            self.hand_back(&mut posting, &work, mail);
        } else {
            let fates = judged.fates.iter().zip(&leaves).zip(ready);
            for (place, ((fate, leaves), ready)) in fates.enumerate() {
                row.parcels.push(self.parcel(&work, fate, *leaves, judged.sensitive));
                let parcel = parcel_ref(&work, place);
                if leaves.is_some() {
                    posting.trail.push(trail(submission_ref(&work), Some(parcel), work.at, "parcel.waiting", ""));
                } else {
                    self.fate(&mut posting, (&work, &judged), (fate, ready), parcel, mail).await?;
                }
            }
            match release_at {
                Some(_) => wait(&mut posting, &work, &leaves, keeps_now.then_some(mail)),
                None => part_with(&mut posting, &work, mail),
            }
        }
        self.audit(&mut posting, &work, &judged);
        self.enter_sent(&mut posting, &work, &judged, submission_ref(&work), (mail, outcome_word(&judged)));
        self.count_outward(&mut posting, &work, &judged, submission_ref(&work));
        let submission = match work.known {
            Some(id) => {
                posting.reviewed.push((id, row));
                Some(id)
            }
            None => {
                posting.submissions.push(row);
                None
            }
        };
        let posted = self.store.send(&self.exit, posting).await?;
        answer.submission = submission.or_else(|| posted.submissions.first().copied()).unwrap_or(SubmissionId(0));
        Ok(answer)
    }

    /// The parcel of a fate.
    fn parcel(&self, work: &Work, fate: &Fate, leaves: Option<Timestamp>, numbers: bool) -> NewParcel {
        let rules = fate.hits.iter().map(|hit| hit.code.clone()).collect();
        let treatment = fate.treatment.clone();
        let (state, approval) = match &fate.act {
            Act::Send | Act::Delay(_) if leaves.is_some() => {
                let parcel = NewParcel::new(&self.exit, fate.recipients.clone(), ParcelState::Waiting, None, rules);
                return parcel.telling(telling(fate)).leaving(leaves).treated(treatment);
            }
            Act::Send | Act::Delay(_) => (ParcelState::Released, None),
            Act::Delete => (ParcelState::Deleted, None),
            Act::Block => (ParcelState::Blocked, None),
            Act::Hold(terms) => {
                let approval = NewApproval {
                    approvers: self.approvers(work, terms, numbers).into_iter().map(Approver).collect(),
                    deadline: terms.deadline,
                    then: terms.then.clone(),
                    terms: terms.terms.clone(),
                    message: if is_own(work, terms) { reasons(&fate.hits) } else { reasons_for_approvers(&fate.hits) }
                        .join("\n"),
                };
                (ParcelState::Held, Some(approval))
            }
        };
        NewParcel::new(&self.exit, fate.recipients.clone(), state, approval, rules).treated(treatment)
    }

    /// Who may decide: as the rule says, without the author, since nobody approves his own mail; of a self review the
    /// author alone. Where it has none, those decide who do when the review itself failed.
    fn approvers(&self, work: &Work, terms: &HoldTerms, numbers: bool) -> Vec<UserId> {
        let directory = &self.store.directory();
        let asking = Asking { directory, tenant: work.tenant, author: work.author, numbers };
        match (terms.own, work.author) {
            (true, Some(author)) => vec![author],
            (true, None) => asking.approvers(&[KEEPERS.to_owned()], 1),
            (false, _) => asking.approvers(&terms.approvers, terms.terms.approvals as usize),
        }
    }

    async fn fate(
        &self,
        posting: &mut Posting,
        (work, judged): (&Work, &Judged),
        (fate, ready): (&Fate, Option<Ready>),
        parcel: ParcelRef,
        mail: usize,
    ) -> Result<(), OutboundError> {
        let submission = submission_ref(work);
        match &fate.act {
            Act::Send | Act::Delay(_) => {
                let released = released(work, judged, mail);
                // what goes now was made ready
                let ready = ready.ok_or(OutboundError::Broken)?;
                let part = Leaving { parcel, recipients: &fate.recipients, treatment: &fate.treatment, ready };
                posting.trail.push(trail(submission, Some(parcel), work.at, "parcel.released", ""));
                self.release(posting, &released, part).await?;
            }
            Act::Hold(terms) => self.hold(posting, work, judged, fate, parcel, terms).await?,
            Act::Delete => {
                let line = trail(submission, Some(parcel), work.at, "parcel.deleted", "");
                posting.trail.push(NewTrail { for_sender: false, ..line });
            }
            Act::Block => {}
        }
        self.notify(posting, work, judged, fate).await
    }

    async fn hold(
        &self,
        posting: &mut Posting,
        work: &Work,
        judged: &Judged,
        fate: &Fate,
        parcel: ParcelRef,
        terms: &HoldTerms,
    ) -> Result<(), OutboundError> {
        let approvers = self.approvers(work, terms, judged.sensitive);
        let timer = |kind, due| NewTimer { kind, parcel, due };
        posting.timers.push(timer(TimerKind::Deadline, terms.deadline));
        posting.timers.extend(terms.reminders.iter().map(|due| timer(TimerKind::Reminder, *due)));
        let event = if is_own(work, terms) { "parcel.to_confirm" } else { "parcel.held" };
        posting.trail.push(trail(submission_ref(work), Some(parcel), work.at, event, ""));
        let about = self.about(work, judged, &fate.recipients);
        let mut details = Details {
            reasons: reasons(&fate.hits),
            approvers: &approvers,
            deadline: Some(terms.deadline),
            then: &terms.then,
            ..Details::default()
        };
        if is_own(work, terms) {
            // automatic mail causes no other mail; its author finds it among what he sent
            let told = if work.origin == Origin::Author { approvers.as_slice() } else { &[] };
            return self.tell(posting, told, &about, &details, catalogue::to_confirm).await;
        }
        if work.origin == Origin::Author {
            self.tell(posting, work.author.as_slice(), &about, &details, catalogue::held).await?;
        }
        details.reasons = reasons_for_approvers(&fate.hits);
        let directory = &self.store.directory();
        let asking = Asking { directory, tenant: work.tenant, author: work.author, numbers: judged.sensitive };
        let deputies = asking.deputies(&approvers, work.at);
        self.ask(posting, (&approvers, &deputies), &about, details, catalogue::asked).await
    }

    pub(crate) async fn notify(
        &self,
        posting: &mut Posting,
        work: &Work,
        judged: &Judged,
        fate: &Fate,
    ) -> Result<(), OutboundError> {
        if fate.notify.is_empty() {
            return Ok(());
        }
        let told = people(&self.store.directory(), work.tenant, work.author, &fate.notify);
        let about = self.about(work, judged, &fate.recipients);
        let details = Details { reasons: reasons_for_approvers(&fate.hits), ..Details::default() };
        self.tell(posting, &told, &about, &details, catalogue::notified).await
    }

    pub(crate) fn about<'a>(&self, work: &'a Work, judged: &'a Judged, recipients: &'a [types::Address]) -> About<'a> {
        About {
            author: work.author,
            from: work.from.as_ref(),
            recipients,
            reference: work.reference,
            subject: &judged.subject,
            places_ja: &judged.places.ja,
            places_en: &judged.places.en,
            at: work.at,
        }
    }

    /// One audit row per submission that a rule touched.
    fn audit(&self, posting: &mut Posting, work: &Work, judged: &Judged) {
        let codes: Vec<&str> = judged.hits().iter().map(|hit| hit.code.as_str()).collect();
        let recorded: Vec<&String> = judged.recorded.iter().filter(|code| !codes.contains(&code.as_str())).collect();
        if codes.is_empty() && recorded.is_empty() {
            return;
        }
        posting.audit.push(NewAudit {
            tenant: Some(work.tenant),
            actor: work.author,
            at: work.at,
            event: "submission.judged",
            subject: work.reference.to_string(),
            detail: serde_json::json!({ "rules": codes, "recorded": recorded, "outcome": outcome_word(judged) })
                .to_string(),
        });
    }
}

fn outcome(judged: &Judged) -> Outcome {
    if judged.blocked() {
        return Outcome::Blocked(judged.block_lines.clone());
    }
    let held = |own: bool| judged.fates.iter().any(|fate| matches!(&fate.act, Act::Hold(terms) if terms.own == own));
    match (held(false), held(true)) {
        (true, _) => Outcome::Held,
        (false, true) => Outcome::ToConfirm,
        (false, false) => Outcome::Sent,
    }
}

/// What records say became of it. The answer to a sender says nothing of what a rule discards, records do.
fn outcome_word(judged: &Judged) -> &'static str {
    let deleted = judged.fates.iter().filter(|fate| fate.act == Act::Delete).count();
    match outcome(judged) {
        Outcome::Blocked(_) => "blocked",
        Outcome::Held => "held",
        Outcome::ToConfirm => "to_confirm",
        Outcome::Sent | Outcome::UnderReview if deleted == 0 => "sent",
        Outcome::Sent | Outcome::UnderReview if deleted == judged.fates.len() => "deleted",
        Outcome::Sent | Outcome::UnderReview => "deleted_in_part",
    }
}

/// Whom a fate's notice goes to when its mail goes.
fn telling(fate: &Fate) -> Option<Telling> {
    let (people, reasons) = (fate.notify.clone(), reasons_for_approvers(&fate.hits));
    (!people.is_empty()).then_some(Telling { people, reasons })
}

/// What waits for the same moment goes together; the draft waits beside it. `keeps`: a part has gone, so that the copy
/// of this mail goes to Sent now.
fn wait(posting: &mut Posting, work: &Work, leaves: &[Option<Timestamp>], keeps: Option<usize>) {
    let mut moments: Vec<Timestamp> = Vec::new();
    for (place, due) in leaves.iter().enumerate().filter_map(|(place, due)| Some((place, (*due)?))) {
        if !moments.contains(&due) {
            moments.push(due);
            posting.timers.push(NewTimer { kind: TimerKind::Release, parcel: parcel_ref(work, place), due });
        }
    }
    if let (Some(mail), true, Some(author)) = (keeps, work.keep_in_sent, work.author) {
        posting.copies.push(sent_copy(author, mail, work.at));
    }
    if work.known.is_none() {
        posting.drafts.extend(work.draft_step(DraftStep::Leave));
    }
}

/// Nothing of it waits: its copy goes to Sent, its draft ends.
fn part_with(posting: &mut Posting, work: &Work, mail: usize) {
    if let (true, Some(author)) = (work.keep_in_sent, work.author) {
        posting.copies.push(sent_copy(author, mail, work.at));
    }
    posting.drafts.extend(work.draft_step(DraftStep::Send));
}

pub(crate) fn submission_ref(work: &Work) -> SubmissionRef {
    work.known.map_or(SubmissionRef::New(0), SubmissionRef::Known)
}

/// The mail under work, which stands at this place of the posting.
pub(crate) fn released<'a>(work: &'a Work, judged: &Judged, mail: usize) -> Released<'a> {
    Released {
        mail,
        submission: submission_ref(work),
        reference: work.reference,
        tenant: work.tenant,
        author: work.author,
        from: work.from.as_ref(),
        trace: &work.trace,
        cuts: &work.cuts,
        bytes: &work.bytes,
        summary: &work.summary,
        sensitive: judged.sensitive,
        origin: work.origin,
        names: &work.names,
        at: work.at,
    }
}

pub(crate) fn parcel_ref(work: &Work, place: usize) -> ParcelRef {
    if work.known.is_some() { ParcelRef::Reviewed(0, place) } else { ParcelRef::New(0, place) }
}

/// The author's copy of what he sent from the browser.
pub(crate) fn sent_copy(author: UserId, mail: usize, at: Timestamp) -> NewCopy {
    NewCopy {
        mail,
        owner: author,
        folder: Folder::Role(MailboxRole::Sent),
        flags: Flags::system(SystemFlags::SEEN),
        internal_date: at,
        saved: at,
        prefix: Vec::new(),
        cuts: Vec::new(),
        recipient: None,
    }
}

/// Whether its own author decides: a self review of mail that has one. What is forwarded from outside has none, and goes to
/// the handlers as any hold does.
fn is_own(work: &Work, terms: &HoldTerms) -> bool {
    terms.own && work.author.is_some()
}
