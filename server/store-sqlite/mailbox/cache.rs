//! Views of mailboxes that were opened lately, shared by all sessions and bounded in bytes; and which messages were
//! shown as recent. A session holds no view: it asks, and the view is brought forward from the database first.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sqlx::SqlitePool;
use store::{FlagRow, StoreError};
use types::{MailboxId, UserId};

use super::lists::Lists;
use super::load::{self, Loaded};
use super::rows::{MailboxRow, MessageFlags};
use super::view::{Added, News, View};
use crate::commits::{Commits, Epoch};

/// What changed in a mailbox after a MODSEQ.
#[derive(Debug)]
pub struct Since {
    /// The mailbox now.
    pub row: MailboxRow,
    /// What came or changed, ascending by UID.
    pub rows: Vec<FlagRow>,
    /// UIDs that went, with the MODSEQ at which they had come.
    pub gone: Vec<(u32, i64)>,
}

/// The views of one engine.
#[derive(Debug)]
pub struct Cache {
    most: usize,
    commits: Arc<Commits>,
    slots: Mutex<Slots>,
    recent: Recent,
    pub lists: Lists,
}

/// UIDs below these were shown as recent, by mailbox.
#[derive(Debug, Default)]
struct Recent {
    /// As sessions know it, ahead of `mailbox.recent_from`.
    shown: Mutex<HashMap<MailboxId, u32>>,
    /// What is not written down yet.
    unwritten: Mutex<HashMap<MailboxId, u32>>,
}

#[derive(Debug, Default)]
struct Slots {
    by_mailbox: HashMap<MailboxId, Slot>,
    bytes: usize,
    clock: u64,
}

#[derive(Debug)]
struct Slot {
    view: Arc<Mutex<View>>,
    bytes: usize,
    used: u64,
}

/// A panic of a reader leaves a view whole or stale, and a stale view is brought forward.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Cache {
    /// A cache that uses at most `most` bytes, about.
    pub fn new(most: usize, commits: Arc<Commits>) -> Self {
        let lists = Lists::new(commits.clone());
        Self { most, commits, slots: Mutex::default(), recent: Recent::default(), lists }
    }

    /// Asks `question` of the mailbox as it is now.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]: there is none, or it is another's.
    pub async fn ask<T>(
        &self,
        db: &SqlitePool,
        user: UserId,
        mailbox: MailboxId,
        question: impl FnOnce(&View) -> T,
    ) -> Result<T, StoreError> {
        let view = match self.current(user, mailbox) {
            Some(view) => view,
            None => self.refreshed(db, user, mailbox).await?,
        };
        let view = lock(&view);
        Ok(question(&view))
    }

    /// Asks `question` of the view if it is here and the mailbox is known to be still as it has it.
    pub fn ask_current<T>(&self, user: UserId, mailbox: MailboxId, question: impl FnOnce(&View) -> T) -> Option<T> {
        self.current(user, mailbox).map(|view| question(&lock(&view)))
    }

    fn current(&self, user: UserId, mailbox: MailboxId) -> Option<Arc<Mutex<View>>> {
        let kept = self.get(mailbox)?;
        let view = lock(&kept);
        let holds = |epoch: Epoch| self.commits.holds(epoch, mailbox, view.row().modseq);
        let current = view.owner() == user && view.is_whole() && view.epoch().is_some_and(holds);
        drop(view);
        current.then_some(kept)
    }

    /// The view, brought forward from the database.
    async fn refreshed(
        &self,
        db: &SqlitePool,
        user: UserId,
        mailbox: MailboxId,
    ) -> Result<Arc<Mutex<View>>, StoreError> {
        let epoch = self.commits.epoch();
        if let Some(view) = self.get(mailbox) {
            let modseq = lock(&view).row().modseq;
            let changes = load::since(db, user, mailbox, modseq, modseq).await?;
            let whole = {
                let mut view = lock(&view);
                view.forward(changes, epoch);
                view.is_whole()
            };
            if whole {
                return Ok(self.put(mailbox, view));
            }
        }
        let all = load::all(db, user, mailbox).await?;
        Ok(self.put(mailbox, Arc::new(Mutex::new(View::new(all, user, epoch)))))
    }

    /// Asks `question` of the view that is here, as old as it may be.
    pub fn peek<T>(&self, mailbox: MailboxId, question: impl FnOnce(&View) -> T) -> Option<T> {
        self.peek_mut(mailbox, |view| question(view))
    }

    fn peek_mut<T>(&self, mailbox: MailboxId, question: impl FnOnce(&mut View) -> T) -> Option<T> {
        let view = self.get(mailbox)?;
        let mut view = lock(&view);
        Some(question(&mut view))
    }

    /// The mailbox with what came, changed and went after `since`. What the view holds is not read again.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]: there is none, or it is another's.
    pub async fn since(
        &self,
        db: &SqlitePool,
        user: UserId,
        mailbox: MailboxId,
        since: i64,
    ) -> Result<Since, StoreError> {
        let current = self.ask_current(user, mailbox, |view| view.news_since(since));
        if let Some((row, rows)) = current.flatten() {
            return Ok(Since { row, rows, gone: Vec::new() });
        }
        let epoch = self.commits.epoch();
        // the very view that was asked: another one that somebody puts in its place may stand before `known`
        let stands = |view: &Arc<Mutex<View>>| lock(view).row().modseq;
        let kept = self.get(mailbox).map(|view| (stands(&view), view));
        if let Some((known, view)) = kept.filter(|(known, _)| *known >= since) {
            let loaded = load::since(db, user, mailbox, known, since).await?;
            let (row, gone) = (loaded.mailbox.clone(), loaded.gone.clone());
            let mut view = lock(&view);
            view.forward(loaded, epoch);
            if view.is_whole() && view.row().modseq == row.modseq {
                return Ok(Since { row, rows: view.changed_since(since), gone });
            }
        }
        let Loaded { mailbox, messages, gone } = load::since(db, user, mailbox, since, since).await?;
        Ok(Since { row: mailbox, rows: messages.iter().map(MessageFlags::row).collect(), gone })
    }

    /// Brings the view forward by a change that was committed, so that nobody has to read it again. A view that stands
    /// elsewhere reads it when it is asked.
    pub fn advance(&self, mailbox: MailboxId, news: News) {
        let bytes = self.peek_mut(mailbox, |view| {
            if view.row().modseq == news.since {
                let epoch = view.epoch();
                view.forward(news.changes, epoch);
            }
            view.bytes()
        });
        self.weigh(mailbox, bytes);
    }

    /// Brings the view forward by messages that came.
    pub fn add(&self, added: &Added) {
        let bytes = self.peek_mut(added.mailbox, |view| {
            view.add(added);
            view.bytes()
        });
        self.weigh(added.mailbox, bytes);
    }

    /// Notes how much memory a view uses now; those that were used longest ago make room.
    fn weigh(&self, mailbox: MailboxId, bytes: Option<usize>) {
        let mut slots = lock(&self.slots);
        if let Some(bytes) = bytes
            && let Some(slot) = slots.by_mailbox.get_mut(&mailbox)
        {
            let before = std::mem::replace(&mut slot.bytes, bytes);
            slots.bytes = (slots.bytes + bytes).saturating_sub(before);
        }
        if slots.bytes > self.most {
            slots.shrink(self.most / 4 * 3);
        }
    }

    /// Takes the UIDs from the first one that no session was shown as recent; where they begin. `from` and `next`
    /// are the mailbox row's. Without `claim` they stay.
    pub fn recent(&self, mailbox: MailboxId, from: u32, next: u32, claim: bool) -> u32 {
        let mut shown = lock(&self.recent.shown);
        let known = shown.get(&mailbox).map_or(from, |known| from.max(*known));
        if claim && known < next {
            shown.insert(mailbox, next);
            lock(&self.recent.unwritten).insert(mailbox, next);
        }
        known
    }
    /// Takes what was shown as recent and is not written down yet: mailboxes, and the first UID that was not shown.
    pub fn take_unwritten(&self) -> Vec<(i64, u32)> {
        lock(&self.recent.unwritten).drain().map(|(mailbox, next)| (mailbox.0, next)).collect()
    }

    fn get(&self, mailbox: MailboxId) -> Option<Arc<Mutex<View>>> {
        let mut slots = lock(&self.slots);
        slots.clock += 1;
        let clock = slots.clock;
        let slot = slots.by_mailbox.get_mut(&mailbox)?;
        slot.used = clock;
        Some(slot.view.clone())
    }

    /// Keeps the view, or the one that somebody else put there meanwhile when that is as new.
    fn put(&self, mailbox: MailboxId, view: Arc<Mutex<View>>) -> Arc<Mutex<View>> {
        let (bytes, modseq) = {
            let view = lock(&view);
            (view.bytes(), view.row().modseq)
        };
        let mut slots = lock(&self.slots);
        let view = match slots.by_mailbox.get(&mailbox) {
            Some(slot) if !Arc::ptr_eq(&slot.view, &view) && is_as_new(&lock(&slot.view), modseq) => {
                return slot.view.clone();
            }
            _ => view,
        };
        slots.clock += 1;
        let slot = Slot { view: view.clone(), bytes, used: slots.clock };
        slots.bytes += bytes;
        if let Some(old) = slots.by_mailbox.insert(mailbox, slot) {
            slots.bytes -= old.bytes;
        }
        if slots.bytes > self.most {
            slots.shrink(self.most / 4 * 3);
        }
        view
    }
}

fn is_as_new(view: &View, modseq: i64) -> bool {
    view.is_whole() && view.row().modseq >= modseq
}

impl Slots {
    /// Drops what was used longest ago until `most` bytes are left.
    fn shrink(&mut self, most: usize) {
        let mut ages: Vec<(u64, MailboxId)> = self.by_mailbox.iter().map(|(id, slot)| (slot.used, *id)).collect();
        ages.sort_unstable();
        for (_, id) in ages {
            if self.bytes <= most {
                break;
            }
            if let Some(slot) = self.by_mailbox.remove(&id) {
                self.bytes -= slot.bytes;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::view::tests::loaded;
    use super::*;

    fn view(modseq: i64, messages: u32) -> Arc<Mutex<View>> {
        let messages: Vec<_> = (1..=messages).map(|uid| (uid, 1, 0, "")).collect();
        Arc::new(Mutex::new(View::new(loaded(modseq, &messages, &[]), UserId(1), None)))
    }

    #[test]
    fn what_was_used_longest_ago_goes_first() {
        let cache = Cache::new(100_000, Arc::new(Commits::unknown()));
        for id in 0..100 {
            cache.put(MailboxId(id), view(1, 100));
            assert!(cache.get(MailboxId(0)).is_some(), "it is used all the time");
            assert!(lock(&cache.slots).bytes <= 100_000);
        }
        let slots = lock(&cache.slots);
        assert!(slots.by_mailbox.len() > 5 && slots.by_mailbox.contains_key(&MailboxId(99)));
        assert!(!slots.by_mailbox.contains_key(&MailboxId(1)));
        assert_eq!(slots.bytes, slots.by_mailbox.values().map(|slot| slot.bytes).sum::<usize>());
    }

    #[test]
    fn a_view_that_grows_by_what_is_committed_is_weighed_anew() {
        let cache = Cache::new(100_000, Arc::new(Commits::unknown()));
        for (id, messages) in [(1, 10), (2, 800)] {
            cache.put(MailboxId(id), view(1, messages));
        }
        let mut since = 1;
        let mut grow = |words: &str| {
            let changes = loaded(since + 1, &[(since as u32 % 10 + 1, since + 1, 0, words)], &[]);
            cache.advance(MailboxId(1), News { since, changes });
            since += 1;
        };
        grow(&"x".repeat(2_500));
        let kept = || {
            let slots = lock(&cache.slots);
            assert_eq!(slots.bytes, slots.by_mailbox.values().map(|slot| lock(&slot.view).bytes()).sum::<usize>());
            slots.by_mailbox.len()
        };
        assert_eq!(kept(), 2);
        (0..10).for_each(|n| grow(&"y".repeat(2_500 + n)));
        assert_eq!(kept(), 1, "the other one, which was used longer ago, made room");
    }

    #[test]
    fn the_newer_of_two_views_is_kept() {
        let cache = Cache::new(1 << 20, Arc::new(Commits::unknown()));
        cache.put(MailboxId(1), view(7, 3));
        assert_eq!(lock(&cache.put(MailboxId(1), view(5, 1))).row().modseq, 7);
        assert_eq!(lock(&cache.put(MailboxId(1), view(9, 4))).row().modseq, 9);
        assert_eq!(lock(&cache.slots).by_mailbox.len(), 1);
    }

    #[test]
    fn a_message_is_shown_as_recent_once() {
        let cache = Cache::new(0, Arc::new(Commits::unknown()));
        let mailbox = MailboxId(1);
        assert_eq!(cache.recent(mailbox, 3, 8, false), 3);
        assert_eq!(cache.recent(mailbox, 3, 8, true), 3);
        assert_eq!(cache.recent(mailbox, 3, 8, true), 8);
        assert_eq!(cache.recent(mailbox, 9, 10, true), 9);
        assert_eq!(cache.take_unwritten(), [(1, 10)]);
        assert!(cache.take_unwritten().is_empty());
    }
}
