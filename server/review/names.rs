//! The groups and lists that rules name, so that whoever keeps them can say which are not there.

use crate::rule::{Action, Condition, Rule, RuleSet, Who};

/// A group or list that a rule names.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Named {
    /// The code of the rule.
    pub code: String,
    /// Whether it is a list; else a group.
    pub list: bool,
    /// Its name.
    pub name: String,
}

impl RuleSet {
    /// Every group and list that a rule names, in the order of the file; each once for a rule.
    #[must_use]
    pub fn named(&self) -> Vec<Named> {
        let mut all: Vec<Named> = Vec::new();
        for rule in &self.rules {
            for (list, name) in of_rule(rule) {
                let named = Named { code: rule.code.clone(), list, name: name.to_owned() };
                if !all.contains(&named) {
                    all.push(named);
                }
            }
        }
        all
    }
}

fn of_rule(rule: &Rule) -> Vec<(bool, &str)> {
    let mut found: Vec<(bool, &str)> = rule.from.iter().filter_map(of_people).collect();
    of_condition(&rule.when, &mut found);
    for action in &rule.actions {
        let words = match action {
            Action::Hold(hold) => hold.approvers.as_slice(),
            Action::Notify(people) => people.as_slice(),
            Action::Record | Action::Block | Action::Delete => &[],
        };
        found.extend(words.iter().filter_map(|word| word.strip_prefix("group:")).map(|name| (false, name)));
    }
    found
}

fn of_people(who: &Who) -> Option<(bool, &str)> {
    match who {
        Who::List(name) => Some((true, name)),
        Who::Group(name) => Some((false, name)),
        Who::Anyone | Who::Outside | Who::Inside | Who::Address(_) | Who::Domain(_) => None,
    }
}

fn of_condition<'a>(condition: &'a Condition, found: &mut Vec<(bool, &'a str)>) {
    match condition {
        Condition::All(all) | Condition::Any(all) => all.iter().for_each(|one| of_condition(one, found)),
        Condition::Not(one) => of_condition(one, found),
        Condition::Recipients(people) | Condition::RecipientsAll(people) | Condition::OutsideRecipientsAll(people) => {
            found.extend(people.iter().filter_map(of_people));
        }
        Condition::Numbers { .. }
        | Condition::NotInspected(_)
        | Condition::Text(_)
        | Condition::Attachment(_)
        | Condition::Header { .. }
        | Condition::Size { .. } => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_wherever_a_rule_may_name_somebody() {
        let text = r#"
[[rule]]
code = "A"
name = "a"
direction = "out"
from = ["group:from", "*"]
when = { all = [ { not = { recipients_all = "group:all" } }, { any = [ { recipients = ["list:some", "outside"] }, { outside_recipients_all = "list:some" } ] } ] }
action = { hold = { approvers = ["group:keepers", "supervisor"] } }
notify = ["group:told", "sender", "boss@a.example"]
"#;
        let named = RuleSet::parse(text).unwrap().named();
        let names: Vec<(bool, &str)> = named.iter().map(|one| (one.list, one.name.as_str())).collect();
        assert_eq!(names, [(false, "from"), (false, "all"), (true, "some"), (false, "keepers"), (false, "told")]);
        assert!(named.iter().all(|one| one.code == "A"));
    }

    #[test]
    fn the_shipped_rules_name_only_what_a_tenant_has_from_the_start() {
        let named = RuleSet::parse(RuleSet::shipped_text()).unwrap().named();
        assert!(!named.is_empty() && named.iter().all(|one| !one.list && one.name == "取扱担当者"), "{named:?}");
    }
}
