//! Days of the reports of an incident (漏えい等事案), in Japan's calendar and counted as the guideline of the
//! 個人情報保護委員会 counts them: the day on which the company came to know is the first, weekends and holidays count, and a
//! last day of the full report on which offices are closed moves to the next on which they are open. Pure.

use inspect::review::calendar;
use store::{IncidentState, IncidentText};
use types::Timestamp;

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
/// Japan is 9 hours ahead of UTC and knows no summer time.
const JAPAN: i64 = 9 * HOUR;
/// Handlers are reminded in the morning.
const MORNING: i64 = 9 * HOUR;
/// The first report (速報) is due from the third to the fifth day.
const FIRST: (i64, i64) = (3, 5);
/// The full report (確報), and that of what may have been done for a wrongful purpose.
const FULL: (i64, i64) = (30, 60);
/// Days before the end of the full report on which handlers are reminded, and after it.
const AROUND: [i64; 5] = [-7, -2, 0, 1, 3];

/// When reports are due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReportDays {
    /// The end of the third day: by then the first report should be under way.
    pub first_from: Timestamp,
    /// The end of the fifth day: the first report.
    pub first: Timestamp,
    /// The end of the last day of the full report.
    pub full: Timestamp,
}

/// When the reports are due of what the company knows since `known`.
#[must_use]
pub fn report_days(known: Timestamp, wrongful: bool) -> ReportDays {
    let first_day = day(known);
    let mut last = first_day + if wrongful { FULL.1 } else { FULL.0 } - 1;
    while calendar::offices_are_closed(Timestamp(last * DAY - JAPAN)) {
        last += 1;
    }
    let nth = |n: i64| end(first_day + n - 1);
    ReportDays { first_from: nth(FIRST.0), first: nth(FIRST.1), full: end(last) }
}

/// How many days are left until a day's end: 0 on that day, below after it.
#[must_use]
pub fn days_left(until: Timestamp, now: Timestamp) -> i64 {
    day(Timestamp(until.0 - 1)) - day(now)
}

/// When handlers are reminded of a report that was not made yet, in order.
fn moments(text: &IncidentText, state: IncidentState) -> Vec<Timestamp> {
    let due = report_days(text.known, text.wrongful);
    let last = day(Timestamp(due.full.0 - 1));
    let first = (FIRST.0..=FIRST.1 + 2).filter(|n| *n != 4).map(|n| day(text.known) + n - 1);
    let full = AROUND.iter().map(|days| last + days);
    let mut days: Vec<i64> = match state {
        IncidentState::Open => first.chain(full).collect(),
        IncidentState::FirstReported => full.collect(),
        IncidentState::FullyReported | IncidentState::Closed => Vec::new(),
    };
    days.sort_unstable();
    days.dedup();
    days.into_iter().map(|day| Timestamp(day * DAY + MORNING - JAPAN)).collect()
}

/// When the handlers of a new incident are reminded first: at once where a reminder would have been before it was written down.
#[must_use]
pub fn first_reminder(text: &IncidentText, now: Timestamp) -> Option<Timestamp> {
    moments(text, IncidentState::Open).first().map(|at| (*at).max(now))
}

/// When they are reminded after `now`.
#[must_use]
pub fn next_reminder(text: &IncidentText, state: IncidentState, now: Timestamp) -> Option<Timestamp> {
    moments(text, state).into_iter().find(|at| *at > now)
}

/// The day in Japan, counted from 1970-01-01.
fn day(at: Timestamp) -> i64 {
    (at.0 + JAPAN).div_euclid(DAY)
}

/// The moment at which a day ends.
fn end(day: i64) -> Timestamp {
    Timestamp((day + 1) * DAY - JAPAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp(format!("{text}:00+09:00").parse::<jiff::Timestamp>().unwrap().as_millisecond())
    }
    fn text(known: &str) -> IncidentText {
        IncidentText { known: at(known), wrongful: false, items: Default::default() }
    }

    #[test]
    fn the_day_of_knowing_is_the_first_and_a_closed_last_day_moves() {
        for (known, wrongful, first_from, first, full) in [
            ("2026-10-01T23:59", false, "2026-10-04T00:00", "2026-10-06T00:00", "2026-10-31T00:00"),
            // the 30th day is a Saturday
            ("2026-10-02T00:00", false, "2026-10-05T00:00", "2026-10-07T00:00", "2026-11-03T00:00"),
            // the 30th day is 1 January: offices open again on the 4th
            ("2026-12-03T10:00", false, "2026-12-06T00:00", "2026-12-08T00:00", "2027-01-05T00:00"),
            ("2026-10-01T10:00", true, "2026-10-04T00:00", "2026-10-06T00:00", "2026-12-01T00:00"),
        ] {
            let expected = ReportDays { first_from: at(first_from), first: at(first), full: at(full) };
            assert_eq!(report_days(at(known), wrongful), expected, "{known}");
        }
    }

    #[test]
    fn days_are_left_until_midnight() {
        let until = at("2026-10-06T00:00");
        for (now, left) in
            [("2026-10-05T23:59", 0), ("2026-10-05T00:00", 0), ("2026-10-01T12:00", 4), ("2026-10-06T00:00", -1)]
        {
            assert_eq!(days_left(until, at(now)), left, "{now}");
        }
    }

    #[test]
    fn reminders_end_with_the_report_that_they_are_about() {
        let text = text("2026-10-01T12:00");
        let next = |state, now| next_reminder(&text, state, at(now));
        assert_eq!(next(IncidentState::Open, "2026-10-01T12:00"), Some(at("2026-10-03T09:00")));
        assert_eq!(next(IncidentState::Open, "2026-10-03T09:00"), Some(at("2026-10-05T09:00")));
        assert_eq!(next(IncidentState::FirstReported, "2026-10-03T09:00"), Some(at("2026-10-23T09:00")));
        assert_eq!(next(IncidentState::FirstReported, "2026-10-28T09:00"), Some(at("2026-10-30T09:00")));
        assert_eq!(next(IncidentState::FirstReported, "2026-11-02T09:00"), None);
        assert_eq!(next(IncidentState::FullyReported, "2026-10-01T12:00"), None);
        assert_eq!(first_reminder(&text, at("2026-10-01T13:00")), Some(at("2026-10-03T09:00")));
        let late = at("2026-10-04T13:00");
        assert_eq!(first_reminder(&text, late), Some(late), "it is late already");
    }
}
