//! TOML values as rules need them: each wrong one leaves an error with its line, and reading goes on.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::error::{RuleError, RuleErrors};
use crate::mistake::{Kind, Mistake, Near, Noun};
use crate::names::{Named, NamedKind};

/// A value with its place in the file.
pub(crate) type Value<'i> = Spanned<DeValue<'i>>;

/// Reads values and collects what is wrong.
pub(crate) struct Reader<'i> {
    text: &'i str,
    /// The rule that is being read.
    pub code: String,
    pub errors: Vec<RuleError>,
    /// Whom the rules name.
    pub named: Vec<Named>,
}

/// Parses the file as TOML.
pub(crate) fn document(text: &str) -> Result<Spanned<DeTable<'_>>, RuleErrors> {
    DeTable::parse(text).map_err(|error: toml::de::Error| {
        let at = error.span().map_or(0, |span| span.start);
        let problem = Mistake::NotToml(error.message().to_owned());
        RuleErrors(vec![RuleError { line: line(text, at), code: String::new(), problem }])
    })
}

fn line(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

impl<'i> Reader<'i> {
    pub fn new(text: &'i str) -> Self {
        Self { text, code: String::new(), errors: Vec::new(), named: Vec::new() }
    }

    /// Notes an error at the byte `at`.
    pub fn wrong(&mut self, at: usize, problem: Mistake) {
        let error = RuleError { line: line(self.text, at), code: self.code.clone(), problem };
        self.errors.push(error);
    }

    /// Notes that the rule names somebody.
    pub fn name(&mut self, kind: NamedKind, name: &str, at: usize) {
        let known = |one: &Named| one.code == self.code && one.kind == kind && one.name == name;
        if !self.named.iter().any(known) {
            let (code, line) = (self.code.clone(), line(self.text, at));
            self.named.push(Named { code, line, kind, name: name.to_owned() });
        }
    }

    fn expected(&mut self, value: &Value<'_>, key: &str, kind: Kind) {
        let found = value.get_ref().type_str().to_owned();
        self.wrong(value.span().start, Mistake::Wants(key.to_owned(), kind, found));
    }

    /// Notes every key of `table` that is none of `known`; keys in `later` are named as not available.
    pub fn check_keys(&mut self, table: &DeTable<'_>, what: &Noun, known: &[&str], later: &[&str]) {
        for key in table.keys() {
            let word = key.get_ref().as_ref();
            if later.contains(&word) {
                self.wrong(key.span().start, Mistake::NotYet(what.clone(), word.to_owned()));
            } else if !known.contains(&word) {
                self.wrong(key.span().start, Mistake::Unknown(what.clone(), Near::new(word, known)));
            }
        }
    }

    /// A text.
    pub fn string(&mut self, value: &Value<'_>, key: &str) -> Option<String> {
        let found = value.get_ref().as_str().map(str::to_owned);
        if found.is_none() {
            self.expected(value, key, Kind::Text);
        }
        found
    }

    /// A text or a list of texts, each with its place in the file; never empty.
    pub fn strings(&mut self, value: &Value<'_>, key: &str) -> Option<Vec<(String, usize)>> {
        if let Some(one) = value.get_ref().as_str() {
            return Some(vec![(one.to_owned(), value.span().start)]);
        }
        let Some(list) = value.get_ref().as_array() else {
            self.expected(value, key, Kind::Texts);
            return None;
        };
        if list.is_empty() {
            self.wrong(value.span().start, Mistake::EmptyList(key.to_owned()));
            return None;
        }
        list.iter().map(|one| self.string(one, key).map(|text| (text, one.span().start))).collect()
    }

    /// A whole number between `low` and `high`.
    pub fn number(&mut self, value: &Value<'_>, key: &str, low: u64, high: u64) -> Option<u64> {
        let number = value.get_ref().as_integer();
        let read = number.and_then(|number| u64::from_str_radix(number.as_str(), number.radix()).ok());
        let good = read.filter(|number| (low..=high).contains(number));
        if good.is_none() {
            self.wrong(value.span().start, Mistake::WantsNumber(key.to_owned(), low, high));
        }
        good
    }

    /// `true` or `false`.
    pub fn flag(&mut self, value: &Value<'_>, key: &str) -> Option<bool> {
        let flag = value.get_ref().as_bool();
        if flag.is_none() {
            self.expected(value, key, Kind::Flag);
        }
        flag
    }

    /// A table.
    pub fn table<'v, 't>(&mut self, value: &'v Value<'t>, key: &str) -> Option<&'v DeTable<'t>> {
        let table = value.get_ref().as_table();
        if table.is_none() {
            self.expected(value, key, Kind::Table);
        }
        table
    }

    /// One of `known` words.
    pub fn word<T>(
        &mut self,
        value: &Value<'_>,
        key: &str,
        known: &[&str],
        read: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let word = self.string(value, key)?;
        self.one_of(&word, value.span().start, key, known, read)
    }

    /// One of `known` words that is already at hand.
    pub fn one_of<T>(
        &mut self,
        word: &str,
        at: usize,
        key: &str,
        known: &[&str],
        read: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let found = read(word);
        if found.is_none() {
            self.wrong(at, Mistake::CannotBe(key.to_owned(), Near::new(word, known)));
        }
        found
    }
}
