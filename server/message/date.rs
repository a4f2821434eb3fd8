//! Dates of mail (RFC 5322 3.3): reads them leniently, writes them strictly.

use mail_parser::DateTime;
use types::Timestamp;

/// Minutes east of UTC of Japan, where our notices are written.
pub const JAPAN: i32 = 9 * 60;

/// Reads a Date field: the moment, and the zone it was written in, minutes east of UTC.
#[must_use]
pub fn parse(text: &str) -> Option<(Timestamp, i32)> {
    let date = std::panic::catch_unwind(|| DateTime::parse_rfc822(text)).ok()??;
    let date = DateTime { second: date.second.min(59), ..date };
    if !date.is_valid() {
        return None;
    }
    let zone = i32::from(date.tz_hour) * 60 + i32::from(date.tz_minute);
    Some((Timestamp::from_secs(date.to_timestamp()), if date.tz_before_gmt { -zone } else { zone }))
}

/// Writes a moment as `Tue, 24 Nov 2026 15:32:09 +0900`, in the zone `zone` minutes east of UTC.
#[must_use]
pub fn rfc5322(at: Timestamp, zone: i32) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let local = at.secs().saturating_add(i64::from(zone) * 60);
    let (days, second) = (local.div_euclid(86_400), local.rem_euclid(86_400));
    let (year, month, day) = civil(days);
    let name = |names: &[&'static str], index: i64| {
        usize::try_from(index).ok().and_then(|index| names.get(index).copied()).unwrap_or_default()
    };
    format!(
        "{}, {day} {} {year:04} {:02}:{:02}:{:02} {}{:02}{:02}",
        name(&DAYS, days.rem_euclid(7)),
        name(&MONTHS, month - 1),
        second / 3_600,
        second / 60 % 60,
        second % 60,
        if zone < 0 { '-' } else { '+' },
        zone.abs() / 60,
        zone.abs() % 60,
    )
}

/// Year, month and day of the days since 1970-01-01 in the Gregorian calendar. Counted in eras of 400 years
/// of 146,097 days, years beginning in March so that the leap day is the last.
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days.saturating_add(719_468);
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_as_rfc_5322_wants_them() {
        for (secs, zone, text) in [
            (0, 0, "Thu, 1 Jan 1970 00:00:00 +0000"),
            (1_795_501_929, JAPAN, "Tue, 24 Nov 2026 15:32:09 +0900"),
            (951_782_400, 0, "Tue, 29 Feb 2000 00:00:00 +0000"),
            (-1, -90, "Wed, 31 Dec 1969 22:29:59 -0130"),
        ] {
            assert_eq!(rfc5322(Timestamp::from_secs(secs), zone), text);
        }
    }

    #[test]
    fn dates_are_read_as_mailers_write_them() {
        for (text, secs) in [
            ("Tue, 24 Nov 2026 15:32:09 +0900", Some(1_795_501_929)),
            ("24 Nov 2026 15:32 +0900", Some(1_795_501_920)),
            ("Tue, 24 Nov 26 06:32:09 GMT", Some(1_795_501_929)),
            ("Tue, 24 Nov 2026 15:32:09 +0900 (JST)", Some(1_795_501_929)),
            ("yesterday", None),
            ("", None),
            ("99 Nov 2026 15:32:09 +0900", None),
        ] {
            assert_eq!(parse(text).map(|(at, _)| at.secs()), secs, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_reads_back(secs in -2_000_000_000i64..20_000_000_000, zone in -720i32..840) {
            let text = rfc5322(Timestamp::from_secs(secs), zone);
            proptest::prop_assert_eq!(parse(&text), Some((Timestamp::from_secs(secs), zone)));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,60}") {
            let _ = parse(&text);
        }
    }
}
