//! The `when` of a rule, read from TOML: what is asked of the mail itself. Whom it concerns is read by `people`, when by
//! `time`.

use detect::{Class, Level};
use toml::de::DeTable;

use crate::expression;
use crate::facts::{FileKind, Unseen};
use crate::mistake::{Mistake, Near, Noun};
use crate::people;
use crate::reader::{Reader, Value};
use crate::rule::{AttachmentTest, Condition, Spot};
use crate::text::{self, Matcher, TextTest};

const CONDITIONS: [&str; 19] = [
    "all",
    "any",
    "not",
    "my_number",
    "not_inspected",
    "recipients",
    "recipients_all",
    "outside_recipients_all",
    "recipient_count",
    "outside_domains",
    "outside_addresses",
    "first_contact",
    "no_tls",
    "time",
    "keyword",
    "wildcard",
    "regex",
    "attachment",
    "header",
];
/// Conditions inside conditions; deeper ones nobody can read.
const DEEPEST: usize = 20;
pub(crate) const MOST: u64 = 1_000_000_000;

/// Reads a condition. Several keys in one table must all hold.
pub(crate) fn read(reader: &mut Reader<'_>, value: &Value<'_>, texts: &mut Vec<TextTest>) -> Option<Condition> {
    nested(reader, value, texts, 0)
}

fn nested(reader: &mut Reader<'_>, value: &Value<'_>, texts: &mut Vec<TextTest>, depth: usize) -> Option<Condition> {
    let at = value.span().start;
    if depth > DEEPEST {
        reader.wrong(at, Mistake::TooDeep);
        return None;
    }
    let Some(table) = value.get_ref().as_table() else {
        reader.wrong(at, Mistake::NoCondition);
        return None;
    };
    let numbers = Class::NEIGHBOURS.iter().map(|class| class.word());
    let known: Vec<&str> = CONDITIONS.into_iter().chain(["size"]).chain(numbers).collect();
    reader.check_keys(table, &Noun::Condition, &known, &[]);
    if table.is_empty() {
        reader.wrong(at, Mistake::EmptyCondition);
    }
    let mut all = Vec::new();
    for (key, value) in table {
        let word = key.get_ref().as_ref();
        if known.contains(&word) {
            all.push(one(reader, word, value, texts, depth)?);
        }
    }
    match all.len() {
        0 => None,
        1 => all.pop(),
        _ => Some(Condition::All(all)),
    }
}

fn one(
    reader: &mut Reader<'_>,
    word: &str,
    value: &Value<'_>,
    texts: &mut Vec<TextTest>,
    depth: usize,
) -> Option<Condition> {
    Some(match word {
        "all" => Condition::All(list(reader, word, value, texts, depth)?),
        "any" => Condition::Any(list(reader, word, value, texts, depth)?),
        "not" => Condition::Not(Box::new(nested(reader, value, texts, depth + 1)?)),
        "my_number" => numbers(reader, value, Class::MyNumber)?,
        "not_inspected" => not_inspected(reader, value)?,
        "recipients" => Condition::Recipients(people::people(reader, value, word)?),
        "recipients_all" => Condition::RecipientsAll(people::people(reader, value, word)?),
        "outside_recipients_all" => Condition::OutsideRecipientsAll(people::people(reader, value, word)?),
        "recipient_count" => people::recipient_count(reader, value)?,
        "outside_domains" | "outside_addresses" => people::outside(reader, value, word)?,
        "first_contact" => people::first_contact(reader, value)?,
        "no_tls" => people::no_tls(reader, value)?,
        "time" => Condition::Time(crate::time::read(reader, value)?),
        "keyword" | "wildcard" | "regex" => {
            let test = text_test(reader, word, value)?;
            texts.push(test);
            Condition::Text(texts.len() - 1)
        }
        "attachment" => attachment(reader, value)?,
        "header" => header(reader, value)?,
        _ if Class::NEIGHBOURS.iter().any(|class| class.word() == word) => {
            let class = Class::NEIGHBOURS.into_iter().find(|class| class.word() == word)?;
            numbers(reader, value, class)?
        }
        _ => {
            let table = reader.table(value, word)?;
            reader.check_keys(table, &Noun::KeyOf("size".to_owned()), &["min_kb", "max_kb"], &[]);
            let (min_kb, max_kb) = kilobytes(reader, table);
            Condition::Size { min_kb, max_kb }
        }
    })
}

fn list(
    reader: &mut Reader<'_>,
    word: &str,
    value: &Value<'_>,
    texts: &mut Vec<TextTest>,
    depth: usize,
) -> Option<Vec<Condition>> {
    let items = value.get_ref().as_array().filter(|items| !items.is_empty());
    let Some(items) = items else {
        reader.wrong(value.span().start, Mistake::WantsConditions(word.to_owned()));
        return None;
    };
    let read: Vec<Option<Condition>> = items.iter().map(|item| nested(reader, item, texts, depth + 1)).collect();
    read.into_iter().collect()
}

/// How many distinct numbers of a class, how sure, where.
fn numbers(reader: &mut Reader<'_>, value: &Value<'_>, class: Class) -> Option<Condition> {
    let word = class.word();
    let table = reader.table(value, word)?;
    reader.check_keys(table, &Noun::KeyOf(word.to_owned()), &["level", "count", "where"], &[]);
    let level = match table.get("level") {
        Some(value) => reader.word(value, "level", &["possible", "likely", "certain"], level)?,
        None => Level::Likely,
    };
    let count = match table.get("count") {
        Some(value) => reader.number(value, "count", 1, MOST)?,
        None => 1,
    };
    Some(Condition::Numbers { class, level, count: usize::try_from(count).ok()?, places: places(reader, table)? })
}

fn level(word: &str) -> Option<Level> {
    Some(match word {
        "possible" => Level::Possible,
        "likely" => Level::Likely,
        "certain" => Level::Certain,
        _ => return None,
    })
}

/// The `where` of a condition; empty is everywhere.
fn places(reader: &mut Reader<'_>, table: &DeTable<'_>) -> Option<Vec<Spot>> {
    let Some(value) = table.get("where") else { return Some(Vec::new()) };
    let words = reader.strings(value, "where")?;
    words.into_iter().map(|(word, at)| reader.one_of(&word, at, "where", &Spot::WORDS, Spot::from_word)).collect()
}

fn not_inspected(reader: &mut Reader<'_>, value: &Value<'_>) -> Option<Condition> {
    let table = reader.table(value, "not_inspected")?;
    reader.check_keys(table, &Noun::KeyOf("not_inspected".to_owned()), &["reasons"], &[]);
    let Some(value) = table.get("reasons") else {
        let all = [Unseen::Encrypted, Unseen::Broken, Unseen::TooBig, Unseen::TooSlow, Unseen::Unsupported];
        return Some(Condition::NotInspected(all.to_vec()));
    };
    let words = reader.strings(value, "reasons")?;
    let read =
        words.into_iter().map(|(word, at)| reader.one_of(&word, at, "reasons", &Unseen::WORDS, Unseen::from_word));
    read.collect::<Option<Vec<_>>>().map(Condition::NotInspected)
}

/// A text condition: a word, a list, or `{ any = [...], where = [...] }`.
fn text_test(reader: &mut Reader<'_>, kind: &str, value: &Value<'_>) -> Option<TextTest> {
    let (source, places) = match value.get_ref().as_table() {
        Some(table) => {
            reader.check_keys(table, &Noun::KeyOf(kind.to_owned()), &["any", "where"], &[]);
            let Some(any) = table.get("any") else {
                reader.wrong(value.span().start, Mistake::TableLacks(kind.to_owned(), "any".to_owned()));
                return None;
            };
            (any, places(reader, table)?)
        }
        None => (value, Vec::new()),
    };
    let found = reader.strings(source, kind)?;
    let told = found.iter().map(|(word, _)| word.clone()).collect();
    let matcher = match kind {
        "keyword" => keywords(reader, source, found)?,
        _ => patterns(reader, kind, found)?,
    };
    Some(TextTest { matcher, places, told })
}

/// A single text names a dictionary; a list holds the words themselves.
fn keywords(reader: &mut Reader<'_>, source: &Value<'_>, found: Vec<(String, usize)>) -> Option<Matcher> {
    let at = source.span().start;
    let words = match (source.get_ref().is_str(), found.first()) {
        (true, Some((name, _))) => {
            let words = text::dictionary(name);
            if words.is_none() {
                reader.wrong(at, Mistake::NoDictionary(Near::new(name, &text::dictionary_names())));
            }
            words?
        }
        _ => found.into_iter().map(|(word, _)| word).collect(),
    };
    text::words(&words).map_err(|problem| reader.wrong(at, problem)).ok()
}

fn patterns(reader: &mut Reader<'_>, kind: &str, found: Vec<(String, usize)>) -> Option<Matcher> {
    let mut joined = Vec::new();
    for (source, at) in &found {
        let built = if kind == "regex" { expression::pattern(source) } else { text::wildcard(source, false) };
        match built {
            Ok(pattern) => joined.push(format!("(?:{})", pattern.as_str())),
            Err(problem) => reader.wrong(*at, Mistake::BadPattern(kind.to_owned(), problem)),
        }
    }
    if joined.len() < found.len() {
        return None;
    }
    let at = found.first().map_or(0, |(_, at)| *at);
    let all = expression::compiled(&joined.join("|"));
    all.map(Matcher::Pattern).map_err(|problem| reader.wrong(at, Mistake::BadPattern(kind.to_owned(), problem))).ok()
}

fn attachment(reader: &mut Reader<'_>, value: &Value<'_>) -> Option<Condition> {
    let table = reader.table(value, "attachment")?;
    let known = ["name", "type", "min_kb", "max_kb", "count", "image_only", "encrypted"];
    reader.check_keys(table, &Noun::KeyOf("attachment".to_owned()), &known, &[]);
    let (min_kb, max_kb) = kilobytes(reader, table);
    let mut test = AttachmentTest { min_kb, max_kb, count: 1, ..AttachmentTest::default() };
    if let Some(value) = table.get("name") {
        let name = reader.string(value, "name")?;
        let built = text::wildcard(&name, true);
        test.name = Some(
            built
                .map_err(|problem| reader.wrong(value.span().start, Mistake::BadPattern("name".to_owned(), problem)))
                .ok()?,
        );
        test.name_told = name;
    }
    if let Some(value) = table.get("type") {
        test.kind = Some(reader.word(value, "type", &FileKind::WORDS, FileKind::from_word)?);
    }
    if let Some(value) = table.get("count") {
        test.count = usize::try_from(reader.number(value, "count", 1, MOST)?).ok()?;
    }
    if let Some(value) = table.get("image_only") {
        test.image_only = reader.flag(value, "image_only")?;
    }
    if let Some(value) = table.get("encrypted") {
        test.encrypted = Some(reader.flag(value, "encrypted")?);
    }
    Some(Condition::Attachment(test))
}

fn kilobytes(reader: &mut Reader<'_>, table: &DeTable<'_>) -> (u64, Option<u64>) {
    let min = table.get("min_kb").and_then(|value| reader.number(value, "min_kb", 0, MOST)).unwrap_or(0);
    let max = table.get("max_kb").and_then(|value| reader.number(value, "max_kb", min, MOST));
    (min, max)
}

fn header(reader: &mut Reader<'_>, value: &Value<'_>) -> Option<Condition> {
    let table = reader.table(value, "header")?;
    reader.check_keys(table, &Noun::KeyOf("header".to_owned()), &["name", "contains"], &[]);
    let Some(name) = table.get("name") else {
        reader.wrong(value.span().start, Mistake::TableLacks("header".to_owned(), "name".to_owned()));
        return None;
    };
    let name = reader.string(name, "name")?;
    let contains = match table.get("contains") {
        Some(value) => Some(text::normal(&reader.string(value, "contains")?)),
        None => None,
    };
    Some(Condition::Header { name, contains })
}
