//! A tree of labels, and the walk over a text that finds the longest one at each place. It folds as it goes: no copy of
//! the text is made, and nearly every character is passed over by one look at a bitmap.

use std::ops::Range;

use crate::fold::fold;
use crate::labels::{Kind, Label, is_whole_word};

/// The characters that a label may begin with, as a bitmap over the basic plane.
type First = [u64; 1024];

struct Node {
    next: Vec<(char, u32)>,
    kind: Option<Kind>,
}

/// The labels, by their folded characters.
pub(crate) struct Tree {
    nodes: Vec<Node>,
    first: Box<First>,
}

/// The marks of a quoted reply and the indent at the beginning of a line.
const QUOTE: [char; 5] = ['>', '＞', '|', ' ', '\u{3000}'];
/// The most bytes of them.
const QUOTES: usize = 12;

impl Tree {
    /// Of folded labels; a later one replaces an equal earlier one.
    pub(crate) fn new(labels: &[(Kind, String)]) -> Self {
        let mut tree = Self { nodes: vec![Node { next: Vec::new(), kind: None }], first: Box::new([0; 1024]) };
        for (kind, label) in labels {
            tree.add(*kind, label);
        }
        tree
    }

    fn add(&mut self, kind: Kind, label: &str) {
        let mut at = 0;
        for c in label.chars() {
            at = match self.child(at, c) {
                Some(next) => next,
                None => {
                    let new = self.nodes.len();
                    self.nodes.push(Node { next: Vec::new(), kind: None });
                    if let (Some(node), Ok(new)) = (self.nodes.get_mut(at), u32::try_from(new)) {
                        node.next.push((c, new));
                        node.next.sort_unstable();
                    }
                    new
                }
            };
        }
        if let Some(node) = self.nodes.get_mut(at) {
            node.kind = Some(kind);
        }
        let code = label.chars().next().map_or(0, |c| u32::from(c) as usize);
        if let Some(bits) = self.first.get_mut(code / 64) {
            *bits |= 1 << (code % 64);
        }
    }

    fn child(&self, at: usize, c: char) -> Option<usize> {
        let next = &self.nodes.get(at)?.next;
        let place = next.binary_search_by_key(&c, |(key, _)| *key).ok()?;
        next.get(place).map(|(_, child)| *child as usize)
    }

    fn begins(&self, c: char) -> bool {
        let code = u32::from(c) as usize;
        self.first.get(code / 64).is_some_and(|bits| bits >> (code % 64) & 1 == 1)
    }

    /// Adds the labels that begin in the range, the longest at each place, none within another.
    pub(crate) fn find(&self, text: &str, range: Range<usize>, out: &mut Vec<Label>) {
        let bytes = text.as_bytes();
        let mut at = range.start;
        while at < range.end {
            let Some(&byte) = bytes.get(at) else { break };
            let size = match byte {
                0..=0x7F => 1,
                0x80..=0xDF => 2,
                0xE0..=0xEF => 3,
                _ => 4,
            };
            if self.may_begin(bytes, at, size)
                && let Some(label) = self.longest(text, at)
            {
                at = label.end.max(at + size);
                out.push(label);
            } else {
                at += size;
            }
        }
    }

    /// Judged by the bytes alone; what folds into something else is let through.
    fn may_begin(&self, bytes: &[u8], at: usize, size: usize) -> bool {
        let byte = |more: usize| u32::from(bytes.get(at + more).copied().unwrap_or_default());
        let code = match size {
            1 => {
                let letter = byte(0) as u8;
                return letter.is_ascii_alphabetic() && self.begins(char::from(letter.to_ascii_lowercase()));
            }
            3 => (byte(0) & 0xF) << 12 | (byte(1) & 0x3F) << 6 | byte(2) & 0x3F,
            _ => return false,
        };
        match code {
            0x3041..=0x3096 | 0x30A1..=0x30FA | 0x4E00..=0x9FFF => {
                self.first.get(code as usize / 64).is_some_and(|bits| bits >> (code % 64) & 1 == 1)
            }
            0xAC00..=0xD7A3 | 0x3200..=0x33FF | 0xF900..=0xFAFF | 0xFF21..=0xFF5A | 0xFF66..=0xFF9D => true,
            _ => false,
        }
    }

    /// The longest label that begins at `at`.
    fn longest(&self, text: &str, at: usize) -> Option<Label> {
        let western = text.as_bytes().get(at).is_some_and(u8::is_ascii);
        let (mut node, mut place) = (0, at);
        let mut best: Option<Label> = None;
        while let Some(folded) = fold(text, place) {
            let Some(next) = folded.chars().iter().try_fold(node, |node, &c| self.child(node, c)) else {
                match broken(text, place, western).filter(|_| place > at) {
                    Some(next) => place = next,
                    None => return best,
                }
                continue;
            };
            if folded.chars().is_empty() && text.get(place..).is_some_and(|rest| rest.starts_with(['ー', 'ｰ'])) {
                // the long vowel belongs to the word before it
                best = best
                    .map(|label: Label| if label.end == place { Label { end: folded.next, ..label } } else { label });
            }
            (node, place) = (next, folded.next);
            let kind = self.nodes.get(node).and_then(|node| node.kind).filter(|_| !folded.chars().is_empty());
            if let Some(kind) = kind.filter(|_| !western || is_whole_word(text, at, place)) {
                best = Some(Label { start: at, end: place, kind });
            }
        }
        best
    }
}

/// Behind a line break in the middle of a label, where it goes on: wrapping breaks Japanese words anywhere, and others
/// between two words.
fn broken(text: &str, at: usize, western: bool) -> Option<usize> {
    let fits = |c: char| if western { c.is_ascii_alphabetic() } else { !c.is_ascii() };
    let rest = text.get(at..)?;
    let line = rest.strip_prefix('\r').unwrap_or(rest).strip_prefix('\n')?;
    let start = line.trim_start_matches(QUOTE);
    let head = text.get(..at)?;
    let head = if western { head.trim_end_matches(' ') } else { head };
    let goes_on = head.chars().next_back().is_some_and(fits) && start.chars().next().is_some_and(fits);
    (goes_on && line.len() - start.len() <= QUOTES).then(|| text.len() - start.len())
}
