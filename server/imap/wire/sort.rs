//! SORT and THREAD as asked (RFC 5256; display names RFC 5957, answered as ESEARCH RFC 5267).

use super::cursor::{Cursor, Parsed, wrong};
use super::returns::Returns;
use super::search::{Key, parse_charset, parse_keys};

/// By what messages are sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortKey {
    /// `ARRIVAL`: INTERNALDATE.
    Arrival,
    /// `CC`: the mailbox of the first address.
    Cc,
    /// `DATE`: when it was sent.
    Date,
    /// `DISPLAYFROM` (RFC 5957): the first author as people see him.
    DisplayFrom,
    /// `DISPLAYTO` (RFC 5957)
    DisplayTo,
    /// `FROM`
    From,
    /// `SIZE`
    Size,
    /// `SUBJECT`: the base subject.
    Subject,
    /// `TO`
    To,
}

const NAMES: [(SortKey, &str); 9] = [
    (SortKey::Arrival, "ARRIVAL"),
    (SortKey::Cc, "CC"),
    (SortKey::Date, "DATE"),
    (SortKey::DisplayFrom, "DISPLAYFROM"),
    (SortKey::DisplayTo, "DISPLAYTO"),
    (SortKey::From, "FROM"),
    (SortKey::Size, "SIZE"),
    (SortKey::Subject, "SUBJECT"),
    (SortKey::To, "TO"),
];

impl SortKey {
    /// The key of this name, in any case.
    pub(crate) fn named(name: &str) -> Option<Self> {
        NAMES.iter().find(|(_, known)| known.eq_ignore_ascii_case(name)).map(|(key, _)| *key)
    }
    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        NAMES.iter().find(|(key, _)| *key == self).map_or("", |(_, name)| name)
    }
}

/// One criterion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Criterion {
    /// By what.
    pub key: SortKey,
    /// `REVERSE`
    pub reverse: bool,
}

/// A SORT.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sort {
    /// How it is to be answered; `None`: as RFC 5256 does.
    pub returns: Option<Returns>,
    /// The criteria, the first one first.
    pub criteria: Vec<Criterion>,
    /// Which messages.
    pub key: Key,
}

/// How messages are put into threads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// `ORDEREDSUBJECT`
    OrderedSubject,
    /// `REFERENCES`
    References,
    /// `REFS`: as REFERENCES, subjects left out of it, the thread with the newest message last.
    Refs,
}

/// A THREAD.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thread {
    /// How.
    pub algorithm: Algorithm,
    /// Which messages.
    pub key: Key,
}

/// Most criteria of one SORT: there are nine keys.
const MOST_CRITERIA: usize = 20;

/// Reads the arguments of SORT.
///
/// # Errors
/// As [`super::search::parse`]; or there is no criterion, or an unknown one.
pub(super) fn parse_sort(cursor: &mut Cursor<'_>, depth: usize) -> Parsed<Sort> {
    let returns = Returns::parse(cursor)?;
    let criteria = cursor.list(criterion)?;
    if criteria.is_empty() || criteria.len() > MOST_CRITERIA {
        return wrong("SORT needs a criterion, and not too many");
    }
    cursor.space()?;
    let charset = parse_charset(cursor)?;
    Ok(Sort { returns, criteria, key: parse_keys(cursor, &charset, depth)? })
}

fn criterion(cursor: &mut Cursor<'_>) -> Parsed<Criterion> {
    let reverse = cursor.take_word("REVERSE ");
    match SortKey::named(cursor.word()?) {
        Some(key) => Ok(Criterion { key, reverse }),
        None => wrong("Unknown criterion of SORT"),
    }
}

/// Reads the arguments of THREAD.
///
/// # Errors
/// As [`super::search::parse`]; or the algorithm is unknown.
pub(super) fn parse_thread(cursor: &mut Cursor<'_>, depth: usize) -> Parsed<Thread> {
    let algorithm = match cursor.atom()?.to_ascii_uppercase().as_str() {
        "ORDEREDSUBJECT" => Algorithm::OrderedSubject,
        "REFERENCES" => Algorithm::References,
        "REFS" => Algorithm::Refs,
        _ => return wrong("Unknown algorithm of THREAD"),
    };
    cursor.space()?;
    let charset = parse_charset(cursor)?;
    Ok(Thread { algorithm, key: parse_keys(cursor, &charset, depth)? })
}

#[cfg(test)]
mod tests {
    use super::super::cursor::ParseError;
    use super::*;

    #[test]
    fn criteria_and_keys_are_read_as_rfc_5256_shows() {
        let read = |text: &str| parse_sort(&mut Cursor::new(text.as_bytes()), 50);
        let sort = read("(REVERSE ARRIVAL SUBJECT) UTF-8 SINCE 1-Feb-1994 TEXT x").unwrap();
        assert_eq!(sort.criteria[0], Criterion { key: SortKey::Arrival, reverse: true });
        assert_eq!(sort.criteria[1], Criterion { key: SortKey::Subject, reverse: false });
        assert!(read("RETURN (COUNT) (DISPLAYFROM) us-ascii ALL").unwrap().returns.unwrap().count);
        assert_eq!(read("(DATE) X-FOO ALL").unwrap_err(), ParseError::Charset);
        for text in
            ["() UTF-8 ALL", "(REVERSE) UTF-8 ALL", "(FOO) UTF-8 ALL", "(DATE) UTF-8", "(DATE REVERSE) UTF-8 ALL"]
        {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn algorithms_are_read() {
        let read = |text: &str| parse_thread(&mut Cursor::new(text.as_bytes()), 50).map(|thread| thread.algorithm);
        assert_eq!(read("ORDEREDSUBJECT UTF-8 ALL"), Ok(Algorithm::OrderedSubject));
        assert_eq!(read("references us-ascii SEEN"), Ok(Algorithm::References));
        assert_eq!(read("REFS UTF-8 ALL"), Ok(Algorithm::Refs));
        assert!(read("FOO UTF-8 ALL").is_err() && read("REFS ALL").is_err());
    }
}
