//! The words that say what a number is, and where they stand in a text.

use std::sync::{Arc, LazyLock};

use aho_corasick::{AhoCorasick, MatchKind};

use crate::fold::{self, Folded};

/// The shipped list.
const SHIPPED: &str = include_str!("labels.txt");

/// What a label says of a number beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// It is a My Number.
    Strong,
    /// The text is about tax, payroll or personnel.
    Weak,
    /// A person's name is asked for.
    Person,
    /// A birth date is asked for.
    Birth,
    /// It is another number.
    Negative,
    /// Nothing: a longer word that holds a label.
    Neutral,
}

/// A label in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Label {
    /// Byte offset of its first character.
    pub start: usize,
    /// Byte offset behind its last character.
    pub end: usize,
    /// What it says.
    pub kind: Kind,
}

/// Which kinds of labels a short text, such as a subject, holds.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Seen {
    /// A strong label, and no negative one.
    pub strong: bool,
    /// A weak label.
    pub weak: bool,
    /// A negative label, and no strong one.
    pub negative: bool,
}

impl Seen {
    /// Both together.
    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            strong: self.strong || other.strong,
            weak: self.weak || other.weak,
            negative: self.negative || other.negative,
        }
    }
}

/// Why a list of labels was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LabelsError {
    /// This line (counted from 1) stands before any section, or names a section that there is not.
    #[error("line {0}: a section is one of [strong], [weak], [person], [birth], [negative], [neutral]")]
    Section(usize),
    /// The list is too long to be searched for.
    #[error("the list of labels is too long")]
    TooLong,
}

impl types::Fault for LabelsError {
    fn kind(&self) -> types::Kind {
        types::Kind::Client
    }
}

/// The labels that are looked for, cheap to clone. [`Labels::default`] is the shipped list.
#[derive(Clone)]
pub struct Labels {
    search: Option<AhoCorasick>,
    entries: Arc<[(Kind, bool)]>,
}

impl Default for Labels {
    fn default() -> Self {
        // read once: a mail must not pay for it
        static READ: LazyLock<Labels> =
            LazyLock::new(|| Labels::parse(SHIPPED).unwrap_or(Labels { search: None, entries: Arc::from([]) }));
        READ.clone()
    }
}

impl Labels {
    /// The shipped list with more words, in the same form: sections such as `[strong]`, one word a line, `#`
    /// for remarks.
    ///
    /// # Errors
    /// [`LabelsError::Section`] for a word outside a section or an unknown section.
    pub fn with(more: &str) -> Result<Self, LabelsError> {
        Self::build(entries(SHIPPED)?.into_iter().chain(entries(more)?).collect())
    }

    fn parse(text: &str) -> Result<Self, LabelsError> {
        Self::build(entries(text)?)
    }

    fn build(words: Vec<(Kind, String)>) -> Result<Self, LabelsError> {
        let folded: Vec<(Kind, String)> = words
            .into_iter()
            .map(|(kind, word)| (kind, fold::folded(&word)))
            .filter(|(_, word)| !word.is_empty())
            .collect();
        let search = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(folded.iter().map(|(_, word)| word.as_str()))
            .map_err(|_| LabelsError::TooLong)?;
        let western = |word: &str| word.starts_with(|c: char| c.is_ascii_alphabetic());
        let entries = folded.iter().map(|(kind, word)| (*kind, western(word))).collect();
        Ok(Self { search: Some(search), entries })
    }

    /// The labels of a text in order. A label never goes over a line's end.
    pub(crate) fn find(&self, text: &str) -> Vec<Label> {
        let mut out = Vec::new();
        let mut folded = Folded::default();
        let mut offset = 0;
        for line in text.split_inclusive('\n') {
            // lines of nothing but digits and marks hold no word
            if line.bytes().any(|b| b.is_ascii_alphabetic() || b >= 0x80) {
                folded.fill(line, offset);
                self.find_in(&folded, text, &mut out);
            }
            offset += line.len();
        }
        out
    }

    fn find_in(&self, folded: &Folded, text: &str, out: &mut Vec<Label>) {
        let Some(search) = &self.search else { return };
        for hit in search.find_iter(&folded.text) {
            let Some(&(kind, western)) = self.entries.get(hit.pattern().as_usize()) else { continue };
            let start = folded.origin(hit.start());
            let last = folded.origin(hit.end().saturating_sub(1));
            let end = last + text.get(last..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
            if !western || is_whole_word(text, start, end) {
                out.push(Label { start, end, kind });
            }
        }
    }

    /// Which labels a short text holds.
    pub(crate) fn seen(&self, text: &str) -> Seen {
        let labels = self.find(text);
        let has = |kind| labels.iter().any(|label| label.kind == kind);
        let (strong, negative) = (has(Kind::Strong), has(Kind::Negative));
        Seen { strong: strong && !negative, weak: has(Kind::Weak), negative: negative && !strong }
    }
}

fn is_whole_word(text: &str, start: usize, end: usize) -> bool {
    let letter = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphabetic());
    !letter(text.get(..start).and_then(|head| head.chars().next_back()))
        && !letter(text.get(end..).and_then(|tail| tail.chars().next()))
}

fn entries(text: &str) -> Result<Vec<(Kind, String)>, LabelsError> {
    let mut kind = None;
    let mut out = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let line = line.trim();
        match line {
            "" => {}
            "[strong]" => kind = Some(Kind::Strong),
            "[weak]" => kind = Some(Kind::Weak),
            "[person]" => kind = Some(Kind::Person),
            "[birth]" => kind = Some(Kind::Birth),
            "[negative]" => kind = Some(Kind::Negative),
            "[neutral]" => kind = Some(Kind::Neutral),
            _ if line.starts_with('#') => {}
            _ => match kind {
                Some(kind) if !line.starts_with('[') => out.push((kind, line.to_owned())),
                _ => return Err(LabelsError::Section(at + 1)),
            },
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<Kind> {
        Labels::default().find(text).iter().map(|label| label.kind).collect()
    }

    #[test]
    fn the_shipped_list_is_read() {
        assert!(Labels::parse(SHIPPED).is_ok());
    }

    #[test]
    fn the_longest_word_counts_and_western_words_stand_alone() {
        assert_eq!(kinds("会社法人等番号 と 個 人 番 号"), [Kind::Negative, Kind::Strong]);
        assert_eq!(kinds("マイナンバー法"), [Kind::Neutral]);
        assert_eq!(kinds("border hotel showcase MyNumberX"), []);
        assert_eq!(kinds("MyNumber(1 order:2 TEL 3"), [Kind::Strong, Kind::Negative, Kind::Negative]);
    }

    #[test]
    fn a_company_adds_its_own_words() {
        let labels = Labels::with("[strong]\n職員識別子\n").unwrap();
        assert_eq!(labels.find("職員識別子").len(), 1);
        assert_eq!(Labels::with("職員").err(), Some(LabelsError::Section(1)));
        assert_eq!(Labels::with("[odd]").err(), Some(LabelsError::Section(1)));
    }

    #[test]
    fn offsets_are_those_of_the_text() {
        let text = "は\nﾏｲﾅﾝﾊﾞｰ：1";
        let label = Labels::default().find(text)[0];
        assert_eq!(&text[label.start..label.end], "ﾏｲﾅﾝﾊﾞｰ");
    }
}
