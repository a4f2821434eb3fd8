//! SELECT and EXAMINE as asked (RFC 3501 6.3.1, 6.3.2), with the parameters of RFC 7162 (3.1.8, 3.2.5).

use types::{ModSeq, UidValidity};

use super::command::mailbox;
use super::cursor::{Cursor, Parsed, wrong};
use super::name::MailboxName;
use super::sequence::SequenceSet;

/// A SELECT or EXAMINE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Select {
    /// Which mailbox.
    pub name: MailboxName,
    /// EXAMINE.
    pub read_only: bool,
    /// `(CONDSTORE)`: answers show MODSEQs from now on.
    pub condstore: bool,
    /// `(QRESYNC (…))`: what the client knows, so that it is told only what is new.
    pub resync: Option<Resync>,
}

/// What a client that comes back knows of the mailbox. The pairs of numbers and UIDs that may stand behind it help
/// servers which do not remember what went; they are read and not needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resync {
    /// The UIDVALIDITY that it knows.
    pub uid_validity: UidValidity,
    /// The MODSEQ up to which it knows everything.
    pub modseq: ModSeq,
    /// The UIDs that it knows, when it names them.
    pub known: Option<SequenceSet>,
}

/// Reads the arguments.
///
/// # Errors
/// The grammar is broken, or a parameter is unknown.
pub(super) fn parse(cursor: &mut Cursor<'_>, read_only: bool) -> Parsed<Select> {
    let mut select = Select { name: mailbox(cursor)?, read_only, condstore: false, resync: None };
    if cursor.is_empty() {
        return Ok(select);
    }
    cursor.space()?;
    if !cursor.is_empty() {
        cursor.list(|c| parameter(c, &mut select))?;
    }
    Ok(select)
}

fn parameter(cursor: &mut Cursor<'_>, select: &mut Select) -> Parsed<()> {
    match cursor.word()?.to_ascii_uppercase().as_str() {
        "CONDSTORE" => select.condstore = true,
        "QRESYNC" => {
            cursor.space()?;
            select.resync = Some(resync(cursor)?);
        }
        _ => return wrong("Unknown parameter of SELECT"),
    }
    Ok(())
}

fn resync(cursor: &mut Cursor<'_>) -> Parsed<Resync> {
    cursor.expect(b'(', "Expected what is known in parentheses")?;
    let uid_validity = UidValidity(cursor.nz_number()?);
    cursor.space()?;
    let mut resync = Resync { uid_validity, modseq: ModSeq(cursor.number64()?), known: None };
    if cursor.take(b' ') && cursor.peek() != Some(b'(') {
        resync.known = Some(without_last(SequenceSet::parse(cursor)?)?);
        cursor.take(b' ');
    }
    if cursor.take(b'(') {
        without_last(SequenceSet::parse(cursor)?)?;
        cursor.space()?;
        without_last(SequenceSet::parse(cursor)?)?;
        cursor.expect(b')', "Expected a closing parenthesis")?;
    }
    cursor.expect(b')', "Expected a closing parenthesis")?;
    Ok(resync)
}

/// RFC 7162 3.2.5.1: `*` says nothing of what a client knows.
fn without_last(set: SequenceSet) -> Parsed<SequenceSet> {
    if set.is_of_numbers() { Ok(set) } else { wrong("* may not stand in what is known") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Parsed<Select> {
        let mut cursor = Cursor::new(text.as_bytes());
        parse(&mut cursor, false).and_then(|select| cursor.end().map(|()| select))
    }

    #[test]
    fn what_a_client_knows_is_read_as_rfc_7162_shows() {
        assert!(read("INBOX (CONDSTORE)").unwrap().condstore);
        let plain = read("INBOX (QRESYNC (67890007 20050715194045000))").unwrap().resync.unwrap();
        assert_eq!((plain.uid_validity, plain.modseq), (UidValidity(67_890_007), ModSeq(20_050_715_194_045_000)));
        assert_eq!(plain.known, None);
        let known = read("INBOX (QRESYNC (67890007 90060115194045000 41,43:211,214:541))").unwrap().resync.unwrap();
        assert!(known.known.is_some());
        let pairs = "INBOX (QRESYNC (67890007 90060115194045000 1:29997 (5000,7500,9000 15000,22500,27000)))";
        assert_eq!(
            read(pairs).unwrap().resync.unwrap().known,
            Some(SequenceSet::parse(&mut Cursor::new(b"1:29997")).unwrap())
        );
        assert!(read("INBOX (QRESYNC (1 2 (5 6)) CONDSTORE)").unwrap().condstore);
    }

    #[test]
    fn what_is_not_in_the_grammar_is_refused() {
        for text in [
            "INBOX ()x",
            "INBOX (FOO)",
            "INBOX (QRESYNC)",
            "INBOX (QRESYNC (0 1))",
            "INBOX (QRESYNC (1 1 1:*))",
            "INBOX (QRESYNC (1 1 $))",
            "INBOX (QRESYNC (1 1 5 (6)))",
            "INBOX (QRESYNC (1))",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
