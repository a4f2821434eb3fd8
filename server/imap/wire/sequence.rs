//! Sequence sets (RFC 3501 section 9, `sequence-set`): what the client writes, and which messages it means.

use types::{Uid, UidSet};

use super::cursor::{Cursor, Parsed, wrong};
use super::write;

/// One end of a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// A number.
    Number(u32),
    /// `*`: the greatest number in use.
    Last,
}

/// Most ranges in one set: more is no way to name messages.
const MOST_RANGES: usize = 100_000;

/// A sequence set as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SequenceSet {
    /// Numbers and ranges.
    Ranges(Vec<(Bound, Bound)>),
    /// `$`: what the last SEARCH saved (RFC 5182).
    Saved,
}

impl SequenceSet {
    /// Reads a set such as `1,3:5,7:*`, or `$`.
    ///
    /// # Errors
    /// The grammar is broken, or the set has too many ranges.
    pub fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        if cursor.take(b'$') {
            return Ok(Self::Saved);
        }
        let mut ranges = Vec::new();
        loop {
            let first = bound(cursor)?;
            let last = if cursor.take(b':') { bound(cursor)? } else { first };
            ranges.push((first, last));
            if ranges.len() > MOST_RANGES {
                return wrong("The set has too many ranges");
            }
            if !cursor.take(b',') {
                return Ok(Self::Ranges(ranges));
            }
        }
    }

    /// Whether it names numbers alone, neither `*` nor `$`.
    #[must_use]
    pub fn is_of_numbers(&self) -> bool {
        match self {
            Self::Ranges(ranges) => ranges.iter().all(|(first, last)| *first != Bound::Last && *last != Bound::Last),
            Self::Saved => false,
        }
    }

    /// The UIDs of `view` that the set means when its numbers are UIDs; those that are not there are left out
    /// (RFC 3501 6.4.8). `saved` is what `$` means.
    #[must_use]
    pub fn as_uids(&self, view: &UidSet, saved: &UidSet) -> UidSet {
        self.all_uids(view, saved).intersection(view)
    }

    /// The same with those that are not in `view`.
    #[must_use]
    pub fn all_uids(&self, view: &UidSet, saved: &UidSet) -> UidSet {
        let Self::Ranges(ranges) = self else { return saved.clone() };
        let last = view.last().map_or(0, |last| last.0);
        let mut wanted = UidSet::new();
        for (first, second) in resolved(ranges, last) {
            wanted.insert_run(first.max(1), second);
        }
        wanted
    }

    /// The UIDs that the set means when its numbers are places in `view`. `saved` is what `$` means.
    ///
    /// # Errors
    /// A number is greater than the count of messages.
    pub fn as_numbers(&self, view: &UidSet, saved: &UidSet) -> Parsed<UidSet> {
        let Self::Ranges(ranges) = self else { return Ok(saved.intersection(view)) };
        let count = u32::try_from(view.len()).unwrap_or(u32::MAX);
        let mut out = UidSet::new();
        for (first, second) in resolved(ranges, count) {
            if first == 0 || second > count {
                return wrong("Invalid messageset");
            }
            add_places(view, first, second, &mut out);
        }
        Ok(out)
    }
}

/// Ranges with `*` replaced, the smaller end first; in order, since a set that grows at its end grows cheaply.
fn resolved(ranges: &[(Bound, Bound)], last: u32) -> Vec<(u32, u32)> {
    let value = |bound: Bound| match bound {
        Bound::Number(number) => number,
        Bound::Last => last,
    };
    let ordered = |(a, b): &(Bound, Bound)| (value(*a).min(value(*b)), value(*a).max(value(*b)));
    let mut all: Vec<(u32, u32)> = ranges.iter().map(ordered).collect();
    all.sort_unstable();
    all
}

/// The UIDs of both sets.
#[must_use]
pub fn union(set: &UidSet, other: &UidSet) -> UidSet {
    let mut all = set.clone();
    other.runs().iter().for_each(|(first, last)| all.insert_run(*first, *last));
    all
}

/// The places (1..) in `view` of those of `uids` that are there, as runs.
#[must_use]
pub fn places(view: &UidSet, uids: &UidSet) -> Vec<(u32, u32)> {
    let mut out: Vec<(u32, u32)> = Vec::new();
    let (mut before, mut at) = (0u32, 0usize);
    for (low, high) in view.runs() {
        while let Some((first, last)) = uids.runs().get(at) {
            let (from, to) = (*first.max(low), *last.min(high));
            if from <= to {
                let (from, to) = (before + (from - low) + 1, before + (to - low) + 1);
                match out.last_mut() {
                    Some((_, end)) if *end + 1 == from => *end = to,
                    _ => out.push((from, to)),
                }
            }
            if last > high {
                break;
            }
            at += 1;
        }
        before += high - low + 1;
    }
    out
}

/// Adds the UIDs at places `first..=last` (1..) of `view`, run by run.
fn add_places(view: &UidSet, first: u32, last: u32, out: &mut UidSet) {
    let mut before = 0u32;
    for (low, high) in view.runs() {
        let count = high - low + 1;
        let (from, to) = (first.max(before + 1), last.min(before + count));
        if from <= to {
            out.insert_run(low + (from - before - 1), low + (to - before - 1));
        }
        before += count;
        if before >= last {
            return;
        }
    }
}

pub(super) fn bound(cursor: &mut Cursor<'_>) -> Parsed<Bound> {
    if cursor.take(b'*') { Ok(Bound::Last) } else { cursor.nz_number().map(Bound::Number) }
}

/// Writes a set of UIDs as a `uid-set` (RFC 4315): `1:3,7`.
pub fn write_set(out: &mut Vec<u8>, set: &UidSet) {
    write_runs(out, set.runs().iter().copied());
}

/// Writes the places of `uids` in `view` as a set of numbers.
pub fn write_places(out: &mut Vec<u8>, view: &UidSet, uids: &UidSet) {
    write_runs(out, places(view, uids).into_iter());
}

/// Writes UIDs in the order given, joining neighbours that ascend by one: COPYUID pairs them by place.
pub fn write_in_order(out: &mut Vec<u8>, uids: impl Iterator<Item = Uid>) {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for uid in uids {
        match runs.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(uid.0) => *last = uid.0,
            _ => runs.push((uid.0, uid.0)),
        }
    }
    write_runs(out, runs.into_iter());
}

fn write_runs(out: &mut Vec<u8>, runs: impl Iterator<Item = (u32, u32)>) {
    for (i, (first, last)) in runs.enumerate() {
        if i > 0 {
            out.push(b',');
        }
        write::number(out, first);
        if last != first {
            out.push(b':');
            write::number(out, last);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn set(text: &str) -> SequenceSet {
        let mut cursor = Cursor::new(text.as_bytes());
        let set = SequenceSet::parse(&mut cursor).unwrap();
        cursor.end().unwrap();
        set
    }
    fn view(uids: &[u32]) -> UidSet {
        uids.iter().map(|uid| Uid(*uid)).collect()
    }

    #[test]
    fn numbers_and_uids_are_told_apart() {
        let view = view(&[4, 7, 8, 20]);
        let saved: UidSet = [Uid(7), Uid(9), Uid(20)].into_iter().collect();
        let list = |set: UidSet| set.iter().map(|uid| uid.0).collect::<Vec<_>>();
        let numbers = |text: &str| set(text).as_numbers(&view, &saved).map(list);
        let uids = |text: &str| list(set(text).as_uids(&view, &saved));
        assert_eq!((numbers("$"), uids("$")), (Ok(vec![7, 20]), vec![7, 20]));
        assert_eq!(numbers("1,3:*"), Ok(vec![4, 8, 20]));
        assert_eq!(numbers("*:3,2"), Ok(vec![7, 8, 20]));
        assert!(numbers("5").is_err());
        assert_eq!(uids("5:8"), [7, 8]);
        assert_eq!(uids("21:*"), [20]);
        assert_eq!(uids("*"), [20]);
        assert_eq!(uids("1:3"), Vec::<u32>::new());
        assert_eq!(uids("1:4294967295"), [4, 7, 8, 20]);
    }

    #[test]
    fn an_empty_mailbox_has_no_numbers() {
        assert!(set("1").as_numbers(&UidSet::new(), &UidSet::new()).is_err());
        assert!(set("1:*").as_numbers(&UidSet::new(), &UidSet::new()).is_err());
        assert!(set("1:*").as_uids(&UidSet::new(), &UidSet::new()).is_empty());
    }

    #[test]
    fn broken_sets_are_refused() {
        for text in ["", "0", "1:", ",1", "1,", "a", "4294967296", "$,1", "1,$", "$:3"] {
            let mut cursor = Cursor::new(text.as_bytes());
            assert!(SequenceSet::parse(&mut cursor).and_then(|_| cursor.end()).is_err(), "{text}");
        }
    }

    #[test]
    fn a_set_of_too_many_ranges_is_refused_and_a_large_one_is_read_at_once() {
        let many = |count: usize| (0..count).rev().map(|i| (2 * i + 1).to_string()).collect::<Vec<_>>().join(",");
        assert!(SequenceSet::parse(&mut Cursor::new(many(MOST_RANGES + 1).as_bytes())).is_err());
        let mut all = UidSet::new();
        all.insert_run(1, u32::MAX);
        assert_eq!(set(&many(MOST_RANGES)).as_uids(&all, &UidSet::new()).len(), MOST_RANGES);
    }

    #[test]
    fn copies_are_paired_in_their_order() {
        let mut out = Vec::new();
        write_in_order(&mut out, [3, 4, 5, 9, 1].into_iter().map(Uid));
        assert_eq!(out, b"3:5,9,1");
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(uids in proptest::collection::btree_set(1u32..500, 1..60)) {
            let view: UidSet = uids.iter().map(|uid| Uid(*uid)).collect();
            let mut out = Vec::new();
            write_set(&mut out, &view);
            let read = set(std::str::from_utf8(&out).unwrap());
            prop_assert_eq!(&read.as_uids(&view, &UidSet::new()), &view);
            let all = set("1:*").as_numbers(&view, &UidSet::new()).unwrap();
            prop_assert_eq!(&all, &view);
        }

        #[test]
        fn what_is_without_and_where_it_stands(a in proptest::collection::btree_set(1u32..90, 0..60), b in proptest::collection::btree_set(1u32..90, 0..60)) {
            let set = |uids: &std::collections::BTreeSet<u32>| uids.iter().map(|uid| Uid(*uid)).collect::<UidSet>();
            let (x, y) = (set(&a), set(&b));
            let rest: Vec<u32> = x.without(&y).iter().map(|uid| uid.0).collect();
            prop_assert_eq!(rest, a.difference(&b).copied().collect::<Vec<_>>());
            let wanted: Vec<u32> = b.iter().filter_map(|uid| x.rank(Uid(*uid))).collect();
            let got: Vec<u32> = places(&x, &y).into_iter().flat_map(|(first, last)| first..=last).collect();
            prop_assert_eq!(got, wanted);
        }

        #[test]
        fn places_are_those_of_the_sorted_list(uids in proptest::collection::btree_set(1u32..300, 1..60), a in 1u32..60, b in 1u32..60) {
            let view: UidSet = uids.iter().map(|uid| Uid(*uid)).collect();
            let list: Vec<u32> = uids.into_iter().collect();
            let got = SequenceSet::Ranges(vec![(Bound::Number(a), Bound::Number(b))]).as_numbers(&view, &UidSet::new());
            let (low, high) = (a.min(b) as usize, a.max(b) as usize);
            if high > list.len() { prop_assert!(got.is_err()); }
            else { prop_assert_eq!(got.unwrap().iter().map(|u| u.0).collect::<Vec<_>>(), list[low - 1..high].to_vec()); }
        }
    }
}
