//! Text as people look for it: full and half width, capitals and small letters, katakana and hiragana are the same
//! (web-design.md 2.3).

use types::Address;
use unicode_normalization::UnicodeNormalization as _;

/// The form in which texts are compared: NFKC, small letters, hiragana.
#[must_use]
pub fn fold(text: &str) -> String {
    text.nfkc().flat_map(char::to_lowercase).map(hiragana).collect()
}

fn hiragana(c: char) -> char {
    match c {
        'ァ'..='ヶ' => char::from_u32(u32::from(c) - 0x60).unwrap_or(c),
        c => c,
    }
}

/// What somebody is found by: the words of his name and department, his address, and its parts as words of their own.
/// Every word has a blank before it.
#[must_use]
pub fn search_text(words: &[&str], address: &Address) -> String {
    let (words, address) = (fold(&words.join(" ")), fold(&address.key()));
    let parts: String = address.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    format!(" {words} {address} {parts}")
}

/// What is looked for in a [`search_text`]: a word's beginning for Latin letters and digits, anything for the rest,
/// since Japanese is written without blanks. Empty for nothing.
#[must_use]
pub fn needle(typed: &str) -> String {
    let folded = fold(typed.trim());
    if folded.is_ascii() && !folded.is_empty() { format!(" {folded}") } else { folded }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_type_finds_what_they_mean() {
        let text = search_text(&["山田 タロウ", "営業部"], &Address::parse("Taro.Yamada@minato.example").unwrap());
        for typed in
            ["山田", "たろう", "ﾀﾛｳ", "田 たろ", "taro.y", "TARO", "ｙａｍａ", "minato", "営業", "taro.yamada@minato"]
        {
            assert!(text.contains(&needle(typed)), "{typed} in {text}");
        }
        for typed in ["aro", "inato", "佐藤", "taroy"] {
            assert!(!text.contains(&needle(typed)), "{typed} in {text}");
        }
        assert_eq!(needle(" \u{3000} "), "");
    }
}
