//! Conditions on the words of a mail: dictionaries, wildcards, regular expressions. All run in linear time.

use std::ops::Range;

use aho_corasick::AhoCorasick;
use regex::Regex;
use unicode_normalization::UnicodeNormalization;

use crate::expression::{BadExpression, pattern};
use crate::facts::TextFact;
use crate::mistake::Mistake;
use crate::rule::Spot;

/// The dictionaries that come with the program, by name.
const DICTIONARIES: [(&str, &str); 2] =
    [("個人番号語", include_str!("words/my_number.txt")), ("本人確認語", include_str!("words/identity.txt"))];

/// How words are looked for.
#[derive(Debug, Clone)]
pub(crate) enum Matcher {
    Words(AhoCorasick),
    Pattern(Regex),
}

/// One condition on texts.
#[derive(Debug, Clone)]
pub(crate) struct TextTest {
    pub matcher: Matcher,
    /// Where it looks; everywhere when empty.
    pub places: Vec<Spot>,
    /// What it looks for, as the file says it: a dictionary's name or the words themselves.
    pub told: Vec<String>,
}

impl TextTest {
    /// Whether any of `texts` matches.
    pub fn matches(&self, texts: &[TextFact]) -> bool {
        let looked_at = |fact: &TextFact| self.places.is_empty() || self.places.contains(&Spot::of(&fact.place));
        texts.iter().filter(|fact| looked_at(fact)).any(|fact| match &self.matcher {
            Matcher::Words(words) => words.is_match(fact.normal()),
            Matcher::Pattern(pattern) => pattern.is_match(fact.normal()),
        })
    }
}

/// The names of the dictionaries.
pub(crate) fn dictionary_names() -> Vec<&'static str> {
    DICTIONARIES.iter().map(|(name, _)| *name).collect()
}

/// The words of the dictionary `name`.
pub(crate) fn dictionary(name: &str) -> Option<Vec<String>> {
    let (_, words) = DICTIONARIES.iter().find(|(known, _)| *known == name)?;
    Some(words.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).map(normal).collect())
}

/// A matcher for any of `words`.
pub(crate) fn words(words: &[String]) -> Result<Matcher, Mistake> {
    let words: Vec<String> = words.iter().map(|word| normal(word)).collect();
    if words.is_empty() || words.iter().any(String::is_empty) {
        return Err(Mistake::EmptyWord);
    }
    AhoCorasick::new(words)
        .map(Matcher::Words)
        .map_err(|_| Mistake::BadPattern("keyword".to_owned(), BadExpression::TooLarge))
}

/// Where a regular expression matches in a text, as rules look for it: in the normal form of the text, which is given with
/// the places, as ranges of its bytes; of more than `most` matches the first.
///
/// # Errors
/// Why it is no pattern.
pub fn matches(expression: &str, text: &str, most: usize) -> Result<(String, Vec<Range<usize>>), BadExpression> {
    let (pattern, text) = (pattern(expression)?, normal(text));
    let found = pattern.find_iter(&text).filter(|found| !found.is_empty()).take(most).map(|found| found.range());
    let found = found.collect();
    Ok((text, found))
}

/// A pattern in which `*` stands for any characters of a line and `?` for one. `whole` must fit from end to end.
pub(crate) fn wildcard(text: &str, whole: bool) -> Result<Regex, BadExpression> {
    let mut out = String::new();
    for c in normal(text).chars() {
        match c {
            '*' => out.push_str(".*"),
            '?' => out.push('.'),
            c => out.push_str(&regex::escape(c.encode_utf8(&mut [0; 4]))),
        }
    }
    pattern(&if whole { format!("^(?:{out})$") } else { out })
}

/// NFKC, lower case, without the blanks and line ends that fold Japanese words in two.
pub(crate) fn normal(text: &str) -> String {
    let folded: String = if text.is_ascii() { text.to_owned() } else { text.nfkc().collect() };
    let lower = folded.to_lowercase();
    if lower.is_ascii() {
        return lower;
    }
    let mut out = String::with_capacity(lower.len());
    let mut blanks = String::new();
    let mut last = ' ';
    for c in lower.chars() {
        if c.is_whitespace() {
            blanks.push(c);
            continue;
        }
        if last.is_ascii() || c.is_ascii() {
            out.push_str(&blanks);
        }
        blanks.clear();
        out.push(c);
        last = c;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_are_shown_in_the_text_that_rules_read() {
        let (text, found) = matches("見積.?書", "お見積 書です。ミツモリ、見積書", 9).unwrap();
        let found: Vec<&str> = found.into_iter().map(|range| &text[range]).collect();
        assert_eq!(found, ["見積書", "見積書"], "{text}");
        assert_eq!(matches("A+", "aaa b ＡＡ", 1).unwrap().1.first(), Some(&(0..3)));
        assert!(matches("x*", "abc", 9).unwrap().1.is_empty(), "a match of nothing is none");
        assert!(matches("(", "abc", 9).is_err());
        assert!(matches(&"a".repeat(2_001), "abc", 9).is_err());
    }

    /// What backtracking engines never finish takes no time here.
    #[test]
    fn no_pattern_takes_long() {
        let began = std::time::Instant::now();
        let text = "a".repeat(100_000) + "!";
        assert_eq!(matches("(a+)+$", &text, 9).unwrap().1.len(), 0);
        assert!(began.elapsed() < std::time::Duration::from_secs(5));
    }
}
