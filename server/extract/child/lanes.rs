//! Who may use a child now, or another program that reads for us. A file that takes long moves from the quick lanes to the slow ones, so that some bad
//! files do not delay the good ones behind them.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Instant;

/// The lanes.
#[derive(Debug)]
pub(crate) struct Lanes {
    used: Mutex<Used>,
    freed: Condvar,
    /// Lanes of each kind.
    each: usize,
}

#[derive(Debug, Default)]
struct Used {
    quick: usize,
    slow: usize,
}

/// A place in a lane, until it is dropped.
#[derive(Debug)]
pub(crate) struct Turn<'a> {
    lanes: &'a Lanes,
    slow: bool,
}

impl Lanes {
    /// `each` quick lanes and as many slow ones.
    pub fn new(each: usize) -> Self {
        Self { used: Mutex::default(), freed: Condvar::new(), each: each.max(1) }
    }

    /// Lanes of one kind.
    pub fn each(&self) -> usize {
        self.each
    }

    /// Waits for a quick lane; `None`: there was none until then.
    pub fn enter(&self, until: Instant) -> Option<Turn<'_>> {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        while used.quick >= self.each {
            let rest = until.checked_duration_since(Instant::now())?;
            used = self.freed.wait_timeout(used, rest).unwrap_or_else(PoisonError::into_inner).0;
        }
        used.quick += 1;
        Some(Turn { lanes: self, slow: false })
    }
}

impl Turn<'_> {
    /// Makes room for others when there is a slow lane.
    pub fn takes_long(&mut self) {
        if self.slow {
            return;
        }
        let mut used = self.lanes.used.lock().unwrap_or_else(PoisonError::into_inner);
        if used.slow < self.lanes.each {
            used.slow += 1;
            used.quick -= 1;
            self.slow = true;
            self.lanes.freed.notify_one();
        }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut used = self.lanes.used.lock().unwrap_or_else(PoisonError::into_inner);
        match self.slow {
            true => used.slow -= 1,
            false => used.quick -= 1,
        }
        self.lanes.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn soon() -> Instant {
        Instant::now() + Duration::from_millis(5)
    }

    #[test]
    fn what_takes_long_makes_room() {
        let lanes = Lanes::new(1);
        let mut first = lanes.enter(soon());
        assert!(first.is_some() && lanes.enter(soon()).is_none());
        first.as_mut().into_iter().for_each(Turn::takes_long);
        let mut second = lanes.enter(soon());
        assert!(second.is_some());
        // there is one slow lane, so the second stays where it is
        second.as_mut().into_iter().for_each(Turn::takes_long);
        assert!(lanes.enter(soon()).is_none());
        drop(first);
        second.as_mut().into_iter().for_each(Turn::takes_long);
        assert!(lanes.enter(soon()).is_some());
    }

    #[test]
    fn a_turn_given_back_wakes_the_next() {
        let lanes = Lanes::new(1);
        let first = lanes.enter(soon());
        std::thread::scope(|scope| {
            let next = scope.spawn(|| lanes.enter(Instant::now() + Duration::from_secs(20)).is_some());
            drop(first);
            assert!(next.join().is_ok_and(|entered| entered));
        });
    }
}
