//! Lines out of glyphs: which stand on one baseline, where words and cells end, and which digits in boxes are one
//! number. It knows places and sizes only, not how they were written.

use std::collections::BTreeMap;

use unicode_normalization::UnicodeNormalization;

use super::content::Glyph;
use super::rows::{self, Cell, Row};

/// Baselines that are nearer than this are one, in sizes of the smaller glyph.
const BASELINE: f64 = 0.45;
/// A gap from which on words are apart, in sizes.
const WORD: f64 = 0.2;
/// A gap from which on cells are apart, in sizes; a wider one where a blank was written.
const CELL_GAP: f64 = 1.5;
const CELL_GAP_BLANK: f64 = 2.2;
/// Characters below each other that are nearer than this, in sizes, are a line that runs down.
const STACK: f64 = 1.7;
/// The same character so near, in sizes, is the same one printed twice to look bold.
const TWICE: f64 = 0.12;
/// Boxes for digits are not wider than this, in sizes.
const BOX: f64 = 3.0;
/// How far the widths of boxes in a row may differ.
const UNEVEN: f64 = 0.12;
/// Groups of boxes that are nearer than this, in boxes, are one number.
const GROUP: f64 = 2.6;
/// So many digits in boxes are a number.
const DIGITS: usize = 3;

/// A glyph in the plane of its line: `u` runs along it, `v` across.
struct Piece {
    from: f64,
    to: f64,
    across: f64,
    size: f64,
    text: String,
}

/// A run of glyphs without a gap.
struct Word {
    from: f64,
    to: f64,
    size: f64,
    text: String,
    /// Whether a blank stands before it.
    after_blank: bool,
    /// The distance of the digits, where it was put together from digits in boxes.
    pitch: Option<f64>,
}

impl Word {
    fn middle(&self) -> f64 {
        f64::midpoint(self.from, self.to)
    }

    fn is_digit(&self) -> bool {
        let mut chars = self.text.chars();
        chars.next().is_some_and(char::is_numeric) && chars.next().is_none()
    }
}

/// The lines of a page, and, when glyphs lie over each other, the same glyphs once more in the order in which they
/// were written.
pub(super) struct Lines {
    pub text: String,
    pub as_written: Option<String>,
}

/// Reads the lines of glyphs.
pub(super) fn read(glyphs: &[Glyph]) -> Lines {
    let mut ways: BTreeMap<i32, Vec<Piece>> = BTreeMap::new();
    for glyph in glyphs {
        // lines that run in other directions, as on turned pages, are read on their own
        let degrees = glyph.way.1.atan2(glyph.way.0).to_degrees().round() as i32;
        ways.entry(degrees.rem_euclid(360)).or_default().push(piece(glyph));
    }
    let mut text = String::new();
    let mut covered = false;
    for pieces in ways.into_values() {
        let lines = stacked(baselines(pieces));
        let rows: Vec<Row> = lines.into_iter().map(|line| row(line, &mut covered)).collect();
        text.push_str(&rows::text(&rows));
    }
    Lines { text, as_written: covered.then(|| as_written(glyphs)) }
}

fn piece(glyph: &Glyph) -> Piece {
    let (cos, sin) = glyph.way;
    let along = |(x, y): (f64, f64)| x * cos + y * sin;
    let across = -glyph.from.0 * sin + glyph.from.1 * cos;
    let (from, to) = (along(glyph.from), along(glyph.to));
    let size = glyph.size.max(0.01);
    Piece { from: from.min(to), to: from.max(to), across, size, text: readable(&glyph.text) }
}

/// The text of a glyph with radicals as the characters that they look like: browsers write `⼈` for `人`.
fn readable(text: &str) -> String {
    let radical = |c: char| matches!(c, '\u{2e80}'..='\u{2fdf}' | '\u{f900}'..='\u{faff}');
    if !text.contains(radical) {
        return text.replace(|c: char| c.is_control() || c == '\u{a0}', " ");
    }
    text.nfkc().map(|c| RADICALS.iter().find(|(from, _)| *from == c).map_or(c, |(_, to)| *to)).collect()
}

/// Radicals that Unicode does not normalise, of characters that are words of forms.
const RADICALS: &[(char, char)] =
    &[('⻑', '長'), ('⻘', '青'), ('⻄', '西'), ('⻭', '歯'), ('⻩', '黄'), ('⻲', '亀'), ('⺟', '母')];

/// The lines from the top, each sorted along.
fn baselines(mut pieces: Vec<Piece>) -> Vec<Vec<Piece>> {
    pieces.sort_by(|one, other| other.across.total_cmp(&one.across));
    let mut lines: Vec<Vec<Piece>> = Vec::new();
    for piece in pieces {
        match lines.last_mut().filter(|line| line.first().is_some_and(|first| on_line(first, &piece))) {
            Some(line) => line.push(piece),
            None => lines.push(vec![piece]),
        }
    }
    for line in &mut lines {
        line.sort_by(|one, other| one.from.total_cmp(&other.from));
    }
    lines
}

/// Characters that stand alone below each other, as browsers write lines that run down, are one line.
fn stacked(lines: Vec<Vec<Piece>>) -> Vec<Vec<Piece>> {
    let mut out: Vec<Vec<Piece>> = Vec::with_capacity(lines.len());
    let mut above: Option<(f64, f64)> = None;
    for mut line in lines {
        let alone = match line.as_mut_slice() {
            [piece] if !piece.text.trim().is_empty() => piece,
            _ => {
                above = None;
                out.push(line);
                continue;
            }
        };
        let place = (alone.from, alone.across);
        let below = above.is_some_and(|(from, across)| {
            (from - place.0).abs() < BASELINE * alone.size && across - place.1 < STACK * alone.size
        });
        above = Some(place);
        match out.last_mut().filter(|_| below) {
            Some(last) => {
                let end = last.last().map_or(alone.from, |piece| piece.to);
                (alone.from, alone.to) = (end, end + alone.size);
                last.append(&mut line);
            }
            None => out.push(line),
        }
    }
    out
}

fn on_line(first: &Piece, piece: &Piece) -> bool {
    (first.across - piece.across).abs() <= BASELINE * first.size.min(piece.size)
}

fn row(line: Vec<Piece>, covered: &mut bool) -> Row {
    let words = boxed(words(line, covered));
    let mut cells: Vec<Cell> = Vec::new();
    let mut before: Option<&Word> = None;
    for word in &words {
        match (before.map(|before| parting(before, word)), cells.last_mut()) {
            (Some(Parting::Word), Some(cell)) => {
                cell.text.push(' ');
                cell.text.push_str(&word.text);
                cell.to = word.to;
            }
            _ => cells.push(Cell { from: word.from, to: word.to, text: word.text.clone() }),
        }
        before = Some(word);
    }
    Row(cells)
}

/// What stands between two words of a line.
#[derive(PartialEq)]
enum Parting {
    Word,
    Cell,
}

fn parting(before: &Word, word: &Word) -> Parting {
    let gap = word.from - before.to;
    let size = before.size.max(word.size);
    let wide = match (before.pitch, word.pitch) {
        // groups of four boxes of one number
        (Some(one), Some(other)) if (one - other).abs() <= UNEVEN * one => gap + before.size > GROUP * one,
        _ if word.after_blank => gap > CELL_GAP_BLANK * size,
        _ => gap > CELL_GAP * size,
    };
    if wide { Parting::Cell } else { Parting::Word }
}

/// Cuts a line into words.
fn words(line: Vec<Piece>, covered: &mut bool) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut blank = false;
    for piece in line {
        if piece.text.trim().is_empty() {
            blank = true;
            continue;
        }
        let last = words.last_mut().filter(|_| !blank);
        match last {
            Some(word) if piece.from - word.to < WORD * word.size.max(piece.size) => {
                if again(word, &piece) {
                    continue;
                }
                *covered |= word.to - piece.from > 0.5 * (piece.to - piece.from);
                word.text.push_str(&piece.text);
                word.to = word.to.max(piece.to);
                word.size = word.size.max(piece.size);
            }
            _ => words.push(Word {
                from: piece.from,
                to: piece.to,
                size: piece.size,
                text: piece.text,
                after_blank: blank,
                pitch: None,
            }),
        }
        blank = false;
    }
    words
}

/// Whether the piece is the last character of the word printed once more.
fn again(word: &Word, piece: &Piece) -> bool {
    let width = piece.to - piece.from;
    word.text.ends_with(&piece.text)
        && width > 0.0
        && (word.to - piece.to).abs() < (TWICE * piece.size).min(width / 2.0)
}

/// Puts digits in boxes together: words of one digit at even distances.
fn boxed(words: Vec<Word>) -> Vec<Word> {
    let mut out: Vec<Word> = Vec::with_capacity(words.len());
    let mut words = words.into_iter().peekable();
    while let Some(mut word) = words.next() {
        if word.is_digit() {
            let run = even_run(&word, &mut words);
            join(&mut word, run, &mut out);
        } else {
            out.push(word);
        }
    }
    out
}

/// The words after `first` that are one digit each at the distance of the first two.
fn even_run(first: &Word, words: &mut std::iter::Peekable<std::vec::IntoIter<Word>>) -> Vec<Word> {
    let mut run: Vec<Word> = Vec::new();
    let mut pitch: Option<f64> = None;
    let mut at = first.middle();
    while let Some(next) = words.next_if(|next| {
        let step = next.middle() - at;
        let even = pitch.is_none_or(|pitch| (step - pitch).abs() <= UNEVEN * pitch);
        next.is_digit() && !next.after_blank && step <= BOX * first.size.max(next.size) && even
    }) {
        pitch.get_or_insert(next.middle() - at);
        at = next.middle();
        run.push(next);
    }
    run
}

fn join(first: &mut Word, run: Vec<Word>, out: &mut Vec<Word>) {
    let blank = Word { text: String::new(), pitch: None, ..*first };
    let mut word = std::mem::replace(first, blank);
    if run.len() + 1 < DIGITS {
        out.push(word);
        out.extend(run);
        return;
    }
    word.pitch = run.first().map(|second| second.middle() - word.middle());
    for digit in run {
        word.text.push_str(&digit.text);
        word.to = digit.to;
    }
    out.push(word);
}

/// The glyphs in the order in which they were written: a new line where the baseline changes or the way goes back.
fn as_written(glyphs: &[Glyph]) -> String {
    let mut out = String::new();
    let mut before: Option<Piece> = None;
    for glyph in glyphs {
        let piece = piece(glyph);
        if let Some(before) = before.take() {
            let gap = piece.from - before.to;
            match () {
                () if !on_line(&before, &piece) || gap < -piece.size => out.push('\n'),
                () if gap > WORD * piece.size => out.push(' '),
                () => {}
            }
        }
        out.push_str(&piece.text);
        before = Some(piece);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CELL;

    /// Glyphs of a text that begins at `x`, each `step` after the one before.
    fn put(text: &str, x: f64, y: f64, step: f64) -> Vec<Glyph> {
        let width = |c: char| if c.is_ascii() { 5.0 } else { 10.0 };
        let mut at = x;
        let mut out = Vec::new();
        for c in text.chars() {
            let step = if step == 0.0 { width(c) } else { step };
            out.push(Glyph { text: c.into(), from: (at, y), to: (at + width(c), y), size: 10.0, way: (1.0, 0.0) });
            at += step;
        }
        out
    }

    fn text(glyphs: &[Vec<Glyph>]) -> String {
        read(&glyphs.concat()).text.trim_end().replace(CELL, "|")
    }

    #[test]
    fn words_and_cells_end_at_gaps() {
        let line = [put("個人番号", 50.0, 700.0, 0.0), put("1234", 93.0, 701.0, 0.0), put("5678", 140.0, 700.0, 0.0)];
        assert_eq!(text(&line), "個人番号 1234|5678");
        assert_eq!(text(&[put("a b", 50.0, 700.0, 0.0), put("c", 50.0, 712.0, 0.0)]), "c\na b");
    }

    #[test]
    fn twelve_digits_in_boxes_are_one_number() {
        for step in [9.0, 14.0, 28.0] {
            assert_eq!(text(&[put("123456789018", 50.0, 700.0, step)]), "123456789018", "{step}");
        }
        let groups: Vec<Vec<Glyph>> = ["1234", "5678", "9018"]
            .iter()
            .zip([50.0, 116.0, 182.0])
            .map(|(group, x)| put(group, x, 700.0, 14.0))
            .collect();
        assert_eq!(text(&groups), "1234 5678 9018");
        // far apart they are cells of a table
        assert_eq!(text(&[put("1234", 50.0, 700.0, 60.0)]), "1|2|3|4");
    }

    #[test]
    fn characters_below_each_other_are_a_line() {
        let down: Vec<Vec<Glyph>> = "個人番号1234"
            .chars()
            .zip(0..)
            .map(|(c, at)| put(&c.to_string(), 50.0, 700.0 - 12.0 * f64::from(at), 0.0))
            .collect();
        assert_eq!(text(&down), "個人番号1234");
        let far: Vec<Vec<Glyph>> = [put("1", 50.0, 700.0, 0.0), put("2", 50.0, 660.0, 0.0)].to_vec();
        assert_eq!(text(&far), "1\n2");
    }

    #[test]
    fn bold_by_printing_twice_is_read_once() {
        let twice: Vec<Vec<Glyph>> = [put("11番", 50.0, 700.0, 0.0), put("11番", 50.4, 700.0, 0.0)].to_vec();
        assert_eq!(text(&twice), "11番");
    }

    #[test]
    fn texts_over_each_other_are_read_as_they_were_written_too() {
        let both = [put("123456789018", 50.0, 700.0, 0.0), put("abcdefghijkl", 51.0, 700.0, 0.0)].concat();
        assert!(read(&both).as_written.is_some_and(|text| text.contains("123456789018")));
        assert!(read(&put("123456789018", 50.0, 700.0, 0.0)).as_written.is_none());
    }

    #[test]
    fn turned_lines_are_lines() {
        let mut glyphs = put("1234", 50.0, 700.0, 0.0);
        for glyph in &mut glyphs {
            let turn = |(x, y): (f64, f64)| (y, -x);
            (glyph.from, glyph.to, glyph.way) = (turn(glyph.from), turn(glyph.to), (0.0, -1.0));
        }
        assert_eq!(text(&[glyphs]), "1234");
    }

    #[test]
    fn radicals_are_the_characters_that_they_look_like() {
        assert_eq!(readable("個⼈番号"), "個人番号");
    }
}
