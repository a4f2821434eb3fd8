//! Answers as the database keeps them: one line of ASCII, at most 500 characters, no number of twelve digits.

use types::Reply;

/// Longest answer that is kept, characters.
const LONGEST: usize = 500;

/// A reply in one line: `550 5.1.1 no such user`.
pub(crate) fn one_line(reply: &Reply) -> String {
    let mut out = reply.code.to_string();
    if let Some((class, subject, detail)) = reply.enhanced {
        out.push_str(&format!(" {class}.{subject}.{detail}"));
    }
    for line in &reply.lines {
        out.push(' ');
        out.push_str(line);
    }
    tidy(&out)
}

/// Printable ASCII in one line, at most 500 characters.
pub(crate) fn tidy(text: &str) -> String {
    let mut out = String::new();
    for c in text.trim().chars().take(LONGEST) {
        out.push(if c.is_ascii_graphic() || c == ' ' { c } else { '?' });
    }
    out
}

/// The answer without runs of twelve digits or more, whatever stands between them: a next hop may quote the mail that
/// it refuses, and a My Number in it must not reach the database, the log or a report. The codes at the beginning stay.
pub(crate) fn without_numbers(text: &str) -> String {
    let begin = codes_end(text);
    let mut out = text.as_bytes().to_vec();
    let mut run: Vec<usize> = Vec::new();
    let mut gap = 0;
    for at in begin..=text.len() {
        let byte = out.get(at).copied();
        if byte.is_some_and(|byte| byte.is_ascii_digit()) {
            run.push(at);
            gap = 0;
            continue;
        }
        gap += 1;
        if byte.is_some_and(|byte| b" -._/".contains(&byte)) && gap <= 2 {
            continue;
        }
        if run.len() >= 12 {
            run.iter().for_each(|place| out[*place] = b'*');
        }
        run.clear();
    }
    String::from_utf8(out).unwrap_or_default()
}

/// Where the reply's code and its status code end.
fn codes_end(text: &str) -> usize {
    let mut end = 0;
    for word in text.split_inclusive(' ').take(2) {
        let code = word.trim_end();
        let is_code = code.len() <= 9 && code.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        if !is_code {
            break;
        }
        end += word.len();
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_one_short_ascii_line() {
        let reply = Reply::new(550, (5, 1, 1), "no such\tuser 山田").line("x".repeat(900));
        let text = one_line(&reply);
        assert!(text.starts_with("550 5.1.1 no such?user ?? xxx"), "{text}");
        assert_eq!(text.len(), 500);
    }

    #[test]
    fn numbers_of_twelve_digits_do_not_stay_in_an_answer() {
        for (text, left) in [
            ("550 found 1234 5678 9018 in it", "550 found **** **** **** in it"),
            ("550 5.7.1 1234-5678-9018", "550 5.7.1 ****-****-****"),
            ("123456789018", "************"),
            ("250 2.0.0 queued as 4F2A9", "250 2.0.0 queued as 4F2A9"),
            ("451 4.7.1 10.0.2.1 slow down", "451 4.7.1 10.0.2.1 slow down"),
        ] {
            assert_eq!(without_numbers(text), left);
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,80}") {
            let tidied = tidy(&text);
            proptest::prop_assert!(tidied.is_ascii() && without_numbers(&tidied).len() == tidied.len());
        }
    }
}
