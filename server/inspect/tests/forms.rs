//! `docs/conformance-forms.md`: every way to write a number in every place of a mail, found or not. The mails are those of
//! `tests/corpus`. `UPDATE=1 cargo test -p inspect --test forms` writes the page.

#![allow(clippy::unwrap_used)]

use std::path::Path;

use inspect::detect::Level;
use types::Limits;

#[allow(dead_code)]
#[path = "../../../tests/corpus/src/lib.rs"]
mod corpus;

use corpus::dice::Dice;
use corpus::forms::{Form, RARE, USUAL};
use corpus::mail::{CONTAINERS, Container};
use corpus::scene::Sure;

/// Mails for each form in each place.
const TRIES: usize = 2;

fn forms() -> impl Iterator<Item = &'static Form> {
    USUAL.iter().chain(&RARE)
}

/// How many of the mails were tried and how many of them gave all their numbers, as sure as a person would be.
fn found(form: &Form, container: &Container, dice: &mut Dice) -> (usize, usize) {
    let (mut tried, mut good) = (0, 0);
    for _ in 0..TRIES {
        let Some(case) = corpus::positive_in(dice, form, container) else { continue };
        let least = match case.sure {
            Sure::Certain => Level::Certain,
            Sure::Likely => Level::Likely,
            Sure::Possible | Sure::No => Level::Possible,
        };
        let seen = inspect::Seen::of(&case.mail, &Limits::default());
        tried += 1;
        good += usize::from(seen.findings.iter().filter(|one| one.level >= least).count() >= case.numbers);
    }
    (tried, good)
}

fn word((tried, good): (usize, usize)) -> &'static str {
    match (tried, good) {
        (0, _) => "–",
        (tried, good) if tried == good => "found",
        (_, 0) => "not found",
        _ => "in part",
    }
}

fn page() -> String {
    let mut dice = Dice::new(4);
    let containers: Vec<&Container> = CONTAINERS.iter().collect();
    let all: Vec<(&Form, Vec<(usize, usize)>)> =
        forms().map(|form| (form, containers.iter().map(|one| found(form, one, &mut dice)).collect())).collect();
    let sum = |counts: &mut dyn Iterator<Item = (usize, usize)>| {
        counts.fold((0, 0), |(tried, good), (more, found)| (tried + more, good + found))
    };
    let mut out = String::from(
        "# Conformance: forms\n\nHow a number may be written, and where in a mail it may stand, and whether Sekisho finds it \
         there as surely as a person\nwould. The mails are those of `tests/corpus`; each form is tried in each place that it \
         can stand in (a Japanese charset\nhas no mathematical digits), and `server/inspect/tests/forms.rs` fails when this \
         page is not what it saw\n(`UPDATE=1 cargo test -p inspect --test forms` writes it). Attachments of other formats: \
         [conformance.md](conformance.md).\n\n| form | tried | found | |\n|---|---|---|---|\n",
    );
    for (form, counts) in &all {
        let (tried, good) = sum(&mut counts.iter().copied());
        out.push_str(&format!("| {} | {tried} | {good} | {} |\n", form.name, word((tried, good))));
    }
    out.push_str("\n| place | tried | found | |\n|---|---|---|---|\n");
    for (place, container) in containers.iter().enumerate() {
        let (tried, good) = sum(&mut all.iter().filter_map(|(_, counts)| counts.get(place).copied()));
        out.push_str(&format!("| {} | {tried} | {good} | {} |\n", container.name, word((tried, good))));
    }
    out
}

#[test]
fn the_page_of_forms_says_what_is_found() {
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/conformance-forms.md");
    let page = page();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&place, &page).unwrap();
    }
    let written = std::fs::read_to_string(&place).unwrap_or_default();
    assert!(page == written, "docs/conformance-forms.md is not what was seen:\n{page}");
}
