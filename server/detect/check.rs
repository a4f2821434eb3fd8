//! Check digits: of My Numbers and of the neighbours that are told from them by theirs.

/// The weights of the first 11 digits from the left: Qn is n+1 for n = 1..6 and n-5 for n = 7..11, where n
/// counts from the right (平成26年総務省令第85号 第5条).
const WEIGHTS: [u32; 11] = [6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2];

/// Numbers that are published for tests.
const TEST_NUMBERS: [[u8; 12]; 7] = [
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 8],
    [0, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 3],
    [9, 8, 3, 2, 0, 5, 6, 7, 3, 2, 1, 4],
    [4, 6, 5, 2, 8, 1, 2, 6, 6, 3, 3, 3],
    [5, 4, 8, 8, 3, 6, 5, 2, 9, 8, 8, 5],
    [0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1],
    [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 8],
];

/// Whether the 12 digit values make a My Number: the last is 11 - (sum mod 11), and 0 where that remainder is
/// 0 or 1. Twelve zeros pass the formula and are nobody's number.
#[must_use]
pub fn is_my_number(digits: &[u8; 12]) -> bool {
    let sum: u32 = digits.iter().zip(WEIGHTS).map(|(&digit, weight)| u32::from(digit) * weight).sum();
    let remainder = sum % 11;
    let check = if remainder <= 1 { 0 } else { 11 - remainder };
    u32::from(digits[11]) == check && digits.iter().any(|&digit| digit != 0)
}

/// Whether the number is one of those published for tests.
pub(crate) fn is_test_number(digits: &[u8; 12]) -> bool {
    TEST_NUMBERS.contains(digits)
}

/// Whether `first` is the right check digit of a corporate number with these 12 digits:
/// 9 - (sum mod 9), weights 1 and 2 in turn from the right (平成26年財務省令第70号 第2条).
pub(crate) fn is_corporate_number(first: u8, rest: &[u8; 12]) -> bool {
    let sum: u32 =
        rest.iter().rev().zip([1, 2].into_iter().cycle()).map(|(&digit, weight)| u32::from(digit) * weight).sum();
    u32::from(first) == 9 - sum % 9
}

/// Whether the 12 digits begin with a date (YYYYMMDD of 1950 to 2099) or are one to the second (YYMMDDHHMMSS).
pub(crate) fn begins_with_date(digits: &[u8; 12]) -> bool {
    let pair = |at: usize| match digits.get(at..at + 2) {
        Some([high, low]) => u32::from(*high) * 10 + u32::from(*low),
        _ => 0,
    };
    let day = |at: usize| (1..=12).contains(&pair(at)) && (1..=31).contains(&pair(at + 2));
    let year = pair(0) * 100 + pair(2);
    let long = (1950..2100).contains(&year) && day(4);
    let short = day(2) && pair(6) < 24 && pair(8) < 60 && pair(10) < 60;
    long || short
}

/// Whether the 12 digits begin with a day of these decades, as running numbers do (YYYYMMDD).
pub(crate) fn begins_with_day(digits: &[u8; 12]) -> bool {
    matches!(digits, [2, 0, 0..=3, _, ..]) && begins_with_date(digits)
}

/// Whether the 12 digits are a minute of these decades (YYYYMMDDHHMM).
pub(crate) fn is_minute(digits: &[u8; 12]) -> bool {
    let [.., tens, hours, high, _] = *digits;
    begins_with_day(digits) && tens * 10 + hours < 24 && high < 6
}

/// Whether it is a telephone number of Japan with the country in front and the plus lost.
pub(crate) fn is_phone_abroad(digits: &[u8; 12]) -> bool {
    matches!(digits, [8, 1, 7..=9, 0, ..])
}

/// Whether the last digit is right by Luhn (ISO/IEC 7812-1, annex B).
pub(crate) fn is_luhn(digits: &[u8]) -> bool {
    let doubled = |(place, digit): (usize, &u8)| match place % 2 {
        1 => u32::from(*digit) * 2 / 10 + u32::from(*digit) * 2 % 10,
        _ => u32::from(*digit),
    };
    digits.iter().rev().enumerate().map(doubled).sum::<u32>().is_multiple_of(10)
        && digits.iter().any(|&digit| digit != 0)
}

/// Whether it is the number of a credit card: a known beginning, the length that goes with it, and Luhn.
pub(crate) fn is_card(digits: &[u8]) -> bool {
    let head = |count: usize| digits.iter().take(count).fold(0u32, |head, digit| head * 10 + u32::from(*digit));
    let brand = match digits.len() {
        16 => {
            matches!(head(1), 4)
                || matches!(head(2), 51..=55 | 62 | 65)
                || matches!(head(4), 2221..=2720 | 3528..=3589 | 6011)
        }
        15 => matches!(head(2), 34 | 37),
        14 => matches!(head(2), 36 | 38) || matches!(head(3), 300..=305),
        _ => false,
    };
    brand && is_luhn(digits)
}

/// Whether the check digit of a driver's licence is right: 11 - (sum mod 11), the last digit of it.
pub(crate) fn is_licence(digits: &[u8]) -> bool {
    const WEIGHTS: [u32; 10] = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2];
    let sum: u32 = digits.iter().zip(WEIGHTS).map(|(digit, weight)| u32::from(*digit) * weight).sum();
    digits.len() == 12 && digits.get(10).is_some_and(|check| u32::from(*check) == (11 - sum % 11) % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digits(text: &str) -> [u8; 12] {
        let values: Vec<u8> = text.bytes().map(|b| b - b'0').collect();
        values.try_into().unwrap()
    }

    #[test]
    fn the_worked_examples_of_the_ordinance_pass() {
        for good in [
            "123456789018",
            "023456789013",
            "123456789000",
            "123456789050",
            "111111111118",
            "222222222225",
            "999999999996",
            "983205673214",
            "465281266333",
            "548836529885",
            "000111111111",
        ] {
            assert!(is_my_number(&digits(good)), "{good}");
        }
    }

    #[test]
    fn wrong_digits_and_all_zeros_fail() {
        for bad in ["111111111111", "123456789010", "000000000000", "202601151230"] {
            assert!(!is_my_number(&digits(bad)), "{bad}");
        }
    }

    #[test]
    fn every_prefix_has_exactly_one_check_digit() {
        let mut zeros = 0;
        for prefix in 1..20_000u64 {
            let prefix = prefix * 4_999_999 % 100_000_000_000;
            let fits: Vec<u8> = (0..10).filter(|d| is_my_number(&digits(&format!("{prefix:011}{d}")))).collect();
            assert_eq!(fits.len(), 1, "{prefix}");
            zeros += usize::from(fits == [0]);
        }
        // the rule "remainder 0 or 1 gives 0" makes zeros twice as common
        assert!((3_300..4_000).contains(&zeros), "{zeros}");
    }

    #[test]
    fn corporate_numbers_are_known_by_their_first_digit() {
        for good in ["7123456789012", "4011001098993", "1010601008968", "7010705000725", "8700110005901"] {
            let first = good.as_bytes()[0] - b'0';
            assert!(is_corporate_number(first, &digits(&good[1..])), "{good}");
            assert!(!is_corporate_number(first % 9 + 1, &digits(&good[1..])), "{good}");
        }
    }

    #[test]
    fn cards_and_licences_are_known_by_their_check_digits() {
        let values = |text: &str| text.bytes().map(|b| b - b'0').collect::<Vec<u8>>();
        for good in ["4111111111111111", "5555555555554444", "3530111333300000", "378282246310005", "30569309025904"] {
            assert!(is_card(&values(good)), "{good}");
        }
        assert!(!is_card(&values("4111111111111112")) && !is_card(&values("9111111111111110")));
        assert!(is_licence(&values("309012345620")) && is_licence(&values("301012345640")));
        assert!(!is_licence(&values("309012345630")));
        assert!(is_luhn(&values("33120015")));
    }

    #[test]
    fn dates_are_seen() {
        for date in ["202610160001", "202601151230", "260115123059"] {
            assert!(begins_with_date(&digits(date)), "{date}");
        }
        assert!(is_minute(&digits("202601151230")) && !is_minute(&digits("202601152430")));
        assert!(begins_with_day(&digits("202610169999")) && !begins_with_day(&digits("204505184690")));
        for other in ["123456789018", "202613160001", "260115250000"] {
            assert!(!begins_with_date(&digits(other)), "{other}");
        }
    }
}
