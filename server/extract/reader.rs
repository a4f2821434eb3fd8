//! One part of a mail under work: the texts so far, the way to the file that is being read, and how much more it
//! may cost. Formats know nothing of each other: a reader hands every file that it finds inside to
//! [`Reader::file`], which finds out what it is and goes on there.

use message::{Leaf, LeafRole};
use types::Limits;

use crate::{Extracted, FileType, NotInspected, Reason, Text, TextKind, formats, sniff};

/// Files within files that are opened at most.
const DEPTH: usize = 8;
/// Files that are opened in one part at most.
const FILES: usize = 500;
/// Bytes of text that one part gives at most.
const TEXT: usize = 64 << 20;
/// Bytes that may be unpacked out of one part, for each byte of it.
const RATIO: usize = 100;
/// Bytes that may be unpacked in any case, and never more than.
const UNPACKED: std::ops::RangeInclusive<usize> = (16 << 20)..=(512 << 20);

/// The work on one part.
pub(crate) struct Reader<'a> {
    limits: &'a Limits,
    /// The steps from the part to the file that is being read.
    steps: Vec<Step>,
    out: Extracted,
    part: &'a str,
    files: usize,
    text: usize,
    /// Bytes that may still be unpacked.
    room: usize,
}

/// A file inside: how the way to it is written, and what its texts are about.
struct Step {
    way: String,
    name: Option<String>,
}

impl<'a> Reader<'a> {
    /// Reads `leaf` and everything in it.
    pub fn read(leaf: &'a Leaf, limits: &'a Limits) -> Extracted {
        let real_type = sniff::file_type(leaf);
        let out =
            Extracted { texts: Vec::new(), not_inspected: Vec::new(), real_type, image: real_type == FileType::Image };
        let room = leaf.bytes.len().saturating_mul(RATIO).clamp(*UNPACKED.start(), *UNPACKED.end());
        let mut reader = Self { limits, steps: Vec::new(), out, part: &leaf.part, files: 0, text: 0, room };
        formats::read(leaf, real_type, &mut reader);
        let scanned = |refused: &NotInspected| refused.reason == Reason::ImageOnly && refused.inner.is_empty();
        reader.out.image |= reader.out.not_inspected.iter().any(scanned);
        reader.out
    }

    /// The bounds for what is parsed.
    pub fn limits(&self) -> &'a Limits {
        self.limits
    }

    /// Adds a text of the file that is being read.
    pub fn text(&mut self, kind: TextKind, text: String) {
        let name = self.steps.last().and_then(|step| step.name.clone());
        self.add(self.inner(), name, kind, text);
    }

    /// Adds a text of a named place in the file, as a sheet of a workbook; the name speaks for its numbers as a file
    /// name does.
    pub fn text_of(&mut self, place: &str, kind: TextKind, text: String) {
        let file = self.steps.last().and_then(|step| step.name.as_deref()).unwrap_or_default();
        let name = format!("{file} {place}").trim().to_owned();
        self.add(self.way(place), Some(name), kind, text);
    }

    /// Says that the file that is being read could not be inspected, or not wholly. Once for each reason.
    pub fn refuse(&mut self, reason: Reason) {
        let refused = NotInspected { part: self.part.to_owned(), inner: self.inner(), reason };
        if !self.out.not_inspected.contains(&refused) {
            self.out.not_inspected.push(refused);
        }
    }

    /// Says that a named place in the file could not be inspected.
    pub fn refuse_at(&mut self, place: &str, reason: Reason) {
        self.steps.push(Step { way: place.to_owned(), name: None });
        self.refuse(reason);
        self.steps.pop();
    }

    /// Names a file that lies in the one being read, and says that it could not be inspected.
    pub fn refuse_file(&mut self, name: &str, reason: Reason) {
        self.text_of(name, TextKind::Name, name.to_owned());
        self.refuse_at(name, reason);
    }

    /// Reads a file that lies in the one being read, under its name there; the name is a text of its own.
    pub fn file(&mut self, name: &str, bytes: &[u8]) {
        let leaf = Leaf {
            part: String::new(),
            role: LeafRole::Attachment,
            content_type: "application/octet-stream".to_owned(),
            name: Some(name.to_owned()),
            charset: None,
            bytes: bytes.into(),
            text: None,
            issue: None,
        };
        self.leaf(name, &leaf, None);
    }

    /// Reads a part of what is being read: `way` is the step to it; `about` is what its texts are about where it has
    /// no name.
    pub fn leaf(&mut self, way: &str, leaf: &Leaf, about: Option<&str>) {
        let name = leaf.name.clone().or_else(|| about.map(str::to_owned));
        self.steps.push(Step { way: way.to_owned(), name });
        if let Some(name) = &leaf.name {
            self.add(self.inner(), Some(name.clone()), TextKind::Name, name.clone());
        }
        self.files += 1;
        if self.steps.len() > DEPTH.min(self.limits.depth) || self.files > FILES {
            self.refuse(Reason::TooBig);
        } else {
            formats::read(leaf, sniff::file_type(leaf), self);
        }
        self.steps.pop();
    }

    /// Reads what lies in the file that is being read as a file of its own, though its bytes do not lie together.
    pub fn within(&mut self, name: &str, read: impl FnOnce(&mut Self)) {
        let way = if name.is_empty() { "mail" } else { name };
        self.steps.push(Step { way: way.to_owned(), name: Some(way.to_owned()) });
        if !name.is_empty() {
            self.add(self.inner(), Some(name.to_owned()), TextKind::Name, name.to_owned());
        }
        self.files += 1;
        if self.steps.len() > DEPTH.min(self.limits.depth) || self.files > FILES {
            self.refuse(Reason::TooBig);
        } else {
            read(self);
        }
        self.steps.pop();
    }

    /// Whether no more files may be opened in this part.
    pub fn full(&self) -> bool {
        self.files >= FILES || self.text > TEXT
    }

    /// Bytes that may still be unpacked out of this part; who needs more says [`Reason::TooBig`].
    pub fn room(&self) -> usize {
        self.room
    }

    /// Takes `bytes` of the room; false, with the refusal said, when there is not so much.
    pub fn take(&mut self, bytes: usize) -> bool {
        let rest = self.room.checked_sub(bytes);
        match rest {
            Some(rest) => self.room = rest,
            None => self.refuse(Reason::TooBig),
        }
        rest.is_some()
    }

    fn add(&mut self, inner: String, name: Option<String>, kind: TextKind, text: String) {
        if text.trim().is_empty() {
            return;
        }
        self.text = self.text.saturating_add(text.len());
        if self.text > TEXT {
            self.refuse(Reason::TooBig);
        } else {
            self.out.texts.push(Text { inner, kind, name, text });
        }
    }

    fn inner(&self) -> String {
        self.steps.iter().map(|step| step.way.as_str()).collect::<Vec<_>>().join("/")
    }

    fn way(&self, place: &str) -> String {
        let inner = self.inner();
        if inner.is_empty() { place.to_owned() } else { format!("{inner}/{place}") }
    }
}
