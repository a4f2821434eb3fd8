//! The texts of a mail and what of it could not be read: its header, its parts and what lies in them.

use crate::kind::{kind, may_be_a_picture};
use crate::seen::NotSeen;
use detect::{Place, Segment};
use extract::{Extracted, TextKind, ornaments};
use message::{Leaf, LeafRole, Parsed};
use review::{AttachmentFact, Unseen};

/// A text with its place.
pub(crate) struct Piece {
    pub place: Place,
    pub part: String,
    pub inner: String,
    /// The name of the file that it comes from.
    pub name: Option<String>,
    pub text: String,
}

impl Piece {
    pub fn segment(&self) -> Segment<'_> {
        let Self { place, part, inner, name, text } = self;
        Segment { place: place.clone(), part, inner, name: name.as_deref(), text }
    }
}

/// Takes the texts out of a part.
pub(crate) type Take<'a> = &'a mut dyn FnMut(&Leaf<'_>) -> Extracted;

/// Everything that is read out of a mail or a file.
#[derive(Default)]
pub(crate) struct Content {
    pub pieces: Vec<Piece>,
    pub not_inspected: Vec<NotSeen>,
    /// Part number of, and way inside to, what was encrypted and a password has opened.
    pub opened: Vec<(String, String)>,
    pub attachments: Vec<AttachmentFact>,
    /// Whether its text shows small pictures, which are no attachments.
    pub pictures_in_text: bool,
    /// Part number and name of every part with a name.
    pub names: Vec<(String, String)>,
}

impl Content {
    /// Reads a mail.
    pub fn of_mail(parsed: &Parsed<'_>, take: Take<'_>) -> Self {
        let mut content = Self::default();
        for (name, text) in parsed.header_texts() {
            let place = match name.eq_ignore_ascii_case("subject") {
                true => Place::Subject,
                false => Place::Header(name.to_ascii_lowercase()),
            };
            content.pieces.push(Piece { place, part: String::new(), inner: String::new(), name: None, text });
        }
        let leaves = parsed.leaves();
        let ornaments = ornaments(parsed.root(), &leaves);
        for leaf in &leaves {
            content.read(leaf, ornaments.contains(&leaf.part), take);
        }
        content
    }

    /// Reads one part. A small picture that stands in the text of the mail is no attachment, unless it only says that it is one.
    pub fn read(&mut self, leaf: &Leaf<'_>, ornament: bool, take: Take<'_>) {
        let extracted = take(leaf);
        let place = match leaf.role {
            LeafRole::Text => Place::Body,
            LeafRole::Html => Place::Html,
            LeafRole::Attachment | LeafRole::Message => Place::Attachment,
        };
        if place == Place::Attachment {
            let file = attachment(leaf, &extracted);
            match ornament && may_be_a_picture(&file) {
                true => self.pictures_in_text = true,
                false => self.attachments.push(file),
            }
        }
        self.unseen(leaf, &extracted);
        if let Some(name) = &leaf.name {
            self.names.push((leaf.part.clone(), name.clone()));
            self.pieces.push(Piece {
                place: Place::AttachmentName,
                part: leaf.part.clone(),
                inner: String::new(),
                name: Some(name.clone()),
                text: name.clone(),
            });
        }
        for text in extracted.texts {
            self.pieces.push(Piece {
                place: if text.kind == TextKind::Name { Place::AttachmentName } else { place.clone() },
                part: leaf.part.clone(),
                inner: text.inner,
                name: text.name.or_else(|| leaf.name.clone()),
                text: text.text,
            });
        }
    }

    fn unseen(&mut self, leaf: &Leaf<'_>, extracted: &Extracted) {
        for one in &extracted.not_inspected {
            let (part, inner) = (leaf.part.clone(), one.inner.clone());
            self.not_inspected.push(NotSeen { part, inner, reason: reason(one.reason) });
        }
        self.opened.extend(extracted.opened.iter().map(|inner| (leaf.part.clone(), inner.clone())));
    }
}

fn attachment(leaf: &Leaf<'_>, extracted: &Extracted) -> AttachmentFact {
    let size = leaf.bytes.len() as u64;
    AttachmentFact {
        part: leaf.part.clone(),
        name: leaf.name.clone().unwrap_or_default(),
        kind: kind(leaf, extracted),
        picture: extracted.image.then_some(size).or(extracted.inside.picture),
        encrypted: extracted.encrypted(),
        size,
    }
}

fn reason(reason: extract::Reason) -> Unseen {
    match reason {
        extract::Reason::Encrypted => Unseen::Encrypted,
        extract::Reason::Broken => Unseen::Broken,
        extract::Reason::TooBig => Unseen::TooBig,
        extract::Reason::TooSlow => Unseen::TooSlow,
        extract::Reason::Unsupported => Unseen::Unsupported,
        extract::Reason::ImageOnly => Unseen::ImageOnly,
    }
}
