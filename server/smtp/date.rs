//! Dates as RFC 5322 3.3 writes them, in Japan's time.

use types::Timestamp;

const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Japan has had no summer time since 1951, so its time is a constant away from UTC.
const JAPAN: i64 = 9 * 3_600;

/// `Tue, 24 Nov 2026 15:24:17 +0900`
pub(crate) fn rfc5322(at: Timestamp) -> String {
    let local = at.secs().clamp(0, 253_370_732_400) + JAPAN;
    let (days, second) = (local.div_euclid(86_400), local.rem_euclid(86_400));
    let (year, month, day) = civil(days);
    let weekday = usize::try_from(days.rem_euclid(7)).ok().and_then(|i| DAYS.get(i)).unwrap_or(&"Thu");
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{weekday}, {day} {month} {year} {hour:02}:{minute:02}:{second:02} +0900")
}

/// Year, month and day of a count of days since 1970.
fn civil(mut days: i64) -> (i64, &'static str, i64) {
    // 400 years repeat, so whole ones are taken off first and the loops below stay short.
    let mut year = 1970 + days / 146_097 * 400;
    days %= 146_097;
    while days >= 365 + leap(year) {
        days -= 365 + leap(year);
        year += 1;
    }
    for (month, name) in (1..).zip(MONTHS) {
        let length = match month {
            2 => 28 + leap(year),
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        if days < length {
            return (year, name, days + 1);
        }
        days -= length;
    }
    (year, "Dec", 31)
}

fn leap(year: i64) -> i64 {
    i64::from(year % 4 == 0 && (year % 100 != 0 || year % 400 == 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (secs, text) in [
            (0, "Thu, 1 Jan 1970 09:00:00 +0900"),
            (951_782_399, "Tue, 29 Feb 2000 08:59:59 +0900"),
            (951_836_400, "Wed, 1 Mar 2000 00:00:00 +0900"),
            (1_795_501_457, "Tue, 24 Nov 2026 15:24:17 +0900"),
            (4_102_412_399, "Thu, 31 Dec 2099 23:59:59 +0900"),
            (12_622_780_800, "Thu, 1 Jan 2370 09:00:00 +0900"),
        ] {
            assert_eq!(rfc5322(Timestamp::from_secs(secs)), text);
        }
    }
}
