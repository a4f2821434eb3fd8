//! What the store keeps of a mail: ENVELOPE, BODYSTRUCTURE and the few lines that a list of mails shows.
//! Made once, at delivery; all offsets are bytes of the record.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};
use types::{Fault, Kind, Timestamp};

use crate::Raw;
use crate::{mime, transfer};

/// The first byte of a stored summary; a later form gets another number.
const VERSION: u8 = 2;

/// One mail's summary. Its `Debug` shows no subject, no address and no text.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// The header fields of ENVELOPE (RFC 3501 7.4.2), as they are written.
    pub header: HeaderSummary,
    /// The subject for people, decoded.
    pub subject: String,
    /// The first author for people: the display name, or the address where there is none.
    pub from: String,
    /// The moment that the Date field names.
    pub date: Option<Timestamp>,
    /// The zone that the Date field names, minutes east of UTC (SEARCH SENTON takes the day as written).
    pub zone: i16,
    /// The mail's outermost part.
    pub root: Part,
    /// At most 200 characters from the start of the text, on one line.
    pub preview: String,
    /// Length of the header with its empty line, bytes.
    pub header_len: u32,
    /// Length of the record, bytes.
    pub size: u32,
    /// How many parts a reader would call attachments.
    pub attachments: u32,
    /// The Message-IDs of References, or the first of In-Reply-To (RFC 5256 3); the nearest hundred of them.
    pub references: Vec<String>,
    /// Whether a mailing list sent it (List-Id, List-Post, List-Unsubscribe, Precedence: list or bulk).
    pub list: bool,
    /// Whether a program sent it by itself (Auto-Submitted other than `no`, RFC 3834).
    pub auto_submitted: bool,
}

impl fmt::Debug for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Summary").field("root", &self.root).field("size", &self.size).finish_non_exhaustive()
    }
}

impl Summary {
    /// Writes the summary as the store keeps it: a version byte, then postcard.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        postcard::to_extend(self, vec![VERSION]).unwrap_or_default()
    }

    /// Reads what [`Self::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`SummaryError`] when the bytes are of another version or damaged; the summary can then be made
    /// anew from the mail.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SummaryError> {
        match bytes.split_first() {
            Some((&VERSION, rest)) => postcard::from_bytes(rest).map_err(|_| SummaryError::Damaged),
            Some((&version, _)) => Err(SummaryError::Version(version)),
            None => Err(SummaryError::Damaged),
        }
    }

    /// Every part that can hold content, with its IMAP number, in the order of the mail: all parts but
    /// multiparts. Parts inside an attached mail are not among them; the attached mail itself is.
    #[must_use]
    pub fn leaves(&self) -> Vec<(String, &Part)> {
        self.root.leaves()
    }
}

/// Why a stored summary cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SummaryError {
    /// Written by another version of this program.
    #[error("the stored summary has version {0}, this program knows version {VERSION}")]
    Version(u8),
    /// Not what was written.
    #[error("the stored summary is damaged; it can be made anew from the mail")]
    Damaged,
}

impl Fault for SummaryError {
    fn kind(&self) -> Kind {
        Kind::Bug
    }
}

/// The header fields that ENVELOPE shows (RFC 3501 7.4.2): unfolded, otherwise as they are written.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct HeaderSummary {
    /// Date.
    pub date: Option<Raw>,
    /// Subject.
    pub subject: Option<Raw>,
    /// From.
    pub from: Vec<MailAddress>,
    /// Sender; empty when the mail has none: ENVELOPE then shows From ([`Self::sender_or_from`]).
    pub sender: Vec<MailAddress>,
    /// Reply-To; empty when the mail has none: ENVELOPE then shows From ([`Self::reply_to_or_from`]).
    pub reply_to: Vec<MailAddress>,
    /// To.
    pub to: Vec<MailAddress>,
    /// Cc.
    pub cc: Vec<MailAddress>,
    /// Bcc.
    pub bcc: Vec<MailAddress>,
    /// In-Reply-To.
    pub in_reply_to: Option<Raw>,
    /// Message-ID, with its angle brackets.
    pub message_id: Option<Raw>,
}

impl HeaderSummary {
    /// The fourth field of ENVELOPE: Sender, or From where it is missing or empty.
    #[must_use]
    pub fn sender_or_from(&self) -> &[MailAddress] {
        if self.sender.is_empty() { &self.from } else { &self.sender }
    }
    /// The fifth field of ENVELOPE: Reply-To, or From where it is missing or empty.
    #[must_use]
    pub fn reply_to_or_from(&self) -> &[MailAddress] {
        if self.reply_to.is_empty() { &self.from } else { &self.reply_to }
    }
}

/// One address structure of ENVELOPE. A group begins with one that has only `mailbox` (the group's name)
/// and ends with one that has nothing; a real address always has `mailbox` and `host`, either may be
/// empty where the mail's address is broken.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct MailAddress {
    /// The display name, or the comment that stands for it; still RFC 2047 encoded.
    pub name: Option<Raw>,
    /// The source route of RFC 822.
    pub route: Option<Raw>,
    /// The local part, unquoted; the name of the group at its beginning.
    pub mailbox: Option<Raw>,
    /// The domain; `None` marks the beginning or end of a group.
    pub host: Option<Raw>,
}

impl MailAddress {
    /// Whether this is an address and no mark of a group.
    #[must_use]
    pub fn is_address(&self) -> bool {
        self.host.is_some()
    }
}

/// What a part is, for IMAP: decides which fields BODYSTRUCTURE shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PartKind {
    /// A multipart; its parts are `children`. One without any (no boundary, or none found) is shown by IMAP
    /// with one empty text part.
    Multipart,
    /// message/rfc822; its one child is the outermost part of the mail within.
    Message,
    /// text/*; shows its lines.
    Text,
    /// Everything else.
    Basic,
}

/// A parameter of Content-Type or Content-Disposition. A value that was split (RFC 2231 3) is put
/// together; where it is percent-encoded its name ends with `*`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Param {
    /// The name as written.
    pub name: String,
    /// The value, unquoted.
    pub value: Raw,
}

/// Content-Disposition (RFC 2183).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disposition {
    /// `attachment`, `inline` …, as written.
    pub kind: String,
    /// The parameters.
    pub params: Vec<Param>,
}

/// One MIME part (RFC 2045): what BODYSTRUCTURE tells, and where it lies in the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// What it is.
    pub kind: PartKind,
    /// The type as written; `text` where Content-Type is missing or broken.
    pub media_type: String,
    /// The subtype as written.
    pub subtype: String,
    /// The parameters of Content-Type. IMAP shows `charset=us-ascii` for a text part that names no charset
    /// (RFC 2045 5.2); it is not put in here.
    pub params: Vec<Param>,
    /// Content-Disposition.
    pub disposition: Option<Disposition>,
    /// Content-ID.
    pub id: Option<Raw>,
    /// Content-Description, still encoded.
    pub description: Option<Raw>,
    /// Content-Transfer-Encoding as written; `7bit` where it is missing.
    pub encoding: String,
    /// Content-Language, a tag each.
    pub language: Vec<String>,
    /// Content-Location.
    pub location: Option<Raw>,
    /// Content-MD5.
    pub md5: Option<Raw>,
    /// Where the part's header begins.
    pub header_start: u32,
    /// Where its body begins, after the empty line.
    pub body_start: u32,
    /// Where its body ends; the line end before the next boundary is not part of it.
    pub body_end: u32,
    /// Lines of the body (line ends counted); of text and message parts only, else 0.
    pub lines: u32,
    /// Of a message part: the header fields of the mail within.
    pub message: Option<Box<HeaderSummary>>,
    /// The parts within: of a multipart its parts, of a message part the one outermost part of that mail.
    pub children: Vec<Part>,
    /// What went wrong when it was read.
    pub issue: Option<PartIssue>,
}

impl Part {
    /// Size of the body, bytes, as it lies there (still transfer-encoded).
    #[must_use]
    pub fn size(&self) -> u32 {
        self.body_end.saturating_sub(self.body_start)
    }

    /// `type/subtype` in lower case.
    #[must_use]
    pub fn content_type(&self) -> String {
        format!("{}/{}", self.media_type, self.subtype).to_ascii_lowercase()
    }

    /// The parameter `name` of Content-Type, decoded (RFC 2231, RFC 2047, raw charsets).
    #[must_use]
    pub fn param(&self, name: &str) -> Option<String> {
        mime::decoded(&self.params, name)
    }

    /// The file name: `filename` of Content-Disposition, else `name` of Content-Type; decoded.
    #[must_use]
    pub fn file_name(&self) -> Option<String> {
        let named = self.disposition.as_ref().and_then(|d| mime::decoded(&d.params, "filename"));
        named.or_else(|| self.param("name")).filter(|name| !name.is_empty())
    }

    /// Whether a reader would call it an attachment: marked so, named, or no text.
    #[must_use]
    pub fn is_attachment(&self) -> bool {
        if matches!(self.kind, PartKind::Multipart) {
            return false;
        }
        let marked = self.disposition.as_ref().is_some_and(|d| d.kind.eq_ignore_ascii_case("attachment"));
        marked || self.file_name().is_some() || self.kind != PartKind::Text
    }

    /// The part's body without its transfer encoding; `body` is what lies at its place. What went wrong comes with it:
    /// with an unknown encoding the bytes are as they lay there.
    #[must_use]
    pub fn decoded<'b>(&self, body: &'b [u8]) -> (Cow<'b, [u8]>, Option<PartIssue>) {
        transfer::decode(body, &self.encoding)
    }

    /// What takes the transfer encoding off the body where that comes in pieces; `None` where nobody knows the encoding.
    #[must_use]
    pub fn decoder(&self) -> Option<transfer::Decoder> {
        transfer::Decoder::new(&self.encoding)
    }

    pub(crate) fn leaves(&self) -> Vec<(String, &Self)> {
        let mut out = Vec::new();
        self.collect_leaves("", &mut out);
        out
    }

    fn collect_leaves<'a>(&'a self, number: &str, out: &mut Vec<(String, &'a Part)>) {
        if self.kind != PartKind::Multipart || self.children.is_empty() {
            out.push((if number.is_empty() { "1".to_owned() } else { number.to_owned() }, self));
            return;
        }
        for (i, child) in self.children.iter().enumerate() {
            let dot = if number.is_empty() { "" } else { "." };
            child.collect_leaves(&format!("{number}{dot}{}", i + 1), out);
        }
    }
}

/// Why a part could not be read whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PartIssue {
    /// A multipart without boundary or without any part, or an encoding that does not decode.
    Broken,
    /// A transfer encoding that nobody knows.
    UnknownEncoding,
    /// Nested deeper than `limits.depth`.
    TooDeep,
    /// More parts than `limits.parts`; this one holds all the rest.
    TooMany,
    /// A header longer than `limits.header_bytes`; only its beginning was read.
    HeaderTooLong,
}
