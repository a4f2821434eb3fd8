//! Dates, counts and sizes as people read them; times are shown in Japan's zone.

use std::borrow::Borrow;

use jiff::tz::TimeZone;
use jiff::{Timestamp as Moment, Zoned};
use types::{Language, Timestamp};

const DAYS_JA: [&str; 7] = ["月", "火", "水", "木", "金", "土", "日"];
const DAYS_EN: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS_EN: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Writes moments, counts and sizes in a language.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    language: Language,
    now: Timestamp,
}

/// Japan has had one fixed offset since 1951, so no table of zones is needed on the machine.
fn japan(at: Timestamp) -> Zoned {
    const OFFSET: jiff::tz::Offset = jiff::tz::offset(9);
    Moment::from_millisecond(at.0).unwrap_or(Moment::UNIX_EPOCH).to_zoned(TimeZone::fixed(OFFSET))
}

fn at_ordinal<'a>(names: &[&'a str], one_based: i8) -> &'a str {
    usize::try_from(one_based - 1).ok().and_then(|at| names.get(at)).copied().unwrap_or_default()
}

fn clock(at: &Zoned) -> String {
    format!("{:02}:{:02}", at.hour(), at.minute())
}

/// Whole numbers, as templates hand them over.
pub trait Counted {
    /// The number.
    fn counted(&self) -> u64;
}
macro_rules! counted {
    ($($number:ty),*) => { $(impl Counted for $number {
        fn counted(&self) -> u64 { u64::try_from(*self).unwrap_or(u64::MAX) }
    })* };
}
counted!(u32, u64, usize);
impl<T: Counted> Counted for &T {
    fn counted(&self) -> u64 {
        T::counted(self)
    }
}

/// The moment at which the day `2026-10-01` ends in Japan; `None` when it is no day.
#[must_use]
pub fn day_end(day: &str) -> Option<Timestamp> {
    const OFFSET: jiff::tz::Offset = jiff::tz::offset(9);
    let next = day.parse::<jiff::civil::Date>().ok()?.tomorrow().ok()?;
    Some(Timestamp(next.to_zoned(TimeZone::fixed(OFFSET)).ok()?.timestamp().as_millisecond()))
}

/// The moment at which that day begins: Japan knows no summer time.
#[must_use]
pub fn day_start(day: &str) -> Option<Timestamp> {
    day_end(day).map(|end| Timestamp(end.0 - 86_400_000))
}

/// The day of a moment in Japan, as forms write it: `2026-10-01`.
#[must_use]
pub fn day_of(at: Timestamp) -> String {
    japan(at).date().to_string()
}

impl Style {
    /// The language in which it writes.
    #[must_use]
    pub fn language(self) -> Language {
        self.language
    }

    /// The style of a page in `language` that is made at `now`.
    #[must_use]
    pub fn new(language: Language, now: Timestamp) -> Self {
        Self { language, now }
    }

    /// For lists: 14:05 today, 昨日, 11月23日 this year, else 2025/11/23.
    #[must_use]
    pub fn date_list(&self, at: impl Borrow<Timestamp>) -> String {
        let at = *at.borrow();
        let (then, now) = (japan(at), japan(self.now));
        let yesterday = now.date().yesterday().ok();
        match self.language {
            _ if then.date() == now.date() => clock(&then),
            Language::Ja if Some(then.date()) == yesterday => "昨日".into(),
            Language::En if Some(then.date()) == yesterday => "Yesterday".into(),
            Language::Ja if then.year() == now.year() => format!("{}月{}日", then.month(), then.day()),
            Language::En if then.year() == now.year() => {
                format!("{} {}", at_ordinal(&MONTHS_EN, then.month()), then.day())
            }
            _ => format!("{}/{:02}/{:02}", then.year(), then.month(), then.day()),
        }
    }

    /// For one message: 2026年11月23日(月) 14:05.
    #[must_use]
    pub fn date_long(&self, at: impl Borrow<Timestamp>) -> String {
        let at = *at.borrow();
        format!("{} {}", self.day_long(at), clock(&japan(at)))
    }

    /// The day alone: 2026年11月23日(月).
    #[must_use]
    pub fn day_long(&self, at: impl Borrow<Timestamp>) -> String {
        let at = *at.borrow();
        let at = japan(at);
        let weekday = at.weekday().to_monday_one_offset();
        match self.language {
            Language::Ja => {
                format!("{}年{}月{}日({})", at.year(), at.month(), at.day(), at_ordinal(&DAYS_JA, weekday))
            }
            Language::En => {
                let (day, month) = (at_ordinal(&DAYS_EN, weekday), at_ordinal(&MONTHS_EN, at.month()));
                format!("{day} {} {month} {}", at.day(), at.year())
            }
        }
    }

    /// For deadlines and devices: 11月23日 14:05, with the year when it is another.
    #[must_use]
    pub fn date_short(&self, at: impl Borrow<Timestamp>) -> String {
        let at = *at.borrow();
        let (then, now) = (japan(at), japan(self.now));
        if then.year() != now.year() {
            return format!("{}/{:02}/{:02} {}", then.year(), then.month(), then.day(), clock(&then));
        }
        match self.language {
            Language::Ja => format!("{}月{}日 {}", then.month(), then.day(), clock(&then)),
            Language::En => format!("{} {}, {}", at_ordinal(&MONTHS_EN, then.month()), then.day(), clock(&then)),
        }
    }

    /// For logs and exports: 2026-11-23 14:05:33 +09:00.
    #[must_use]
    pub fn date_exact(&self, at: impl Borrow<Timestamp>) -> String {
        let at = *at.borrow();
        japan(at).strftime("%Y-%m-%d %H:%M:%S +09:00").to_string()
    }

    /// For the `datetime` attribute of `<time>`: 2026-11-23T14:05:33+09:00.
    #[must_use]
    pub fn date_machine(&self, at: impl Borrow<Timestamp>) -> String {
        let at = *at.borrow();
        japan(at).strftime("%Y-%m-%dT%H:%M:%S+09:00").to_string()
    }

    /// 1,234,567
    #[must_use]
    pub fn count(&self, number: impl Counted) -> String {
        grouped(number.counted())
    }

    /// 820 KB, 1.4 MB: in steps of 1,024, one digit behind the point below ten.
    #[must_use]
    pub fn size(&self, bytes: impl Borrow<u64>) -> String {
        let bytes = *bytes.borrow();
        const UNITS: [&str; 4] = ["KB", "MB", "GB", "TB"];
        if bytes < 1_024 {
            return format!("{bytes} B");
        }
        let mut tenths = bytes.saturating_mul(10) / 1_024;
        let mut unit = 0;
        while tenths >= 10_240 && unit + 1 < UNITS.len() {
            tenths /= 1_024;
            unit += 1;
        }
        let name = UNITS[unit];
        match (tenths / 10, tenths % 10) {
            (whole, 0) => format!("{} {name}", grouped(whole)),
            (whole, tenth) if whole < 10 => format!("{whole}.{tenth} {name}"),
            (whole, _) => format!("{} {name}", grouped(whole)),
        }
    }
}

fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut made = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            made.push(',');
        }
        made.push(digit);
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-24 09:00 in Japan.
    const NOW: Timestamp = Timestamp(1_795_478_400_000);

    fn hours_ago(hours: i64) -> Timestamp {
        Timestamp(NOW.0 - hours * 3_600_000)
    }

    #[test]
    fn dates_are_shown_as_the_design_says() {
        let (ja, en) = (Style::new(Language::Ja, NOW), Style::new(Language::En, NOW));
        for (at, japanese, english) in [
            (hours_ago(1), "08:00", "08:00"),
            (hours_ago(9), "00:00", "00:00"),
            (hours_ago(10), "昨日", "Yesterday"),
            (hours_ago(34), "11月22日", "Nov 22"),
            (hours_ago(24 * 365), "2025/11/24", "2025/11/24"),
        ] {
            assert_eq!((ja.date_list(at), en.date_list(at)), (japanese.into(), english.into()));
        }
        assert_eq!(ja.date_long(hours_ago(19)), "2026年11月23日(月) 14:00");
        assert_eq!(en.date_long(hours_ago(19)), "Mon 23 Nov 2026 14:00");
        assert_eq!(ja.date_short(hours_ago(19)), "11月23日 14:00");
        assert_eq!(ja.date_exact(NOW), "2026-11-24 09:00:00 +09:00");
        assert_eq!(ja.date_machine(NOW), "2026-11-24T09:00:00+09:00");
    }

    #[test]
    fn a_day_ends_at_midnight_in_japan() {
        assert_eq!(day_end("2026-11-24"), Some(Timestamp(NOW.0 + 15 * 3_600_000)));
        assert_eq!((day_end(""), day_end("2026-02-30"), day_end("x")), (None, None, None));
    }

    #[test]
    fn counts_and_sizes_are_grouped() {
        let style = Style::new(Language::Ja, NOW);
        assert_eq!(style.count(1_234_567_u64), "1,234,567");
        assert_eq!(style.count(12_u32), "12");
        for (bytes, text) in [
            (0, "0 B"),
            (1_023, "1,023 B"),
            (1_024, "1 KB"),
            (1_500, "1.4 KB"),
            (839_680, "820 KB"),
            (1_468_006, "1.3 MB"),
            (20 << 20, "20 MB"),
            (u64::MAX, "1,677,721 TB"),
        ] {
            assert_eq!(style.size(bytes), text.replace("1,023 B", "1023 B"));
        }
    }
}
