//! JSON (RFC 8259) as text: strings with their escapes resolved, so that keys are labels; a number that may have lost
//! its leading zeros is marked as a spreadsheet's is; files in data URLs are given out.

use super::cards;
use crate::reader::Reader;
use crate::{CELL, NUMBER, TextKind};

/// Whether a text is JSON, by its beginning.
pub(crate) fn is_json(text: &str) -> bool {
    let start = text.trim_start_matches('\u{feff}').trim_start();
    let mut chars = start.chars();
    let (first, next) = (chars.next(), chars.find(|c| !c.is_whitespace()));
    matches!((first, next), (Some('{'), Some('"' | '}')) | (Some('['), Some('{' | '[' | '"' | ']' | '0'..='9' | '-')))
}

/// Reads JSON, or JSON a line.
pub(crate) fn read(text: &str, out: &mut Reader) {
    let mut plain = String::with_capacity(text.len());
    let mut files = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        match c {
            '"' => {
                let (string, after) = string(rest.get(1..).unwrap_or_default());
                match file(&string) {
                    Some(bytes) => files.push(bytes),
                    None => plain.push_str(&string),
                }
                rest = after;
            }
            '0'..='9' => {
                let end =
                    rest.find(|c: char| !matches!(c, '0'..='9' | '.' | 'e' | 'E' | '+' | '-')).unwrap_or(rest.len());
                let (number, after) = rest.split_at(end);
                if matches!(number.len(), 10 | 11) {
                    plain.extend([CELL, NUMBER]);
                }
                plain.push_str(number);
                rest = after;
            }
            // each pair of an object on a line of its own
            ',' | '{' | '}' => {
                plain.push_str(if c == ',' { ",\n" } else { "\n" });
                rest = rest.get(1..).unwrap_or_default().trim_start();
            }
            c => {
                plain.push(c);
                rest = rest.get(c.len_utf8()..).unwrap_or_default();
            }
        }
    }
    out.text(TextKind::Plain, plain);
    for bytes in files {
        if out.take(bytes.len()) {
            out.file("data", &bytes);
        }
    }
}

/// The string up to its closing quote, resolved (section 7), and what follows.
fn string(text: &str) -> (String, &str) {
    let mut units: Vec<u16> = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
        match c {
            '"' => break,
            '\\' => rest = escape(rest, &mut units),
            c => units.extend(c.encode_utf16(&mut [0; 2]).iter()),
        }
    }
    (String::from_utf16_lossy(&units), rest)
}

fn escape<'a>(rest: &'a str, units: &mut Vec<u16>) -> &'a str {
    let Some(c) = rest.chars().next() else { return rest };
    let after = rest.get(c.len_utf8()..).unwrap_or_default();
    let unit = after.get(..4).filter(|_| c == 'u').and_then(|hex| u16::from_str_radix(hex, 16).ok());
    if let Some(unit) = unit {
        units.push(unit);
        return after.get(4..).unwrap_or_default();
    }
    let meant = match c {
        'n' | 'r' => '\n',
        't' | 'b' | 'f' => ' ',
        c => c,
    };
    units.extend(meant.encode_utf16(&mut [0; 2]).iter());
    after
}

/// The file in a data URL (RFC 2397).
fn file(string: &str) -> Option<Vec<u8>> {
    let (kind, data) = string.strip_prefix("data:")?.split_once(";base64,")?;
    if kind.len() > 200 {
        return None;
    }
    cards::base64(data)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_known_by_its_beginning() {
        for (text, is) in [
            ("{\"a\":1}", true),
            ("\u{feff} [ {\"a\":1}]", true),
            ("[1,2]", true),
            ("{a}", false),
            ("[text]", false),
            ("text", false),
            ("", false),
        ] {
            assert_eq!(is_json(text), is, "{text}");
        }
    }

    #[test]
    fn escapes_are_resolved() {
        let (text, rest) = string(r#"\u500b\u4eba \ud83d\ude00 \"a\"\/\n\x" : 1"#);
        assert_eq!((text.as_str(), rest), ("個人 😀 \"a\"/\nx", " : 1"));
        assert_eq!(string(r"\u12"), ("u12".to_owned(), ""));
        assert_eq!(string("\\"), (String::new(), ""));
    }
}
