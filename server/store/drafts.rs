//! Mails being written in the browser: saved every few seconds without touching their attachments, now and then
//! materialised as a mail in Drafts for other clients, gone when they are sent.

use serde::{Deserialize, Serialize};
use types::{AttachmentId, DraftId, MailboxId, RecordId, Timestamp, Uid, UserId};

use crate::{Draft, NewMail};

/// Most bytes of a draft's fields.
pub const DRAFT_FIELDS: usize = 2 << 20;
/// Most attachments of a draft.
pub const DRAFT_ATTACHMENTS: u32 = 100;
/// Most drafts of a person.
pub const DRAFTS_MOST: u32 = 1_000;

/// A draft as the mail that goes into Drafts.
#[derive(Debug)]
pub struct DraftCopy {
    /// The mail.
    pub mail: NewMail,
    /// What was read in its files before, and by which edition of the readers ([`crate::NewTexts`]).
    pub texts: Option<(u32, Draft)>,
}

impl From<NewMail> for DraftCopy {
    /// Of whose files nothing is known.
    fn from(mail: NewMail) -> Self {
        Self { mail, texts: None }
    }
}

/// A draft as somebody knows it: whoever saves or sends it says which version he saw.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DraftAt {
    /// Number; never used again.
    pub id: DraftId,
    /// 1, 2, 3 … with every save.
    pub version: u32,
}

impl DraftAt {
    /// The form key under which this version is sent: sending it twice sends one mail, a later version is another.
    #[must_use]
    pub fn form_key(self) -> String {
        format!("draft {}.{}", self.id, self.version)
    }
}

/// Where a message lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Lying {
    /// Mailbox.
    pub mailbox: MailboxId,
    /// UID.
    pub uid: Uid,
}

/// What a draft does with the message that it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerKind {
    /// Answers it: `\Answered` when it is sent.
    Reply,
    /// Forwards it: `$Forwarded` when it is sent.
    Forward,
}

/// The message that a draft answers or forwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DraftOrigin {
    /// Where it lies.
    pub message: Lying,
    /// What is done with it.
    pub kind: AnswerKind,
}

/// A draft to be made.
#[derive(Debug, Clone, Default)]
pub struct NewDraft {
    /// What stands in the form, in the pages' own form; at most [`DRAFT_FIELDS`] bytes, kept sealed.
    pub fields: Vec<u8>,
    /// What it answers or forwards.
    pub origin: Option<DraftOrigin>,
    /// The message in Drafts from which it was opened; it goes when the draft is materialised anew, sent or discarded.
    pub copy: Option<Lying>,
}

/// A file to be attached.
#[derive(Debug)]
pub struct NewAttachment {
    /// Its bytes.
    pub bytes: crate::Draft,
    /// Its name, as the sender's machine calls it.
    pub name: String,
    /// Its type as declared: `application/pdf`.
    pub media_type: String,
}

/// An attachment of a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttachmentRow {
    /// Number.
    pub id: AttachmentId,
    /// Name.
    pub name: String,
    /// Declared type.
    pub media_type: String,
    /// Bytes.
    pub size: u64,
    /// Its record.
    pub record: RecordId,
}

/// A draft without its contents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DraftHead {
    /// Which.
    pub at: DraftAt,
    /// As what it lies in Drafts; `None`: never materialised.
    pub copy: Option<Lying>,
    /// When it was last changed.
    pub changed_at: Timestamp,
}

/// A draft.
#[derive(Debug, Clone)]
pub struct DraftRow {
    /// Which, where, when.
    pub head: DraftHead,
    /// What stands in the form.
    pub fields: Vec<u8>,
    /// Its files, in the order in which they were attached.
    pub attachments: Vec<AttachmentRow>,
    /// What it answers or forwards.
    pub origin: Option<DraftOrigin>,
}

/// A change of a draft that is part of a posting.
#[derive(Debug, Clone)]
pub struct DraftChange {
    /// Whose.
    pub user: UserId,
    /// Which.
    pub draft: DraftId,
    /// As which version it must be found, or nothing of the posting is written.
    pub version: Option<u32>,
    /// What happens.
    pub step: DraftStep,
    /// When.
    pub at: Timestamp,
}

/// What happens to a draft in a posting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DraftStep {
    /// The mail at this place in [`crate::Posting::mails`] becomes an attachment.
    Attach(usize),
    /// The copy at this place in [`crate::Posting::copies`] takes the place of its former copy.
    Materialise(usize),
    /// It is sent: it goes, its copy too, and what it answers is marked. Without a version it may have left before, or
    /// be gone.
    Send,
    /// Its mail waits to go: its copy goes, and nobody sees it until [`Self::Send`] or [`Self::ComeBack`].
    Leave,
    /// Its mail was taken back: the draft is there again under a new version, lies in Drafts as the copy at this place
    /// in [`crate::Posting::copies`], and the form key of the version that left is forgotten.
    ComeBack(usize),
}
