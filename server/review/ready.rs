//! Sets of rules that come with the program and are switched on by adding them to a company's own file, where they are
//! changed like any other.

use types::Language;

use crate::rule::RuleSet;

const READY: &str = include_str!("ready.toml");

/// A set of rules with a name for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadySet {
    /// What forms call it, ASCII.
    pub id: &'static str,
    ja: &'static str,
    en: &'static str,
    /// The codes of its rules.
    pub codes: &'static [&'static str],
}

/// All of them, in the order in which people read them.
pub const READY_SETS: [ReadySet; 9] = [
    ReadySet {
        id: "my-number",
        ja: "マイナンバー",
        en: "My Numbers",
        codes: &["MN-PARTNER", "MN-OUT", "MN-LIST", "NI-MN"],
    },
    ReadySet { id: "card", ja: "クレジットカード番号", en: "Card numbers", codes: &["CARD-OUT"] },
    ReadySet {
        id: "open-recipients",
        ja: "To・Cc に多数の社外ドメイン",
        en: "Many outside domains in To and Cc",
        codes: &["TO-OPEN"],
    },
    ReadySet {
        id: "attachments", ja: "社外への添付ファイル", en: "Attachments to the outside", codes: &["DELAY"]
    },
    ReadySet { id: "first-contact", ja: "初めての宛先", en: "First contact", codes: &["FIRST"] },
    ReadySet { id: "free-mail", ja: "フリーメールの宛先", en: "Free-mail addresses", codes: &["FREE-MAIL"] },
    ReadySet { id: "many-recipients", ja: "多数の宛先", en: "Many recipients", codes: &["MANY"] },
    ReadySet {
        id: "executable", ja: "実行形式の添付ファイル", en: "Executable attachments", codes: &["EXE"]
    },
    ReadySet {
        id: "customer-list",
        ja: "顧客名簿(連絡先50件以上)",
        en: "Customer lists (50 contacts or more)",
        codes: &["PI-LIST"],
    },
];

impl ReadySet {
    /// The one that forms call `id`.
    #[must_use]
    pub fn called(id: &str) -> Option<&'static Self> {
        READY_SETS.iter().find(|set| set.id == id)
    }

    /// Its name.
    #[must_use]
    pub fn name(&self, language: Language) -> &'static str {
        if language == Language::Ja { self.ja } else { self.en }
    }

    /// Its rules alone, as a file.
    #[must_use]
    pub fn text(&self) -> String {
        self.missing_in(&[])
    }

    /// Whether a company with these rules has all of it, whatever it made of it.
    #[must_use]
    pub fn is_in(&self, rules: &RuleSet) -> bool {
        self.codes.iter().all(|code| rules.rules().iter().any(|rule| rule.code == *code))
    }

    /// A company's file with what it lacks of this set at its end; every other byte stays. `None`: the file cannot be
    /// read.
    #[must_use]
    pub fn added_to(&self, text: &str) -> Option<String> {
        let rules = RuleSet::parse(text).ok()?;
        let known: Vec<&str> = rules.rules().iter().map(|rule| rule.code.as_str()).collect();
        let missing = self.missing_in(&known);
        let end = match text {
            "" => "",
            text if text.ends_with('\n') => "\n",
            _ => "\n\n",
        };
        Some(if missing.is_empty() { text.to_owned() } else { format!("{text}{end}{missing}") })
    }

    fn missing_in(&self, known: &[&str]) -> String {
        let missing = self.codes.iter().filter(|code| !known.contains(code));
        missing.filter_map(|code| block(code)).collect::<Vec<_>>().join("\n")
    }
}

/// The rule `code` as its file has it.
fn block(code: &str) -> Option<String> {
    let line = format!("\ncode = \"{code}\"\n");
    let blocks = [RuleSet::shipped_text(), READY].into_iter().flat_map(|file| file.split("[[rule]]").skip(1));
    blocks.filter(|block| block.starts_with(&line)).map(|block| format!("[[rule]]{}\n", block.trim_end())).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_set_is_there_reads_alone_and_names_only_what_a_tenant_has_from_the_start() {
        for set in READY_SETS {
            let rules = RuleSet::parse(&set.text()).unwrap();
            let codes: Vec<&str> = rules.rules().iter().map(|rule| rule.code.as_str()).collect();
            assert_eq!(codes, set.codes, "{}", set.id);
            let first = ["group:取扱担当者", "list:委託先"];
            assert_eq!(rules.unknown(|named| first.contains(&named.word().as_str())), [], "{}", set.id);
            assert!(rules.rules().iter().all(|rule| !rule.name.is_empty() && !rule.message.is_empty()));
            assert_eq!(ReadySet::called(set.id), Some(&set));
        }
        let all = READY.matches("[[rule]]").count();
        let listed = READY_SETS.iter().flat_map(|set| set.codes).filter(|code| READY.contains(&format!("\"{code}\"")));
        assert_eq!(listed.count(), all, "no rule is without a set");
    }

    #[test]
    fn a_set_is_added_once_and_every_other_byte_stays() {
        let mut text = RuleSet::shipped_text().to_owned();
        for set in READY_SETS {
            let was_in = set.is_in(&RuleSet::parse(&text).unwrap());
            let added = set.added_to(&text).unwrap();
            assert!(added.starts_with(&text) && (added == text) == was_in, "{}", set.id);
            assert!(set.is_in(&RuleSet::parse(&added).unwrap()));
            assert_eq!(set.added_to(&added).as_deref(), Some(added.as_str()), "{}", set.id);
            text = added;
        }
        assert_eq!(ReadySet::called("card").and_then(|set| set.added_to("")), Some(READY_SETS[1].text()));
        assert_eq!(READY_SETS[0].added_to("[[rule]"), None);
    }
}
