//! A message as it goes over the wire (RFC 1939 3): every line ended by CRLF, one that begins with a dot has another put
//! before it, and a line with a dot alone ends it. It takes the message in pieces of any size and keeps no more of it
//! than one field of its header.
//!
//! A bare LF becomes CRLF: many clients end a line at the LF, and would take what follows a `LF . LF` in a message for
//! our next answer.

use message::downgraded;

/// Longest field that is downgraded as one; a longer one goes as it is.
const FIELD: usize = 64 * 1024;

/// A message on its way.
#[derive(Debug)]
pub struct Content {
    stuffing: Stuffing,
    /// Lines of the body that are still wanted (TOP); `None`: all.
    lines: Option<u64>,
    /// Header fields go as they are (RFC 6856).
    utf8: bool,
    in_header: bool,
    /// The field so far.
    field: Vec<u8>,
    /// The field is too long to be kept: the rest of it goes as it comes.
    overlong: bool,
    /// The bytes of the present line so far, up to two: enough to know an empty one.
    begun: Vec<u8>,
}

impl Content {
    /// A message of which `lines` of the body are wanted (all: `None`), for a client that takes UTF-8 in headers or not.
    #[must_use]
    pub fn new(lines: Option<u64>, utf8: bool) -> Self {
        Self {
            stuffing: Stuffing::default(),
            lines,
            utf8,
            in_header: true,
            field: Vec::new(),
            overlong: false,
            begun: Vec::new(),
        }
    }

    /// Whether nothing more is wanted.
    #[must_use]
    pub fn is_done(&self) -> bool {
        !self.in_header && self.lines == Some(0)
    }

    /// Takes the next piece.
    pub fn feed(&mut self, piece: &[u8], out: &mut Vec<u8>) {
        let mut rest = piece;
        while !rest.is_empty() && !self.is_done() {
            if !self.in_header && self.lines.is_none() {
                return self.stuffing.write(rest, out);
            }
            let end = memchr::memchr(b'\n', rest).map_or(rest.len(), |at| at + 1);
            let (line, after) = rest.split_at(end);
            if self.in_header {
                self.header(line, out)
            } else {
                self.body(line, out)
            }
            rest = after;
        }
    }

    /// The end of the message: what is left of it, and the line with the dot.
    pub fn finish(mut self, out: &mut Vec<u8>) {
        self.end_field(out);
        if self.stuffing.before != b'\n' {
            self.stuffing.end_line(out);
        }
        out.extend_from_slice(b".\r\n");
    }

    /// A line of the body, or the beginning or end of one.
    fn body(&mut self, line: &[u8], out: &mut Vec<u8>) {
        self.stuffing.write(line, out);
        if line.ends_with(b"\n") {
            self.lines = self.lines.map(|lines| lines.saturating_sub(1));
        }
    }

    /// A line of the header, or the beginning or end of one. A field ends where a line begins with no blank.
    fn header(&mut self, line: &[u8], out: &mut Vec<u8>) {
        if self.begun.is_empty() && !line.starts_with(b" ") && !line.starts_with(b"\t") {
            self.end_field(out);
        }
        self.begun.extend(line.iter().take(2_usize.saturating_sub(self.begun.len())));
        if self.overlong {
            self.stuffing.write(line, out);
        } else {
            self.field.extend_from_slice(line);
            if self.field.len() > FIELD {
                self.overlong = true;
                let field = std::mem::take(&mut self.field);
                self.stuffing.write(&field, out);
            }
        }
        if line.ends_with(b"\n") {
            if self.begun == b"\r\n" || self.begun == b"\n" {
                self.end_field(out);
                self.in_header = false;
            }
            self.begun.clear();
        }
    }

    fn end_field(&mut self, out: &mut Vec<u8>) {
        self.overlong = false;
        let field = std::mem::take(&mut self.field);
        let ascii = if self.utf8 { None } else { downgraded(&field) };
        self.stuffing.write(ascii.as_ref().unwrap_or(&field), out);
        self.field = field;
        self.field.clear();
        self.field.shrink_to(1_024);
    }
}

/// Puts dots before dots and CRs before LFs.
#[derive(Debug)]
struct Stuffing {
    /// The byte before; LF at the beginning.
    before: u8,
}

impl Default for Stuffing {
    fn default() -> Self {
        Self { before: b'\n' }
    }
}

impl Stuffing {
    fn write(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        let mut rest = bytes;
        while let Some(first) = rest.first() {
            if self.before == b'\n' && *first == b'.' {
                out.push(b'.');
            }
            let end = memchr::memchr(b'\n', rest);
            let text = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
            out.extend_from_slice(text);
            self.before = text.last().copied().unwrap_or(self.before);
            let Some(end) = end else { return };
            self.end_line(out);
            rest = rest.get(end + 1..).unwrap_or_default();
            self.before = b'\n';
        }
    }

    fn end_line(&self, out: &mut Vec<u8>) {
        match self.before {
            b'\r' => out.push(b'\n'),
            _ => out.extend_from_slice(b"\r\n"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sent(message: &[u8], lines: Option<u64>, utf8: bool, piece: usize) -> Vec<u8> {
        let (mut content, mut out) = (Content::new(lines, utf8), Vec::new());
        message.chunks(piece.max(1)).for_each(|piece| content.feed(piece, &mut out));
        content.finish(&mut out);
        out
    }
    fn whole(message: &str) -> String {
        String::from_utf8(sent(message.as_bytes(), None, false, 7)).unwrap()
    }
    fn top(message: &str, lines: u64) -> String {
        String::from_utf8(sent(message.as_bytes(), Some(lines), false, 7)).unwrap()
    }

    #[test]
    fn a_line_that_begins_with_a_dot_gets_another() {
        assert_eq!(whole("A: b\r\n\r\n.\r\n..x\r\ny.\r\n"), "A: b\r\n\r\n..\r\n...x\r\ny.\r\n.\r\n");
        assert_eq!(whole(".A: b\r\n"), "..A: b\r\n.\r\n");
        assert_eq!(whole(""), ".\r\n");
    }

    #[test]
    fn every_line_ends_with_crlf_the_last_one_too() {
        assert_eq!(whole("A: b\n\nx\n.\n\nlast"), "A: b\r\n\r\nx\r\n..\r\n\r\nlast\r\n.\r\n");
        assert_eq!(whole("A: b\r\n\r\nx\r"), "A: b\r\n\r\nx\r\n.\r\n");
    }

    #[test]
    fn top_gives_the_header_the_empty_line_and_so_many_lines() {
        let mail = "A: b\r\n c\r\n\r\n1\r\n2\r\n\r\n4\r\n";
        assert_eq!(top(mail, 0), "A: b\r\n c\r\n\r\n.\r\n");
        assert_eq!(top(mail, 3), "A: b\r\n c\r\n\r\n1\r\n2\r\n\r\n.\r\n");
        assert_eq!(top(mail, u64::MAX), whole(mail));
        assert_eq!(top("A: b\r\n", 0), "A: b\r\n.\r\n", "a mail without a body");
    }

    #[test]
    fn utf_8_in_a_header_goes_to_those_who_asked_for_it() {
        let mail = "Subject: 見積り\r\n の件\r\nX: y\r\n\r\n本文\r\n";
        assert_eq!(sent(mail.as_bytes(), None, true, 3), [mail.as_bytes(), b".\r\n"].concat());
        let ascii = whole(mail);
        assert!(
            ascii.starts_with("Subject: =?UTF-8?B?") && ascii.ends_with("?=\r\nX: y\r\n\r\n本文\r\n.\r\n"),
            "{ascii}"
        );
        let old = b"Subject: \x8c\xa9\r\n\r\n";
        assert_eq!(sent(old, None, false, 3), b"Subject: \x8c\xa9\r\n\r\n.\r\n");
    }

    #[test]
    fn a_field_without_end_is_not_kept() {
        let mut content = Content::new(None, false);
        let mut out = Vec::new();
        for _ in 0..100 {
            content.feed(&[b'x'; 10_000], &mut out);
            assert!(content.field.capacity() <= 4 * FIELD);
        }
        content.feed("\r\nSubject: 見\r\n\r\n".as_bytes(), &mut out);
        content.finish(&mut out);
        assert!(out.starts_with(&[b'x'; 1_000_000]) && out.ends_with(b"Subject: =?UTF-8?B?6KaL?=\r\n\r\n.\r\n"));
    }

    /// What a client makes of the lines.
    fn received(lines: &[u8]) -> Vec<u8> {
        let lines = lines.strip_suffix(b".\r\n").expect("it ends with a dot");
        let mut out = Vec::new();
        for line in lines.split_inclusive(|byte| *byte == b'\n') {
            assert!(line.ends_with(b"\r\n") && line != b".\r\n");
            out.extend_from_slice(line.strip_prefix(b".").unwrap_or(line));
        }
        out
    }

    proptest! {
        #[test]
        fn a_message_arrives_whole_in_pieces_of_any_size(mail in "(A: [.x]{0,3}(\r\n|\n)){0,2}(\r\n|\n)([.x\r]{0,3}(\r\n|\n)){0,6}[.x]{0,3}", piece in 1_usize..9) {
            let out = sent(mail.as_bytes(), None, false, piece);
            prop_assert_eq!(&out, &sent(mail.as_bytes(), None, false, 10_000));
            let mut want = mail.replace("\r\n", "\n").replace('\n', "\r\n");
            if !want.ends_with("\r\n") {
                want.push_str("\r\n");
            }
            prop_assert_eq!(received(&out), want.into_bytes());
            for lines in 0..4 {
                let top = sent(mail.as_bytes(), Some(lines), false, piece);
                prop_assert!(out.starts_with(top.strip_suffix(b".\r\n").unwrap()));
            }
        }
    }
}
