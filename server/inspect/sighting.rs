//! A finding as people are told of it: its level, its place and why, in Japanese and English. No word here holds a
//! digit of a number.

use detect::{Class, Finding, Level, Reason};

use crate::Seen;
use crate::places::{Places, place_of};

/// One distinct number, told without its digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// What kind of number.
    pub class: Class,
    /// How sure that is.
    pub level: Level,
    /// IMAP number of the part that holds it; empty for header fields.
    pub part: String,
    /// Where its best place is, such as `添付2「名簿.csv」12行3列`.
    pub place: Places,
    /// How often it stands in the mail.
    pub count: u32,
    /// Why it has its level, in the order of weight: (Japanese, English).
    pub reasons: Vec<(&'static str, &'static str)>,
}

impl Seen {
    /// The findings as people are told of them, the surest first.
    #[must_use]
    pub fn sightings(&self) -> Vec<Sighting> {
        let mut all: Vec<Sighting> = self.findings.iter().map(|finding| sighting(self, finding)).collect();
        all.sort_by_key(|one| std::cmp::Reverse(one.level));
        all
    }
}

fn sighting(seen: &Seen, finding: &Finding) -> Sighting {
    Sighting {
        class: finding.class,
        level: finding.level,
        part: finding.part.clone(),
        place: place_of(seen, finding),
        count: finding.count,
        reasons: finding.reasons.iter().map(|reason| words(*reason)).collect(),
    }
}

/// The reason in Japanese and English.
const fn words(reason: Reason) -> (&'static str, &'static str) {
    match reason {
        Reason::CheckDigit => ("検査用数字が一致", "the check digit is right"),
        Reason::WrongCheckDigit => {
            ("検査用数字が不一致(書き誤りの可能性)", "the check digit is wrong (perhaps a slip of the pen)")
        }
        Reason::Label => ("すぐ近くに「個人番号」などの語", "a label such as 個人番号 stands beside it"),
        Reason::LabelBelow => ("すぐ下に「個人番号」などの語", "a label such as 個人番号 stands right below it"),
        Reason::FarLabel => ("同じ文章に「個人番号」などの語", "a label such as 個人番号 stands in the same text"),
        Reason::ColumnHeading => ("列の見出しが「個人番号」など", "the heading of its column is such a label"),
        Reason::RowLabel => ("左のセルが「個人番号」など", "the cell to its left is such a label"),
        Reason::ListLabel => ("見出しのある一覧の続き", "it continues a labelled list"),
        Reason::FileName => ("ファイル名に「個人番号」などの語", "the file name holds such a label"),
        Reason::Subject => ("件名に「個人番号」などの語", "the subject holds such a label"),
        Reason::Context => ("税・給与・人事に関する文面", "the text is about tax, payroll or personnel"),
        Reason::Column => ("列または一覧の全件で検査用数字が一致", "all numbers of the column or list pass the check"),
        Reason::UnusualWriting => ("漢数字など通常と異なる書き方", "it is written in an unusual way"),
        Reason::ZeroPadded => ("先頭の0を補って一致", "it passes with its lost leading zeros"),
        Reason::InAddress => ("URL の中の該当項目", "it stands in a URL beside a label"),
        Reason::Form => ("書式と検査用数字が一致", "its form and check digit are right"),
        Reason::TestNumber => ("公開されている試験用の番号", "it is a number published for tests"),
    }
}

#[cfg(test)]
mod tests {
    use types::Limits;

    use super::*;

    #[test]
    fn a_sighting_names_level_place_and_reasons_and_no_digit() {
        let mail = "Subject: x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n控え 123456789018\r\n\r\n\
                    個人番号:1234 5678 9018\r\n";
        let all = Seen::of(mail.as_bytes(), &Limits::default()).sightings();
        let [one] = all.as_slice() else { panic!("{all:?}") };
        assert_eq!((one.level, one.count, one.part.as_str()), (Level::Certain, 2, "1"));
        assert_eq!((one.place.ja.as_str(), one.place.en.as_str()), ("本文 3行目", "text, line 3"));
        assert!(one.reasons.iter().any(|(ja, _)| *ja == "検査用数字が一致"));
        assert!(!format!("{one:?}").contains("5678"));
    }

    #[test]
    fn the_surest_comes_first() {
        let mail = "Subject: x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n控え 987654321090\r\n\r\n\r\n\
                    個人番号:1234 5678 9018\r\n";
        let levels: Vec<Level> =
            Seen::of(mail.as_bytes(), &Limits::default()).sightings().iter().map(|one| one.level).collect();
        assert!(levels.is_sorted_by(|a, b| a >= b), "{levels:?}");
    }
}
