//! The nearest right word for a wrong one.

/// The word of `words` that is fewest edits away from `wrong`, if it is near enough to be meant.
#[must_use]
pub fn nearest<'a>(wrong: &str, words: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let (distance, word) = words.into_iter().map(|word| (edits(wrong, word), word)).min()?;
    (distance <= 1 + wrong.chars().count() / 3).then_some(word)
}

/// Levenshtein's distance.
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = i;
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
        for (j, y) in b.iter().enumerate() {
            let change = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_near_word_is_found_and_a_far_one_is_not_offered() {
        assert_eq!(nearest("smpt", ["smtp", "imap"]), Some("smtp"));
        assert_eq!(nearest("quux", ["smtp", "imap"]), None);
    }
}
