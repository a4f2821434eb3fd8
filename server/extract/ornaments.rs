//! Which pictures of a mail are ornaments of its text: logos and signatures, which nobody means who asks for pictures.

use std::collections::HashSet;

use message::{Leaf, LeafRole, Part};

/// A picture in the text of a mail or of a document that has fewer bytes is an ornament. It is the size from which on the
/// rules of a fresh company look at pictures (`min_kb = 50`): no picture is large enough for them and an ornament.
pub const ORNAMENT: usize = 50 << 10;

/// Characters of a Content-ID that are looked at.
const ID: usize = 512;
/// Addresses of pictures in a text that are looked at: what a text shows behind these is no ornament.
const SHOWN: usize = 10_000;

/// The part numbers of the small pictures beside an HTML text (RFC 2387) that it shows (RFC 2392). `leaves` are those of the
/// mail whose structure `root` is.
#[must_use]
pub fn ornaments(root: &Part, leaves: &[Leaf<'_>]) -> HashSet<String> {
    let mut beside = related(root);
    let large = |leaf: &&Leaf<'_>| leaf.bytes.len() >= ORNAMENT;
    let large: HashSet<&str> = leaves.iter().filter(large).map(|leaf| leaf.part.as_str()).collect();
    beside.retain(|(number, _)| !large.contains(number.as_str()));
    if beside.is_empty() {
        return HashSet::new();
    }
    let texts = leaves.iter().filter(|leaf| leaf.role == LeafRole::Html).filter_map(|leaf| leaf.text.as_deref());
    let shown: HashSet<String> = texts.flat_map(ids).take(SHOWN).collect();
    beside.into_iter().filter(|(_, id)| shown.contains(id)).map(|(number, _)| number).collect()
}

/// Number and Content-ID of each picture in a multipart/related.
fn related(root: &Part) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut open: Vec<(&Part, String, bool)> = vec![(root, String::new(), false)];
    while let Some((part, number, related)) = open.pop() {
        let content_type = part.content_type();
        if content_type.starts_with("multipart/") {
            let related = content_type == "multipart/related";
            let dot = if number.is_empty() { "" } else { "." };
            open.extend(
                part.children.iter().zip(1..).map(|(child, at)| (child, format!("{number}{dot}{at}"), related)),
            );
        } else if related
            && content_type.starts_with("image/")
            && let Some(id) = &part.id
        {
            found.push((number, id.text().trim().trim_start_matches('<').trim_end_matches('>').to_owned()));
        }
    }
    found
}

/// The Content-IDs that an HTML text names.
fn ids(html: &str) -> impl Iterator<Item = String> {
    html.match_indices("cid:").filter_map(|(at, scheme)| {
        let rest = html.get(at + scheme.len()..)?;
        let rest = rest.get(..rest.floor_char_boundary(ID))?;
        let end = rest.find(|c: char| c.is_whitespace() || "\"'<>()".contains(c)).unwrap_or(rest.len());
        Some(decoded(rest.get(..end)?))
    })
}

/// What an address in HTML says: without its references and percent signs (RFC 3986 2.1), as far as they are those of ASCII.
fn decoded(address: &str) -> String {
    let address = address.replace("&amp;", "&");
    let mut pieces = address.split('%');
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let byte = piece.get(..2).and_then(|two| u8::from_str_radix(two, 16).ok()).filter(u8::is_ascii);
        match byte {
            Some(byte) => out.extend([char::from(byte)].into_iter().chain(piece.chars().skip(2))),
            None => out.extend(['%'].into_iter().chain(piece.chars())),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use message::Parsed;
    use types::Limits;

    use super::*;

    fn found(kind: &str, id: &str, size: usize, html: &str) -> Vec<String> {
        let mail = format!(
            "Content-Type: multipart/{kind}; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n{html}\r\n\
             --b\r\nContent-Type: image/png\r\nContent-ID: {id}\r\n\r\n{}\r\n--b--\r\n",
            "x".repeat(size)
        );
        let parsed = Parsed::parse(mail.as_bytes(), &Limits::default());
        ornaments(parsed.root(), &parsed.leaves()).into_iter().collect()
    }

    #[test]
    fn a_small_picture_that_the_text_shows_is_an_ornament() {
        let logo = ["2".to_owned()];
        for (html, id) in [
            ("<img src=cid:a@b>", "<a@b>"),
            ("<img src=\"cid:a%40b\">", "<a@b>"),
            ("<img src='cid:c'><p style='background: url(cid:a&amp;b)'>", " <a&b> "),
        ] {
            assert_eq!(found("related", id, 8 << 10, html), logo, "{html}");
        }
        assert_eq!(found("related", "<a@b>", ORNAMENT - 1, "<img src=cid:a@b>"), logo);
    }

    #[test]
    fn of_a_text_without_end_so_many_addresses_are_looked_at() {
        let many = |count| found("related", "<a@b>", 100, &format!("{}<img src=cid:a@b>", "cid:x ".repeat(count)));
        assert_eq!((many(SHOWN - 1), many(SHOWN)), (vec!["2".to_owned()], vec![]));
    }

    #[test]
    fn a_large_picture_one_that_is_not_shown_and_one_beside_the_mail_are_none() {
        let none: [String; 0] = [];
        assert_eq!(found("related", "<a@b>", ORNAMENT, "<img src=cid:a@b>"), none);
        assert_eq!(found("related", "<a@b>", 100, "<img src=cid:a@bc> cid: %zz cid:%"), none);
        assert_eq!(found("related", "", 100, "<img src=cid:>"), none);
        assert_eq!(found("mixed", "<a@b>", 100, "<img src=cid:a@b>"), none);
    }
}
