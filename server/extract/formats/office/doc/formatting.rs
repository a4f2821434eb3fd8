//! What the formatting of a Word document says of its text: which paragraphs end a row of a table, which characters
//! are there only before or after the changes that are tracked ([MS-DOC] 2.9.26, 2.9.33, 2.9.175).

use super::super::flow::Change;
use super::super::native::long;
use super::short;

/// Where the FIB names the pages of the formatting of characters and of paragraphs.
const CHARACTERS: usize = 0xfa;
const PARAGRAPHS: usize = 0x102;
/// The size of a page.
const PAGE: usize = 512;

/// What is known of a paragraph.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Paragraph {
    /// It lies in a table.
    pub in_table: bool,
    /// It is the mark at the end of a row.
    pub ends_row: bool,
}

/// The formatting that matters, each for a range of the text's stream, in order.
#[derive(Default)]
pub(super) struct Formatting {
    paragraphs: Vec<(usize, usize, Paragraph)>,
    changes: Vec<(usize, usize, Change)>,
}

impl Formatting {
    /// Reads the pages of formatting.
    pub fn read(text: &[u8], table: &[u8]) -> Self {
        let mut formatting = Self::default();
        for page in pages(text, table, PARAGRAPHS) {
            formatting.paragraph_page(page);
        }
        for page in pages(text, table, CHARACTERS) {
            formatting.character_page(page);
        }
        formatting.paragraphs.sort_unstable_by_key(|(start, ..)| *start);
        formatting.changes.sort_unstable_by_key(|(start, ..)| *start);
        formatting
    }

    /// What is known of the paragraph whose mark lies at `at`.
    pub fn paragraph(&self, at: usize) -> Paragraph {
        found(&self.paragraphs, at).unwrap_or_default()
    }

    /// Whether the character at `at` is tracked as a change.
    pub fn change(&self, at: usize) -> Change {
        found(&self.changes, at).unwrap_or(Change::None)
    }

    fn paragraph_page(&mut self, page: &[u8]) {
        for (run, start, end) in runs(page) {
            let offset = page.get(run.1 + run.0 * 13).copied().map(usize::from).unwrap_or_default() * 2;
            let size = page.get(offset).copied().map(usize::from).unwrap_or_default();
            // an odd number of bytes begins at once, an even one behind a second count
            let (first, size) = match size {
                0 => (offset + 2, page.get(offset + 1).copied().map(usize::from).unwrap_or_default() * 2),
                size => (offset + 1, size * 2 - 1),
            };
            let formats = page.get(first + 2..first + size).unwrap_or_default();
            let mut paragraph = Paragraph::default();
            changes(formats, |what, on| match what {
                0x2416 => paragraph.in_table = on,
                0x2417 => paragraph.ends_row = on,
                _ => {}
            });
            if offset > 0 && paragraph != Paragraph::default() {
                self.paragraphs.push((start, end, paragraph));
            }
        }
    }

    fn character_page(&mut self, page: &[u8]) {
        for (run, start, end) in runs(page) {
            let offset = page.get(run.1 + run.0).copied().map(usize::from).unwrap_or_default() * 2;
            let size = page.get(offset).copied().map(usize::from).unwrap_or_default();
            let formats = page.get(offset + 1..offset + 1 + size).unwrap_or_default();
            let (mut removed, mut added) = (false, false);
            changes(formats, |what, on| match what {
                0x0800 => removed = on,
                0x0801 => added = on,
                _ => {}
            });
            let change = if removed { Change::Removed } else { Change::Added };
            if offset > 0 && (removed || added) {
                self.changes.push((start, end, change));
            }
        }
    }
}

fn found<T: Copy>(ranges: &[(usize, usize, T)], at: usize) -> Option<T> {
    let next = ranges.partition_point(|(start, ..)| *start <= at);
    let (_, end, what) = ranges.get(next.checked_sub(1)?)?;
    (at < *end).then_some(*what)
}

/// The pages that the FIB names at `place`.
fn pages<'a>(text: &'a [u8], table: &[u8], place: usize) -> Vec<&'a [u8]> {
    let plc = long(text, place).zip(long(text, place + 4));
    let plc = plc.and_then(|(start, size)| table.get(start..start.checked_add(size)?)).unwrap_or_default();
    let count = plc.len().saturating_sub(4) / 8;
    let page = |at: usize| {
        let number = long(plc, (count + 1) * 4 + at * 4)? & 0x3f_ffff;
        text.get(number * PAGE..number * PAGE + PAGE)
    };
    (0..count).filter_map(page).collect()
}

/// The runs of a page: number and where the runs' formats are told, start, end.
fn runs(page: &[u8]) -> impl Iterator<Item = ((usize, usize), usize, usize)> {
    let count = page.last().copied().map(usize::from).unwrap_or_default();
    let formats = (count + 1) * 4;
    (0..count).filter_map(move |at| Some(((at, formats), long(page, at * 4)?, long(page, at * 4 + 4)?)))
}

/// Tells each format and whether it is switched on (2.6.1).
fn changes(mut formats: &[u8], mut tell: impl FnMut(u16, bool)) {
    while let Some(what) = short(formats, 0) {
        let operand = formats.get(2..).unwrap_or_default();
        tell(what, operand.first().is_some_and(|&on| on != 0));
        let first = operand.first().copied().map(usize::from).unwrap_or_default();
        let size = match (what >> 13, what) {
            (_, 0xd608) => usize::from(short(operand, 0).unwrap_or_default()) + 1,
            (0 | 1, _) => 1,
            (2 | 4 | 5, _) => 2,
            (3, _) => 4,
            (7, _) => 3,
            _ => first + 1,
        };
        formats = operand.get(size..).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_of_every_size_are_passed_over() {
        // bold, a font, a colour of four bytes, tabs of a variable size, the mark of a row
        let formats = [
            &[0x35, 0x08, 1][..],
            &[0x4f, 0x4a, 5, 0],
            &[0x70, 0x68, 1, 2, 3, 4],
            &[0x0d, 0xc6, 2, 9, 9],
            &[0x17, 0x24, 1],
            &[0x00, 0x08],
        ];
        let mut told = Vec::new();
        changes(&formats.concat(), |what, on| told.push((what, on)));
        assert_eq!(
            told.iter().map(|(what, _)| *what).collect::<Vec<_>>(),
            [0x0835, 0x4a4f, 0x6870, 0xc60d, 0x2417, 0x0800]
        );
        assert!(told.contains(&(0x2417, true)) && told.contains(&(0x0800, false)));
    }

    #[test]
    fn a_place_is_found_in_its_range_alone() {
        let ranges = [(2, 4, 'a'), (6, 9, 'b')];
        assert_eq!(
            [1, 2, 3, 4, 8, 9].map(|at| found(&ranges, at)),
            [None, Some('a'), Some('a'), None, Some('b'), None]
        );
    }
}
