//! Signed-in browsers: what is kept of them. Only the hash of a session's id is kept, so that a copy of the database
//! signs nobody in.

use types::{Timestamp, UserId};

/// The two kinds of session; neither opens the other's pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SessionKind {
    /// Webmail.
    Mail,
    /// The console.
    Admin,
}

impl SessionKind {
    /// The word in the database and in cookies.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Admin => "admin",
        }
    }
    /// Reads a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Mail, Self::Admin].into_iter().find(|kind| kind.word() == word)
    }
}

/// SHA-256 of a session's id.
pub type SessionHash = [u8; 32];

/// One signed-in browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRow {
    /// SHA-256 of its id.
    pub hash: SessionHash,
    /// Who.
    pub user: UserId,
    /// Kind.
    pub kind: SessionKind,
    /// [`crate::User::generation`] at sign-in: once that has grown, the session is over.
    pub generation: u64,
    /// When it began.
    pub created: Timestamp,
    /// When it was last used, to the minute.
    pub seen: Timestamp,
    /// From where it began.
    pub peer: String,
    /// What the browser called itself, cut to 200 characters.
    pub agent: String,
}

/// So many sign-ins of a person are remembered.
pub const SIGN_INS_KEPT: u32 = 20;

/// A sign-in by browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignIn {
    /// Who.
    pub user: UserId,
    /// Into which pages.
    pub kind: SessionKind,
    /// When.
    pub at: Timestamp,
    /// From where.
    pub peer: String,
    /// What the browser called itself, cut to 200 characters.
    pub agent: String,
}

/// Which sessions are over anyway when a new one begins.
#[derive(Debug, Clone, Copy)]
pub struct SessionBounds {
    /// Those last seen before this.
    pub seen_since: Timestamp,
    /// Those that began before this.
    pub created_since: Timestamp,
    /// Beyond so many of one person the oldest go.
    pub most: usize,
}

/// Which sessions of a person end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndSessions {
    /// This one.
    One(SessionHash),
    /// All but this one.
    AllBut(SessionHash),
    /// All.
    All,
}
