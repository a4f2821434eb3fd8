//! The encodings of mail: charsets, Base64, quoted-printable, encoded words.

use encoding_rs::{EUC_JP, Encoding, ISO_2022_JP, SHIFT_JIS, UTF_8};

/// A charset of Japanese mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charset {
    /// UTF-8.
    Utf8,
    /// ISO-2022-JP.
    Jis,
    /// Shift_JIS.
    ShiftJis,
    /// EUC-JP.
    Euc,
}

impl Charset {
    /// Its name in header fields.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Jis => "ISO-2022-JP",
            Self::ShiftJis => "Shift_JIS",
            Self::Euc => "EUC-JP",
        }
    }

    /// The bytes of the text, unless the charset lacks a character of it.
    #[must_use]
    pub fn encode(self, text: &str) -> Option<Vec<u8>> {
        let encoding: &'static Encoding = match self {
            Self::Utf8 => UTF_8,
            Self::Jis => ISO_2022_JP,
            Self::ShiftJis => SHIFT_JIS,
            Self::Euc => EUC_JP,
        };
        let (bytes, _, lost) = encoding.encode(text);
        (!lost).then(|| bytes.into_owned())
    }
}

/// Base64 (RFC 4648 4).
#[must_use]
pub fn base64(bytes: &[u8]) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let value = chunk.iter().fold(0u32, |value, byte| value << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for at in 0..4 {
            let sign = SIGNS[(value >> (18 - 6 * at)) as usize & 63];
            out.push(if at <= chunk.len() { char::from(sign) } else { '=' });
        }
    }
    out
}

/// Base64 in lines of 76 characters.
#[must_use]
pub fn base64_lines(bytes: &[u8]) -> String {
    let all = base64(bytes);
    let mut out = String::new();
    for line in all.as_bytes().chunks(76) {
        out.extend(line.iter().map(|byte| char::from(*byte)));
        out.push_str("\r\n");
    }
    out
}

/// Quoted-printable (RFC 2045 6.7) with soft line breaks wherever a line is full, also within a number.
#[must_use]
pub fn quoted_printable(text: &[u8]) -> String {
    let mut out = String::new();
    let mut column = 0;
    for (at, &byte) in text.iter().enumerate() {
        if byte == b'\r' {
            continue;
        }
        if byte == b'\n' {
            out.push_str("\r\n");
            column = 0;
            continue;
        }
        let last = matches!(text.get(at + 1), None | Some(b'\r' | b'\n'));
        let plain = (33..=126).contains(&byte) && byte != b'=' || byte == b' ' && !last;
        let piece = if plain { char::from(byte).to_string() } else { format!("={byte:02X}") };
        if column + piece.len() > 75 {
            out.push_str("=\r\n");
            column = 0;
        }
        column += piece.len();
        out.push_str(&piece);
    }
    out
}

/// Encoded words (RFC 2047) of so many characters each; a number may stand in two of them.
#[must_use]
pub fn encoded_words(text: &str, charset: Charset, quoted: bool, size: usize) -> Option<String> {
    let chars: Vec<char> = text.chars().collect();
    let word = |part: &[char]| {
        let bytes = charset.encode(&part.iter().collect::<String>())?;
        Some(match quoted {
            true => {
                let coded: String = bytes
                    .iter()
                    .map(|&byte| {
                        if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("={byte:02X}") }
                    })
                    .collect();
                format!("=?{}?Q?{coded}?=", charset.name())
            }
            false => format!("=?{}?B?{}?=", charset.name(), base64(&bytes)),
        })
    };
    let words: Option<Vec<String>> = chars.chunks(size).map(word).collect();
    Some(words?.join("\r\n "))
}

/// UTF-7 (RFC 2152), every character but ASCII letters, digits and a few marks in Base64.
#[must_use]
pub fn utf7(text: &str) -> String {
    let direct = |c: char| {
        c.is_ascii_alphanumeric()
            || matches!(c, ' ' | '\r' | '\n' | '-' | ':' | ',' | '.' | '/' | '(' | ')' | '?' | '\'')
    };
    let mut out = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if direct(c) {
            out.push(c);
            rest = &rest[c.len_utf8()..];
            continue;
        }
        let end = rest.find(direct).unwrap_or(rest.len());
        let bytes: Vec<u8> = rest[..end].encode_utf16().flat_map(u16::to_be_bytes).collect();
        out.push_str(&format!("+{}-", base64(&bytes).trim_end_matches('=')));
        rest = &rest[end..];
    }
    out
}

/// A parameter in RFC 2231, continued wherever a piece is full.
#[must_use]
pub fn rfc2231(name: &str, value: &str) -> String {
    let coded: String = value
        .bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect();
    let mut pieces = Vec::new();
    let mut rest = coded.as_str();
    while !rest.is_empty() {
        let mut end = rest.len().min(45);
        while end > 0 && rest.as_bytes()[..end].iter().rev().take(2).any(|byte| *byte == b'%') && end < rest.len() {
            end -= 1;
        }
        pieces.push(&rest[..end]);
        rest = &rest[end..];
    }
    let pieces = pieces.iter().enumerate();
    let lines = pieces.map(|(at, piece)| format!("{name}*{at}*={}{piece}", if at == 0 { "UTF-8''" } else { "" }));
    lines.collect::<Vec<_>>().join(";\r\n ")
}
