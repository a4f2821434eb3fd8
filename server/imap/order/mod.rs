//! How messages are put in order and into threads (RFC 5256). Pure: what is known of the messages in, numbers out.

pub(crate) mod subject;
pub(crate) mod thread;

use unicode_normalization::UnicodeNormalization;

/// A text as i;unicode-casemap compares it (RFC 5051): capitals, decomposed.
pub(crate) fn casemap(text: &str) -> String {
    text.chars().map(capital).nfkd().collect()
}

/// The capital of a letter that has one of one letter.
fn capital(letter: char) -> char {
    let mut capitals = letter.to_uppercase();
    match (capitals.next(), capitals.next()) {
        (Some(capital), None) => capital,
        _ => letter,
    }
}

#[cfg(test)]
mod tests {
    use index::folded;
    use proptest::prelude::*;

    use super::*;

    /// Pieces of texts in which letters, capitals, widths and marks meet; kana with marks stand in decision 033.
    fn pieces() -> impl Strategy<Value = Vec<&'static str>> {
        let some = prop::sample::select(vec![
            "a", "e", "I", "Z", " ", "1", "é", "E\u{301}", "ß", "ẞ", "ς", "σ", "Σ", "ı", "İ", "Ä", "ǆ", "ǅ", "ﬁ", "Ａ",
            "ｅ", "ﾃ", "テ", "㈱", "株", "見積", "한", "①", "Ж", "ж", "Ё", "ё", "ﾉ", "ー", "ᾳ", "Å", "Ω",
        ]);
        proptest::collection::vec(some, 0..12)
    }

    proptest! {
        /// RFC 5255 4.4: SEARCH compares by i;unicode-casemap; ours finds that and more.
        #[test]
        fn what_the_casemap_finds_a_search_finds(held in pieces(), from in 0usize..12, count in 0usize..5, other in pieces()) {
            let slice: String = held.iter().skip(from).take(count).copied().collect();
            let sought = [slice.to_lowercase(), slice.to_uppercase(), slice, other.concat()];
            let held = held.concat();
            for sought in sought.iter().filter(|sought| casemap(&held).contains(&casemap(sought))) {
                prop_assert!(folded(&held).contains(&folded(sought)), "{} in {}", sought, held);
            }
        }
    }

    #[test]
    fn case_and_form_do_not_count() {
        assert_eq!(casemap("Straße ﾃｽﾄ がＡ"), casemap("strAße テスト がa"));
        assert_eq!(casemap("é"), casemap("E\u{301}"));
        assert!(casemap("apple") < casemap("Banana"));
    }
}
