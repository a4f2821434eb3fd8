//! What stands at the head of a mail that a rule for incoming mail or mail inside matched: the rule's words, for whoever has the
//! mail, by what was written down when it was reviewed. Nothing is judged anew: a rule that
//! did not match then labels nothing now; what it says, and whether it labels, is as the rules say today.

use std::collections::BTreeSet;

use serde::Deserialize;
use store::{Access, Account, Directory, LedgerKind, MessageRow, Read, ReviewedMail, StoreError};
use types::{Address, TenantId};

use crate::Outbound;
use crate::facts::inside;

/// What the reader of a mail is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReaderLabel {
    /// The mail is in the ledger for its numbers, or as pictures of identity documents.
    pub in_ledger: bool,
    /// The words of the rules; none where they say nothing.
    pub texts: Vec<String>,
}

/// The detail of `arrival.judged`.
#[derive(Deserialize)]
struct Arrived {
    #[serde(default)]
    rules: Vec<String>,
    /// Of these the ones in mode record; rows of earlier versions do not tell them.
    recorded: Option<Vec<String>>,
}

/// The judgement of what was sent; without a trace where the review failed.
#[derive(Deserialize)]
struct Sent {
    #[serde(default)]
    trace: Vec<Traced>,
}

#[derive(Deserialize)]
struct Traced {
    code: String,
    outcome: String,
    #[serde(default)]
    recipients: Vec<Address>,
}

impl Outbound {
    /// What the reader of a mail of his is told of it: the messages of the rules that matched when it came in or was sent inside; `None`:
    /// it is not in the ledger, and no rule labels it.
    ///
    /// # Errors
    /// The store failed.
    pub async fn reader_label(
        &self,
        access: &Access<Account, Read>,
        row: &MessageRow,
    ) -> Result<Option<ReaderLabel>, StoreError> {
        let directory = self.store.directory();
        let tenant = directory.users.get(&access.what().0).ok_or(StoreError::Stale)?.tenant;
        let (in_ledger, codes) = match self.line_in(tenant, row.record).await? {
            Some(line) if line.kind == LedgerKind::Sent && !line.is_by_label() => (true, Vec::new()),
            // copies that came after a hand-over have the label that led to it
            Some(line) => (!line.is_by_label(), line.rules),
            None => match self.labelled(tenant, row).await? {
                Some((_, codes)) => (false, codes),
                None => return Ok(None),
            },
        };
        let rules = self.rules(&directory, tenant);
        let all = rules.as_ref().map(|rules| rules.rules()).unwrap_or_default().iter();
        let matched = all.filter(|rule| codes.contains(&rule.code));
        let text = |rule: &inspect::review::Rule| match in_ledger {
            true => rule.message.clone(),
            false => rule.label().to_owned(),
        };
        let texts = matched.map(text).filter(|text| !text.is_empty()).collect();
        Ok(Some(ReaderLabel { in_ledger, texts }))
    }

    /// The review of a mail by which rules label it, and their codes; `None`: none does.
    ///
    /// # Errors
    /// The store failed.
    pub(crate) async fn labelled(
        &self,
        tenant: TenantId,
        row: &MessageRow,
    ) -> Result<Option<(ReviewedMail, Vec<String>)>, StoreError> {
        let directory = self.store.directory();
        let Some(rules) = self.rules(&directory, tenant) else { return Ok(None) };
        let reviews = self.store.reviews_of_record(&self.exit, (tenant, row.record), row.internal_date).await?;
        Ok(reviews.into_iter().find_map(|reviewed| {
            let (came_in, matched) = matched(&directory, tenant, &reviewed);
            let labels = rules.rules().iter().filter(|rule| matched.contains(&rule.code) && rule.labels(came_in));
            let codes: Vec<String> = labels.map(|rule| rule.code.clone()).collect();
            (!codes.is_empty()).then_some((reviewed, codes))
        }))
    }
}

/// Whether the mail came in, and the rules that acted on it; of what was sent those that acted on somebody inside.
fn matched(directory: &Directory, tenant: TenantId, reviewed: &ReviewedMail) -> (bool, BTreeSet<String>) {
    if reviewed.submission.is_none() {
        let said: Option<Arrived> = serde_json::from_str(&reviewed.said).ok();
        let acted = said.and_then(|Arrived { rules, recorded }| {
            let recorded = recorded?;
            Some(rules.into_iter().filter(|code| !recorded.contains(code)).collect())
        });
        return (true, acted.unwrap_or_default());
    }
    let said: Option<Sent> = serde_json::from_str(&reviewed.said).ok();
    let stays = |line: &Traced| line.recipients.iter().any(|address| inside(directory, tenant, address));
    let trace = said.map(|said| said.trace).unwrap_or_default().into_iter();
    (false, trace.filter(|line| line.outcome == "matched" && stays(line)).map(|line| line.code).collect())
}
