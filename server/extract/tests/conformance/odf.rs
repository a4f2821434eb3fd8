//! ODT, ODS and ODP.

use super::build::zip_texts;
use super::{NUMBER, Row, ZERO};

const NAMES: &str = "xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" xmlns:text=\"t\" xmlns:table=\"tb\" \
                     xmlns:draw=\"d\" xmlns:svg=\"s\" xmlns:style=\"st\" xmlns:dc=\"dc\" xmlns:xlink=\"x\" xmlns:form=\"f\"";

fn file(mime: &str, content: &str, extra: &[(&str, &str)]) -> Vec<u8> {
    let content =
        format!("<office:document-content {NAMES}><office:body>{content}</office:body></office:document-content>");
    let mime = format!("application/vnd.oasis.opendocument.{mime}");
    let mut files = vec![("mimetype", mime.as_str()), ("content.xml", &content)];
    files.extend_from_slice(extra);
    zip_texts(&files)
}

fn text(content: &str) -> Vec<u8> {
    file("text", &format!("<office:text>{content}</office:text>"), &[])
}

fn sheet(name: &str, rows: &str) -> Vec<u8> {
    let table =
        format!("<office:spreadsheet><table:table table:name=\"{name}\">{rows}</table:table></office:spreadsheet>");
    file("spreadsheet", &table, &[])
}

const LABELLED: &str = "<text:p>個人番号：<text:span>1234</text:span>56789018</text:p>";

pub fn rows() -> Vec<Row> {
    let texts = texts().into_iter().map(|(placement, file)| ("ODT", placement, file, "letter.odt"));
    let sheets = sheets().into_iter().map(|(placement, file)| ("ODS", placement, file, "book.ods"));
    let slide = |content: &str| {
        file(
            "presentation",
            &format!("<office:presentation><draw:page>{content}</draw:page></office:presentation>"),
            &[],
        )
    };
    let framed = format!("<draw:frame><draw:text-box>{LABELLED}</draw:text-box></draw:frame>");
    let slides = [
        ("text", slide(&framed)),
        ("speaker notes", slide(&format!("<presentation:notes>{framed}</presentation:notes>"))),
        ("comment", slide(&format!("<office:annotation>{LABELLED}</office:annotation>"))),
    ];
    let slides = slides.into_iter().map(|(placement, file)| ("ODP", placement, file, "talk.odp"));
    texts.chain(sheets).chain(slides).collect()
}

fn cell(text: &str) -> String {
    format!("<table:table-cell office:value-type=\"string\"><text:p>{text}</text:p></table:table-cell>")
}

fn number(value: &str, shown: &str) -> String {
    format!(
        "<table:table-cell office:value-type=\"float\" office:value=\"{value}\"><text:p>{shown}</text:p></table:table-cell>"
    )
}

fn row(cells: &[String]) -> String {
    format!("<table:table-row>{}</table:table-row>", cells.concat())
}

fn boxes() -> Vec<String> {
    let digits: Vec<String> = NUMBER.chars().map(|digit| cell(&digit.to_string())).collect();
    std::iter::once(cell("個人番号")).chain(digits).collect()
}

fn texts() -> Vec<(&'static str, Vec<u8>)> {
    let table = |rows: &str| text(&format!("<table:table>{rows}</table:table>"));
    let header = format!(
        "<office:document-styles {NAMES}><office:master-styles><style:header>{LABELLED}</style:header></office:master-styles></office:document-styles>"
    );
    let deletion = format!(
        "<text:tracked-changes><text:changed-region xml:id=\"c\"><text:deletion><text:p>{NUMBER}</text:p></text:deletion>\
         </text:changed-region></text:tracked-changes><text:p>個人番号：<text:change text:change-id=\"c\"/>なし</text:p>"
    );
    vec![
        ("paragraph, spans split", text(LABELLED)),
        ("table", table(&format!("{}{}", row(&[cell("氏名"), cell("個人番号")]), row(&[cell("山田"), cell(NUMBER)])))),
        ("one digit per cell", table(&row(&boxes()))),
        ("header", file("text", "<office:text/>", &[("styles.xml", &header)])),
        (
            "footnote",
            text(&format!(
                "<text:p>注<text:note><text:note-citation>1</text:note-citation><text:note-body>{LABELLED}</text:note-body></text:note></text:p>"
            )),
        ),
        (
            "number before a footnote",
            text(&format!(
                "<text:p>個人番号：{NUMBER}<text:note><text:note-citation>1</text:note-citation></text:note></text:p>"
            )),
        ),
        ("comment", text(&format!("<text:p>本文<office:annotation>{LABELLED}</office:annotation></text:p>"))),
        (
            "text box",
            text(&format!("<text:p>12<draw:frame><draw:text-box>{LABELLED}</draw:text-box></draw:frame></text:p>")),
        ),
        ("tracked deletion", text(&deletion)),
        (
            "hidden text",
            text(&format!("<text:p>x<text:hidden-text text:string-value=\"個人番号 {NUMBER}\"/></text:p>")),
        ),
        (
            "alternative text",
            text(&format!("<text:p><draw:frame><svg:desc>個人番号 {NUMBER}</svg:desc></draw:frame></text:p>")),
        ),
        (
            "form field",
            text(&format!(
                "<office:forms><form:text form:name=\"個人番号\" form:current-value=\"{NUMBER}\"/></office:forms>"
            )),
        ),
        (
            "property of the document",
            file(
                "text",
                "<office:text/>",
                &[(
                    "meta.xml",
                    &format!(
                        "<office:document-meta><meta:user-defined meta:name=\"個人番号\">{NUMBER}</meta:user-defined></office:document-meta>"
                    ),
                )],
            ),
        ),
        (
            "object in the document",
            file(
                "text",
                "<office:text/>",
                &[(
                    "Object 1/content.xml",
                    &format!("<office:document-content {NAMES}>{LABELLED}</office:document-content>"),
                )],
            ),
        ),
        (
            "encrypted",
            file(
                "text",
                "",
                &[("META-INF/manifest.xml", "<manifest:manifest><manifest:encryption-data/></manifest:manifest>")],
            ),
        ),
    ]
}

fn sheets() -> Vec<(&'static str, Vec<u8>)> {
    let table = |number: String| {
        sheet("名簿", &format!("{}{}", row(&[cell("氏名"), cell("個人番号")]), row(&[cell("山田"), number])))
    };
    let lost = ZERO.trim_start_matches('0');
    let repeated = "<table:table-row><table:table-cell><text:p>個人番号</text:p></table:table-cell><table:table-cell office:value=\"1\" \
                    table:number-columns-repeated=\"11\"><text:p>1</text:p></table:table-cell></table:table-row>";
    let comment = format!(
        "<table:table-cell><office:annotation><text:p>{NUMBER}</text:p></office:annotation></table:table-cell>"
    );
    vec![
        ("text cell", table(cell(NUMBER))),
        ("number cell, shown 1.23E+11", table(number(NUMBER, "1.23E+11"))),
        ("number cell, leading zero lost", table(number(lost, lost))),
        ("number cell, shown 0234-5678-9013", table(number(lost, "0234-5678-9013"))),
        ("one digit per cell", sheet("票", &row(&boxes()))),
        (
            "one digit per number cell",
            sheet(
                "票",
                &row(&std::iter::once(cell("個人番号"))
                    .chain(NUMBER.chars().map(|digit| number(&digit.to_string(), &digit.to_string())))
                    .collect::<Vec<_>>()),
            ),
        ),
        ("hidden sheet", sheet("票\" table:display=\"false", &row(&[cell("個人番号"), cell(NUMBER)]))),
        ("comment on the cell below its heading", table(comment)),
        ("label in the name of the sheet", sheet("マイナンバー一覧", &row(&[cell(NUMBER)]))),
        ("repeated cells beside it", sheet("票", &format!("{repeated}{}", row(&[cell("個人番号"), cell(NUMBER)])))),
    ]
}
