//! The digits of a text as groups, and what stands between two groups.

use crate::digits::{self, Script, Separator};

/// Digits that stand together, nothing visible between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Group {
    /// Byte offset of the first digit.
    pub start: usize,
    /// Byte offset behind the last digit and what invisible follows it.
    pub end: usize,
    /// How many digits.
    pub len: usize,
    /// How they are written.
    pub script: Script,
}

/// What stands between two groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gap {
    /// Something that ends a number.
    Break,
    /// Something that may stand inside a number.
    Join {
        /// The separator that counts.
        separator: Separator,
        /// Whether there is a line break as well.
        line: bool,
        /// Whether it is one character.
        single: bool,
    },
}

/// The most separators in one gap.
const GAP_CHARS: usize = 3;
/// The most spaces at the start of a line that goes on with a number.
const INDENT: usize = 40;
/// Kanji numerals in shorter groups are words and amounts.
const KANJI_LEAST: usize = 4;
/// The longest gap that is looked at, bytes.
const GAP_BYTES: usize = 192;

/// All groups of the text, in order.
pub(crate) fn groups(text: &str) -> Vec<Group> {
    let mut out = Vec::new();
    let mut at = 0;
    let bytes = text.as_bytes();
    while at < bytes.len() {
        let skip = skipped(bytes, at);
        if skip > 0 {
            at += skip;
            continue;
        }
        match text.get(at..).and_then(|rest| rest.chars().next()) {
            Some(c) if digits::digit(c).is_some() => {}
            Some(c) => {
                at += c.len_utf8();
                continue;
            }
            None => break,
        }
        let group = group(text, at);
        at = group.end.max(at + 1);
        if group.script != Script::Kanji || group.len >= KANJI_LEAST {
            out.push(group);
        }
    }
    out
}

/// Bytes that are surely no digit, judged by the first bytes of the character alone: most of any text is passed
/// over in this way. 0 where the character must be looked at.
fn skipped(bytes: &[u8], at: usize) -> usize {
    let byte = |more: usize| bytes.get(at + more).copied().unwrap_or_default();
    let digit = match byte(0) {
        b'0'..=b'9' => return 0,
        0..=0x7F => return 1,
        // 〇, and the circled and bracketed kanji; the rest is punctuation, hiragana, katakana
        0xE3 => match byte(1) {
            0x80 => byte(2) == 0x87,
            0x88..=0x8B => true,
            _ => false,
        },
        // the second bytes of 一七三九二五伍, 八六四壱壹参參弐, 捌漆, 玖, 肆貳, 陸零
        0xE4 => matches!(byte(1), 0xB8..=0xBA | 0xBC),
        0xE5 => matches!(byte(1), 0x85 | 0x8F | 0x9B | 0xA3 | 0xBC),
        0xE6 => matches!(byte(1), 0x8D | 0xBC),
        0xE7 => byte(1) == 0x8E,
        0xE8 => matches!(byte(1), 0x82 | 0xB2),
        0xE9 => matches!(byte(1), 0x99 | 0x9B),
        // full-width digits
        0xEF => byte(1) == 0xBC && matches!(byte(2), 0x90..=0x99),
        _ => return 0,
    };
    if digit { 0 } else { 3 }
}

/// The group that begins at `start`. Kanji numerals do not mix with other digits.
fn group(text: &str, start: usize) -> Group {
    let bytes = text.as_bytes().get(start..).unwrap_or_default();
    let western = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let end = start + western;
    let mut group = Group { start, end, len: western, script: Script::Plain };
    if western > 0 && bytes.get(western).is_none_or(u8::is_ascii) {
        return group;
    }
    for c in text.get(end..).unwrap_or_default().chars() {
        match digits::digit(c) {
            Some((_, script)) => {
                if group.len > 0 && (script == Script::Kanji) != (group.script == Script::Kanji) {
                    break;
                }
                if script != Script::Plain {
                    group.script = script;
                }
                group.len += 1;
            }
            None if digits::is_invisible(c) => {}
            None => break,
        }
        group.end += c.len_utf8();
    }
    group
}

/// What stands between two neighbouring groups.
pub(crate) fn gap(text: &str, left: &Group, right: &Group) -> Gap {
    let between = text.get(left.end..right.start).unwrap_or_default();
    match between.as_bytes() {
        [byte] if byte.is_ascii() && *byte != b'\n' => return lone(char::from(*byte)),
        bytes if begins_word(bytes) || bytes.len() > GAP_BYTES => return Gap::Break,
        [b'\n'] => return Gap::Join { separator: Separator::Line, line: true, single: false },
        // a field that ends here, and words in the next
        [b',' | b'|' | b';' | b'\t' | b'\x1f', rest @ ..] if begins_word(rest) => return Gap::Break,
        bytes if bytes.iter().any(u8::is_ascii_alphabetic) => return Gap::Break,
        _ => {}
    }
    let plain = left.script != Script::Kanji && right.script != Script::Kanji;
    read_gap(between, plain).unwrap_or(Gap::Break)
}

/// The gap of one character.
fn lone(c: char) -> Gap {
    match digits::separator(c) {
        Some(separator) => Gap::Join { separator, line: false, single: true },
        None => Gap::Break,
    }
}

/// Whether the text begins with a letter, kana or kanji that no gap holds, judged by bytes alone.
fn begins_word(bytes: &[u8]) -> bool {
    match bytes {
        [b'A'..=b'Z' | b'a'..=b'z' | b':' | b';' | b'!' | b'?' | b'%' | b'=' | b'"' | b'\'', ..] => true,
        // the long vowel mark and the middle dot are katakana too
        [0xE3, 0x81 | 0x82, ..] => true,
        // 一 (E4 B8 80) looks like a dash
        [0xE4, second, ..] => *second != 0xB8,
        [0xE5..=0xE9, ..] => true,
        _ => false,
    }
}

fn read_gap(between: &str, plain: bool) -> Option<Gap> {
    let (before, after) = match between.split_once(['\n', '\u{2028}', '\u{2029}']) {
        Some((before, after)) => (before.trim_end_matches('\r'), Some(unquoted(after)?)),
        None => (between, None),
    };
    let mut seen = Marks { plain, ..Marks::default() };
    before.chars().try_for_each(|c| seen.take(c))?;
    after.unwrap_or_default().chars().try_for_each(|c| seen.take(c))?;
    seen.gap(after.is_some())
}

/// What follows a line break, without the marks of a quoted reply and the indent.
fn unquoted(line: &str) -> Option<&str> {
    let marked = line.trim_start_matches(['>', '＞', '｜', '|', ' ']);
    let quoted = marked.len() < line.trim_start_matches(' ').len();
    let rest = if quoted { marked } else { line };
    let text = rest.trim_start_matches([' ', '\t', '\u{3000}']);
    let indent = rest.chars().count() - text.chars().count();
    (indent <= INDENT).then_some(text)
}

/// The separators of one gap.
#[derive(Default)]
struct Marks {
    plain: bool,
    count: usize,
    kind: Option<Separator>,
    spaces: usize,
    closed: bool,
    opened: bool,
}

impl Marks {
    fn take(&mut self, c: char) -> Option<()> {
        if digits::is_invisible(c) {
            return Some(());
        }
        self.count += 1;
        if let Some(opening) = digits::bracket(c) {
            // one closing, then one opening
            if opening != self.closed || self.opened {
                return None;
            }
            self.closed = true;
            self.opened = opening;
            return Some(());
        }
        let kind = match digits::separator(c) {
            Some(kind) => kind,
            // looks like a dash between Western digits
            None if c == '一' && self.plain => Separator::Hyphen,
            None => return None,
        };
        if kind == Separator::Space {
            self.spaces += 1;
        } else if self.kind.is_none_or(|known| known == kind) {
            self.kind = Some(kind);
        } else {
            return None;
        }
        Some(())
    }

    fn gap(&self, line: bool) -> Option<Gap> {
        if self.count > GAP_CHARS || self.closed != self.opened {
            return None;
        }
        let separator = match (self.kind, self.opened, self.spaces > 0, line) {
            (Some(_), true, ..) => return None,
            (Some(kind), ..) => kind,
            (None, true, ..) => Separator::Bracket,
            (None, _, _, true) => Separator::Line,
            (None, _, true, _) => Separator::Space,
            // nothing in between: kanji beside other digits
            _ => return None,
        };
        Some(Gap::Join { separator, line, single: self.count == 1 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lens(text: &str) -> Vec<usize> {
        groups(text).iter().map(|group| group.len).collect()
    }

    fn only_gap(text: &str) -> Gap {
        let groups = groups(text);
        gap(text, &groups[0], &groups[1])
    }

    #[test]
    fn invisible_characters_do_not_split_groups() {
        assert_eq!(lens("12\u{200b}34\u{ad}5"), [5]);
        assert_eq!(lens("1\u{fe0f}\u{20e3}2\u{fe0f}\u{20e3}"), [2]);
        assert_eq!(lens("12 345年6"), [2, 3, 1]);
        assert_eq!(lens("一つ 二〇二六 12"), [4, 2]);
    }

    #[test]
    fn no_digit_is_passed_over() {
        for c in (0..=0x10_FFFF).filter_map(char::from_u32).filter(|&c| digits::digit(c).is_some()) {
            assert_eq!(skipped(c.to_string().as_bytes(), 0), 0, "{c}");
        }
        for c in ['ぁ', '、', '株', 'カ', '（'] {
            assert_eq!(skipped(c.to_string().as_bytes(), 0), 3, "{c}");
        }
    }

    #[test]
    fn gaps_of_one_character_are_as_long_ones_are_read() {
        for c in (0..0x80).map(char::from).filter(|c| !c.is_ascii_digit() && *c != '\n') {
            assert_eq!(lone(c), read_gap(&c.to_string(), true).unwrap_or(Gap::Break), "{c:?}");
        }
    }

    #[test]
    fn no_separator_begins_a_word() {
        let separating =
            |c: char| digits::separator(c).is_some() || digits::bracket(c).is_some() || digits::is_invisible(c);
        for c in (0..=0x10_FFFF)
            .filter_map(char::from_u32)
            .filter(|&c| separating(c) || digits::is_line_break(c) || c == '一')
        {
            assert!(!begins_word(c.to_string().as_bytes()), "{c}");
        }
    }

    #[test]
    fn gaps_are_told_apart() {
        let join = |separator, line, single| Gap::Join { separator, line, single };
        for (text, want) in [
            ("1-2", join(Separator::Hyphen, false, true)),
            ("1ー2", join(Separator::Hyphen, false, true)),
            ("1一2", join(Separator::Hyphen, false, true)),
            ("1 - 2", join(Separator::Hyphen, false, false)),
            ("1\u{3000}2", join(Separator::Space, false, true)),
            ("1)(2", join(Separator::Bracket, false, false)),
            ("1」「2", join(Separator::Bracket, false, false)),
            ("1\r\n2", join(Separator::Line, true, false)),
            ("1\n> > 2", join(Separator::Line, true, false)),
            ("1-\n> 2", join(Separator::Hyphen, true, true)),
            ("1\u{1f}2", join(Separator::Cell, false, true)),
            ("1\n\n2", Gap::Break),
            ("1 -- - 2", Gap::Break),
            ("1年2", Gap::Break),
            ("1(2", Gap::Break),
            ("1\n      2", join(Separator::Line, true, false)),
            (format!("1\n{}2", " ".repeat(41)).as_str(), Gap::Break),
        ] {
            assert_eq!(only_gap(text), want, "{text:?}");
        }
    }
}
