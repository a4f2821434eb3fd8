//! What is in a mailbox at some MODSEQ, in memory: its row, its UIDs and flags, brought forward by what changed.

use std::collections::{BTreeSet, HashMap};

use store::{FlagFilter, FlagRow};
use types::{Keyword, MailboxId, RecordId, SystemFlags, Uid, UidSet, UserId};

use super::lately::Lately;
use super::load::Loaded;
use super::rows::{MailboxRow, MessageFlags, flags, has, modseq};
use crate::commits::Epoch;

/// Flags of one message; keywords are a place in [`View::words`].
#[derive(Debug, Clone, Copy)]
struct Line {
    uid: u32,
    words: u32,
    modseq: i64,
    created: i64,
    flags: u8,
    cut: bool,
    record: i64,
}

/// What a change did to a mailbox, for a view that stands right before it.
#[derive(Debug)]
pub struct News {
    /// The MODSEQ before it.
    pub since: i64,
    /// The mailbox after it, with what it changed.
    pub changes: Loaded,
}

/// Messages that came into a mailbox, for a view that stands right before them.
#[derive(Debug)]
pub struct Added {
    pub mailbox: MailboxId,
    /// The MODSEQ before them.
    pub since: i64,
    /// Ascending by UID.
    pub messages: Vec<MessageFlags>,
}

/// Messages of a mailbox as they are at a MODSEQ. Their sizes are not known.
#[derive(Debug, Clone)]
pub struct Known {
    pub modseq: i64,
    pub messages: Vec<MessageFlags>,
}

/// The contents of a mailbox.
#[derive(Debug)]
pub struct View {
    owner: UserId,
    row: MailboxRow,
    /// When it was last read; `None`: nobody knows whether it holds.
    epoch: Option<Epoch>,
    /// Nothing is known to have gone after this MODSEQ.
    gone: i64,
    uids: UidSet,
    lines: Vec<Line>,
    lately: Lately,
    words: Vec<Box<str>>,
    place: HashMap<Box<str>, u32>,
    /// Memory of the words, bytes, about, and from how much on those are looked for that no message bears any more.
    word_bytes: usize,
    word_room: usize,
}

/// So much memory words may always use, bytes.
const WORD_ROOM: usize = 64 * 1024;

impl View {
    /// From a mailbox of `owner` with all its messages, read in `epoch`.
    pub fn new(loaded: Loaded, owner: UserId, epoch: Option<Epoch>) -> Self {
        let mut view = Self {
            owner,
            epoch,
            gone: loaded.mailbox.modseq,
            lately: Lately::new(loaded.mailbox.modseq),
            row: loaded.mailbox,
            uids: loaded.messages.iter().map(|message| Uid(message.uid)).collect(),
            lines: Vec::with_capacity(loaded.messages.len()),
            words: Vec::new(),
            place: HashMap::new(),
            word_bytes: 0,
            word_room: WORD_ROOM,
        };
        for message in &loaded.messages {
            let line = view.line(message);
            view.lines.push(line);
        }
        view.word_room = WORD_ROOM.max(2 * view.word_bytes);
        view
    }

    /// Whose mailbox it is.
    pub fn owner(&self) -> UserId {
        self.owner
    }
    /// When it was last read.
    pub fn epoch(&self) -> Option<Epoch> {
        self.epoch
    }
    /// The mailbox row.
    pub fn row(&self) -> &MailboxRow {
        &self.row
    }
    /// The UIDs.
    pub fn uids(&self) -> &UidSet {
        &self.uids
    }
    /// Whether there are as many messages as the row counts. A view that was brought forward from before the oldest
    /// tombstone has too many.
    pub fn is_whole(&self) -> bool {
        self.lines.len() == self.row.messages as usize
    }
    /// Memory used, bytes, about.
    pub fn bytes(&self) -> usize {
        512 + Lately::BYTES + self.lines.capacity() * size_of::<Line>() + self.uids.runs().len() * 16 + self.word_bytes
    }
    /// The least UID without `\Seen`.
    pub fn first_unseen(&self) -> Option<Uid> {
        let unseen = |line: &&Line| !has(i64::from(line.flags), SystemFlags::SEEN);
        if self.row.unseen == 0 { None } else { self.lines.iter().find(unseen).map(|line| Uid(line.uid)) }
    }
    /// The keywords that messages bear or bore.
    pub fn keywords(&self) -> BTreeSet<Keyword> {
        self.words.iter().flat_map(|words| words.split(' ')).filter_map(Keyword::parse).collect()
    }
    /// Flags of those of `uids` that are here and that the filter admits.
    pub fn flags(&self, uids: &UidSet, filter: FlagFilter) -> Vec<FlagRow> {
        let of_run = |(first, last): &(u32, u32)| {
            let start = self.lines.partition_point(|line| line.uid < *first);
            let end = self.lines.partition_point(|line| line.uid <= *last);
            self.lines.get(start..end).unwrap_or_default()
        };
        let admitted = |line: &&Line| filter.admits(SystemFlags(line.flags));
        // room for all where all are told: rows that move while their list grows cost as much as making them
        let all = filter == FlagFilter::default();
        let mut rows = Vec::with_capacity(if all { uids.len().min(self.lines.len()) } else { 0 });
        rows.extend(uids.runs().iter().flat_map(of_run).filter(admitted).map(|line| self.flag_row(line)));
        rows
    }

    /// The mailbox, and what came or changed after this MODSEQ if nothing went.
    pub fn news_since(&self, modseq: i64) -> Option<(MailboxRow, Vec<FlagRow>)> {
        let rows = || if modseq == self.row.modseq { Vec::new() } else { self.changed_since(modseq) };
        (modseq >= self.gone).then(|| (self.row.clone(), rows()))
    }

    /// At most `most` messages of `uids`, the least of those above `after`; `None`: it is not known which there are.
    pub fn some(&self, uids: &UidSet, after: u32, most: u32) -> Option<Known> {
        let of_run = |(first, last): &(u32, u32)| {
            let first = (*first).max(after.saturating_add(1));
            let start = self.lines.partition_point(|line| line.uid < first);
            let end = self.lines.partition_point(|line| line.uid <= *last).max(start);
            self.lines.get(start..end).unwrap_or_default()
        };
        let lines = uids.runs().iter().flat_map(of_run).take(most as usize);
        let messages = || lines.map(|line| self.message(line)).collect();
        self.is_whole().then(|| Known { modseq: self.row.modseq, messages: messages() })
    }

    /// What came or changed after this MODSEQ, ascending by UID.
    pub fn changed_since(&self, modseq: i64) -> Vec<FlagRow> {
        let later = |line: &&Line| line.modseq > modseq;
        match self.lately.after(modseq) {
            Some(uids) => {
                let there = |uid: u32| self.lines.binary_search_by_key(&uid, |line| line.uid).ok();
                let lines = uids.into_iter().filter_map(there).filter_map(|at| self.lines.get(at));
                lines.filter(later).map(|line| self.flag_row(line)).collect()
            }
            None => self.lines.iter().filter(later).map(|line| self.flag_row(line)).collect(),
        }
    }

    /// The same messages in fewer runs: UIDs between two runs that no message has are taken in. No message will ever
    /// get one, since UIDs only grow; those from UIDNEXT on are left as they are.
    pub fn without_gaps(&self, uids: &UidSet) -> UidSet {
        let mut runs: Vec<(u32, u32)> = Vec::new();
        for &(first, last) in uids.runs() {
            let nothing_between = |(_, before): &(u32, u32)| {
                let at = self.lines.partition_point(|line| line.uid <= *before);
                first <= self.row.uid_next && self.lines.get(at).is_none_or(|line| line.uid >= first)
            };
            match runs.last_mut().filter(|run| nothing_between(run)) {
                Some(run) => run.1 = last,
                None => runs.push((first, last)),
            }
        }
        let mut out = UidSet::new();
        runs.iter().for_each(|(first, last)| out.insert_run(*first, *last));
        out
    }

    /// Brings the view forward by what changed since the MODSEQ that it has (or an earlier one), read in `epoch`.
    pub fn forward(&mut self, changes: Loaded, epoch: Option<Epoch>) {
        if changes.mailbox.modseq < self.row.modseq {
            return;
        }
        let span = (self.row.modseq, changes.mailbox.modseq);
        self.lately.note(span, changes.messages.iter().map(|message| (message.modseq, message.uid)));
        self.row = changes.mailbox;
        self.epoch = epoch;
        if !changes.gone.is_empty() {
            self.gone = self.row.modseq;
        }
        for message in &changes.messages {
            let line = self.line(message);
            match self.lines.binary_search_by_key(&line.uid, |line| line.uid) {
                Ok(at) => {
                    if let Some(old) = self.lines.get_mut(at) {
                        *old = line;
                    }
                }
                Err(at) => {
                    self.lines.insert(at, line);
                    self.uids.insert(Uid(line.uid));
                }
            }
        }
        let gone: UidSet = changes.gone.iter().map(|(uid, _)| Uid(*uid)).collect();
        if !gone.is_empty() {
            self.uids = self.uids.without(&gone);
            self.lines.retain(|line| !gone.contains(Uid(line.uid)));
        }
        if self.word_bytes > self.word_room {
            self.forget_words();
        }
    }

    /// Keeps the words alone that messages bear.
    fn forget_words(&mut self) {
        let (words, mut lines) = (std::mem::take(&mut self.words), std::mem::take(&mut self.lines));
        self.place.clear();
        self.word_bytes = 0;
        for line in &mut lines {
            line.words = self.place(words.get(line.words as usize).map_or("", |words| words));
        }
        self.lines = lines;
        self.word_room = WORD_ROOM.max(2 * self.word_bytes);
    }

    /// Brings the view forward by messages that came; one that stands elsewhere stays as it is.
    pub fn add(&mut self, added: &Added) {
        let next = added.messages.first().map_or(u32::MAX, |message| message.uid);
        if self.row.modseq != added.since || next < self.row.uid_next {
            return;
        }
        let now = added.messages.last().map_or(added.since, |message| message.modseq);
        self.lately.note((added.since, now), added.messages.iter().map(|message| (message.modseq, message.uid)));
        for message in &added.messages {
            (self.row.modseq, self.row.uid_next) = (message.modseq, message.uid.saturating_add(1));
            self.row.count(1, message.flags, message.size);
            let line = self.line(message);
            self.lines.push(line);
            self.uids.insert(Uid(message.uid));
        }
    }

    /// Where these words stand.
    fn place(&mut self, words: &str) -> u32 {
        if let Some(place) = self.place.get(words) {
            return *place;
        }
        let place = u32::try_from(self.words.len()).unwrap_or(u32::MAX);
        self.words.push(words.into());
        self.place.insert(words.into(), place);
        self.word_bytes += 2 * words.len() + 64;
        place
    }

    fn line(&mut self, message: &MessageFlags) -> Line {
        let words = self.place(&message.keywords);
        let flags = u8::try_from(message.flags & 0xff).unwrap_or(0);
        Line {
            uid: message.uid,
            words,
            modseq: message.modseq,
            created: message.created,
            flags,
            cut: message.cut,
            record: message.record,
        }
    }

    fn message(&self, line: &Line) -> MessageFlags {
        MessageFlags {
            uid: line.uid,
            modseq: line.modseq,
            created: line.created,
            flags: i64::from(line.flags),
            keywords: self.words.get(line.words as usize).map_or_else(String::new, |words| words.to_string()),
            size: 0,
            record: line.record,
            cut: line.cut,
        }
    }

    fn flag_row(&self, line: &Line) -> FlagRow {
        let words = self.words.get(line.words as usize).map_or("", |words| words);
        FlagRow {
            uid: Uid(line.uid),
            modseq: modseq(line.modseq),
            created: modseq(line.created),
            flags: flags(i64::from(line.flags), words),
            record: RecordId(line.record),
            cut: line.cut,
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use types::{Flags, ModSeq};

    use super::*;

    /// A mailbox row at this MODSEQ.
    pub fn row(modseq: i64) -> MailboxRow {
        MailboxRow {
            id: 1,
            tenant: 1,
            parent: None,
            leaf: "INBOX".into(),
            role: Some(0),
            subscribed: true,
            selectable: true,
            uid_validity: 1,
            uid_next: 100,
            modseq,
            messages: 0,
            unseen: 1,
            deleted: 0,
            size: 0,
            recent_from: 1,
            forgotten: 0,
        }
    }

    /// A mailbox at this MODSEQ with messages (UID, MODSEQ, flags, keywords) and what went (UID).
    pub fn loaded(modseq: i64, messages: &[(u32, i64, u8, &str)], gone: &[u32]) -> Loaded {
        let message = |(uid, modseq, flags, keywords): &(u32, i64, u8, &str)| MessageFlags {
            uid: *uid,
            modseq: *modseq,
            created: *modseq,
            flags: i64::from(*flags),
            keywords: (*keywords).to_owned(),
            size: 1,
            record: i64::from(*uid),
            cut: false,
        };
        Loaded {
            mailbox: MailboxRow { messages: messages.len() as u32, ..row(modseq) },
            messages: messages.iter().map(message).collect(),
            gone: gone.iter().map(|uid| (*uid, 1)).collect(),
        }
    }

    fn uids(view: &View) -> Vec<u32> {
        view.uids().iter().map(|uid| uid.0).collect()
    }

    #[test]
    fn changes_bring_a_view_forward_and_may_come_twice() {
        let mut view = View::new(loaded(5, &[(1, 2, 1, ""), (2, 3, 0, "blue"), (7, 4, 0, "")], &[]), UserId(1), None);
        assert_eq!((uids(&view), view.first_unseen()), (vec![1, 2, 7], Some(Uid(2))));
        for _ in 0..2 {
            view.forward(loaded(9, &[(7, 8, 4, "red blue"), (9, 9, 0, "")], &[2, 3]), None);
            assert_eq!((uids(&view), view.first_unseen()), (vec![1, 7, 9], Some(Uid(7))));
        }
        let rows = view.flags(&[Uid(2), Uid(7), Uid(8)].into_iter().collect(), FlagFilter::default());
        let expected = Flags::from_parts(SystemFlags::FLAGGED, "red blue");
        assert_eq!(
            rows.iter().map(|r| (r.uid, r.modseq, &r.flags)).collect::<Vec<_>>(),
            [(Uid(7), ModSeq(8), &expected)]
        );
        assert_eq!(view.keywords().len(), 2);
    }

    #[test]
    fn news_are_told_where_nothing_went() {
        let mut view = View::new(loaded(5, &[(1, 2, 1, ""), (2, 3, 0, "")], &[]), UserId(1), None);
        let told = |view: &View, since| {
            view.news_since(since).map(|(row, rows)| (row.modseq, rows.iter().map(|row| row.uid.0).collect::<Vec<_>>()))
        };
        assert_eq!((told(&view, 4), told(&view, 5)), (None, Some((5, vec![]))));
        view.forward(loaded(7, &[(2, 6, 1, ""), (3, 7, 0, "")], &[]), None);
        assert_eq!((told(&view, 5), told(&view, 6)), (Some((7, vec![2, 3])), Some((7, vec![3]))));
        view.forward(loaded(8, &[], &[1]), None);
        assert_eq!((told(&view, 7), told(&view, 8)), (None, Some((8, vec![]))));
    }

    proptest::proptest! {
        /// What changed since any moment is what a look at every message finds, however the view came to be.
        #[test]
        fn what_changed_is_what_a_look_at_every_message_finds(
            steps in proptest::collection::vec((0u8..4, proptest::collection::btree_set(1u32..40, 0..30)), 0..60),
        ) {
            let mut view = View::new(loaded(5, &[(1, 2, 1, ""), (7, 3, 0, "")], &[]), UserId(1), None);
            for (what, some) in steps {
                let now = view.row.modseq;
                match what {
                    0 => view.forward(loaded(now + 1, &[], &some.into_iter().collect::<Vec<_>>()), None),
                    1 => {
                        let messages: Vec<_> = (100..100 + some.len() as u32).map(|uid| (uid + 40 * now as u32, now + 1, 0, "")).collect();
                        view.add(&Added { mailbox: MailboxId(1), since: now, messages: loaded(now, &messages, &[]).messages });
                    }
                    // read from the database: several changes, and what is known already
                    2 => {
                        let known = view.lines.iter().filter(|line| !some.contains(&line.uid) && line.modseq + 2 > now);
                        let mut messages: Vec<_> = known.map(|line| (line.uid, line.modseq, 0, "")).collect();
                        messages.extend(some.iter().map(|uid| (*uid, now + 1 + i64::from(uid % 3), 0, "")));
                        messages.sort_unstable();
                        view.forward(loaded(now + 3, &messages, &[]), None);
                    }
                    _ => {
                        let messages: Vec<_> = some.iter().map(|uid| (*uid, now + 1, 1, "")).collect();
                        view.forward(loaded(now + 1, &messages, &[]), None);
                    }
                }
                for since in 0..=view.row.modseq {
                    let all = view.lines.iter().filter(|line| line.modseq > since).map(|line| Uid(line.uid));
                    let told = view.changed_since(since);
                    proptest::prop_assert_eq!(told.iter().map(|row| row.uid).collect::<Vec<_>>(), all.collect::<Vec<_>>());
                }
            }
        }
    }

    #[test]
    fn what_came_is_added_to_a_view_that_stands_right_before_it() {
        let mut view = View::new(loaded(5, &[(1, 2, 1, "")], &[]), UserId(1), None);
        let added = |since, uid| {
            let messages = loaded(since, &[(uid, since + 1, 0, "new"), (uid + 1, since + 2, 1, "")], &[]).messages;
            Added { mailbox: MailboxId(1), since, messages }
        };
        view.add(&added(4, 100));
        view.add(&added(5, 99));
        assert_eq!((uids(&view), view.row().modseq), (vec![1], 5), "neither fits");
        view.add(&added(5, 100));
        let row = view.row().clone();
        assert_eq!((uids(&view), row.modseq, row.uid_next, row.messages), (vec![1, 100, 101], 7, 102, 3));
        assert_eq!((row.unseen, row.size, view.is_whole()), (2, 2, true));
        view.add(&added(7, 102));
        assert_eq!(view.news_since(7).unwrap().1.iter().map(|row| row.uid.0).collect::<Vec<_>>(), [102, 103]);
    }

    #[test]
    fn some_are_known_where_all_are() {
        let four = [(1, 2, 1, ""), (3, 2, 0, "blue"), (4, 2, 0, ""), (9, 2, 0, "")];
        let mut view = View::new(loaded(5, &four, &[]), UserId(1), None);
        let mut asked = UidSet::new();
        asked.insert_run(1, 3);
        asked.insert_run(4, 20);
        let some = |view: &View, after, most| {
            let known = view.some(&asked, after, most)?;
            Some((known.modseq, known.messages.iter().map(|message| message.uid).collect::<Vec<_>>()))
        };
        assert_eq!(some(&view, 0, 9), Some((5, vec![1, 3, 4, 9])));
        assert_eq!((some(&view, 1, 2), some(&view, 4, 2)), (Some((5, vec![3, 4])), Some((5, vec![9]))));
        assert_eq!((some(&view, 9, 2), some(&view, 30, 2)), (Some((5, vec![])), Some((5, vec![]))));
        assert_eq!(view.some(&asked, 1, 1).unwrap().messages[0].keywords, "blue");
        view.forward(loaded(6, &[(10, 6, 0, "")], &[]), None);
        assert_eq!(some(&view, 0, 9), None, "it has more than the mailbox counts");
    }

    #[test]
    fn words_that_no_message_bears_any_more_are_forgotten() {
        let mut view = View::new(loaded(5, &[(1, 2, 0, "blue"), (2, 3, 0, "")], &[]), UserId(1), None);
        for modseq in 6..3_000 {
            let words = format!("{modseq:0>90}");
            view.forward(Loaded { mailbox: row(modseq), ..loaded(modseq, &[(2, modseq, 0, &words)], &[]) }, None);
            assert!(view.bytes() < WORD_ROOM + 16 * 1024, "{}", view.bytes());
        }
        let words = |view: &View| {
            view.flags(&uid_set(1, 9), FlagFilter::default()).into_iter().map(|row| row.flags).collect::<Vec<_>>()
        };
        assert_eq!(
            words(&view),
            ["blue", &format!("{:0>90}", 2_999)].map(|words| Flags::from_parts(SystemFlags(0), words))
        );
    }

    fn uid_set(first: u32, last: u32) -> UidSet {
        let mut uids = UidSet::new();
        uids.insert_run(first, last);
        uids
    }

    #[test]
    fn an_older_answer_does_not_take_a_view_back() {
        let mut view = View::new(loaded(5, &[(1, 2, 0, "")], &[]), UserId(1), None);
        view.forward(loaded(4, &[(9, 4, 0, "")], &[1]), None);
        assert_eq!((uids(&view), view.row().modseq), (vec![1], 5));
    }

    #[test]
    fn gaps_that_nothing_can_fill_are_taken_in() {
        // 4 and 9 are there, and not asked for
        let five = [(1, 2, 0, ""), (3, 2, 0, ""), (4, 2, 0, ""), (6, 2, 0, ""), (9, 2, 0, "")];
        let view = View::new(loaded(5, &five, &[]), UserId(1), None);
        let asked: UidSet = [1, 3, 6, 8, 30, 110, 120].into_iter().map(Uid).collect();
        assert_eq!(view.without_gaps(&asked).runs(), [(1, 3), (6, 8), (30, 30), (110, 110), (120, 120)]);
        let all: UidSet = [1, 3, 4, 6, 9].into_iter().map(Uid).collect();
        assert_eq!(view.without_gaps(&all).runs(), [(1, 9)]);
    }
}
