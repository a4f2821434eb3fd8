//! Mail that its author can still take back: when its time has come it goes, whole and once; until then he gets it
//! back as the draft that it was. What rules put off goes later than the rest. The parcels that wait, the draft and the
//! timers are rows, so neither a closed tab nor a restart stops or loses it.

use std::time::Duration;

use store::{
    Bytes, Decision, DraftChange, DraftStep, NewMail, ParcelRef, ParcelRow, ParcelState, Posting, StoreError,
    SubmissionRef, SubmissionRow, Telling, Timer,
};
use types::{DraftId, Reference, Timestamp, UserId};

use crate::act::{sent_copy, trail};
use crate::catalogue;
use crate::decide::draft_copy;
use crate::fates::people;
use crate::notices::{About, Details};
use crate::release::Stored;
use crate::submit::Work;
use crate::{Outbound, OutboundError};

mod held;

/// So often a mail is looked at anew when somebody decided on a part of it meanwhile.
const TRIES: usize = 4;

/// A mail that was taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recalled {
    /// The draft that is there again; `None`: it lies in Drafts only.
    pub draft: Option<DraftId>,
    /// A part of it was approved and sent before: only the rest came back.
    pub partly: bool,
}

impl Work {
    /// Until when its author can take it back, seen from `now`; `None`: it goes at once. A long review counts.
    pub fn release_at(&self, now: Timestamp) -> Option<Timestamp> {
        match self.known {
            Some(_) => self.release_at.filter(|at| *at > now),
            None => until(now, self.undo_for),
        }
    }
}

/// The moment at which `span` has passed; `None` when there is nothing to wait for.
pub(crate) fn until(now: Timestamp, span: Duration) -> Option<Timestamp> {
    (!span.is_zero()).then(|| now.after(span))
}

impl Outbound {
    /// A moment of a mail has come: all of it that waited until now goes in one posting, unless its author was first. What cannot be
    /// treated as rules demand is held in the same posting, and stops nothing else.
    ///
    /// # Errors
    /// The store failed; nothing has left.
    pub(crate) async fn let_go(&self, timer: &Timer) -> Result<(), OutboundError> {
        let at = self.clock.now();
        let all = self.store.parcels(&self.exit, timer.submission).await?;
        // the first departure keeps the copy of the whole, the last ends its draft
        let begins = all.iter().filter_map(leaves).min();
        let waiting: Vec<&ParcelRow> = all.iter().filter(|parcel| parcel.state == ParcelState::Waiting).collect();
        let parcels: Vec<&ParcelRow> =
            waiting.iter().copied().filter(|parcel| leaves(parcel).is_none_or(|due| due <= at)).collect();
        let Some(first) = waiting.first() else { return self.drop_timer(timer.id).await };
        if parcels.is_empty() {
            return Ok(());
        }
        let stored = self.stored(&first.submission).await?;
        let mut posting = Posting { timers_done: vec![timer.id], ..Posting::default() };
        let mail = known_mail(&mut posting, stored.submission);
        let released = stored.released(mail, at);
        let mut gone = Vec::with_capacity(parcels.len());
        for parcel in &parcels {
            let part = match self.leaving(parcel, &released).await {
                Ok(part) => part,
                Err(OutboundError::Untreatable(why)) => {
                    self.hold_instead(&mut posting, &released, parcel, why).await?;
                    continue;
                }
                Err(error) => return Err(error),
            };
            posting.trail.push(trail(released.submission, Some(part.parcel), at, "parcel.released", ""));
            self.release(&mut posting, &released, part).await?;
            posting.decisions.push(decision(parcel, ParcelState::Released, None, at));
            gone.push(*parcel);
        }
        self.tell_at_last(&mut posting, &stored, &gone, at).await?;
        let first_of_all = parcels.iter().any(|parcel| leaves(parcel) == begins);
        self.part_with(&mut posting, stored.submission, mail, at, (first_of_all, parcels.len() == waiting.len()));
        match self.store.send(&self.exit, posting).await {
            // the timer stays until nothing waits any more: it is what brings a mail on its way
            Err(StoreError::Decided(_)) => Ok(()),
            other => Ok(other.map(drop)?),
        }
    }

    /// Takes back what has not gone of `by`'s mail: what waits, and with it what is held. It is his draft again, with
    /// files and Bcc.
    ///
    /// # Errors
    /// [`OutboundError::NoSuchParcel`], also for another's; [`StoreError::Decided`] when nothing of it waits any more.
    pub async fn recall(&self, reference: Reference, by: UserId) -> Result<Recalled, OutboundError> {
        for _ in 0..TRIES {
            let found = self.store.submission_called(&self.exit, reference).await?;
            let found = found.filter(|(submission, _)| submission.author == Some(by));
            let (submission, parcels) = found.ok_or(OutboundError::NoSuchParcel)?;
            if !parcels.iter().any(|parcel| parcel.state == ParcelState::Waiting) {
                break;
            }
            let partly = parcels.iter().any(|parcel| parcel.state == ParcelState::Released);
            let posting = self.recalling(&submission, &parcels, by);
            match self.store.send(&self.exit, posting).await {
                Ok(_) => return Ok(Recalled { draft: submission.draft, partly }),
                Err(StoreError::Decided(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Decided(ParcelState::Released.word().to_owned()).into())
    }

    fn recalling(&self, submission: &SubmissionRow, parcels: &[ParcelRow], by: UserId) -> Posting {
        let at = self.clock.now();
        let mut posting = Posting::default();
        for parcel in parcels {
            let event = match parcel.state {
                ParcelState::Waiting => "parcel.recalled",
                ParcelState::Held => "parcel.withdrawn",
                _ => continue,
            };
            let known = (SubmissionRef::Known(submission.id), ParcelRef::Known(parcel.id));
            posting.trail.push(trail(known.0, Some(known.1), at, event, ""));
            posting.decisions.push(decision(parcel, ParcelState::Withdrawn, Some(by), at));
        }
        posting.audited(submission.tenant, Some(by), at, "submission.recalled", &submission.reference);
        let mail = known_mail(&mut posting, submission);
        posting.copies.push(draft_copy(by, mail, at));
        let came_back = |draft| DraftChange { user: by, draft, version: None, step: DraftStep::ComeBack(0), at };
        posting.drafts.extend(submission.draft.map(came_back));
        posting
    }

    /// What stayed with the author while his mail waited: with the first of it its copy goes to Sent, with the last its
    /// draft ends.
    fn part_with(
        &self,
        posting: &mut Posting,
        submission: &SubmissionRow,
        mail: usize,
        at: Timestamp,
        (first, last): (bool, bool),
    ) {
        let directory = self.store.directory();
        let Some(author) = submission.author.filter(|id| directory.users.contains_key(id)) else { return };
        if first && submission.keep_in_sent {
            posting.copies.push(sent_copy(author, mail, at));
        }
        let sent = |draft| DraftChange { user: author, draft, version: None, step: DraftStep::Send, at };
        posting.drafts.extend(submission.draft.filter(|_| last).map(sent));
    }

    /// Those whom rules name are told when the mail goes: of one that was taken back nobody hears.
    async fn tell_at_last(
        &self,
        posting: &mut Posting,
        stored: &Stored<'_>,
        parcels: &[&ParcelRow],
        at: Timestamp,
    ) -> Result<(), OutboundError> {
        let told: Vec<(&ParcelRow, &Telling)> =
            parcels.iter().filter_map(|parcel| Some((*parcel, parcel.telling.as_ref()?))).collect();
        if told.is_empty() {
            return Ok(());
        }
        let seen =
            self.inspected_record(&stored.submission.into(), stored.submission.record, stored.bytes.to_vec()).await;
        let places = seen.as_ref().map(|seen| seen.places()).unwrap_or_default();
        let submission = stored.submission;
        for (parcel, telling) in told {
            let about = About {
                author: submission.author,
                from: submission.from.as_ref(),
                recipients: &parcel.recipients,
                reference: submission.reference,
                subject: seen.as_ref().map(|seen| seen.masked_subject.as_str()).unwrap_or_default(),
                places_ja: &places.ja,
                places_en: &places.en,
                at,
            };
            let whom = people(&self.store.directory(), submission.tenant, submission.author, &telling.people);
            let details = Details { reasons: telling.reasons.clone(), ..Details::default() };
            self.tell(posting, &whom, &about, &details, catalogue::notified).await?;
        }
        Ok(())
    }
}

/// The stored mail of a submission as a mail of the posting.
pub(crate) fn known_mail(posting: &mut Posting, submission: &SubmissionRow) -> usize {
    let (tenant, sensitive) = (submission.tenant, submission.sensitive);
    posting.mail(NewMail { tenant, bytes: Bytes::Known(submission.record), summary: Vec::new(), sensitive })
}

/// When a parcel goes or went that waits or waited; those of earlier versions at the moment of their submission.
fn leaves(parcel: &ParcelRow) -> Option<Timestamp> {
    parcel.release_at.or(parcel.submission.release_at.filter(|_| parcel.state == ParcelState::Waiting))
}

fn decision(parcel: &ParcelRow, to: ParcelState, by: Option<UserId>, at: Timestamp) -> Decision {
    Decision { parcel: parcel.id, expect: parcel.state, to, by, by_deadline: false, comment: String::new(), at }
}

#[cfg(test)]
mod tests;
