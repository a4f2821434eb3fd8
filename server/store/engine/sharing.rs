//! What shared mailboxes ask.

use std::sync::Arc;

use async_trait::async_trait;
use types::{MailboxId, ModSeq, TenantId, Timestamp, Uid, UidSet, UserId};

use super::Result;
use crate::{
    FlagChange, FlagRow, Hand, Identifier, Mailbox, Moved, NewMessage, Placed, ReaderState, RightsChange, SeenRow,
    Shares,
};

/// Whose overlay is asked for, and of which messages.
#[derive(Debug, Clone, Copy)]
pub enum SeenOf<'a> {
    /// Of all.
    All,
    /// Of these.
    These(&'a UidSet),
    /// Of those where it changed after this.
    Since(ModSeq),
}

/// The part of an engine that keeps who may do what with others' mailboxes, and what each has seen there.
#[async_trait]
pub trait SharingEngine: Send + Sync + 'static {
    /// The present snapshot of shares.
    fn shares(&self) -> Arc<Shares>;
    /// Changes the rights of `who` on the mailbox of `owner`; with `None` he has none any more. Audited as done by `by`. The
    /// snapshot has it when this returns.
    async fn set_rights(
        &self,
        owner: UserId,
        mailbox: MailboxId,
        who: Identifier,
        change: Option<RightsChange>,
        by: Option<UserId>,
        at: Timestamp,
    ) -> Result<()>;
    /// Makes a mailbox of the company with those above it. It has the rights of the one above it, or none.
    async fn create_company_mailbox(&self, tenant: TenantId, name: &str) -> Result<Mailbox>;
    /// What somebody has seen in another's mailbox; messages that he never marked have no row, and those that went have none
    /// either.
    async fn seen(&self, reader: UserId, mailbox: MailboxId, of: SeenOf<'_>) -> Result<Vec<SeenRow>>;
    /// The reader's state of each of `mailboxes`, in their order.
    async fn reader_states(&self, reader: UserId, mailboxes: &[MailboxId]) -> Result<Vec<ReaderState>>;
    /// Subscribes or unsubscribes another's mailbox.
    async fn subscribe_shared(&self, reader: UserId, mailbox: MailboxId, on: bool) -> Result<()>;
    /// STORE by somebody who is not the owner: his rights say which flags change, and `\Seen` is his. Rows are as he sees them.
    async fn store_flags_shared(&self, hand: Hand, uids: &UidSet, change: FlagChange)
    -> Result<(Vec<FlagRow>, UidSet)>;
    /// COPY, or with `moving` MOVE, between mailboxes of which at least one is another's. Flags come along as far as the
    /// rights at the destination go.
    async fn transfer_shared(&self, from: Hand, to: Hand, uids: &UidSet, at: Timestamp, moving: bool) -> Result<Moved>;
    /// Puts a message in and takes another out, both or neither; the mailboxes may have two owners.
    async fn replace_shared(&self, from: Hand, uid: Uid, to: Hand, message: NewMessage) -> Result<Placed>;
}
