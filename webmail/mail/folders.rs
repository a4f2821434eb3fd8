//! The folder pane: a person's mailboxes in the order of the house, with their names in his language and what is
//! unread in each.

use store::{Mailbox, MailboxRole};
use types::MailboxId;

use super::MailWords;

/// The special mailboxes come in this order, the others after them by name.
const ORDER: [MailboxRole; 6] = [
    MailboxRole::Inbox,
    MailboxRole::Drafts,
    MailboxRole::Sent,
    MailboxRole::Archive,
    MailboxRole::Junk,
    MailboxRole::Trash,
];

/// One line of the pane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderLine {
    /// Which.
    pub id: MailboxId,
    /// Its name for people: the last level alone.
    pub label: String,
    /// Its whole name for people.
    pub full: String,
    /// What it is for.
    pub role: Option<MailboxRole>,
    /// How many levels above it.
    pub depth: usize,
    /// Whether it holds mail; otherwise it is only a name above others.
    pub selectable: bool,
    /// The icon's name.
    pub icon: &'static str,
    /// Whether it is shown now.
    pub current: bool,
    /// Mails in it.
    pub messages: u32,
    /// Unread ones; of drafts all.
    pub count: u32,
}

/// The lines of the pane; `current` is shown now.
#[must_use]
pub fn folder_lines(mailboxes: &[Mailbox], words: MailWords, current: Option<MailboxId>) -> Vec<FolderLine> {
    let mut lines: Vec<FolderLine> = mailboxes.iter().map(|mailbox| line(mailbox, words, current)).collect();
    lines.sort_by(|a, b| (rank(a.role), &a.full).cmp(&(rank(b.role), &b.full)));
    lines
}

fn rank(role: Option<MailboxRole>) -> usize {
    role.and_then(|role| ORDER.iter().position(|known| *known == role)).unwrap_or(ORDER.len())
}

fn line(mailbox: &Mailbox, words: MailWords, current: Option<MailboxId>) -> FolderLine {
    let full = folder_name(mailbox, words);
    let (depth, label) = match mailbox.role {
        Some(_) => (0, full.clone()),
        None => (mailbox.name.matches('/').count(), mailbox.name.rsplit('/').next().unwrap_or_default().to_owned()),
    };
    let state = &mailbox.state;
    let count = if mailbox.role == Some(MailboxRole::Drafts) { state.messages } else { state.unseen };
    FolderLine {
        id: mailbox.id,
        label,
        full,
        role: mailbox.role,
        depth: depth.min(5),
        selectable: mailbox.selectable,
        icon: icon(mailbox.role),
        current: current == Some(mailbox.id),
        messages: state.messages,
        count,
    }
}

/// The name of a mailbox in the reader's language; those that people made keep theirs.
#[must_use]
pub fn folder_name(mailbox: &Mailbox, words: MailWords) -> String {
    let names = words.mailboxes();
    match mailbox.role {
        Some(MailboxRole::Inbox) => names.inbox().into(),
        Some(MailboxRole::Sent) => names.sent().into(),
        Some(MailboxRole::Drafts) => names.drafts().into(),
        Some(MailboxRole::Trash) => names.trash().into(),
        Some(MailboxRole::Junk) => names.junk().into(),
        Some(MailboxRole::Archive) => names.archive().into(),
        None => mailbox.name.clone(),
    }
}

fn icon(role: Option<MailboxRole>) -> &'static str {
    match role {
        Some(MailboxRole::Inbox) => "inbox",
        Some(MailboxRole::Sent) => "send",
        Some(MailboxRole::Drafts) => "draft",
        Some(MailboxRole::Trash) => "trash",
        Some(MailboxRole::Junk) => "spam",
        Some(MailboxRole::Archive) => "archive",
        None => "folder",
    }
}

/// The mailbox that has this role; the six exist from the start.
#[must_use]
pub fn with_role(mailboxes: &[Mailbox], role: MailboxRole) -> Option<&Mailbox> {
    mailboxes.iter().find(|mailbox| mailbox.role == Some(role))
}

#[cfg(test)]
mod tests {
    use store::MailboxState;
    use types::{Language, ModSeq, Uid, UidValidity};

    use super::*;

    fn mailbox(id: i64, name: &str, role: Option<MailboxRole>) -> Mailbox {
        let state = MailboxState {
            uid_validity: UidValidity(1),
            uid_next: Uid(1),
            highest_modseq: ModSeq(1),
            messages: 7,
            unseen: 2,
            deleted: 0,
            size: 0,
        };
        let name = name.to_owned();
        Mailbox { id: MailboxId(id), name, role, subscribed: true, selectable: true, has_children: false, state }
    }

    #[test]
    fn special_folders_come_first_and_carry_their_japanese_names() {
        let all = [
            mailbox(9, "案件/2026", None),
            mailbox(8, "案件", None),
            mailbox(2, "Sent", Some(MailboxRole::Sent)),
            mailbox(3, "Drafts", Some(MailboxRole::Drafts)),
            mailbox(1, "INBOX", Some(MailboxRole::Inbox)),
        ];
        let lines = folder_lines(&all, MailWords::new(Language::Ja), Some(MailboxId(8)));
        let told: Vec<_> = lines.iter().map(|l| (l.label.as_str(), l.depth, l.count, l.current)).collect();
        let expected = [
            ("受信トレイ", 0, 2, false),
            ("下書き", 0, 7, false),
            ("送信済み", 0, 2, false),
            ("案件", 0, 2, true),
            ("2026", 1, 2, false),
        ];
        assert_eq!(told, expected);
    }
}
