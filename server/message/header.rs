//! The fields of a header block as they stand in the bytes (RFC 5322 2.2); knows nothing of what they mean.

use std::cmp::Ordering;
use std::ops::Range;

/// One field of a header block, folded as it was written.
#[derive(Clone)]
pub struct Field<'a> {
    /// The name, without the colon; empty for a line that is no field.
    pub name: &'a [u8],
    /// What stands after the colon, without the last line end, still folded.
    pub value: &'a [u8],
    /// The whole field with its line ends, counted from the start of the block.
    pub range: Range<usize>,
}

impl Field<'_> {
    /// Whether this is the field `name`, in any case.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }

    /// The value on one line, without blanks around it.
    #[must_use]
    pub fn unfolded(&self) -> Vec<u8> {
        unfold(self.value)
    }
}

/// Walks over the fields of a header block; ends at the empty line or the end of the bytes.
#[must_use]
pub fn fields(block: &[u8]) -> Fields<'_> {
    Fields { block, at: 0 }
}

/// The iterator that [`fields`] returns.
pub struct Fields<'a> {
    block: &'a [u8],
    at: usize,
}

impl<'a> Iterator for Fields<'a> {
    type Item = Field<'a>;

    fn next(&mut self) -> Option<Field<'a>> {
        let start = self.at;
        let rest = self.block.get(start..)?;
        if rest.is_empty() || rest.starts_with(b"\n") || rest.starts_with(b"\r\n") {
            return None;
        }
        let mut end = start + line_length(rest);
        while let Some(b' ' | b'\t') = self.block.get(end) {
            end += line_length(self.block.get(end..)?);
        }
        self.at = end;
        let text = trim_line_end(self.block.get(start..end)?);
        let (name, value) = match memchr::memchr(b':', text) {
            Some(colon) => (text.get(..colon)?.trim_ascii_end(), text.get(colon + 1..)?),
            None => (&b""[..], text),
        };
        Some(Field { name, value, range: start..end })
    }
}

/// The length of the first line with its line end.
pub(crate) fn line_length(bytes: &[u8]) -> usize {
    memchr::memchr(b'\n', bytes).map_or(bytes.len(), |at| at + 1)
}

/// The bytes without one LF or CRLF at their end.
pub(crate) fn trim_line_end(bytes: &[u8]) -> &[u8] {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    bytes.strip_suffix(b"\r").unwrap_or(bytes)
}

/// Takes folding out of a value (RFC 5322 2.2.3): the line ends go, the blanks after them stay; blanks
/// around the whole go too.
pub(crate) fn unfold(value: &[u8]) -> Vec<u8> {
    let value = value.trim_ascii();
    if memchr::memchr2(b'\r', b'\n', value).is_none() {
        return value.to_vec();
    }
    value.iter().copied().filter(|b| !matches!(b, b'\r' | b'\n')).collect()
}

/// Copies those fields of a header block whose name is among `names` (or, with `not`, is not), in their
/// order and as they are written, and with the empty line at their end where there is one: the answer to
/// `BODY[HEADER.FIELDS (…)]` and `BODY[HEADER.FIELDS.NOT (…)]` (RFC 3501 6.4.5).
#[must_use]
pub fn header_fields<S: AsRef<[u8]>>(block: &[u8], names: &[S], not: bool) -> Vec<u8> {
    let (mut out, mut end) = (Vec::new(), 0);
    // Sorted, since both sides may be many: a header has hundreds of thousands of fields, and a client names a thousand.
    let mut names: Vec<&[u8]> = names.iter().map(AsRef::as_ref).collect();
    names.sort_unstable_by(|a, b| by_name(a, b));
    for field in fields(block) {
        end = field.range.end;
        let named = names.binary_search_by(|name| by_name(name, field.name)).is_ok();
        if named != not {
            out.extend_from_slice(block.get(field.range).unwrap_or_default());
        }
    }
    if !out.is_empty() && !out.ends_with(b"\n") {
        out.extend_from_slice(b"\r\n");
    }
    if end < block.len() {
        out.extend_from_slice(b"\r\n");
    }
    out
}

/// An order of names of fields in which those that are the same in any case are equal; most differ in length.
fn by_name(a: &[u8], b: &[u8]) -> Ordering {
    let lower = u8::to_ascii_lowercase;
    a.len().cmp(&b.len()).then_with(|| a.iter().map(lower).cmp(b.iter().map(lower)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOCK: &[u8] = b"Subject: one\r\n two\r\nX-A :  b \r\nno field here\r\nTo: c\r\n\r\nbody: x\r\n";

    #[test]
    fn fields_are_found_with_their_folded_lines() {
        let found: Vec<_> = fields(BLOCK).map(|f| (f.name.to_vec(), f.unfolded(), f.range)).collect();
        assert_eq!(found[0], (b"Subject".to_vec(), b"one two".to_vec(), 0..20));
        assert_eq!(found[1], (b"X-A".to_vec(), b"b".to_vec(), 20..31));
        assert_eq!(found[2].0, b"");
        assert_eq!(found.len(), 4);
    }

    #[test]
    fn header_fields_answers_with_the_named_ones_or_the_others() {
        assert_eq!(header_fields(BLOCK, &["to", "SUBJECT"], false), b"Subject: one\r\n two\r\nTo: c\r\n\r\n");
        assert_eq!(header_fields(BLOCK, &["to", "subject"], true), b"X-A :  b \r\nno field here\r\n\r\n");
        assert_eq!(header_fields(BLOCK, &["bcc"], false), b"\r\n");
        assert_eq!(header_fields(b"A: b", &["a"], false), b"A: b\r\n", "no empty line stands there");
        assert_eq!(header_fields(b"A: b\r\n", &["a"], true), b"");
    }

    proptest::proptest! {
        #[test]
        fn a_field_is_among_names_that_are_the_same_in_any_case(
            names in proptest::collection::vec("[abAB-]{1,3}", 0..9), block in "([abAB-]{1,3}: x\r\n){0,9}",
        ) {
            let is_named = |field: &Field<'_>| names.iter().any(|name| field.is(name));
            for not in [false, true] {
                let chosen = fields(block.as_bytes()).filter(|field| is_named(field) != not);
                let want: Vec<u8> = chosen.flat_map(|field| block.as_bytes()[field.range].to_vec()).collect();
                proptest::prop_assert_eq!(header_fields(block.as_bytes(), &names, not), want);
            }
        }
    }
}
