//! Documents in one XML file.

use super::{NUMBER, Row, ZERO};

pub fn rows() -> Vec<Row> {
    let word = "<?xml version=\"1.0\"?><?mso-application progid=\"Word.Document\"?><w:wordDocument xmlns:w=\"w\"><w:body><w:p><w:r>\
                <w:t>個人番号：1234</w:t></w:r><w:r><w:t>56789018</w:t></w:r></w:p></w:body></w:wordDocument>";
    let package = word
        .replace("<w:wordDocument", "<pkg:package xmlns:pkg=\"http://schemas.microsoft.com/office/2006/xmlPackage\"")
        .replace("w:wordDocument", "pkg:package");
    let open = "<?xml version=\"1.0\"?><office:document xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" \
                xmlns:text=\"t\"><office:text><text:p>個人番号：1234<text:span>5678</text:span>9018</text:p></office:text></office:document>";
    let sheet = |cell: &str| {
        format!(
            "<?xml version=\"1.0\"?><Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\" xmlns:ss=\"s\"><Styles>\
             <Style ss:ID=\"s1\"><NumberFormat ss:Format=\"0000\\-0000\\-0000\"/></Style></Styles><Worksheet ss:Name=\"名簿\">\
             <Table><Row><Cell><Data ss:Type=\"String\">氏名</Data></Cell><Cell ss:Index=\"3\"><Data ss:Type=\"String\">個人番号\
             </Data></Cell></Row><Row><Cell ss:MergeAcross=\"1\"><Data ss:Type=\"String\">山田</Data></Cell>{cell}</Row></Table>\
             </Worksheet></Workbook>"
        )
        .into_bytes()
    };
    let lost = ZERO.trim_start_matches('0');
    vec![
        ("XML of Word 2003", "paragraph, runs split", word.into(), "a.xml"),
        ("XML of a package", "paragraph, runs split", package.into(), "a.xml"),
        ("flat OpenDocument", "paragraph, spans split", open.into(), "a.fodt"),
        (
            "XML spreadsheet 2003",
            "number cell",
            sheet(&format!("<Cell><Data ss:Type=\"Number\">{NUMBER}</Data></Cell>")),
            "a.xml",
        ),
        (
            "XML spreadsheet 2003",
            "number cell, leading zero lost",
            sheet(&format!("<Cell><Data ss:Type=\"Number\">{lost}</Data></Cell>")),
            "a.xml",
        ),
        (
            "XML spreadsheet 2003",
            "number cell, format 0000-0000-0000",
            sheet(&format!("<Cell ss:StyleID=\"s1\"><Data ss:Type=\"Number\">{lost}</Data></Cell>")),
            "a.xml",
        ),
        (
            "XML spreadsheet 2003",
            "comment on the cell below its heading",
            sheet("<Cell><Comment><ss:Data>1234<b>56789018</b></ss:Data></Comment></Cell>"),
            "a.xml",
        ),
    ]
}
