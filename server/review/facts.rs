//! What rules may know of a mail. The caller fills it in; nothing here looks anything up.

use std::fmt;
use std::sync::{Arc, OnceLock};

use detect::{Class, Level, Place};
use serde::Serialize;
use types::{Address, Timestamp};

use crate::text::normal;

/// Whether mail went to an address before: what somebody here sent himself, never what came in, since a stranger
/// could make himself known by writing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Contact {
    /// Nobody of the company has written to it.
    First,
    /// A colleague has, the author has not.
    Colleagues,
    /// The author has.
    Known,
}

/// A recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecipientFact {
    /// His address, as the mail has it.
    pub address: Address,
    /// The address of his mailbox, of a person inside: the other may be an alias of his, or have a detail.
    pub mailbox: Option<Address>,
    /// Whether he belongs to the tenant's domains.
    pub inside: bool,
    /// The groups that hold him, by name.
    pub groups: Vec<String>,
    /// The lists that hold his address, by name.
    pub lists: Vec<String>,
    /// His department, empty when he has none.
    pub department: String,
    /// Whether mail went to him before.
    pub contact: Contact,
    /// Whether his server was last spoken to under TLS; `None`: nobody knows.
    pub tls: Option<bool>,
}

/// The author.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuthorFact {
    /// The sender of the envelope, `None` for mail of a system.
    pub address: Option<Address>,
    /// The address of his mailbox, of a person inside: the other may be an alias of his.
    pub mailbox: Option<Address>,
    /// Whether he belongs to the tenant; a forward of one's mail has its forwarder as author.
    pub inside: bool,
    /// The groups that hold him, by name.
    pub groups: Vec<String>,
    /// The lists that hold his address, by name.
    pub lists: Vec<String>,
    /// His department, empty when he has none.
    pub department: String,
}

impl RecipientFact {
    /// The addresses by which a rule may mean him.
    pub(crate) fn addresses(&self) -> impl Iterator<Item = &Address> {
        std::iter::once(&self.address).chain(&self.mailbox)
    }
}

impl AuthorFact {
    /// The addresses by which a rule may mean him.
    pub(crate) fn addresses(&self) -> impl Iterator<Item = &Address> {
        self.address.iter().chain(&self.mailbox)
    }
}

/// A field in which recipients see each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seat {
    /// To.
    To,
    /// Cc.
    Cc,
}

/// An address that every recipient is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownFact {
    /// The field in which it stands.
    pub seat: Seat,
    /// The address.
    pub address: Address,
    /// Whether it belongs to the tenant's domains.
    pub inside: bool,
}

/// What a file is, by its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FileKind {
    /// A program or a script that runs when it is opened.
    Executable,
    /// A picture.
    Image,
    /// A collection of files: ZIP, 7z, RAR, tar.
    Archive,
    /// A document: text processing, spreadsheet, presentation.
    Office,
    /// A PDF.
    Pdf,
    /// Text, tables as text, markup.
    Text,
    /// An attached mail.
    Mail,
    /// Anything else.
    Other,
}

impl FileKind {
    pub(crate) const WORDS: [&str; 8] = ["executable", "image", "archive", "office", "pdf", "text", "mail", "other"];

    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "executable" => Self::Executable,
            "image" => Self::Image,
            "archive" => Self::Archive,
            "office" => Self::Office,
            "pdf" => Self::Pdf,
            "text" => Self::Text,
            "mail" => Self::Mail,
            "other" => Self::Other,
            _ => return None,
        })
    }
}

/// An attachment. Small pictures that the text shows (signatures, logos) are none.
#[derive(Clone, PartialEq, Eq)]
pub struct AttachmentFact {
    /// IMAP part number.
    pub part: String,
    /// The file name, empty when it has none.
    pub name: String,
    /// What it is, by content.
    pub kind: FileKind,
    /// Bytes of the largest picture in it: its own when it is one or a document whose pages are pictures, else of one that
    /// lies in it. None where there is none, or only ornaments.
    pub picture: Option<u64>,
    /// Whether it, or something in it, wants a password; also when an agreed one has opened it for the inspection.
    pub encrypted: bool,
    /// Bytes without transfer encoding.
    pub size: u64,
}

impl fmt::Debug for AttachmentFact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AttachmentFact({}, {:?}, {} bytes)", self.part, self.kind, self.size)
    }
}

/// A number that was found, without its digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindingFact {
    /// What it is.
    pub class: Class,
    /// How sure that is.
    pub level: Level,
    /// Every place that holds it, the best first.
    pub places: Vec<Place>,
}

/// Why something was not inspected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unseen {
    /// It wants a password.
    Encrypted,
    /// It is damaged.
    Broken,
    /// It is beyond a bound of size, depth or count.
    TooBig,
    /// It took too long.
    TooSlow,
    /// Its format is not read.
    Unsupported,
    /// Its pages are pictures. Rules that name no reasons do not stop on it, as on no picture.
    ImageOnly,
}

impl Unseen {
    pub(crate) const WORDS: [&str; 6] = ["encrypted", "broken", "too_big", "too_slow", "unsupported", "image_only"];

    /// The word of rules and of `inspect --json`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Encrypted => "encrypted",
            Self::Broken => "broken",
            Self::TooBig => "too_big",
            Self::TooSlow => "too_slow",
            Self::Unsupported => "unsupported",
            Self::ImageOnly => "image_only",
        }
    }

    pub(crate) fn from_word(word: &str) -> Option<Self> {
        let all = [Self::Encrypted, Self::Broken, Self::TooBig, Self::TooSlow, Self::Unsupported, Self::ImageOnly];
        all.into_iter().find(|one| one.word() == word)
    }
}

/// A text of the mail. Its `Debug` shows no content.
#[derive(Clone)]
pub struct TextFact {
    /// Where it stands.
    pub place: Place,
    /// The text.
    pub text: String,
    /// The form in which words are looked for, once a rule has asked for it.
    normal: OnceLock<String>,
}

impl TextFact {
    /// A text that stands at `place`.
    #[must_use]
    pub fn new(place: Place, text: String) -> Self {
        Self { place, text, normal: OnceLock::new() }
    }

    /// Its normal form; made once, however often and by whichever rules the mail is judged.
    pub(crate) fn normal(&self) -> &str {
        self.normal.get_or_init(|| normal(&self.text))
    }
}

impl fmt::Debug for TextFact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TextFact({:?}, {} bytes)", self.place, self.text.len())
    }
}

/// The facts about one mail. The direction follows from author and recipient.
#[derive(Clone)]
pub struct Facts {
    /// When it is judged.
    pub at: Timestamp,
    /// Who sends.
    pub author: AuthorFact,
    /// All recipients of the envelope.
    pub recipients: Vec<RecipientFact>,
    /// The addresses in To and Cc, each once in a field.
    pub shown: Vec<ShownFact>,
    /// Header fields, decoded.
    pub headers: Arc<Vec<(String, String)>>,
    /// Size of the whole mail, bytes.
    pub size: u64,
    /// The attachments.
    pub attachments: Arc<Vec<AttachmentFact>>,
    /// The numbers, each distinct one once.
    pub findings: Arc<Vec<FindingFact>>,
    /// What could not be inspected.
    pub not_inspected: Vec<Unseen>,
    /// The texts that `keyword`, `wildcard` and `regex` read.
    pub texts: Arc<Vec<TextFact>>,
}
