//! The older Office and XLSB, written by hand where LibreOffice writes none: passwords, objects, damage, Excel 5.

use std::io::{Cursor, Write};

use super::build::zip;
use super::ooxml_sheet::workbook;
use super::{NUMBER, Row, libreoffice};

/// A compound file of these streams.
fn compound(streams: &[(&str, &[u8])]) -> Vec<u8> {
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    for (name, content) in streams {
        if let Some((folder, _)) = name.rsplit_once('/').filter(|(folder, _)| !folder.is_empty()) {
            file.create_storage_all(folder).unwrap();
        }
        file.create_stream(name).unwrap().write_all(content).unwrap();
    }
    file.into_inner().into_inner()
}

/// A record of XLS.
fn record(kind: u16, content: &[u8]) -> Vec<u8> {
    let size = u16::try_from(content.len()).unwrap();
    [&kind.to_le_bytes()[..], &size.to_le_bytes(), content].concat()
}

fn shorts(numbers: &[u16]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

/// A record of XLSB.
fn binary(kind: u16, content: &[u8]) -> Vec<u8> {
    let mut out = match u8::try_from(kind) {
        Ok(small @ 0..0x80) => vec![small],
        _ => vec![(kind & 0x7f) as u8 | 0x80, (kind >> 7) as u8],
    };
    out.push(u8::try_from(content.len()).unwrap());
    out.extend_from_slice(content);
    out
}

fn string(text: &str) -> Vec<u8> {
    let units: Vec<u16> = text.encode_utf16().collect();
    [u32::try_from(units.len()).unwrap().to_le_bytes().to_vec(), shorts(&units)].concat()
}

fn cell(kind: u16, column: u32, value: &[u8]) -> Vec<u8> {
    binary(kind, &[&column.to_le_bytes()[..], &[0; 4], value].concat())
}

/// A workbook in binary parts; `number` is the cell below 個人番号.
fn xlsb(number: Vec<u8>, extra: &[(&str, &[u8])]) -> Vec<u8> {
    let strings = [binary(159, &[]), binary(19, &[&[0][..], &string("個人番号")].concat())].concat();
    let book = [binary(131, &[]), binary(156, &[&[0; 8][..], &string("rId1"), &string("名簿")].concat())].concat();
    let sheet = [
        binary(129, &[]),
        binary(0, &0_u32.to_le_bytes()),
        cell(6, 0, &string("氏名")),
        cell(7, 1, &0_u32.to_le_bytes()),
        binary(0, &1_u32.to_le_bytes()),
        cell(6, 0, &string("山田")),
        number,
    ]
    .concat();
    let mut files: Vec<(&str, &[u8])> = vec![
        ("[Content_Types].xml", b"<Types/>"),
        ("xl/workbook.bin", &book),
        ("xl/sharedStrings.bin", &strings),
        ("xl/worksheets/sheet1.bin", &sheet),
    ];
    files.extend_from_slice(extra);
    zip(&files)
}

pub fn rows() -> Vec<Row> {
    let value: f64 = NUMBER.parse().unwrap();
    let comment = [
        binary(628, &[]),
        binary(
            635,
            &[&[0; 4][..], &1_u32.to_le_bytes(), &1_u32.to_le_bytes(), &1_u32.to_le_bytes(), &1_u32.to_le_bytes()]
                .concat(),
        ),
        binary(637, &[&[0][..], &string(NUMBER)].concat()),
    ]
    .concat();
    let relations = b"<Relationships><Relationship Id=\"rId1\" Target=\"../comments1.bin\"/></Relationships>";
    let mut rows: Vec<Row> = vec![
        ("XLSB", "text cell", xlsb(cell(6, 1, &string(NUMBER)), &[]), "a.xlsb"),
        ("XLSB", "number cell", xlsb(cell(5, 1, &value.to_le_bytes()), &[]), "a.xlsb"),
        ("XLSB", "result of a formula", xlsb(cell(9, 1, &value.to_le_bytes()), &[]), "a.xlsb"),
        (
            "XLSB",
            "comment on the cell below its heading",
            xlsb(Vec::new(), &[("xl/comments1.bin", &comment), ("xl/worksheets/_rels/sheet1.bin.rels", relations)]),
            "a.xlsb",
        ),
    ];
    rows.extend(excel());
    rows.extend(word());
    rows
}

fn excel() -> Vec<Row> {
    let label = encoding_rs::SHIFT_JIS.encode("個人番号").0;
    let old = [
        record(0x809, &shorts(&[0x500, 0x10, 0, 0])),
        record(0x204, &[&shorts(&[0, 0, 0, u16::try_from(label.len()).unwrap()])[..], &label].concat()),
        record(0x203, &[&shorts(&[0, 1, 0])[..], &123_456_789_018_f64.to_le_bytes()].concat()),
        record(0x0a, &[]),
    ]
    .concat();
    let locked = [record(0x809, &shorts(&[0x600, 5, 0, 0])), record(0x2f, &[1, 0])].concat();
    let sheet = format!(
        "<sheetData><row><c t=\"inlineStr\"><is><t>個人番号</t></is></c><c><v>{NUMBER}</v></c></row></sheetData>"
    );
    let package = workbook(&sheet, &[]);
    let whole = libreoffice::file("xls/text.xls").unwrap();
    vec![
        ("XLS", "Excel 5 and 95", compound(&[("/Book", &old)]), "a.xls"),
        ("XLS", "with a password", compound(&[("/Workbook", &locked)]), "a.xls"),
        (
            "XLS",
            "workbook in the workbook",
            compound(&[("/Workbook", &old[..12]), ("/MBD001/Package", &package)]),
            "a.xls",
        ),
        ("XLS", "cut in half", whole[..whole.len() / 2].to_vec(), "a.xls"),
        (
            "XLSX",
            "with a password",
            compound(&[("/EncryptedPackage", &[7; 64]), ("/EncryptionInfo", &[4, 0, 4, 0])]),
            "a.xlsx",
        ),
    ]
}

fn word() -> Vec<Row> {
    let mut locked = vec![0; 1024];
    locked[..12].copy_from_slice(&[0xec, 0xa5, 0xc1, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    let text = encoding_rs::SHIFT_JIS.encode("個人番号：123456789018\r").0;
    let mut old = vec![0; 512];
    old[..4].copy_from_slice(&[0xdc, 0xa5, 0x65, 0]);
    old[0x18..0x1c].copy_from_slice(&512_u32.to_le_bytes());
    old[0x1c..0x20].copy_from_slice(&(512 + u32::try_from(text.len()).unwrap()).to_le_bytes());
    old.extend_from_slice(&text);
    let mut native = 0_u32.to_le_bytes().to_vec();
    native.extend(b"\x02\0list.csv\0C:\\list.csv\0\0\0\x03\0\x0c\0\0\0C:\\list.csv\0");
    let csv = format!("氏名,個人番号\n山田,{NUMBER}\n");
    native.extend(u32::try_from(csv.len()).unwrap().to_le_bytes());
    native.extend(csv.as_bytes());
    let mut user = vec![0; 12];
    user.extend(0xf3d1_c4df_u32.to_le_bytes());
    let whole = libreoffice::file("doc/paragraph.doc").unwrap();
    let mut lost = whole.clone();
    lost[48] = 0xff;
    vec![
        ("DOC", "Word 6 and 95", compound(&[("/WordDocument", &old)]), "a.doc"),
        ("DOC", "with a password", compound(&[("/WordDocument", &locked)]), "a.doc"),
        (
            "DOC",
            "file in the document",
            compound(&[("/WordDocument", &old[..512]), ("/ObjectPool/_1/\u{1}Ole10Native", &native)]),
            "a.doc",
        ),
        ("DOC", "directory lost", lost, "a.doc"),
        ("PPT", "with a password", compound(&[("/PowerPoint Document", &[0; 8]), ("/Current User", &user)]), "a.ppt"),
    ]
}
