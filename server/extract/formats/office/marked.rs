//! Running text whose paragraphs, cells and rows end with marks, as in the older formats of Word. It knows no file
//! format.

use super::flow::Change;
use crate::{CELL, CELL_LINE, NUMBER};

/// Bytes of one text at most.
const TEXT: usize = 32 << 20;

/// A text while it is put together.
#[derive(Default)]
pub(crate) struct Marked {
    out: String,
    /// The paragraph in work, and what it was before the changes that are tracked.
    now: String,
    before: Option<String>,
}

impl Marked {
    /// Adds a run. What is only there before the changes is kept apart from what is only there after them.
    pub fn text(&mut self, text: &str, change: Change) {
        if self.full() {
            return;
        }
        if change != Change::None && self.before.is_none() {
            self.before = Some(self.now.clone());
        }
        let clean = text.chars().map(|c| if matches!(c, CELL | NUMBER) { ' ' } else { c });
        if let Some(before) = self.before.as_mut().filter(|_| change != Change::Added) {
            before.extend(clean.clone());
        }
        if change != Change::Removed {
            self.now.extend(clean);
        }
    }

    /// Ends a paragraph, which may be one of several in a cell.
    pub fn end_paragraph(&mut self, in_cell: bool) {
        let end = if in_cell { CELL_LINE } else { '\n' };
        self.put(end);
        self.out.push(end);
    }

    /// Ends a cell.
    pub fn end_cell(&mut self) {
        self.put(CELL_LINE);
        self.out.push(CELL);
    }

    /// Ends a row.
    pub fn end_row(&mut self) {
        self.put('\n');
        self.out.push('\n');
    }

    fn put(&mut self, between: char) {
        self.out.push_str(&self.now);
        if let Some(before) = self.before.take().filter(|before| *before != self.now) {
            self.out.push(between);
            self.out.push_str(&before);
        }
        self.now.clear();
    }

    /// Whether the text is longer than what is read.
    pub fn full(&self) -> bool {
        self.out.len() + self.now.len() > TEXT
    }

    /// The text.
    pub fn finish(mut self) -> String {
        self.put('\n');
        self.out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_make_rows_and_changes_give_both_readings() {
        let mut text = Marked::default();
        text.text("a", Change::None);
        text.end_cell();
        text.text("1", Change::Removed);
        text.text("2", Change::Added);
        text.end_cell();
        text.end_row();
        text.text("x\u{1f}y", Change::None);
        text.end_paragraph(false);
        assert_eq!(text.finish(), "a\u{1f}2\u{2028}1\u{1f}\nx y\n");
    }
}
