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
    /// The same of many records; those of which nothing is kept are left out, and of what is longer than `most` bytes or
    /// cannot be read it is said only that it is there.
    async fn texts_of_many(
        &self,
        records: &[RecordId],
        edition: u32,
        most: u64,
    ) -> Result<Vec<(RecordId, Option<Vec<u8>>)>> {
        let mut found = Vec::new();
        for record in records {
            let texts = self.texts(*record, edition).await.map_or(Some(None), |texts| texts.map(Some));
            found.extend(texts.map(|texts| (*record, texts.filter(|texts| texts.len() as u64 <= most))));
        }
        Ok(found)
    }
}
