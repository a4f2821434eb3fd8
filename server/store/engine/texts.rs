//! The texts of attachments, kept beside their records.

use async_trait::async_trait;
use types::RecordId;

use super::Result;
use crate::{Bytes, Draft};

/// The part of an engine that keeps texts; they come with a posting ([`crate::Posting::texts`]).
#[async_trait]
pub trait TextEngine: Send + Sync + 'static {
    /// Seals `bytes` under the key of the record `of`, which need not be there yet.
    async fn seal_beside(&self, of: &Bytes, bytes: &[u8]) -> Result<Draft>;
    /// What is kept of a record, if this edition has read it.
    async fn texts(&self, record: RecordId, edition: u32) -> Result<Option<Vec<u8>>>;
}
