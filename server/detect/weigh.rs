//! The level of each candidate, out of its check digit, its labels, its list and its writing.

use std::ops::Range;

use crate::check;
use crate::context::{Context, Opinion, Surroundings};
use crate::grid::Grid;
use crate::labels::Labels;
use crate::lists::{self, Verdict};
use crate::shapes::{Candidate, Shape};
use crate::{Level, Reason, Secret};

/// Up to so many characters before twelve digits a label makes even a wrong check digit worth a word.
const BESIDE: usize = 30;
/// Up to so many characters before twelve digits that begin with a day a label names them: times stand near labels too.
const BESIDE_DATE: usize = 4;
/// Labels are looked for up to so many bytes before a number, and half as many behind it.
const REACH: usize = 1_300;

/// A number in one text.
pub(crate) struct Hit {
    pub level: Level,
    pub position: String,
    pub value: Secret,
    pub reasons: Vec<Reason>,
}

/// The numbers of a text, in order.
pub(crate) fn hits(text: &str, candidates: Vec<Candidate>, labels: &Labels, around: &Surroundings) -> Vec<Hit> {
    weighed(text, &candidates, labels, around).into_iter().map(|(_, hit)| hit).collect()
}

/// The numbers of a text with their candidates.
pub(crate) fn weighed<'a>(
    text: &str,
    candidates: &'a [Candidate],
    labels: &Labels,
    around: &Surroundings,
) -> Vec<(&'a Candidate, Hit)> {
    let grid = Grid::new(text);
    let found = labels.find(text, &near(text, &grid, candidates));
    let headings = lists::headings(text, &grid, &found, candidates);
    let context = Context::new(text, &grid, &found);
    // most lists of numbers stand among no words at all: there nothing is to be kept for each of them
    let mut opinions = Vec::new();
    if !context.is_silent() {
        opinions.reserve_exact(candidates.len());
        let heading = |at: usize| headings.get(at).copied().flatten();
        opinions.extend(candidates.iter().zip(0..).map(|(candidate, at)| context.opinion(candidate, heading(at))));
    }
    if !found.is_empty() {
        hand_down(&grid, candidates, &mut opinions);
        hand_up(&grid, candidates, &mut opinions);
    }
    let verdicts = lists::verdicts(&grid, candidates, &opinions);
    let mut out = Vec::new();
    for ((candidate, verdict), at) in candidates.iter().zip(verdicts).zip(0..) {
        let opinion = opinions.get(at).copied().unwrap_or(Opinion::Nothing);
        let weighed = if candidate.passes {
            passing(candidate, opinion, verdict, &context, around)
        } else {
            failing(candidate, opinion, verdict)
        };
        if let Some((level, mut reasons)) = weighed {
            if check::is_test_number(&candidate.digits) {
                reasons.push(Reason::TestNumber);
            }
            let position = grid.position(candidate.start);
            out.push((candidate, Hit { level, position, value: Secret::new(&candidate.digits), reasons }));
        }
    }
    out
}

/// Where labels may speak for a candidate: around each, in a text with rows everywhere, since headings stand far away.
fn near(text: &str, grid: &Grid, candidates: &[Candidate]) -> Vec<Range<usize>> {
    if grid.has_rows() {
        let whole = 0..text.len();
        return vec![whole];
    }
    let mut out: Vec<Range<usize>> = Vec::new();
    for candidate in candidates {
        let start = text.floor_char_boundary(candidate.start.saturating_sub(REACH));
        let end = text.ceil_char_boundary((candidate.end + REACH / 2).min(text.len()));
        match out.last_mut().filter(|last| start <= last.end) {
            Some(last) => last.end = end.max(last.end),
            None => out.push(start..end),
        }
    }
    out
}

/// In running text a label speaks for the whole list that follows it, line by line.
fn hand_down(grid: &Grid, candidates: &[Candidate], opinions: &mut [Opinion]) {
    let mut last: Option<(usize, Shape, Opinion)> = None;
    for (candidate, opinion) in candidates.iter().zip(opinions) {
        let line = grid.line(candidate.start);
        if let Some((above, shape, known)) = last
            && line - above <= 2
            && shape == candidate.shape
            && matches!(opinion, Opinion::Nothing | Opinion::Far)
            && !grid.is_row(line)
        {
            *opinion = match known {
                Opinion::Strong(..) => Opinion::Strong(Reason::ListLabel, 0),
                Opinion::Negative => Opinion::Negative,
                _ => *opinion,
            };
        }
        let other = last.is_some_and(|(_, shape, _)| shape != candidate.shape);
        if !(other && matches!(opinion, Opinion::Nothing)) {
            last = Some((line, candidate.shape, *opinion));
        }
    }
}

/// A label below a list ("以上が家族のマイナンバーです") speaks for all of it.
fn hand_up(grid: &Grid, candidates: &[Candidate], opinions: &mut [Opinion]) {
    let mut last: Option<(usize, Shape)> = None;
    for (candidate, opinion) in candidates.iter().zip(opinions).rev() {
        let line = grid.line(candidate.start);
        let goes_on = last.is_some_and(|(below, shape)| below - line <= 2 && shape == candidate.shape);
        if goes_on && matches!(opinion, Opinion::Nothing | Opinion::Far) && !grid.is_row(line) {
            *opinion = Opinion::Strong(Reason::LabelBelow, 0);
        }
        last = matches!(opinion, Opinion::Strong(Reason::LabelBelow, _)).then_some((line, candidate.shape));
    }
}

fn passing(
    candidate: &Candidate,
    opinion: Opinion,
    list: Verdict,
    context: &Context,
    around: &Surroundings,
) -> Option<(Level, Vec<Reason>)> {
    let padded = candidate.shape == Shape::Padded;
    let run = candidate.shape == Shape::Run;
    let (dated, timed) = (run && check::begins_with_day(&candidate.digits), run && check::is_minute(&candidate.digits));
    let with = |level, reason| {
        let extra = [
            (padded, Reason::ZeroPadded),
            (candidate.unusual && reason != Reason::UnusualWriting, Reason::UnusualWriting),
        ];
        let mut reasons = vec![Reason::CheckDigit, reason];
        reasons.extend(extra.into_iter().filter(|(holds, _)| *holds).map(|(_, reason)| reason));
        Some((level, reasons))
    };
    match opinion {
        Opinion::Negative | Opinion::Address(false) => None,
        Opinion::Address(true) => with(Level::Likely, Reason::InAddress),
        Opinion::Strong(Reason::ColumnHeading | Reason::ListLabel, _) if list == Verdict::Chance => None,
        Opinion::Strong(Reason::Label, distance) if timed && distance > BESIDE_DATE => {
            with(Level::Possible, Reason::FarLabel)
        }
        Opinion::Strong(reason, _) => with(Level::Certain, reason),
        Opinion::Far | Opinion::Nothing if padded && list == Verdict::Numbers => with(Level::Likely, Reason::Column),
        Opinion::Nothing | Opinion::Far if list == Verdict::Chance || padded => None,
        // any grouping, where the file or the subject says what it is
        Opinion::Nothing if around.name.strong && candidate.doubtful => with(Level::Certain, Reason::FileName),
        Opinion::Nothing if around.subject.strong && candidate.doubtful => with(Level::Certain, Reason::Subject),
        Opinion::Far | Opinion::Nothing if candidate.doubtful => None,
        Opinion::Nothing if list == Verdict::Mixed => None,
        Opinion::Nothing | Opinion::Far if dated && (around.name.strong || around.subject.strong) => {
            with(Level::Possible, Reason::FarLabel)
        }
        Opinion::Nothing if around.name.strong => with(Level::Certain, Reason::FileName),
        Opinion::Nothing | Opinion::Far if around.subject.strong => with(Level::Certain, Reason::Subject),
        Opinion::Far => with(Level::Likely, Reason::FarLabel),
        Opinion::Nothing => unlabelled(candidate, list, context, around).and_then(|(level, reason)| match reason {
            Some(reason) => with(level, reason),
            None => Some((level, vec![Reason::CheckDigit])),
        }),
    }
}

/// The level of a number that no label names.
fn unlabelled(
    candidate: &Candidate,
    list: Verdict,
    context: &Context,
    around: &Surroundings,
) -> Option<(Level, Option<Reason>)> {
    let date = check::begins_with_date(&candidate.digits);
    if context.is_personal(candidate) || around.name.weak || around.subject.weak {
        let dated = check::begins_with_day(&candidate.digits);
        return Some((if dated { Level::Possible } else { Level::Likely }, Some(Reason::Context)));
    }
    if candidate.unusual {
        return Some((Level::Likely, Some(Reason::UnusualWriting)));
    }
    if around.name.negative || around.subject.negative {
        return None;
    }
    match list {
        Verdict::Numbers => Some((Level::Likely, Some(Reason::Column))),
        _ if date => None,
        _ => Some((Level::Possible, None)),
    }
}

/// Twelve digits right behind a label with a wrong check digit: somebody's slip, worth a word to the reader.
fn failing(candidate: &Candidate, opinion: Opinion, list: Verdict) -> Option<(Level, Vec<Reason>)> {
    let zeros = candidate.digits.iter().all(|&digit| digit == 0);
    let beside = matches!(opinion, Opinion::Strong(_, distance) if distance <= BESIDE);
    let usual = matches!(candidate.shape, Shape::Run | Shape::Fours) && !candidate.doubtful;
    (beside && usual && !zeros && list != Verdict::Chance).then(|| (Level::Possible, vec![Reason::WrongCheckDigit]))
}
