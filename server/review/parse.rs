//! A rule file read from TOML. What it names and this version cannot do is an error: nothing passes in silence.

use toml::de::DeTable;

use crate::active;
use crate::calendar::Calendar;
use crate::condition;
use crate::error::RuleErrors;
use crate::mistake::{Mistake, Near, Noun};
use crate::names::NamedKind;
use crate::people;
use crate::reader::{Reader, Value, document};
use crate::rule::{Action, HoldAction, Mode, Rule, RuleSet, Scope, Who};
use crate::text::TextTest;
use crate::treatments;

const KEYS: [&str; 12] = [
    "code",
    "name",
    "mode",
    "direction",
    "from",
    "when",
    "active",
    "except",
    "action",
    "notify",
    "message",
    "approver_message",
];
const ACTIONS: [&str; 8] = ["record", "notify", "hide_recipients", "delay", "self_review", "hold", "block", "delete"];
/// Hours until the outcome of what waits, when a rule names none.
const HOURS: u32 = 8;
const MOST_HOURS: u64 = 2_000;
const HOLD_KEYS: [&str; 7] = ["approvers", "approvals", "hours", "calendar", "then", "escalate_to", "must_open"];
/// Two people see what one overlooks; more than two would never be found at once.
const MOST_APPROVALS: u64 = 2;
/// Longest delay, minutes: a week.
const MOST_MINUTES: u64 = 10_080;

/// A rule whose exceptions are still codes, each with its place in the file.
struct Draft {
    rule: Rule,
    except: Vec<(String, usize)>,
}

/// Reads a rule file.
pub(crate) fn rules(text: &str) -> Result<RuleSet, RuleErrors> {
    let document = document(text)?;
    let mut reader = Reader::new(text);
    let mut texts = Vec::new();
    let mut drafts: Vec<Draft> = Vec::new();
    reader.check_keys(document.get_ref(), &Noun::Key, &["rule"], &[]);
    for value in tables(&mut reader, document.get_ref()) {
        reader.code.clear();
        if let Some(draft) = draft(&mut reader, value, &mut texts) {
            if drafts.iter().any(|known| known.rule.code == draft.rule.code) {
                reader.wrong(value.span().start, Mistake::CodeTwice);
            }
            drafts.push(draft);
        }
    }
    let rules = resolved(&mut reader, drafts);
    if reader.errors.is_empty() {
        return Ok(RuleSet { rules, texts, named: reader.named });
    }
    reader.errors.sort_by_key(|error| error.line);
    Err(RuleErrors(reader.errors))
}

fn tables<'v, 'i>(reader: &mut Reader<'i>, document: &'v DeTable<'i>) -> &'v [Value<'i>] {
    let Some(value) = document.get("rule") else { return &[] };
    match value.get_ref().as_array() {
        Some(list) => list,
        None => {
            reader.wrong(value.span().start, Mistake::NoTables);
            &[]
        }
    }
}

fn draft(reader: &mut Reader<'_>, value: &Value<'_>, texts: &mut Vec<TextTest>) -> Option<Draft> {
    let table = reader.table(value, "rule")?;
    reader.code = code(reader, value, table)?;
    reader.check_keys(table, &Noun::Key, &KEYS, &["scope", "order", "version"]);
    let mode = match table.get("mode") {
        Some(value) => reader.word(value, "mode", &["on", "record", "off"], mode),
        None => Some(Mode::On),
    };
    let scope = match table.get("direction") {
        Some(value) => reader.word(value, "direction", &["out", "inside", "in", "any"], scope),
        None => missing(reader, value, "direction"),
    };
    let from = match table.get("from") {
        Some(value) => people::people(reader, value, "from"),
        None => Some(vec![Who::Anyone]),
    };
    let when = match table.get("when") {
        Some(value) => condition::read(reader, value, texts),
        None => missing(reader, value, "when"),
    };
    let actions = match table.get("action") {
        Some(value) => actions(reader, value),
        None => missing(reader, value, "action"),
    };
    let active = table.get("active").map(|value| active::read(reader, value));
    let notify = table.get("notify").map(|value| told(reader, value));
    let except = table.get("except").and_then(|value| reader.strings(value, "except")).unwrap_or_default();
    let mut text = |key| table.get(key).and_then(|value| reader.string(value, key)).unwrap_or_default();
    let (name, message, approver_message) = (text("name"), text("message"), text("approver_message"));
    let mut actions = actions?;
    if let Some(notify) = notify {
        actions.push(Action::Notify(notify?));
    }
    let active = match active {
        Some(read) => Some(read?),
        None => None,
    };
    let (mode, scope, from, when) = (mode?, scope?, from?, when?);
    let code = reader.code.clone();
    let rule =
        Rule { code, name, mode, scope, from, when, active, except: Vec::new(), actions, message, approver_message };
    Some(Draft { rule, except })
}

fn missing<T>(reader: &mut Reader<'_>, value: &Value<'_>, key: &str) -> Option<T> {
    reader.wrong(value.span().start, Mistake::RuleLacks(key.to_owned()));
    None
}

/// The code stands in SMTP replies: letters, digits, `-`, `_`.
fn code(reader: &mut Reader<'_>, rule: &Value<'_>, table: &DeTable<'_>) -> Option<String> {
    let Some(value) = table.get("code") else { return missing(reader, rule, "code") };
    let code = reader.string(value, "code")?;
    let good = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if code.is_empty() || code.len() > 32 || !code.chars().all(good) {
        reader.wrong(value.span().start, Mistake::BadCode);
        return None;
    }
    Some(code)
}

fn mode(word: &str) -> Option<Mode> {
    Some(match word {
        "on" => Mode::On,
        "record" => Mode::Record,
        "off" => Mode::Off,
        _ => return None,
    })
}

fn scope(word: &str) -> Option<Scope> {
    Some(match word {
        "out" => Scope::Out,
        "inside" => Scope::Inside,
        "in" => Scope::In,
        "any" => Scope::Any,
        _ => return None,
    })
}

/// A word, a table, or a list of them.
fn actions(reader: &mut Reader<'_>, value: &Value<'_>) -> Option<Vec<Action>> {
    let list = value.get_ref().as_array();
    let items: Vec<&Value<'_>> = match list {
        Some(list) => list.iter().collect(),
        None => vec![value],
    };
    if items.is_empty() {
        reader.wrong(value.span().start, Mistake::EmptyList("action".to_owned()));
        return None;
    }
    let mut found = Vec::new();
    let mut complete = true;
    for item in items {
        let read = match item.get_ref().as_table() {
            Some(table) => action_table(reader, item, table),
            None => action_word(reader, item).map(|action| vec![action]),
        };
        match read {
            Some(read) => found.extend(read),
            None => complete = false,
        }
    }
    complete.then_some(found)
}

fn action_word(reader: &mut Reader<'_>, value: &Value<'_>) -> Option<Action> {
    let word = reader.string(value, "action")?;
    let at = value.span().start;
    match word.as_str() {
        "record" => return Some(Action::Record),
        "block" => return Some(Action::Block),
        "delete" => return Some(Action::Delete),
        "self_review" => return Some(Action::SelfReview(own_terms())),
        treatments::HIDE => return Some(treatments::hiding()),
        "hold" => reader.wrong(at, Mistake::HoldAlone),
        "delay" => reader.wrong(at, Mistake::DelayAlone),
        "notify" => reader.wrong(at, Mistake::NotifyAlone),
        word => reader.wrong(at, Mistake::Unknown(Noun::Action, Near::new(word, &ACTIONS))),
    }
    None
}

fn action_table(reader: &mut Reader<'_>, value: &Value<'_>, table: &DeTable<'_>) -> Option<Vec<Action>> {
    let known = [&["delay", "self_review", "hold", "notify"], treatments::TABLES.as_slice()].concat();
    reader.check_keys(table, &Noun::Action, &known, &[]);
    let mut found = treatments::read(reader, table)?;
    if let Some(delay) = table.get("delay") {
        found.push(Action::Delay(minutes(reader, delay)?));
    }
    if let Some(own) = table.get("self_review") {
        found.push(Action::SelfReview(self_review(reader, own)?));
    }
    if let Some(hold) = table.get("hold") {
        found.push(Action::Hold(hold_action(reader, hold)?));
    }
    if let Some(notify) = table.get("notify") {
        found.push(Action::Notify(told(reader, notify)?));
    }
    if found.is_empty() {
        reader.wrong(value.span().start, Mistake::EmptyAction);
    }
    (found.len() == table.len()).then_some(found)
}

fn minutes(reader: &mut Reader<'_>, value: &Value<'_>) -> Option<u32> {
    let table = reader.table(value, "delay")?;
    reader.check_keys(table, &Noun::KeyOf("delay".to_owned()), &["minutes"], &[]);
    let Some(minutes) = table.get("minutes") else {
        reader.wrong(value.span().start, Mistake::TableLacks("delay".to_owned(), "minutes".to_owned()));
        return None;
    };
    u32::try_from(reader.number(minutes, "minutes", 1, MOST_MINUTES)?).ok()
}

/// The terms of a self review that names none.
fn own_terms() -> HoldAction {
    let approvers = vec!["sender".to_owned()];
    HoldAction {
        approvers,
        hours: HOURS,
        calendar: Calendar::Business,
        then: "return".to_owned(),
        approvals: 1,
        must_open: false,
        escalate_to: Vec::new(),
    }
}

/// It never ends with sending: what nobody confirmed was not looked at.
fn self_review(reader: &mut Reader<'_>, value: &Value<'_>) -> Option<HoldAction> {
    let table = reader.table(value, "self_review")?;
    reader.check_keys(table, &Noun::KeyOf("self_review".to_owned()), &["hours", "calendar", "then"], &[]);
    terms(reader, table, own_terms().approvers, &["return", "reject"])
}

fn hold_action(reader: &mut Reader<'_>, value: &Value<'_>) -> Option<HoldAction> {
    let table = reader.table(value, "hold")?;
    reader.check_keys(table, &Noun::KeyOf("hold".to_owned()), &HOLD_KEYS, &[]);
    let Some(approvers) = table.get("approvers") else {
        reader.wrong(value.span().start, Mistake::TableLacks("hold".to_owned(), "approvers".to_owned()));
        return None;
    };
    let approvers = deciders(reader, approvers, "approvers")?;
    let approvals = match table.get("approvals") {
        Some(value) => u32::try_from(reader.number(value, "approvals", 1, MOST_APPROVALS)?).ok()?,
        None => 1,
    };
    let must_open = match table.get("must_open") {
        Some(value) => reader.flag(value, "must_open")?,
        None => false,
    };
    let escalate_to = match table.get("escalate_to") {
        Some(value) => deciders(reader, value, "escalate_to")?,
        None => Vec::new(),
    };
    let hold = terms(reader, table, approvers, &["return", "reject", "send", "escalate"])?;
    if let (Some(value), true) = (table.get("escalate_to"), hold.then != "escalate") {
        reader.wrong(value.span().start, Mistake::EscalateAlone);
        return None;
    }
    Some(HoldAction { approvals, must_open, escalate_to, ..hold })
}

/// People who decide: their supervisor, addresses, groups.
fn deciders(reader: &mut Reader<'_>, value: &Value<'_>, key: &str) -> Option<Vec<String>> {
    let words = reader.strings(value, key)?;
    words.into_iter().map(|(word, at)| person(reader, word, at, key, &["supervisor"])).collect()
}

/// Hours, calendar and end of what waits for `approvers`.
fn terms(reader: &mut Reader<'_>, table: &DeTable<'_>, approvers: Vec<String>, ends: &[&str]) -> Option<HoldAction> {
    let hours = match table.get("hours") {
        Some(value) => u32::try_from(reader.number(value, "hours", 1, MOST_HOURS)?).ok()?,
        None => HOURS,
    };
    let calendar = match table.get("calendar") {
        Some(value) => reader.word(value, "calendar", &["business", "always"], |word| match word {
            "business" => Some(Calendar::Business),
            "always" => Some(Calendar::Always),
            _ => None,
        })?,
        None => Calendar::Business,
    };
    let then = match table.get("then") {
        Some(value) => reader.word(value, "then", ends, |word| ends.contains(&word).then(|| word.to_owned()))?,
        None => "return".to_owned(),
    };
    Some(HoldAction { approvers, hours, calendar, then, approvals: 1, must_open: false, escalate_to: Vec::new() })
}

fn told(reader: &mut Reader<'_>, value: &Value<'_>) -> Option<Vec<String>> {
    let words = reader.strings(value, "notify")?;
    words
        .into_iter()
        .map(|(word, at)| person(reader, word, at, "notify", &["sender", "supervisor", "administrator"]))
        .collect()
}

/// A person that is told or asked: one of `roles`, `group:NAME` or an address.
fn person(reader: &mut Reader<'_>, word: String, at: usize, key: &str, roles: &[&str]) -> Option<String> {
    if roles.contains(&word.as_str()) {
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
    let known: Vec<&str> = roles.iter().copied().chain(["group:NAME", "an address"]).collect();
    reader.wrong(at, Mistake::CannotBe(key.to_owned(), Near::new(&word, &known)));
    None
}

/// Puts places for the codes of exceptions. Rules that take each other out would let everything pass.
fn resolved(reader: &mut Reader<'_>, drafts: Vec<Draft>) -> Vec<Rule> {
    let codes: Vec<String> = drafts.iter().map(|draft| draft.rule.code.clone()).collect();
    let known: Vec<&str> = codes.iter().map(String::as_str).collect();
    let mut spots = Vec::new();
    let mut rules = Vec::new();
    for Draft { mut rule, except } in drafts {
        reader.code.clone_from(&rule.code);
        spots.push(except.first().map_or(0, |(_, at)| *at));
        for (code, at) in except {
            match known.iter().position(|known| *known == code) {
                Some(place) => rule.except.push(place),
                None => reader.wrong(at, Mistake::NoRule(Near::new(&code, &known))),
            }
        }
        rules.push(rule);
    }
    for (place, at) in spots.into_iter().enumerate() {
        if reaches(&rules, place, place) {
            reader.code = codes.get(place).cloned().unwrap_or_default();
            reader.wrong(at, Mistake::Circle);
        }
    }
    rules
}

/// Whether the exceptions of the rule at `from` lead to the rule at `to`.
fn reaches(rules: &[Rule], from: usize, to: usize) -> bool {
    let mut seen = vec![false; rules.len()];
    let mut open: Vec<usize> = rules.get(from).map(|rule| rule.except.clone()).unwrap_or_default();
    while let Some(place) = open.pop() {
        if place == to {
            return true;
        }
        match seen.get_mut(place) {
            Some(seen) if !*seen => *seen = true,
            _ => continue,
        }
        open.extend(rules.get(place).into_iter().flat_map(|rule| rule.except.iter().copied()));
    }
    false
}

#[cfg(test)]
mod tests;
