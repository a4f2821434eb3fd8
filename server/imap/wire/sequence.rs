//! Sequence sets (RFC 3501 section 9, `sequence-set`): what the client writes, and which messages it means.

use types::{Uid, UidSet};

use super::cursor::{Cursor, Parsed, wrong};

/// One end of a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// A number.
    Number(u32),
    /// `*`: the greatest number in use.
    Last,
}

/// A sequence set as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SequenceSet(pub Vec<(Bound, Bound)>);

impl SequenceSet {
    /// Reads a set such as `1,3:5,7:*`.
    ///
    /// # Errors
    /// The grammar is broken.
    pub fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let mut ranges = Vec::new();
        loop {
            let first = bound(cursor)?;
            let last = if cursor.take(b':') { bound(cursor)? } else { first };
            ranges.push((first, last));
            if !cursor.take(b',') {
                return Ok(Self(ranges));
            }
        }
    }

    /// The UIDs of `view` that the set means when its numbers are UIDs; those that are not there are left out
    /// (RFC 3501 6.4.8).
    #[must_use]
    pub fn as_uids(&self, view: &UidSet) -> UidSet {
        let Some(last) = view.last() else { return UidSet::new() };
        let mut wanted = UidSet::new();
        for (first, second) in self.resolved(last.0) {
            wanted.insert_run(first, second);
        }
        wanted.intersection(view)
    }

    /// The UIDs that the set means when its numbers are places in `view`.
    ///
    /// # Errors
    /// A number is greater than the count of messages.
    pub fn as_numbers(&self, view: &UidSet) -> Parsed<UidSet> {
        let count = u32::try_from(view.len()).unwrap_or(u32::MAX);
        let mut out = UidSet::new();
        for (first, second) in self.resolved(count) {
            if first == 0 || second > count {
                return wrong("Invalid messageset");
            }
            add_places(view, first, second, &mut out);
        }
        Ok(out)
    }

    /// Ranges with `*` replaced, the smaller end first.
    fn resolved(&self, last: u32) -> impl Iterator<Item = (u32, u32)> + '_ {
        let value = move |bound: Bound| match bound {
            Bound::Number(number) => number,
            Bound::Last => last,
        };
        self.0.iter().map(move |(a, b)| (value(*a).min(value(*b)), value(*a).max(value(*b))))
    }
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

fn bound(cursor: &mut Cursor<'_>) -> Parsed<Bound> {
    if cursor.take(b'*') { Ok(Bound::Last) } else { cursor.nz_number().map(Bound::Number) }
}

/// Writes a set of UIDs as a `uid-set` (RFC 4315): `1:3,7`.
pub fn write_set(out: &mut Vec<u8>, set: &UidSet) {
    write_runs(out, set.runs().iter().copied());
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
        out.extend_from_slice(first.to_string().as_bytes());
        if last != first {
            out.push(b':');
            out.extend_from_slice(last.to_string().as_bytes());
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
        let numbers =
            |text: &str| set(text).as_numbers(&view).map(|set| set.iter().map(|uid| uid.0).collect::<Vec<_>>());
        let uids = |text: &str| set(text).as_uids(&view).iter().map(|uid| uid.0).collect::<Vec<_>>();
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
        assert!(set("1").as_numbers(&UidSet::new()).is_err());
        assert!(set("1:*").as_numbers(&UidSet::new()).is_err());
        assert!(set("1:*").as_uids(&UidSet::new()).is_empty());
    }

    #[test]
    fn broken_sets_are_refused() {
        for text in ["", "0", "1:", ",1", "1,", "a", "4294967296"] {
            let mut cursor = Cursor::new(text.as_bytes());
            assert!(SequenceSet::parse(&mut cursor).and_then(|_| cursor.end()).is_err(), "{text}");
        }
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
            prop_assert_eq!(&read.as_uids(&view), &view);
            let all = set("1:*").as_numbers(&view).unwrap();
            prop_assert_eq!(&all, &view);
        }

        #[test]
        fn places_are_those_of_the_sorted_list(uids in proptest::collection::btree_set(1u32..300, 1..60), a in 1u32..60, b in 1u32..60) {
            let view: UidSet = uids.iter().map(|uid| Uid(*uid)).collect();
            let list: Vec<u32> = uids.into_iter().collect();
            let got = SequenceSet(vec![(Bound::Number(a), Bound::Number(b))]).as_numbers(&view);
            let (low, high) = (a.min(b) as usize, a.max(b) as usize);
            if high > list.len() { prop_assert!(got.is_err()); }
            else { prop_assert_eq!(got.unwrap().iter().map(|u| u.0).collect::<Vec<_>>(), list[low - 1..high].to_vec()); }
        }
    }
}
