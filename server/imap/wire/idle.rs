//! What a client says while it idles (RFC 2177): one line, which ends it. It is no command, whatever stands in it.

/// Longest line.
const LINE: usize = 1_000;

/// What came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// Not a whole line yet.
    More,
    /// More than any line that ends IDLE has.
    TooLong,
    /// A line of so many bytes with its end, and whether it is DONE.
    Line {
        /// Its bytes.
        used: usize,
        /// Whether it is DONE.
        done: bool,
    },
}

/// Looks for the line.
#[must_use]
pub fn said(input: &[u8]) -> Said {
    match memchr::memchr(b'\n', input) {
        Some(end) => {
            let line = input.get(..end).unwrap_or_default().trim_ascii();
            Said::Line { used: end + 1, done: line.eq_ignore_ascii_case(b"DONE") }
        }
        None if input.len() > LINE => Said::TooLong,
        None => Said::More,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_ends_it_and_only_done_ends_it_well() {
        for (input, right) in [
            (&b""[..], Said::More),
            (b"DON", Said::More),
            (b"DONE\r\na NOOP\r\n", Said::Line { used: 6, done: true }),
            (b" done \n", Said::Line { used: 7, done: true }),
            (b"\r\n", Said::Line { used: 2, done: false }),
            (b"a NOOP\r\n", Said::Line { used: 8, done: false }),
            (&[b'x'; 1_001], Said::TooLong),
        ] {
            assert_eq!(said(input), right);
        }
    }
}
