//! The maildrop as one session sees it: the messages that INBOX held when the session began, under numbers that hold
//! until it ends, and what is marked to go (RFC 1939 5). Pure.

use auth::Identity;
use store::Opened;
use types::{MailboxId, Uid, UidSet, UidValidity};

use crate::locks::Lock;

/// A maildrop with its owner.
#[derive(Debug)]
pub(crate) struct Opening {
    pub(crate) identity: Identity,
    pub(crate) drop: Maildrop,
    /// Held for its drop.
    pub(crate) lock: Lock,
}

/// The messages.
#[derive(Debug)]
pub(crate) struct Maildrop {
    pub(crate) mailbox: MailboxId,
    validity: UidValidity,
    uids: UidSet,
    octets: u64,
    marked: UidSet,
    marked_octets: u64,
    read: UidSet,
}

impl Maildrop {
    pub(crate) fn new(opened: Opened) -> Self {
        Self {
            mailbox: opened.mailbox.id,
            validity: opened.mailbox.state.uid_validity,
            octets: opened.mailbox.state.size,
            uids: opened.uids,
            marked: UidSet::new(),
            marked_octets: 0,
            read: UidSet::new(),
        }
    }

    /// The message of this number; `None`: there is none, or it is marked.
    pub(crate) fn uid(&self, number: u32) -> Option<Uid> {
        self.uids.nth(number).filter(|uid| !self.marked.contains(*uid))
    }

    /// How many messages are not marked, and their octets.
    pub(crate) fn left(&self) -> (usize, u64) {
        (self.uids.len() - self.marked.len(), self.octets.saturating_sub(self.marked_octets))
    }

    /// At most `most` messages with numbers above `after` that are not marked, ascending.
    pub(crate) fn window(&self, after: u32, most: usize) -> Vec<(u32, Uid)> {
        let count = u32::try_from(self.uids.len()).unwrap_or(u32::MAX);
        let numbers = after.saturating_add(1)..=count;
        numbers.filter_map(|number| Some((number, self.uid(number)?))).take(most).collect()
    }

    /// Marks a message of this many octets to go at QUIT.
    pub(crate) fn mark(&mut self, uid: Uid, octets: u64) {
        if !self.marked.contains(uid) {
            self.marked.insert(uid);
            self.marked_octets += octets;
        }
    }

    /// Takes all marks away.
    pub(crate) fn reset(&mut self) {
        self.marked = UidSet::new();
        self.marked_octets = 0;
    }

    /// What goes.
    pub(crate) fn marked(&self) -> &UidSet {
        &self.marked
    }

    /// The client has the whole message.
    pub(crate) fn has_read(&mut self, uid: Uid) {
        self.read.insert(uid);
    }

    /// What the client has whole.
    pub(crate) fn read(&self) -> &UidSet {
        &self.read
    }

    /// The unique-id: never that of another message of this maildrop, in no later session (RFC 1939 7, UIDL).
    pub(crate) fn unique_id(&self, uid: Uid) -> String {
        format!("{:08x}{:08x}", self.validity.0, uid.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drop_of(uids: &[u32]) -> Maildrop {
        Maildrop {
            mailbox: MailboxId(1),
            validity: UidValidity(7),
            uids: uids.iter().map(|uid| Uid(*uid)).collect(),
            octets: 100 * uids.len() as u64,
            marked: UidSet::new(),
            marked_octets: 0,
            read: UidSet::new(),
        }
    }

    #[test]
    fn numbers_hold_whatever_is_marked() {
        let mut drop = drop_of(&[3, 8, 9]);
        drop.mark(Uid(8), 100);
        drop.mark(Uid(8), 100);
        assert_eq!((drop.uid(1), drop.uid(2), drop.uid(3), drop.uid(4)), (Some(Uid(3)), None, Some(Uid(9)), None));
        assert_eq!((drop.left(), drop.uid(0)), ((2, 200), None));
        assert_eq!(drop.window(0, 9), [(1, Uid(3)), (3, Uid(9))]);
        assert_eq!((drop.window(1, 9), drop.window(0, 1)), (vec![(3, Uid(9))], vec![(1, Uid(3))]));
        drop.reset();
        assert_eq!((drop.left(), drop.marked().len()), ((3, 300), 0));
    }

    #[test]
    fn a_unique_id_is_of_both_numbers() {
        assert_eq!(drop_of(&[1]).unique_id(Uid(255)), "00000007000000ff");
    }
}
