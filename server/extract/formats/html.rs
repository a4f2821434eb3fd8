//! HTML as its reader sees it: inline tags vanish, blocks end lines, table cells are cells; what hides in form
//! fields, hints and mail links is appended. Scripts, styles and comments are dropped.

use std::cell::RefCell;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};

use crate::{CELL, CELL_LINE};

/// Columns that one cell spans at most.
const SPAN: usize = 50;

/// The text of an HTML document. Nothing is rejected: whatever the tokenizer makes of it is read.
pub(crate) fn text(html: &str) -> String {
    let tokenizer = Tokenizer::new(Reader::default(), TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(StrTendril::from_slice(html));
    while !input.is_empty() {
        if matches!(tokenizer.feed(&input), html5ever::TokenizerResult::Done) {
            break;
        }
    }
    tokenizer.end();
    tokenizer.sink.0.into_inner().finished()
}

#[derive(Default)]
struct Reader(RefCell<Page>);

impl TokenSink for Reader {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut page = self.0.borrow_mut();
        match token {
            Token::CharacterTokens(text) => page.text(&text),
            Token::TagToken(tag) => return page.tag(&tag),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

/// A row of a table while it is read.
#[derive(Default)]
struct Row {
    /// The cells begun in it.
    cells: usize,
    /// Columns that the last cell spans beyond its own.
    spanned: usize,
}

/// The text so far.
#[derive(Default)]
struct Page {
    out: String,
    hidden: String,
    /// The row of each open table.
    rows: Vec<Row>,
    in_cell: bool,
    dropped: bool,
    preformatted: usize,
    /// A space is due before the next character.
    space: bool,
    /// A line break within a cell is due.
    cell_line: bool,
}

impl Page {
    fn text(&mut self, text: &str) {
        if self.dropped {
            return;
        }
        for c in text.chars() {
            if self.preformatted > 0 && c == '\n' {
                self.line_break();
            } else if matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{c}') {
                self.space = true;
            } else {
                self.put(c);
            }
        }
    }

    fn put(&mut self, c: char) {
        if std::mem::take(&mut self.cell_line) {
            self.out.push(CELL_LINE);
            self.space = false;
        }
        if std::mem::take(&mut self.space) && !self.out.ends_with(['\n', CELL, CELL_LINE]) && !self.out.is_empty() {
            self.out.push(' ');
        }
        // a cell border in the source would forge a column
        self.out.push(if c == CELL { ' ' } else { c });
    }

    /// A `<br>`.
    fn line_break(&mut self) {
        self.space = false;
        match self.in_cell {
            true => self.cell_line = !self.out.ends_with(['\n', CELL]),
            false => self.out.push('\n'),
        }
    }

    /// The edge of a block: a new line unless there is one.
    fn block(&mut self) {
        self.space = false;
        if self.in_cell {
            self.cell_line = !self.out.is_empty() && !self.out.ends_with(['\n', CELL]);
        } else {
            self.new_line();
        }
    }

    fn new_line(&mut self) {
        self.space = false;
        self.cell_line = false;
        if !self.out.is_empty() && !self.out.ends_with('\n') {
            self.out.push('\n');
        }
    }

    fn tag(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        let start = tag.kind == TagKind::StartTag;
        match (tag.name.as_ref(), start) {
            ("script", true) => return self.drop_raw(RawKind::ScriptData),
            ("style" | "noframes" | "xmp" | "iframe" | "noembed", true) => return self.drop_raw(RawKind::Rawtext),
            ("script" | "style" | "noframes" | "xmp" | "iframe" | "noembed", false) => self.dropped = false,
            ("title" | "textarea", true) => {
                self.block();
                return TokenSinkResult::RawData(RawKind::Rcdata);
            }
            ("br", _) => self.line_break(),
            ("pre", true) => self.preformatted += 1,
            ("pre", false) => self.preformatted = self.preformatted.saturating_sub(1),
            ("table" | "tr" | "td" | "th" | "caption", _) => self.table(tag, start),
            (name, _) if is_block(name) => self.block(),
            _ => {}
        }
        if start {
            self.attributes(tag);
        }
        TokenSinkResult::Continue
    }

    fn drop_raw(&mut self, kind: RawKind) -> TokenSinkResult<()> {
        self.dropped = true;
        TokenSinkResult::RawData(kind)
    }

    fn table(&mut self, tag: &Tag, start: bool) {
        match (tag.name.as_ref(), start) {
            ("table", true) => {
                self.new_line();
                self.rows.push(Row::default());
                self.in_cell = false;
            }
            ("table", false) => {
                self.rows.pop();
                self.new_line();
                self.in_cell = self.rows.last().is_some_and(|row| row.cells > 0);
            }
            ("td" | "th", true) => self.cell(span(tag)),
            ("td" | "th", false) => {
                self.space = false;
                self.cell_line = false;
            }
            (_, start) => {
                self.in_cell = false;
                self.new_line();
                if let Some(row) = self.rows.last_mut().filter(|_| start) {
                    *row = Row::default();
                }
            }
        }
    }

    fn cell(&mut self, span: usize) {
        self.space = false;
        self.cell_line = false;
        self.in_cell = true;
        if self.rows.is_empty() {
            self.rows.push(Row::default());
        }
        if let Some(row) = self.rows.last_mut() {
            let borders = if row.cells > 0 { row.spanned + 1 } else { 0 };
            self.out.extend(std::iter::repeat_n(CELL, borders));
            *row = Row { cells: row.cells + 1, spanned: span.saturating_sub(1) };
        }
    }

    /// What attributes hold that people wrote or will read.
    fn attributes(&mut self, tag: &Tag) {
        let value =
            |name: &str| tag.attrs.iter().find(|attr| attr.name.local.as_ref() == name).map(|attr| attr.value.as_ref());
        for name in ["title", "aria-label"] {
            if let Some(text) = value(name) {
                self.hide(&[text]);
            }
        }
        // what is seen in the line: a picture's words, what a field is filled with
        let inline = match tag.name.as_ref() {
            "input" => value("value"),
            _ => value("alt"),
        };
        if let Some(text) = inline.filter(|text| !text.trim().is_empty()) {
            self.space = true;
            self.text(text);
            self.space = true;
        }
        if matches!(tag.name.as_ref(), "input" | "option" | "button" | "param" | "data") {
            let parts = ["placeholder", "name", "id", "value"].map(|name| value(name).unwrap_or_default());
            self.hide(&parts);
        }
        if let Some(link) =
            value("href").filter(|link| link.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("mailto:")))
        {
            let query = link.split_once('?').map_or("", |(_, query)| query);
            self.hide(&[&percent_decoded(query)]);
        }
    }

    fn hide(&mut self, parts: &[&str]) {
        let line = parts
            .iter()
            .filter(|part| !part.is_empty())
            .map(|part| part.replace(['\n', CELL], " "))
            .collect::<Vec<_>>();
        if !line.is_empty() {
            self.hidden.push_str(&line.join(" "));
            self.hidden.push('\n');
        }
    }

    fn finished(mut self) -> String {
        if !self.hidden.is_empty() {
            self.new_line();
            self.out.push('\n');
            self.out.push_str(&self.hidden);
        }
        self.out
    }
}

fn span(tag: &Tag) -> usize {
    let given = tag.attrs.iter().find(|attr| attr.name.local.as_ref() == "colspan");
    given.and_then(|attr| attr.value.trim().parse().ok()).unwrap_or(1usize).min(SPAN)
}

fn is_block(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "body"
            | "center"
            | "dd"
            | "details"
            | "dialog"
            | "dir"
            | "div"
            | "dl"
            | "dt"
            | "fieldset"
            | "figcaption"
            | "figure"
            | "footer"
            | "form"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "head"
            | "header"
            | "hr"
            | "html"
            | "legend"
            | "li"
            | "main"
            | "menu"
            | "nav"
            | "ol"
            | "optgroup"
            | "option"
            | "p"
            | "section"
            | "select"
            | "summary"
            | "tbody"
            | "textarea"
            | "tfoot"
            | "thead"
            | "title"
            | "ul"
    )
}

/// The text of a query with `%xx` decoded (RFC 6068 2).
fn percent_decoded(query: &str) -> String {
    let bytes = query.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let code = bytes.get(at + 1..at + 3).and_then(|hex| std::str::from_utf8(hex).ok());
        match code.and_then(|hex| u8::from_str_radix(hex, 16).ok()).filter(|_| byte == b'%') {
            Some(value) => {
                out.push(value);
                at += 3;
            }
            None => {
                out.push(if byte == b'&' { b'\n' } else { byte });
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_read_as_they_are_seen() {
        for (html, want) in [
            ("<b>1234</b><span>5678</span>", "12345678"),
            ("<p>a</p><p>b<br>c</p>", "a\nb\nc\n"),
            ("<div>a\n  b</div>", "a b\n"),
            ("&#49;&#x32;&#65299;&nbsp;&shy;4", "12３\u{a0}\u{ad}4"),
            ("<style>p{}</style><script>var a=1;</script><!-- 1 -->x", "x"),
            (
                "<table><tr><th>氏名</th><th>番号</th></tr>\n<tr><td><p>山田</p></td><td>12<b>34</b></td></tr></table>",
                "氏名\u{1f}番号\n山田\u{1f}1234\n",
            ),
            ("<table><tr><td colspan=2>a<td>b", "a\u{1f}\u{1f}b"),
            ("<table><tr><td>a<br>b</td><td>c</td></tr></table>", "a\u{2028}b\u{1f}c\n"),
            ("<table><tr><td>x<table><tr><td>1<td>2</table></td><td>y</table>", "x\n1\u{1f}2\n\u{1f}y\n"),
            ("個人番号<img alt='図 1'>x", "個人番号 図 1 x"),
            ("<p aria-label='番号 1'>x</p>", "x\n\n番号 1\n"),
            ("番号<input name=mynumber value=123>", "番号 123\n\nmynumber 123\n"),
            ("<a href='mailto:a@b.c?body=%E7%95%AA'>x</a>", "x\n\nbody=番\n"),
            ("<title>a</title><pre>1\n2</pre>", "a\n1\n2"),
        ] {
            assert_eq!(text(html), want, "{html}");
        }
    }
}
