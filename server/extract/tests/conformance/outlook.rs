//! MSG and TNEF.

use std::io::{Cursor, Write};
use std::path::Path;

use cfb::CompoundFile;

use super::{NUMBER, Row};

type Container = CompoundFile<Cursor<Vec<u8>>>;

const BODY: u16 = 0x1000;
const RTF: u16 = 0x1009;
const HTML: u16 = 0x1013;
const SUBJECT: u16 = 0x0037;
const HEADERS: u16 = 0x007d;
const DISPLAY_NAME: u16 = 0x3001;
const DATA: u16 = 0x3701;
const LONG_NAME: u16 = 0x3707;

fn labelled() -> String {
    format!("個人番号: {NUMBER}")
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn csv() -> Vec<u8> {
    format!("氏名,個人番号\r\n山田,{NUMBER}\r\n").into_bytes()
}

/// RTF that is wrapped as a compressed body is, without being compressed (MS-OXRTFCP 2.1.3.1).
fn rtf() -> Vec<u8> {
    let body = format!(r"{{\rtf1\ansi\ansicpg932 \'8c\'c2\'90\'6c\'94\'d4\'8d\'86: {NUMBER}\par}}");
    let size = u32::try_from(body.len()).unwrap();
    [&(size + 12).to_le_bytes()[..], &size.to_le_bytes(), b"MELA", &[0; 4], body.as_bytes()].concat()
}

fn stream(container: &mut Container, path: &Path, bytes: &[u8]) {
    container.create_stream(path).unwrap().write_all(bytes).unwrap();
}

/// A mail within `at` with one property as well.
fn storage(container: &mut Container, at: &Path, (id, kind): (u16, u16), value: &[u8]) {
    container.create_storage_all(at).unwrap();
    // the code page: Shift_JIS
    let page = [&[3, 0, 0xfd, 0x3f, 6, 0, 0, 0][..], &932u64.to_le_bytes()].concat();
    stream(container, &at.join("__properties_version1.0"), &[vec![0; 32], page].concat());
    stream(container, &at.join(format!("__substg1.0_{id:04X}{kind:04X}")), value);
}

fn msg(property: (u16, u16), value: &[u8]) -> Container {
    let mut container = CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    storage(&mut container, Path::new("/"), property, value);
    container
}

fn bytes(container: Container) -> Vec<u8> {
    container.into_inner().into_inner()
}

fn msg_rows() -> Vec<(&'static str, Vec<u8>)> {
    let one = |property, value: &[u8]| bytes(msg(property, value));
    let html = format!("<html><meta charset=utf-8><p>個人番号: <b>1234</b>{}", &NUMBER[4..]);
    let header = format!("Received: x\r\nComments: My Number {NUMBER}\r\n\r\n");
    let mut rows = vec![
        ("subject", one((SUBJECT, 0x1f), &utf16(&labelled()))),
        ("body", one((BODY, 0x1f), &utf16(&labelled()))),
        ("body in Shift_JIS", one((BODY, 0x1e), &encoding_rs::SHIFT_JIS.encode(&labelled()).0)),
        ("HTML body", one((HTML, 0x102), html.as_bytes())),
        ("body in RTF", one((RTF, 0x102), &rtf())),
        ("header field", one((HEADERS, 0x1f), &utf16(&header))),
    ];
    let mut file = msg((SUBJECT, 0x1f), &utf16("x"));
    let at = Path::new("/__attach_version1.0_#00000000");
    storage(&mut file, at, (DATA, 0x102), &csv());
    stream(&mut file, &at.join("__substg1.0_3707001F"), &utf16("list.csv"));
    rows.push(("attached file", bytes(file)));
    let mut nested = msg((SUBJECT, 0x1f), &utf16("x"));
    storage(&mut nested, at, (LONG_NAME, 0x1f), &utf16("x.msg"));
    storage(&mut nested, &at.join("__substg1.0_3701000D"), (BODY, 0x1f), &utf16(&labelled()));
    rows.push(("attached mail", bytes(nested)));
    let mut recipient = msg((SUBJECT, 0x1f), &utf16("x"));
    let name = utf16(&labelled());
    storage(&mut recipient, Path::new("/__recip_version1.0_#00000000"), (DISPLAY_NAME, 0x1f), &name);
    rows.push(("name of a recipient", bytes(recipient)));
    let mut field = msg((0x8000, 0x1f), &utf16(NUMBER));
    let names = Path::new("/__nameid_version1.0");
    field.create_storage(names).unwrap();
    stream(&mut field, &names.join("__substg1.0_00030102"), &[0, 0, 0, 0, 7, 0, 0, 0]);
    let name = utf16("個人番号");
    stream(&mut field, &names.join("__substg1.0_00040102"), &[&8u32.to_le_bytes()[..], &name].concat());
    rows.push(("field that users made", bytes(field)));
    rows
}

/// A stream of attributes.
fn tnef(attributes: &[(u32, Vec<u8>)]) -> Vec<u8> {
    let mut out = vec![0x78, 0x9f, 0x3e, 0x22, 1, 0];
    for (id, value) in attributes {
        out.push(1);
        out.extend(id.to_le_bytes());
        out.extend(u32::try_from(value.len()).unwrap().to_le_bytes());
        out.extend(value);
        let sum = value.iter().fold(0u16, |sum, &byte| sum.wrapping_add(u16::from(byte)));
        out.extend(sum.to_le_bytes());
    }
    out
}

/// A list of properties whose values are of one length each.
fn list(properties: &[(u16, u16, Vec<u8>)]) -> Vec<u8> {
    let mut out = u32::try_from(properties.len()).unwrap().to_le_bytes().to_vec();
    for (id, kind, value) in properties {
        out.extend(kind.to_le_bytes());
        out.extend(id.to_le_bytes());
        out.extend(1u32.to_le_bytes());
        out.extend(u32::try_from(value.len()).unwrap().to_le_bytes());
        out.extend(value);
        out.extend(vec![0; value.len().wrapping_neg() % 4]);
    }
    out
}

fn tnef_rows() -> Vec<(&'static str, Vec<u8>)> {
    const MAIL: u32 = 0x0006_9003;
    const ATTACHMENT: u32 = 0x0006_9005;
    let page = (0x0006_9007, [932u32.to_le_bytes(), [0; 4]].concat());
    let sjis = encoding_rs::SHIFT_JIS.encode(&labelled()).0.into_owned();
    let begins = (0x0006_9002, vec![0; 14]);
    let inner = tnef(&[(MAIL, list(&[(BODY, 0x1f, utf16(&labelled()))]))]);
    let object = [vec![0; 16], inner].concat();
    vec![
        ("body", tnef(&[page, (0x0002_800c, sjis)])),
        ("body as a property", tnef(&[(MAIL, list(&[(BODY, 0x1f, utf16(&labelled()))]))])),
        ("body in RTF", tnef(&[(MAIL, list(&[(RTF, 0x102, rtf())]))])),
        ("attached file", tnef(&[begins.clone(), (0x0001_8010, b"list.csv\0".to_vec()), (0x0006_800f, csv())])),
        ("attached mail", tnef(&[begins, (ATTACHMENT, list(&[(LONG_NAME, 0x1f, utf16("x")), (DATA, 0x0d, object)]))])),
    ]
}

pub fn rows() -> Vec<Row> {
    let msg = msg_rows().into_iter().map(|(placement, file)| ("MSG", placement, file, "mail.msg"));
    let tnef = tnef_rows().into_iter().map(|(placement, file)| ("TNEF", placement, file, "winmail.dat"));
    msg.chain(tnef).collect()
}
