//! The handlers' box, and the disposal of mail in the ledger.

use std::ops::Range;

use types::{LedgerId, MailboxId, TenantId, Timestamp, Uid, UserId};

use super::{Result, Store};
use crate::{
    Access, Custody, Disposal, DisposalStep, Disposed, Exit, LedgerAct, LedgerDue, LedgerFilter, LedgerLine, Manage,
    MessageRow, NewAudit, NewLedgerAct, PAGE_MOST, Page, PageFilter, PageStart, Posting, Read, SeenLine, StoreError,
    Want, Write, handlers_owner,
};

impl Store {
    /// A page of the handlers' box, newest first; empty while nothing was ever handed over.
    ///
    /// # Errors
    /// Stale access or database.
    pub async fn box_page(&self, access: &Access<Custody, Read>, start: PageStart, most: u32) -> Result<Page> {
        self.check(access)?;
        let handlers = handlers_owner(access.what().0);
        match self.box_of(handlers).await? {
            Some(id) => self.engine.page(handlers, id, start, PageFilter::All, most.clamp(1, PAGE_MOST)).await,
            None => Ok(Page::default()),
        }
    }
    async fn box_of(&self, handlers: UserId) -> Result<Option<MailboxId>> {
        Ok(self.engine.mailboxes(handlers).await?.first().map(|mailbox| mailbox.id))
    }
    /// A message of the handlers' box with its summary.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn box_message(&self, access: &Access<Custody, Read>, uid: Uid) -> Result<MessageRow> {
        self.check(access)?;
        let handlers = handlers_owner(access.what().0);
        let missing = || StoreError::NotFound(format!("message {uid} of the handlers' box"));
        let mailbox = self.box_of(handlers).await?.ok_or_else(missing)?;
        let uids = std::iter::once(uid).collect();
        let mut rows = self.engine.messages(handlers, mailbox, &uids, Want { summary: true }).await?;
        rows.pop().ok_or_else(missing)
    }
    /// The lines of the ledger about a message of the handlers' box, oldest first.
    ///
    /// # Errors
    /// Stale access or database.
    pub async fn box_lines(&self, access: &Access<Custody, Read>, row: &MessageRow) -> Result<Vec<LedgerLine>> {
        self.check(access)?;
        let lines = self.engine.ledger_of_record(row.record).await?;
        Ok(lines.into_iter().filter(|line| line.tenant == access.what().0).collect())
    }
    /// Reads a range of the plain bytes of a message of the handlers' box. Whoever shows them has recorded that first.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::Damaged`].
    pub async fn read_box(&self, access: &Access<Custody, Read>, uid: Uid, range: Range<u64>) -> Result<Vec<u8>> {
        let row = self.box_message(access, uid).await?;
        Ok(self.engine.read(row.record, range).await?.into())
    }
    /// Records that a handler opens a message of the box, and why, with more as JSON for the audit log; it is on disk when
    /// this returns.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn note_box_opening(
        &self,
        access: &Access<Custody, Read>,
        uid: Uid,
        (reason, detail): (String, String),
        at: Timestamp,
    ) -> Result<()> {
        self.note_box_act(access, uid, (LedgerAct::Opened, "ledger.mail_opened"), (reason, detail), at).await
    }
    /// Records that a file of a message of the box leaves the server with the handler who asked for it, as [`Self::note_box_opening`] does.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn note_box_saving(
        &self,
        access: &Access<Custody, Read>,
        uid: Uid,
        detail: String,
        at: Timestamp,
    ) -> Result<()> {
        let said = (String::new(), detail);
        self.note_box_act(access, uid, (LedgerAct::Exported, "ledger.mail_saved"), said, at).await
    }
    async fn note_box_act(
        &self,
        access: &Access<Custody, Read>,
        uid: Uid,
        (act, event): (LedgerAct, &'static str),
        (said, detail): (String, String),
        at: Timestamp,
    ) -> Result<()> {
        let row = self.box_message(access, uid).await?;
        let reference = self.box_lines(access, &row).await?.first().map(|line| line.reference.to_string());
        let (tenant, actor) = (Some(access.what().0), access.holder());
        let subject = reference.unwrap_or_default();
        let audit = vec![NewAudit { tenant, actor, at, event, subject, detail }];
        let acts = vec![NewLedgerAct { record: row.record, at, act, actor, detail: said }];
        self.engine.post(Posting { audit, ledger_acts: acts, ..Posting::default() }).await?;
        Ok(())
    }

    /// Asks for the disposal of the mail of a line.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn ask_disposal(
        &self,
        access: &Access<Custody, Write>,
        line: LedgerId,
        (documents, reason): (String, String),
        at: Timestamp,
    ) -> Result<Disposed> {
        self.check(access)?;
        let step = DisposalStep::Ask { documents, reason };
        self.dispose((access.what().0, access.holder()), line, step, at).await
    }
    /// Confirms a disposal ([`DisposalStep::Confirm`]), after which nothing of the mail can be read any more, or refuses it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn decide_disposal(
        &self,
        access: &Access<Custody, Manage>,
        line: LedgerId,
        step: DisposalStep,
        at: Timestamp,
    ) -> Result<Disposed> {
        self.check(access)?;
        self.dispose((access.what().0, access.holder()), line, step, at).await
    }
    async fn dispose(
        &self,
        (tenant, holder): (TenantId, Option<UserId>),
        line: LedgerId,
        step: DisposalStep,
        at: Timestamp,
    ) -> Result<Disposed> {
        let by = holder.ok_or_else(|| StoreError::Invalid("a disposal is done by people".into()))?;
        self.engine.dispose(Disposal { tenant, line, step, by: Some(by), at }).await
    }
    /// What is due of the ledger of a company, the newest first, behind the line `behind`; at most `most` lines.
    ///
    /// # Errors
    /// The database failed.
    pub async fn lines_due(
        &self,
        _door: &Exit,
        tenant: TenantId,
        (due, behind): (LedgerDue, Option<LedgerId>),
        most: u32,
    ) -> Result<Vec<LedgerLine>> {
        let filter = LedgerFilter { due: Some(due), resting: true, ..LedgerFilter::default() };
        self.engine.ledger_page(tenant, &filter, behind, most).await
    }
    /// Disposes of the mails of these lines by the rule of their company, which keeps mail without a kind for so many years, as far as all
    /// lines about each are still due and as they were seen; what became of each, in their order.
    pub async fn dispose_by_rule(
        &self,
        _door: &Exit,
        (tenant, lines): (TenantId, Vec<(LedgerId, Vec<SeenLine>)>),
        (years, due): (Option<u32>, LedgerDue),
        at: Timestamp,
    ) -> Vec<Result<Disposed>> {
        let step = |seen| DisposalStep::ByRule { years, due, seen };
        let disposal = |(line, seen)| Disposal { tenant, line, step: step(seen), by: None, at };
        self.engine.dispose_each(lines.into_iter().map(disposal).collect()).await
    }
}
