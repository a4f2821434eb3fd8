//! Where a body ends, and whether it ends with a text already.

use types::Footer;

use crate::leaf::LeafRole;

/// Lines that may stand behind a text at the end of a body without making it another end: a list's address, a scanner's
/// remark.
const BEHIND: usize = 4;

/// Whether a body ends with `footer` already, among `all` of them: a mail that came through here before, or was written from
/// one that did.
pub(super) fn ends_with(text: &str, role: LeafRole, footer: &Footer, all: &[&Footer]) -> bool {
    if role == LeafRole::Html {
        let squeezed = |text: &str| -> String { text.split_whitespace().collect() };
        let (text, wanted) = (squeezed(text), squeezed(&html_of(footer)));
        let room: usize = all.iter().map(|one| squeezed(&html_of(one)).len()).sum();
        let tail = text.len().saturating_sub(room + 64);
        return text.get(ceil(&text, tail)..).is_some_and(|tail| tail.contains(&wanted));
    }
    let lines = |text: &str| -> Vec<String> {
        text.lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect()
    };
    let (body, wanted) = (lines(text), lines(&footer.text));
    let room: usize = all.iter().map(|one| lines(&one.text).len()).sum();
    let tail = body.get(body.len().saturating_sub(room + BEHIND)..).unwrap_or_default();
    !wanted.is_empty() && tail.windows(wanted.len()).any(|part| part == wanted)
}

/// The next place at which a character begins.
fn ceil(text: &str, at: usize) -> usize {
    (at..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len())
}

/// A text as lines of a body: CRLF, no blanks at their ends (which format=flowed would take for soft breaks), none that
/// begins like a quote or a separator of mailboxes.
pub(super) fn plain_lines(text: &str) -> String {
    let line = |line: &str| {
        let line = line.trim_end();
        if line.starts_with('>') || line.starts_with("From ") { format!(" {line}") } else { line.to_owned() }
    };
    text.trim_matches(['\r', '\n']).lines().map(line).collect::<Vec<_>>().join("\r\n")
}

/// A footer in HTML: as the rule has it, or its text made safe.
pub(super) fn html_of(footer: &Footer) -> String {
    if let Some(html) = &footer.html {
        return html.lines().collect::<Vec<_>>().join("\r\n");
    }
    let safe = footer.text.trim_matches(['\r', '\n']).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    format!("<div>{}</div>", safe.lines().map(str::trim_end).collect::<Vec<_>>().join("<br>\r\n"))
}

/// Where something is put in so that it stands at the end of a document: before `</body>`, else before `</html>`, else at
/// its end.
pub(super) fn html_end(content: &[u8]) -> usize {
    let place = |tag: &[u8]| {
        let mut found = None;
        for at in tags(content) {
            let there = content.get(at..at + tag.len());
            if there.is_some_and(|there| there.eq_ignore_ascii_case(tag)) {
                found = Some(at);
            }
        }
        found
    };
    place(b"</body").or_else(|| place(b"</html")).unwrap_or(content.len())
}

/// The places of `</` outside of two-byte characters of ISO-2022-JP, in which the same bytes are half a character.
fn tags(content: &[u8]) -> impl Iterator<Item = usize> + '_ {
    let mut two_bytes = false;
    let escapes = content.is_ascii();
    (0..content.len()).filter(move |at| {
        let rest = content.get(*at..).unwrap_or_default();
        if escapes && let Some(state) = escape(rest) {
            two_bytes = state;
        }
        !two_bytes && rest.starts_with(b"</")
    })
}

/// Whether an escape sequence that stands at the beginning goes into the two-byte state; `None`: none stands there.
fn escape(rest: &[u8]) -> Option<bool> {
    match rest {
        [0x1b, b'$', ..] => Some(true),
        [0x1b, b'(', ..] => Some(false),
        _ => None,
    }
}

/// Whether a text of ISO-2022-JP ends in the middle of two-byte characters.
pub(super) fn in_two_bytes(content: &[u8]) -> bool {
    memchr::memrchr(0x1b, content).and_then(|at| escape(content.get(at..)?)).unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_ends_before_its_last_closing_tag() {
        for (content, end) in [
            (&b"<html><body>x</BODY></html>"[..], 13),
            (b"<p>x</html>", 4),
            (b"<p>x", 4),
            (b"</body>x</body>", 8),
            // the two bytes of a character spell the tag
            (b"\x1b$B</body\x1b(Bx", 13),
        ] {
            assert_eq!(html_end(content), end, "{}", String::from_utf8_lossy(content));
        }
        assert!(in_two_bytes(b"\x1b$BJ8") && !in_two_bytes(b"\x1b$BJ8\x1b(B") && !in_two_bytes(b"x"));
    }

    #[test]
    fn a_text_is_at_the_end_or_not() {
        let footer = Footer { text: "秘密です。\n転送禁止".into(), html: None };
        let all = [&footer];
        let ends = |text: &str| ends_with(text, LeafRole::Text, &footer, &all);
        assert!(ends("hello\r\n\r\n秘密です。\r\n転送禁止\r\n"));
        assert!(ends("hello\r\n秘密です。 \r\n転送禁止\r\n\r\n-- \r\nlist\r\n"));
        assert!(!ends("hello\r\n"));
        assert!(!ends("> 秘密です。\r\n> 転送禁止\r\n"), "a quote is not one's own");
        assert!(!ends(&format!("秘密です。\r\n転送禁止\r\n{}", "more\r\n".repeat(9))), "it is not the end");
        let html = format!("<body>x{}</body>", html_of(&footer));
        assert!(
            ends_with(&html, LeafRole::Html, &footer, &all) && !ends_with("<body>x", LeafRole::Html, &footer, &all)
        );
    }

    #[test]
    fn lines_of_a_footer_mean_nothing_else() {
        assert_eq!(plain_lines("\na \n> b\nFrom c\n"), "a\r\n > b\r\n From c");
        assert_eq!(html_of(&Footer { text: "a<b>\n&c".into(), html: None }), "<div>a&lt;b&gt;<br>\r\n&amp;c</div>");
    }
}
