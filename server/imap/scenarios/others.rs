//! What the pages ask of an engine and IMAP never does.

use async_trait::async_trait;
use store::*;
use types::*;

use super::memory::{Memory, Result, none};

#[async_trait]
impl PageEngine for Memory {
    async fn page(&self, _: UserId, _: MailboxId, _: PageStart, _: PageFilter, _: u32) -> Result<Page> {
        none()
    }
    async fn neighbours(&self, _: UserId, _: MailboxId, _: PageKey, _: PageFilter) -> Result<Neighbours> {
        none()
    }
    async fn mark(&self, _: UserId, _: MailboxId, _: &UidSet, _: FlagChange) -> Result<Vec<(UidSet, FlagChange)>> {
        none()
    }
    async fn remove(&self, _: UserId, _: MailboxId, _: &UidSet, _: Timestamp) -> Result<UidSet> {
        none()
    }
    async fn remove_together(&self, _: UserId, _: MailboxId, _: &UidSet, _: Timestamp) -> Result<UidSet> {
        none()
    }
}

#[async_trait]
impl DraftEngine for Memory {
    async fn create_draft(&self, _: UserId, _: NewDraft, _: Timestamp) -> Result<DraftAt> {
        none()
    }
    async fn draft(&self, _: UserId, _: DraftId) -> Result<DraftRow> {
        none()
    }
    async fn draft_of_copy(&self, _: UserId, _: Lying) -> Result<Option<DraftId>> {
        none()
    }
    async fn drafts(&self, _: UserId) -> Result<Vec<DraftHead>> {
        none()
    }
    async fn save_draft(&self, _: UserId, _: DraftAt, _: &[u8], _: Timestamp) -> Result<DraftAt> {
        none()
    }
    async fn attach(&self, _: UserId, _: DraftId, _: NewAttachment, _: Timestamp) -> Result<AttachmentRow> {
        none()
    }
    async fn detach(&self, _: UserId, _: DraftId, _: AttachmentId, _: Timestamp) -> Result<()> {
        none()
    }
    async fn materialise(&self, _: UserId, _: DraftAt, _: DraftCopy, _: Timestamp) -> Result<Placed> {
        none()
    }
    async fn discard_draft(&self, _: UserId, _: DraftId, _: Timestamp) -> Result<()> {
        none()
    }
}

#[async_trait]
impl CorrespondentEngine for Memory {
    async fn written_to(&self, _: &[UserId], _: &[Address]) -> Result<Vec<Address>> {
        none()
    }
    async fn known(&self, _: UserId, _: &[Address]) -> Result<Vec<Correspondent>> {
        none()
    }
    async fn correspondents(&self, _: UserId, _: &str, _: u32) -> Result<Vec<Correspondent>> {
        none()
    }
}

#[async_trait]
impl ReviewEngine for Memory {
    async fn awaiting(&self, _: &Seats, _: Option<HeldKey>, _: u32) -> Result<Vec<Case>> {
        none()
    }
    async fn own_held(&self, _: UserId, _: Option<HeldKey>, _: u32) -> Result<Vec<Case>> {
        none()
    }
    async fn unsettled(&self, _: &Seats) -> Result<Unsettled> {
        none()
    }
    async fn held_cases(&self, _: TenantId, _: Option<HeldKey>, _: u32) -> Result<Vec<Case>> {
        none()
    }
    async fn count_held(&self, _: TenantId) -> Result<u64> {
        none()
    }
    async fn case_history(&self, _: ParcelId) -> Result<CaseHistory> {
        none()
    }
    async fn case(&self, _: ParcelId) -> Result<Option<Case>> {
        none()
    }
    async fn decided(&self, _: TenantId, _: DecidedFilter, _: Option<CaseKey>, _: u32) -> Result<Vec<Case>> {
        none()
    }
    async fn sendings(&self, _: SendingsOf, _: Option<SubmissionId>, _: u32) -> Result<Vec<Sending>> {
        none()
    }
    async fn sending(&self, _: TenantId, _: Reference) -> Result<Option<Sending>> {
        none()
    }
    async fn queue_page(&self, _: Option<TenantId>, _: &QueuePage, _: u32) -> Result<Vec<QueueRow>> {
        none()
    }
    async fn queue_domains(&self, _: Option<TenantId>) -> Result<Vec<DomainLoad>> {
        none()
    }
}

#[async_trait]
impl AuditEngine for Memory {
    async fn audit_log(&self, _: Option<TenantId>, _: &AuditFilter, _: Option<AuditKey>, _: u32) -> Result<AuditPage> {
        none()
    }
    async fn rules_versions(&self, _: TenantId) -> Result<Vec<RulesVersion>> {
        none()
    }
    async fn rules_version(&self, _: TenantId, _: u32) -> Result<Option<(RulesVersion, String)>> {
        none()
    }
}

#[async_trait]
impl ArrivalEngine for Memory {
    async fn review_position(&self, _: TenantId) -> Result<u64> {
        none()
    }
    async fn journal_after(&self, _: TenantId, _: u64, _: usize) -> Result<Vec<JournalRow>> {
        none()
    }
    async fn arrivals_before(&self, _: TenantId, _: Option<u64>, _: u32) -> Result<Vec<JournalRow>> {
        none()
    }
    async fn reviews_of_record(&self, _: TenantId, _: RecordId, _: Timestamp) -> Result<Vec<ReviewedMail>> {
        none()
    }
    async fn clear_delivered(&self, _: Timestamp, _: std::time::Duration) -> Result<u64> {
        none()
    }
}

#[async_trait]
impl IndexEngine for Memory {
    async fn records_after(&self, _: RecordId, _: usize) -> Result<Vec<IndexRow>> {
        none()
    }
    async fn disposed_records(&self, _: i64, _: usize) -> Result<Vec<DisposedRow>> {
        none()
    }
    async fn records_of_messages(&self) -> Result<Vec<RecordId>> {
        none()
    }
    async fn index_key(&self, _: TenantId) -> Result<blobs::RecordKey> {
        none()
    }
    async fn traced(&self, _: UserId, _: MailboxId, _: &str) -> Result<UidSet> {
        none()
    }
}

#[async_trait]
impl AnnotationEngine for Memory {
    async fn annotations(&self, _: UserId, _: Option<MailboxId>) -> Result<Vec<AnnotationHead>> {
        none()
    }
    async fn annotation_values(&self, _: UserId, _: Option<MailboxId>, _: &[String]) -> Result<Vec<(String, Vec<u8>)>> {
        none()
    }
    async fn annotate(&self, _: UserId, _: Option<MailboxId>, _: Vec<AnnotationChange>) -> Result<i64> {
        none()
    }
    async fn annotation_news(
        &self,
        _: UserId,
        _: &[(UserId, MailboxId)],
        _: i64,
    ) -> Result<(Vec<AnnotationNews>, i64)> {
        Ok((Vec::new(), 0))
    }
}

#[async_trait]
impl TextEngine for Memory {
    async fn seal_beside(&self, _: &Bytes, _: &[u8]) -> Result<Draft> {
        none()
    }
    async fn texts(&self, _: RecordId, _: u32) -> Result<Option<Vec<u8>>> {
        none()
    }
}

#[async_trait]
impl SharingEngine for Memory {
    fn shares(&self) -> std::sync::Arc<Shares> {
        std::sync::Arc::default()
    }
    async fn set_rights(
        &self,
        _: UserId,
        _: MailboxId,
        _: Identifier,
        _: Option<RightsChange>,
        _: Option<UserId>,
        _: Timestamp,
    ) -> Result<()> {
        none()
    }
    async fn create_company_mailbox(&self, _: TenantId, _: &str) -> Result<Mailbox> {
        none()
    }
    async fn seen(&self, _: UserId, _: MailboxId, _: SeenOf<'_>) -> Result<Vec<SeenRow>> {
        none()
    }
    async fn reader_states(&self, _: UserId, _: &[MailboxId]) -> Result<Vec<ReaderState>> {
        none()
    }
    async fn subscribe_shared(&self, _: UserId, _: MailboxId, _: bool) -> Result<()> {
        none()
    }
    async fn store_flags_shared(&self, _: Hand, _: &UidSet, _: FlagChange) -> Result<(Vec<FlagRow>, UidSet)> {
        none()
    }
    async fn transfer_shared(&self, _: Hand, _: Hand, _: &UidSet, _: Timestamp, _: bool) -> Result<Moved> {
        none()
    }
    async fn replace_shared(&self, _: Hand, _: Uid, _: Hand, _: NewMessage) -> Result<Placed> {
        none()
    }
}

#[async_trait]
impl LedgerEngine for Memory {
    async fn fingerprint_key(&self, _: TenantId) -> Result<[u8; 32]> {
        none()
    }
    async fn ledger_page(&self, _: TenantId, _: &LedgerFilter, _: Option<LedgerId>, _: u32) -> Result<Vec<LedgerLine>> {
        none()
    }
    async fn ledger_line(&self, _: TenantId, _: LedgerId) -> Result<Option<LedgerLine>> {
        none()
    }
    async fn ledger_of_record(&self, _: RecordId) -> Result<Vec<LedgerLine>> {
        none()
    }
    async fn ledger_history(&self, _: LedgerId) -> Result<Vec<LedgerEntry>> {
        none()
    }
    async fn ledger_places(&self, _: RecordId) -> Result<LedgerPlaces> {
        none()
    }
    async fn dispose(&self, _: Disposal) -> Result<Disposed> {
        none()
    }
    async fn dispose_each(&self, _: Vec<Disposal>) -> Vec<Result<Disposed>> {
        Vec::new()
    }
    async fn classify(&self, _: Classified) -> Result<()> {
        none()
    }
    async fn ledger_figures(&self, _: TenantId, _: LedgerDue) -> Result<LedgerFigures> {
        none()
    }
    async fn distinct_numbers(&self, _: TenantId, _: &[LedgerId]) -> Result<u64> {
        none()
    }
}

#[async_trait]
impl FigureEngine for Memory {
    async fn outward_figures(&self, _: TenantId, _: Timestamp) -> Result<OutwardFigures> {
        none()
    }
    async fn outward_page(
        &self,
        _: TenantId,
        _: &OutwardFilter,
        _: Option<SubmissionId>,
        _: u32,
    ) -> Result<Vec<Sending>> {
        none()
    }
    async fn held_figures(&self, _: TenantId, _: Timestamp) -> Result<HeldFigures> {
        none()
    }
    async fn partners(&self, _: TenantId) -> Result<Vec<Partner>> {
        none()
    }
    async fn change_partner(&self, _: PartnerChange) -> Result<()> {
        none()
    }
}

#[async_trait]
impl IncidentEngine for Memory {
    async fn make_incident(&self, _: NewIncident) -> Result<IncidentId> {
        none()
    }
    async fn change_incident(
        &self,
        _: TenantId,
        _: IncidentId,
        _: IncidentChange,
        _: Option<Timestamp>,
        _: Option<UserId>,
        _: Timestamp,
    ) -> Result<()> {
        none()
    }
    async fn incident(&self, _: TenantId, _: IncidentId) -> Result<Option<Incident>> {
        none()
    }
    async fn incidents(&self, _: TenantId, _: Option<IncidentId>, _: u32) -> Result<Vec<Incident>> {
        none()
    }
    async fn incidents_of_line(&self, _: TenantId, _: LedgerId) -> Result<Vec<IncidentId>> {
        none()
    }
    async fn incident_versions(&self, _: IncidentId) -> Result<Vec<IncidentVersion>> {
        none()
    }
    async fn incidents_due(&self, _: Timestamp, _: Option<(Timestamp, IncidentId)>, _: u32) -> Result<Vec<Incident>> {
        none()
    }
}

#[async_trait]
impl NoteEngine for Memory {
    async fn password_notes(&self, _: SubmissionId) -> Result<Vec<PasswordNote>> {
        none()
    }
}

#[async_trait]
impl LinkEngine for Memory {
    async fn link_of_token(&self, _: TokenHash) -> Result<Option<LinkRow>> {
        none()
    }
    async fn link(&self, _: LinkId) -> Result<Option<LinkRow>> {
        none()
    }
    async fn links_of(&self, _: SubmissionId) -> Result<Vec<LinkRow>> {
        none()
    }
    async fn accesses_of(&self, _: SubmissionId) -> Result<Vec<(LinkId, LinkAccess)>> {
        none()
    }
    async fn accesses_before(&self, _: LinkId, _: i64) -> Result<Vec<LinkAccess>> {
        none()
    }
    async fn uploads(&self, _: LinkId) -> Result<Vec<UploadRow>> {
        none()
    }
    async fn collections(&self, _: TenantId, _: Option<LinkId>, _: u32) -> Result<Vec<LinkRow>> {
        none()
    }
    async fn collections_to_remind(
        &self,
        _: Timestamp,
        _: Option<(Timestamp, LinkId)>,
        _: u32,
    ) -> Result<Vec<LinkRow>> {
        none()
    }
    async fn handlers_box(&self, _: TenantId) -> Result<MailboxId> {
        none()
    }
    async fn put_code(&self, _: LinkId, _: TokenHash, _: AskedFrom, _: Timestamp) -> Result<CodeStep> {
        none()
    }
    async fn try_link(&self, _: LinkId, _: Proof, _: AskedFrom, _: Timestamp) -> Result<Tried> {
        none()
    }
    async fn begin_download(&self, _: LinkId, _: u32, _: AskedFrom, _: Timestamp) -> Result<Taking> {
        none()
    }
    async fn change_link(&self, _: LinkId, _: LinkChange, _: Timestamp) -> Result<()> {
        none()
    }
}
