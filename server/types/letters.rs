//! Random bytes as letters: for ids that stand in mail (Message-IDs, links), where digits in a row could be taken for a
//! number that nobody meant.

/// Two letters from `a` to `p` for each byte, so that no reader of mail, ours or another company's, finds twelve digits.
#[must_use]
pub fn letters(bytes: &[u8]) -> String {
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|half| char::from(b'a' + half)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_letters_and_different_bytes_different_letters() {
        assert_eq!(letters(&[0x00, 0x19, 0xff]), "aabjpp");
        assert_eq!(letters(&[]), "");
        let all: std::collections::BTreeSet<String> = (0..=255).map(|byte| letters(&[byte])).collect();
        assert_eq!(all.len(), 256);
    }
}
