//! Documents on their way into a segment.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use types::RecordId;

use crate::IndexError;
use crate::document::{Document, Hasher, LONGEST_TEXT, Prepared, Veil, prepare};
use crate::segment::Written;
use crate::segment::{LONG, UNSURE, VEILED, Vault, Writer};
use crate::tokens::{DIGITS, Zone, terms};

struct Taken {
    record: RecordId,
    marks: u8,
    head: Vec<u8>,
    body: Vec<u8>,
}

/// Documents of one tenant and month, ascending by record.
pub(crate) struct Batch {
    hasher: Hasher,
    taken: Vec<Taken>,
    terms: HashMap<Vec<u8>, Vec<u32>>,
    bytes: usize,
}

impl Batch {
    pub(crate) fn new(hasher: Hasher) -> Self {
        Self { hasher, taken: Vec::new(), terms: HashMap::new(), bytes: 0 }
    }
    /// Memory used, bytes, about.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }
    pub(crate) fn is_empty(&self) -> bool {
        self.taken.is_empty()
    }

    /// Takes the next document in; `false` when it is too long to be indexed.
    pub(crate) fn add(&mut self, record: RecordId, document: &Document) -> Result<bool, IndexError> {
        let texts = document.texts.iter().chain(document.fields.iter().map(|(_, value)| value));
        if texts.map(|passage| passage.text.len()).sum::<usize>() > LONGEST_TEXT {
            return Ok(false);
        }
        let prepared = prepare(document, &self.hasher);
        let number = u32::try_from(self.taken.len()).map_err(|_| IndexError::Failed("too many documents"))?;
        let mut marks = match prepared.veil {
            Veil::None => 0,
            Veil::Digits => VEILED,
            Veil::More => VEILED | UNSURE,
        };
        if self.index(&prepared, number) {
            marks |= LONG;
        }
        let failed = |_| IndexError::Failed("a document cannot be written");
        let head = postcard::to_allocvec(&prepared.kept.fields).map_err(failed)?;
        let body = postcard::to_allocvec(&prepared.kept.texts).map_err(failed)?;
        self.bytes += head.len() + body.len();
        self.taken.push(Taken { record, marks, head, body });
        Ok(true)
    }

    /// Puts the terms of the document down; whether a word was too long.
    fn index(&mut self, prepared: &Prepared, number: u32) -> bool {
        let mut seen: HashSet<Vec<u8>> = HashSet::new();
        let mut too_long = false;
        let mut note = |term: &[u8]| {
            if !seen.contains(term) {
                seen.insert(term.to_vec());
            }
        };
        for (_, value) in &prepared.kept.fields {
            too_long |= terms(value, Zone::Head, &mut note);
        }
        for text in &prepared.kept.texts {
            too_long |= terms(text, Zone::Body, &mut note);
        }
        for hash in &prepared.hashes {
            let mut term = vec![DIGITS];
            term.extend_from_slice(hash);
            note(&term);
        }
        for term in seen {
            self.bytes += 4;
            match self.terms.get_mut(&term) {
                Some(docs) => docs.push(number),
                None => {
                    self.bytes += term.len() + 64;
                    self.terms.insert(term, vec![number]);
                }
            }
        }
        too_long
    }

    /// Writes the segment.
    pub(crate) fn write(self, path: &Path, vault: Vault) -> Result<Written, IndexError> {
        let mut writer = Writer::create(path, vault)?;
        for taken in &self.taken {
            writer.document(taken.record, taken.marks, &taken.head, &taken.body)?;
        }
        let mut terms: Vec<(Vec<u8>, Vec<u32>)> = self.terms.into_iter().collect();
        terms.sort_unstable();
        for (term, docs) in &terms {
            writer.term(term, docs)?;
        }
        writer.finish()
    }
}
