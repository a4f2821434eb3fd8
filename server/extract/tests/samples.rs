//! The labelled sample mails of `shared/mynumber-samples`, read by `message`, opened by `extract`, judged by
//! `detect`: every number in a place that is read is found at its level, and no other mail gives more than it
//! may. Findings inside formats that are not read yet must at least be named as not inspected.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::PathBuf;

use detect::{Finding, Labels, Level, Place, Segment};
use extract::{FileType, TextKind};
use message::{LeafRole, Parsed};
use serde_json::Value;
use types::Limits;

/// The folder of the samples: beside the checkout, or where SEKISHO_SHARED says.
fn samples() -> PathBuf {
    let given = std::env::var_os("SEKISHO_SHARED").map(PathBuf::from);
    let beside = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared"));
    let places = given.into_iter().chain([beside, PathBuf::from("/work/shared")]);
    let found = places.map(|place| place.join("mynumber-samples")).find(|place| place.join("labels.jsonl").is_file());
    found.unwrap_or_else(|| {
        panic!("the sample mails are missing: set SEKISHO_SHARED to the folder that holds mynumber-samples")
    })
}

struct Owned {
    place: Place,
    part: String,
    inner: String,
    name: Option<String>,
    text: String,
}

struct Seen {
    findings: Vec<Finding>,
    /// (part, type) of what was not inspected.
    not_inspected: Vec<(String, FileType)>,
}

fn look(mail: &[u8], labels: &Labels) -> Seen {
    let limits = Limits::default();
    let parsed = Parsed::parse(mail, &limits);
    let mut texts = Vec::new();
    for (name, text) in parsed.header_texts() {
        let place =
            if name.eq_ignore_ascii_case("subject") { Place::Subject } else { Place::Header(name.to_lowercase()) };
        texts.push(Owned { place, part: String::new(), inner: String::new(), name: None, text });
    }
    let mut not_inspected = Vec::new();
    for leaf in parsed.leaves() {
        let out = extract::extract(&leaf, &limits);
        let part = leaf.part.clone();
        if let Some(name) = &leaf.name {
            let (place, text) = (Place::AttachmentName, name.clone());
            texts.push(Owned { place, part: part.clone(), inner: String::new(), name: None, text });
        }
        not_inspected.extend(out.not_inspected.iter().map(|refused| (refused.part.clone(), out.real_type)));
        for text in out.texts {
            let place = match (leaf.role, &text.kind) {
                (_, TextKind::Name) => Place::AttachmentName,
                (LeafRole::Text, _) => Place::Body,
                (LeafRole::Html, _) => Place::Html,
                _ => Place::Attachment,
            };
            let name = text.name.or_else(|| leaf.name.clone());
            texts.push(Owned { place, part: part.clone(), inner: text.inner, name, text: text.text });
        }
    }
    let segments: Vec<Segment> = texts
        .iter()
        .map(|t| Segment {
            place: t.place.clone(),
            part: &t.part,
            inner: &t.inner,
            name: t.name.as_deref(),
            text: &t.text,
        })
        .collect();
    Seen { findings: detect::find(&segments, labels), not_inspected }
}

fn level(word: &Value) -> Option<Level> {
    serde_json::from_value(word.clone()).ok()
}

fn place(word: &str) -> Place {
    match word {
        "subject" => Place::Subject,
        "body" => Place::Body,
        "html" => Place::Html,
        "attachment" => Place::Attachment,
        "attachment-name" => Place::AttachmentName,
        header => Place::Header(header.trim_start_matches("header:").to_owned()),
    }
}

fn check_expected(seen: &Seen, label: &Value, wrong: &mut Vec<String>) {
    let file = label["file"].as_str().unwrap();
    for want in label["findings"].as_array().unwrap() {
        let (value, part) = (want["value"].as_str().unwrap(), want["part"].as_str().unwrap_or_default());
        let form = want["form"].as_str().unwrap_or_default();
        match seen.findings.iter().find(|found| found.value.reveal() == value) {
            None if seen.not_inspected.iter().any(|(refused, _)| refused == part) => {}
            None => wrong.push(format!("{file}: a number is missing ({form})")),
            Some(found) => {
                if Some(found.level) < level(&want["level"]) {
                    wrong.push(format!("{file}: {:?} for {form}, {:?}", found.level, found.reasons));
                }
                let places: Vec<&Place> =
                    std::iter::once(&found.place).chain(found.also.iter().map(|(place, _)| place)).collect();
                if !places.contains(&&place(want["where"].as_str().unwrap())) {
                    wrong.push(format!("{file}: found in {places:?}"));
                }
            }
        }
    }
}

fn check_bounds(seen: &Seen, label: &Value, wrong: &mut Vec<String>) {
    let file = label["file"].as_str().unwrap();
    let most = level(&label["tolerate"]);
    let wanted = |found: &Finding| {
        label["findings"].as_array().unwrap().iter().any(|want| want["value"] == found.value.reveal())
    };
    for found in seen.findings.iter().filter(|found| !wanted(found) && Some(found.level) > most) {
        wrong.push(format!(
            "{file} ({}): {:?} at {}, {:?}",
            label["category"], found.level, found.position, found.reasons
        ));
    }
}

#[test]
fn the_sample_mails_give_what_their_labels_say() {
    let folder = samples();
    let labels = Labels::default();
    let mut wrong = Vec::new();
    for line in std::fs::read_to_string(folder.join("labels.jsonl")).unwrap().lines() {
        let label: Value = serde_json::from_str(line).unwrap();
        let mail = std::fs::read(folder.join(label["file"].as_str().unwrap())).unwrap();
        let seen = look(&mail, &labels);
        check_expected(&seen, &label, &mut wrong);
        check_bounds(&seen, &label, &mut wrong);
        if label["expect"] == "uninspectable" && seen.not_inspected.is_empty() {
            wrong.push(format!("{}: nothing was refused", label["file"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
