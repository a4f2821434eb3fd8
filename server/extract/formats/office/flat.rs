//! Documents in one XML file: flat OpenDocument, the XML of Word 2003 and of packages, the XML spreadsheets of Excel
//! 2002 and later.

use std::collections::HashMap;

use super::comments::{Comment, put_comments};
use super::odf::Odf;
use super::picture::Picture;
use super::rows::{self, Rows};
use super::word::Word;
use super::xml::{self, Sink, Tag};
use crate::TextKind;
use crate::reader::Reader;

/// Reads such a document; false when the XML is none.
pub(crate) fn read(text: &str, out: &mut Reader) -> bool {
    // what the declaration says of the charset is done
    let text = text.split_once("?>").filter(|(head, _)| head.contains("<?xml")).map_or(text, |(_, rest)| rest);
    let mut root = Root::default();
    xml::parse(text.as_bytes(), &mut root);
    match root.name.as_str() {
        "wordDocument" => running(text, out),
        "package" if root.declares("xmlPackage") => running(text, out),
        "document" if root.declares("opendocument") => open_document(text, out),
        "Workbook" if root.declares("office:spreadsheet") => workbook(text, out),
        _ => return false,
    }
    true
}

/// The root element.
#[derive(Default)]
struct Root {
    name: String,
    attributes: String,
}

impl Root {
    fn declares(&self, name: &str) -> bool {
        self.attributes.contains(name)
    }
}

impl Sink for Root {
    fn open(&mut self, tag: &Tag<'_>) {
        if self.name.is_empty() {
            self.name = tag.name().to_owned();
            self.attributes = tag.raw().to_owned();
        }
    }

    fn close(&mut self, _: &str) {}
    fn text(&mut self, _: &str) {}

    fn done(&self) -> bool {
        !self.name.is_empty()
    }
}

fn running(text: &str, out: &mut Reader) {
    let mut word = Word::default();
    xml::parse(text.as_bytes(), &mut word);
    let (text, apart) = word.finish();
    out.text(TextKind::Plain, text);
    out.text(TextKind::Plain, apart);
}

fn open_document(text: &str, out: &mut Reader) {
    let mut odf = Odf::default();
    xml::parse(text.as_bytes(), &mut odf);
    odf.tell(out);
}

fn workbook(text: &str, out: &mut Reader) {
    let mut book = Workbook::default();
    xml::parse(text.as_bytes(), &mut book);
    for (name, rows) in book.sheets {
        out.text(TextKind::Plain, name.clone());
        out.text_of(&name, TextKind::Table, rows);
    }
    out.text(TextKind::Plain, book.apart);
}

/// An XML spreadsheet.
#[derive(Default)]
struct Workbook {
    sheets: Vec<(String, String)>,
    apart: String,
    pictures: HashMap<String, Picture>,
    style: String,
    name: String,
    rows: Rows,
    row: usize,
    column: usize,
    merged: usize,
    cell: Cell,
    comments: Vec<Comment>,
    in_comment: bool,
    hot: bool,
}

#[derive(Default)]
struct Cell {
    style: String,
    number: bool,
    text: String,
    comment: String,
}

impl Workbook {
    fn open_cell(&mut self, tag: &Tag<'_>) {
        let number = |name: &str| tag.get(name).and_then(|value| value.parse::<usize>().ok());
        self.column = number("Index").map_or(self.column, |index| index.saturating_sub(1));
        self.merged = number("MergeAcross").unwrap_or_default();
        self.cell = Cell { style: tag.get("StyleID").unwrap_or_default().into_owned(), ..Cell::default() };
    }

    fn close_cell(&mut self) {
        let cell = std::mem::take(&mut self.cell);
        if !cell.text.is_empty() {
            let out = self.rows.cell(self.column);
            let digits = rows::digits(&cell.text);
            let plain = cell.number && digits.bytes().all(|byte| byte.is_ascii_digit());
            match self.pictures.get(&cell.style).filter(|_| plain) {
                Some(picture) => rows::put_text(out, &picture.show(&digits)),
                None if cell.number => rows::put_number(out, &digits),
                None => rows::put_text(out, &cell.text),
            }
        }
        if !cell.comment.is_empty() {
            self.comments.push(Comment { row: self.row, column: self.column, text: cell.comment });
        }
        self.column = self.column.saturating_add(1).saturating_add(self.merged);
    }

    fn close_sheet(&mut self) {
        let mut rows = std::mem::take(&mut self.rows);
        put_comments(&mut rows, &std::mem::take(&mut self.comments));
        self.sheets.push((std::mem::take(&mut self.name), rows.finish()));
        self.row = 0;
    }
}

impl Sink for Workbook {
    fn open(&mut self, tag: &Tag<'_>) {
        match tag.name() {
            "Style" => self.style = tag.get("ID").unwrap_or_default().into_owned(),
            "NumberFormat" => {
                let picture = tag.get("Format").and_then(|format| Picture::read(&format));
                self.pictures.extend(picture.map(|picture| (self.style.clone(), picture)));
            }
            "Worksheet" => self.name = tag.get("Name").unwrap_or_default().into_owned(),
            "NamedRange" => {
                for name in ["Name", "RefersTo"] {
                    self.apart.push_str(&tag.get(name).unwrap_or_default());
                    self.apart.push('\n');
                }
            }
            "Row" => {
                let index = tag.get("Index").and_then(|index| index.parse::<usize>().ok());
                self.row = index.map_or(self.row, |index| index.saturating_sub(1));
                self.rows.row(self.row);
                self.column = 0;
            }
            "Cell" => self.open_cell(tag),
            "Comment" => self.in_comment = true,
            "Data" => {
                self.hot = true;
                self.cell.number |= tag.get("Type").is_some_and(|kind| kind == "Number");
            }
            "Header" | "Footer" => {
                self.apart.push_str(&super::sheet::header_text(&tag.get("Data").unwrap_or_default()));
                self.apart.push('\n');
            }
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        match name {
            "Worksheet" => self.close_sheet(),
            "Row" => self.row = self.row.saturating_add(1),
            "Cell" => self.close_cell(),
            "Comment" => self.in_comment = false,
            "Data" => self.hot = false,
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        match (self.hot, self.in_comment) {
            (true, true) => self.cell.comment.push_str(text),
            (true, false) => self.cell.text.push_str(text),
            _ => {}
        }
    }

    fn done(&self) -> bool {
        self.rows.full()
    }
}
