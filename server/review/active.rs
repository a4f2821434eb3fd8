//! A rule's own schedule: from which day until which, on which days and hours it acts. Outside of it the rule is as one
//! that is off.

use jiff::civil::Date;
use jiff::tz::{TimeZone, offset};
use types::Timestamp;

use crate::mistake::{Mistake, Near, Noun};
use crate::reader::{Reader, Value};
use crate::time::{self, TimeTest};

/// When a rule acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Active {
    /// From the beginning of this day in Japan.
    pub from: Option<Date>,
    /// Until the end of this day.
    pub until: Option<Date>,
    /// On these days and hours.
    pub time: TimeTest,
}

impl Active {
    /// Whether the rule acts at `at`.
    pub fn holds(&self, at: Timestamp) -> bool {
        let begun = self.from.and_then(start).is_none_or(|from| from <= at);
        let over = self.until.and_then(|day| start(day.tomorrow().ok()?)).is_some_and(|end| end <= at);
        begun && !over && self.time.holds(at)
    }
}

/// The moment at which a day begins in Japan.
fn start(day: Date) -> Option<Timestamp> {
    let moment = day.to_zoned(TimeZone::fixed(offset(9))).ok()?;
    Some(Timestamp(moment.timestamp().as_millisecond()))
}

/// Reads `{ from = "2026-12-01", until = "2027-03-31", days = ["business"], hours = "09:00-18:00" }`.
pub(crate) fn read(reader: &mut Reader<'_>, value: &Value<'_>) -> Option<Active> {
    let table = reader.table(value, "active")?;
    reader.check_keys(table, &Noun::KeyOf("active".to_owned()), &["from", "until", "days", "hours"], &[]);
    if table.is_empty() {
        reader.wrong(value.span().start, Mistake::EmptyCondition);
        return None;
    }
    let mut day = |key: &str| match table.get(key) {
        Some(value) => read_day(reader, value, key).map(Some),
        None => Some(None),
    };
    let (from, until) = (day("from")?, day("until")?);
    if let (Some(first), Some(last)) = (from, until)
        && last < first
    {
        let near = Near::new(&last.to_string(), &[&first.to_string()]);
        reader.wrong(value.span().start, Mistake::CannotBe("until".to_owned(), near));
        return None;
    }
    Some(Active { from, until, time: time::parts(reader, table)? })
}

fn read_day(reader: &mut Reader<'_>, value: &Value<'_>, key: &str) -> Option<Date> {
    let text = reader.string(value, key)?;
    let day = text.parse::<Date>().ok().filter(|day| day.to_string() == text);
    if day.is_none() {
        let near = Near::new(&text, &["2026-12-01"]);
        reader.wrong(value.span().start, Mistake::CannotBe(key.to_owned(), near));
    }
    day
}

#[cfg(test)]
mod tests {
    use types::Language;

    use crate::RuleSet;

    use super::*;

    fn rule(active: &str) -> String {
        format!(
            "[[rule]]\ncode = \"A\"\ndirection = \"out\"\nwhen = {{ recipients = \"outside\" }}\naction = \"block\"\nactive = {active}\n"
        )
    }

    fn at(text: &str) -> Timestamp {
        Timestamp(format!("{text}:00+09:00").parse::<jiff::Timestamp>().unwrap().as_millisecond())
    }

    #[test]
    fn a_schedule_holds_from_its_first_day_to_the_end_of_its_last_on_its_days_and_hours() {
        let rules = RuleSet::parse(&rule(
            r#"{ from = "2026-12-01", until = "2026-12-31", days = ["business"], hours = "09:00-18:00" }"#,
        ));
        let rules = rules.unwrap();
        for (moment, active) in [
            ("2026-11-30T10:00", false),
            ("2026-12-01T08:59", false),
            ("2026-12-01T09:00", true),
            ("2026-12-05T10:00", false), // Saturday
            ("2026-12-31T17:59", true),
            ("2026-12-31T18:00", false),
            ("2027-01-04T10:00", false),
        ] {
            assert_eq!(rules.rules()[0].acts_at(at(moment)), active, "{moment}");
        }
        let until = RuleSet::parse(&rule(r#"{ until = "2026-12-31" }"#)).unwrap();
        assert!(until.rules()[0].acts_at(at("2026-12-31T23:59")) && !until.rules()[0].acts_at(at("2027-01-01T00:00")));
        assert!(until.told(Language::Ja)[0].whose.contains("2026年12月31日まで"), "{:?}", until.told(Language::Ja));
    }

    #[test]
    fn a_schedule_that_is_none_is_named() {
        for wrong in [
            "{}",
            r#"{ from = "1.12.2026" }"#,
            r#"{ from = "2026-13-01" }"#,
            r#"{ from = "2026-12-02", until = "2026-12-01" }"#,
            r#"{ since = "2026-12-01" }"#,
            r#"{ hours = "9-17" }"#,
            r#""always""#,
        ] {
            let errors = RuleSet::parse(&rule(wrong)).unwrap_err().0;
            assert_eq!((errors.len(), errors[0].line), (1, 6), "{wrong}: {errors:?}");
        }
    }
}
