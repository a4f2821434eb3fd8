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
    use super::*;

    #[test]
    fn case_and_form_do_not_count() {
        assert_eq!(casemap("Straße ﾃｽﾄ がＡ"), casemap("strAße テスト がa"));
        assert_eq!(casemap("é"), casemap("E\u{301}"));
        assert!(casemap("apple") < casemap("Banana"));
    }
}
