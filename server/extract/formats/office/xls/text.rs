//! The strings of a workbook, which may go on in the records that continue theirs ([MS-XLS] 2.5.293 to 2.5.296).

use encoding_rs::{SHIFT_JIS, UTF_16LE};

/// A record and those that continue it, read from the front.
pub(super) struct Segments<'a> {
    segments: Vec<&'a [u8]>,
    /// The segment in work.
    at: usize,
}

impl<'a> Segments<'a> {
    /// Reads from the beginning.
    pub fn new(segments: &[&'a [u8]]) -> Self {
        Self { segments: segments.to_vec(), at: 0 }
    }

    /// Reads from behind the first `skip` bytes.
    pub fn from(segments: &[&'a [u8]], skip: usize) -> Self {
        let mut all = Self::new(segments);
        if let Some(first) = all.segments.first_mut() {
            *first = first.get(skip..).unwrap_or_default();
        }
        all
    }

    /// Whether all is read.
    pub fn is_empty(&self) -> bool {
        self.segments.get(self.at..).unwrap_or_default().iter().all(|segment| segment.is_empty())
    }

    /// At most so many bytes of the segment in work.
    fn piece(&mut self, most: usize) -> &'a [u8] {
        let Some(segment) = self.segments.get_mut(self.at) else { return &[] };
        let (piece, rest) = segment.split_at(most.min(segment.len()));
        *segment = rest;
        piece
    }

    /// Goes on to the next segment when the one in work is read; whether there is one.
    fn step(&mut self) -> bool {
        while self.segments.get(self.at).is_some_and(|segment| segment.is_empty()) {
            self.at += 1;
        }
        self.at < self.segments.len()
    }

    fn skip(&mut self, mut count: usize) {
        while count > 0 && self.step() {
            count -= self.piece(count).len();
        }
    }

    fn byte(&mut self) -> u8 {
        if self.step() { self.piece(1).first().copied().unwrap_or_default() } else { 0 }
    }

    fn short(&mut self) -> u16 {
        u16::from_le_bytes([self.byte(), self.byte()])
    }

    /// A string behind its length in two bytes; with flags in Excel 97 and later, else in code page 932.
    pub fn string(&mut self, flags: bool) -> String {
        let count = self.short();
        if flags { self.characters(count) } else { self.narrow(usize::from(count)) }
    }

    /// A string behind its length in one byte.
    pub fn short_string(&mut self, flags: bool) -> String {
        let count = u16::from(self.byte());
        if flags { self.characters(count) } else { self.narrow(usize::from(count)) }
    }

    /// What is left, in code page 932.
    pub fn rest(&mut self) -> String {
        self.narrow(usize::MAX)
    }

    /// A shared string: what formats its runs, and its reading, are passed over.
    pub fn rich_string(&mut self) -> String {
        let count = self.short();
        let flags = self.byte();
        let runs = if flags & 8 != 0 { usize::from(self.short()) } else { 0 };
        let reading = match flags & 4 {
            0 => 0,
            _ => usize::from(self.short()) | usize::from(self.short()) << 16,
        };
        let text = self.run(usize::from(count), flags & 1 != 0);
        self.skip(runs * 4);
        self.skip(reading);
        text
    }

    /// So many characters behind their flags.
    pub fn characters(&mut self, count: u16) -> String {
        let wide = self.byte() & 1 != 0;
        self.run(usize::from(count), wide)
    }

    /// Characters; where they go on in another segment, that begins with flags of its own.
    fn run(&mut self, mut count: usize, mut wide: bool) -> String {
        let mut out = String::new();
        while count > 0 {
            let width = if wide { 2 } else { 1 };
            let piece = self.piece(count * width);
            match wide {
                true => out.push_str(&UTF_16LE.decode_without_bom_handling(piece).0),
                false => out.extend(piece.iter().map(|&byte| char::from(byte))),
            }
            count -= (piece.len() / width).min(count);
            if count > 0 {
                if !self.step() {
                    break;
                }
                wide = self.byte() & 1 != 0;
            }
        }
        out
    }

    fn narrow(&mut self, mut count: usize) -> String {
        let mut bytes = Vec::new();
        while count > 0 && self.step() {
            let piece = self.piece(count);
            count -= piece.len();
            bytes.extend_from_slice(piece);
        }
        SHIFT_JIS.decode_without_bom_handling(&bytes).0.into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_goes_on_in_the_next_segment() {
        let mut text = Segments::new(&[&[4, 0, 0, b'1', b'2'], &[1, b'3', 0, b'4', 0, 1, 0, 0, b'x']]);
        assert_eq!(text.rich_string(), "1234");
        assert_eq!(text.rich_string(), "x");
        assert!(text.is_empty());
    }

    #[test]
    fn runs_and_readings_are_passed_over() {
        let mut text = Segments::new(&[&[1, 0, 12, 1, 0, 2, 0, 0, 0, b'a', 9, 9], &[9, 9, 8, 8, 1, 0, 0, b'b']]);
        assert_eq!((text.rich_string(), text.rich_string()), ("a".to_owned(), "b".to_owned()));
    }
}
