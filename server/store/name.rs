//! Names of mailboxes as people write them, brought to the one form in which they are kept and compared.

use unicode_normalization::UnicodeNormalization as _;

use crate::StoreError;

/// Longest name, bytes: what fits an IMAP line in modified UTF-7 with room to spare.
const NAME: usize = 1_000;
/// Longest level, bytes.
const LEVEL: usize = 255;
/// Most levels.
const LEVELS: usize = 32;

/// A mailbox name: levels of Unicode NFC separated by `/`, the first in capitals when it is INBOX in any case
/// (RFC 3501 5.1). A `/` at the end says that children will follow (6.3.3) and is dropped.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MailboxName(String);

impl MailboxName {
    /// Reads a name.
    ///
    /// # Errors
    /// [`StoreError::Invalid`]: it is empty, has an empty level or a control character, or is too long.
    pub fn parse(text: &str) -> Result<Self, StoreError> {
        let invalid = |what: &str| Err(StoreError::Invalid(format!("the mailbox name {what}")));
        if text.len() > NAME {
            return invalid("is too long");
        }
        let text: String = text.strip_suffix('/').unwrap_or(text).nfc().collect();
        let mut levels: Vec<&str> = text.split('/').collect();
        if levels.iter().any(|level| level.is_empty()) {
            return invalid("has an empty level");
        }
        if text.len() > NAME || levels.len() > LEVELS || levels.iter().any(|level| level.len() > LEVEL) {
            return invalid("is too long");
        }
        // RFC 5198: no controls, no line or paragraph separators
        if text.contains(|c: char| c.is_control() || c == '\u{2028}' || c == '\u{2029}') {
            return invalid("has a control character");
        }
        if let Some(first) = levels.first_mut().filter(|first| first.eq_ignore_ascii_case("INBOX")) {
            *first = "INBOX";
        }
        Ok(Self(levels.join("/")))
    }
    /// The whole name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
    /// Whether it is INBOX itself.
    #[must_use]
    pub fn is_inbox(&self) -> bool {
        self.0 == "INBOX"
    }
    /// The levels, outermost first.
    pub fn levels(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('/')
    }
    /// Whether this name lies below `other`.
    #[must_use]
    pub fn is_below(&self, other: &Self) -> bool {
        self.0.strip_prefix(other.as_str()).is_some_and(|rest| rest.starts_with('/'))
    }
}

impl std::fmt::Display for MailboxName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_to_one_form() {
        for (written, kept) in [
            ("inbox", "INBOX"),
            ("iNbOx/work/", "INBOX/work"),
            ("inboxes", "inboxes"),
            ("a/inbox", "a/inbox"),
            ("か\u{3099}/は\u{309a}", "が/ぱ"),
        ] {
            assert_eq!(MailboxName::parse(written).unwrap().as_str(), kept);
        }
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for bad in ["", "/", "//", "/a", "a//", "a//b", "a\r", "a\u{2028}b", &"x".repeat(256), &"a/".repeat(40)] {
            assert!(MailboxName::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_name_lies_below_those_before_its_separators() {
        let name = |text| MailboxName::parse(text).unwrap();
        assert!(name("a/b/c").is_below(&name("a")) && name("a/b/c").is_below(&name("a/b")));
        assert!(!name("ab").is_below(&name("a")) && !name("a").is_below(&name("a")));
    }
}
