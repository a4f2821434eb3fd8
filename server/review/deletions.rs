//! Which rules of a text delete mail that the rules before it did not delete. A mail that is deleted is told to nobody, so that whoever
//! runs the server alone may switch such a rule on.

use std::collections::BTreeMap;

use toml::{Table, Value};

use crate::rule::{Action, Mode, Rule, RuleSet};

/// Keys that change nothing of what a rule does.
const WORDS: [&str; 3] = ["name", "message", "approver_message"];

/// Codes of the rules of `text` that are on and delete, and that are not so, word for word, in `before`: a wider condition is a rule of its
/// own, and so is one whose exceptions are others. A text that cannot be read has none.
#[must_use]
pub fn new_deletions(before: &str, text: &str) -> Vec<String> {
    let known = deleting(before);
    deleting(text).into_iter().filter(|(code, rule)| known.get(code) != Some(rule)).map(|(code, _)| code).collect()
}

/// The rules that are on and delete, by their codes, without the words that people read; each with those that except from it.
fn deleting(text: &str) -> BTreeMap<String, Vec<Table>> {
    let Ok(rules) = RuleSet::parse(text) else { return BTreeMap::new() };
    let deletes = |rule: &&Rule| rule.mode == Mode::On && rule.actions.contains(&Action::Delete);
    let codes: Vec<&str> = rules.rules().iter().filter(deletes).map(|rule| rule.code.as_str()).collect();
    let document = text.parse::<Table>().unwrap_or_default();
    let tables = document.get("rule").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_table);
    let all: BTreeMap<&str, Table> =
        tables.filter_map(|table| Some((table.get("code")?.as_str()?, bare(table)))).collect();
    codes.into_iter().map(|code| (code.to_owned(), with_exceptions(code, &all))).collect()
}

/// A rule, and those that are reached from it through `except`: what they let out is not deleted.
fn with_exceptions(code: &str, all: &BTreeMap<&str, Table>) -> Vec<Table> {
    let (mut reached, mut codes) = (Vec::new(), vec![code]);
    let mut next = 0;
    while let Some(code) = codes.get(next).copied() {
        next += 1;
        let Some(rule) = all.get(code) else { continue };
        let excepted = rule.get("except").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        for one in excepted {
            if !codes.contains(&one) {
                codes.push(one);
            }
        }
        let mut rule = rule.clone();
        // it deletes, so it is on, whether that is written or not
        if next == 1 {
            rule.remove("mode");
        }
        reached.push(rule);
    }
    reached
}

fn bare(rule: &Table) -> Table {
    rule.iter()
        .filter(|(key, _)| !WORDS.contains(&key.as_str()))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(code: &str, more: &str, word: &str) -> String {
        format!("[[rule]]\ncode = \"{code}\"\ndirection = \"out\"\nwhen = {{ wildcard = \"{word}\" }}\n{more}\n")
    }

    #[test]
    fn what_deletes_is_new_when_it_was_not_on_before_with_these_conditions() {
        let on = rule("A", "action = \"delete\"", "a*");
        let excepted = |mode: &str| {
            rule("A", "action = \"delete\"\nexcept = [\"X\"]", "a*")
                + &rule("X", &format!("mode = \"{mode}\"\naction = \"record\""), "x*")
        };
        for (before, after, new) in [
            ("", on.as_str(), &["A"][..]),
            (&on, &on, &[]),
            (&on, &rule("A", "mode = \"on\"\nname = \"another\"\naction = \"delete\"", "a*"), &[]),
            (&on, &rule("A", "action = \"delete\"", "*"), &["A"]),
            (&on, &rule("B", "action = \"delete\"", "a*"), &["B"]),
            (&on, &rule("A", "mode = \"record\"\naction = \"delete\"", "b*"), &[]),
            (&rule("A", "mode = \"off\"\naction = \"delete\"", "a*"), &on, &["A"]),
            (&rule("A", "mode = \"record\"\naction = \"delete\"", "a*"), &on, &["A"]),
            (&rule("A", "action = \"block\"", "a*"), &on, &["A"]),
            (&on, &rule("A", "action = [\"block\", \"delete\"]", "a*"), &["A"]),
            (&on, &rule("A", "action = \"block\"", "a*"), &[]),
            (&excepted("on"), &excepted("on"), &[]),
            (&excepted("on"), &excepted("off"), &["A"]),
            (&excepted("on"), &excepted("on").replace("x*", "xx*"), &["A"]),
            ("[[rule]]\ncode = ", &on, &["A"]),
            ("", "[[rule]]\ncode = ", &[]),
        ] {
            assert_eq!(new_deletions(before, after), new, "{before}\n{after}");
        }
    }
}
