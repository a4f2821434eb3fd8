//! Content that stands where readers do not look, or not as a part: before the first and after the last
//! boundary of a multipart, and uuencoded files inside a plain text. It leaves the house all the same.

use crate::summary::{Part, PartKind};

/// The text outside the parts of a multipart (RFC 2046 5.1.1: preamble and epilogue), without boundaries;
/// with the number of the multipart, `TEXT` for the outermost. The line that mailers put there for readers of 1992 is left out.
pub(crate) fn outside_parts(bytes: &[u8], root: &Part) -> Vec<(String, Vec<u8>)> {
    let mut out = Vec::new();
    collect(bytes, root, "", &mut out);
    out
}

fn collect(bytes: &[u8], part: &Part, number: &str, out: &mut Vec<(String, Vec<u8>)>) {
    let (PartKind::Multipart, Some(first), Some(last)) = (part.kind, part.children.first(), part.children.last())
    else {
        return;
    };
    let mut text = Vec::new();
    for (from, to) in [(part.body_start, first.header_start), (last.body_end, part.body_end)] {
        let piece = bytes.get(from as usize..to as usize).unwrap_or_default();
        for line in piece.split_inclusive(|b| *b == b'\n').filter(|line| !line.starts_with(b"--")) {
            text.extend_from_slice(line);
        }
    }
    if !is_usual(text.trim_ascii()) {
        out.push((if number.is_empty() { "TEXT".to_owned() } else { number.to_owned() }, text));
    }
    for (i, child) in part.children.iter().enumerate() {
        let dot = if number.is_empty() { "" } else { "." };
        collect(bytes, child, &format!("{number}{dot}{}", i + 1), out);
    }
}

/// Nothing, or one short line such as "This is a multi-part message in MIME format."
fn is_usual(text: &[u8]) -> bool {
    text.len() < 80 && text.is_ascii() && !text.iter().any(|b| b.is_ascii_digit() || *b == b'\n')
}

/// The uuencoded files inside a text, each from its `begin 644 name` line to its `end`: name and encoded
/// lines.
pub(crate) fn uuencoded(text: &[u8]) -> Vec<(String, &[u8])> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(found) = memchr::memmem::find(text.get(at..).unwrap_or_default(), b"begin ") {
        let start = at + found;
        let rest = text.get(start..).unwrap_or_default();
        let line = rest.get(..crate::header::line_length(rest)).unwrap_or_default();
        let at_line_start = start == 0 || text.get(start - 1) == Some(&b'\n');
        match file_name(line).filter(|_| at_line_start) {
            Some(name) => {
                let length = memchr::memmem::find(rest, b"\nend").map_or(rest.len(), |end| end + 4);
                out.push((name, rest.get(..length).unwrap_or_default()));
                at = start + length;
            }
            None => at = start + 6,
        }
    }
    out
}

/// The name in a `begin` line: three or four octal digits, a blank, the name.
fn file_name(line: &[u8]) -> Option<String> {
    let rest = line.strip_prefix(b"begin ")?;
    let blank = rest.iter().position(|b| *b == b' ')?;
    let (mode, name) = rest.split_at(blank);
    let good = (3..=4).contains(&mode.len()) && mode.iter().all(|b| (b'0'..=b'7').contains(b));
    let name = crate::words::decode(name);
    (good && !name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use crate::{LeafRole, Parsed};
    use types::Limits;

    fn leaves(mail: &[u8]) -> Vec<(String, LeafRole, Option<String>, String)> {
        let limits = Limits::default();
        let leaves = Parsed::parse(mail, &limits).leaves();
        leaves
            .into_iter()
            .map(|l| (l.part, l.role, l.name, l.text.unwrap_or_else(|| String::from_utf8_lossy(&l.bytes).into_owned())))
            .collect()
    }

    #[test]
    fn text_before_and_after_the_parts_is_a_leaf() {
        let mail = b"Content-Type: multipart/mixed; boundary=b\r\n\r\npreamble\r\n--b\r\n\
            Content-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\none\r\n--c--\r\ninner 2\r\n--b--\r\nepilogue\r\n";
        assert_eq!(
            leaves(mail),
            [
                ("1.1".into(), LeafRole::Text, None, "one".into()),
                ("TEXT".into(), LeafRole::Text, None, "preamble\r\n\r\nepilogue\r\n".into()),
                ("1".into(), LeafRole::Text, None, "\r\ninner 2".into()),
            ]
        );
        let plain =
            b"Content-Type: multipart/mixed; boundary=b\r\n\r\nThis is MIME.\r\n--b\r\n\r\none\r\n--b--\r\n\r\n";
        assert_eq!(leaves(plain).len(), 1);
    }

    #[test]
    fn a_uuencoded_file_inside_a_text_is_an_attachment() {
        let mail =
            b"Subject: x\r\n\r\nhello\r\nbegin 644 a.txt\r\n#86)C\r\n`\r\nend\r\nwe begin 100 times\r\nbegin 999 x\r\n";
        let found = leaves(mail);
        assert_eq!(found.len(), 2);
        assert_eq!(found[1], ("1".into(), LeafRole::Attachment, Some("a.txt".into()), "abc".into()));
    }
}
