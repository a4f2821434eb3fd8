//! The base subject (RFC 5256 2.1): a subject without the marks that replies, forwards and lists put on it.

/// The base subject of a decoded subject, and whether it bore the mark of a reply or forward.
pub(crate) fn base(subject: &str) -> (String, bool) {
    let text = subject.split_whitespace().collect::<Vec<_>>().join(" ");
    let (mut rest, mut marked) = (text.as_str(), false);
    loop {
        rest = without_trailers(rest, &mut marked);
        rest = without_leaders(rest, &mut marked);
        match forwarded(rest) {
            Some(inner) => (rest, marked) = (inner, true),
            None => return (rest.to_owned(), marked),
        }
    }
}

/// Step 2: `(fwd)` and blanks at the end.
fn without_trailers<'a>(mut text: &'a str, marked: &mut bool) -> &'a str {
    loop {
        text = text.trim_end();
        match strip_end(text, "(fwd)") {
            Some(rest) => (text, *marked) = (rest, true),
            None => return text,
        }
    }
}

/// Steps 3 to 5: `Re:`, `[list] Fwd [x]:`, and a `[list]` that is not all there is.
fn without_leaders<'a>(mut text: &'a str, marked: &mut bool) -> &'a str {
    loop {
        text = text.trim_start();
        if let Some(rest) = without_mark(text) {
            (text, *marked) = (rest, true);
        } else if let Some(rest) = without_blob(text).filter(|rest| !rest.is_empty()) {
            text = rest;
        } else {
            return text;
        }
    }
}

/// `*blob ("re" / "fw" / "fwd") *WSP [blob] ":"`
fn without_mark(mut text: &str) -> Option<&str> {
    while let Some(rest) = without_blob(text) {
        text = rest;
    }
    let rest = strip(text, "re").or_else(|| strip(text, "fwd")).or_else(|| strip(text, "fw"))?.trim_start();
    without_blob(rest).unwrap_or(rest).strip_prefix(':')
}

/// `"[" … "]" *WSP`, with no bracket inside.
fn without_blob(text: &str) -> Option<&str> {
    let (inside, rest) = text.strip_prefix('[')?.split_once(']')?;
    (!inside.contains('[')).then(|| rest.trim_start())
}

/// Step 6: `[fwd: … ]` around all.
fn forwarded(text: &str) -> Option<&str> {
    strip(text, "[fwd:")?.strip_suffix(']')
}

fn strip<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(word.len())?;
    head.eq_ignore_ascii_case(word).then_some(rest)
}

fn strip_end<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let (rest, tail) = text.split_at_checked(text.len().checked_sub(word.len())?)?;
    tail.eq_ignore_ascii_case(word).then_some(rest)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn marks_of_replies_forwards_and_lists_go() {
        for (subject, want, marked) in [
            ("見積り", "見積り", false),
            ("Re: 見積り", "見積り", true),
            ("RE: re[2]: Fwd : a  b", "a b", true),
            ("[list] Re: a", "a", true),
            ("Re: [list] a", "a", true),
            ("[list] a", "a", false),
            ("[only]", "[only]", false),
            ("[a] [b]", "[b]", false),
            ("a (fwd) (FWD) ", "a", true),
            ("[Fwd: Re: a]", "a", true),
            ("Re: [fwd: [Fwd: a (fwd)]]", "a", true),
            ("Regards", "Regards", false),
            ("re", "re", false),
            ("Re:", "", true),
            ("[x[y]] a", "[x[y]] a", false),
        ] {
            assert_eq!(base(subject), (want.to_owned(), marked), "{subject}");
        }
    }

    proptest! {
        #[test]
        fn a_base_subject_is_its_own(text in "([Rr]e|[Ff]wd?|:|\\[|\\]| |\\(fwd\\)|a|日){0,12}") {
            let (once, _) = base(&text);
            prop_assert_eq!(base(&once).0, once);
        }
    }
}
