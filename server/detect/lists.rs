//! What a whole column or list says: numbers that all pass the check are no chance, and where most fail, those
//! that pass are.

use std::collections::HashMap;

use crate::check;
use crate::context::Opinion;
use crate::grid::Grid;
use crate::labels::{Kind, Label};
use crate::shapes::{Candidate, Shape};

/// So many numbers that all pass speak for themselves: by chance it is one case in 10^3.
const LEAST: usize = 3;
/// From so many on, a share of passes speaks against the list.
const MANY: usize = 10;
/// From so many on it does so where no label speaks.
const SOME: usize = 4;

/// What the list says of its members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// My Numbers.
    Numbers,
    /// Other numbers, of which some pass by chance.
    Chance,
    /// Too few to tell, but not all of them are My Numbers.
    Mixed,
    /// Nothing.
    Silent,
}

/// Columns that are told apart; those farther right are one list.
const COLUMNS: usize = 1_000;
/// All lists: those of running text, by shape, and the columns.
const LISTS: usize = COLUMNS + 2;

/// Members of one list have the same key: the column of a table, or the shape in running text.
fn key(grid: &Grid, candidate: &Candidate) -> usize {
    match grid.cell(candidate.start) {
        Some(column) => 2 + column.min(COLUMNS - 1),
        None => usize::from(candidate.shape == Shape::Fours),
    }
}

/// The verdict on each candidate by its list; no opinions where nothing has any.
pub(crate) fn verdicts(grid: &Grid, candidates: &[Candidate], opinions: &[Opinion]) -> Vec<Verdict> {
    let mut counts: Vec<(usize, usize)> = vec![(0, 0); LISTS];
    for (candidate, at) in candidates.iter().zip(0..) {
        let opinion = opinions.get(at).copied().unwrap_or(Opinion::Nothing);
        let neighbour = matches!(opinion, Opinion::Negative | Opinion::Address(_));
        let date = candidate.passes && check::begins_with_date(&candidate.digits);
        let usual = matches!(candidate.shape, Shape::Run | Shape::Fours) && !candidate.doubtful;
        if let Some((all, passing)) = counts.get_mut(key(grid, candidate)).filter(|_| usual && !neighbour && !date) {
            *all += 1;
            *passing += usize::from(candidate.passes);
        }
    }
    let verdict = |candidate: &Candidate| match counts.get(key(grid, candidate)) {
        Some(&(all, passing)) if all >= MANY && passing * 10 <= all * 3 => Verdict::Chance,
        Some(&(all, passing)) if passing >= LEAST && passing * 10 >= all * 9 => Verdict::Numbers,
        Some(&(all, passing)) if all >= SOME && passing * 2 <= all => Verdict::Mixed,
        _ => Verdict::Silent,
    };
    candidates.iter().map(verdict).collect()
}

/// The label that heads each candidate's column: the last one above it in the same table whose cell holds no
/// number. None at all where no label could.
pub(crate) fn headings(text: &str, grid: &Grid, labels: &[Label], candidates: &[Candidate]) -> Vec<Option<Kind>> {
    if !labels.iter().any(|label| label.kind.decides()) {
        return Vec::new();
    }
    let mut out = vec![None; candidates.len()];
    let mut current: HashMap<usize, Kind> = HashMap::new();
    let (mut label, mut next) = (0, 0);
    for line in 0..grid.line_count() {
        let (start, end) = grid.line_range(line);
        let row = grid.is_row(line);
        if !row && !text.get(start..end).unwrap_or_default().trim().is_empty() {
            current.clear();
        }
        while let Some(candidate) = candidates.get(next).filter(|candidate| candidate.start < end) {
            if let Some(place) = out.get_mut(next) {
                *place = current.get(&grid.column(candidate.start)).copied();
            }
            next += 1;
        }
        while let Some(found) = labels.get(label).filter(|label| label.start < end) {
            if row && found.kind.decides() {
                let (cell, cell_end) = grid.cell_range(found.start);
                let cell = text.get(cell..cell_end).unwrap_or_default();
                if cell.bytes().filter(u8::is_ascii_digit).count() < 10 {
                    current.insert(grid.column(found.start), found.kind);
                }
            }
            label += 1;
        }
    }
    out
}
