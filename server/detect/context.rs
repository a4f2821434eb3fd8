//! What the words around a candidate say of it: the nearest label wins.

use memchr::memmem;

use crate::Reason;
use crate::digits::{self, Script};
use crate::grid::Grid;
use crate::labels::{Kind, Label, Seen};
use crate::shapes::Candidate;
use crate::words;

/// Up to so many characters before a number a label names it.
const NEAR: usize = 100;
/// Up to so many characters before a number a label hints at it.
const FAR: usize = 300;
/// Up to so many characters behind a number a label on the same line counts.
const BEHIND: usize = 40;
/// So many digits behind a label are the number it names.
const OWN_DIGITS: usize = 4;
/// A row is not read farther to the left than this, bytes.
const ROW_BYTES: usize = 4096;
/// No address is looked at farther than this, bytes.
const ADDRESS_BYTES: usize = 512;
/// A line of at least so many ruling characters separates the parts of a mail.
const RULE: usize = 6;
/// Up to so many characters behind a number a question that is quoted below it counts.
const ASKED: usize = 80;
/// Up to so many characters away the word "12桁" says which number is meant.
const TWELVE: usize = 60;
/// Up to so many lines below a label that ends its line its number may follow.
const NEXT_LINES: usize = 2;
/// What points from a label to a number above it.
const POINTERS: [&str; 12] = ["↑", "⇧", "▲", "△", "^", "←", "以上が", "以上は", "上記が", "上記は", "上が", "上は"];
/// What separates the fields of lines that people lay out as tables.
const FIELDS: [&str; 7] = ["\t", "|", "｜", ",", "　", "  ", LIST_COMMA];
/// A comma of sentences too: it heads columns only where every border has its like.
const LIST_COMMA: &str = "、";
/// What speaks from outside the text: the subject and the file's name.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Surroundings {
    /// The labels of the subject.
    pub subject: Seen,
    /// The labels of the file name.
    pub name: Seen,
}

/// What the labels say of a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Opinion {
    /// A My Number; so many characters away.
    Strong(Reason, usize),
    /// Perhaps a My Number: a label that is far away, or that a ruled line cuts off.
    Far,
    /// Another number.
    Negative,
    /// Part of an address; `true` when a label stands in the address.
    Address(bool),
    /// Nothing.
    Nothing,
}

/// A text with its labels, asked about one candidate after another.
pub(crate) struct Context<'a> {
    text: &'a str,
    grid: &'a Grid,
    labels: &'a [Label],
    rules: Vec<usize>,
    /// Whether the text holds any address at all.
    addresses: bool,
}

impl<'a> Context<'a> {
    /// Reads the ruled lines of the text.
    pub(crate) fn new(text: &'a str, grid: &'a Grid, labels: &'a [Label]) -> Self {
        let lines = if labels.is_empty() { 0..0 } else { 0..grid.line_count() };
        let start = |line: usize| {
            let (start, end) = grid.line_range(line);
            is_rule(text.get(start..end)?).then_some(start)
        };
        let rules = lines.filter_map(start).collect();
        let bytes = text.as_bytes();
        let holds = |needle: &[u8]| memmem::find(bytes, needle).is_some();
        let addresses = memchr::memchr(b'@', bytes).is_some() || holds(b"://") || holds(b"www.");
        Self { text, grid, labels, rules, addresses }
    }

    /// Whether nothing in the text speaks for or against any number.
    pub(crate) fn is_silent(&self) -> bool {
        self.labels.is_empty() && !self.addresses
    }

    /// What the labels say of the candidate, whose column has the heading `heading`.
    pub(crate) fn opinion(&self, candidate: &Candidate, heading: Option<Kind>) -> Opinion {
        let addressed = (self.addresses && candidate.passes).then(|| self.address(candidate)).flatten();
        if let Some(labelled) = addressed {
            return Opinion::Address(labelled);
        }
        if self.labels.is_empty() {
            return Opinion::Nothing;
        }
        let line = self.grid.line(candidate.start);
        if self.grid.is_row(line) {
            return self.in_table(candidate, heading);
        }
        let (start, end) = self.grid.line_range(line);
        let last = self.grid.line_range(self.grid.line(candidate.end.saturating_sub(1))).1;
        let said = self.beside(candidate, start, end.max(last)).unwrap_or_else(|| self.above(candidate, start));
        if said == Opinion::Nothing { self.below(candidate, end.max(last)) } else { said }
    }

    /// The opinion of the labels within `start..end`, the candidate's line or cell.
    fn beside(&self, candidate: &Candidate, start: usize, end: usize) -> Option<Opinion> {
        let start = start.max(candidate.start.saturating_sub(FAR * 4));
        let before = self.decisive(start, candidate.start).find(|label| !self.is_used(label, candidate.start));
        let before = before.map(|label| (label.kind, self.distance(label.end, candidate.start)));
        let behind = self.behind(candidate, end);
        let (kind, distance) = match (before, behind) {
            (Some((kind, distance)), Some((_, other))) if distance <= other.saturating_mul(2) + 2 => (kind, distance),
            (Some(label), None) | (_, Some(label)) => label,
            (None, None) => return None,
        };
        Some(match kind {
            Kind::Strong if distance <= NEAR => Opinion::Strong(Reason::Label, distance),
            Kind::Strong => Opinion::Far,
            _ if distance <= NEAR => Opinion::Negative,
            _ => Opinion::Nothing,
        })
    }

    /// The first label behind the candidate that does not name the number behind it.
    fn behind(&self, candidate: &Candidate, end: usize) -> Option<(Kind, usize)> {
        let first = self.labels.partition_point(|label| label.start < candidate.end);
        let mut behind = self.labels.get(first..).unwrap_or_default().iter().take_while(|label| label.start < end);
        let label = behind.find(|label| label.kind.decides())?;
        let rest = self.text.get(label.end..end).unwrap_or_default();
        // the lines of a cell
        if self.text.get(candidate.end..label.start).unwrap_or_default().contains('\u{2028}') {
            return None;
        }
        let value = rest.trim_start_matches(['番', '号', ')', '）', '」', ' ', '\u{3000}']);
        let names_next = value.starts_with([':', '：', '=', '＝', '\t', '\u{1f}'])
            || value
                .chars()
                .take(BEHIND)
                .take_while(|c| !c.is_alphabetic())
                .filter(|&c| digits::digit(c).is_some())
                .count()
                >= OWN_DIGITS;
        let distance = self.distance(candidate.end, label.start);
        let thing = label.kind == Kind::Strong && words::goes_on_as_noun(rest);
        (distance <= BEHIND && !names_next && !thing).then_some((label.kind, distance))
    }

    /// The opinion of the nearest label on the lines above.
    fn above(&self, candidate: &Candidate, line_start: usize) -> Opinion {
        let row = self.grid.is_row(self.grid.line(candidate.start));
        let other_row =
            |label: &Label| row && label.kind != Kind::Strong && self.grid.is_row(self.grid.line(label.start));
        let mut above = self.decisive(candidate.start.saturating_sub(FAR * 4), line_start);
        let Some(label) =
            above.find(|label| label.kind != Kind::Short && !other_row(label) && !self.is_used(label, line_start))
        else {
            return Opinion::Nothing;
        };
        let distance = self.distance(label.end, candidate.start);
        let cut = self.is_ruled(label.end, candidate.start);
        if let Some(said) = self.heading(label, candidate).filter(|_| distance <= FAR && !cut) {
            return said;
        }
        match label.kind {
            Kind::Strong if distance <= NEAR && !cut => Opinion::Strong(Reason::Label, distance),
            Kind::Strong if distance <= NEAR || distance <= FAR && !cut => Opinion::Far,
            Kind::Negative if distance <= NEAR && !cut && self.is_heading_of_both(label) => Opinion::Far,
            Kind::Negative if distance <= NEAR && !cut => Opinion::Negative,
            _ => Opinion::Nothing,
        }
    }

    /// What a line of headings says of a number on a line of fields below it.
    fn heading(&self, label: &Label, candidate: &Candidate) -> Option<Opinion> {
        let line = |offset: usize| {
            let (start, end) = self.grid.line_range(self.grid.line(offset));
            Some((start, self.text.get(start..end)?.trim_end()))
        };
        let (head_start, head) = line(label.start)?;
        let (row_start, _) = line(candidate.start)?;
        let between = FIELDS.into_iter().find(|between| head.trim_start().contains(between))?;
        if head.contains('。') || head.ends_with([':', '：']) || head_start == row_start {
            return None;
        }
        let (_, row_end) = self.grid.line_range(self.grid.line(candidate.end.saturating_sub(1)));
        let borders = |text: Option<&str>| borders(text.unwrap_or_default(), between);
        let before = borders(self.text.get(row_start..candidate.start));
        let behind = borders(self.text.get(candidate.end..row_end).map(str::trim_end));
        let strong = || self.decisive(head_start, head_start + head.len()).any(|label| label.kind == Kind::Strong);
        let heads_column = Opinion::Strong(Reason::ColumnHeading, 0);
        if before + behind != borders(Some(head)) {
            // fields that hold the border themselves; only one number of the row has the shape of a My Number
            return (between != LIST_COMMA && strong() && self.is_only_one(candidate, row_start, row_end))
                .then_some(heads_column);
        }
        let mut named = self.labels_between(head_start, head_start + head.len());
        let own = named.find(|label| borders(self.text.get(head_start..label.start)) == before)?;
        Some(if own.kind == Kind::Strong { heads_column } else { Opinion::Negative })
    }

    /// Whether no other twelve digits in one stand on the line.
    fn is_only_one(&self, candidate: &Candidate, start: usize, end: usize) -> bool {
        let others = [self.text.get(start..candidate.start), self.text.get(candidate.end..end)];
        others.into_iter().flatten().all(|text| crate::shapes::candidates(text).is_empty())
    }

    /// The opinion of a label on the lines below, which names no number of its own: a question that is quoted
    /// under its answer, or a remark.
    fn below(&self, candidate: &Candidate, end: usize) -> Opinion {
        let first = self.labels.partition_point(|label| label.start < end);
        let mut behind = self.labels.get(first..).unwrap_or_default().iter();
        let Some(label) = behind.find(|label| matches!(label.kind, Kind::Strong | Kind::Negative)) else {
            return Opinion::Nothing;
        };
        let distance = self.distance(candidate.end, label.start);
        let (start, end) = self.grid.line_range(self.grid.line(label.start));
        let rest = self.text.get(label.end..end).unwrap_or_default().trim_end();
        let digit = |c: &char| digits::digit(*c).is_some_and(|(_, script)| script != Script::Kanji);
        let names_own = rest.chars().take(FAR).filter(digit).take(OWN_DIGITS).count() == OWN_DIGITS;
        let names_next = names_own || rest.ends_with([':', '：']) || rest.is_empty() && self.number_follows(end);
        if label.kind != Kind::Strong || names_next || self.is_ruled(candidate.end, label.start) {
            return Opinion::Nothing;
        }
        if self.points_up(candidate.end, label.start) {
            return Opinion::Strong(Reason::LabelBelow, distance);
        }
        let quoted = self.text.get(start..label.start).is_some_and(|line| line.starts_with(['>', '＞']));
        match distance {
            ..=ASKED if quoted => Opinion::Strong(Reason::Label, distance),
            ..=BEHIND => Opinion::Far,
            _ => Opinion::Nothing,
        }
    }

    /// Whether the next lines behind the offset hold a number.
    fn number_follows(&self, from: usize) -> bool {
        let line = self.grid.line(from);
        let (_, end) = self.grid.line_range(line.saturating_add(NEXT_LINES));
        let next = self.text.get(from..end.max(from)).unwrap_or_default();
        next.chars().take(FAR).filter(|&c| digits::digit(c).is_some()).take(OWN_DIGITS).count() == OWN_DIGITS
    }

    /// Whether the text between a number's line and the label below it points back: "↑", "以上が".
    fn points_up(&self, from: usize, to: usize) -> bool {
        let (_, line_end) = self.grid.line_range(self.grid.line(from));
        let between = self.text.get(line_end.min(to)..to).unwrap_or_default().trim();
        between.chars().count() <= BEHIND / 2
            && POINTERS.iter().any(|pointer| between.starts_with(pointer))
            && !between.chars().any(|c| digits::digit(c).is_some_and(|(_, script)| script != Script::Kanji))
    }

    /// In a table the cell itself speaks first, then the cell to the left, the heading, the cells farther left
    /// and at last the text above.
    fn in_table(&self, candidate: &Candidate, heading: Option<Kind>) -> Opinion {
        let (cell, _) = self.grid.cell_range(candidate.start);
        let (_, cell_end) = self.grid.cell_range(candidate.end.saturating_sub(1));
        if let Some(own) = self.beside(candidate, cell, cell_end) {
            return own;
        }
        let (row, _) = self.grid.line_range(self.grid.line(candidate.start));
        let column = self.grid.column(candidate.start);
        let left =
            self.decisive(row.max(cell.saturating_sub(ROW_BYTES)), cell).find(|label| !self.is_used(label, cell));
        let next = left.filter(|label| self.grid.column(label.start) + 1 == column);
        let noun = |label: &Label| words::goes_on_as_noun(self.text.get(label.end..).unwrap_or_default());
        let next = next.filter(|label| !(heading == Some(Kind::Negative) && label.kind == Kind::Strong && noun(label)));
        match (next.map(|label| label.kind), heading, left.map(|label| label.kind)) {
            (Some(Kind::Strong), ..) => Opinion::Strong(Reason::RowLabel, 0),
            (Some(_), ..) => Opinion::Negative,
            (None, Some(Kind::Strong), _) => Opinion::Strong(Reason::ColumnHeading, 0),
            (None, Some(_), _) => Opinion::Negative,
            (None, None, Some(Kind::Strong)) => Opinion::Strong(Reason::RowLabel, 1),
            _ => self.above(candidate, row),
        }
    }

    /// Whether words of tax, payroll or personnel stand around the candidate.
    pub(crate) fn is_personal(&self, candidate: &Candidate) -> bool {
        let last = self.labels.partition_point(|label| label.start < candidate.start);
        let from = candidate.start.saturating_sub(FAR * 4);
        let before = self.labels.get(..last).unwrap_or_default().iter().rev().take_while(|label| label.end >= from);
        let before = before.filter(|label| {
            !self.is_ruled(label.end, candidate.start) && self.distance(label.end, candidate.start) <= FAR
        });
        let (mut weak, mut person, mut birth) = (false, false, false);
        for label in before {
            weak |= label.kind == Kind::Weak;
            weak |= label.kind == Kind::Twelve && self.distance(label.end, candidate.start) <= TWELVE;
            person |= label.kind == Kind::Person;
            birth |= label.kind == Kind::Birth;
        }
        let behind = self
            .labels
            .get(last..)
            .unwrap_or_default()
            .iter()
            .take_while(|label| label.start <= candidate.end + NEAR * 4);
        for label in behind.filter(|label| self.distance(candidate.end, label.start) <= NEAR) {
            weak |= label.kind == Kind::Weak && !self.is_ruled(candidate.end, label.start);
            person |= label.kind == Kind::Person;
            birth |= label.kind == Kind::Birth;
        }
        weak || person && birth
    }

    /// The labels that name numbers, between two offsets.
    fn labels_between(&self, start: usize, end: usize) -> impl Iterator<Item = &'a Label> {
        let first = self.labels.partition_point(|label| label.start < start);
        let behind = self.labels.get(first..).unwrap_or_default().iter().take_while(move |label| label.end <= end);
        behind.filter(|label| matches!(label.kind, Kind::Strong | Kind::Negative | Kind::Short))
    }

    /// The labels that decide, between two offsets, the last one first.
    fn decisive(&self, start: usize, end: usize) -> impl Iterator<Item = &'a Label> {
        let last = self.labels.partition_point(|label| label.start < end);
        let before = self.labels.get(..last).unwrap_or_default().iter().rev();
        before
            .take_while(move |label| label.start >= start)
            .filter(move |label| label.end <= end && label.kind.decides())
    }

    /// Whether a label is done with before `until`: it closes an element of XML, or it is a negative one with
    /// its own number behind it on its line.
    fn is_used(&self, label: &Label, until: usize) -> bool {
        if self.text.get(..label.start).is_some_and(|before| before.ends_with("</")) {
            return true;
        }
        if label.kind == Kind::Strong {
            return false;
        }
        let (_, end) = self.grid.line_range(self.grid.line(label.start));
        let behind = self.text.get(label.end..end.min(until)).unwrap_or_default();
        behind.chars().take(FAR).filter(|&c| digits::digit(c).is_some()).take(OWN_DIGITS).count() == OWN_DIGITS
    }

    /// Whether the label stands in a line of headings that names My Numbers as well.
    fn is_heading_of_both(&self, label: &Label) -> bool {
        let (start, end) = self.grid.line_range(self.grid.line(label.start));
        let line = self.text.get(start..end).unwrap_or_default().trim_end();
        let sentence = line.contains('。') || line.ends_with([':', '：']);
        !sentence && self.decisive(start, end).any(|other| other.kind == Kind::Strong)
    }

    fn is_ruled(&self, from: usize, to: usize) -> bool {
        let first = self.rules.partition_point(|&rule| rule < from);
        self.rules.get(first).is_some_and(|&rule| rule < to)
    }

    /// Characters between two offsets; not counted farther than needed.
    fn distance(&self, from: usize, to: usize) -> usize {
        if to.saturating_sub(from) > FAR * 4 {
            return usize::MAX / 4;
        }
        self.text.get(from..to).map_or(0, |between| between.chars().count())
    }

    /// Whether the candidate stands in a URL or a mail address, and whether a label does so too.
    fn address(&self, candidate: &Candidate) -> Option<bool> {
        let part = |c: char| c.is_ascii_graphic() && !matches!(c, '<' | '>' | '"' | '\'' | '|');
        let head = self.text.get(..candidate.start)?;
        let tail = self.text.get(candidate.end..)?;
        let left: usize = head.chars().rev().take(ADDRESS_BYTES).take_while(|&c| part(c)).map(char::len_utf8).sum();
        let right: usize = tail.chars().take(ADDRESS_BYTES).take_while(|&c| part(c)).map(char::len_utf8).sum();
        let (start, end) = (candidate.start - left, candidate.end + right);
        let token = self.text.get(start..end)?;
        let mail = || {
            let list = |c: char| matches!(c, ',' | ';' | '(' | ')' | ':');
            let before = token.get(..left).unwrap_or_default().rsplit(list).next().unwrap_or_default();
            let behind = token.get(token.len() - right..).unwrap_or_default().split(list).next().unwrap_or_default();
            before.contains('@') || behind.contains('@')
        };
        if !token.contains("://") && !token.contains("www.") && !mail() {
            return None;
        }
        Some(self.decisive(start, candidate.start).any(|label| label.kind == Kind::Strong))
    }
}

/// How many borders between fields stand in a part of a line; more spaces than two are one border.
fn borders(part: &str, between: &str) -> usize {
    if between != "  " {
        return part.matches(between).count();
    }
    let mut spaces = 0;
    part.chars()
        .filter(|&c| {
            spaces = if c == ' ' { spaces + 1 } else { 0 };
            spaces == 2
        })
        .count()
}

/// Whether the line is a ruled line or the mark of a signature (RFC 3676 4.3).
fn is_rule(line: &str) -> bool {
    let line = line.trim_end_matches(['\r', '\n']);
    if line == "-- " || line == "--" {
        return true;
    }
    let line = line.trim_start_matches(['>', ' ']).trim();
    let ruling = |c: char| {
        matches!(c, '-' | '=' | '*' | '_' | '+' | '~' | '#' | '─' | '━' | '＿' | '＝' | '－' | '―' | '＊' | '■' | '◆')
    };
    // +----+----+ is the border of a table
    let border = line.starts_with('+') && line.contains(['-', '=']);
    !border && line.chars().all(ruling) && line.chars().take(RULE).count() == RULE
}
