//! A selected mailbox as its client knows it: a view at a modification sequence, and what happened since that
//! the client has not been told (DESIGN.md section 5, "IMAP truth"). Pure: changes in, untagged lines out.

use std::collections::{BTreeSet, HashMap};

use store::{Changes, FlagRow, Opened, Rights};
use tokio::sync::watch;
use types::{Flags, Keyword, MailboxId, ModSeq, SystemFlags, Uid, UidSet, UserId};

use crate::enabled::Enabled;
use crate::wire::sequence::{union, write_set};
use crate::wire::write;

/// Whoever has one of these may change something in a mailbox, so that it is not read-only for him (RFC 4314 5.2).
pub(crate) const CHANGING: Rights =
    Rights::SEEN.union(Rights::FLAG).union(Rights::INSERT).union(Rights::MARK_DELETED).union(Rights::EXPUNGE);

/// The selected mailbox.
pub(crate) struct Selected {
    pub(crate) id: MailboxId,
    /// Whose it is.
    pub(crate) owner: UserId,
    /// What the person might do there when it was selected: what is told of that. Each command is judged anew.
    rights: Rights,
    /// It was opened by EXAMINE.
    pub(crate) read_only: bool,
    /// The UIDs that make up the client's sequence numbers.
    pub(crate) view: UidSet,
    /// Those that this session alone shows as `\Recent`.
    pub(crate) recent: UidSet,
    /// Everything up to here is in `view` or in `gone`.
    pub(crate) modseq: ModSeq,
    /// Everything up to here was told.
    whole: ModSeq,
    /// What `$` means (RFC 5182).
    pub(crate) saved: UidSet,
    /// In which form it is told.
    pub(crate) enabled: Enabled,
    /// Expunged, but the client has not been told: still in `view`, so that its numbers hold.
    gone: UidSet,
    /// Flags that the client knows already although they are newer than `modseq`: its own STOREs.
    told: HashMap<Uid, ModSeq>,
    keywords: BTreeSet<Keyword>,
    /// Wakes when the mailbox changes.
    pub(crate) changed: watch::Receiver<u64>,
    /// Another's: wakes when what the person may do with it may have changed.
    pub(crate) judged: Option<watch::Receiver<u64>>,
}

impl Selected {
    pub(crate) fn new(
        opened: &Opened,
        (owner, rights): (UserId, Rights),
        read_only: bool,
        (changed, judged): (watch::Receiver<u64>, Option<watch::Receiver<u64>>),
        enabled: Enabled,
    ) -> Self {
        Self {
            id: opened.mailbox.id,
            owner,
            rights,
            read_only,
            view: opened.uids.clone(),
            recent: if enabled.rev2 { UidSet::new() } else { opened.recent.clone() },
            modseq: opened.mailbox.state.highest_modseq,
            whole: opened.mailbox.state.highest_modseq,
            saved: UidSet::new(),
            enabled,
            gone: UidSet::new(),
            told: HashMap::new(),
            keywords: opened.keywords.clone(),
            changed,
            judged,
        }
    }

    /// Whether reading a message marks it as seen.
    pub(crate) fn marks_seen(&self) -> bool {
        !self.read_only && self.rights.has(Rights::SEEN)
    }

    /// Whether the session takes what is recent to itself.
    pub(crate) fn claims_recent(&self) -> bool {
        !self.read_only && !self.enabled.rev2 && self.rights.has_any(CHANGING)
    }

    /// The sequence number of `uid`.
    pub(crate) fn number(&self, uid: Uid) -> Option<u32> {
        self.view.rank(uid)
    }

    /// The MODSEQ up to which the client was told everything, expunges too: what it may come back with (RFC 7162 3.2).
    pub(crate) fn known_whole(&self) -> ModSeq {
        self.whole
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
            // RFC 4314 section 4: those that the person may change
            let flags = Flags { system: all, keywords: self.keywords.clone() };
            list.clear();
            write::flags(&mut list, &self.rights.changed(&Flags::default(), &flags), false);
            list.pop();
            out.extend_from_slice(&list);
            out.extend_from_slice(if self.rights.has(Rights::FLAG) { b" \\*" } else { b"" });
            out.extend_from_slice(b")] Flags permitted.\r\n");
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
        if !self.enabled.rev2 {
            self.recent = union(&self.recent, &changes.recent);
        }
        if !fresh.is_empty() {
            out.extend_from_slice(format!("* {} EXISTS\r\n", self.view.len()).as_bytes());
            if !self.enabled.rev2 {
                out.extend_from_slice(format!("* {} RECENT\r\n", self.recent.len()).as_bytes());
            }
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
        if self.gone.is_empty() {
            self.whole = modseq;
        }
        self.told.retain(|_, told| *told > modseq);
    }

    fn tell_expunges(&mut self, out: &mut Vec<u8>) {
        let gone = std::mem::take(&mut self.gone);
        if gone.is_empty() {
            return;
        }
        if self.enabled.qresync {
            write_vanished(out, false, &gone);
        } else {
            // From the end, so that the numbers of the others stay.
            for number in gone.iter().filter_map(|uid| self.view.rank(uid)).collect::<Vec<_>>().into_iter().rev() {
                out.extend_from_slice(format!("* {number} EXPUNGE\r\n").as_bytes());
            }
        }
        self.view = self.view.without(&gone);
        self.recent = self.recent.without(&gone);
        self.told.retain(|uid, _| !gone.contains(*uid));
    }

    /// `* n FETCH (UID … FLAGS (…) MODSEQ (…))`
    pub(crate) fn write_row(&self, row: &FlagRow, uid: bool, out: &mut Vec<u8>) {
        if !self.begin_row(row, uid, out) {
            return;
        }
        out.extend_from_slice(b"FLAGS ");
        write::flags(out, &row.flags, self.recent.contains(row.uid));
        if self.enabled.condstore {
            out.extend_from_slice(format!(" MODSEQ ({})", row.modseq).as_bytes());
        }
        out.extend_from_slice(b")\r\n");
    }

    /// `* n FETCH (UID … MODSEQ (…))`: what a silent STORE still tells (RFC 7162 3.1.3).
    pub(crate) fn write_modseq(&self, row: &FlagRow, uid: bool, out: &mut Vec<u8>) {
        if self.begin_row(row, uid, out) {
            out.extend_from_slice(format!("MODSEQ ({}))\r\n", row.modseq).as_bytes());
        }
    }

    /// The UID stands there also when the client knows messages by it (RFC 7162 3.2.4).
    fn begin_row(&self, row: &FlagRow, uid: bool, out: &mut Vec<u8>) -> bool {
        let Some(number) = self.number(row.uid) else { return false };
        out.extend_from_slice(format!("* {number} FETCH (").as_bytes());
        if uid || self.enabled.qresync {
            out.extend_from_slice(format!("UID {} ", row.uid).as_bytes());
        }
        true
    }

    /// Whether the client has not been told this state of the row.
    pub(crate) fn is_news(&self, row: &FlagRow) -> bool {
        row.modseq > self.modseq && self.told.get(&row.uid) != Some(&row.modseq)
    }
}

/// Which of `asked` went, as `changes` tell; where they do not tell all, every one that is not in `view`. What somebody
/// may know who does not say so is told too (RFC 7162 3.2.5.1 allows UIDs that the client never knew).
pub(crate) fn gone_of(changes: &Changes, asked: &UidSet, view: &UidSet) -> UidSet {
    let went = union(&changes.expunged, &changes.came_and_went).intersection(asked);
    let out = if changes.complete { &went } else { asked };
    out.without(view)
}

/// `* VANISHED uids` (RFC 7162 3.2.10); `earlier`: before the mailbox was opened.
pub(crate) fn write_vanished(out: &mut Vec<u8>, earlier: bool, uids: &UidSet) {
    if uids.is_empty() {
        return;
    }
    out.extend_from_slice(if earlier { b"* VANISHED (EARLIER) " } else { b"* VANISHED " });
    write_set(out, uids);
    out.extend_from_slice(b"\r\n");
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
            owner: UserId(1),
            rights: Rights::ALL,
            read_only: false,
            view: set(uids),
            recent: UidSet::new(),
            modseq: ModSeq(10),
            whole: ModSeq(10),
            saved: UidSet::new(),
            enabled: Enabled::default(),
            gone: UidSet::new(),
            told: HashMap::new(),
            keywords: BTreeSet::new(),
            changed: watch::channel(0).1,
            judged: None,
        }
    }
    fn row(uid: u32, modseq: u64) -> FlagRow {
        FlagRow {
            uid: Uid(uid),
            modseq: ModSeq(modseq),
            created: ModSeq(1),
            flags: Flags::system(SystemFlags::SEEN),
            record: types::RecordId(1),
            cut: false,
        }
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
    fn what_went_is_told_by_uid_once_that_is_enabled_and_nothing_is_whole_before() {
        let mut selected = selected(&[1, 2, 3, 5, 9]);
        assert_eq!(selected.enabled.enable("QRESYNC"), Some("QRESYNC"));
        let changes = Changes {
            modseq: Some(ModSeq(11)),
            rows: vec![row(1, 11)],
            expunged: set(&[2, 3, 9]),
            ..Changes::default()
        };
        assert_eq!(told(&mut selected, &changes, false), "* 1 FETCH (UID 1 FLAGS (\\Seen) MODSEQ (11))\r\n");
        assert_eq!((selected.modseq, selected.known_whole()), (ModSeq(11), ModSeq(10)));
        let later = Changes { modseq: Some(ModSeq(12)), ..Changes::default() };
        assert_eq!(told(&mut selected, &later, true), "* VANISHED 2:3,9\r\n");
        assert_eq!((selected.number(Uid(5)), selected.known_whole()), (Some(2), ModSeq(12)));
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
