//! Spans of time as people name them in a search: 今週, 先月, 2026/10, 2026-10-01; in Japan's zone.

use std::ops::Range;

use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp as Moment, ToSpan as _};
use types::Timestamp;

const OFFSET: jiff::tz::Offset = jiff::tz::offset(9);

/// The span that `word` names at `now`; `None` when it names none.
#[must_use]
pub fn period(word: &str, now: Timestamp) -> Option<Range<Timestamp>> {
    let moment = Moment::from_millisecond(now.0).ok()?;
    let today = moment.to_zoned(TimeZone::fixed(OFFSET)).date();
    let (first, long) = named(word, today).or_else(|| written(word))?;
    Some(start(first)?..start(first.checked_add(long).ok()?)?)
}

fn start(day: Date) -> Option<Timestamp> {
    Some(Timestamp(day.to_zoned(TimeZone::fixed(OFFSET)).ok()?.timestamp().as_millisecond()))
}

fn named(word: &str, today: Date) -> Option<(Date, Span)> {
    let week = today.checked_sub(i64::from(today.weekday().to_monday_zero_offset()).days()).ok()?;
    let month = today.first_of_month();
    Some(match word {
        "今日" | "today" => (today, 1.day()),
        "昨日" | "yesterday" => (today.yesterday().ok()?, 1.day()),
        "今週" | "thisweek" => (week, 1.week()),
        "先週" | "lastweek" => (week.checked_sub(1.week()).ok()?, 1.week()),
        "今月" | "thismonth" => (month, 1.month()),
        "先月" | "lastmonth" => (month.checked_sub(1.month()).ok()?, 1.month()),
        "今年" | "thisyear" => (today.first_of_year(), 1.year()),
        "去年" | "昨年" | "lastyear" => (today.first_of_year().checked_sub(1.year()).ok()?, 1.year()),
        _ => return None,
    })
}

/// A year, a month or a day.
fn written(word: &str) -> Option<(Date, Span)> {
    let numbers: Vec<i16> = word.split(['/', '-', '.']).map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let day = |year, month: i16, day: i16| Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok();
    match numbers.as_slice() {
        [year] if *year >= 1970 && *year < 9_000 => Some((date(*year, 1, 1), 1.year())),
        [year, month] => Some((day(*year, *month, 1)?, 1.month())),
        [year, month, of_month] => Some((day(*year, *month, *of_month)?, 1.day())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_named_as_people_do() {
        // Thursday 2026-11-26 09:00 in Japan
        let now = Timestamp::from_secs(1_795_651_200);
        let day = |y, m, d| start(date(y, m, d)).unwrap();
        for (word, want) in [
            ("今日", Some(day(2026, 11, 26)..day(2026, 11, 27))),
            ("yesterday", Some(day(2026, 11, 25)..day(2026, 11, 26))),
            ("今週", Some(day(2026, 11, 23)..day(2026, 11, 30))),
            ("先週", Some(day(2026, 11, 16)..day(2026, 11, 23))),
            ("先月", Some(day(2026, 10, 1)..day(2026, 11, 1))),
            ("今年", Some(day(2026, 1, 1)..day(2027, 1, 1))),
            ("2026/10", Some(day(2026, 10, 1)..day(2026, 11, 1))),
            ("2026-10-01", Some(day(2026, 10, 1)..day(2026, 10, 2))),
            ("2025", Some(day(2025, 1, 1)..day(2026, 1, 1))),
            ("2026/13", None),
            ("そのうち", None),
            ("", None),
        ] {
            assert_eq!(period(word, now), want, "{word}");
        }
    }
}
