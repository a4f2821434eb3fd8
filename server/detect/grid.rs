//! Lines, rows and columns of a text by byte offset.

/// Where the lines and the cells of a text begin.
pub(crate) struct Grid {
    lines: Vec<usize>,
    cells: Vec<usize>,
    len: usize,
}

impl Grid {
    /// Reads the lines and cells of `text`. Tabs are cell borders too, except where they indent a line.
    pub(crate) fn new(text: &str) -> Self {
        let (mut lines, mut cells) = (vec![0], vec![0]);
        let mut blank = true;
        for (at, byte) in text.bytes().enumerate() {
            match byte {
                b'\n' => {
                    lines.push(at + 1);
                    cells.push(at + 1);
                    blank = true;
                }
                0x1f => {
                    cells.push(at + 1);
                    blank = false;
                }
                b'\t' if !blank => cells.push(at + 1),
                b' ' | b'\t' => {}
                _ => blank = false,
            }
        }
        Self { lines, cells, len: text.len() }
    }

    /// The line that holds the offset, counted from 0.
    pub(crate) fn line(&self, offset: usize) -> usize {
        self.lines.partition_point(|&start| start <= offset).saturating_sub(1)
    }

    /// How many lines there are.
    pub(crate) fn line_count(&self) -> usize {
        self.lines.len()
    }

    /// The byte range of a line, with its line feed.
    pub(crate) fn line_range(&self, line: usize) -> (usize, usize) {
        let start = self.lines.get(line).copied().unwrap_or(self.len);
        (start, self.lines.get(line + 1).copied().unwrap_or(self.len))
    }

    /// Whether the line has more than one cell.
    pub(crate) fn is_row(&self, line: usize) -> bool {
        // no line has a second cell
        if self.cells.len() == self.lines.len() {
            return false;
        }
        let (start, end) = self.line_range(line);
        let first = self.cells.partition_point(|&cell| cell < start);
        let last = line + 1 == self.lines.len();
        self.cells.get(first + 1).is_some_and(|&second| second < end || last && second == end)
    }

    /// The column that holds the offset, counted from 0.
    pub(crate) fn column(&self, offset: usize) -> usize {
        let (start, _) = self.line_range(self.line(offset));
        let first = self.cells.partition_point(|&cell| cell < start);
        self.cells.partition_point(|&cell| cell <= offset).saturating_sub(first + 1)
    }

    /// The byte range of the cell that holds the offset, with its border.
    pub(crate) fn cell_range(&self, offset: usize) -> (usize, usize) {
        let next = self.cells.partition_point(|&cell| cell <= offset);
        let start = next.checked_sub(1).and_then(|at| self.cells.get(at)).copied().unwrap_or(0);
        (start, self.cells.get(next).copied().unwrap_or(self.len))
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
        assert_eq!(grid.cell_range(text.find('e').unwrap()), (9, 11));
    }

    #[test]
    fn a_final_line_feed_makes_no_row() {
        assert!(!Grid::new("a\n").is_row(0));
        assert!(Grid::new("a\u{1f}").is_row(0));
    }
}
