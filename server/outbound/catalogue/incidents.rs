//! What handlers are told of reports that are due. It says which incident and until when, and nothing of what it is about.

use types::{Language, Timestamp};

use super::words::day;
use super::{Notice, notice};
use crate::incident_days::days_left;

/// The first (`first`) or the full report about an incident is due on the day before `until`.
pub fn incident_due(language: Language, number: &str, first: bool, until: Timestamp, now: Timestamp) -> Notice {
    let (left, last) = (days_left(until, now), day(language, Timestamp(until.0 - 1)));
    match language {
        Language::Ja => {
            let what = if first { "速報" } else { "確報" };
            let when = match left {
                0 => "本日が期限です".to_owned(),
                1.. => format!("あと{left}日です"),
                _ => format!("期限を{}日過ぎています", -left),
            };
            notice(
                format!("【ご確認ください】漏えい等事案 {number} の{what}({when})"),
                &[
                    format!("漏えい等事案 {number} の{what}の期限の目安は{last}です({when})。"),
                    "管理コンソールの「特定個人情報の台帳」にある「漏えい等事案」で、内容と報告の状況をご確認ください。".into(),
                    String::new(),
                    "報告が必要かどうか、いつまでに報告するかは、会社でご判断ください。".into(),
                ],
            )
        }
        Language::En => {
            let what = if first { "first report" } else { "full report" };
            let when = match left {
                0 => "due today".to_owned(),
                1 => "one day left".to_owned(),
                2.. => format!("{left} days left"),
                _ => format!("{} days late", -left),
            };
            notice(
                format!("[Please check] Incident {number}: {what}, {when}"),
                &[
                    format!("The {what} about incident {number} should be made by {last} ({when})."),
                    "The console shows it under the ledger of specified personal information, incidents.".into(),
                    String::new(),
                    "Whether and by when a report has to be made is for the company to judge.".into(),
                ],
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_how_many_days_are_left_and_nothing_of_the_case() {
        let at =
            |text: &str| Timestamp(format!("{text}:00+09:00").parse::<jiff::Timestamp>().unwrap().as_millisecond());
        let until = at("2026-10-06T00:00");
        for (now, ja, en) in [
            ("2026-10-03T09:00", "あと2日です", "2 days left"),
            ("2026-10-04T09:00", "あと1日です", "one day left"),
            ("2026-10-05T09:00", "本日が期限です", "due today"),
            ("2026-10-07T09:00", "期限を2日過ぎています", "2 days late"),
        ] {
            let told = incident_due(Language::Ja, "7", true, until, at(now));
            assert_eq!(told.subject, format!("【ご確認ください】漏えい等事案 7 の速報({ja})"));
            assert!(told.text.contains("10月5日(月)"), "{}", told.text);
            let told = incident_due(Language::En, "7", false, until, at(now));
            assert!(told.subject.ends_with(&format!("full report, {en}")), "{}", told.subject);
        }
    }
}
