//! The pieces as HTML: written once, escaped at every place.

use super::elements;
use super::rebuild::Piece;

/// Writes the pieces; `None` where they come to more than `limit` bytes.
pub(super) fn html(pieces: &[Piece], limit: usize) -> Option<String> {
    let mut out = String::new();
    for (at, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Open(name, attrs) => {
                out.push('<');
                out.push_str(name);
                for (attr, value) in attrs {
                    out.push(' ');
                    out.push_str(attr);
                    out.push_str("=\"");
                    escape(value, &mut out);
                    out.push('"');
                }
                out.push('>');
            }
            Piece::Close(name) if !elements::is_void(name) => {
                out.push_str("</");
                out.push_str(name);
                out.push('>');
            }
            Piece::Close(_) => {}
            Piece::Text(text) => {
                // A parser takes the first line end after <pre> away.
                let after_pre = at.checked_sub(1).and_then(|before| pieces.get(before));
                if text.starts_with('\n') && matches!(after_pre, Some(Piece::Open("pre", _))) {
                    out.push('\n');
                }
                escape(text, &mut out);
            }
        }
        if out.len() > limit {
            return None;
        }
    }
    Some(out)
}

/// Text so that it is text in an element and in a quoted attribute alike.
pub(crate) fn escape(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find(['&', '<', '>', '"', '\'']) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        out.push_str(match from.as_bytes().first() {
            Some(b'&') => "&amp;",
            Some(b'<') => "&lt;",
            Some(b'>') => "&gt;",
            Some(b'"') => "&quot;",
            _ => "&#39;",
        });
        rest = from.get(1..).unwrap_or_default();
    }
    out.push_str(rest);
}
