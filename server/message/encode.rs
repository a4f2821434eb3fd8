//! Text as bytes of a mail that we write: charsets, encoded words (RFC 2047), file names as parameters (RFC
//! 2231 for new readers, RFC 2047 for old ones). Every line fits in 76 columns.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use encoding_rs::ISO_2022_JP;

use crate::file_name::percent_encoded;

/// Longest line of a header that we write (RFC 5322 2.1.1, RFC 2047 2).
pub(crate) const LINE: usize = 76;

/// The charset of a mail that we write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Charset {
    /// UTF-8: holds everything.
    #[default]
    Utf8,
    /// ISO-2022-JP (RFC 1468), for readers of another time.
    Iso2022Jp,
}

impl Charset {
    /// The label in headers.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Iso2022Jp => "ISO-2022-JP",
        }
    }

    /// The bytes of a text; what the charset does not hold becomes 〓 ([`lost_characters`] tells of it before).
    #[must_use]
    pub fn encode(self, text: &str) -> Vec<u8> {
        match self {
            Self::Utf8 => text.as_bytes().to_vec(),
            Self::Iso2022Jp => {
                let held: String = text.chars().map(|c| in_jis(c).unwrap_or('〓')).collect();
                ISO_2022_JP.encode(&held).0.into_owned()
            }
        }
    }

    /// Bytes of an encoded word's content, so that the first one fits beside the longest name of a field.
    const fn word_bytes(self) -> usize {
        match self {
            Self::Utf8 => 42,
            Self::Iso2022Jp => 36,
        }
    }
}

/// The characters of a text that ISO-2022-JP does not hold, each once, in their order: those of Windows (①, ㈱,
/// 髙) and everything from outside JIS X 0208.
#[must_use]
pub fn lost_characters(text: &str) -> Vec<char> {
    let mut out = Vec::new();
    for c in text.chars() {
        if in_jis(c).is_none() && !out.contains(&c) {
            out.push(c);
        }
    }
    out
}

/// The text with what ISO-2022-JP does not hold replaced by what people write instead: (1), (株), 高, else 〓.
#[must_use]
pub fn replaced_for_jis(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match in_jis(c) {
            Some(_) => out.push(c),
            None => out.push_str(&substitute(c)),
        }
    }
    out
}

/// The character as JIS X 0208 has it: some stand in Unicode twice.
fn in_jis(c: char) -> Option<char> {
    let c = match c {
        '\u{301c}' => '\u{ff5e}',
        '\u{2014}' => '\u{2015}',
        '\u{2016}' => '\u{2225}',
        '\u{2212}' => '\u{ff0d}',
        '¢' => '￠',
        '£' => '￡',
        '¬' => '￢',
        '¥' => '￥',
        '\u{203e}' => '￣',
        c => c,
    };
    if c.is_ascii() {
        return (!matches!(c, '\u{1b}' | '\u{e}' | '\u{f}')).then_some(c);
    }
    let mut buffer = [0; 4];
    let (bytes, _, errors) = ISO_2022_JP.encode(c.encode_utf8(&mut buffer));
    // ESC $ B, then the row: 13 holds the signs of NEC, from 89 on stand those of IBM.
    let standard = matches!(&*bytes, [0x1b, b'$', b'B', row, ..] if *row != 0x2d && *row < 0x75);
    (!errors && standard).then_some(c)
}

/// What people write where a character is missing.
fn substitute(c: char) -> String {
    let number = match c {
        '①'..='⑳' => u32::from(c) - u32::from('①') + 1,
        _ => 0,
    };
    if number > 0 {
        return format!("({number})");
    }
    match c {
        '㈱' => "(株)",
        '㈲' => "(有)",
        '㈹' => "(代)",
        '№' => "No.",
        '℡' => "TEL",
        '髙' => "高",
        '﨑' => "崎",
        '濵' => "浜",
        '德' => "徳",
        '㎜' => "mm",
        '㎝' => "cm",
        '㎞' => "km",
        '㎎' => "mg",
        '㎏' => "kg",
        '㏄' => "cc",
        '㎡' => "m2",
        '㍉' => "ミリ",
        '㍾' => "明治",
        '㍽' => "大正",
        '㍼' => "昭和",
        '㍻' => "平成",
        '㋿' => "令和",
        'Ⅰ' => "I",
        'Ⅱ' => "II",
        'Ⅲ' => "III",
        'Ⅳ' => "IV",
        'Ⅴ' => "V",
        '\u{a0}' | '\u{202f}' => " ",
        '\u{200b}' | '\u{feff}' | '\u{fe0f}' | '\u{200d}' => "",
        '–' => "-",
        _ => "〓",
    }
    .to_owned()
}

/// Free text of a header: as it is where that is safe, else encoded words.
pub(crate) fn unstructured(text: &str, charset: Charset) -> String {
    let one_line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let plain = one_line.is_ascii()
        && !one_line.contains("=?")
        && !one_line.contains("  ")
        && one_line.trim() == one_line
        && one_line.split(' ').all(|word| word.len() < LINE - 20);
    if plain { one_line } else { words(&one_line, charset) }
}

/// A display name: atoms, a quoted string, or encoded words.
pub(crate) fn phrase(name: &str, charset: Charset) -> String {
    let one_line: String = name.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if !one_line.is_ascii() || one_line.contains("=?") || one_line.len() > LINE - 20 {
        return words(&one_line, charset);
    }
    if one_line.chars().all(|c| c.is_ascii_alphanumeric() || " !#$%&'*+-/=?^_`{|}~".contains(c)) {
        return one_line;
    }
    format!("\"{}\"", one_line.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A whole field whose value is in its final form, folded at blanks.
pub(crate) fn folded(name: &str, value: &str) -> String {
    let (mut out, mut line) = (String::new(), format!("{name}:"));
    for word in value.split(['\r', '\n', ' ']).filter(|word| !word.is_empty()) {
        if line.len() + 1 + word.len() > LINE && !line.ends_with(':') {
            out.push_str(&line);
            out.push_str("\r\n");
            line.clear();
        }
        line.push(' ');
        line.push_str(word);
    }
    out.push_str(&line);
    out.push_str("\r\n");
    out
}

/// Encoded words, one blank apart; each holds whole characters and begins and ends in ASCII (RFC 2047 5).
pub(crate) fn words(text: &str, charset: Charset) -> String {
    let mut out: Vec<String> = Vec::new();
    let mut piece = String::new();
    let word = |piece: &str| format!("=?{}?B?{}?=", charset.label(), STANDARD.encode(charset.encode(piece)));
    for c in text.chars() {
        piece.push(c);
        if charset.encode(&piece).len() > charset.word_bytes() {
            piece.pop();
            out.push(word(&piece));
            piece = c.to_string();
        }
    }
    if !piece.is_empty() {
        out.push(word(&piece));
    }
    out.join(" ")
}

/// The parameter `name` of Content-Type for old readers, on lines of its own: `name="…"`.
pub(crate) fn old_parameter(name: &str, value: &str, charset: Charset) -> String {
    if value.is_ascii() && value.len() < LINE - 20 {
        return format!(";\r\n {name}=\"{}\"", quoted(value));
    }
    format!(";\r\n {name}=\"{}\"", words(value, charset).replace(' ', "\r\n "))
}

/// The parameter `name` of Content-Disposition as RFC 2231 has it, split where it is long.
pub(crate) fn parameter(name: &str, value: &str) -> String {
    if value.is_ascii() && value.len() < LINE - 20 {
        return format!(";\r\n {name}=\"{}\"", quoted(value));
    }
    let encoded = percent_encoded(value);
    if encoded.len() + name.len() < LINE - 14 {
        return format!(";\r\n {name}*=UTF-8''{encoded}");
    }
    let mut out = String::new();
    let mut rest = encoded.as_str();
    let mut number = 0;
    while !rest.is_empty() {
        let mut cut = rest.len().min(48);
        // No cut inside %xx.
        while cut < rest.len() && rest.get(cut.saturating_sub(2)..cut).is_some_and(|end| end.contains('%')) {
            cut -= 1;
        }
        let (piece, after) = rest.split_at(cut);
        let prefix = if number == 0 { "UTF-8''" } else { "" };
        out.push_str(&format!(";\r\n {name}*{number}*={prefix}{piece}"));
        rest = after;
        number += 1;
    }
    out
}

fn quoted(value: &str) -> String {
    let clean: String = value.chars().filter(|c| !c.is_control()).collect();
    clean.replace('\\', "\\\\").replace('"', "\\\"")
}

/// Bytes in base64, on lines of 76 columns.
pub(crate) fn base64_lines(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() / 57 * 78 + 80);
    for chunk in bytes.chunks(57) {
        out.extend_from_slice(STANDARD.encode(chunk).as_bytes());
        out.extend_from_slice(b"\r\n");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::decode;

    #[test]
    fn characters_that_jis_does_not_hold_are_told_and_replaced() {
        assert_eq!(lost_characters("①㈱髙橋😀〜－¥ｶ①"), ['①', '㈱', '髙', '😀']);
        assert_eq!(replaced_for_jis("①㈱髙橋😀"), "(1)(株)高橋〓");
        assert!(lost_characters("個人番号のお知らせ（至急）～―‖−￠").is_empty());
        assert_eq!(crate::charset::decode(&Charset::Iso2022Jp.encode("表①〜"), Some("iso-2022-jp")), "表〓～");
    }

    proptest::proptest! {
        #[test]
        fn words_read_back_and_fit_in_their_lines(text in "[ -~ぁ-ん日月火水木金土]{0,80}") {
            for charset in [Charset::Utf8, Charset::Iso2022Jp] {
                let encoded = words(&text, charset);
                proptest::prop_assert!(encoded.is_ascii() && encoded.split(' ').all(|word| word.len() <= 75));
                proptest::prop_assert_eq!(decode(encoded.as_bytes()), text.clone());
            }
        }

        #[test]
        fn names_of_files_read_back_from_either_parameter(name in "[a-z日][a-z ;\"'%ぁ-ん日月😀]{0,78}[a-z日]") {
            let fields = format!(
                "Content-Type: a/b{}\r\nContent-Disposition: attachment{}\r\n\r\n",
                old_parameter("name", &name, Charset::Utf8), parameter("filename", &name));
            proptest::prop_assert!(fields.is_ascii() && fields.lines().all(|line| line.len() <= 78), "{}", fields);
            let limits = types::Limits::default();
            let parsed = crate::Parsed::parse(fields.as_bytes(), &limits);
            let part = parsed.root();
            proptest::prop_assert_eq!(part.param("name").unwrap(), name.clone());
            proptest::prop_assert_eq!(part.file_name().unwrap(), name);
        }
    }
}
