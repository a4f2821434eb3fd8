//! Groups of digits that may be one number, with what stands before and behind them on their line.

use std::borrow::Cow;
use std::cell::OnceCell;

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
/// [`crate::CELL`] as a byte.
const BORDER: u8 = crate::CELL as u8;
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
    /// What stands before it and above it, in lower case, once it is asked for: several kinds ask.
    about: OnceCell<(Cow<'a, str>, Option<Cow<'a, str>>)>,
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
        let before = last_line(head);
        let tail = text.get(end..text.floor_char_boundary((end + BEHIND).min(text.len())))?;
        let behind = first_line(tail);
        Some(Self { text, start, end, digits, lens, before, behind, about: OnceCell::new() })
    }

    /// Whether no letter is glued to it.
    pub fn is_free(&self) -> bool {
        let letter = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        !letter(self.before.chars().next_back()) && !letter(self.behind.chars().next())
    }

    /// Whether one of the words stands shortly before it, or heads its column.
    pub fn is_named(&self, words: &[&str]) -> bool {
        let (before, heading) = self.about.get_or_init(|| (lower(self.before), self.heading().map(lower)));
        let holds = |text: &str| words.iter().any(|word| text.contains(word));
        holds(before) || heading.as_deref().is_some_and(holds)
    }

    /// The first cell of its column.
    fn heading(&self) -> Option<&'a str> {
        if !self.before.contains(crate::CELL) && !self.behind.contains(crate::CELL) {
            return None;
        }
        let near = self.text.get(self.text.floor_char_boundary(self.start.saturating_sub(ROW))..self.start)?;
        let row = near.get(memchr::memrchr(b'\n', near.as_bytes())? + 1..)?;
        let column = memchr::memchr_iter(BORDER, row.as_bytes()).count();
        let first = self.text.get(..self.text.floor_char_boundary(ROW.min(self.text.len())))?;
        cell(first_line(first), column)
    }
}

/// What of a text stands on its first line.
fn first_line(text: &str) -> &str {
    memchr::memchr(b'\n', text.as_bytes()).and_then(|end| text.get(..end)).unwrap_or(text)
}

/// The cell of a row in this column, counted from 0.
fn cell(row: &str, column: usize) -> Option<&str> {
    let mut borders = memchr::memchr_iter(BORDER, row.as_bytes());
    let start = match column.checked_sub(1) {
        Some(before) => borders.nth(before)? + 1,
        None => 0,
    };
    row.get(start..borders.next().unwrap_or(row.len()))
}

/// What of a text stands on its last line.
fn last_line(text: &str) -> &str {
    let start = memchr::memrchr(b'\n', text.as_bytes()).map_or(0, |at| at + 1);
    text.get(start..).unwrap_or_default()
}

/// A text in lower case, or nothing when it holds no letter and so no word. Most hold no capitals, and are left as
/// they are.
fn lower(text: &str) -> Cow<'_, str> {
    if !text.bytes().any(|byte| byte.is_ascii_alphabetic() || !byte.is_ascii()) {
        return Cow::Borrowed("");
    }
    // ASCII without capitals; what follows a first byte; U+3000 to U+9FFF, where no letter has two forms
    let plain = |byte: u8| matches!(byte, 0..=b'@' | b'['..=0xbf | 0xe3..=0xe9);
    if text.bytes().all(plain) { Cow::Borrowed(text) } else { Cow::Owned(text.to_lowercase()) }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_found_by_their_columns() {
        let cells = |row| [0, 1, 2, 3].map(|column| cell(row, column));
        assert_eq!(cells("a\u{1f}\u{1f}b"), [Some("a"), Some(""), Some("b"), None]);
        assert_eq!(cells(""), [Some(""), None, None, None]);
        assert_eq!((first_line("a\nb"), first_line("a"), last_line("a\nb"), last_line("a")), ("a", "a", "b", "a"));
    }

    #[test]
    fn capitals_of_every_script_are_lowered() {
        assert_eq!(lower("12-3\u{1f}4"), "", "no word is looked for among digits");
        for text in ["TEL", "電話", "ＴＥＬ ｶｰﾄﾞ", "Ärzte Ж Σ", "㍻ 〒 ㊙", "", "tel 03"] {
            assert_eq!(lower(text), text.to_lowercase(), "{text}");
        }
        for c in (0x3000..=0x9fff_u32).filter_map(char::from_u32) {
            assert_eq!(lower(c.encode_utf8(&mut [0; 4])), c.to_lowercase().collect::<String>());
        }
    }
}
