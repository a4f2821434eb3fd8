//! The body of DATA as a stream: dots are taken away, only CRLF.CRLF ends it (RFC 5321 4.1.1.4, 4.5.2).
//!
//! A bare CR or LF spoils the mail but not the stream: we go on to the true end, so that nothing of the body is
//! ever taken for a command (SMTP smuggling).

use memchr::memchr2;

/// Where in the line the stream stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    /// Behind a CRLF, or at the very start.
    LineStart,
    /// Behind a dot at the start of a line; the dot was taken away.
    Dot,
    /// Behind such a dot and a CR, which is held back.
    DotCr,
    /// Inside a line.
    Middle,
    /// Behind a CR inside a line.
    Cr,
}

/// Decodes the body of one DATA.
#[derive(Debug)]
pub(crate) struct Decoder {
    at: At,
    spoiled: bool,
}

/// What one step yields.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Step<'a> {
    /// Bytes of the mail; they may be empty.
    pub(crate) bytes: &'a [u8],
    /// How many bytes of the input are done with.
    pub(crate) consumed: usize,
    /// CRLF.CRLF was read; what follows is commands again.
    pub(crate) end: bool,
}

impl Decoder {
    pub(crate) fn new() -> Self {
        Self { at: At::LineStart, spoiled: false }
    }

    /// Whether a bare CR or LF was seen.
    pub(crate) fn spoiled(&self) -> bool {
        self.spoiled
    }

    /// Decodes up to the next dot that must go, or all of `input`. Call it until nothing is left or the end came.
    pub(crate) fn step<'a>(&mut self, input: &'a [u8]) -> Step<'a> {
        let start = self.line_start(input);
        if let Begin::End(consumed) = start {
            return Step { bytes: &[], consumed, end: true };
        }
        let Begin::Mail(from) = start else { return Step { bytes: &[], consumed: input.len(), end: false } };
        let to = self.run(input, from);
        Step { bytes: input.get(from..to).unwrap_or(&[]), consumed: to, end: false }
    }

    /// Deals with a dot at the start of a line.
    fn line_start(&mut self, input: &[u8]) -> Begin {
        let mut position = 0;
        while let Some(&byte) = input.get(position) {
            match (self.at, byte) {
                (At::LineStart, b'.') => self.at = At::Dot,
                (At::Dot, b'\r') => self.at = At::DotCr,
                (At::DotCr, b'\n') => return Begin::End(position + 1),
                (At::DotCr, _) => {
                    self.spoiled = true;
                    self.at = if byte == b'\r' { At::Cr } else { At::Middle };
                    return Begin::Mail(position);
                }
                (At::Dot, _) => {
                    self.at = At::Middle;
                    return Begin::Mail(position);
                }
                _ => return Begin::Mail(position),
            }
            position += 1;
        }
        Begin::Nothing
    }

    /// Runs over whole lines until one begins with a dot; returns where the run ends.
    fn run(&mut self, input: &[u8], from: usize) -> usize {
        let mut position = from;
        while let Some(&byte) = input.get(position) {
            match (self.at, byte) {
                (At::LineStart, b'.') => return position,
                (At::Cr, b'\n') => {
                    self.at = At::LineStart;
                    position += 1;
                    continue;
                }
                (At::Cr, _) => self.spoiled = true,
                _ => {}
            }
            self.at = At::Middle;
            let rest = input.get(position..).unwrap_or(&[]);
            let Some(found) = memchr2(b'\r', b'\n', rest) else { return input.len() };
            position += found + 1;
            if rest.get(found) == Some(&b'\r') {
                self.at = At::Cr;
            } else {
                self.spoiled = true;
            }
        }
        position
    }
}

enum Begin {
    /// The input ended inside the dot's business.
    Nothing,
    /// The mail goes on at this place.
    Mail(usize),
    /// The end was read, up to this place.
    End(usize),
}

/// Watches the chunks of BDAT for bare CR and LF: such a mail could not be handed on by DATA (RFC 3030 3).
#[derive(Debug, Default)]
pub(crate) struct LineEnds {
    after_cr: bool,
    spoiled: bool,
}

impl LineEnds {
    /// Looks at the next bytes.
    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        if self.after_cr && !rest.is_empty() {
            self.spoiled |= rest.first() != Some(&b'\n');
            rest = rest.strip_prefix(b"\n").unwrap_or(rest);
            self.after_cr = false;
        }
        while let Some(found) = memchr2(b'\r', b'\n', rest) {
            let (byte, after) = (rest.get(found), rest.get(found + 1));
            match (byte, after) {
                (Some(b'\r'), Some(b'\n')) => rest = rest.get(found + 2..).unwrap_or(&[]),
                (Some(b'\r'), None) => {
                    self.after_cr = true;
                    return;
                }
                _ => {
                    self.spoiled = true;
                    rest = rest.get(found + 1..).unwrap_or(&[]);
                }
            }
        }
    }

    /// Whether a bare CR or LF was seen, with all bytes fed.
    pub(crate) fn spoiled(&self) -> bool {
        self.spoiled || self.after_cr
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Decodes `input` given in pieces of `piece` bytes: the mail, what was left over, whether it was spoiled.
    fn decode(input: &[u8], piece: usize) -> Option<(Vec<u8>, Vec<u8>, bool)> {
        let (mut decoder, mut mail) = (Decoder::new(), Vec::new());
        let mut at = 0;
        while at < input.len() {
            let end = (at + piece).min(input.len());
            while at < end {
                let step = decoder.step(&input[at..end]);
                mail.extend_from_slice(step.bytes);
                at += step.consumed;
                if step.end {
                    return Some((mail, input[at..].to_vec(), decoder.spoiled()));
                }
            }
        }
        None
    }

    fn stuff(mail: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        for line in mail.split_inclusive(|b| *b == b'\n') {
            if line.starts_with(b".") {
                out.push(b'.');
            }
            out.extend_from_slice(line);
        }
        out.extend_from_slice(b".\r\n");
        out
    }

    #[test]
    fn only_crlf_dot_crlf_ends_the_body() {
        for (input, mail, spoiled) in [
            (&b".\r\n"[..], &b""[..], false),
            (b"a\r\n.\r\n", b"a\r\n", false),
            (b"a\r\n..b\r\n.c\r\n.\r\n", b"a\r\n.b\r\nc\r\n", false),
            (b"...\r\n.\r\n", b"..\r\n", false),
            (b"a\n.\nb\r\n.\r\n", b"a\n.\nb\r\n", true),
            (b"a\n.\r\nb\r\n.\r\n", b"a\n.\r\nb\r\n", true),
            (b"a\r\n.\nb\r\n.\r\n", b"a\r\n\nb\r\n", true),
            (b"a\r\n.\rb\r\n.\r\n", b"a\r\nb\r\n", true),
            (b"a\r.\r\n.\r\n", b"a\r.\r\n", true),
            (b"a\r\r\n.\r\n", b"a\r\r\n", true),
            (b"\r\n.\r\r\n.\r\n", b"\r\n\r\n", true),
        ] {
            for piece in 1..=input.len() {
                let got = decode(input, piece).unwrap_or_else(|| panic!("no end: {input:?} by {piece}"));
                assert_eq!(got, (mail.to_vec(), Vec::new(), spoiled), "{input:?} by {piece}");
            }
        }
    }

    #[test]
    fn what_follows_the_end_is_left_to_the_commands() {
        let (mail, rest, _) = decode(b"x\r\n.\r\nQUIT\r\n", 100).unwrap();
        assert_eq!((mail.as_slice(), rest.as_slice()), (&b"x\r\n"[..], &b"QUIT\r\n"[..]));
    }

    #[test]
    fn a_long_body_without_dots_is_one_run() {
        let mut body = b"0123456789\r\n".repeat(1000);
        body.extend_from_slice(b"half a line");
        let mut decoder = Decoder::new();
        assert_eq!(decoder.step(&body), Step { bytes: &body, consumed: body.len(), end: false });
    }

    fn lines() -> impl Strategy<Value = Vec<u8>> {
        proptest::collection::vec("[.a\u{3042}]{0,6}", 0..8)
            .prop_map(|lines| lines.iter().map(|line| format!("{line}\r\n")).collect::<String>().into_bytes())
    }

    proptest! {
        #[test]
        fn what_was_stuffed_comes_out_again_in_pieces_of_any_size(mail in lines(), piece in 1usize..40) {
            let (got, rest, spoiled) = decode(&stuff(&mail), piece).unwrap();
            prop_assert_eq!(got, mail);
            prop_assert!(rest.is_empty() && !spoiled);
        }

        #[test]
        fn pieces_of_any_size_give_the_same(input in "[.\r\na]{0,40}", piece in 1usize..9) {
            prop_assert_eq!(decode(input.as_bytes(), piece), decode(input.as_bytes(), 1000));
        }

        #[test]
        fn a_bare_end_is_seen_by_both_watches(input in "[\r\na]{0,20}", piece in 1usize..5) {
            let mut ends = LineEnds::default();
            for part in input.as_bytes().chunks(piece) {
                ends.feed(part);
            }
            let rest = input.replace("\r\n", "");
            prop_assert_eq!(ends.spoiled(), rest.contains(['\r', '\n']));
        }

        #[test]
        fn no_bytes_make_the_decoder_panic_or_stand_still(input in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = decode(&input, 7);
        }
    }
}
