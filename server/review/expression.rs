//! What can be wrong with a regular expression, in Japanese and English: the parser of the library says where and what kind
//! of mistake it is, its own words are English. It knows no rule and no page.

use regex::{Regex, RegexBuilder};
use regex_syntax::ast::{ErrorKind, parse};
use types::Language;

/// Longest expression, characters.
pub(crate) const MOST: usize = 2_000;
/// A compiled expression may take so many bytes.
const MOST_BYTES: usize = 4 << 20;

/// Why a text is no expression that rules can run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BadExpression {
    /// It has more than [`MOST`] characters.
    TooLong,
    /// It would take more memory than one may.
    TooLarge,
    /// It is written wrongly: what, and at which character, counted from one.
    At(Slip, usize),
}

/// How an expression is written wrongly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slip {
    /// A bracket, brace or parenthesis that is not closed.
    Unclosed,
    /// A closing parenthesis without one that opens.
    Unopened,
    /// A repetition of nothing, or a wrong number of times.
    Repetition,
    /// A range of characters that runs backwards or has no ends.
    Range,
    /// A backslash before something that has no meaning.
    Escape,
    /// A look at what stands before or behind, which takes more than linear time.
    LookAround,
    /// What was matched before, again; the same.
    BackReference,
    /// Another mistake.
    Other,
}

impl BadExpression {
    /// What is wrong, for people.
    #[must_use]
    pub fn told(&self, language: Language) -> String {
        match (self, language) {
            (Self::TooLong, Language::Ja) => format!("{MOST}文字以内で指定してください"),
            (Self::TooLong, Language::En) => format!("longer than {MOST} characters"),
            (Self::TooLarge, Language::Ja) => "繰り返しが多く、大きくなりすぎます".to_owned(),
            (Self::TooLarge, Language::En) => "too large: it repeats too much".to_owned(),
            (Self::At(slip, at), Language::Ja) => format!("{at}文字目:{}", slip.told(language)),
            (Self::At(slip, at), Language::En) => format!("character {at}: {}", slip.told(language)),
        }
    }
}

impl Slip {
    fn told(self, language: Language) -> &'static str {
        let (ja, en) = match self {
            Self::Unclosed => ("かっこが閉じられていません", "a bracket is not closed"),
            Self::Unopened => ("対応する開きかっこがありません", "nothing opens what is closed here"),
            Self::Repetition => {
                ("繰り返し(*、+、?、{ })の対象または回数が正しくありません", "nothing to repeat, or no number of times")
            }
            Self::Range => ("文字の範囲([ ] の中)が正しくありません", "not a range of characters"),
            Self::Escape => ("「\\」の後の文字が正しくありません", "the backslash has no meaning here"),
            Self::LookAround => ("先読み・後読みは使えません", "look-around is not available"),
            Self::BackReference => ("後方参照は使えません", "back references are not available"),
            Self::Other => ("書き方が正しくありません", "not a regular expression"),
        };
        if language == Language::Ja { ja } else { en }
    }

    fn of(kind: &ErrorKind) -> Self {
        match kind {
            ErrorKind::ClassUnclosed
            | ErrorKind::GroupUnclosed
            | ErrorKind::RepetitionCountUnclosed
            | ErrorKind::GroupNameUnexpectedEof
            | ErrorKind::FlagUnexpectedEof
            | ErrorKind::SpecialWordBoundaryUnclosed => Self::Unclosed,
            ErrorKind::GroupUnopened => Self::Unopened,
            ErrorKind::RepetitionMissing
            | ErrorKind::RepetitionCountInvalid
            | ErrorKind::RepetitionCountDecimalEmpty
            | ErrorKind::DecimalEmpty
            | ErrorKind::DecimalInvalid => Self::Repetition,
            ErrorKind::ClassRangeInvalid | ErrorKind::ClassRangeLiteral | ErrorKind::ClassEscapeInvalid => Self::Range,
            ErrorKind::EscapeUnrecognized
            | ErrorKind::EscapeUnexpectedEof
            | ErrorKind::EscapeHexEmpty
            | ErrorKind::EscapeHexInvalid
            | ErrorKind::EscapeHexInvalidDigit
            | ErrorKind::UnicodeClassInvalid => Self::Escape,
            ErrorKind::UnsupportedLookAround => Self::LookAround,
            ErrorKind::UnsupportedBackreference => Self::BackReference,
            _ => Self::Other,
        }
    }
}

/// An expression, which reads the normal form of a text.
pub(crate) fn pattern(text: &str) -> Result<Regex, BadExpression> {
    if text.chars().count() > MOST {
        return Err(BadExpression::TooLong);
    }
    compiled(text)
}

/// One that was made of such, under the bound of memory alone.
pub(crate) fn compiled(text: &str) -> Result<Regex, BadExpression> {
    let built = RegexBuilder::new(text).case_insensitive(true).multi_line(true).size_limit(MOST_BYTES).build();
    built.map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => BadExpression::TooLarge,
        _ => slip(text),
    })
}

/// Where and how `text` is written wrongly. What the parser takes and the compiler does not, such as a class of Unicode that
/// there is not, is the whole expression's mistake.
fn slip(text: &str) -> BadExpression {
    match parse::Parser::new().parse(text) {
        Err(error) => {
            let before = text.get(..error.span().start.offset).map_or(0, |before| before.chars().count());
            BadExpression::At(Slip::of(error.kind()), before + 1)
        }
        Ok(_) => BadExpression::At(Slip::Other, 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistake_is_named_with_its_place_in_both_languages() {
        for (text, ja, en) in [
            ("見積(", "3文字目:かっこが閉じられていません", "character 3: a bracket is not closed"),
            ("a)", "2文字目:対応する開きかっこがありません", "character 2: nothing opens what is closed here"),
            (
                "*a",
                "1文字目:繰り返し(*、+、?、{ })の対象または回数が正しくありません",
                "character 1: nothing to repeat, or no number of times",
            ),
            ("[z-a]", "2文字目:文字の範囲([ ] の中)が正しくありません", "character 2: not a range of characters"),
            ("a\\", "2文字目:「\\」の後の文字が正しくありません", "character 2: the backslash has no meaning here"),
            ("(?=a)", "1文字目:先読み・後読みは使えません", "character 1: look-around is not available"),
            ("(a)\\1", "4文字目:後方参照は使えません", "character 4: back references are not available"),
            ("\\p{Nichts}", "1文字目:書き方が正しくありません", "character 1: not a regular expression"),
            ("(?:a{1000}){1000}", "繰り返しが多く、大きくなりすぎます", "too large: it repeats too much"),
        ] {
            let wrong = pattern(text).unwrap_err();
            assert_eq!((wrong.told(Language::Ja).as_str(), wrong.told(Language::En).as_str()), (ja, en), "{text}");
        }
        assert_eq!(pattern(&"あ".repeat(MOST + 1)).unwrap_err(), BadExpression::TooLong);
        assert!(pattern(&"あ".repeat(MOST)).is_ok());
    }
}
