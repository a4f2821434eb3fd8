//! One part of a mail under work: the texts so far, the way to the file that is being read, and how much more it
//! may cost. Formats know nothing of each other: a reader hands every file that it finds inside to
//! [`Reader::file`], which finds out what it is and goes on there.

use message::{Leaf, LeafRole};
use types::Limits;

use crate::passwords::Trying;
use crate::{
    FileType, Inside, NotInspected, ORNAMENT, Password, Passwords, Picture, Reason, Text, TextKind, formats, sniff,
};

/// Files within files that are opened at most, attached mails among them.
const DEPTH: usize = 8;
/// Archives within archives that are opened at most.
const ARCHIVES: usize = 5;
/// Files that are opened in one part at most.
const FILES: usize = 500;
/// Bytes of text that one part gives at most.
pub(crate) const TEXT: usize = 64 << 20;
/// Texts, and files that cannot be read, that one part gives at most.
pub(crate) const TEXTS: usize = 100_000;
/// Bytes of one file inside; it lies in memory as a whole.
const FILE: usize = 64 << 20;
/// Bytes of a name inside that are kept.
const NAME: usize = 4_096;
/// Bytes that may be unpacked out of one part, for each byte of it.
const RATIO: usize = 100;
/// Bytes that may be unpacked in any case, and never more than.
const UNPACKED: std::ops::RangeInclusive<usize> = (16 << 20)..=(512 << 20);

/// Where it goes what a reader finds.
pub(crate) trait Sink {
    /// A text was found.
    fn text(&mut self, text: Text);
    /// Something could not be inspected.
    fn refused(&mut self, refused: NotInspected);
    /// A picture was unpacked.
    fn picture(&mut self, _picture: Picture) {}
    /// More of what rules ask for lies further in: all of it so far.
    fn inside(&mut self, _inside: Inside) {}
    /// A further file is about to be opened.
    fn next_file(&mut self) {}
    /// Something takes a password.
    fn locked(&mut self) {}
    /// What lies on this way was encrypted, and one of the passwords to try has opened it.
    fn opened(&mut self, _inner: String) {}
}

/// The work on one part.
pub(crate) struct Reader<'a> {
    limits: &'a Limits,
    /// The steps from the part to the file that is being read.
    steps: Vec<Step>,
    sink: &'a mut dyn Sink,
    refused: Vec<NotInspected>,
    part: &'a str,
    /// Bytes of the part.
    size: usize,
    /// What lies in it, as far as it was read.
    inside: Inside,
    files: usize,
    /// Bytes of text, and how many texts.
    text: usize,
    texts: usize,
    /// Bytes that may still be unpacked.
    room: usize,
    /// Pictures that may still be unpacked.
    pictures: usize,
    trying: Trying<'a>,
    /// Whether only that is read which needs no child.
    plainly: bool,
    /// Whether something was met that needs one.
    wants_child: bool,
}

/// A file inside: how the way to it is written, and what its texts are about.
struct Step {
    way: String,
    name: Option<String>,
    /// Whether it was unpacked.
    unpacked: bool,
    /// Its bytes; of a place in a file, those of the file.
    size: usize,
    /// Whether it is a small picture in a text, as logos are.
    ornament: bool,
}

impl<'a> Reader<'a> {
    /// Reads `leaf` and everything in it, what is encrypted with these passwords.
    pub fn read(leaf: &'a Leaf, limits: &'a Limits, passwords: &'a Passwords, sink: &'a mut dyn Sink) {
        let mut reader = Self::new(leaf, limits, passwords, sink, false);
        formats::read(leaf, sniff::file_type(leaf), &mut reader);
    }

    /// Reads `leaf` when no stranger's format has to be parsed for it, attached mails within it aside; false, with
    /// nothing of worth in `sink`, when one has.
    pub fn read_plainly(leaf: &'a Leaf, limits: &'a Limits, passwords: &'a Passwords, sink: &'a mut dyn Sink) -> bool {
        let mut reader = Self::new(leaf, limits, passwords, sink, true);
        formats::read(leaf, sniff::file_type(leaf), &mut reader);
        !reader.wants_child
    }

    fn new(
        leaf: &'a Leaf,
        limits: &'a Limits,
        passwords: &'a Passwords,
        sink: &'a mut dyn Sink,
        plainly: bool,
    ) -> Self {
        let room = leaf.bytes.len().saturating_mul(RATIO).clamp(*UNPACKED.start(), *UNPACKED.end());
        Self {
            limits,
            steps: Vec::new(),
            sink,
            refused: Vec::new(),
            part: &leaf.part,
            size: leaf.bytes.len(),
            inside: Inside::default(),
            files: 0,
            text: 0,
            texts: 0,
            room,
            pictures: limits.ocr_pictures,
            trying: Trying::new(passwords),
            plainly,
            wants_child: false,
        }
    }

    /// Whether only that is read which needs no child.
    pub fn is_plain(&self) -> bool {
        self.plainly
    }

    /// How many steps lead to the file that is being read.
    pub fn depth(&self) -> usize {
        self.steps.len()
    }

    /// Takes back the steps that reading a file left behind when it broke off.
    pub fn back_to(&mut self, depth: usize) {
        self.steps.truncate(depth);
    }

    /// Whether a file that has to be parsed in a child must be left to it; then this says so to whoever began.
    pub fn leave_to_child(&mut self) -> bool {
        self.wants_child |= self.plainly;
        self.plainly
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
        if reason == Reason::ImageOnly {
            self.holds(Inside { picture: Some(self.size() as u64), ..Inside::default() });
        }
        if !self.refused.contains(&refused) {
            self.sink.refused(refused.clone());
            self.refused.push(refused);
        }
    }

    /// Says that a named place in the file could not be inspected.
    pub fn refuse_at(&mut self, place: &str, reason: Reason) {
        let size = self.size();
        self.steps.push(Step { way: place.to_owned(), name: None, unpacked: true, size, ornament: false });
        self.refuse(reason);
        self.steps.pop();
    }

    /// Names a file that lies in the one being read, and says that it could not be inspected.
    pub fn refuse_file(&mut self, name: &str, reason: Reason) {
        let name = shortened(name);
        self.text_of(name, TextKind::Name, name.to_owned());
        self.files += 1;
        self.refuse_at(name, reason);
    }

    /// Reads a file that lies in the one being read, under its name there; the name is a text of its own.
    pub fn file(&mut self, name: &str, bytes: &[u8]) {
        self.unpacked(name, bytes, false);
    }

    /// The same of a picture that the document being read shows; a small one is an ornament of it.
    pub fn picture_file(&mut self, name: &str, bytes: &[u8]) {
        self.unpacked(name, bytes, bytes.len() < ORNAMENT);
    }

    /// Says that the document being read shows one more picture of so many bytes, which is not looked at.
    pub fn passed_picture(&mut self, size: usize) {
        let picture = (size >= ORNAMENT).then_some(size as u64);
        self.holds(Inside { picture, ..Inside::default() });
    }

    fn unpacked(&mut self, name: &str, bytes: &[u8], ornament: bool) {
        let name = shortened(name);
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
        let (way, size) = (name.to_owned(), bytes.len());
        self.open(Step { name: Some(way.clone()), way, unpacked: true, size, ornament }, &leaf);
    }

    /// Reads a part of what is being read: `way` is the step to it; `about` is what its texts are about where it has
    /// no name; `ornament` is a small picture in a text.
    pub fn leaf(&mut self, way: &str, leaf: &Leaf, about: Option<&str>, ornament: bool) {
        let name = leaf.name.clone().or_else(|| about.map(str::to_owned));
        let size = leaf.bytes.len();
        self.open(Step { way: way.to_owned(), name, unpacked: false, size, ornament }, leaf);
    }

    fn open(&mut self, step: Step, leaf: &Leaf) {
        self.steps.push(step);
        if let Some(name) = &leaf.name {
            self.add(self.inner(), Some(name.clone()), TextKind::Name, name.clone());
        }
        self.files += 1;
        let unpacked = self.steps.iter().filter(|step| step.unpacked).count();
        if self.steps.len() > DEPTH.min(self.limits.depth) || unpacked > ARCHIVES || self.files > FILES {
            self.refuse(Reason::TooBig);
        } else {
            self.sink.next_file();
            let real_type = sniff::file_type(leaf);
            self.meet(real_type);
            formats::read(leaf, real_type, self);
        }
        self.steps.pop();
    }

    /// Says what the file inside that is about to be read is, where rules ask for that.
    fn meet(&mut self, real_type: FileType) {
        let ornament = self.steps.last().is_some_and(|step| step.ornament);
        let picture = (real_type == FileType::Image && !ornament).then(|| self.size() as u64);
        self.holds(Inside { picture, program: real_type == FileType::Program });
    }

    fn holds(&mut self, more: Inside) {
        let inside = self.inside.and(more);
        if inside != self.inside {
            self.inside = inside;
            self.sink.inside(inside);
        }
    }

    /// Bytes of the file that is being read.
    fn size(&self) -> usize {
        self.steps.last().map_or(self.size, |step| step.size)
    }

    /// Reads what lies in the file that is being read as a file of its own, though its bytes do not lie together.
    pub fn within(&mut self, name: &str, read: impl FnOnce(&mut Self)) {
        let way = if name.is_empty() { "mail" } else { name };
        let (way, size) = (way.to_owned(), self.size());
        self.steps.push(Step { name: Some(way.clone()), way, unpacked: false, size, ornament: false });
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

    /// Whether there are passwords to try.
    pub fn may_unlock(&self) -> bool {
        self.trying.any()
    }

    /// Opens something in the file that is being read with the first password that fits; a try costs so many rounds
    /// of hashing. `None`: it stays closed, because none fits or trying costs too much.
    pub fn unlock<T>(&mut self, rounds: u64, attempt: impl FnMut(&Password) -> Option<T>) -> Option<T> {
        self.sink.locked();
        let opened = self.trying.open(rounds, attempt);
        if opened.is_some() {
            self.sink.opened(self.inner());
        }
        opened
    }

    /// Whether one more picture is to be unpacked.
    pub fn wants_picture(&self) -> bool {
        self.pictures > 0
    }

    /// Gives a picture of the file that is being read.
    pub fn picture(&mut self, width: u32, shades: Vec<u8>) {
        self.pictures = self.pictures.saturating_sub(1);
        let name = self.steps.last().and_then(|step| step.name.clone());
        self.sink.picture(Picture { inner: self.inner(), name, width, shades });
    }

    /// Whether no more files may be opened in this part.
    pub fn full(&self) -> bool {
        self.files >= FILES || self.text > TEXT || self.wants_child
    }

    /// Bytes that the next file may have, of those that may still be unpacked out of this part; who needs more says
    /// [`Reason::TooBig`].
    pub fn room(&self) -> usize {
        self.room.min(FILE)
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
        self.texts += 1;
        // what is refused counts, too, and has its room
        if self.text > TEXT || self.texts > TEXTS / 2 {
            self.refuse(Reason::TooBig);
        } else {
            self.sink.text(Text { inner, kind, name, text });
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

/// The beginning of a name: longer ones are nobody's.
fn shortened(name: &str) -> &str {
    name.get(..name.floor_char_boundary(NAME)).unwrap_or(name)
}
