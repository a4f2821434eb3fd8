//! Finds the messages that SEARCH, SORT and THREAD mean (RFC 3501 6.4.4). Conditions are judged in stages, from what
//! costs nothing (flags) by the index to what costs most (the text of the mail); a message leaves the way as soon as its
//! fate is certain. What the index cannot tell is read, so the answer is that of a scan.

use index::{Answer, Ask, Patience, Texts, folded};
use message::{Section, Summary, What, search_texts, spoken_fields};
use store::{FlagRow, MessageRow, Rights, StoreError, Want};
use types::{Flags, ModSeq, Timestamp, Uid, UidSet};

use super::indexed::Told;
use super::sync::{selected, windows};
use crate::ahead::Ahead;
use crate::mail::Reader;
use crate::object_id;
use crate::session::Session;
use crate::wire::cursor::Parsed as Meaning;
use crate::wire::date::Day;
use crate::wire::search::Key;
use crate::{Context, ImapError};

/// Messages asked of the store at once, with all that is known of them.
const WINDOW: u32 = 500;
/// The same with their flags only.
const FLAGS_WINDOW: u32 = 20_000;
/// Memory that is counted for each message that flags did not decide, bytes.
const EACH: u64 = 128;

/// What is known of a message so far.
struct Known<'a> {
    uid: Uid,
    modseq: ModSeq,
    flags: &'a Flags,
    recent: bool,
    /// What the index said to each question.
    told: &'a [Answer],
    row: Option<&'a MessageRow>,
    /// The day on which it was sent.
    sent: Option<Day>,
    /// Its THREADID, once that is read; a mail may have none.
    thread: Option<Option<&'a str>>,
    /// Header fields: name in capitals, value decoded and folded for comparison.
    header: Option<&'a [(String, String)]>,
    /// Texts, folded for comparison.
    texts: Option<&'a [String]>,
}

impl<'a> Known<'a> {
    fn new(uid: Uid, modseq: ModSeq, flags: &'a Flags, recent: bool) -> Self {
        Self { uid, modseq, flags, recent, told: &[], row: None, sent: None, thread: None, header: None, texts: None }
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
    Saved(fn(Day, Day) -> bool, Day),
    Sent(fn(Day, Day) -> bool, Day),
    Larger(u64),
    Smaller(u64),
    /// A text, and which question to the index that is.
    Seek(Ask, usize),
    ModSeq(ModSeq),
    CameBy(Timestamp),
    CameFrom(Timestamp),
    EmailId(String),
    ThreadId(String),
}

/// A message that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hit {
    pub(super) uid: Uid,
    pub(super) modseq: ModSeq,
}

/// A search that is ready to run: what it means was settled when it began.
pub(super) struct Prepared {
    test: Test,
    /// What the index is asked.
    asks: Vec<Ask>,
}

/// Settles what the keys mean now: which messages sets name, what the time is.
///
/// # Errors
/// A number is greater than the count of messages.
pub(super) fn prepare(session: &mut Session, key: &Key) -> Result<Prepared, ImapError> {
    let now = session.context.clock.now();
    let selected = selected(session)?;
    let mut asks = Vec::new();
    let test = Scope { view: &selected.view, saved: &selected.saved, now }.test(key, &mut asks)?;
    Ok(Prepared { test, asks })
}

/// The messages that pass, ascending by UID.
pub(super) async fn find(session: &mut Session, prepared: &Prepared) -> Result<Vec<Hit>, ImapError> {
    let (context, view) = (session.context.clone(), selected(session)?.view.clone());
    let (mut found, mut open) = (Vec::new(), Vec::new());
    for window in windows(&view, FLAGS_WINDOW) {
        session.go_on()?;
        judge_flags(session, &prepared.test, &window, &mut found, &mut open).await?;
    }
    if !open.is_empty() {
        let reader = Reader::new(&context, session.here(Rights::READ)?);
        let _permit = reader.permit(EACH * open.len() as u64).await?;
        let told = Told::ask(session, &prepared.asks, &open).await?;
        judge_told(session, &prepared.test, &told, &mut found, &mut open)?;
        judge_messages(session, &prepared.test, &told, &mut found, &open).await?;
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

/// What the words of a search refer to.
struct Scope<'a> {
    view: &'a UidSet,
    saved: &'a UidSet,
    now: Timestamp,
}

impl Scope<'_> {
    /// The test; what the index is asked is put into `asks`.
    fn test(&self, key: &Key, asks: &mut Vec<Ask>) -> Meaning<Test> {
        let date = |wanted: fn(Day, Day) -> bool, day: &Day| Test::Date(wanted, *day);
        let saved = |wanted: fn(Day, Day) -> bool, day: &Day| Test::Saved(wanted, *day);
        let sent = |wanted: fn(Day, Day) -> bool, day: &Day| Test::Sent(wanted, *day);
        let mut seek = |ask: Ask| {
            asks.push(ask.clone());
            Test::Seek(ask, asks.len() - 1)
        };
        Ok(match key {
            Key::Header(name, text) => seek(Ask::header(name, text)),
            Key::Body(text) => seek(Ask::body(text)),
            Key::Text(text) => seek(Ask::text(text)),
            Key::And(keys) => Test::All(keys.iter().map(|key| self.test(key, asks)).collect::<Meaning<_>>()?),
            Key::Or(a, b) => Test::Either(Box::new(self.test(a, asks)?), Box::new(self.test(b, asks)?)),
            Key::Not(key) => Test::Not(Box::new(self.test(key, asks)?)),
            Key::Flag(flags) => Test::Flag(flags.clone()),
            Key::Recent => Test::Recent,
            Key::Numbers(set) => Test::Among(set.as_numbers(self.view, self.saved)?),
            Key::Uids(set) => Test::Among(set.as_uids(self.view, self.saved)),
            Key::Before(day) => date(|a, b| a < b, day),
            Key::On(day) => date(|a, b| a == b, day),
            Key::Since(day) => date(|a, b| a >= b, day),
            Key::SavedBefore(day) => saved(|a, b| a < b, day),
            Key::SavedOn(day) => saved(|a, b| a == b, day),
            Key::SavedSince(day) => saved(|a, b| a >= b, day),
            Key::SentBefore(day) => sent(|a, b| a < b, day),
            Key::SentOn(day) => sent(|a, b| a == b, day),
            Key::SentSince(day) => sent(|a, b| a >= b, day),
            Key::Larger(size) => Test::Larger(*size),
            Key::Smaller(size) => Test::Smaller(*size),
            Key::ModSeq(modseq) => Test::ModSeq(ModSeq(*modseq)),
            // RFC 5032 1: both hold for a message that is exactly so old.
            Key::Older(seconds) => Test::CameBy(self.ago(*seconds)),
            Key::Younger(seconds) => Test::CameFrom(self.ago(*seconds)),
            Key::EmailId(id) => Test::EmailId(id.clone()),
            Key::ThreadId(id) => Test::ThreadId(id.clone()),
        })
    }

    fn ago(&self, seconds: u32) -> Timestamp {
        Timestamp::from_secs(self.now.secs() - i64::from(seconds))
    }
}

impl Test {
    /// Whether the message passes; `None` when more must be known.
    fn judge(&self, known: &Known<'_>) -> Option<bool> {
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
            // RFC 8514 4.3: where nobody knows it, INTERNALDATE stands for it.
            Self::Saved(wanted, day) => {
                known.row.map(|row| wanted(Day::of(row.saved.unwrap_or(row.internal_date)), *day))
            }
            Self::Sent(wanted, day) => known.sent.map(|sent| wanted(sent, *day)),
            Self::ModSeq(since) => Some(known.modseq >= *since),
            Self::CameBy(moment) => known.row.map(|row| row.internal_date.secs() <= moment.secs()),
            Self::CameFrom(moment) => known.row.map(|row| row.internal_date.secs() >= moment.secs()),
            Self::EmailId(id) => known.row.map(|row| object_id::email(row) == *id),
            Self::ThreadId(id) => known.thread.map(|thread| thread.is_some_and(|thread| thread == id)),
            Self::Larger(size) => known.row.map(|row| row.size() > *size),
            Self::Smaller(size) => known.row.map(|row| row.size() < *size),
            Self::Seek(ask, number) => match known.told.get(*number) {
                Some(Answer::Yes) => Some(true),
                Some(Answer::No) => Some(false),
                _ => seek(ask, known),
            },
        }
    }
}

/// What the mail itself says, as far as it is read.
fn seek(ask: &Ask, known: &Known<'_>) -> Option<bool> {
    let in_fields = known.header.map(|fields| ask.is_in_fields(fields));
    match (ask.place, in_fields) {
        (index::Place::Header, said) => said,
        (index::Place::Text, Some(true)) => Some(true),
        _ => known.texts.map(|texts| ask.is_in_texts(texts)),
    }
}

fn has(flags: &Flags, wanted: &Flags) -> bool {
    flags.system.contains(wanted.system) && wanted.keywords.is_subset(&flags.keywords)
}

/// Judges by flags alone; those that are still open are kept.
async fn judge_flags(
    session: &mut Session,
    test: &Test,
    window: &UidSet,
    found: &mut Vec<Hit>,
    open: &mut Vec<FlagRow>,
) -> Result<(), ImapError> {
    let (context, access) = (session.context.clone(), session.here(Rights::READ)?);
    let selected = selected(session)?;
    for row in context.store.flags(&access, selected.id, window).await? {
        match test.judge(&Known::new(row.uid, row.modseq, &row.flags, selected.recent.contains(row.uid))) {
            Some(true) => found.push(Hit { uid: row.uid, modseq: row.modseq }),
            Some(false) => {}
            None => open.push(row),
        }
    }
    Ok(())
}

/// Judges by what the index said; those that are still open are left.
fn judge_told(
    session: &mut Session,
    test: &Test,
    told: &Told,
    found: &mut Vec<Hit>,
    open: &mut Vec<FlagRow>,
) -> Result<(), ImapError> {
    let selected = selected(session)?;
    open.retain(|row| {
        let answers = told.of(row.uid, row.record, row.cut);
        let known = Known::new(row.uid, row.modseq, &row.flags, selected.recent.contains(row.uid));
        let passes = test.judge(&Known { told: &answers, ..known });
        if passes == Some(true) {
            found.push(Hit { uid: row.uid, modseq: row.modseq });
        }
        passes.is_none()
    });
    Ok(())
}

/// Judges by the messages themselves.
async fn judge_messages(
    session: &mut Session,
    test: &Test,
    told: &Told,
    found: &mut Vec<Hit>,
    open: &[FlagRow],
) -> Result<(), ImapError> {
    let context = session.context.clone();
    let recent = selected(session)?.recent.clone();
    let mut patience = Patience::default();
    let uids = open.iter().map(|row| row.uid).collect();
    let mut ahead = Ahead::new(&uids, WINDOW, Want { summary: true });
    while let Some(rows) = ahead.next(session).await? {
        let reader = Reader::new(&context, session.here(Rights::READ)?);
        for row in &rows {
            session.go_on()?;
            let answers = told.of(row.uid, row.record, !row.cuts.is_empty());
            let known = Known::new(row.uid, row.modseq, &row.flags, recent.contains(row.uid));
            if judge_message(&reader, &context, test, Known { told: &answers, ..known }, row, &mut patience).await? {
                found.push(Hit { uid: row.uid, modseq: row.modseq });
            }
        }
    }
    if patience.lost() {
        // RFC 3501 7.1.2: a warning; the command completes
        session
            .link
            .line("* NO Some attachments are not read yet, their texts were not searched. Please search again.");
    }
    Ok(())
}

async fn judge_message<'a>(
    reader: &Reader<'_>,
    context: &Context,
    test: &Test,
    known: Known<'a>,
    row: &'a MessageRow,
    patience: &mut Patience,
) -> Result<bool, ImapError> {
    let summary = reader.summary(row).await?;
    let mut known = Known { row: Some(row), ..known };
    // A mail without a readable Date counts as sent when it came (as RFC 5256 sorts it).
    let written = summary.header.date.as_ref().and_then(|date| Day::of_date_field(&date.text()));
    known.sent = Some(written.unwrap_or_else(|| Day::of(row.internal_date)));
    let thread = object_id::thread(&summary);
    known.thread = Some(thread.as_deref());
    if let Some(passes) = test.judge(&known) {
        return Ok(passes);
    }
    let header = header(reader, row, &summary).await?;
    let mut known = Known { header: Some(&header), ..known };
    if let Some(passes) = test.judge(&known) {
        return Ok(passes);
    }
    let (_permit, bytes) = reader.record(row).await?;
    let texts = match &context.index {
        Some(index) => {
            let texts = index.texts(row.record, bytes.into(), patience).await;
            texts.map_err(|error| StoreError::Engine(error.to_string()))?
        }
        None => decoded(bytes, context.limits.clone()).await?,
    };
    known.texts = Some(&texts.folded);
    Ok(test.judge(&known) == Some(true))
}

/// The header fields as the reader sees them.
async fn header(reader: &Reader<'_>, row: &MessageRow, summary: &Summary) -> Result<Vec<(String, String)>, ImapError> {
    let section = Section { path: Vec::new(), what: What::Header };
    let Some(pieces) = reader.section(row, Some(summary), &section).await? else { return Ok(Vec::new()) };
    let block = reader.bytes(row, &pieces).await?;
    Ok(spoken_fields(&block).into_iter().map(|(name, value)| (name, folded(&value))).collect())
}

/// The texts of a mail, where no index knows more of them.
async fn decoded(bytes: bytes::Bytes, limits: types::Limits) -> Result<Texts, ImapError> {
    // Decoding a large mail takes milliseconds: off the threads that serve everybody.
    let folded = tokio::task::spawn_blocking(move || texts(&bytes, &limits)).await;
    let folded = folded.map_err(|_| StoreError::Engine("reading a mail was interrupted".into()))?;
    Ok(folded.into())
}

/// The texts of a mail, folded.
fn texts(bytes: &[u8], limits: &types::Limits) -> Vec<String> {
    search_texts(bytes, limits).iter().map(|text| folded(&text.text)).collect()
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
        scope.test(&search::parse(&mut Cursor::new(text.as_bytes()), 50).unwrap().key, &mut Vec::new()).unwrap()
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
