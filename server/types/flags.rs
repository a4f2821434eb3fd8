//! Message flags (RFC 3501 2.3.2): five system flags as bits, and keywords.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// The system flags as bits, in the form in which the store keeps them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct SystemFlags(pub u8);

impl SystemFlags {
    /// `\Seen`
    pub const SEEN: Self = Self(1);
    /// `\Answered`
    pub const ANSWERED: Self = Self(2);
    /// `\Flagged`
    pub const FLAGGED: Self = Self(4);
    /// `\Deleted`
    pub const DELETED: Self = Self(8);
    /// `\Draft`
    pub const DRAFT: Self = Self(16);
    /// All five with the words that IMAP writes for them, in the order in which they are shown.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::ANSWERED, "\\Answered"),
        (Self::FLAGGED, "\\Flagged"),
        (Self::DELETED, "\\Deleted"),
        (Self::SEEN, "\\Seen"),
        (Self::DRAFT, "\\Draft"),
    ];

    /// Whether every bit of `other` is set here.
    #[must_use]
    pub fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
    /// Both together.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
    /// These without `other`.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
    /// The flag that IMAP writes as `word` (with its backslash, any case).
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, name)| name.eq_ignore_ascii_case(word)).map(|(flag, _)| *flag)
    }
}

/// A keyword: a free flag such as `$Forwarded`; an IMAP atom of at most 64 bytes. Case is kept, and ignored
/// when compared.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Keyword(String);

impl Keyword {
    /// Reads a keyword; `None` when it is empty, too long, or holds a character that no IMAP atom may hold.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let atom = |b: u8| b > 0x20 && b < 0x7f && !b"(){%*\"\\]".contains(&b);
        (!text.is_empty() && text.len() <= 64 && text.bytes().all(atom)).then(|| Self(text.to_owned()))
    }
    /// The word as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
    fn key(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}
impl PartialEq for Keyword {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}
impl Eq for Keyword {}
impl PartialOrd for Keyword {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Keyword {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key().cmp(&other.key())
    }
}

/// A message's flags: system flags and keywords.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Flags {
    /// The system flags.
    pub system: SystemFlags,
    /// The keywords, sorted.
    pub keywords: BTreeSet<Keyword>,
}

impl Flags {
    /// Only system flags.
    #[must_use]
    pub fn system(system: SystemFlags) -> Self {
        Self { system, keywords: BTreeSet::new() }
    }
    /// Both together.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self {
            system: self.system.union(other.system),
            keywords: self.keywords.union(&other.keywords).cloned().collect(),
        }
    }
    /// These without those of `other`.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        Self {
            system: self.system.without(other.system),
            keywords: self.keywords.difference(&other.keywords).cloned().collect(),
        }
    }
    /// The keywords as the store keeps them: separated by blanks, sorted, empty when there are none.
    #[must_use]
    pub fn keyword_text(&self) -> String {
        self.keywords.iter().map(Keyword::as_str).collect::<Vec<_>>().join(" ")
    }
    /// Reads what [`Self::keyword_text`] wrote.
    #[must_use]
    pub fn from_parts(system: SystemFlags, keyword_text: &str) -> Self {
        Self { system, keywords: keyword_text.split_ascii_whitespace().filter_map(Keyword::parse).collect() }
    }
}
