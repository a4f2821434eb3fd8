//! PDF.

use std::fmt::Write;

use super::pdf_file::{HELVETICA, Pdf, composite, hex};
use super::{NUMBER, Row};

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/pdf/{name}.pdf", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn boxes() -> Vec<u8> {
    let mut content = String::from("BT /F 10 Tf 60 700 Td (My Number) Tj ET ");
    for (at, digit) in NUMBER.chars().enumerate() {
        write!(content, "BT /F 12 Tf 1 0 0 1 {} 699 Tm ({digit}) Tj ET ", 140 + 18 * at).unwrap();
    }
    Pdf::page(&content, HELVETICA).bytes()
}

/// A page whose annotation is object 100.
fn annotated(catalog: &str, annotation: &str) -> Vec<u8> {
    let mut pdf = Pdf::page("BT /F 10 Tf 60 700 Td (text) Tj ET", HELVETICA);
    pdf.catalog = catalog.to_owned();
    pdf.add(annotation);
    pdf.stream("", format!("氏名,個人番号\n山田,{NUMBER}\n").as_bytes());
    pdf.stream("", format!("<a><個人番号>{NUMBER}</個人番号></a>").as_bytes());
    while pdf.objects.len() < 99 {
        pdf.add("null");
    }
    pdf.add("[5 0 R]");
    pdf.bytes()
}

fn texts() -> Vec<(&'static str, Vec<u8>)> {
    let label = "個人番号：１２３４５６７８９０１８";
    let shift_jis = encoding_rs::SHIFT_JIS.encode(label).0.into_owned();
    let utf16: Vec<u8> = label.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let cids: Vec<u8> = [1912u16, 2579, 3434, 2040, 639]
        .into_iter()
        .chain(NUMBER.bytes().map(|digit| 780 + u16::from(digit - b'0')))
        .flat_map(u16::to_be_bytes)
        .collect();
    let page = |encoding: &str, bytes: &[u8]| {
        let content = format!("BT /F 12 Tf 72 700 Td <{}> Tj ET", hex(bytes));
        Pdf::page(&content, &composite(encoding, "Japan1")).bytes()
    };
    vec![
        ("embedded font, table (browser)", fixture("browser-table")),
        ("font 90ms-RKSJ-H, not embedded", page("90ms-RKSJ-H", &shift_jis)),
        ("font 90ms-RKSJ-V, lines that run down", page("90ms-RKSJ-V", &shift_jis)),
        ("font UniJIS-UCS2-H, not embedded", page("UniJIS-UCS2-H", &utf16)),
        ("font Identity-H of Adobe-Japan1, no map", page("Identity-H", &cids)),
        ("one digit per box", boxes()),
        ("one digit per box, groups of four", fixture("boxes")),
        ("owner's password, RC4", fixture("owner-rc4-128")),
        ("owner's password, AES-256", fixture("owner-aes-256")),
        ("password to open", fixture("password-aes-256")),
    ]
}

fn beside() -> Vec<(&'static str, Vec<u8>)> {
    let number = format!("({NUMBER})");
    let field = "/AcroForm<</Fields[5 0 R]>>";
    let mut described = Pdf::page("", HELVETICA);
    described.trailer = format!("/Info<</Title(My Number {NUMBER})>>");
    vec![
        ("field of a form, by its name", annotated(field, &format!("<</FT/Tx/T(mynumber)/V{number}>>"))),
        ("field of a form, by its description", annotated(field, &format!("<</FT/Tx/T(a)/TU(My Number)/V{number}>>"))),
        ("boxes of a form (comb)", fixture("comb-field")),
        ("XFA form", annotated("/AcroForm<</Fields[]/XFA 7 0 R>>", "null")),
        ("note", annotated("", &format!("<</Subtype/Text/Contents(My Number {NUMBER})>>"))),
        ("attached file", annotated("/Names<</EmbeddedFiles<</Names[(a)5 0 R]>>>>", "<</F(a.csv)/EF<</F 6 0 R>>>>")),
        ("file of a note", annotated("", "<</Subtype/FileAttachment/FS<</F(a.csv)/EF<</F 6 0 R>>>>>>")),
        ("bookmark", annotated("/Outlines<</First 5 0 R>>", &format!("<</Title(My Number {NUMBER})>>"))),
        ("description of the document", described.bytes()),
        ("scanned page", scanned()),
    ]
}

fn scanned() -> Vec<u8> {
    let mut pdf = Pdf::page("q 595 0 0 842 0 0 cm /I Do Q", "/XObject<</I 5 0 R>>");
    pdf.stream("/Subtype/Image/Width 1/Height 1/Filter/DCTDecode", b"\xff\xd8\xff");
    pdf.bytes()
}

pub fn rows() -> Vec<Row> {
    let all = texts().into_iter().chain(beside());
    all.map(|(placement, file)| ("PDF", placement, file, "a.pdf")).collect()
}
