//! The cards of messages: what lists, sorting and threads need of each, ready to be sent. They are made of summaries
//! once and kept in memory, shared by all sessions, bounded in bytes. What a message is never changes under its UID, so
//! a card is never out of date; flags are not on it. Who may read the mailbox is asked elsewhere, each time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use message::{MailAddress, Raw, Summary, decode_words, message_ids};
use store::MessageRow;
use types::{MailboxId, Timestamp, Uid, UidSet, UserId};

use crate::order::{casemap, subject};
use crate::wire::{date, structure};

/// Bytes of all cards together at most, about.
const MOST: usize = 128 << 20;
/// UIDs of one page, which is kept or dropped whole.
const PAGE: u32 = 256;
/// A page that nobody has asked for so long is dropped.
const IDLE: Duration = Duration::from_secs(15 * 60);
/// So often it is looked for such pages, when cards come.
const SWEEP: Duration = Duration::from_secs(60);

/// What is known of a message without its flags.
#[derive(Debug)]
pub(crate) struct Card {
    pub(crate) internal_date: Timestamp,
    /// RFC822.SIZE.
    pub(crate) size: u64,
    /// INTERNALDATE, ENVELOPE and BODYSTRUCTURE as they are sent, one after the other.
    sent: Box<[u8]>,
    envelope: usize,
    structure: usize,
    pub(crate) order: Order,
}

/// By what messages are put in order and into threads (RFC 5256, RFC 5957); texts are folded for comparison.
#[derive(Debug)]
pub(crate) struct Order {
    /// When it was sent, milliseconds; when it came, where its Date cannot be read (RFC 5256 2.2).
    pub(crate) sent: i64,
    /// The base subject.
    pub(crate) subject: Box<str>,
    /// Whether the subject bore the mark of a reply or forward.
    pub(crate) marked: bool,
    /// The mailboxes of the first addresses.
    pub(crate) from: Box<str>,
    pub(crate) to: Box<str>,
    pub(crate) cc: Box<str>,
    /// The first addresses as people see them.
    pub(crate) shown_from: Box<str>,
    pub(crate) shown_to: Box<str>,
    /// Its Message-ID.
    pub(crate) id: Option<Box<str>>,
    /// The Message-IDs it refers to, its direct parent last.
    pub(crate) references: Box<[Box<str>]>,
}

impl Card {
    pub(crate) fn new(row: &MessageRow, summary: &Summary) -> Self {
        let mut sent = date::date_time(row.internal_date).into_bytes();
        let envelope = sent.len();
        structure::envelope(&mut sent, &summary.header, !row.cuts.is_empty());
        let structure = sent.len();
        structure::body(&mut sent, &summary.root, true);
        Self {
            internal_date: row.internal_date,
            size: row.size(),
            sent: sent.into(),
            envelope,
            structure,
            order: Order::new(row, summary),
        }
    }

    /// INTERNALDATE as it is sent.
    pub(crate) fn date(&self) -> &[u8] {
        self.sent.get(..self.envelope).unwrap_or_default()
    }

    /// ENVELOPE as it is sent.
    pub(crate) fn envelope(&self) -> &[u8] {
        self.sent.get(self.envelope..self.structure).unwrap_or_default()
    }

    /// BODYSTRUCTURE as it is sent.
    pub(crate) fn structure(&self) -> &[u8] {
        self.sent.get(self.structure..).unwrap_or_default()
    }

    /// Bytes that it holds.
    fn bytes(&self) -> usize {
        let order = &self.order;
        let texts = [&order.subject, &order.from, &order.to, &order.cc, &order.shown_from, &order.shown_to];
        let ids = order.id.iter().chain(&order.references).map(|id| id.len() + size_of::<Box<str>>());
        size_of::<Self>() + self.sent.len() + texts.iter().map(|text| text.len()).sum::<usize>() + ids.sum::<usize>()
    }
}

impl Order {
    fn new(row: &MessageRow, summary: &Summary) -> Self {
        let header = &summary.header;
        let (subject, marked) = subject::base(&summary.subject);
        Self {
            sent: summary.date.unwrap_or(row.internal_date).0,
            subject: casemap(&subject).into(),
            marked,
            from: mailbox_of(&header.from),
            to: mailbox_of(&header.to),
            cc: mailbox_of(&header.cc),
            shown_from: name_of(&header.from),
            shown_to: name_of(&header.to),
            id: header.message_id.as_ref().and_then(|id| message_ids(id).pop()).map(Into::into),
            references: summary.references.iter().map(|id| id.as_str().into()).collect(),
        }
    }
}

/// The mailbox of the first address.
fn mailbox_of(addresses: &[MailAddress]) -> Box<str> {
    let mailbox = addresses.first().and_then(|address| address.mailbox.as_ref());
    mailbox.map(|mailbox| casemap(&text(mailbox))).unwrap_or_default().into()
}

/// The first address as people see it (RFC 5957 3): its name, or `mailbox@host`.
fn name_of(addresses: &[MailAddress]) -> Box<str> {
    let Some(first) = addresses.first() else { return Box::default() };
    let name = first.name.as_ref().map(|name| decode_words(name)).filter(|name| !name.trim().is_empty());
    let address = || {
        let mailbox = first.mailbox.as_ref().map(text).unwrap_or_default();
        first.host.as_ref().map_or_else(|| mailbox.clone(), |host| format!("{mailbox}@{}", text(host)))
    };
    casemap(&name.unwrap_or_else(address)).into()
}

fn text(raw: &Raw) -> String {
    String::from_utf8_lossy(raw).into_owned()
}

/// The cards of all mailboxes.
#[derive(Debug)]
pub(crate) struct Cards {
    most: usize,
    pages: Mutex<Pages>,
}

#[derive(Debug, Default)]
struct Pages {
    by_place: HashMap<(MailboxId, u32), Page>,
    bytes: usize,
    swept: Option<Instant>,
}

/// The messages of a mailbox whose cards are in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Lately {
    /// Whose the mailbox is.
    pub(crate) owner: UserId,
    pub(crate) mailbox: MailboxId,
    pub(crate) uids: UidSet,
}

/// What is on a page.
struct Written {
    used: Instant,
    owner: UserId,
    mailbox: MailboxId,
    at: u32,
    uids: Vec<Uid>,
}

/// The cards of UIDs that stand close together, by their places.
#[derive(Debug)]
struct Page {
    owner: UserId,
    cards: Box<[Option<Arc<Card>>]>,
    bytes: usize,
    used: Instant,
}

impl Default for Cards {
    fn default() -> Self {
        Self::new(MOST)
    }
}

impl Cards {
    /// Cards of at most `most` bytes together, about.
    fn new(most: usize) -> Self {
        Self { most, pages: Mutex::default() }
    }

    /// The cards of these messages that are here, and the UIDs of the others.
    pub(crate) fn get(&self, mailbox: MailboxId, uids: &UidSet) -> (Vec<(Uid, Arc<Card>)>, UidSet) {
        let (mut found, mut missing) = (Vec::with_capacity(uids.len()), UidSet::new());
        let (mut pages, now, many) = (self.lock(), Instant::now(), uids.len() >= PAGE as usize);
        let mut rest = uids.iter().peekable();
        while let Some(first) = rest.peek().map(|uid| uid.0 / PAGE) {
            let mut page = pages.by_place.get_mut(&(mailbox, first));
            if let Some(page) = &mut page {
                page.used = now;
                if many {
                    page.touch();
                }
            }
            while let Some(uid) = rest.next_if(|uid| uid.0 / PAGE == first) {
                let card = page.as_ref().and_then(|page| page.cards.get((uid.0 % PAGE) as usize)?.clone());
                match card {
                    Some(card) => found.push((uid, card)),
                    None => missing.insert_run(uid.0, uid.0),
                }
            }
        }
        (found, missing)
    }

    /// Keeps cards of somebody's mailbox.
    pub(crate) fn put(&self, owner: UserId, mailbox: MailboxId, cards: &[(Uid, Arc<Card>)]) {
        let (mut pages, now, most) = (self.lock(), Instant::now(), self.most);
        for (uid, card) in cards {
            let page = pages.by_place.entry((mailbox, uid.0 / PAGE)).or_insert_with(|| Page::new(owner, now));
            let grown = page.put(*uid, card.clone());
            pages.bytes += grown;
        }
        if pages.bytes > most || pages.swept.is_none_or(|swept| now.duration_since(swept) > SWEEP) {
            pages.shrink(most / 4 * 3, now);
        }
    }

    /// Of which messages there are cards, by mailbox, the one that was used last first; of whole mailboxes until there are
    /// `most` messages.
    pub(crate) fn lately(&self, most: usize) -> Vec<Lately> {
        let mut pages = self.pages_by_use();
        // the stable sort keeps the mailboxes as their newest pages stand
        let mut rank = HashMap::new();
        for page in &pages {
            let next = rank.len();
            rank.entry(page.mailbox).or_insert(next);
        }
        pages.sort_by_key(|page| (rank.get(&page.mailbox).copied(), page.at));
        let (mut lists, mut count) = (Vec::new(), 0);
        for of in pages.chunk_by(|one, other| one.mailbox == other.mailbox) {
            let Some(first) = of.first().filter(|_| count < most) else { break };
            let uids: UidSet = of.iter().flat_map(|page| page.uids.iter().copied()).collect();
            count += uids.len();
            lists.push(Lately { owner: first.owner, mailbox: first.mailbox, uids });
        }
        lists
    }

    /// What is on which page, the one that was used last first. Nothing is worked out while others wait for the lock.
    fn pages_by_use(&self) -> Vec<Written> {
        let pages = self.lock();
        let written = |(&(mailbox, at), page): (&(MailboxId, u32), &Page)| {
            let there = (at * PAGE..).zip(&page.cards).filter(|(_, card)| card.is_some());
            let uids = there.map(|(uid, _)| Uid(uid)).collect();
            Written { used: page.used, owner: page.owner, mailbox, at, uids }
        };
        let mut all: Vec<Written> = pages.by_place.iter().map(written).collect();
        drop(pages);
        all.sort_unstable_by_key(|page| (std::cmp::Reverse(page.used), page.mailbox, page.at));
        all
    }

    /// Drops the cards of messages that are gone.
    pub(crate) fn forget(&self, mailbox: MailboxId, uids: &UidSet) {
        let mut pages = self.lock();
        for uid in uids.iter() {
            let Some(page) = pages.by_place.get_mut(&(mailbox, uid.0 / PAGE)) else { continue };
            let Some(card) = page.cards.get_mut((uid.0 % PAGE) as usize).and_then(Option::take) else { continue };
            let bytes = card.bytes();
            page.bytes -= bytes;
            pages.bytes -= bytes;
        }
    }

    /// No panic leaves the pages half changed but for the count of bytes.
    fn lock(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Page {
    fn new(owner: UserId, now: Instant) -> Self {
        Self { owner, cards: (0..PAGE).map(|_| None).collect(), bytes: 0, used: now }
    }

    /// Has the processor load all cards at once. When one is counted as shared after another, it waits for memory at each: a
    /// list that nobody has asked for lately took a quarter longer.
    fn touch(&self) {
        let first = |card: &Arc<Card>| u64::from(card.sent.first().copied().unwrap_or(0));
        std::hint::black_box(self.cards.iter().flatten().fold(0, |all, card| all ^ card.size ^ first(card)));
    }

    /// Keeps a card; the bytes that it adds.
    fn put(&mut self, uid: Uid, card: Arc<Card>) -> usize {
        let empty = if self.bytes == 0 { size_of_val(&*self.cards) } else { 0 };
        let Some(place) = self.cards.get_mut((uid.0 % PAGE) as usize) else { return 0 };
        if place.is_some() {
            return 0;
        }
        let grown = card.bytes() + empty;
        self.bytes += grown;
        *place = Some(card);
        grown
    }
}

impl Pages {
    /// Drops what was used longest ago until `most` bytes are left, and what nobody has used for long.
    fn shrink(&mut self, most: usize, now: Instant) {
        self.swept = Some(now);
        let mut ages: Vec<(Instant, (MailboxId, u32))> =
            self.by_place.iter().map(|(place, page)| (page.used, *place)).collect();
        ages.sort_unstable();
        for (used, place) in ages {
            if self.bytes <= most && now.duration_since(used) < IDLE {
                break;
            }
            if let Some(page) = self.by_place.remove(&place) {
                self.bytes -= page.bytes;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use message::Parsed;
    use types::{Flags, Limits, ModSeq, RecordId};

    use super::*;

    const MAIL: &[u8] = b"From: Taro <taro@a.example>\r\nSubject: Re: x\r\nMessage-ID: <1@a>\r\n\r\ntext\r\n";

    fn card(uid: u32) -> (Uid, Arc<Card>) {
        let row = MessageRow {
            uid: Uid(uid),
            modseq: ModSeq(1),
            flags: Flags::default(),
            internal_date: Timestamp(7),
            saved: None,
            record: RecordId(1),
            record_size: 100,
            prefix: Vec::new(),
            cuts: Vec::new(),
            sensitive: false,
            summary: None,
        };
        (row.uid, Arc::new(Card::new(&row, &Parsed::parse(MAIL, &Limits::default()).summary())))
    }

    fn set(uids: impl IntoIterator<Item = u32>) -> UidSet {
        uids.into_iter().map(Uid).collect()
    }

    #[test]
    fn a_card_holds_what_is_sent_and_what_is_compared() {
        let (_, card) = card(1);
        assert!(card.envelope().starts_with(b"(NIL \"Re: x\" ((\"Taro\" NIL \"taro\" \"a.example\"))"));
        assert!(
            card.structure().starts_with(b"(\"text\" \"plain\""),
            "{:?}",
            String::from_utf8_lossy(card.structure())
        );
        assert_eq!((&*card.order.subject, card.order.marked, card.order.sent), ("X", true, 7));
        assert_eq!(
            (&*card.order.from, &*card.order.shown_from, card.order.id.as_deref()),
            ("TARO", "TARO", Some("1@a"))
        );
    }

    #[test]
    fn what_is_here_is_found_and_the_rest_is_named() {
        let (cards, mailbox) = (Cards::default(), MailboxId(3));
        cards.put(UserId(1), mailbox, &[card(255), card(256), card(700)]);
        let (found, missing) = cards.get(mailbox, &set([1, 255, 256, 257, 700]));
        assert_eq!(found.iter().map(|(uid, _)| uid.0).collect::<Vec<_>>(), [255, 256, 700]);
        assert_eq!(missing, set([1, 257]));
        assert!(cards.get(MailboxId(4), &set([255])).0.is_empty(), "another mailbox");
        cards.forget(mailbox, &set([256, 9_000]));
        assert_eq!(cards.get(mailbox, &set([256])).1, set([256]));
    }

    #[test]
    fn memory_is_bounded_and_what_was_used_last_stays() {
        let (cards, mailbox) = (Cards::new(200_000), MailboxId(1));
        for first in (0..50_000).step_by(500) {
            cards.put(UserId(1), mailbox, &[card(1), card(first)]);
            assert_eq!(cards.get(mailbox, &set([1])).0.len(), 1);
            assert!(cards.lock().bytes <= 200_000);
        }
        let pages = cards.lock();
        assert_eq!(pages.bytes, pages.by_place.values().map(|page| page.bytes).sum::<usize>());
        drop(pages);
        let later = Instant::now() + IDLE;
        cards.lock().shrink(200_000, later);
        assert_eq!(cards.lock().bytes, 0, "what nobody asks for goes");
    }
}
