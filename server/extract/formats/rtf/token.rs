//! RTF as tokens: groups, control words with their number, bytes (RTF 1.9.1, "Conventions of an RTF reader").

/// What stands in the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// `{`
    Open,
    /// `}`
    Close,
    /// A control word with its number.
    Word(&'a str, Option<i32>),
    /// `\*`: who does not know the next word passes over the group.
    Optional,
    /// A byte of text, written as it is or as `\'82`.
    Byte(u8),
    /// A control symbol that stands for a character.
    Char(char),
    /// Bytes behind `\bin`.
    Binary(&'a [u8]),
}

/// The tokens of a source.
pub(super) struct Tokens<'a> {
    rest: &'a [u8],
}

impl<'a> Tokens<'a> {
    /// The tokens of `source`.
    pub fn new(source: &'a [u8]) -> Self {
        Self { rest: source }
    }

    fn skip(&mut self, count: usize) {
        self.rest = self.rest.get(count..).unwrap_or_default();
    }

    /// What follows a backslash.
    fn control(&mut self) -> Option<Token<'a>> {
        let &first = self.rest.first()?;
        if first.is_ascii_alphabetic() {
            return Some(self.word());
        }
        self.skip(1);
        match first {
            b'\'' => {
                let byte = self.rest.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
                let byte = byte.and_then(|hex| u8::from_str_radix(hex, 16).ok());
                self.skip(if byte.is_some() { 2 } else { 0 });
                Some(Token::Byte(byte.unwrap_or(b'?')))
            }
            b'*' => Some(Token::Optional),
            b'~' => Some(Token::Char('\u{a0}')),
            b'_' => Some(Token::Char('-')),
            b'\n' | b'\r' => Some(Token::Word("par", None)),
            b'\\' | b'{' | b'}' => Some(Token::Byte(first)),
            // an optional hyphen, an index entry
            _ => self.next(),
        }
    }

    fn word(&mut self) -> Token<'a> {
        let letters = self.rest.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
        let word = std::str::from_utf8(self.rest.get(..letters).unwrap_or_default()).unwrap_or_default();
        self.skip(letters);
        let minus = usize::from(self.rest.first() == Some(&b'-'));
        let digits = self.rest.get(minus..).unwrap_or_default().iter().take_while(|byte| byte.is_ascii_digit()).count();
        let mut number = None;
        if digits > 0 {
            let written = std::str::from_utf8(self.rest.get(..minus + digits).unwrap_or_default()).unwrap_or_default();
            number = Some(written.parse::<i32>().unwrap_or_default());
            self.skip(minus + digits);
        }
        if self.rest.first() == Some(&b' ') {
            self.skip(1);
        }
        if word == "bin" {
            let size = usize::try_from(number.unwrap_or_default()).unwrap_or_default().min(self.rest.len());
            let bytes = self.rest.get(..size).unwrap_or_default();
            self.skip(size);
            return Token::Binary(bytes);
        }
        Token::Word(word, number)
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let &first = self.rest.first()?;
            self.skip(1);
            match first {
                b'{' => return Some(Token::Open),
                b'}' => return Some(Token::Close),
                b'\\' => return self.control(),
                b'\r' | b'\n' | 0 => {}
                byte => return Some(Token::Byte(byte)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_words_and_bytes() {
        let tokens: Vec<Token> = Tokens::new(b"{\\*\\f-12 a\\'82\\'zz\\~\\-\r\nb\\bin2 }}\\\\}").collect();
        let want = [
            Token::Open,
            Token::Optional,
            Token::Word("f", Some(-12)),
            Token::Byte(b'a'),
            Token::Byte(0x82),
            Token::Byte(b'?'),
            Token::Byte(b'z'),
            Token::Byte(b'z'),
            Token::Char('\u{a0}'),
            Token::Byte(b'b'),
            Token::Binary(b"}}"),
            Token::Byte(b'\\'),
            Token::Close,
        ];
        assert_eq!(tokens, want);
    }
}
