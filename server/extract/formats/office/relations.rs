//! The relations between the parts of a document (ECMA-376 part 2, 6.5): which part belongs to which, and what is
//! linked outside.

use std::collections::HashMap;

use super::xml::{Sink, Tag};

/// Steps that are followed from a part to its owner.
const STEPS: usize = 6;

/// The relations of all parts.
#[derive(Default)]
pub(crate) struct Relations {
    /// Part → the part that it belongs to.
    owners: HashMap<String, String>,
    /// (part, relation) → part.
    targets: HashMap<(String, String), String>,
    /// What is linked outside, one a line.
    pub outside: String,
    /// The part whose relations are being read.
    source: String,
}

impl Relations {
    /// Begins the relations that stand in `file`, as `xl/_rels/workbook.xml.rels` for `xl/workbook.xml`.
    pub fn of(&mut self, file: &str) {
        let source = file.strip_suffix(".rels").unwrap_or(file);
        self.source = source.replacen("_rels/", "", 1).to_lowercase();
    }

    /// The part that `relation` of `part` leads to, its name in lower case.
    pub fn target(&self, part: &str, relation: &str) -> Option<&str> {
        self.targets.get(&(part.to_lowercase(), relation.to_owned())).map(String::as_str)
    }

    /// The part itself and those that it belongs to, in lower case, the nearest first.
    pub fn line(&self, part: &str) -> Vec<String> {
        let mut line = vec![part.to_lowercase()];
        while let Some(owner) = line.last().and_then(|last| self.owners.get(last)).filter(|_| line.len() < STEPS) {
            line.push(owner.clone());
        }
        line
    }
}

impl Sink for Relations {
    fn open(&mut self, tag: &Tag<'_>) {
        if tag.name() != "Relationship" {
            return;
        }
        let Some(target) = tag.get("Target") else { return };
        if tag.get("TargetMode").is_some_and(|mode| mode.eq_ignore_ascii_case("External")) {
            self.outside.push_str(&target);
            self.outside.push('\n');
            return;
        }
        let target = resolved(&self.source, &target);
        if let Some(id) = tag.get("Id") {
            self.targets.insert((self.source.clone(), id.into_owned()), target.clone());
        }
        self.owners.entry(target).or_insert_with(|| self.source.clone());
    }

    fn close(&mut self, _: &str) {}
    fn text(&mut self, _: &str) {}
}

/// A target as the name of a part, in lower case.
fn resolved(source: &str, target: &str) -> String {
    let target = target.to_lowercase();
    if let Some(absolute) = target.strip_prefix('/') {
        return absolute.to_owned();
    }
    let mut steps: Vec<&str> = source.split('/').collect();
    steps.pop();
    for step in target.split('/') {
        match step {
            ".." => drop(steps.pop()),
            "." | "" => {}
            step => steps.push(step),
        }
    }
    steps.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::office::xml;

    #[test]
    fn a_part_knows_its_sheet() {
        let mut relations = Relations::default();
        for (file, id, target) in [
            ("xl/_rels/workbook.xml.rels", "rId1", "worksheets/Sheet1.xml"),
            ("xl/worksheets/_rels/sheet1.xml.rels", "rId9", "../drawings/drawing1.xml"),
            ("xl/drawings/_rels/drawing1.xml.rels", "rId1", "/xl/charts/chart1.xml"),
        ] {
            relations.of(file);
            let xml = format!("<Relationships><Relationship Id='{id}' Target='{target}'/></Relationships>");
            assert!(xml::parse(xml.as_bytes(), &mut relations));
        }
        assert_eq!(relations.target("xl/workbook.xml", "rId1"), Some("xl/worksheets/sheet1.xml"));
        let line = relations.line("xl/charts/chart1.xml");
        assert_eq!(line.get(2).map(String::as_str), Some("xl/worksheets/sheet1.xml"));
    }
}
