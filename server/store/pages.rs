//! A mailbox as pages, newest first: what webmail lists and walks through. A page begins at a key, never at a number,
//! so it costs the same in a mailbox of a hundred and of a million messages.

use types::{Timestamp, Uid};

use crate::MessageRow;

/// Most rows of one page.
pub const PAGE_MOST: u32 = 200;

/// The place of a message in its mailbox's order: by INTERNALDATE, then by UID. It outlives the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PageKey {
    /// INTERNALDATE.
    pub at: Timestamp,
    /// UID.
    pub uid: Uid,
}

impl PageKey {
    /// The place right before everything of the moment `at`: the page before it is what came earlier (日付へ移動).
    #[must_use]
    pub fn start_of(at: Timestamp) -> Self {
        Self { at, uid: Uid(0) }
    }
}

impl MessageRow {
    /// Its place in the order of pages.
    #[must_use]
    pub fn key(&self) -> PageKey {
        PageKey { at: self.internal_date, uid: self.uid }
    }
}

/// Where a page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageStart {
    /// With the newest message.
    Newest,
    /// With the newest of those older than this place (次の50件).
    Before(PageKey),
    /// So that it ends with the oldest of those newer than this place (前の50件).
    After(PageKey),
}

/// Which messages are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PageFilter {
    /// All.
    #[default]
    All,
    /// Those without `\Seen`.
    Unread,
    /// Those with `\Flagged` (スター付き).
    Starred,
}

/// A page.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// Newest first, each with its summary.
    pub rows: Vec<MessageRow>,
    /// Whether there are newer ones.
    pub newer: bool,
    /// Whether there are older ones.
    pub older: bool,
}

/// The messages beside a place, for 前へ and 次へ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Neighbours {
    /// The next newer one.
    pub newer: Option<PageKey>,
    /// The next older one.
    pub older: Option<PageKey>,
}
