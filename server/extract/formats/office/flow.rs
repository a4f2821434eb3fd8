//! Running text with tables in it, as it is put together from runs: the runs of a paragraph joined, tables as rows
//! of cells, and what stands beside the text apart. It knows no file format.

use crate::{CELL, CELL_LINE, NUMBER};

/// Bytes of one flow at most.
const FLOW: usize = 32 << 20;
/// Columns that one cell spans at most.
const SPAN: usize = 64;
/// Paragraphs and tables within each other at most; what lies deeper is joined to the deepest.
const DEPTH: usize = 64;

/// Whether a run was there before the changes that are tracked, or is there after them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    /// Both.
    None,
    /// Only after them.
    Added,
    /// Only before them.
    Removed,
}

/// A text while it is put together.
#[derive(Default)]
pub(crate) struct Flow {
    out: String,
    apart: String,
    paragraphs: Vec<Paragraph>,
    tables: Vec<Table>,
    /// What names the next run, as the title of a form field does.
    label: Option<String>,
}

/// A paragraph as it is now and, when that differs, as it was.
#[derive(Default)]
struct Paragraph {
    now: String,
    before: Option<String>,
}

#[derive(Default)]
struct Table {
    rows: usize,
    cells: usize,
    /// Columns that the last cell spans beyond its own.
    spanned: usize,
}

impl Flow {
    /// Adds a run.
    pub fn text(&mut self, text: &str, change: Change) {
        if self.full() || text.is_empty() {
            return;
        }
        if let Some(label) = self.label.take() {
            self.text(&label, change);
            self.text(": ", change);
        }
        let in_cell = !self.tables.is_empty();
        let clean: std::borrow::Cow<str> = match text.bytes().any(|byte| byte < b' ') {
            true => text.chars().map(|c| visible(c, in_cell)).collect(),
            false => text.into(),
        };
        let Some(paragraph) = self.paragraphs.last_mut() else { return self.out.push_str(&clean) };
        if change != Change::None && paragraph.before.is_none() {
            paragraph.before = Some(paragraph.now.clone());
        }
        if change != Change::Removed {
            paragraph.now.push_str(&clean);
        }
        if let Some(before) = paragraph.before.as_mut().filter(|_| change != Change::Added) {
            before.push_str(&clean);
        }
    }

    /// Names the next run.
    pub fn label(&mut self, label: &str) {
        self.label = Some(label.to_owned()).filter(|label| !label.trim().is_empty());
    }

    /// A line break within a paragraph.
    pub fn line_break(&mut self) {
        self.text("\n", Change::None);
    }

    /// Adds a line to what stands beside the text.
    pub fn aside(&mut self, line: &str) {
        if self.apart.len() < FLOW && !line.trim().is_empty() {
            self.apart.extend(line.trim().chars().map(|c| visible(c, false)));
            self.apart.push('\n');
        }
    }

    /// Begins a paragraph, perhaps within another one.
    pub fn open_paragraph(&mut self) {
        if self.paragraphs.len() < DEPTH {
            self.paragraphs.push(Paragraph::default());
        }
    }

    /// Ends a paragraph.
    pub fn close_paragraph(&mut self) {
        let Some(paragraph) = self.paragraphs.pop() else { return };
        self.put(&paragraph.now);
        if let Some(before) = paragraph.before.filter(|before| *before != paragraph.now) {
            self.put(&before);
        }
    }

    fn put(&mut self, text: &str) {
        if self.tables.is_empty() {
            self.out.push_str(text);
            self.out.push('\n');
        } else if !text.is_empty() {
            if !self.out.is_empty() && !self.out.ends_with([CELL, '\n']) {
                self.out.push(CELL_LINE);
            }
            self.out.push_str(text);
        }
    }

    /// Begins a table, perhaps within a cell; its first row goes on with the row that it lies in.
    pub fn open_table(&mut self) {
        if self.tables.is_empty() {
            self.new_line();
        }
        if self.tables.len() < DEPTH {
            self.tables.push(Table::default());
        }
    }

    /// Begins a row.
    pub fn open_row(&mut self) {
        let Some(table) = self.tables.last_mut() else { return };
        table.rows += 1;
        (table.cells, table.spanned) = (0, 0);
        if table.rows > 1 {
            self.end_row();
        }
    }

    /// Begins a cell.
    pub fn open_cell(&mut self) {
        let Some(table) = self.tables.last_mut() else { return };
        if table.cells > 0 {
            self.out.extend(std::iter::repeat_n(CELL, 1 + table.spanned));
        }
        table.cells += 1;
        table.spanned = 0;
    }

    /// Says that the cell spans so many columns.
    pub fn span(&mut self, columns: usize) {
        if let Some(table) = self.tables.last_mut() {
            table.spanned = columns.saturating_sub(1).min(SPAN);
        }
    }

    /// Writes what a cell holds, as it is.
    pub fn cell_text(&mut self, text: &str) {
        let marked = text.strip_prefix(NUMBER);
        self.out.extend(marked.map(|_| NUMBER));
        self.out.extend(marked.unwrap_or(text).chars().map(|c| visible(c, true)));
    }

    /// What the last cell holds.
    pub fn last_cell(&self) -> String {
        self.out.rsplit([CELL, '\n']).next().unwrap_or_default().to_owned()
    }

    /// The text so far, which begins anew.
    pub fn take(&mut self) -> String {
        std::mem::take(&mut self.out)
    }

    /// Ends a table.
    pub fn close_table(&mut self) {
        self.tables.pop();
        if self.tables.is_empty() {
            self.end_row();
        }
    }

    fn end_row(&mut self) {
        let start = self.out.rfind('\n').map_or(0, |at| at + 1);
        // a row of one cell is a row
        if self.out.len() > start && !self.out.get(start..).unwrap_or_default().contains(CELL) {
            self.out.push(CELL);
        }
        self.out.push('\n');
    }

    fn new_line(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with('\n') {
            self.out.push('\n');
        }
    }

    /// Whether the text is longer than what is read.
    pub fn full(&self) -> bool {
        self.out.len() > FLOW || self.paragraphs.last().is_some_and(|paragraph| paragraph.now.len() > FLOW)
    }

    /// The text, and what stands beside it.
    pub fn finish(mut self) -> (String, String) {
        while !self.paragraphs.is_empty() {
            self.close_paragraph();
        }
        (self.out, self.apart)
    }
}

/// A character as it may stand in a text: no border of cells, no line break in a cell.
fn visible(c: char, in_cell: bool) -> char {
    match c {
        '\n' | '\r' | '\u{b}' if in_cell => CELL_LINE,
        CELL | NUMBER | '\r' | '\u{b}' => ' ',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_give_both_readings_of_a_paragraph() {
        let mut flow = Flow::default();
        flow.open_paragraph();
        flow.text("番号 ", Change::None);
        flow.text("1234", Change::Removed);
        flow.text("5678", Change::Added);
        flow.text("号", Change::None);
        flow.close_paragraph();
        assert_eq!(flow.finish().0, "番号 5678号\n番号 1234号\n");
    }

    #[test]
    fn tables_are_rows_also_within_a_cell() {
        let mut flow = Flow::default();
        let cell = |flow: &mut Flow, text: &str| {
            flow.open_cell();
            flow.open_paragraph();
            flow.text(text, Change::None);
            flow.close_paragraph();
        };
        flow.open_table();
        flow.open_row();
        cell(&mut flow, "a");
        flow.span(3);
        cell(&mut flow, "b");
        flow.open_row();
        flow.open_cell();
        flow.open_table();
        flow.open_row();
        cell(&mut flow, "1");
        cell(&mut flow, "2");
        flow.close_table();
        cell(&mut flow, "x\ny");
        flow.open_row();
        cell(&mut flow, "end");
        flow.close_table();
        assert_eq!(flow.finish().0, "a\u{1f}\u{1f}\u{1f}b\n1\u{1f}2\u{1f}x\u{2028}y\nend\u{1f}\n");
    }
}
