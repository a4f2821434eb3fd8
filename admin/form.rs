//! What a form sent and what is wrong with it. Input is never lost: a form that is not taken is shown again as sent.

use std::collections::HashMap;

/// The fields of a form by name.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(transparent)]
pub(crate) struct Fields(HashMap<String, String>);

impl Fields {
    /// The field without spaces around it; empty when it was not sent.
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", |text| text.trim())
    }
    /// The field as it was sent.
    pub fn raw(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }
    /// Whether a box was ticked.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.0.insert(name.to_owned(), value.into());
    }
    /// The numbers of the ticked boxes called `prefix` and a number.
    pub fn numbers(&self, prefix: &str) -> Vec<i64> {
        let mut all: Vec<i64> = self.0.keys().filter_map(|key| key.strip_prefix(prefix)?.parse().ok()).collect();
        all.sort_unstable();
        all
    }
}

/// What is wrong with which field.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wrong(Vec<(&'static str, String)>);

impl Wrong {
    pub fn add(&mut self, field: &'static str, text: impl Into<String>) {
        self.0.push((field, text.into()));
    }
    /// What is wrong with `field`.
    pub fn of(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| *name == field).map(|(_, text)| text.as_str())
    }
    /// Every field with what is wrong there: the summary leads to each (`#field`).
    pub fn all(&self) -> &[(&'static str, String)] {
        &self.0
    }
    pub fn count(&self) -> usize {
        self.0.len()
    }
}

/// A part of a query: `name=value`, encoded; nothing for an empty value.
pub(crate) fn query(pairs: &[(&str, &str)]) -> String {
    let mut made = form_urlencoded::Serializer::new(String::new());
    for (name, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
        made.append_pair(name, value);
    }
    made.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticked_boxes_are_numbers_and_anything_else_is_not() {
        let mut fields = Fields::default();
        for (name, value) in [("row-12", "on"), ("row-3", "on"), ("row-x", "on"), ("do", "retry"), ("name", " 花子 ")]
        {
            fields.set(name, value);
        }
        assert_eq!(fields.numbers("row-"), [3, 12]);
        assert_eq!((fields.get("name"), fields.raw("name"), fields.get("none")), ("花子", " 花子 ", ""));
    }

    #[test]
    fn a_query_leaves_out_what_is_empty() {
        assert_eq!(query(&[("q", "山田 a&b"), ("state", ""), ("page", "2")]), "q=%E5%B1%B1%E7%94%B0+a%26b&page=2");
    }
}
