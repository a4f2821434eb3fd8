//! What a part of an Office Open XML document is, by its root element.

use super::xlsb;
use super::xml::{self, Sink, Tag};

/// What a part is; the order is that in which they are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// Relations between parts.
    Relations,
    /// The formats of a workbook.
    Styles,
    /// The shared strings of a workbook.
    Strings,
    /// The workbook.
    Workbook,
    /// Comments on a sheet.
    Comments,
    /// The cells of a sheet, or those of another workbook that are kept with a link to it.
    Sheet,
    /// The fields of a pivot table.
    PivotFields,
    /// The records of a pivot table.
    PivotRecords,
    /// Running text, shapes, charts.
    Flow,
    /// Text or sheets of OpenDocument.
    OpenDocument,
    /// XML with names and values.
    Values,
    /// Nothing that people wrote: fonts, themes, styles.
    Form,
    /// No XML: a file of its own.
    File,
}

/// Bytes in which a part shows what it is.
pub(crate) const HEAD: u64 = 4096;

/// The kind of a part that begins with `head`.
pub(crate) fn kind(name: &str, head: &[u8]) -> Kind {
    if name.to_ascii_lowercase().ends_with(".rels") {
        return Kind::Relations;
    }
    if let Some(kind) = xlsb::kind(head).filter(|_| name.ends_with(".bin")) {
        return kind;
    }
    let mut root = Root::default();
    if is_markup(head) {
        xml::parse(head, &mut root);
    }
    // what is altogether a file of its own may be XML or HTML as well: an altChunk
    match root.name.as_str() {
        "" | "html" => Kind::File,
        "sst" => Kind::Strings,
        "styleSheet" => Kind::Styles,
        "workbook" => Kind::Workbook,
        "comments" if root.spreadsheet => Kind::Comments,
        "ThreadedComments" => Kind::Comments,
        "worksheet" | "chartsheet" | "dialogsheet" | "macrosheet" | "externalLink" => Kind::Sheet,
        "pivotCacheDefinition" => Kind::PivotFields,
        "pivotCacheRecords" => Kind::PivotRecords,
        "document" if root.open_document => Kind::OpenDocument,
        "document" | "hdr" | "ftr" | "footnotes" | "endnotes" | "comments" | "glossaryDocument" | "sld" | "notes"
        | "sldMaster" | "sldLayout" | "notesMaster" | "handoutMaster" | "cmLst" | "wsDr" | "chartSpace" | "chart"
        | "dataModel" | "drawing" | "userShapes" | "xml" | "settings" | "tagLst" => Kind::Flow,
        "document-content" | "document-styles" => Kind::OpenDocument,
        "document-settings" | "manifest" | "RDF" | "module" | "library" | "libraries" => Kind::Form,
        "theme"
        | "styles"
        | "fonts"
        | "webSettings"
        | "numbering"
        | "calcChain"
        | "Types"
        | "metadata"
        | "tblStyleLst"
        | "viewPr"
        | "presentationPr"
        | "presentation"
        | "colorsDef"
        | "styleDef"
        | "layoutDef"
        | "themeOverride"
        | "chartStyle"
        | "colorStyle"
        | "people"
        | "commentsEx"
        | "commentsIds"
        | "pivotTableDefinition"
        | "table"
        | "queryTable"
        | "slicer"
        | "cmAuthorLst"
        | "authorLst" => Kind::Form,
        _ => Kind::Values,
    }
}

/// Whether the first character is that of a tag, in UTF-8 or UTF-16.
fn is_markup(head: &[u8]) -> bool {
    let first =
        head.iter().find(|byte| !byte.is_ascii_whitespace() && !matches!(byte, 0 | 0xef | 0xbb | 0xbf | 0xfe | 0xff));
    first == Some(&b'<')
}

/// The root element.
#[derive(Default)]
struct Root {
    name: String,
    spreadsheet: bool,
    open_document: bool,
}

impl Sink for Root {
    fn open(&mut self, tag: &Tag<'_>) {
        if self.name.is_empty() {
            self.name = tag.name().to_owned();
            self.spreadsheet = tag.raw().contains("spreadsheetml");
            self.open_document = tag.raw().contains("opendocument");
        }
    }

    fn close(&mut self, _: &str) {}
    fn text(&mut self, _: &str) {}

    fn done(&self) -> bool {
        !self.name.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_element_says_what_a_part_is() {
        for (head, want) in [
            ("<?xml version='1.0'?><x:worksheet xmlns:x='a'><sheetData>", Kind::Sheet),
            ("<comments xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'>", Kind::Comments),
            ("<w:comments xmlns:w='wordprocessingml'>", Kind::Flow),
            ("<cp:coreProperties>", Kind::Values),
            ("\u{89}PNG", Kind::File),
            ("{\\rtf1", Kind::File),
            ("PK <worksheet>", Kind::File),
        ] {
            assert_eq!(kind("a.xml", head.as_bytes()), want, "{head}");
        }
    }
}
