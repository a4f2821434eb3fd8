//! Command lines: found in the read buffer, ended by CRLF and by nothing else (RFC 5321 2.3.8).

use memchr::{memchr, memchr2};

/// What the read buffer begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next<'a> {
    /// No whole line yet.
    Incomplete,
    /// A line without its CRLF, and the bytes it takes with it.
    Line(&'a [u8], usize),
    /// A line with a bare CR, a bare LF or a NUL, and the bytes it takes.
    Bad(usize),
    /// A line over the bound, and the bytes it takes.
    TooLong(usize),
    /// More than the bound, and no end in sight: all that is there must be thrown away up to the next LF.
    Endless,
}

/// Looks for one line of at most `most` bytes, CRLF included.
pub(crate) fn next(buffer: &[u8], most: usize) -> Next<'_> {
    let Some(end) = memchr(b'\n', buffer) else {
        return if buffer.len() >= most { Next::Endless } else { Next::Incomplete };
    };
    let taken = end + 1;
    if taken > most {
        return Next::TooLong(taken);
    }
    match buffer.get(..end).and_then(|line| line.strip_suffix(b"\r")) {
        Some(line) if memchr2(b'\r', b'\0', line).is_none() => Next::Line(line, taken),
        _ => Next::Bad(taken),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_crlf_ends_a_line() {
        assert_eq!(next(b"NOOP\r\nQUIT\r\n", 512), Next::Line(b"NOOP", 6));
        assert_eq!(next(b"NOOP\nQUIT\r\n", 512), Next::Bad(5));
        assert_eq!(next(b"NO\rOP\r\n", 512), Next::Bad(7));
        assert_eq!(next(b"NO\0OP\r\n", 512), Next::Bad(7));
        assert_eq!(next(b"NOOP\r", 512), Next::Incomplete);
        assert_eq!(next(b"", 512), Next::Incomplete);
    }

    #[test]
    fn a_line_over_the_bound_is_told_from_one_without_end() {
        assert_eq!(next(b"12345678\r\nx", 10), Next::Line(b"12345678", 10));
        assert_eq!(next(b"123456789\r\nx", 10), Next::TooLong(11));
        assert_eq!(next(b"1234567890", 10), Next::Endless);
    }
}
