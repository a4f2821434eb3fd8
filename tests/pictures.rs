//! Pictures of cards with a My Number on them: drawn by `pictures/cards.py`, read by the real binary through tesseract.

use std::path::Path;
use std::process::Command;

use crate::house::House;

/// Cards of the plain run, and of the long one; nine of ten are found.
const FEW: usize = 44;
const MANY: usize = 60;
/// Commands that read at once.
const AT_ONCE: usize = 2;

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
    let count = if std::env::var_os("SEKISHO_LONG").is_some() { MANY } else { FEW };
    let files = draw(folder.path(), count);
    let read = |files: &[String]| {
        let files = files.iter().map(String::as_str);
        house.good(&["inspect", "--json"].into_iter().chain(files).collect::<Vec<_>>())
    };
    let said: String = std::thread::scope(|scope| {
        let runs: Vec<_> =
            files.chunks(count.div_ceil(AT_ONCE)).map(|files| scope.spawn(move || read(files))).collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    let missed: Vec<&String> =
        said.lines().zip(&files).filter(|(line, _)| !is_found(line)).map(|(_, file)| file).collect();
    println!("{} of {count} found", count - missed.len());
    assert_eq!(said.lines().count(), count);
    assert!(missed.len() * 10 <= count, "missed: {missed:#?}");
}

#[test]
fn without_tesseract_a_picture_is_a_picture() {
    let house = House::empty_with("[extract]\ntesseract = \"\"\n");
    let folder = tempfile::tempdir().unwrap();
    let files = draw(folder.path(), 1);
    let said = house.good(&["inspect", "--json", &files[0]]);
    assert!(said.contains("\"findings\":[]") && said.contains("\"not_inspected\":[]"), "{said}");
}

#[test]
fn a_picture_that_is_not_read_is_named() {
    let house = House::empty_with("[extract]\ntesseract = \"/bin/false\"\n[limits]\nocr_pictures = 1\n");
    let folder = tempfile::tempdir().unwrap();
    let files = draw(folder.path(), 2);
    let two = folder.path().join("two.zip").display().to_string();
    let zip = Command::new("python3").args(["-m", "zipfile", "-c", &two]).args(&files).status().unwrap();
    assert!(zip.success());
    let said = house.good(&["inspect", "--json", &files[0], &two]);
    let reasons: Vec<Vec<String>> = said
        .lines()
        .map(|line| {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            let all = line["not_inspected"].as_array().unwrap();
            let mut all: Vec<String> = all.iter().map(|one| one["reason"].as_str().unwrap().to_owned()).collect();
            all.sort();
            all
        })
        .collect();
    assert_eq!(reasons, [vec!["broken"], vec!["broken", "too_big"]], "the program fails, and one picture is too many");
}
