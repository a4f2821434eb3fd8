//! Reads the words of one command from its bytes (RFC 3501 section 9). It never looks past the end, never
//! panics, and knows nothing of what the words mean.

use std::borrow::Cow;

/// What is wrong with a command; the text goes behind `BAD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// The grammar is broken.
    #[error("{0}")]
    Syntax(&'static str),
    /// A SEARCH in a charset that is not known (`NO [BADCHARSET]`, RFC 3501 6.4.4).
    #[error("This charset is not known")]
    Charset,
}

/// The result of reading.
pub type Parsed<T> = Result<T, ParseError>;

/// Shorthand for a broken grammar.
pub(crate) fn wrong<T>(what: &'static str) -> Parsed<T> {
    Err(ParseError::Syntax(what))
}

/// A place in the bytes of a command.
#[derive(Debug, Clone)]
pub struct Cursor<'a> {
    rest: &'a [u8],
    utf8: bool,
}

impl<'a> Cursor<'a> {
    /// Begins at the first byte.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, utf8: false }
    }

    /// The same for a client whose names of mailboxes are UTF-8 (RFC 9755, 9051).
    #[must_use]
    pub fn with_utf8_names(self, utf8: bool) -> Self {
        Self { utf8, ..self }
    }

    /// Whether names of mailboxes are UTF-8.
    #[must_use]
    pub fn names_in_utf8(&self) -> bool {
        self.utf8
    }

    /// What is left.
    #[must_use]
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The next byte, left where it is.
    #[must_use]
    pub fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// Whether all is read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Takes `byte` if it comes next.
    pub fn take(&mut self, byte: u8) -> bool {
        match self.rest.split_first() {
            Some((first, rest)) if *first == byte => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    /// Takes `word` (ASCII, any case) if it comes next.
    pub fn take_word(&mut self, word: &str) -> bool {
        match self.rest.split_at_checked(word.len()) {
            Some((head, rest)) if head.eq_ignore_ascii_case(word.as_bytes()) => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    /// `byte` must come next.
    ///
    /// # Errors
    /// With `what`, when it does not.
    pub fn expect(&mut self, byte: u8, what: &'static str) -> Parsed<()> {
        if self.take(byte) { Ok(()) } else { wrong(what) }
    }

    /// A blank must come next; more than one is forgiven, as old clients send.
    ///
    /// # Errors
    /// When none comes.
    pub fn space(&mut self) -> Parsed<()> {
        self.expect(b' ', "Expected a space")?;
        while self.take(b' ') {}
        Ok(())
    }

    /// Nothing but blanks may be left.
    ///
    /// # Errors
    /// When something is.
    pub fn end(&mut self) -> Parsed<()> {
        while self.take(b' ') {}
        if self.is_empty() { Ok(()) } else { wrong("Unexpected characters at the end of the command") }
    }

    fn run(&mut self, wanted: impl Fn(u8) -> bool) -> &'a [u8] {
        let length = self.rest.iter().position(|byte| !wanted(*byte)).unwrap_or(self.rest.len());
        let (run, rest) = self.rest.split_at(length);
        self.rest = rest;
        run
    }

    /// A tag (RFC 3501: ASTRING-CHAR except `+`).
    ///
    /// # Errors
    /// When there is none.
    pub fn tag(&mut self) -> Parsed<&'a str> {
        let tag = self.run(|byte| is_astring_char(byte) && byte != b'+');
        text(tag, "Expected a tag")
    }

    /// An atom.
    ///
    /// # Errors
    /// When there is none.
    pub fn atom(&mut self) -> Parsed<&'a str> {
        let atom = self.run(is_atom_char);
        text(atom, "Expected an atom")
    }

    /// A word of the grammar: letters, digits, `.` and `-`.
    ///
    /// # Errors
    /// When there is none.
    pub fn word(&mut self) -> Parsed<&'a str> {
        let word = self.run(|byte| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-');
        text(word, "Expected a word")
    }

    /// A number of 32 bits.
    ///
    /// # Errors
    /// When there is none, or it is too great.
    pub fn number(&mut self) -> Parsed<u32> {
        u32::try_from(self.number64()?).or_else(|_| wrong("The number is too great"))
    }

    /// A number of 63 bits (RFC 3501 erratum; sizes and offsets).
    ///
    /// # Errors
    /// When there is none, or it is too great.
    pub fn number64(&mut self) -> Parsed<u64> {
        let digits = text(self.run(|byte| byte.is_ascii_digit()), "Expected a number")?;
        match digits.parse::<u64>() {
            Ok(number) if number <= i64::MAX as u64 => Ok(number),
            _ => wrong("The number is too great"),
        }
    }

    /// A number that is not zero.
    ///
    /// # Errors
    /// When there is none, or it is zero.
    pub fn nz_number(&mut self) -> Parsed<u32> {
        match self.number()? {
            0 => wrong("Zero is not allowed here"),
            number => Ok(number),
        }
    }

    /// An astring: an atom (with `]`), a quoted string or a literal.
    ///
    /// # Errors
    /// When there is none.
    pub fn astring(&mut self) -> Parsed<Cow<'a, [u8]>> {
        match self.peek() {
            Some(b'"' | b'{') => self.string(),
            _ => {
                let atom = self.run(is_astring_char);
                if atom.is_empty() { wrong("Expected an astring") } else { Ok(Cow::Borrowed(atom)) }
            }
        }
    }

    /// A list-mailbox: an astring that may hold `*` and `%` unquoted.
    ///
    /// # Errors
    /// When there is none.
    pub fn list_mailbox(&mut self) -> Parsed<Cow<'a, [u8]>> {
        match self.peek() {
            Some(b'"' | b'{') => self.string(),
            _ => {
                let pattern = self.run(|byte| is_astring_char(byte) || byte == b'*' || byte == b'%');
                if pattern.is_empty() { wrong("Expected a mailbox pattern") } else { Ok(Cow::Borrowed(pattern)) }
            }
        }
    }

    /// A string: quoted or literal.
    ///
    /// # Errors
    /// When there is none.
    pub fn string(&mut self) -> Parsed<Cow<'a, [u8]>> {
        match self.peek() {
            Some(b'"') => self.quoted(),
            Some(b'{') => self.literal().map(Cow::Borrowed),
            _ => wrong("Expected a string"),
        }
    }

    /// A string or NIL.
    ///
    /// # Errors
    /// When there is none.
    pub fn nstring(&mut self) -> Parsed<Option<Cow<'a, [u8]>>> {
        if self.take_word("NIL") { Ok(None) } else { self.string().map(Some) }
    }

    /// A literal that may hold NUL: `~{n}` (RFC 3516, 5464).
    ///
    /// # Errors
    /// When there is none.
    pub fn literal8(&mut self) -> Parsed<&'a [u8]> {
        self.expect(b'~', "Expected a literal")?;
        self.counted()
    }

    fn quoted(&mut self) -> Parsed<Cow<'a, [u8]>> {
        self.expect(b'"', "Expected a quoted string")?;
        let plain = self.run(|byte| !matches!(byte, b'"' | b'\\' | b'\r' | b'\n' | 0));
        if self.take(b'"') {
            return Ok(Cow::Borrowed(plain));
        }
        let mut out = plain.to_vec();
        loop {
            match self.rest {
                [b'"', rest @ ..] => {
                    self.rest = rest;
                    return Ok(Cow::Owned(out));
                }
                // Only \" and \\ are in the grammar; other escapes are taken for the character itself.
                [b'\\', byte, rest @ ..] if !matches!(byte, b'\r' | b'\n' | 0) => {
                    out.push(*byte);
                    self.rest = rest;
                }
                [b'\\' | b'\r' | b'\n' | 0, ..] | [] => return wrong("The quoted string is not closed"),
                [byte, rest @ ..] => {
                    out.push(*byte);
                    self.rest = rest;
                }
            }
        }
    }

    /// A literal that lies in the bytes: `{n}` or `{n+}`, line end, n bytes (RFC 7888).
    fn literal(&mut self) -> Parsed<&'a [u8]> {
        let bytes = self.counted()?;
        if bytes.contains(&0) { wrong("NUL is not allowed in a literal") } else { Ok(bytes) }
    }

    fn counted(&mut self) -> Parsed<&'a [u8]> {
        self.expect(b'{', "Expected a literal")?;
        let size = usize::try_from(self.number64()?).or_else(|_| wrong("The literal is too long"))?;
        self.take(b'+');
        self.expect(b'}', "Expected a literal")?;
        self.take(b'\r');
        self.expect(b'\n', "Expected a line end after the literal's size")?;
        let (bytes, rest) = self.rest.split_at_checked(size).ok_or(ParseError::Syntax("The literal is cut off"))?;
        self.rest = rest;
        Ok(bytes)
    }

    /// A list in parentheses whose members are read by `member`, separated by blanks; may be empty.
    ///
    /// # Errors
    /// As `member`, or when the parentheses are not right.
    pub fn list<T>(&mut self, member: impl FnMut(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        self.list_of(usize::MAX, member)
    }

    /// The same with `most` members at most: what is too much is not collected first.
    ///
    /// # Errors
    /// As [`Self::list`], or there are more.
    pub fn list_of<T>(&mut self, most: usize, mut member: impl FnMut(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        self.expect(b'(', "Expected a list in parentheses")?;
        let mut out = Vec::new();
        while self.take(b' ') {}
        while !self.take(b')') {
            if !out.is_empty() {
                self.expect(b' ', "Expected a space or a closing parenthesis")?;
                while self.take(b' ') {}
                if self.take(b')') {
                    break;
                }
            }
            if out.len() >= most {
                return wrong("The list is too long");
            }
            out.push(member(self)?);
        }
        Ok(out)
    }
}

fn text<'a>(bytes: &'a [u8], what: &'static str) -> Parsed<&'a str> {
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.is_empty() => Ok(text),
        _ => wrong(what),
    }
}

/// ATOM-CHAR of RFC 3501.
pub(crate) fn is_atom_char(byte: u8) -> bool {
    byte > 0x20 && byte < 0x7f && !matches!(byte, b'(' | b')' | b'{' | b'%' | b'*' | b'"' | b'\\' | b']')
}

/// ASTRING-CHAR of RFC 3501.
pub(crate) fn is_astring_char(byte: u8) -> bool {
    is_atom_char(byte) || byte == b']'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_astring_is_an_atom_a_quoted_string_or_a_literal() {
        let table: [(&[u8], &[u8]); 6] = [
            (b"INBOX", b"INBOX"),
            (b"a]b", b"a]b"),
            (b"\"a \\\"b\\\\\"", b"a \"b\\"),
            (b"{3}\r\na b", b"a b"),
            (b"{3+}\r\na\r\n", b"a\r\n"),
            (b"\"\"", b""),
        ];
        for (bytes, want) in table {
            let mut cursor = Cursor::new(bytes);
            assert_eq!(cursor.astring().unwrap().as_ref(), want);
            assert!(cursor.is_empty());
        }
    }

    #[test]
    fn broken_strings_are_refused() {
        for bytes in
            [&b"\"abc"[..], b"\"a\\", b"\"a\r\n\"", b"{9}\r\nabc", b"{1}x", b"{99999999999999999999}\r\n", b"", b"("]
        {
            assert!(Cursor::new(bytes).astring().is_err(), "{bytes:?}");
        }
    }

    #[test]
    fn a_list_may_be_empty() {
        assert_eq!(Cursor::new(b"()").list(|c| c.number()).unwrap(), Vec::<u32>::new());
        assert_eq!(Cursor::new(b"(1 2  3)").list(|c| c.number()).unwrap(), [1, 2, 3]);
        assert!(Cursor::new(b"(1 2").list(|c| c.number()).is_err());
        assert!(Cursor::new(b"(1,2)").list(|c| c.number()).is_err());
    }

    #[test]
    fn a_list_ends_at_its_bound() {
        let mut read = 0;
        let mut bounded = |text: &[u8]| {
            read = 0;
            Cursor::new(text).list_of(2, |c| {
                read += 1;
                c.number()
            })
        };
        assert_eq!(bounded(b"(1 2 )"), Ok(vec![1, 2]));
        assert!(bounded(b"(1 2 3 4)").is_err());
        assert_eq!(read, 2, "what is beyond it is not read");
    }
}
