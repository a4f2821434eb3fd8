//! What a reader sees of another's mailbox: its messages with his own `\Seen` in place of the owner's. Pure; the mailbox is
//! always read before the overlay, so that nothing newer than the mailbox's MODSEQ is missed, only perhaps told twice.

use std::collections::HashMap;

use types::{Flags, ModSeq, SystemFlags, Uid, UidSet};

use crate::{FlagRow, MessageRow, Opened, SeenRow};

/// The rows of a reader's overlay by UID.
pub(crate) struct Overlay(HashMap<Uid, SeenRow>);

impl Overlay {
    pub(crate) fn new(rows: Vec<SeenRow>) -> Self {
        Self(rows.into_iter().map(|row| (row.uid, row)).collect())
    }

    /// The flags and MODSEQ as the reader sees them.
    fn shown(&self, uid: Uid, flags: &mut Flags, modseq: &mut ModSeq) {
        let own = self.0.get(&uid);
        let seen = if own.is_some_and(|row| row.seen) { SystemFlags::SEEN } else { SystemFlags::default() };
        flags.system = flags.system.without(SystemFlags::SEEN).union(seen);
        if let Some(row) = own {
            *modseq = (*modseq).max(row.modseq);
        }
    }
    pub(crate) fn over_flags(&self, rows: &mut [FlagRow]) {
        for row in rows {
            self.shown(row.uid, &mut row.flags, &mut row.modseq);
        }
    }
    pub(crate) fn over_messages(&self, rows: &mut [MessageRow]) {
        for row in rows {
            self.shown(row.uid, &mut row.flags, &mut row.modseq);
        }
    }
    pub(crate) fn over_opened(&self, opened: &mut Opened) {
        let seen = |uid: Uid| self.0.get(&uid).is_some_and(|row| row.seen);
        let unseen = opened.uids.iter().filter(|uid| !seen(*uid)).count();
        opened.mailbox.state.unseen = u32::try_from(unseen).unwrap_or(u32::MAX);
        opened.first_unseen = opened.uids.iter().find(|uid| !seen(*uid));
    }
    /// The UIDs of which it knows something.
    pub(crate) fn uids(&self) -> UidSet {
        let mut uids: Vec<Uid> = self.0.keys().copied().collect();
        uids.sort_unstable();
        uids.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use types::RecordId;

    use super::*;

    #[test]
    fn the_readers_seen_stands_in_place_of_the_owners() {
        let row = |uid, flags, modseq| FlagRow {
            uid: Uid(uid),
            modseq: ModSeq(modseq),
            created: ModSeq(1),
            flags: Flags::system(flags),
            record: RecordId(1),
            cut: false,
        };
        let own = |uid, seen, modseq| SeenRow { uid: Uid(uid), seen, modseq: ModSeq(modseq) };
        let both = SystemFlags::SEEN.union(SystemFlags::FLAGGED);
        let overlay = Overlay::new(vec![own(2, true, 9), own(3, false, 4)]);
        let mut rows = [row(1, both, 5), row(2, SystemFlags::FLAGGED, 5), row(3, SystemFlags::SEEN, 5)];
        overlay.over_flags(&mut rows);
        let none = SystemFlags::default();
        assert_eq!(rows, [row(1, SystemFlags::FLAGGED, 5), row(2, both, 9), row(3, none, 5)]);
        assert_eq!(overlay.uids().len(), 2);
    }
}
