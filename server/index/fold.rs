//! How texts are compared in every search: width, compatibility forms, kana and case do not count.

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

/// The text as it is compared: NFKC, lower case, katakana as hiragana. What is searched and what is sought are both
/// folded, and then one holds the other or not.
#[must_use]
pub fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut out = String::with_capacity(text.len());
    // most Japanese text is in that form already, and asking is a fifth of the work
    if is_nfkc_quick(text.chars()) == IsNormalized::Yes {
        out.extend(text.chars().flat_map(char::to_lowercase).map(hiragana));
    } else {
        out.extend(text.nfkc().flat_map(char::to_lowercase).map(hiragana));
    }
    out
}

/// ァ to ヶ and the iteration marks have hiragana 0x60 before them.
fn hiragana(c: char) -> char {
    match c {
        'ァ'..='ヶ' | 'ヽ' | 'ヾ' => char::from_u32(u32::from(c) - 0x60).unwrap_or(c),
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn width_kana_and_case_do_not_count() {
        for (one, other) in [
            ("ﾃｽﾄ", "テスト"),
            ("テスト", "てすと"),
            ("ｶﾞｽ", "がす"),
            ("ＡＢＣ１２", "abc12"),
            ("ヴァイオリン", "ゔぁいおりん"),
            ("㈱青葉", "(株)青葉"),
            ("ÄÖ", "äö"),
            ("いすゞ", "イスヾ"),
        ] {
            assert_eq!(folded(one), folded(other), "{one} {other}");
        }
        assert_ne!(folded("ー"), folded("-"));
    }
}
