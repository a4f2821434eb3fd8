//! Readings under way: who wants the texts of a part that another reads just now waits for these, so that a part that
//! is looked at twice at once (a double click, a check beside the sending) is read once, and so is one that comes again
//! within minutes. What has been read is kept for good by whoever asked.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use extract::{Extracted, Fingerprint, Tried};

use crate::recent::Recent;

/// A part, and the passwords that are tried on what of it is encrypted.
pub(crate) type About = (Fingerprint, Tried);

/// The readings of one process.
#[derive(Debug, Default)]
pub(crate) struct Flights {
    open: Mutex<HashMap<About, Arc<Flight>>>,
    recent: Mutex<Recent>,
    begun: AtomicU64,
}

/// One of them.
#[derive(Debug, Default)]
struct Flight {
    state: Mutex<State>,
    ended: Condvar,
}

#[derive(Debug, Default)]
struct State {
    over: bool,
    read: Option<Arc<Extracted>>,
}

/// Ends a flight also when its reading panics.
struct Landing<'a> {
    flights: &'a Flights,
    flight: &'a Flight,
    about: About,
}

impl Flights {
    /// Readings that have begun since the start: each is the work of a child.
    pub fn begun(&self) -> u64 {
        self.begun.load(Ordering::Relaxed)
    }

    /// Reads, unless it was read a moment ago, or waits for who reads the same already, no longer than until `until`.
    /// What that one could not read for reasons of the moment is tried again.
    pub fn join(&self, about: About, until: Instant, read: impl FnOnce() -> Arc<Extracted>) -> Arc<Extracted> {
        if let Some(read) = self.recent().get(&about, Instant::now()) {
            return read;
        }
        let known = self.open().get(&about).cloned();
        if let Some(read) = known.and_then(|flight| flight.wait(until)).filter(|read| read.settled) {
            return read;
        }
        let flight = Arc::new(Flight::default());
        self.open().insert(about, Arc::clone(&flight));
        let landing = Landing { flights: self, flight: &flight, about };
        self.begun.fetch_add(1, Ordering::Relaxed);
        let read = read();
        flight.state().read = Some(Arc::clone(&read));
        self.recent().put(about, &read, Instant::now());
        drop(landing);
        read
    }

    fn recent(&self) -> MutexGuard<'_, Recent> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open(&self) -> MutexGuard<'_, HashMap<About, Arc<Flight>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Flight {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was read; `None`: the reading broke, or takes too long.
    fn wait(&self, until: Instant) -> Option<Arc<Extracted>> {
        let rest = until.saturating_duration_since(Instant::now());
        let state = self.ended.wait_timeout_while(self.state(), rest, |state| !state.over);
        state.unwrap_or_else(PoisonError::into_inner).0.read.clone()
    }
}

impl Drop for Landing<'_> {
    fn drop(&mut self) {
        self.flight.state().over = true;
        self.flight.ended.notify_all();
        let mut open = self.flights.open();
        if open.get(&self.about).is_some_and(|flight| std::ptr::eq(flight.as_ref(), self.flight)) {
            open.remove(&self.about);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use message::{Leaf, LeafRole};
    use types::Limits;

    use super::*;

    fn leaf() -> Leaf<'static> {
        Leaf {
            part: "2".into(),
            role: LeafRole::Attachment,
            content_type: "application/octet-stream".into(),
            name: Some("a.csv".into()),
            charset: None,
            bytes: b"a,b\r\n".as_slice().into(),
            text: None,
            issue: None,
        }
    }

    fn read(settled: bool) -> Arc<Extracted> {
        let mut read = extract::extract(&leaf(), &Limits::default());
        read.settled = settled;
        Arc::new(read)
    }

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(60)
    }

    /// Who comes while another reads, which ends as `settled` says; how many have read then.
    fn two(settled: bool) -> u64 {
        let (flights, print) = (Flights::default(), (Fingerprint::of(&leaf()), Tried::default()));
        let ((began, begun), (end, ends)) = (mpsc::channel(), mpsc::channel());
        std::thread::scope(|scope| {
            scope.spawn(|| {
                flights.join(print, soon(), move || {
                    began.send(()).unwrap_or_default();
                    ends.recv().unwrap_or_default();
                    read(settled)
                })
            });
            begun.recv().unwrap_or_default();
            let second = scope.spawn(|| flights.join(print, soon(), || read(true)));
            // it holds the flight, so it has met it, or comes when it is over and reads by itself
            let met = || flights.open().get(&print).is_some_and(|flight| Arc::strong_count(flight) > 2);
            while !met() {
                std::thread::yield_now();
            }
            end.send(()).unwrap_or_default();
            assert!(second.join().is_ok_and(|read| read.settled));
        });
        assert!(flights.open().is_empty());
        flights.begun()
    }

    #[test]
    fn who_comes_while_another_reads_shares_what_it_reads() {
        assert_eq!(two(true), 1);
        assert_eq!(two(false), 2, "what failed by chance is tried again");
    }

    #[test]
    fn a_reading_that_panics_lets_others_read() {
        let (flights, print) = (Flights::default(), (Fingerprint::of(&leaf()), Tried::default()));
        let broken = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            flights.join(print, soon(), || std::panic::resume_unwind(Box::new("broken")))
        }));
        assert!(broken.is_err() && flights.open().is_empty());
        assert!(flights.join(print, soon(), || read(true)).settled);
    }
}
