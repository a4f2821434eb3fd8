//! Taking fields out of a header without copying the mail: what is cut, and what is left, as ranges.

use std::ops::Range;

use crate::header::fields;

/// The ranges of `mail` that the fields `name` of its header take up, with their line ends: the cut list of
/// a copy that does not show them (Bcc, for what goes to others).
#[must_use]
pub fn header(mail: &[u8], name: &str) -> Vec<Range<u64>> {
    let named = fields(mail).filter(|field| field.is(name));
    named.map(|field| field.range.start as u64..field.range.end as u64).collect()
}

/// The ranges of `mail` that are left when the fields `names` are cut out of its header. One range, the
/// whole, when there are none of them.
#[must_use]
pub fn remove_header(mail: &[u8], names: &[&str]) -> Vec<Range<usize>> {
    let mut kept = Vec::new();
    let mut from = 0;
    for field in fields(mail) {
        if names.iter().any(|name| field.is(name)) {
            if from < field.range.start {
                kept.push(from..field.range.start);
            }
            from = field.range.end;
        }
    }
    if from < mail.len() {
        kept.push(from..mail.len());
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bcc_is_cut_out_with_its_folded_lines() {
        let mail = b"Bcc: a\r\nTo: b\r\nBCC: c,\r\n d\r\nbcc : e\r\nSubject: f\r\n\r\nBcc: stays\r\n";
        let left: Vec<u8> = remove_header(mail, &["Bcc"]).into_iter().flat_map(|r| mail[r].to_vec()).collect();
        assert_eq!(left, b"To: b\r\nSubject: f\r\n\r\nBcc: stays\r\n");
        assert_eq!(remove_header(b"To: b\r\n\r\nx", &["Bcc"]), vec![0..10]);
        assert_eq!(remove_header(b"Bcc: b", &["Bcc"]), Vec::<Range<usize>>::new());
        assert_eq!(header(mail, "bcc"), vec![0..8, 15..28, 28..37]);
        assert_eq!(header(mail, "Cc"), vec![]);
    }
}
