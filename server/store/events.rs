//! Hints that something changed; who is told reads again from where he was.

use tokio::sync::broadcast::{self, Receiver};
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

impl Event {
    /// Whether it tells of work for the server itself; else it is of interest to those who look at mailboxes.
    fn is_work(&self) -> bool {
        match self {
            Self::Queue | Self::Timers | Self::Submissions | Self::Arrived { .. } | Self::Directory { .. } => true,
            Self::Mailbox { .. } | Self::Mailboxes { .. } | Self::Shares { .. } | Self::Annotations { .. } => false,
        }
    }
}

/// Where an engine tells events. Who works only on what is handed in, comes in or is due hears of work alone: to be woken
/// by each flag that somebody sets costs more than the change itself.
#[derive(Debug, Clone)]
pub struct Bell {
    all: broadcast::Sender<Event>,
    work: broadcast::Sender<Event>,
}

impl Bell {
    /// A bell that keeps so many events for those who are slow.
    #[must_use]
    pub fn new(room: usize) -> Self {
        Self { all: broadcast::channel(room).0, work: broadcast::channel(room).0 }
    }
    /// Tells an event to whoever listens.
    pub fn tell(&self, event: Event) {
        // nobody may be listening
        if event.is_work() {
            let _ = self.work.send(event.clone());
        }
        let _ = self.all.send(event);
    }
    /// All events from now on.
    #[must_use]
    pub fn all(&self) -> Receiver<Event> {
        self.all.subscribe()
    }
    /// From now on those that tell of work: [`Event::Queue`], [`Event::Timers`], [`Event::Submissions`], [`Event::Arrived`],
    /// [`Event::Directory`].
    #[must_use]
    pub fn work(&self) -> Receiver<Event> {
        self.work.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_listens_for_work_hears_of_nothing_else() {
        let bell = Bell::new(8);
        let (mut all, mut work) = (bell.all(), bell.work());
        let mailboxes = Event::Mailboxes { user: UserId(1) };
        bell.tell(mailboxes.clone());
        bell.tell(Event::Queue);
        assert_eq!((all.try_recv().unwrap(), all.try_recv().unwrap()), (mailboxes, Event::Queue));
        assert_eq!(work.try_recv().unwrap(), Event::Queue);
        assert!(work.try_recv().is_err());
    }
}
