//! Texts as terms, and what is sought as pieces of terms. Japanese, Chinese and Korean become overlapping bigrams;
//! everything else words. A part of a word is found by looking through the dictionary, so that whatever a text holds,
//! its terms can say so: candidates are a superset of the hits (docs/decisions, own index).

/// Longest word that is one term, characters; longer ones become overlapping pieces of this length.
const WORD: usize = 32;
/// A piece begins so many characters after the one before it.
const STEP: usize = WORD / 2;
/// Most characters of a piece of a word that are sought: so many lie within one term wherever they stand.
const SOUGHT: usize = WORD - STEP + 1;
/// Characters of one word that become terms.
const LONGEST: usize = 1_024;

/// Stands in place of a digit that is hidden. Of private use: no text for people holds it, and it is part of no term.
pub(crate) const HIDDEN: char = '\u{f8f0}';

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Gap,
    Word,
    Gram,
}

fn class(c: char) -> Class {
    if c.is_ascii() {
        return if c.is_ascii_alphanumeric() { Class::Word } else { Class::Gap };
    }
    let scripts = matches!(u32::from(c),
        0x2e80..=0x2fdf | 0x3005..=0x3007 | 0x3021..=0x3029 | 0x3031..=0x3035 | 0x303b | 0x3041..=0x309f
        | 0x30a1..=0x30fa | 0x30fc..=0x31ff | 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xa960..=0xa97f
        | 0xac00..=0xd7ff | 0xf900..=0xfaff | 0xff66..=0xff9f | 0x2_0000..=0x3_ffff);
    match scripts {
        true => Class::Gram,
        false if c.is_alphanumeric() => Class::Word,
        false => Class::Gap,
    }
}

/// Where a term stands; terms of different places are different terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Zone {
    /// A header field.
    Head,
    /// A text.
    Body,
}

/// The first byte of a term: its zone and its kind.
pub(crate) const fn space(zone: Zone, gram: bool) -> u8 {
    match (zone, gram) {
        (Zone::Head, false) => 1,
        (Zone::Head, true) => 2,
        (Zone::Body, false) => 3,
        (Zone::Body, true) => 4,
    }
}
/// The first byte of the keyed hash of digits.
pub(crate) const DIGITS: u8 = 5;

/// Runs of characters of one class, without the gaps.
fn runs(text: &str) -> impl Iterator<Item = (Class, usize, &str)> {
    let mut chars = text.char_indices().peekable();
    std::iter::from_fn(move || {
        loop {
            let (start, first) = chars.next()?;
            let kind = class(first);
            let mut end = start + first.len_utf8();
            while let Some((at, c)) = chars.next_if(|(_, c)| class(*c) == kind) {
                end = at + c.len_utf8();
            }
            if kind != Class::Gap {
                return Some((kind, start, text.get(start..end).unwrap_or_default()));
            }
        }
    })
}

/// Gives the terms of a folded text, some of them several times; whether it holds a word so long that not all of it is
/// in terms.
pub(crate) fn terms(text: &str, zone: Zone, give: &mut impl FnMut(&[u8])) -> bool {
    let (mut too_long, mut term) = (false, Vec::new());
    let mut put = |gram: bool, text: &str| {
        term.clear();
        term.push(space(zone, gram));
        term.extend_from_slice(text.as_bytes());
        give(&term);
    };
    for (kind, _, run) in runs(text) {
        match kind {
            Class::Gram => {
                for (at, c) in run.char_indices() {
                    let next = run.get(at + c.len_utf8()..).and_then(|rest| rest.chars().next());
                    // the last one of a run stands alone, so that every character begins a term
                    put(true, run.get(at..at + c.len_utf8() + next.map_or(0, char::len_utf8)).unwrap_or_default());
                }
            }
            // what has so few bytes has no more characters
            _ if run.len() <= WORD => put(false, run),
            _ => too_long |= long_word(run, &mut |piece| put(false, piece)),
        }
    }
    too_long
}

fn long_word(word: &str, put: &mut impl FnMut(&str)) -> bool {
    let starts: Vec<usize> = word.char_indices().map(|(at, _)| at).chain([word.len()]).collect();
    let length = starts.len() - 1;
    let mut from = 0;
    loop {
        let until = (from + WORD).min(length);
        if let (Some(start), Some(end)) = (starts.get(from), starts.get(until)) {
            put(word.get(*start..*end).unwrap_or_default());
        }
        if until == length {
            return false;
        }
        if until >= LONGEST {
            return true;
        }
        from += STEP;
    }
}

/// How a sought piece lies in a term.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fit {
    /// It is the term.
    Whole,
    /// The term begins with it.
    Start,
    /// The term ends with it.
    End,
    /// It is somewhere in the term.
    Within,
}

/// A part of what is sought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    /// A part of a word.
    Word(String, Fit),
    /// A term of a run of Japanese: two characters.
    Gram(String),
    /// Terms that begin with this one character.
    Begins(String),
}

/// What is sought, as pieces that a text with it has all of.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Pieces {
    /// The pieces.
    pub(crate) all: Vec<Piece>,
    /// Whether a text that has the piece holds what is sought, without looking.
    pub(crate) exact: bool,
}

/// The pieces of a folded text that is sought.
pub(crate) fn pieces(sought: &str) -> Pieces {
    let mut all = Vec::new();
    let mut cut = false;
    for (kind, start, run) in runs(sought) {
        let (first, last) = (start == 0, start + run.len() == sought.len());
        match kind {
            Class::Gram => {
                let chars: Vec<char> = run.chars().collect();
                match chars.as_slice() {
                    [only] => all.push(Piece::Begins(only.to_string())),
                    several => all.extend(several.windows(2).map(|pair| Piece::Gram(pair.iter().collect()))),
                }
            }
            _ => {
                let short: String = run.chars().take(SOUGHT).collect();
                cut |= short.len() < run.len();
                let fit = match (first, last) {
                    _ if short.len() < run.len() => Fit::Within,
                    (true, true) => Fit::Within,
                    (true, false) => Fit::End,
                    (false, true) => Fit::Start,
                    (false, false) => Fit::Whole,
                };
                all.push(Piece::Word(short, fit));
            }
        }
    }
    let covered = runs(sought).map(|(_, _, run)| run.len()).sum::<usize>() == sought.len();
    Pieces { exact: all.len() == 1 && covered && !cut, all }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(text: &str) -> Vec<String> {
        let mut out = Vec::new();
        terms(text, Zone::Body, &mut |term| out.push(String::from_utf8_lossy(&term[1..]).into_owned()));
        out
    }

    #[test]
    fn japanese_becomes_bigrams_and_the_rest_words() {
        assert_eq!(listed("お見積り(a-1社)"), ["お見", "見積", "積り", "り", "a", "1", "社"]);
        assert_eq!(listed("user020@aoba.example"), ["user020", "aoba", "example"]);
        assert_eq!(listed("…—  "), Vec::<String>::new());
    }

    #[test]
    fn a_long_word_becomes_overlapping_pieces() {
        let word: String = ('a'..='z').cycle().take(60).collect();
        let listed = listed(&word);
        assert_eq!(listed.len(), 3);
        for start in 0..=60 - SOUGHT {
            let part = &word[start..start + SOUGHT];
            assert!(listed.iter().any(|term| term.contains(part)), "{part}");
        }
        assert!(terms(&"x".repeat(2_000), Zone::Body, &mut |_| {}));
        assert!(!terms(&"x".repeat(1_000), Zone::Body, &mut |_| {}));
    }

    #[test]
    fn what_is_sought_has_pieces_that_say_how_they_lie() {
        let word = |text: &str, fit| Piece::Word(text.into(), fit);
        assert_eq!(pieces("eetin"), Pieces { all: vec![word("eetin", Fit::Within)], exact: true });
        assert_eq!(
            pieces("a b c").all,
            [word("a", Fit::End), word("b", Fit::Whole), word("c", Fit::Start)],
            "the ends may be parts of words"
        );
        assert_eq!(pieces("会議"), Pieces { all: vec![Piece::Gram("会議".into())], exact: true });
        assert_eq!(pieces("会"), Pieces { all: vec![Piece::Begins("会".into())], exact: true });
        assert!(!pieces("見積り").exact && !pieces("a社").exact && !pieces(" 会議").exact);
        assert_eq!(pieces("--"), Pieces::default());
        assert!(!pieces(&"x".repeat(30)).exact);
    }
}
