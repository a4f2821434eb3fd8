//! Moments and spans of time in the words of people in Japan. It knows no notice.

use types::{Language, Timestamp};

/// The moment as clocks in Japan show it.
fn local(at: Timestamp) -> Option<jiff::civil::DateTime> {
    let instant = jiff::Timestamp::from_millisecond(at.0).ok()?;
    Some(jiff::tz::Offset::constant(9).to_datetime(instant))
}

/// The words for a deadline: 11月24日(火)17:00, Tue 24 Nov 17:00.
#[must_use]
pub fn moment(language: Language, at: Timestamp) -> String {
    const DAYS_JA: [&str; 7] = ["月", "火", "水", "木", "金", "土", "日"];
    let Some(local) = local(at) else { return String::new() };
    let day = usize::try_from(local.weekday().to_monday_zero_offset()).unwrap_or(0);
    match language {
        Language::Ja => format!(
            "{}月{}日({}){:02}:{:02}",
            local.month(),
            local.day(),
            DAYS_JA.get(day).copied().unwrap_or_default(),
            local.hour(),
            local.minute()
        ),
        Language::En => local.strftime("%a %-d %b %H:%M (Japan)").to_string(),
    }
}

/// The day alone: 11月24日(火), Tue 24 Nov.
pub(crate) fn day(language: Language, at: Timestamp) -> String {
    let text = moment(language, at);
    match language {
        // the time stands behind the weekday
        Language::Ja => text.split_inclusive(')').next().unwrap_or_default().to_owned(),
        Language::En => local(at).map(|local| local.strftime("%a %-d %b").to_string()).unwrap_or_default(),
    }
}

/// The same for a subject: 11/24 17:00, 24 Nov 17:00.
pub(crate) fn moment_short(language: Language, at: Timestamp) -> String {
    let form = match language {
        Language::Ja => "%-m/%-d %H:%M",
        Language::En => "%-d %b %H:%M",
    };
    local(at).map(|local| local.strftime(form).to_string()).unwrap_or_default()
}

/// A span in whole hours, in minutes below one: 2時間, 30分, 2 hours, 30 minutes.
pub(crate) fn left(language: Language, span: std::time::Duration) -> String {
    let minutes = span.as_secs().div_ceil(60);
    let hours = (minutes + 30) / 60;
    let plural = |count: u64| if count == 1 { "" } else { "s" };
    match (language, minutes < 60) {
        (Language::Ja, true) => format!("{minutes}分"),
        (Language::Ja, false) => format!("{hours}時間"),
        (Language::En, true) => format!("{minutes} minute{}", plural(minutes)),
        (Language::En, false) => format!("{hours} hour{}", plural(hours)),
    }
}
