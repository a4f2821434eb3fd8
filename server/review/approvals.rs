//! Which rules of a text ask somebody to approve mail with My Numbers that the rules before it did not ask about. Nobody approves his own mail,
//! so a company needs two people who may, before it switches such a rule on.

use std::collections::BTreeSet;

use crate::rule::RuleSet;

/// Codes of the rules of `text` that are on and ask to approve My Numbers, and did not in `before`. A text that cannot be read has none.
#[must_use]
pub fn new_approvals_of_numbers(before: &str, text: &str) -> Vec<String> {
    let known = asking(before);
    asking(text).into_iter().filter(|code| !known.contains(code)).collect()
}

fn asking(text: &str) -> BTreeSet<String> {
    let Ok(rules) = RuleSet::parse(text) else { return BTreeSet::new() };
    rules.asked_to_approve().filter(|asked| asked.numbers).map(|asked| asked.code.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_asks_anew_when_it_was_not_on_or_asked_nobody_before() {
        let rule = |code: &str, mode: &str, when: &str, action: &str| {
            format!(
                "[[rule]]\ncode = \"{code}\"\nmode = \"{mode}\"\ndirection = \"out\"\nwhen = {when}\naction = {action}\n"
            )
        };
        let (numbers, hold) = ("{ my_number = {} }", "{ hold = { approvers = [\"supervisor\"] } }");
        let on = rule("A", "on", numbers, hold);
        for (before, after, new) in [
            ("", on.as_str(), &["A"][..]),
            (&on, &on, &[]),
            (&on, &rule("A", "on", "{ my_number = { count = 2 } }", hold), &[]),
            (&rule("A", "record", numbers, hold), &on, &["A"]),
            (&rule("A", "on", numbers, "\"block\""), &on, &["A"]),
            (&rule("A", "on", "{ size = {} }", hold), &on, &["A"]),
            (&on, &(on.clone() + &rule("B", "on", numbers, hold)), &["B"]),
            ("", &rule("A", "record", numbers, hold), &[]),
            ("", &rule("A", "on", "{ size = {} }", hold), &[]),
            ("", &rule("A", "on", "{ not = { my_number = {} } }", hold), &[]),
            ("", &rule("A", "on", numbers, "\"block\""), &[]),
            ("", "[[rule]]\ncode = ", &[]),
        ] {
            assert_eq!(new_approvals_of_numbers(before, after), new, "{before}\n{after}");
        }
    }
}
