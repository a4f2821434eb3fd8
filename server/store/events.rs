//! Hints that something changed; who is told reads again from where he was.

use types::{MailboxId, ModSeq, TenantId, UserId};

/// A hint. It may be lost or come twice; the database is what counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A mailbox of `user` changed; its newest modification is `modseq`.
    Mailbox {
        /// Whose.
        user: UserId,
        /// Which.
        mailbox: MailboxId,
        /// HIGHESTMODSEQ after the change.
        modseq: ModSeq,
    },
    /// A mailbox of `user` was made, renamed, deleted or (un)subscribed.
    Mailboxes {
        /// Whose.
        user: UserId,
    },
    /// Mailboxes of this company are shared otherwise than before: with others, or one was made or deleted where others see it.
    Shares {
        /// Whose.
        tenant: TenantId,
    },
    /// Annotations of `user` were changed.
    Annotations {
        /// Whose.
        user: UserId,
    },
    /// Queue rows are due, or were controlled by hand.
    Queue,
    /// Timers were set.
    Timers,
    /// Submissions wait for outbound (state `new` or `reviewing`).
    Submissions,
    /// Mail from outside came in and is to be reviewed.
    Arrived {
        /// Whose.
        tenant: TenantId,
    },
    /// People, domains or rules changed.
    Directory {
        /// Of which company; `None`: of any.
        tenant: Option<TenantId>,
    },
}
