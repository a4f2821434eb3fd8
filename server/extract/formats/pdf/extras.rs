//! What a PDF holds beside its pages (ISO 32000-1, 7.11, 12.3, 12.5, 14.3): its description, bookmarks, notes on the
//! pages, and files within.

use std::collections::BTreeSet;

use super::file::File;
use super::object::{Dict, Object};
use super::strings;
use crate::formats::html;

/// Bookmarks, and nodes of the tree of files, that are read.
const NODES: usize = 20_000;
/// Levels of a tree.
const DEPTH: usize = 48;

/// The description of the document, a line each: `Title: …`.
pub(super) fn description(file: &File<'_>) -> String {
    let info = file.entry(&file.trailer, "Info");
    let Some(info) = info.dict() else { return String::new() };
    // the date and the program are nothing that people wrote
    let own = info.0.keys().filter(|key| !["CreationDate", "ModDate", "Producer", "Creator"].contains(&key.as_str()));
    let lines = own.filter_map(|key| {
        let text = file.entry(info, key).bytes().map(strings::text).filter(|text| !text.trim().is_empty())?;
        Some(format!("{key}: {text}\n"))
    });
    lines.collect()
}

/// The bookmarks, a line each (12.3.3).
pub(super) fn bookmarks(file: &File<'_>, root: &Dict) -> String {
    let mut out = String::new();
    let mut seen = BTreeSet::new();
    let outlines = file.entry(root, "Outlines");
    let mut open: Vec<Object> = outlines.dict().map(|outlines| outlines.get("First").clone()).into_iter().collect();
    while let Some(item) = open.pop() {
        let Some((number, _)) = item.reference() else { continue };
        if !seen.insert(number) || seen.len() > NODES {
            continue;
        }
        let item = file.resolve(&item);
        let Some(item) = item.dict() else { continue };
        if let Some(title) = file.entry(item, "Title").bytes() {
            out.push_str(&strings::text(title));
            out.push('\n');
        }
        open.push(item.get("Next").clone());
        open.push(item.get("First").clone());
    }
    out
}

/// What people wrote in an annotation (12.5.2): the text, and the subject and rich text of a note (12.5.6.2).
pub(super) fn note(file: &File<'_>, annotation: &Dict) -> String {
    let word = |key: &str| file.entry(annotation, key).bytes().map(strings::text).unwrap_or_default();
    let mut parts = vec![word("Subj"), word("Contents")];
    let rich = match &*file.entry(annotation, "RC") {
        Object::Stream(stream) => strings::text(&file.data(stream)),
        other => other.bytes().map(strings::text).unwrap_or_default(),
    };
    if !rich.is_empty() {
        parts.push(html::text(&rich));
    }
    parts.retain(|part| !part.trim().is_empty());
    parts.join("\n")
}

/// A file within the document.
pub(super) struct Inside {
    pub name: String,
    pub bytes: Vec<u8>,
    /// What its author says of it.
    pub description: String,
}

/// The files of the document: those of its list and those that go with it.
pub(super) fn files(file: &File<'_>, root: &Dict, annotations: &[Dict]) -> Vec<Inside> {
    let mut found = Files { file, out: Vec::new(), seen: BTreeSet::new(), nodes: 0 };
    let names = file.entry(root, "Names");
    if let Some(names) = names.dict() {
        found.tree(names.get("EmbeddedFiles"), 0);
    }
    for specification in file.entry(root, "AF").array() {
        found.specification(specification);
    }
    for annotation in annotations {
        found.specification(annotation.get("FS"));
    }
    found.out
}

struct Files<'f, 'a> {
    file: &'f File<'a>,
    out: Vec<Inside>,
    /// Nodes by number and streams by place that have been read.
    seen: BTreeSet<usize>,
    nodes: usize,
}

impl Files<'_, '_> {
    /// A tree of names (7.9.6).
    fn tree(&mut self, node: &Object, depth: usize) {
        self.nodes += 1;
        if depth > DEPTH || self.nodes > NODES {
            return;
        }
        let node = self.file.resolve(node);
        let Some(node) = node.dict() else { return };
        for pair in self.file.entry(node, "Names").array().chunks(2) {
            if let Some(specification) = pair.get(1) {
                self.specification(specification);
            }
        }
        for kid in self.file.entry(node, "Kids").array() {
            self.tree(kid, depth + 1);
        }
    }

    /// The file of a specification (7.11.3), once.
    fn specification(&mut self, specification: &Object) {
        let specification = self.file.resolve(specification);
        let Some(dict) = specification.dict() else { return };
        let held = self.file.entry(dict, "EF");
        let Some(held) = held.dict() else { return };
        let keys = ["UF", "F", "Unix", "DOS", "Mac"];
        let word = |key: &str| self.file.entry(dict, key).bytes().map(strings::text).filter(|name| !name.is_empty());
        let name = keys.into_iter().find_map(word).unwrap_or_default();
        let description = word("Desc").unwrap_or_default();
        let Some(stream) = keys.into_iter().find_map(|key| self.file.entry(held, key).stream().cloned()) else {
            return;
        };
        if self.seen.insert(stream.range.start) {
            let bytes = self.file.data(&stream);
            self.out.push(Inside { name, bytes, description });
        }
    }
}
