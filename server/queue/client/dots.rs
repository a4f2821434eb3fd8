//! Mail as DATA wants it (RFC 5321 4.5.2): lines end with CRLF, a dot before each dot that begins a line, the end mark.

/// Turns bytes of a mail, piece by piece, into what goes over the wire. A lone CR or LF becomes CRLF: it may not be
/// sent (RFC 5321 2.3.8), and servers that take it for a line end would see an end mark where none is.
#[derive(Debug, Clone)]
pub(crate) struct Stuffer {
    line_start: bool,
    after_cr: bool,
}

impl Stuffer {
    /// At the beginning of a mail.
    pub fn new() -> Self {
        Self { line_start: true, after_cr: false }
    }

    /// Appends the wire form of `bytes` to `out`.
    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        for &byte in bytes {
            if self.after_cr {
                self.after_cr = false;
                out.extend_from_slice(b"\r\n");
                self.line_start = true;
                if byte == b'\n' {
                    continue;
                }
            }
            match byte {
                b'\r' => self.after_cr = true,
                b'\n' => {
                    out.extend_from_slice(b"\r\n");
                    self.line_start = true;
                }
                byte => {
                    if byte == b'.' && self.line_start {
                        out.push(b'.');
                    }
                    out.push(byte);
                    self.line_start = false;
                }
            }
        }
    }

    /// Ends the last line where it is open, and the mail.
    pub fn finish(self, out: &mut Vec<u8>) {
        if self.after_cr || !self.line_start {
            out.extend_from_slice(b"\r\n");
        }
        out.extend_from_slice(b".\r\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn wire(pieces: &[&[u8]]) -> Vec<u8> {
        let (mut stuffer, mut out) = (Stuffer::new(), Vec::new());
        for piece in pieces {
            stuffer.push(piece, &mut out);
        }
        stuffer.finish(&mut out);
        out
    }

    #[test]
    fn dots_are_doubled_and_lone_line_ends_made_whole() {
        for (mail, sent) in [
            ("a\r\n.\r\nb\r\n", "a\r\n..\r\nb\r\n.\r\n"),
            (".a\r\n..b", "..a\r\n...b\r\n.\r\n"),
            ("", ".\r\n"),
            ("a\n.\nb\r.\rc", "a\r\n..\r\nb\r\n..\r\nc\r\n.\r\n"),
            ("a\r", "a\r\n.\r\n"),
            ("a\r\r\n", "a\r\n\r\n.\r\n"),
            ("x.y\r\n", "x.y\r\n.\r\n"),
        ] {
            assert_eq!(String::from_utf8(wire(&[mail.as_bytes()])).unwrap(), sent, "{mail:?}");
        }
    }

    proptest! {
        #[test]
        fn the_next_hop_reads_back_what_was_sent(lines in prop::collection::vec("[.a]{0,3}", 0..12), cut in 0usize..40) {
            let mail: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
            let (head, tail) = mail.as_bytes().split_at(cut.min(mail.len()));
            let sent = String::from_utf8(wire(&[head, tail])).unwrap();
            let body = sent.strip_suffix(".\r\n").unwrap();
            let framed = format!("\r\n{body}");
            prop_assert!(!framed.contains("\r\n.\r\n"));
            let back: String = body.split_inclusive("\r\n").map(|line| line.strip_prefix('.').unwrap_or(line)).collect();
            prop_assert_eq!(back, mail);
        }

        #[test]
        fn no_bytes_make_an_early_end_or_a_lone_line_end(mail in prop::collection::vec(
            prop::sample::select(b"\r\n.a".to_vec()), 0..40), cut in 0usize..40) {
            let (head, tail) = mail.split_at(cut.min(mail.len()));
            let sent = String::from_utf8(wire(&[head, tail])).unwrap();
            let inner = format!("\r\n{}", sent.strip_suffix(".\r\n").unwrap());
            prop_assert!(!inner.contains("\r\n.\r\n"));
            prop_assert!(!inner.replace("\r\n", "").contains(['\r', '\n']));
        }
    }
}
