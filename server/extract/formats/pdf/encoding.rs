//! The encodings of simple fonts (ISO 32000-1, 9.6.6 and annex D) and the names of glyphs (Adobe Glyph List) as far as
//! numbers and the words around them need them.

use encoding_rs::{MACINTOSH, WINDOWS_1252};

/// Which encoding codes are read by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Base {
    Standard,
    WinAnsi,
    MacRoman,
    /// The font ZapfDingbats: its numbers in circles.
    Dingbats,
}

impl Base {
    /// The encoding of that name.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "WinAnsiEncoding" => Some(Self::WinAnsi),
            "MacRomanEncoding" | "MacExpertEncoding" => Some(Self::MacRoman),
            "StandardEncoding" => Some(Self::Standard),
            _ => None,
        }
    }

    /// The character of a code.
    pub fn character(self, code: u8) -> Option<char> {
        let of = |encoding: &'static encoding_rs::Encoding| {
            encoding.decode_without_bom_handling(&[code]).0.chars().next().filter(|c| !c.is_control())
        };
        match self {
            Self::WinAnsi => of(WINDOWS_1252),
            Self::MacRoman => of(MACINTOSH),
            Self::Standard => standard(code),
            Self::Dingbats => dingbat(code),
        }
    }
}

fn standard(code: u8) -> Option<char> {
    match code {
        0x27 => Some('’'),
        0x60 => Some('‘'),
        b' '..=b'~' => Some(char::from(code)),
        0xa1..=0xa3 | 0xa5 | 0xa7 => Some(char::from(code)),
        0xb1 => Some('–'),
        0xb4 => Some('·'),
        0xd0 => Some('—'),
        _ => None,
    }
}

/// The circled numbers: four rows of ten.
fn dingbat(code: u8) -> Option<char> {
    let row = |first: char, from: u8| char::from_u32(u32::from(first) + u32::from(code - from));
    match code {
        0xac..=0xb5 => row('①', 0xac),
        0xb6..=0xbf => row('❶', 0xb6),
        0xc0..=0xc9 => row('➀', 0xc0),
        0xca..=0xd3 => row('➊', 0xca),
        b' ' => Some(' '),
        _ => None,
    }
}

/// Names of glyphs that are no letters.
const NAMES: &[(&str, char)] = &[
    ("zero", '0'),
    ("one", '1'),
    ("two", '2'),
    ("three", '3'),
    ("four", '4'),
    ("five", '5'),
    ("six", '6'),
    ("seven", '7'),
    ("eight", '8'),
    ("nine", '9'),
    ("space", ' '),
    ("nbspace", ' '),
    ("hyphen", '-'),
    ("hyphenminus", '-'),
    ("sfthyphen", '-'),
    ("minus", '−'),
    ("endash", '–'),
    ("emdash", '—'),
    ("period", '.'),
    ("comma", ','),
    ("colon", ':'),
    ("semicolon", ';'),
    ("slash", '/'),
    ("backslash", '\\'),
    ("bar", '|'),
    ("underscore", '_'),
    ("asterisk", '*'),
    ("plus", '+'),
    ("equal", '='),
    ("numbersign", '#'),
    ("percent", '%'),
    ("ampersand", '&'),
    ("at", '@'),
    ("dollar", '$'),
    ("yen", '¥'),
    ("exclam", '!'),
    ("question", '?'),
    ("quotedbl", '"'),
    ("quotesingle", '\''),
    ("quoteleft", '‘'),
    ("quoteright", '’'),
    ("quotedblleft", '“'),
    ("quotedblright", '”'),
    ("parenleft", '('),
    ("parenright", ')'),
    ("bracketleft", '['),
    ("bracketright", ']'),
    ("braceleft", '{'),
    ("braceright", '}'),
    ("less", '<'),
    ("greater", '>'),
    ("asciitilde", '~'),
    ("asciicircum", '^'),
    ("grave", '`'),
    ("bullet", '•'),
    ("periodcentered", '·'),
    ("middot", '·'),
];

/// The text of a glyph's name; `None` where it says nothing.
pub(super) fn by_name(name: &str) -> Option<String> {
    // `one.lnum`, `one.alt` are forms of `one`
    let name = name.split_once('.').map_or(name, |(base, _)| base);
    if let Some(hex) = name.strip_prefix("uni").filter(|hex| hex.len() >= 4 && hex.len().is_multiple_of(4)) {
        let units: Option<Vec<u16>> = hex
            .as_bytes()
            .chunks(4)
            .map(|unit| u16::from_str_radix(std::str::from_utf8(unit).ok()?, 16).ok())
            .collect();
        return units.and_then(|units| String::from_utf16(&units).ok());
    }
    match name {
        "fi" | "fl" | "ff" | "ffi" | "ffl" => return Some(name.to_owned()),
        _ => {}
    }
    character(name).map(String::from)
}

fn character(name: &str) -> Option<char> {
    let mut chars = name.chars();
    if let (Some(only), None) = (chars.next(), chars.next()) {
        return Some(only);
    }
    let plain = ["oldstyle", "superior", "inferior", "fullwidth", "monospace", "small"]
        .iter()
        .find_map(|form| name.strip_suffix(form))
        .filter(|plain| !plain.is_empty())
        .unwrap_or(name);
    let listed = NAMES.iter().find(|(listed, _)| *listed == plain).map(|(_, c)| *c);
    listed.or_else(|| numbered(name))
}

/// `u20BB7`, and the names that converters give: `G41` in hexadecimal, `c65` in decimal.
fn numbered(name: &str) -> Option<char> {
    let (first, rest) = name.split_at_checked(1)?;
    let code = match (first, rest.len()) {
        ("u", 4..=6) => u32::from_str_radix(rest, 16).ok(),
        ("G", 2) => u32::from_str_radix(rest, 16).ok(),
        ("c" | "C", 2..=3) => rest.parse().ok(),
        _ => None,
    };
    code.and_then(char::from_u32).filter(|c| !c.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn glyphs_have_names() {
        for (name, text) in [
            ("one", Some("1")),
            ("nine.lnum", Some("9")),
            ("threeoldstyle", Some("3")),
            ("A", Some("A")),
            ("uni4E00", Some("一")),
            ("uni00660069", Some("fi")),
            ("u20BB7", Some("𠮷")),
            ("G31", Some("1")),
            ("c49", Some("1")),
            ("g17", None),
            ("hyphen", Some("-")),
            ("", None),
        ] {
            assert_eq!(by_name(name).as_deref(), text, "{name}");
        }
    }

    #[test]
    fn codes_have_characters() {
        assert_eq!(Base::WinAnsi.character(0xa5), Some('¥'));
        assert_eq!(Base::Standard.character(0xd0), Some('—'));
        assert_eq!(Base::Dingbats.character(0xb6), Some('❶'));
        assert_eq!(Base::WinAnsi.character(7), None);
    }
}
