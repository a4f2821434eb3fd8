//! How texts are compared in every search: width, compatibility forms, kana and case do not count.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::decompose_canonical;

/// The text as it is compared: NFKC, lower case, katakana as hiragana, and letters other than those of Japanese, Chinese
/// and Korean apart from their marks, as i;unicode-casemap (RFC 5051) has them: so `e` is found in `é`, but か not in が
/// (docs/decisions/033). What is searched and what is sought are both folded, and then one holds the other or not.
#[must_use]
pub fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut out = String::with_capacity(text.len());
    // where the last letter begins that had nothing to do with those before it, in the text and in what was made of it;
    // from `same` on the text is as it will be, and is copied when something else comes
    let (mut start, mut made, mut same) = (0, 0, 0);
    let mut letters = text.char_indices();
    while let Some((at, c)) = letters.next() {
        match alone(c) {
            Some(plain) if plain == c => (start, made) = (at, out.len() + at - same),
            Some(plain) => {
                out.push_str(text.get(same..at).unwrap_or_default());
                (start, made, same) = (at, out.len(), letters.offset());
                out.push(plain);
            }
            None => {
                // this one may join it, and more of them may follow
                while letters.clone().next().is_some_and(|(_, c)| alone(c).is_none()) {
                    letters.next();
                }
                let end = letters.offset();
                out.push_str(text.get(same..start).unwrap_or_default());
                out.truncate(made);
                text.get(start..end).unwrap_or_default().nfkc().for_each(|c| fold(c, &mut out));
                (start, made, same) = (end, out.len(), end);
            }
        }
    }
    out.push_str(text.get(same..).unwrap_or_default());
    out
}

/// What becomes of a letter that joins none before it: nearly all of a Japanese text, for which asking the tables of
/// Unicode would be most of the work.
fn alone(c: char) -> Option<char> {
    match c {
        '\0'..='\x7f' => Some(c.to_ascii_lowercase()),
        '\u{3041}'..='\u{3096}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' => Some(c),
        '\u{30a0}'..='\u{30fe}' | '\u{309d}' | '\u{309e}' => Some(hiragana(c)),
        '\u{3001}'..='\u{3029}' | '\u{3030}'..='\u{3035}' | '\u{3037}' | '\u{303b}'..='\u{303f}' => Some(c),
        '\u{3000}' => Some(' '),
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).map(|c| c.to_ascii_lowercase()),
        _ => None,
    }
}

fn fold(c: char, out: &mut String) {
    match c {
        '\0'..='\x7f' => out.push(c.to_ascii_lowercase()),
        '\u{3000}'..='\u{d7ff}' => out.push(hiragana(c)),
        _ => decompose_canonical(c, |part| out.extend(caseless(part).to_lowercase())),
    }
}

/// Letters that share one capital are the same: ς is σ, and ı is i.
fn caseless(letter: char) -> char {
    let mut capitals = letter.to_uppercase();
    match (capitals.next(), capitals.next()) {
        (Some(capital), None) => capital,
        _ => letter,
    }
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
    use proptest::prelude::*;
    use unicode_normalization::char::canonical_combining_class;
    use unicode_normalization::{IsNormalized, is_nfc_quick};

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
            ("ΟΔΟΣ", "οδος"),
            ("é", "E\u{301}"),
            ("ﾊﾟ", "は\u{309a}"),
        ] {
            assert_eq!(folded(one), folded(other), "{one} {other}");
        }
        assert_ne!(folded("ー"), folded("-"));
    }

    /// What folding means, letter by letter.
    fn slowly(text: &str) -> String {
        let mut out = String::new();
        text.nfkc().for_each(|c| fold(c, &mut out));
        out
    }

    #[test]
    fn a_letter_that_is_folded_alone_joins_none_before_it() {
        for c in ('\0'..=char::MAX).filter(|c| alone(*c).is_some()) {
            assert_eq!(alone(c).map(String::from), Some(slowly(&c.to_string())), "{c}");
            for part in c.to_string().nfkd().take(1) {
                assert_eq!(canonical_combining_class(part), 0, "{c}");
                assert_ne!(is_nfc_quick(std::iter::once(part)), IsNormalized::Maybe, "{c}");
            }
        }
    }

    proptest! {
        #[test]
        fn any_text_is_folded_as_its_letters_together_are(
            text in "([かカがｶﾞﾞﾟ゙゚ハヷ漢字 \u{3000}Ａaié\u{301}\u{323}\u{345}ßΣςİıﬁ①㈱…각가각〪゛ゟ]|[a-z]|\\PC|.){0,20}",
        ) {
            prop_assert_eq!(folded(&text), slowly(&text));
        }
    }

    #[test]
    fn a_letter_is_found_in_one_with_a_mark_but_no_kana_in_another() {
        for (held, sought, found) in [
            ("Café Noël", "noe", true),
            ("İzmir", "i", true),
            ("Ångström", "angstrom", false),
            ("が", "か", false),
            ("パス", "ハス", false),
            ("ｶﾞｽ", "か", false),
            ("각", "가", false),
        ] {
            assert_eq!(folded(held).contains(&folded(sought)), found, "{sought} in {held}");
        }
    }
}
