//! How texts are compared in every search: width, compatibility forms, kana and case do not count.

use unicode_normalization::char::decompose_canonical;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

/// The text as it is compared: NFKC, lower case, katakana as hiragana, and letters other than those of Japanese, Chinese
/// and Korean apart from their marks, as i;unicode-casemap (RFC 5051) has them: so `e` is found in `é`, but か not in が
/// (docs/decisions/033). What is searched and what is sought are both folded, and then one holds the other or not.
#[must_use]
pub fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut out = String::with_capacity(text.len());
    // most Japanese text is in that form already, and asking is a fifth of the work
    if is_nfkc_quick(text.chars()) == IsNormalized::Yes {
        text.chars().for_each(|c| fold(c, &mut out));
    } else {
        text.nfkc().for_each(|c| fold(c, &mut out));
    }
    out
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
