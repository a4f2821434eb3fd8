//! Lines, rows and columns of a text by byte offset. Questions mostly go forward through the text, so the last answer is
//! looked at first.

use std::cell::Cell;

use memchr::{memchr_iter, memchr2, memchr3_iter};

/// So many places are gone through one by one from the last answer before all are searched.
const STEPS: usize = 8;

/// Places in a text, in order, and the one that was asked for last.
struct Starts {
    at: Vec<usize>,
    last: Cell<usize>,
}

impl Starts {
    fn new() -> Self {
        Self { at: vec![0], last: Cell::new(0) }
    }

    fn get(&self, index: usize) -> Option<usize> {
        self.at.get(index).copied()
    }

    /// The index of the last start at or before the offset.
    fn index(&self, offset: usize) -> usize {
        let (mut index, mut steps) = (self.last.get(), 0);
        while steps < STEPS && self.get(index + 1).is_some_and(|next| next <= offset) {
            (index, steps) = (index + 1, steps + 1);
        }
        while steps < STEPS && index > 0 && self.get(index).is_some_and(|start| start > offset) {
            (index, steps) = (index - 1, steps + 1);
        }
        if steps == STEPS {
            index = self.at.partition_point(|&start| start <= offset).saturating_sub(1);
        }
        self.last.set(index);
        index
    }
}

/// Where the lines and the cells of a text begin.
pub(crate) struct Grid {
    lines: Starts,
    /// Those of lines too; none where each line is one cell, as in running text.
    cells: Option<Starts>,
    len: usize,
}

impl Grid {
    /// Reads the lines and cells of `text`. Tabs are cell borders too, except where they indent a line.
    pub(crate) fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        if memchr2(0x1f, b'\t', bytes).is_none() {
            let mut lines = Starts::new();
            lines.at.extend(memchr_iter(b'\n', bytes).map(|at| at + 1));
            return Self { lines, cells: None, len: text.len() };
        }
        let (mut lines, mut cells) = (Starts::new(), Starts::new());
        let (mut blank, mut read) = (true, 0);
        for at in memchr3_iter(b'\n', 0x1f, b'\t', bytes) {
            blank = blank && bytes.get(read..at).unwrap_or_default().iter().all(|byte| matches!(byte, b' ' | b'\t'));
            read = at + 1;
            match bytes.get(at) {
                Some(b'\n') => {
                    lines.at.push(at + 1);
                    blank = true;
                }
                Some(b'\t') if blank => continue,
                _ => blank = false,
            }
            cells.at.push(at + 1);
        }
        let cells = (cells.at.len() != lines.at.len()).then_some(cells);
        Self { lines, cells, len: text.len() }
    }

    /// Whether any line has more than one cell.
    pub(crate) fn has_rows(&self) -> bool {
        self.cells.is_some()
    }

    /// Where cells begin.
    fn borders(&self) -> &Starts {
        self.cells.as_ref().unwrap_or(&self.lines)
    }

    /// The line that holds the offset, counted from 0.
    pub(crate) fn line(&self, offset: usize) -> usize {
        self.lines.index(offset)
    }

    /// How many lines there are.
    pub(crate) fn line_count(&self) -> usize {
        self.lines.at.len()
    }

    /// The byte range of a line, with its line feed.
    pub(crate) fn line_range(&self, line: usize) -> (usize, usize) {
        (self.lines.get(line).unwrap_or(self.len), self.lines.get(line + 1).unwrap_or(self.len))
    }

    /// Whether the line has more than one cell.
    pub(crate) fn is_row(&self, line: usize) -> bool {
        if !self.has_rows() {
            return false;
        }
        self.has_cells(line, self.borders().index(self.line_range(line).0))
    }

    /// Whether the line, whose first cell is `first`, has another.
    fn has_cells(&self, line: usize, first: usize) -> bool {
        let end = self.line_range(line).1;
        let last = line + 1 == self.lines.at.len();
        self.borders().get(first + 1).is_some_and(|second| second < end || last && second == end)
    }

    /// The column that holds the offset, if that is in a row.
    pub(crate) fn cell(&self, offset: usize) -> Option<usize> {
        if !self.has_rows() {
            return None;
        }
        let line = self.line(offset);
        let first = self.borders().index(self.line_range(line).0);
        self.has_cells(line, first).then(|| self.borders().index(offset).saturating_sub(first))
    }

    /// The column that holds the offset, counted from 0.
    pub(crate) fn column(&self, offset: usize) -> usize {
        let (start, _) = self.line_range(self.line(offset));
        let first = self.borders().index(start);
        self.borders().index(offset).saturating_sub(first)
    }

    /// The byte range of the cell that holds the offset, with its border.
    pub(crate) fn cell_range(&self, offset: usize) -> (usize, usize) {
        let index = self.borders().index(offset);
        (self.borders().get(index).unwrap_or(0), self.borders().get(index + 1).unwrap_or(self.len))
    }

    /// The position for people: `line 3`, or `row 12 column 3` in a table.
    pub(crate) fn position(&self, offset: usize) -> String {
        let line = self.line(offset);
        match self.is_row(line) {
            true => format!("row {} column {}", line + 1, self.column(offset) + 1),
            false => format!("line {}", line + 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_and_lines_have_positions() {
        let text = "a\n\tb c\nd\u{1f}e\u{1f}f\ng\th";
        let grid = Grid::new(text);
        let position = |needle: &str| grid.position(text.find(needle).unwrap());
        assert_eq!(position("a"), "line 1");
        assert_eq!(position("c"), "line 2");
        assert_eq!(position("d"), "row 3 column 1");
        assert_eq!(position("f"), "row 3 column 3");
        assert_eq!(position("h"), "row 4 column 2");
        assert_eq!(position("a"), "line 1");
        assert_eq!(grid.cell_range(text.find('e').unwrap()), (9, 11));
    }

    #[test]
    fn a_final_line_feed_makes_no_row() {
        assert!(!Grid::new("a\n").is_row(0));
        assert!(Grid::new("a\u{1f}").is_row(0));
    }
}
