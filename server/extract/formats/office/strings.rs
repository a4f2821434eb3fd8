//! The shared strings of a workbook (ECMA-376 part 1, 18.4): one text for all, each string a range of it. The runs
//! of a string are joined; its reading (phonetic) is kept apart.

use super::xml::{Sink, Tag};

/// Bytes of all strings of a workbook at most.
const STRINGS: usize = 96 << 20;

/// The strings of a workbook.
#[derive(Default)]
pub(crate) struct Strings {
    text: String,
    ends: Vec<usize>,
    /// The readings, one a line.
    pub readings: String,
    hot: bool,
    reading: bool,
}

impl Strings {
    /// The string with this number.
    pub fn get(&self, at: usize) -> &str {
        let start = at.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied());
        let range = start.zip(self.ends.get(at).copied());
        range.and_then(|(start, end)| self.text.get(start..end)).unwrap_or_default()
    }

    /// Adds to the string in work.
    pub fn add(&mut self, text: &str) {
        if self.text.len() + text.len() <= STRINGS {
            self.text.push_str(text);
        }
    }

    /// Ends the string in work.
    pub fn end(&mut self) {
        self.ends.push(self.text.len());
    }

    /// Whether there are more strings than are kept.
    pub fn full(&self) -> bool {
        self.text.len() + 65_536 > STRINGS
    }
}

impl Sink for Strings {
    fn open(&mut self, tag: &Tag<'_>) {
        match tag.name() {
            "t" => self.hot = true,
            "rPh" => self.reading = true,
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        match name {
            "t" => self.hot = false,
            "rPh" => {
                self.reading = false;
                self.readings.push('\n');
            }
            "si" => self.end(),
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        match (self.hot, self.reading) {
            (true, true) => self.readings.push_str(text),
            (true, false) => self.add(text),
            _ => {}
        }
    }

    fn done(&self) -> bool {
        self.full()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::office::xml;

    #[test]
    fn runs_are_joined_and_readings_kept_apart() {
        let xml = "<sst><si><r><t>1234</t></r><r><t>5678</t></r><rPh><t>9</t></rPh></si><si/><si><t>b</t></si></sst>";
        let mut strings = Strings::default();
        assert!(xml::parse(xml.as_bytes(), &mut strings));
        assert_eq!([0, 1, 2, 3].map(|at| strings.get(at)), ["12345678", "", "b", ""]);
        assert_eq!(strings.readings, "9\n");
    }
}
