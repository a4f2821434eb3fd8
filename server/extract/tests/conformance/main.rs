//! Every form and container in which a My Number may lie, one generated file each: what is found is told by
//! `docs/conformance.md`, which this test writes (`UPDATE=1`) or compares. A family of formats is one module with
//! `rows()`; what it lists must be found or, where its placement says so, be named as not inspected.

#![allow(clippy::unwrap_used, clippy::panic)]

mod build;
mod flat;
mod libreoffice;
mod odf;
mod old_office;
mod ooxml_sheet;
mod ooxml_text;
mod outlook;
mod pdf;
#[path = "../pdf/build.rs"]
mod pdf_file;
mod rtf;
mod texts;

use std::fmt::Write;
use std::path::Path;

use detect::{Labels, Level, Place, Segment};
use extract::TextKind;
use message::Parsed;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use types::Limits;

/// Container, placement, file, file name.
pub type Row = (&'static str, &'static str, Vec<u8>, &'static str);

/// The number of every file; published for tests.
pub const NUMBER: &str = "123456789018";
/// The number of those that lose a leading zero; published for tests.
pub const ZERO: &str = "023456789013";

/// The families of formats.
const FAMILIES: &[fn() -> Vec<Row>] = &[
    ooxml_sheet::rows,
    ooxml_text::rows,
    odf::rows,
    rtf::rows,
    old_office::rows,
    libreoffice::rows,
    flat::rows,
    pdf::rows,
    outlook::rows,
    texts::rows,
];

/// What a reader of the file learns.
#[derive(PartialEq)]
enum Outcome {
    Found,
    NotInspected(&'static str),
    NotFound,
}

impl Outcome {
    fn word(&self) -> String {
        match self {
            Self::Found => "found".to_owned(),
            Self::NotInspected(reason) => format!("not inspected ({reason})"),
            Self::NotFound => "**not found**".to_owned(),
        }
    }
}

/// The file as the one attachment of a mail.
fn outcome(file: &[u8], name: &str) -> Outcome {
    let mut mail = format!(
        "MIME-Version: 1.0\r\nContent-Type: application/octet-stream; name=\"{name}\"\r\nContent-Disposition: \
         attachment; filename=\"{name}\"\r\nContent-Transfer-Encoding: binary\r\n\r\n"
    )
    .into_bytes();
    mail.extend_from_slice(file);
    let limits = Limits::default();
    let parsed = Parsed::parse(&mail, &limits);
    let leaf = &parsed.leaves()[0];
    let out = extract::extract(leaf, &limits);
    let segments: Vec<Segment> = out
        .texts
        .iter()
        .map(|text| Segment {
            place: if text.kind == TextKind::Name { Place::AttachmentName } else { Place::Attachment },
            part: "1",
            inner: &text.inner,
            name: text.name.as_deref().or(leaf.name.as_deref()),
            text: &text.text,
        })
        .collect();
    let found = detect::find(&segments, &Labels::default());
    let ours = |value: &str| value == NUMBER || value == ZERO;
    if found.iter().any(|found| found.level >= Level::Likely && ours(found.value.reveal())) {
        return Outcome::Found;
    }
    if std::env::var_os("SHOW").is_some() {
        for text in &out.texts {
            eprintln!("{name} {}: {:?}", text.inner, text.text);
        }
    }
    out.not_inspected.first().map_or(Outcome::NotFound, |refused| Outcome::NotInspected(refused.reason.word()))
}

#[test]
fn the_page_says_what_is_found() {
    let mut page = String::from(
        "# Conformance\n\nWhere a My Number may lie in an attachment, and whether Sekisho finds it there. Each line is a file \
         that\n`server/extract/tests/conformance` makes and reads as the attachment of a mail; the test fails when this page \
         is not what it\nsaw (`UPDATE=1 cargo test -p extract --test conformance` writes it).\n\n\
         | container | placement | result |\n|---|---|---|\n",
    );
    let mut missed = Vec::new();
    for (container, placement, file, name) in all() {
        let outcome = outcome(&file, name);
        writeln!(page, "| {container} | {placement} | {} |", outcome.word()).unwrap();
        if outcome == Outcome::NotFound {
            missed.push(format!("{container}, {placement}"));
        }
    }
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/conformance.md");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&place, &page).unwrap();
    }
    let written = std::fs::read_to_string(&place).unwrap_or_default();
    assert!(page == written, "docs/conformance.md is not what was seen; missed: {missed:#?}");
}

fn all() -> Vec<Row> {
    FAMILIES.iter().flat_map(|rows| rows()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Bytes overwritten, and the end cut off.
    #[test]
    fn a_damaged_file_makes_nothing_fail(
        row in select(all()),
        bytes in prop::collection::vec((any::<Index>(), any::<u8>()), 0..8),
        end in prop::option::of(any::<Index>()),
    ) {
        let (_, _, mut file, name) = row;
        for (at, byte) in bytes {
            let at = at.index(file.len());
            file[at] = byte;
        }
        if let Some(end) = end {
            file.truncate(end.index(file.len()));
        }
        outcome(&file, name);
    }
}
