//! Which neighbour a written number is.

use crate::check;
use crate::neighbours::written::{self, Written};
use crate::neighbours::{Other, addresses};
use crate::{Class, Level, Reason, Secret};

const CARD: [&str; 9] = ["カード", "ｶｰﾄﾞ", "クレジット", "card", "visa", "master", "jcb", "amex", "diners"];
const PHONE: [&str; 12] = [
    "電話",
    "tel",
    "ｔｅｌ",
    "携帯",
    "fax",
    "ｆａｘ",
    "phone",
    "mobile",
    "連絡先",
    "内線",
    "ファックス",
    "フリーダイヤル",
];
const LICENCE: [&str; 3] = ["免許", "driver", "driving"];
const CORPORATE: [&str; 4] = ["法人番号", "登録番号", "インボイス", "corporate number"];
const PENSION: [&str; 2] = ["年金", "pension"];
const INSURER: [&str; 2] = ["保険者番号", "insurer"];
const INSURED: [&str; 5] = ["健康保険", "保険証", "被保険者証", "資格確認書", "health insurance"];
const PASSPORT: [&str; 3] = ["旅券", "パスポート", "passport"];
const RESIDENCE: [&str; 3] = ["在留", "residence card", "zairyu"];
const ACCOUNT: [&str; 3] = ["口座", "account no", "account number"];
const DEPOSIT: [&str; 5] = ["普通", "当座", "貯蓄", "（普）", "(普)"];
const BANK: [&str; 5] = ["銀行", "信用金庫", "信用組合", "農協", "bank"];

type Known = fn(&Written<'_>) -> Option<(Class, Level, Reason)>;

/// What the number is, the surest kinds first.
pub(super) fn known(written: &Written<'_>) -> Option<Other> {
    const KINDS: [Known; 10] = [
        card,
        corporate_number,
        residence_card,
        passport,
        pension,
        phone,
        postal_address,
        licence,
        health_insurance,
        bank_account,
    ];
    let (class, level, reason) = KINDS.iter().find_map(|kind| kind(written))?;
    let (start, end) = (written.start, written.end);
    let value = match class {
        Class::PostalAddress => address(written),
        _ => Secret::new(&national(&written.digits, class)),
    };
    Some(Other { class, level, start, end, value, reason })
}

/// A telephone number with the country and one without are one.
fn national(digits: &[u8], class: Class) -> Vec<u8> {
    match digits {
        [8, 1, rest @ ..] if class == Class::Phone => [&[0], rest].concat(),
        _ => digits.to_vec(),
    }
}

/// A postal code with the digits of the address behind it.
fn address(written: &Written<'_>) -> Secret {
    let more = written.behind.chars().filter_map(|c| crate::digits::digit(c).map(|(value, _)| value));
    Secret::new(&written.digits.iter().copied().chain(more).take(40).collect::<Vec<u8>>())
}

fn level(named: bool, otherwise: Level) -> (Level, Reason) {
    if named { (Level::Certain, Reason::Label) } else { (otherwise, Reason::Form) }
}

fn card(written: &Written<'_>) -> Option<(Class, Level, Reason)> {
    let shape = matches!(written.lens.as_slice(), [14..=16] | [4, 4, 4, 4] | [4, 6, 5] | [4, 6, 4]);
    if !shape || !written.is_free() || !check::is_card(&written.digits) {
        return None;
    }
    let (level, reason) = level(written.is_named(&CARD), Level::Likely);
    Some((Class::Card, level, reason))
}

fn corporate_number(written: &Written<'_>) -> Option<(Class, Level, Reason)> {
    if !matches!(written.lens.as_slice(), [13] | [1, 4, 4, 4]) {
        return None;
    }
    let (first, rest) = written.digits.split_first()?;
    if !check::is_corporate_number(*first, rest.try_into().ok()?) {
        return None;
    }
    let head = written.before.strip_suffix(['T', 'Ｔ']).or_else(|| written.before.strip_suffix("T-"));
    let registered = head.is_some_and(|head| !head.ends_with(|c: char| c.is_ascii_alphanumeric()));
    if !registered && !written.is_free() {
        return None;
    }
    let (level, reason) = level(registered || written.is_named(&CORPORATE), Level::Possible);
    Some((Class::CorporateNumber, level, reason))
}

fn phone(written: &Written<'_>) -> Option<(Class, Level, Reason)> {
    let abroad = written.before.ends_with(['+', '＋']);
    let digits = written.digits.as_slice();
    let forms = match (abroad, digits) {
        (true, [8, 1, ..]) => matches!(digits.len(), 11 | 12),
        (false, [0, 1..=9, ..]) => matches!(
            written.lens.as_slice(),
            [10 | 11] | [2, 4, 4] | [3, 3 | 4, 4] | [4, 2 | 3, 3 | 4] | [5, 1, 4] | [4, 6] | [3, 7 | 8] | [2, 8]
        ),
        _ => false,
    };
    if !forms || !written.is_free() {
        return None;
    }
    let named = abroad || written.is_named(&PHONE);
    let mobile = matches!(digits, [0, 5 | 7 | 8 | 9, 0, ..]) && digits.len() == 11;
    if written.lens.len() == 1 && !named && !mobile {
        return None;
    }
    let (level, reason) = level(named, Level::Likely);
    Some((Class::Phone, level, reason))
}

fn postal_address(written: &Written<'_>) -> Option<(Class, Level, Reason)> {
    if !matches!(written.lens.as_slice(), [3, 4] | [7]) || !written.is_free() {
        return None;
    }
    let prefecture = addresses::begins_address(written.behind)?;
    let marked = written.before.trim_end().ends_with('〒') || written.is_named(&["郵便番号"]);
    if !marked && (!prefecture || written.lens.len() == 1) {
        return None;
    }
    let (level, reason) = level(marked, Level::Likely);
    Some((Class::PostalAddress, level, reason))
}

fn licence(written: &Written<'_>) -> Option<(Class, Level, Reason)> {
    let named = || written.is_named(&LICENCE);
    if written.digits.len() != 12 || written.lens.len() > 3 || !written.is_free() || !named() {
        return None;
    }
    let right = check::is_licence(&written.digits);
    Some((Class::Licence, if right { Level::Certain } else { Level::Likely }, Reason::Label))
}

fn pension(written: &Written<'_>) -> Option<(Class, Level, Reason)> {
    let form = matches!(written.lens.as_slice(), [4, 6] | [10]) && written.is_free();
    (form && written.is_named(&PENSION)).then_some((Class::Pension, Level::Certain, Reason::Label))
}

fn health_insurance(written: &Written<'_>) -> Option<(Class, Level, Reason)> {
    if written.lens.len() != 1 || !written.is_free() {
        return None;
    }
    // 「被保険者番号」 ends with it and is another number
    let insurer = || written.is_named(&INSURER) && !written.before.contains("被保険者番号");
    if written.digits.len() == 8 && insurer() {
        let right = check::is_luhn(&written.digits);
        return Some((Class::HealthInsurance, if right { Level::Certain } else { Level::Likely }, Reason::Label));
    }
    let marked = written::ends_with_sign(written.before) && written.behind.contains("番号");
    (marked && written.is_named(&INSURED)).then_some((Class::HealthInsurance, Level::Likely, Reason::Label))
}

/// The two capital letters that are glued to the front.
fn two_letters(written: &Written<'_>) -> bool {
    let mut before = written.before.chars().rev();
    let mut letter = || before.next().is_some_and(|c| c.is_ascii_uppercase());
    letter() && letter() && !before.next().is_some_and(|c| c.is_ascii_alphanumeric())
}

fn passport(written: &Written<'_>) -> Option<(Class, Level, Reason)> {
    let glued = written.behind.starts_with(|c: char| c.is_ascii_alphanumeric());
    if written.lens != [7] || glued || !two_letters(written) {
        return None;
    }
    let (level, reason) = level(written.is_named(&PASSPORT), Level::Possible);
    Some((Class::Passport, level, reason))
}

fn residence_card(written: &Written<'_>) -> Option<(Class, Level, Reason)> {
    let mut behind = written.behind.chars();
    let mut letter = || behind.next().is_some_and(|c| c.is_ascii_uppercase());
    let closed = letter() && letter() && !behind.next().is_some_and(|c| c.is_ascii_alphanumeric());
    if written.lens != [8] || !closed || !two_letters(written) {
        return None;
    }
    let (level, reason) = level(written.is_named(&RESIDENCE), Level::Likely);
    Some((Class::ResidenceCard, level, reason))
}

fn bank_account(written: &Written<'_>) -> Option<(Class, Level, Reason)> {
    let named = || written.is_named(&DEPOSIT) || written.is_named(&ACCOUNT);
    if written.lens != [7] || !written.is_free() || !named() {
        return None;
    }
    let bank = written.is_named(&BANK);
    Some((Class::BankAccount, if bank { Level::Certain } else { Level::Likely }, Reason::Label))
}
