//! Orders of whole mailboxes (RFC 5256), kept in memory for whoever sorts again: what a message is never changes under its
//! UID, so an order only ever lacks what came later. Bounded in messages; who may read the mailbox is asked elsewhere.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use types::{MailboxId, Uid, UidSet};

use crate::wire::sort::SortKey;

/// Messages of all orders together at most: 16 MiB.
const MOST: usize = 2 << 20;
/// So many messages an order counts for beside its own, so that there are few of them, however short they are.
const EACH: usize = 1_024;

/// A message in an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) uid: Uid,
    /// It is equal to the one before it, and stands behind it by its number alone.
    pub(crate) same: bool,
}

/// The orders of all mailboxes, the one that was used last at the end.
#[derive(Debug)]
pub(crate) struct Orders {
    most: usize,
    kept: Mutex<VecDeque<Kept>>,
}

#[derive(Debug)]
struct Kept {
    mailbox: MailboxId,
    key: SortKey,
    places: Arc<[Place]>,
}

impl Default for Orders {
    fn default() -> Self {
        Self { most: MOST, kept: Mutex::default() }
    }
}

impl Orders {
    /// The order of a mailbox by this key, ascending, as it was when it was kept.
    pub(crate) fn get(&self, mailbox: MailboxId, key: SortKey) -> Option<Arc<[Place]>> {
        let mut all = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let at = all.iter().position(|kept| kept.mailbox == mailbox && kept.key == key)?;
        let kept = all.remove(at)?;
        let places = kept.places.clone();
        all.push_back(kept);
        Some(places)
    }

    /// By what orders of a mailbox are kept.
    pub(crate) fn keys(&self, mailbox: MailboxId) -> Vec<SortKey> {
        let all = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().filter(|kept| kept.mailbox == mailbox).map(|kept| kept.key).collect()
    }

    /// Keeps an order in place of the earlier one.
    pub(crate) fn put(&self, mailbox: MailboxId, key: SortKey, places: Vec<Place>) {
        if places.len() > self.most / 2 {
            return;
        }
        let mut all = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|kept| kept.mailbox != mailbox || kept.key != key);
        all.push_back(Kept { mailbox, key, places: places.into() });
        let weight = |kept: &Kept| kept.places.len() + EACH;
        let mut sum: usize = all.iter().map(weight).sum();
        while sum > self.most {
            sum -= all.pop_front().as_ref().map_or(sum, weight);
        }
    }
}

/// Those of an order that are wanted, in that order or the reverse. `None`: one that is wanted is not in it.
pub(crate) fn among(places: &[Place], wanted: &Wanted, reverse: bool) -> Option<Vec<usize>> {
    let found = directed(places, reverse, |place| wanted.place(place.uid));
    (found.len() == wanted.count).then_some(found)
}

/// What `of` says of each place, in their order or the reverse.
pub(crate) fn directed(places: &[Place], reverse: bool, of: impl Fn(&Place) -> Option<usize>) -> Vec<usize> {
    in_direction(places, reverse).filter_map(of).collect()
}

/// The places in their order or the reverse, where equals stay in the order of their numbers.
fn in_direction(places: &[Place], reverse: bool) -> Box<dyn Iterator<Item = &Place> + Send + '_> {
    if reverse { Box::new(places.chunk_by(|_, next| next.same).rev().flatten()) } else { Box::new(places.iter()) }
}

/// An order without those that are gone: who was equal to one of them is so to the one before it.
pub(crate) fn of_those(places: &[Place], stays: impl Fn(Uid) -> bool) -> Vec<Place> {
    let (mut left, mut same) = (Vec::with_capacity(places.len()), true);
    for place in places {
        same &= place.same;
        if stays(place.uid) {
            left.push(Place { uid: place.uid, same });
            same = true;
        }
    }
    left
}

/// UIDs with their places in an ascending list, for many look-ups.
pub(crate) struct Wanted {
    count: usize,
    first: u32,
    /// By the distance from the first: the place and one, or 0.
    places: Vec<u32>,
}

impl Wanted {
    /// Of an ascending list; `None` where its numbers lie too far apart.
    pub(crate) fn new(uids: impl ExactSizeIterator<Item = Uid> + Clone) -> Option<Self> {
        const GAPS: usize = 64;
        let (count, first) = (uids.len(), uids.clone().next()?.0);
        let span = (uids.clone().last()?.0.checked_sub(first)?) as usize + 1;
        if span / GAPS > count {
            return None;
        }
        let mut places = vec![0; span];
        for (uid, place) in uids.zip(1u32..) {
            *places.get_mut((uid.0 - first) as usize)? = place;
        }
        Some(Self { count, first, places })
    }

    fn place(&self, uid: Uid) -> Option<usize> {
        let place = *self.places.get(uid.0.checked_sub(self.first)? as usize)?;
        (place as usize).checked_sub(1)
    }
}

/// UIDs as bits, for many look-ups in little memory.
pub(crate) struct Marked {
    count: usize,
    first: u32,
    bits: Vec<u64>,
}

impl Marked {
    /// `None` where there is none, or they lie too far apart.
    pub(crate) fn new(uids: &UidSet) -> Option<Self> {
        const GAPS: usize = 1_024;
        let (first, last) = (uids.runs().first()?.0, uids.runs().last()?.1);
        let span = (last - first) as usize + 1;
        if span / GAPS > uids.len() {
            return None;
        }
        let mut bits = vec![0; span.div_ceil(64)];
        for at in uids.iter().map(|uid| uid.0 - first) {
            *bits.get_mut(at as usize / 64)? |= 1 << (at % 64);
        }
        Some(Self { count: uids.len(), first, bits })
    }

    fn holds(&self, uid: Uid) -> bool {
        let at = uid.0.wrapping_sub(self.first);
        self.bits.get(at as usize / 64).is_some_and(|bits| bits >> (at % 64) & 1 == 1)
    }

    /// Those of an order, in that order or the reverse.
    pub(crate) fn of<'a>(&'a self, places: &'a [Place], reverse: bool) -> Box<dyn Iterator<Item = Uid> + Send + 'a> {
        Box::new(in_direction(places, reverse).map(|place| place.uid).filter(|uid| self.holds(*uid)))
    }

    /// Whether all of them are in an order.
    pub(crate) fn all_in(&self, places: &[Place]) -> bool {
        places.iter().filter(|place| self.holds(place.uid)).count() == self.count
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn wanted(uids: &[u32]) -> Option<Wanted> {
        Wanted::new(uids.iter().map(|uid| Uid(*uid)))
    }

    proptest! {
        /// What is kept gives what sorting gives, for any part of the mailbox and in either direction.
        #[test]
        fn a_kept_order_is_that_of_sorting(values in proptest::collection::vec(0u8..4, 1..40), part in proptest::collection::vec(any::<bool>(), 40), reverse in any::<bool>()) {
            let mut all: Vec<(u8, u32)> = values.iter().copied().zip(1u32..).collect();
            let uids: Vec<u32> = all.iter().map(|(_, uid)| *uid).filter(|uid| part[*uid as usize - 1]).collect();
            let mut sorted: Vec<u32> = uids.clone();
            let value = |uid: &u32| values[*uid as usize - 1];
            sorted.sort_by(|a, b| if reverse { value(b).cmp(&value(a)) } else { value(a).cmp(&value(b)) });
            all.sort();
            let places: Vec<Place> = all.iter().enumerate().map(|(i, (value, uid))| Place { uid: Uid(*uid), same: i > 0 && all[i - 1].0 == *value }).collect();
            if let Some(wanted) = wanted(&uids) {
                let found: Vec<u32> = among(&places, &wanted, reverse).unwrap().into_iter().map(|at| uids[at]).collect();
                prop_assert_eq!(&found, &sorted);
            }
            let set: UidSet = uids.iter().map(|uid| Uid(*uid)).collect();
            if let Some(marked) = Marked::new(&set) {
                prop_assert!(marked.all_in(&places));
                prop_assert_eq!(marked.of(&places, reverse).map(|uid| uid.0).collect::<Vec<_>>(), sorted);
            }
            all.retain(|(_, uid)| part[*uid as usize - 1]);
            let left: Vec<Place> = all.iter().enumerate().map(|(i, (value, uid))| Place { uid: Uid(*uid), same: i > 0 && all[i - 1].0 == *value }).collect();
            prop_assert_eq!(of_those(&places, |uid| part[uid.0 as usize - 1]), left);
        }
    }

    #[test]
    fn what_came_later_is_not_in_it() {
        let places = [Place { uid: Uid(2), same: false }, Place { uid: Uid(1), same: false }];
        assert_eq!(among(&places, &wanted(&[1, 2]).unwrap(), false), Some(vec![1, 0]));
        assert_eq!(among(&places, &wanted(&[1, 3]).unwrap(), false), None);
        assert!(wanted(&[1, 1_000_000]).is_none() && wanted(&[]).is_none());
        let marked = |uids: &[u32]| Marked::new(&uids.iter().map(|uid| Uid(*uid)).collect());
        assert!(marked(&[1, 2]).unwrap().all_in(&places) && !marked(&[1, 3]).unwrap().all_in(&places));
        assert!(!marked(&[2]).unwrap().holds(Uid(1)) && !marked(&[2]).unwrap().holds(Uid(u32::MAX)));
        assert!(marked(&[1, u32::MAX]).is_none() && marked(&[]).is_none());
    }

    #[test]
    fn orders_are_bounded_and_the_one_used_last_stays() {
        let orders = Orders { most: 2 * (EACH + 2), kept: Mutex::default() };
        let two = |first: u32| [first, first + 1].map(|uid| Place { uid: Uid(uid), same: false }).to_vec();
        orders.put(MailboxId(1), SortKey::Subject, two(1));
        orders.put(MailboxId(1), SortKey::Date, two(1));
        assert!(orders.get(MailboxId(1), SortKey::Subject).is_some());
        orders.put(MailboxId(2), SortKey::Date, two(5));
        assert!(
            orders.get(MailboxId(1), SortKey::Date).is_none() && orders.get(MailboxId(1), SortKey::Subject).is_some()
        );
        orders.put(MailboxId(2), SortKey::Date, two(7));
        assert_eq!(orders.get(MailboxId(2), SortKey::Date).unwrap()[0].uid, Uid(7));
        orders.put(MailboxId(3), SortKey::Date, two(1).repeat(600));
        assert!(orders.get(MailboxId(3), SortKey::Date).is_none(), "one that is too large is not kept");
    }
}
