//! NOTIFY as asked (RFC 5465 section 8): which events of which mailboxes.

use super::command::mailbox;
use super::cursor::{Cursor, Parsed, wrong};
use super::fetch::{self, Item, MOST_ITEMS};
use super::name::MailboxName;

/// Most groups of events in one command.
const MOST_GROUPS: usize = 100;
/// Most names of mailboxes in one command: each mailbox that changes is compared with all of them.
const MOST_NAMES: usize = 1_000;

/// The events that are known; told with BADEVENT.
pub const EVENTS: [&str; 7] = [
    "MessageNew",
    "MessageExpunge",
    "FlagChange",
    "MailboxName",
    "SubscriptionChange",
    "MailboxMetadataChange",
    "ServerMetadataChange",
];

/// A NOTIFY.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notify {
    /// `NONE`
    None,
    /// `SET`
    Set {
        /// Whether the mailboxes are told as they are now.
        status: bool,
        /// Which events of which mailboxes; of a mailbox that several take, all of theirs.
        groups: Vec<Group>,
    },
}

/// Events of some mailboxes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Which mailboxes.
    pub filter: Filter,
    /// Which events.
    pub events: Events,
}

/// Which mailboxes (RFC 5465 section 6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter {
    /// The one that is open.
    Selected {
        /// Whether its expunges wait for a command that may tell them.
        delayed: bool,
    },
    /// Those into which mail is delivered.
    Inboxes,
    /// All of one's own.
    Personal,
    /// Those that are subscribed.
    Subscribed,
    /// These and all below them.
    Subtree(Vec<MailboxName>),
    /// These.
    Mailboxes(Vec<MailboxName>),
}

impl Filter {
    /// The names of which it is made.
    fn names(&self) -> &[MailboxName] {
        match self {
            Self::Subtree(names) | Self::Mailboxes(names) => names,
            _ => &[],
        }
    }
}

/// Which events (RFC 5465 section 5).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Events {
    /// MessageNew and MessageExpunge, of which neither goes without the other.
    pub messages: bool,
    /// What of each new message is told.
    pub fetch: Vec<Item>,
    /// FlagChange
    pub flags: bool,
    /// MailboxName
    pub names: bool,
    /// SubscriptionChange
    pub subscriptions: bool,
    /// MailboxMetadataChange
    pub metadata: bool,
    /// ServerMetadataChange
    pub server_metadata: bool,
    /// One that is not known.
    pub unknown: bool,
}

/// Reads the arguments.
///
/// # Errors
/// The grammar is broken, or events do not go together.
pub fn parse(cursor: &mut Cursor<'_>, depth: usize) -> Parsed<Notify> {
    if cursor.take_word("NONE") {
        return Ok(Notify::None);
    }
    if !cursor.take_word("SET ") {
        return wrong("Expected SET or NONE");
    }
    let status = cursor.take_word("STATUS ");
    let mut groups = Vec::new();
    loop {
        groups.push(group(cursor, depth)?);
        if groups.iter().filter(|group| matches!(group.filter, Filter::Selected { .. })).count() > 1 {
            // RFC 5465 section 6.1
            return wrong("The selected mailbox is named twice");
        }
        let names = groups.iter().map(|group| group.filter.names().len()).sum::<usize>();
        let items = groups.iter().map(|group| group.events.fetch.len()).sum::<usize>();
        if groups.len() > MOST_GROUPS || names > MOST_NAMES || items > MOST_ITEMS {
            return wrong("Too many groups of events");
        }
        if cursor.is_empty() {
            break;
        }
        cursor.space()?;
    }
    Ok(Notify::Set { status, groups })
}

fn group(cursor: &mut Cursor<'_>, depth: usize) -> Parsed<Group> {
    cursor.expect(b'(', "Expected a group of events")?;
    let filter = match cursor.word()?.to_ascii_lowercase().as_str() {
        "selected" => Filter::Selected { delayed: false },
        "selected-delayed" => Filter::Selected { delayed: true },
        "inboxes" => Filter::Inboxes,
        "personal" => Filter::Personal,
        "subscribed" => Filter::Subscribed,
        "subtree" => Filter::Subtree(names(cursor)?),
        "mailboxes" => Filter::Mailboxes(names(cursor)?),
        _ => return wrong("Unknown kind of mailboxes"),
    };
    cursor.space()?;
    let events = events(cursor, depth)?;
    cursor.expect(b')', "Expected a closing parenthesis")?;
    let selected = matches!(filter, Filter::Selected { .. });
    if selected && (events.names || events.subscriptions || events.metadata || events.server_metadata) {
        return wrong("Of the selected mailbox only events of messages are told so");
    }
    if !selected && !events.fetch.is_empty() {
        return wrong("Items of new messages are told of the selected mailbox alone");
    }
    Ok(Group { filter, events })
}

fn names(cursor: &mut Cursor<'_>) -> Parsed<Vec<MailboxName>> {
    cursor.space()?;
    let names = if cursor.peek() == Some(b'(') { cursor.list_of(MOST_NAMES, mailbox)? } else { vec![mailbox(cursor)?] };
    if names.is_empty() { wrong("Expected names of mailboxes") } else { Ok(names) }
}

fn events(cursor: &mut Cursor<'_>, depth: usize) -> Parsed<Events> {
    let mut events = Events::default();
    if cursor.take_word("NONE") {
        return Ok(events);
    }
    let (mut new, mut expunge) = (false, false);
    let all = cursor.list(|c| {
        match c.word()?.to_ascii_lowercase().as_str() {
            "messagenew" => {
                new = true;
                let mut probe = c.clone();
                if probe.take(b' ') && probe.peek() == Some(b'(') {
                    events.fetch = fetch::parse_items(&mut probe, depth)?;
                    *c = probe;
                }
            }
            "messageexpunge" => expunge = true,
            "flagchange" => events.flags = true,
            "mailboxname" => events.names = true,
            "subscriptionchange" => events.subscriptions = true,
            "mailboxmetadatachange" => events.metadata = true,
            "servermetadatachange" => events.server_metadata = true,
            _ => events.unknown = true,
        }
        Ok(())
    })?;
    // RFC 5465 section 5: neither without the other, and flags only beside both.
    if all.is_empty() || new != expunge || (events.flags && !new) {
        return wrong("MessageNew and MessageExpunge go together, and FlagChange with both");
    }
    events.messages = new;
    Ok(events)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Parsed<Notify> {
        let mut cursor = Cursor::new(text.as_bytes());
        parse(&mut cursor, 50).and_then(|notify| cursor.end().map(|()| notify))
    }
    fn groups(text: &str) -> Vec<Group> {
        let Notify::Set { groups, .. } = read(text).unwrap() else { panic!("{text}") };
        groups
    }

    #[test]
    fn groups_name_mailboxes_and_events() {
        assert_eq!(read("none").unwrap(), Notify::None);
        let all = groups(
            "SET STATUS (selected MessageNew_) (x)"
                .replace("MessageNew_", "(MessageNew (UID BODY.PEEK[HEADER.FIELDS (From)]) MessageExpunge FlagChange)")
                .replace(
                    "(x)",
                    "(subtree (Lists \"a b\") (MessageNew MessageExpunge MailboxName)) (mailboxes INBOX NONE)",
                )
                .as_str(),
        );
        assert_eq!(all[0].filter, Filter::Selected { delayed: false });
        assert!(all[0].events.messages && all[0].events.flags && all[0].events.fetch.len() == 2);
        assert!(matches!(&all[1].filter, Filter::Subtree(names) if names.len() == 2));
        assert!(all[1].events.names && !all[1].events.flags);
        assert_eq!(all[2].events, Events::default());
        let user = groups(
            "SET (personal (ServerMetadataChange SubscriptionChange MailboxMetadataChange)) (inboxes NONE) (subscribed NONE) (selected-delayed NONE)",
        );
        assert!(user[0].events.server_metadata && user[0].events.subscriptions && user[0].events.metadata);
        assert_eq!(user[3].filter, Filter::Selected { delayed: true });
        assert!(groups("SET (personal (AnnotationChange MailboxName))")[0].events.unknown);
    }

    #[test]
    fn what_does_not_go_together_is_refused() {
        for text in [
            "",
            "SET",
            "SET ()",
            "SET (personal)",
            "SET (personal ())",
            "SET (personal (MessageNew))",
            "SET (personal (MessageExpunge))",
            "SET (personal (FlagChange))",
            "SET (selected (MailboxName))",
            "SET (selected NONE) (personal (MailboxName)) (selected-delayed (MessageNew MessageExpunge))",
            "SET (personal (MessageNew (UID) MessageExpunge))",
            "SET (everything (MailboxName))",
            "SET (subtree () (MailboxName))",
            "SET (mailboxes (MailboxName))",
            "NONE x",
            "SET (personal NONE",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
        assert!(read(&format!("SET{}", " (personal NONE)".repeat(101))).is_err());
        let names = |count: usize| format!(" (mailboxes ({}) NONE)", vec!["a"; count].join(" "));
        assert!(read(&format!("SET{}", names(500).repeat(2))).is_ok());
        assert!(read(&format!("SET{}", names(501).repeat(2))).is_err(), "of all groups together");
        let items =
            |count: usize| format!("SET (selected (MessageNew ({}) MessageExpunge))", vec!["FLAGS"; count].join(" "));
        assert!(read(&items(100)).is_ok());
        assert!(read(&items(101)).is_err());
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "(SET|NONE|STATUS| |\\(|\\)|selected|subtree|MessageNew|MessageExpunge|UID|a){0,24}") {
            let _ = read(&text);
        }
    }
}
