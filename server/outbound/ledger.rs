//! Lines of the ledger of specified personal information that a review causes: for mail in which My Numbers of level
//! likely or above were found, and for mail with pictures of such documents by the words of a rule.

use inspect::Seen;
use inspect::detect::Level;
use inspect::review::{Judgement, Outcome, RuleSet};
use store::{Directory, LedgerKind, NewLedgerLine, Posting, StoreError, SubmissionRef, TextsOf};
use types::{Address, DocumentKind, Reference, TenantId, Timestamp};

use crate::Outbound;
use crate::documents::{documents, proposed_by};
use crate::facts::inside;
use crate::fates::Judged;
use crate::submit::Work;

/// What the ledger says of a mail's numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Numbers {
    /// Distinct ones of level certain.
    pub certain: u32,
    /// Distinct ones of level likely.
    pub likely: u32,
    /// Of all of them.
    pub fingerprints: Vec<String>,
    /// The subject without numbers.
    pub subject: String,
    /// Codes of the rules that matched.
    pub rules: Vec<String>,
    /// The kind that its names propose.
    pub documents: Option<DocumentKind>,
}

impl Outbound {
    /// What of the mail belongs into the ledger; `None`: nothing.
    ///
    /// # Errors
    /// The key of the fingerprints cannot be read.
    pub(crate) async fn numbers(
        &self,
        tenant: TenantId,
        seen: &Seen,
        rules: Option<&RuleSet>,
        judgement: Option<&Judgement>,
    ) -> Result<Option<Numbers>, StoreError> {
        let codes = judgement.map(matched).unwrap_or_default();
        let pictures = rules.is_some_and(|rules| codes.iter().any(|code| rules.asks_for_pictures(code)));
        if !seen.sensitive() && !pictures {
            return Ok(None);
        }
        let key = self.store.fingerprint_key(&self.exit, tenant).await?;
        let of_level = |level| seen.findings.iter().filter(move |finding| finding.level == level);
        let count = |level| u32::try_from(of_level(level).count()).unwrap_or(u32::MAX);
        let all = of_level(Level::Certain).chain(of_level(Level::Likely));
        Ok(Some(Numbers {
            certain: count(Level::Certain),
            likely: count(Level::Likely),
            fingerprints: all.map(|finding| finding.value.fingerprint(&key)).collect(),
            subject: seen.masked_subject.clone(),
            rules: codes,
            documents: self.proposed_kind(tenant, seen),
        }))
    }

    /// The kind of documents of a company that the subject and the files of a mail name.
    pub(crate) fn proposed_kind(&self, tenant: TenantId, seen: &Seen) -> Option<DocumentKind> {
        let directory = self.store.directory();
        let kinds = directory.tenants.get(&tenant).map(|tenant| tenant.policies.document_kinds.as_slice());
        proposed_by(kinds.unwrap_or_default(), seen).cloned()
    }

    /// Enters a mail that is sent, with what was decided.
    pub(crate) fn enter_sent(
        &self,
        posting: &mut Posting,
        work: &Work,
        judged: &Judged,
        submission: SubmissionRef,
        (mail, outcome): (usize, &str),
    ) {
        let Some(numbers) = &judged.numbers else { return };
        let directory = self.store.directory();
        // whom it reaches in the end: an address of a group here says nothing of who is in it
        let to: Vec<Address> = judged.fates.iter().flat_map(|fate| &fate.recipients).cloned().collect();
        let kind = kind_of_sent(&directory, work.tenant, &to);
        let line = line(numbers, TextsOf::Mail(mail), kind, (work.tenant, work.reference), work.at);
        posting.ledger.push(NewLedgerLine {
            submission: Some(submission),
            author: work.author,
            from: work.from.clone(),
            to,
            outcome: outcome.to_owned(),
            ..line
        });
    }
}

/// Whether what went to these stayed in the company.
pub(crate) fn kind_of_sent(directory: &Directory, tenant: TenantId, to: &[Address]) -> LedgerKind {
    let stays = to.iter().all(|address| inside(directory, tenant, address));
    if stays { LedgerKind::Inside } else { LedgerKind::Sent }
}

/// A line that says nothing yet of who.
pub(crate) fn line(
    numbers: &Numbers,
    of: TextsOf,
    kind: LedgerKind,
    (tenant, reference): (TenantId, Reference),
    at: Timestamp,
) -> NewLedgerLine {
    NewLedgerLine {
        of,
        tenant,
        at,
        kind,
        reference,
        submission: None,
        author: None,
        from: None,
        to: Vec::<Address>::new(),
        subject: numbers.subject.clone(),
        certain: numbers.certain,
        likely: numbers.likely,
        fingerprints: numbers.fingerprints.clone(),
        rules: numbers.rules.clone(),
        outcome: String::new(),
        documents: numbers.documents.as_ref().map(|kind| documents(kind, at, None, true)),
    }
}

/// The codes of the rules that matched for anyone, those that only write down too.
pub(crate) fn matched(judgement: &Judgement) -> Vec<String> {
    let mut codes: Vec<String> = Vec::new();
    for line in &judgement.trace {
        let counts = matches!(line.outcome, Outcome::Matched | Outcome::Recorded);
        if counts && !codes.contains(&line.code) {
            codes.push(line.code.clone());
        }
    }
    codes
}
