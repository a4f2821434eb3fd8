//! The comments of a sheet, plain and threaded (ECMA-376 part 1, 18.7; [MS-XLSX] 2.6.205).

use super::rows::{self, Rows};
use super::xml::{Sink, Tag};

/// A comment and the cell that it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Comment {
    /// The row, counted from 0.
    pub row: usize,
    /// The column, counted from 0.
    pub column: usize,
    /// What it says.
    pub text: String,
}

/// Adds the comments below the rows of their sheet, each in its column.
pub(crate) fn put_comments(sheet: &mut Rows, comments: &[Comment]) {
    for comment in comments {
        sheet.row(sheet.last().saturating_add(1));
        rows::put_text(sheet.cell(comment.column), &comment.text);
    }
}

/// The comments of one part.
#[derive(Default)]
pub(crate) struct Comments {
    /// The comments so far, each whole when its element has ended.
    pub all: Vec<Comment>,
    hot: bool,
}

impl Sink for Comments {
    fn open(&mut self, tag: &Tag<'_>) {
        match tag.name() {
            "comment" | "threadedComment" => {
                let place = tag.get("ref").and_then(|cell| rows::reference(&cell));
                let (row, column) = place.unwrap_or_default();
                self.all.push(Comment { row, column, text: String::new() });
            }
            "t" => self.hot = true,
            // of threaded comments: the text itself; of plain ones: the runs
            "text" => self.hot = true,
            "r" | "rPh" => self.hot = false,
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        if matches!(name, "t" | "text") {
            self.hot = false;
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(comment) = self.all.last_mut().filter(|_| self.hot) {
            comment.text.push_str(text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::office::xml;

    #[test]
    fn plain_and_threaded_comments_are_read() {
        for xml in [
            "<comments><commentList><comment ref='B2'><text><r><t>12</t></r><r><t>34</t></r></text></comment></commentList></comments>",
            "<ThreadedComments><threadedComment ref='B2'><text>1234</text></threadedComment></ThreadedComments>",
        ] {
            let mut comments = Comments::default();
            assert!(xml::parse(xml.as_bytes(), &mut comments));
            assert_eq!(comments.all, [Comment { row: 1, column: 1, text: "1234".to_owned() }], "{xml}");
        }
    }
}
