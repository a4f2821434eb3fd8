//! Numbers made unreadable in the pieces of a document, also where tags stand inside them: the text is
//! masked as a whole, then each text gets its share of the result. What the pieces hold afterwards is what the
//! masking function returned, and nothing beside it.

use super::elements;
use super::rebuild::Piece;
use super::url;

/// Masks every text and attribute. Three times over the text: the whole document (words elsewhere may show what
/// a number is), then each block, then each text by itself.
pub(super) fn apply(pieces: &mut Vec<Piece>, mask: &dyn Fn(&str) -> String) {
    let all: Vec<usize> = (0..pieces.len()).collect();
    masked_run(pieces, &all, mask);
    let mut block = Vec::new();
    for at in 0..pieces.len() {
        if matches!(pieces.get(at), Some(Piece::Open(name, _) | Piece::Close(name)) if ends_line(name)) {
            masked_run(pieces, &block, mask);
            block.clear();
        }
        block.push(at);
    }
    masked_run(pieces, &block, mask);
    for piece in pieces.iter_mut() {
        match piece {
            Piece::Text(text) => *text = mask(text),
            Piece::Open(_, attrs) => attrs.retain_mut(|(name, value)| attribute(name, value, mask)),
            Piece::Close(_) => {}
        }
    }
    pieces.retain(|piece| !matches!(piece, Piece::Text(text) if text.is_empty()));
}

/// Masks one attribute; false where it has to go: a link cannot be half a link.
fn attribute(name: &str, value: &mut String, mask: &dyn Fn(&str) -> String) -> bool {
    match name {
        "title" | "alt" => {
            *value = mask(value);
            true
        }
        "href" => {
            let decoded = url::percent_decoded(value).replace(['&', '?', '='], " ");
            mask(&decoded) == decoded && mask(value) == *value
        }
        // The address that the caller gave, or the bytes of a picture.
        "src" => true,
        _ => mask(value) == *value,
    }
}

/// Whether the element begins a line of its own; a cell of a table does.
fn ends_line(name: &str) -> bool {
    elements::is_block(name) || elements::needs_skeleton(name) || name == "br"
}

/// Masks the texts among `run` as one.
fn masked_run(pieces: &mut [Piece], run: &[usize], mask: &dyn Fn(&str) -> String) {
    let mut whole = String::new();
    let mut places: Vec<(usize, usize, usize)> = Vec::new();
    for &at in run {
        match pieces.get(at) {
            Some(Piece::Text(text)) => {
                places.push((at, whole.len(), whole.len() + text.len()));
                whole.push_str(text);
            }
            Some(Piece::Open(name, _) | Piece::Close(name)) if ends_line(name) && !whole.ends_with('\n') => {
                whole.push('\n');
            }
            _ => {}
        }
    }
    if places.is_empty() {
        return;
    }
    let masked = mask(&whole);
    if masked == whole {
        return;
    }
    let spans = aligned(&whole, &masked);
    for (at, start, end) in places {
        if let Some(Piece::Text(text)) = pieces.get_mut(at) {
            *text = share(&whole, &spans, start, end);
        }
    }
}

/// A place of the original and what stands there now.
struct Span<'a> {
    start: usize,
    end: usize,
    now: &'a str,
}

/// The part of the masked text that belongs to the text at `start..end`: what was left, and a mask where it
/// begins in this text.
fn share(whole: &str, spans: &[Span<'_>], start: usize, end: usize) -> String {
    let mut out = String::new();
    let mut at = start;
    let first = spans.partition_point(|span| span.end <= start && span.start < start);
    for span in spans.get(first..).unwrap_or_default() {
        if span.start >= end {
            break;
        }
        if span.start >= start {
            out.push_str(whole.get(at..span.start).unwrap_or_default());
            out.push_str(span.now);
        }
        at = span.end.max(at);
    }
    out.push_str(whole.get(at..end).unwrap_or_default());
    out
}

/// Which places of `whole` were replaced by which masks. Masks are the runs of `●` and `*`, with the blanks
/// between them; where that does not explain the result, all of it counts as one replaced place.
fn aligned<'a>(whole: &str, masked: &'a str) -> Vec<Span<'a>> {
    explained(whole, masked).unwrap_or_else(|| vec![Span { start: 0, end: whole.len(), now: masked }])
}

fn explained<'a>(whole: &str, masked: &'a str) -> Option<Vec<Span<'a>>> {
    let mut spans = Vec::new();
    let mut at = 0;
    let mut rest = masked;
    let (first, _) = plain_and_mask(rest);
    if !whole.starts_with(first) {
        return None;
    }
    at += first.len();
    rest = rest.get(first.len()..)?;
    while !rest.is_empty() {
        let (_, mark_length) = plain_and_mask(rest);
        let (mark, after) = rest.split_at(mark_length);
        let (plain, _) = plain_and_mask(after);
        let left = whole.get(at..)?;
        let found = if plain.len() == after.len() {
            // The last text: it ends the original too.
            left.len()
                .checked_sub(plain.len())
                .filter(|from| left.is_char_boundary(*from) && left.ends_with(plain) && *from > 0)?
        } else {
            let skip = left.chars().next()?.len_utf8();
            skip + left.get(skip..)?.find(plain)?
        };
        spans.push(Span { start: at, end: at + found, now: mark });
        at += found + plain.len();
        rest = after.get(plain.len()..)?;
    }
    (at == whole.len()).then_some(spans)
}

/// The text before the next mask (or all), and at a mask its length.
fn plain_and_mask(text: &str) -> (&str, usize) {
    let is_mark = |c: char| matches!(c, '●' | '*');
    let plain = text.find(is_mark).map_or(text, |at| text.get(..at).unwrap_or_default());
    let mut length = 0;
    for (at, c) in text.char_indices() {
        if is_mark(c) {
            length = at + c.len_utf8();
        } else if c != ' ' {
            break;
        }
    }
    (plain, length)
}
