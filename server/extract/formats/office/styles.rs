//! Which cell style shows its numbers with zeros in front or in groups (ECMA-376 part 1, 18.8).

use std::collections::HashMap;

use super::picture::Picture;
use super::xml::{Sink, Tag};

/// The formats of the cell styles of a workbook.
#[derive(Default)]
pub(crate) struct Styles {
    pictures: HashMap<u32, Picture>,
    /// The format number of each cell style.
    cells: Vec<u32>,
    in_cells: bool,
}

impl Styles {
    /// How cells of this style show a number, where that is not as its digits are.
    pub fn picture(&self, style: usize) -> Option<&Picture> {
        self.pictures.get(self.cells.get(style)?)
    }

    /// Adds a format.
    pub fn format(&mut self, number: u32, code: &str) {
        if let Some(picture) = Picture::read(code) {
            self.pictures.insert(number, picture);
        }
    }

    /// Adds a cell style.
    pub fn style(&mut self, format: u32) {
        self.cells.push(format);
    }
}

impl Sink for Styles {
    fn open(&mut self, tag: &Tag<'_>) {
        let number = || tag.get("numFmtId").and_then(|id| id.parse().ok()).unwrap_or_default();
        match tag.name() {
            "cellXfs" => self.in_cells = true,
            "numFmt" => self.format(number(), &tag.get("formatCode").unwrap_or_default()),
            "xf" if self.in_cells => self.style(number()),
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        if name == "cellXfs" {
            self.in_cells = false;
        }
    }

    fn text(&mut self, _: &str) {}
}
