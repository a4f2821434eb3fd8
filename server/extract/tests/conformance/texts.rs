//! Formats that are text: cards, calendars, JSON, XML, web pages as mails, boxes of mails, files within texts, and what
//! is signed or encrypted.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{NUMBER, Row, ZERO};

fn base64(text: &str) -> String {
    STANDARD.encode(text)
}

fn csv() -> String {
    format!("氏名,個人番号\r\n山田,{NUMBER}\r\n")
}

fn card(lines: &str) -> Vec<u8> {
    format!("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:山田太郎\r\n{lines}\r\nEND:VCARD\r\n").into_bytes()
}

fn calendar(lines: &str) -> Vec<u8> {
    format!("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n{lines}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n").into_bytes()
}

fn cards() -> Vec<Row> {
    let quoted: String = format!("個人番号{NUMBER}").bytes().map(|byte| format!("={byte:02X}")).collect();
    let (start, end) = quoted.split_at(30);
    let quoted = card(&format!("NOTE;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:{start}=\r\n{end}"));
    let folded = format!("NOTE:個人番号\r\n  {}\r\n {}", &NUMBER[..5], &NUMBER[5..]);
    let attached = format!("ATTACH;ENCODING=BASE64;VALUE=BINARY;FILENAME=list.csv:{}", base64(&csv()));
    vec![
        ("vCard", "note", card(&format!("NOTE:個人番号 {NUMBER}")), "a.vcf"),
        ("vCard", "folded note", card(&folded), "a.vcf"),
        ("vCard", "quoted-printable (2.1)", quoted, "a.vcf"),
        ("vCard", "field of its own", card(&format!("X-MYNUMBER:{NUMBER}")), "a.vcf"),
        ("iCalendar", "description with escapes", calendar(&format!("DESCRIPTION:個人番号\\n{NUMBER}")), "a.ics"),
        ("iCalendar", "folded description", calendar(&folded.replace("NOTE", "DESCRIPTION")), "a.ics"),
        ("iCalendar", "attached file", calendar(&attached), "a.ics"),
    ]
}

fn json() -> Vec<Row> {
    let lost = ZERO.trim_start_matches('0');
    let inner = format!("data:text/csv;base64,{}", base64(&csv()));
    [
        ("string", format!("{{\"name\":\"x\",\"mynumber\":\"{NUMBER}\"}}")),
        ("number", format!("{{\"name\":\"x\",\"mynumber\":{NUMBER}}}")),
        ("number, leading zero lost", format!("[{{\"個人番号\":{lost}}}]")),
        ("escaped key", format!("{{\"\\u500b\\u4eba\\u756a\\u53f7\":\"{NUMBER}\"}}")),
        ("escapes within the number", "{\"個人番号\":\"\\u00312345678\\u0039018\"}".to_owned()),
        ("file in a data URL", format!("{{\"file\":\"{inner}\"}}")),
    ]
    .into_iter()
    .map(|(placement, text)| ("JSON", placement, text.into_bytes(), "a.json"))
    .collect()
}

fn xml() -> Vec<Row> {
    let head = "<?xml version=\"1.0\"?>";
    let rows = [
        ("element", format!("{head}<a><個人番号>{NUMBER}</個人番号></a>")),
        ("attribute", format!("{head}<a 個人番号=\"{NUMBER}\"/>")),
        ("CDATA", format!("{head}<a><mynumber><![CDATA[{NUMBER}]]></mynumber></a>")),
        ("character references", format!("{head}<a><mynumber>&#49;&#x32;3456789018</mynumber></a>")),
        (
            "entity",
            format!("<!DOCTYPE a [<!ENTITY n \"{NUMBER}\">]><a><個人番号>&n;</個人番号></a>").replacen(
                "<!",
                "<?xml version=\"1.0\"?><!",
                1,
            ),
        ),
    ];
    let mut rows: Vec<Row> =
        rows.into_iter().map(|(placement, text)| ("XML", placement, text.into_bytes(), "a.xml")).collect();
    let text = format!("<?xml version=\"1.0\" encoding=\"Shift_JIS\"?><a><個人番号>{NUMBER}</個人番号></a>");
    rows.push(("XML", "Shift_JIS", encoding_rs::SHIFT_JIS.encode(&text).0.into_owned(), "a.xml"));
    rows
}

fn mails() -> Vec<Row> {
    let page = "From: <Saved by Blink>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=b\r\n\r\n--b\r\n\
         Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
         <p>My Number: 1234=\r\n56789018\r\n--b--\r\n";
    let mail = |text: &str| format!("From: a@b.example\nSubject: x\n\n{text}\n\n");
    let line = "From a@b.example Thu Nov 26 10:00:00 2026\n";
    let mails = format!("{line}{}{line}{}", mail("first"), mail(&format!("個人番号 {NUMBER}")));
    let uuencoded = "Hello\r\n\r\nbegin 644 a.txt\r\n737D@3G5M8F5R.B`Q,C,T-38W.#DP,3@`\r\n`\r\nend\r\n";
    vec![
        ("MHTML", "page", page.as_bytes().to_vec(), "a.mht"),
        ("MHTML", "page, no name", page.replace("From: <Saved by Blink>\r\n", "").into_bytes(), "a"),
        ("mbox", "second mail", mails.into_bytes(), "a.mbox"),
        ("text", "uuencoded file", uuencoded.as_bytes().to_vec(), "a.txt"),
    ]
}

/// A value of DER.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap().to_be_bytes();
    [&[tag, 0x82][..], &length, content].concat()
}

fn pkcs7(kind: &[u8], content: &[u8]) -> Vec<u8> {
    let name = |last: &[u8]| der(6, &[b"\x2a\x86\x48\x86\xf7\x0d\x01", last].concat());
    let held = der(0x30, &[name(b"\x07\x01"), der(0xa0, &der(4, content))].concat());
    let data = der(0x30, &[der(2, &[1]), der(0x31, &[]), held, der(0x31, &[])].concat());
    der(0x30, &[name(kind), der(0xa0, &data)].concat())
}

fn secured() -> Vec<Row> {
    let mail = format!("Content-Type: text/plain; charset=utf-8\r\n\r\n個人番号 {NUMBER}\r\n");
    let signed = pkcs7(b"\x07\x02", mail.as_bytes());
    let armoured = format!("-----BEGIN PKCS7-----\n{}\n-----END PKCS7-----\n", STANDARD.encode(&signed));
    let pgp = b"-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----\n".to_vec();
    let clear = format!(
        "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nMy Number {NUMBER}\n-----BEGIN PGP SIGNATURE-----\n"
    );
    vec![
        ("S/MIME", "signed, the text within", signed, "smime.p7m"),
        ("S/MIME", "signed, in text form", armoured.into_bytes(), "a.p7m"),
        ("S/MIME", "enveloped", pkcs7(b"\x07\x03", b"x"), "smime.p7m"),
        ("PGP", "clear-signed", clear.into_bytes(), "a.asc"),
        ("PGP", "encrypted", pgp, "a.asc"),
        ("PGP", "encrypted, binary", b"\x85\x01\x0c\x03\xff\xfe\0\x01\x02".to_vec(), "a.pgp"),
    ]
}

pub fn rows() -> Vec<Row> {
    [cards(), json(), xml(), mails(), secured()].concat()
}
