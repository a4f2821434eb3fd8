//! The binary documents of Word 97 to 2003 ([MS-DOC]) and, without their tables, those of Word 6 and 95. Text, notes,
//! headers, comments and text boxes are one stream of characters in pieces.

mod formatting;
mod locked;

use encoding_rs::{SHIFT_JIS, WINDOWS_1252};

use self::formatting::Formatting;
use super::flow::Change;
use super::marked::Marked;
use super::native::long;
use super::salvage;
use crate::reader::Reader;
use crate::{Reason, TextKind};

/// Where the FIB names the piece table (2.5.6: fcClx).
const CLX: usize = 0x1a2;
/// The first version whose pieces are in the table stream.
const WORD_97: u16 = 0xc1;

/// A run of the text: where it lies and how wide its characters are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Piece {
    start: usize,
    characters: usize,
    wide: bool,
}

fn short(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at.checked_add(2)?)?.try_into().ok().map(u16::from_le_bytes)
}

/// The name of the stream that holds the tables of a document.
pub(super) fn table_name(text: &[u8]) -> &'static str {
    if short(text, 0xa).unwrap_or_default() & 0x200 != 0 { "1Table" } else { "0Table" }
}

/// Reads a document: its stream of text and that of its tables.
pub(super) fn read(text: &[u8], table: &[u8], out: &mut Reader) {
    let (version, flags) = (short(text, 2).unwrap_or_default(), short(text, 0xa).unwrap_or_default());
    if flags & locked::MARK != 0 {
        return match locked::opened(text, table, out) {
            Some((text, table)) => read(&text, &table, out),
            None => out.refuse(Reason::Encrypted),
        };
    }
    if version < WORD_97 {
        return read_old(text, flags, out);
    }
    let Some(pieces) = pieces(text, table) else {
        out.refuse(Reason::Broken);
        return out.text(TextKind::Plain, salvage::text(text));
    };
    let mut reading = Reading::new(Formatting::read(text, table));
    for piece in pieces {
        reading.piece(text, piece, out);
    }
    reading.finish(out);
}

/// Word 6 and 95: one run of bytes, in Japan in code page 932.
fn read_old(text: &[u8], flags: u16, out: &mut Reader) {
    let range = long(text, 0x18).zip(long(text, 0x1c));
    let Some(bytes) = range.and_then(|(start, end)| text.get(start..end)) else {
        out.refuse(Reason::Broken);
        return out.text(TextKind::Plain, salvage::text(text));
    };
    // a text that was saved in pieces
    if flags & 4 != 0 {
        out.refuse(Reason::Unsupported);
        out.text(TextKind::Plain, salvage::text(text));
    }
    let mut reading = Reading::new(Formatting::default());
    for c in SHIFT_JIS.decode_without_bom_handling(bytes).0.chars() {
        reading.character(c, 0);
    }
    reading.finish(out);
}

/// The pieces of the text in its order (2.9.38, 2.9.177).
fn pieces(text: &[u8], table: &[u8]) -> Option<Vec<Piece>> {
    let (start, size) = (long(text, CLX)?, long(text, CLX + 4)?);
    let mut clx = table.get(start..start.checked_add(size)?)?;
    // formatting that belongs to no piece stands before the pieces
    while clx.first() == Some(&1) {
        let size = usize::from(short(clx, 1)?);
        clx = clx.get(3 + size..)?;
    }
    let size = long(clx.strip_prefix(&[2])?, 0)?;
    let table = clx.get(5..)?;
    let table = table.get(..size).unwrap_or(table);
    let count = table.len().checked_sub(4)? / 12;
    let piece = |at: usize| {
        let characters = long(table, at * 4 + 4)?.checked_sub(long(table, at * 4)?)?;
        let place = long(table, (count + 1) * 4 + at * 8 + 2)?;
        let wide = place & 0x4000_0000 == 0;
        let start = if wide { place } else { (place & 0x3fff_ffff) / 2 };
        Some(Piece { start, characters, wide })
    };
    Some((0..count).map_while(piece).collect())
}

/// The text while it is put together.
struct Reading {
    formatting: Formatting,
    text: Marked,
    /// For each open field whether its instruction is being read.
    fields: Vec<bool>,
    instructions: String,
    run: String,
    change: Change,
}

/// Fields within each other at most.
const FIELDS: usize = 100;

impl Reading {
    fn new(formatting: Formatting) -> Self {
        Self {
            formatting,
            text: Marked::default(),
            fields: Vec::new(),
            instructions: String::new(),
            run: String::new(),
            change: Change::None,
        }
    }

    fn piece(&mut self, text: &[u8], piece: Piece, out: &mut Reader) {
        let width = if piece.wide { 2 } else { 1 };
        let end = piece.characters.checked_mul(width).and_then(|size| size.checked_add(piece.start));
        let bytes = text.get(piece.start..end.unwrap_or(usize::MAX).min(text.len())).unwrap_or_default();
        if Some(piece.start + bytes.len()) != end {
            out.refuse(Reason::Broken);
        }
        if self.text.full() {
            return out.refuse(Reason::TooBig);
        }
        if !piece.wide {
            for (c, at) in WINDOWS_1252.decode_without_bom_handling(bytes).0.chars().zip(piece.start..) {
                self.character(c, at);
            }
            return;
        }
        let units = bytes.chunks_exact(2).map(|pair| u16::from_le_bytes(pair.try_into().unwrap_or_default()));
        let mut at = piece.start;
        for c in char::decode_utf16(units) {
            let c = c.unwrap_or(char::REPLACEMENT_CHARACTER);
            self.character(c, at);
            at += c.len_utf16() * 2;
        }
    }

    /// A character, or a mark (2.8.25), that lies at `at`.
    fn character(&mut self, c: char, at: usize) {
        match c {
            '\u{13}' if self.fields.len() < FIELDS => self.fields.push(true),
            '\u{14}' => {
                self.instructions.push('\n');
                if let Some(field) = self.fields.last_mut() {
                    *field = false;
                }
            }
            '\u{15}' => drop(self.fields.pop()),
            '\r' | '\u{c}' => self.end_paragraph(at),
            '\u{7}' => self.end_cell(at),
            '\u{b}' => self.put('\u{2028}', at),
            '\u{1e}' => self.put('-', at),
            '\t' => self.put('\t', at),
            c if c < ' ' => {}
            c => self.put(c, at),
        }
    }

    fn put(&mut self, c: char, at: usize) {
        if self.fields.contains(&true) {
            return self.instructions.push(c);
        }
        let change = self.formatting.change(at);
        if change != self.change {
            self.flush();
            self.change = change;
        }
        self.run.push(c);
    }

    fn flush(&mut self) {
        self.text.text(&self.run, self.change);
        self.run.clear();
    }

    fn end_paragraph(&mut self, at: usize) {
        self.flush();
        let in_table = self.formatting.paragraph(at).in_table;
        self.text.end_paragraph(in_table);
    }

    fn end_cell(&mut self, at: usize) {
        self.flush();
        match self.formatting.paragraph(at).ends_row {
            true => self.text.end_row(),
            false => self.text.end_cell(),
        }
    }

    fn finish(mut self, out: &mut Reader) {
        self.flush();
        out.text(TextKind::Plain, self.text.finish());
        out.text(TextKind::Plain, self.instructions);
    }
}
