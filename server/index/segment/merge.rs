//! Makes one segment of several: documents in the order of their records, lists put together term by term, so that
//! memory is bounded by one block of each and one list.

use std::collections::BTreeSet;

use bytes::Bytes;
use types::RecordId;

use super::{Segment, Terms, Writer};
use crate::IndexError;
use crate::segment::Written;
use crate::tokens::Zone;

/// Documents copied at once.
const WINDOW: usize = 256;

/// Where a document of the new segment comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Origin {
    record: i64,
    source: usize,
    doc: u32,
}

/// Writes all documents of `sources` into `writer` but those of `without`; of a record that is in several, the one of the last
/// source.
pub(crate) fn merge(
    sources: &[&Segment],
    without: &BTreeSet<RecordId>,
    mut writer: Writer,
) -> Result<Written, IndexError> {
    let mut origins = origins(sources);
    origins.retain(|origin| !without.contains(&RecordId(origin.record)));
    let mut places: Vec<Vec<Option<u32>>> = sources.iter().map(|source| vec![None; source.count() as usize]).collect();
    for (number, origin) in origins.iter().enumerate() {
        let place = places.get_mut(origin.source).and_then(|places| places.get_mut(origin.doc as usize));
        if let Some(place) = place {
            *place = u32::try_from(number).ok();
        }
    }
    for window in origins.chunks(WINDOW) {
        copy_documents(sources, window, &mut writer)?;
    }
    merge_terms(sources, &places, &mut writer)?;
    writer.finish()
}

fn origins(sources: &[&Segment]) -> Vec<Origin> {
    let mut all: Vec<Origin> = Vec::new();
    for (source, segment) in sources.iter().enumerate() {
        all.extend((0..).zip(segment.records()).map(|(doc, record)| Origin { record: *record, source, doc }));
    }
    all.sort_unstable();
    let mut origins: Vec<Origin> = Vec::with_capacity(all.len());
    for origin in all {
        match origins.last_mut() {
            Some(last) if last.record == origin.record => *last = origin,
            _ => origins.push(origin),
        }
    }
    origins
}

fn copy_documents(sources: &[&Segment], window: &[Origin], writer: &mut Writer) -> Result<(), IndexError> {
    let mut bytes: Vec<(Vec<u8>, Vec<u8>)> = vec![Default::default(); window.len()];
    for (source, segment) in sources.iter().enumerate() {
        let mine: Vec<(u32, usize)> = window
            .iter()
            .enumerate()
            .filter(|(_, origin)| origin.source == source)
            .map(|(at, origin)| (origin.doc, at))
            .collect();
        let docs: Vec<u32> = mine.iter().map(|(doc, _)| *doc).collect();
        let at = |doc: u32| mine.binary_search_by_key(&doc, |(doc, _)| *doc).ok().and_then(|i| mine.get(i));
        segment.kept(Zone::Head, &docs, &mut |doc, head| {
            if let Some((head_of, _)) = at(doc).and_then(|(_, at)| bytes.get_mut(*at)) {
                *head_of = head.to_vec();
            }
        })?;
        segment.kept(Zone::Body, &docs, &mut |doc, body| {
            if let Some((_, body_of)) = at(doc).and_then(|(_, at)| bytes.get_mut(*at)) {
                *body_of = body.to_vec();
            }
        })?;
    }
    for (origin, (head, body)) in window.iter().zip(&bytes) {
        let marks = sources.get(origin.source).map_or(0, |source| source.marks(origin.doc));
        writer.document(RecordId(origin.record), marks, head, body)?;
    }
    Ok(())
}

/// A source with the block of lists that was read last.
struct Walk<'s> {
    segment: &'s Segment,
    places: &'s [Option<u32>],
    terms: Terms<'s>,
    cached: Option<(usize, Bytes)>,
    over: bool,
}

fn merge_terms(sources: &[&Segment], places: &[Vec<Option<u32>>], writer: &mut Writer) -> Result<(), IndexError> {
    let mut walks = Vec::with_capacity(sources.len());
    for (segment, places) in sources.iter().zip(places) {
        let mut terms = segment.terms(&[]);
        let over = !terms.step()?;
        walks.push(Walk { segment, places, terms, cached: None, over });
    }
    loop {
        let least = walks.iter().filter(|walk| !walk.over).map(|walk| &walk.terms.term).min().cloned();
        let Some(least) = least else { return Ok(()) };
        let mut docs = Vec::new();
        for walk in walks.iter_mut().filter(|walk| !walk.over && walk.terms.term == least) {
            let found = walk.segment.docs(walk.terms.list, &mut walk.cached)?;
            docs.extend(found.into_iter().filter_map(|doc| walk.places.get(doc as usize).copied().flatten()));
            walk.over = !walk.terms.step()?;
        }
        docs.sort_unstable();
        if !docs.is_empty() {
            writer.term(&least, &docs)?;
        }
    }
}
