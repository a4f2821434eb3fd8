//! A mail as the index takes it in and as it keeps it: folded, with the digits of hidden numbers replaced.

use std::fmt;
use std::ops::Range;

use ring::hmac;
use serde::{Deserialize, Serialize};

use crate::fold::folded;
use crate::tokens::HIDDEN;

/// Digits that are hashed together: as many as a My Number has.
pub(crate) const WINDOW: usize = 12;
/// Most bytes of text that are kept of one mail; what is longer is not indexed but read at every search.
pub const LONGEST_TEXT: usize = 8 << 20;
/// Bytes of a hash of digits.
pub(crate) const HASH: usize = 8;

/// A text, and where numbers stand in it that must not be kept in plain form. Its `Debug` shows none of it.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Passage {
    /// The text, not folded.
    pub text: String,
    /// Ranges of bytes, ascending.
    pub hidden: Vec<Range<usize>>,
}

impl fmt::Debug for Passage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Passage({} bytes, {} hidden)", self.text.len(), self.hidden.len())
    }
}

impl From<String> for Passage {
    fn from(text: String) -> Self {
        Self { text, hidden: Vec::new() }
    }
}

/// A mail as it is searched. Its `Debug` shows no text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Document {
    /// Header fields: name in capitals, value.
    pub fields: Vec<(String, Passage)>,
    /// Texts: bodies, attached mails, the texts of files.
    pub texts: Vec<Passage>,
}

/// What of a mail is not kept as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Veil {
    /// Nothing.
    None,
    /// Digits: what has no digit is found as ever.
    Digits,
    /// More than digits: only the mail itself can tell.
    More,
}

/// A mail as the index keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Kept {
    /// Header fields: name in capitals, value folded.
    pub(crate) fields: Vec<(String, String)>,
    /// Texts, folded.
    pub(crate) texts: Vec<String>,
}

/// The kept form, what is hidden in it, and the hashes of the hidden digits.
pub(crate) struct Prepared {
    pub(crate) kept: Kept,
    pub(crate) veil: Veil,
    pub(crate) hashes: Vec<[u8; HASH]>,
}

/// Makes the hashes of digits; keyed, so that nobody finds a number by trying them all.
#[derive(Clone)]
pub(crate) struct Hasher(hmac::Key);

impl Hasher {
    pub(crate) fn new(key: &blobs::RecordKey) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key.expose()))
    }
    fn hash(&self, digits: &[u8]) -> [u8; HASH] {
        let tag = hmac::sign(&self.0, digits);
        tag.as_ref().first_chunk().copied().unwrap_or_default()
    }
    /// The hashes of all windows of the digits of a text that is sought, whatever separates them.
    pub(crate) fn sought(&self, text: &str) -> Vec<[u8; HASH]> {
        let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_digit).collect();
        digits.windows(WINDOW).map(|window| self.hash(window)).collect()
    }
}

/// Folds a mail and hides its numbers.
pub(crate) fn prepare(document: &Document, hasher: &Hasher) -> Prepared {
    let mut prepared = Prepared { kept: Kept::default(), veil: Veil::None, hashes: Vec::new() };
    for (name, value) in &document.fields {
        let text = prepared.veiled(value, hasher);
        prepared.kept.fields.push((name.clone(), text));
    }
    for passage in &document.texts {
        let text = prepared.veiled(passage, hasher);
        prepared.kept.texts.push(text);
    }
    prepared.hashes.sort_unstable();
    prepared.hashes.dedup();
    prepared
}

impl Prepared {
    fn veiled(&mut self, passage: &Passage, hasher: &Hasher) -> String {
        let (text, digits) = if passage.hidden.is_empty() && !passage.text.contains(HIDDEN) {
            return folded(&passage.text);
        } else {
            self.hide(passage)
        };
        let text = folded(&text);
        let mut hidden = digits.into_iter();
        let sequence: Vec<(u8, bool)> = text
            .chars()
            .filter_map(|c| match c {
                HIDDEN => Some((hidden.next().unwrap_or(b'?'), true)),
                '0'..='9' => Some((u8::try_from(c).unwrap_or(b'?'), false)),
                _ => None,
            })
            .collect();
        let touched = sequence.windows(WINDOW).filter(|window| window.iter().any(|(_, hidden)| *hidden));
        let hashes = touched.map(|window| hasher.hash(&window.iter().map(|(digit, _)| *digit).collect::<Vec<_>>()));
        self.hashes.extend(hashes);
        text
    }

    /// The text with a placeholder for each hidden digit, and these digits.
    fn hide(&mut self, passage: &Passage) -> (String, Vec<u8>) {
        let (mut text, mut digits, mut done) = (String::with_capacity(passage.text.len()), Vec::new(), 0);
        self.veil = self.veil.max(Veil::Digits);
        if passage.text.contains(HIDDEN) {
            self.veil = Veil::More;
        }
        for range in &passage.hidden {
            text.push_str(passage.text.get(done..range.start).unwrap_or_default());
            for c in passage.text.get(range.clone()).unwrap_or_default().chars() {
                self.hide_char(c, &mut text, &mut digits);
            }
            done = range.end;
        }
        text.push_str(passage.text.get(done..).unwrap_or_default());
        (text, digits)
    }

    fn hide_char(&mut self, c: char, text: &mut String, digits: &mut Vec<u8>) {
        let plain = folded(c.encode_utf8(&mut [0; 4]));
        if plain.bytes().all(|b| b.is_ascii_digit()) {
            text.extend(plain.chars().map(|_| HIDDEN));
            digits.extend(plain.bytes());
        } else if c.is_alphanumeric() || c == HIDDEN {
            // kanji numerals, letters that stand for digits
            text.push(HIDDEN);
            digits.push(b'?');
            self.veil = Veil::More;
        } else {
            text.push(c);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hasher() -> Hasher {
        Hasher::new(&blobs::RecordKey::new([3; 32]))
    }
    fn prepared(text: &str, hidden: &[&str]) -> Prepared {
        let hidden = hidden.iter().map(|part| text.find(part).map(|at| at..at + part.len()).unwrap()).collect();
        let passage = Passage { text: text.into(), hidden };
        prepare(&Document { fields: Vec::new(), texts: vec![passage] }, &hasher())
    }

    #[test]
    fn no_digit_of_a_hidden_number_is_kept() {
        for number in ["1234 5678 9018", "１２３４-５６７８-９０１８", "①②③④⑤⑥⑦⑧⑨⓪①⑧", "一二三四五六七八九〇一八"]
        {
            let prepared = prepared(&format!("番号 {number} 令和7年"), &[number]);
            let kept = &prepared.kept.texts[0];
            let middle = kept.strip_prefix("番号 ").and_then(|rest| rest.strip_suffix(" 令和7年")).unwrap();
            assert!(!middle.contains(char::is_alphanumeric), "{kept}");
        }
    }

    #[test]
    fn whatever_is_sought_with_twelve_digits_of_a_hidden_number_has_one_of_its_hashes() {
        let prepared = prepared("電話 03-1 番号 1234 5678 9018 年 2025", &["1234 5678 9018"]);
        assert_eq!(prepared.veil, Veil::Digits);
        for sought in ["123456789018", "1234-5678-9018", "1 番号 1234 5678 901", "9018 年 2025", "56789018年2025"] {
            let found = hasher().sought(sought).iter().any(|hash| prepared.hashes.contains(hash));
            assert_eq!(found, sought.bytes().filter(u8::is_ascii_digit).count() >= WINDOW, "{sought}");
        }
        assert!(!hasher().sought("123456789017").iter().any(|hash| prepared.hashes.contains(hash)));
    }
}
