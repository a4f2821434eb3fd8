//! The running text and the sheets of OpenDocument (ODF 1.3 part 3). The elements are told by their local names.

use std::collections::{HashMap, HashSet};

use super::flow::{Change, Flow};
use super::rows;
use super::xml::{Sink, Tag};
use crate::reader::Reader;
use crate::{Reason, TextKind};

/// Elements whose attributes people read.
const SEEN: &[(&str, &[&str])] = &[
    ("user-field-decl", &["name", "string-value", "value"]),
    ("hidden-text", &["string-value"]),
    ("hidden-paragraph", &["string-value"]),
    ("conditional-text", &["string-value-if-true", "string-value-if-false"]),
    ("named-expression", &["name", "expression"]),
    ("content-validation", &["condition"]),
    ("a", &["href", "title"]),
    ("text", FIELD),
    ("textarea", FIELD),
    ("formatted-text", FIELD),
    ("fixed-text", FIELD),
    ("combobox", FIELD),
    ("listbox", FIELD),
    ("option", FIELD),
    ("item", FIELD),
    ("checkbox", FIELD),
    ("hidden", FIELD),
];
/// The attributes of a form field.
const FIELD: &[&str] = &["name", "label", "title", "current-value", "value"];
/// Cells that are the same one after another, as far as they are written.
const REPEATED: usize = 256;
/// Empty cells in a row, as far as they are kept.
const EMPTY: usize = 1024;
/// Spaces in a row, as far as they are kept.
const SPACES: usize = 64;
/// Tracked deletions that are kept.
const DELETIONS: usize = 10_000;

/// A document while it is read.
#[derive(Default)]
pub(crate) struct Odf {
    flow: Flow,
    /// The sheets of a workbook that are whole.
    sheets: Vec<Table>,
    in_workbook: bool,
    tables: usize,
    sheet: String,
    cell: Cell,
    /// Empty cells before the next one.
    empty: usize,
    /// The column of the next cell.
    column: usize,
    paragraphs: usize,
    /// Open elements whose text is none of the document's: numbers of notes, authors, dates.
    silent: usize,
    /// Open elements whose text stands beside: readings, titles, descriptions.
    beside: usize,
    aside: String,
    changes: Changes,
    /// Open comments, what they say, and those of the sheet with their columns.
    comments: usize,
    comment: String,
    notes: Vec<(usize, String)>,
}

/// A sheet.
struct Table {
    name: String,
    rows: String,
}

/// The cell in work.
#[derive(Default)]
struct Cell {
    open: bool,
    repeated: usize,
    /// The digits of a cell that holds a number.
    number: Option<String>,
    /// How that number is shown.
    shown: String,
    /// What the cell holds when it shows nothing.
    unseen: String,
}

/// Tracked changes.
#[derive(Default)]
struct Changes {
    region: String,
    deleting: bool,
    deleted: HashMap<String, String>,
    inserted: HashSet<String>,
    added: usize,
}

impl Odf {
    /// Gives the texts to `out`; a sheet is a place of its own.
    pub fn tell(self, out: &mut Reader) {
        if self.full() {
            out.refuse(Reason::TooBig);
        }
        let (sheets, text, apart) = self.finish();
        for sheet in sheets {
            out.text(TextKind::Plain, sheet.name.clone());
            out.text_of(&sheet.name, TextKind::Table, sheet.rows);
        }
        out.text(TextKind::Plain, text);
        out.text(TextKind::Plain, apart);
    }

    /// The sheets, the text, and what stands beside it.
    fn finish(self) -> (Vec<Table>, String, String) {
        let (text, apart) = self.flow.finish();
        (self.sheets, text, apart)
    }

    /// Whether the text is longer than what is read.
    fn full(&self) -> bool {
        self.flow.full()
    }

    fn change(&self) -> Change {
        if self.changes.added > 0 { Change::Added } else { Change::None }
    }

    fn put(&mut self, text: &str) {
        if self.silent > 0 {
        } else if self.comments > 0 {
            self.comment.push_str(text);
        } else if self.beside > 0 {
            self.aside.push_str(text);
        } else if self.changes.deleting {
            if let Some(deleted) = self.changes.deleted.get_mut(&self.changes.region) {
                deleted.push_str(text);
            }
        } else if self.cell.number.is_some() {
            self.cell.shown.push_str(text);
        } else {
            self.begin_cell();
            self.flow.text(text, self.change());
        }
    }

    /// Begins the cell in the text, once there is something in it.
    fn begin_cell(&mut self) {
        if self.cell.open || self.tables == 0 {
            return;
        }
        self.cell.open = true;
        for _ in 0..std::mem::take(&mut self.empty).min(EMPTY) + 1 {
            self.flow.open_cell();
        }
    }

    fn open_cell(&mut self, tag: &Tag<'_>) {
        let mut cell = Cell { repeated: 1, ..Cell::default() };
        for (name, value) in tag.attributes() {
            match name {
                "number-columns-repeated" => cell.repeated = value.parse().unwrap_or(1),
                "value" => cell.number = Some(rows::digits(&value).into_owned()),
                "string-value" | "formula" => cell.unseen = value.into_owned(),
                _ => {}
            }
        }
        self.cell = cell;
    }

    fn close_cell(&mut self) {
        let cell = std::mem::take(&mut self.cell);
        let number = cell.number.as_deref().map(|digits| shown(digits, &cell.shown));
        let content = number.unwrap_or_default();
        let times = cell.repeated.clamp(1, REPEATED);
        self.column = self.column.saturating_add(cell.repeated);
        if !content.is_empty() {
            self.repeat(&content, times);
        } else if cell.open {
            // a text is not repeated but where it is a digit in a box, and that is kept as a number or is short
            self.repeat_last(times);
        } else if !cell.unseen.is_empty() {
            self.repeat(&cell.unseen, 1);
        } else {
            self.empty = self.empty.saturating_add(cell.repeated);
        }
    }

    fn repeat(&mut self, content: &str, times: usize) {
        for _ in 0..times {
            self.cell.open = false;
            self.begin_cell();
            self.flow.cell_text(content);
        }
        self.cell.open = false;
    }

    fn repeat_last(&mut self, times: usize) {
        if times > 1 {
            let last = self.flow.last_cell();
            self.repeat(&last, times - 1);
        }
    }

    fn open_table(&mut self, tag: &Tag<'_>) {
        self.tables += 1;
        self.flow.open_table();
        if self.tables == 1 {
            self.sheet = tag.get("name").unwrap_or_default().into_owned();
        }
    }

    fn close_table(&mut self) {
        if self.tables == 1 {
            for (column, note) in std::mem::take(&mut self.notes) {
                self.flow.open_row();
                self.empty = column;
                self.repeat(&note, 1);
            }
        }
        self.tables = self.tables.saturating_sub(1);
        self.flow.close_table();
        if self.tables == 0 && self.in_workbook {
            let (rows, name) = (self.flow.take(), std::mem::take(&mut self.sheet));
            self.sheets.push(Table { name, rows });
        }
    }

    fn open_row(&mut self) {
        self.flow.open_row();
        (self.empty, self.column) = (0, 0);
    }

    fn close_comment(&mut self) {
        self.comments = self.comments.saturating_sub(1);
        if self.comments > 0 {
            return;
        }
        let comment = std::mem::take(&mut self.comment).trim_end().to_owned();
        match self.in_workbook && self.tables > 0 {
            true => self.notes.push((self.column, comment)),
            false => self.flow.aside(&comment),
        }
    }

    fn open_change(&mut self, tag: &Tag<'_>) {
        let id = || tag.get("change-id").unwrap_or_default();
        match tag.name() {
            "changed-region" => self.changes.region = tag.get("id").unwrap_or_default().into_owned(),
            "insertion" => drop(self.changes.inserted.insert(self.changes.region.clone())),
            "deletion" if self.changes.deleted.len() < DELETIONS => {
                self.changes.deleting = true;
                self.changes.deleted.entry(self.changes.region.clone()).or_default();
            }
            "change" => {
                if let Some(deleted) = self.changes.deleted.get(&*id()) {
                    self.flow.text(deleted.trim_end_matches('\n'), Change::Removed);
                }
            }
            "change-start" if self.changes.inserted.contains(&*id()) => self.changes.added += 1,
            "change-end" if self.changes.inserted.contains(&*id()) => {
                self.changes.added = self.changes.added.saturating_sub(1);
            }
            _ => {}
        }
    }

    fn attributes(&mut self, tag: &Tag<'_>) {
        let Some((_, names)) = SEEN.iter().find(|(element, _)| *element == tag.name()) else { return };
        let values: Vec<_> = names.iter().filter_map(|name| tag.get(name)).collect();
        self.flow.aside(&values.join(" "));
    }

    fn open_paragraph(&mut self) {
        self.paragraphs += 1;
        if self.comments == 0 && !self.changes.deleting && self.cell.number.is_none() {
            self.flow.open_paragraph();
        }
    }

    fn close_paragraph(&mut self) {
        self.paragraphs = self.paragraphs.saturating_sub(1);
        if self.comments > 0 || self.changes.deleting {
            self.put("\n");
        } else if self.cell.number.is_none() {
            self.flow.close_paragraph();
        }
    }
}

/// A number as people see it, where that has the same digits; else its digits, marked as a number.
fn shown(digits: &str, shown: &str) -> String {
    let seen: String = shown.chars().filter(char::is_ascii_digit).collect();
    let grouped = shown.chars().all(|c| c.is_ascii_digit() || matches!(c, '-' | ' ' | '(' | ')' | '/' | ':'));
    if grouped && seen.len() > 1 && seen.trim_start_matches('0') == digits && shown != digits {
        return shown.to_owned();
    }
    let mut out = String::new();
    rows::put_number(&mut out, digits);
    out
}

impl Sink for Odf {
    fn open(&mut self, tag: &Tag<'_>) {
        match tag.name() {
            "p" | "h" => self.open_paragraph(),
            "s" => {
                let count = tag.get("c").and_then(|count| count.parse().ok()).unwrap_or(1);
                self.put(&" ".repeat(count.min(SPACES)));
            }
            "tab" => self.put("\t"),
            "line-break" => self.put("\n"),
            "table" => self.open_table(tag),
            "table-row" => self.open_row(),
            "table-cell" | "covered-table-cell" => self.open_cell(tag),
            "spreadsheet" => self.in_workbook = true,
            "annotation" => self.comments += 1,
            "note-citation" | "creator" | "date" | "creator-initials" => self.silent += 1,
            "ruby-text" | "title" | "desc" => self.beside += 1,
            _ => self.open_change(tag),
        }
        self.attributes(tag);
    }

    fn close(&mut self, name: &str) {
        match name {
            "p" | "h" => self.close_paragraph(),
            "table" => self.close_table(),
            "table-cell" | "covered-table-cell" => self.close_cell(),
            "spreadsheet" => self.in_workbook = false,
            "annotation" => self.close_comment(),
            "note-citation" | "creator" | "date" | "creator-initials" => self.silent = self.silent.saturating_sub(1),
            "ruby-text" | "title" | "desc" => {
                self.beside = self.beside.saturating_sub(1);
                self.flow.aside(&self.aside);
                self.aside.clear();
            }
            "deletion" => self.changes.deleting = false,
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        if self.paragraphs > 0 || self.beside > 0 {
            self.put(text);
        }
    }

    fn done(&self) -> bool {
        self.flow.full()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::office::xml;

    fn read(xml: &str) -> (Vec<(String, String)>, String, String) {
        let mut odf = Odf::default();
        assert!(xml::parse(xml.as_bytes(), &mut odf));
        let (sheets, text, apart) = odf.finish();
        (sheets.into_iter().map(|table| (table.name, table.rows)).collect(), text, apart)
    }

    #[test]
    fn paragraphs_are_read_with_what_stands_in_and_beside_them() {
        let (_, text, apart) = read(
            "<office:text><text:p>12<text:span>34</text:span><text:s text:c='2'/>x<text:note><text:note-citation>1</text:note-citation>\
             <text:note-body><text:p>note</text:p></text:note-body></text:note>5<office:annotation><dc:creator>who</dc:creator>\
             <text:p>said</text:p></office:annotation>6<draw:frame><svg:desc>alt</svg:desc></draw:frame></text:p></office:text>",
        );
        assert_eq!((text.as_str(), apart.as_str()), ("note\n1234  x56\n", "said\nalt\n"));
    }

    #[test]
    fn tracked_changes_give_both_readings() {
        let (_, text, _) = read(
            "<text:tracked-changes><text:changed-region xml:id='c1'><text:deletion><office:change-info><dc:creator>w</dc:creator>\
             </office:change-info><text:p>12</text:p></text:deletion></text:changed-region><text:changed-region xml:id='c2'>\
             <text:insertion/></text:changed-region></text:tracked-changes><text:p>a<text:change text:change-id='c1'/>\
             <text:change-start text:change-id='c2'/>34<text:change-end text:change-id='c2'/>b</text:p>",
        );
        assert_eq!(text, "a34b\na12b\n");
    }

    #[test]
    fn sheets_are_rows_with_numbers_as_people_see_them() {
        let (sheets, ..) = read(
            "<office:spreadsheet><table:table table:name='S'><table:table-row table:number-rows-repeated='9'>\
             <table:table-cell table:number-columns-repeated='16384'/></table:table-row><table:table-row><table:table-cell/>\
             <table:table-cell office:value-type='float' office:value='23456789013'><text:p>2.3E+10</text:p></table:table-cell>\
             <table:table-cell office:value='23456789013'><text:p>0234-5678-9013</text:p><office:annotation><text:p>n</text:p>\
             </office:annotation></table:table-cell><table:table-cell office:value='1' table:number-columns-repeated='3'><text:p>1</text:p>\
             </table:table-cell><table:table-cell table:number-columns-repeated='2'><text:p>x</text:p></table:table-cell>\
             </table:table-row></table:table></office:spreadsheet>",
        );
        let rows = "\n\u{1f}\u{1e}23456789013\u{1f}0234-5678-9013\u{1f}1\u{1f}1\u{1f}1\u{1f}x\u{1f}x\n\u{1f}\u{1f}n\n";
        assert_eq!(sheets, [("S".to_owned(), rows.to_owned())]);
    }
}
