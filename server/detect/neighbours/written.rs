//! Groups of digits that may be one number, with what stands before and behind them on their line.

use crate::digits::{Script, Separator};
use crate::groups::{Gap, Group};
use crate::shapes::values;

/// The most groups of one number.
pub(super) const GROUPS: usize = 4;
/// The most digits of one number.
const DIGITS: usize = 19;
/// Words are looked for so far before a number, bytes.
const BEFORE: usize = 120;
/// A longer row has no heading, bytes.
const ROW: usize = 2_000;
/// And so far behind it.
const BEHIND: usize = 90;

/// One way to write a number.
pub(super) struct Written<'a> {
    text: &'a str,
    /// Byte offset of its first digit.
    pub start: usize,
    /// Byte offset behind its last digit.
    pub end: usize,
    /// The values of its digits.
    pub digits: Vec<u8>,
    /// The lengths of its groups.
    pub lens: Vec<usize>,
    /// What stands before it on its line, of limited length.
    pub before: &'a str,
    /// What stands behind it on its line.
    pub behind: &'a str,
}

impl<'a> Written<'a> {
    /// The `count` groups from `at` on, where they are tied together and nothing ties them to more.
    pub fn new(text: &'a str, groups: &[Group], gaps: &[Gap], at: usize, count: usize) -> Option<Self> {
        let own = groups.get(at..at + count)?;
        let total: usize = own.iter().map(|group| group.len).sum();
        if !(3..=DIGITS).contains(&total) || own.iter().any(|group| group.script == Script::Kanji) {
            return None;
        }
        // hardly any number alone is one: only the sign of an insurance card is shorter
        if count == 1 && !(7..=16).contains(&total) && !ends_with_sign(text.get(..own.first()?.start)?) {
            return None;
        }
        let inner = gaps.get(at..at + count - 1)?;
        if !inner.iter().all(|gap| matches!(kind(Some(gap)), Some(kind) if kind != Separator::Cell)) {
            return None;
        }
        let spaced = inner.iter().any(|gap| kind(Some(gap)) == Some(Separator::Space));
        let tied = |gap: Option<&Gap>| match kind(gap) {
            Some(Separator::Space) => spaced,
            Some(Separator::Hyphen | Separator::Dot | Separator::Bracket) => true,
            _ => false,
        };
        if tied(at.checked_sub(1).and_then(|before| gaps.get(before))) || tied(gaps.get(at + count - 1)) {
            return None;
        }
        let (start, end) = (own.first()?.start, own.last()?.end);
        let digits = own.iter().flat_map(|group| values(text, group)).collect();
        let lens = own.iter().map(|group| group.len).collect();
        let head = text.get(text.floor_char_boundary(start.saturating_sub(BEFORE))..start)?;
        let before = head.rsplit('\n').next().unwrap_or_default();
        let tail = text.get(end..text.floor_char_boundary((end + BEHIND).min(text.len())))?;
        let behind = tail.split('\n').next().unwrap_or_default();
        Some(Self { text, start, end, digits, lens, before, behind })
    }

    /// Whether no letter is glued to it.
    pub fn is_free(&self) -> bool {
        let letter = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        !letter(self.before.chars().next_back()) && !letter(self.behind.chars().next())
    }

    /// Whether one of the words stands shortly before it, or heads its column.
    pub fn is_named(&self, words: &[&str]) -> bool {
        let holds = |text: &str| {
            let lower = text.to_lowercase();
            words.iter().any(|word| lower.contains(word))
        };
        holds(self.before) || self.heading().is_some_and(holds)
    }

    /// The first cell of its column.
    fn heading(&self) -> Option<&'a str> {
        if !self.before.contains(crate::CELL) && !self.behind.contains(crate::CELL) {
            return None;
        }
        let near = self.text.get(self.text.floor_char_boundary(self.start.saturating_sub(ROW))..self.start)?;
        let column = near.rsplit_once('\n')?.1.matches(crate::CELL).count();
        let first = self.text.get(..self.text.floor_char_boundary(ROW.min(self.text.len())))?;
        first.lines().next()?.split(crate::CELL).nth(column)
    }
}

/// Whether the sign of an insurance card is asked for.
pub(super) fn ends_with_sign(before: &str) -> bool {
    before.trim_end_matches([' ', '　', ':', '：']).ends_with("記号")
}

/// The separator of a gap within a line.
fn kind(gap: Option<&Gap>) -> Option<Separator> {
    match gap {
        Some(Gap::Join { separator, line: false, .. }) => Some(*separator),
        _ => None,
    }
}
