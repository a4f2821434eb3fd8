//! Marks what was found in a line that is shown, whatever its width, kana and case.

use index::folded;

/// A piece of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Marked {
    pub text: String,
    pub hit: bool,
}

/// The line in pieces; those that one of `needles` stands in are hits.
pub(super) fn marked(line: &str, needles: &[String]) -> Vec<Marked> {
    // each character is folded by itself, so that what is found can be told in characters of the line
    let (mut plain, mut owner) = (String::new(), Vec::new());
    for (at, c) in line.char_indices() {
        let one = folded(c.encode_utf8(&mut [0; 4]));
        owner.extend(std::iter::repeat_n(at, one.len()));
        plain.push_str(&one);
    }
    let mut hits = vec![false; line.len()];
    for needle in needles.iter().map(|needle| folded(needle)).filter(|needle| !needle.is_empty()) {
        for (at, found) in plain.match_indices(&needle) {
            for place in owner.get(at..at + found.len()).unwrap_or_default() {
                if let Some(hit) = hits.get_mut(*place) {
                    *hit = true;
                }
            }
        }
    }
    let mut out: Vec<Marked> = Vec::new();
    for (at, c) in line.char_indices() {
        let hit = hits.get(at).copied().unwrap_or(false);
        match out.last_mut().filter(|last| last.hit == hit) {
            Some(last) => last.text.push(c),
            None => out.push(Marked { text: c.to_string(), hit }),
        }
    }
    out
}

/// So many characters stand before the first hit of an excerpt, so that it is seen on a phone too.
const BEFORE: usize = 6;

/// As [`marked`], begun shortly before the first hit.
pub(super) fn excerpt(line: &str, needles: &[String]) -> Vec<Marked> {
    let mut pieces = marked(line, needles);
    let found = pieces.len() > 1;
    if let Some(first) = pieces.first_mut().filter(|first| found && !first.hit) {
        let skipped = first.text.chars().count().saturating_sub(BEFORE);
        if skipped > 1 {
            first.text = std::iter::once('…').chain(first.text.chars().skip(skipped)).collect();
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hits_are_marked_in_any_width_kana_and_case() {
        let told = |line: &str, needle: &str| -> String {
            let piece = |one: Marked| if one.hit { format!("[{}]", one.text) } else { one.text };
            marked(line, &[needle.into()]).into_iter().map(piece).collect()
        };
        assert_eq!(told("Ｔｅｓｔ: テスト", "test"), "[Ｔｅｓｔ]: テスト");
        assert_eq!(told("テスト送信", "てすと"), "[テスト]送信");
        assert_eq!(told("お見積りの件、見積り", "見積り"), "お[見積り]の件、[見積り]");
        assert_eq!(told("㈱青葉", "(株)"), "[㈱]青葉");
        assert_eq!(told("nothing", "x"), "nothing");
    }

    #[test]
    fn an_excerpt_begins_shortly_before_its_first_hit() {
        let told = |line: &str| excerpt(line, &["見積".into()]).into_iter().map(|one| one.text).collect::<String>();
        assert_eq!(
            told("いつもお世話になっております。お見積書をお送りします。見積"),
            "…おります。お見積書をお送りします。見積"
        );
        assert_eq!(told("昨日の見積の件"), "昨日の見積の件");
        assert_eq!(told("いつもお世話になっております。"), "いつもお世話になっております。");
    }
}
