//! Whom rules name, so that whoever keeps the directory can say who is not there.

use crate::error::RuleError;
use crate::mistake::Mistake;
use crate::rule::RuleSet;

/// What kind of name it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NamedKind {
    /// `group:NAME`.
    Group,
    /// `list:NAME`.
    List,
    /// `department:NAME`.
    Department,
    /// The address of somebody who decides or is told.
    Person,
    /// A next hop of the configuration.
    Route,
}

/// A group, list, department or person that a rule names.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Named {
    /// The code of the rule.
    pub code: String,
    /// The line where it stands first in the rule, counted from 1.
    pub line: usize,
    /// What it is.
    pub kind: NamedKind,
    /// Its name, or the address.
    pub name: String,
}

impl Named {
    /// As rules write it.
    #[must_use]
    pub fn word(&self) -> String {
        match self.kind {
            NamedKind::Group => format!("group:{}", self.name),
            NamedKind::List => format!("list:{}", self.name),
            NamedKind::Department => format!("department:{}", self.name),
            NamedKind::Person => self.name.clone(),
            NamedKind::Route => format!("route:{}", self.name),
        }
    }
}

impl RuleSet {
    /// Everybody whom a rule names, in the order of the file; each once for a rule.
    #[must_use]
    pub fn named(&self) -> &[Named] {
        &self.named
    }

    /// What is wrong with the rules for a company in which only `there` are there.
    pub fn unknown(&self, there: impl Fn(&Named) -> bool) -> Vec<RuleError> {
        let wrong = |named: &Named| RuleError {
            line: named.line,
            code: named.code.clone(),
            problem: Mistake::Nobody(named.word()),
        };
        self.named.iter().filter(|named| !there(named)).map(wrong).collect()
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
from = ["group:from", "department:sales", "*"]
when = { all = [ { not = { recipients_all = "group:all" } }, { any = [ { recipients = ["list:some", "outside"] }, { outside_recipients_all = "list:some" } ] }, { recipient_count = { who = "list:few", min = 2 } } ] }
action = { hold = { approvers = ["group:keepers", "supervisor", "chief@a.example"] } }
notify = ["group:told", "sender", "boss@a.example"]
"#;
        let rules = RuleSet::parse(text).unwrap();
        let names: Vec<(String, usize)> = rules.named().iter().map(|one| (one.word(), one.line)).collect();
        let expected = [
            ("group:from", 6),
            ("department:sales", 6),
            ("group:all", 7),
            ("list:some", 7),
            ("list:few", 7),
            ("group:keepers", 8),
            ("chief@a.example", 8),
            ("group:told", 9),
            ("boss@a.example", 9),
        ];
        assert_eq!(names, expected.map(|(word, line)| (word.to_owned(), line)));
        let wrong = rules.unknown(|named| named.name != "boss@a.example");
        let wrong: Vec<String> = wrong.iter().map(ToString::to_string).collect();
        assert_eq!(wrong, ["line 9: rule A: the company has no `boss@a.example`"]);
    }

    #[test]
    fn the_shipped_rules_name_only_what_a_tenant_has_from_the_start() {
        let rules = RuleSet::parse(RuleSet::shipped_text()).unwrap();
        assert!(!rules.named().is_empty());
        let first = ["group:取扱担当者", "list:委託先"];
        assert_eq!(rules.unknown(|named| first.contains(&named.word().as_str())), []);
    }
}
