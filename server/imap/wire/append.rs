//! APPEND up to its literal (RFC 3501 6.3.11): the literal itself is streamed past the parser.

use types::{Flags, Timestamp};

use super::command::mailbox;
use super::cursor::{Cursor, Parsed, wrong};
use super::date::parse_date_time;
use super::name::MailboxName;
use super::store::flag_list;

/// An APPEND whose message follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Append {
    /// The client's tag.
    pub tag: String,
    /// Where to.
    pub mailbox: MailboxName,
    /// Flags.
    pub flags: Flags,
    /// INTERNALDATE, when given.
    pub date: Option<Timestamp>,
}

/// Reads a line that ends in the head of a literal. `None`: no APPEND, or the literal is its mailbox name.
///
/// # Errors
/// It is an APPEND, and something before the literal is wrong.
pub fn parse(line: &[u8]) -> Parsed<Option<Append>> {
    let mut cursor = Cursor::new(line);
    let Ok(tag) = cursor.tag() else { return Ok(None) };
    if !cursor.take_word(" APPEND ") || literal_ends(&cursor) {
        return Ok(None);
    }
    let mailbox = mailbox(&mut cursor)?;
    cursor.space()?;
    let mut append = Append { tag: tag.to_owned(), mailbox, flags: Flags::default(), date: None };
    if cursor.peek() == Some(b'(') {
        append.flags = flag_list(&mut cursor)?;
        cursor.space()?;
    }
    if cursor.peek() == Some(b'"') {
        append.date = Some(parse_date_time(&mut cursor)?);
        cursor.space()?;
    }
    if literal_ends(&cursor) { Ok(Some(append)) } else { wrong("Expected the message as a literal") }
}

/// Whether nothing but the head of a literal is left.
fn literal_ends(cursor: &Cursor<'_>) -> bool {
    let mut cursor = cursor.clone();
    let head = cursor.take(b'{') && cursor.number64().is_ok();
    cursor.take(b'+');
    let closed = cursor.take(b'}');
    cursor.take(b'\r');
    head && closed && cursor.take(b'\n') && cursor.is_empty()
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
        assert_eq!(append.flags, Flags::system(SystemFlags::SEEN));
        assert_eq!(append.date, Some(Timestamp::from_secs(837_596_665)));
        assert_eq!(parse(b"a APPEND a/b {3}\r\n").unwrap().unwrap().mailbox.as_str(), "a/b");
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
