//! The binary workbooks of Excel 5 to 2003 ([MS-XLS]): cells as rows, comments below them in their columns, text
//! boxes, headers, names and hints apart. Older ones have other records and are not read.

mod locked;
mod record;
mod text;

use self::record::{Record, Records};
use self::text::Segments;
use super::comments::{Comment, put_comments};
use super::native::long;
use super::rows::{self, Rows};
use super::salvage;
use super::sheet::{header_text, put_shown};
use super::strings::Strings;
use super::styles::Styles;
use crate::reader::Reader;
use crate::{Reason, TextKind};

/// The version word of Excel 97 to 2003.
const BIFF8: u16 = 0x600;
/// Bytes of what is kept apart at most.
const APART: usize = 8 << 20;

/// Reads the stream `Workbook`, or `Book` of Excel 5 and 95.
pub(super) fn read(bytes: &[u8], out: &mut Reader) {
    if !matches!(bytes.get(..2), Some([0x09, 0x08])) {
        out.refuse(Reason::Unsupported);
        return out.text(TextKind::Plain, salvage::text(bytes));
    }
    let password = Records::new(bytes).find(|record| record.kind == record::FILEPASS);
    match password.map(|record| locked::opened(bytes, record.data(), out)) {
        Some(Some(opened)) => records(&opened, out),
        Some(None) => out.refuse(Reason::Encrypted),
        None => records(bytes, out),
    }
}

fn records(bytes: &[u8], out: &mut Reader) {
    let mut book = Book::default();
    for record in Records::new(bytes) {
        if record.cut {
            out.refuse(Reason::Broken);
        }
        book.record(&record, out);
    }
    book.end_sheet(out);
    out.text(TextKind::Plain, book.names);
}

/// Reads the cache of a pivot table: its values, a line each (the records SXFDB, SXString, SXNum).
pub(super) fn read_pivot(bytes: &[u8], out: &mut Reader) {
    let mut text = String::new();
    for record in Records::new(bytes) {
        match record.kind {
            0xc7 => text.push_str(&salvage::text(record.data())),
            0xcd => rows::put_text(&mut text, &Segments::new(&record.segments).string(true)),
            0xc9 => rows::put_number(&mut text, &double(record.data(), 0)),
            _ => continue,
        }
        text.push('\n');
    }
    out.text(TextKind::Plain, text);
}

/// The workbook so far.
#[derive(Default)]
struct Book {
    wide: bool,
    strings: Strings,
    styles: Styles,
    /// Offset and name of each sheet.
    sheets: Vec<(usize, String)>,
    names: String,
    sheet: Sheet,
}

/// The sheet in work.
#[derive(Default)]
struct Sheet {
    name: String,
    rows: Rows,
    row: Option<usize>,
    /// The column of the formula whose text follows.
    formula: Option<usize>,
    /// The number of the last object, and the texts by these numbers.
    object: u16,
    boxes: Vec<(u16, String)>,
    /// Row, column and object of each comment.
    notes: Vec<(usize, usize, u16)>,
    apart: String,
}

impl Book {
    fn record(&mut self, record: &Record, out: &mut Reader) {
        let data = record.data();
        match record.kind {
            record::BOF => self.begin(record, out),
            record::BOUNDSHEET => {
                let name = Segments::new(&[data.get(6..).unwrap_or_default()]).short_string(self.wide);
                self.names.push_str(&name);
                self.names.push('\n');
                self.sheets.push((long(data, 0).unwrap_or_default(), name));
            }
            record::FORMAT => {
                let mut text = Segments::from(&record.segments, 2);
                let code = if self.wide { text.string(true) } else { text.short_string(false) };
                self.styles.format(u32::from(record.short(0)), &code);
            }
            record::XF => self.styles.style(u32::from(record.short(2))),
            record::SST => self.shared(record),
            record::NAME => self.names.push_str(&salvage::text(data)),
            _ => self.in_sheet(record),
        }
    }

    fn begin(&mut self, record: &Record, out: &mut Reader) {
        self.wide = record.short(0) >= BIFF8;
        self.end_sheet(out);
        let name = self.sheets.iter().find(|(offset, _)| *offset == record.offset).map(|(_, name)| name.clone());
        self.sheet.name = name.unwrap_or_default();
    }

    fn end_sheet(&mut self, out: &mut Reader) {
        let sheet = std::mem::take(&mut self.sheet);
        let (name, full, rows, apart) = sheet.finish();
        if full {
            out.refuse(Reason::TooBig);
        }
        match name.is_empty() {
            true => out.text(TextKind::Table, rows),
            false => out.text_of(&name, TextKind::Table, rows),
        }
        out.text_of(&name, TextKind::Plain, apart);
    }

    fn shared(&mut self, record: &Record) {
        let mut text = Segments::from(&record.segments, 8);
        while !text.is_empty() && !self.strings.full() {
            self.strings.add(&text.rich_string());
            self.strings.end();
        }
    }

    fn in_sheet(&mut self, record: &Record) {
        let data = record.data();
        match record.kind {
            record::LABELSST => {
                let text = self.strings.get(long(data, 6).unwrap_or(usize::MAX));
                rows::put_text(self.sheet.cell(record, 2), text);
            }
            record::LABEL | record::RSTRING => {
                let text = Segments::from(&record.segments, 6).string(self.wide);
                rows::put_text(self.sheet.cell(record, 2), &text);
            }
            record::NUMBER => self.number(record, 2, &double(data, 6), 4),
            record::RK => self.number(record, 2, &packed(data, 6), 4),
            record::MULRK => {
                for at in 0..data.len().saturating_sub(6) / 6 {
                    let column = usize::from(record.short(2)) + at;
                    self.number_at(record, column, &packed(data, 6 + at * 6), usize::from(record.short(4 + at * 6)));
                }
            }
            record::FORMULA => self.formula(record),
            record::STRING => {
                let text = Segments::new(&record.segments).string(self.wide);
                if let Some(column) = self.sheet.formula.take() {
                    rows::put_text(self.sheet.rows.cell(column), &text);
                }
            }
            _ => self.sheet.beside(record, self.wide),
        }
    }

    fn formula(&mut self, record: &Record) {
        let data = record.data();
        match data.get(12..14) {
            // a text follows, or it is a truth or an error
            Some([0xff, 0xff]) => {
                self.sheet.formula = (data.get(6) == Some(&0)).then_some(usize::from(record.short(2)));
                self.sheet.row(usize::from(record.short(0)));
            }
            _ => match joined(data.get(22..).unwrap_or_default()) {
                // a program that keeps no results
                Some(text) if self.wide => rows::put_text(self.sheet.cell(record, 2), &text),
                _ => self.number(record, 2, &double(data, 6), 4),
            },
        }
    }

    fn number(&mut self, record: &Record, column: usize, written: &str, style: usize) {
        self.number_at(record, usize::from(record.short(column)), written, usize::from(record.short(style)));
    }

    fn number_at(&mut self, record: &Record, column: usize, written: &str, style: usize) {
        self.sheet.row(usize::from(record.short(0)));
        put_shown(self.sheet.rows.cell(column), written, &self.styles, style);
    }
}

impl Sheet {
    fn row(&mut self, row: usize) {
        if self.row != Some(row) {
            self.rows.row(row);
            self.row = Some(row);
        }
    }

    /// Begins the cell whose row the record begins with and whose column stands at `column`.
    fn cell(&mut self, record: &Record, column: usize) -> &mut String {
        self.row(usize::from(record.short(0)));
        self.rows.cell(usize::from(record.short(column)))
    }

    /// What is no cell.
    fn beside(&mut self, record: &Record, wide: bool) {
        let data = record.data();
        match record.kind {
            record::OBJ => self.object = record.short(6),
            record::TXO => {
                let text = Segments::new(record.segments.get(1..).unwrap_or_default()).characters(record.short(10));
                self.boxes.push((self.object, text));
            }
            record::NOTE if wide => {
                self.notes.push((usize::from(record.short(0)), usize::from(record.short(2)), record.short(6)));
            }
            record::NOTE => {
                let text = Segments::from(&record.segments, 6).rest();
                self.line(&text);
            }
            record::HEADER | record::FOOTER => {
                let mut text = Segments::new(&record.segments);
                let coded = if wide { text.string(true) } else { text.short_string(false) };
                self.line(&header_text(&coded));
            }
            record::DV => {
                let mut text = Segments::from(&record.segments, 4);
                let hints: Vec<String> = (0..4).map(|_| text.string(true)).collect();
                self.line(&hints.join(" "));
            }
            record::HLINK | record::LINK_TIP => self.line(&salvage::text(data)),
            _ => {}
        }
    }

    fn line(&mut self, text: &str) {
        if self.apart.len() < APART && !text.trim().is_empty() {
            self.apart.push_str(text.trim_end());
            self.apart.push('\n');
        }
    }

    /// Name, whether there is more than is read, rows with the comments below them, and what stands beside.
    fn finish(mut self) -> (String, bool, String, String) {
        let mut comments = Vec::new();
        let boxes = std::mem::take(&mut self.boxes);
        for (object, text) in boxes {
            match self.notes.iter().find(|(.., id)| *id == object) {
                Some(&(row, column, _)) => comments.push(Comment { row, column, text }),
                None => self.line(&text),
            }
        }
        comments.sort_by_key(|comment| comment.row);
        put_comments(&mut self.rows, &comments);
        (self.name, self.rows.full(), self.rows.finish(), self.apart)
    }
}

/// The text of a formula that does nothing but join texts (2.5.198.89 and .18).
fn joined(mut tokens: &[u8]) -> Option<String> {
    let mut out = String::new();
    while let Some((&token, rest)) = tokens.split_first() {
        tokens = match token {
            0x08 => rest,
            0x17 => {
                let width = if rest.get(1)? & 1 != 0 { 2 } else { 1 };
                out.push_str(&Segments::new(&[rest]).short_string(true));
                rest.get(2 + usize::from(*rest.first()?) * width..)?
            }
            _ => return None,
        };
    }
    (!out.is_empty()).then_some(out)
}

/// A double as it is written.
fn double(data: &[u8], at: usize) -> String {
    let bytes = data.get(at..at + 8).and_then(|bytes| bytes.try_into().ok());
    bytes.map(f64::from_le_bytes).map(written).unwrap_or_default()
}

fn written(value: f64) -> String {
    rows::whole(value).unwrap_or_else(|| value.to_string())
}

/// A number in 30 bits (2.5.122: RkNumber).
fn packed(data: &[u8], at: usize) -> String {
    let Some(bits) = data.get(at..at + 4).and_then(|bytes| bytes.try_into().ok()).map(u32::from_le_bytes) else {
        return String::new();
    };
    rk(bits)
}

/// A number in 30 bits as it is written.
pub(super) fn rk(bits: u32) -> String {
    let value = match bits & 2 {
        0 => f64::from_bits(u64::from(bits & !3) << 32),
        _ => f64::from(i32::from_le_bytes(bits.to_le_bytes()) >> 2),
    };
    written(if bits & 1 == 0 { value } else { value / 100.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_of_texts_is_a_text() {
        assert_eq!(joined(b"\x17\x02\x0012\x17\x01\x013\x00\x08").as_deref(), Some("123"));
        assert_eq!(joined(b"\x17\x02\x0012\x1e"), None);
        assert_eq!(joined(b"\x17\x09"), None);
    }

    #[test]
    fn packed_numbers_are_read() {
        for (bits, want) in [(0x3ff0_0000, "1"), (0x004c_4b42, "1250000"), (0x0000_0003, "0"), (0x0000_04d3, "3.08")] {
            assert_eq!(rk(bits), want, "{bits:x}");
        }
    }
}
