//! STORE's arguments (RFC 3501 6.4.6), and lists of flags as STORE and APPEND write them.

use types::{Flags, Keyword, ModSeq, SystemFlags};

use super::command::Command;
use super::cursor::{Cursor, Parsed, wrong};
use super::sequence::SequenceSet;

/// How STORE changes flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreMode {
    /// `FLAGS`
    Replace,
    /// `+FLAGS`
    Add,
    /// `-FLAGS`
    Remove,
}

/// Reads what follows the set of messages.
///
/// # Errors
/// The grammar is broken, or a flag is unknown.
pub(super) fn parse_store(cursor: &mut Cursor<'_>, uid: bool, set: SequenceSet) -> Parsed<Command> {
    let unchanged_since = unchanged_since(cursor)?;
    let mode = match (cursor.take(b'+'), cursor.take(b'-')) {
        (true, false) => StoreMode::Add,
        (false, true) => StoreMode::Remove,
        (false, false) => StoreMode::Replace,
        (true, true) => return wrong("Expected FLAGS"),
    };
    let silent = match cursor.word()?.to_ascii_uppercase().as_str() {
        "FLAGS" => false,
        "FLAGS.SILENT" => true,
        _ => return wrong("Expected FLAGS"),
    };
    cursor.space()?;
    let flags = if cursor.peek() == Some(b'(') { flag_list(cursor)? } else { bare_flags(cursor)? };
    Ok(Command::Store { uid, set, unchanged_since, mode, silent, flags })
}

/// `(UNCHANGEDSINCE n) ` (RFC 7162 3.1.3).
fn unchanged_since(cursor: &mut Cursor<'_>) -> Parsed<Option<ModSeq>> {
    if cursor.peek() != Some(b'(') {
        return Ok(None);
    }
    let mut since = None;
    cursor.list(|c| {
        if !c.take_word("UNCHANGEDSINCE ") {
            return wrong("Unknown modifier of STORE");
        }
        // RFC 7162 section 7
        match since.replace(ModSeq(c.number64()?)) {
            None => Ok(()),
            Some(_) => wrong("UNCHANGEDSINCE stands there twice"),
        }
    })?;
    cursor.space()?;
    Ok(since)
}

fn bare_flags(cursor: &mut Cursor<'_>) -> Parsed<Flags> {
    let mut flags = Flags::default();
    flag(cursor, &mut flags)?;
    while !cursor.is_empty() {
        cursor.space()?;
        if !cursor.is_empty() {
            flag(cursor, &mut flags)?;
        }
    }
    Ok(flags)
}

/// Reads `(\Seen $Forwarded)`. `\Recent` is left out: no client can set it.
pub(super) fn flag_list(cursor: &mut Cursor<'_>) -> Parsed<Flags> {
    let mut flags = Flags::default();
    cursor.list(|c| flag(c, &mut flags))?;
    Ok(flags)
}

fn flag(cursor: &mut Cursor<'_>, flags: &mut Flags) -> Parsed<()> {
    if cursor.take(b'\\') {
        let word = format!("\\{}", cursor.atom()?);
        return match SystemFlags::from_word(&word) {
            Some(flag) => {
                flags.system = flags.system.union(flag);
                Ok(())
            }
            None if word.eq_ignore_ascii_case("\\Recent") => Ok(()),
            None => wrong("Unknown system flag"),
        };
    }
    match Keyword::parse(cursor.atom()?) {
        Some(_) if flags.keywords.len() >= MOST_KEYWORDS => wrong("Too many keywords"),
        Some(keyword) => {
            flags.keywords.insert(keyword);
            Ok(())
        }
        None => wrong("The keyword is too long"),
    }
}

/// Most keywords in one list of flags: more is no way to mark mail.
const MOST_KEYWORDS: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::command::parse;

    #[test]
    fn store_takes_flags_with_and_without_parentheses() {
        for (line, want_mode, want_silent) in [
            ("a STORE 1 FLAGS (\\Seen $A)", StoreMode::Replace, false),
            ("a STORE 1 +FLAGS.SILENT \\Seen $A", StoreMode::Add, true),
            ("a UID STORE 1 -flags (\\SEEN \\Recent $a)", StoreMode::Remove, false),
        ] {
            let Command::Store { mode, silent, flags, .. } = parse(line.as_bytes(), 50).unwrap().command else {
                panic!("{line}")
            };
            assert_eq!((mode, silent), (want_mode, want_silent));
            assert_eq!(flags.system, SystemFlags::SEEN);
            assert_eq!(flags.keywords.len(), 1);
        }
        let since = parse(b"a STORE 7,5 (UNCHANGEDSINCE 320162338) +FLAGS.SILENT (\\Deleted)", 50).unwrap().command;
        assert!(matches!(since, Command::Store { unchanged_since: Some(ModSeq(320_162_338)), silent: true, .. }));
        assert!(parse(b"a STORE 1 (CHANGEDSINCE 3) FLAGS ()", 50).is_err());
        assert!(parse(b"a STORE 1 (UNCHANGEDSINCE 3 UNCHANGEDSINCE 4) FLAGS ()", 50).is_err());
        assert!(parse(b"a STORE 1 FLAGS (\\Foo)", 50).is_err());
        assert!(matches!(parse(b"a STORE 1 FLAGS ()", 50).unwrap().command, Command::Store { .. }));
    }

    #[test]
    fn a_list_of_too_many_keywords_is_refused() {
        let words: Vec<String> = (0..101).map(|i| format!("$k{i}")).collect();
        assert!(parse(format!("a STORE 1 FLAGS ({})", words.join(" ")).as_bytes(), 50).is_err());
        assert!(parse(format!("a STORE 1 FLAGS ({})", words[1..].join(" ")).as_bytes(), 50).is_ok());
    }
}
