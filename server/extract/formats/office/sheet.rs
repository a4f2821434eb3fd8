//! A sheet of a workbook (ECMA-376 part 1, 18.3): its cells as rows, its comments below them in their columns, and
//! what else is written on it (headers and footers, hints, links) apart. Hidden rows and columns are read as all.

use super::comments::{Comment, put_comments};
use super::rows::{self, Rows};
use super::strings::Strings;
use super::styles::Styles;
use super::xml::{Sink, Tag};
use crate::CELL;

/// Attributes outside the cells that people read.
const SEEN: [&str; 7] = ["display", "tooltip", "prompt", "promptTitle", "error", "errorTitle", "location"];
/// Bytes of what is kept apart at most.
const APART: usize = 1 << 20;

/// A sheet while it is read.
pub(crate) struct Sheet<'a> {
    strings: &'a Strings,
    styles: &'a Styles,
    rows: Rows,
    apart: String,
    /// The index of the next row that says none, and of the next column.
    next: (usize, usize),
    cell: Cell,
    into: Into,
    in_data: bool,
}

/// The cell in work.
#[derive(Default)]
struct Cell {
    column: usize,
    style: usize,
    kind: Kind,
    value: String,
    inline: String,
    formula: String,
}

/// What the value of a cell is.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Kind {
    #[default]
    Number,
    Shared,
    Text,
}

/// Where character data goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Into {
    Nothing,
    Value,
    Inline,
    Formula,
    Reading,
}

impl<'a> Sheet<'a> {
    /// An empty sheet.
    pub fn new(strings: &'a Strings, styles: &'a Styles) -> Self {
        Self {
            strings,
            styles,
            rows: Rows::default(),
            apart: String::new(),
            next: (0, 0),
            cell: Cell::default(),
            into: Into::Nothing,
            in_data: false,
        }
    }

    /// The rows with the comments below them, and what else is written on the sheet.
    pub fn finish(mut self, comments: &[Comment]) -> (String, String) {
        put_comments(&mut self.rows, comments);
        (self.rows.finish(), self.apart)
    }

    /// Whether the sheet holds more than is read.
    pub fn full(&self) -> bool {
        self.rows.full()
    }

    fn begin_row(&mut self, tag: &Tag<'_>) {
        let row = tag.get("r").and_then(|r| r.parse::<usize>().ok()).and_then(|r| r.checked_sub(1));
        let row = row.unwrap_or(self.next.0);
        self.rows.row(row);
        self.next = (row.saturating_add(1), 0);
    }

    fn begin_cell(&mut self, tag: &Tag<'_>) {
        let cell = &mut self.cell;
        (cell.column, cell.style, cell.kind) = (self.next.1, 0, Kind::Number);
        for (name, value) in tag.attributes() {
            match (name, &*value) {
                ("r", value) => cell.column = rows::reference(value).map_or(cell.column, |(_, column)| column),
                ("s", value) => cell.style = value.parse().unwrap_or_default(),
                ("t", "s") => cell.kind = Kind::Shared,
                ("t", "n") => cell.kind = Kind::Number,
                ("t", _) => cell.kind = Kind::Text,
                _ => {}
            }
        }
        cell.value.clear();
        cell.inline.clear();
        cell.formula.clear();
    }

    fn end_cell(&mut self) {
        let cell = &self.cell;
        self.next.1 = cell.column + 1;
        if cell.value.is_empty() && cell.inline.is_empty() && cell.formula.is_empty() {
            return;
        }
        let out = self.rows.cell(cell.column);
        rows::put_text(out, &cell.inline);
        match cell.kind {
            // what it would show is not known
            _ if cell.value.is_empty() => rows::put_text(out, &cell.formula),
            Kind::Shared => rows::put_text(out, cell.value.trim().parse().map_or("", |at| self.strings.get(at))),
            Kind::Text => rows::put_text(out, &cell.value),
            Kind::Number => put_shown(out, &cell.value, self.styles, cell.style),
        }
    }

    fn open_outside(&mut self, tag: &Tag<'_>) {
        for (name, value) in tag.attributes() {
            if SEEN.contains(&name) && !value.is_empty() {
                self.aside(&value);
                self.apart.push('\n');
            }
        }
    }

    fn aside(&mut self, text: &str) {
        if self.apart.len() < APART {
            rows::put_text(&mut self.apart, text);
        }
    }

    fn end_outside(&mut self, name: &str) {
        let header = name.ends_with("Header") || name.ends_with("Footer");
        if header {
            let start = self.apart.rfind('\n').map_or(0, |at| at + 1);
            let shown = header_text(self.apart.get(start..).unwrap_or_default());
            self.apart.truncate(start);
            self.apart.push_str(&shown);
        }
        if !self.apart.is_empty() && !self.apart.ends_with('\n') {
            self.apart.push('\n');
        }
    }
}

/// Writes a number as people see it.
pub(crate) fn put_shown(out: &mut String, written: &str, styles: &Styles, style: usize) {
    let digits = rows::digits(written);
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    match styles.picture(style).filter(|_| plain) {
        Some(picture) => rows::put_text(out, &picture.show(&digits)),
        None => rows::put_number(out, &digits),
    }
}

/// A header or footer with its codes resolved: `&L`, `&C` and `&R` begin its sections (18.3.1.39).
pub(crate) fn header_text(coded: &str) -> String {
    let mut out = String::with_capacity(coded.len());
    let mut chars = coded.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '&' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('&') => out.push('&'),
            Some('L' | 'C' | 'R') => out.push(CELL),
            Some('"') => drop(chars.by_ref().find(|&c| c == '"')),
            Some('K') => drop(chars.by_ref().take(6).count()),
            // a font size; what follows is parted from it by a space
            Some('0'..='9') => while chars.next_if(char::is_ascii_digit).is_some() {},
            _ => {}
        }
    }
    out
}

impl Sink for Sheet<'_> {
    fn open(&mut self, tag: &Tag<'_>) {
        match tag.name() {
            "sheetData" => self.in_data = true,
            "row" => self.begin_row(tag),
            "c" | "cell" => self.begin_cell(tag),
            "v" => self.into = Into::Value,
            "t" if self.into != Into::Reading => self.into = Into::Inline,
            "f" => self.into = Into::Formula,
            "rPh" => self.into = Into::Reading,
            _ if !self.in_data => self.open_outside(tag),
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        match name {
            "v" | "f" => self.into = Into::Nothing,
            "rPh" => {
                self.into = Into::Nothing;
                self.apart.push('\n');
            }
            "t" if self.into == Into::Inline => self.into = Into::Nothing,
            "c" | "cell" => self.end_cell(),
            "sheetData" => self.in_data = false,
            _ if !self.in_data => self.end_outside(name),
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        match self.into {
            Into::Value => self.cell.value.push_str(text),
            Into::Inline => self.cell.inline.push_str(text),
            Into::Formula => self.cell.formula.push_str(text),
            Into::Reading => self.aside(text),
            Into::Nothing if !self.in_data && !text.trim().is_empty() => self.aside(text),
            Into::Nothing => {}
        }
    }

    fn done(&self) -> bool {
        self.rows.full()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::office::xml;

    fn sheet(xml: &str) -> (String, String) {
        let mut strings = Strings::default();
        strings.add("個人番号");
        strings.end();
        let mut styles = Styles::default();
        styles.format(164, "0000-0000-0000");
        styles.style(0);
        styles.style(164);
        let mut sheet = Sheet::new(&strings, &styles);
        assert!(xml::parse(xml.as_bytes(), &mut sheet));
        sheet.finish(&[Comment { row: 0, column: 1, text: "a\nb".to_owned() }])
    }

    #[test]
    fn cells_of_every_kind_are_read() {
        let (cells, _) = sheet(
            "<worksheet><sheetData><row r='1'><c r='B1' t='s'><v>0</v></c><c><v>1</v></c></row>\
             <row r='3' hidden='1'><c r='A3' t='inlineStr'><is><r><t>12</t></r><r><t>34</t></r></is></c>\
             <c r='B3'><v>1.23456789018E11</v></c><c s='1'><v>23456789013</v></c><c t='str'><f>A1</f><v>x</v></c>\
             <c><f>\"1\"&amp;\"2\"</f></c></row></sheetData></worksheet>",
        );
        assert_eq!(
            cells,
            "\u{1f}個人番号\u{1f}1\n\n1234\u{1f}\u{1e}123456789018\u{1f}0234-5678-9013\u{1f}x\u{1f}\"1\"&\"2\"\n\
             \u{1f}a\u{2028}b\n"
        );
    }

    #[test]
    fn headers_hints_and_links_are_read() {
        let (_, apart) = sheet(
            "<worksheet><sheetData/><dataValidation prompt='p'><formula1>\"a,b\"</formula1></dataValidation>\
             <hyperlink ref='A1' tooltip='t'/><headerFooter><oddHeader>&amp;L&amp;\"Arial,Bold\"&amp;12 n:&amp;R&amp;K0000001234&amp;&amp;\
             </oddHeader></headerFooter></worksheet>",
        );
        assert_eq!(apart, "p\n\"a,b\"\nt\n\u{1f} n:\u{1f}1234&\n");
    }
}
