//! The pages of a PDF (ISO 32000-1, 7.7.3) and what stands on each: its content, the appearances of its annotations
//! and of its form fields, all together, since labels and what is filled in are written by different hands.

use std::collections::BTreeSet;

use super::content::{Reading, Shown, into_rect};
use super::fields;
use super::file::File;
use super::matrix::{Matrix, Rect};
use super::object::{Dict, Object};

/// Pages that are read.
const PAGES: usize = 20_000;
/// Nodes between the root and a page.
const DEPTH: usize = 64;
/// Annotations of a page.
const ANNOTATIONS: usize = 10_000;
/// The size of a page that says none: a letter, in points.
const SHEET: Rect = Rect { left: 0.0, bottom: 0.0, right: 612.0, top: 792.0 };

/// A page with what it inherits.
pub(super) struct Page {
    dict: Dict,
    resources: Dict,
    sheet: Rect,
}

/// What the nodes above hand down (7.7.3.4).
#[derive(Clone, Default)]
struct Handed {
    resources: Dict,
    sheet: Option<Rect>,
}

/// The pages in their order, and whether some that should be there are not.
pub(super) fn pages(file: &File<'_>, root: &Dict) -> (Vec<Page>, bool) {
    let mut tree = Tree { file, pages: Vec::new(), seen: BTreeSet::new(), torn: false };
    tree.node(root.get("Pages"), &Handed::default(), 0);
    let top = file.entry(root, "Pages");
    let count = top.dict().and_then(|top| file.entry(top, "Count").int()).unwrap_or(0);
    let fewer = i64::try_from(tree.pages.len()).is_ok_and(|found| found < count.min(PAGES as i64));
    (tree.pages, tree.torn || fewer)
}

struct Tree<'f, 'a> {
    file: &'f File<'a>,
    pages: Vec<Page>,
    /// The nodes that have been read: one that holds itself is read once.
    seen: BTreeSet<u32>,
    torn: bool,
}

impl Tree<'_, '_> {
    fn node(&mut self, node: &Object, handed: &Handed, depth: usize) {
        if node.reference().is_some_and(|(number, _)| !self.seen.insert(number)) || depth > DEPTH {
            return;
        }
        let object = self.file.resolve(node);
        let Some(dict) = object.dict() else {
            self.torn = true;
            return;
        };
        let mut handed = handed.clone();
        if let Some(own) = self.file.entry(dict, "Resources").dict() {
            handed.resources = own.clone();
        }
        let sheet = Rect::read(self.file.entry(dict, "MediaBox").array());
        handed.sheet = sheet.filter(|sheet| sheet.width() > 0.0 && sheet.height() > 0.0).or(handed.sheet);
        let kids = self.file.entry(dict, "Kids");
        if matches!(*kids, Object::Array(_)) && dict.get("Type").name() != Some("Page") {
            kids.array().iter().for_each(|kid| self.node(kid, &handed, depth + 1));
        } else if self.pages.len() < PAGES {
            let kind = self.file.entry(dict, "Type");
            let bare = dict.get("Contents") == &Object::Null;
            // one that should have kids, or has some and is none of theirs, or that is neither a page nor shows anything
            let of_tree = kind.name() == Some("Pages") || matches!(*kids, Object::Array(_));
            self.torn |= of_tree || bare && kind.name() != Some("Page");
            let Handed { resources, sheet } = handed;
            self.pages.push(Page { dict: dict.clone(), resources, sheet: sheet.unwrap_or(SHEET) });
        }
    }
}

impl Page {
    /// What the page shows.
    pub fn shown(&self, reading: &Reading<'_, '_>) -> Shown {
        let mut out = Shown::default();
        reading.content(&self.content(reading.file), &self.resources, Matrix::ONE, &mut out);
        for annotation in self.annotations(reading.file) {
            self.appearance(&annotation, reading, &mut out);
        }
        out
    }

    /// Whether it names no content.
    pub fn is_bare(&self) -> bool {
        self.dict.get("Contents") == &Object::Null
    }

    /// Whether pictures are all that the page shows: they cover half of it, and hardly a word stands beside them.
    pub fn is_picture(&self, shown: &Shown) -> bool {
        let sheet = self.sheet.width() * self.sheet.height();
        let letters = shown.glyphs.iter().filter(|glyph| !glyph.text.trim().is_empty()).count();
        shown.pictures >= sheet / 2.0 && letters < 10 && shown.unknown < 10
    }

    /// The content; several streams are one (7.8.2).
    fn content(&self, file: &File<'_>) -> Vec<u8> {
        let contents = file.entry(&self.dict, "Contents");
        let parts = match &*contents {
            Object::Array(parts) => parts.iter().map(|part| file.resolve(part)).collect(),
            _ => vec![contents],
        };
        let mut out = Vec::new();
        for part in &parts {
            match &**part {
                Object::Stream(stream) => out.extend(file.data(stream)),
                // a page may be empty, but what it refers to is there
                Object::Null if self.dict.get("Contents") == &Object::Null => {}
                _ => file.damaged.set(true),
            }
            out.push(b'\n');
        }
        out
    }

    /// The annotations of the page.
    pub fn annotations(&self, file: &File<'_>) -> Vec<Dict> {
        let list = file.entry(&self.dict, "Annots");
        let all = list.array().iter().take(ANNOTATIONS).map(|one| file.resolve(one));
        all.filter_map(|one| one.dict().cloned()).collect()
    }

    /// Reads what an annotation looks like; a field without an appearance is laid out as a reader would do it.
    fn appearance(&self, annotation: &Dict, reading: &Reading<'_, '_>, out: &mut Shown) {
        let file = reading.file;
        let Some(rect) = Rect::read(file.entry(annotation, "Rect").array()) else { return };
        let before = out.glyphs.len();
        let looks = file.entry(annotation, "AP");
        let normal = looks.dict().map(|looks| file.entry(looks, "N"));
        let form = normal.as_deref().and_then(|normal| match normal {
            Object::Dict(states) => {
                let state = file.entry(annotation, "AS");
                file.entry(states, state.name()?).stream().cloned()
            }
            other => other.stream().cloned(),
        });
        if let Some(form) = form {
            reading.form(&form, &self.resources, into_rect(file, &form, rect), out);
        }
        let written = out.glyphs.iter().skip(before).any(|glyph| !glyph.text.trim().is_empty());
        if !written && file.entry(annotation, "Subtype").name() == Some("Widget") {
            out.glyphs.extend(fields::laid_out(file, annotation, rect));
        }
    }
}
