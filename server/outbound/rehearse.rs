//! Mail of the past under other rules: what they would do with what was sent, by the engine that decides. Nothing is
//! written and nobody is told. To whom mail went before is known as of today, not as of then.

use inspect::review::{self, Judgement, RuleSet, Verdict};
use store::{Access, Manage, Sending, Tenancy};
use types::{Reference, Timestamp};

use crate::preview::Question;
use crate::{Outbound, OutboundError};

/// What rules would do with one mail. Holds nothing of what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rehearsed {
    /// The mail.
    pub reference: Reference,
    /// When it was sent.
    pub at: Timestamp,
    /// The strictest action; of a review that failed, hold.
    pub verdict: Verdict,
    /// The codes of the rules that would act.
    pub rules: Vec<String>,
}

impl Outbound {
    /// Asks `rules` about a mail that the company has sent.
    ///
    /// # Errors
    /// [`OutboundError::NoSuchParcel`] for another company's; its bytes could not be read.
    pub async fn rehearse(
        &self,
        access: &Access<Tenancy, Manage>,
        rules: &RuleSet,
        sending: &Sending,
    ) -> Result<Rehearsed, OutboundError> {
        let submission = &sending.submission;
        if submission.tenant != access.what().0 {
            return Err(OutboundError::NoSuchParcel);
        }
        let bytes = self.store.read_for_sending(&self.exit, submission.record, 0..submission.record_size).await?;
        let seen = self.inspected_record(&submission.into(), submission.record, bytes).await;
        let question = Question {
            tenant: submission.tenant,
            author: submission.author,
            origin: submission.origin,
            from: submission.from.clone(),
            to: submission.to.clone(),
            at: submission.at,
            safeguard: submission.safeguard,
        };
        let judgement = match seen {
            Some(seen) => self.judgement_by(rules, &question, &seen).await,
            None => None,
        };
        let (verdict, rules) = judgement.map_or_else(|| (Verdict::Hold, Vec::new()), |judgement| summed(&judgement));
        Ok(Rehearsed { reference: submission.reference, at: submission.at, verdict, rules })
    }

    /// What `rules` say about what was seen, for each final recipient; `None`: what they ask for cannot be read.
    pub(crate) async fn judgement_by(
        &self,
        rules: &RuleSet,
        question: &Question,
        seen: &inspect::Seen,
    ) -> Option<Judgement> {
        let facts = self.facts(&self.store.directory(), rules, question, seen).await;
        let facts = facts.inspect_err(|error| tracing::error!(%error, "whom the author wrote to is not known")).ok()?;
        Some(review::judge(rules, &facts))
    }
}

/// The strictest action over all recipients, and the rules that act, each once.
fn summed(judgement: &Judgement) -> (Verdict, Vec<String>) {
    let verdict = judgement.recipients.iter().map(|one| one.verdict).max().unwrap_or(Verdict::Pass);
    let acting = judgement
        .trace
        .iter()
        .filter(|line| matches!(line.outcome, review::Outcome::Matched | review::Outcome::Recorded));
    let mut codes: Vec<String> = acting.map(|line| line.code.clone()).collect();
    codes.dedup();
    (verdict, codes)
}
