//! vCards (RFC 6350, and 2.1 before it) and calendars (RFC 5545): folded lines with parameters, escapes, and files in
//! base64.

use base64::Engine;
use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::engine::{DecodePaddingMode, general_purpose};
use message::Leaf;

use crate::TextKind;
use crate::reader::Reader;

/// Base64 as programs write it, with its filling or without.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);
/// A shorter value is a key or a picture of a dot, and no file.
const LEAST: usize = 16;

/// Reads cards or a calendar.
pub(crate) fn read(leaf: &Leaf, text: &str, out: &mut Reader) {
    let mut plain = String::with_capacity(text.len());
    let mut files = Vec::new();
    for line in unfolded(text) {
        let Some(line) = Line::parse(&line) else {
            plain.push_str(&line);
            plain.push('\n');
            continue;
        };
        match line.file() {
            Some(file) => files.push(file),
            None => {
                plain.push_str(&line.readable(leaf.charset.as_deref()));
                plain.push('\n');
            }
        }
    }
    out.text(TextKind::Plain, plain);
    for (name, bytes) in files {
        if out.take(bytes.len()) {
            out.file(&name, &bytes);
        }
    }
}

/// The lines with what goes on behind a blank, and in 2.1 behind `=` at the end of quoted-printable, put together.
fn unfolded(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for line in text.lines() {
        let goes_on = |last: &String| last.ends_with('=') && quoted(last);
        match (line.strip_prefix([' ', '\t']), out.last_mut()) {
            (Some(rest), Some(last)) => last.push_str(rest),
            (None, Some(last)) if goes_on(last) => {
                last.pop();
                last.push_str(line);
            }
            _ => out.push(line.to_owned()),
        }
    }
    out
}

fn quoted(line: &str) -> bool {
    let head = line.split_once(':').map_or("", |(head, _)| head);
    head.to_ascii_uppercase().contains("QUOTED-PRINTABLE")
}

/// A line: `NAME;PARAMETER=VALUE:value`.
struct Line<'a> {
    name: &'a str,
    parameters: Vec<(String, &'a str)>,
    value: &'a str,
}

impl<'a> Line<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        // a colon in quotes belongs to a parameter
        let mut in_quotes = false;
        let colon = line.find(|c: char| {
            in_quotes ^= c == '"';
            c == ':' && !in_quotes
        })?;
        let (head, value) = line.split_at_checked(colon)?;
        let mut words = head.split(';');
        let name = words.next()?;
        let parameter = |word: &'a str| match word.split_once('=') {
            Some((key, value)) => (key.to_ascii_uppercase(), value.trim_matches('"')),
            // 2.1 leaves the key out
            None => ("ENCODING".to_owned(), word),
        };
        Some(Self { name, parameters: words.map(parameter).collect(), value: value.get(1..)? })
    }

    fn parameter(&self, key: &str) -> Option<&'a str> {
        self.parameters.iter().find(|(name, _)| name == key).map(|(_, value)| *value)
    }

    /// Whether an encoding of this name is said anywhere.
    fn encoded(&self, names: &[&str]) -> bool {
        let said = |value: &str| names.iter().any(|name| value.eq_ignore_ascii_case(name));
        self.parameters.iter().any(|(key, value)| key == "ENCODING" && said(value))
    }

    /// The file that the value is.
    fn file(&self) -> Option<(String, Vec<u8>)> {
        let data = match self.value.strip_prefix("data:").and_then(|data| data.split_once(";base64,")) {
            Some((_, data)) => data,
            None if self.encoded(&["BASE64", "B"]) => self.value,
            None => return None,
        };
        let data: String = data.split_whitespace().collect();
        let bytes = BASE64.decode(data).ok().filter(|bytes| bytes.len() >= LEAST)?;
        let named =
            ["FILENAME", "X-FILENAME", "X-LABEL", "X-APPLE-FILENAME"].iter().find_map(|key| self.parameter(key));
        Some((named.unwrap_or(self.name).to_ascii_lowercase(), bytes))
    }

    /// `name: value` with the parameters that people wrote, quoted-printable and escapes resolved.
    fn readable(&self, charset: Option<&str>) -> String {
        let value = match self.encoded(&["QUOTED-PRINTABLE"]) {
            true => {
                let bytes = quoted_printable(self.value);
                message::charset::decode(&bytes, self.parameter("CHARSET").or(charset))
            }
            false => self.value.to_owned(),
        };
        let mut head = self.name.to_owned();
        for (key, value) in &self.parameters {
            if ["CN", "LABEL", "X-LABEL", "FILENAME", "X-FILENAME"].contains(&key.as_str()) {
                head.push_str(&format!(" {value}"));
            }
        }
        format!("{head}: {}", unescaped(&value))
    }
}

fn quoted_printable(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let code = after.get(..2).and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        match (byte, code) {
            (b'=', Some(code)) => {
                out.push(code);
                rest = after.get(2..).unwrap_or_default();
            }
            _ => {
                out.push(byte);
                rest = after;
            }
        }
    }
    out
}

/// Text with `\n`, `\,`, `\;` and `\\` resolved (RFC 6350 3.4, RFC 5545 3.3.11).
fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, if c == '\\' { chars.next() } else { None }) {
            ('\\', Some('n' | 'N')) => out.push('\n'),
            ('\\', Some(c)) => out.push(c),
            (c, _) => out.push(c),
        }
    }
    out
}

/// Base64 whatever its filling, for other formats.
pub(crate) fn base64(text: &str) -> Option<Vec<u8>> {
    let text: String = text.split_whitespace().collect();
    BASE64.decode(&text).or_else(|_| general_purpose::URL_SAFE.decode(&text)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        unfolded(text).iter().map(|line| Line::parse(line).map_or(line.clone(), |line| line.readable(None))).collect()
    }

    #[test]
    fn folds_quotes_and_escapes_are_read() {
        assert_eq!(lines("NOTE:個人番号1234567\r\n 89018\r\n"), ["NOTE: 個人番号123456789018"]);
        assert_eq!(lines("NOTE:a\\nb\\, c"), ["NOTE: a\nb, c"]);
        assert_eq!(lines("NOTE;CHARSET=SHIFT_JIS;ENCODING=QUOTED-PRINTABLE:=8C=C2=\r\n=90l12=33"), ["NOTE: 個人123"]);
        assert_eq!(lines("NOTE;QUOTED-PRINTABLE:=31=32"), ["NOTE: 12"]);
        assert_eq!(lines("ATTENDEE;CN=\"山田: 太郎\":mailto:a@b.example"), ["ATTENDEE 山田: 太郎: mailto:a@b.example"]);
    }

    #[test]
    fn base64_is_a_file() {
        let file = |line: &str| Line::parse(line).and_then(|line| line.file());
        let data = "5YCL5Lq655Wq5Y+3MTIzNDU2Nzg5MDE4";
        let (name, bytes) =
            file(&format!("ATTACH;FMTTYPE=text/plain;ENCODING=BASE64;VALUE=BINARY;X-FILENAME=a.txt:{data}")).unwrap();
        assert_eq!((name.as_str(), String::from_utf8(bytes).unwrap().as_str()), ("a.txt", "個人番号123456789018"));
        assert_eq!(file(&format!("PHOTO:data:image/png;base64,{data}")).unwrap().0, "photo");
        assert!(file(&format!("PHOTO;BASE64:{data}")).is_some() && file("NOTE:abc").is_none());
    }
}
