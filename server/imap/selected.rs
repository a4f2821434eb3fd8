//! A selected mailbox as its client knows it: a view at a modification sequence, and what happened since that
//! the client has not been told (DESIGN.md section 5, "IMAP truth"). Pure: changes in, untagged lines out.

use std::collections::{BTreeSet, HashMap};

use store::{Changes, FlagRow, Opened};
use tokio::sync::watch;
use types::{Flags, Keyword, MailboxId, ModSeq, SystemFlags, Uid, UidSet};

use crate::wire::write;

/// The selected mailbox.
pub(crate) struct Selected {
    pub(crate) id: MailboxId,
    pub(crate) read_only: bool,
    /// The UIDs that make up the client's sequence numbers.
    pub(crate) view: UidSet,
    /// Those that this session alone shows as `\Recent`.
    pub(crate) recent: UidSet,
    /// Everything up to here is in `view` or in `gone`.
    pub(crate) modseq: ModSeq,
    /// Expunged, but the client has not been told: still in `view`, so that its numbers hold.
    gone: UidSet,
    /// Flags that the client knows already although they are newer than `modseq`: its own STOREs.
    told: HashMap<Uid, ModSeq>,
    keywords: BTreeSet<Keyword>,
    /// Wakes when the mailbox changes.
    pub(crate) changed: watch::Receiver<u64>,
}

impl Selected {
    pub(crate) fn new(opened: &Opened, read_only: bool, changed: watch::Receiver<u64>) -> Self {
        Self {
            id: opened.mailbox.id,
            read_only,
            view: opened.uids.clone(),
            recent: opened.recent.clone(),
            modseq: opened.mailbox.state.highest_modseq,
            gone: UidSet::new(),
            told: HashMap::new(),
            keywords: opened.keywords.clone(),
            changed,
        }
    }

    /// The sequence number of `uid`.
    pub(crate) fn number(&self, uid: Uid) -> Option<u32> {
        self.view.rank(uid)
    }

    /// Whether expunges wait to be told.
    pub(crate) fn has_gone(&self) -> bool {
        !self.gone.is_empty()
    }

    /// The client is told these flags now.
    pub(crate) fn told(&mut self, uid: Uid, modseq: ModSeq) {
        self.told.insert(uid, modseq);
    }

    /// FLAGS and PERMANENTFLAGS (RFC 3501 7.2.6, 7.1).
    pub(crate) fn write_flags(&self, out: &mut Vec<u8>) {
        let all = SystemFlags::ALL.iter().fold(SystemFlags::default(), |sum, (flag, _)| sum.union(*flag));
        let mut list = Vec::new();
        write::flags(&mut list, &Flags { system: all, keywords: self.keywords.clone() }, false);
        out.extend_from_slice(b"* FLAGS ");
        out.extend_from_slice(&list);
        out.extend_from_slice(b"\r\n* OK [PERMANENTFLAGS ");
        if self.read_only {
            out.extend_from_slice(b"()] Read-only mailbox.\r\n");
        } else {
            list.pop();
            out.extend_from_slice(&list);
            out.extend_from_slice(b" \\*)] Flags permitted.\r\n");
        }
    }

    /// Announces keywords that the client has not seen in FLAGS yet.
    pub(crate) fn announce<'f>(&mut self, flags: impl Iterator<Item = &'f Flags>, out: &mut Vec<u8>) {
        let before = self.keywords.len();
        for flags in flags {
            if !flags.keywords.is_subset(&self.keywords) {
                self.keywords.extend(flags.keywords.iter().cloned());
            }
        }
        if self.keywords.len() > before {
            self.write_flags(out);
        }
    }

    /// Takes in what happened and tells the client: expunges (only where `expunges` allows it: never during
    /// FETCH, STORE and SEARCH, RFC 3501 7.4.1), then new messages, then flags.
    pub(crate) fn apply(&mut self, changes: &Changes, expunges: bool, out: &mut Vec<u8>) {
        for (first, last) in changes.expunged.intersection(&self.view).runs() {
            self.gone.insert_run(*first, *last);
        }
        if expunges {
            self.tell_expunges(out);
        }
        let (known, fresh): (Vec<&FlagRow>, Vec<&FlagRow>) =
            changes.rows.iter().partition(|row| self.view.contains(row.uid));
        for row in &fresh {
            self.view.insert(row.uid);
        }
        for (first, last) in changes.recent.runs() {
            self.recent.insert_run(*first, *last);
        }
        if !fresh.is_empty() {
            let lines = format!("* {} EXISTS\r\n* {} RECENT\r\n", self.view.len(), self.recent.len());
            out.extend_from_slice(lines.as_bytes());
        }
        self.announce(changes.rows.iter().map(|row| &row.flags), out);
        for row in known {
            if self.told.get(&row.uid) != Some(&row.modseq) {
                self.write_row(row, true, out);
            }
        }
        if let Some(modseq) = changes.modseq {
            self.modseq = self.modseq.max(modseq);
        }
        let modseq = self.modseq;
        self.told.retain(|_, told| *told > modseq);
    }

    fn tell_expunges(&mut self, out: &mut Vec<u8>) {
        let gone = std::mem::take(&mut self.gone);
        // From the end, so that the numbers of the others stay.
        let uids: Vec<Uid> = gone.iter().collect();
        for uid in uids.into_iter().rev() {
            if let Some(number) = self.view.rank(uid) {
                out.extend_from_slice(format!("* {number} EXPUNGE\r\n").as_bytes());
                self.view.remove(uid);
            }
            self.recent.remove(uid);
            self.told.remove(&uid);
        }
    }

    /// `* n FETCH (UID … FLAGS (…))`
    pub(crate) fn write_row(&self, row: &FlagRow, uid: bool, out: &mut Vec<u8>) {
        let Some(number) = self.number(row.uid) else { return };
        out.extend_from_slice(format!("* {number} FETCH (").as_bytes());
        if uid {
            out.extend_from_slice(format!("UID {} ", row.uid).as_bytes());
        }
        out.extend_from_slice(b"FLAGS ");
        write::flags(out, &row.flags, self.recent.contains(row.uid));
        out.extend_from_slice(b")\r\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(uids: &[u32]) -> UidSet {
        uids.iter().map(|uid| Uid(*uid)).collect()
    }
    fn selected(uids: &[u32]) -> Selected {
        Selected {
            id: MailboxId(1),
            read_only: false,
            view: set(uids),
            recent: UidSet::new(),
            modseq: ModSeq(10),
            gone: UidSet::new(),
            told: HashMap::new(),
            keywords: BTreeSet::new(),
            changed: watch::channel(0).1,
        }
    }
    fn row(uid: u32, modseq: u64) -> FlagRow {
        FlagRow { uid: Uid(uid), modseq: ModSeq(modseq), created: ModSeq(1), flags: Flags::system(SystemFlags::SEEN) }
    }
    fn told(selected: &mut Selected, changes: &Changes, expunges: bool) -> String {
        let mut out = Vec::new();
        selected.apply(changes, expunges, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn expunges_wait_until_they_may_be_told_and_numbers_hold_until_then() {
        let mut selected = selected(&[1, 2, 5, 9]);
        let changes = Changes { modseq: Some(ModSeq(11)), expunged: set(&[2, 9, 77]), ..Changes::default() };
        assert_eq!(told(&mut selected, &changes, false), "");
        assert_eq!(selected.number(Uid(5)), Some(3));
        assert_eq!(told(&mut selected, &Changes::default(), true), "* 4 EXPUNGE\r\n* 2 EXPUNGE\r\n");
        assert_eq!(selected.number(Uid(5)), Some(2));
        assert!(!selected.has_gone());
    }

    #[test]
    fn new_messages_and_flags_of_others_are_told_and_own_stores_are_not_told_again() {
        let mut selected = selected(&[1, 2]);
        selected.told(Uid(2), ModSeq(12));
        let changes = Changes {
            modseq: Some(ModSeq(13)),
            rows: vec![row(1, 11), row(2, 12), row(3, 13)],
            recent: set(&[3]),
            ..Changes::default()
        };
        assert_eq!(
            told(&mut selected, &changes, true),
            "* 3 EXISTS\r\n* 1 RECENT\r\n* 1 FETCH (UID 1 FLAGS (\\Seen))\r\n"
        );
        assert_eq!(selected.modseq, ModSeq(13));
        let again = Changes { modseq: Some(ModSeq(14)), rows: vec![row(2, 14)], ..Changes::default() };
        assert_eq!(told(&mut selected, &again, true), "* 2 FETCH (UID 2 FLAGS (\\Seen))\r\n");
    }

    #[test]
    fn a_new_keyword_is_announced_before_it_is_used() {
        let mut selected = selected(&[1]);
        let mut changed = row(1, 11);
        changed.flags.keywords.insert(Keyword::parse("$Work").unwrap());
        let changes = Changes { modseq: Some(ModSeq(11)), rows: vec![changed], ..Changes::default() };
        let lines = told(&mut selected, &changes, true);
        assert!(
            lines.starts_with("* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $Work)\r\n* OK [PERMANENTFLAGS ")
        );
        assert!(lines.ends_with("* 1 FETCH (UID 1 FLAGS (\\Seen $Work))\r\n"));
    }
}
