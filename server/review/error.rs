//! What is wrong with a rule file: every mistake at once, each with its line, its rule and the nearest right word.

use std::fmt;

/// One mistake in a rule file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleError {
    /// The line in the file, counted from 1.
    pub line: usize,
    /// The code of the rule, empty outside rules.
    pub code: String,
    /// What is wrong and, where there is one, the nearest right word.
    pub problem: String,
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: ", self.line)?;
        if !self.code.is_empty() {
            write!(f, "rule {}: ", self.code)?;
        }
        f.write_str(&self.problem)
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

/// `; did you mean …?` with the word of `known` that is nearest to `word`, or the list of them all.
pub(crate) fn suggestion(word: &str, known: &[&str]) -> String {
    let near = known.iter().map(|right| (distance(word, right), right)).min();
    match near {
        Some((distance, right)) if distance <= 1 + right.chars().count() / 4 => format!("; did you mean `{right}`?"),
        _ => format!("; known are {}", known.join(", ")),
    }
}

/// Levenshtein's distance in characters.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut next = vec![i + 1];
        for ((j, y), pair) in b.iter().enumerate().zip(row.windows(2)) {
            let (diagonal, above) = (pair.first().copied().unwrap_or(j), pair.last().copied().unwrap_or(j));
            let left = next.last().copied().unwrap_or(j);
            next.push((diagonal + usize::from(x != *y)).min(above + 1).min(left + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}
