//! Answers a question about documents of a segment: candidates by their terms, then what is kept of them.

use std::sync::PoisonError;

use memchr::memmem;

use crate::IndexError;
use crate::document::Hasher;
use crate::looking::with_text;
use crate::postings::Docs;
use crate::query::{Answer, Ask};
use crate::segment::{LONG, Segment, UNSURE, VEILED};
use crate::tokens::{DIGITS, Fit, Piece, Pieces, Zone, pieces, space};

/// When so many documents for each one of the segment stand in lists, all of them are looked at instead.
const TOO_MANY: u64 = 8;

/// Candidates of a zone.
struct Candidates {
    docs: Docs,
    /// Every candidate holds what is sought.
    exact: bool,
}

/// The answers of the documents `among` (ascending), in their order; what was answered lately is not looked for again.
pub(crate) fn answers(segment: &Segment, ask: &Ask, among: &[u32], hasher: &Hasher) -> Result<Vec<Answer>, IndexError> {
    if ask.is_beyond() {
        return Ok(vec![Answer::Maybe; among.len()]);
    }
    let known = segment.known(ask);
    let facts = || known.lock().unwrap_or_else(PoisonError::into_inner);
    let unknown = facts().unknown(among);
    if !unknown.is_empty() {
        // others may ask the same meanwhile
        let found = looked_up(segment, ask, &unknown, hasher)?;
        facts().note(&unknown, &found);
    }
    Ok(facts().answers(among))
}

fn looked_up(segment: &Segment, ask: &Ask, among: &[u32], hasher: &Hasher) -> Result<Vec<Answer>, IndexError> {
    let mut sheet = Sheet { segment, ask, among, answers: vec![Answer::No; among.len()] };
    let pieces = pieces(&ask.sought);
    if ask.looks_at_head() {
        sheet.look_at_head(&pieces)?;
    }
    if ask.looks_at_texts() {
        sheet.look_at_texts(&pieces)?;
    }
    sheet.doubt(hasher)?;
    Ok(sheet.answers)
}

struct Sheet<'s> {
    segment: &'s Segment,
    ask: &'s Ask,
    among: &'s [u32],
    answers: Vec<Answer>,
}

impl Sheet<'_> {
    fn note(&mut self, doc: u32, answer: Answer) {
        if let Ok(at) = self.among.binary_search(&doc)
            && let Some(known) = self.answers.get_mut(at)
        {
            *known = (*known).max(answer);
        }
    }
    /// The candidates that are asked about and not answered yet.
    fn open(&self, docs: &Docs) -> Vec<u32> {
        let pairs = self.among.iter().zip(&self.answers);
        pairs.filter(|(doc, answer)| **answer != Answer::Yes && docs.contains(**doc)).map(|(doc, _)| *doc).collect()
    }

    fn look_at_head(&mut self, pieces: &Pieces) -> Result<(), IndexError> {
        let found = candidates(self.segment, Zone::Head, pieces)?;
        let (mut noted, mut bad) = (Vec::new(), false);
        let finder = memmem::Finder::new(&self.ask.sought);
        self.segment.kept(Zone::Head, &self.open(&found.docs), &mut |doc, bytes| {
            // names and lengths stand between the values: what is found at all is looked at field by field
            if finder.find(bytes).is_none() {
                return;
            }
            match postcard::from_bytes::<Vec<(&str, &str)>>(bytes) {
                Ok(fields) => noted.push((doc, self.ask.in_head(&fields))),
                Err(_) => bad = true,
            }
        })?;
        noted.into_iter().for_each(|(doc, answer)| self.note(doc, answer));
        if bad { Err(IndexError::Failed("kept header fields cannot be read")) } else { Ok(()) }
    }

    fn look_at_texts(&mut self, pieces: &Pieces) -> Result<(), IndexError> {
        let found = candidates(self.segment, Zone::Body, pieces)?;
        let open = self.open(&found.docs);
        if found.exact {
            open.into_iter().for_each(|doc| self.note(doc, Answer::Yes));
            return Ok(());
        }
        let noted = with_text(self.segment, &self.ask.sought, &open)?;
        noted.into_iter().for_each(|doc| self.note(doc, Answer::Yes));
        Ok(())
    }

    /// Documents that hide something which could be what is sought.
    fn doubt(&mut self, hasher: &Hasher) -> Result<(), IndexError> {
        if !self.segment.has_marks(VEILED | UNSURE) {
            return Ok(());
        }
        let named = self.with_hidden_digits(hasher)?;
        for (doc, answer) in self.among.iter().zip(&mut self.answers) {
            let marks = self.segment.marks(*doc);
            let veiled =
                marks & VEILED != 0 && self.ask.has_digits() && named.as_ref().is_none_or(|n| n.contains(*doc));
            if veiled || marks & UNSURE != 0 {
                *answer = (*answer).max(Answer::Maybe);
            }
        }
        Ok(())
    }

    /// The documents whose hidden digits are those that are sought; `None` when too few are sought to say.
    fn with_hidden_digits(&self, hasher: &Hasher) -> Result<Option<Docs>, IndexError> {
        let hashes = hasher.sought(&self.ask.sought);
        if hashes.is_empty() {
            return Ok(None);
        }
        let mut docs = Docs::none(self.segment.count());
        for hash in hashes {
            let mut term = vec![DIGITS];
            term.extend_from_slice(&hash);
            exactly(self.segment, &term, &mut docs)?;
        }
        Ok(Some(docs))
    }
}

/// The documents that may hold what is sought in a zone: none that do are missing.
fn candidates(segment: &Segment, zone: Zone, pieces: &Pieces) -> Result<Candidates, IndexError> {
    let mut docs: Option<Docs> = None;
    let mut exact = pieces.exact && zone == Zone::Body;
    for piece in &pieces.all {
        let Some(found) = with_piece(segment, zone, piece)? else {
            exact = false;
            continue;
        };
        match &mut docs {
            Some(docs) => docs.keep(&found),
            None => docs = Some(found),
        }
        if docs.as_ref().is_some_and(Docs::is_empty) {
            break;
        }
    }
    let mut docs = docs.unwrap_or_else(|| Docs::all(segment.count()));
    let words = pieces.all.iter().any(|piece| matches!(piece, Piece::Word(..)));
    if words && segment.has_marks(LONG) {
        exact = false;
        (0..segment.count()).filter(|doc| segment.marks(*doc) & LONG != 0).for_each(|doc| docs.insert(doc));
    }
    Ok(Candidates { docs, exact })
}

/// The documents with the piece; `None` when it stands so often that lists do not help.
fn with_piece(segment: &Segment, zone: Zone, piece: &Piece) -> Result<Option<Docs>, IndexError> {
    let mut docs = Docs::none(segment.count());
    match piece {
        Piece::Gram(text) => {
            exactly(segment, &with_space(zone, true, text), &mut docs)?;
            Ok(Some(docs))
        }
        Piece::Word(text, Fit::Whole) => {
            exactly(segment, &with_space(zone, false, text), &mut docs)?;
            Ok(Some(docs))
        }
        Piece::Begins(text) => beginning(segment, &with_space(zone, true, text), docs),
        Piece::Word(text, Fit::Start) => beginning(segment, &with_space(zone, false, text), docs),
        Piece::Word(text, fit) => {
            let (prefix, finder) = (vec![space(zone, false)], memmem::Finder::new(text));
            match fit {
                Fit::End => walk(segment, &prefix, docs, |rest| rest.ends_with(text.as_bytes())),
                _ => walk(segment, &prefix, docs, |rest| finder.find(rest).is_some()),
            }
        }
    }
}

fn with_space(zone: Zone, gram: bool, text: &str) -> Vec<u8> {
    let mut term = vec![space(zone, gram)];
    term.extend_from_slice(text.as_bytes());
    term
}

fn exactly(segment: &Segment, term: &[u8], docs: &mut Docs) -> Result<(), IndexError> {
    let mut terms = segment.terms(term);
    if terms.step()? && terms.term == term {
        segment.docs(terms.list, &mut None)?.into_iter().for_each(|doc| docs.insert(doc));
    }
    Ok(())
}

fn beginning(segment: &Segment, prefix: &[u8], docs: Docs) -> Result<Option<Docs>, IndexError> {
    walk(segment, prefix, docs, |_| true)
}

/// The documents of all terms that begin with `prefix` and whose rest is `fitting`.
fn walk(
    segment: &Segment,
    prefix: &[u8],
    mut docs: Docs,
    fitting: impl Fn(&[u8]) -> bool,
) -> Result<Option<Docs>, IndexError> {
    let (mut terms, mut cached, mut listed) = (segment.terms(prefix), None, 0);
    while terms.step()? {
        let Some(rest) = terms.term.strip_prefix(prefix) else { break };
        if !fitting(rest) {
            continue;
        }
        listed += terms.count;
        if listed > TOO_MANY * u64::from(segment.count()) {
            return Ok(None);
        }
        segment.docs(terms.list, &mut cached)?.into_iter().for_each(|doc| docs.insert(doc));
    }
    Ok(Some(docs))
}
