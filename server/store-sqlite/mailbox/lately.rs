//! The last changes of a mailbox that a view took in, so that whoever asks what changed since a moment ago is not answered by looking
//! at every message.

use std::collections::VecDeque;

/// So many changes are kept.
const MOST: usize = 512;

/// Changes after a MODSEQ, in their order.
#[derive(Debug)]
pub struct Lately {
    /// Whatever changed after this MODSEQ is here.
    since: i64,
    /// MODSEQs, never falling, and UIDs.
    changes: VecDeque<(i64, u32)>,
}

impl Lately {
    /// Nothing has changed after this MODSEQ.
    pub fn new(modseq: i64) -> Self {
        Self { since: modseq, changes: VecDeque::new() }
    }

    /// Takes in what changed after `before` up to `now`: MODSEQs and UIDs, in any order.
    pub fn note(&mut self, (before, now): (i64, i64), changed: impl Iterator<Item = (i64, u32)>) {
        let mut new: Vec<(i64, u32)> = changed.filter(|(modseq, _)| *modseq > before).take(MOST + 1).collect();
        if new.len() > MOST {
            *self = Self::new(now);
            return;
        }
        new.sort_unstable();
        self.changes.extend(new);
        while self.changes.len() > MOST {
            if let Some((modseq, _)) = self.changes.pop_front() {
                self.since = modseq;
            }
        }
    }

    /// UIDs of what changed after this MODSEQ, ascending, perhaps some that are gone; `None`: that is too long ago.
    pub fn after(&self, modseq: i64) -> Option<Vec<u32>> {
        if modseq < self.since {
            return None;
        }
        let late = self.changes.iter().rev().take_while(|(at, _)| *at > modseq);
        let mut uids: Vec<u32> = late.map(|(_, uid)| *uid).collect();
        uids.sort_unstable();
        uids.dedup();
        Some(uids)
    }

    /// Memory that it may come to use, bytes, about.
    pub const BYTES: usize = MOST * size_of::<(i64, u32)>();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changed_late_is_known_and_what_is_longer_ago_is_not() {
        let mut lately = Lately::new(5);
        assert_eq!((lately.after(4), lately.after(5)), (None, Some(vec![])));
        // what is known already is read again
        lately.note((5, 8), [(8, 1), (6, 9), (3, 4), (7, 1)].into_iter());
        assert_eq!(
            (lately.after(5), lately.after(6), lately.after(8)),
            (Some(vec![1, 9]), Some(vec![1]), Some(vec![]))
        );
        for modseq in 9..9 + MOST as i64 {
            lately.note((modseq - 1, modseq), [(modseq, 2)].into_iter());
        }
        assert_eq!((lately.after(7), lately.after(8)), (None, Some(vec![2])));
        let many = |now: i64| (0..=MOST as u32).map(move |uid| (now, uid));
        lately.note((1_000, 1_001), many(1_001));
        assert_eq!((lately.after(1_000), lately.after(1_001)), (None, Some(vec![])));
    }
}
