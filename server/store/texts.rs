//! What was read in the attachments of a record, kept beside it as a record of its own under the same key: whoever
//! destroys that key has destroyed both. The store knows neither what it says nor how it was read, only by which
//! edition of the readers.

use types::RecordId;

use crate::Draft;

/// Of which record texts are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextsOf {
    /// The mail at this place in [`crate::Posting::mails`].
    Mail(usize),
    /// One that is there already.
    Record(RecordId),
}

/// Texts to be kept; they take the place of what is kept of the same record.
#[derive(Debug)]
pub struct NewTexts {
    /// Of which record.
    pub of: TextsOf,
    /// Which edition of the readers has read them.
    pub edition: u32,
    /// As [`crate::Store::seal_beside`] sealed them, under the record's key: under another the posting is refused.
    pub bytes: Draft,
}
