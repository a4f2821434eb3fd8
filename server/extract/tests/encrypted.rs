//! Files that need a password, made by the programs that people use (7-Zip, Info-ZIP, pyzipper, qpdf, msoffcrypto,
//! LibreOffice) and kept in `encrypted/`: with the right one on the list they are read as if they had none, without it
//! they are named; no list costs more than it may, and none is shown.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::io::{Cursor, Write as _};
use std::time::{Duration, Instant};

use extract::{Extracted, FileType, Password, Passwords, Reason, extract, extract_plain, extract_with};
use message::{Leaf, LeafRole};
use types::Limits;

const NUMBER: &str = "123456789018";
const RIGHT: &str = "aoba-2026";

/// Name of the fixture and the password that opens it.
const ALL: [(&str, &str); 16] = [
    ("zipcrypto.zip", RIGHT),
    ("zipcrypto-7z.zip", RIGHT),
    ("aes-128.zip", RIGHT),
    ("aes-256.zip", RIGHT),
    ("aes-japanese.zip", "青葉2026"),
    ("contents.7z", RIGHT),
    ("names.7z", RIGHT),
    ("user-rc4-40.pdf", RIGHT),
    ("user-rc4-128.pdf", RIGHT),
    ("user-aes-128.pdf", RIGHT),
    ("user-aes-256-r5.pdf", RIGHT),
    ("user-aes-256.pdf", RIGHT),
    ("agile.xlsx", RIGHT),
    ("standard.docx", RIGHT),
    ("rc4.xls", RIGHT),
    ("rc4.doc", RIGHT),
];

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/encrypted/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn leaf<'a>(name: &str, bytes: &'a [u8]) -> Leaf<'a> {
    Leaf {
        part: "2".into(),
        role: LeafRole::Attachment,
        content_type: "application/octet-stream".into(),
        name: Some(name.into()),
        charset: None,
        bytes: bytes.into(),
        text: None,
        issue: None,
    }
}

fn list(texts: &[&str]) -> Passwords {
    let name = |at: usize| [u8::try_from(at).unwrap(); 16];
    Passwords::new(texts.iter().enumerate().map(|(at, text)| (name(at), Password::parse(text).unwrap())))
}

fn read(name: &str, bytes: &[u8], passwords: &Passwords) -> Extracted {
    extract_with(&leaf(name, bytes), &Limits::default(), passwords)
}

fn shows_the_number(out: &Extracted) -> bool {
    out.texts.iter().any(|text| text.text.contains(NUMBER))
}

fn reasons(out: &Extracted) -> Vec<Reason> {
    out.not_inspected.iter().map(|refused| refused.reason).collect()
}

/// ZIP of one file under ZipCrypto.
fn zip(name: &str, bytes: &[u8], password: &str) -> Vec<u8> {
    use zip::unstable::write::FileOptionsExt as _;
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().with_deprecated_encryption(password.as_bytes()).unwrap();
    out.start_file(name, options).unwrap();
    out.write_all(bytes).unwrap();
    out.finish().unwrap().into_inner()
}

#[test]
fn the_right_password_opens_every_kind_of_file() {
    for (name, password) in ALL {
        let out = read(name, &fixture(name), &list(&["wrong", "another wrong one", password]));
        assert!(shows_the_number(&out), "{name}: {out:?}");
        assert_eq!((reasons(&out), out.opened.as_slice()), (vec![], &[String::new()][..]), "{name}");
        assert!(out.locked && out.encrypted() && out.settled, "{name}");
    }
}

#[test]
fn without_it_nothing_of_the_contents_is_read_and_the_file_is_named() {
    for (name, _) in ALL {
        for passwords in [list(&["wrong", "another wrong one"]), Passwords::default()] {
            let out = read(name, &fixture(name), &passwords);
            assert!(!shows_the_number(&out) && out.opened.is_empty(), "{name}: {out:?}");
            assert!(reasons(&out).contains(&Reason::Encrypted), "{name}: {:?}", reasons(&out));
            assert!(out.locked && out.encrypted() && out.settled, "{name}");
        }
    }
}

#[test]
fn a_pdf_opens_by_the_password_of_its_owner_too() {
    for (name, _) in ALL.iter().filter(|(name, _)| name.ends_with(".pdf")) {
        let out = read(name, &fixture(name), &list(&["owner-aoba-2026"]));
        assert!(shows_the_number(&out), "{name}: {:?}", reasons(&out));
    }
}

#[test]
fn a_password_in_code_page_932_opens_a_zip_of_windows() {
    let (windows, ..) = encoding_rs::SHIFT_JIS.encode("青葉2026");
    use zip::unstable::write::FileOptionsExt as _;
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().with_deprecated_encryption(&windows).unwrap();
    out.start_file("list.csv", options).unwrap();
    out.write_all(NUMBER.as_bytes()).unwrap();
    let bytes = out.finish().unwrap().into_inner();
    assert!(shows_the_number(&read("a.zip", &bytes, &list(&["青葉2026"]))));
}

#[test]
fn what_a_document_with_a_password_is_shows_when_it_is_open() {
    let bytes = fixture("agile.xlsx");
    assert_eq!(read("a.xlsx", &bytes, &list(&["wrong"])).real_type, FileType::Encrypted);
    assert_eq!(read("a.xlsx", &bytes, &list(&[RIGHT])).real_type, FileType::Office);
}

#[test]
fn a_document_with_a_password_needs_a_child_only_when_there_is_one_to_try() {
    let bytes = fixture("agile.xlsx");
    let leaf = leaf("a.xlsx", &bytes);
    assert!(extract_plain(&leaf, &Limits::default(), &Passwords::default()).is_some());
    assert!(extract_plain(&leaf, &Limits::default(), &list(&[RIGHT])).is_none());
}

#[test]
fn a_locked_file_in_a_locked_archive_opens_with_another_password() {
    let outer = zip("inner.xlsx", &fixture("agile.xlsx"), "outer");
    let out = read("a.zip", &outer, &list(&["outer", RIGHT]));
    assert!(shows_the_number(&out), "{:?}", reasons(&out));
    assert_eq!(out.opened, ["", "inner.xlsx"]);
    let out = read("a.zip", &outer, &list(&["outer"]));
    assert_eq!((reasons(&out), out.opened.as_slice()), (vec![Reason::Encrypted], &[String::new()][..]));
}

#[test]
fn an_archive_within_keeps_the_bounds_of_all_archives() {
    let zeros = vec![0; 65 << 20];
    let out = read("a.zip", &zip("zeros", &zeros, RIGHT), &list(&[RIGHT]));
    assert_eq!(reasons(&out), [Reason::TooBig]);
}

/// The same file with another description in its place, of the same length.
fn replaced(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let at = memchr::memmem::find(bytes, from.as_bytes()).unwrap();
    [&bytes[..at], to.as_bytes(), &bytes[at + from.len()..]].concat()
}

#[test]
fn a_description_that_asks_for_endless_work_is_not_tried() {
    let agile = fixture("agile.xlsx");
    for (from, to) in [
        ("spinCount=\"100000\" saltSize=\"16\"", "spinCount=\"10000000\" saltSize=\"1"),
        ("spinCount=\"100000\" saltSize=\"16\"", "spinCount=\"4294967295\" saltSize="),
        ("spinCount=\"100000\"", "spinCount=\"-10000\""),
        ("keyBits=\"256\"", "keyBits=\"999\""),
        ("hashAlgorithm=\"SHA512\"", "hashAlgorithm=\"SHA-77\""),
    ] {
        let began = Instant::now();
        let out = read("a.xlsx", &replaced(&agile, from, to), &list(&[RIGHT; 32]));
        assert_eq!(reasons(&out), [Reason::Encrypted], "{to}");
        assert!(began.elapsed() < Duration::from_secs(2), "{to}: {:?}", began.elapsed());
    }
}

#[test]
fn a_7z_that_asks_for_endless_work_is_not_tried() {
    for name in ["contents.7z", "names.7z"] {
        let mut bytes = fixture(name);
        let at = memchr::memmem::rfind(&bytes, &[0x06, 0xf1, 0x07, 0x01]).unwrap();
        // the power of two of its rounds
        bytes[at + 5] = bytes[at + 5] & 0xc0 | 24;
        let start = u64::from_le_bytes(bytes[12..20].try_into().unwrap()) as usize + 32;
        let header = crc32(&bytes[start..]);
        bytes[28..32].copy_from_slice(&header.to_le_bytes());
        let sum = crc32(&bytes[12..32]);
        bytes[8..12].copy_from_slice(&sum.to_le_bytes());
        let began = Instant::now();
        let out = read(name, &bytes, &list(&[RIGHT; 32]));
        assert!(reasons(&out).contains(&Reason::Encrypted), "{name}: {:?}", reasons(&out));
        assert!(began.elapsed() < Duration::from_secs(2), "{name}: {:?}", began.elapsed());
    }
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut sum = flate2::Crc::new();
    sum.update(bytes);
    sum.sum()
}

#[test]
fn the_work_of_trying_ends_also_when_many_files_stay_closed() {
    use zip::unstable::write::FileOptionsExt as _;
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for at in 0..490 {
        let password = if at < 489 { "unknown" } else { RIGHT };
        let options = zip::write::SimpleFileOptions::default().with_deprecated_encryption(password.as_bytes()).unwrap();
        out.start_file(format!("{at}.csv"), options).unwrap();
        out.write_all(NUMBER.as_bytes()).unwrap();
    }
    let bytes = out.finish().unwrap().into_inner();
    let texts: Vec<String> = (0..31).map(|n| format!("wrong {n}")).chain([RIGHT.to_owned()]).collect();
    let out = read("a.zip", &bytes, &list(&texts.iter().map(String::as_str).collect::<Vec<_>>()));
    assert_eq!(reasons(&out), vec![Reason::Encrypted; 490], "the last one would have opened");
}

#[test]
fn no_bytes_of_a_locked_file_make_it_fail() {
    let passwords = list(&[RIGHT]);
    for (name, _) in ALL.iter().filter(|(name, _)| !name.ends_with(".7z")) {
        let bytes = fixture(name);
        for at in (0..bytes.len()).step_by(1 + bytes.len() / 9) {
            let mut bent = bytes.clone();
            bent[at] ^= 0x55;
            let _ = read(name, &bent, &passwords);
            let _ = read(name, &bytes[..at], &passwords);
        }
    }
}

#[test]
fn nothing_shows_a_password() {
    for (name, password) in ALL {
        let out = read(name, &fixture(name), &list(&[password]));
        assert!(!format!("{out:?} {:?}", list(&[password])).contains(password), "{name}");
        assert!(!out.texts.iter().any(|text| text.text.contains(password) || text.inner.contains(password)), "{name}");
    }
    let plain = extract(&leaf("a.zip", &fixture("zipcrypto.zip")), &Limits::default());
    assert_eq!(reasons(&plain), [Reason::Encrypted]);
}
