//! Mail of the past under other rules: what they would do with what was sent, or say of what came in, by the engine that
//! decides. Nothing is written and nobody is told. To whom mail went before is known as of today, not as of then.

use std::sync::Arc;

use inspect::review::{self, Judgement, RecipientVerdict, RuleSet, Verdict};
use store::{Access, JournalRow, Manage, Sending, StoreError, Tenancy};
use types::{RecordId, Reference};

use crate::passwords::Parties;
use crate::preview::Question;
use crate::{Outbound, OutboundError, treat};

/// A mail of the past.
#[derive(Debug, Clone, Copy)]
pub enum Past<'a> {
    /// It was sent.
    Sent(&'a Sending),
    /// It came in: an entry of the journal of the company that asks.
    Arrived(&'a JournalRow),
}

/// What rules would do with one mail. Holds nothing of what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rehearsed {
    /// What was sent has one.
    pub reference: Option<Reference>,
    /// The strictest action; of a review that failed, hold.
    pub verdict: Verdict,
    /// The codes of the rules that would act.
    pub rules: Vec<String>,
}

impl Outbound {
    /// Asks `rules` about a mail of the company; `None`: it cannot be read any more, as one that was disposed of.
    ///
    /// # Errors
    /// [`OutboundError::NoSuchParcel`] for what another company sent or got; the store failed.
    pub async fn rehearse(
        &self,
        access: &Access<Tenancy, Manage>,
        rules: &Arc<RuleSet>,
        past: Past<'_>,
    ) -> Result<Option<Rehearsed>, OutboundError> {
        match past {
            Past::Sent(sending) => self.rehearse_sent(access, rules, sending).await,
            Past::Arrived(row) => self.rehearse_arrived(access, rules, row).await,
        }
    }

    async fn rehearse_sent(
        &self,
        access: &Access<Tenancy, Manage>,
        rules: &RuleSet,
        sending: &Sending,
    ) -> Result<Option<Rehearsed>, OutboundError> {
        let submission = &sending.submission;
        if submission.tenant != access.what().0 {
            return Err(OutboundError::NoSuchParcel);
        }
        let Some(bytes) = self.left_of(submission.record, submission.record_size).await? else { return Ok(None) };
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
        Ok(Some(Rehearsed { reference: Some(submission.reference), verdict, rules }))
    }

    /// What came in is never stopped: the verdict is what the rules ask for.
    async fn rehearse_arrived(
        &self,
        access: &Access<Tenancy, Manage>,
        rules: &Arc<RuleSet>,
        row: &JournalRow,
    ) -> Result<Option<Rehearsed>, OutboundError> {
        let tenant = access.what().0;
        if row.tenant != tenant {
            return Err(OutboundError::NoSuchParcel);
        }
        let Some(bytes) = self.left_of(row.record, row.record_size).await? else { return Ok(None) };
        let parties = Parties { tenant, from: row.envelope.from.clone(), to: row.envelope.to.clone() };
        let judgement = match self.inspected_record(&parties, row.record, bytes).await {
            Some(seen) => self.judgement_of_arrival_by(rules.clone(), tenant, row, &seen).await,
            None => None,
        };
        // of a review that failed the handlers are told
        let (verdict, rules) = judgement.as_ref().map_or((Verdict::Notify, Vec::new()), summed);
        Ok(Some(Rehearsed { reference: None, verdict, rules }))
    }

    /// The bytes of a mail; `None` where it was disposed of or is damaged.
    async fn left_of(&self, record: RecordId, size: u64) -> Result<Option<Vec<u8>>, StoreError> {
        match self.store.read_for_sending(&self.exit, record, 0..size).await {
            Ok(bytes) => Ok(Some(bytes)),
            Err(StoreError::NotFound(_)) => Ok(None),
            Err(error @ StoreError::Damaged(_)) => {
                tracing::warn!(%error, "rules cannot be tried on a mail");
                Ok(None)
            }
            Err(error) => Err(error),
        }
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

    #[tokio::test]
    async fn what_came_in_is_asked_about_too_and_of_what_is_gone_nothing_is_said() {
        let stage = Stage::set().await;
        let tenant = stage.house.tenant;
        stage.house.deliver().await;
        let manage: Access<Tenancy, Manage> = stage.authority.grant(Tenancy(tenant), None, 0);
        let rule = |direction: &str| {
            let head = format!("[[rule]]\ncode = \"WORD\"\nname = \"word\"\ndirection = \"{direction}\"\n");
            let rest = "when = { size = { min_kb = 0 } }\naction = { hold = { approvers = [\"supervisor\"] } }\n";
            Arc::new(RuleSet::parse(&format!("{head}{rest}")).unwrap())
        };
        let row = stage.house.engine.arrivals_before(tenant, None, 9).await.unwrap().remove(0);
        let said = async |direction, row| {
            let said = stage.outbound.rehearse(&manage, &rule(direction), Past::Arrived(row)).await.unwrap();
            said.map(|said| (said.reference, said.verdict, said.rules))
        };
        assert_eq!(said("in", &row).await, Some((None, Verdict::Hold, vec!["WORD".to_owned()])));
        assert_eq!(said("out", &row).await, Some((None, Verdict::Pass, Vec::new())));
        assert_eq!(said("in", &JournalRow { record: RecordId(i64::MAX), ..row.clone() }).await, None);
        let foreign = JournalRow { tenant: types::TenantId(i64::MAX), ..row.clone() };
        let asked = stage.outbound.rehearse(&manage, &rule("in"), Past::Arrived(&foreign)).await;
        assert!(matches!(asked, Err(OutboundError::NoSuchParcel)), "another company's journal: {asked:?}");
    }

    /// Choice and policy were read and left out.
    #[tokio::test]
    async fn a_rehearsal_says_what_delivery_did_by_choice_by_policy_and_of_what_could_not_be_done() {
        let stage = Stage::set().await;
        let tenant = stage.house.tenant;
        let partner = PolicyChange::Partner(Domain::parse("zip.example").unwrap(), Some(Safeguard::Zip));
        let change = store::Change::ChangePolicies { tenant, changes: vec![partner] };
        stage.house.engine.change_directory(change, None, NOW).await.unwrap();
        let manage: Access<Tenancy, Manage> = stage.authority.grant(Tenancy(tenant), None, 0);
        let none = Arc::new(RuleSet::parse("").unwrap());
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
            let rehearsed = stage.outbound.rehearse(&manage, &none, Past::Sent(sending)).await.unwrap().unwrap();
            assert_eq!(rehearsed.verdict, verdict, "{kind} {to} {chosen:?}");
            assert_eq!(rehearsed.rules.contains(&treat::CODE.to_owned()), verdict == Verdict::Hold);
        }
    }
}
