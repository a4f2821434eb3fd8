//! DOCX and PPTX.

use super::build::{zip, zip_texts};
use super::ooxml_sheet::workbook;
use super::{NUMBER, Row};

const W: &str = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"";

/// A document of this body; `extra` are further parts.
pub fn document(body: &str, extra: &[(&str, &str)]) -> Vec<u8> {
    let document = format!("<?xml version=\"1.0\"?><w:document {W}><w:body>{body}</w:body></w:document>");
    let mut files = vec![("[Content_Types].xml", "<Types/>"), ("word/document.xml", &document)];
    files.extend_from_slice(extra);
    zip_texts(&files)
}

fn runs(texts: &[&str]) -> String {
    texts.iter().map(|text| format!("<w:r><w:t xml:space=\"preserve\">{text}</w:t></w:r>")).collect()
}

fn paragraph(texts: &[&str]) -> String {
    format!("<w:p>{}</w:p>", runs(texts))
}

fn row(cells: &[&str]) -> String {
    let cells: String = cells.iter().map(|cell| format!("<w:tc><w:tcPr/>{}</w:tc>", paragraph(&[cell]))).collect();
    format!("<w:tr>{cells}</w:tr>")
}

fn digits() -> Vec<String> {
    NUMBER.chars().map(String::from).collect()
}

fn boxes(label: &[&str]) -> String {
    let digits = digits();
    let cells: Vec<&str> = label.iter().copied().chain(digits.iter().map(String::as_str)).collect();
    row(&cells)
}

pub fn rows() -> Vec<Row> {
    let documents =
        text().into_iter().chain(around()).map(|(placement, file)| ("DOCX", placement, file, "letter.docx"));
    let slides = slides().into_iter().map(|(placement, file)| ("PPTX", placement, file, "talk.pptx"));
    documents.chain(slides).collect()
}

fn text() -> Vec<(&'static str, Vec<u8>)> {
    let of = |body: &str| document(body, &[]);
    let label = "個人番号：";
    let spanned = format!(
        "<w:tbl><w:tr><w:tc>{}</w:tc><w:tc><w:tcPr><w:gridSpan w:val=\"12\"/></w:tcPr>{}</w:tc></w:tr>{}</w:tbl>",
        paragraph(&["氏名"]),
        paragraph(&["個人番号"]),
        boxes(&["山田"])
    );
    let nested = format!(
        "<w:tbl><w:tr><w:tc>{}</w:tc><w:tc><w:tbl>{}</w:tbl><w:p/></w:tc></w:tr></w:tbl>",
        paragraph(&["個人番号"]),
        boxes(&[])
    );
    vec![
        ("paragraph", of(&paragraph(&[label, NUMBER]))),
        (
            "run split at every digit",
            of(&paragraph(&digits().iter().map(String::as_str).fold(vec![label], |mut all, one| {
                all.push(one);
                all
            }))),
        ),
        ("table", of(&format!("<w:tbl>{}{}</w:tbl>", row(&["氏名", "個人番号"]), row(&["山田", NUMBER])))),
        ("one digit per cell, label to the left", of(&format!("<w:tbl>{}</w:tbl>", boxes(&["個人番号"])))),
        ("one digit per cell, below a spanning heading", of(&spanned)),
        ("one digit per cell, in a table within a cell", of(&nested)),
        (
            "tracked deletion",
            of(&format!(
                "<w:p>{}<w:del><w:r><w:delText>{NUMBER}</w:delText></w:r></w:del><w:ins>{}</w:ins></w:p>",
                runs(&[label]),
                runs(&["000000"])
            )),
        ),
        (
            "tracked insertion beside a deletion",
            of(&format!(
                "<w:p>{}<w:del><w:r><w:delText>999</w:delText></w:r></w:del><w:ins>{}</w:ins></w:p>",
                runs(&[label]),
                runs(&[NUMBER])
            )),
        ),
        (
            "text box",
            of(&format!(
                "<w:p>{}<w:r><w:pict><v:textbox><w:txbxContent>{}</w:txbxContent></v:textbox></w:pict></w:r></w:p>",
                runs(&["12"]),
                paragraph(&[label, "1234", "56789018"])
            )),
        ),
        (
            "hidden text",
            of(&format!("<w:p>{}<w:r><w:rPr><w:vanish/></w:rPr><w:t>{NUMBER}</w:t></w:r></w:p>", runs(&[label]))),
        ),
        (
            "content control with a title",
            of(&format!(
                "<w:sdt><w:sdtPr><w:alias w:val=\"個人番号\"/></w:sdtPr><w:sdtContent>{}</w:sdtContent></w:sdt>",
                paragraph(&[NUMBER])
            )),
        ),
        (
            "default of a form field",
            of(&format!(
                "<w:p>{}<w:r><w:ffData><w:textInput><w:default w:val=\"個人番号 {NUMBER}\"/></w:textInput></w:ffData></w:r></w:p>",
                runs(&["欄"])
            )),
        ),
        (
            "instruction of a field",
            of(
                "<w:p><w:r><w:instrText> SET 個人番号 \"1234</w:instrText></w:r><w:r><w:instrText>56789018\"</w:instrText></w:r></w:p>",
            ),
        ),
        (
            "alternative text of a picture",
            of(&format!("<w:p><w:drawing><wp:docPr id=\"1\" descr=\"個人番号 {NUMBER}\"/></w:drawing></w:p>")),
        ),
        (
            "digits of a symbol font",
            of(&format!(
                "<w:p>{}<w:r>{}</w:r></w:p>",
                runs(&[label]),
                NUMBER
                    .chars()
                    .map(|digit| format!("<w:sym w:font=\"Wingdings\" w:char=\"F08{digit}\"/>"))
                    .collect::<String>()
            )),
        ),
    ]
}

fn around() -> Vec<(&'static str, Vec<u8>)> {
    let body = paragraph(&["添付のとおりです。"]);
    let with = |part: &str, root: &str| {
        let content = format!("<w:{root} {W}>{}</w:{root}>", paragraph(&["個人番号：", "1234", "-5678-9018"]));
        document(&body, &[(part, &content)])
    };
    let properties =
        format!("<cp:coreProperties xmlns:dc=\"d\"><dc:subject>個人番号 {NUMBER}</dc:subject></cp:coreProperties>");
    let custom = format!("<data><個人番号>{NUMBER}</個人番号></data>");
    let sheet = workbook(
        &format!(
            "<sheetData><row><c t=\"inlineStr\"><is><t>個人番号</t></is></c><c><v>{NUMBER}</v></c></row></sheetData>"
        ),
        &[],
    );
    let embedded = |name: &str, bytes: &[u8]| {
        let document = format!("<w:document {W}><w:body>{body}</w:body></w:document>");
        zip(&[("[Content_Types].xml", b"<Types/>"), ("word/document.xml", document.as_bytes()), (name, bytes)])
    };
    let mut cut = document(&paragraph(&["個人番号：", NUMBER]), &[]);
    cut.truncate(cut.len() - 100);
    vec![
        ("header", with("word/header1.xml", "hdr")),
        ("footer", with("word/footer1.xml", "ftr")),
        ("footnote", with("word/footnotes.xml", "footnotes")),
        ("endnote", with("word/endnotes.xml", "endnotes")),
        ("comment", with("word/comments.xml", "comments")),
        ("building block", with("word/glossary/document.xml", "glossaryDocument")),
        (
            "main part under another name",
            zip_texts(&[
                ("[Content_Types].xml", "<Types/>"),
                (
                    "word/other.dat",
                    &format!("<w:document {W}>{}</w:document>", paragraph(&["個人番号：", "1234", "56789018"])),
                ),
            ]),
        ),
        ("property of the document", document(&body, &[("docProps/core.xml", &properties)])),
        ("custom data", document(&body, &[("customXml/item1.xml", &custom)])),
        (
            "link",
            document(
                &body,
                &[(
                    "word/_rels/document.xml.rels",
                    &format!(
                        "<Relationships><Relationship Id=\"a\" TargetMode=\"External\" Target=\"https://example.com/?mynumber={NUMBER}\"/></Relationships>"
                    ),
                )],
            ),
        ),
        ("workbook in the document", embedded("word/embeddings/Sheet1.xlsx", &sheet)),
        (
            "HTML in the document (altChunk)",
            embedded("word/afchunk1.html", "<html><p>個人番号 <b>1234</b>56789018".as_bytes()),
        ),
        ("cut off behind the text", cut),
    ]
}

fn slides() -> Vec<(&'static str, Vec<u8>)> {
    let a = "xmlns:a=\"a\" xmlns:p=\"p\"";
    let slide = |content: &str| format!("<p:sld {a}><p:cSld><p:spTree>{content}</p:spTree></p:cSld></p:sld>");
    let text = "<p:sp><p:txBody><a:p><a:r><a:t>個人番号：1234</a:t></a:r><a:r><a:rPr/><a:t>56789018</a:t></a:r></a:p></p:txBody></p:sp>";
    let cell = |text: &str| format!("<a:tc><a:txBody><a:p><a:r><a:t>{text}</a:t></a:r></a:p></a:txBody></a:tc>");
    let boxes: String = digits().iter().map(|digit| cell(digit)).collect();
    let table = format!("<a:tbl><a:tr>{}{boxes}</a:tr></a:tbl>", cell("個人番号"));
    let of = |part: &str, content: &str| {
        zip_texts(&[
            ("[Content_Types].xml", "<Types/>"),
            ("ppt/presentation.xml", "<p:presentation/>"),
            (part, content),
        ])
    };
    let diagram = "<dgm:dataModel xmlns:dgm=\"d\" xmlns:a=\"a\"><dgm:pt><dgm:t><a:p><a:r><a:t>個人番号：1234</a:t></a:r><a:r><a:t>56789018</a:t></a:r></a:p></dgm:t></dgm:pt></dgm:dataModel>";
    vec![
        ("text, runs split", of("ppt/slides/slide1.xml", &slide(text))),
        ("hidden slide", of("ppt/slides/slide1.xml", &slide(text).replace("<p:sld ", "<p:sld show=\"0\" "))),
        ("one digit per cell", of("ppt/slides/slide1.xml", &slide(&table))),
        (
            "alternative text",
            of(
                "ppt/slides/slide1.xml",
                &slide(&format!("<p:pic><p:cNvPr id=\"1\" descr=\"個人番号 {NUMBER}\"/></p:pic>")),
            ),
        ),
        ("speaker notes", of("ppt/notesSlides/notesSlide1.xml", &slide(text).replace("p:sld", "p:notes"))),
        ("master", of("ppt/slideMasters/slideMaster1.xml", &slide(text).replace("p:sld", "p:sldMaster"))),
        (
            "comment",
            of(
                "ppt/comments/comment1.xml",
                &format!("<p:cmLst {a}><p:cm><p:text>個人番号 {NUMBER}</p:text></p:cm></p:cmLst>"),
            ),
        ),
        ("diagram (SmartArt)", of("ppt/diagrams/data1.xml", diagram)),
    ]
}
