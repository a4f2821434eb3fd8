//! The parts of a binary workbook of Excel 2007 and later ([MS-XLSB]), which stand in the same package as those in
//! XML and say the same.

use super::comments::Comment;
use super::kinds::Kind;
use super::native::long;
use super::rows::{self, Rows};
use super::salvage;
use super::sheet::{header_text, put_shown};
use super::strings::Strings;
use super::styles::Styles;
use super::workbook::Workbook;
use super::xls::rk;

/// Numbers of records (2.3).
const ROW: u32 = 0;
const RK: u32 = 2;
const REAL: u32 = 5;
const TEXT: u32 = 6;
const SHARED: u32 = 7;
const FORMULA_TEXT: u32 = 8;
const FORMULA_NUMBER: u32 = 9;
const STRING: u32 = 19;
const NAME: u32 = 39;
const FORMAT: u32 = 44;
const STYLE: u32 = 47;
const RICH: u32 = 62;
const VALIDATION: u32 = 64;
const SHEET: u32 = 156;
const HEADER: u32 = 479;
const LINK: u32 = 494;
const STYLES: u32 = 617;
const STYLES_END: u32 = 618;
const COMMENT: u32 = 635;
const COMMENT_TEXT: u32 = 637;

/// What a part is, by its first record.
pub(super) fn kind(head: &[u8]) -> Option<Kind> {
    match head {
        [0x81, 0x01, ..] => Some(Kind::Sheet),
        [0x83, 0x01, ..] => Some(Kind::Workbook),
        [0x9f, 0x01, ..] => Some(Kind::Strings),
        [0x96, 0x02, ..] => Some(Kind::Styles),
        [0xf4, 0x04, ..] => Some(Kind::Comments),
        _ => None,
    }
}

/// The records of a part: number and content. What is cut off ends them.
struct Records<'a>(&'a [u8]);

impl Records<'_> {
    /// A number in groups of seven bits (2.1.4).
    fn number(&mut self, most: u32) -> Option<u32> {
        let mut value = 0;
        for place in 0..most {
            let (&byte, rest) = self.0.split_first()?;
            self.0 = rest;
            value |= u32::from(byte & 0x7f) << (place * 7);
            if byte & 0x80 == 0 {
                break;
            }
        }
        Some(value)
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = (u32, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let kind = self.number(2)?;
        let size = usize::try_from(self.number(4)?).ok()?;
        let (content, rest) = self.0.split_at(size.min(self.0.len()));
        self.0 = rest;
        Some((kind, content))
    }
}

/// A string behind its length, and what follows it; none where there is none (2.5.168, 2.5.169).
fn string(bytes: &[u8]) -> Option<(String, &[u8])> {
    let (count, rest) = (long(bytes, 0)?, bytes.get(4..)?);
    if count == 0xffff_ffff {
        return Some((String::new(), rest));
    }
    let (text, rest) = rest.split_at(count.checked_mul(2)?.min(rest.len()));
    Some((encoding_rs::UTF_16LE.decode_without_bom_handling(text).0.into_owned(), rest))
}

fn text(bytes: &[u8], at: usize) -> String {
    bytes.get(at..).and_then(string).map(|(text, _)| text).unwrap_or_default()
}

fn short(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 2).and_then(|two| two.try_into().ok()).map(u16::from_le_bytes).map_or(0, u32::from)
}

/// Reads the shared strings.
pub(super) fn strings(bytes: &[u8], strings: &mut Strings) {
    for (_, content) in Records(bytes).filter(|(kind, _)| *kind == STRING) {
        strings.add(&text(content, 1));
        strings.end();
    }
}

/// Reads the formats.
pub(super) fn styles(bytes: &[u8], styles: &mut Styles) {
    let mut cells = false;
    for (kind, content) in Records(bytes) {
        match kind {
            STYLES => cells = true,
            STYLES_END => cells = false,
            FORMAT => styles.format(short(content, 0), &text(content, 2)),
            STYLE if cells => styles.style(short(content, 2)),
            _ => {}
        }
    }
}

/// Reads the names of sheets and the defined ones.
pub(super) fn workbook(bytes: &[u8], workbook: &mut Workbook) {
    for (kind, content) in Records(bytes) {
        if kind == SHEET {
            let names = content.get(8..).and_then(string);
            workbook.sheets.extend(names.map(|(relation, rest)| (relation, text(rest, 0))));
        } else if kind == NAME {
            workbook.names.push_str(&salvage::text(content));
        }
    }
}

/// Reads the comments of a sheet.
pub(super) fn comments(bytes: &[u8]) -> Vec<Comment> {
    let mut all: Vec<Comment> = Vec::new();
    for (kind, content) in Records(bytes) {
        if kind == COMMENT {
            let (row, column) = (long(content, 4).unwrap_or_default(), long(content, 12).unwrap_or_default());
            all.push(Comment { row, column, text: String::new() });
        } else if let Some(last) = all.last_mut().filter(|_| kind == COMMENT_TEXT) {
            last.text = text(content, 1);
        }
    }
    all
}

/// A sheet: its rows, the comments below them, and what stands beside.
pub(super) struct Sheet {
    /// The rows.
    pub rows: Rows,
    /// Headers, hints, links.
    pub apart: String,
}

/// Reads a sheet.
pub(super) fn sheet(bytes: &[u8], strings: &Strings, styles: &Styles) -> Sheet {
    let mut sheet = Sheet { rows: Rows::default(), apart: String::new() };
    for (kind, content) in Records(bytes) {
        match kind {
            ROW => sheet.rows.row(long(content, 0).unwrap_or_default()),
            RK..=FORMULA_NUMBER | RICH => sheet.cell(kind, content, strings, styles),
            HEADER => {
                let mut rest = content.get(2..).unwrap_or_default();
                while let Some((coded, next)) = string(rest) {
                    sheet.apart.push_str(&header_text(&coded));
                    sheet.apart.push('\n');
                    rest = next;
                }
            }
            VALIDATION | LINK => sheet.apart.push_str(&salvage::text(content)),
            _ => {}
        }
        if sheet.rows.full() {
            break;
        }
    }
    sheet
}

impl Sheet {
    fn cell(&mut self, kind: u32, content: &[u8], strings: &Strings, styles: &Styles) {
        let Some(column) = long(content, 0) else { return };
        let style = long(content, 4).unwrap_or_default() & 0xff_ffff;
        let double = || content.get(8..16).and_then(|bytes| bytes.try_into().ok()).map(f64::from_le_bytes);
        let number = match kind {
            RK => long(content, 8).and_then(|bits| u32::try_from(bits).ok()).map(rk),
            REAL | FORMULA_NUMBER => double().map(|value| rows::whole(value).unwrap_or_else(|| value.to_string())),
            _ => None,
        };
        let words = match kind {
            TEXT | FORMULA_TEXT => text(content, 8),
            RICH => text(content, 9),
            SHARED => strings.get(long(content, 8).unwrap_or(usize::MAX)).to_owned(),
            _ => String::new(),
        };
        if let Some(number) = number {
            put_shown(self.rows.cell(column), &number, styles, style);
        } else if !words.is_empty() {
            rows::put_text(self.rows.cell(column), &words);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_have_numbers_and_sizes_in_groups_of_seven_bits() {
        let records: Vec<(u32, &[u8])> = Records(&[0x9f, 1, 0x80, 0, 19, 2, 7, 8, 5, 9, 1]).collect();
        assert_eq!(records, [(159, &[][..]), (19, &[7, 8][..]), (5, &[1][..])]);
    }

    #[test]
    fn strings_may_be_none_or_cut() {
        assert_eq!(text(&[0xff; 4], 0), "");
        assert_eq!(text(&[2, 0, 0, 0, b'a', 0], 0), "a");
        assert_eq!(text(&[2, 0], 0), "");
    }
}
