//! The cache of a pivot table: the rows that it was made from, which stay in the file when the sheet is gone
//! (ECMA-376 part 1, 18.10).

use super::rows::{self, Rows};
use super::xml::{Sink, Tag};
use crate::CELL;

/// The fields of a cache and its records, as one table; first the fields, then the records are pushed in.
#[derive(Default)]
pub(crate) struct Pivot {
    fields: Vec<Field>,
    rows: Rows,
    row: usize,
    column: Option<usize>,
    in_items: bool,
}

/// A column of the cache.
#[derive(Default)]
struct Field {
    name: String,
    /// The values that its records refer to, as they are written.
    items: Vec<String>,
}

impl Pivot {
    /// The headings, so that the records can follow.
    pub fn headings(&mut self) {
        self.rows.row(0);
        for (column, field) in self.fields.iter().enumerate() {
            rows::put_text(self.rows.cell(column), &field.name);
        }
    }

    /// The table, and the shared values below their names.
    pub fn finish(self) -> String {
        let mut out = self.rows.finish();
        for field in self.fields.iter().filter(|field| !field.items.is_empty()) {
            rows::put_text(&mut out, &field.name);
            for item in &field.items {
                out.push(CELL);
                out.push('\n');
                out.push_str(item);
            }
            out.push(CELL);
            out.push('\n');
        }
        out
    }

    fn value(&mut self, name: &str, tag: &Tag<'_>) {
        let value = tag.get("v").unwrap_or_default();
        if self.in_items {
            if let Some(field) = self.fields.last_mut() {
                field.items.push(written(name, &value));
            }
            return;
        }
        let Some(column) = self.column else { return };
        self.column = Some(column + 1);
        let text = match name {
            "x" => {
                let items = self.fields.get(column).map(|field| field.items.as_slice()).unwrap_or_default();
                value.parse::<usize>().ok().and_then(|at| items.get(at)).cloned().unwrap_or_default()
            }
            _ => written(name, &value),
        };
        self.rows.cell(column).push_str(&text);
    }
}

/// A value as a cell: `s` is a text, `n` a number.
fn written(name: &str, value: &str) -> String {
    let mut out = String::new();
    match name {
        "n" => rows::put_number(&mut out, &rows::digits(value)),
        _ => rows::put_text(&mut out, value),
    }
    out
}

impl Sink for Pivot {
    fn open(&mut self, tag: &Tag<'_>) {
        match tag.name() {
            "cacheField" => {
                let name = tag.get("name").unwrap_or_default().into_owned();
                self.fields.push(Field { name, items: Vec::new() });
            }
            "sharedItems" => self.in_items = true,
            "r" => {
                self.row += 1;
                self.rows.row(self.row);
                self.column = Some(0);
            }
            name @ ("s" | "n" | "x" | "d" | "b" | "e" | "m") => self.value(name, tag),
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        match name {
            "sharedItems" => self.in_items = false,
            "r" => self.column = None,
            _ => {}
        }
    }

    fn text(&mut self, _: &str) {}

    fn done(&self) -> bool {
        self.rows.full()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::office::xml;

    #[test]
    fn records_stand_below_their_fields() {
        let mut pivot = Pivot::default();
        let fields = "<d><cacheField name='a'><sharedItems><s v='x'/><s v='y'/></sharedItems></cacheField><cacheField name='b'/></d>";
        assert!(xml::parse(fields.as_bytes(), &mut pivot));
        pivot.headings();
        assert!(xml::parse(&b"<p><r><x v='1'/><n v='123456789018'/></r></p>"[..], &mut pivot));
        assert_eq!(pivot.finish(), "a\u{1f}b\ny\u{1f}\u{1e}123456789018\na\u{1f}\nx\u{1f}\ny\u{1f}\n");
    }
}
