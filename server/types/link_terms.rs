//! On which terms a recipient outside fetches what stays here.

use serde::{Deserialize, Serialize};

/// How a recipient proves who he is, weakest first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkIdentity {
    /// By a code to his address.
    #[default]
    Code,
    /// By a password that he is told otherwise.
    Password,
}

/// The terms of a link. Of two the stricter of each counts, so that the order in which rules speak changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct LinkTerms {
    /// It ends with the day on which so many days are over.
    pub days: u32,
    /// How often each file may be taken.
    pub downloads: u32,
    /// How it is opened.
    pub identity: LinkIdentity,
    /// Whether files may be sent back by it.
    pub reply: bool,
}

impl LinkTerms {
    /// Most days.
    pub const DAYS_MOST: u32 = 90;
    /// Most downloads of a file.
    pub const DOWNLOADS_MOST: u32 = 100;

    /// The stricter of both.
    #[must_use]
    pub fn both(self, other: Self) -> Self {
        Self {
            days: self.days.min(other.days),
            downloads: self.downloads.min(other.downloads),
            identity: self.identity.max(other.identity),
            reply: self.reply && other.reply,
        }
    }
}

impl Default for LinkTerms {
    /// What holds where a rule says nothing (rules-and-texts.md): 14 days, 5 downloads, a code to the address, nothing comes back.
    fn default() -> Self {
        Self { days: 14, downloads: 5, identity: LinkIdentity::Code, reply: false }
    }
}
