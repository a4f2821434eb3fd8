//! What comes out of parts of every kind, and that no bytes make it fail.

#![allow(clippy::unwrap_used)]

use extract::{Extracted, FileType, Reason, TextKind, extract};
use message::Parsed;
use proptest::prelude::*;
use types::Limits;

const CSV: &str = "氏名,個人番号\r\n山田,123456789018\r\n";
const CELLS: &str = "氏名\u{1f}個人番号\n山田\u{1f}123456789018\n";

fn part(content_type: &str, body: &[u8]) -> Extracted {
    let mut mail = format!("MIME-Version: 1.0\r\nContent-Type: {content_type}\r\nContent-Disposition: attachment\r\nContent-Transfer-Encoding: binary\r\n\r\n").into_bytes();
    mail.extend_from_slice(body);
    let limits = Limits::default();
    let parsed = Parsed::parse(&mail, &limits);
    extract(&parsed.leaves()[0], &limits)
}

fn utf16(text: &str, mark: bool, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    let mark = mark.then_some('\u{feff}').into_iter().collect::<String>();
    format!("{mark}{text}").encode_utf16().flat_map(bytes).collect()
}

#[test]
fn a_table_is_read_in_every_charset() {
    let shift_jis = encoding_rs::SHIFT_JIS.encode(CSV).0.into_owned();
    let euc = encoding_rs::EUC_JP.encode(CSV).0.into_owned();
    for (name, bytes) in [
        ("UTF-8", CSV.as_bytes().to_vec()),
        ("UTF-8 with a mark", format!("\u{feff}{CSV}").into_bytes()),
        ("Shift_JIS", shift_jis),
        ("EUC-JP", euc),
        ("UTF-16LE with a mark", utf16(CSV, true, u16::to_le_bytes)),
        ("UTF-16BE with a mark", utf16(CSV, true, u16::to_be_bytes)),
        ("UTF-16LE", utf16(CSV, false, u16::to_le_bytes)),
    ] {
        for declared in
            ["text/csv; name=a.csv", "application/octet-stream; name=a.csv", "application/vnd.ms-excel; name=a.csv"]
        {
            let out = part(declared, &bytes);
            assert_eq!(
                out.texts.first().map(|text| text.text.trim_end()),
                Some(CELLS.trim_end()),
                "{name}, {declared}"
            );
            assert_eq!(out.texts[0].kind, TextKind::Table);
            assert!(out.not_inspected.is_empty());
        }
    }
}

/// A stored entry of a ZIP archive with its directory.
fn zip(name: &str, flags: u8) -> Vec<u8> {
    let length = u8::try_from(name.len()).unwrap();
    let mut out = b"PK\x03\x04\x14\0".to_vec();
    out.extend([flags, 0, 0, 0]);
    out.extend([0; 16]);
    out.extend([length, 0, 0, 0]);
    out.extend(name.bytes());
    out.extend(b"PK\x01\x02\x14\0\x14\0");
    out.extend([flags, 0]);
    out.extend([0; 18]);
    out.extend([length, 0]);
    out.extend([0; 16]);
    out.extend(name.bytes());
    out
}

#[test]
fn the_content_says_what_a_part_is() {
    let compound = |name: &str| {
        let mut out = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
        out.extend(utf16(name, false, u16::to_le_bytes));
        out
    };
    for (declared, bytes, kind, reason) in [
        ("text/plain", b"%PDF-1.7 x".to_vec(), FileType::Pdf, Some(Reason::Broken)),
        ("image/png; name=a.txt", b"\x89PNG\r\n\x1a\n".to_vec(), FileType::Image, None),
        ("application/octet-stream", zip("a.txt", 0), FileType::Zip, Some(Reason::Broken)),
        ("application/zip", zip("a.txt", 1), FileType::Zip, Some(Reason::Encrypted)),
        ("application/zip", zip("xl/workbook.xml", 0), FileType::Zip, Some(Reason::Broken)),
        ("application/x", compound("Workbook"), FileType::Office, Some(Reason::Broken)),
        ("application/x", compound("EncryptedPackage"), FileType::Encrypted, Some(Reason::Encrypted)),
        ("application/x-rar", b"Rar!\x1a\x07\0".to_vec(), FileType::Archive, Some(Reason::Broken)),
        ("application/pkcs7-mime; name=smime.p7m", b"0\x82".to_vec(), FileType::Encrypted, Some(Reason::Encrypted)),
        (
            "application/octet-stream",
            b"-----BEGIN PGP MESSAGE-----\r\n".to_vec(),
            FileType::Encrypted,
            Some(Reason::Encrypted),
        ),
        ("application/octet-stream", b"\0\x01\x02\x03\xff\xfe\0".to_vec(), FileType::Other, Some(Reason::Unsupported)),
        ("application/json", br#"{"mynumber":"123456789018"}"#.to_vec(), FileType::Text, None),
        ("application/octet-stream", b"<!DOCTYPE html><p>x".to_vec(), FileType::Html, None),
        ("application/octet-stream", b"From: a@b.c\r\nSubject: x\r\n\r\ny".to_vec(), FileType::Mail, None),
    ] {
        let out = part(declared, &bytes);
        assert_eq!(out.real_type, kind, "{declared}");
        assert_eq!(out.not_inspected.first().map(|refused| refused.reason), reason, "{declared} {kind:?}");
        assert_eq!(out.image, kind == FileType::Image);
    }
}

#[test]
fn names_in_an_archive_are_texts() {
    let out = part("application/zip", &zip("mynumber_1234-5678-9018.txt", 0));
    assert_eq!(out.texts.iter().map(|text| text.text.as_str()).collect::<Vec<_>>(), ["mynumber_1234-5678-9018.txt"]);
}

#[test]
fn attached_mails_are_read_to_a_limit() {
    let mut mail = b"Content-Type: text/plain; name=memo.txt\r\nSubject: inner\r\n\r\nhello\r\n".to_vec();
    for _ in 0..2 {
        let mut outer = b"Subject: outer\r\nContent-Type: message/rfc822\r\n\r\n".to_vec();
        outer.extend_from_slice(&mail);
        mail = outer;
    }
    let limits = Limits::default();
    let out = extract(&Parsed::parse(&mail, &limits).leaves()[0], &limits);
    let texts: Vec<(&TextKind, &str)> = out.texts.iter().map(|text| (&text.kind, text.text.trim())).collect();
    assert!(texts.contains(&(&TextKind::Plain, "hello")), "{texts:?}");
    assert!(texts.contains(&(&TextKind::Name, "memo.txt")));
    assert!(texts.contains(&(&TextKind::Header("subject".into()), "inner")));

    for _ in 0..20 {
        let mut outer = b"Content-Type: message/rfc822\r\n\r\n".to_vec();
        outer.extend_from_slice(&mail);
        mail = outer;
    }
    let out = extract(&Parsed::parse(&mail, &limits).leaves()[0], &limits);
    assert!(out.not_inspected.iter().any(|refused| refused.reason == Reason::TooBig));
}

#[test]
fn the_texts_of_an_attached_mail_carry_its_subject() {
    let limits = Limits::default();
    let mail = b"Content-Type: message/rfc822\r\n\r\nSubject: about this\r\n\r\nhello\r\n";
    let out = extract(&Parsed::parse(mail, &limits).leaves()[0], &limits);
    let body = out.texts.iter().find(|text| text.kind == TextKind::Plain).unwrap();
    assert_eq!(body.name.as_deref(), Some("about this"));
}

#[test]
fn a_signature_is_no_part_that_could_not_be_inspected() {
    for declared in ["application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature"] {
        let out = part(declared, b"\x30\x82\x01\x00\x02");
        assert_eq!((out.real_type, out.not_inspected.len()), (FileType::Signature, 0), "{declared}");
    }
}

#[test]
fn a_pgp_message_below_a_greeting_is_named_as_encrypted() {
    let out = part("text/plain", b"Hello,\r\n\r\n-----BEGIN PGP MESSAGE-----\r\n\r\nhQEMA\r\n");
    assert!(out.encrypted() && !out.texts.is_empty());
}

#[test]
fn a_number_with_a_digit_in_each_cell_is_found_under_its_spanning_heading() {
    let cells: String = "123456789018".chars().map(|c| format!("<td>{c}</td>")).collect();
    let html =
        format!("<table><tr><th>氏名</th><th colspan=12>個人番号</th></tr><tr><td>山田</td>{cells}</tr></table>");
    let out = part("text/html; charset=utf-8", html.as_bytes());
    let text = &out.texts[0].text;
    let body = detect::Segment { place: detect::Place::Html, part: "1", inner: "", name: None, text };
    let found = detect::find(&[body], &detect::Labels::default());
    assert_eq!(found.iter().map(|found| found.level).collect::<Vec<_>>(), [detect::Level::Certain], "{text:?}");
}

#[test]
fn numbers_in_xml_and_json_are_labelled_by_their_keys() {
    let xml = "<?xml version=\"1.0\"?><p><名前>山田</名前><個人番号>123456789018</個人番号></p>";
    let json = r#"{"name":"x","\u500b\u4eba\u756a\u53f7":"123456789018"}"#;
    for (declared, content) in [("application/xml", xml), ("application/json", json)] {
        let out = part(declared, content.as_bytes());
        let text = &out.texts[0].text;
        let file = detect::Segment { place: detect::Place::Attachment, part: "1", inner: "", name: None, text };
        let found = detect::find(&[file], &detect::Labels::default());
        assert_eq!(found.iter().map(|found| found.level).collect::<Vec<_>>(), [detect::Level::Certain], "{text:?}");
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_fail(declared in "[a-z]{1,8}/[a-z]{1,8}", bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        part(&declared, &bytes);
    }

    #[test]
    fn no_html_makes_it_fail(html in "(<(table|tr|td|br|p|/td|/tr|/table|script|input value=1|a href='mailto:?b=%E3')>|[a0 \n&;#]){0,60}") {
        part("text/html", html.as_bytes());
    }
}
