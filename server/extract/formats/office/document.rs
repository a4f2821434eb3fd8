//! The parts of a document, of Office Open XML (ECMA-376) or OpenDocument (ODF 1.3), in the order in which they are
//! understood: sheets first need the strings, styles and names of the workbook. What is no XML is a file of its own.

use std::collections::HashMap;

use super::comments::{Comment, Comments, put_comments};
use super::kinds::{self, Kind};
use super::odf::Odf;
use super::package::Package;
use super::pivot::Pivot;
use super::relations::Relations;
use super::salvage;
use super::sheet::Sheet;
use super::strings::Strings;
use super::styles::Styles;
use super::word::Word;
use super::workbook::Workbook;
use super::xlsb;
use crate::formats::markup;
use crate::reader::Reader;
use crate::{FileType, Reason, TextKind, sniff};

/// Pictures of one document that are looked at.
const PICTURES: usize = 100;
/// A smaller picture is a sign, bytes.
const SIGN: usize = 2048;

/// Where a document keeps what is no file of people's, unless it is of a known type.
const OWN: [&str; 3] = ["ObjectReplacements/", "Configurations2/", "mimetype"];

/// Reads a document.
pub(crate) fn read(package: &mut Package, out: &mut Reader) {
    let mut parts: Vec<(Kind, usize, usize)> = (0..package.len())
        .map(|at| {
            let head = package.head(at, kinds::HEAD);
            (kinds::kind(package.name(at), &head), number(package.name(at)), at)
        })
        .collect();
    parts.sort_unstable();
    let mut document = Document::default();
    for (kind, _, at) in parts {
        if out.full() {
            return out.refuse(Reason::TooBig);
        }
        document.part(kind, at, package, out);
    }
    document.finish(out);
}

/// The number in the name of a part, as in `slide12.xml`.
fn number(name: &str) -> usize {
    let digits: String = name.chars().filter(char::is_ascii_digit).take(9).collect();
    digits.parse().unwrap_or_default()
}

/// What the parts so far say that later ones need.
#[derive(Default)]
struct Document {
    relations: Relations,
    strings: Strings,
    styles: Styles,
    /// The names of the sheets by their parts.
    sheets: HashMap<String, String>,
    /// The comments by the sheets' parts.
    comments: HashMap<String, Vec<Comment>>,
    pivot: Pivot,
    pictures: usize,
}

impl Document {
    fn part(&mut self, kind: Kind, at: usize, package: &mut Package, out: &mut Reader) {
        if xlsb::kind(&package.head(at, 2)) == Some(kind) {
            return self.binary(kind, at, package, out);
        }
        match kind {
            Kind::Relations => {
                self.relations.of(package.name(at));
                package.parse(at, &mut self.relations, out);
            }
            Kind::Styles => package.parse(at, &mut self.styles, out),
            Kind::Strings => {
                package.parse(at, &mut self.strings, out);
                out.text(TextKind::Plain, std::mem::take(&mut self.strings.readings));
                self.end_strings(out);
            }
            Kind::Workbook => {
                let mut workbook = Workbook::default();
                package.parse(at, &mut workbook, out);
                self.workbook(workbook, package.name(at), out);
            }
            Kind::Comments => {
                let mut comments = Comments::default();
                package.parse(at, &mut comments, out);
                self.comments(comments.all, package.name(at));
            }
            Kind::Sheet => self.sheet(at, package, out),
            Kind::PivotFields => {
                self.end_pivot(out);
                package.parse(at, &mut self.pivot, out);
                self.pivot.headings();
            }
            Kind::PivotRecords => package.parse(at, &mut self.pivot, out),
            Kind::Flow => self.flow(at, package, out),
            Kind::OpenDocument => open_document(at, package, out),
            Kind::Values => values(at, package, out),
            Kind::Form => {}
            Kind::File => self.file(at, package, out),
        }
    }

    /// A part of a binary workbook.
    fn binary(&mut self, kind: Kind, at: usize, package: &mut Package, out: &mut Reader) {
        let bytes = package.bytes(at, out);
        let name = package.name(at);
        match kind {
            Kind::Strings => {
                xlsb::strings(&bytes, &mut self.strings);
                self.end_strings(out);
            }
            Kind::Styles => xlsb::styles(&bytes, &mut self.styles),
            Kind::Workbook => {
                let mut workbook = Workbook::default();
                xlsb::workbook(&bytes, &mut workbook);
                self.workbook(workbook, name, out);
            }
            Kind::Comments => self.comments(xlsb::comments(&bytes), name),
            _ => {
                let mut sheet = xlsb::sheet(&bytes, &self.strings, &self.styles);
                if sheet.rows.full() {
                    out.refuse(Reason::TooBig);
                }
                put_comments(&mut sheet.rows, &self.comments.remove(&name.to_lowercase()).unwrap_or_default());
                let place = self.place(name);
                out.text_of(&place, TextKind::Table, sheet.rows.finish());
                out.text_of(&place, TextKind::Plain, sheet.apart);
            }
        }
    }

    fn end_strings(&mut self, out: &mut Reader) {
        if self.strings.full() {
            out.refuse(Reason::TooBig);
        }
    }

    fn comments(&mut self, comments: Vec<Comment>, part: &str) {
        let owner = self.relations.line(part).into_iter().nth(1).unwrap_or_default();
        self.comments.entry(owner).or_default().extend(comments);
    }

    fn workbook(&mut self, workbook: Workbook, name: &str, out: &mut Reader) {
        let names: Vec<&str> = workbook.sheets.iter().map(|(_, sheet)| sheet.as_str()).collect();
        out.text(TextKind::Plain, names.join("\n"));
        for (relation, sheet) in workbook.sheets {
            if let Some(part) = self.relations.target(name, &relation) {
                self.sheets.insert(part.to_owned(), sheet);
            }
        }
        out.text(TextKind::Plain, workbook.names);
    }

    fn sheet(&mut self, at: usize, package: &mut Package, out: &mut Reader) {
        let place = self.place(package.name(at));
        let comments = self.comments.remove(&package.name(at).to_lowercase()).unwrap_or_default();
        let mut sheet = Sheet::new(&self.strings, &self.styles);
        package.parse(at, &mut sheet, out);
        if sheet.full() {
            out.refuse(Reason::TooBig);
        }
        let (rows, apart) = sheet.finish(&comments);
        out.text_of(&place, TextKind::Table, rows);
        out.text_of(&place, TextKind::Plain, apart);
    }

    fn flow(&mut self, at: usize, package: &mut Package, out: &mut Reader) {
        let place = self.place(package.name(at));
        let mut word = Word::default();
        package.parse(at, &mut word, out);
        if word.full() {
            out.refuse(Reason::TooBig);
        }
        let (text, apart) = word.finish();
        for text in [text, apart] {
            match place.as_str() {
                "document" => out.text(TextKind::Plain, text),
                place => out.text_of(place, TextKind::Plain, text),
            }
        }
    }

    /// The name of the sheet that a part belongs to; of others the part's own name.
    fn place(&self, part: &str) -> String {
        let sheet = self.relations.line(part).iter().find_map(|part| self.sheets.get(part)).cloned();
        sheet.unwrap_or_else(|| {
            let file = part.rsplit('/').next().unwrap_or(part);
            file.rsplit_once('.').map_or(file, |(stem, _)| stem).to_owned()
        })
    }

    fn file(&mut self, at: usize, package: &mut Package, out: &mut Reader) {
        let name = package.name(at).to_owned();
        let file = name.rsplit('/').next().unwrap_or(&name);
        if file.starts_with("vbaProject") || file.starts_with("printerSettings") {
            return;
        }
        let bytes = package.bytes(at, out);
        match sniff::by_magic(&bytes) {
            Some(FileType::Image) if bytes.len() < SIGN => {}
            Some(FileType::Image) if self.pictures >= PICTURES => out.passed_picture(bytes.len()),
            Some(FileType::Image) => {
                self.pictures += 1;
                out.picture_file(file, &bytes);
            }
            Some(FileType::Media) => {}
            // controls keep their texts in a format of their own
            _ if name.contains("activeX/") => out.text(TextKind::Plain, salvage::text(&bytes)),
            // drawings in the formats of Windows, fonts, and what programs keep for themselves, are no files
            None if OWN.iter().any(|own| name.contains(own)) => {}
            None if !sniff::is_text(&bytes) && !name.contains("embeddings/") => {}
            _ => out.file(file, &bytes),
        }
    }

    fn end_pivot(&mut self, out: &mut Reader) {
        let pivot = std::mem::take(&mut self.pivot);
        out.text(TextKind::Table, pivot.finish());
    }

    fn finish(mut self, out: &mut Reader) {
        self.end_pivot(out);
        for comments in self.comments.into_values() {
            let lines: Vec<String> = comments.into_iter().map(|comment| comment.text).collect();
            out.text(TextKind::Plain, lines.join("\n"));
        }
        out.text(TextKind::Plain, self.relations.outside);
    }
}

/// The texts of OpenDocument; a sheet is a place of its own.
fn open_document(at: usize, package: &mut Package, out: &mut Reader) {
    let mut odf = Odf::default();
    package.parse(at, &mut odf, out);
    odf.tell(out);
}

/// Names and values: the properties of a document, custom data.
fn values(at: usize, package: &mut Package, out: &mut Reader) {
    let bytes = package.bytes(at, out);
    out.text(TextKind::Plain, markup::text(&message::charset::decode(&bytes, Some("utf-8"))));
}
