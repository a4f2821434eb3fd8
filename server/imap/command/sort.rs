//! SORT (RFC 5256, display names RFC 5957, answered as ESEARCH RFC 5267) and THREAD (RFC 5256), in the selected state.

use store::Want;
use types::{Timestamp, Uid, UidSet};

use super::deal::{Deal, Dealt};
use super::find::{self, Hit};
use super::search::{answer_extended, save};
use super::sync::selected;
use crate::ImapError;
use crate::ahead::Ahead;
use crate::answer::Answer;
use crate::cards::Card;
use crate::mail::permit;
use crate::order::thread::{Mail, by_references, by_references_alone, by_subject};
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
    /// Its first bytes as a number of the same order, since most texts differ there and memory is slow; then all of it.
    Text(u128, Box<str>),
}

impl Value {
    fn text(text: &str) -> Self {
        let mut head = [0; 16];
        head.iter_mut().zip(text.bytes()).for_each(|(to, from)| *to = from);
        Self::Text(u128::from_be_bytes(head), text.into())
    }
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
    let context = session.context.clone();
    let _permit = permit(&context, EACH * hits.len() as u64).await?;
    let (uids, keys): (UidSet, Vec<SortKey>) =
        (hits.iter().map(|hit| hit.uid).collect(), criteria.iter().map(|criterion| criterion.key).collect());
    // of each hit that is still there: its place among the values, and among the hits
    let (mut places, mut values) = (Vec::with_capacity(hits.len()), Vec::with_capacity(hits.len() * keys.len()));
    let mut add = |uid: Uid, of: &mut dyn FnMut(SortKey) -> Value| {
        let Ok(at) = hits.binary_search_by_key(&uid, |hit| hit.uid) else { return };
        values.extend(keys.iter().map(|key| of(*key)));
        places.push((places.len(), at));
    };
    if keys.iter().all(|key| matches!(key, SortKey::Arrival | SortKey::Size)) {
        let mut ahead = Ahead::new(&uids, WINDOW, Want::default());
        while let Some(rows) = ahead.next(session).await? {
            rows.iter().for_each(|row| add(row.uid, &mut |key| arrival_or_size(key, row.internal_date, row.size())));
        }
    } else {
        let mut deal = Deal::new(&uids);
        while let Some(Dealt { cards, failed }) = deal.next(session).await? {
            if let Some(error) = failed {
                return Err(error);
            }
            cards.iter().for_each(|(uid, card)| add(*uid, &mut |key| value(key, card)));
        }
    }
    let of = |place: usize| values.iter().skip(place * criteria.len()).take(criteria.len());
    places.sort_unstable_by(|(one, a), (other, b)| {
        let pairs = criteria.iter().zip(of(*one).zip(of(*other)));
        let order = pairs.map(|(criterion, (a, b))| if criterion.reverse { b.cmp(a) } else { a.cmp(b) });
        order.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then).then(a.cmp(b))
    });
    Ok(places.into_iter().filter_map(|(_, at)| hits.get(at).copied()).collect())
}

/// What needs no summary to be read.
fn arrival_or_size(key: SortKey, came: Timestamp, size: u64) -> Value {
    Value::Number(if key == SortKey::Size { i64::try_from(size).unwrap_or(i64::MAX) } else { came.0 })
}

fn value(key: SortKey, card: &Card) -> Value {
    let order = &card.order;
    match key {
        SortKey::Arrival | SortKey::Size => arrival_or_size(key, card.internal_date, card.size),
        SortKey::Date => Value::Number(order.sent),
        SortKey::Subject => Value::text(&order.subject),
        SortKey::From => Value::text(&order.from),
        SortKey::To => Value::text(&order.to),
        SortKey::Cc => Value::text(&order.cc),
        SortKey::DisplayFrom => Value::text(&order.shown_from),
        SortKey::DisplayTo => Value::text(&order.shown_to),
    }
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
    let _permit = permit(&context, EACH_IN_THREAD * uids.len() as u64).await?;
    let by_references = algorithm != Algorithm::OrderedSubject;
    let mut deal = Deal::new(uids);
    while let Some(Dealt { cards, failed }) = deal.next(session).await? {
        if let Some(error) = failed {
            return Err(error);
        }
        for (uid_of_it, card) in &cards {
            let order = &card.order;
            mails.push(Mail {
                date: order.sent,
                subject: order.subject.to_string(),
                marked: order.marked,
                id: order.id.as_deref().map(str::to_owned),
                references: order.references.iter().filter(|_| by_references).map(ToString::to_string).collect(),
            });
            numbers.push(if uid { uid_of_it.0 } else { selected(session)?.number(*uid_of_it).unwrap_or(0) });
        }
    }
    Ok((numbers, mails))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// With its first bytes before it a text stands where it stood.
        #[test]
        fn texts_keep_their_order(one in "\\PC{0,12}", other in "\\PC{0,12}", same in "\\PC{0,8}") {
            prop_assert_eq!(Value::text(&one).cmp(&Value::text(&other)), one.cmp(&other));
            let (one, other) = (same.clone() + &one, same + &other);
            prop_assert_eq!(Value::text(&one).cmp(&Value::text(&other)), one.cmp(&other));
        }
    }
}
