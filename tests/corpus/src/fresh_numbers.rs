//! The numbers of the second corpus: what a name on its pages stands for, and how it is written there.
//!
//! The first letter of a name says what the number is: `n` a My Number, `z` one that begins with 0, `b` twelve digits
//! with a wrong check digit; and things that are no My Number although their twelve digits pass its check: `x` any,
//! `s` a parcel slip, `d` a licence, `y` a date and a counter, `t` a time, `p` a telephone with 81 before it; `c` a
//! corporate number whose last twelve pass; `g` a credit card. What is drawn depends on the name of the case alone.

use super::dice::Dice;
use super::numbers::{card, corporate, grouped, licence, my_number, slip, wrong_number};

/// The numbers of one case.
pub struct Numbers {
    dice: Dice,
    drawn: Vec<(String, String)>,
}

impl Numbers {
    /// Those of the case with this name.
    pub fn of(case: &str) -> Self {
        let seed = case
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        Self { dice: Dice::new(seed), drawn: Vec::new() }
    }

    /// The digits of the number `name`.
    pub fn digits(&mut self, name: &str) -> String {
        if let Some((_, digits)) = self.drawn.iter().find(|(drawn, _)| drawn == name) {
            return digits.clone();
        }
        let digits = draw(&mut self.dice, name.chars().next().unwrap_or('n'));
        self.drawn.push((name.to_owned(), digits.clone()));
        digits
    }

    /// The text with every `‹…›` written out.
    pub fn filled(&mut self, text: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once('‹') {
            let (inside, after) = behind.split_once('›').unwrap_or((behind, ""));
            let (name, style) = inside.split_once(' ').unwrap_or((inside, ""));
            out.push_str(before);
            out.push_str(&written(&self.digits(name), style));
            rest = after;
        }
        out.push_str(rest);
        out
    }
}

fn draw(dice: &mut Dice, kind: char) -> String {
    loop {
        let digits = match kind {
            'b' => return wrong_number(dice),
            'g' => return sixteen(dice),
            's' => slip(dice),
            'd' => licence(dice),
            'y' => format!("{}{}", date(dice), dice.digits(4)),
            't' => format!("{}{:02}{:02}", date(dice), dice.below(24), dice.below(60)),
            'p' => format!("81{}0{}", dice.from(7, 9), dice.digits(8)),
            'c' => corporate(dice),
            _ => my_number(dice),
        };
        let passes = passes(&digits[digits.len() - 12..]);
        let begins = digits.starts_with('0');
        if passes && (begins == (kind == 'z')) {
            return digits;
        }
    }
}

fn sixteen(dice: &mut Dice) -> String {
    loop {
        let digits = card(dice);
        if digits.len() == 16 && passes(&digits[..12]) {
            return digits;
        }
    }
}

fn date(dice: &mut Dice) -> String {
    format!("202{}{:02}{:02}", dice.from(4, 7), dice.from(1, 12), dice.from(1, 28))
}

/// Whether the twelve digits pass the check of a My Number.
fn passes(digits: &str) -> bool {
    let weights = [6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2];
    let sum: u32 = digits.bytes().zip(weights).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    let check = if sum % 11 < 2 { 0 } else { 11 - sum % 11 };
    digits.bytes().last().is_some_and(|last| u32::from(last - b'0') == check)
}

/// The digits in a style: a letter for the characters (`f` full width, `k` kanji, `o` circled, `m` mathematical, `q`
/// quoted-printable), group lengths and what stands between the groups (`_` for a space), and a slice `2:7`; `.0` is
/// the number as a spreadsheet keeps it. All may be left out.
fn written(digits: &str, style: &str) -> String {
    if style == ".0" {
        return digits.trim_start_matches('0').to_owned();
    }
    let (style, slice) = match style.rsplit_once(' ') {
        Some((before, last)) if last.contains(':') => (before, last),
        None if style.contains(':') => ("", style),
        _ => (style, ""),
    };
    let digits = sliced(digits, slice);
    let letter = style.chars().next().filter(|c| "fkomq".contains(*c));
    let style = &style[letter.map_or(0, char::len_utf8)..];
    let lengths: Vec<usize> = style.chars().map_while(|c| c.to_digit(10)).map(|n| n as usize).collect();
    let separator = style.trim_start_matches(|c: char| c.is_ascii_digit()).replace('_', " ");
    let plain = match lengths.as_slice() {
        [] => digits.to_owned(),
        [one] => grouped(digits, &vec![*one; digits.len().div_ceil(*one)], &separator),
        many => grouped(digits, many, &separator),
    };
    plain.chars().map(|c| in_style(c, letter)).collect()
}

fn sliced<'a>(digits: &'a str, slice: &str) -> &'a str {
    let (from, to) = slice.split_once(':').unwrap_or(("", ""));
    let to = to.parse().unwrap_or(digits.len());
    digits.get(from.parse().unwrap_or(0)..to).unwrap_or(digits)
}

fn in_style(c: char, letter: Option<char>) -> String {
    let Some(digit) = c.to_digit(10) else { return c.to_string() };
    let from = |base: u32| char::from_u32(base + digit).map(String::from).unwrap_or_default();
    match letter {
        Some('f') => from(0xFF10),
        Some('m') => from(0x1D7CE),
        Some('k') => "〇一二三四五六七八九".chars().nth(digit as usize).map(String::from).unwrap_or_default(),
        Some('o') if digit == 0 => "⓪".to_owned(),
        Some('o') => from(0x245F),
        Some('q') => format!("={:02X}", 0x30 + digit),
        _ => c.to_string(),
    }
}
