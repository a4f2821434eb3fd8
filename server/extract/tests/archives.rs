//! Archives of every kind: what is in them is read, what is closed or broken is named, and none costs more than it may.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::io::{Cursor, Write as _};
use std::time::{Duration, Instant};

use extract::{Extracted, Reason, TextKind, extract};
use message::{Leaf, LeafRole};
use types::Limits;
use zip::CompressionMethod;
use zip::write::SimpleFileOptions;

const CSV: &str = "氏名,個人番号\r\n山田,123456789018\r\n";
const CELLS: &str = "氏名\u{1f}個人番号\n山田\u{1f}123456789018\n";

fn read(name: &str, bytes: &[u8]) -> Extracted {
    let leaf = Leaf {
        part: "2".into(),
        role: LeafRole::Attachment,
        content_type: "application/octet-stream".into(),
        name: Some(name.into()),
        charset: None,
        bytes: bytes.into(),
        text: None,
        issue: None,
    };
    extract(&leaf, &Limits::default())
}

/// (where, text) of the tables.
fn tables(out: &Extracted) -> Vec<(&str, &str)> {
    let tables = out.texts.iter().filter(|text| text.kind == TextKind::Table);
    tables.map(|text| (text.inner.as_str(), text.text.as_str())).collect()
}

fn names(out: &Extracted) -> Vec<&str> {
    out.texts.iter().filter(|text| text.kind == TextKind::Name).map(|text| text.text.as_str()).collect()
}

fn refused(out: &Extracted) -> Vec<(&str, Reason)> {
    out.not_inspected.iter().map(|one| (one.inner.as_str(), one.reason)).collect()
}

fn zip(files: &[(&str, &[u8])], method: CompressionMethod) -> Vec<u8> {
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        out.start_file(*name, SimpleFileOptions::default().compression_method(method)).unwrap();
        out.write_all(bytes).unwrap();
    }
    out.finish().unwrap().into_inner()
}

fn deflated(files: &[(&str, &[u8])]) -> Vec<u8> {
    zip(files, CompressionMethod::Deflated)
}

fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        out.append_data(&mut header, name, *bytes).unwrap();
    }
    out.into_inner().unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut out = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::default());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

fn xz(bytes: &[u8]) -> Vec<u8> {
    let mut out = lzma_rust2::XzWriter::new(Vec::new(), lzma_rust2::XzOptions::default()).unwrap();
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

fn seven_zip(password: Option<&str>, names_too: bool) -> Vec<u8> {
    let mut out = sevenz_rust2::ArchiveWriter::new(Cursor::new(Vec::new())).unwrap();
    if let Some(password) = password {
        let aes = sevenz_rust2::encoder_options::AesEncoderOptions::new(password.into());
        out.set_content_methods(vec![aes.into(), sevenz_rust2::EncoderMethod::LZMA2.into()]);
    }
    out.set_encrypt_header(names_too);
    let entry = sevenz_rust2::ArchiveEntry::new_file("名簿.csv");
    out.push_archive_entry(entry, Some(Cursor::new(CSV.as_bytes()))).unwrap();
    out.finish().unwrap().into_inner()
}

fn cabinet() -> Vec<u8> {
    let mut builder = cab::CabinetBuilder::new();
    builder.add_folder(cab::CompressionType::MsZip).add_file("list.csv");
    let mut out = builder.build(Cursor::new(Vec::new())).unwrap();
    while let Some(mut file) = out.next_file().unwrap() {
        file.write_all(CSV.as_bytes()).unwrap();
    }
    out.finish().unwrap().into_inner()
}

/// A LZH file with a header of level 0: name in code page 932.
fn lzh(name: &str, method: &[u8; 5], packed: &[u8], text: &[u8]) -> Vec<u8> {
    let name = encoding_rs::SHIFT_JIS.encode(name).0.into_owned();
    let size = |bytes: &[u8]| u32::try_from(bytes.len()).unwrap().to_le_bytes();
    let mut header = method.to_vec();
    header.extend(size(packed));
    header.extend(size(text));
    header.extend([0, 0, 0x21, 0x5a, 0x20, 0]);
    header.push(u8::try_from(name.len()).unwrap());
    header.extend(&name);
    header.extend(crc16(text).to_le_bytes());
    let sum = header.iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte));
    let mut out = vec![u8::try_from(header.len()).unwrap(), sum];
    out.extend(header);
    out.extend(packed);
    out.push(0);
    out
}

fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, byte| {
        (0..8).fold(crc ^ u16::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xa001 } else { crc >> 1 })
    })
}

/// Bytes as lh5 packs them at its worst: a block of its own for each, with tables of one symbol.
fn lh5(bytes: &[u8]) -> Vec<u8> {
    let mut bits = String::new();
    for byte in bytes {
        bits += &format!("{:016b}{:05b}{:05b}{:09b}{byte:09b}{:04b}{:04b}", 1, 0, 0, 0, 0, 0);
    }
    bits += &"0".repeat(32);
    let whole = bits.as_bytes().chunks(8).filter(|byte| byte.len() == 8);
    whole.map(|byte| u8::from_str_radix(std::str::from_utf8(byte).unwrap(), 2).unwrap()).collect()
}

/// A RAR 5 archive of one stored file.
fn rar5(encrypted: bool, method: u8) -> Vec<u8> {
    let data = CSV.as_bytes();
    let extra: &[u8] = if encrypted { &[2, 1, 0] } else { &[] };
    let mut header = vec![2, if encrypted { 3 } else { 2 }];
    if encrypted {
        header.push(u8::try_from(extra.len()).unwrap());
    }
    header.push(u8::try_from(data.len()).unwrap());
    header.extend([0, u8::try_from(data.len()).unwrap(), 0]);
    // seven bits of version and flags, then the method
    header.extend([0x80, method, 0, 8]);
    header.extend(b"list.csv");
    header.extend(extra);
    let mut out = b"Rar!\x1a\x07\x01\0\0\0\0\0".to_vec();
    out.push(u8::try_from(header.len()).unwrap());
    out.extend(header);
    out.extend(data);
    out.extend([0, 0, 0, 0, 3, 5, 0, 0]);
    out
}

#[test]
fn what_is_in_an_archive_is_read() {
    let csv = CSV.as_bytes();
    let one = [("名簿.csv", csv)];
    for (name, bytes, inner) in [
        ("a.zip", deflated(&one), "名簿.csv"),
        ("a.zip", zip(&one, CompressionMethod::Bzip2), "名簿.csv"),
        ("a.zip", zip(&one, CompressionMethod::Zstd), "名簿.csv"),
        ("a.tar", tar(&one), "名簿.csv"),
        ("a.tar", [tar(&[("x.txt", b"x")]), tar(&one)].concat(), "名簿.csv"),
        ("list.csv.gz", gzip(csv), "list.csv"),
        ("list.csv.gz", [gzip(&csv[..20]), gzip(&csv[20..])].concat(), "list.csv"),
        ("a.tgz", gzip(&tar(&one)), "a.tar/名簿.csv"),
        ("list.csv.bz2", bzip2(csv), "list.csv"),
        ("list.csv.xz", xz(csv), "list.csv"),
        ("list.csv.zst", zstd::encode_all(csv, 3).unwrap(), "list.csv"),
        ("a.7z", seven_zip(None, false), "名簿.csv"),
        ("a.cab", cabinet(), "list.csv"),
        ("a.lzh", lzh("名簿.csv", b"-lh0-", csv, csv), "名簿.csv"),
        ("a.lzh", lzh("名簿.csv", b"-lh5-", &lh5(csv), csv), "名簿.csv"),
        ("a.rar", rar5(false, 0), "list.csv"),
        ("a.zip", deflated(&[("b.zip", &deflated(&[("c.tar", &tar(&one))]))]), "b.zip/c.tar/名簿.csv"),
    ] {
        let out = read(name, &bytes);
        assert_eq!(tables(&out), [(inner, CELLS)], "{name} {:?}", refused(&out));
        assert!(out.not_inspected.is_empty(), "{name} {:?}", refused(&out));
    }
}

#[test]
fn the_oldest_form_of_tar_is_seen_by_its_checksum() {
    let mut header = tar::Header::new_old();
    header.set_path("list.csv").unwrap();
    header.set_size(CSV.len() as u64);
    header.set_cksum();
    let mut bytes = header.as_bytes().to_vec();
    bytes.extend(CSV.as_bytes());
    bytes.resize(bytes.len().next_multiple_of(512) + 1024, 0);
    assert_eq!(tables(&read("a", &bytes)), [("list.csv", CELLS)]);
}

#[test]
fn a_zip_packed_in_a_way_that_is_not_known_is_unsupported_and_not_broken() {
    let mut bytes = zip(&[("list.csv", CSV.as_bytes())], CompressionMethod::Stored);
    for (sign, at) in [(b"PK\x03\x04", 8), (b"PK\x01\x02", 10)] {
        let start = bytes.windows(4).position(|window| window == sign).unwrap();
        bytes[start + at] = 97;
    }
    let out = read("a.zip", &bytes);
    assert_eq!(refused(&out), [("list.csv", Reason::Unsupported)]);
}

#[test]
fn what_unpacks_itself_is_read_behind_its_program() {
    let program = [b"MZ".as_slice(), &[0; 300]].concat();
    let one = [("list.csv", CSV.as_bytes())];
    for archive in
        [deflated(&one), cabinet(), lzh("list.csv", b"-lh0-", CSV.as_bytes(), CSV.as_bytes()), rar5(false, 0)]
    {
        let out = read("a.exe", &[program.as_slice(), &archive].concat());
        assert_eq!(tables(&out), [("list.csv", CELLS)], "{:?}", refused(&out));
        assert_eq!(refused(&out), [("", Reason::Unsupported)]);
    }
    let out = read("a.exe", &[program, seven_zip(None, false)].concat());
    assert_eq!(tables(&out), [("名簿.csv", CELLS)]);
}

#[test]
fn names_are_in_code_page_932_also_when_the_flag_says_otherwise() {
    let mut bytes = deflated(&[("ABCD.csv", CSV.as_bytes())]);
    let name = encoding_rs::SHIFT_JIS.encode("名簿").0.into_owned();
    while let Some(at) = bytes.windows(4).position(|four| four == b"ABCD") {
        bytes[at..at + 4].copy_from_slice(&name);
    }
    assert_eq!(names(&read("a.zip", &bytes)), ["名簿.csv"]);
    // the flag of UTF-8 on both headers
    for mark in [&b"PK\x03\x04"[..], b"PK\x01\x02"] {
        let at = bytes.windows(4).position(|four| four == mark).unwrap();
        bytes[at + if mark[2] == 3 { 7 } else { 9 }] |= 8;
    }
    assert_eq!(names(&read("a.zip", &bytes)), ["名簿.csv"]);
}

#[test]
fn what_needs_a_password_is_named_as_such() {
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default();
    out.start_file("open.csv", options).unwrap();
    out.write_all(CSV.as_bytes()).unwrap();
    out.start_file("closed.csv", options.with_aes_encryption(zip::AesMode::Aes256, "x")).unwrap();
    out.write_all(CSV.as_bytes()).unwrap();
    let out = read("a.zip", &out.finish().unwrap().into_inner());
    assert_eq!(tables(&out), [("open.csv", CELLS)]);
    assert_eq!(refused(&out), [("closed.csv", Reason::Encrypted)]);
    assert_eq!(names(&out), ["open.csv", "closed.csv"]);

    let out = read("a.7z", &seven_zip(Some("x"), false));
    assert_eq!(names(&out), ["名簿.csv"]);
    assert!(refused(&out).contains(&("名簿.csv", Reason::Encrypted)), "{:?}", refused(&out));
    assert_eq!(refused(&read("a.7z", &seven_zip(Some("x"), true))), [("", Reason::Encrypted)]);

    let out = read("a.rar", &rar5(true, 0));
    assert_eq!((names(&out), refused(&out)), (vec!["list.csv"], vec![("list.csv", Reason::Encrypted)]));
    let headers_too = b"Rar!\x1a\x07\x01\0\0\0\0\0\x03\x04\0\0garbage";
    assert_eq!(refused(&read("a.rar", headers_too)), [("", Reason::Encrypted)]);
}

#[test]
fn a_compressed_rar_is_named_and_not_inspected() {
    let out = read("a.rar", &rar5(false, 1));
    assert_eq!((names(&out), refused(&out)), (vec!["list.csv"], vec![("list.csv", Reason::Unsupported)]));
}

#[test]
fn an_archive_without_its_directory_is_read_by_its_pieces() {
    let whole = deflated(&[("list.csv", CSV.as_bytes()), ("b.txt", b"hello")]);
    let directory = whole.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
    let out = read("a.zip", &whole[..directory]);
    assert_eq!(tables(&out), [("list.csv", CELLS)]);
    assert_eq!((names(&out), refused(&out)), (vec!["list.csv", "b.txt"], vec![("", Reason::Broken)]));
}

#[test]
fn a_file_behind_another_of_its_name_is_read_too() {
    // the directory says "a.csv" twice
    let mut bytes = deflated(&[("a.csv", CSV.as_bytes()), ("b.csv", b"x,y\r\n")]);
    for at in 0..bytes.len() - 5 {
        if &bytes[at..at + 5] == b"b.csv" {
            bytes[at] = b'a';
        }
    }
    assert!(tables(&read("a.zip", &bytes)).contains(&("a.csv", CELLS)));
}

#[test]
fn what_is_cut_off_is_named_and_read_as_far_as_it_goes() {
    let rows = CSV.repeat(2_000);
    for (name, whole) in [
        ("a.csv.gz", gzip(rows.as_bytes())),
        ("a.csv.bz2", bzip2(rows.as_bytes())),
        ("a.csv.xz", xz(rows.as_bytes())),
        ("a.csv.zst", zstd::encode_all(rows.as_bytes(), 3).unwrap()),
        ("a.tar", tar(&[("list.csv", rows.as_bytes())])),
        ("a.7z", seven_zip(None, false)),
        ("a.cab", cabinet()),
        ("a.lzh", lzh("a.csv", b"-lh5-", &lh5(CSV.as_bytes()), CSV.as_bytes())),
        ("a.rar", rar5(false, 0)),
    ] {
        for part in [2, 3, 5] {
            let out = read(name, &whole[..whole.len() * (part - 1) / part]);
            let named = out.not_inspected.iter().any(|one| matches!(one.reason, Reason::Broken | Reason::Unsupported));
            assert!(named, "{name} {part}: {:?}", refused(&out));
        }
    }
}

#[test]
fn a_bomb_goes_off_in_no_time_and_is_named() {
    // a little more than may be unpacked of so small a part
    let zeros = vec![0u8; 17 << 20];
    let bomb = deflated(&[("zeros", &zeros)]);
    let many: Vec<(String, Vec<u8>)> = (0..16).map(|at| (format!("{at}.zip"), bomb.clone())).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    let nested = deflated(&[("all.zip", &deflated(&many))]);
    let files: Vec<(String, &[u8])> = (0..10_000).map(|at| (format!("{at}.txt"), b"x".as_slice())).collect();
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (name.as_str(), *bytes)).collect();
    let deep = (0..60).fold(deflated(&[("list.csv", CSV.as_bytes())]), |inner, _| deflated(&[("a.zip", &inner)]));
    let compressed = (0..60).fold(gzip(CSV.as_bytes()), |inner, _| gzip(&inner));
    for (what, name, bytes) in [
        ("one of a thousand to one", "a.zip", bomb.clone()),
        ("sixteen in one in one", "a.zip", nested),
        ("a gzip of a thousand to one", "a.gz", gzip(&zeros)),
        ("a bzip2", "a.bz2", bzip2(&zeros)),
        ("an xz", "a.xz", xz(&zeros)),
        ("a zstd", "a.zst", zstd::encode_all(zeros.as_slice(), 1).unwrap()),
        ("10,000 files", "a.zip", zip(&files, CompressionMethod::Stored)),
        ("10,000 files in a tar", "a.tar", tar(&files)),
        ("sixty archives deep", "a.zip", deep),
        ("sixty times compressed", "a.gz", compressed),
        ("one file many times", "a.zip", overlapping(2_000)),
    ] {
        let began = Instant::now();
        let out = read(name, &bytes);
        assert!(out.not_inspected.iter().any(|one| one.reason == Reason::TooBig), "{what}: {:?}", refused(&out));
        assert!(began.elapsed() < Duration::from_secs(120), "{what}: {:?}", began.elapsed());
        assert!(out.texts.iter().map(|text| text.text.len()).sum::<usize>() <= 64 << 20, "{what}");
    }
}

/// An archive whose directory names one file of 100 KB many times.
fn overlapping(times: usize) -> Vec<u8> {
    let one = deflated(&[("aaaa.txt", &vec![b' '; 1 << 20])]);
    let directory = one.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
    let end = one.windows(4).position(|four| four == b"PK\x05\x06").unwrap();
    let mut out = one[..directory].to_vec();
    for at in 0..times {
        let mut entry = one[directory..end].to_vec();
        let name = entry.windows(4).position(|four| four == b"aaaa").unwrap();
        entry[name..name + 4].copy_from_slice(format!("{at:04}").as_bytes());
        out.extend(entry);
    }
    let mut tail = one[end..].to_vec();
    let count = u16::try_from(times).unwrap().to_le_bytes();
    tail[8..10].copy_from_slice(&count);
    tail[10..12].copy_from_slice(&count);
    let size = u32::try_from(out.len() - directory).unwrap().to_le_bytes();
    tail[12..16].copy_from_slice(&size);
    out.extend(tail);
    out
}

#[test]
fn archives_five_deep_are_read_and_no_deeper() {
    let nest = |levels: usize| {
        (1..levels).fold(deflated(&[("list.csv", CSV.as_bytes())]), |inner, _| deflated(&[("a.zip", &inner)]))
    };
    let five = read("a.zip", &nest(5));
    assert_eq!(tables(&five), [("a.zip/a.zip/a.zip/a.zip/list.csv", CELLS)]);
    assert!(five.not_inspected.is_empty());
    let six = read("a.zip", &nest(6));
    assert!(tables(&six).is_empty());
    assert_eq!(refused(&six), [("a.zip/a.zip/a.zip/a.zip/a.zip/list.csv", Reason::TooBig)]);
}

#[test]
fn a_library_that_panics_on_a_file_costs_that_file_only() {
    // the file begins behind the end of its folder, which `cab` 0.6 does not expect
    let mut broken = cabinet();
    let header = u32::from_le_bytes(broken[16..20].try_into().unwrap()) as usize;
    broken[header + 4..header + 8].copy_from_slice(&0x00ff_ffffu32.to_le_bytes());
    let both = deflated(&[("a.cab", &broken), ("list.csv", CSV.as_bytes())]);
    let out = read("both.zip", &both);
    assert_eq!(tables(&out), [("list.csv", CELLS)]);
    assert!(refused(&out).iter().all(|(at, reason)| at.starts_with("a.cab") && *reason == Reason::Broken));
    assert!(!refused(&out).is_empty());
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(200))]
    #[test]
    fn no_damage_makes_a_reader_fail(which in 0usize..9, changes in proptest::collection::vec((proptest::num::usize::ANY, proptest::num::u8::ANY), 1..8)) {
        let csv = CSV.as_bytes();
        let mut bytes = match which {
            0 => deflated(&[("a.csv", csv)]),
            1 => tar(&[("a.csv", csv)]),
            2 => gzip(csv),
            3 => bzip2(csv),
            4 => xz(csv),
            5 => seven_zip(None, false),
            6 => cabinet(),
            7 => lzh("a.csv", b"-lh5-", &lh5(csv), csv),
            _ => rar5(false, 0),
        };
        for (at, byte) in changes {
            let length = bytes.len();
            // the mark stays, so that its reader is asked
            bytes[6 + at % (length - 6)] = byte;
        }
        let _ = read("a", &bytes);
    }
}

/// So many bytes that begin as a picture does; three times any number.
fn picture(size: usize) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    bytes.resize(size, 0);
    bytes
}

fn document(picture: &[u8]) -> Vec<u8> {
    deflated(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("word/document.xml", b"<document><p><t>hello</t></p></document>"),
        ("word/media/image1.png", picture),
    ])
}

/// A mail with `picture` beside its HTML.
fn mail(picture: &[u8], html: &str) -> Vec<u8> {
    let encoded = format!("iVBORw0KGgoA{}", "AAAA".repeat(picture.len() / 3 - 3));
    format!(
        "From: a@x.example\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=b\r\n\r\n\
         --b\r\nContent-Type: text/html\r\n\r\n{html}\r\n\
         --b\r\nContent-Type: image/png\r\nContent-ID: <a@b>\r\nContent-Transfer-Encoding: base64\r\n\r\n{encoded}\r\n--b--\r\n"
    )
    .into_bytes()
}

#[test]
fn pictures_in_a_file_are_said_with_the_size_of_the_largest_and_ornaments_of_a_text_are_none() {
    let (card, logo, shown) = (picture(60_000), picture(8_001), "<img src=cid:a@b>");
    for (name, bytes, largest) in [
        ("card.zip", deflated(&[("a.txt", b"x"), ("logo.png", &logo), ("card", &card)]), Some(60_000)),
        ("card.tgz", gzip(&tar(&[("card.png", &logo)])), Some(8_001)),
        ("letter.docx", document(&card), Some(60_000)),
        ("letter.docx", document(&logo), None),
        ("letter.zip", deflated(&[("letter.docx", &document(&card))]), Some(60_000)),
        ("a.eml", mail(&card, shown), Some(60_000)),
        ("a.eml", mail(&logo, shown), None),
        ("a.eml", mail(&logo, "x"), Some(8_001)),
        ("a.zip", deflated(&[("a.txt", b"x")]), None),
        ("card.png", card.clone(), None),
    ] {
        let out = read(name, &bytes);
        assert_eq!(out.inside.picture, largest, "{name}");
        assert_eq!(out.image, name == "card.png");
    }
    let many: Vec<(String, &[u8])> = (0..101).map(|at| (format!("word/media/image{at}.png"), &logo[..])).collect();
    let mut parts: Vec<(&str, &[u8])> =
        vec![("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<document/>")];
    parts.extend(many.iter().map(|(name, bytes)| (name.as_str(), *bytes)));
    parts.push(("word/media/image999.png", &card));
    assert_eq!(read("many.docx", &deflated(&parts)).inside.picture, Some(60_000), "no number of others hides it");
}

#[test]
fn a_program_in_a_file_is_said_whatever_its_name() {
    for (bytes, program) in [(&b"MZ\x90\0\x03"[..], true), (b"\x7fELF\x02\x01\x01", true), (b"MZ is text", false)] {
        for (name, file) in [("a.zip", deflated(&[("a.dat", bytes)])), ("a.tgz", gzip(&tar(&[("a.dat", bytes)])))] {
            assert_eq!(read(name, &file).inside.program, program, "{name} {bytes:?}");
        }
    }
}
