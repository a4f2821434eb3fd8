//! One session for each maildrop (RFC 1939 4): who has one open. A server alone serves a data folder, so the process
//! knows them all. IMAP and webmail are not locked out: what they take away is gone for the session too.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use types::UserId;

/// The maildrops that are open.
#[derive(Debug, Default, Clone)]
pub(crate) struct Locks(Arc<Mutex<HashSet<UserId>>>);

/// The right to one maildrop; given back when dropped.
#[derive(Debug)]
pub(crate) struct Lock {
    locks: Locks,
    user: UserId,
}

impl Locks {
    /// Takes the maildrop of `user`; `None` while another session has it.
    pub(crate) fn take(&self, user: UserId) -> Option<Lock> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        open.insert(user).then(|| Lock { locks: self.clone(), user })
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        self.locks.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.user);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_maildrop_is_open_once_and_again_after_its_session() {
        let locks = Locks::default();
        let first = locks.take(UserId(1)).unwrap();
        assert!(locks.take(UserId(1)).is_none());
        assert!(locks.take(UserId(2)).is_some());
        drop(first);
        assert!(locks.take(UserId(1)).is_some());
    }
}
