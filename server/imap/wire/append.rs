//! APPEND and REPLACE up to their literals (RFC 3501 6.3.11, 8508; several messages RFC 3502, literal8 RFC 3516): the
//! literals themselves are streamed past the parser.

use types::{Flags, Timestamp};

use super::command::mailbox;
use super::cursor::{Cursor, Parsed, wrong};
use super::date::parse_date_time;
use super::name::MailboxName;
use super::sequence::{Bound, bound};
use super::store::flag_list;

/// An APPEND or REPLACE whose first message follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Append {
    /// The client's tag.
    pub tag: String,
    /// What goes for it, when this is a REPLACE.
    pub replaces: Option<Old>,
    /// Where to.
    pub mailbox: MailboxName,
    /// What is said of the message that follows.
    pub head: Head,
}

/// The message that a REPLACE names (RFC 8508 3.2, 3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Old {
    /// Whether its number is a UID.
    pub uid: bool,
    /// Its number.
    pub number: Bound,
}

/// What is said of a message before it comes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Head {
    /// Flags.
    pub flags: Flags,
    /// INTERNALDATE, when given.
    pub date: Option<Timestamp>,
    /// Whether it may hold NUL (`~{n}`).
    pub binary: bool,
    /// Whether it stands in `UTF8 (…)` (RFC 9755 4): its header fields are UTF-8.
    pub utf8: bool,
    /// How long it is.
    pub size: u64,
    /// Whether the client waits for `+` before it sends it.
    pub waits: bool,
}

/// What comes behind a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Nothing: the command is whole.
    End,
    /// A further message.
    Message(Head),
}

/// Reads a line that ends in the head of a literal. `None`: no APPEND nor REPLACE, or the literal is its mailbox name.
///
/// # Errors
/// It is one, and something before the literal is wrong.
pub fn parse(line: &[u8]) -> Parsed<Option<Append>> {
    parse_as(line, false)
}

/// The same; with `utf8` names of mailboxes are UTF-8 (RFC 9755, 9051).
///
/// # Errors
/// As [`parse`].
pub fn parse_as(line: &[u8], utf8: bool) -> Parsed<Option<Append>> {
    let mut cursor = Cursor::new(line).with_utf8_names(utf8);
    let Ok(tag) = cursor.tag() else { return Ok(None) };
    let replaces = if cursor.take_word(" APPEND ") {
        None
    } else {
        let uid = cursor.take_word(" UID REPLACE ");
        if !uid && !cursor.take_word(" REPLACE ") {
            return Ok(None);
        }
        let number = bound(&mut cursor)?;
        cursor.space()?;
        Some(Old { uid, number })
    };
    if literal_head(&cursor).is_some() {
        return Ok(None);
    }
    let mailbox = mailbox(&mut cursor)?;
    cursor.space()?;
    Ok(Some(Append { tag: tag.to_owned(), replaces, mailbox, head: head(&mut cursor)? }))
}

/// Reads what stands behind the message of `last`, up to and with its line end.
///
/// # Errors
/// It is neither the end nor a further message.
pub fn parse_next(last: &Head, line: &[u8]) -> Parsed<Next> {
    let mut cursor = Cursor::new(line);
    if last.utf8 {
        cursor.expect(b')', "Expected a closing parenthesis")?;
    }
    if cursor.rest().trim_ascii().is_empty() {
        return Ok(Next::End);
    }
    cursor.space()?;
    head(&mut cursor).map(Next::Message)
}

fn head(cursor: &mut Cursor<'_>) -> Parsed<Head> {
    let (mut flags, mut date) = (Flags::default(), None);
    if cursor.peek() == Some(b'(') {
        flags = flag_list(cursor)?;
        cursor.space()?;
    }
    if cursor.peek() == Some(b'"') {
        date = Some(parse_date_time(cursor)?);
        cursor.space()?;
    }
    let utf8 = cursor.take_word("UTF8 (");
    match literal_head(cursor) {
        Some(literal) if utf8 && !literal.binary => wrong("Expected a literal with ~"),
        Some(literal) => Ok(Head { flags, date, utf8, ..literal }),
        None => wrong("Expected the message as a literal"),
    }
}

/// The head of a literal, when nothing else is left.
fn literal_head(cursor: &Cursor<'_>) -> Option<Head> {
    let mut cursor = cursor.clone();
    let binary = cursor.take(b'~');
    if !cursor.take(b'{') {
        return None;
    }
    let size = cursor.number64().ok()?;
    let waits = !cursor.take(b'+');
    let closed = cursor.take(b'}');
    cursor.take(b'\r');
    cursor.take(b'\n');
    (closed && cursor.is_empty()).then(|| Head { binary, size, waits, ..Head::default() })
}

#[cfg(test)]
mod tests {
    use types::SystemFlags;

    use super::*;

    #[test]
    fn an_append_is_known_once_its_message_begins() {
        assert_eq!(parse(b"a APPEND {5}\r\n"), Ok(None));
        assert_eq!(parse(b"a LOGIN {5}\r\n"), Ok(None));
        let append =
            parse(b"a append {5}\r\nInBox (\\Seen) \"17-Jul-1996 02:44:25 -0700\" {310+}\r\n").unwrap().unwrap();
        assert_eq!(append.mailbox.as_str(), "INBOX");
        let head = append.head;
        assert_eq!(head.flags, Flags::system(SystemFlags::SEEN));
        assert_eq!(head.date, Some(Timestamp::from_secs(837_596_665)));
        assert_eq!((head.size, head.waits, head.binary), (310, false, false));
        let append = parse(b"a APPEND a/b ~{3}\r\n").unwrap().unwrap();
        assert_eq!((append.mailbox.as_str(), append.head.binary, append.head.waits), ("a/b", true, true));
    }

    #[test]
    fn a_further_message_may_follow() {
        let last = Head::default();
        assert_eq!(parse_next(&last, b""), Ok(Next::End));
        let next = parse_next(&last, b" (\\Flagged) {7+}").unwrap();
        assert!(matches!(&next, Next::Message(head) if head.size == 7 && !head.waits), "{next:?}");
        for line in [&b"x"[..], b" x", b"{7+}", b" (\\Seen)", b" {7+} {3}"] {
            assert!(parse_next(&last, line).is_err());
        }
    }

    #[test]
    fn a_message_with_utf_8_in_its_header_stands_in_parentheses() {
        let append = parse(b"a APPEND x UTF8 (~{3}\r\n").unwrap().unwrap();
        assert!(append.head.utf8 && append.head.binary);
        assert_eq!(parse_next(&append.head, b")"), Ok(Next::End));
        assert!(matches!(parse_next(&append.head, b") UTF8 (~{3+}"), Ok(Next::Message(_))));
        assert!(parse_next(&append.head, b"").is_err() && parse(b"a APPEND x UTF8 ({3}\r\n").is_err());
    }

    #[test]
    fn a_replace_names_one_message_by_number_or_uid() {
        let old = |line: &[u8]| parse(line).map(|append| append.and_then(|append| append.replaces));
        assert_eq!(
            old(b"a replace 4 Drafts (\\Seen) {3+}\r\n"),
            Ok(Some(Old { uid: false, number: Bound::Number(4) }))
        );
        assert_eq!(old(b"a UID REPLACE * Drafts {3}\r\n"), Ok(Some(Old { uid: true, number: Bound::Last })));
        assert_eq!(old(b"a APPEND Drafts {3}\r\n"), Ok(None));
        assert_eq!(parse(b"a REPLACE 4 {6}\r\n"), Ok(None));
        for line in
            ["a REPLACE 1:2 x {3}\r\n", "a REPLACE 0 x {3}\r\n", "a REPLACE $ x {3}\r\n", "a UID REPLACE x {3}\r\n"]
        {
            assert!(parse(line.as_bytes()).is_err(), "{line}");
        }
    }

    #[test]
    fn a_broken_append_is_refused_before_its_literal() {
        for line in
            [&b"a APPEND INBOX x {3}\r\n"[..], b"a APPEND INBOX (\\Foo) {3}\r\n", b"a APPEND INBOX \"x\" {3}\r\n"]
        {
            assert!(parse(line).is_err());
        }
    }
}
