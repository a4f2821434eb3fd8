//! A person's mailboxes as a tree of levels: whole names from parents and leaves, and what is above and below.
//! Pure; the rows come from [`super::rows`].

use std::collections::{BTreeMap, HashMap, HashSet};

use store::MailboxName;

use super::rows::MailboxRow;

/// All mailboxes of one person.
#[derive(Debug, Default)]
pub struct Tree {
    rows: BTreeMap<i64, MailboxRow>,
    by_place: HashMap<(Option<i64>, String), i64>,
}

impl Tree {
    /// From the rows of one person.
    pub fn new(rows: Vec<MailboxRow>) -> Self {
        let by_place = rows.iter().map(|row| ((row.parent, row.leaf.clone()), row.id)).collect();
        Self { rows: rows.into_iter().map(|row| (row.id, row)).collect(), by_place }
    }

    /// The mailbox of this name.
    pub fn find(&self, name: &MailboxName) -> Option<&MailboxRow> {
        let (id, missing) = self.walk(name);
        if missing.is_empty() { self.rows.get(&id?) } else { None }
    }

    /// The deepest mailbox on the way to `name`, and the levels that are missing below it.
    pub fn walk<'n>(&self, name: &'n MailboxName) -> (Option<i64>, Vec<&'n str>) {
        let mut at = None;
        let mut levels = name.levels();
        while let Some(level) = levels.next() {
            match self.by_place.get(&(at, level.to_owned())) {
                Some(id) => at = Some(*id),
                None => return (at, std::iter::once(level).chain(levels).collect()),
            }
        }
        (at, Vec::new())
    }

    /// Whether there are mailboxes below `id`.
    pub fn has_children(&self, id: i64) -> bool {
        self.rows.values().any(|row| row.parent == Some(id))
    }

    /// The names of those below `id`, as seen from there: `b/c`.
    pub fn below(&self, id: i64) -> Vec<String> {
        let above = format!("{}/", self.name(id));
        let names = self.rows.keys().map(|id| self.name(*id));
        names.filter_map(|name| name.strip_prefix(&above).map(str::to_owned)).collect()
    }

    /// Those from `id` upwards that are mere names and have no child, or none but such; innermost first.
    pub fn empty_names_from(&self, id: Option<i64>) -> Vec<i64> {
        let (mut empty, mut at) = (Vec::new(), id);
        while let Some(row) = at.and_then(|id| self.rows.get(&id)) {
            let child = |other: &MailboxRow| other.parent == Some(row.id) && !empty.contains(&other.id);
            if row.selectable || self.rows.values().any(child) {
                break;
            }
            empty.push(row.id);
            at = row.parent;
        }
        empty
    }

    /// Whether some mailbox has this role.
    pub fn has_role(&self, role: i64) -> bool {
        self.rows.values().any(|row| row.role == Some(role))
    }

    /// All mailboxes with their whole names, ordered by name.
    pub fn into_named(self) -> Vec<(String, bool, MailboxRow)> {
        let parents: HashSet<i64> = self.rows.values().filter_map(|row| row.parent).collect();
        let names: HashMap<i64, String> = self.rows.keys().map(|id| (*id, self.name(*id))).collect();
        let named =
            |(id, row): (i64, MailboxRow)| (names.get(&id).cloned().unwrap_or_default(), parents.contains(&id), row);
        let mut all: Vec<_> = self.rows.into_iter().map(named).collect();
        all.sort_by(|a, b| a.0.cmp(&b.0));
        all
    }

    fn name(&self, id: i64) -> String {
        let (mut levels, mut at) = (Vec::new(), self.rows.get(&id));
        while let Some(row) = at {
            levels.push(row.leaf.as_str());
            // a circle cannot be made; were there one, the name would end and not the process
            if levels.len() > self.rows.len() {
                break;
            }
            at = row.parent.and_then(|parent| self.rows.get(&parent));
        }
        levels.reverse();
        levels.join("/")
    }
}

#[cfg(test)]
mod tests {
    use super::super::view::tests::row;
    use super::*;

    /// a, a/b (a mere name), a/b/c (a mere name), a/b/c/d, e.
    fn tree() -> Tree {
        let place = |id, parent, leaf: &str, selectable| MailboxRow {
            id,
            parent,
            leaf: leaf.into(),
            selectable,
            role: None,
            ..row(1)
        };
        Tree::new(vec![
            place(5, None, "e", true),
            place(4, Some(3), "d", true),
            place(3, Some(2), "c", false),
            place(2, Some(1), "b", false),
            place(1, None, "a", true),
        ])
    }

    fn name(text: &str) -> MailboxName {
        MailboxName::parse(text).unwrap()
    }

    #[test]
    fn names_lead_to_rows_and_back() {
        let tree = tree();
        assert_eq!(tree.find(&name("a/b/c/d")).map(|row| row.id), Some(4));
        assert!(tree.find(&name("a/c")).is_none() && tree.find(&name("d")).is_none());
        assert_eq!(tree.walk(&name("a/b/x/y")), (Some(2), vec!["x", "y"]));
        assert_eq!(tree.walk(&name("e")), (Some(5), vec![]));
        assert!(tree.has_children(3) && !tree.has_children(4));
        let named = tree.into_named().into_iter().map(|(name, children, _)| (name, children));
        let expected = [("a", true), ("a/b", true), ("a/b/c", true), ("a/b/c/d", false), ("e", false)];
        assert!(named.eq(expected.map(|(name, children)| (name.to_owned(), children))));
    }

    #[test]
    fn mere_names_go_with_the_last_below_them() {
        let mut rows: Vec<MailboxRow> = tree().rows.into_values().collect();
        assert!(tree().empty_names_from(Some(3)).is_empty(), "d is there");
        rows.retain(|row| row.leaf != "d");
        assert_eq!(Tree::new(rows).empty_names_from(Some(3)), [3, 2], "a can be selected and stays");
    }

    #[test]
    fn a_circle_ends() {
        let mut rows: Vec<MailboxRow> = tree().rows.into_values().collect();
        rows.iter_mut().filter(|row| row.id == 1).for_each(|row| row.parent = Some(3));
        assert_eq!(Tree::new(rows).into_named().len(), 5);
    }
}
