//! Whether what was read of `mail.db` still holds, without asking it: this process knows its own commits, and sees in
//! the index of the write-ahead log (WAL) whether anybody else has committed.
//!
//! The index begins with a header whose change counter (`iChange`, four bytes at offset 8, in the machine's order) grows by one with
//! each transaction that wrote something (<https://sqlite.org/walformat.html>, 2.1). A transaction of this process that
//! wrote takes it to the next number; any other number is somebody else's work, after which everything is read anew.

use std::collections::HashMap;
use std::fs::File;
use std::mem::ManuallyDrop;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use store::Event;
use types::MailboxId;

/// Where the change counter stands in the index.
const CHANGES: u64 = 8;
/// Where it says how many pages the log holds (`mxFrame`), and behind both copies of the header how many of them stand in the database
/// already (`nBackfill`).
const PAGES: u64 = 16;
const MOVED: u64 = 96;

/// The commits of this process, and how often others came in between.
#[derive(Debug)]
pub(crate) struct Commits {
    /// The index. Never closed: with any descriptor of it that is closed the kernel would take SQLite's locks on it too.
    /// `None`: it cannot be read, and nothing is known to hold.
    index: Option<ManuallyDrop<File>>,
    /// The change counter after the last commit of this process.
    own: AtomicU32,
    /// How often something was written that is not told by events.
    others: AtomicU64,
    /// Transactions of this process.
    count: AtomicU64,
    /// The MODSEQ of each mailbox that a commit of this process changed.
    latest: Mutex<HashMap<MailboxId, i64>>,
}

/// A stretch of time in which nobody but this process wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Epoch(u64);

impl Commits {
    /// Those to `database`, which is open.
    pub fn of(database: &Path) -> Self {
        let mut name = database.as_os_str().to_owned();
        name.push("-shm");
        let commits = Self {
            index: File::open(name).ok().map(ManuallyDrop::new),
            own: AtomicU32::new(0),
            others: AtomicU64::new(0),
            count: AtomicU64::new(0),
            latest: Mutex::default(),
        };
        commits.own.store(commits.counter().unwrap_or(0), Ordering::Release);
        commits
    }

    /// Nothing is known to hold.
    #[cfg(test)]
    pub fn unknown() -> Self {
        Self {
            index: None,
            own: AtomicU32::new(0),
            others: AtomicU64::new(0),
            count: AtomicU64::new(0),
            latest: Mutex::default(),
        }
    }

    fn counter(&self) -> Option<u32> {
        self.number(CHANGES)
    }

    fn number(&self, at: u64) -> Option<u32> {
        let mut bytes = [0; 4];
        self.index.as_ref()?.read_exact_at(&mut bytes, at).ok()?;
        Some(u32::from_ne_bytes(bytes))
    }

    /// How many pages the log holds, and how many of them the database has already; about, while somebody writes.
    pub fn log(&self) -> Option<(u32, u32)> {
        Some((self.number(PAGES)?, self.number(MOVED)?))
    }

    /// How many transactions this process has committed.
    pub fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }

    /// The present epoch. `None`: somebody has written of whom nothing is known yet, perhaps this process in this moment.
    /// What is read after this belongs to the epoch.
    pub fn epoch(&self) -> Option<Epoch> {
        let counter = self.counter()?;
        (counter == self.own.load(Ordering::Acquire)).then(|| Epoch(self.others.load(Ordering::Acquire)))
    }

    /// Whether a mailbox is still as it was at `modseq`, which was read in `epoch`.
    pub fn holds(&self, epoch: Epoch, mailbox: MailboxId, modseq: i64) -> bool {
        self.epoch() == Some(epoch) && self.latest().get(&mailbox).is_none_or(|latest| *latest <= modseq)
    }

    /// A commit of this process has come to its end, with these events. `wrote`: it wrote something, which a change of a
    /// mailbox says too. Called before anybody is answered.
    pub fn committed(&self, events: &[Event], mut wrote: bool) {
        self.count.fetch_add(1, Ordering::Relaxed);
        let mut names = false;
        for event in events {
            match event {
                Event::Mailbox { mailbox, modseq, .. } => {
                    let modseq = i64::try_from(modseq.0).unwrap_or(i64::MAX);
                    self.latest().insert(*mailbox, modseq);
                    wrote = true;
                }
                Event::Mailboxes { .. } => names = true,
                _ => {}
            }
        }
        let Some(counter) = self.counter() else { return };
        let own = self.own.load(Ordering::Acquire);
        // what may have written nothing may have left the next number to somebody else
        let alone = counter == own || (wrote && counter == own.wrapping_add(1));
        if !alone || names {
            self.others.fetch_add(1, Ordering::AcqRel);
        }
        self.own.store(counter, Ordering::Release);
    }

    fn latest(&self) -> std::sync::MutexGuard<'_, HashMap<MailboxId, i64>> {
        // one insertion is all that is done under it
        self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode};
    use sqlx::{ConnectOptions as _, Executor as _};
    use types::{ModSeq, UserId};

    use super::*;

    async fn open(path: &Path) -> SqliteConnection {
        let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
        options.journal_mode(SqliteJournalMode::Wal).connect().await.unwrap()
    }

    fn changed(modseq: u64) -> [Event; 1] {
        [Event::Mailbox { user: UserId(1), mailbox: MailboxId(7), modseq: ModSeq(modseq) }]
    }

    #[tokio::test]
    async fn what_was_read_holds_until_somebody_writes() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("it.db");
        let (mut ours, mut theirs) = (open(&path).await, open(&path).await);
        ours.execute("CREATE TABLE t (x)").await.unwrap();
        let (commits, mailbox) = (Commits::of(&path), MailboxId(7));
        let first = commits.epoch().unwrap();
        assert!(commits.holds(first, mailbox, 3));

        // our own change of that mailbox is known, and of another does not matter
        ours.execute("INSERT INTO t VALUES (1)").await.unwrap();
        assert_eq!(commits.epoch(), None, "between the commit and its end nothing is known");
        commits.committed(&changed(4), false);
        assert!(!commits.holds(first, mailbox, 3) && commits.holds(first, mailbox, 4));
        assert!(commits.holds(first, MailboxId(8), 3));

        // a transaction of ours that wrote nothing
        ours.execute("BEGIN IMMEDIATE; UPDATE t SET x = 2 WHERE x = 9; COMMIT").await.unwrap();
        commits.committed(&[], false);
        assert!(commits.holds(first, mailbox, 4));

        // one that wrote elsewhere
        ours.execute("INSERT INTO t VALUES (9)").await.unwrap();
        commits.committed(&[], true);
        assert!(commits.holds(first, mailbox, 4));

        // others
        theirs.execute("INSERT INTO t VALUES (2)").await.unwrap();
        assert!(!commits.holds(first, mailbox, 4));
        ours.execute("INSERT INTO t VALUES (3)").await.unwrap();
        commits.committed(&changed(5), false);
        assert!(!commits.holds(first, mailbox, 5), "a commit of ours does not hide theirs");
        let second = commits.epoch().unwrap();
        assert!(commits.holds(second, mailbox, 5));

        // theirs while ours wrote nothing is not taken for ours
        theirs.execute("INSERT INTO t VALUES (4)").await.unwrap();
        commits.committed(&[], false);
        assert!(!commits.holds(second, mailbox, 5));

        // after a checkpoint that begins the log anew it counts on
        let third = commits.epoch().unwrap();
        ours.execute("PRAGMA wal_checkpoint(TRUNCATE)").await.unwrap();
        assert!(commits.holds(third, mailbox, 5));
        ours.execute("INSERT INTO t VALUES (5)").await.unwrap();
        commits.committed(&changed(6), false);
        assert!(commits.holds(third, mailbox, 6));
        theirs.execute("DELETE FROM t").await.unwrap();
        assert!(!commits.holds(third, mailbox, 6));
    }

    #[test]
    fn nothing_holds_without_an_index() {
        let commits = Commits::unknown();
        commits.committed(&changed(4), false);
        assert_eq!(commits.epoch(), None);
    }
}
