//! LIST, LSUB and STATUS as asked (RFC 3501 6.3.8 to 6.3.10, RFC 5258, RFC 5819, RFC 6154, RFC 8440; items
//! of STATUS also RFC 7162, 7889, 8438, 8474, 9208).

use super::cursor::{Cursor, Parsed, wrong};
use super::metadata;
use super::name::Pattern;

/// Most patterns of one LIST.
const MOST_PATTERNS: usize = 1_000;
/// Most items of one STATUS: there are no more.
const MOST_ITEMS: usize = 11;

/// A LIST or LSUB.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct List {
    /// The patterns, the reference put before each.
    pub patterns: Vec<Pattern>,
    /// Only subscribed mailboxes.
    pub only_subscribed: bool,
    /// Also those above a subscribed one (RECURSIVEMATCH).
    pub recursive: bool,
    /// Only mailboxes with a special use.
    pub only_special: bool,
    /// `\Subscribed` is shown.
    pub subscribed: bool,
    /// STATUS items shown with each mailbox.
    pub status: Vec<StatusItem>,
    /// The reader's rights are shown with each mailbox (RFC 8440).
    pub rights: bool,
    /// Annotations shown with each mailbox (RFC 9590).
    pub metadata: Vec<String>,
}

/// An item of STATUS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusItem {
    /// MESSAGES
    Messages,
    /// RECENT
    Recent,
    /// UIDNEXT
    UidNext,
    /// UIDVALIDITY
    UidValidity,
    /// UNSEEN
    Unseen,
    /// HIGHESTMODSEQ (RFC 7162)
    HighestModSeq,
    /// DELETED (RFC 9051, 9208)
    Deleted,
    /// DELETED-STORAGE (RFC 9208)
    DeletedStorage,
    /// SIZE (RFC 8438)
    Size,
    /// APPENDLIMIT (RFC 7889)
    AppendLimit,
    /// MAILBOXID (RFC 8474)
    MailboxId,
}

/// Reads the arguments of LSUB.
///
/// # Errors
/// The grammar is broken.
pub fn parse_lsub(cursor: &mut Cursor<'_>) -> Parsed<List> {
    let reference = cursor.astring()?;
    cursor.space()?;
    let pattern = Pattern::parse_as(&reference, &cursor.list_mailbox()?, cursor.names_in_utf8())?;
    Ok(List { patterns: vec![pattern], only_subscribed: true, ..List::default() })
}

/// Reads the arguments of LIST.
///
/// # Errors
/// The grammar is broken.
pub fn parse_list(cursor: &mut Cursor<'_>) -> Parsed<List> {
    let mut list = List::default();
    if cursor.peek() == Some(b'(') {
        selection(cursor, &mut list)?;
        cursor.space()?;
    }
    let reference = cursor.astring()?.into_owned();
    cursor.space()?;
    if cursor.peek() == Some(b'(') {
        list.patterns =
            cursor.list_of(MOST_PATTERNS, |c| Pattern::parse_as(&reference, &c.list_mailbox()?, c.names_in_utf8()))?;
    } else {
        list.patterns = vec![Pattern::parse_as(&reference, &cursor.list_mailbox()?, cursor.names_in_utf8())?];
    }
    if list.patterns.is_empty() {
        return wrong("Expected a mailbox pattern");
    }
    if !cursor.is_empty() {
        cursor.space()?;
        if cursor.take_word("RETURN ") {
            returned(cursor, &mut list)?;
        }
    }
    Ok(list)
}

fn selection(cursor: &mut Cursor<'_>, list: &mut List) -> Parsed<()> {
    cursor.list(|c| {
        match c.word()?.to_ascii_uppercase().as_str() {
            "SUBSCRIBED" => {
                list.only_subscribed = true;
                list.subscribed = true;
            }
            "RECURSIVEMATCH" => list.recursive = true,
            "SPECIAL-USE" => list.only_special = true,
            "REMOTE" => {}
            _ => return wrong("Unknown selection option of LIST"),
        }
        Ok(())
    })?;
    // RFC 5258 3.1: RECURSIVEMATCH modifies another option.
    if list.recursive && !list.only_subscribed && !list.only_special {
        return wrong("RECURSIVEMATCH needs another selection option");
    }
    Ok(())
}

fn returned(cursor: &mut Cursor<'_>, list: &mut List) -> Parsed<()> {
    cursor.list(|c| {
        match c.word()?.to_ascii_uppercase().as_str() {
            "SUBSCRIBED" => list.subscribed = true,
            "MYRIGHTS" => list.rights = true,
            "STATUS" => {
                c.space()?;
                list.status = status_items(c)?;
            }
            "METADATA" => {
                c.space()?;
                list.metadata = metadata::entries(c)?;
            }
            // Both are always shown.
            "CHILDREN" | "SPECIAL-USE" => {}
            _ => return wrong("Unknown return option of LIST"),
        }
        Ok(())
    })?;
    Ok(())
}

/// Reads the items of STATUS.
///
/// # Errors
/// An unknown item, none, or more than there are.
pub fn status_items(cursor: &mut Cursor<'_>) -> Parsed<Vec<StatusItem>> {
    let items = cursor.list_of(MOST_ITEMS, |c| match c.word()?.to_ascii_uppercase().as_str() {
        "MESSAGES" => Ok(StatusItem::Messages),
        "RECENT" => Ok(StatusItem::Recent),
        "UIDNEXT" => Ok(StatusItem::UidNext),
        "UIDVALIDITY" => Ok(StatusItem::UidValidity),
        "UNSEEN" => Ok(StatusItem::Unseen),
        "HIGHESTMODSEQ" => Ok(StatusItem::HighestModSeq),
        "DELETED" => Ok(StatusItem::Deleted),
        "DELETED-STORAGE" => Ok(StatusItem::DeletedStorage),
        "SIZE" => Ok(StatusItem::Size),
        "APPENDLIMIT" => Ok(StatusItem::AppendLimit),
        "MAILBOXID" => Ok(StatusItem::MailboxId),
        _ => wrong("Unknown STATUS item"),
    })?;
    if items.is_empty() { wrong("STATUS needs an item") } else { Ok(items) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Parsed<List> {
        let mut cursor = Cursor::new(text.as_bytes());
        parse_list(&mut cursor).and_then(|list| cursor.end().map(|()| list))
    }

    #[test]
    fn a_plain_list_and_an_extended_one() {
        assert!(read("\"\" *").unwrap().patterns[0].matches("a/b"));
        assert!(read("a/ %").unwrap().patterns[0].matches("a/b"));
        assert!(read("\"\" \"\"").unwrap().patterns[0].is_empty());
        let list =
            read("(SUBSCRIBED RECURSIVEMATCH) \"\" (INBOX \"a*\") RETURN (CHILDREN STATUS (MESSAGES UNSEEN))").unwrap();
        assert!(list.only_subscribed && list.recursive && list.subscribed);
        assert_eq!((list.patterns.len(), list.status.len()), (2, 2));
        assert_eq!(read("\"\" % RETURN (METADATA (/private/a /shared/b) SUBSCRIBED)").unwrap().metadata.len(), 2);
        assert!(read("\"\" % RETURN (METADATA)").is_err());
        assert!(read("\"\" % RETURN (MYRIGHTS CHILDREN)").unwrap().rights && !read("\"\" %").unwrap().rights);
        assert!(read("(SPECIAL-USE) \"\" * RETURN (SPECIAL-USE)").unwrap().only_special);
    }

    #[test]
    fn so_many_patterns_and_items_are_taken_and_no_more() {
        let patterns = |count: usize| read(&format!("\"\" ({})", vec!["a"; count].join(" ")));
        assert_eq!(patterns(1_000).map(|list| list.patterns.len()), Ok(1_000));
        assert!(patterns(1_001).is_err());
        let items = |count: usize| read(&format!("\"\" * RETURN (STATUS ({}))", vec!["SIZE"; count].join(" ")));
        assert!(items(11).is_ok());
        assert!(items(12).is_err());
    }

    #[test]
    fn what_is_not_in_the_grammar_is_refused() {
        for text in
            ["", "\"\"", "\"\" ()", "(FOO) \"\" *", "(RECURSIVEMATCH) \"\" *", "\"\" * RETURN (FOO)", "\"\" * x"]
        {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
