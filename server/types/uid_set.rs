//! A sorted set of UIDs as runs: what a session knows of a mailbox, in a few bytes when UIDs are contiguous.

use crate::Uid;

/// A set of UIDs, kept as sorted, disjoint, non-adjacent runs (first, last).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UidSet {
    runs: Vec<(u32, u32)>,
}

impl UidSet {
    /// The empty set.
    #[must_use]
    pub const fn new() -> Self {
        Self { runs: Vec::new() }
    }

    /// How many UIDs.
    #[must_use]
    pub fn len(&self) -> usize {
        self.runs.iter().map(|(first, last)| (last - first) as usize + 1).sum()
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
        let mut before = 0;
        for (first, last) in &self.runs {
            if uid.0 < *first {
                return None;
            }
            if uid.0 <= *last {
                return Some(before + (uid.0 - first) + 1);
            }
            before += last - first + 1;
        }
        None
    }

    /// The UID that has sequence number `number` (1..).
    #[must_use]
    pub fn nth(&self, number: u32) -> Option<Uid> {
        let mut left = number.checked_sub(1)?;
        for (first, last) in &self.runs {
            let count = last - first + 1;
            if left < count {
                return Some(Uid(first + left));
            }
            left -= count;
        }
        None
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
        Self { runs }
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
            for (i, uid) in listed.iter().enumerate() {
                prop_assert_eq!(set.rank(Uid(*uid)), Some(i as u32 + 1));
                prop_assert_eq!(set.nth(i as u32 + 1), Some(Uid(*uid)));
            }
            prop_assert!(set.runs().windows(2).all(|w| w[0].1 + 1 < w[1].0));
        }

        #[test]
        fn an_intersection_holds_what_both_hold(a in proptest::collection::vec(1u32..60, 0..40), b in proptest::collection::vec(1u32..60, 0..40)) {
            let (x, y): (UidSet, UidSet) = (a.iter().map(|u| Uid(*u)).collect(), b.iter().map(|u| Uid(*u)).collect());
            let both = x.intersection(&y);
            for uid in 1..60 {
                prop_assert_eq!(both.contains(Uid(uid)), a.contains(&uid) && b.contains(&uid));
            }
        }
    }
}
