//! What becomes of a part that waited for its time and cannot be treated any more as rules demand: the page for recipients outside
//! was switched off, say. It is held for the handlers with the reason, or goes back to its author; it never keeps the rest waiting.

use store::{Approver, NewApproval, NewHold, NewTimer, ParcelRef, ParcelRow, ParcelState, Posting, TimerKind};
use types::Timestamp;

use super::decision;
use crate::act::trail;
use crate::approvers::Asking;
use crate::decide::draft_copy;
use crate::fates::HoldTerms;
use crate::notices::{About, Decider, Details};
use crate::release::Released;
use crate::rules::keepers_terms;
use crate::treat::{self, Untreatable};
use crate::{Outbound, OutboundError, catalogue};

impl Outbound {
    /// Adds what holds a part in place of its departure.
    ///
    /// # Errors
    /// A notice could not be sealed.
    pub(super) async fn hold_instead(
        &self,
        posting: &mut Posting,
        mail: &Released<'_>,
        part: &ParcelRow,
        why: Untreatable,
    ) -> Result<(), OutboundError> {
        let (at, reason) = (mail.at, treat::hit(why).message);
        tracing::warn!(reference = %mail.reference, %why, "a mail that waited cannot be treated and is held");
        let (directory, terms) = (self.store.directory(), keepers_terms(at));
        let asking = Asking::about(&directory, &part.submission);
        let approvers = asking.approvers(&terms.approvers, 1);
        let subject = self.masked_subject(&part.submission).await?;
        let about = About {
            author: mail.author,
            from: mail.from,
            recipients: &part.recipients,
            reference: mail.reference,
            subject: &subject,
            places_ja: "",
            places_en: "",
            at,
        };
        if approvers.is_empty() || (why.is_beyond_approval() && mail.author.is_some()) {
            return self.give_back(posting, mail, part, (&about, why)).await;
        }
        posting.trail.push(trail(mail.submission, Some(ParcelRef::Known(part.id)), at, "parcel.held", &reason));
        timers(posting, part, &terms);
        let asked = approvers.iter().copied().map(Approver).collect();
        let HoldTerms { deadline, then, terms, .. } = terms;
        let (reasons, told) = (vec![reason.clone()], then.clone());
        let approval = NewApproval { approvers: asked, deadline, then, message: reason, terms };
        posting.holds.push(NewHold { parcel: part.id, approval, code: treat::CODE });
        let details =
            Details { reasons, approvers: &approvers, deadline: Some(deadline), then: &told, ..Details::default() };
        self.tell(posting, mail.author.as_slice(), &about, &details, catalogue::held).await?;
        let deputies = asking.deputies(&approvers, at);
        self.ask(posting, (&approvers, &deputies), &about, details, catalogue::asked).await
    }

    /// Nobody is left who could be asked, or nobody's word would help.
    async fn give_back(
        &self,
        posting: &mut Posting,
        mail: &Released<'_>,
        part: &ParcelRow,
        (about, why): (&About<'_>, Untreatable),
    ) -> Result<(), OutboundError> {
        let reason = why.told(self.language_of(mail.author));
        let known = ParcelRef::Known(part.id);
        posting.trail.push(trail(mail.submission, Some(known), mail.at, "parcel.returned", reason));
        posting.decisions.push(decision(part, ParcelState::Returned, None, mail.at));
        posting.copies.extend(mail.author.map(|author| draft_copy(author, mail.mail, mail.at)));
        let details = Details { by: Decider::System, comment: reason, ..Details::default() };
        self.tell(posting, mail.author.as_slice(), about, &details, catalogue::returned).await
    }
}

fn timers(posting: &mut Posting, part: &ParcelRow, terms: &HoldTerms) {
    let timer = |kind, due: Timestamp| NewTimer { kind, parcel: ParcelRef::Known(part.id), due };
    posting.timers.push(timer(TimerKind::Deadline, terms.deadline));
    posting.timers.extend(terms.reminders.iter().map(|due| timer(TimerKind::Reminder, *due)));
}
