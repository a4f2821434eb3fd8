//! `format=flowed` (RFC 3676): puts lines together again that the sender's program broke, so that a number
//! is read whole.

/// Joins every line that ends with a blank to the next one of the same quote depth; with `delsp` the blank
/// goes (RFC 3676 4.2 to 4.4). Lines end as before; the blank that was stuffed before a line goes.
pub(crate) fn unwrap(text: &str, delsp: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut open: Option<usize> = None;
    for line in text.split_inclusive('\n') {
        let content = line.trim_end_matches(['\r', '\n']);
        let (depth, content_of_line) = unquoted(content);
        let signature = content_of_line == "-- ";
        if open.take().is_some_and(|joined| joined == depth && !signature) {
            out.push_str(content_of_line);
        } else {
            if !out.is_empty() && !out.ends_with('\n') {
                out.push_str("\r\n");
            }
            out.push_str(content.get(..depth).unwrap_or_default());
            out.push_str(if depth > 0 && !content_of_line.is_empty() { " " } else { "" });
            out.push_str(content_of_line);
        }
        if content_of_line.ends_with(' ') && !signature && line.len() > content.len() {
            open = Some(depth);
            if delsp {
                out.pop();
            }
        } else {
            out.push_str(line.get(content.len()..).unwrap_or_default());
        }
    }
    out
}

/// The depth of quoting and the line without its marks and its stuffed blank.
fn unquoted(line: &str) -> (usize, &str) {
    let rest = line.trim_start_matches('>');
    (line.len() - rest.len(), rest.strip_prefix(' ').unwrap_or(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_lines_are_joined() {
        for (text, delsp, right) in [
            ("1234 5678 \r\n9018\r\nend\r\n", false, "1234 5678 9018\r\nend\r\n"),
            ("1234 5678 \r\n9018", true, "1234 56789018"),
            ("a \r\nb \r\nc\r\n", false, "a b c\r\n"),
            ("> a \r\n> b\r\nc\r\n", false, "> a b\r\nc\r\n"),
            ("> a \r\nb\r\n", false, "> a \r\nb\r\n"),
            (" From x\r\n", false, "From x\r\n"),
            ("a \r\n-- \r\nme\r\n", false, "a \r\n-- \r\nme\r\n"),
            (">> a\r\n>> \r\n", false, ">> a\r\n>>\r\n"),
            ("a ", false, "a "),
            ("", false, ""),
        ] {
            assert_eq!(unwrap(text, delsp), right, "{text:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_character_but_blanks_and_line_ends_is_lost(text in "[ab> \r\n]{0,60}", delsp in proptest::bool::ANY) {
            let letters = |text: &str| text.chars().filter(|c| c.is_alphabetic()).collect::<String>();
            proptest::prop_assert_eq!(letters(&unwrap(&text, delsp)), letters(&text));
        }
    }
}
