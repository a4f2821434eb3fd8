//! The number formats of spreadsheets that show a number with zeros in front or in groups, as `000000000000` and
//! `0000-0000-0000` (ECMA-376 part 1, 18.8.31). All others leave a number as it is.

/// A format that pads with zeros.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Picture(Vec<Piece>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    /// A digit, a zero where there is none.
    Zero,
    /// A digit, nothing where there is none.
    Digit,
    Literal(char),
}

/// Pieces of a format at most.
const PIECES: usize = 64;

impl Picture {
    /// Reads a format; none for what is not of this kind.
    pub fn read(format: &str) -> Option<Self> {
        let mut pieces = Vec::new();
        let mut chars = format.chars();
        while let Some(c) = chars.next() {
            match c {
                ';' => break,
                '0' => pieces.push(Piece::Zero),
                '#' => pieces.push(Piece::Digit),
                '"' => pieces.extend(chars.by_ref().take_while(|&c| c != '"').map(Piece::Literal)),
                '\\' | '!' => pieces.extend(chars.next().map(Piece::Literal)),
                '[' => drop(chars.by_ref().find(|&c| c == ']')),
                '_' | '*' => drop(chars.next()),
                '-' | ' ' | '(' | ')' | '/' | ':' | '+' => pieces.push(Piece::Literal(c)),
                c if c.is_ascii() => return None,
                c => pieces.push(Piece::Literal(c)),
            }
        }
        let zeros = pieces.iter().filter(|piece| **piece == Piece::Zero).count();
        (zeros >= 2 && pieces.len() <= PIECES).then_some(Self(pieces))
    }

    /// The digits as the format shows them. Digits for which it has no place stand before its first one.
    pub fn show(&self, digits: &str) -> String {
        let places = self.0.iter().filter(|piece| !matches!(piece, Piece::Literal(_))).count();
        let missing = places.saturating_sub(digits.len());
        let (surplus, digits) = digits.split_at(digits.len().saturating_sub(places));
        let mut digits = digits.chars();
        let (mut out, mut place, mut begun) = (String::new(), 0, false);
        for piece in &self.0 {
            if let Piece::Literal(c) = piece {
                out.push(*c);
                continue;
            }
            if place == 0 {
                out.push_str(surplus);
            }
            begun |= *piece == Piece::Zero;
            match place < missing {
                true if begun => out.push('0'),
                true => {}
                false => out.extend(digits.next()),
            }
            place += 1;
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_shown_as_people_see_them() {
        for (format, digits, want) in [
            ("000000000000", "23456789013", "023456789013"),
            ("0000-0000-0000", "23456789013", "0234-5678-9013"),
            ("0000\\-0000\\-0000;[Red]-0", "123456789018", "1234-5678-9018"),
            ("0000\" \"0000\" \"0000", "345678901", "0003 4567 8901"),
            ("[<=999]000;0000", "5", "005"),
            ("00-00", "12345", "123-45"),
            ("#00", "5", "05"),
        ] {
            assert_eq!(Picture::read(format).unwrap().show(digits), want, "{format}");
        }
    }

    #[test]
    fn other_formats_are_none() {
        for format in ["General", "0", "#,##0", "0.00", "0%", "yyyy/mm/dd", "0.00E+00", "@", "", "####-####-####"] {
            assert_eq!(Picture::read(format), None, "{format}");
        }
    }
}
