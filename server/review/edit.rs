//! Changes one thing in the text of a rule file and leaves every other byte, comments and order as people wrote them.

use toml::de::DeTable;

use crate::reader::document;
use crate::{Mode, RuleSet};

/// The file with the mode of the rule `code` set; `None` when there is no such rule, or when the file is written in a
/// way in which this cannot be done without touching more.
#[must_use]
pub fn with_mode(text: &str, code: &str, mode: Mode) -> Option<String> {
    let before = RuleSet::parse(text).ok()?;
    let word = format!("\"{}\"", mode.word());
    let candidates = match places(text, code)? {
        Places { mode: Some(span), .. } => vec![spliced(text, span.start, span.end, &word)?],
        Places { code_end, .. } => {
            let line_end = text.get(code_end..)?.find(['\r', '\n']).map_or(text.len(), |at| code_end + at);
            let line_break = if text.get(line_end..)?.starts_with("\r\n") { "\r\n" } else { "\n" };
            let own_line = spliced(text, line_end, line_end, &format!("{line_break}mode = {word}"))?;
            let inline = spliced(text, code_end, code_end, &format!(", mode = {word}"))?;
            vec![own_line, inline]
        }
    };
    candidates.into_iter().find(|changed| only_mode_differs(&before, changed, code, mode))
}

/// Where in the file a rule's mode stands, if it does, and where its code ends.
struct Places {
    mode: Option<std::ops::Range<usize>>,
    code_end: usize,
}

fn places(text: &str, code: &str) -> Option<Places> {
    let document = document(text).ok()?;
    let rules = document.get_ref().get("rule")?.get_ref().as_array()?;
    let tables = rules.iter().filter_map(|rule| rule.get_ref().as_table());
    let found: &DeTable<'_> = tables.into_iter().find(|table| code_of(table) == Some(code))?;
    let mode = found.get("mode").map(toml::Spanned::span);
    Some(Places { mode, code_end: found.get("code")?.span().end })
}

fn code_of<'t>(table: &'t DeTable<'_>) -> Option<&'t str> {
    table.get("code")?.get_ref().as_str()
}

fn spliced(text: &str, from: usize, to: usize, new: &str) -> Option<String> {
    Some(format!("{}{new}{}", text.get(..from)?, text.get(to..)?))
}

/// The proof that the edit did what it should: the file reads as before but for that rule's mode.
fn only_mode_differs(before: &RuleSet, changed: &str, code: &str, mode: Mode) -> bool {
    let Ok(after) = RuleSet::parse(changed) else { return false };
    let same = |(old, new): (&crate::Rule, &crate::Rule)| {
        let expected = if old.code == code { mode } else { old.mode };
        (&old.code, &old.name, &old.message, expected) == (&new.code, &new.name, &new.message, new.mode)
    };
    before.rules().len() == after.rules().len() && before.rules().iter().zip(after.rules()).all(same)
}

#[cfg(test)]
mod tests {
    use super::*;

    const REST: &str = "direction = \"out\"\nwhen = { recipients = \"outside\" }\naction = \"block\"\n";

    #[test]
    fn the_mode_changes_and_nothing_else_does() {
        for (before, after) in [
            ("[[rule]]\ncode = \"A\"\nmode = \"on\"\n{}", "[[rule]]\ncode = \"A\"\nmode = \"record\"\n{}"),
            (
                "# top\n[[rule]] # one\n  mode='off'   # why\n  code = \"A\"\n{}",
                "# top\n[[rule]] # one\n  mode=\"record\"   # why\n  code = \"A\"\n{}",
            ),
            (
                "[[rule]]\ncode = \"A\" # the first\n{}# end",
                "[[rule]]\ncode = \"A\" # the first\nmode = \"record\"\n{}# end",
            ),
            ("[[rule]]\r\ncode = \"A\"\r\n{}", "[[rule]]\r\ncode = \"A\"\r\nmode = \"record\"\r\n{}"),
            ("[[rule]]\n{}code = \"A\"", "[[rule]]\n{}code = \"A\"\nmode = \"record\""),
            ("[[rule]]\n\"mode\" = \"on\"\ncode = 'A'\n{}", "[[rule]]\n\"mode\" = \"record\"\ncode = 'A'\n{}"),
            (
                "[[rule]]\ncode = \"B\"\nmode = \"on\"\n{}[[rule]]\ncode = \"A\"\nmode = \"on\"\n{}",
                "[[rule]]\ncode = \"B\"\nmode = \"on\"\n{}[[rule]]\ncode = \"A\"\nmode = \"record\"\n{}",
            ),
            (
                "[[rule]]\ncode = \"A\"\nmessage = \"mode = \\\"on\\\"\"\n{}",
                "[[rule]]\ncode = \"A\"\nmode = \"record\"\nmessage = \"mode = \\\"on\\\"\"\n{}",
            ),
        ] {
            let (before, after) = (before.replace("{}", REST), after.replace("{}", REST));
            assert_eq!(with_mode(&before, "A", Mode::Record).as_deref(), Some(after.as_str()), "{before}");
        }
    }

    #[test]
    fn rules_in_one_line_are_edited_too() {
        let line =
            "rule = [{ code = \"A\", direction = \"out\", when = { recipients = \"outside\" }, action = \"block\" }]";
        let changed = with_mode(line, "A", Mode::Off).unwrap();
        assert_eq!(changed, line.replace("\"A\",", "\"A\", mode = \"off\","));
    }

    #[test]
    fn the_shipped_rules_can_be_switched_one_by_one_and_back() {
        let shipped = RuleSet::shipped_text();
        for rule in RuleSet::parse(shipped).unwrap().rules() {
            for mode in [Mode::Off, Mode::Record, Mode::On] {
                let changed = with_mode(shipped, &rule.code, mode).unwrap();
                let back = with_mode(&changed, &rule.code, rule.mode).unwrap();
                assert!(back.len() <= shipped.len() + "\nmode = \"record\"".len());
            }
        }
    }

    #[test]
    fn what_is_not_there_is_not_changed() {
        assert_eq!(with_mode(RuleSet::shipped_text(), "NO-SUCH", Mode::Off), None);
        assert_eq!(with_mode("[[rule]]\ncode = ", "A", Mode::Off), None);
    }
}
