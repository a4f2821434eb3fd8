//! The objects of a PDF and how they are written (ISO 32000-1, 7.2 and 7.3). It knows nothing of files: the same
//! grammar serves the body of a file, the streams of objects and the operands of a page's content.

use std::collections::BTreeMap;
use std::ops::Range;

/// How deep arrays and dictionaries are read; deeper ones are laid flat.
const DEPTH: usize = 48;

/// The number of an object and its generation.
pub(super) type Id = (u32, u16);

/// A dictionary. Names are one character a byte.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Dict(pub BTreeMap<String, Object>);

impl Dict {
    /// The entry as it is written; null where there is none.
    pub fn get(&self, key: &str) -> &Object {
        self.0.get(key).unwrap_or(&Object::Null)
    }
}

/// A stream: its dictionary and where its bytes lie in the file.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Stream {
    pub dict: Dict,
    pub range: Range<usize>,
    /// The object that it is, for its key when the file is encrypted.
    pub id: Id,
}

/// An object.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Object {
    Null,
    Bool(bool),
    Int(i64),
    Real(f64),
    Name(String),
    Text(Vec<u8>),
    Array(Vec<Object>),
    Dict(Dict),
    Stream(Stream),
    Ref(Id),
}

impl Object {
    pub fn int(&self) -> Option<i64> {
        match self {
            Self::Int(value) => Some(*value),
            // a number of bytes or a flag that was written as `12.0`
            Self::Real(value) if value.is_finite() => Some(*value as i64),
            _ => None,
        }
    }

    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Int(value) => Some(*value as f64),
            Self::Real(value) => Some(*value),
            _ => None,
        }
    }

    pub fn name(&self) -> Option<&str> {
        if let Self::Name(name) = self { Some(name) } else { None }
    }

    pub fn bytes(&self) -> Option<&[u8]> {
        if let Self::Text(bytes) = self { Some(bytes) } else { None }
    }

    pub fn array(&self) -> &[Object] {
        if let Self::Array(items) = self { items } else { &[] }
    }

    /// The dictionary, also that of a stream.
    pub fn dict(&self) -> Option<&Dict> {
        match self {
            Self::Dict(dict) | Self::Stream(Stream { dict, .. }) => Some(dict),
            _ => None,
        }
    }

    pub fn stream(&self) -> Option<&Stream> {
        if let Self::Stream(stream) = self { Some(stream) } else { None }
    }

    pub fn reference(&self) -> Option<Id> {
        if let Self::Ref(id) = self { Some(*id) } else { None }
    }
}

/// What a lexer gives.
#[derive(Debug, PartialEq)]
pub(super) enum Token<'a> {
    Object(Object),
    /// An operator or keyword.
    Word(&'a [u8]),
    End,
}

/// Reads tokens out of bytes, never behind their end.
#[derive(Debug, Clone)]
pub(super) struct Lexer<'a> {
    bytes: &'a [u8],
    pub at: usize,
    /// Whether `12 0 R` is a reference: in files it is, in the content of pages it is not.
    references: bool,
    /// Whether a string was open at the end of the bytes, or a dictionary at the end of its object.
    pub unclosed: bool,
}

pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | 0x0c | b'\r' | b' ')
}

fn is_delimiter(byte: u8) -> bool {
    matches!(byte, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

fn hex(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

impl<'a> Lexer<'a> {
    /// A lexer of a file.
    pub fn of_file(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at, references: true, unclosed: false }
    }

    /// A lexer of the content of a page or of a CMap.
    pub fn of_content(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, references: false, unclosed: false }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// Goes over blanks and comments.
    pub fn skip_space(&mut self) {
        while let Some(byte) = self.peek() {
            match byte {
                b'%' => {
                    let line = self.rest().iter().position(|byte| matches!(byte, b'\n' | b'\r'));
                    self.at = line.map_or(self.bytes.len(), |length| self.at + length);
                }
                byte if is_space(byte) => self.at += 1,
                _ => return,
            }
        }
    }

    /// The next token.
    pub fn token(&mut self) -> Token<'a> {
        self.token_at(0)
    }

    /// The next object; null for anything else.
    pub fn object(&mut self) -> Object {
        if let Token::Object(object) = self.token() { object } else { Object::Null }
    }

    fn token_at(&mut self, depth: usize) -> Token<'a> {
        self.skip_space();
        let Some(byte) = self.peek() else { return Token::End };
        match byte {
            b'/' => Token::Object(self.name()),
            b'(' => Token::Object(Object::Text(self.literal())),
            b'<' if self.rest().starts_with(b"<<") => self.dictionary(depth),
            b'<' => Token::Object(Object::Text(self.hexadecimal())),
            b'[' => self.array(depth),
            b'>' if self.rest().starts_with(b">>") => self.word(2),
            b']' | b'{' | b'}' | b')' | b'>' => self.word(1),
            b'+' | b'-' | b'.' | b'0'..=b'9' => Token::Object(self.number()),
            _ => self.keyword(),
        }
    }

    fn word(&mut self, length: usize) -> Token<'a> {
        let word = self.rest().get(..length).unwrap_or_default();
        self.at += length;
        Token::Word(word)
    }

    fn keyword(&mut self) -> Token<'a> {
        let length = self.regular();
        match self.rest().get(..length) {
            Some(b"true") => self.given(length, Object::Bool(true)),
            Some(b"false") => self.given(length, Object::Bool(false)),
            Some(b"null") => self.given(length, Object::Null),
            _ => self.word(length.max(1)),
        }
    }

    fn given(&mut self, length: usize, object: Object) -> Token<'a> {
        self.at += length;
        Token::Object(object)
    }

    /// The length of the run of regular characters from here.
    fn regular(&self) -> usize {
        self.rest().iter().take_while(|&&byte| !is_space(byte) && !is_delimiter(byte)).count()
    }

    fn name(&mut self) -> Object {
        self.at += 1;
        let written = self.rest().get(..self.regular()).unwrap_or_default();
        self.at += written.len();
        let mut name = String::with_capacity(written.len());
        let mut bytes = written.iter();
        while let Some(&byte) = bytes.next() {
            let ahead = bytes.as_slice();
            let code = match (byte, ahead.first().copied().and_then(hex), ahead.get(1).copied().and_then(hex)) {
                (b'#', Some(high), Some(low)) => {
                    bytes.nth(1);
                    high << 4 | low
                }
                _ => byte,
            };
            name.push(char::from(code));
        }
        Object::Name(name)
    }

    fn number(&mut self) -> Object {
        let length = self.rest().iter().take_while(|byte| matches!(byte, b'+' | b'-' | b'.' | b'0'..=b'9')).count();
        let text = String::from_utf8_lossy(self.rest().get(..length).unwrap_or_default());
        let start = self.at;
        self.at += length;
        let Ok(value) = text.parse::<i64>() else { return Object::Real(real(&text)) };
        if self.references && self.bytes.get(start).is_some_and(u8::is_ascii_digit) {
            return self.reference(value).unwrap_or(Object::Int(value));
        }
        Object::Int(value)
    }

    /// The rest of `12 0 R`, if that is what stands here.
    fn reference(&mut self, number: i64) -> Option<Object> {
        let number = u32::try_from(number).ok()?;
        let mut ahead = self.clone();
        ahead.skip_space();
        let digits = ahead.rest().iter().take_while(|byte| byte.is_ascii_digit()).count();
        let generation = std::str::from_utf8(ahead.rest().get(..digits)?).ok()?.parse().ok()?;
        ahead.at += digits;
        ahead.skip_space();
        if ahead.peek() != Some(b'R') {
            return None;
        }
        ahead.at += 1;
        if ahead.regular() > 0 {
            return None;
        }
        self.at = ahead.at;
        Some(Object::Ref((number, generation)))
    }

    /// A string in brackets (7.3.4.2).
    fn literal(&mut self) -> Vec<u8> {
        self.at += 1;
        let mut out = Vec::new();
        let mut open = 1;
        while let Some(byte) = self.peek() {
            self.at += 1;
            match byte {
                b'\\' => self.escape(&mut out),
                b'(' => {
                    open += 1;
                    out.push(byte);
                }
                b')' => {
                    open -= 1;
                    if open == 0 {
                        break;
                    }
                    out.push(byte);
                }
                _ => out.push(byte),
            }
        }
        self.unclosed |= open > 0;
        out
    }

    fn escape(&mut self, out: &mut Vec<u8>) {
        let Some(byte) = self.peek() else { return };
        self.at += 1;
        match byte {
            b'n' => out.push(b'\n'),
            b'r' => out.push(b'\r'),
            b't' => out.push(b'\t'),
            b'b' => out.push(8),
            b'f' => out.push(12),
            b'\n' => {}
            b'\r' => self.at += usize::from(self.peek() == Some(b'\n')),
            b'0'..=b'7' => {
                self.at -= 1;
                let digits = self.rest().iter().take(3).take_while(|byte| matches!(byte, b'0'..=b'7')).count();
                let octal = self.rest().get(..digits).unwrap_or_default();
                let code = octal.iter().fold(0u32, |code, digit| code * 8 + u32::from(digit - b'0'));
                out.push((code & 0xff) as u8);
                self.at += digits;
            }
            other => out.push(other),
        }
    }

    fn hexadecimal(&mut self) -> Vec<u8> {
        self.at += 1;
        let end = self.rest().iter().position(|&byte| byte == b'>').unwrap_or(self.rest().len());
        let digits: Vec<u8> = self.rest().get(..end).unwrap_or_default().iter().filter_map(|&byte| hex(byte)).collect();
        self.at += end + 1;
        digits
            .chunks(2)
            .map(|pair| pair.iter().fold(0, |code, digit| code << 4 | digit) << (8 - 4 * pair.len()))
            .collect()
    }

    fn array(&mut self, depth: usize) -> Token<'a> {
        if depth >= DEPTH {
            return self.word(1);
        }
        self.at += 1;
        let mut items = Vec::new();
        loop {
            match self.token_at(depth + 1) {
                Token::Object(item) => items.push(item),
                Token::Word(b"]") | Token::End => break,
                // a stray word in an array is skipped, but the end of what holds it is not
                Token::Word(b">>" | b"endobj" | b"endstream") => break,
                Token::Word(_) => {}
            }
        }
        Token::Object(Object::Array(items))
    }

    fn dictionary(&mut self, depth: usize) -> Token<'a> {
        if depth >= DEPTH {
            return self.word(2);
        }
        self.at += 2;
        let mut dict = Dict::default();
        let mut key = None;
        loop {
            match (self.token_at(depth + 1), key.take()) {
                (Token::Object(value), Some(key)) => drop(dict.0.insert(key, value)),
                (Token::Object(Object::Name(name)), None) => key = Some(name),
                (Token::Word(b">>"), _) => break,
                (Token::Word(b"endobj" | b"stream" | b"endstream") | Token::End, _) => {
                    self.unclosed = true;
                    break;
                }
                _ => {}
            }
        }
        Token::Object(Object::Dict(dict))
    }
}

/// A number that is no integer; what is none at all is 0, as readers take it.
fn real(text: &str) -> f64 {
    let sign = if text.starts_with('-') { -1.0 } else { 1.0 };
    let digits = text.trim_start_matches(['+', '-']);
    // `12-3` and `1.2.3` are read up to their second sign or point
    let end = digits.find(['+', '-']).unwrap_or(digits.len());
    let digits = digits.get(..end).unwrap_or_default();
    let points = digits.match_indices('.').nth(1).map_or(digits.len(), |(at, _)| at);
    sign * digits.get(..points).and_then(|digits| digits.parse::<f64>().ok()).unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Object {
        Lexer::of_file(text.as_bytes(), 0).object()
    }

    #[test]
    fn objects_are_read_as_they_are_written() {
        assert_eq!(read(" % c\n -12"), Object::Int(-12));
        assert_eq!(read("+.5"), Object::Real(0.5));
        assert_eq!(read("--5.2"), Object::Real(-5.2));
        assert_eq!(read("/A#42C"), Object::Name("ABC".to_owned()));
        assert_eq!(read("(a(b)\\)\\061\\\n\\n)"), Object::Text(b"a(b))1\n".to_vec()));
        assert_eq!(read("<41 4>"), Object::Text(b"A@".to_vec()));
        assert_eq!(read("12 0 R"), Object::Ref((12, 0)));
        assert_eq!(read("[12 0 Rx 1]").array().len(), 3);
        assert_eq!(read("<</A 1/B[2 0 R null]>>").dict().unwrap().get("B").array()[0], Object::Ref((2, 0)));
    }

    #[test]
    fn a_page_has_no_references() {
        let mut lexer = Lexer::of_content(b"1 0 R Tj");
        assert_eq!(lexer.token(), Token::Object(Object::Int(1)));
        assert_eq!(lexer.token(), Token::Object(Object::Int(0)));
        assert_eq!(lexer.token(), Token::Word(b"R"));
        assert_eq!(lexer.token(), Token::Word(b"Tj"));
        assert_eq!(lexer.token(), Token::End);
    }

    #[test]
    fn deep_nests_end() {
        let deep = "[".repeat(3_000);
        assert_eq!(read(&deep).array().len(), 1);
    }
}
