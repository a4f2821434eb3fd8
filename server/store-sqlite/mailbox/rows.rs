//! Rows of mailboxes and messages as the database gives them, and the values that they stand for.

use store::{FlagRow, Mailbox, MailboxRole, MailboxState, StoreError};
use types::{Flags, MailboxId, ModSeq, RecordId, SystemFlags, Uid, UidSet, UidValidity};

use crate::sql;

/// The columns of [`MailboxRow`], in the order of its fields, for statements.
macro_rules! mailbox_columns {
    () => {
        "id, tenant, parent, leaf, role, subscribed, selectable, uid_validity, uid_next, modseq, messages, unseen, \
         deleted, size, recent_from, forgotten"
    };
}
pub(super) use mailbox_columns;

/// A mailbox.
#[derive(Debug, Clone)]
pub struct MailboxRow {
    pub id: i64,
    pub tenant: i64,
    pub parent: Option<i64>,
    pub leaf: String,
    pub role: Option<i64>,
    pub subscribed: bool,
    pub selectable: bool,
    pub uid_validity: u32,
    pub uid_next: u32,
    pub modseq: i64,
    pub messages: u32,
    pub unseen: u32,
    pub deleted: u32,
    pub size: i64,
    pub recent_from: u32,
    pub forgotten: i64,
}

sql::from_row!(MailboxRow: id, tenant, parent, leaf, role, subscribed, selectable, uid_validity, uid_next, modseq, messages, unseen, deleted, size, recent_from, forgotten);

/// What the database calls a role: its place among all.
pub(crate) fn role(place: Option<i64>) -> Option<MailboxRole> {
    let place = usize::try_from(place?).ok()?;
    MailboxRole::ALL.get(place).map(|(role, _, _)| *role)
}

impl MailboxRow {
    /// The counters.
    pub fn state(&self) -> MailboxState {
        MailboxState {
            uid_validity: UidValidity(self.uid_validity),
            uid_next: Uid(self.uid_next),
            highest_modseq: modseq(self.modseq),
            messages: self.messages,
            unseen: self.unseen,
            deleted: self.deleted,
            size: u64::try_from(self.size).unwrap_or(0),
        }
    }
    /// The mailbox under its whole name.
    pub fn named(&self, name: String, has_children: bool) -> Mailbox {
        Mailbox {
            id: MailboxId(self.id),
            name,
            role: role(self.role),
            subscribed: self.subscribed,
            selectable: self.selectable,
            has_children,
            state: self.state(),
        }
    }
    /// Takes the next UIDs for `count` messages; the first of them.
    pub fn take_uids(&mut self, count: usize) -> Result<u32, StoreError> {
        let first = self.uid_next;
        let next = u32::try_from(count).ok().and_then(|count| first.checked_add(count));
        // RFC 3501 2.3.1.1: 32 bits, and then the mailbox is full
        self.uid_next = next.ok_or_else(|| StoreError::Invalid("the mailbox has no UID left".into()))?;
        Ok(first)
    }
    /// Counts a message with these flags and size in (`1`) or out (`-1`).
    pub fn count(&mut self, sign: i8, flags: i64, size: i64) {
        let step = |counter: u32, yes: bool| {
            let by = i32::from(sign) * i32::from(yes);
            counter.saturating_add_signed(by)
        };
        self.messages = step(self.messages, true);
        self.unseen = step(self.unseen, !has(flags, SystemFlags::SEEN));
        self.deleted = step(self.deleted, has(flags, SystemFlags::DELETED));
        self.size += i64::from(sign) * size;
    }
}

/// Whether the flags column holds `flag`.
pub fn has(flags: i64, flag: SystemFlags) -> bool {
    flags & i64::from(flag.0) != 0
}

/// The flags of a message with what their change needs to know.
#[derive(Debug, Clone)]
pub struct MessageFlags {
    pub uid: u32,
    pub modseq: i64,
    pub created: i64,
    pub flags: i64,
    pub keywords: String,
    pub size: i64,
    pub record: i64,
    pub cut: bool,
}

impl MessageFlags {
    /// As the rooms see it.
    pub fn row(&self) -> FlagRow {
        FlagRow {
            uid: Uid(self.uid),
            modseq: modseq(self.modseq),
            created: modseq(self.created),
            flags: flags(self.flags, &self.keywords),
            record: RecordId(self.record),
            cut: self.cut,
        }
    }
}

/// Flags from their columns.
pub fn flags(system: i64, keywords: &str) -> Flags {
    let system = SystemFlags(u8::try_from(system & 0xff).unwrap_or(0));
    // nearly all: collecting nothing into a set costs as much as the rest of a row
    if keywords.is_empty() { Flags::system(system) } else { Flags::from_parts(system, keywords) }
}

/// A MODSEQ from its column.
pub fn modseq(value: i64) -> ModSeq {
    ModSeq(u64::try_from(value).unwrap_or(0))
}

/// A MODSEQ for a column; one beyond all is beyond all there too.
pub fn column(modseq: ModSeq) -> i64 {
    i64::try_from(modseq.0).unwrap_or(i64::MAX)
}

/// A set of UIDs as a JSON array of runs, for `json_each`.
pub fn runs(uids: &UidSet) -> String {
    let mut text = String::from("[");
    for (i, (first, last)) in uids.runs().iter().enumerate() {
        if i > 0 {
            text.push(',');
        }
        text.push_str(&format!("[{first},{last}]"));
    }
    text.push(']');
    text
}

/// The refusal that another's mailbox gets too.
pub fn not_found(mailbox: MailboxId) -> StoreError {
    StoreError::NotFound(format!("mailbox {mailbox}"))
}

/// The refusal for a name that is no mailbox.
pub fn not_selectable() -> StoreError {
    StoreError::Invalid("this name has no messages: it cannot be selected".into())
}
