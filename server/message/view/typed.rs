//! Typed text as HTML: lines, quotes by depth, addresses of pages and people as links. The links are made
//! while the text is written, never by searching in HTML.

use crate::safe::{Link, LinkRewrite, escape, read_link};

/// Deepest quote that is shown as one; what is deeper stands in it.
const DEPTH: usize = 12;
/// Most links of one text.
const LINKS: usize = 2_000;

/// Writes `text` to `out` and tells of its links.
pub(super) fn write(text: &str, rewrite: Option<LinkRewrite<'_>>, out: &mut String, links: &mut Vec<Link>) {
    out.push_str("<div class=\"t\">");
    let mut depth = 0;
    let mut after_line = false;
    for line in text.lines() {
        let (quoted, line) = unquoted(line);
        if quoted != depth {
            after_line = false;
        }
        while depth < quoted {
            out.push_str("<blockquote>");
            depth += 1;
        }
        while depth > quoted {
            out.push_str("</blockquote>");
            depth -= 1;
        }
        if after_line {
            out.push('\n');
        }
        write_line(line, rewrite, out, links);
        after_line = true;
    }
    for _ in 0..depth {
        out.push_str("</blockquote>");
    }
    out.push_str("</div>");
}

/// The depth of quoting and the line without its marks: `>>`, `> >`.
pub(super) fn unquoted(line: &str) -> (usize, &str) {
    let mut rest = line;
    let mut depth = 0;
    while let Some(after) = rest.strip_prefix('>') {
        depth += 1;
        rest = after.strip_prefix(' ').filter(|more| depth < DEPTH || more.starts_with('>')).unwrap_or(after);
        if depth >= DEPTH {
            break;
        }
    }
    (depth, rest)
}

fn write_line(line: &str, rewrite: Option<LinkRewrite<'_>>, out: &mut String, links: &mut Vec<Link>) {
    let mut rest = line;
    while let Some((start, length)) = next_link(rest) {
        let (before, from) = rest.split_at(start);
        let (text, after) = from.split_at(length);
        write_text(before, out);
        write_link(text, rewrite, out, links);
        rest = after;
    }
    write_text(rest, out);
}

/// Text without controls, and without marks that turn the direction of what follows.
fn write_text(text: &str, out: &mut String) {
    let clean = |c: char| c == '\t' || !c.is_control() && !matches!(c, '\u{202d}' | '\u{202e}');
    if text.chars().all(clean) {
        escape(text, out);
    } else {
        escape(&text.chars().filter(|c| clean(*c)).collect::<String>(), out);
    }
}

fn write_link(text: &str, rewrite: Option<LinkRewrite<'_>>, out: &mut String, links: &mut Vec<Link>) {
    let address = match text {
        _ if text.starts_with("www.") => format!("http://{text}"),
        _ if text.contains("://") => text.to_owned(),
        _ => format!("mailto:{text}"),
    };
    let Some((scheme, href, host)) = read_link(&address).filter(|_| links.len() < LINKS) else {
        return write_text(text, out);
    };
    let link = Link { scheme, href, host, text: text.to_owned(), names_another_host: false };
    let href = rewrite.map_or_else(|| Some(link.href.clone()), |rewrite| rewrite(&link));
    links.push(link);
    match href {
        Some(href) => {
            out.push_str("<a href=\"");
            escape(&href, out);
            out.push_str("\" target=\"_blank\" rel=\"noopener noreferrer\">");
            write_text(text, out);
            out.push_str("</a>");
        }
        None => write_text(text, out),
    }
}

/// The first address of a page or of a person: where it starts and how long it is.
fn next_link(text: &str) -> Option<(usize, usize)> {
    let mut from = 0;
    while let Some(found) = text.get(from..)?.find(['h', 'w', '@']) {
        let at = from + found;
        let rest = text.get(at..)?;
        let page = ["https://", "http://", "www."].iter().any(|start| rest.starts_with(start));
        if page && starts_a_word(text, at) {
            let length = page_length(rest);
            if length > 10 {
                return Some((at, length));
            }
        }
        if rest.starts_with('@')
            && let Some(place) = person(text, at, from)
        {
            return Some(place);
        }
        from = at + 1;
    }
    None
}

fn starts_a_word(text: &str, at: usize) -> bool {
    text.get(..at).and_then(|before| before.chars().next_back()).is_none_or(|c| !c.is_ascii_alphanumeric() && c != '@')
}

/// How long the address of a page is: ASCII up to a blank, a bracket or a quote, without the sentence's mark.
fn page_length(rest: &str) -> usize {
    let end = rest.find(|c: char| !c.is_ascii_graphic() || "<>\"'`\\^{}|".contains(c)).unwrap_or(rest.len()).min(4_000);
    let mut address = rest.get(..end).unwrap_or_default();
    loop {
        let trimmed = address.trim_end_matches(['.', ',', ';', ':', '!', '?', '*', '_']);
        let trimmed = match trimmed.strip_suffix(')') {
            Some(inner) if !inner.contains('(') => inner,
            _ => trimmed.strip_suffix(']').filter(|inner| !inner.contains('[')).unwrap_or(trimmed),
        };
        if trimmed.len() == address.len() {
            return address.len();
        }
        address = trimmed;
    }
}

/// The mail address around the `@` at `at`; nothing before `from` belongs to it.
fn person(text: &str, at: usize, from: usize) -> Option<(usize, usize)> {
    let atom = |c: char| c.is_ascii_alphanumeric() || "!#$%&*+-=?^_~.".contains(c);
    let before = text.get(from..at)?;
    let local: usize = before.chars().rev().take(64).take_while(|c| atom(*c)).map(char::len_utf8).sum();
    let after = text.get(at + 1..)?;
    let domain: usize =
        after.chars().take(255).take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.')).count();
    let domain = after.get(..domain)?.trim_end_matches(['.', '-']);
    let good = local > 0 && types::Domain::parse(domain).is_ok() && domain.contains('.');
    good.then(|| (at - local, local + 1 + domain.len()))
}
