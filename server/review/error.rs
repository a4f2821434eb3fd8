//! What is wrong with a rule file: every mistake at once, each with its line and its rule.

use std::fmt;

use types::Language;

use crate::mistake::Mistake;

/// One mistake in a rule file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleError {
    /// The line in the file, counted from 1.
    pub line: usize,
    /// The code of the rule, empty outside rules.
    pub code: String,
    /// What is wrong and, where there is one, the nearest right word.
    pub problem: Mistake,
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: ", self.line)?;
        if !self.code.is_empty() {
            write!(f, "rule {}: ", self.code)?;
        }
        f.write_str(&self.problem.told(Language::En))
    }
}

/// All mistakes of a rule file, in the order of their lines; a line each when displayed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", lines(.0))]
pub struct RuleErrors(pub Vec<RuleError>);

impl types::Fault for RuleErrors {
    fn kind(&self) -> types::Kind {
        types::Kind::Client
    }
}

fn lines(errors: &[RuleError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}
