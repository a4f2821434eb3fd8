//! What a character is to a number: a digit in one of the many ways to write it, a separator, or nothing.

/// How a digit is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Script {
    /// ASCII or full-width.
    Plain,
    /// Kanji numerals, positional.
    Kanji,
    /// Circled, raised, of another script: nobody writes numbers so by chance.
    Unusual,
}

/// The kinds of separators; two gaps of one kind make a regular number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Separator {
    /// Any dash, minus, long-vowel mark or ruled line.
    Hyphen,
    /// Any space.
    Space,
    /// Full stops and middle dots.
    Dot,
    /// Commas, Western and Japanese.
    Comma,
    /// Slashes and underscores.
    Slash,
    /// Vertical lines.
    Pipe,
    /// A closing and an opening bracket.
    Bracket,
    /// A cell border or a tab.
    Cell,
    /// Nothing but a line break.
    Line,
}

/// The zeros of the decimal digits (general category Nd) of other scripts; nine more follow each.
const ZEROS: [u32; 58] = [
    0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66, 0x0DE6, 0x0E50,
    0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50,
    0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0x104A0, 0x10D30, 0x11066, 0x110F0, 0x11136, 0x111D0,
    0x112F0, 0x11450, 0x114D0, 0x11650, 0x116C0, 0x11730, 0x118E0, 0x11950, 0x11C50, 0x11D50, 0x11DA0, 0x16A60,
    0x16AC0, 0x16B50, 0x1E140, 0x1E2F0, 0x1E950,
];

/// First and last of the series that run from 1 to 9: circled, in brackets, with a full stop, on black …
const ONE_TO_NINE: [u32; 9] = [0x2460, 0x2474, 0x2488, 0x24F5, 0x2776, 0x2780, 0x278A, 0x3220, 0x3280];

/// The value and the script of a digit. Signs of two digits, such as ⑩, are none: they number lists.
pub(crate) fn digit(c: char) -> Option<(u8, Script)> {
    let code = u32::from(c);
    match code {
        0x30..=0x39 => Some((value(code, 0x30), Script::Plain)),
        0..0xB2 | 0x3040..=0x30FF => None,
        0xFF10..=0xFF19 => Some((value(code, 0xFF10), Script::Plain)),
        0x3007 | 0x4E00..=0x9FFF => kanji(c).map(|value| (value, Script::Kanji)),
        _ => unusual(code).map(|value| (value, Script::Unusual)),
    }
}

fn value(code: u32, zero: u32) -> u8 {
    u8::try_from(code.saturating_sub(zero) % 10).unwrap_or_default()
}

fn kanji(c: char) -> Option<u8> {
    Some(match c {
        '〇' | '零' => 0,
        '一' | '壱' | '壹' => 1,
        '二' | '弐' | '貳' => 2,
        '三' | '参' | '參' => 3,
        '四' | '肆' => 4,
        '五' | '伍' => 5,
        '六' | '陸' => 6,
        '七' | '漆' => 7,
        '八' | '捌' => 8,
        '九' | '玖' => 9,
        _ => return None,
    })
}

fn unusual(code: u32) -> Option<u8> {
    if let Some(one) = ONE_TO_NINE.iter().find(|&&one| (one..one + 9).contains(&code)) {
        return Some(value(code, *one) + 1);
    }
    match code {
        0xB9 => Some(1),
        0xB2 => Some(2),
        0xB3 => Some(3),
        0x24EA | 0x24FF | 0x1F100 | 0x1F10B | 0x1F10C => Some(0),
        0x2070 | 0x2074..=0x2079 => Some(value(code, 0x2070)),
        0x2080..=0x2089 => Some(value(code, 0x2080)),
        0x1F101..=0x1F10A => Some(value(code, 0x1F101)),
        0x1D7CE..=0x1D7FF => Some(value(code, 0x1D7CE)),
        0x1FBF0..=0x1FBF9 => Some(value(code, 0x1FBF0)),
        _ => ZEROS.iter().find(|&&zero| (zero..zero + 10).contains(&code)).map(|&zero| value(code, zero)),
    }
}

/// Whether the character is not seen at all: format characters, variation selectors, the key of a keycap, and
/// [`crate::NUMBER`].
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(u32::from(c),
        0x1E | 0xAD | 0x34F | 0x61C | 0x115F | 0x1160 | 0x17B4 | 0x17B5 | 0x180B..=0x180F | 0x200B..=0x200F | 0x202A..=0x202E
        | 0x2060..=0x206F | 0x20E3 | 0xFE00..=0xFE0F | 0xFEFF | 0xFFF9..=0xFFFB | 0x1D173..=0x1D17A
        | 0xE0001..=0xE007F | 0xE0100..=0xE01EF)
}

/// Which separator the character is, if it is one.
pub(crate) fn separator(c: char) -> Option<Separator> {
    Some(match c {
        '\u{1f}' | '\t' => Separator::Cell,
        '-'
        | '\u{2010}'..='\u{2015}'
        | '\u{2212}'
        | '\u{FE58}'
        | '\u{FE63}'
        | '\u{FF0D}'
        | '\u{30FC}'
        | '\u{FF70}'
        | '\u{2500}'
        | '\u{2501}'
        | '\u{2D7}'
        | '\u{2043}'
        | '\u{207B}'
        | '\u{208B}'
        | '\u{23AF}'
        | '\u{2E3A}'
        | '\u{2E3B}'
        | '~'
        | '\u{301C}'
        | '\u{FF5E}' => Separator::Hyphen,
        '.' | '．' | '・' | '･' | '·' | '•' | '‧' | '∙' | '⋅' | '*' | '＊' => Separator::Dot,
        ',' | '，' | '、' => Separator::Comma,
        '/' | '／' | '_' | '＿' => Separator::Slash,
        '|' | '｜' | '│' | '┃' => Separator::Pipe,
        '\u{2800}' | '\u{3164}' => Separator::Space,
        _ if c.is_whitespace() && !is_line_break(c) => Separator::Space,
        _ => return None,
    })
}

/// Whether a line ends here.
pub(crate) fn is_line_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{2028}' | '\u{2029}' | '\u{85}' | '\u{b}' | '\u{c}')
}

/// Opening brackets (true) and closing ones (false).
pub(crate) fn bracket(c: char) -> Option<bool> {
    match c {
        '(' | '（' | '[' | '［' | '「' | '『' | '【' | '〔' | '{' | '｛' | '〈' | '<' | '＜' | '｢' => {
            Some(true)
        }
        ')' | '）' | ']' | '］' | '」' | '』' | '】' | '〕' | '}' | '｝' | '〉' | '>' | '＞' | '｣' => {
            Some(false)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_of_all_sorts_have_their_value() {
        for (text, want) in [
            ("0123456789", "0123456789"),
            ("０１２３４５６７８９", "0123456789"),
            ("⓪①②③④⑤⑥⑦⑧⑨", "0123456789"),
            ("⓿❶❷❸❹❺❻❼❽❾", "0123456789"),
            ("⑴⑵⑶⑷⑸⑹⑺⑻⑼", "123456789"),
            ("⒈⒉⒊⒋⒌⒍⒎⒏⒐", "123456789"),
            ("〇一二三四五六七八九", "0123456789"),
            ("壱弐参肆伍陸漆捌玖", "123456789"),
            ("𝟎𝟏𝟐𝟗𝟘𝟙", "012901"),
            ("٠١٢٣۴९", "012349"),
            ("⁰¹²³⁴⁹₀₉", "01234909"),
        ] {
            let got: String = text.chars().filter_map(digit).map(|(value, _)| char::from(b'0' + value)).collect();
            assert_eq!(got, want, "{text}");
        }
    }

    #[test]
    fn signs_of_two_digits_and_letters_are_no_digits() {
        for c in "⑩㊿⑫十百千万OlI½".chars() {
            assert_eq!(digit(c), None, "{c}");
        }
    }
}
