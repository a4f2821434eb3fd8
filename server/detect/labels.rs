//! The words that say what a number is, and where they stand in a text.

use std::ops::Range;
use std::sync::{Arc, LazyLock};

use crate::fold;
use crate::tree::Tree;
use crate::words;

/// The shipped list.
const SHIPPED: &str = include_str!("labels.txt");

/// What a label says of a number beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// It is a My Number.
    Strong,
    /// It is a My Number where the number itself follows, or where the label stands alone.
    Beside,
    /// The text is about tax, payroll or personnel.
    Weak,
    /// The number has twelve digits, of which not many kinds have.
    Twelve,
    /// A person's name is asked for.
    Person,
    /// A birth date is asked for.
    Birth,
    /// It is another number.
    Negative,
    /// It is another number, of a kind that never has twelve digits: it says so of what stands beside it only.
    Short,
    /// "Number", "No." and the like: with a word before it, another number's name.
    Number,
    /// Nothing: a longer word that holds a label.
    Neutral,
}

impl Kind {
    /// Whether it says of a number beside it what it is.
    pub(crate) fn decides(self) -> bool {
        matches!(self, Self::Strong | Self::Negative | Self::Short)
    }
}

/// The sections of a list by their names.
const SECTIONS: [(&str, Kind); 10] = [
    ("[strong]", Kind::Strong),
    ("[beside]", Kind::Beside),
    ("[weak]", Kind::Weak),
    ("[twelve]", Kind::Twelve),
    ("[person]", Kind::Person),
    ("[birth]", Kind::Birth),
    ("[negative]", Kind::Negative),
    ("[short]", Kind::Short),
    ("[number]", Kind::Number),
    ("[neutral]", Kind::Neutral),
];

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
    #[error(
        "line {0}: a section is one of [strong], [beside], [weak], [twelve], [person], [birth], [negative], [short], [number], [neutral]"
    )]
    Section(usize),
    /// The word in this line is a single character, or nothing but marks: it would be found everywhere.
    #[error("line {0}: a label has at least two letters")]
    Short(usize),
    /// The word in this line is longer than any label.
    #[error("line {0}: a label has at most {LONGEST} characters")]
    Long(usize),
    /// The word in this line holds a long number: labels name numbers and hold none.
    #[error("line {0}: a label holds no number of four or more digits")]
    Digits(usize),
    /// The list is too long to be searched for.
    #[error("a list has at most {MOST} labels")]
    TooMany,
}

impl types::Fault for LabelsError {
    fn kind(&self) -> types::Kind {
        types::Kind::Client
    }
}

/// Labels in one list at most.
const MOST: usize = 2_000;
/// Characters in one label at most.
const LONGEST: usize = 60;
/// So many digits are a number that does not belong into a list of words.
const DIGITS: usize = 4;

/// The labels that are looked for, cheap to clone. [`Labels::default`] is the shipped list.
#[derive(Clone)]
pub struct Labels(Arc<Tree>);

impl std::fmt::Debug for Labels {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Labels")
    }
}

impl Default for Labels {
    fn default() -> Self {
        // read once: a mail must not pay for it
        static READ: LazyLock<Labels> = LazyLock::new(|| Labels(Arc::new(Tree::new(&shipped()))));
        READ.clone()
    }
}

impl Labels {
    /// The shipped list with more words, in the same form: sections such as `[strong]`, one word a line, `#`
    /// for remarks. A word that the shipped list holds too takes the section of `more`.
    ///
    /// # Errors
    /// [`LabelsError`] for a word outside a section, an unknown section, a word that is too short, too many words.
    pub fn with(more: &str) -> Result<Self, LabelsError> {
        let more = entries(more)?;
        if more.len() > MOST {
            return Err(LabelsError::TooMany);
        }
        let mut all = shipped();
        all.extend(more.into_iter().map(|entry| (entry.kind, entry.folded)));
        Ok(Self(Arc::new(Tree::new(&all))))
    }

    /// The words of a list in the form of [`Labels::with`], each with the name of its section, without brackets.
    ///
    /// # Errors
    /// As [`Labels::with`].
    pub fn words(list: &str) -> Result<Vec<(&'static str, String)>, LabelsError> {
        let section = |kind| SECTIONS.iter().find(|(_, known)| *known == kind).map_or("", |(name, _)| *name);
        let word = |entry: Entry| (section(entry.kind).trim_matches(['[', ']']), entry.word);
        entries(list).map(|entries| entries.into_iter().map(word).collect())
    }

    /// The labels of the ranges of a text in order; the ranges are in order and apart.
    pub(crate) fn find(&self, text: &str, ranges: &[Range<usize>]) -> Vec<Label> {
        let mut out = Vec::new();
        for range in ranges {
            self.0.find(text, range.clone(), &mut out);
        }
        words::resolve(text, &mut out);
        out
    }

    /// Which labels a short text holds.
    pub(crate) fn seen(&self, text: &str) -> Seen {
        let whole = 0..text.len();
        let mut labels = Vec::new();
        self.0.find(text, whole, &mut labels);
        words::name_others(text, &mut labels);
        words::settle_title(text, &mut labels);
        let has = |kind| labels.iter().any(|label| label.kind == kind);
        let (strong, negative) = (has(Kind::Strong), has(Kind::Negative));
        Seen { strong: strong && !negative, weak: has(Kind::Weak), negative: negative && !strong }
    }
}

/// The shipped list, which a test reads whole.
fn shipped() -> Vec<(Kind, String)> {
    entries(SHIPPED).unwrap_or_default().into_iter().map(|entry| (entry.kind, entry.folded)).collect()
}

/// A line of a list.
struct Entry {
    kind: Kind,
    word: String,
    folded: String,
}

fn entries(text: &str) -> Result<Vec<Entry>, LabelsError> {
    let mut kind = None;
    let mut out = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if line.starts_with('[') {
            let section = SECTIONS.iter().find(|(name, _)| *name == line);
            kind = Some(section.ok_or(LabelsError::Section(at + 1))?.1);
            continue;
        }
        let kind = kind.ok_or(LabelsError::Section(at + 1))?;
        let folded = fold::folded(line);
        match folded.chars().count() {
            0 | 1 => return Err(LabelsError::Short(at + 1)),
            count if count.max(line.chars().count()) > LONGEST => return Err(LabelsError::Long(at + 1)),
            _ if folded.chars().filter(char::is_ascii_digit).count() >= DIGITS => {
                return Err(LabelsError::Digits(at + 1));
            }
            _ => out.push(Entry { kind, word: line.to_owned(), folded }),
        }
    }
    Ok(out)
}

/// Whether a label that begins with a Western letter and stands at `start..end` is a word of its own; a capital
/// letter begins a word in `employeeMyNumber`.
pub(crate) fn is_whole_word(text: &str, start: usize, end: usize) -> bool {
    let (head, word, tail) = (text.get(..start), text.get(start..end), text.get(end..));
    let before = head.and_then(|head| head.chars().next_back());
    let after = tail.and_then(|tail| tail.chars().next());
    let first = word.and_then(|word| word.chars().next());
    let last = word.and_then(|word| word.chars().next_back());
    let joined = |left: Option<char>, right: Option<char>| match (left, right) {
        (Some(left), Some(right)) if left.is_ascii_alphabetic() && right.is_ascii_alphabetic() => {
            !(left.is_ascii_lowercase() && right.is_ascii_uppercase())
        }
        _ => false,
    };
    !joined(before, first) && !joined(last, after)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str, labels: &Labels) -> Vec<Label> {
        let whole = 0..text.len();
        labels.find(text, &[whole])
    }

    fn kinds(text: &str) -> Vec<Kind> {
        all(text, &Labels::default()).iter().map(|label| label.kind).collect()
    }

    #[test]
    fn the_shipped_list_is_read() {
        assert!(entries(SHIPPED).is_ok_and(|all| all.len() > 200));
    }

    #[test]
    fn the_longest_word_counts_and_western_words_stand_alone() {
        assert_eq!(kinds("会社法人等番号 と 個 人 番 号"), [Kind::Negative, Kind::Strong]);
        assert_eq!(kinds("マイナンバー法"), [Kind::Neutral]);
        assert_eq!(kinds("border hotel showcase MyNumberx"), []);
        assert_eq!(kinds("MyNumber(1 order:2 TEL 3"), [Kind::Strong, Kind::Negative, Kind::Short]);
        assert_eq!(kinds("employeeMyNumber employee_my_number"), [Kind::Strong, Kind::Strong]);
        assert_eq!(kinds("個人\u{2028}番号 個人\n番号"), [Kind::Strong, Kind::Strong]);
    }

    #[test]
    fn a_company_adds_its_own_words() {
        let labels = Labels::with("[strong]\n職員識別子\n").unwrap();
        assert_eq!(all("職員識別子", &labels).len(), 1);
        assert_eq!(Labels::with("職員").err(), Some(LabelsError::Section(1)));
        assert_eq!(Labels::with("[odd]").err(), Some(LabelsError::Section(1)));
        assert_eq!(Labels::with("[strong]\nー番").err(), Some(LabelsError::Short(2)));
        assert_eq!(Labels::with("[weak]\n給与\n番号1234").err(), Some(LabelsError::Digits(3)));
        assert_eq!(Labels::with(&format!("[weak]\n{}", "長".repeat(61))).err(), Some(LabelsError::Long(2)));
        let words = Labels::words("# ours\n[strong]\n 職員識別子 \n[negative]\n帳票番号\n").unwrap();
        assert_eq!(words, [("strong", "職員識別子".to_owned()), ("negative", "帳票番号".to_owned())]);
        let other = Labels::with("[neutral]\n個人番号\n").unwrap();
        assert_eq!(all("個人番号", &other).first().map(|label| label.kind), Some(Kind::Neutral));
    }

    #[test]
    fn offsets_are_those_of_the_text() {
        let text = "は\nﾏｲﾅﾝﾊﾞ：1";
        let label = all(text, &Labels::default())[0];
        assert_eq!(&text[label.start..label.end], "ﾏｲﾅﾝﾊﾞ");
    }
}
