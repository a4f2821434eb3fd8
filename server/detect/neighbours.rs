//! The numbers that stand beside My Numbers in mail, as classes of their own for rules: cards, telephones, addresses,
//! licences, accounts. Each is known by its form, its check digit and the words before it.

mod addresses;
mod kinds;
mod written;

use std::collections::HashMap;

use crate::groups::{self, Gap};
use crate::{Class, Finding, Level, Reason, Secret, Segment};
use written::Written;

/// Distinct numbers of a class that are told apart in one mail; a list of more is as long as rules can ask for.
const MOST: usize = 10_000;

/// A number that is no My Number, in one text.
pub(crate) struct Other {
    pub class: Class,
    pub level: Level,
    pub start: usize,
    pub end: usize,
    pub value: Secret,
    pub reason: Reason,
}

/// Finds the neighbours in all texts of one mail, each (class, value) once, in the order of the texts. A neighbour in the
/// text and in the HTML of a mail is one.
#[must_use]
pub fn neighbours(segments: &[Segment]) -> Vec<Finding> {
    let mut found: Vec<Finding> = Vec::new();
    let mut index: HashMap<(Class, Secret), usize> = HashMap::new();
    for segment in segments {
        let mut line = Line::default();
        for other in others(segment.text) {
            line.go(segment.text, other.start);
            let key = (other.class, other.value.clone());
            let room = found.len() < MOST;
            match index.get(&key).and_then(|at| found.get_mut(*at)) {
                Some(known) => join(known, segment, &other),
                None if room => {
                    index.insert(key, found.len());
                    found.push(finding(segment, other, line.number));
                }
                None => {}
            }
        }
    }
    found
}

/// The line of one place after the other, counted from 0.
#[derive(Default)]
struct Line {
    at: usize,
    number: usize,
}

impl Line {
    fn go(&mut self, text: &str, to: usize) {
        let passed = text.as_bytes().get(self.at..to).unwrap_or_default();
        self.number += memchr::memchr_iter(b'\n', passed).count();
        self.at = to.max(self.at);
    }
}

fn finding(segment: &Segment, other: Other, line: usize) -> Finding {
    Finding {
        class: other.class,
        level: other.level,
        place: segment.place.clone(),
        part: segment.part.to_owned(),
        inner: segment.inner.to_owned(),
        position: format!("line {}", line + 1),
        value: other.value,
        count: 1,
        also: Vec::new(),
        reasons: vec![other.reason],
    }
}

fn join(known: &mut Finding, segment: &Segment, other: &Other) {
    known.count = known.count.saturating_add(1);
    if other.level > known.level {
        (known.level, known.reasons) = (other.level, vec![other.reason]);
    }
    let place = (segment.place.clone(), segment.part.to_owned());
    let same = known.place == segment.place && known.part == segment.part;
    if !same && !known.also.contains(&place) {
        known.also.push(place);
    }
}

/// The neighbours in a text, in order.
fn others(text: &str) -> Vec<Other> {
    let mut out = addresses::mail_addresses(text);
    let groups = groups::groups(text);
    let gaps: Vec<Gap> = groups.windows(2).map(|pair| gap(text, pair)).collect();
    let mut at = 0;
    while at < groups.len() {
        let found = (1..=written::GROUPS).rev().find_map(|count| {
            let written = Written::new(text, &groups, &gaps, at, count)?;
            kinds::known(&written).map(|other| (other, count))
        });
        match found {
            Some((other, count)) => {
                out.push(other);
                at += count;
            }
            None => at += 1,
        }
    }
    out.sort_by_key(|other| other.start);
    out
}

/// The cards of a text, likely or surer, by their bytes: what is to be masked before other eyes.
pub(crate) fn cards(text: &str) -> Vec<(usize, usize)> {
    let cards = others(text).into_iter().filter(|other| other.class == Class::Card && other.level >= Level::Likely);
    cards.map(|card| (card.start, card.end)).collect()
}

fn gap(text: &str, pair: &[groups::Group]) -> Gap {
    match pair {
        [left, right] => groups::gap(text, left, right),
        _ => Gap::Break,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Place;

    fn seen(text: &str) -> Vec<(Class, Level)> {
        let body = Segment { place: Place::Body, part: "1", inner: "", name: None, text };
        neighbours(&[body]).iter().map(|one| (one.class, one.level)).collect()
    }

    #[test]
    fn each_class_is_known_by_its_form_and_its_words() {
        use Class::*;
        use Level::*;
        for (text, want) in [
            ("カード番号 4111-1111-1111-1111", (Card, Certain)),
            ("4111 1111 1111 1111", (Card, Likely)),
            ("5555555555554444", (Card, Likely)),
            ("カード：３５３０１１１３３３３０００００", (Card, Certain)),
            ("AMEX 3782 822463 10005", (Card, Certain)),
            ("TEL: 03-1234-5678", (Phone, Certain)),
            ("090-1234-5678", (Phone, Likely)),
            ("０９０－１２３４－５６７８", (Phone, Likely)),
            ("+81-90-1234-5678", (Phone, Certain)),
            ("電話 0312345678", (Phone, Certain)),
            ("09012345678", (Phone, Likely)),
            ("03 1234 5678", (Phone, Likely)),
            ("0120-123-456", (Phone, Likely)),
            ("〒100-0001 東京都千代田区千代田1-1", (PostalAddress, Certain)),
            ("100-0001 東京都千代田区千代田1-1", (PostalAddress, Likely)),
            ("taro.sato@example.co.jp", (MailAddress, Certain)),
            ("運転免許証 第309012345620号", (Licence, Certain)),
            ("法人番号 7123456789012", (CorporateNumber, Certain)),
            ("T7123456789012", (CorporateNumber, Certain)),
            ("7123456789012", (CorporateNumber, Possible)),
            ("基礎年金番号 1234-567890", (Pension, Certain)),
            ("保険者番号 33120015", (HealthInsurance, Certain)),
            ("健康保険証 記号 1234 番号 567", (HealthInsurance, Likely)),
            ("旅券番号 TR1234567", (Passport, Certain)),
            ("TR1234567", (Passport, Possible)),
            ("在留カード AB12345678CD", (ResidenceCard, Certain)),
            ("AB12345678CD", (ResidenceCard, Likely)),
            ("みずほ銀行 本店 普通 1234567", (BankAccount, Certain)),
            ("口座番号：7654321", (BankAccount, Likely)),
            ("氏名\u{1f}口座番号\n佐藤\u{1f}7654321\n", (BankAccount, Likely)),
        ] {
            assert_eq!(seen(text), [want], "{text}");
        }
    }

    #[test]
    fn what_has_none_of_their_forms_is_none() {
        for text in [
            "4111-1111-1111-1112",
            "1234 5678 9018",
            "2026-11-05 12:30",
            "03-1234-56789",
            "1-03-1234-5678",
            "user@localhost",
            "x4111111111111111",
            "INV-20261105-0012",
            "第309012345620号",
            "123-4567",
            "1234567",
            "4901234567894",
            "100-0001 units",
        ] {
            assert_eq!(seen(text), [], "{text}");
        }
    }

    #[test]
    fn distinct_values_are_counted_once() {
        let text = "TEL 03-1234-5678\n電話 03 1234 5678\n携帯 090-1234-5678\n";
        assert_eq!(seen(text).len(), 2);
        assert_eq!(cards("カード 4111-1111-1111-1111 と 03-1234-5678").len(), 1);
    }
}
