//! The door to the rows of the queue and to the bytes of their mails.

use std::time::Duration;

use async_trait::async_trait;
use store::{Attempt, Claimed};
use types::{Address, Language, TenantId, Timestamp, UserId};

use crate::QueueError;

/// A report to the sender of a mail (RFC 3464), to be sent with the null sender.
#[derive(Debug, Clone)]
pub struct Bounce {
    /// The sender of the mail.
    pub to: Address,
    /// The report.
    pub bytes: Vec<u8>,
    /// The company from which the mail came.
    pub tenant: TenantId,
}

/// What the queue asks of the room that keeps the rows.
#[async_trait]
pub trait Door: Send + Sync {
    /// Rows that are due, at most `n`, leased for `lease`.
    async fn claim(&self, n: usize, lease: Duration) -> Result<Vec<Claimed>, QueueError>;

    /// What goes over the wire: the prefix and the record without its cuts.
    async fn bytes(&self, claimed: &Claimed) -> Result<Vec<u8>, QueueError>;

    /// Writes what became of attempts, sends the reports, and tells of rows that were stopped because what they demand
    /// cannot be, in one transaction.
    async fn report(
        &self,
        attempts: Vec<Attempt>,
        bounces: Vec<Bounce>,
        stopped: Vec<Claimed>,
    ) -> Result<(), QueueError>;

    /// When the next row is due.
    async fn next_due(&self) -> Result<Option<Timestamp>, QueueError>;

    /// The language in which a sender is told; that of the company when there is no person.
    fn language_of(&self, author: Option<UserId>) -> Language;
}
