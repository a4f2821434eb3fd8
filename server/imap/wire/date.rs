//! Dates as IMAP writes them (RFC 3501 section 9: `date-time`, `date`) and the day of an RFC 5322 Date field.

use types::Timestamp;

use super::cursor::{Cursor, Parsed, wrong};

/// The zone in which INTERNALDATE is shown and in which SEARCH counts days: Japan's, which has one zone and no
/// summer time.
pub const ZONE_MINUTES: i64 = 9 * 60;

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A day: how many days after 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(pub i64);

impl Day {
    /// The day of `moment` in [`ZONE_MINUTES`].
    #[must_use]
    pub fn of(moment: Timestamp) -> Self {
        Self((moment.secs() + ZONE_MINUTES * 60).div_euclid(86_400))
    }

    /// Reads `date`: `1-Feb-1994`, quoted or not.
    ///
    /// # Errors
    /// Not such a date.
    pub fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let quoted = cursor.take(b'"');
        let day = day_month_year(cursor)?;
        if quoted {
            cursor.expect(b'"', "Expected a closing quote after the date")?;
        }
        Ok(day)
    }

    /// The day that the text of a Date field names, its time and zone left out (RFC 3501 6.4.4, SENTON).
    #[must_use]
    pub fn of_date_field(text: &str) -> Option<Self> {
        let words: Vec<&str> = text.split([' ', '\t', ',', '-', '\r', '\n']).filter(|word| !word.is_empty()).collect();
        let at = words.iter().position(|word| month(word).is_some())?;
        let day = words.get(at.checked_sub(1)?)?.parse().ok()?;
        let year: i64 = words.get(at + 1)?.parse().ok()?;
        // RFC 5322 4.3: years of two digits.
        let year = match year {
            0..=49 => year + 2000,
            50..=999 => year + 1900,
            year => year,
        };
        from_civil(year, month(words.get(at)?)?, day)
    }
}

/// Reads `date-time`: `"17-Jul-1996 02:44:25 -0700"`.
///
/// # Errors
/// Not such a date.
pub fn parse_date_time(cursor: &mut Cursor<'_>) -> Parsed<Timestamp> {
    cursor.expect(b'"', "Expected a date in quotes")?;
    while cursor.take(b' ') {}
    let day = day_month_year(cursor)?;
    cursor.space()?;
    let hour = cursor.number()?;
    cursor.expect(b':', "Expected a time")?;
    let minute = cursor.number()?;
    cursor.expect(b':', "Expected a time")?;
    let second = cursor.number()?;
    cursor.space()?;
    let west = match (cursor.take(b'+'), cursor.take(b'-')) {
        (true, false) => 1,
        (false, true) => -1,
        _ => return wrong("Expected a time zone"),
    };
    let zone = cursor.number()?;
    cursor.expect(b'"', "Expected a closing quote after the date")?;
    if hour > 23 || minute > 59 || second > 60 || zone > 1_500 || zone % 100 > 59 {
        return wrong("There is no such time");
    }
    let local = i64::from(hour) * 3_600 + i64::from(minute) * 60 + i64::from(second);
    let offset = west * (i64::from(zone / 100) * 60 + i64::from(zone % 100)) * 60;
    Ok(Timestamp::from_secs(day.0 * 86_400 + local - offset))
}

fn day_month_year(cursor: &mut Cursor<'_>) -> Parsed<Day> {
    let day = cursor.number()?;
    cursor.expect(b'-', "Expected a date such as 1-Feb-1994")?;
    let name = cursor.rest().get(..3).and_then(|name| std::str::from_utf8(name).ok()).unwrap_or_default();
    let Some(month) = month(name).filter(|_| cursor.take_word(name)) else {
        return wrong("Expected a month such as Feb");
    };
    cursor.expect(b'-', "Expected a date such as 1-Feb-1994")?;
    let year = cursor.number()?;
    match from_civil(i64::from(year), month, i64::from(day)) {
        Some(day) if year < 10_000 => Ok(day),
        _ => wrong("There is no such day"),
    }
}

fn month(word: &str) -> Option<i64> {
    let at = MONTHS.iter().position(|name| name.eq_ignore_ascii_case(word))?;
    i64::try_from(at).ok().map(|at| at + 1)
}

/// Days after 1970-01-01 of a day in the Gregorian calendar (Howard Hinnant's `days_from_civil`).
fn from_civil(year: i64, month: i64, day: i64) -> Option<Day> {
    let days = days_from_civil(year, month, day);
    (civil_from_days(days) == (year, month, day)).then_some(Day(days))
}

fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year.saturating_sub(1) } else { year }.clamp(-1_000_000, 1_000_000);
    let day = day.clamp(-1_000, 1_000);
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The inverse: (year, month, day).
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

/// INTERNALDATE with its quotes.
#[must_use]
pub fn date_time(moment: Timestamp) -> String {
    // Years of four digits are all that the grammar knows.
    let local = (moment.secs() + ZONE_MINUTES * 60).clamp(0, 253_402_300_799);
    let (year, month, day) = civil_from_days(local.div_euclid(86_400));
    let second = local.rem_euclid(86_400);
    let name = usize::try_from(month - 1).ok().and_then(|at| MONTHS.get(at)).copied().unwrap_or("Jan");
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    let zone = ZONE_MINUTES / 60 * 100 + ZONE_MINUTES % 60;
    format!("\"{day:2}-{name}-{year:04} {hour:02}:{minute:02}:{second:02} +{zone:04}\"")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Parsed<Timestamp> {
        let mut cursor = Cursor::new(text.as_bytes());
        parse_date_time(&mut cursor).and_then(|at| cursor.end().map(|()| at))
    }

    #[test]
    fn a_date_time_is_a_moment() {
        assert_eq!(read("\"17-Jul-1996 02:44:25 -0700\"").unwrap(), Timestamp::from_secs(837_596_665));
        assert_eq!(read("\" 1-Jan-1970 09:00:00 +0900\"").unwrap(), Timestamp(0));
        assert_eq!(date_time(Timestamp(0)), "\" 1-Jan-1970 09:00:00 +0900\"");
    }

    #[test]
    fn days_that_are_not_are_refused() {
        for text in [
            "\"31-Feb-2024 00:00:00 +0000\"",
            "\"1-Foo-2024 00:00:00 +0000\"",
            "\"1-Jan-2024 24:00:00 +0000\"",
            "\"1-Jan-2024 00:00:00 0000\"",
            "\"1-Jan-2024\"",
            "\"0-Jan-2024 00:00:00 +0000\"",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_day_of_a_date_field_is_the_one_written() {
        let day = |text: &str| Day::parse(&mut Cursor::new(text.as_bytes())).unwrap();
        for text in ["Mon, 7 Feb 1994 21:52:25 -0800 (PST)", "7 Feb 94 21:52 GMT", "Mon,07 Feb 1994 01:00:00 +0900"] {
            assert_eq!(Day::of_date_field(text), Some(day("7-Feb-1994")), "{text}");
        }
        assert_eq!(Day::of_date_field("yesterday"), None);
        assert_eq!(Day::of_date_field("Feb 7 1994"), None);
    }

    proptest! {
        #[test]
        fn every_moment_comes_back(secs in 0i64..250_000_000_000) {
            prop_assert_eq!(read(&date_time(Timestamp::from_secs(secs))).unwrap(), Timestamp::from_secs(secs));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,60}") {
            let _ = read(&text);
            let _ = Day::of_date_field(&text);
            let _ = Day::parse(&mut Cursor::new(text.as_bytes()));
        }

        #[test]
        fn no_date_field_of_numbers_panics(day in any::<i64>(), year in any::<i64>()) {
            let _ = Day::of_date_field(&format!("{day} Mar {year}"));
        }
    }
}
