//! PDFs of every kind: what is read out of them, and that no bytes make it fail. Those in `pdf/` were written by
//! reportlab, a browser and qpdf; the others are written here, byte by byte.

#![allow(clippy::unwrap_used)]

#[path = "pdf/build.rs"]
mod build;

use std::fmt::Write;

use build::{HELVETICA, Pdf, composite, hex};
use extract::{Extracted, FileType, Reason, extract};
use message::{Leaf, LeafRole};
use proptest::prelude::*;
use types::Limits;

const NUMBER: &str = "123456789018";

fn read(bytes: &[u8]) -> Extracted {
    let leaf = Leaf {
        part: "2".into(),
        role: LeafRole::Attachment,
        content_type: "application/pdf".into(),
        name: Some("a.pdf".into()),
        charset: None,
        bytes: bytes.into(),
        text: None,
        issue: None,
    };
    extract(&leaf, &Limits::default())
}

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/pdf/{name}.pdf", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// All texts, cells shown as `|`.
fn text(out: &Extracted) -> String {
    out.texts.iter().map(|text| text.text.replace(extract::CELL, "|")).collect::<Vec<_>>().join("\n")
}

fn reasons(out: &Extracted) -> Vec<Reason> {
    out.not_inspected.iter().map(|refused| refused.reason).collect()
}

/// The surest level at which the detector finds the number.
fn level(out: &Extracted) -> Option<detect::Level> {
    let segments: Vec<detect::Segment<'_>> = out
        .texts
        .iter()
        .map(|text| detect::Segment {
            place: detect::Place::Attachment,
            part: "2",
            inner: &text.inner,
            name: text.name.as_deref(),
            text: &text.text,
        })
        .collect();
    detect::find(&segments, &detect::Labels::default()).iter().map(|found| found.level).max()
}

#[test]
fn files_of_other_programs_are_read() {
    for (name, want) in [
        ("boxes", "個人番号|1234 5678 9018"),
        ("comb-field", "個人番号|123456789018"),
        ("cid-unijis", "社員の個人番号は 1234 5678 9018 です"),
        ("browser-table", "氏名|部署|個人番号|備考\n山田太郎||123456789018|本人\n佐藤花子|総務部|023456789013\n"),
        ("browser-table", "個人番号は 1234-5678-9018 です。"),
        ("owner-rc4-40", "My Number: 1234 5678 9018"),
        ("owner-rc4-128", "個人番号|1234 5678 9018"),
        ("owner-aes-128", "個人番号|1234 5678 9018"),
        ("owner-aes-256", "個人番号|1234 5678 9018"),
    ] {
        let out = read(&fixture(name));
        assert!(text(&out).contains(want), "{name}: {}", text(&out));
        assert_eq!((reasons(&out), out.real_type), (vec![], FileType::Pdf), "{name}");
        assert_eq!(level(&out), Some(detect::Level::Certain), "{name}");
    }
}

#[test]
fn what_needs_a_password_is_named() {
    for name in ["password-aes-256", "password-rc4-128"] {
        let out = read(&fixture(name));
        assert_eq!((reasons(&out), out.texts.len()), (vec![Reason::Encrypted], 0), "{name}");
    }
}

#[test]
fn japanese_fonts_that_are_not_embedded_are_read_without_a_map() {
    let text_of = "個人番号：１２３４５６７８９０１８ A1";
    let shift_jis = encoding_rs::SHIFT_JIS.encode(text_of).0.into_owned();
    let euc = encoding_rs::EUC_JP.encode(text_of).0.into_owned();
    let utf16: Vec<u8> = text_of.encode_utf16().flat_map(u16::to_be_bytes).collect();
    // the CIDs of Adobe-Japan1
    let cids: Vec<u8> = [1912u16, 2579, 3434, 2040, 639]
        .into_iter()
        .chain(NUMBER.bytes().map(|digit| 780 + u16::from(digit - b'0')))
        .flat_map(u16::to_be_bytes)
        .collect();
    for (encoding, ordering, bytes) in [
        ("90ms-RKSJ-H", "Japan1", &shift_jis),
        ("90msp-RKSJ-H", "Japan1", &shift_jis),
        ("EUC-H", "Japan1", &euc),
        ("UniJIS-UCS2-H", "Japan1", &utf16),
        ("UniJIS-UTF16-H", "Japan1", &utf16),
        ("Identity-H", "Japan1", &cids),
    ] {
        let content = format!("BT /F 12 Tf 72 700 Td <{}> Tj ET", hex(bytes));
        let out = read(&Pdf::page(&content, &composite(encoding, ordering)).bytes());
        let found = text(&out);
        assert!(found.contains("個人番号：１２３４５６７８９０１８"), "{encoding}: {found}");
        assert_eq!(level(&out), Some(detect::Level::Certain), "{encoding}");
    }
}

#[test]
fn lines_that_run_down_are_read() {
    let bytes = encoding_rs::SHIFT_JIS.encode("個人番号１２３４５６７８９０１８").0.into_owned();
    let content = format!("BT /F 12 Tf 500 700 Td <{}> Tj ET", hex(&bytes));
    let out = read(&Pdf::page(&content, &composite("90ms-RKSJ-V", "Japan1")).bytes());
    assert!(text(&out).contains("個人番号１２３４５６７８９０１８"), "{}", text(&out));
}

#[test]
fn a_font_without_any_map_is_named_as_unread() {
    let content = "BT /F 12 Tf 72 700 Td <00010002000300040005000600070008000900100011001200130014> Tj ET";
    let out = read(&Pdf::page(content, &composite("Identity-H", "Identity")).bytes());
    assert_eq!(reasons(&out), [Reason::Unsupported]);
}

#[test]
fn a_map_to_unicode_says_what_the_codes_are() {
    let mut pdf = Pdf::page(
        "BT /F 12 Tf 72 700 Td (abcdefghijbi) Tj ET",
        "/Font<</F<</Type/Font/Subtype/TrueType/BaseFont/A/ToUnicode 5 0 R>>>>",
    );
    pdf.stream("", b"1 begincodespacerange <00> <ff> endcodespacerange 1 beginbfrange <61> <6a> <0030> endbfrange");
    assert!(text(&read(&pdf.bytes())).contains("012345678918"));
    let differences = "/Font<</F<</Type/Font/Subtype/Type1/BaseFont/A/Encoding<</Differences[97/one/two/three]>>>>>>";
    let out = read(&Pdf::page("BT /F 12 Tf 72 700 Td (abc) Tj ET", differences).bytes());
    assert!(text(&out).contains("123"), "{}", text(&out));
}

#[test]
fn digits_placed_one_by_one_are_one_number() {
    let mut placed = String::from("BT /F 10 Tf 60 700 Td (My Number) Tj ET ");
    for (at, digit) in NUMBER.chars().enumerate() {
        write!(placed, "BT /F 12 Tf 1 0 0 1 {} 699 Tm ({digit}) Tj ET ", 140 + 18 * at).unwrap();
    }
    let spaced = format!("BT /F 12 Tf 60 700 Td (My Number) Tj 90 0 Td 9 Tc ({NUMBER}) Tj ET");
    let kerned: String = NUMBER.chars().map(|digit| format!("({digit}) -900 ")).collect();
    let kerned = format!("BT /F 12 Tf 60 700 Td (My Number) Tj 90 0 Td [{kerned}] TJ ET");
    let scaled = format!("2 0 0 2 0 0 cm q .5 0 0 .5 0 0 cm {spaced} Q");
    let turned = format!("0 1 -1 0 600 0 cm {spaced}");
    for content in [&placed, &spaced, &kerned, &scaled, &turned] {
        let out = read(&Pdf::page(content, HELVETICA).bytes());
        assert!(text(&out).contains(NUMBER), "{content}: {}", text(&out));
        assert_eq!(level(&out), Some(detect::Level::Certain), "{content}");
    }
}

#[test]
fn fields_of_forms_are_read_by_name_and_by_place() {
    let mut pdf = Pdf::page("BT /F 10 Tf 60 700 Td (My Number) Tj ET", HELVETICA);
    pdf.catalog = "/AcroForm<</Fields[5 0 R 7 0 R]>>".into();
    pdf.add("<</FT/Tx/T(staff)/Kids[6 0 R]>>");
    pdf.add(&format!(
        "<</Type/Annot/Subtype/Widget/Parent 5 0 R/T(no)/TU<feff500b4eba756a53f7>/V({NUMBER})/Rect[140 695 380 715]\
         /Ff 16777216/MaxLen 12>>"
    ));
    pdf.add("<</FT/Ch/T(choice)/V[(a)<feff500b>]>>");
    while pdf.objects.len() < 99 {
        pdf.add("null");
    }
    pdf.add("[6 0 R]");
    let out = read(&pdf.bytes());
    let found = text(&out);
    assert!(found.contains(&format!("My Number|{NUMBER}")), "{found}");
    assert!(found.contains(&format!("staff.no, 個人番号: {NUMBER}")) && found.contains("choice: a, 個"), "{found}");
}

#[test]
fn xml_forms_notes_bookmarks_and_files_are_read() {
    let mut pdf = Pdf::page("BT /F 10 Tf 60 700 Td (text) Tj ET", HELVETICA);
    pdf.catalog = "/AcroForm<</Fields[]/XFA[(datasets)5 0 R]>>/Outlines<</First 6 0 R>>\
                   /Names<</EmbeddedFiles<</Names[(a)8 0 R]>>>>"
        .into();
    pdf.trailer = "/Info<</Title(about)/Producer(x)>>".into();
    pdf.stream("", format!("<xfa:data><個人番号>{NUMBER}</個人番号></xfa:data>").as_bytes());
    // bookmarks that lead to each other
    pdf.add("<</Title(first mark)/Next 7 0 R/First 6 0 R>>");
    pdf.add("<</Title<feff500b>/Next 6 0 R>>");
    pdf.add("<</Type/Filespec/F(list.csv)/EF<</F 9 0 R>>/Desc(the list)>>");
    pdf.stream("", "氏名,個人番号\n山田,023456789013\n".as_bytes());
    pdf.add("<</Subtype/FileAttachment/FS<</F(memo.txt)/EF<</F 11 0 R>>>>/Contents(see the file)>>");
    pdf.stream("", b"memo of the file");
    while pdf.objects.len() < 99 {
        pdf.add("null");
    }
    pdf.add("[10 0 R]");
    let out = read(&pdf.bytes());
    let found = text(&out);
    for want in [
        "個人番号: 123456789018",
        "first mark\n個",
        "Title: about",
        "the list",
        "see the file",
        "氏名|個人番号\n山田|023456789013",
        "memo of the file",
    ] {
        assert!(found.contains(want), "{want}: {found}");
    }
    assert!(!found.contains("Producer") && reasons(&out).is_empty());
    assert!(out.texts.iter().any(|text| text.inner == "list.csv"));
}

#[test]
fn scanned_pages_are_said_to_be_pictures() {
    let image = "/XObject<</I 5 0 R>>";
    let scanned = |contents: &[Vec<u8>]| {
        let mut pdf = Pdf::pages(contents, &format!("{image}{HELVETICA}"));
        let number = pdf.objects.len() + 1;
        pdf.stream("/Subtype/Image/Width 1/Height 1/Filter/DCTDecode", b"\xff\xd8\xff");
        let text = String::from_utf8_lossy(&pdf.bytes()).replace("/I 5 0 R", &format!("/I {number} 0 R"));
        read(text.as_bytes())
    };
    let picture = b"q 595 0 0 842 0 0 cm /I Do Q".to_vec();
    let words = b"BT /F 10 Tf 60 700 Td (a page of words) Tj ET".to_vec();
    let out = scanned(std::slice::from_ref(&picture));
    assert_eq!((reasons(&out), out.image), (vec![Reason::ImageOnly], true));
    let out = scanned(&[picture.clone(), words.clone()]);
    assert_eq!((reasons(&out), out.image), (vec![Reason::ImageOnly], false));
    assert!(out.inside.picture.is_some_and(|size| size > 500), "one of its pages is a picture");
    // a scan with its recognised text
    let out = scanned(&[[picture, words.clone()].join(&b'\n')]);
    assert_eq!((reasons(&out), out.image), (vec![], false));
    assert_eq!(out.inside.picture, None);
    assert!(reasons(&scanned(&[words])).is_empty());
}

#[test]
fn a_file_with_wrong_references_is_read_all_the_same() {
    let whole = Pdf::page(&format!("BT /F 10 Tf 60 700 Td (My Number {NUMBER}) Tj ET"), HELVETICA).bytes();
    let find = |what: &[u8]| whole.windows(what.len()).position(|window| window == what).unwrap();
    let no_table = whole[..find(b"xref")].to_vec();
    let moved = [&whole[..9], b"% moved\n", &whole[9..]].concat();
    let junk_before = [b"junk\n".as_slice(), &whole].concat();
    for (name, bytes) in [("no table", no_table), ("moved", moved), ("junk before", junk_before)] {
        let out = read(&bytes);
        assert!(text(&out).contains(NUMBER), "{name}: {}", text(&out));
        assert!(reasons(&out).is_empty(), "{name}");
    }
}

#[test]
fn what_is_broken_is_named_and_the_rest_is_read() {
    let content = |text: &str| format!("BT /F 10 Tf 60 700 Td ({text}) Tj ET").into_bytes();
    let mut pdf = Pdf::pages(&[content("first"), content("second")], HELVETICA);
    pdf.objects[5] = b"<</Filter/FlateDecode/Length 4>>stream\n\x78\x9c\xff\xff\nendstream".to_vec();
    let out = read(&pdf.bytes());
    assert!(text(&out).contains("first"));
    assert_eq!(reasons(&out), [Reason::Broken]);
    let whole = Pdf::pages(&[content("first"), content("second")], HELVETICA).bytes();
    let second = whole.windows(6).position(|window| window == b"second").unwrap();
    let out = read(&whole[..second - 60]);
    assert_eq!(reasons(&out), [Reason::Broken], "{}", text(&out));
    assert_eq!(reasons(&read(b"%PDF-1.7\nnothing")), [Reason::Broken]);
}

/// Found by `tests/corpus`: files that broke in places where nothing was missed.
#[test]
fn a_page_that_has_lost_its_content_or_shows_less_than_it_should_is_named() {
    let text = format!("BT /F 10 Tf 60 700 Td (My Number {NUMBER}) Tj ET");
    let whole = String::from_utf8_lossy(&Pdf::page(&text, HELVETICA).bytes()).into_owned();
    for (from, to) in [
        ("/Contents", "/Cont?nts"),
        ("/Type/Pages/Kids", "/Type/Pages/Kidm"),
        ("/Type/Pages/Kids", "/Xype/Pages/Kidm"),
        ("/Type/Pages/Kids", "/Type/Page/Kids"),
        (") Tj", ") Qj"),
        ("(My", "((My"),
        ("<</Length", "<</Filter/ylateDecode/Length"),
    ] {
        assert!(whole.contains(from), "{from}");
        let out = read(whole.replacen(from, to, 1).as_bytes());
        assert_eq!(reasons(&out), [Reason::Broken], "{to}");
    }
    // a page that is empty, operators of others, and what stands behind a picture within the content
    for content in ["", "BX 1 mine EX", "BI /W 1 ID x EI Tz2 q Q", "q Q"] {
        assert_eq!(reasons(&read(&Pdf::page(content, HELVETICA).bytes())), [], "{content}");
    }
    let bare = whole.replacen("/Contents", "/Cont?nts", 1).replacen("<</Length", "<</Type/Metadata/Length", 1);
    assert_eq!(reasons(&read(bare.as_bytes())), [], "a page may be bare");
}

#[test]
fn files_that_lead_in_circles_end() {
    let mut pdf = Pdf::page("/X Do BT /F 10 Tf 60 700 Td (once) Tj ET", "/XObject<</X 5 0 R>>/Font<</F 6 0 R>>");
    pdf.stream("/Subtype/Form/Resources<</XObject<</X 5 0 R>>>>", b"/X Do /X Do");
    pdf.add("<</Type/Font/Subtype/Type0/Encoding 6 0 R/DescendantFonts[6 0 R]/ToUnicode 7 0 R>>");
    pdf.add("<</Length 7 0 R/Filter 7 0 R>>");
    pdf.objects[1] = b"<</Type/Pages/Kids[2 0 R 3 0 R 2 0 R]/Count 1/Parent 2 0 R>>".to_vec();
    read(&pdf.bytes());
    let circle =
        "%PDF-1.7\n1 0 obj\n2 0 R\nendobj\n2 0 obj\n1 0 R\nendobj\ntrailer<</Root 1 0 R/Prev 0>>\nstartxref\n0\n";
    assert_eq!(reasons(&read(circle.as_bytes())), [Reason::Broken]);
}

#[test]
fn forms_that_multiply_are_cut() {
    let uses = "/X Do ".repeat(40);
    let mut pdf = Pdf::page(&uses, "/XObject<</X 5 0 R>>");
    for at in 6..14 {
        pdf.stream(&format!("/Subtype/Form/Resources<</XObject<</X {at} 0 R>>>>"), uses.as_bytes());
    }
    pdf.stream("/Subtype/Form", b"0 0 m");
    let began = std::time::Instant::now();
    let out = read(&pdf.bytes());
    assert_eq!(reasons(&out), [Reason::TooBig]);
    assert!(began.elapsed().as_secs() < 60, "{:?}", began.elapsed());
}

#[test]
fn a_bomb_of_streams_is_too_big() {
    use std::io::Write as _;
    let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    packer.write_all(&vec![b' '; 40 << 20]).unwrap();
    let packed = packer.finish().unwrap();
    let mut pdf = Pdf::page("", HELVETICA);
    let mut content = b"<</Filter/FlateDecode>>stream\n".to_vec();
    content.extend(&packed);
    content.extend(b"\nendstream");
    pdf.objects[3] = content;
    assert_eq!(reasons(&read(&pdf.bytes())), [Reason::TooBig]);
}

#[test]
fn a_page_number_stands_with_the_texts_of_many_pages() {
    let contents: Vec<Vec<u8>> =
        (1..=3).map(|at| format!("BT /F 10 Tf 60 700 Td (page with {at}) Tj ET").into_bytes()).collect();
    let out = read(&Pdf::pages(&contents, HELVETICA).bytes());
    let places: Vec<&str> = out.texts.iter().map(|text| text.inner.as_str()).collect();
    assert_eq!(places, ["page 1", "page 2", "page 3"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn no_damage_makes_it_fail(
        which in 0usize..5,
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
        cut in any::<prop::sample::Index>(),
        cuts in any::<bool>(),
    ) {
        let mut bytes = fixture(["boxes", "comb-field", "browser-table", "owner-aes-256", "cid-unijis"][which]);
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if cuts {
            bytes.truncate(cut.index(bytes.len()));
        }
        read(&bytes);
    }

    #[test]
    fn no_content_makes_it_fail(content in "([-0-9. /F(<>\\[\\]a]|Tj|TJ|Tf|Td|Tm|cm|q|Q|BT|ET|BI|ID|EI|Do|BDC|'| \"|\n){0,80}") {
        read(&Pdf::page(&content, HELVETICA).bytes());
    }
}
