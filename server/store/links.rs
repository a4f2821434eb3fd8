//! Links: mail of which files, or the whole, stay here until a recipient outside fetches them from a page. A link is one
//! recipient's; only hashes of what opens it are kept.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use types::{Address, LinkId, ParcelId, Timestamp, Uid};

use crate::{ParcelRef, Secret, SubmissionRef, SubmissionRow};

/// A code opens so long.
pub const CODE_GOOD_FOR: Duration = Duration::from_secs(600);
/// So many codes an hour for a recipient.
pub const CODES_PER_HOUR: u32 = 5;
/// So many wrong codes one after the other lock a link.
pub const WRONG_IN_A_ROW: u32 = 5;
/// For so long.
pub const LOCKED_FOR: Duration = Duration::from_secs(900);
/// So many wrong codes within a day lock all links of a recipient until the day is over.
pub const WRONG_A_DAY: u32 = 20;
/// Most days that a link is open.
pub const LINK_DAYS_MOST: u32 = 90;
/// Most downloads of a file that a link allows.
pub const LINK_DOWNLOADS_MOST: u32 = 1_000;
/// So many accesses are told at once, the newest first.
pub const LINK_ACCESSES_MOST: u32 = 500;

/// So often files are sent back by a link.
pub const UPLOADS_MOST: u32 = 20;
/// So many bytes in all.
pub const UPLOAD_BYTES_MOST: u64 = 500 << 20;
/// So many files at once.
pub const UPLOAD_FILES_MOST: usize = 30;

/// SHA-256 of a link's token, or of a code together with its token.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TokenHash(pub [u8; 32]);

impl std::fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenHash(***)")
    }
}

/// What a link asks for by which files come in and nothing goes out: a collection request (収集依頼). No number stands in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Collection {
    /// About what.
    pub title: String,
    /// What the handler wrote to it.
    pub note: String,
    /// What is asked for.
    pub expected: Vec<String>,
    /// When it is reminded of; `None`: it was.
    pub remind_at: Option<Timestamp>,
}

/// How a collection request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CollectionState {
    /// Nothing has come yet.
    Open,
    /// Something has come.
    Received,
    /// Its time is over, and nothing came.
    Expired,
    /// A handler stopped it before anything came.
    Stopped,
}

/// What came by a link at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadRow {
    /// When.
    pub at: Timestamp,
    /// How many files.
    pub files: u32,
    /// Their bytes together.
    pub bytes: u64,
    /// Where the mail that brought them lies in the handlers' box; `None`: it does not lie there.
    pub uid: Option<Uid>,
}

/// A link to be made together with the parcel that it stands for.
#[derive(Debug, Clone)]
pub struct NewLink {
    /// The mail that stays here.
    pub submission: SubmissionRef,
    /// Its part.
    pub parcel: ParcelRef,
    /// Who may fetch it.
    pub recipient: Address,
    /// What leads to it.
    pub token: TokenHash,
    /// The whole mail stays here, not only its files.
    pub whole: bool,
    /// The hash of a password told otherwise; `None`: a code to the address opens it.
    pub password: Option<Secret>,
    /// Whether files may be sent back.
    pub replies: bool,
    /// How often each file may be taken.
    pub downloads: u32,
    /// What it asks for, where it is a request for files.
    pub collection: Option<Collection>,
    /// When.
    pub at: Timestamp,
    /// When it ends.
    pub expires: Timestamp,
}

/// A link as read back.
#[derive(Debug, Clone)]
pub struct LinkRow {
    /// Number.
    pub id: LinkId,
    /// The mail.
    pub submission: SubmissionRow,
    /// Its part.
    pub parcel: ParcelId,
    /// Who may fetch it.
    pub recipient: Address,
    /// The whole mail, not only its files.
    pub whole: bool,
    /// The hash of its password, if one opens it.
    pub password: Option<Secret>,
    /// Whether files may be sent back.
    pub replies: bool,
    /// How often each file may be taken.
    pub downloads: u32,
    /// When it was made.
    pub made: Timestamp,
    /// When it ends.
    pub expires: Timestamp,
    /// When it was stopped.
    pub stopped: Option<Timestamp>,
    /// Nothing opens it before.
    pub locked_until: Timestamp,
    /// How often each file was taken: place and number.
    pub taken: Vec<(u32, u32)>,
    /// How many codes were sent.
    pub codes: u32,
    /// How often a code or password was wrong.
    pub wrong: u32,
    /// How often files were sent back.
    pub uploads: u32,
    /// How many bytes that were.
    pub uploaded: u64,
    /// What it asks for, where it is a request for files.
    pub collection: Option<Collection>,
}

impl LinkRow {
    /// Whether it neither was stopped nor has ended.
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.stopped.is_none() && now < self.expires
    }
    /// How it stands as a request for files.
    #[must_use]
    pub fn collection_state(&self, now: Timestamp) -> CollectionState {
        match self.stopped {
            _ if self.uploads > 0 => CollectionState::Received,
            Some(_) => CollectionState::Stopped,
            None if now < self.expires => CollectionState::Open,
            None => CollectionState::Expired,
        }
    }
    /// How often a file can still be taken.
    #[must_use]
    pub fn left(&self, file: u32) -> u32 {
        self.downloads.saturating_sub(self.taken_of(file))
    }
    /// How often a file was taken.
    #[must_use]
    pub fn taken_of(&self, file: u32) -> u32 {
        self.taken.iter().find(|(place, _)| *place == file).map_or(0, |(_, taken)| *taken)
    }
    /// How often anything was taken.
    #[must_use]
    pub fn taken_in_all(&self) -> u32 {
        self.taken.iter().map(|(_, taken)| taken).sum()
    }
}

/// Files that were sent back by a link, in the posting with the mail that brings them. When the link takes none any more, nothing of
/// the posting is written: [`crate::StoreError::NotFound`] where it was stopped or has ended, [`crate::StoreError::Conflict`] where it
/// took as many as it may.
#[derive(Debug, Clone)]
pub struct NewUpload {
    /// Which link.
    pub link: LinkId,
    /// The mail: place in [`crate::Posting::mails`].
    pub mail: usize,
    /// How many files.
    pub files: u32,
    /// Their bytes together.
    pub bytes: u64,
    /// A collection request asked for them.
    pub collected: bool,
    /// From where.
    pub from: AskedFrom,
    /// When.
    pub at: Timestamp,
}

/// From where a link was asked: no address in full.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedFrom {
    /// The network, such as `203.0.113.0/24`; empty for what its sender does.
    pub network: String,
    /// What the browser calls itself, trimmed.
    pub agent: String,
}

/// What happened to a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkEvent {
    /// A code was sent to its recipient.
    CodeSent,
    /// A code or password was wrong.
    Wrong,
    /// Too many were: nothing opens it for a while.
    Locked,
    /// It was opened.
    Opened,
    /// A file was taken.
    Downloaded,
    /// Files were sent back.
    Replied,
    /// Its sender or an administrator stopped it.
    Stopped,
    /// Its sender gave it more time or more downloads.
    Extended,
    /// Its sender sent it anew, under another token.
    Renewed,
}

/// An access.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkAccess {
    /// Its place in the order of all accesses.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// What.
    pub event: LinkEvent,
    /// From where.
    pub from: AskedFrom,
    /// The file that was taken: its place from 1 on, 0 for the mail itself. Where files were sent back, how many.
    pub file: Option<u32>,
}

/// What becomes of the wish for a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeStep {
    /// It stands; send it.
    Stands,
    /// There were too many within the hour.
    TooMany,
    /// Nothing opens the link before.
    Locked(Timestamp),
    /// Stopped or ended.
    Gone,
}

/// What is shown to open a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// The hash over token and code.
    Code(TokenHash),
    /// A password, which the caller has compared with the hash.
    Password(bool),
}

/// What becomes of a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tried {
    /// It was right; the code is used up.
    Open,
    /// It was wrong; so many more lock the link.
    Wrong(u32),
    /// Nothing opens the link before; `now`: this try locked it.
    Locked {
        /// Until when.
        until: Timestamp,
        /// It was not locked before this try.
        now: bool,
    },
    /// Stopped or ended.
    Gone,
}

/// What becomes of the wish for a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taking {
    /// Counted: hand it out.
    Counted,
    /// It was taken as often as is allowed.
    UsedUp,
    /// Stopped or ended.
    Gone,
}

/// What its sender does to a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkChange {
    /// Nothing is handed out any more.
    Stop,
    /// It ends then, and each file may be taken so often in all; a stopped one goes on.
    Extend {
        /// When it ends.
        expires: Timestamp,
        /// Downloads of each file in all.
        downloads: u32,
    },
}

/// A link to which another token leads from now on, and the former to nothing: in the posting with the mail that tells of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Renewal {
    /// Which link.
    pub link: LinkId,
    /// What leads to it.
    pub token: TokenHash,
    /// When.
    pub at: Timestamp,
}
