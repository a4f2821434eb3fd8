//! Numbers as offices write them: My Numbers with their check digit, and all the others. All are invented.

use super::dice::Dice;

/// The check digit of 11 digits (平成26年総務省令第85号 第5条).
fn check_digit(head: &str) -> u32 {
    let weights = [6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2];
    let sum: u32 = head.bytes().zip(weights).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    match sum % 11 {
        0 | 1 => 0,
        remainder => 11 - remainder,
    }
}

/// A My Number.
pub fn my_number(dice: &mut Dice) -> String {
    let head = dice.digits(11);
    format!("{head}{}", check_digit(&head))
}

/// Twelve digits with a wrong check digit.
pub fn wrong_number(dice: &mut Dice) -> String {
    let head = dice.digits(11);
    let right = check_digit(&head);
    format!("{head}{}", (right + dice.from(1, 9) as u32) % 10)
}

/// Twelve digits as a parcel service gives them: the last is the remainder by 7.
pub fn slip(dice: &mut Dice) -> String {
    let head = dice.number(11);
    let remainder = head.bytes().fold(0u64, |rest, digit| (rest * 10 + u64::from(digit - b'0')) % 7);
    format!("{head}{remainder}")
}

/// A driver's licence: authority, year, serial, check digit, how often it was issued again.
pub fn licence(dice: &mut Dice) -> String {
    let authority = *dice.of(&[10, 20, 30, 43, 44, 45, 50, 54, 62, 65, 72, 90]);
    let head = format!("{authority}{:02}{}", dice.below(25), dice.digits(6));
    let weights = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2];
    let sum: u32 = head.bytes().zip(weights).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    format!("{head}{}{}", (11 - sum % 11) % 10, dice.below(3))
}

/// A corporate number of 13 digits with its check digit in front.
pub fn corporate(dice: &mut Dice) -> String {
    let rest = dice.digits(12);
    let sum: u32 =
        rest.bytes().rev().zip([1, 2].into_iter().cycle()).map(|(digit, by)| u32::from(digit - b'0') * by).sum();
    format!("{}{rest}", 9 - sum % 9)
}

/// Digits with the check digit of Luhn behind them.
pub fn luhn(head: &str) -> String {
    let sum: u32 = head
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let value = u32::from(digit - b'0') * if place % 2 == 0 { 2 } else { 1 };
            value / 10 + value % 10
        })
        .sum();
    format!("{head}{}", (10 - sum % 10) % 10)
}

/// A credit card of 16, 15 or 14 digits.
pub fn card(dice: &mut Dice) -> String {
    match dice.below(6) {
        0 | 1 => luhn(&format!("4{}", dice.digits(14))),
        2 => luhn(&format!("5{}{}", dice.from(1, 5), dice.digits(13))),
        3 => luhn(&format!("35{}{}", dice.from(28, 89), dice.digits(11))),
        4 => luhn(&format!("37{}", dice.digits(12))),
        _ => luhn(&format!("36{}", dice.digits(11))),
    }
}

/// The number in groups of the given lengths.
pub fn grouped(number: &str, lengths: &[usize], separator: &str) -> String {
    let mut rest = number;
    let mut groups = Vec::new();
    for &length in lengths {
        let (group, behind) = rest.split_at(length.min(rest.len()));
        groups.push(group);
        rest = behind;
    }
    if !rest.is_empty() {
        groups.push(rest);
    }
    groups.join(separator)
}

/// A telephone number.
pub fn phone(dice: &mut Dice) -> String {
    match dice.below(7) {
        0 | 1 => format!("03-{}-{}", dice.number(4), dice.digits(4)),
        2 => format!("0{}-{}-{}", dice.of(&["45", "52", "75", "92", "22"]), dice.number(3), dice.digits(4)),
        3 => format!("0{}-{}-{}", dice.of(&["90", "80", "70"]), dice.number(4), dice.digits(4)),
        4 => format!("0{}{}", dice.of(&["90", "80", "70"]), dice.number(8)),
        5 => format!("0120-{}-{}", dice.number(3), dice.digits(3)),
        _ => format!("+81-{}-{}-{}", dice.of(&["3", "90", "6"]), dice.number(4), dice.digits(4)),
    }
}

/// A date as offices write it.
pub fn date(dice: &mut Dice) -> String {
    let (month, day) = (dice.from(1, 12), dice.from(1, 28));
    match dice.below(6) {
        0 => format!("{}年{month}月{day}日", dice.from(2023, 2027)),
        1 => format!("令和{}年{month}月{day}日", dice.from(5, 9)),
        2 => format!("{}/{month:02}/{day:02}", dice.from(2023, 2027)),
        3 => format!("{}-{month:02}-{day:02}", dice.from(2023, 2027)),
        4 => format!("{month}月{day}日({})", dice.of(&["月", "火", "水", "木", "金"])),
        _ => format!("{month}/{day}"),
    }
}

/// A birth date.
pub fn birth(dice: &mut Dice) -> String {
    let (month, day) = (dice.from(1, 12), dice.from(1, 28));
    match dice.below(4) {
        0 => format!("{}年{month}月{day}日", dice.from(1950, 2005)),
        1 => format!("昭和{}年{month}月{day}日", dice.from(30, 63)),
        2 => format!("{}/{month:02}/{day:02}", dice.from(1950, 2005)),
        _ => format!("H{}.{month}.{day}", dice.from(1, 17)),
    }
}

/// A sum of yen.
pub fn yen(dice: &mut Dice) -> String {
    let sum = dice.from(1, 99_999) * *dice.of(&[1, 10, 100, 1000]);
    let text = sum.to_string();
    let mut out = String::new();
    for (at, c) in text.chars().enumerate() {
        if at > 0 && (text.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}
