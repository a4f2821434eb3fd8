//! Structured values of MIME headers: tokens, parameters (RFC 2045 5.1), split and encoded ones (RFC 2231),
//! and what mailers write instead.

use crate::charset;
use crate::summary::{Disposition, Param};
use crate::words;

/// Most parameters, or language tags, that are read of one field.
const PARAMS: usize = 200;

/// Reads `type/subtype; params`; text/plain where the type is broken (RFC 2045 5.2), with the parameters
/// that follow it all the same: one may be the name of a file.
pub(crate) fn content_type(value: &[u8]) -> (String, String, Vec<Param>) {
    let mut cursor = Cursor::new(value);
    let media_type = cursor.token();
    cursor.skip_blanks();
    let subtype = if cursor.take(b'/') { cursor.token() } else { Vec::new() };
    let params = cursor.params();
    if media_type.is_empty() || subtype.is_empty() {
        return ("text".into(), "plain".into(), params);
    }
    (text(&media_type), text(&subtype), params)
}

/// Reads a Content-Disposition (RFC 2183); its kind is empty where only parameters stand there.
pub(crate) fn disposition(value: &[u8]) -> Option<Disposition> {
    let mut cursor = Cursor::new(value);
    let (kind, params) = (text(&cursor.token()), cursor.params());
    (!kind.is_empty() || !params.is_empty()).then_some(Disposition { kind, params })
}

/// Reads a lone token, as in Content-Transfer-Encoding.
pub(crate) fn token(value: &[u8]) -> Option<String> {
    let token = Cursor::new(value).token();
    (!token.is_empty()).then(|| text(&token))
}

/// Reads a list of tags, as in Content-Language (RFC 3282).
pub(crate) fn tags(value: &[u8]) -> Vec<String> {
    value.split(|b| *b == b',').filter_map(token).take(PARAMS).collect()
}

/// The parameter `name`, decoded: the extended form (RFC 2231 4) first, else the plain one with its
/// encoded words or raw characters.
pub(crate) fn decoded(params: &[Param], name: &str) -> Option<String> {
    let extended = params.iter().find(|p| p.name.strip_suffix('*').is_some_and(|base| base.eq_ignore_ascii_case(name)));
    if let Some(param) = extended {
        return Some(decode_extended(&param.value));
    }
    params.iter().find(|p| p.name.eq_ignore_ascii_case(name)).map(|p| words::decode(&p.value))
}

fn decode_extended(value: &[u8]) -> String {
    let mut pieces = value.splitn(3, |b| *b == b'\'');
    let (label, bytes) = match (pieces.next(), pieces.next(), pieces.next()) {
        (Some(label), Some(_), Some(bytes)) => (Some(text(label)).filter(|l| !l.is_empty()), bytes),
        _ => (None, value),
    };
    let decoded = charset::decode(&percent_decode(bytes), label.as_deref());
    // Some mailers put encoded words into the extended form as well.
    words::decode_text(&decoded)
}

fn percent_decode(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((first, tail)) = rest.split_first() {
        let hex = tail.get(..2).filter(|_| *first == b'%').and_then(|pair| Some((hex(pair[0])?, hex(pair[1])?)));
        match hex {
            Some((high, low)) => {
                out.push(high << 4 | low);
                rest = tail.get(2..).unwrap_or_default();
            }
            None => {
                out.push(*first);
                rest = tail;
            }
        }
    }
    out
}

/// The value of a hexadecimal digit.
pub(crate) fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A place in a structured value.
pub(crate) struct Cursor<'a> {
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(rest: &'a [u8]) -> Self {
        Self { rest }
    }

    pub(crate) fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    pub(crate) fn bump(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    pub(crate) fn take(&mut self, wanted: u8) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.bump();
        }
        found
    }

    /// Skips blanks, line ends and comments; the text of the last comment is the answer.
    pub(crate) fn skip_blanks(&mut self) -> Option<Vec<u8>> {
        let mut comment = None;
        loop {
            match self.peek() {
                Some(b' ' | b'\t' | b'\r' | b'\n') => {
                    self.bump();
                }
                Some(b'(') => comment = Some(self.comment()),
                _ => return comment,
            }
        }
    }

    /// Reads a comment with those inside it (RFC 5322 3.2.2); one that is not closed ends with the value.
    fn comment(&mut self) -> Vec<u8> {
        self.bump();
        let mut depth = 1usize;
        let mut out = Vec::new();
        while let Some(byte) = self.bump() {
            match byte {
                0x1b => self.escape_sequence(&mut out),
                b'\\' => out.extend(self.bump()),
                b'(' => {
                    depth += 1;
                    out.push(byte);
                }
                b')' => {
                    depth -= 1;
                    if depth == 0 {
                        break;
                    }
                    out.push(byte);
                }
                b'\r' | b'\n' => {}
                _ => out.push(byte),
            }
        }
        out.trim_ascii().to_vec()
    }

    /// Reads what follows the opening quote. A backslash counts only before `"` and `\`, so that the second
    /// byte of a raw Shift_JIS character (表 is 95 5C) and `C:\dir` stay whole.
    pub(crate) fn quoted(&mut self) -> Vec<u8> {
        let mut out = Vec::new();
        while let Some(byte) = self.bump() {
            match byte {
                b'"' => break,
                0x1b => self.escape_sequence(&mut out),
                b'\\' => match self.peek() {
                    Some(next @ (b'"' | b'\\')) => {
                        self.bump();
                        out.push(next);
                    }
                    _ => out.push(byte),
                },
                b'\r' | b'\n' => {}
                _ => out.push(byte),
            }
        }
        out
    }

    /// After an ESC: copies raw ISO-2022-JP text up to its return to ASCII, since its bytes may look like
    /// quotes, brackets and commas.
    pub(crate) fn escape_sequence(&mut self, out: &mut Vec<u8>) {
        out.push(0x1b);
        if !matches!(self.rest, [b'$', ..] | [b'(', b'I', ..]) {
            return;
        }
        while let Some(byte) = self.bump() {
            out.push(byte);
            if byte == b'\n' {
                return;
            }
            if byte == 0x1b && matches!(self.rest, [b'(', b'B' | b'J' | b'H', ..]) {
                out.extend(self.bump());
                out.extend(self.bump());
                return;
            }
        }
    }

    /// Reads a token (RFC 2045 5.1), with the blanks and comments before it.
    fn token(&mut self) -> Vec<u8> {
        self.skip_blanks();
        let mut out = Vec::new();
        while let Some(byte) = self.peek() {
            if byte <= b' ' || b"()<>@,;:\\\"/[]?=".contains(&byte) {
                break;
            }
            out.push(byte);
            self.bump();
        }
        out
    }

    fn params(&mut self) -> Vec<Param> {
        let mut plain = Vec::new();
        let mut split: Vec<Split> = Vec::new();
        while plain.len() + split.len() < PARAMS {
            self.skip_to_semicolon();
            if !self.take(b';') {
                break;
            }
            let name = self.token();
            self.skip_blanks();
            if name.is_empty() || !self.take(b'=') {
                continue;
            }
            let value = self.value();
            match Split::of(&text(&name), &value) {
                Some(piece) => split.push(piece),
                None => plain.push(Param { name: text(&name), value: value.into() }),
            }
        }
        plain.extend(join(split));
        plain
    }

    fn skip_to_semicolon(&mut self) {
        loop {
            self.skip_blanks();
            match self.peek() {
                None | Some(b';') => return,
                Some(b'"') => {
                    self.bump();
                    self.quoted();
                }
                Some(_) => {
                    self.bump();
                }
            }
        }
    }

    /// A quoted value, or everything up to the next semicolon: mailers leave out the quotes around names
    /// with blanks, encoded words and raw Japanese.
    fn value(&mut self) -> Vec<u8> {
        while let Some(b' ' | b'\t' | b'\r' | b'\n') = self.peek() {
            self.bump();
        }
        if self.take(b'"') {
            return self.quoted();
        }
        let mut out = Vec::new();
        while let Some(byte) = self.peek() {
            match byte {
                b';' => break,
                b'(' if out.last().is_none_or(u8::is_ascii_whitespace) => {
                    self.comment();
                    continue;
                }
                b'\r' | b'\n' => {}
                0x1b => {
                    self.bump();
                    self.escape_sequence(&mut out);
                    continue;
                }
                _ => out.push(byte),
            }
            self.bump();
        }
        out.trim_ascii().to_vec()
    }
}

/// One piece of a value that was split: `name*2*=…` (RFC 2231 3).
struct Split {
    name: String,
    number: u32,
    extended: bool,
    value: Vec<u8>,
}

impl Split {
    fn of(name: &str, value: &[u8]) -> Option<Self> {
        let (body, extended) = name.strip_suffix('*').map_or((name, false), |body| (body, true));
        let (base, number) = body.rsplit_once('*')?;
        let number = number.parse().ok()?;
        Some(Self { name: base.to_owned(), number, extended, value: value.to_vec() })
    }
}

/// Puts split values together. When one piece is percent-encoded the whole is, and the plain pieces are
/// encoded for it.
fn join(mut pieces: Vec<Split>) -> Vec<Param> {
    pieces.sort_by_key(|piece| (piece.name.to_ascii_lowercase(), piece.number));
    let mut out: Vec<Param> = Vec::new();
    for group in pieces.chunk_by(|a, b| a.name.eq_ignore_ascii_case(&b.name)) {
        let Some(first) = group.first() else { continue };
        let extended = group.iter().any(|piece| piece.extended);
        let mut value = Vec::new();
        if extended && !first.extended {
            value.extend_from_slice(b"''");
        }
        for piece in group {
            if extended && !piece.extended {
                percent_encode(&piece.value, &mut value);
            } else {
                value.extend_from_slice(&piece.value);
            }
        }
        let name = if extended { format!("{}*", first.name) } else { first.name.clone() };
        out.push(Param { name, value: value.into() });
    }
    out
}

fn percent_encode(bytes: &[u8], out: &mut Vec<u8>) {
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`{}~".contains(byte) {
            out.push(*byte);
        } else {
            out.extend_from_slice(format!("%{byte:02X}").as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(value: &[u8]) -> Option<String> {
        disposition(value).and_then(|d| decoded(&d.params, "filename"))
    }

    #[test]
    fn file_names_are_read_in_every_form_that_mailers_write() {
        for (value, right) in [
            (&b"attachment; filename=\"a b.txt\""[..], "a b.txt"),
            (b"attachment; filename=a b.txt", "a b.txt"),
            (b"attachment;filename=a.txt;size=3", "a.txt"),
            (b"attachment; filename=\"a;b.txt\"; x=y", "a;b.txt"),
            (b"attachment; filename*=UTF-8''%E8%A1%A8.txt", "表.txt"),
            (b"attachment; filename*0=\"ab\"; filename*1=\"c.txt\"", "abc.txt"),
            (b"attachment; filename*1*=%A6.txt; filename*0*=shift_jis''%95%5C%8E", "表示.txt"),
            (b"attachment; filename*0*=utf-8'ja'%E8%A1; filename*1*=%A8; filename*2=\"100%.txt\"", "表100%.txt"),
            (b"attachment; filename*0*=iso-2022-jp''%1B%24B; filename*1*=IJ%1B%28B.csv", "品.csv"),
            (b"attachment; filename=\"=?UTF-8?B?6KGo?=.txt\"", "表.txt"),
            (b"attachment; filename==?UTF-8?B?6KGo?=", "表"),
            (b"attachment; filename=\"=?UTF-8?B?6KGo?=\r\n =?UTF-8?B?6KGo?=\"", "表表"),
            (b"attachment; filename=\"\x95\x5c.txt\"", "表.txt"),
            (b"attachment; filename=\"\xe8\xa1\xa8.txt\"", "表.txt"),
            (b"attachment; filename=\"\x1b$B\x22%\x1b(B.txt\"", "▲.txt"),
            (b"attachment; filename=\"x\\\"y.txt\"", "x\"y.txt"),
            (b"attachment (why); filename=x.txt (c)", "x.txt"),
        ] {
            assert_eq!(name(value).as_deref(), Some(right), "{}", String::from_utf8_lossy(value));
        }
    }

    #[test]
    fn types_with_comments_and_odd_spacing_are_read() {
        for (value, right) in [
            (&b"text/plain"[..], "text/plain"),
            (b" Text / HTML ; charset=x", "Text/HTML"),
            (b"text/plain (plain)", "text/plain"),
            (b"application/pdf name=x", "application/pdf"),
            (b"pdf", "text/plain"),
            (b"", "text/plain"),
            (b"/", "text/plain"),
        ] {
            let (media_type, subtype, _) = content_type(value);
            assert_eq!(format!("{media_type}/{subtype}"), right);
        }
        assert_eq!(decoded(&content_type(b"; name=x.pdf").2, "name").as_deref(), Some("x.pdf"));
        assert_eq!(name(b"; filename=x.pdf").as_deref(), Some("x.pdf"));
    }
}
