//! The condition `time`: days of the week, holidays and hours of the day, as they are in Japan.

use jiff::civil::Weekday;
use toml::de::DeTable;
use types::Timestamp;

use crate::calendar;
use crate::mistake::{Mistake, Near, Noun};
use crate::reader::{Reader, Value};

/// A kind of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Day {
    Of(Weekday),
    /// A public holiday of the table.
    Holiday,
    /// Monday to Friday without public holidays.
    Business,
}

impl Day {
    const WORDS: [&str; 9] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun", "holiday", "business"];

    fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "mon" => Self::Of(Weekday::Monday),
            "tue" => Self::Of(Weekday::Tuesday),
            "wed" => Self::Of(Weekday::Wednesday),
            "thu" => Self::Of(Weekday::Thursday),
            "fri" => Self::Of(Weekday::Friday),
            "sat" => Self::Of(Weekday::Saturday),
            "sun" => Self::Of(Weekday::Sunday),
            "holiday" => Self::Holiday,
            "business" => Self::Business,
            _ => return None,
        })
    }
}

/// From one minute of the day until before another; past midnight when the end is the earlier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hours {
    pub from: u32,
    pub to: u32,
}

/// When it is: of both that are named, both must fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TimeTest {
    /// Any of these; all days when empty.
    pub days: Vec<Day>,
    /// All hours when `None`.
    pub hours: Option<Hours>,
}

impl TimeTest {
    /// Whether `at` lies in it. What begins before midnight and ends after it counts by the day of each moment.
    pub fn holds(&self, at: Timestamp) -> bool {
        let moment = calendar::local(at);
        let is = |day: &Day| match day {
            Day::Of(weekday) => moment.weekday == *weekday,
            Day::Holiday => moment.holiday,
            Day::Business => !moment.holiday && !matches!(moment.weekday, Weekday::Saturday | Weekday::Sunday),
        };
        let in_hours = |hours: Hours| {
            let (after, before) = (moment.minute >= hours.from, moment.minute < hours.to);
            if hours.from < hours.to { after && before } else { after || before }
        };
        (self.days.is_empty() || self.days.iter().any(is)) && self.hours.is_none_or(in_hours)
    }
}

/// Reads `{ days = ["sat", "sun", "holiday"], hours = "18:00-09:00" }`.
pub(crate) fn read(reader: &mut Reader<'_>, value: &Value<'_>) -> Option<TimeTest> {
    let table = reader.table(value, "time")?;
    reader.check_keys(table, &Noun::KeyOf("time".to_owned()), &["days", "hours"], &[]);
    if table.is_empty() {
        reader.wrong(value.span().start, Mistake::EmptyCondition);
        return None;
    }
    parts(reader, table)
}

/// The days and hours of a table that may hold more.
pub(crate) fn parts(reader: &mut Reader<'_>, table: &DeTable<'_>) -> Option<TimeTest> {
    let days = match table.get("days") {
        Some(value) => {
            let words = reader.strings(value, "days")?;
            let read =
                words.into_iter().map(|(word, at)| reader.one_of(&word, at, "days", &Day::WORDS, Day::from_word));
            read.collect::<Option<Vec<_>>>()?
        }
        None => Vec::new(),
    };
    let hours = match table.get("hours") {
        Some(value) => {
            let text = reader.string(value, "hours")?;
            let read = hours(&text);
            if read.is_none() {
                let near = Near::new(&text, &["18:00-09:00"]);
                reader.wrong(value.span().start, Mistake::CannotBe("hours".to_owned(), near));
            }
            Some(read?)
        }
        None => None,
    };
    Some(TimeTest { days, hours })
}

fn hours(text: &str) -> Option<Hours> {
    let (from, to) = text.split_once('-')?;
    let hours = Hours { from: minute(from)?, to: minute(to)? };
    (hours.from != hours.to && hours.from < DAY).then_some(hours)
}

/// Minutes of a day.
const DAY: u32 = 24 * 60;

/// `9:00` or `09:00`; `24:00` is the end of the day.
fn minute(text: &str) -> Option<u32> {
    let (hour, minute) = text.trim().split_once(':')?;
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(hour) || !digits(minute) || hour.len() > 2 || minute.len() != 2 {
        return None;
    }
    let (hour, minute): (u32, u32) = (hour.parse().ok()?, minute.parse().ok()?);
    let all = hour * 60 + minute;
    (minute < 60 && all <= DAY).then_some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp(format!("{text}:00+09:00").parse::<jiff::Timestamp>().unwrap().as_millisecond())
    }

    #[test]
    fn hours_are_read_as_people_write_them() {
        for (text, expected) in [
            ("09:00-17:30", Some((540, 1_050))),
            ("9:00 - 17:30", Some((540, 1_050))),
            ("18:00-09:00", Some((1_080, 540))),
            ("00:00-24:00", Some((0, 1_440))),
            ("09:00-09:00", None),
            ("24:00-09:00", None),
            ("9-17", None),
            ("25:00-26:00", None),
            ("09:60-10:00", None),
            ("+9:00-10:00", None),
        ] {
            assert_eq!(hours(text).map(|hours| (hours.from, hours.to)), expected, "{text}");
        }
    }

    #[test]
    fn days_and_hours_are_those_of_japan_and_holidays_are_in_the_table() {
        let night = TimeTest { days: Vec::new(), hours: hours("18:00-09:00") };
        let free =
            TimeTest { days: vec![Day::Of(Weekday::Saturday), Day::Of(Weekday::Sunday), Day::Holiday], hours: None };
        let office = TimeTest { days: vec![Day::Business], hours: hours("09:00-18:00") };
        for (moment, expected) in [
            ("2026-11-20T08:59", (true, false, false)), // Friday
            ("2026-11-20T09:00", (false, false, true)),
            ("2026-11-20T17:59", (false, false, true)),
            ("2026-11-20T18:00", (true, false, false)),
            ("2026-11-21T12:00", (false, true, false)), // Saturday
            ("2026-11-22T00:00", (true, true, false)),
            ("2026-11-23T10:00", (false, true, false)), // Monday, 勤労感謝の日
            ("2027-01-01T10:00", (false, true, false)),
        ] {
            let at = at(moment);
            assert_eq!((night.holds(at), free.holds(at), office.holds(at)), expected, "{moment}");
        }
    }

    proptest::proptest! {
        #[test]
        fn every_moment_is_in_a_span_or_in_its_complement(at in 1_735_700_000_000i64..1_950_000_000_000, a in 0u32..1_440, b in 0u32..1_440) {
            proptest::prop_assume!(a != b);
            let span = |from, to| TimeTest { days: Vec::new(), hours: Some(Hours { from, to }) };
            proptest::prop_assert!(span(a, b).holds(Timestamp(at)) != span(b, a).holds(Timestamp(at)));
        }
    }
}
