//! Characters as labels are compared: one width, one case, without spaces, hyphens and long vowels.

use unicode_normalization::char::{compose, decompose_compatible};

use crate::digits;

/// The most characters that one folds into; what is longer is cut.
const MOST: usize = 4;

/// What one character of a text folds into.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Folded {
    chars: [char; MOST],
    len: usize,
    /// Byte offset behind the character, and behind the mark that belongs to it.
    pub next: usize,
}

impl Folded {
    fn new(next: usize) -> Self {
        Self { chars: ['\0'; MOST], len: 0, next }
    }

    fn push(&mut self, c: char) {
        if let Some(place) = self.chars.get_mut(self.len) {
            *place = c;
            self.len += 1;
        }
    }

    /// The characters; none where the character does not count.
    pub(crate) fn chars(&self) -> &[char] {
        self.chars.get(..self.len).unwrap_or_default()
    }
}

/// Folds the character at byte `at`, with the sound mark of half-width kana behind it.
pub(crate) fn fold(text: &str, at: usize) -> Option<Folded> {
    let rest = text.get(at..)?;
    let c = rest.chars().next()?;
    let mut out = Folded::new(at + c.len_utf8());
    if c.is_ascii() {
        if !is_dropped(c) {
            out.push(c.to_ascii_lowercase());
        }
    } else if matches!(c, 'ぁ'..='ゖ' | '一'..='鿿') {
        out.push(c);
    } else if matches!(c, 'ァ'..='ヺ') {
        out.push(c);
        join_mark(rest, &mut out);
    } else if !is_dropped(c) {
        decompose_compatible(c, |part| {
            if !is_dropped(part) {
                part.to_lowercase().for_each(|lower| out.push(lower));
            }
        });
        join_mark(rest, &mut out);
    }
    Some(out)
}

/// Joins the sound mark behind a kana to it: half-width kana and what older programs made of them write it apart.
fn join_mark(rest: &str, out: &mut Folded) {
    let mark = match rest.chars().nth(1) {
        Some('ﾞ' | '゛' | '\u{3099}') => '\u{3099}',
        Some('ﾟ' | '゜' | '\u{309A}') => '\u{309A}',
        _ => return,
    };
    let last = out.len.checked_sub(1).and_then(|at| out.chars.get_mut(at));
    if let Some((last, joined)) = last.and_then(|last| compose(*last, mark).map(|joined| (last, joined))) {
        *last = joined;
        out.next += 3;
    }
}

/// What labels may be spelled with or without: spaces, hyphens, long vowels, middle dots, accents.
fn is_dropped(c: char) -> bool {
    if c.is_ascii() {
        return matches!(c, ' ' | '_' | '-' | crate::NUMBER);
    }
    c.is_whitespace()
        || digits::is_invisible(c)
        || matches!(c, '＿' | '‐'..='―' | '−' | '－' | 'ー' | 'ｰ' | '・' | '･' | '·' | '\u{300}'..='\u{36F}')
}

/// The folded form of a label, or of a text in which words are looked for that are folded too.
#[must_use]
pub fn folded(label: &str) -> String {
    let (mut out, mut at) = (String::new(), 0);
    while let Some(one) = fold(label, at) {
        out.extend(one.chars());
        at = one.next;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_a_label_fold_to_one() {
        for text in [
            "マイナンバー",
            "ﾏｲﾅﾝﾊﾞｰ",
            "マイ・ナンバー",
            "マ イ ナ ン バ ー",
            "マイナンバ",
            "マイナンバ―",
            "マイナンバ-",
            "マイナンバｰ",
            "マイナンハ゛ー",
        ] {
            assert_eq!(folded(text), "マイナンバ", "{text}");
        }
        for text in ["My Number", "MyNumber", "my_number", "ＭＹ　ＮＵＭＢＥＲ", "my-number"] {
            assert_eq!(folded(text), "mynumber", "{text}");
        }
        for (text, want) in [("個人№", "個人no"), ("kojin bangō", "kojinbango"), ("㈱", "(株)"), ("ﾎﾟﾝﾄﾞ", "ポンド")]
        {
            assert_eq!(folded(text), want, "{text}");
        }
    }

    #[test]
    fn offsets_lead_behind_the_mark() {
        assert_eq!(fold("ﾊﾞ個", 0).map(|one| one.next), Some("ﾊﾞ".len()));
        assert!(fold("個", 3).is_none());
    }
}
