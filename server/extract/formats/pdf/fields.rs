//! The fields of forms (ISO 32000-1, 12.7): what is filled in, beside the names by which programs and people know it.

use std::collections::BTreeSet;

use super::content::Glyph;
use super::file::File;
use super::matrix::Rect;
use super::object::{Dict, Object};
use super::strings;
use crate::formats::markup;

/// Fields that are read.
const FIELDS: usize = 50_000;
/// Fields within fields.
const DEPTH: usize = 32;
/// The flag of a field whose characters stand in boxes of one width (12.7.4.3, bit 25).
const COMB: i64 = 1 << 24;
/// The size of letters where the field says none, points.
const LETTERS: f64 = 12.0;

/// The fields of a file, a line each: `name, description: value`; empty without a form.
pub(super) fn text(file: &File<'_>, root: &Dict) -> String {
    let form = file.entry(root, "AcroForm");
    let Some(form) = form.dict() else { return String::new() };
    let mut fields = Fields { file, out: String::new(), seen: BTreeSet::new(), count: 0 };
    for field in file.entry(form, "Fields").array() {
        fields.field(field, "", 0);
    }
    let mut out = fields.out;
    out.push_str(&xfa(file, form));
    out
}

/// The XML form that a PDF may carry (12.7.8): one stream, or named pieces of it.
fn xfa(file: &File<'_>, form: &Dict) -> String {
    let whole = file.entry(form, "XFA");
    let parts = match &*whole {
        Object::Stream(_) => vec![whole],
        other => other.array().iter().map(|part| file.resolve(part)).collect(),
    };
    let bytes: Vec<u8> = parts.iter().filter_map(|part| part.stream()).flat_map(|stream| file.data(stream)).collect();
    markup::text(&String::from_utf8_lossy(&bytes))
}

struct Fields<'f, 'a> {
    file: &'f File<'a>,
    out: String,
    seen: BTreeSet<u32>,
    count: usize,
}

impl Fields<'_, '_> {
    fn field(&mut self, field: &Object, above: &str, depth: usize) {
        self.count += 1;
        let known = field.reference().is_some_and(|(number, _)| !self.seen.insert(number));
        if known || depth > DEPTH || self.count > FIELDS {
            return;
        }
        let object = self.file.resolve(field);
        let Some(dict) = object.dict() else { return };
        let word = |key: &str| self.file.entry(dict, key).bytes().map(strings::text).unwrap_or_default();
        let (own, description, more) = (word("T"), word("TU"), word("TM"));
        let name = if above.is_empty() || own.is_empty() { format!("{above}{own}") } else { format!("{above}.{own}") };
        let value = value(self.file, &self.file.entry(dict, "V"));
        if !value.trim().is_empty() {
            let names: Vec<&str> =
                [name.as_str(), &more, &description].into_iter().filter(|name| !name.is_empty()).collect();
            self.out.push_str(&format!("{}: {}\n", names.join(", "), value.replace('\n', " ")));
        }
        for kid in self.file.entry(dict, "Kids").array() {
            self.field(kid, &name, depth + 1);
        }
    }
}

/// A value as text: of a choice, all that is chosen.
fn value(file: &File<'_>, value: &Object) -> String {
    match value {
        Object::Text(bytes) => strings::text(bytes),
        Object::Stream(stream) => strings::text(&file.data(stream)),
        Object::Array(items) => {
            let texts = items.iter().filter_map(|item| file.resolve(item).bytes().map(strings::text));
            texts.collect::<Vec<_>>().join(", ")
        }
        // the state of a button says nothing
        _ => String::new(),
    }
}

/// The value of a field without an appearance, as a reader would write it into its rectangle: from the left, or a
/// character in each box of a comb.
pub(super) fn laid_out(file: &File<'_>, widget: &Dict, rect: Rect) -> Vec<Glyph> {
    let text = value(file, &inherited(file, widget, "V"));
    let flags = inherited(file, widget, "Ff").int().unwrap_or(0);
    let most = inherited(file, widget, "MaxLen").int().filter(|most| (1..=1_000).contains(most));
    let size = if rect.height() > 0.0 { LETTERS.min(rect.height()) } else { LETTERS };
    let comb = most.filter(|_| flags & COMB != 0).map(|most| rect.width() / most as f64);
    let mut x = rect.left;
    let mut out = Vec::new();
    for (at, c) in text.chars().take(FIELDS).enumerate() {
        let width = if c.is_ascii() { size / 2.0 } else { size };
        if let Some(box_width) = comb {
            x = rect.left + box_width * at as f64 + (box_width - width) / 2.0;
        }
        let y = rect.bottom + (rect.height() - size).max(0.0) / 2.0;
        out.push(Glyph { text: c.into(), from: (x, y), to: (x + width, y), size, way: (1.0, 0.0) });
        x += width;
    }
    out
}

/// An entry of a field, its own or that of the fields above.
fn inherited(file: &File<'_>, widget: &Dict, key: &str) -> Object {
    let mut field = widget.clone();
    for _ in 0..DEPTH {
        let own = file.entry(&field, key);
        if *own != Object::Null {
            return (*own).clone();
        }
        let Some(parent) = file.entry(&field, "Parent").dict().cloned() else { break };
        field = parent;
    }
    Object::Null
}
