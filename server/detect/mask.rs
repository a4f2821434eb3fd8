//! Numbers made unreadable in texts that people get to see, such as the subject in a notice.

use crate::context::Surroundings;
use crate::groups::{self, Gap};
use crate::labels::Labels;
use crate::{Finding, Level, neighbours, shapes, weigh};

/// What stands in place of a number.
const MASK: &str = "●●●● ●●●● ●●●●";

/// The text with every number of `findings` of level likely or above replaced, however it is written.
#[must_use]
pub fn mask(text: &str, findings: &[Finding]) -> String {
    replaced(text, spans_of(text, findings))
}

/// Where in the text numbers of `findings` of level likely or above stand, each from its first to its last digit with
/// what separates them, as ranges of bytes that do not overlap.
#[must_use]
pub fn places_of(text: &str, findings: &[Finding]) -> Vec<std::ops::Range<usize>> {
    let mut places: Vec<std::ops::Range<usize>> = Vec::new();
    for (start, end) in spans_of(text, findings) {
        match places.last_mut() {
            Some(last) if start < last.end => last.end = last.end.max(end),
            _ => places.push(start..end),
        }
    }
    places
}

fn spans_of(text: &str, findings: &[Finding]) -> Vec<(usize, usize)> {
    let sure = findings.iter().filter(|finding| finding.level >= Level::Likely);
    let values: Vec<&str> = sure.map(|finding| finding.value.reveal()).collect();
    if values.is_empty() {
        return Vec::new();
    }
    let mut found = spans(text, &values);
    if values.iter().any(|value| value.starts_with('0')) {
        found.extend(without_zeros(text, &values));
        found.sort_unstable();
    }
    found
}

/// Where cells hold the values without the zeros that they begin with.
fn without_zeros(text: &str, values: &[&str]) -> Vec<(usize, usize)> {
    let is = |one: &shapes::Candidate, value: &str| value.bytes().eq(one.digits.iter().map(|digit| b'0' + digit));
    let cells = shapes::candidates(text).into_iter().filter(|one| one.shape == shapes::Shape::Padded);
    cells.filter(|one| values.iter().any(|value| is(one, value))).map(|one| (one.start, one.end)).collect()
}

/// The text with every My Number and every card replaced that the text itself shows to be one, of level likely or above.
#[must_use]
pub fn mask_numbers(text: &str) -> String {
    let cards = neighbours::cards(text);
    let candidates = shapes::candidates(text);
    if candidates.is_empty() && cards.is_empty() {
        return text.to_owned();
    }
    let labels = Labels::default();
    let seen = labels.seen(text);
    let around = Surroundings { subject: seen, name: seen };
    let weighed = weigh::weighed(text, &candidates, &labels, &around);
    let likely = weighed.iter().filter(|(_, hit)| hit.level >= Level::Likely);
    let mut spans: Vec<(usize, usize)> = likely.map(|(candidate, _)| (candidate.start, candidate.end)).collect();
    spans.extend(cards);
    spans.sort_unstable();
    replaced(text, spans)
}

/// The text with every twelve digits replaced that pass the check of a My Number, whatever stands beside them: for a
/// subject before eyes that are not its author's, where the words that make it one stand elsewhere in the mail.
#[must_use]
pub fn mask_every_number(text: &str) -> String {
    let candidates = shapes::candidates(text);
    replaced(text, candidates.iter().filter(|one| one.passes).map(|one| (one.start, one.end)).collect())
}

/// Where the digits of a value stand one after the other with nothing but separators in between.
fn spans(text: &str, values: &[&str]) -> Vec<(usize, usize)> {
    let groups = groups::groups(text);
    let mut run: Vec<(char, usize, usize)> = Vec::new();
    let mut out = Vec::new();
    for (at, group) in groups.iter().enumerate() {
        let written = text.get(group.start..group.end).unwrap_or_default();
        for (offset, c) in written.char_indices() {
            if let Some((value, _)) = crate::digits::digit(c) {
                let start = group.start + offset;
                run.push((char::from(b'0' + value % 10), start, start + c.len_utf8()));
            }
        }
        let joined = groups.get(at + 1).is_some_and(|next| groups::gap(text, group, next) != Gap::Break);
        if !joined {
            out.extend(values.iter().flat_map(|value| in_run(&run, value)));
            run.clear();
        }
    }
    out.sort_unstable();
    out
}

fn in_run(run: &[(char, usize, usize)], value: &str) -> Vec<(usize, usize)> {
    let windows = run.windows(value.len().max(1));
    let same = windows.filter(|window| window.iter().map(|(digit, ..)| *digit).eq(value.chars()));
    same.filter_map(|window| Some((window.first()?.1, window.last()?.2))).collect()
}

fn replaced(text: &str, spans: Vec<(usize, usize)>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for (start, end) in spans {
        if start < done {
            continue;
        }
        out.push_str(text.get(done..start).unwrap_or_default());
        out.push_str(MASK);
        done = end;
    }
    out.push_str(text.get(done..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Place, Segment, find};

    #[test]
    fn a_known_number_is_masked_in_every_form() {
        let body = Segment { place: Place::Body, part: "1", inner: "", name: None, text: "個人番号 123456789018" };
        let found = find(&[body], &Labels::default());
        for text in [
            "123456789018",
            "1234-5678-9018",
            "１２３４　５６７８　９０１８",
            "1 2 3 4 5 6 7 8 9 0 1 8",
            "①②③④⑤⑥⑦⑧⑨⓪①⑧",
        ] {
            assert_eq!(mask(&format!("件名 {text} の件"), &found), format!("件名 {MASK} の件"), "{text}");
        }
        assert_eq!(mask("2345-6789-0123", &found), "2345-6789-0123");
    }

    #[test]
    fn a_number_that_lost_its_zero_in_a_cell_is_masked() {
        let text = "氏名\u{1f}個人番号\n青葉\u{1f}\u{1e}23456789013\n";
        let sheet = Segment { place: Place::Attachment, part: "2", inner: "", name: None, text };
        let found = find(&[sheet], &Labels::default());
        assert_eq!(mask(text, &found), format!("氏名\u{1f}個人番号\n青葉\u{1f}\u{1e}{MASK}\n"));
        assert_eq!(mask("TEL 23456789013", &found), "TEL 23456789013", "elsewhere eleven digits are no such number");
    }

    #[test]
    fn places_are_told_from_the_first_digit_to_the_last() {
        let text = "個人番号 1234-5678-9018 と 4-1";
        let body = Segment { place: Place::Body, part: "1", inner: "", name: None, text };
        let places = places_of(text, &find(&[body], &Labels::default()));
        assert_eq!(places.iter().map(|place| &text[place.clone()]).collect::<Vec<_>>(), ["1234-5678-9018"]);
        assert!(places_of(text, &[]).is_empty());
    }

    #[test]
    fn a_subject_is_masked_by_its_own_words() {
        assert_eq!(mask_numbers("【至急】個人番号 1234 5678 9018"), format!("【至急】個人番号 {MASK}"));
        assert_eq!(mask_numbers("年末調整 123456789018 と 4-1"), format!("年末調整 {MASK} と 4-1"));
        assert_eq!(mask_numbers("注文番号 1234 5678 9018"), "注文番号 1234 5678 9018");
        assert_eq!(mask_numbers("会議のご案内"), "会議のご案内");
        assert_eq!(mask_numbers("カード 4111-1111-1111-1111 の件"), format!("カード {MASK} の件"));
    }

    #[test]
    fn before_other_eyes_every_number_that_passes_the_check_is_masked() {
        for (text, masked) in [
            ("MN 1234 5678 9018", format!("MN {MASK}")),
            ("注文番号 1234-5678-9018 と 4-1", format!("注文番号 {MASK} と 4-1")),
            ("123456789019", "123456789019".to_owned()),
            ("会議のご案内", "会議のご案内".to_owned()),
        ] {
            assert_eq!(mask_every_number(text), masked);
        }
    }
}
