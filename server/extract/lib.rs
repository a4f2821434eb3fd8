//! Text out of the parts of a mail, for the inspection. What a part is, its content says, not its name or its
//! declared type; what cannot be read is named with the reason. Pure: bytes in, texts out.
//!
//! ```
//! let limits = types::Limits::default();
//! let mail = b"Content-Type: text/csv; name=a.csv\r\n\r\nname,no\r\ntaro,1\r\n";
//! let parsed = message::Parsed::parse(mail, &limits);
//! let out = extract::extract(&parsed.leaves()[0], &limits);
//! assert_eq!(out.texts[0].text, "name\u{1f}no\ntaro\u{1f}1\n");
//! ```

mod html;
mod markup;
mod nested;
mod plain;
mod sniff;
mod table;
mod zip;

use message::{Leaf, LeafRole, PartIssue};
use serde::{Deserialize, Serialize};
use types::Limits;

pub use sniff::FileType;

/// The character between the cells of a row; the same as `detect`'s.
pub const CELL: char = '\u{1f}';
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
#[derive(Clone, PartialEq, Eq)]
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

/// What came out of a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extracted {
    /// The texts, in order.
    pub texts: Vec<Text>,
    /// What could not be inspected.
    pub not_inspected: Vec<NotInspected>,
    /// What the part really is.
    pub real_type: FileType,
    /// Whether it is an image: no text is read out of it, and rules do not stop on it.
    pub image: bool,
}

/// Takes the texts out of a part.
#[must_use]
pub fn extract(leaf: &Leaf, limits: &Limits) -> Extracted {
    at_depth(leaf, limits, 0)
}

/// The same for a part that lies `depth` mails deep.
pub(crate) fn at_depth(leaf: &Leaf, limits: &Limits, depth: usize) -> Extracted {
    let real_type = sniff::file_type(leaf);
    let mut out =
        Extracted { texts: Vec::new(), not_inspected: Vec::new(), real_type, image: real_type == FileType::Image };
    if let Some(reason) = leaf.issue.and_then(by_issue) {
        out.refuse(leaf, reason);
    }
    match real_type {
        FileType::Text if leaf.role == LeafRole::Html => out.push(TextKind::Html, html::text(&plain::text(leaf))),
        FileType::Text => read_text(leaf, &mut out),
        FileType::Html => out.push(TextKind::Html, html::text(&plain::text(leaf))),
        FileType::Mail => nested::read(leaf, limits, depth, &mut out),
        FileType::Image | FileType::Empty | FileType::Signature => {}
        FileType::Zip | FileType::Office => {
            let listing = zip::listing(&leaf.bytes);
            out.refuse(leaf, if listing.encrypted { Reason::Encrypted } else { Reason::Unsupported });
            if real_type == FileType::Zip {
                out.texts.extend(listing.names.into_iter().map(inner_name));
            }
        }
        FileType::Encrypted => out.refuse(leaf, Reason::Encrypted),
        _ => out.refuse(leaf, Reason::Unsupported),
    }
    out
}

fn read_text(leaf: &Leaf, out: &mut Extracted) {
    let text = plain::text(leaf);
    if text.contains("-----BEGIN PGP MESSAGE-----") {
        out.refuse(leaf, Reason::Encrypted);
    }
    match plain::form(leaf, &text) {
        plain::Form::Delimited(delimiter) => out.push(TextKind::Table, table::cells(&text, delimiter)),
        plain::Form::Folded => out.push(TextKind::Plain, plain::unfolded(&text)),
        plain::Form::Escaped => out.push(TextKind::Plain, plain::unescaped(&text)),
        plain::Form::Markup => out.push(TextKind::Plain, markup::text(&text)),
        plain::Form::Running => out.push(TextKind::Plain, text),
    }
}

fn inner_name(name: String) -> Text {
    Text { inner: name.clone(), kind: TextKind::Name, name: Some(name.clone()), text: name }
}

fn by_issue(issue: PartIssue) -> Option<Reason> {
    match issue {
        PartIssue::Broken | PartIssue::UnknownEncoding => Some(Reason::Broken),
        PartIssue::TooDeep | PartIssue::TooMany | PartIssue::HeaderTooLong => Some(Reason::TooBig),
    }
}

impl Extracted {
    /// Whether something in it needs a password or a key.
    #[must_use]
    pub fn encrypted(&self) -> bool {
        self.not_inspected.iter().any(|refused| refused.reason == Reason::Encrypted)
    }

    fn push(&mut self, kind: TextKind, text: String) {
        if !text.trim().is_empty() {
            self.texts.push(Text { inner: String::new(), kind, name: None, text });
        }
    }

    fn refuse(&mut self, leaf: &Leaf, reason: Reason) {
        self.not_inspected.push(NotInspected { part: leaf.part.clone(), inner: String::new(), reason });
    }
}
