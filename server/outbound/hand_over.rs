//! 取扱担当者へ引き渡す: who has got My Numbers that are not for him gives the mail to the handlers, with every copy that
//! anybody here has. Those whose copies go are told, and the handlers, in the same posting; the notices quote no subject, so
//! that nothing of the mail is left in them when it is disposed of.

use message::Summary;
use store::{
    Access, Account, HandOver, LEDGER_BY_LABEL, LedgerAct, LedgerKeeper, LedgerKind, LedgerLine, MessageRow, NewAudit,
    NewLedgerAct, NewLedgerLine, Posting, StoreError, SubmissionRef, TextsOf, Write,
};
use types::{Address, MailboxId, RecordId, Reference, TenantId, Timestamp, Uid, UserId};

use crate::arrival_rules::received_by;
use crate::catalogue;
use crate::documents::proposed;
use crate::fates::people;
use crate::ledger::{Numbers, kind_of_sent, line};
use crate::notices::{About, Decider, Details};
use crate::rules::KEEPERS;
use crate::{Outbound, OutboundError};

impl Outbound {
    /// Hands a person's message over to the handlers of his company: one that has a line in the ledger, or a label by a rule
    /// ([`Self::reader_label`]), which enters it there.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not there any more or has neither; nothing was written.
    pub async fn hand_over(
        &self,
        access: &Access<Account, Write>,
        mailbox: MailboxId,
        uid: Uid,
    ) -> Result<(), OutboundError> {
        let (by, at) = (access.what().0, self.clock.now());
        let row = self.store.message(&access.reading(), mailbox, uid).await?;
        let tenant = self.store.directory().users.get(&by).ok_or(StoreError::Stale)?.tenant;
        let known = self.line_in(tenant, row.record).await?;
        let new = if known.is_some() { None } else { Some(self.line_by_label(tenant, &row, at).await?) };
        let line = Of::either(known.as_ref(), new.as_ref()).ok_or(OutboundError::Broken)?;
        let mut posting = handed(tenant, (row.record, line.reference), (by, at));
        let told = self.told_of_handing_over(tenant, row.record, by).await?;
        let about = About {
            author: line.author,
            from: line.from,
            recipients: line.to,
            reference: line.reference,
            subject: "",
            places_ja: "",
            places_en: "",
            at,
        };
        let numbers = known.as_ref().is_some_and(|line| !line.is_by_label());
        let details = Details { by: Decider::Person(by), numbers, ..Details::default() };
        self.tell(&mut posting, &told, &about, &details, catalogue::handed_over).await?;
        posting.ledger.extend(new);
        self.store.send(&self.exit, posting).await?;
        Ok(())
    }

    /// The line of a mail that a rule labelled: what handlers keep is in the ledger, from the hand-over on, so that nothing is kept for too
    /// long already when it comes there.
    async fn line_by_label(
        &self,
        tenant: TenantId,
        row: &MessageRow,
        at: Timestamp,
    ) -> Result<NewLedgerLine, OutboundError> {
        let directory = self.store.directory();
        let (reviewed, rules) = self.labelled(tenant, row).await?.ok_or_else(|| {
            StoreError::NotFound("a line of the ledger about this mail, or a rule that labels it".into())
        })?;
        let summary = row.summary.as_deref().and_then(|bytes| Summary::from_bytes(bytes).ok());
        let subject = summary.map(|summary| summary.subject).unwrap_or_default();
        let kinds = directory.tenants.get(&tenant).map(|tenant| tenant.policies.document_kinds.as_slice());
        let documents = proposed(kinds.unwrap_or_default(), [subject.as_str()]).cloned();
        let subject = inspect::mask_every_number(&subject);
        let (kind, to) = match reviewed.submission {
            Some(submission) => {
                // its parts are for those whom it reaches in the end
                let parts = self.store.parcels(&self.exit, submission).await?;
                let to: Vec<Address> = parts.into_iter().flat_map(|part| part.recipients).collect();
                (kind_of_sent(&directory, tenant, &to), to)
            }
            None => (LedgerKind::Acquired, received_by(&directory, tenant, &reviewed.to)),
        };
        let said = Numbers { subject, rules, documents, ..Numbers::default() };
        let line = line(&said, TextsOf::Record(row.record), kind, (tenant, reviewed.reference), at);
        Ok(NewLedgerLine {
            submission: reviewed.submission.map(SubmissionRef::Known),
            author: reviewed.author,
            from: reviewed.from,
            to,
            outcome: LEDGER_BY_LABEL.to_owned(),
            ..line
        })
    }

    /// The first line of a mail in the ledger of a company.
    pub(crate) async fn line_in(&self, tenant: TenantId, record: RecordId) -> Result<Option<LedgerLine>, StoreError> {
        let lines = self.store.ledger_of_record(&self.exit, record).await?;
        Ok(lines.into_iter().find(|line| line.tenant == tenant))
    }

    /// The other owners of copies, and the handlers.
    async fn told_of_handing_over(
        &self,
        tenant: TenantId,
        record: RecordId,
        by: UserId,
    ) -> Result<Vec<UserId>, StoreError> {
        let places = self.store.places_of_record(&self.exit, record).await?;
        let owners = places.copies.iter().filter_map(|copy| match copy.owner {
            LedgerKeeper::Person(owner) => Some(owner),
            LedgerKeeper::Company | LedgerKeeper::Handlers => None,
        });
        let handlers = people(&self.store.directory(), tenant, None, &[KEEPERS.to_owned()]);
        let mut told: Vec<UserId> = owners.chain(handlers).filter(|user| *user != by).collect();
        told.sort();
        told.dedup();
        Ok(told)
    }
}

/// What is told of a mail, by the line that it has or gets.
struct Of<'a> {
    reference: Reference,
    author: Option<UserId>,
    from: Option<&'a Address>,
    to: &'a [Address],
}

impl<'a> Of<'a> {
    fn either(known: Option<&'a LedgerLine>, new: Option<&'a NewLedgerLine>) -> Option<Self> {
        let known = known.map(|line| (line.reference, line.author, &line.from, &line.to));
        let (reference, author, from, to) =
            known.or_else(|| new.map(|line| (line.reference, line.author, &line.from, &line.to)))?;
        Some(Self { reference, author, from: from.as_ref(), to })
    }
}

/// The mail goes, with its act and its row in the audit log.
fn handed(tenant: TenantId, (record, reference): (RecordId, Reference), (by, at): (UserId, Timestamp)) -> Posting {
    let (actor, detail) = (Some(by), String::new());
    let mut posting = Posting::default();
    let act = LedgerAct::HandedOver;
    posting.ledger_acts.push(NewLedgerAct { record, at, act, actor, detail: detail.clone() });
    posting.handed.push(HandOver { tenant, record, by, at });
    let (event, subject) = ("ledger.handed_over", reference.to_string());
    posting.audit.push(NewAudit { tenant: Some(tenant), actor, at, event, subject, detail });
    posting
}
