//! The text of an HTML mail: for previews, quotes, printing, and where its form cannot be shown.

use super::elements;
use super::rebuild::Piece;

/// A line of text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Line {
    /// How many quotes it stands in.
    pub depth: usize,
    /// The text without marks of quoting.
    pub text: String,
}

/// Lines with `> ` before what is quoted.
pub(super) fn text(lines: &[Line]) -> String {
    let mut out = String::new();
    for line in lines {
        if line.depth > 0 {
            out.push_str(&">".repeat(line.depth));
            out.push(' ');
        }
        out.push_str(&line.text);
        out.push('\n');
    }
    out
}

/// The text of HTML that is not worth a tree, by mail-parser.
pub(super) fn without_form(html: &str) -> String {
    crate::parsed::text_of_html(html)
}

/// Lines of plain text, none of them in a quote.
pub(super) fn unquoted_lines(text: &str) -> Vec<Line> {
    text.lines().map(|line| Line { depth: 0, text: line.trim_end().to_owned() }).collect()
}

/// The lines of a cleaned document.
pub(super) fn lines(pieces: &[Piece]) -> Vec<Line> {
    let mut page = Page::default();
    for piece in pieces {
        match piece {
            Piece::Open(name, attrs) => page.open(name, attrs.iter().map(|(name, value)| (&**name, value.as_str()))),
            Piece::Close(name) => page.close(name),
            Piece::Text(text) => page.text(text),
        }
    }
    page.finished()
}

#[derive(Default)]
struct Page {
    lines: Vec<Line>,
    line: String,
    depth: usize,
    preformatted: usize,
    lists: Vec<Option<usize>>,
    space: bool,
    gap: bool,
}

impl Page {
    fn open<'a>(&mut self, name: &str, mut attrs: impl Iterator<Item = (&'a str, &'a str)>) {
        match name {
            "br" => self.end_line(true),
            "img" => {
                if let Some((_, alt)) = attrs.find(|(name, alt)| *name == "alt" && !alt.trim().is_empty()) {
                    self.put(&format!("[{}]", alt.trim()));
                }
            }
            "td" | "th" if !self.line.is_empty() => self.line.push('\t'),
            "tr" => self.end_line(false),
            _ if elements::is_block(name) => self.block(name),
            _ => {}
        }
        match name {
            "blockquote" => self.depth += 1,
            "pre" => self.preformatted += 1,
            "ul" | "menu" | "dir" => self.lists.push(None),
            "ol" => self.lists.push(Some(0)),
            "li" => self.item(),
            "hr" => {
                self.put("----------");
                self.end_line(false);
            }
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        if elements::is_block(name) {
            self.block(name);
        } else if name == "tr" {
            self.end_line(false);
        }
        match name {
            "blockquote" => self.depth = self.depth.saturating_sub(1),
            "pre" => self.preformatted = self.preformatted.saturating_sub(1),
            "ul" | "menu" | "dir" | "ol" => {
                self.lists.pop();
            }
            _ => {}
        }
    }

    fn item(&mut self) {
        let indent = "  ".repeat(self.lists.len().saturating_sub(1).min(10));
        let mark = match self.lists.last_mut() {
            Some(Some(number)) => {
                *number += 1;
                format!("{number}. ")
            }
            _ => "- ".to_owned(),
        };
        self.flush_gap();
        self.line.push_str(&indent);
        self.line.push_str(&mark);
    }

    fn text(&mut self, text: &str) {
        if self.preformatted > 0 {
            for (at, line) in text.split('\n').enumerate() {
                if at > 0 {
                    self.end_line(true);
                }
                self.flush_gap();
                self.line.push_str(line);
            }
            return;
        }
        for word in text.split_inclusive([' ', '\t', '\n']) {
            let trimmed = word.trim_end_matches([' ', '\t', '\n']);
            if !trimmed.is_empty() {
                self.put(trimmed);
            }
            self.space |= trimmed.len() < word.len();
        }
    }

    fn put(&mut self, word: &str) {
        self.flush_gap();
        if std::mem::take(&mut self.space) && !self.line.is_empty() && !self.line.ends_with([' ', '\t']) {
            self.line.push(' ');
        }
        self.line.push_str(word);
    }

    /// The empty line that a paragraph asked for, now that something follows it.
    fn flush_gap(&mut self) {
        if std::mem::take(&mut self.gap) && !self.lines.is_empty() {
            self.lines
                .push(Line { depth: self.depth.min(self.lines.last().map_or(0, |l| l.depth)), text: String::new() });
        }
    }

    fn block(&mut self, name: &str) {
        self.end_line(false);
        self.gap |= matches!(
            name,
            "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "blockquote" | "table" | "ul" | "ol" | "pre"
        );
    }

    fn end_line(&mut self, also_empty: bool) {
        self.space = false;
        let text = std::mem::take(&mut self.line);
        let text = text.trim_end();
        if also_empty || !text.is_empty() {
            self.flush_gap();
            self.lines.push(Line { depth: self.depth, text: text.to_owned() });
        }
    }

    fn finished(mut self) -> Vec<Line> {
        self.end_line(false);
        while self.lines.last().is_some_and(|line| line.text.is_empty()) {
            self.lines.pop();
        }
        self.lines
    }
}
