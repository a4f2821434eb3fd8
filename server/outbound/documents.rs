//! Kinds of documents (書類の種類): which one the names of a mail propose, and the day on which the period of a kind is over, by the
//! calendar of Japan. Pure.

use inspect::Seen;
use inspect::detect::folded;
use jiff::civil::{Date, date};
use jiff::tz::{Offset, TimeZone};
use store::{LedgerDocuments, LedgerDue, LedgerLine};
use types::{CountedFrom, DocumentKind, Policies, Timestamp};

use crate::retention::years_before;

/// Japan is 9 hours ahead of UTC and knows no summer time.
const JAPAN: TimeZone = TimeZone::fixed(Offset::constant(9));

/// From when documents of this kind are to be disposed of that came or were sent at this moment, or whose period starts on the stated
/// day: the first moment of the day behind the last of the period. `None`: its day of completion is not known.
#[must_use]
pub fn due(kind: &DocumentKind, came: Timestamp, stated: Option<Timestamp>) -> Option<Timestamp> {
    let day = day_of(stated.unwrap_or(came))?;
    let first = match (kind.from, stated) {
        (CountedFrom::Completion, None) => return None,
        (CountedFrom::Arrival | CountedFrom::Completion, _) => day.tomorrow().ok()?,
        (CountedFrom::NextJanuary11, _) => next(day, 1, 11)?,
        (CountedFrom::YearEnd, _) => next(day, 1, 1)?,
        (CountedFrom::FiscalYearEnd, _) => next(day, 4, 1)?,
    };
    let behind = years_later(first, kind.years)?;
    Some(Timestamp(behind.to_zoned(JAPAN).ok()?.timestamp().as_millisecond()))
}

/// Of which kind the documents of a line are from now on; `stated`: the day from which somebody has the period counted.
#[must_use]
pub fn documents(kind: &DocumentKind, came: Timestamp, stated: Option<Timestamp>, proposed: bool) -> LedgerDocuments {
    LedgerDocuments { kind: kind.name.clone(), stated, due: due(kind, came, stated), proposed }
}

/// What of a company's ledger is due now; `unseen`: to go without anybody looking at it.
#[must_use]
pub fn due_now(policies: &Policies, now: Timestamp, unseen: bool) -> LedgerDue {
    LedgerDue { now, before: policies.ledger_years.and_then(|years| years_before(now, years)), unseen }
}

/// Whether a line that is due may go without anybody looking at it. What somebody has stated never makes a mail go before its kind's years
/// are over since it came or was sent, and what was written down earlier not before the period of its kind as the company has it now. Of a
/// kind that the company has no more, the company's years tell.
#[must_use]
pub(crate) fn goes_unseen(policies: &Policies, line: &LedgerLine, now: Timestamp) -> bool {
    let over = |end: Option<Timestamp>| end.is_some_and(|end| end <= now);
    let Some(documents) = &line.documents else { return true };
    match policies.document_kind(&documents.kind) {
        Some(kind) => over(due(kind, line.at, documents.stated)) && over(years_after(line.at, kind.years)),
        None => over(policies.ledger_years.and_then(|years| years_after(line.at, years))),
    }
}

/// The same moment so many years later, by the calendar of Japan.
#[must_use]
pub fn years_after(at: Timestamp, years: u32) -> Option<Timestamp> {
    let moment = jiff::Timestamp::from_millisecond(at.0).ok()?.to_zoned(JAPAN);
    let then = moment.checked_add(jiff::Span::new().try_years(i64::from(years)).ok()?).ok()?;
    Some(Timestamp(then.timestamp().as_millisecond()))
}

/// The kind that the subject or the names of files propose, where it is one and no other.
pub(crate) fn proposed<'k, 't>(
    kinds: &'k [DocumentKind],
    texts: impl IntoIterator<Item = &'t str>,
) -> Option<&'k DocumentKind> {
    let texts: Vec<String> = texts.into_iter().map(folded).collect();
    let says = |word: &String| {
        let word = folded(word);
        !word.is_empty() && texts.iter().any(|text| text.contains(&word))
    };
    let mut found = kinds.iter().filter(|kind| kind.words.iter().any(says));
    found.next().filter(|_| found.next().is_none())
}

/// The same of what was seen of a mail.
pub(crate) fn proposed_by<'k>(kinds: &'k [DocumentKind], seen: &Seen) -> Option<&'k DocumentKind> {
    let names = seen.attachments.iter().map(|file| file.name.as_str());
    proposed(kinds, names.chain([seen.subject.as_str()]))
}

fn day_of(at: Timestamp) -> Option<Date> {
    Some(jiff::Timestamp::from_millisecond(at.0).ok()?.to_zoned(JAPAN).date())
}

/// The next such day, which is never this one.
fn next(day: Date, month: i8, of_month: i8) -> Option<Date> {
    let this_year = date(day.year(), month, of_month);
    if day < this_year { Some(this_year) } else { Date::new(day.year().checked_add(1)?, month, of_month).ok() }
}

/// The day of the same name so many years later; where there is none (29 February) a period ends with the last day of its month (民法 143
/// 条 2 項), so that the day behind it is the first of the next.
fn years_later(first: Date, years: u32) -> Option<Date> {
    let year = first.year().checked_add(i16::try_from(years).ok()?)?;
    Date::new(year, first.month(), first.day()).or_else(|_| Date::new(year, first.month() + 1, 1)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(name: &str, years: u32, from: CountedFrom, words: &[&str]) -> DocumentKind {
        DocumentKind { name: name.into(), years, from, words: words.iter().map(|word| (*word).into()).collect() }
    }

    fn moment(text: &str) -> Timestamp {
        Timestamp(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
    }

    #[test]
    fn a_period_is_over_on_a_day_of_japans_calendar() {
        use CountedFrom::{Arrival, Completion, FiscalYearEnd, NextJanuary11, YearEnd};
        // (from, years, came in Japan, stated day, first day on which it is to be disposed of)
        let cases = [
            // 所得税法施行規則 76 条の 3: the year that began on the next 11 January
            (NextJanuary11, 7, "2026-11-27T12:00:00", None, Some("2034-01-11")),
            (NextJanuary11, 7, "2026-12-31T23:59:59", None, Some("2034-01-11")),
            (NextJanuary11, 7, "2027-01-01T00:00:00", None, Some("2034-01-11")),
            (NextJanuary11, 7, "2027-01-10T23:59:00", None, Some("2034-01-11")),
            // a mail of 11 January itself: that of the next year
            (NextJanuary11, 7, "2027-01-11T00:00:00", None, Some("2035-01-11")),
            (NextJanuary11, 7, "2027-01-11T23:59:00", None, Some("2035-01-11")),
            (NextJanuary11, 7, "2028-02-29T12:00:00", None, Some("2036-01-11")),
            // it came in December for the next year, and somebody has stated when it was due
            (NextJanuary11, 7, "2026-12-20T12:00:00", Some("2027-01-24"), Some("2035-01-11")),
            // the day itself does not count
            (Arrival, 2, "2026-10-05T23:59:59", None, Some("2028-10-06")),
            (Arrival, 2, "2026-10-06T00:00:00", None, Some("2028-10-07")),
            (Arrival, 1, "2026-12-31T09:00:00", None, Some("2028-01-01")),
            // leap days: 29 February is the last day of the period, or the first
            (Arrival, 1, "2027-02-28T12:00:00", None, Some("2028-03-01")),
            (Arrival, 1, "2028-02-28T12:00:00", None, Some("2029-03-01")),
            (Arrival, 4, "2028-02-28T12:00:00", None, Some("2032-02-29")),
            (Arrival, 1, "2028-02-29T12:00:00", None, Some("2029-03-01")),
            (Completion, 4, "2026-10-05T12:00:00", None, None),
            (Completion, 4, "2026-10-05T12:00:00", Some("2030-03-31"), Some("2034-04-01")),
            (YearEnd, 7, "2026-12-31T23:59:00", None, Some("2034-01-01")),
            (YearEnd, 7, "2027-01-01T00:00:00", None, Some("2035-01-01")),
            (FiscalYearEnd, 5, "2027-03-31T23:59:00", None, Some("2032-04-01")),
            (FiscalYearEnd, 5, "2027-04-01T00:00:00", None, Some("2033-04-01")),
        ];
        for (from, years, came, stated, expected) in cases {
            let midnight = |day: &str| moment(&format!("{day}T00:00:00+09:00"));
            let got = due(&kind("x", years, from, &[]), moment(&format!("{came}+09:00")), stated.map(midnight));
            assert_eq!(got, expected.map(midnight), "{from:?} {came} {stated:?}");
        }
        let before_japans_midnight = moment("2027-01-10T14:59:59Z");
        let behind_it = moment("2027-01-10T15:00:00Z");
        let declaration = &DocumentKind::shipped()[0];
        assert_eq!(due(declaration, before_japans_midnight, None), Some(moment("2034-01-10T15:00:00Z")));
        assert_eq!(due(declaration, behind_it, None), Some(moment("2035-01-10T15:00:00Z")));
        assert_eq!(due(declaration, Timestamp(i64::MAX), None), None);
    }

    #[test]
    fn a_kind_is_proposed_by_one_name_and_no_other() {
        let kinds = DocumentKind::shipped();
        let cases: [(&[&str], Option<&str>); 11] = [
            (&["令和9年分_扶養控除等(異動)申告書.pdf", "ご提出の件"], Some("扶養控除等申告書")),
            (&["扶養 控除.xlsx"], Some("扶養控除等申告書")),
            (&["資料", "Re: ＜提出＞　扶養控除等申告書"], Some("扶養控除等申告書")),
            (&["ﾎｹﾝ料控除申告書.pdf"], None),
            (&["保険料控除申告書.pdf", "保険料控除申告書(控え).pdf"], Some("保険料控除申告書")),
            (&["給与所得者の配偶者控除等申告書.pdf"], Some("基礎控除・配偶者控除等申告書")),
            (&["雇用保険被保険者資格取得届.pdf"], Some("雇用保険の被保険者に関する書類")),
            (&["健康保険・厚生年金保険被保険者資格取得届.pdf"], Some("健康保険・厚生年金保険に関する書類")),
            // of two kinds at once nobody knows which
            (&["扶養控除等申告書.pdf", "保険料控除申告書.pdf"], None),
            (&["年末調整の書類.zip"], None),
            (&[], None),
        ];
        for (texts, expected) in cases {
            let got = proposed(&kinds, texts.iter().copied()).map(|kind| kind.name.as_str());
            assert_eq!(got, expected, "{texts:?}");
        }
        let own = [kind("届出書", 1, CountedFrom::Arrival, &["ﾏｲﾅﾝﾊﾞｰ届出", "ABC form"])];
        for text in ["マイナンバー届出.pdf", "マイ・ナンバー届出", "ＡＢＣ－ＦＯＲＭ.docx", "abc form"]
        {
            assert!(proposed(&own, [text]).is_some(), "{text}");
        }
        assert!(proposed(&[kind("届出書", 1, CountedFrom::Arrival, &["--"])], ["a-b"]).is_none());
    }
}
