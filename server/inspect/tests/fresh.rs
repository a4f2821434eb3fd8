//! The mails of `tests/corpus/fresh`, written by hand and before the detector was looked at: every number is called
//! what a person would call it, but for those listed here with the reason.

#![allow(clippy::unwrap_used)]

use inspect::Seen;
use inspect::detect::{Class, Level};
use types::Limits;

#[allow(dead_code)]
#[path = "../../../tests/corpus/src/lib.rs"]
mod corpus;

use corpus::fresh::{Fresh, all};
use corpus::scene::Sure;

/// What is known to be called otherwise: the mail, the number in it, and what it is called.
const OTHERWISE: [(&str, &str, &str); 1] = [
    // three elements of XML with one group each, and a digit in their names
    ("harder/xml-digits", "n1", "nothing"),
];

fn word(level: Option<Level>) -> &'static str {
    match level {
        Some(Level::Certain) => "certain",
        Some(Level::Likely) => "likely",
        Some(Level::Possible) => "possible",
        None => "nothing",
    }
}

fn bound(sure: Sure) -> Option<Level> {
    match sure {
        Sure::Certain => Some(Level::Certain),
        Sure::Likely => Some(Level::Likely),
        Sure::Possible => Some(Level::Possible),
        Sure::No => None,
    }
}

/// What is called otherwise than a person would: mail, number, the word for it.
fn differences(case: &Fresh) -> Vec<(String, String, &'static str)> {
    let seen = Seen::of(&case.mail, &Limits::default());
    let numbers: Vec<_> = seen.findings.iter().filter(|one| one.class == Class::MyNumber).collect();
    let level = |digits: &str| numbers.iter().find(|one| one.value.reveal() == digits).map(|one| one.level);
    let known = case.expected.iter().filter_map(|one| {
        let level = level(&one.digits);
        let fits = level >= bound(one.least) && level <= bound(one.most);
        (!fits).then(|| (case.name.clone(), one.name.clone(), word(level)))
    });
    let strays = numbers.iter().filter(|found| !case.expected.iter().any(|one| one.digits == found.value.reveal()));
    known.chain(strays.map(|stray| (case.name.clone(), "stray".to_owned(), word(Some(stray.level))))).collect()
}

#[test]
fn every_number_of_the_second_corpus_is_called_what_a_person_would_call_it() {
    let all = all();
    assert!(all.len() > 400, "{} mails", all.len());
    let found: Vec<_> = all.iter().flat_map(differences).collect();
    let expected: Vec<_> =
        OTHERWISE.iter().map(|(mail, name, word)| ((*mail).to_owned(), (*name).to_owned(), *word)).collect();
    assert!(
        found == expected,
        "{} differ:\n{}",
        found.len(),
        found.iter().map(|one| format!("{one:?}\n")).collect::<String>()
    );
}
