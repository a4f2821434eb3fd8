//! Which lines of a text are new, gone or the same: the longest common subsequence of lines, within bounds.

/// A line of the comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Line {
    Same(String),
    Gone(String),
    New(String),
}

/// Beyond so many pairs of differing lines all old ones are shown as gone and all new ones as new.
const PAIRS: usize = 4_000_000;

/// Compares two texts line by line.
pub(crate) fn diff(old: &str, new: &str) -> Vec<Line> {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let before = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let left = old.len().min(new.len()) - before;
    let after = old.iter().rev().zip(new.iter().rev()).take(left).take_while(|(a, b)| a == b).count();
    let middle = |all: &[&str]| {
        all.get(before..all.len() - after)
            .map(<[&str]>::to_vec)
            .unwrap_or_default()
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<String>>()
    };
    let same = |lines: &[&str]| lines.iter().map(|line| Line::Same((*line).to_owned())).collect::<Vec<_>>();
    let mut all = same(old.get(..before).unwrap_or_default());
    all.extend(changed(&middle(&old), &middle(&new)));
    all.extend(same(old.get(old.len() - after..).unwrap_or_default()));
    all
}

fn changed(old: &[String], new: &[String]) -> Vec<Line> {
    let mut all = Vec::new();
    let (mut from, mut to) = (0, 0);
    if old.len().saturating_mul(new.len()) <= PAIRS {
        let longest = lengths(old, new);
        let at = |from: usize, to: usize| longest.get(from).and_then(|row| row.get(to)).copied().unwrap_or(0);
        while let (Some(gone), Some(came)) = (old.get(from), new.get(to)) {
            if gone == came {
                all.push(Line::Same(gone.clone()));
                (from, to) = (from + 1, to + 1);
            } else if at(from + 1, to) >= at(from, to + 1) {
                all.push(Line::Gone(gone.clone()));
                from += 1;
            } else {
                all.push(Line::New(came.clone()));
                to += 1;
            }
        }
    }
    all.extend(old.iter().skip(from).cloned().map(Line::Gone));
    all.extend(new.iter().skip(to).cloned().map(Line::New));
    all
}

/// How many lines the rests from each pair of places have in common.
fn lengths(old: &[String], new: &[String]) -> Vec<Vec<u32>> {
    let mut rows = vec![vec![0; new.len() + 1]];
    for gone in old.iter().rev() {
        let mut row = vec![0_u32; new.len() + 1];
        let below = rows.last().cloned().unwrap_or_default();
        for (to, came) in new.iter().enumerate().rev() {
            let cell = |row: &[u32], at: usize| row.get(at).copied().unwrap_or(0);
            let best = if gone == came { cell(&below, to + 1) + 1 } else { cell(&below, to).max(cell(&row, to + 1)) };
            if let Some(place) = row.get_mut(to) {
                *place = best;
            }
        }
        rows.push(row);
    }
    rows.reverse();
    rows
}

/// With only so many of the unchanged lines around each change.
pub(crate) fn near_changes(lines: Vec<Line>, around: usize) -> Vec<Option<Line>> {
    let changed: Vec<usize> =
        lines.iter().enumerate().filter(|(_, line)| !matches!(line, Line::Same(_))).map(|(at, _)| at).collect();
    let near = |at: usize| {
        let next = changed.partition_point(|place| *place < at);
        let ahead = changed.get(next).is_some_and(|place| place - at <= around);
        ahead || next.checked_sub(1).and_then(|last| changed.get(last)).is_some_and(|place| at - place <= around)
    };
    let mut shown: Vec<Option<Line>> = Vec::new();
    for (at, line) in lines.into_iter().enumerate() {
        if near(at) {
            shown.push(Some(line));
        } else if shown.last().is_none_or(Option::is_some) {
            shown.push(None);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(old: &str, new: &str) -> String {
        let line = |line: Line| match line {
            Line::Same(text) => format!(" {text}"),
            Line::Gone(text) => format!("-{text}"),
            Line::New(text) => format!("+{text}"),
        };
        diff(old, new).into_iter().map(line).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn changes_are_drawn_where_they_are() {
        for (old, new, drawn_as) in [
            ("a\nb\nc", "a\nb\nc", " a\n b\n c"),
            ("a\nb\nc", "a\nx\nc", " a\n-b\n+x\n c"),
            ("a\nc", "a\nb\nc", " a\n+b\n c"),
            ("a\nb\nc", "a\nc", " a\n-b\n c"),
            ("", "a", "+a"),
            ("a", "", "-a"),
            ("a\nb\nc\nd", "b\nd\ne", "-a\n b\n-c\n d\n+e"),
        ] {
            assert_eq!(drawn(old, new), drawn_as);
        }
    }

    #[test]
    fn far_from_changes_lines_are_left_out() {
        let old: String = (0..20).map(|n| format!("{n}\n")).collect();
        let shown = near_changes(diff(&old, &old.replace("10\n", "ten\n")), 1);
        let same = |text: &str| Some(Line::Same(text.into()));
        let changed = [Some(Line::Gone("10".into())), Some(Line::New("ten".into()))];
        let [gone, new] = changed;
        assert_eq!(shown, [None, same("9"), gone, new, same("11"), None]);
    }
}
