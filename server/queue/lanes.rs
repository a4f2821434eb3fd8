//! Loads that wait for a connection, sorted by next hop, and how many connections each next hop has.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use store::Claimed;

use crate::hop::Hop;

/// Most recipients of one transaction (RFC 5321 4.5.3.1.8: every server takes a hundred).
const RECIPIENTS: usize = 100;

/// Rows of one submission in one form, that go over in one transaction.
#[derive(Debug)]
pub(crate) struct Load {
    pub rows: Vec<Claimed>,
}

/// All next hops for which something waits.
#[derive(Debug)]
pub(crate) struct Lanes {
    lanes: Mutex<HashMap<String, Lane>>,
    connections: usize,
}

#[derive(Debug, Default)]
struct Lane {
    waiting: VecDeque<Load>,
    workers: usize,
}

impl Lanes {
    /// With at most this many connections per next hop.
    pub fn new(connections: usize) -> Self {
        Self { lanes: Mutex::default(), connections }
    }

    /// Adds rows for a next hop. Answers how many workers must be started for it.
    pub fn push(&self, hop: &Hop, rows: Vec<Claimed>) -> usize {
        let mut lanes = self.lock();
        let lane = lanes.entry(hop.key()).or_default();
        for row in rows {
            let fits = |load: &&mut Load| {
                load.rows.len() < RECIPIENTS && load.rows.first().is_some_and(|first| same_mail(first, &row))
            };
            match lane.waiting.iter_mut().rev().find(fits) {
                Some(load) => load.rows.push(row),
                None => lane.waiting.push_back(Load { rows: vec![row] }),
            }
        }
        let wanted = (lane.workers + lane.waiting.len()).min(self.connections);
        let more = wanted.saturating_sub(lane.workers);
        lane.workers += more;
        more
    }

    /// The next load; `None` ends the worker that asked.
    pub fn take(&self, key: &str) -> Option<Load> {
        let mut lanes = self.lock();
        let lane = lanes.get_mut(key)?;
        let load = lane.waiting.pop_front();
        if load.is_none() {
            lane.workers = lane.workers.saturating_sub(1);
            if lane.workers == 0 {
                lanes.remove(key);
            }
        }
        load
    }

    /// Everything that waits for a next hop that cannot be reached.
    pub fn drain(&self, key: &str) -> Vec<Load> {
        self.lock().get_mut(key).map(|lane| lane.waiting.drain(..).collect()).unwrap_or_default()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Lane>> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the same bytes are brought for both.
pub(crate) fn same_mail(one: &Claimed, other: &Claimed) -> bool {
    (one.submission, one.variant) == (other.submission, other.variant)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::route::RouteTls;
    use crate::tests::claimed;
    use types::{SubmissionId, VariantId};

    fn row(id: i64, submission: i64) -> Claimed {
        Claimed { submission: SubmissionId(submission), ..claimed(id, "taro@a.example") }
    }

    #[test]
    fn rows_in_different_forms_do_not_share_a_load() {
        let hop = Hop { hosts: vec!["a".into()], port: 25, tls: RouteTls::None, auth: None, from_mx: false };
        let lanes = Lanes::new(2);
        let form = |id, variant: Option<i64>| Claimed { variant: variant.map(VariantId), ..row(id, 1) };
        lanes.push(&hop, vec![form(1, None), form(2, Some(1)), form(3, None), form(4, Some(2)), form(5, Some(1))]);
        let loads = std::iter::from_fn(|| lanes.take(&hop.key()));
        let loads: Vec<Vec<i64>> = loads.map(|load| load.rows.iter().map(|row| row.row.id.0).collect()).collect();
        assert_eq!(loads, [vec![1, 3], vec![2, 5], vec![4]]);
    }

    #[test]
    fn rows_of_a_submission_share_a_load_and_workers_are_bounded() {
        let hop = Hop { hosts: vec!["a".into()], port: 25, tls: RouteTls::None, auth: None, from_mx: false };
        let lanes = Lanes::new(2);
        assert_eq!(lanes.push(&hop, vec![row(1, 1), row(2, 2), row(3, 1)]), 2);
        assert_eq!(lanes.push(&hop, vec![row(4, 3)]), 0);
        let sizes: Vec<_> = std::iter::from_fn(|| lanes.take(&hop.key())).map(|load| load.rows.len()).collect();
        assert_eq!(sizes, [2, 1, 1]);
        assert!(lanes.take(&hop.key()).is_none());
        assert_eq!(lanes.push(&hop, (0..250).map(|id| row(id, 1)).collect()), 2);
        assert_eq!(lanes.drain(&hop.key()).iter().map(|load| load.rows.len()).collect::<Vec<_>>(), [100, 100, 50]);
    }
}
