//! What the header of a mail says about its way here, read while it streams by: how many Received fields,
//! whether Date and Message-ID are there, how long it is. Field bodies are not kept.

/// Reads the header as it comes, in pieces of any size.
#[derive(Debug)]
pub(crate) struct Scan {
    name: Vec<u8>,
    state: State,
    /// Bytes of header so far.
    pub(crate) bytes: usize,
    /// Received fields (RFC 5321 6.3).
    pub(crate) received: usize,
    /// A Date field was seen.
    pub(crate) date: bool,
    /// A Message-ID field was seen.
    pub(crate) message_id: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// In a field's name, at the start of a line.
    Name,
    /// In the rest of a line.
    Body,
    /// The empty line came.
    Done,
}

/// The longest name that we look for, and one more.
const LONGEST: usize = 12;

impl Scan {
    pub(crate) fn new() -> Self {
        Self {
            name: Vec::with_capacity(LONGEST),
            state: State::Name,
            bytes: 0,
            received: 0,
            date: false,
            message_id: false,
        }
    }

    /// Looks at the next bytes of the mail; costs nothing once the header is over.
    pub(crate) fn feed(&mut self, mut bytes: &[u8]) {
        while self.state != State::Done && !bytes.is_empty() {
            let taken = match self.state {
                State::Name => self.name(bytes),
                State::Body => match memchr::memchr(b'\n', bytes) {
                    Some(end) => {
                        self.state = State::Name;
                        end + 1
                    }
                    None => bytes.len(),
                },
                State::Done => 0,
            };
            self.bytes = self.bytes.saturating_add(taken);
            bytes = bytes.get(taken..).unwrap_or(&[]);
        }
    }

    fn name(&mut self, bytes: &[u8]) -> usize {
        for (at, &byte) in bytes.iter().enumerate() {
            match byte {
                b'\n' => {
                    let empty = self.name.is_empty();
                    self.name.clear();
                    self.state = if empty { State::Done } else { State::Name };
                    return at + 1;
                }
                b'\r' => {}
                b':' => {
                    self.count();
                    self.state = State::Body;
                    return at + 1;
                }
                b' ' | b'\t' if self.name.is_empty() => {
                    self.state = State::Body;
                    return at + 1;
                }
                _ if self.name.len() < LONGEST => self.name.push(byte.to_ascii_lowercase()),
                _ => {}
            }
        }
        bytes.len()
    }

    fn count(&mut self) {
        match self.name.trim_ascii_end() {
            b"received" => self.received += 1,
            b"date" => self.date = true,
            b"message-id" => self.message_id = true,
            _ => {}
        }
        self.name.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn scan(mail: &[u8], piece: usize) -> (usize, bool, bool, usize) {
        let mut scan = Scan::new();
        mail.chunks(piece).for_each(|part| scan.feed(part));
        (scan.received, scan.date, scan.message_id, scan.bytes)
    }

    #[test]
    fn fields_are_counted_in_the_header_only() {
        let mail =
            b"Received: a\r\n\tReceived: folded\r\nRECEIVED : b\r\nMessage-Id: <x>\r\nX-Date: no\r\n\r\nDate: body\r\n";
        for piece in 1..mail.len() {
            assert_eq!(scan(mail, piece), (2, false, true, mail.len() - 12), "{piece}");
        }
    }

    #[test]
    fn a_long_name_that_begins_like_another_is_another() {
        let (_, date, message_id, _) = scan(b"Message-ID-Old: x\r\nDated: y\r\n\r\n", 100);
        assert!(!date && !message_id);
    }

    #[test]
    fn a_mail_without_a_header_has_none() {
        assert_eq!(scan(b"\r\nDate: body\r\n", 100), (0, false, false, 2));
    }

    proptest! {
        #[test]
        fn pieces_of_any_size_give_the_same(mail in "(Date|Received|Message-ID|x|:| |\r\n|\n|a)*", piece in 1usize..9) {
            prop_assert_eq!(scan(mail.as_bytes(), piece), scan(mail.as_bytes(), 10_000));
        }
    }
}
