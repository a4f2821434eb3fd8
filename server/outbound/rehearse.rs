//! Mail of the past under other rules: what they would do with what was sent, by the engine that decides. Nothing is
//! written and nobody is told. To whom mail went before is known as of today, not as of then.

use std::sync::Arc;

use inspect::review::{self, Judgement, RecipientVerdict, RuleSet, Verdict};
use store::{Access, Manage, Sending, Tenancy};
use types::{Reference, Timestamp};

use crate::preview::Question;
use crate::{Outbound, OutboundError, treat};

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
        let bytes = Arc::new(bytes);
        let seen = self.inspected_record(&submission.into(), submission.record, bytes.to_vec()).await;
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
        let (verdict, rules) = match judgement {
            Some(judgement) => self.summed(&question, &judgement, &bytes).await?,
            None => (Verdict::Hold, Vec::new()),
        };
        Ok(Rehearsed { reference: submission.reference, at: submission.at, verdict, rules })
    }

    /// The strictest action over all recipients with the rules that act, and what cannot be done as they demand.
    async fn summed(
        &self,
        question: &Question,
        judgement: &Judgement,
        bytes: &Arc<Vec<u8>>,
    ) -> Result<(Verdict, Vec<String>), OutboundError> {
        let (mut verdict, mut rules) = summed(judgement);
        if judgement.recipients.iter().any(|one| one.fate == Verdict::Block) {
            return Ok((verdict, rules));
        }
        let leaves = |one: &RecipientVerdict| (one.fate < Verdict::Block).then(|| one.treatment.clone());
        let treatments = judgement.recipients.iter().map(leaves).collect();
        let failing = self.untreatable(treatments, question.author, bytes).await?;
        if failing.iter().any(Option::is_some) {
            verdict = verdict.max(Verdict::Hold);
            rules.push(treat::CODE.to_owned());
        }
        Ok((verdict, rules))
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

#[cfg(test)]
mod tests {
    use types::{Domain, PolicyChange, Safeguard};

    use super::*;
    use crate::Outcome;
    use crate::tests::{NOW, Stage, with_picture};

    /// Choice and policy were read and left out.
    #[tokio::test]
    async fn a_rehearsal_says_what_delivery_did_by_choice_by_policy_and_of_what_could_not_be_done() {
        let stage = Stage::set().await;
        let tenant = stage.house.tenant;
        let partner = PolicyChange::Partner(Domain::parse("zip.example").unwrap(), Some(Safeguard::Zip));
        let change = store::Change::ChangePolicies { tenant, changes: vec![partner] };
        stage.house.engine.change_directory(change, None, NOW).await.unwrap();
        let manage: Access<Tenancy, Manage> = stage.authority.grant(Tenancy(tenant), None, 0);
        let none = RuleSet::parse("").unwrap();
        for (kind, to, chosen, outcome, verdict) in [
            ("mixed", "a@other.example", None, Outcome::Sent, Verdict::Pass),
            ("mixed", "a@zip.example", None, Outcome::Sent, Verdict::Encrypt),
            ("related", "a@zip.example", None, Outcome::Sent, Verdict::Pass),
            ("related", "a@zip.example", Some(Safeguard::Zip), Outcome::Sent, Verdict::Encrypt),
            // no page serves links
            ("mixed", "a@other.example", Some(Safeguard::Link), Outcome::Held, Verdict::Hold),
        ] {
            let sent = stage.send_bytes(&with_picture(kind), &[to], chosen).await;
            assert_eq!(sent.outcome, outcome, "{kind} {to} {chosen:?}");
            let own = stage.store.own_sendings(&stage.taro().reading(), None, 9).await.unwrap();
            let sending = own.iter().find(|one| one.submission.reference == sent.reference).unwrap();
            let rehearsed = stage.outbound.rehearse(&manage, &none, sending).await.unwrap();
            assert_eq!(rehearsed.verdict, verdict, "{kind} {to} {chosen:?}");
            assert_eq!(rehearsed.rules.contains(&treat::CODE.to_owned()), verdict == Verdict::Hold);
        }
    }
}
