//! Who a rule speaks of, read from TOML: words that name people, and conditions on how many and how well known.

use crate::condition::MOST;
use crate::mistake::{Mistake, Near, Noun};
use crate::names::NamedKind;
use crate::reader::{Reader, Value};
use crate::rule::{Among, Condition, Who};

/// Words that name people: `outside`, `inside`, `list:NAME`, `group:NAME`, `department:NAME`, an address, a domain.
pub(crate) fn people(reader: &mut Reader<'_>, value: &Value<'_>, key: &str) -> Option<Vec<Who>> {
    let words = reader.strings(value, key)?;
    words.into_iter().map(|(word, at)| who(reader, &word, at, key)).collect()
}

fn who(reader: &mut Reader<'_>, word: &str, at: usize, key: &str) -> Option<Who> {
    match word {
        "*" => return Some(Who::Anyone),
        "outside" => return Some(Who::Outside),
        "inside" => return Some(Who::Inside),
        _ => {}
    }
    if let Some((kind, name)) = word.split_once(':') {
        match (kind, name.is_empty()) {
            ("list", false) => {
                reader.name(NamedKind::List, name, at);
                return Some(Who::List(name.to_owned()));
            }
            ("group", false) => {
                reader.name(NamedKind::Group, name, at);
                return Some(Who::Group(name.to_owned()));
            }
            ("department", false) => {
                reader.name(NamedKind::Department, name, at);
                return Some(Who::Department(name.to_owned()));
            }
            _ => {}
        }
        reader.wrong(at, Mistake::CannotBe(key.to_owned(), Near::new(kind, &["list", "group", "department"]).of(word)));
        return None;
    }
    if word.contains('@') {
        let bare = word.strip_prefix('@');
        let read = match bare {
            Some(domain) => types::Domain::parse(domain).map(Who::Domain),
            None => types::Address::parse(word).map(Who::Address),
        };
        let bad = |why: String| Mistake::BadAddress(key.to_owned(), word.to_owned(), why);
        return read.map_err(|error| reader.wrong(at, bad(error.to_string()))).ok();
    }
    match types::Domain::parse(word) {
        Ok(domain) if word.contains('.') => Some(Who::Domain(domain)),
        _ => {
            let known = ["outside", "inside", "list:NAME", "group:NAME", "department:NAME", "an address", "a domain"];
            reader.wrong(at, Mistake::CannotBe(key.to_owned(), Near::new(word, &known)));
            None
        }
    }
}

/// `recipient_count = { min = 50, max = 100, who = "outside" }`.
pub(crate) fn recipient_count(reader: &mut Reader<'_>, value: &Value<'_>) -> Option<Condition> {
    let key = "recipient_count";
    let table = reader.table(value, key)?;
    reader.check_keys(table, &Noun::KeyOf(key.to_owned()), &["min", "max", "who"], &[]);
    let who = match table.get("who") {
        Some(value) => people(reader, value, "who")?,
        None => vec![Who::Anyone],
    };
    let (min, max) = (table.get("min"), table.get("max"));
    if min.is_none() && max.is_none() {
        reader.wrong(value.span().start, Mistake::TableLacks(key.to_owned(), "min".to_owned()));
        return None;
    }
    let count =
        |reader: &mut Reader<'_>, value: &Value<'_>, key| usize::try_from(reader.number(value, key, 0, MOST)?).ok();
    let min = min.map_or(Some(0), |value| count(reader, value, "min"))?;
    let max = match max {
        // a rule that asks for fewer than its least would stop nothing, in silence
        Some(value) => Some(usize::try_from(reader.number(value, "max", min as u64, MOST)?).ok()?),
        None => None,
    };
    Some(Condition::RecipientCount { who, min, max })
}

/// `outside_domains` and `outside_addresses`: `{ in = "to,cc", min = 5 }`.
pub(crate) fn outside(reader: &mut Reader<'_>, value: &Value<'_>, key: &str) -> Option<Condition> {
    let table = reader.table(value, key)?;
    reader.check_keys(table, &Noun::KeyOf(key.to_owned()), &["in", "min"], &[]);
    let Some(min) = table.get("min") else {
        reader.wrong(value.span().start, Mistake::TableLacks(key.to_owned(), "min".to_owned()));
        return None;
    };
    let min = usize::try_from(reader.number(min, "min", 1, MOST)?).ok()?;
    let among = match table.get("in") {
        Some(value) => reader.word(value, "in", &["to", "cc", "to,cc", "all"], |word| match word {
            "to" => Some(Among::To),
            "cc" => Some(Among::Cc),
            "to,cc" => Some(Among::Shown),
            "all" => Some(Among::Envelope),
            _ => None,
        })?,
        None => Among::Shown,
    };
    let domains = key == "outside_domains";
    Some(if domains { Condition::OutsideDomains { among, min } } else { Condition::OutsideAddresses { among, min } })
}

/// `first_contact = "author"` or `"company"`.
pub(crate) fn first_contact(reader: &mut Reader<'_>, value: &Value<'_>) -> Option<Condition> {
    let company = reader.word(value, "first_contact", &["author", "company"], |word| match word {
        "author" => Some(false),
        "company" => Some(true),
        _ => None,
    })?;
    Some(Condition::FirstContact { company })
}

/// `no_tls = {}`, or `no_tls = { unknown = true }`: what nobody knows counts only where the rule says so.
pub(crate) fn no_tls(reader: &mut Reader<'_>, value: &Value<'_>) -> Option<Condition> {
    let table = reader.table(value, "no_tls")?;
    reader.check_keys(table, &Noun::KeyOf("no_tls".to_owned()), &["unknown"], &[]);
    let unknown = match table.get("unknown") {
        Some(value) => reader.flag(value, "unknown")?,
        None => false,
    };
    Some(Condition::NoTls { unknown })
}
