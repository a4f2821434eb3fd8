//! SORT (RFC 5256, display names RFC 5957, answered as ESEARCH RFC 5267) and THREAD (RFC 5256), in the selected state.

use std::cmp::Ordering;
use std::sync::Arc;

use store::{Read, Rights, StoreError, Want};
use types::{Timestamp, Uid, UidSet};

use super::deal::{Deal, Dealt};
use super::find::{self, Hit, Test};
use super::search::{answer_extended, save};
use super::sync::selected;
use crate::ImapError;
use crate::ahead::Ahead;
use crate::answer::Answer;
use crate::cards::Card;
use crate::mail::permit;
use crate::order::thread::{Mail, by_references, by_references_alone, by_subject};
use crate::orders::{self, Marked, Place, Wanted};
use crate::session::Session;
use crate::wire::sort::{Algorithm, Criterion, Sort, SortKey, Thread};
use crate::wire::write;

/// Messages asked of the store at once.
const WINDOW: u32 = 500;
/// Memory that is counted for each message while it is sorted, bytes.
const EACH: u64 = 256;
/// The same while it is put into a thread, with its card.
const EACH_IN_THREAD: u64 = 1_024;
/// So many numbers of a kept order are written before others go out.
const PIECE: usize = 4_096;
/// So many are put into threads on a thread that may be busy.
const MANY: usize = if cfg!(test) { 4 } else { 2_000 };

/// By what a message is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Value<'a> {
    Number(i64),
    /// Its first bytes as a number of the same order, since most texts differ there and memory is slow; then all of it.
    Text(u128, &'a str),
}

impl<'a> Value<'a> {
    fn text(text: &'a str) -> Self {
        let mut head = [0; 16];
        head.iter_mut().zip(text.bytes()).for_each(|(to, from)| *to = from);
        Self::Text(u128::from_be_bytes(head), text)
    }
}

/// Sorts, and tells the numbers, or with `uid` the UIDs.
pub(super) async fn sort(session: &mut Session, uid: bool, asked: &Sort) -> Result<Answer, ImapError> {
    let with_modseq = find::asks_for_modseq(&asked.key);
    if with_modseq {
        session.enable_condstore();
    }
    let prepared = find::prepare(session, &asked.key)?;
    if let ([one], None, false) = (&*asked.criteria, &asked.returns, with_modseq)
        && prepared.test.is_of_flags()
        && tell_kept(session, uid, &prepared.test, *one).await?
    {
        return Ok(Answer::ok("SORT completed."));
    }
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

/// `* SORT 2 1 3`, piece by piece from the kept order; `false` where there is none that holds all that is asked for. A list of
/// 100,000 needs no more memory than one of 10.
async fn tell_kept(session: &mut Session, uid: bool, test: &Test, by: Criterion) -> Result<bool, ImapError> {
    let (context, mailbox) = (session.context.clone(), selected(session)?.id);
    let Some(kept) = context.orders.get(mailbox, by.key) else { return Ok(false) };
    let uids = find::by_flags(session, test).await?;
    session.here::<Read>(Rights::READ)?;
    let Some(wanted) = Marked::new(&uids).filter(|wanted| wanted.all_in(&kept)) else { return Ok(false) };
    let mut order = wanted.of(&kept, by.reverse).peekable();
    session.link.out().extend_from_slice(b"* SORT");
    while order.peek().is_some() {
        let Session { selected: Some(selected), link, .. } = &mut *session else { return Err(ImapError::Closed) };
        let out = link.out();
        for of in order.by_ref().take(PIECE) {
            out.push(b' ');
            write::number(out, if uid { of.0 } else { selected.view.rank(of).unwrap_or(0) });
        }
        link.flush_batch().await?;
    }
    session.link.out().extend_from_slice(b"\r\n");
    Ok(true)
}

/// `* SORT 2 1 3 (MODSEQ 9)`
fn plain(session: &mut Session, uid: bool, hits: &[Hit], with_modseq: bool) -> Result<(), ImapError> {
    let view = &selected(session)?.view;
    let mut line = b"* SORT".to_vec();
    for hit in hits {
        let number = if uid { hit.uid.0 } else { view.rank(hit.uid).unwrap_or(0) };
        line.push(b' ');
        write::number(&mut line, number);
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
    let (mailbox, whole) = (selected(session)?.id, selected(session)?.view.len() == hits.len());
    let one = match criteria {
        [one] => Some(one),
        _ => None,
    };
    if let Some(one) = one
        && let Some(kept) = context.orders.get(mailbox, one.key)
        && let Some(wanted) = Wanted::new(hits.iter().map(|hit| hit.uid))
        && let Some(places) = orders::among(&kept, &wanted, one.reverse)
    {
        session.here::<Read>(Rights::READ)?;
        return Ok(places.into_iter().filter_map(|at| hits.get(at).copied()).collect());
    }
    let facts = Facts::gather(session, &hits, criteria).await?;
    let Some(one) = one.filter(|_| whole) else {
        return Ok(facts.in_order(criteria).0.into_iter().filter_map(|at| hits.get(at).copied()).collect());
    };
    // ascending, whatever is wanted now, and so it is kept
    let places = facts.places(one.key, |at| hits.get(at).map(|hit| hit.uid));
    let there = |place: &Place| hits.binary_search_by_key(&place.uid, |hit| hit.uid).ok();
    let told =
        orders::directed(&places, one.reverse, there).into_iter().filter_map(|at| hits.get(at).copied()).collect();
    // a message that is gone by now is in no order
    if places.len() == hits.len() {
        context.orders.put(mailbox, one.key, places);
    }
    Ok(told)
}

/// The order of these messages by `key`, ascending.
pub(crate) fn order_of(cards: &[(Uid, Arc<Card>)], key: SortKey) -> Vec<Place> {
    let facts = Facts::Cards(cards.iter().enumerate().map(|(at, (_, card))| (at, card.clone())).collect());
    facts.places(key, |at| cards.get(at).map(|(uid, _)| *uid))
}

/// What is known of the hits that are still there: their places among the hits, and what they are compared by.
enum Facts {
    /// When they came, and their sizes.
    Numbers(Vec<(usize, Timestamp, u64)>),
    Cards(Vec<(usize, Arc<Card>)>),
}

impl Facts {
    async fn gather(session: &mut Session, hits: &[Hit], criteria: &[Criterion]) -> Result<Self, ImapError> {
        let uids: UidSet = hits.iter().map(|hit| hit.uid).collect();
        let at = |uid: Uid| hits.binary_search_by_key(&uid, |hit| hit.uid).ok();
        if criteria.iter().all(|criterion| matches!(criterion.key, SortKey::Arrival | SortKey::Size)) {
            let mut numbers = Vec::with_capacity(hits.len());
            let mut ahead = Ahead::new(&uids, WINDOW, Want::default());
            while let Some(rows) = ahead.next(session).await? {
                let of = |row: &store::MessageRow| Some((at(row.uid)?, row.internal_date, row.size()));
                numbers.extend(rows.iter().filter_map(of));
            }
            return Ok(Self::Numbers(numbers));
        }
        let mut gathered = Vec::with_capacity(hits.len());
        let mut deal = Deal::new(&uids);
        while let Some(Dealt { cards, failed }) = deal.next(session).await? {
            if let Some(error) = failed {
                return Err(error);
            }
            gathered.extend(cards.into_iter().filter_map(|(uid, card)| Some((at(uid)?, card))));
        }
        Ok(Self::Cards(gathered))
    }

    /// Their order by one key, ascending; `uid` says which message stands at a place.
    fn places(&self, key: SortKey, uid: impl Fn(usize) -> Option<Uid>) -> Vec<Place> {
        let (order, same) = self.in_order(&[Criterion { key, reverse: false }]);
        order.iter().zip(same).filter_map(|(at, same)| Some(Place { uid: uid(*at)?, same })).collect()
    }

    /// The places among the hits in order, and of each whether it is equal to the one before it.
    fn in_order(&self, criteria: &[Criterion]) -> (Vec<usize>, Vec<bool>) {
        let (at, values): (Vec<usize>, Vec<Value<'_>>) = match self {
            Self::Numbers(rows) => {
                let each = |(_, came, size): &(usize, Timestamp, u64)| {
                    criteria.iter().map(|criterion| arrival_or_size(criterion.key, *came, *size)).collect::<Vec<_>>()
                };
                (rows.iter().map(|(at, ..)| *at).collect(), rows.iter().flat_map(each).collect())
            }
            Self::Cards(cards) => {
                let each = |(_, card)| criteria.iter().map(move |criterion| value(criterion.key, card));
                let cards: Vec<(usize, &Card)> = cards.iter().map(|(at, card)| (*at, &**card)).collect();
                (cards.iter().map(|(at, _)| *at).collect(), cards.into_iter().flat_map(each).collect())
            }
        };
        let of = |place: usize| values.iter().skip(place * criteria.len()).take(criteria.len());
        let compared = |one: usize, other: usize| {
            let pairs = criteria.iter().zip(of(one).zip(of(other)));
            let order = pairs.map(|(criterion, (a, b))| if criterion.reverse { b.cmp(a) } else { a.cmp(b) });
            order.fold(Ordering::Equal, Ordering::then)
        };
        let mut places: Vec<(usize, usize)> = at.into_iter().enumerate().collect();
        places.sort_unstable_by(|(one, a), (other, b)| compared(*one, *other).then(a.cmp(b)));
        let same = |pair: &[(usize, usize)]| matches!(pair, [(a, _), (b, _)] if compared(*a, *b) == Ordering::Equal);
        let same = std::iter::once(false).chain(places.windows(2).map(same)).take(places.len()).collect();
        (places.into_iter().map(|(_, at)| at).collect(), same)
    }
}

/// What needs no summary to be read.
fn arrival_or_size(key: SortKey, came: Timestamp, size: u64) -> Value<'static> {
    Value::Number(if key == SortKey::Size { i64::try_from(size).unwrap_or(i64::MAX) } else { came.0 })
}

fn value(key: SortKey, card: &Card) -> Value<'_> {
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
    let context = session.context.clone();
    let _permit = permit(&context, EACH_IN_THREAD * uids.len() as u64).await?;
    let mails = mails(session, &uids, uid).await?;
    let algorithm = asked.algorithm;
    let work = move || written(&mails, algorithm);
    let line = if uids.len() < MANY { work() } else { crunched(work).await? };
    session.link.out().extend_from_slice(&line);
    Ok(Answer::ok("THREAD completed."))
}

/// Work for the processor, off the threads that serve sessions.
async fn crunched<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, ImapError> {
    let broken = |_| StoreError::Engine("putting into threads broke off".into());
    Ok(tokio::task::spawn_blocking(work).await.map_err(broken)?)
}

/// `* THREAD (2)(3 6)`
fn written(mails: &[(u32, Arc<Card>)], algorithm: Algorithm) -> Vec<u8> {
    let told: Vec<Mail<'_>> = mails.iter().map(|(_, card)| mail(card, algorithm)).collect();
    let forest = match algorithm {
        Algorithm::OrderedSubject => by_subject(&told),
        Algorithm::References => by_references(&told),
        Algorithm::Refs => by_references_alone(&told),
    };
    let mut line = b"* THREAD".to_vec();
    if !mails.is_empty() {
        line.push(b' ');
        forest.write(&mut line, |at| mails.get(at).map_or(0, |(number, _)| *number));
    }
    line.extend_from_slice(b"\r\n");
    line
}

/// What a thread is made of.
fn mail(card: &Card, algorithm: Algorithm) -> Mail<'_> {
    let order = &card.order;
    Mail {
        date: order.sent,
        subject: &order.subject,
        marked: order.marked,
        id: order.id.as_deref(),
        references: if algorithm == Algorithm::OrderedSubject { &[] } else { &order.references },
    }
}

/// The messages: how each is told, and what is known of it.
async fn mails(session: &mut Session, uids: &UidSet, uid: bool) -> Result<Vec<(u32, Arc<Card>)>, ImapError> {
    let mut mails = Vec::with_capacity(uids.len());
    let mut deal = Deal::new(uids);
    while let Some(Dealt { cards, failed }) = deal.next(session).await? {
        if let Some(error) = failed {
            return Err(error);
        }
        let view = &selected(session)?.view;
        let told = |of: Uid| if uid { of.0 } else { view.rank(of).unwrap_or(0) };
        mails.extend(cards.into_iter().map(|(of, card)| (told(of), card)));
    }
    Ok(mails)
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
