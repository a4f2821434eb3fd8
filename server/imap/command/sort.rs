//! SORT (RFC 5256, display names RFC 5957, answered as ESEARCH RFC 5267) and THREAD (RFC 5256), in the selected state.

use message::{MailAddress, Raw, Summary, decode_words, message_ids};
use store::{MessageRow, Want};
use types::UidSet;

use super::find::{self, Hit};
use super::search::{answer_extended, save};
use super::sync::selected;
use crate::ImapError;
use crate::ahead::Ahead;
use crate::answer::Answer;
use crate::mail::Reader;
use crate::order::thread::{Mail, by_references, by_references_alone, by_subject};
use crate::order::{casemap, subject};
use crate::session::Session;
use crate::wire::sort::{Algorithm, Criterion, Sort, SortKey, Thread};

/// Messages asked of the store at once.
const WINDOW: u32 = 500;
/// Memory that is counted for each message while it is sorted, bytes.
const EACH: u64 = 256;
/// The same while it is put into a thread, with its references.
const EACH_IN_THREAD: u64 = 1_024;

/// By what a message is compared.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Value {
    Number(i64),
    Text(String),
}

/// Sorts, and tells the numbers, or with `uid` the UIDs.
pub(super) async fn sort(session: &mut Session, uid: bool, asked: &Sort) -> Result<Answer, ImapError> {
    let with_modseq = find::asks_for_modseq(&asked.key);
    if with_modseq {
        session.enable_condstore();
    }
    let prepared = find::prepare(session, &asked.key)?;
    save(session, asked.returns.as_ref(), None)?;
    let found = find::find(session, &prepared).await?;
    let hits = sorted(session, found, &asked.criteria).await?;
    save(session, asked.returns.as_ref(), Some(&hits))?;
    match &asked.returns {
        Some(returns) => answer_extended(session, uid, returns, &hits, with_modseq)?,
        None => plain(session, uid, &hits, with_modseq)?,
    }
    Ok(Answer::ok("SORT completed."))
}

/// `* SORT 2 1 3 (MODSEQ 9)`
fn plain(session: &mut Session, uid: bool, hits: &[Hit], with_modseq: bool) -> Result<(), ImapError> {
    let view = &selected(session)?.view;
    let mut line = b"* SORT".to_vec();
    for hit in hits {
        let number = if uid { hit.uid.0 } else { view.rank(hit.uid).unwrap_or(0) };
        line.extend_from_slice(format!(" {number}").as_bytes());
    }
    if let Some(modseq) = hits.iter().map(|hit| hit.modseq).max().filter(|_| with_modseq) {
        line.extend_from_slice(format!(" (MODSEQ {modseq})").as_bytes());
    }
    line.extend_from_slice(b"\r\n");
    session.link.out().extend_from_slice(&line);
    Ok(())
}

/// The hits in their order; those that are equal in everything stay in the order of their numbers.
async fn sorted(session: &mut Session, hits: Vec<Hit>, criteria: &[Criterion]) -> Result<Vec<Hit>, ImapError> {
    let plain = |criterion: &Criterion| matches!(criterion.key, SortKey::Arrival | SortKey::Size);
    let want = Want { summary: !criteria.iter().all(plain) };
    let mut keyed: Vec<(Vec<Value>, Hit)> = Vec::with_capacity(hits.len());
    let context = session.context.clone();
    let _permit = Reader::new(&context, session.reading()?).permit(EACH * hits.len() as u64).await?;
    let mut ahead = Ahead::new(&hits.iter().map(|hit| hit.uid).collect(), WINDOW, want);
    while let Some(rows) = ahead.next(session).await? {
        let reader = Reader::new(&context, session.reading()?);
        for row in rows {
            let summary = if want.summary { Some(reader.summary(&row).await?) } else { None };
            let values = criteria.iter().map(|criterion| value(criterion.key, &row, summary.as_ref())).collect();
            keyed.push((values, Hit { uid: row.uid, modseq: row.modseq }));
        }
    }
    keyed.sort_by(|(a, one), (b, other)| {
        let pairs = criteria.iter().zip(a.iter().zip(b));
        let order = pairs.map(|(criterion, (a, b))| if criterion.reverse { b.cmp(a) } else { a.cmp(b) });
        order.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then).then(one.uid.cmp(&other.uid))
    });
    Ok(keyed.into_iter().map(|(_, hit)| hit).collect())
}

fn value(key: SortKey, row: &MessageRow, summary: Option<&Summary>) -> Value {
    let Some(summary) = summary.filter(|_| !matches!(key, SortKey::Arrival | SortKey::Size)) else {
        return Value::Number(match key {
            SortKey::Size => i64::try_from(row.size()).unwrap_or(i64::MAX),
            _ => row.internal_date.0,
        });
    };
    let header = &summary.header;
    match key {
        SortKey::Date => Value::Number(sent(row, summary)),
        SortKey::Subject => Value::Text(casemap(&subject::base(&summary.subject).0)),
        SortKey::From => mailbox_of(&header.from),
        SortKey::To => mailbox_of(&header.to),
        SortKey::Cc => mailbox_of(&header.cc),
        SortKey::DisplayFrom => name_of(&header.from),
        SortKey::DisplayTo => name_of(&header.to),
        SortKey::Arrival | SortKey::Size => Value::Number(0),
    }
}

/// When it was sent; when it came, where its Date cannot be read (RFC 5256 2.2).
fn sent(row: &MessageRow, summary: &Summary) -> i64 {
    summary.date.unwrap_or(row.internal_date).0
}

/// The mailbox of the first address.
fn mailbox_of(addresses: &[MailAddress]) -> Value {
    let mailbox = addresses.first().and_then(|address| address.mailbox.as_ref());
    Value::Text(mailbox.map(|mailbox| casemap(&text(mailbox))).unwrap_or_default())
}

/// The first address as people see it (RFC 5957 3): its name, or `mailbox@host`.
fn name_of(addresses: &[MailAddress]) -> Value {
    let Some(first) = addresses.first() else { return Value::Text(String::new()) };
    let name = first.name.as_ref().map(|name| decode_words(name)).filter(|name| !name.trim().is_empty());
    let address = || {
        let mailbox = first.mailbox.as_ref().map(text).unwrap_or_default();
        first.host.as_ref().map_or_else(|| mailbox.clone(), |host| format!("{mailbox}@{}", text(host)))
    };
    Value::Text(casemap(&name.unwrap_or_else(address)))
}

fn text(raw: &Raw) -> String {
    String::from_utf8_lossy(raw).into_owned()
}

/// Puts into threads, and tells them by number, or with `uid` by UID.
pub(super) async fn thread(session: &mut Session, uid: bool, asked: &Thread) -> Result<Answer, ImapError> {
    if find::asks_for_modseq(&asked.key) {
        session.enable_condstore();
    }
    let prepared = find::prepare(session, &asked.key)?;
    let hits = find::find(session, &prepared).await?;
    let uids: UidSet = hits.iter().map(|hit| hit.uid).collect();
    let (numbers, mails) = mails(session, &uids, asked.algorithm, uid).await?;
    let forest = match asked.algorithm {
        Algorithm::OrderedSubject => by_subject(&mails),
        Algorithm::References => by_references(&mails),
        Algorithm::Refs => by_references_alone(&mails),
    };
    let out = session.link.out();
    out.extend_from_slice(b"* THREAD");
    if !mails.is_empty() {
        out.push(b' ');
        forest.write(out, |at| numbers.get(at).copied().unwrap_or(0));
    }
    out.extend_from_slice(b"\r\n");
    Ok(Answer::ok("THREAD completed."))
}

/// What threads are made of: how each message is told, and what it refers to.
async fn mails(
    session: &mut Session,
    uids: &UidSet,
    algorithm: Algorithm,
    uid: bool,
) -> Result<(Vec<u32>, Vec<Mail>), ImapError> {
    let (mut numbers, mut mails) = (Vec::new(), Vec::new());
    let context = session.context.clone();
    let _permit = Reader::new(&context, session.reading()?).permit(EACH_IN_THREAD * uids.len() as u64).await?;
    let mut ahead = Ahead::new(uids, WINDOW, Want { summary: true });
    while let Some(rows) = ahead.next(session).await? {
        let reader = Reader::new(&context, session.reading()?);
        for row in &rows {
            let summary = reader.summary(row).await?;
            let (subject, marked) = subject::base(&summary.subject);
            let by_references = algorithm != Algorithm::OrderedSubject;
            mails.push(Mail {
                date: sent(row, &summary),
                subject: casemap(&subject),
                marked,
                id: summary.header.message_id.as_ref().and_then(|id| message_ids(id).pop()),
                references: if by_references { summary.references } else { Vec::new() },
            });
            numbers.push(if uid { row.uid.0 } else { selected(session)?.number(row.uid).unwrap_or(0) });
        }
    }
    Ok((numbers, mails))
}
