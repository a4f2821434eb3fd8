//! Text as labels are compared: one width, one case, no spaces, with the way back to the original.

use unicode_normalization::char::{compose, decompose_compatible};

use crate::digits;

/// A folded line and, for each of its bytes, the byte offset in the original.
#[derive(Default)]
pub(crate) struct Folded {
    /// The folded text.
    pub text: String,
    origins: Vec<u32>,
}

impl Folded {
    /// Folds `line`, which begins at byte `offset` of its text, into this buffer.
    pub(crate) fn fill(&mut self, line: &str, offset: usize) {
        self.text.clear();
        self.origins.clear();
        for (at, c) in line.char_indices() {
            let origin = u32::try_from(offset + at).unwrap_or(u32::MAX);
            if c.is_ascii() {
                if !is_dropped(c) {
                    self.text.push(c.to_ascii_lowercase());
                    self.origins.push(origin);
                }
            } else if matches!(c, 'ァ'..='ヺ' | 'ー' | 'ぁ'..='ゖ' | '一'..='鿿') {
                self.push(c, origin);
            } else if !is_dropped(c) {
                decompose_compatible(c, |part| self.compat(part, origin));
            }
        }
    }

    /// The byte offset in the original of a byte offset in the folded text.
    pub(crate) fn origin(&self, at: usize) -> usize {
        self.origins.get(at).map_or(0, |&origin| origin as usize)
    }

    fn compat(&mut self, c: char, origin: u32) {
        let joined = matches!(c, '\u{3099}' | '\u{309A}')
            .then(|| self.text.chars().next_back().and_then(|last| compose(last, c)))
            .flatten();
        match joined {
            Some(joined) => {
                if let Some(last) = self.text.pop() {
                    self.origins.truncate(self.origins.len().saturating_sub(last.len_utf8()));
                }
                self.push(joined, origin);
            }
            None if is_dropped(c) => {}
            None => c.to_lowercase().for_each(|lower| self.push(lower, origin)),
        }
    }

    fn push(&mut self, c: char, origin: u32) {
        self.text.push(c);
        self.origins.extend(std::iter::repeat_n(origin, c.len_utf8()));
    }
}

/// What labels may be spelled with or without: spaces, underscores, hyphens, middle dots.
fn is_dropped(c: char) -> bool {
    c.is_whitespace()
        || digits::is_invisible(c)
        || matches!(c, '_' | '＿' | '-' | '‐' | '‑' | '–' | '－' | '・' | '･' | '·')
}

/// The folded form of a label.
pub(crate) fn folded(label: &str) -> String {
    let mut out = Folded::default();
    out.fill(label, 0);
    out.text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_a_label_fold_to_one() {
        for text in ["マイナンバー", "ﾏｲﾅﾝﾊﾞｰ", "マイ・ナンバー", "マ イ ナ ン バ ー"]
        {
            assert_eq!(folded(text), "マイナンバー", "{text}");
        }
        for text in ["My Number", "MyNumber", "my_number", "ＭＹ　ＮＵＭＢＥＲ", "my-number"] {
            assert_eq!(folded(text), "mynumber", "{text}");
        }
    }

    #[test]
    fn offsets_lead_back() {
        let mut line = Folded::default();
        line.fill("あ ﾊﾞ個人", 10);
        assert_eq!(line.text, "あバ個人");
        assert_eq!(line.origin(0), 10);
        assert_eq!(line.origin("あバ".len()), 10 + "あ ﾊﾞ".len());
    }
}
