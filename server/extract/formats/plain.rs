//! Text that needs no format read: its charset, and whether its lines are rows or folded.

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};
use message::Leaf;

/// How the lines of a text are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// As they are.
    Running,
    /// As rows with this delimiter.
    Delimited(char),
    /// As cards or a calendar: a line that begins with a space goes on with the one before (RFC 5545 3.1, RFC 6350 3.2).
    Folded,
    /// As JSON.
    Json,
    /// With `\uXXXX` for what is not ASCII, as JSON and scripts write it.
    Escaped,
    /// As XML.
    Markup,
}

/// The text of a leaf.
pub(crate) fn text(leaf: &Leaf) -> String {
    let bytes = leaf.bytes.as_ref();
    match (utf16_order(bytes), &leaf.text) {
        (Some(order), _) => order.decode(bytes).0.into_owned(),
        (None, Some(text)) => text.clone(),
        (None, None) => message::charset::decode(bytes, leaf.charset.as_deref()),
    }
}

/// The byte order of UTF-16 without a mark: nearly every line feed, space or digit has a zero beside it, and
/// always on the same side.
pub(crate) fn utf16_order(bytes: &[u8]) -> Option<&'static Encoding> {
    if bytes.len() < 4 || !bytes.len().is_multiple_of(2) || !bytes.contains(&0) {
        return None;
    }
    let pairs = || bytes.chunks_exact(2).take(2048);
    let ascii = |byte: u8| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~');
    let count =
        |order: fn(&[u8]) -> (u8, u8)| pairs().map(order).filter(|&(high, low)| high == 0 && ascii(low)).count();
    let little = count(|pair| (pair.last().copied().unwrap_or(1), pair.first().copied().unwrap_or(0)));
    let big = count(|pair| (pair.first().copied().unwrap_or(1), pair.last().copied().unwrap_or(0)));
    let zeros = pairs().filter(|pair| *pair == [0, 0]).count();
    let enough = |count: usize| count * 20 >= pairs().count();
    match () {
        () if zeros > 0 => None,
        () if little > big * 8 && enough(little) => Some(UTF_16LE),
        () if big > little * 8 && enough(big) => Some(UTF_16BE),
        () => None,
    }
}

/// How the text is to be read, by its declared type, its name and its start.
pub(crate) fn form(leaf: &Leaf, text: &str) -> Form {
    let name = leaf.name.as_deref().unwrap_or_default().to_lowercase();
    let start = text.get(..32).unwrap_or(text).to_ascii_uppercase();
    let ends = |ends: &[&str]| ends.iter().any(|end| name.ends_with(end));
    match leaf.content_type.as_str() {
        "text/calendar" | "text/vcard" | "text/x-vcard" | "text/directory" => Form::Folded,
        _ if start.starts_with("BEGIN:VC") || ends(&[".ics", ".vcf"]) => Form::Folded,
        "text/tab-separated-values" => Form::Delimited('\t'),
        "text/csv" | "application/csv" | "text/comma-separated-values" | "application/vnd.ms-excel" => by_count(text),
        _ if ends(&[".csv", ".tsv", ".tab"]) => by_count(text),
        "text/xml" | "application/xml" => Form::Markup,
        _ if start.starts_with("<?XML") || ends(&[".xml"]) => Form::Markup,
        "application/json" | "application/ld+json" => Form::Json,
        _ if super::json::is_json(text) => Form::Json,
        _ if text.contains("\\u") => Form::Escaped,
        _ => Form::Running,
    }
}

/// The delimiter that the first lines hold most of.
fn by_count(text: &str) -> Form {
    let count = |delimiter: char| text.lines().take(20).map(|line| line.matches(delimiter).count()).sum::<usize>();
    let best = [',', '\t', ';', '|'].into_iter().max_by_key(|&delimiter| (count(delimiter), delimiter == ','));
    Form::Delimited(best.unwrap_or(','))
}

/// The text with `\uXXXX` resolved (RFC 8259 7).
pub(crate) fn unescaped(text: &str) -> String {
    let mut units: Vec<u16> = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\\u") {
        units.extend(before.encode_utf16());
        match after.get(..4).and_then(|hex| u16::from_str_radix(hex, 16).ok()) {
            Some(unit) => {
                units.push(unit);
                rest = after.get(4..).unwrap_or_default();
            }
            None => {
                units.extend("\\u".encode_utf16());
                rest = after;
            }
        }
    }
    units.extend(rest.encode_utf16());
    String::from_utf16_lossy(&units)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_resolved() {
        assert_eq!(unescaped(r#"{"\u500b\u4eba":"\ud83d\ude00 \u12"}"#), r#"{"個人":"😀 \u12"}"#);
    }

    #[test]
    fn utf_16_is_seen_without_a_mark() {
        let text = "氏名,番号\n山田,123456789018\n";
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(utf16_order(&little), Some(UTF_16LE));
        assert_eq!(utf16_order(&big), Some(UTF_16BE));
        assert_eq!(utf16_order(text.as_bytes()), None);
        assert_eq!(utf16_order(b"\0\0\0\0abcd"), None);
    }
}
