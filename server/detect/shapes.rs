//! Candidates: the groups of digits that have the shape of a My Number. Only whole groups count, never a
//! window in a longer run, never three of four equal groups.

use crate::check;
use crate::digits::{self, Script, Separator};
use crate::groups::{self, Gap, Group};

/// The shape a candidate is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Twelve digits in one group.
    Run,
    /// Four, four and four with the same separator.
    Fours,
    /// Any other grouping of exactly twelve digits: only a label makes it a number.
    Odd,
    /// A cell of 10 or 11 digits that may have lost its zeros: only a label or its column makes it one.
    Padded,
}

/// Twelve digits that could be a My Number.
#[derive(Clone)]
pub(crate) struct Candidate {
    /// Byte offset of the first digit.
    pub start: usize,
    /// Byte offset behind the last digit.
    pub end: usize,
    /// The values of the digits.
    pub digits: [u8; 12],
    /// How they are grouped.
    pub shape: Shape,
    /// Whether they are written in kanji, circled, or the like.
    pub unusual: bool,
    /// Whether the check digit is right.
    pub passes: bool,
    /// Whether it needs a label: what stands beside it makes it part of something else.
    pub doubtful: bool,
}

/// The candidates of a text in order, without overlaps of a better shape by a worse.
pub(crate) fn candidates(text: &str) -> Vec<Candidate> {
    if text.len() < 10 {
        return Vec::new();
    }
    let groups = groups::groups(text);
    let gaps: Vec<Gap> = groups.windows(2).map(|pair| gap(text, pair)).collect();
    let holds = |mark: char| u8::try_from(mark).is_ok_and(|mark| memchr::memchr(mark, text.as_bytes()).is_some());
    let marked = holds(crate::NUMBER);
    let table = marked || holds(crate::CELL);
    let mut scan = Scan { text, groups: &groups, gaps: &gaps, table, marked, several: 0, out: Vec::new() };
    for at in 0..groups.len() {
        scan.at(at);
    }
    scan.out
}

/// A group that counts something (年, 円 …) does not belong to the digits before it.
fn gap(text: &str, pair: &[Group]) -> Gap {
    let [left, right] = pair else { return Gap::Break };
    let gap = groups::gap(text, left, right);
    if gap == Gap::Break {
        return gap;
    }
    match text.get(right.end..).and_then(|rest| rest.chars().next()) {
        Some('年' | '月' | '日' | '時' | '分' | '円' | '歳' | '才' | '名' | '人' | '件' | '個' | '%' | '％')
            if right.len != 12 =>
        {
            Gap::Break
        }
        _ => gap,
    }
}

struct Scan<'a> {
    text: &'a str,
    groups: &'a [Group],
    gaps: &'a [Gap],
    table: bool,
    /// Whether the text says which cells hold numbers; else any cell may.
    marked: bool,
    /// Up to this group several numbers stand in one row.
    several: usize,
    out: Vec<Candidate>,
}

impl Scan<'_> {
    /// Adds the best candidate that begins with group `at`.
    fn at(&mut self, at: usize) {
        let Some(first) = self.groups.get(at) else { return };
        if self.out.last().is_some_and(|last| last.start <= first.start && first.start < last.end) {
            return;
        }
        let found = match first.len {
            12 => self.run(at),
            4 => self.fours(at).or_else(|| self.of_several(at)).or_else(|| self.odd(at)),
            10 | 11 if self.table => self.padded(first).or_else(|| self.odd(at)),
            1..=11 => self.odd(at),
            _ => None,
        };
        self.out.extend(found);
    }

    fn join(&self, at: Option<usize>) -> Option<(Separator, bool, bool)> {
        match self.gaps.get(at?)? {
            Gap::Join { separator, line, single } => Some((*separator, *line, *single)),
            Gap::Break => None,
        }
    }

    /// The gap before group `at`, with the length of the group on its other side.
    fn before(&self, at: usize) -> Option<(Separator, bool, usize)> {
        let (separator, _, single) = self.join(at.checked_sub(1))?;
        Some((separator, single, self.groups.get(at - 1)?.len))
    }

    fn after(&self, last: usize) -> Option<(Separator, bool, usize)> {
        let (separator, _, single) = self.join(Some(last))?;
        Some((separator, single, self.groups.get(last + 1)?.len))
    }

    fn run(&self, at: usize) -> Option<Candidate> {
        let mut found = self.candidate(at, at, Shape::Run)?;
        let tight = |(separator, single, _): (Separator, bool, usize)| {
            single && matches!(separator, Separator::Hyphen | Separator::Dot | Separator::Slash)
        };
        let part_of_more = self.before(at).is_some_and(tight) || self.after(at).is_some_and(tight);
        found.doubtful = part_of_more || self.coded(found.start) || check::is_phone_abroad(&found.digits);
        Some(found)
    }

    fn fours(&self, at: usize) -> Option<Candidate> {
        let last = at + 2;
        let same_len = self.groups.get(at..=last)?.iter().all(|group| group.len == 4);
        let (first_gap, line, _) = self.join(Some(at))?;
        let (second_gap, second_line, _) = self.join(Some(at + 1))?;
        let regular = same_len && first_gap == second_gap && !line && !second_line && first_gap != Separator::Cell;
        // "8804  3143 8810": two spaces part fields where one stands within a number
        let fields = first_gap == Separator::Space && self.mark(Some(at)) != self.mark(Some(at + 1));
        if !regular || fields {
            return None;
        }
        if self.in_row(at, last) {
            return None;
        }
        let mut found = self.candidate(at, last, Shape::Fours)?;
        found.doubtful = self.is_corporate(at, &found.digits) || self.years(at, last) || self.coded(found.start);
        Some(found)
    }

    /// Whether the groups beside make the three part of something longer: a card, a row of amounts, a code.
    fn in_row(&self, at: usize, last: usize) -> bool {
        let Some(own) = self.join(Some(at)) else { return false };
        let beside = |gap: Option<usize>, group: Option<usize>, beyond: Option<usize>| {
            let (Some(found), Some(len)) = (self.join(gap), group.and_then(|at| self.groups.get(at)).map(|it| it.len))
            else {
                return false;
            };
            let tight = |(kind, ..): (Separator, bool, bool)| {
                matches!(kind, Separator::Hyphen | Separator::Dot | Separator::Slash)
            };
            if found.0 != own.0 || self.mark(gap) != self.mark(Some(at)) {
                return false;
            }
            match own.0 {
                // a telephone number beside it is another number
                Separator::Space | Separator::Comma => len == 4 && !self.join(beyond).is_some_and(tight),
                // "(1234)(5678)(9018)" and on the next line "(3)"
                Separator::Bracket => len == 4 && !found.1,
                _ => true,
            }
        };
        beside(at.checked_sub(1), at.checked_sub(1), at.checked_sub(2))
            || beside(Some(last), Some(last + 1), Some(last + 1))
    }

    /// The character of a gap of one.
    fn mark(&self, gap: Option<usize>) -> Option<char> {
        let (left, right) = (self.groups.get(gap?)?, self.groups.get(gap? + 1)?);
        let mut between = self.text.get(left.end..right.start)?.chars();
        between.next().filter(|_| between.next().is_none())
    }

    /// The next of two or more numbers that stand in one row of equal groups, all with the right check digit: only a
    /// label makes them numbers.
    fn of_several(&mut self, at: usize) -> Option<Candidate> {
        if at >= self.several {
            let kind = self.join(Some(at))?.0;
            let same = |gap: usize| self.join(Some(gap)).is_some_and(|(other, ..)| other == kind);
            let four = |group: usize| self.groups.get(group).is_some_and(|group| group.len == 4);
            if kind == Separator::Cell || at > 0 && same(at - 1) && four(at - 1) {
                return None;
            }
            let mut end = at + 1;
            while same(end - 1) && four(end) {
                end += 1;
            }
            let triples = (at..end).step_by(3).map(|at| self.candidate(at, at + 2, Shape::Odd));
            if !(end - at).is_multiple_of(3) || end - at < 6 || !triples.flatten().all(|one| one.passes) {
                return None;
            }
            self.several = end;
        }
        let mut found = self.candidate(at, at + 2, Shape::Odd)?;
        found.doubtful = true;
        Some(found)
    }

    /// Whether one digit stands before that makes the thirteen a corporate number.
    fn is_corporate(&self, at: usize, digits: &[u8; 12]) -> bool {
        let one = self.before(at).filter(|(_, _, len)| *len == 1).and_then(|_| self.groups.get(at - 1));
        let value = one.and_then(|group| values(self.text, group).next());
        value.is_some_and(|first| check::is_corporate_number(first, digits))
    }

    /// Whether all groups are years of these two centuries.
    fn years(&self, at: usize, last: usize) -> bool {
        self.groups.get(at..=last).unwrap_or_default().iter().all(|group| {
            let mut head = values(self.text, group);
            matches!((head.next(), head.next()), (Some(1), Some(9)) | (Some(2), Some(0)))
        })
    }

    fn padded(&self, cell: &Group) -> Option<Candidate> {
        let border = |c: char| c == crate::CELL || digits::is_line_break(c);
        let head = self.text.get(..cell.start)?;
        let number = head.ends_with(crate::NUMBER);
        let alone = head.trim_end_matches(crate::NUMBER).chars().next_back().is_none_or(border)
            && self.text.get(cell.end..)?.chars().next().is_none_or(border);
        if !alone || self.marked && !number || cell.script != Script::Plain {
            return None;
        }
        let mut digits = [0; 12];
        for (place, value) in digits.iter_mut().skip(12 - cell.len).zip(values(self.text, cell)) {
            *place = value;
        }
        let found = self.built(cell.start, cell.end, digits, Shape::Padded, false);
        found.passes.then_some(found)
    }

    /// A window of two or more groups with twelve digits in all, joined by one kind of separator.
    fn odd(&self, at: usize) -> Option<Candidate> {
        let mut kind = None;
        let mut sum = self.groups.get(at)?.len;
        let mut last = at;
        let boxed = sum == 1 && self.is_ones_in_fours(at);
        while sum < 12 {
            let (separator, ..) = self.join(Some(last))?;
            let mixed = kind.is_some_and(|known| known != separator);
            if separator != Separator::Line && mixed && !boxed && !self.is_fours(at) {
                return None;
            }
            if separator != Separator::Line {
                kind = Some(separator);
            }
            last += 1;
            sum += self.groups.get(last)?.len;
        }
        let kind = kind.unwrap_or(Separator::Line);
        if sum != 12 || self.goes_on(at, last, kind) || self.is_other_form(at, last) {
            return None;
        }
        let mut found = self.candidate(at, last, Shape::Odd)?;
        found.doubtful = true;
        found.passes.then_some(found)
    }

    /// Whether twelve single digits begin here that stand in three boxes of four: `[1 2 3 4] [5 6 7 8] [9 0 1 8]`.
    fn is_ones_in_fours(&self, at: usize) -> bool {
        let kind = |gap: usize| self.join(Some(at + gap)).map(|(kind, ..)| kind);
        let ones = self.groups.get(at..at + 12).is_some_and(|groups| groups.iter().all(|group| group.len == 1));
        let (inner, outer) = (kind(0), kind(3));
        ones && inner.is_some()
            && outer.is_some()
            && (0..11).all(|gap| kind(gap) == if gap % 4 == 3 { outer } else { inner })
    }

    /// Whether three groups of four begin here, between hyphens and spaces.
    fn is_fours(&self, at: usize) -> bool {
        let loose = |gap: usize| {
            self.join(Some(gap)).is_some_and(|(kind, ..)| matches!(kind, Separator::Hyphen | Separator::Space))
        };
        let groups = self.groups.get(at..at + 3).unwrap_or_default();
        groups.len() == 3 && groups.iter().all(|group| group.len == 4) && loose(at) && loose(at + 1)
    }

    /// Whether the groups beside belong to the same row of groups.
    fn goes_on(&self, at: usize, last: usize, kind: Separator) -> bool {
        let first_len = self.groups.get(at).map_or(0, |group| group.len);
        let last_len = self.groups.get(last).map_or(0, |group| group.len);
        let own_mark = self.mark(Some(at));
        let beside = |side: Option<(Separator, bool, usize)>, gap: Option<usize>, own: usize| {
            side.is_some_and(|(separator, _, len)| match separator {
                Separator::Space => separator == kind && len == own && self.mark(gap) == own_mark,
                Separator::Line | Separator::Cell => separator == kind && len == own,
                Separator::Bracket => {
                    separator == kind && len == own && !self.join(gap).is_some_and(|(_, line, _)| line)
                }
                // " | " between fields, "|" within one
                Separator::Pipe => separator == kind && self.mark(gap) == own_mark,
                _ => separator == kind,
            })
        };
        beside(self.before(at), at.checked_sub(1), first_len) || beside(self.after(last), Some(last), last_len)
    }

    /// Forms that belong to other numbers: a company's registration (4-2-6), a date with a number behind it,
    /// a telephone number with its country.
    fn is_other_form(&self, at: usize, last: usize) -> bool {
        let lens: Vec<usize> = self.groups.get(at..=last).unwrap_or_default().iter().map(|group| group.len).collect();
        matches!(lens.as_slice(), [4, 2, 6] | [4, 2, 2, ..] | [4, 1, ..] | [2, 2, 4, 4] | [2, 1, 4, 4, ..])
    }

    /// The candidate of the groups `at` to `last`, unless something is glued to it.
    fn candidate(&self, at: usize, last: usize, shape: Shape) -> Option<Candidate> {
        let groups = self.groups.get(at..=last)?;
        let (start, end) = (groups.first()?.start, groups.last()?.end);
        let unusual = groups.iter().any(|group| group.script != Script::Plain);
        let kanji = groups.iter().any(|group| group.script == Script::Kanji);
        let mut digits = [0; 12];
        match self.text.as_bytes().get(start..end) {
            Some(bytes) if bytes.len() == 12 && groups.len() == 1 => {
                digits.iter_mut().zip(bytes).for_each(|(place, byte)| *place = byte.wrapping_sub(b'0'));
            }
            _ => {
                let all = groups.iter().flat_map(|group| values(self.text, group));
                digits.iter_mut().zip(all).for_each(|(place, value)| *place = value);
            }
        }
        (!self.glued(start, end, kanji)).then(|| self.built(start, end, digits, shape, unusual))
    }

    fn built(&self, start: usize, end: usize, digits: [u8; 12], shape: Shape, unusual: bool) -> Candidate {
        let passes = check::is_my_number(&digits);
        Candidate { start, end, digits, shape, unusual, passes, doubtful: false }
    }

    /// Whether letters, a plus, a currency or a unit make the digits part of something else.
    fn glued(&self, start: usize, end: usize, kanji: bool) -> bool {
        let bytes = self.text.as_bytes();
        let border =
            |byte: Option<&u8>| byte.is_none_or(|byte| matches!(byte, b'\n' | b' ' | b',' | 0x1f | b'\t' | b'\r'));
        if border(start.checked_sub(1).and_then(|at| bytes.get(at))) && border(bytes.get(end)) {
            return false;
        }
        let before = self.text.get(..start).unwrap_or_default();
        let next = self.text.get(end..).and_then(|rest| rest.chars().find(|&c| !digits::is_invisible(c)));
        let behind = match next {
            Some('円' | '％' | '%' | '年' | '万' | '億' | '兆' | '千' | '百' | '十') => true,
            Some(c) => is_letter(c) || is_two_digits(c),
            None => false,
        };
        let previous = before.chars().rev().find(|&c| !digits::is_invisible(c));
        let ahead = match previous {
            Some('+' | '＋' | '¥' | '￥' | '$' | '€' | '\\') => true,
            Some('金' | '十' | '百' | '千' | '万' | '億' | '第') if kanji => true,
            Some(c) if is_letter(c) => !ends_with_number_word(before) && !ends_with_escape(before),
            Some(c) => is_two_digits(c),
            None => false,
        };
        behind || ahead
    }

    /// Whether a hyphen ties the digits to letters before them, as in a product code or a UUID.
    fn coded(&self, start: usize) -> bool {
        let before = self.text.get(..start).unwrap_or_default();
        let Some(head) = before.strip_suffix(['-', '_', '/', '=']) else { return false };
        before.ends_with('-') && head.ends_with(|c: char| c.is_ascii_alphanumeric()) && !ends_with_number_word(head)
    }
}

fn is_letter(c: char) -> bool {
    c.is_ascii_alphabetic() || matches!(c, 'Ａ'..='Ｚ' | 'ａ'..='ｚ')
}

/// Signs such as ⑩ that stand for two digits.
fn is_two_digits(c: char) -> bool {
    matches!(u32::from(c), 0x2469..=0x2473 | 0x247D..=0x2487 | 0x2491..=0x249B | 0x24EB..=0x24F4 | 0x3251..=0x325F | 0x32B1..=0x32BF)
}

/// Whether the letters before a number say that a number follows, as in `No1234`.
fn ends_with_number_word(before: &str) -> bool {
    let start = before.char_indices().rev().take(24).take_while(|(_, c)| is_letter(*c) || *c == '_').last();
    let word = start.and_then(|(at, _)| before.get(at..)).unwrap_or_default().to_ascii_lowercase();
    matches!(word.as_str(), "no" | "number" | "num")
        || ["mynumber", "my_number", "myno", "bango", "individual_number"].iter().any(|end| word.ends_with(end))
}

/// Whether a line break or a tab stands before a number as programs write it in a string.
fn ends_with_escape(before: &str) -> bool {
    ["\\n", "\\r", "\\t"].iter().any(|escape| before.ends_with(escape))
}

/// The values of the digits of a group.
pub(crate) fn values<'a>(text: &'a str, group: &Group) -> impl Iterator<Item = u8> + 'a {
    let written = text.get(group.start..group.end).unwrap_or_default();
    written.chars().filter_map(|c| digits::digit(c).map(|(value, _)| value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shapes(text: &str) -> Vec<(Shape, bool)> {
        candidates(text).iter().filter(|c| c.passes).map(|c| (c.shape, c.doubtful)).collect()
    }

    #[test]
    fn the_usual_shapes_are_candidates() {
        for text in [
            "123456789018",
            "番号123456789018です",
            "No123456789018",
            "１２３４５６７８９０１８",
            "１２3４5６７8９０１８",
            "①②③④⑤⑥⑦⑧⑨⓪①⑧",
            "一二三四五六七八九〇一八",
            "1 123456789018",
            "12\u{200b}3456789018",
        ] {
            assert_eq!(shapes(text), [(Shape::Run, false)], "{text}");
        }
        for text in [
            "1234-5678-9018",
            "1234 5678 9018",
            "1234\u{3000}5678\u{3000}9018",
            "1234 - 5678 - 9018",
            "1234・5678・9018",
            "1234ー5678ー9018",
            "1234一5678一9018",
            "(1234)(5678)(9018)",
            "「1234」「5678」「9018」",
            "1234.5678.9018",
            "1234/5678/9018",
            "2 1234 5678 9018",
            "03-6579-8804  1234 5678 9018",
            "1234−5678−9018",
            "1974年 1234 5678 9018",
            "1234 5678 9018 2026年",
        ] {
            assert_eq!(shapes(text), [(Shape::Fours, false)], "{text}");
        }
        for text in [
            "1 2 3 4 5 6 7 8 9 0 1 8",
            "123456-789018",
            "123 456 789 018",
            "123456\n789018",
            "1234 5678\n9018",
            "> 1234 5678\n> 9018",
            "1|2|3|4|5|6|7|8|9|0|1|8",
            "5 | 1|2|3|4|5|6|7|8|9|0|1|8 | 7",
            "[1 2 3 4] [5 6 7 8] [9 0 1 8]",
            "1 2 3 4 - 5 6 7 8 - 9 0 1 8",
            "1234-5678-\n                9018",
            "1234\u{1f}5678\u{1f}9018",
        ] {
            assert_eq!(shapes(text), [(Shape::Odd, true)], "{text}");
        }
    }

    #[test]
    fn parts_of_something_else_are_none() {
        for text in [
            "4111111111111111",
            "1123456789018",
            "1234567890180",
            "1234-5678-9018-0000",
            "0000 1234 5678 9018",
            "x123456789018",
            "123456789018kg",
            "+123456789018",
            "¥123456789018",
            "123456789018円",
            "1234-56-789018",
            "1234-5678-9018-1",
            "金一二三四五六七八九〇一八円",
            "⑩123456789018",
            "12345678901８9",
            "1234 5678 9018 0000 1111",
        ] {
            assert_eq!(shapes(text), [], "{text}");
        }
    }

    #[test]
    fn what_may_be_part_of_a_longer_code_is_doubtful() {
        for text in ["12-123456789018", "123456789018-01", "7 1234 5678 9012", "550e8400-e29b-41d4-a716-123456789018"] {
            assert!(candidates(text).iter().all(|c| c.doubtful), "{text}");
        }
    }

    #[test]
    fn a_cell_that_lost_its_zero_is_padded() {
        assert_eq!(shapes("山田\u{1f}23456789013\u{1f}x"), [(Shape::Padded, false)]);
        assert_eq!(shapes("山田 23456789013"), []);
    }

    #[test]
    fn where_cells_are_marked_only_those_with_numbers_are_padded() {
        assert_eq!(shapes("山田\u{1f}\u{1e}23456789013\u{1f}x"), [(Shape::Padded, false)]);
        assert_eq!(shapes("\u{1e}123456789018\u{1f}x"), [(Shape::Run, false)]);
        assert_eq!(shapes("山田\u{1f}23456789013\u{1f}\u{1e}5"), []);
    }
}
