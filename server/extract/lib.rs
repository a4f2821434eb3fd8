//! Text out of the parts of a mail, for the inspection. What a part is, its content says, not its name or its
//! declared type; what cannot be read is named with the reason. [`extract`] is pure: bytes in, texts out.
//! [`Workers`] does the same in child processes without rights, for whatever is more than text; [`extract_plain`]
//! says what needs none.
//!
//! ```
//! let limits = types::Limits::default();
//! let mail = b"Content-Type: text/csv; name=a.csv\r\n\r\nname,no\r\ntaro,1\r\n";
//! let parsed = message::Parsed::parse(mail, &limits);
//! let out = extract::extract(&parsed.leaves()[0], &limits);
//! assert_eq!(out.texts[0].text, "name\u{1f}no\ntaro\u{1f}1\n");
//! ```

mod child;
mod formats;
mod kept;
mod ocr;
mod ornaments;
mod passwords;
mod picture;
mod reader;
mod sniff;

use message::Leaf;
use serde::{Deserialize, Serialize};
use types::Limits;

pub use child::{Bounds, NoWorker, Program, Workers, run, self_test};
pub use kept::{Edition, Fingerprint, Kept, MailTexts, NotNow, PartTexts};
pub use ocr::Ocr;
pub use ornaments::{ORNAMENT, ornaments};
pub use passwords::{PASSWORDS, Password, PasswordError, Passwords, Tried};
pub use picture::Picture;
pub use sniff::FileType;

/// The character between the cells of a row; the same as `detect`'s.
pub const CELL: char = '\u{1f}';
/// Stands before a cell that a spreadsheet keeps as a number, which has lost its leading zeros; the same as `detect`'s.
pub const NUMBER: char = '\u{1e}';
/// A line break inside a cell.
pub(crate) const CELL_LINE: char = '\u{2028}';

/// What kind of text it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextKind {
    /// Running text.
    Plain,
    /// Rows of cells.
    Table,
    /// Rendered from HTML.
    Html,
    /// A header field of an attached mail that people write, by its name.
    Header(String),
    /// The name of a file inside.
    Name,
}

/// A text that was found. Its `Debug` shows no content.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// The path inside an archive or attached mail; empty for the part itself.
    pub inner: String,
    /// What kind of text it is.
    pub kind: TextKind,
    /// The name of the file inside that it comes from, if it is one.
    pub name: Option<String>,
    /// The text: cells separated by [`CELL`], rows by line feeds.
    pub text: String,
}

impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Text").field("kind", &self.kind).field("size", &self.text.len()).finish_non_exhaustive()
    }
}

/// Why something could not be inspected; the words are those of the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// It needs a password or a key.
    Encrypted,
    /// It is damaged, or encoded in a way that nobody knows.
    Broken,
    /// It is larger, deeper or has more parts than the limits allow.
    TooBig,
    /// It took longer than the limits allow.
    TooSlow,
    /// A format that is not read.
    Unsupported,
    /// Pages that are pictures, as scanned paper is: they hold no text to read.
    ImageOnly,
}

impl Reason {
    /// The word in rules, reports and JSON.
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
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}

/// Something that could not be inspected.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct NotInspected {
    /// The IMAP part number.
    pub part: String,
    /// The path inside an archive or attached mail; empty for the part itself.
    pub inner: String,
    /// Why.
    pub reason: Reason,
}

/// What lies further in, of what rules ask for by its kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inside {
    /// Bytes of the largest picture that is no ornament ([`ORNAMENT`]), or of the largest file with pages that are pictures.
    pub picture: Option<u64>,
    /// Whether there is a program, whatever its name says.
    pub program: bool,
}

impl Inside {
    /// This and `more`.
    #[must_use]
    pub fn and(self, more: Self) -> Self {
        Self { picture: self.picture.max(more.picture), program: self.program || more.program }
    }
}

/// What came out of a part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extracted {
    /// The texts, in order.
    pub texts: Vec<Text>,
    /// What could not be inspected.
    pub not_inspected: Vec<NotInspected>,
    /// What the part really is.
    pub real_type: FileType,
    /// The pictures in it, unpacked for [`Ocr`], when the limits ask for some.
    #[serde(skip)]
    pub pictures: Vec<Picture>,
    /// Whether it is an image, or a document whose pages are images: no text is read out of it, and rules do not
    /// stop on it but by name.
    pub image: bool,
    /// What lies in it.
    pub inside: Inside,
    /// Whether another try would give the same: false after trouble with a child or a program, or when time ran out.
    pub settled: bool,
    /// Whether something in it takes a password, so that another list of them may read it otherwise.
    pub locked: bool,
    /// The paths inside to what was encrypted and one of the [`Passwords`] opened; empty for the part itself.
    pub opened: Vec<String>,
}

/// Takes the texts out of a part, in this process. What needs a password stays closed.
#[must_use]
pub fn extract(leaf: &Leaf, limits: &Limits) -> Extracted {
    extract_with(leaf, limits, &Passwords::default())
}

/// The same, with passwords to try.
#[must_use]
pub fn extract_with(leaf: &Leaf, limits: &Limits, passwords: &Passwords) -> Extracted {
    let mut out = Extracted::nothing(leaf);
    reader::Reader::read(leaf, limits, passwords, &mut out);
    out
}

/// Takes the texts out of a part in this process when it is text, HTML, a mail of such, or nothing to be read at all;
/// `None`: it has to be parsed in a child, as what a password may open.
#[must_use]
pub fn extract_plain(leaf: &Leaf, limits: &Limits, passwords: &Passwords) -> Option<Extracted> {
    let mut out = Extracted::nothing(leaf);
    reader::Reader::read_plainly(leaf, limits, passwords, &mut out).then_some(out)
}

impl reader::Sink for Extracted {
    fn text(&mut self, text: Text) {
        self.texts.push(text);
    }

    fn picture(&mut self, picture: Picture) {
        self.pictures.push(picture);
    }

    fn refused(&mut self, refused: NotInspected) {
        // a document all of whose pages are pictures
        self.image |= refused.reason == Reason::ImageOnly && refused.inner.is_empty();
        self.not_inspected.push(refused);
    }

    fn inside(&mut self, inside: Inside) {
        self.inside = self.inside.and(inside);
    }

    fn locked(&mut self) {
        self.locked = true;
    }

    fn opened(&mut self, inner: String) {
        // what such a part is, was hidden in it
        if inner.is_empty() && self.real_type == FileType::Encrypted {
            self.real_type = FileType::Office;
        }
        if !self.opened.contains(&inner) {
            self.opened.push(inner);
        }
    }
}

impl Extracted {
    /// Adds what a picture says.
    pub fn read_picture(&mut self, picture: &Picture, text: String) {
        let Picture { inner, name, .. } = picture;
        self.texts.push(Text { inner: inner.clone(), kind: TextKind::Plain, name: name.clone(), text });
    }

    /// Says that a picture could not be read.
    pub fn refuse_picture(&mut self, leaf: &Leaf, picture: &Picture, reason: Reason) {
        self.settled = false;
        self.not_inspected.push(NotInspected { part: leaf.part.clone(), inner: picture.inner.clone(), reason });
    }

    /// What a part is, with nothing read out of it.
    #[must_use]
    pub fn nothing(leaf: &Leaf) -> Self {
        let real_type = sniff::file_type(leaf);
        let image = real_type == FileType::Image;
        Self {
            texts: Vec::new(),
            not_inspected: Vec::new(),
            pictures: Vec::new(),
            real_type,
            image,
            inside: Inside::default(),
            settled: true,
            locked: false,
            opened: Vec::new(),
        }
    }

    /// Says that the part could not be inspected, or not wholly.
    pub fn refuse(&mut self, leaf: &Leaf, reason: Reason) {
        self.not_inspected.push(NotInspected { part: leaf.part.clone(), inner: String::new(), reason });
    }

    /// Says that something went wrong beside the file: it could not be inspected this time.
    pub fn fail(&mut self, leaf: &Leaf, reason: Reason) {
        self.settled = false;
        self.refuse(leaf, reason);
    }

    /// The same as read in the part `part` of another mail.
    #[must_use]
    pub fn at_part(&self, part: &str) -> Self {
        let mut here = self.clone();
        here.not_inspected.iter_mut().for_each(|one| part.clone_into(&mut one.part));
        here
    }

    /// Whether something in it needs a password or a key, also where one of those to try has opened it.
    #[must_use]
    pub fn encrypted(&self) -> bool {
        !self.opened.is_empty() || self.not_inspected.iter().any(|refused| refused.reason == Reason::Encrypted)
    }
}
