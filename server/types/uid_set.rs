//! A sorted set of UIDs as runs: what a session knows of a mailbox, in a few bytes when UIDs are contiguous.

use crate::Uid;

/// A set of UIDs, kept as sorted, disjoint, non-adjacent runs (first, last).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UidSet {
    runs: Vec<(u32, u32)>,
    /// How many UIDs stand before each run, so that a number is found in a mailbox of many gaps too.
    before: Vec<u32>,
}

impl UidSet {
    /// The empty set.
    #[must_use]
    pub const fn new() -> Self {
        Self { runs: Vec::new(), before: Vec::new() }
    }

    /// How many UIDs.
    #[must_use]
    pub fn len(&self) -> usize {
        let last = self.runs.last().zip(self.before.last());
        last.map_or(0, |((first, last), before)| *before as usize + (last - first) as usize + 1)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// The runs, first and last UID of each, ascending.
    #[must_use]
    pub fn runs(&self) -> &[(u32, u32)] {
        &self.runs
    }

    /// The greatest UID.
    #[must_use]
    pub fn last(&self) -> Option<Uid> {
        self.runs.last().map(|(_, last)| Uid(*last))
    }

    /// Whether `uid` is in the set.
    #[must_use]
    pub fn contains(&self, uid: Uid) -> bool {
        let i = self.runs.partition_point(|(_, last)| *last < uid.0);
        self.runs.get(i).is_some_and(|(first, _)| *first <= uid.0)
    }

    /// The sequence number (1..) of `uid`.
    #[must_use]
    pub fn rank(&self, uid: Uid) -> Option<u32> {
        let i = self.runs.partition_point(|(_, last)| *last < uid.0);
        let ((first, _), before) = self.runs.get(i).zip(self.before.get(i))?;
        (uid.0 >= *first).then(|| before + (uid.0 - first) + 1)
    }

    /// The UID that has sequence number `number` (1..).
    #[must_use]
    pub fn nth(&self, number: u32) -> Option<Uid> {
        let place = number.checked_sub(1)?;
        let i = self.before.partition_point(|before| *before <= place).checked_sub(1)?;
        let ((first, last), before) = self.runs.get(i).zip(self.before.get(i))?;
        let uid = first.checked_add(place - before)?;
        (uid <= *last).then_some(Uid(uid))
    }

    /// Counts anew what stands before the runs from `from` on.
    fn count_from(&mut self, from: usize) {
        self.before.truncate(from);
        let mut before = match from.checked_sub(1) {
            None => 0,
            Some(i) => self.runs.get(i).zip(self.before.get(i)).map_or(0, |((f, l), before)| before + (l - f) + 1),
        };
        for (first, last) in self.runs.iter().skip(from) {
            self.before.push(before);
            // the last run may end with the greatest UID there is; nothing stands behind it
            before = before.saturating_add(last - first).saturating_add(1);
        }
    }

    /// Adds one UID.
    pub fn insert(&mut self, uid: Uid) {
        self.insert_run(uid.0, uid.0);
    }

    /// Adds the run `first..=last`; nothing when `first > last`.
    pub fn insert_run(&mut self, first: u32, last: u32) {
        if first > last {
            return;
        }
        let start = self.runs.partition_point(|(_, l)| l.saturating_add(1) < first);
        let end = self.runs.partition_point(|(f, _)| *f <= last.saturating_add(1));
        let merged = self.runs[start..end].iter().fold((first, last), |(a, b), (f, l)| (a.min(*f), b.max(*l)));
        self.runs.splice(start..end, [merged]);
        self.count_from(start);
    }

    /// Takes one UID out; whether it was there.
    pub fn remove(&mut self, uid: Uid) -> bool {
        let i = self.runs.partition_point(|(_, last)| *last < uid.0);
        let Some((first, last)) = self.runs.get(i).copied() else { return false };
        if uid.0 < first {
            return false;
        }
        let mut parts = Vec::with_capacity(2);
        if first < uid.0 {
            parts.push((first, uid.0 - 1));
        }
        if uid.0 < last {
            parts.push((uid.0 + 1, last));
        }
        self.runs.splice(i..=i, parts);
        self.count_from(i);
        true
    }

    /// The UIDs that are in both sets.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let (mut a, mut b) = (self.runs.iter().peekable(), other.runs.iter().peekable());
        let mut runs = Vec::new();
        while let (Some((af, al)), Some((bf, bl))) = (a.peek(), b.peek()) {
            let (first, last) = (*af.max(bf), *al.min(bl));
            if first <= last {
                runs.push((first, last));
            }
            if al < bl {
                a.next()
            } else {
                b.next()
            };
        }
        let mut both = Self { runs, before: Vec::new() };
        both.count_from(0);
        both
    }

    /// The UIDs of this set that are not in the other.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        let mut out = Self::new();
        for (first, last) in &self.runs {
            let mut from = *first;
            let skip = other.runs.partition_point(|(_, end)| *end < *first);
            for (begin, end) in other.runs.iter().skip(skip).take_while(|(begin, _)| begin <= last) {
                if from < *begin {
                    out.insert_run(from, begin - 1);
                }
                from = end.saturating_add(1).max(from);
            }
            // the run before may end with the greatest number there is
            if from <= *last && !other.contains(Uid(*last)) {
                out.insert_run(from, *last);
            }
        }
        out
    }

    /// Every UID, ascending.
    pub fn iter(&self) -> impl Iterator<Item = Uid> + '_ {
        self.runs.iter().flat_map(|(first, last)| (*first..=*last).map(Uid))
    }
}

impl FromIterator<Uid> for UidSet {
    fn from_iter<I: IntoIterator<Item = Uid>>(uids: I) -> Self {
        let mut set = Self::new();
        for uid in uids {
            match set.runs.last_mut() {
                Some((_, last)) if last.checked_add(1) == Some(uid.0) => *last = uid.0,
                _ => set.insert(uid),
            }
        }
        set
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn all_uids_there_can_be_are_counted() {
        let mut set = UidSet::new();
        set.insert_run(2, u32::MAX);
        assert_eq!(
            (set.len(), set.rank(Uid(u32::MAX)), set.nth(u32::MAX)),
            (u32::MAX as usize - 1, Some(u32::MAX - 1), None)
        );
        set.remove(Uid(7));
        assert_eq!((set.rank(Uid(u32::MAX)), set.nth(6)), (Some(u32::MAX - 2), Some(Uid(8))));
    }

    proptest! {
        #[test]
        fn it_behaves_as_a_set_of_numbers(steps in proptest::collection::vec((any::<bool>(), 1u32..40), 0..80)) {
            let (mut set, mut model) = (UidSet::new(), BTreeSet::new());
            for (add, uid) in steps {
                if add { set.insert(Uid(uid)); model.insert(uid); }
                else { prop_assert_eq!(set.remove(Uid(uid)), model.remove(&uid)); }
            }
            let listed: Vec<u32> = set.iter().map(|uid| uid.0).collect();
            prop_assert_eq!(&listed, &model.iter().copied().collect::<Vec<_>>());
            prop_assert_eq!(set.len(), model.len());
            for uid in 0..41 {
                let place = listed.iter().position(|one| *one == uid).map(|i| i as u32 + 1);
                prop_assert_eq!(set.rank(Uid(uid)), place);
                prop_assert_eq!(set.nth(uid), (uid as usize).checked_sub(1).and_then(|i| listed.get(i)).map(|uid| Uid(*uid)));
            }
            prop_assert_eq!(&set, &listed.iter().map(|uid| Uid(*uid)).collect::<UidSet>());
            prop_assert!(set.runs().windows(2).all(|w| w[0].1 + 1 < w[1].0));
        }

        #[test]
        fn an_intersection_holds_what_both_hold(a in proptest::collection::vec(1u32..60, 0..40), b in proptest::collection::vec(1u32..60, 0..40)) {
            let (x, y): (UidSet, UidSet) = (a.iter().map(|u| Uid(*u)).collect(), b.iter().map(|u| Uid(*u)).collect());
            let both = x.intersection(&y);
            for uid in 1..60 {
                prop_assert_eq!(both.contains(Uid(uid)), a.contains(&uid) && b.contains(&uid));
            }
            prop_assert_eq!(&both, &both.iter().collect::<UidSet>());
        }
    }
}
