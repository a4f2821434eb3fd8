//! In which documents a term stands: numbers of documents in a segment, ascending, in the fewest bytes.

use crate::varint::{self, Cursor};

/// A set of documents of a segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Docs {
    words: Vec<u64>,
    count: u32,
}

impl Docs {
    /// None of `count` documents.
    pub(crate) fn none(count: u32) -> Self {
        Self { words: vec![0; (count as usize).div_ceil(64)], count }
    }
    /// All of `count` documents.
    pub(crate) fn all(count: u32) -> Self {
        let mut docs = Self::none(count);
        (0..count).for_each(|doc| docs.insert(doc));
        docs
    }
    /// Memory of it.
    pub(crate) fn bytes(&self) -> usize {
        self.words.len() * 8
    }
    pub(crate) fn insert(&mut self, doc: u32) {
        if doc < self.count
            && let Some(word) = self.words.get_mut(doc as usize / 64)
        {
            *word |= 1 << (doc % 64);
        }
    }
    pub(crate) fn contains(&self, doc: u32) -> bool {
        self.words.get(doc as usize / 64).is_some_and(|word| word & (1 << (doc % 64)) != 0)
    }
    /// Leaves those that are in both.
    pub(crate) fn keep(&mut self, other: &Self) {
        self.words.iter_mut().zip(&other.words).for_each(|(word, other)| *word &= other);
    }
    pub(crate) fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }
}

const DELTAS: u8 = 0;
const BITMAP: u8 = 1;

/// Writes ascending numbers below `count`: as differences, or as a bitmap where that is shorter.
pub(crate) fn write(docs: &[u32], count: u32) -> Vec<u8> {
    let mut out = vec![DELTAS];
    let mut last = 0;
    for doc in docs {
        varint::put(&mut out, u64::from(doc - last));
        last = *doc;
    }
    let bitmap = (count as usize).div_ceil(8);
    if out.len() <= bitmap {
        return out;
    }
    let mut out = vec![0; 1 + bitmap];
    if let Some((kind, bits)) = out.split_first_mut() {
        *kind = BITMAP;
        for doc in docs {
            if let Some(byte) = bits.get_mut(*doc as usize / 8) {
                *byte |= 1 << (doc % 8);
            }
        }
    }
    out
}

/// Reads what [`write`] wrote.
pub(crate) fn read(bytes: &[u8]) -> Vec<u32> {
    match bytes.split_first() {
        Some((&BITMAP, bits)) => {
            let bits = bits
                .iter()
                .enumerate()
                .flat_map(|(at, byte)| (0..8).filter(move |bit| byte & (1 << bit) != 0).map(move |bit| at * 8 + bit));
            bits.filter_map(|doc| u32::try_from(doc).ok()).collect()
        }
        Some((_, deltas)) => {
            let (mut cursor, mut last, mut out) = (Cursor(deltas), 0u32, Vec::new());
            while let Some(delta) = cursor.number().and_then(|delta| u32::try_from(delta).ok()) {
                last = last.saturating_add(delta);
                out.push(last);
            }
            out
        }
        None => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn lists_come_back(docs in proptest::collection::btree_set(0u32..2_000, 0..300)) {
            let docs: Vec<u32> = docs.into_iter().collect();
            prop_assert_eq!(read(&write(&docs, 2_000)), docs.clone());
            let mut set = Docs::none(2_000);
            docs.iter().for_each(|doc| set.insert(*doc));
            prop_assert!((0..2_100).all(|doc| set.contains(doc) == docs.contains(&doc)));
        }
    }

    #[test]
    fn what_stands_nearly_everywhere_takes_a_bit_a_document() {
        let docs: Vec<u32> = (0..1_000).collect();
        assert_eq!(write(&docs, 1_000).len(), 1 + 125);
        assert_eq!(write(&[3], 1_000).len(), 2);
    }
}
