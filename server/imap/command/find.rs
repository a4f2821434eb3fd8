//! Finds the messages that SEARCH, SORT and THREAD mean (RFC 3501 6.4.4). Conditions are judged in stages, from what
//! costs nothing (flags) by the index to what costs most (the text of the mail); a message leaves the way as soon as its
//! fate is certain. What the index cannot tell is read, so the answer is that of a scan.

use std::sync::Arc;

use index::{Answer, Ask};
use store::{FlagFilter, FlagRow, MessageRow, Rights};
use types::{Flags, ModSeq, Timestamp, Uid, UidSet};

use super::indexed::Told;
use super::scan;
use super::sync::{selected, windows};
use crate::ImapError;
use crate::mail::Reader;
use crate::object_id;
use crate::session::Session;
use crate::wire::cursor::Parsed as Meaning;
use crate::wire::date::Day;
use crate::wire::search::Key;

/// Messages asked of the store at once, with their flags only.
const FLAGS_WINDOW: u32 = 5_000;
/// Memory that is counted for each message that flags did not decide, bytes.
const EACH: u64 = 128;

/// What is known of a message so far.
pub(super) struct Known<'a> {
    pub(super) uid: Uid,
    pub(super) modseq: ModSeq,
    pub(super) flags: &'a Flags,
    pub(super) recent: bool,
    /// What the index or the mail itself said to each question.
    pub(super) told: &'a [Answer],
    pub(super) row: Option<&'a MessageRow>,
    /// The day on which it was sent.
    pub(super) sent: Option<Day>,
    /// Its THREADID, once that is read; a mail may have none.
    pub(super) thread: Option<Option<&'a str>>,
}

impl<'a> Known<'a> {
    pub(super) fn new(uid: Uid, modseq: ModSeq, flags: &'a Flags, recent: bool) -> Self {
        Self { uid, modseq, flags, recent, told: &[], row: None, sent: None, thread: None }
    }
}

/// A search with its sets of messages resolved.
pub(super) enum Test {
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
    /// A text is sought: which of the questions that is.
    Seek(usize),
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
#[derive(Clone)]
pub(super) struct Prepared {
    pub(super) test: Arc<Test>,
    /// What the index, and then the mails, are asked.
    pub(super) asks: Arc<[Ask]>,
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
    Ok(Prepared { test: Arc::new(test), asks: asks.into() })
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
        scan::judge(session, prepared, &told, &mut found, &open).await?;
    }
    found.sort_unstable_by_key(|hit| hit.uid);
    Ok(found)
}

/// The UIDs of the messages that pass a test of flags and numbers ([`Test::is_of_flags`]), in little memory.
pub(super) async fn by_flags(session: &mut Session, test: &Test) -> Result<UidSet, ImapError> {
    let view = selected(session)?.view.clone();
    let (mut runs, mut found, mut open) = (Vec::new(), Vec::new(), Vec::new());
    for window in windows(&view, FLAGS_WINDOW) {
        session.go_on()?;
        judge_flags(session, test, &window, &mut found, &mut open).await?;
        for uid in found.drain(..).map(|hit| hit.uid.0) {
            match runs.last_mut() {
                Some((_, last)) if *last + 1 == uid => *last = uid,
                _ => runs.push((uid, uid)),
            }
        }
    }
    let mut uids = UidSet::new();
    runs.into_iter().for_each(|(first, last)| uids.insert_run(first, last));
    Ok(uids)
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
            asks.push(ask);
            Test::Seek(asks.len() - 1)
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
    pub(super) fn judge(&self, known: &Known<'_>) -> Option<bool> {
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
            Self::Seek(number) => match known.told.get(*number) {
                Some(Answer::Yes) => Some(true),
                Some(Answer::No) => Some(false),
                _ => None,
            },
        }
    }

    /// What the system flags of a message must be, else it cannot pass.
    fn filter(&self) -> FlagFilter {
        let mut filter = FlagFilter::default();
        match self {
            Self::Flag(wanted) => filter.with = wanted.system,
            Self::All(tests) => {
                for FlagFilter { with, without } in tests.iter().map(Self::filter) {
                    filter.with = filter.with.union(with);
                    filter.without = filter.without.union(without);
                }
            }
            // of several it may lack any
            Self::Not(test) => match test.as_ref() {
                Self::Flag(Flags { system, keywords }) if keywords.is_empty() && system.0.is_power_of_two() => {
                    filter.without = *system;
                }
                _ => {}
            },
            _ => {}
        }
        filter
    }

    /// Whether flags and numbers decide.
    pub(super) fn is_of_flags(&self) -> bool {
        match self {
            Self::All(tests) => tests.iter().all(Self::is_of_flags),
            Self::Either(a, b) => a.is_of_flags() && b.is_of_flags(),
            Self::Not(test) => test.is_of_flags(),
            Self::Flag(_) | Self::Recent | Self::Among(_) | Self::ModSeq(_) => true,
            _ => false,
        }
    }

    /// Whether it asks for anything that the summary of a mail says.
    pub(super) fn needs_summary(&self) -> bool {
        match self {
            Self::All(tests) => tests.iter().any(Self::needs_summary),
            Self::Either(a, b) => a.needs_summary() || b.needs_summary(),
            Self::Not(test) => test.needs_summary(),
            Self::Sent(..) | Self::ThreadId(_) => true,
            _ => false,
        }
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
    for row in context.store.flags_of_some(&access, selected.id, window, test.filter()).await? {
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
            let test = test(text);
            assert_eq!(test.judge(&known(&flags)), want, "{text}");
            // what the filter leaves out cannot pass
            for system in (0..32).map(SystemFlags).filter(|system| !test.filter().admits(*system)) {
                let flags = Flags { system, ..flags.clone() };
                assert_eq!(test.judge(&known(&flags)), Some(false), "{text} {system:?}");
            }
        }
        let filter = |text| test(text).filter();
        assert_eq!(filter("UNSEEN").without, SystemFlags::SEEN);
        assert_eq!(filter("FLAGGED ANSWERED BODY x").with, SystemFlags::FLAGGED.union(SystemFlags::ANSWERED));
        assert_eq!(filter("OR SEEN FLAGGED NOT (SEEN FLAGGED) KEYWORD a"), FlagFilter::default());
    }

    /// What a mail answers to the one question of a search.
    fn says(question: &str, texts: &[String], header: &[(String, String)]) -> Option<bool> {
        let view: UidSet = [1, 5, 9].into_iter().map(Uid).collect();
        let mut asks = Vec::new();
        let scope = Scope { view: &view, saved: &view, now: Timestamp(0) };
        let key = search::parse(&mut Cursor::new(question.as_bytes()), 50).unwrap().key;
        let test = scope.test(&key, &mut asks).unwrap();
        let yes = asks[0].is_in_fields(header) || asks[0].is_in_texts(texts);
        let told = [if yes { Answer::Yes } else { Answer::No }];
        test.judge(&Known { told: &told, ..known(&Flags::default()) })
    }

    #[test]
    fn texts_are_found_in_any_width_and_case() {
        let mail = "Subject: x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nﾃｽﾄ Hello 全角ＡＢＣ\r\n";
        let texts = scan::texts(mail.as_bytes(), &Limits::default());
        for (text, want) in [("BODY テスト", true), ("BODY hello", true), ("BODY abc", true), ("BODY subject", false)]
        {
            let question = format!("CHARSET UTF-8 {}", text.replacen(' ', " \"", 1)) + "\"";
            assert_eq!(says(&question, &texts, &[]), Some(want), "{text}");
        }
    }

    #[test]
    fn a_header_field_that_is_there_is_found_by_an_empty_text() {
        let header = [("X-A".to_owned(), String::new())];
        assert_eq!(says("HEADER x-a \"\"", &[], &header), Some(true));
        assert_eq!(says("HEADER x-b \"\"", &[], &header), Some(false));
    }
}
