//! What the recipients' box asks: to whom a person has written before.

use async_trait::async_trait;
use types::{Address, UserId};

use super::Result;
use crate::Correspondent;

/// The part of an engine that remembers correspondents.
#[async_trait]
pub trait CorrespondentEngine: Send + Sync + 'static {
    /// Those of `addresses` to whom any of `users` has sent mail, each once, whichever spelling of its domain either has.
    async fn written_to(&self, users: &[UserId], addresses: &[Address]) -> Result<Vec<Address>>;
    /// Those of `addresses` to whom the person has sent mail, in the spellings in which he did.
    async fn known(&self, user: UserId, addresses: &[Address]) -> Result<Vec<Correspondent>>;
    /// Those whose [`crate::search_text`] holds `needle`, the last written to first; all when it is empty.
    async fn correspondents(&self, user: UserId, needle: &str, most: u32) -> Result<Vec<Correspondent>>;
}
