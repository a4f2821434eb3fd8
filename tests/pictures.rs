//! Pictures of cards with a My Number on them: drawn by `pictures/cards.py`, read by the real binary through tesseract.

use std::path::Path;
use std::process::Command;

use crate::house::House;

/// Cards of the plain run and how many of them may be missed: too few to measure recall by.
const FEW: (usize, usize) = (10, 3);
/// The same of the long run: nine of ten are found.
const MANY: (usize, usize) = (60, 6);

fn draw(folder: &Path, count: usize) -> Vec<String> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/pictures/cards.py");
    // Debian's Python has Debian's Pillow
    let drawn =
        Command::new("/usr/bin/python3").arg(script).arg(folder).args([&count.to_string(), "7"]).status().unwrap();
    assert!(drawn.success());
    let mut files: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path().display().to_string()).collect();
    files.sort();
    files
}

/// Whether a My Number of level likely or above was found in the picture.
fn is_found(line: &str) -> bool {
    let line: serde_json::Value = serde_json::from_str(line).unwrap();
    let findings = line["findings"].as_array().unwrap();
    findings
        .iter()
        .any(|one| one["kind"] == "my_number" && ["certain", "likely"].contains(&one["level"].as_str().unwrap()))
}

#[test]
fn numbers_on_pictures_of_cards_are_found() {
    let house = House::empty();
    let folder = tempfile::tempdir().unwrap();
    let (count, most) = if std::env::var_os("SEKISHO_LONG").is_some() { MANY } else { FEW };
    let files = draw(folder.path(), count);
    let mut arguments = vec!["inspect", "--json"];
    arguments.extend(files.iter().map(String::as_str));
    let said = house.good(&arguments);
    let missed: Vec<&String> =
        said.lines().zip(&files).filter(|(line, _)| !is_found(line)).map(|(_, file)| file).collect();
    println!("{} of {count} found", count - missed.len());
    assert_eq!(said.lines().count(), count);
    assert!(missed.len() <= most, "missed: {missed:#?}");
}

#[test]
fn without_tesseract_a_picture_is_a_picture() {
    let house = House::empty_with("[extract]\ntesseract = \"\"\n");
    let folder = tempfile::tempdir().unwrap();
    let files = draw(folder.path(), 1);
    let said = house.good(&["inspect", "--json", &files[0]]);
    assert!(said.contains("\"findings\":[]") && said.contains("\"not_inspected\":[]"), "{said}");
}
