//! Mailboxes and messages as IMAP and webmail see them.

use std::collections::BTreeSet;
use std::ops::Range;

use serde::{Deserialize, Serialize};
use types::{Flags, Keyword, MailboxId, ModSeq, RecordId, SystemFlags, Timestamp, Uid, UidSet, UidValidity};

/// What a mailbox is for (RFC 6154); the six exist from the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum MailboxRole {
    /// INBOX.
    Inbox,
    /// `\Sent`
    Sent,
    /// `\Drafts`
    Drafts,
    /// `\Trash`
    Trash,
    /// `\Junk`
    Junk,
    /// `\Archive`
    Archive,
}

impl MailboxRole {
    /// All six with their names and SPECIAL-USE words.
    pub const ALL: [(Self, &'static str, Option<&'static str>); 6] = [
        (Self::Inbox, "INBOX", None),
        (Self::Sent, "Sent", Some("\\Sent")),
        (Self::Drafts, "Drafts", Some("\\Drafts")),
        (Self::Trash, "Trash", Some("\\Trash")),
        (Self::Junk, "Junk", Some("\\Junk")),
        (Self::Archive, "Archive", Some("\\Archive")),
    ];
}

/// A mailbox with its counters: one row, read as such by LIST, STATUS and the folder pane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    /// Its number, never used again.
    pub id: MailboxId,
    /// Its whole name, Unicode NFC, levels separated by `/`; INBOX in capitals.
    pub name: String,
    /// What it is for.
    pub role: Option<MailboxRole>,
    /// Whether LSUB shows it.
    pub subscribed: bool,
    /// Whether it can be selected; `false`: only a name that has children (`\Noselect`).
    pub selectable: bool,
    /// Whether there are mailboxes below it.
    pub has_children: bool,
    /// Counters.
    pub state: MailboxState,
}

/// The counters of a mailbox (RFC 3501 6.3.10, 7162).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MailboxState {
    /// UIDVALIDITY.
    pub uid_validity: UidValidity,
    /// UIDNEXT.
    pub uid_next: Uid,
    /// HIGHESTMODSEQ.
    pub highest_modseq: ModSeq,
    /// MESSAGES.
    pub messages: u32,
    /// UNSEEN (how many).
    pub unseen: u32,
    /// DELETED (how many bear `\Deleted`).
    pub deleted: u32,
    /// SIZE, bytes.
    pub size: u64,
}

/// What the mailboxes of a person hold together, or what a change adds to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Bytes.
    pub bytes: u64,
    /// Messages.
    pub messages: u64,
}

/// A mailbox as SELECT opens it.
#[derive(Debug, Clone)]
pub struct Opened {
    /// The mailbox; `mailbox.state.highest_modseq` is the M of the view.
    pub mailbox: Mailbox,
    /// The UIDs in it at M.
    pub uids: UidSet,
    /// The least UID without `\Seen`.
    pub first_unseen: Option<Uid>,
    /// The keywords in use.
    pub keywords: BTreeSet<Keyword>,
    /// UIDs that no other session was shown as recent before (RFC 3501 2.3.2); claimed by SELECT, not by EXAMINE.
    pub recent: UidSet,
}

/// Which messages are asked for, by their system flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FlagFilter {
    /// Those that have all of these.
    pub with: SystemFlags,
    /// And none of these.
    pub without: SystemFlags,
}

impl FlagFilter {
    /// Whether a message with these flags is meant.
    #[must_use]
    pub fn admits(self, flags: SystemFlags) -> bool {
        flags.contains(self.with) && flags.0 & self.without.0 == 0
    }
}

/// Flags of one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlagRow {
    /// UID.
    pub uid: Uid,
    /// When it last changed.
    pub modseq: ModSeq,
    /// When it came.
    pub created: ModSeq,
    /// Flags.
    pub flags: Flags,
    /// Its record.
    pub record: RecordId,
    /// Whether this copy does not show all of the record ([`MessageRow::cuts`]).
    pub cut: bool,
}

/// What happened in a mailbox since some M.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// The new M.
    pub modseq: Option<ModSeq>,
    /// Messages that came or changed, by UID.
    pub rows: Vec<FlagRow>,
    /// UIDs that went and had been there at the old M.
    pub expunged: UidSet,
    /// UIDs that both came and went since. A view that follows never had them; a client that comes back may have seen
    /// one of them before its connection broke.
    pub came_and_went: UidSet,
    /// Whether `expunged` and `came_and_went` name all of them: `false` when the old M is 0 or older than the engine's memory of what
    /// went.
    pub complete: bool,
    /// Came and not yet shown as recent to anyone; claimed by this call when it may write.
    pub recent: UidSet,
}

/// What of a message is wanted beside its flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Want {
    /// The summary (message::Summary as bytes).
    pub summary: bool,
}

/// A message in a mailbox.
#[derive(Debug, Clone)]
pub struct MessageRow {
    /// UID.
    pub uid: Uid,
    /// When it last changed.
    pub modseq: ModSeq,
    /// Flags.
    pub flags: Flags,
    /// INTERNALDATE.
    pub internal_date: Timestamp,
    /// When it came into this mailbox (RFC 8514); `None`: nobody knows.
    pub saved: Option<Timestamp>,
    /// Its record.
    pub record: RecordId,
    /// Size of the record's bytes, before cuts and without prefix.
    pub record_size: u64,
    /// Trace headers that stand before the record's bytes in this copy.
    pub prefix: Vec<u8>,
    /// Ranges of the record's bytes that this copy does not show (Bcc).
    pub cuts: Vec<Range<u64>>,
    /// Whether the mail has findings of level likely or above, or nobody has looked at it.
    pub sensitive: bool,
    /// message::Summary of the record, when wanted.
    pub summary: Option<Vec<u8>>,
}

impl MessageRow {
    /// The size of the mail as it is seen: prefix + record without the cuts (RFC822.SIZE).
    #[must_use]
    pub fn size(&self) -> u64 {
        let cut: u64 = self.cuts.iter().map(|range| range.end - range.start).sum();
        self.prefix.len() as u64 + self.record_size - cut
    }

    /// The ranges of the record's bytes within `range` that this copy shows: those that are not cut, ascending.
    #[must_use]
    pub fn shown(&self, range: Range<u64>) -> Vec<Range<u64>> {
        let mut cuts = self.cuts.clone();
        cuts.sort_unstable_by_key(|cut| cut.start);
        let (mut out, mut at) = (Vec::new(), range.start);
        for cut in cuts {
            let (start, end) = (cut.start.clamp(at, range.end.max(at)), cut.end.clamp(at, range.end.max(at)));
            if at < start {
                out.push(at..start);
            }
            at = end;
        }
        if at < range.end {
            out.push(at..range.end);
        }
        out
    }
}

/// How STORE changes flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlagMode {
    /// FLAGS
    Replace,
    /// +FLAGS
    Add,
    /// -FLAGS
    Remove,
}

/// A STORE.
#[derive(Debug, Clone)]
pub struct FlagChange {
    /// How.
    pub mode: FlagMode,
    /// Which flags.
    pub flags: Flags,
    /// UNCHANGEDSINCE (RFC 7162): rows changed later are left and reported.
    pub unchanged_since: Option<ModSeq>,
}

/// A message to be put into a mailbox by its owner (APPEND, drafts).
#[derive(Debug)]
pub struct NewMessage {
    /// Its bytes and summary.
    pub mail: crate::NewMail,
    /// Flags.
    pub flags: Flags,
    /// INTERNALDATE.
    pub internal_date: Timestamp,
    /// The present moment, at which it is put there.
    pub saved: Timestamp,
}

/// Where a copy came to lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placed {
    /// Mailbox.
    pub mailbox: MailboxId,
    /// Its UIDVALIDITY.
    pub uid_validity: UidValidity,
    /// UID.
    pub uid: Uid,
}

/// What COPY and MOVE did (RFC 4315): pairs of old and new UID, ascending.
#[derive(Debug, Clone)]
pub struct Moved {
    /// UIDVALIDITY of the destination.
    pub uid_validity: UidValidity,
    /// (old, new)
    pub uids: Vec<(Uid, Uid)>,
}
