//! Whole files with a My Number in them, as programs write them.

use std::error::Error;
use std::io::{Cursor, Write as _};

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use sevenz_rust2::{ArchiveEntry, ArchiveWriter};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::secret;

/// A file, or why the library could not make it.
pub type Made = Result<Vec<u8>, Box<dyn Error>>;

/// A format.
pub struct Format {
    /// Its name in tables.
    pub name: &'static str,
    /// The name of the file.
    pub file: &'static str,
    /// Makes a file that holds the number.
    pub make: fn(&str) -> Made,
}

/// All formats.
pub static FORMATS: [Format; 15] = [
    Format { name: "CSV", file: "list.csv", make: |number| Ok(padded(&secret(number)).into_bytes()) },
    Format { name: "RTF", file: "list.rtf", make: rtf },
    Format { name: "PDF", file: "list.pdf", make: |number| pdf(number, true) },
    Format { name: "PDF, not compressed", file: "list.pdf", make: |number| pdf(number, false) },
    Format { name: "DOCX", file: "list.docx", make: |number| packed(&docx(number), CompressionMethod::Deflated) },
    Format { name: "XLSX", file: "list.xlsx", make: |number| packed(&xlsx(number), CompressionMethod::Deflated) },
    Format { name: "PPTX", file: "list.pptx", make: |number| packed(&pptx(number), CompressionMethod::Deflated) },
    Format { name: "ODT", file: "list.odt", make: |number| packed(&odt(number), CompressionMethod::Deflated) },
    Format { name: "ZIP", file: "list.zip", make: |number| packed(&csv(number), CompressionMethod::Deflated) },
    Format { name: "ZIP, stored", file: "list.zip", make: |number| packed(&csv(number), CompressionMethod::Stored) },
    Format { name: "ZIP in a ZIP", file: "list.zip", make: zip_in_zip },
    Format { name: "7z", file: "list.7z", make: seven },
    Format { name: "TAR", file: "list.tar", make: |number| Ok(tar(number)) },
    Format { name: "tar.gz", file: "list.tar.gz", make: |number| gzip(&tar(number)) },
    Format { name: "gzip", file: "list.csv.gz", make: |number| gzip(padded(&secret(number)).as_bytes()) },
];

/// Files of a container, by name.
pub type Files = Vec<(&'static str, String)>;

/// The text with ordinary lines before and behind it, so that a cut may come anywhere.
pub fn padded(text: &str) -> String {
    let lines = |from: u32| (from..from + 40).map(|at| format!("item {at},{}\r\n", at * 37)).collect::<String>();
    format!("{}{text}{}", lines(10), lines(60))
}

pub fn csv(number: &str) -> Files {
    vec![("readme.txt", padded("hello\r\n")), ("list.csv", padded(&secret(number))), ("last.txt", padded("bye\r\n"))]
}

pub fn packed(files: &Files, method: CompressionMethod) -> Made {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        zip.start_file(*name, SimpleFileOptions::default().compression_method(method))?;
        zip.write_all(content.as_bytes())?;
    }
    Ok(zip.finish()?.into_inner())
}

fn zip_in_zip(number: &str) -> Made {
    let inner = packed(&csv(number), CompressionMethod::Deflated)?;
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("inner.zip", SimpleFileOptions::default().compression_method(CompressionMethod::Stored))?;
    zip.write_all(&inner)?;
    Ok(zip.finish()?.into_inner())
}

fn seven(number: &str) -> Made {
    let mut archive = ArchiveWriter::new(Cursor::new(Vec::new()))?;
    for (name, content) in csv(number) {
        archive.push_archive_entry(ArchiveEntry::new_file(name), Some(content.as_bytes()))?;
    }
    Ok(archive.finish()?.into_inner())
}

pub fn gzip(bytes: &[u8]) -> Made {
    let mut gz = GzEncoder::new(Vec::new(), Compression::default());
    gz.write_all(bytes)?;
    Ok(gz.finish()?)
}

/// POSIX.1-1988: a header of 512 bytes before each file, whose sum it holds.
pub fn tar(number: &str) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, content) in csv(number) {
        let mut head = [0u8; 512];
        let mut put = |at: usize, text: &str| head[at..at + text.len()].copy_from_slice(text.as_bytes());
        put(0, name);
        put(100, "0000644\0");
        put(124, &format!("{:011o}\0", content.len()));
        put(136, "00000000000\0");
        put(148, "        ");
        put(156, "0");
        put(257, "ustar\x0000");
        let sum: u32 = head.iter().map(|byte| u32::from(*byte)).sum();
        head[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        out.extend_from_slice(&head);
        out.extend_from_slice(content.as_bytes());
        out.resize(out.len().next_multiple_of(512), 0);
    }
    out.resize(out.len() + 1_024, 0);
    out
}

fn rtf(number: &str) -> Made {
    let lines = padded(&format!("My Number {number}\r\n")).replace("\r\n", "\\par\r\n");
    Ok(format!("{{\\rtf1\\ansi\\deff0{{\\fonttbl{{\\f0 Arial;}}}}\\f0 {lines}}}").into_bytes())
}

pub fn pdf(number: &str, compressed: bool) -> Made {
    let text = padded(&format!("My Number: {number}\r\n"));
    let lines: String = text.lines().map(|line| format!("({line}) Tj T*\n")).collect();
    let page = format!("BT /F1 9 Tf 10 TL 72 800 Td\n{lines}ET").into_bytes();
    let (page, filter) = match compressed {
        false => (page, ""),
        true => {
            let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
            zlib.write_all(&page)?;
            (zlib.finish()?, "/Filter/FlateDecode")
        }
    };
    Ok(objects(&stream(&page, filter), ""))
}

/// A stream with its dictionary.
pub fn stream(bytes: &[u8], entries: &str) -> Vec<u8> {
    let mut out = format!("<</Length {}{entries}>>stream\n", bytes.len()).into_bytes();
    out.extend_from_slice(bytes);
    out.extend_from_slice(b"\nendstream");
    out
}

/// A PDF of one page whose content is `page`; `trailer` are further entries of the trailer.
pub fn objects(page: &[u8], trailer: &str) -> Vec<u8> {
    let things: [&[u8]; 5] = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        page,
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ];
    let (mut out, mut table) = (b"%PDF-1.7\n".to_vec(), String::from("0000000000 65535 f \n"));
    for (number, thing) in (1..).zip(things) {
        table.push_str(&format!("{:010} 00000 n \n", out.len()));
        out.extend_from_slice(format!("{number} 0 obj\n").as_bytes());
        out.extend_from_slice(thing);
        out.extend_from_slice(b"\nendobj\n");
    }
    let start = out.len();
    out.extend_from_slice(
        format!("xref\n0 6\n{table}trailer<</Size 6/Root 1 0 R{trailer}>>\nstartxref\n{start}\n%%EOF\n").as_bytes(),
    );
    out
}

const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

fn kinds(parts: &[(&str, &str)]) -> String {
    let own = |(part, kind): &(&str, &str)| {
        format!(
            "<Override PartName=\"{part}\" ContentType=\"application/vnd.openxmlformats-officedocument.{kind}+xml\"/>"
        )
    };
    let own: String = parts.iter().map(own).collect();
    format!(
        "<Types xmlns=\"{PACKAGE}/content-types\"><Default Extension=\"rels\" \
         ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>{own}</Types>"
    )
}

fn relation(kind: &str, target: &str) -> String {
    format!(
        "<Relationships xmlns=\"{PACKAGE}/relationships\"><Relationship Id=\"rId1\" Type=\"{OFFICE}/{kind}\" \
         Target=\"{target}\"/></Relationships>"
    )
}

fn docx(number: &str) -> Files {
    let text = padded(&format!("My Number {number}\r\n"));
    let paragraphs: String = text.lines().map(|line| format!("<w:p><w:r><w:t>{line}</w:t></w:r></w:p>")).collect();
    let main = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
    vec![
        ("[Content_Types].xml", kinds(&[("/word/document.xml", "wordprocessingml.document.main")])),
        ("_rels/.rels", relation("officeDocument", "word/document.xml")),
        ("word/document.xml", format!("<w:document xmlns:w=\"{main}\"><w:body>{paragraphs}</w:body></w:document>")),
    ]
}

fn xlsx(number: &str) -> Files {
    let text = padded(&secret(number));
    let row = |(at, line): (usize, &str)| {
        let cells = line
            .split(',')
            .zip(["A", "B"])
            .map(|(cell, column)| format!("<c r=\"{column}{at}\" t=\"inlineStr\"><is><t>{cell}</t></is></c>"));
        format!("<row r=\"{at}\">{}</row>", cells.collect::<String>())
    };
    let rows: String = (1..).zip(text.lines()).map(row).collect();
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    vec![
        (
            "[Content_Types].xml",
            kinds(&[
                ("/xl/workbook.xml", "spreadsheetml.sheet.main"),
                ("/xl/worksheets/sheet1.xml", "spreadsheetml.worksheet"),
            ]),
        ),
        ("_rels/.rels", relation("officeDocument", "xl/workbook.xml")),
        (
            "xl/workbook.xml",
            format!(
                "<workbook xmlns=\"{main}\" xmlns:r=\"{OFFICE}\"><sheets><sheet name=\"list\" sheetId=\"1\" \
                 r:id=\"rId1\"/></sheets></workbook>"
            ),
        ),
        ("xl/_rels/workbook.xml.rels", relation("worksheet", "worksheets/sheet1.xml")),
        ("xl/worksheets/sheet1.xml", format!("<worksheet xmlns=\"{main}\"><sheetData>{rows}</sheetData></worksheet>")),
    ]
}

fn pptx(number: &str) -> Files {
    let text = padded(&format!("My Number {number}\r\n"));
    let lines: String = text.lines().map(|line| format!("<a:p><a:r><a:t>{line}</a:t></a:r></a:p>")).collect();
    let (p, a) = (
        "http://schemas.openxmlformats.org/presentationml/2006/main",
        "http://schemas.openxmlformats.org/drawingml/2006/main",
    );
    vec![
        (
            "[Content_Types].xml",
            kinds(&[
                ("/ppt/presentation.xml", "presentationml.presentation.main"),
                ("/ppt/slides/slide1.xml", "presentationml.slide"),
            ]),
        ),
        ("_rels/.rels", relation("officeDocument", "ppt/presentation.xml")),
        (
            "ppt/presentation.xml",
            format!(
                "<p:presentation xmlns:p=\"{p}\" xmlns:r=\"{OFFICE}\"><p:sldIdLst><p:sldId id=\"256\" r:id=\"rId1\"/>\
                 </p:sldIdLst></p:presentation>"
            ),
        ),
        ("ppt/_rels/presentation.xml.rels", relation("slide", "slides/slide1.xml")),
        (
            "ppt/slides/slide1.xml",
            format!(
                "<p:sld xmlns:p=\"{p}\" xmlns:a=\"{a}\"><p:cSld><p:spTree><p:sp><p:txBody>{lines}</p:txBody></p:sp>\
                 </p:spTree></p:cSld></p:sld>"
            ),
        ),
    ]
}

pub fn odt(number: &str) -> Files {
    let text = padded(&format!("My Number {number}\r\n"));
    let lines: String = text.lines().map(|line| format!("<text:p>{line}</text:p>")).collect();
    let space = "urn:oasis:names:tc:opendocument:xmlns";
    let kind = "application/vnd.oasis.opendocument.text";
    vec![
        ("mimetype", kind.to_owned()),
        (
            "META-INF/manifest.xml",
            format!(
                "<manifest:manifest xmlns:manifest=\"{space}:manifest:1.0\"><manifest:file-entry \
                 manifest:full-path=\"/\" manifest:media-type=\"{kind}\"/></manifest:manifest>"
            ),
        ),
        (
            "content.xml",
            format!(
                "<office:document-content xmlns:office=\"{space}:office:1.0\" xmlns:text=\"{space}:text:1.0\">\
                 <office:body><office:text>{lines}</office:text></office:body></office:document-content>"
            ),
        ),
    ]
}
