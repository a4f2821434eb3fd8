//! RTF.

use super::ooxml_sheet::workbook;
use super::{NUMBER, Row};

/// The bytes of a text in code page 932, as RTF writes them.
fn escaped(text: &str) -> String {
    encoding_rs::SHIFT_JIS.encode(text).0.iter().map(|byte| format!("\\'{byte:02x}")).collect()
}

fn unicode(text: &str) -> String {
    text.encode_utf16().map(|unit| format!("\\u{}?", i32::from(unit.cast_signed()))).collect()
}

fn document(body: &str) -> Vec<u8> {
    format!("{{\\rtf1\\ansi\\ansicpg1252\\deff0{{\\fonttbl{{\\f0\\fnil\\fcharset128 MS Mincho;}}{{\\f1\\fcharset0 Arial;}}}}\\f0 {body}}}").into_bytes()
}

pub fn rows() -> Vec<Row> {
    texts().into_iter().chain(beside()).map(|(placement, file)| ("RTF", placement, file, "letter.rtf")).collect()
}

fn texts() -> Vec<(&'static str, Vec<u8>)> {
    let label = escaped("個人番号：");
    let cells: String = NUMBER.chars().map(|digit| format!("\\intbl {digit}\\cell ")).collect();
    let wide = NUMBER.chars().map(|digit| char::from_u32(0xfee0 + u32::from(digit)).unwrap()).collect::<String>();
    vec![
        ("full-width digits in code page 932", document(&format!("{label}{}\\par", escaped(&wide)))),
        ("characters in Unicode", document(&format!("{}{}\\par", unicode("個人番号："), unicode(NUMBER)))),
        ("runs split", document(&format!("{label}{{\\b 1234}}{{\\i 5678}}90{{\\f1 18}}\\par"))),
        ("table", document(&format!("\\trowd\\intbl {}\\cell\\intbl {}\\cell\\row\\trowd\\intbl {}\\cell\\intbl {NUMBER}\\cell\\row", escaped("氏名"), escaped("個人番号"), escaped("山田")))),
        ("one digit per cell", document(&format!("\\trowd\\intbl {}\\cell {cells}\\row", escaped("個人番号")))),
        ("tracked deletion", document(&format!("{label}{{\\deleted {NUMBER}}}{{\\revised 000000}}\\par"))),
        ("hidden text", document(&format!("{label}{{\\v {NUMBER}}}\\par"))),
        (
            "HTML inside",
            format!(
                "{{\\rtf1\\ansi\\fromhtml1{{\\*\\htmltag <html><p>}}\\htmlrtf {{\\htmlrtf0 {}{{\\*\\htmltag <b>}}1234{{\\*\\htmltag </b>}}56789018\\htmlrtf }}\\htmlrtf0{{\\*\\htmltag </p>}}}}",
                unicode("個人番号：")
            )
            .into_bytes(),
        ),
    ]
}

fn beside() -> Vec<(&'static str, Vec<u8>)> {
    let labelled = format!("{}1234{{\\b 56789018}}\\par", escaped("個人番号："));
    let within = |group: &str| document(&format!("{}{{{group} {labelled}}}\\par", escaped("本文")));
    let book = workbook(
        &format!(
            "<sheetData><row><c t=\"inlineStr\"><is><t>個人番号</t></is></c><c><v>{NUMBER}</v></c></row></sheetData>"
        ),
        &[],
    );
    let mut object = vec![1, 5, 0, 0, 2, 0, 0, 0, 12, 0, 0, 0];
    object.extend(b"Excel.Sheet\0");
    object.extend([0; 8]);
    object.extend(u32::try_from(book.len()).unwrap().to_le_bytes());
    object.extend(&book);
    let digits: String = object.iter().map(|byte| format!("{byte:02x}")).collect();
    vec![
        ("header", within("\\header\\pard")),
        ("footnote", within("\\footnote")),
        ("comment", within("\\*\\annotation")),
        (
            "text box",
            document(&format!(
                "12{{\\shp{{\\*\\shpinst{{\\sp{{\\sn fillColor}}{{\\sv 1}}}}{{\\shptxt {labelled}}}}}}}34\\par"
            )),
        ),
        (
            "description of a shape",
            document(&format!("{{\\shp{{\\*\\shpinst{{\\sp{{\\sn wzDescription}}{{\\sv {labelled}}}}}}}}}")),
        ),
        ("property of the document", document(&format!("{{\\info{{\\title {} {NUMBER}}}}}", escaped("個人番号")))),
        (
            "workbook in the document",
            document(&format!("{{\\object\\objemb{{\\*\\objclass Excel.Sheet}}{{\\*\\objdata {digits}}}}}")),
        ),
    ]
}
