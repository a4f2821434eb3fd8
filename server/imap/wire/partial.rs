//! A range of a result (RFC 9394): the first so many, or with negative numbers the last.

use std::ops::Range;

use super::cursor::{Cursor, Parsed, wrong};

/// A range as asked: `1:100`, or `-1:-100`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Partial {
    /// Whether it is counted from the end.
    pub from_end: bool,
    /// The first place, from 1.
    pub first: u32,
    /// The last place.
    pub last: u32,
}

impl Partial {
    /// Reads it.
    ///
    /// # Errors
    /// The grammar is broken, or one number is negative and the other is not.
    pub fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let from_end = cursor.take(b'-');
        let first = cursor.nz_number()?;
        cursor.expect(b':', "Expected a range such as 1:100")?;
        if cursor.take(b'-') != from_end {
            return wrong("Both ends of the range count from the same end");
        }
        Ok(Self { from_end, first, last: cursor.nz_number()? })
    }

    /// Which of `count` results it means, as places from 0.
    #[must_use]
    pub fn of(self, count: usize) -> Range<usize> {
        let place = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        let (low, high) = (place(self.first.min(self.last)), place(self.first.max(self.last)).min(count));
        if low > count {
            return 0..0;
        }
        if self.from_end { count - high..count - low + 1 } else { low - 1..high }
    }
}

impl std::fmt::Display for Partial {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = if self.from_end { "-" } else { "" };
        write!(f, "{sign}{}:{sign}{}", self.first, self.last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_counts_from_the_beginning_or_from_the_end() {
        for (text, count, want) in [
            ("1:3", 10, 0..3),
            ("3:1", 10, 0..3),
            ("9:20", 10, 8..10),
            ("11:20", 10, 0..0),
            ("-1:-3", 10, 7..10),
            ("-9:-20", 10, 0..2),
            ("-11:-20", 10, 0..0),
            ("1:1", 0, 0..0),
        ] {
            let partial = Partial::parse(&mut Cursor::new(text.as_bytes())).unwrap();
            assert_eq!(partial.of(count), want, "{text} of {count}");
            assert_eq!(partial.to_string(), text);
        }
        for text in ["0:1", "1:-1", "-1:1", "1", "1:*", "*:1", ""] {
            assert!(Partial::parse(&mut Cursor::new(text.as_bytes())).is_err(), "{text}");
        }
    }
}
