//! Places in lists that go on: the moment and the number of the last row, as the links to the next page write them. What
//! the numbers mean is the list's own.

use types::Timestamp;

use crate::Trouble;

/// Reads a place such as `1795478400000.17`; `None` when the text is empty.
///
/// # Errors
/// [`Trouble::NotFound`]: no page of ours wrote that.
pub fn place(text: &str) -> Result<Option<(Timestamp, i64)>, Trouble> {
    if text.is_empty() {
        return Ok(None);
    }
    let (at, number) = text.split_once('.').ok_or(Trouble::NotFound)?;
    match (at.parse(), number.parse()) {
        (Ok(at), Ok(number)) => Ok(Some((Timestamp(at), number))),
        _ => Err(Trouble::NotFound),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_moment_and_a_number_or_no_page() {
        assert_eq!(place("").unwrap(), None);
        assert_eq!(place("1795478400000.17").unwrap(), Some((Timestamp(1_795_478_400_000), 17)));
        for wrong in ["17", "1.", ".1", "a.b", "1.2.3", "1 .2"] {
            assert!(matches!(place(wrong), Err(Trouble::NotFound)), "{wrong}");
        }
    }
}
