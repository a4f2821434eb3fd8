//! A deadline that asks others: the next approvers, with a deadline of their own, once; after that the mail returns.

use inspect::review::calendar;
use store::{Approver, Escalation, Held, NewAudit, NewTimer, ParcelRef, Posting, SubmissionRef, TimerKind};
use types::{TimerId, UserId};

use crate::act::trail;
use crate::approvers::Asking;
use crate::notices::{About, Details};
use crate::{Outbound, OutboundError, catalogue, rules};

/// What happens when those do not decide either.
const THEN: &str = "return";

impl Outbound {
    /// Asks the next approvers of a held mail whose deadline has come. `false`: there is nobody who was not asked before.
    ///
    /// # Errors
    /// [`store::StoreError::Decided`], [`store::StoreError::Conflict`]: somebody or another timer was first.
    pub(crate) async fn escalate(&self, held: &Held, timer: TimerId) -> Result<bool, OutboundError> {
        let (submission, terms, at) = (&held.parcel.submission, &held.terms, self.clock.now());
        let directory = &self.store.directory();
        let asking = Asking::about(directory, submission);
        let asked: Vec<UserId> = held.approvers.iter().map(|approver| approver.0).collect();
        let mut next = match terms.escalate_to.as_slice() {
            [] => asking.supervisors(&asked, 1),
            words => asking.approvers(words, 1),
        };
        next.retain(|id| !asked.contains(id));
        if next.is_empty() {
            return Ok(false);
        }
        let calendar = rules::calendar(terms);
        let deadline = calendar::deadline(at, terms.hours, calendar);
        let parcel = ParcelRef::Known(held.parcel.id);
        let timer_at = |kind, due| NewTimer { kind, parcel, due };
        let mut posting = Posting { timers_done: vec![timer], ..Posting::default() };
        posting.timers.push(timer_at(TimerKind::Deadline, deadline));
        let reminders = calendar::reminders(at, deadline, calendar);
        posting.timers.extend(reminders.into_iter().map(|due| timer_at(TimerKind::Reminder, due)));
        posting.escalations.push(Escalation {
            parcel: held.parcel.id,
            expect: held.deadline,
            // who was asked first may still decide
            approvers: asked.iter().chain(&next).copied().map(Approver).collect(),
            deadline,
            then: THEN.to_owned(),
        });
        let event = "parcel.escalated";
        posting.trail.push(trail(SubmissionRef::Known(submission.id), Some(parcel), at, event, ""));
        let addresses: Vec<String> =
            next.iter().filter_map(|id| directory.users.get(id)).map(|user| user.address.to_string()).collect();
        posting.audit.push(NewAudit {
            tenant: Some(submission.tenant),
            actor: None,
            at,
            event,
            subject: submission.reference.to_string(),
            detail: serde_json::json!({ "asked": addresses }).to_string(),
        });
        let about = About {
            author: submission.author,
            from: submission.from.as_ref(),
            recipients: &held.parcel.recipients,
            reference: submission.reference,
            subject: "",
            places_ja: "",
            places_en: "",
            at,
        };
        let reasons = held.message.lines().map(str::to_owned).collect();
        let details = Details { reasons, approvers: &next, deadline: Some(deadline), then: THEN, ..Details::default() };
        let deputies = asking.deputies(&next, at);
        self.ask(&mut posting, (&next, &deputies), &about, details, catalogue::asked).await?;
        self.store.send(&self.exit, posting).await?;
        Ok(true)
    }
}
