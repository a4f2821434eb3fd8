//! Cuts the stream of bytes into commands: lines, and the literals that join them (RFC 3501 4.3, RFC 7888).
//! It holds the bytes of one command and says what must happen next; it reads and writes nothing itself.

/// What must happen next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// More bytes are needed.
    More,
    /// A literal is announced; nothing of it is taken yet. The session accepts it ([`Frame::accept_literal`]),
    /// streams it elsewhere ([`Frame::take_command`]) or refuses it ([`Frame::clear`]).
    Literal {
        /// Its size in bytes.
        size: u64,
        /// Whether the client waits for a continuation (`{n}`) or sends at once (`{n+}`).
        waits: bool,
    },
    /// A command is complete.
    Whole,
    /// The command is longer than allowed.
    TooLong,
}

/// Most literals of one command; before sign-in a hundredth.
const LITERALS: usize = 1_000;

/// Why a literal is not taken into the command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TooMuch {
    /// With it the command would be too long.
    Bytes,
    /// The command has as many as it may have.
    Literals,
}

/// The command being collected.
#[derive(Debug)]
pub struct Frame {
    command: Vec<u8>,
    limit: usize,
    literals: usize,
    most_literals: usize,
    literal_left: usize,
    scanned: usize,
}

impl Frame {
    /// An empty frame for commands of at most `limit` bytes, of a stranger: they have few literals.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self { command: Vec::new(), limit, literals: 0, most_literals: LITERALS / 100, literal_left: 0, scanned: 0 }
    }

    /// Changes the bounds: they grow at sign-in.
    pub fn set_limit(&mut self, limit: usize) {
        self.limit = limit;
        self.most_literals = LITERALS;
    }

    /// Takes from `input` what belongs to this command and says what must happen next; the taken bytes are
    /// removed from the front of `input` by the caller, who is told how many they were.
    pub fn feed(&mut self, input: &[u8]) -> (usize, Step) {
        let mut used = 0;
        if self.literal_left > 0 {
            let take = self.literal_left.min(input.len());
            self.command.extend_from_slice(input.get(..take).unwrap_or_default());
            self.literal_left -= take;
            used = take;
            self.scanned = self.command.len();
            if self.literal_left > 0 {
                return (used, Step::More);
            }
        }
        let rest = input.get(used..).unwrap_or_default();
        let line = memchr::memchr(b'\n', rest).map_or(rest.len(), |at| at + 1);
        if self.command.len() + line > self.limit {
            return (used + line, Step::TooLong);
        }
        let ended = rest.get(..line).is_some_and(|bytes| bytes.ends_with(b"\n"));
        self.command.extend_from_slice(rest.get(..line).unwrap_or_default());
        used += line;
        if !ended {
            return (used, Step::More);
        }
        let step = match announced(self.command.get(self.scanned..).unwrap_or_default()) {
            Some((size, waits)) => Step::Literal { size, waits },
            None => Step::Whole,
        };
        self.scanned = self.command.len();
        (used, step)
    }

    /// Takes the announced literal into the command.
    ///
    /// # Errors
    /// [`TooMuch`]: the bounds of a command do not allow it.
    pub fn accept_literal(&mut self, size: u64) -> Result<(), TooMuch> {
        if self.literals >= self.most_literals {
            return Err(TooMuch::Literals);
        }
        match usize::try_from(size) {
            Ok(size) if size <= self.limit.saturating_sub(self.command.len()) => {
                self.literals += 1;
                self.literal_left = size;
                Ok(())
            }
            _ => Err(TooMuch::Bytes),
        }
    }

    /// The bytes so far: the command up to and with the last line end.
    #[must_use]
    pub fn command(&self) -> &[u8] {
        &self.command
    }

    /// Hands over the bytes and begins the next command.
    pub fn take_command(&mut self) -> Vec<u8> {
        self.scanned = 0;
        self.literals = 0;
        self.literal_left = 0;
        std::mem::take(&mut self.command)
    }

    /// Forgets the bytes and begins the next command.
    pub fn clear(&mut self) {
        drop(self.take_command());
    }
}

/// The literal that a line announces at its end.
fn announced(line: &[u8]) -> Option<(u64, bool)> {
    let line = line.strip_suffix(b"\n")?;
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let line = line.strip_suffix(b"}")?;
    let (line, waits) = line.strip_suffix(b"+").map_or((line, true), |line| (line, false));
    let digits = line.rsplit(|byte| *byte == b'{').next()?;
    if digits.is_empty() || digits.len() == line.len() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    // An absurd size is refused by its greatness, not by being taken for text.
    let size = std::str::from_utf8(digits).ok()?.parse().unwrap_or(u64::MAX);
    Some((size, waits))
}

/// The command without its last line end.
#[must_use]
pub fn without_line_end(command: &[u8]) -> &[u8] {
    let command = command.strip_suffix(b"\n").unwrap_or(command);
    command.strip_suffix(b"\r").unwrap_or(command)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Feeds `input` in pieces of `size`; the commands with their literals.
    fn commands(input: &[u8], size: usize) -> Vec<Vec<u8>> {
        let (mut frame, mut out) = (Frame::new(1_000), Vec::new());
        for piece in input.chunks(size) {
            let mut piece = piece;
            while !piece.is_empty() {
                let (used, step) = frame.feed(piece);
                piece = &piece[used..];
                match step {
                    Step::More => {}
                    Step::Literal { size, .. } => {
                        if frame.accept_literal(size).is_err() {
                            frame.clear();
                        }
                    }
                    Step::Whole => out.push(frame.take_command()),
                    Step::TooLong => frame.clear(),
                }
            }
        }
        out
    }

    #[test]
    fn a_command_holds_its_literals_however_the_bytes_come() {
        let input = b"a NOOP\r\nb LOGIN {4}\r\ntaro {3+}\r\na\r\n\r\nc X\n";
        for size in 1..input.len() {
            let got = commands(input, size);
            assert_eq!(got.len(), 3, "{size}");
            assert_eq!(got[1], b"b LOGIN {4}\r\ntaro {3+}\r\na\r\n\r\n");
            assert_eq!(got[2], b"c X\n");
        }
    }

    #[test]
    fn an_empty_literal_is_a_literal() {
        assert_eq!(commands(b"a LOGIN {0}\r\n {0+}\r\n\r\n", 3), [b"a LOGIN {0}\r\n {0+}\r\n\r\n".to_vec()]);
    }

    #[test]
    fn a_command_over_its_bound_is_too_long() {
        let mut frame = Frame::new(10);
        assert_eq!(frame.feed(b"a LOGIN {9999999999999999999999}\r\n").1, Step::TooLong);
        let mut frame = Frame::new(100);
        let (_, step) = frame.feed(b"a LOGIN {9999999999999999999999}\r\n");
        assert_eq!(step, Step::Literal { size: u64::MAX, waits: true });
        assert_eq!(frame.accept_literal(u64::MAX), Err(TooMuch::Bytes));
    }

    #[test]
    fn a_command_has_so_many_literals_and_a_strangers_a_hundredth() {
        for (signed_in, most) in [(false, 10), (true, 1_000)] {
            let mut frame = Frame::new(1 << 20);
            if signed_in {
                frame.set_limit(1 << 20);
            }
            // the next command begins anew
            for _ in 0..2 {
                for _ in 0..most {
                    frame.feed(b"a {1+}\r\n");
                    assert_eq!(frame.accept_literal(1), Ok(()));
                    frame.feed(b"x");
                }
                frame.feed(b"a {0+}\r\n");
                assert_eq!(frame.accept_literal(0), Err(TooMuch::Literals));
                frame.clear();
            }
        }
    }

    proptest! {
        #[test]
        fn nothing_panics_and_no_byte_is_lost(input in proptest::collection::vec(any::<u8>(), 0..300), size in 1usize..50) {
            let _ = commands(&input, size);
        }
    }
}
