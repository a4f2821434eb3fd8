//! Finds the messages that SEARCH, SORT and THREAD mean (RFC 3501 6.4.4). Conditions are judged in stages, from what
//! costs nothing (flags) to what costs most (the text of the mail); a message leaves the way as soon as its fate is
//! certain.

use message::{LeafRole, Parsed, Section, Summary, What, decode_words, fields};
use store::{MessageRow, Want};
use types::{Flags, ModSeq, Timestamp, Uid, UidSet};
use unicode_normalization::UnicodeNormalization;

use super::sync::{selected, windows};
use crate::ImapError;
use crate::mail::Reader;
use crate::object_id;
use crate::session::Session;
use crate::wire::cursor::Parsed as Meaning;
use crate::wire::date::Day;
use crate::wire::search::Key;

/// Messages asked of the store at once.
const WINDOW: u32 = 500;

/// What is known of a message so far.
struct Known<'a> {
    uid: Uid,
    modseq: ModSeq,
    flags: &'a Flags,
    recent: bool,
    row: Option<&'a MessageRow>,
    /// The day on which it was sent.
    sent: Option<Day>,
    /// Header fields: name in capitals, value decoded and folded for comparison.
    header: Option<&'a [(String, String)]>,
    /// Texts, folded for comparison.
    texts: Option<&'a [String]>,
}

impl<'a> Known<'a> {
    fn new(uid: Uid, modseq: ModSeq, flags: &'a Flags, recent: bool) -> Self {
        Self { uid, modseq, flags, recent, row: None, sent: None, header: None, texts: None }
    }
}

/// A search with its sets of messages resolved and its texts folded.
enum Test {
    All(Vec<Test>),
    Either(Box<Test>, Box<Test>),
    Not(Box<Test>),
    Flag(Flags),
    Recent,
    Among(UidSet),
    Date(fn(Day, Day) -> bool, Day),
    Sent(fn(Day, Day) -> bool, Day),
    Larger(u64),
    Smaller(u64),
    Header(String, String),
    Body(String),
    Text(String),
    ModSeq(ModSeq),
    CameBy(Timestamp),
    CameFrom(Timestamp),
    EmailId(String),
}

/// A message that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hit {
    pub(super) uid: Uid,
    pub(super) modseq: ModSeq,
}

/// A search that is ready to run: what it means was settled when it began.
pub(super) struct Prepared(Test);

/// Settles what the keys mean now: which messages sets name, what the time is.
///
/// # Errors
/// A number is greater than the count of messages.
pub(super) fn prepare(session: &mut Session, key: &Key) -> Result<Prepared, ImapError> {
    let now = session.context.clock.now();
    let selected = selected(session)?;
    Ok(Prepared(Scope { view: &selected.view, saved: &selected.saved, now }.test(key)?))
}

/// The messages that pass, ascending by UID.
pub(super) async fn find(session: &mut Session, prepared: &Prepared) -> Result<Vec<Hit>, ImapError> {
    let view = selected(session)?.view.clone();
    let mut found = Vec::new();
    for window in windows(&view, WINDOW) {
        session.go_on()?;
        found.extend(judge(session, &prepared.0, &window).await?);
    }
    found.sort_unstable_by_key(|hit| hit.uid);
    Ok(found)
}

/// Whether a condition on MODSEQs is among the keys (RFC 7162 3.1.5: the answer then tells them).
pub(super) fn asks_for_modseq(key: &Key) -> bool {
    match key {
        Key::ModSeq(_) => true,
        Key::And(keys) => keys.iter().any(asks_for_modseq),
        Key::Or(a, b) => asks_for_modseq(a) || asks_for_modseq(b),
        Key::Not(key) => asks_for_modseq(key),
        _ => false,
    }
}

/// How texts are compared: compatibility forms and case do not count (half-width kana, full-width letters).
fn folded(text: &str) -> String {
    text.nfkc().flat_map(char::to_lowercase).collect()
}

/// What the words of a search refer to.
struct Scope<'a> {
    view: &'a UidSet,
    saved: &'a UidSet,
    now: Timestamp,
}

impl Scope<'_> {
    fn test(&self, key: &Key) -> Meaning<Test> {
        let date = |wanted: fn(Day, Day) -> bool, day: &Day| Test::Date(wanted, *day);
        let sent = |wanted: fn(Day, Day) -> bool, day: &Day| Test::Sent(wanted, *day);
        Ok(match key {
            Key::And(keys) => Test::All(keys.iter().map(|key| self.test(key)).collect::<Meaning<_>>()?),
            Key::Or(a, b) => Test::Either(Box::new(self.test(a)?), Box::new(self.test(b)?)),
            Key::Not(key) => Test::Not(Box::new(self.test(key)?)),
            Key::Flag(flags) => Test::Flag(flags.clone()),
            Key::Recent => Test::Recent,
            Key::Numbers(set) => Test::Among(set.as_numbers(self.view, self.saved)?),
            Key::Uids(set) => Test::Among(set.as_uids(self.view, self.saved)),
            Key::Before(day) => date(|a, b| a < b, day),
            Key::On(day) => date(|a, b| a == b, day),
            Key::Since(day) => date(|a, b| a >= b, day),
            Key::SentBefore(day) => sent(|a, b| a < b, day),
            Key::SentOn(day) => sent(|a, b| a == b, day),
            Key::SentSince(day) => sent(|a, b| a >= b, day),
            Key::Larger(size) => Test::Larger(*size),
            Key::Smaller(size) => Test::Smaller(*size),
            Key::Header(name, text) => Test::Header(name.clone(), folded(text)),
            Key::Body(text) => Test::Body(folded(text)),
            Key::Text(text) => Test::Text(folded(text)),
            Key::ModSeq(modseq) => Test::ModSeq(ModSeq(*modseq)),
            // RFC 5032 1: both hold for a message that is exactly so old.
            Key::Older(seconds) => Test::CameBy(self.ago(*seconds)),
            Key::Younger(seconds) => Test::CameFrom(self.ago(*seconds)),
            Key::EmailId(id) => Test::EmailId(id.clone()),
            // No message has a THREADID (RFC 8474 5.3 allows NIL).
            Key::ThreadId(_) => Test::Among(UidSet::new()),
        })
    }

    fn ago(&self, seconds: u32) -> Timestamp {
        Timestamp::from_secs(self.now.secs() - i64::from(seconds))
    }
}

impl Test {
    /// Whether the message passes; `None` when more must be known.
    fn judge(&self, known: &Known<'_>) -> Option<bool> {
        let holds = |texts: &[String], wanted: &str| texts.iter().any(|text| text.contains(wanted));
        match self {
            Self::All(tests) => {
                let mut sure = true;
                for test in tests {
                    match test.judge(known) {
                        Some(false) => return Some(false),
                        Some(true) => {}
                        None => sure = false,
                    }
                }
                sure.then_some(true)
            }
            Self::Either(a, b) => match (a.judge(known), b.judge(known)) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            },
            Self::Not(test) => test.judge(known).map(|passes| !passes),
            Self::Flag(wanted) => Some(has(known.flags, wanted)),
            Self::Recent => Some(known.recent),
            Self::Among(set) => Some(set.contains(known.uid)),
            Self::Date(wanted, day) => known.row.map(|row| wanted(Day::of(row.internal_date), *day)),
            Self::Sent(wanted, day) => known.sent.map(|sent| wanted(sent, *day)),
            Self::ModSeq(since) => Some(known.modseq >= *since),
            Self::CameBy(moment) => known.row.map(|row| row.internal_date.secs() <= moment.secs()),
            Self::CameFrom(moment) => known.row.map(|row| row.internal_date.secs() >= moment.secs()),
            Self::EmailId(id) => known.row.map(|row| object_id::email(row) == *id),
            Self::Larger(size) => known.row.map(|row| row.size() > *size),
            Self::Smaller(size) => known.row.map(|row| row.size() < *size),
            Self::Header(name, text) => {
                known.header.map(|fields| fields.iter().any(|(field, value)| field == name && value.contains(text)))
            }
            Self::Body(text) => known.texts.map(|texts| holds(texts, text)),
            Self::Text(text) => match known.header.map(|fields| fields.iter().any(|(_, value)| value.contains(text))) {
                Some(true) => Some(true),
                _ => known.texts.map(|texts| holds(texts, text)),
            },
        }
    }
}

fn has(flags: &Flags, wanted: &Flags) -> bool {
    flags.system.contains(wanted.system) && wanted.keywords.is_subset(&flags.keywords)
}

/// Judges a window: flags first, then rows for those that are still open, then their bytes.
async fn judge(session: &mut Session, test: &Test, window: &UidSet) -> Result<Vec<Hit>, ImapError> {
    let context = session.context.clone();
    let (access, selected) = (session.reading()?, selected(session)?);
    let (id, recent) = (selected.id, selected.recent.clone());
    let mut found = Vec::new();
    let mut open = UidSet::new();
    for row in context.store.flags(&access, id, window).await? {
        match test.judge(&Known::new(row.uid, row.modseq, &row.flags, recent.contains(row.uid))) {
            Some(true) => found.push(Hit { uid: row.uid, modseq: row.modseq }),
            Some(false) => {}
            None => open.insert(row.uid),
        }
    }
    if open.is_empty() {
        return Ok(found);
    }
    let rows = context.store.messages(&access, id, &open, Want { summary: true }).await?;
    let reader = Reader::new(&context, access);
    for row in &rows {
        session.go_on()?;
        if judge_message(&reader, &context.limits, test, row, recent.contains(row.uid)).await? {
            found.push(Hit { uid: row.uid, modseq: row.modseq });
        }
    }
    Ok(found)
}

async fn judge_message(
    reader: &Reader<'_>,
    limits: &types::Limits,
    test: &Test,
    row: &MessageRow,
    recent: bool,
) -> Result<bool, ImapError> {
    let summary = reader.summary(row).await?;
    let mut known = Known::new(row.uid, row.modseq, &row.flags, recent);
    known.row = Some(row);
    // A mail without a readable Date counts as sent when it came (as RFC 5256 sorts it).
    let written = summary.header.date.as_ref().and_then(|date| Day::of_date_field(&date.text()));
    known.sent = Some(written.unwrap_or_else(|| Day::of(row.internal_date)));
    if let Some(passes) = test.judge(&known) {
        return Ok(passes);
    }
    let header = header(reader, row, &summary).await?;
    known.header = Some(&header);
    if let Some(passes) = test.judge(&known) {
        return Ok(passes);
    }
    let (_permit, bytes) = reader.record(row).await?;
    let limits = limits.clone();
    // Decoding a large mail takes milliseconds: off the threads that serve everybody.
    let texts = tokio::task::spawn_blocking(move || texts(&bytes, &limits)).await.unwrap_or_default();
    known.texts = Some(&texts);
    Ok(test.judge(&known) == Some(true))
}

/// The header fields as the reader sees them.
async fn header(reader: &Reader<'_>, row: &MessageRow, summary: &Summary) -> Result<Vec<(String, String)>, ImapError> {
    let section = Section { path: Vec::new(), what: What::Header };
    let Some(pieces) = reader.section(row, Some(summary), &section).await? else { return Ok(Vec::new()) };
    let block = reader.bytes(row, &pieces).await?;
    let name = |bytes: &[u8]| String::from_utf8_lossy(bytes).to_ascii_uppercase();
    Ok(fields(&block).map(|field| (name(field.name), folded(&decode_words(field.value)))).collect())
}

/// The texts of a mail; of attached mails the header fields too.
fn texts(bytes: &[u8], limits: &types::Limits) -> Vec<String> {
    let (mut out, mut inner, mut depth) = (Vec::new(), vec![bytes.to_vec()], 0);
    while let Some(mail) = inner.pop() {
        depth += 1;
        let parsed = Parsed::parse(&mail, limits);
        if depth > 1 {
            out.extend(fields(parsed.header_block()).map(|field| folded(&decode_words(field.value))));
        }
        for leaf in parsed.leaves() {
            match leaf.role {
                LeafRole::Message if depth < limits.depth => inner.push(leaf.bytes.into_owned()),
                _ => out.extend(leaf.text.as_deref().map(folded)),
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use types::{Keyword, Limits, SystemFlags};

    use super::*;
    use crate::wire::cursor::Cursor;
    use crate::wire::search;

    fn test(text: &str) -> Test {
        let view: UidSet = [1, 5, 9].into_iter().map(Uid).collect();
        let saved = [Uid(9)].into_iter().collect();
        let scope = Scope { view: &view, saved: &saved, now: Timestamp(0) };
        scope.test(&search::parse(&mut Cursor::new(text.as_bytes()), 50).unwrap().key).unwrap()
    }
    fn known(flags: &Flags) -> Known<'_> {
        Known::new(Uid(5), ModSeq(7), flags, false)
    }

    #[test]
    fn flags_alone_decide_where_they_can() {
        let mut flags = Flags::system(SystemFlags::SEEN);
        flags.keywords.insert(Keyword::parse("$Work").unwrap());
        for (text, want) in [
            ("SEEN", Some(true)),
            ("UNSEEN", Some(false)),
            ("KEYWORD $work", Some(true)),
            ("UNKEYWORD $work", Some(false)),
            ("2", Some(true)),
            ("1,3", Some(false)),
            ("UID 5:7", Some(true)),
            ("OLD", Some(true)),
            ("$", Some(false)),
            ("MODSEQ 7", Some(true)),
            ("MODSEQ 8", Some(false)),
            ("YOUNGER 60", None),
            ("UNSEEN BODY x", Some(false)),
            ("SEEN BODY x", None),
            ("OR SEEN BODY x", Some(true)),
            ("NOT (UNSEEN SUBJECT x)", Some(true)),
        ] {
            assert_eq!(test(text).judge(&known(&flags)), want, "{text}");
        }
    }

    #[test]
    fn texts_are_found_in_any_width_and_case() {
        let mail = "Subject: x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nﾃｽﾄ Hello 全角ＡＢＣ\r\n";
        let texts = texts(mail.as_bytes(), &Limits::default());
        let flags = Flags::default();
        for (text, want) in [("BODY テスト", true), ("BODY hello", true), ("BODY abc", true), ("BODY subject", false)]
        {
            let key = format!("CHARSET UTF-8 {}", text.replacen(' ', " \"", 1)) + "\"";
            let known = Known { texts: Some(&texts), header: Some(&[]), ..known(&flags) };
            assert_eq!(test(&key).judge(&known), Some(want), "{text}");
        }
    }

    #[test]
    fn a_header_field_that_is_there_is_found_by_an_empty_text() {
        let flags = Flags::default();
        let header = [("X-A".to_owned(), String::new())];
        let known = Known { header: Some(&header), ..known(&flags) };
        assert_eq!(test("HEADER x-a \"\"").judge(&known), Some(true));
        assert_eq!(test("HEADER x-b \"\"").judge(&known), Some(false));
    }
}
