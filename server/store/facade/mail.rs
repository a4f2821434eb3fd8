//! Mail on its way in and out: bytes, postings through the two doors.

use std::ops::Range;

use types::{IngestId, RecordId, TenantId};

use super::{Draft, Result, Store, Writing};
use crate::{Entrance, Exit, Posted, Posting, StoreError, SubmissionState};

impl Store {
    /// Begins to collect a mail of `tenant`, at most `max` bytes.
    ///
    /// # Errors
    /// [`StoreError::Full`] when the disk is nearly full.
    pub async fn begin(&self, tenant: TenantId, max: u64) -> Result<Writing> {
        self.engine.begin(tenant, max).await
    }
    /// Makes a draft of bytes that are whole in memory.
    ///
    /// # Errors
    /// As [`Self::begin`].
    pub async fn seal(&self, tenant: TenantId, bytes: &[u8]) -> Result<Draft> {
        self.engine.seal(tenant, bytes).await
    }
    /// The plain bytes of a draft: from memory, or read back when it is large. The caller holds a memory permit.
    ///
    /// # Errors
    /// As [`Self::read_for_sending`].
    pub async fn draft_bytes(&self, draft: &Draft) -> Result<Vec<u8>> {
        match draft.plain() {
            Some(bytes) => Ok(bytes.to_vec()),
            None => self.engine.draft_bytes(draft).await,
        }
    }
    /// A fresh number for one acceptance of one mail.
    #[must_use]
    pub fn ingest_id(&self) -> IngestId {
        self.engine.ingest_id()
    }
    /// Delivery's posting: copies, journal, audit, submissions in state `new` (they have no parcels).
    ///
    /// # Errors
    /// Nothing was written.
    pub async fn deliver(&self, _door: &Entrance, posting: Posting) -> Result<Posted> {
        let new = |state| matches!(state, SubmissionState::New);
        let parcels = posting.submissions.iter().any(|s| !s.parcels.is_empty() || !new(s.state));
        if parcels || !posting.queue.is_empty() || posting.reviewed_to.is_some() {
            return Err(StoreError::Invalid("a delivery makes no parcels".into()));
        }
        self.engine.post(posting).await
    }
    /// Outbound's posting: anything.
    ///
    /// # Errors
    /// Nothing was written; [`StoreError::Decided`] when a decision came too late.
    pub async fn send(&self, _door: &Exit, posting: Posting) -> Result<Posted> {
        self.engine.post(posting).await
    }
    /// Reads bytes of a record for the way out (queue, review).
    ///
    /// # Errors
    /// [`StoreError::Damaged`] names the place.
    pub async fn read_for_sending(&self, _door: &Exit, record: RecordId, range: Range<u64>) -> Result<Vec<u8>> {
        Ok(self.engine.read(record, range).await?.into())
    }
}
