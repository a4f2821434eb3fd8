//! Kinds of documents with My Numbers (書類の種類), and for how long a company keeps each. Which day a period ends is computed where
//! there is a calendar (`outbound::documents`).

use serde::{Deserialize, Serialize};

/// A company names so many kinds at most.
pub const DOCUMENT_KINDS_MOST: usize = 100;
/// Characters of a name at most, and of a word.
pub const DOCUMENT_NAME_MOST: usize = 60;
/// Words by which a kind is known, at most.
pub const DOCUMENT_WORDS_MOST: usize = 20;

/// From when the years of a kind are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", from = "Kept")]
pub enum CountedFrom {
    /// The next 11 January, which for a mail of an 11 January is that of the year after: the day behind 10 January of the year that follows
    /// the one in which the declaration was due.
    NextJanuary11,
    /// The day after the one on which it came or was sent: the first day does not count (民法 140 条).
    Arrival,
    /// The day after the one on which the matter was completed (完結の日, such as leaving the company): only people know it, and
    /// until somebody has stated it the period has no end.
    Completion,
    /// 1 January of the next year.
    YearEnd,
    /// The next 1 April, when a fiscal year (年度) begins.
    FiscalYearEnd,
}

/// [`CountedFrom`] as policies keep it. What a newer program counts from is unknown here, so nobody but people can tell when it begins.
#[derive(Deserialize)]
#[serde(transparent)]
struct Kept(String);

impl From<Kept> for CountedFrom {
    fn from(Kept(word): Kept) -> Self {
        match word.as_str() {
            "next_january11" => Self::NextJanuary11,
            "arrival" => Self::Arrival,
            "year_end" => Self::YearEnd,
            "fiscal_year_end" => Self::FiscalYearEnd,
            _ => Self::Completion,
        }
    }
}

impl CountedFrom {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::NextJanuary11, Self::Arrival, Self::Completion, Self::YearEnd, Self::FiscalYearEnd];

    /// How forms and the command line name it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::NextJanuary11 => "january-11",
            Self::Arrival => "arrival",
            Self::Completion => "completion",
            Self::YearEnd => "year-end",
            Self::FiscalYearEnd => "fiscal-year-end",
        }
    }
    /// Reads [`Self::word`].
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.word() == word)
    }
}

/// A kind of documents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentKind {
    /// Its name, which lines of the ledger and certificates say.
    pub name: String,
    /// For so many years it is kept, 1 to 100.
    pub years: u32,
    /// Counted from when.
    pub from: CountedFrom,
    /// Words of a subject or of a file's name by which it is proposed.
    #[serde(default)]
    pub words: Vec<String>,
}

/// What was given is no kind, or there would be too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadDocumentKind {
    /// Its name.
    #[error("the name of a kind of documents has 1 to {DOCUMENT_NAME_MOST} characters on one line")]
    Name,
    /// Its years.
    #[error("documents are kept for 1 to 100 years")]
    Years,
    /// Its words.
    #[error("a kind of documents has at most {DOCUMENT_WORDS_MOST} words of 2 to {DOCUMENT_NAME_MOST} characters")]
    Words,
    /// How many there are.
    #[error("a company names at most {DOCUMENT_KINDS_MOST} kinds of documents")]
    TooMany,
}

impl DocumentKind {
    /// Whether it is one.
    ///
    /// # Errors
    /// What is wrong.
    pub fn check(&self) -> Result<(), BadDocumentKind> {
        let plain = |text: &str, least: usize| {
            (least..=DOCUMENT_NAME_MOST).contains(&text.chars().count())
                && text.trim() == text
                && !text.chars().any(char::is_control)
        };
        if !plain(&self.name, 1) {
            return Err(BadDocumentKind::Name);
        }
        if !(1..=100).contains(&self.years) {
            return Err(BadDocumentKind::Years);
        }
        let good = self.words.len() <= DOCUMENT_WORDS_MOST && self.words.iter().all(|word| plain(word, 2));
        if good { Ok(()) } else { Err(BadDocumentKind::Words) }
    }

    /// The kinds that a company starts with: those for which the period stands in an ordinance, as far as public sources were at hand on 27
    /// November 2026.
    ///
    /// - Declarations of employees and on retirement pay: 7 years from the day after 10 January of the year that follows the one in
    ///   which they were due (所得税法施行規則 76 条の 3; 国税庁 タックスアンサー No. 2503 as quoted by ar-kawabe.com and
    ///   mynumber-univ.com).
    /// - Employment insurance, about the insured: 4 years from completion (雇用保険法施行規則 143 条, quoted by bridge2n.jp and
    ///   yasu-consul.com).
    /// - Health insurance and employees' pension: 2 years from completion (健康保険法施行規則 34 条, 厚生年金保険法施行規則 28 条,
    ///   table of sr-office-wing.net).
    /// - Workers' accident compensation: 3 years from completion (労働者災害補償保険法施行規則 51 条, quoted by ngswsr.com).
    ///
    /// Copies of 法定調書 have no entry: no ordinance that orders to keep them was found. Neither has 財形, whose period was not verified.
    #[must_use]
    pub fn shipped() -> Vec<Self> {
        use CountedFrom::{Completion, NextJanuary11};
        let kind = |name: &str, years, from, words: &[&str]| Self {
            name: name.to_owned(),
            years,
            from,
            words: words.iter().map(|word| (*word).to_owned()).collect(),
        };
        vec![
            kind("扶養控除等申告書", 7, NextJanuary11, &["扶養控除"]),
            kind("保険料控除申告書", 7, NextJanuary11, &["保険料控除申告"]),
            kind(
                "基礎控除・配偶者控除等申告書",
                7,
                NextJanuary11,
                &["基礎控除申告", "配偶者控除等申告", "配偶者特別控除申告"],
            ),
            kind("住宅借入金等特別控除申告書", 7, NextJanuary11, &["住宅借入金等特別控除"]),
            kind("退職所得の受給に関する申告書", 7, NextJanuary11, &["退職所得の受給に関する申告", "退職所得申告"]),
            kind("雇用保険の被保険者に関する書類", 4, Completion, &["雇用保険被保険者", "離職証明書", "離職票"]),
            kind("健康保険・厚生年金保険に関する書類", 2, Completion, &["健康保険", "厚生年金保険"]),
            kind("労災保険に関する書類", 3, Completion, &["労災保険", "労働者災害補償保険"]),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shipped_is_good_and_names_no_kind_twice() {
        let shipped = DocumentKind::shipped();
        for (n, kind) in shipped.iter().enumerate() {
            assert_eq!(kind.check(), Ok(()), "{kind:?}");
            assert!(shipped.iter().skip(n + 1).all(|other| other.name != kind.name && other.words != kind.words));
        }
        let first = shipped.first().unwrap();
        assert_eq!((first.name.as_str(), first.years, first.from), ("扶養控除等申告書", 7, CountedFrom::NextJanuary11));
        let newer: CountedFrom = serde_json::from_str("\"of_a_newer_program\"").unwrap();
        assert_eq!(newer, CountedFrom::Completion, "the other policies can be read");
        for from in CountedFrom::ALL {
            assert_eq!(CountedFrom::parse(from.word()), Some(from));
            let kept = serde_json::to_string(&from).unwrap();
            assert_eq!(serde_json::from_str::<CountedFrom>(&kept).unwrap(), from);
        }
    }

    #[test]
    fn what_is_no_kind_is_refused() {
        let good = DocumentKind { name: "届出書".into(), years: 1, from: CountedFrom::Arrival, words: Vec::new() };
        assert_eq!(good.check(), Ok(()));
        let wrong = |change: &dyn Fn(&mut DocumentKind)| {
            let mut kind = good.clone();
            change(&mut kind);
            kind.check().unwrap_err()
        };
        for name in ["", " x", "a\nb", &"字".repeat(DOCUMENT_NAME_MOST + 1)] {
            assert_eq!(wrong(&|kind| kind.name = name.to_owned()), BadDocumentKind::Name, "{name:?}");
        }
        for years in [0, 101] {
            assert_eq!(wrong(&|kind| kind.years = years), BadDocumentKind::Years);
        }
        for words in [vec!["字".to_owned()], vec!["ab".to_owned(); DOCUMENT_WORDS_MOST + 1]] {
            assert_eq!(wrong(&|kind| kind.words.clone_from(&words)), BadDocumentKind::Words);
        }
    }
}
