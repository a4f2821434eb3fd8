//! What the rules say of a mail that came in, and whom it is told.

use std::sync::Arc;

use inspect::review::{self, AuthorFact, Judgement, RecipientVerdict, RuleSet, Verdict};
use inspect::{Places, Seen};
use store::{JournalRow, LedgerKind, Mark, NewAudit, NewLedgerLine, Posting, TextsOf};
use types::{Address, Reference, TenantId, Treatment};

use crate::catalogue;
use crate::facts::{inside, recipients};
use crate::fates::{Act, Fate, add, groups_and_lists, people};
use crate::ledger::{Numbers, line, matched};
use crate::notices::{About, Details, reasons_for_approvers};
use crate::rules::{KEEPERS, hit};
use crate::{Outbound, OutboundError};

impl Outbound {
    /// What the tenant's rules say; `None`: they cannot be read.
    pub(crate) async fn judgement_of_arrival(
        &self,
        tenant: TenantId,
        row: &JournalRow,
        seen: &Arc<Seen>,
    ) -> Option<Judgement> {
        let rules = self.rules(&self.store.directory(), tenant)?;
        self.judgement_of_arrival_by(rules, tenant, row, seen).await
    }

    /// What these rules say; `None`: the judgement broke off.
    pub(crate) async fn judgement_of_arrival_by(
        &self,
        rules: Arc<RuleSet>,
        tenant: TenantId,
        row: &JournalRow,
        seen: &Arc<Seen>,
    ) -> Option<Judgement> {
        let directory = self.store.directory();
        let recipients = recipients(&directory, tenant, &received_by(&directory, tenant, &row.envelope.to));
        let author = row.envelope.from.as_ref().map(|from| {
            let (groups, lists) = groups_and_lists(&directory, tenant, &[from]).pop().unwrap_or_default();
            AuthorFact { address: Some(from.clone()), groups, lists, ..AuthorFact::default() }
        });
        let author = author.unwrap_or_default();
        let facts = seen.facts(author, recipients, |who| inside(&directory, tenant, who), row.at);
        // patterns over a long text take their time
        tokio::task::spawn_blocking(move || review::judge(&rules, &facts)).await.ok()
    }

    /// Enters a mail with My Numbers into the ledger, whatever the rules say of it.
    pub(crate) async fn enter_acquired(
        &self,
        posting: &mut Posting,
        (tenant, reference): (TenantId, Reference),
        row: &JournalRow,
        seen: &Seen,
        judgement: Option<&Judgement>,
    ) -> Result<(), OutboundError> {
        let directory = self.store.directory();
        let rules = self.rules(&directory, tenant);
        let found = self.numbers(tenant, seen, rules.as_deref(), judgement).await?;
        // what handlers asked for is kept as such whatever was found in it: a picture says nothing by itself
        let asked_for = || Numbers {
            subject: seen.masked_subject.clone(),
            rules: judgement.map(matched).unwrap_or_default(),
            documents: self.proposed_kind(tenant, seen),
            ..Numbers::default()
        };
        let Some(numbers) = found.or_else(|| row.collected.then(asked_for)) else { return Ok(()) };
        let line = line(&numbers, TextsOf::Record(row.record), LedgerKind::Acquired, (tenant, reference), row.at);
        let to = received_by(&directory, tenant, &row.envelope.to);
        posting.ledger.push(NewLedgerLine { from: row.envelope.from.clone(), to, ..line });
        Ok(())
    }

    /// Tells those whom the rules name, and writes down which matched.
    pub(crate) async fn tell_of_arrival(
        &self,
        posting: &mut Posting,
        (tenant, reference): (TenantId, Reference),
        row: &JournalRow,
        seen: &Seen,
        judgement: &Judgement,
    ) -> Result<(), OutboundError> {
        let rules = matched(judgement);
        if rules.is_empty() {
            return Ok(());
        }
        let verdicts = judgement.recipients.iter().map(|one| one.verdict);
        let not_done = verdicts.filter(|word| *word > Verdict::Notify).max();
        let recorded = judgement.trace.iter().filter(|line| line.outcome == review::Outcome::Recorded);
        let recorded: Vec<&str> = recorded.map(|line| line.code.as_str()).collect();
        let detail = serde_json::json!({
            "rules": rules, "recorded": recorded, "journal": row.seq, "not_done": not_done.map(Verdict::word)
        });
        posting.audit.push(audit(tenant, row, reference, "arrival.judged", &detail));
        let Places { ja, en, .. } = seen.places();
        for fate in fates(judgement) {
            let about = about(row, reference, &fate.recipients, (&ja, &en));
            let details = Details { reasons: reasons_for_approvers(&fate.hits), ..Details::default() };
            let told = people(&self.store.directory(), tenant, None, &fate.notify);
            self.tell(posting, &told, &about, &details, catalogue::arrived).await?;
        }
        Ok(())
    }

    /// The inspection itself failed: the handlers know, and nothing of the mail is quoted anywhere.
    pub(crate) async fn not_reviewed(
        &self,
        posting: &mut Posting,
        tenant: TenantId,
        row: &JournalRow,
        why: &str,
    ) -> Result<(), OutboundError> {
        tracing::error!(tenant.id = tenant.0, journal.seq = row.seq, why, "a mail that came in could not be reviewed");
        let reference = self.reference()?;
        posting.marks.push(Mark { record: row.record, sensitive: true });
        let detail = serde_json::json!({ "journal": row.seq });
        posting.audit.push(audit(tenant, row, reference, "arrival.not_reviewed", &detail));
        let directory = self.store.directory();
        let recipients = received_by(&directory, tenant, &row.envelope.to);
        let told = people(&directory, tenant, None, &[KEEPERS.to_owned()]);
        let about = about(row, reference, &recipients, ("", ""));
        self.tell(posting, &told, &about, &Details::default(), catalogue::not_reviewed).await
    }
}

/// The people of `tenant` who have got the mail. Who is elsewhere gets it by a submission, which is judged as such.
pub(crate) fn received_by(directory: &store::Directory, tenant: TenantId, to: &[Address]) -> Vec<Address> {
    let copies = delivery::expand(directory, to).copies.into_iter();
    copies.filter(|copy| copy.tenant == tenant).map(|copy| copy.address).collect()
}

/// Recipients about whom the same people are told the same.
fn fates(judgement: &Judgement) -> Vec<Fate> {
    let mut fates = Vec::new();
    for verdict in judgement.recipients.iter().filter(|one| !one.hits.is_empty()) {
        let hits = verdict.hits.iter().map(hit).collect();
        let fate = Fate::new(Act::Send, hits, told(verdict), Treatment::default());
        add(&mut fates, verdict.recipient.clone(), fate);
    }
    fates
}

/// Whom the rules name; where they would stop a mail that was not delivered yet, those who would have decided.
fn told(verdict: &RecipientVerdict) -> Vec<String> {
    let mut told = verdict.notify.clone();
    told.extend(verdict.hold.iter().flat_map(|hold| hold.approvers.iter().cloned()));
    if matches!(verdict.verdict, Verdict::Block | Verdict::Delete) {
        told.push(KEEPERS.to_owned());
    }
    told
}

fn about<'a>(
    row: &'a JournalRow,
    reference: Reference,
    recipients: &'a [Address],
    (places_ja, places_en): (&'a str, &'a str),
) -> About<'a> {
    let from = row.envelope.from.as_ref();
    About { author: None, from, recipients, reference, subject: "", places_ja, places_en, at: row.at }
}

fn audit(
    tenant: TenantId,
    row: &JournalRow,
    reference: Reference,
    event: &'static str,
    detail: &serde_json::Value,
) -> NewAudit {
    let (subject, detail) = (reference.to_string(), detail.to_string());
    NewAudit { tenant: Some(tenant), actor: None, at: row.at, event, subject, detail }
}
