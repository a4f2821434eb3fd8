//! Mails with a file that cannot be read, or not wholly: encrypted, or broken on its way. Each format that is made is
//! encrypted in every way that people encrypt it, and broken in every way that files break.

mod damage;
mod files;
mod sealed;

use std::collections::BTreeMap;
use std::path::Path;

use corpus::dice::Dice;
use corpus::encode::base64_lines;
use corpus::numbers;
use serde_json::Value;

/// What is true of a mail.
pub struct Case {
    /// The bytes.
    pub mail: Vec<u8>,
    /// What its file is.
    pub format: &'static str,
    /// What is wrong with it.
    pub fault: &'static str,
    /// The My Number in the file.
    pub number: String,
}

/// What is wrong with an encrypted file.
const ENCRYPTED: &str = "encrypted";

/// The mail number `place`: encrypted and broken ones take turns, and so do their kinds.
pub fn draw(dice: &mut Dice, place: usize) -> Result<Case, Box<dyn std::error::Error>> {
    let number = numbers::my_number(dice);
    let round = place / 3;
    if place.is_multiple_of(3) {
        let kind = &sealed::KINDS[round % sealed::KINDS.len()];
        let mail = (kind.make)(&secret(&number))?;
        return Ok(Case { mail, format: kind.name, fault: ENCRYPTED, number });
    }
    let at = round * 2 + place % 3 - 1;
    let format = &files::FORMATS[at % files::FORMATS.len()];
    let fault = &damage::FAULTS[at / files::FORMATS.len() % damage::FAULTS.len()];
    let file = (format.make)(&number)?;
    let mail = letter(format.file, &(fault.breaks)(&file, &number, dice));
    Ok(Case { mail, format: format.name, fault: fault.name, number })
}

/// What a person puts into a file with a password.
fn secret(number: &str) -> String {
    format!("name,My Number\r\nTaro,{number}\r\n")
}

/// A mail with one file; `body` is its transfer encoding.
fn with_file(name: &str, content_type: &str, body: &str) -> Vec<u8> {
    format!(
        "From: <sato@aozora.example>\r\nTo: <tanaka@hokuto.co.jp.example>\r\nSubject: file\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=\"b\"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nsee file\r\n--b\r\n\
         Content-Type: {content_type}\r\nContent-Disposition: attachment; filename=\"{name}\"\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n{body}--b--\r\n"
    )
    .into_bytes()
}

fn attached(name: &str, content_type: &str, bytes: &[u8]) -> Vec<u8> {
    with_file(name, content_type, &base64_lines(bytes))
}

/// The same with a file that came out of `damage`.
fn letter(name: &str, damaged: &damage::Damaged) -> Vec<u8> {
    match damaged {
        damage::Damaged::File(bytes) => attached(name, "application/octet-stream", bytes),
        damage::Damaged::Lines(lines) => with_file(name, "application/octet-stream", lines),
    }
}

/// What was said of a mail, one row for each format and fault.
#[derive(Default)]
pub struct Tally {
    rows: BTreeMap<(&'static str, &'static str), Row>,
}

#[derive(Default, Clone, Copy)]
struct Row {
    n: usize,
    named: usize,
    found: usize,
    misses: usize,
}

impl Row {
    fn add(&mut self, other: Self) {
        self.n += other.n;
        self.named += other.named;
        self.found += other.found;
        self.misses += other.misses;
    }
}

impl Tally {
    /// Adds a mail and what `inspect --json` said of it; true when it passed in silence.
    pub fn add(&mut self, case: &Case, said: &Value) -> bool {
        let any =
            |list: &str, right: &dyn Fn(&Value) -> bool| said[list].as_array().is_some_and(|all| all.iter().any(right));
        let named = any("not_inspected", &|one| case.fault != ENCRYPTED || one["reason"] == ENCRYPTED);
        let found = any("findings", &|one| one["kind"] == "my_number");
        let miss = !named && (case.fault == ENCRYPTED || !found);
        let row = Row { n: 1, named: named.into(), found: found.into(), misses: miss.into() };
        self.rows.entry((case.fault, case.format)).or_default().add(row);
        miss
    }

    /// The tables, as Markdown; how many passed in silence.
    pub fn print(&self) -> usize {
        let mut faults: BTreeMap<&str, Row> = BTreeMap::new();
        self.rows.iter().for_each(|((fault, _), row)| faults.entry(fault).or_default().add(*row));
        let mut all = Row::default();
        println!("\n| file | n | named not inspected | its number found | neither |\n|---|---|---|---|---|");
        for (fault, row) in &faults {
            println!("| {fault} | {} | {} | {} | {} |", row.n, row.named, row.found, row.misses);
            all.add(*row);
        }
        println!("| all | {} | {} | {} | {} |", all.n, all.named, all.found, all.misses);
        println!("\n| fault | format | n | named | found | neither |\n|---|---|---|---|---|---|");
        for ((fault, format), row) in &self.rows {
            println!("| {fault} | {format} | {} | {} | {} | {} |", row.n, row.named, row.found, row.misses);
        }
        all.misses
    }
}

/// Keeps a mail that passed in silence.
pub fn keep(folder: &Path, case: &Case, place: usize) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let said = format!("{} | {} | {}\n", case.fault, case.format, case.number);
    std::fs::write(folder.join(format!("unread-{place:05}.txt")), said)?;
    std::fs::write(folder.join(format!("unread-{place:05}.eml")), &case.mail)
}
