//! The workbook part: the names of its sheets and its defined names (ECMA-376 part 1, 18.2).

use super::xml::{Sink, Tag};

/// What the workbook part says.
#[derive(Default)]
pub(crate) struct Workbook {
    /// Relation and name of each sheet.
    pub sheets: Vec<(String, String)>,
    /// `name: content` of each defined name, a line each.
    pub names: String,
    hot: bool,
}

impl Sink for Workbook {
    fn open(&mut self, tag: &Tag<'_>) {
        match tag.name() {
            "sheet" => {
                let get = |name: &str| tag.get(name).unwrap_or_default().into_owned();
                self.sheets.push((get("id"), get("name")));
            }
            "definedName" => {
                self.hot = true;
                self.names.push_str(&tag.get("name").unwrap_or_default());
                self.names.push_str(": ");
                self.names.push_str(&tag.get("comment").unwrap_or_default());
            }
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        if name == "definedName" {
            self.hot = false;
            self.names.push('\n');
        }
    }

    fn text(&mut self, text: &str) {
        if self.hot {
            self.names.push_str(text);
        }
    }
}
