//! GETMETADATA and SETMETADATA as asked (RFC 5464 4.2, 4.3), and the names of entries.

use std::fmt;

use super::cursor::{Cursor, Parsed, is_astring_char, wrong};
use super::name::MailboxName;

/// Most entries of one command.
const MOST: usize = 1_000;
/// Longest name of an entry, bytes.
const LONGEST: usize = 255;

/// How far below an entry others are told too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Depth {
    /// The entry alone.
    #[default]
    Zero,
    /// And what is right below it.
    One,
    /// And all below it.
    Infinity,
}

impl Depth {
    /// Whether asking for `asked` tells of `entry`.
    #[must_use]
    pub fn reaches(self, asked: &str, entry: &str) -> bool {
        let Some(rest) = entry.strip_prefix(asked) else { return false };
        match (self, rest.strip_prefix('/')) {
            (_, None) => rest.is_empty(),
            (Self::Zero, Some(_)) => false,
            (Self::One, Some(below)) => !below.contains('/'),
            (Self::Infinity, Some(_)) => true,
        }
    }
}

/// A GETMETADATA.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Get {
    /// Of which mailbox; `None`: of the server.
    pub mailbox: Option<MailboxName>,
    /// Names in lower case.
    pub entries: Vec<String>,
    /// Longer values are left out.
    pub max_size: Option<u64>,
    /// How far below.
    pub depth: Depth,
}

/// A SETMETADATA; its Debug shows no value.
#[derive(Clone, PartialEq, Eq)]
pub struct Set {
    /// Of which mailbox; `None`: of the server.
    pub mailbox: Option<MailboxName>,
    /// Names in lower case with their new values; `None` takes one away.
    pub values: Vec<(String, Option<Vec<u8>>)>,
}

impl fmt::Debug for Set {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries: Vec<&str> = self.values.iter().map(|(entry, _)| entry.as_str()).collect();
        f.debug_struct("Set").field("mailbox", &self.mailbox).field("entries", &entries).finish_non_exhaustive()
    }
}

/// Reads the arguments of GETMETADATA. The options may also stand behind the mailbox, as in the examples of RFC 5464 4.2.1
/// and 4.2.2.
///
/// # Errors
/// The grammar is broken.
pub fn parse_get(cursor: &mut Cursor<'_>) -> Parsed<Get> {
    let mut get = Get { mailbox: None, entries: Vec::new(), max_size: None, depth: Depth::Zero };
    if cursor.peek() == Some(b'(') {
        options(cursor, &mut get)?;
        cursor.space()?;
    }
    get.mailbox = mailbox(cursor)?;
    cursor.space()?;
    let mut probe = cursor.clone();
    if probe.peek() == Some(b'(') && options(&mut probe, &mut get).is_ok() {
        *cursor = probe;
        cursor.space()?;
    }
    get.entries = entries(cursor)?;
    Ok(get)
}

fn options(cursor: &mut Cursor<'_>, get: &mut Get) -> Parsed<()> {
    cursor.list(|c| {
        let word = c.word()?.to_ascii_uppercase();
        c.space()?;
        match word.as_str() {
            "MAXSIZE" => get.max_size = Some(c.number64()?),
            "DEPTH" => {
                get.depth = match c.word()?.to_ascii_lowercase().as_str() {
                    "0" => Depth::Zero,
                    "1" => Depth::One,
                    "infinity" => Depth::Infinity,
                    _ => return wrong("DEPTH is 0, 1 or infinity"),
                }
            }
            _ => return wrong("Unknown option of GETMETADATA"),
        }
        Ok(())
    })?;
    Ok(())
}

/// Reads one entry, or several in parentheses.
///
/// # Errors
/// The grammar is broken, or there are none or too many.
pub fn entries(cursor: &mut Cursor<'_>) -> Parsed<Vec<String>> {
    if cursor.peek() != Some(b'(') {
        return Ok(vec![entry(cursor)?]);
    }
    let entries = cursor.list_of(MOST, entry)?;
    if entries.is_empty() { wrong("Expected the names of entries") } else { Ok(entries) }
}

/// Reads the arguments of SETMETADATA.
///
/// # Errors
/// The grammar is broken.
pub fn parse_set(cursor: &mut Cursor<'_>) -> Parsed<Set> {
    let mailbox = mailbox(cursor)?;
    cursor.space()?;
    let values = cursor.list_of(MOST, |c| {
        let entry = entry(c)?;
        // RFC 5464 3.2: /private and /shared themselves have no value.
        if entry.matches('/').count() < 2 {
            return wrong("This entry can have no value");
        }
        c.space()?;
        let value = if c.peek() == Some(b'~') { Some(c.literal8()?.to_vec()) } else { c.nstring()?.map(Vec::from) };
        Ok((entry, value))
    })?;
    if values.is_empty() { wrong("Expected entries and values") } else { Ok(Set { mailbox, values }) }
}

/// A mailbox, or "" for the server.
fn mailbox(cursor: &mut Cursor<'_>) -> Parsed<Option<MailboxName>> {
    let name = cursor.astring()?;
    if name.is_empty() { Ok(None) } else { MailboxName::parse_as(&name, cursor.names_in_utf8()).map(Some) }
}

/// An entry in lower case (RFC 5464 3.2: case does not count, no empty levels, no wildcards).
fn entry(cursor: &mut Cursor<'_>) -> Parsed<String> {
    let name = cursor.astring()?.to_ascii_lowercase();
    let levels = || name.split(|byte| *byte == b'/').skip(1);
    let root = levels().next().is_some_and(|first| first == b"private" || first == b"shared");
    let good =
        name.len() <= LONGEST && levels().all(|level| !level.is_empty() && level.iter().all(|b| is_astring_char(*b)));
    match String::from_utf8(name.clone()) {
        Ok(text) if root && good && text.starts_with('/') => Ok(text),
        _ => wrong("Expected the name of an entry such as /private/comment"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn get(text: &str) -> Parsed<Get> {
        let mut cursor = Cursor::new(text.as_bytes());
        parse_get(&mut cursor).and_then(|get| cursor.end().map(|()| get))
    }
    fn set(bytes: &[u8]) -> Parsed<Set> {
        let mut cursor = Cursor::new(bytes);
        parse_set(&mut cursor).and_then(|set| cursor.end().map(|()| set))
    }

    #[test]
    fn options_stand_before_or_behind_the_mailbox() {
        let plain = get("\"\" /Shared/Comment").unwrap();
        assert_eq!((plain.mailbox.is_none(), plain.entries), (true, vec!["/shared/comment".to_owned()]));
        for text in [
            "(MAXSIZE 1024 DEPTH infinity) INBOX (/private /shared/a)",
            "INBOX (depth infinity maxsize 1024) (/private /shared/a)",
        ] {
            let get = get(text).unwrap();
            assert_eq!((get.max_size, get.depth, get.entries.len()), (Some(1_024), Depth::Infinity, 2), "{text}");
        }
    }

    #[test]
    fn values_are_strings_literals_or_nothing() {
        let set = set(b"INBOX (/private/comment \"a b\" /shared/x NIL /private/y ~{2}\r\n\0b)").unwrap();
        let values: Vec<Option<&[u8]>> = set.values.iter().map(|(_, value)| value.as_deref()).collect();
        assert_eq!(values, [Some(&b"a b"[..]), None, Some(&b"\0b"[..])]);
        assert!(!format!("{set:?}").contains("a b"));
    }

    #[test]
    fn what_is_not_in_the_grammar_is_refused() {
        let long = format!("INBOX /private/{}", "x".repeat(300));
        for text in [
            "",
            "INBOX",
            "INBOX ()",
            "INBOX comment",
            "INBOX /comment",
            "INBOX /private/",
            "INBOX /private//a",
            "INBOX \"/private/a b\"",
            "INBOX /private/*",
            "(DEPTH 2) INBOX /private/a",
            "(FOO 1) INBOX /private/a",
            "INBOX /privately/a",
            &long,
        ] {
            assert!(get(text).is_err(), "{text}");
        }
        for text in
            ["INBOX ()", "INBOX (/private \"x\")", "INBOX (/private/a)", "INBOX (/private/a x)", "INBOX /private/a NIL"]
        {
            assert!(set(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn a_depth_reaches_levels_and_no_parts_of_names() {
        let reached = |depth: Depth| -> Vec<&str> {
            let all = ["/private/a", "/private/a/b", "/private/a/b/c", "/private/ab"];
            all.into_iter().filter(|entry| depth.reaches("/private/a", entry)).collect()
        };
        assert_eq!(reached(Depth::Zero), ["/private/a"]);
        assert_eq!(reached(Depth::One), ["/private/a", "/private/a/b"]);
        assert_eq!(reached(Depth::Infinity), ["/private/a", "/private/a/b", "/private/a/b/c"]);
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "(INBOX|\\(|\\)| |/private|/a|\"|~\\{1\\}\r\n|NIL|DEPTH|MAXSIZE|1|infinity){0,20}") {
            let _ = get(&text);
            let _ = set(text.as_bytes());
        }
    }
}
