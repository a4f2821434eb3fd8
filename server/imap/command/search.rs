//! SEARCH (RFC 3501 6.4.4; answered as ESEARCH, RFC 4731, 5182, 9394), in the selected state.

use types::{Uid, UidSet};

use super::find::{self, Hit};
use super::sync::selected;
use crate::ImapError;
use crate::answer::Answer;
use crate::session::Session;
use crate::wire::returns::Returns;
use crate::wire::search::Search;
use crate::wire::sequence::{places, write_in_order};
use crate::wire::write;

/// Finds, and tells the numbers, or with `uid` the UIDs.
pub(super) async fn run(session: &mut Session, uid: bool, search: &Search) -> Result<Answer, ImapError> {
    // RFC 9755 3: then all strings are UTF-8.
    if session.enabled.utf8 && search.charset.is_some() {
        return Ok(Answer::bad("With UTF8=ACCEPT no charset is named"));
    }
    let with_modseq = find::asks_for_modseq(&search.key);
    if with_modseq {
        session.enable_condstore();
    }
    let prepared = find::prepare(session, &search.key)?;
    save(session, search.returns.as_ref(), None)?;
    let hits = find::find(session, &prepared).await?;
    save(session, search.returns.as_ref(), Some(&hits))?;
    // RFC 9051 6.4.4: IMAP4rev2 knows no other answer.
    let all = Returns { all: true, ..Returns::default() };
    match search.returns.as_ref().or(session.enabled.rev2.then_some(&all)) {
        Some(returns) => answer_extended(session, uid, returns, &hits, with_modseq)?,
        None => plain(session, uid, &hits, with_modseq)?,
    }
    Ok(Answer::ok("SEARCH completed."))
}

/// Lets `$` mean the result, when that was asked for; `None` while there is none yet: a search that fails leaves nothing
/// (RFC 5182 2.1).
pub(super) fn save(session: &mut Session, returns: Option<&Returns>, hits: Option<&[Hit]>) -> Result<(), ImapError> {
    if let Some(returns) = returns.filter(|returns| returns.save) {
        selected(session)?.saved = hits.map(|hits| to_save(returns, hits)).unwrap_or_default();
    }
    Ok(())
}

fn uids(hits: &[Hit]) -> UidSet {
    let mut uids: Vec<Uid> = hits.iter().map(|hit| hit.uid).collect();
    uids.sort_unstable();
    uids.into_iter().collect()
}

/// `* SEARCH 2 3 (MODSEQ 9)`
fn plain(session: &mut Session, uid: bool, hits: &[Hit], with_modseq: bool) -> Result<(), ImapError> {
    let mut line = b"* SEARCH".to_vec();
    let found = uids(hits);
    let runs = if uid { found.runs().to_vec() } else { places(&selected(session)?.view, &found) };
    for number in runs.into_iter().flat_map(|(first, last)| first..=last) {
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

/// What `$` means from now on (RFC 5182 2.1, RFC 9394 3.3): all that was found, or only what was asked for when that is
/// the ends or a part.
fn to_save(returns: &Returns, hits: &[Hit]) -> UidSet {
    let some = returns.min || returns.max || returns.partial.is_some();
    if returns.all || returns.count || !some {
        return uids(hits);
    }
    let ends = hits.first().filter(|_| returns.min).into_iter().chain(hits.last().filter(|_| returns.max));
    let part = returns.partial.and_then(|partial| hits.get(partial.of(hits.len()))).unwrap_or_default();
    uids(&ends.chain(part).copied().collect::<Vec<_>>())
}

/// `* ESEARCH (TAG "a") UID MIN 2 MAX 9 ALL 2,5:9 COUNT 4 PARTIAL (1:2 2,5) MODSEQ 9`, in the order of the hits; nothing
/// when only SAVE was asked.
pub(super) fn answer_extended(
    session: &mut Session,
    uid: bool,
    returns: &Returns,
    hits: &[Hit],
    with_modseq: bool,
) -> Result<(), ImapError> {
    if *returns == (Returns { save: true, ..Returns::default() }) {
        return Ok(());
    }
    let mut line = format!("* ESEARCH (TAG \"{}\"){}", session.tag, if uid { " UID" } else { "" }).into_bytes();
    let view = &selected(session)?.view;
    let one = |hit: &Hit| if uid { hit.uid.0 } else { view.rank(hit.uid).unwrap_or(0) };
    let set = |line: &mut Vec<u8>, hits: &[Hit]| write_in_order(line, hits.iter().map(|hit| Uid(one(hit))));
    for (word, hit) in [("MIN", hits.first().filter(|_| returns.min)), ("MAX", hits.last().filter(|_| returns.max))] {
        if let Some(hit) = hit {
            line.extend_from_slice(format!(" {word} {}", one(hit)).as_bytes());
        }
    }
    if returns.all && !hits.is_empty() {
        line.extend_from_slice(b" ALL ");
        set(&mut line, hits);
    }
    if returns.count {
        line.extend_from_slice(format!(" COUNT {}", hits.len()).as_bytes());
    }
    if let Some(partial) = returns.partial {
        line.extend_from_slice(format!(" PARTIAL ({partial} ").as_bytes());
        match hits.get(partial.of(hits.len())).unwrap_or_default() {
            [] => line.extend_from_slice(b"NIL"),
            some => set(&mut line, some),
        }
        line.push(b')');
    }
    if let Some(modseq) = told_modseq(returns, hits).filter(|_| with_modseq) {
        line.extend_from_slice(format!(" MODSEQ {modseq}").as_bytes());
    }
    line.extend_from_slice(b"\r\n");
    session.link.out().extend_from_slice(&line);
    Ok(())
}

/// The greatest MODSEQ of what is told (RFC 7162 3.1.10): of the ends alone when only they are.
fn told_modseq(returns: &Returns, hits: &[Hit]) -> Option<types::ModSeq> {
    if !returns.only_ends() {
        return hits.iter().map(|hit| hit.modseq).max();
    }
    let ends = hits.first().filter(|_| returns.min).into_iter().chain(hits.last().filter(|_| returns.max));
    ends.map(|hit| hit.modseq).max()
}
