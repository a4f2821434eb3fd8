//! 取扱担当者へ引き渡す: who has got My Numbers that are not for him gives the mail to the handlers, with every copy that
//! anybody here has. Those whose copies go are told, and the handlers, in the same posting; the notices quote no subject, so
//! that nothing of the mail is left in them when it is disposed of.

use store::{
    Access, Account, HandOver, LedgerAct, LedgerKeeper, LedgerKind, LedgerLine, NewAudit, NewLedgerAct, Posting, Read,
    StoreError, Write,
};
use types::{MailboxId, RecordId, TenantId, Timestamp, Uid, UserId};

use crate::catalogue;
use crate::fates::people;
use crate::notices::{About, Decider, Details};
use crate::rules::KEEPERS;
use crate::{Outbound, OutboundError};

impl Outbound {
    /// Hands a person's message, which has a line in the ledger, over to the handlers of his company.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not there any more or has no line; nothing was written.
    pub async fn hand_over(
        &self,
        access: &Access<Account, Write>,
        mailbox: MailboxId,
        uid: Uid,
    ) -> Result<(), OutboundError> {
        let (by, at) = (access.what().0, self.clock.now());
        let row = self.store.message(&access.reading(), mailbox, uid).await?;
        let tenant = self.store.directory().users.get(&by).ok_or(StoreError::Stale)?.tenant;
        let line = self.line_in(tenant, row.record).await?;
        let line = line.ok_or_else(|| StoreError::NotFound("a line of the ledger about this mail".into()))?;
        let mut posting = handed(tenant, &line, (by, at));
        let told = self.told_of_handing_over(tenant, row.record, by).await?;
        let about = About {
            author: line.author,
            from: line.from.as_ref(),
            recipients: &line.to,
            reference: line.reference,
            subject: "",
            places_ja: "",
            places_en: "",
            at,
        };
        let details = Details { by: Decider::Person(by), ..Details::default() };
        self.tell(&mut posting, &told, &about, &details, catalogue::handed_over).await?;
        self.store.send(&self.exit, posting).await?;
        Ok(())
    }

    /// The first line of a mail in the ledger of a company.
    async fn line_in(&self, tenant: TenantId, record: RecordId) -> Result<Option<LedgerLine>, StoreError> {
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

    /// What the reader of a mail of his is told of it: the messages of the rules that matched when it came in or was sent
    /// inside, none where they say nothing; `None`: it is not in the ledger.
    ///
    /// # Errors
    /// The store failed.
    pub async fn ledger_label(
        &self,
        access: &Access<Account, Read>,
        record: RecordId,
    ) -> Result<Option<Vec<String>>, StoreError> {
        let directory = self.store.directory();
        let tenant = directory.users.get(&access.what().0).ok_or(StoreError::Stale)?.tenant;
        let Some(line) = self.line_in(tenant, record).await? else { return Ok(None) };
        if line.kind == LedgerKind::Sent {
            return Ok(Some(Vec::new()));
        }
        let rules = self.rules(&directory, tenant);
        let all = rules.as_ref().map(|rules| rules.rules()).unwrap_or_default();
        let matched = all.iter().filter(|rule| line.rules.contains(&rule.code));
        Ok(Some(matched.map(|rule| rule.message.clone()).filter(|text| !text.is_empty()).collect()))
    }
}

/// The mail goes, with its act and its row in the audit log.
fn handed(tenant: TenantId, line: &LedgerLine, (by, at): (UserId, Timestamp)) -> Posting {
    let (record, actor, detail) = (line.record, Some(by), String::new());
    let mut posting = Posting::default();
    let act = LedgerAct::HandedOver;
    posting.ledger_acts.push(NewLedgerAct { record, at, act, actor, detail: detail.clone() });
    posting.handed.push(HandOver { tenant, record, by, at });
    let (event, subject) = ("ledger.handed_over", line.reference.to_string());
    posting.audit.push(NewAudit { tenant: Some(tenant), actor, at, event, subject, detail });
    posting
}
