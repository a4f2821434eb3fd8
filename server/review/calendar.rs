//! Deadlines in business hours: Monday to Friday, 9:00 to 17:00 in Japan, without public holidays.
//! After the last year of the table only weekends are free.

use std::time::Duration;

use jiff::civil::{Date, Weekday};
use serde::Serialize;
use types::Timestamp;

use crate::holidays::HOLIDAYS;

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
/// Japan is 9 hours ahead of UTC and knows no summer time.
const JAPAN: i64 = 9 * HOUR;
const OPENS: i64 = 9 * HOUR;
const CLOSES: i64 = 17 * HOUR;
/// The longest run of days without business hours is far shorter.
const MOST_DAYS: u32 = 4_000;

/// Which hours count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Calendar {
    /// Business hours.
    Business,
    /// All hours.
    Always,
}

/// The moment at which `hours` hours of `calendar` have passed since `from`.
#[must_use]
pub fn deadline(from: Timestamp, hours: u32, calendar: Calendar) -> Timestamp {
    match calendar {
        Calendar::Always => from.after(Duration::from_secs(u64::from(hours) * 3_600)),
        Calendar::Business => forward(from, i64::from(hours) * HOUR),
    }
}

/// When approvers are reminded: at half of the time and two hours before the deadline, both of `calendar`, in
/// order; only moments between the two are named.
#[must_use]
pub fn reminders(from: Timestamp, deadline: Timestamp, calendar: Calendar) -> Vec<Timestamp> {
    let (span, after): (i64, fn(Timestamp, i64) -> Timestamp) = match (calendar, between(from, deadline)) {
        (Calendar::Business, business) if business > 0 => (business, forward),
        _ => (deadline.0 - from.0, |from, span| Timestamp(from.0 + span)),
    };
    let half = after(from, span / 2);
    let last = if span > 2 * HOUR { after(from, span - 2 * HOUR) } else { half };
    let mut moments = vec![half, last];
    moments.sort();
    moments.dedup();
    moments.retain(|at| *at > from && *at < deadline);
    moments
}

/// The time of `calendar` between two moments; where there is no business time, the time itself.
#[must_use]
pub fn time_left(from: Timestamp, deadline: Timestamp, calendar: Calendar) -> Duration {
    match (calendar, u64::try_from(between(from, deadline))) {
        (Calendar::Business, Ok(business)) if business > 0 => Duration::from_millis(business),
        _ => deadline.since(from),
    }
}

/// `span` milliseconds of business time after `from`.
fn forward(from: Timestamp, span: i64) -> Timestamp {
    let mut left = span;
    let mut local = from.0 + JAPAN;
    for _ in 0..MOST_DAYS {
        let (day, in_day) = (local.div_euclid(DAY), local.rem_euclid(DAY));
        let start = in_day.max(OPENS);
        if is_business_day(day) && start < CLOSES {
            if left <= CLOSES - start {
                return Timestamp(day * DAY + start + left - JAPAN);
            }
            left -= CLOSES - start;
        }
        local = (day + 1) * DAY;
    }
    Timestamp(local + left - JAPAN)
}

/// The business time between two moments, milliseconds.
fn between(from: Timestamp, to: Timestamp) -> i64 {
    let (mut local, end) = (from.0 + JAPAN, to.0 + JAPAN);
    let mut sum = 0;
    for _ in 0..MOST_DAYS {
        if local >= end {
            break;
        }
        let day = local.div_euclid(DAY);
        if is_business_day(day) {
            let start = local.max(day * DAY + OPENS);
            let stop = end.min(day * DAY + CLOSES);
            sum += (stop - start).max(0);
        }
        local = (day + 1) * DAY;
    }
    sum
}

/// Whether the offices of Japan's administration are closed on the day of `at`: weekends, holidays, 29 December to 3 January
/// (行政機関の休日に関する法律).
#[must_use]
pub fn offices_are_closed(at: Timestamp) -> bool {
    let day = (at.0 + JAPAN).div_euclid(DAY);
    let turn_of_the_year =
        date(day).is_some_and(|date| matches!((date.month(), date.day()), (12, 29..=31) | (1, 1..=3)));
    turn_of_the_year || !is_business_day(day)
}

/// A moment as a clock on a wall in Japan shows it.
pub(crate) struct Local {
    pub weekday: Weekday,
    pub holiday: bool,
    /// Minutes since midnight.
    pub minute: u32,
}

/// What a clock and a calendar in Japan show at `at`.
pub(crate) fn local(at: Timestamp) -> Local {
    let local = at.0.saturating_add(JAPAN);
    let minute = u32::try_from(local.rem_euclid(DAY) / 60_000).unwrap_or(0);
    let date = date(local.div_euclid(DAY));
    // beyond the calendar's 20,000 years it is always Monday
    Local { weekday: date.map_or(Weekday::Monday, Date::weekday), holiday: date.is_some_and(is_holiday), minute }
}

/// The date of a day counted from 1970-01-01.
fn date(day: i64) -> Option<Date> {
    let span = jiff::Span::new().try_days(day).ok()?;
    jiff::civil::date(1970, 1, 1).checked_add(span).ok()
}

/// Whether the day (counted from 1970-01-01, Japanese date) has business hours.
fn is_business_day(day: i64) -> bool {
    let Some(date) = date(day) else { return true };
    !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday) && !is_holiday(date)
}

fn is_holiday(date: Date) -> bool {
    let year = HOLIDAYS.iter().find(|(year, _)| *year == date.year());
    year.is_some_and(|(_, days)| days.contains(&(date.month(), date.day())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp(format!("{text}:00+09:00").parse::<jiff::Timestamp>().unwrap().as_millisecond())
    }

    #[test]
    fn business_hours_skip_nights_weekends_and_holidays() {
        for (from, hours, expected) in [
            ("2026-11-20T10:00", 8, "2026-11-24T10:00"), // Friday; Monday is 勤労感謝の日
            ("2026-11-20T09:00", 8, "2026-11-20T17:00"),
            ("2026-11-20T17:00", 1, "2026-11-24T10:00"),
            ("2026-11-21T12:00", 8, "2026-11-24T17:00"),
            ("2026-11-24T03:00", 2, "2026-11-24T11:00"),
            ("2026-05-01T16:00", 2, "2026-05-07T10:00"), // 5/6 stands for a holiday on a Sunday
            ("2026-09-18T16:30", 1, "2026-09-24T09:30"), // 9/22 lies between two holidays
            ("2027-01-01T00:00", 16, "2027-01-05T17:00"),
        ] {
            assert_eq!(deadline(at(from), hours, Calendar::Business), at(expected), "{from} + {hours}");
        }
        assert_eq!(deadline(at("2026-11-20T10:00"), 8, Calendar::Always), at("2026-11-20T18:00"));
    }

    #[test]
    fn reminders_come_at_half_time_and_two_hours_before_by_the_calendar_of_the_deadline() {
        let (always, business) = (Calendar::Always, Calendar::Business);
        // from, until, by which calendar; when, and how many minutes are left then
        type Row = (&'static str, &'static str, Calendar, &'static [(&'static str, u64)]);
        let rows: [Row; 9] = [
            ("20T10:00", "24T10:00", business, &[("20T14:00", 240), ("20T16:00", 120)]),
            ("20T10:00", "24T10:00", always, &[("22T10:00", 2_880), ("24T08:00", 120)]),
            // a Thursday's last hour of business, until midnight
            ("26T16:00", "27T00:00", always, &[("26T20:00", 240), ("26T22:00", 120)]),
            ("26T16:00", "27T16:00", business, &[("27T12:00", 240), ("27T14:00", 120)]),
            // over a night into the morning, a weekend, within the business hours
            ("26T22:00", "27T10:00", always, &[("27T04:00", 360), ("27T08:00", 120)]),
            ("21T10:00", "21T14:00", always, &[("21T12:00", 120)]),
            ("26T09:00", "26T17:00", always, &[("26T13:00", 240), ("26T15:00", 120)]),
            ("26T16:00", "26T18:00", always, &[("26T17:00", 60)]),
            // none of its own: the time itself
            ("21T10:00", "21T14:00", business, &[("21T12:00", 120)]),
        ];
        for (from, until, calendar, expected) in rows {
            let day = |text: &str| at(&format!("2026-11-{text}"));
            let minutes_left = |from| time_left(from, day(until), calendar).as_secs() / 60;
            let found: Vec<_> =
                reminders(day(from), day(until), calendar).into_iter().map(|at| (at, minutes_left(at))).collect();
            let expected: Vec<_> = expected.iter().map(|(at, minutes)| (day(at), *minutes)).collect();
            assert_eq!(found, expected, "{from} {until} {calendar:?}");
        }
        let from = at("2026-11-20T10:00");
        assert_eq!((reminders(from, from, business), reminders(from, from, always)), (Vec::new(), Vec::new()));
    }

    proptest::proptest! {
        #[test]
        fn a_deadline_is_never_early_and_counts_back(from in 1_735_700_000_000i64..1_950_000_000_000, hours in 1u32..200) {
            let end = deadline(Timestamp(from), hours, Calendar::Business);
            proptest::prop_assert!(end.0 > from);
            proptest::prop_assert_eq!(between(Timestamp(from), end), i64::from(hours) * HOUR);
        }
    }
}
