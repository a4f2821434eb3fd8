//! Delimited text (RFC 4180 and what spreadsheets make of it) as rows of cells.

use crate::{CELL, CELL_LINE};

/// The rows of `text`, cells separated by [`CELL`], each row ended by a line feed. Quotes are taken off, and
/// so is the `="…"` by which leading zeros are kept; a line break in a cell stays inside the cell.
pub(crate) fn cells(text: &str, delimiter: char) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.trim_start_matches('\u{feff}').chars().peekable();
    let mut quoted = false;
    let mut fresh = true;
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                out.push('"');
            }
            '"' if quoted => quoted = false,
            '"' if fresh => {
                quoted = true;
                fresh = false;
            }
            '=' if fresh && chars.peek() == Some(&'"') => {}
            '\r' => {}
            '\n' if quoted => out.push(CELL_LINE),
            '\n' => {
                out.push('\n');
                fresh = true;
            }
            c if c == delimiter && !quoted => {
                out.push(CELL);
                fresh = true;
            }
            c => {
                out.push(c);
                fresh = false;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_and_quotes_are_read() {
        for (text, want) in [
            ("a,b\r\nc,d\r\n", "a\u{1f}b\nc\u{1f}d\n"),
            ("\"a,\"\"b\"\"\",c", "a,\"b\"\u{1f}c"),
            ("x,=\"0123\"", "x\u{1f}0123"),
            ("\"a\nb\",c\n", "a\u{2028}b\u{1f}c\n"),
            ("\u{feff}a,5\"\n", "a\u{1f}5\"\n"),
        ] {
            assert_eq!(cells(text, ','), want, "{text:?}");
        }
    }
}
