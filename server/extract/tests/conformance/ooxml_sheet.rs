//! XLSX and XLSM.

use super::build::{base64, zip, zip_texts};
use super::{NUMBER, Row, ZERO};

const MAIN: &str = "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" \
                    xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"";
const PACKAGE: &str = "xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"";
const CONTENT: &str = "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>";

/// A workbook of one sheet; `extra` are further parts.
pub fn workbook(sheet: &str, extra: &[(&str, &str)]) -> Vec<u8> {
    named_workbook("名簿", "", sheet, extra)
}

fn named_workbook(name: &str, more: &str, sheet: &str, extra: &[(&str, &str)]) -> Vec<u8> {
    let book = format!(
        "<workbook {MAIN}><sheets><sheet name=\"{name}\" sheetId=\"1\" r:id=\"rId1\"/></sheets>{more}</workbook>"
    );
    let relations = format!(
        "<Relationships {PACKAGE}><Relationship Id=\"rId1\" Type=\"worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>"
    );
    let sheet = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?><worksheet {MAIN}>{sheet}</worksheet>");
    let mut files = vec![
        ("[Content_Types].xml", CONTENT),
        ("xl/workbook.xml", &book),
        ("xl/_rels/workbook.xml.rels", &relations),
        ("xl/worksheets/sheet1.xml", &sheet),
    ];
    files.extend_from_slice(extra);
    zip_texts(&files)
}

/// A table of names and numbers; `number` is the cell of the number.
fn table(number: &str) -> String {
    format!(
        "<sheetData><row r=\"1\">{}{}</row><row r=\"2\">{}{number}</row></sheetData>",
        text("A1", "氏名"),
        text("B1", "個人番号"),
        text("A2", "山田 太郎")
    )
}

fn text(cell: &str, text: &str) -> String {
    format!("<c r=\"{cell}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
}

/// Twelve cells from column B, a digit in each.
fn boxes(row: usize) -> String {
    let cells = NUMBER.chars().zip('B'..);
    cells.map(|(digit, column)| format!("<c r=\"{column}{row}\"><v>{digit}</v></c>")).collect()
}

fn related(target: &str) -> String {
    format!("<Relationships {PACKAGE}><Relationship Id=\"rId1\" Type=\"x\" Target=\"{target}\"/></Relationships>")
}

/// A mail with this workbook.
fn forwarded(book: &[u8]) -> Vec<u8> {
    format!(
        "From: a@example.jp\r\nSubject: FW\r\nMIME-Version: 1.0\r\nContent-Type: application/octet-stream; name=book.xlsx\r\n\
         Content-Disposition: attachment\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n",
        base64(book)
    )
    .into_bytes()
}

const SHEET_RELATIONS: &str = "xl/worksheets/_rels/sheet1.xml.rels";

pub fn rows() -> Vec<Row> {
    let mut rows = cells();
    rows.extend(beside());
    rows.extend(around());
    rows.into_iter().map(|(placement, file)| ("XLSX", placement, file, "book.xlsx")).collect()
}

fn cells() -> Vec<(&'static str, Vec<u8>)> {
    let table = |number: &str| workbook(&table(number), &[]);
    let shared =
        format!("<sst {MAIN}><si><r><t>1234</t></r><r><rPr/><t>56789018</t></r><rPh><t>ヨミ</t></rPh></si></sst>");
    let styles = format!(
        "<styleSheet {MAIN}><numFmts><numFmt numFmtId=\"164\" formatCode=\"0000\\-0000\\-0000\"/></numFmts>\
         <cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"164\"/></cellXfs></styleSheet>"
    );
    let lost = ZERO.trim_start_matches('0');
    let shared_table = super::ooxml_sheet::table("<c r=\"B2\" t=\"s\"><v>0</v></c>");
    let styled_table = super::ooxml_sheet::table(&format!("<c r=\"B2\" s=\"1\"><v>{lost}</v></c>"));
    let boxed = format!("<sheetData><row r=\"3\">{}{}</row></sheetData>", text("A3", "個人番号"), boxes(3));
    let headed =
        format!("<sheetData><row r=\"1\">{}</row><row r=\"2\">{}</row></sheetData>", text("B1", "個人番号"), boxes(2));
    vec![
        ("text cell", table(&text("B2", NUMBER))),
        ("number cell", table(&format!("<c r=\"B2\"><v>{NUMBER}</v></c>"))),
        ("number cell, written 1.23456789018E+11", table("<c r=\"B2\"><v>1.23456789018E+11</v></c>")),
        ("number cell, leading zero lost", table(&format!("<c r=\"B2\"><v>{lost}</v></c>"))),
        ("number cell, format 0000-0000-0000", workbook(&styled_table, &[("xl/styles.xml", &styles)])),
        ("shared string, runs split", workbook(&shared_table, &[("xl/sharedStrings.xml", &shared)])),
        ("result of a formula", table(&format!("<c r=\"B2\" t=\"str\"><f>A1&amp;A2</f><v>{NUMBER}</v></c>"))),
        ("formula without its result", table("<c r=\"B2\"><f>\"123456789018\"</f></c>")),
        ("one digit per cell, label to the left", workbook(&boxed, &[])),
        ("one digit per cell, below its heading", workbook(&headed, &[])),
        (
            "hidden row and column",
            workbook(
                &format!(
                    "<cols><col min=\"2\" max=\"2\" hidden=\"1\"/></cols>{}",
                    super::ooxml_sheet::table(&text("B2", NUMBER)).replace("<row r=\"2\"", "<row r=\"2\" hidden=\"1\"")
                ),
                &[],
            ),
        ),
    ]
}

fn beside() -> Vec<(&'static str, Vec<u8>)> {
    let comment = format!(
        "<comments {MAIN}><commentList><comment ref=\"A2\"><text><r><t>個人番号は1234</t></r><r><t>56789018です</t></r></text>\
         </comment></commentList></comments>"
    );
    let bare = comment.replace("個人番号は", "").replace("です", "").replace("A2", "B2");
    let threaded = format!(
        "<ThreadedComments xmlns=\"http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments\">\
         <threadedComment ref=\"A1\"><text>マイナンバー {NUMBER}</text></threadedComment></ThreadedComments>"
    );
    let drawing = "<xdr:wsDr xmlns:xdr=\"d\" xmlns:a=\"a\"><xdr:sp><xdr:txBody><a:p><a:r><a:t>個人番号：1234</a:t></a:r><a:r>\
                   <a:t>56789018</a:t></a:r></a:p></xdr:txBody></xdr:sp></xdr:wsDr>";
    let vml = "<xml xmlns:v=\"v\"><v:shape><v:textbox><div><font>個人番号<br>1234-5678-9018</font></div></v:textbox></v:shape></xml>";
    let chart = format!(
        "<c:chartSpace xmlns:c=\"c\"><c:ser><c:tx><c:strCache><c:pt><c:v>個人番号</c:v></c:pt></c:strCache></c:tx><c:val>\
         <c:numCache><c:pt><c:v>{NUMBER}</c:v></c:pt></c:numCache></c:val></c:ser></c:chartSpace>"
    );
    let with = |part: &str, content: &str| workbook(&table(""), &[(part, content)]);
    let commented = |content: &str| {
        workbook(&table(""), &[("xl/comments1.xml", content), (SHEET_RELATIONS, &related("../comments1.xml"))])
    };
    vec![
        ("comment", commented(&comment)),
        ("comment on the cell below its heading", commented(&bare)),
        ("threaded comment", with("xl/threadedComments/threadedComment1.xml", &threaded)),
        ("text box, runs split", with("xl/drawings/drawing1.xml", drawing)),
        ("text box of the old kind (VML)", with("xl/drawings/vmlDrawing1.vml", vml)),
        ("values of a chart", with("xl/charts/chart1.xml", &chart)),
        (
            "header",
            workbook(
                "<sheetData/><headerFooter><oddHeader>&amp;L個人番号&amp;R&amp;\"Arial\"&amp;10 123456789018</oddHeader></headerFooter>",
                &[],
            ),
        ),
        (
            "hint of a cell",
            workbook(
                "<sheetData/><dataValidations><dataValidation promptTitle=\"個人番号\" prompt=\"123456789018\"/></dataValidations>",
                &[],
            ),
        ),
    ]
}

fn around() -> Vec<(&'static str, Vec<u8>)> {
    let inner = workbook(&table(&text("B2", NUMBER)), &[]);
    let names = format!("<definedNames><definedName name=\"個人番号\">\"{NUMBER}\"</definedName></definedNames>");
    let hidden = format!("<worksheet {MAIN}>{}</worksheet>", table(&text("B2", NUMBER)));
    let fields = format!(
        "<pivotCacheDefinition {MAIN}><cacheFields><cacheField name=\"氏名\"><sharedItems><s v=\"山田\"/></sharedItems></cacheField>\
         <cacheField name=\"個人番号\"/></cacheFields></pivotCacheDefinition>"
    );
    let records = format!("<pivotCacheRecords {MAIN}><r><x v=\"0\"/><n v=\"{NUMBER}\"/></r></pivotCacheRecords>");
    let custom =
        format!("<Properties><property name=\"個人番号\"><vt:lpwstr>{NUMBER}</vt:lpwstr></property></Properties>");
    let linked = format!(
        "<externalLink {MAIN}><externalBook><sheetDataSet><sheetData><row r=\"1\"><cell r=\"A1\" t=\"str\"><v>個人番号</v></cell>\
         <cell r=\"B1\"><v>{NUMBER}</v></cell></row></sheetData></sheetDataSet></externalBook></externalLink>"
    );
    let mut cut = workbook(&format!("{}{}", table(&text("B2", NUMBER)), " ".repeat(10)), &[]);
    cut.truncate(cut.len() - 150);
    let only_name = format!("<sheetData><row r=\"1\">{}</row></sheetData>", text("A1", NUMBER));
    vec![
        ("hidden sheet", workbook("<sheetData/>", &[("xl/worksheets/sheet2.xml", &hidden)])),
        ("defined name", named_workbook("表", &names, "<sheetData/>", &[])),
        ("label in the name of the sheet", named_workbook("マイナンバー一覧", "", &only_name, &[])),
        (
            "cache of a pivot table",
            workbook(
                "<sheetData/>",
                &[
                    ("xl/pivotCache/pivotCacheDefinition1.xml", &fields),
                    ("xl/pivotCache/pivotCacheRecords1.xml", &records),
                ],
            ),
        ),
        ("property of the document", workbook("<sheetData/>", &[("docProps/custom.xml", &custom)])),
        ("cells of a linked workbook", workbook("<sheetData/>", &[("xl/externalLinks/externalLink1.xml", &linked)])),
        (
            "workbook in the workbook",
            zip(&[("[Content_Types].xml", CONTENT.as_bytes()), ("xl/embeddings/a.xlsx", &inner)]),
        ),
        ("cut off behind the sheet", cut),
        ("in a ZIP", zip(&[("名簿/book.xlsx", &inner)])),
        ("in a mail in a ZIP", zip(&[("転送.eml", &forwarded(&inner))])),
    ]
}
