//! SEARCH keys (RFC 3501 6.4.4; MODSEQ RFC 7162, OLDER and YOUNGER RFC 5032, EMAILID and THREADID RFC 8474, SAVEDBEFORE
//! and its like RFC 8514), read into a tree whose depth and size are bounded.

use types::{Flags, Keyword, SystemFlags};

use super::cursor::{Cursor, ParseError, Parsed, wrong};
use super::date::Day;
use super::returns::Returns;
use super::sequence::SequenceSet;

/// A condition on a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// All of them (an empty list holds always).
    And(Vec<Key>),
    /// One of the two.
    Or(Box<Key>, Box<Key>),
    /// Not that.
    Not(Box<Key>),
    /// Has this system flag or keyword.
    Flag(Flags),
    /// `\Recent`
    Recent,
    /// By number.
    Numbers(SequenceSet),
    /// By UID.
    Uids(SequenceSet),
    /// INTERNALDATE is before this day.
    Before(Day),
    /// INTERNALDATE is on this day.
    On(Day),
    /// INTERNALDATE is on this day or later.
    Since(Day),
    /// It came into the mailbox before this day (RFC 8514 4.3).
    SavedBefore(Day),
    /// It came into the mailbox on this day.
    SavedOn(Day),
    /// It came into the mailbox on this day or later.
    SavedSince(Day),
    /// The Date field is before this day.
    SentBefore(Day),
    /// The Date field is on this day.
    SentOn(Day),
    /// The Date field is on this day or later.
    SentSince(Day),
    /// Larger than so many bytes.
    Larger(u64),
    /// Smaller than so many bytes.
    Smaller(u64),
    /// A header field holds the text; with an empty text: is there.
    Header(String, String),
    /// The text parts hold the text.
    Body(String),
    /// Header or text parts hold the text.
    Text(String),
    /// Came or changed at this MODSEQ or later (RFC 7162 3.1.5).
    ModSeq(u64),
    /// INTERNALDATE is at least so many seconds ago (RFC 5032).
    Older(u32),
    /// INTERNALDATE is at most so many seconds ago (RFC 5032).
    Younger(u32),
    /// Has this EMAILID (RFC 8474).
    EmailId(String),
    /// Has this THREADID (RFC 8474).
    ThreadId(String),
}

/// A SEARCH.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// How it is to be answered; `None`: as RFC 3501 does.
    pub returns: Option<Returns>,
    /// The charset, when it was named.
    pub charset: Option<String>,
    /// The conditions.
    pub key: Key,
}

/// Most conditions in one SEARCH.
const MOST_KEYS: usize = 5_000;

/// The charsets in which the strings of a SEARCH may be written; listed in `BADCHARSET`.
pub const CHARSETS: [&str; 8] =
    ["UTF-8", "US-ASCII", "ISO-2022-JP", "SHIFT_JIS", "EUC-JP", "WINDOWS-31J", "ISO-8859-1", "WINDOWS-1252"];

/// Reads the arguments of SEARCH up to the end of the command.
///
/// # Errors
/// [`ParseError::Charset`], or the grammar is broken, nested deeper than `depth`, or too large.
pub fn parse(cursor: &mut Cursor<'_>, depth: usize) -> Parsed<Search> {
    let returns = Returns::parse(cursor)?;
    let charset = if cursor.take_word("CHARSET ") { Some(parse_charset(cursor)?) } else { None };
    let key = parse_keys(cursor, charset.as_deref().unwrap_or("UTF-8"), depth)?;
    Ok(Search { returns, charset, key })
}

/// Reads a charset and the blank behind it.
pub(super) fn parse_charset(cursor: &mut Cursor<'_>) -> Parsed<String> {
    let charset = String::from_utf8_lossy(&cursor.astring()?).into_owned();
    if !CHARSETS.iter().any(|known| known.eq_ignore_ascii_case(&charset)) {
        return Err(ParseError::Charset);
    }
    cursor.space()?;
    Ok(charset)
}

/// Reads the keys up to the end of the command.
pub(super) fn parse_keys(cursor: &mut Cursor<'_>, charset: &str, depth: usize) -> Parsed<Key> {
    let mut reader = Reader { charset: charset.to_owned(), left: MOST_KEYS };
    let mut keys = vec![reader.key(cursor, depth)?];
    while !cursor.is_empty() {
        cursor.space()?;
        if !cursor.is_empty() {
            keys.push(reader.key(cursor, depth)?);
        }
    }
    Ok(all_of(keys))
}

fn all_of(mut keys: Vec<Key>) -> Key {
    match (keys.pop(), keys.is_empty()) {
        (Some(only), true) => only,
        (Some(last), false) => {
            keys.push(last);
            Key::And(keys)
        }
        (None, _) => Key::And(keys),
    }
}

struct Reader {
    charset: String,
    left: usize,
}

impl Reader {
    fn key(&mut self, cursor: &mut Cursor<'_>, depth: usize) -> Parsed<Key> {
        self.left = self.left.checked_sub(1).ok_or(ParseError::Syntax("The SEARCH has too many keys"))?;
        let depth = depth.checked_sub(1).ok_or(ParseError::Syntax("The SEARCH is nested too deep"))?;
        match cursor.peek() {
            Some(b'(') => {
                let keys = cursor.list(|c| self.key(c, depth))?;
                if keys.is_empty() { wrong("Empty parentheses in SEARCH") } else { Ok(all_of(keys)) }
            }
            Some(b'0'..=b'9' | b'*' | b'$') => SequenceSet::parse(cursor).map(Key::Numbers),
            _ => {
                let word = cursor.word()?.to_ascii_uppercase();
                self.named(&word, cursor, depth)
            }
        }
    }

    fn named(&mut self, word: &str, cursor: &mut Cursor<'_>, depth: usize) -> Parsed<Key> {
        if let Some(key) = simple(word) {
            return Ok(key);
        }
        cursor.space()?;
        match word {
            "NOT" => Ok(not(self.key(cursor, depth)?)),
            "OR" => {
                let first = self.key(cursor, depth)?;
                cursor.space()?;
                Ok(Key::Or(Box::new(first), Box::new(self.key(cursor, depth)?)))
            }
            "UID" => SequenceSet::parse(cursor).map(Key::Uids),
            "KEYWORD" => keyword(cursor),
            "UNKEYWORD" => keyword(cursor).map(not),
            "BEFORE" => Day::parse(cursor).map(Key::Before),
            "ON" => Day::parse(cursor).map(Key::On),
            "SINCE" => Day::parse(cursor).map(Key::Since),
            "SAVEDBEFORE" => Day::parse(cursor).map(Key::SavedBefore),
            "SAVEDON" => Day::parse(cursor).map(Key::SavedOn),
            "SAVEDSINCE" => Day::parse(cursor).map(Key::SavedSince),
            "SENTBEFORE" => Day::parse(cursor).map(Key::SentBefore),
            "SENTON" => Day::parse(cursor).map(Key::SentOn),
            "SENTSINCE" => Day::parse(cursor).map(Key::SentSince),
            "LARGER" => cursor.number64().map(Key::Larger),
            "SMALLER" => cursor.number64().map(Key::Smaller),
            "SUBJECT" | "FROM" | "TO" | "CC" | "BCC" => Ok(Key::Header(word.to_owned(), self.text(cursor)?)),
            "HEADER" => {
                let name = self.text(cursor)?.to_ascii_uppercase();
                cursor.space()?;
                Ok(Key::Header(name, self.text(cursor)?))
            }
            "BODY" => Ok(Key::Body(self.text(cursor)?)),
            "TEXT" => Ok(Key::Text(self.text(cursor)?)),
            "MODSEQ" => mod_sequence(cursor),
            "OLDER" => cursor.nz_number().map(Key::Older),
            "YOUNGER" => cursor.nz_number().map(Key::Younger),
            "EMAILID" => cursor.atom().map(|id| Key::EmailId(id.to_owned())),
            "THREADID" => cursor.atom().map(|id| Key::ThreadId(id.to_owned())),
            _ => wrong("Unknown SEARCH key"),
        }
    }

    fn text(&self, cursor: &mut Cursor<'_>) -> Parsed<String> {
        Ok(message::charset::decode(&cursor.astring()?, Some(&self.charset)))
    }
}

/// `MODSEQ ["/flags/\\name" priv|shared|all] n`: flags have no MODSEQ of their own here, so the entry is not looked at
/// (RFC 7162 3.1.5 allows that).
fn mod_sequence(cursor: &mut Cursor<'_>) -> Parsed<Key> {
    if cursor.peek() == Some(b'"') {
        cursor.string()?;
        cursor.space()?;
        if !["PRIV", "SHARED", "ALL"].iter().any(|kind| cursor.take_word(kind)) {
            return wrong("Expected priv, shared or all");
        }
        cursor.space()?;
    }
    cursor.number64().map(Key::ModSeq)
}

fn not(key: Key) -> Key {
    Key::Not(Box::new(key))
}

fn keyword(cursor: &mut Cursor<'_>) -> Parsed<Key> {
    let Some(keyword) = Keyword::parse(cursor.atom()?) else { return wrong("Not a keyword") };
    Ok(Key::Flag(Flags { keywords: [keyword].into(), ..Flags::default() }))
}

fn simple(word: &str) -> Option<Key> {
    let has = |flag| Key::Flag(Flags::system(flag));
    Some(match word {
        // RFC 8514 4.3: every mailbox here knows when messages come.
        "ALL" | "SAVEDATESUPPORTED" => Key::And(Vec::new()),
        "ANSWERED" => has(SystemFlags::ANSWERED),
        "DELETED" => has(SystemFlags::DELETED),
        "DRAFT" => has(SystemFlags::DRAFT),
        "FLAGGED" => has(SystemFlags::FLAGGED),
        "SEEN" => has(SystemFlags::SEEN),
        "UNANSWERED" => not(has(SystemFlags::ANSWERED)),
        "UNDELETED" => not(has(SystemFlags::DELETED)),
        "UNDRAFT" => not(has(SystemFlags::DRAFT)),
        "UNFLAGGED" => not(has(SystemFlags::FLAGGED)),
        "UNSEEN" => not(has(SystemFlags::SEEN)),
        "RECENT" => Key::Recent,
        "OLD" => not(Key::Recent),
        "NEW" => Key::And(vec![Key::Recent, not(has(SystemFlags::SEEN))]),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Parsed<Key> {
        parse(&mut Cursor::new(text.as_bytes()), 50).map(|search| search.key)
    }

    #[test]
    fn keys_stand_beside_each_other_and_nest() {
        let seen = || Key::Flag(Flags::system(SystemFlags::SEEN));
        assert_eq!(read("ALL").unwrap(), Key::And(vec![]));
        assert_eq!(read("unseen").unwrap(), not(seen()));
        assert_eq!(
            read("SEEN OR FROM taro (SUBJECT \"a b\" LARGER 10)").unwrap(),
            Key::And(vec![
                seen(),
                Key::Or(
                    Box::new(Key::Header("FROM".into(), "taro".into())),
                    Box::new(Key::And(vec![Key::Header("SUBJECT".into(), "a b".into()), Key::Larger(10)])),
                ),
            ])
        );
        assert!(matches!(read("1:3,5 UID 7:*").unwrap(), Key::And(keys) if keys.len() == 2));
        assert!(matches!(read("SINCE 1-Feb-2024").unwrap(), Key::Since(_)));
        assert_eq!(read("CHARSET utf-8 TEXT {6}\r\n日本").unwrap(), Key::Text("日本".into()));
    }

    #[test]
    fn the_keys_of_extensions_are_read() {
        assert_eq!(read("MODSEQ 620162338").unwrap(), Key::ModSeq(620_162_338));
        assert_eq!(read("MODSEQ \"/flags/\\\\draft\" all 620162338").unwrap(), Key::ModSeq(620_162_338));
        assert_eq!(read("younger 259200").unwrap(), Key::Younger(259_200));
        assert_eq!(read("$").unwrap(), Key::Numbers(SequenceSet::Saved));
        assert!(matches!(read("OR $ UID $").unwrap(), Key::Or(..)));
        assert_eq!(read("EMAILID M6d99ac3275bb4e").unwrap(), Key::EmailId("M6d99ac3275bb4e".into()));
        assert!(matches!(read("savedsince 1-Feb-2024").unwrap(), Key::SavedSince(_)));
        assert_eq!(read("SAVEDATESUPPORTED").unwrap(), Key::And(vec![]));
        for text in [
            "SAVEDON",
            "SAVEDBEFORE yesterday",
            "OLDER 0",
            "OLDER -5",
            "MODSEQ",
            "MODSEQ \"/flags/x\" some 5",
            "EMAILID",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_charset_that_is_not_known_has_an_answer_of_its_own() {
        assert_eq!(read("CHARSET X-FOO ALL"), Err(ParseError::Charset));
    }

    #[test]
    fn what_is_not_in_the_grammar_is_refused() {
        let deep = format!("{}ALL{}", "(".repeat(60), ")".repeat(60));
        let nots = format!("{}ALL", "NOT ".repeat(100_000));
        let many = "ALL ".repeat(6_000);
        for text in
            ["", "FOO", "()", "OR SEEN", "NOT", "KEYWORD \\Foo", "SUBJECT", "(SEEN", "SEEN)", &deep, &nots, &many]
        {
            assert!(read(text).is_err(), "{text:.20}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "(OR|NOT|SEEN|SUBJECT|UID|1:\\*|\\(|\\)| |\"|a|SINCE|-|CHARSET){0,40}") {
            let _ = read(&text);
        }
    }
}
