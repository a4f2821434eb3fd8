//! The rows of a sheet as text: cells in their columns, rows in their lines, empty ones kept as far as that is
//! bounded. It knows no file format.

use std::borrow::Cow;

use crate::{CELL, CELL_LINE, NUMBER};

/// Bytes of one sheet's text at most.
const SHEET: usize = 32 << 20;
/// Borders and line feeds of empty cells and rows in one sheet at most.
const PADDING: usize = 2 << 20;
/// A gap of more empty cells or rows than that is cut down to this.
const GAP: usize = 2048;
/// What is kept as a number and has so many digits may be one that lost its zeros.
const MARKED: std::ops::RangeInclusive<usize> = 8..=12;

/// Rows that are being written, from the top to the bottom.
#[derive(Default)]
pub(crate) struct Rows {
    text: String,
    /// The index of the row in work.
    row: usize,
    /// Cells begun in it.
    cells: usize,
    padding: usize,
    full: bool,
}

impl Rows {
    /// Goes on to the row with this index, counted from 0.
    pub fn row(&mut self, row: usize) {
        if self.cells == 0 && self.text.is_empty() && row == self.row {
            return;
        }
        self.end_row();
        let gap = row.saturating_sub(self.row.saturating_add(1));
        let gap = self.padded(gap);
        self.text.extend(std::iter::repeat_n('\n', gap));
        self.row = row;
    }

    /// Begins the cell of this column, counted from 0, and gives where to write it. A column that is already passed
    /// is put behind the last one.
    pub fn cell(&mut self, column: usize) -> &mut String {
        self.full |= self.text.len() > SHEET;
        if self.cells > 0 {
            self.text.push(CELL);
        }
        let gap = self.padded(column.saturating_sub(self.cells));
        self.text.extend(std::iter::repeat_n(CELL, gap));
        self.cells = self.cells.max(column).saturating_add(1);
        &mut self.text
    }

    /// Whether the sheet holds more than is read; the rest is to be refused.
    pub fn full(&self) -> bool {
        self.full
    }

    /// The rows.
    pub fn finish(mut self) -> String {
        self.end_row();
        self.text
    }

    /// The index of the last row.
    pub fn last(&self) -> usize {
        self.row
    }

    fn end_row(&mut self) {
        // a row of one cell is a row
        if self.cells == 1 {
            self.text.push(CELL);
        }
        self.text.push('\n');
        self.cells = 0;
    }

    fn padded(&mut self, gap: usize) -> usize {
        let gap = if gap > GAP || self.padding + gap > PADDING { gap.min(1) } else { gap };
        self.padding += gap;
        gap
    }
}

/// Writes a text into a cell: its line breaks stay inside the cell, and it forges no border.
pub(crate) fn put_text(out: &mut String, text: &str) {
    let text = unescaped(text);
    if !text.bytes().any(|byte| byte < b' ') {
        return out.push_str(&text);
    }
    let text = text.replace("\r\n", "\n");
    out.extend(text.chars().map(|c| match c {
        '\n' | '\r' => CELL_LINE,
        CELL | NUMBER => ' ',
        c => c,
    }));
}

/// Writes a number by its digits.
pub(crate) fn put_number(out: &mut String, digits: &str) {
    if MARKED.contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        out.push(NUMBER);
    }
    out.push_str(digits);
}

/// The whole digits of a number, as `123456789018` for `1.23456789018E+11`; what is no whole number stays as it is
/// written.
pub(crate) fn digits(written: &str) -> Cow<'_, str> {
    let written = written.trim();
    if written.bytes().all(|byte| byte.is_ascii_digit()) {
        return Cow::Borrowed(written);
    }
    match written.parse::<f64>() {
        Ok(value) => whole(value).map_or(Cow::Borrowed(written), Cow::Owned),
        Err(_) => Cow::Borrowed(written),
    }
}

/// The digits of a whole number that a double holds exactly.
pub(crate) fn whole(value: f64) -> Option<String> {
    (value.fract() == 0.0 && value.abs() < 1e15).then(|| format!("{value:.0}"))
}

/// A text with `_x0031_` resolved (ECMA-376 part 1, 22.9.2.19).
fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains("_x") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("_x") {
        out.push_str(before);
        let code = after.get(..4).and_then(|hex| u32::from_str_radix(hex, 16).ok()).and_then(char::from_u32);
        match (code, after.get(4..5)) {
            (Some(c), Some("_")) => {
                out.push(c);
                rest = after.get(5..).unwrap_or_default();
            }
            _ => {
                out.push_str("_x");
                rest = after;
            }
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Row and column of a reference such as `B12`, both counted from 0.
pub(crate) fn reference(cell: &str) -> Option<(usize, usize)> {
    let cell = cell.trim_start_matches('$');
    let letters = cell.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (column, row) = (cell.get(..letters)?, cell.get(letters..)?.trim_start_matches('$'));
    if letters == 0 || letters > 3 {
        return None;
    }
    let column = column.bytes().fold(0, |sum, byte| sum * 26 + usize::from(byte.to_ascii_uppercase() - b'A') + 1);
    Some((row.parse::<usize>().ok()?.checked_sub(1)?, column - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(cells: &[(usize, usize, &str)]) -> String {
        let mut rows = Rows::default();
        for &(row, column, text) in cells {
            rows.row(row);
            rows.cell(column).push_str(text);
        }
        rows.finish()
    }

    #[test]
    fn cells_stand_in_their_columns_and_rows_in_their_lines() {
        let mut table = Rows::default();
        table.row(0);
        table.cell(1).push('a');
        table.cell(2).push('b');
        table.row(3);
        table.cell(0).push('c');
        assert_eq!(table.finish(), "\u{1f}a\u{1f}b\n\n\nc\u{1f}\n");
        assert_eq!(rows(&[(2, 0, "a")]), "\n\na\u{1f}\n");
    }

    #[test]
    fn a_sparse_sheet_stays_small() {
        let far: Vec<(usize, usize, &str)> = (0..1000).map(|row| (row * 1000, 16_383, "x")).collect();
        assert!(rows(&far).len() < 2_200_000);
    }

    #[test]
    fn numbers_are_whole_digits() {
        for (written, want) in [
            ("123456789018", "123456789018"),
            ("1.23456789018E11", "123456789018"),
            ("1.23456789018E+11", "123456789018"),
            ("23456789013.0", "23456789013"),
            ("0.5", "0.5"),
            ("-3", "-3"),
            ("1e300", "1e300"),
        ] {
            assert_eq!(digits(written), want, "{written}");
        }
    }

    #[test]
    fn escapes_in_texts_are_resolved() {
        let mut out = String::new();
        put_text(&mut out, "_x0031_2_x000a_3_x00_\u{1f}4");
        assert_eq!(out, "12\u{2028}3_x00_ 4");
    }

    #[test]
    fn references_are_read() {
        assert_eq!(reference("A1"), Some((0, 0)));
        assert_eq!(reference("$AB$12"), Some((11, 27)));
        for wrong in ["", "1", "A", "A0", "ABCD1"] {
            assert_eq!(reference(wrong), None, "{wrong}");
        }
    }
}
