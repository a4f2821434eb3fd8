//! The actions that change what leaves, read from a rule file: each is a piece of a [`Treatment`], and pieces add up.

use toml::de::DeTable;
use types::{Footer, HeaderLine, Treatment};

use crate::encryption;
use crate::mistake::{Mistake, Near, Noun};
use crate::names::NamedKind;
use crate::reader::{Reader, Value};
use crate::rule::Action;

/// Names of actions that are tables or lists.
pub(crate) const TABLES: [&str; 6] = ["bcc", "header", "footer", "tls", "route", "encrypt"];
/// The word that hides To and Cc.
pub(crate) const HIDE: &str = "hide_recipients";
/// Longest name and value of a line that a rule adds to a header (RFC 5322 2.1.1: a line has at most 998 characters).
const NAME: usize = 64;
const VALUE: usize = 500;
/// Longest text and longest HTML of a footer, characters.
const FOOTER: usize = 4_000;
const FOOTER_HTML: usize = 20_000;
/// Fields that a rule never writes: those that say how a mail is built, who wrote it to whom, and where it was.
const NOT_OURS: [&str; 24] = [
    "from",
    "sender",
    "reply-to",
    "to",
    "cc",
    "bcc",
    "date",
    "message-id",
    "in-reply-to",
    "references",
    "subject",
    "mime-version",
    "received",
    "return-path",
    "delivered-to",
    "dkim-signature",
    "authentication-results",
    "arc-seal",
    "arc-message-signature",
    "arc-authentication-results",
    "auto-submitted",
    "precedence",
    "envelope-to",
    "x-original-to",
];
/// And those that begin with this.
const NOT_OURS_EITHER: [&str; 3] = ["content-", "resent-", "list-"];

/// The actions of `table` that are treatments; `None`: one of them is wrong.
pub(crate) fn read(reader: &mut Reader<'_>, table: &DeTable<'_>) -> Option<Vec<Action>> {
    let mut found = Vec::new();
    if let Some(value) = table.get("bcc") {
        found.push(bcc(reader, value)?);
    }
    if let Some(value) = table.get("header") {
        found.push(header(reader, value)?);
    }
    if let Some(value) = table.get("encrypt") {
        let encryption = Some(encryption::read(reader, value)?);
        found.push(Treatment { encryption, ..Treatment::default() });
    }
    if let Some(value) = table.get("footer") {
        found.push(footer(reader, value)?);
    }
    if let Some(value) = table.get("tls") {
        reader.word(value, "tls", &["required"], |word| (word == "required").then_some(()))?;
        found.push(Treatment { verified_tls: true, ..Treatment::default() });
    }
    if let Some(value) = table.get("route") {
        let name = reader.string(value, "route")?;
        reader.name(NamedKind::Route, &name, value.span().start);
        found.push(Treatment { route: Some(name), ..Treatment::default() });
    }
    Some(found.into_iter().map(action).collect())
}

/// The word that hides To and Cc, as an action.
pub(crate) fn hiding() -> Action {
    action(Treatment { hide_recipients: true, ..Treatment::default() })
}

fn action(treatment: Treatment) -> Action {
    Action::Treat(Box::new(treatment))
}

/// Who gets a copy: people inside, who must be there when the rules come into force.
fn bcc(reader: &mut Reader<'_>, value: &Value<'_>) -> Option<Treatment> {
    let words = reader.strings(value, "bcc")?;
    let bcc = words.into_iter().map(|(word, at)| recipient(reader, word, at)).collect::<Option<_>>()?;
    Some(Treatment { bcc, ..Treatment::default() })
}

fn recipient(reader: &mut Reader<'_>, word: String, at: usize) -> Option<String> {
    if word == "supervisor" {
        return Some(word);
    }
    if let Some(name) = word.strip_prefix("group:").filter(|name| !name.is_empty()) {
        reader.name(NamedKind::Group, name, at);
        return Some(word);
    }
    if types::Address::parse(&word).is_ok() {
        reader.name(NamedKind::Person, &word, at);
        return Some(word);
    }
    reader
        .wrong(at, Mistake::CannotBe("bcc".to_owned(), Near::new(&word, &["supervisor", "group:NAME", "an address"])));
    None
}

fn header(reader: &mut Reader<'_>, value: &Value<'_>) -> Option<Treatment> {
    let table = reader.table(value, "header")?;
    reader.check_keys(table, &Noun::KeyOf("header".to_owned()), &["name", "value"], &[]);
    let mut part = |key: &str| match table.get(key) {
        Some(part) => reader.string(part, key).map(|text| (text, part.span().start)),
        None => {
            reader.wrong(value.span().start, Mistake::TableLacks("header".to_owned(), key.to_owned()));
            None
        }
    };
    let (name, text) = (part("name"), part("value"));
    let ((name, name_at), (text, text_at)) = (name?, text?);
    if !may_be_written(&name) {
        reader.wrong(name_at, Mistake::BadHeaderName(name));
        return None;
    }
    if text.trim().is_empty() || text.chars().count() > VALUE || text.chars().any(char::is_control) {
        reader.wrong(text_at, Mistake::BadHeaderValue(VALUE));
        return None;
    }
    let line = HeaderLine { name, value: text.trim().to_owned() };
    Some(Treatment { headers: [line].into(), ..Treatment::default() })
}

/// A text for the end of a body, and what stands for it in HTML.
fn footer(reader: &mut Reader<'_>, value: &Value<'_>) -> Option<Treatment> {
    let table = reader.table(value, "footer")?;
    reader.check_keys(table, &Noun::KeyOf("footer".to_owned()), &["text", "html"], &[]);
    let Some(text) = table.get("text") else {
        reader.wrong(value.span().start, Mistake::TableLacks("footer".to_owned(), "text".to_owned()));
        return None;
    };
    let text = long_text(reader, text, "text", FOOTER)?;
    let html = match table.get("html") {
        Some(html) => Some(long_text(reader, html, "html", FOOTER_HTML)?),
        None => None,
    };
    Some(Treatment { footers: [Footer { text, html }].into(), ..Treatment::default() })
}

fn long_text(reader: &mut Reader<'_>, value: &Value<'_>, key: &str, most: usize) -> Option<String> {
    let text = reader.string(value, key)?;
    let strange = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    if text.trim().is_empty() || text.chars().count() > most || text.chars().any(strange) {
        reader.wrong(value.span().start, Mistake::BadFooter(key.to_owned(), most));
        return None;
    }
    Some(text)
}

/// Whether a rule may add a field of this name (RFC 5322 3.6.8).
fn may_be_written(name: &str) -> bool {
    let small = name.to_ascii_lowercase();
    let good = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let begins = name.chars().next().is_some_and(|c| c.is_ascii_alphabetic());
    let ours = !NOT_OURS.contains(&small.as_str()) && !NOT_OURS_EITHER.iter().any(|begin| small.starts_with(begin));
    begins && name.len() <= NAME && name.chars().all(good) && ours
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RuleSet;

    fn parsed(action: &str) -> Result<Treatment, String> {
        let rule = format!("[[rule]]\ncode = \"T\"\ndirection = \"any\"\nwhen = {{ size = {{}} }}\naction = {action}");
        let rules = RuleSet::parse(&rule).map_err(|errors| errors.to_string())?;
        let mut sum = Treatment::default();
        for action in &rules.rules[0].actions {
            if let Action::Treat(treatment) = action {
                sum.join(treatment);
            }
        }
        Ok(sum)
    }

    #[test]
    fn a_treatment_reads_as_it_is_written() {
        let all = r#"[ "hide_recipients", { bcc = ["group:監査", "boss@a.example"], header = { name = "X-Class", value = " 社外秘 " } } ]"#;
        let found = parsed(all).unwrap();
        assert!(found.hide_recipients);
        assert_eq!(found.bcc.iter().map(String::as_str).collect::<Vec<_>>(), ["boss@a.example", "group:監査"]);
        let line = found.headers.first().unwrap();
        assert_eq!((line.name.as_str(), line.value.as_str()), ("X-Class", "社外秘"));
    }

    #[test]
    fn a_mistake_in_a_treatment_is_named_with_its_line_and_the_right_word() {
        for (action, told) in [
            (r#"{ bcc = [] }"#, "`bcc` is an empty list"),
            (r#"{ bcc = "grup:x" }"#, "`bcc` cannot be `grup:x`; known are supervisor, group:NAME, an address"),
            (r#""bcc""#, "unknown action `bcc`"),
            (r#""hide_recipient""#, "did you mean `hide_recipients`"),
            (r#"{ header = { name = "X-A" } }"#, "`header` has no `value`"),
            (r#"{ header = { nam = "X-A", value = "b" } }"#, "unknown key of `header` `nam`; did you mean `name`?"),
            (r#"{ header = { name = "Subject", value = "b" } }"#, "`Subject` cannot be added"),
            (r#"{ header = { name = "Content-Type", value = "b" } }"#, "`Content-Type` cannot be added"),
            (r#"{ header = { name = "Resent-To", value = "b" } }"#, "`Resent-To` cannot be added"),
            (r#"{ header = { name = "X-A:", value = "b" } }"#, "`X-A:` cannot be added"),
            (r#"{ header = { name = "1", value = "b" } }"#, "`1` cannot be added"),
            (r#"{ footer = { html = "x" } }"#, "`footer` has no `text`"),
            (r#"{ footer = { text = " " } }"#, "`text` of a footer wants 1 to 4000 characters"),
            (r#"{ tls = "require" }"#, "`tls` cannot be `require`; did you mean `required`?"),
            (r#"{ route = 5 }"#, "`route` wants a text in quotes"),
            ("{ header = { name = \"X-A\", value = \"b\\r\\nBcc: x@y.example\" } }", "1 to 500 characters in one line"),
            (r#"{ header = { name = "X-A", value = " " } }"#, "1 to 500 characters in one line"),
        ] {
            let said = parsed(action).unwrap_err();
            assert!(said.starts_with("line 5: rule T: ") && said.contains(told), "{action}: {said}");
        }
        let rest =
            parsed(r#"{ footer = { text = "a\nb", html = "<p>a" }, tls = "required", route = "safe" }"#).unwrap();
        assert!(rest.verified_tls && rest.route.as_deref() == Some("safe") && rest.footers.len() == 1);
        assert!(parsed(r#"{ header = { name = "Importance", value = "high" } }"#).is_ok());
    }
}
