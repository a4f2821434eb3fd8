//! What was read in the parts of a mail, as it is kept beside the mail so that no part is read twice. It knows what
//! the same reading is: the same bytes, described the same way, read by the same edition of this crate under the same
//! bounds. Where it is kept, and sealed under which key, the store knows.
//!
//! ```
//! use extract::{Edition, Fingerprint, Kept, Tried};
//!
//! let limits = types::Limits::default();
//! let mail = b"Content-Type: text/csv; name=a.csv\r\n\r\nname,no\r\ntaro,1\r\n";
//! let leaf = &message::Parsed::parse(mail, &limits).leaves()[0];
//! let mut kept = Kept::new(Edition::of(&limits, false));
//! kept.put(Fingerprint::of(leaf), &leaf.part, Tried::default(), &extract::extract(leaf, &limits).into());
//! let again = Kept::from_bytes(Edition::of(&limits, false), &kept.to_bytes()).unwrap();
//! assert_eq!(again.get(&Fingerprint::of(leaf), Tried::default()).unwrap().texts[0].text, "name\u{1f}no\ntaro\u{1f}1\n");
//! assert!(Kept::from_bytes(Edition::of(&limits, true), &kept.to_bytes()).is_none());
//! ```

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use message::{Leaf, LeafRole};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use types::{Limits, RecordId};

use crate::{Extracted, Tried};

/// Grows with every change of what is read out of a file; the number of the release counts too.
const READER: u32 = 5;

/// Which reader, under which bounds: what another edition has read is as good as not read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Edition(u32);

impl Edition {
    /// Of this crate, with these bounds, and with or without something that reads pictures.
    #[must_use]
    pub fn of(limits: &Limits, reads_pictures: bool) -> Self {
        let pictures = if reads_pictures { limits.ocr_pictures } else { 0 };
        let Limits { depth, parts, header_bytes, addresses, .. } = limits;
        let about =
            format!("{READER} {} {depth} {parts} {header_bytes} {addresses} {pictures}", env!("CARGO_PKG_VERSION"));
        let digest: [u8; 32] = Sha256::digest(about).into();
        let [a, b, c, d, ..] = digest;
        // databases keep it as a positive number
        Self(u32::from_le_bytes([a, b, c, d]) >> 1)
    }

    /// As a number, for the row that names what is kept.
    #[must_use]
    pub fn number(self) -> u32 {
        self.0
    }
}

/// Names a part by everything that its texts depend on: its bytes and how the mail describes them, but not where in
/// the mail it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// Of a part.
    #[must_use]
    pub fn of(leaf: &Leaf<'_>) -> Self {
        let role = match leaf.role {
            LeafRole::Text => "text",
            LeafRole::Html => "html",
            LeafRole::Attachment => "attachment",
            LeafRole::Message => "message",
        };
        let issue = leaf.issue.map(|issue| format!("{issue:?}"));
        let words = [Some(role), Some(&leaf.content_type), leaf.name.as_deref(), leaf.charset.as_deref()];
        let mut hash = Sha256::new();
        for field in words.into_iter().chain([issue.as_deref(), leaf.text.as_deref()]) {
            hash.update([u8::from(field.is_some())]);
            hash.update((field.map_or(0, str::len) as u64).to_le_bytes());
            hash.update(field.unwrap_or_default());
        }
        hash.update(&leaf.bytes);
        Self(hash.finalize().into())
    }
}

/// The texts of some parts. A clone shares them. Its `Debug` shows none.
#[derive(Clone, Default)]
pub struct Kept {
    edition: Edition,
    parts: Vec<Part>,
}

#[derive(Clone)]
struct Part {
    print: Fingerprint,
    /// The IMAP number in the mail where it was last met.
    part: String,
    /// Which passwords were tried, when it would read otherwise with others ([`Extracted::locked`]).
    tried: Option<Tried>,
    read: Arc<Extracted>,
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Kept({:?}, {} parts)", self.edition, self.parts.len())
    }
}

impl Kept {
    /// Nothing yet, to be filled by this edition.
    #[must_use]
    pub fn new(edition: Edition) -> Self {
        Self { edition, parts: Vec::new() }
    }

    /// Which edition has read it.
    #[must_use]
    pub fn edition(&self) -> Edition {
        self.edition
    }

    /// Whether nothing is kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// What was read in the part with this fingerprint, with these passwords tried on it. What takes no password is the
    /// same whichever are tried; of what does, nothing that other passwords opened or left closed is given.
    #[must_use]
    pub fn get(&self, print: &Fingerprint, tried: Tried) -> Option<&Arc<Extracted>> {
        let same = |part: &&Part| part.print == *print && part.tried.is_none_or(|those| those == tried);
        self.parts.iter().find(same).map(|part| &part.read)
    }

    /// Keeps what was read in a part, wherever it stands, with these passwords tried on it. What another try could read
    /// better is left out ([`Extracted::settled`]).
    pub fn put(&mut self, print: Fingerprint, part: &str, tried: Tried, read: &Arc<Extracted>) {
        if read.settled && self.get(&print, tried).is_none() {
            let tried = read.locked.then_some(tried);
            self.parts.push(Part { print, part: part.to_owned(), tried, read: Arc::clone(read) });
        }
    }

    /// Whether any of it would read otherwise with other passwords.
    #[must_use]
    pub fn takes_passwords(&self) -> bool {
        self.parts.iter().any(|part| part.tried.is_some())
    }

    /// Only what stood in the part `part` of the mail.
    #[must_use]
    pub fn of_part(&self, part: &str) -> Self {
        let parts = self.parts.iter().filter(|one| one.part == part).cloned().collect();
        Self { edition: self.edition, parts }
    }

    /// Adds what `other` has, when the same edition has read it.
    pub fn join(&mut self, other: Self) {
        if self.edition == other.edition {
            let all = other.parts.iter();
            all.for_each(|one| self.put(one.print, &one.part, one.tried.unwrap_or_default(), &one.read));
        }
    }

    /// As bytes, to be compressed and sealed: they hold what people wrote.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let parts = self.parts.iter().map(|part| (part.print, part.part.as_str(), part.tried, part.read.as_ref()));
        let parts: Vec<_> = parts.collect();
        // nothing in it can fail to be written, and an empty answer is as good as none
        postcard::to_allocvec(&(self.edition, parts)).unwrap_or_default()
    }

    /// Reads [`Self::to_bytes`]; `None` when another edition wrote them, or they make no sense.
    #[must_use]
    pub fn from_bytes(edition: Edition, bytes: &[u8]) -> Option<Self> {
        let (written, rest) = postcard::take_from_bytes::<Edition>(bytes).ok()?;
        if written != edition {
            return None;
        }
        let parts: Vec<(Fingerprint, String, Option<Tried>, Extracted)> = postcard::from_bytes(rest).ok()?;
        let part = |(print, part, tried, read)| Part { print, part, tried, read: Arc::new(read) };
        Some(Self { edition, parts: parts.into_iter().map(part).collect() })
    }
}

/// The texts of one part of a mail.
#[derive(Debug, Clone)]
pub struct PartTexts {
    /// The IMAP part number.
    pub part: String,
    /// What it is to the reader.
    pub role: LeafRole,
    /// The file name.
    pub name: Option<String>,
    /// Whether the mail itself says that it is text, so that decoding it gives what whoever searches a mail sees.
    pub textual: bool,
    /// What was read in it.
    pub read: Arc<Extracted>,
}

impl PartTexts {
    /// What was read in a part.
    #[must_use]
    pub fn new(leaf: &Leaf<'_>, read: Extracted) -> Self {
        let (part, role, name) = (leaf.part.clone(), leaf.role, leaf.name.clone());
        Self { part, role, name, textual: leaf.text.is_some(), read: Arc::new(read) }
    }
}

/// Mail cannot be read now: the server is in trouble, not the mail.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the texts of a mail cannot be read now: {0}")]
pub struct NotNow(pub String);

/// Where a room that must not know how mail is inspected gets the texts of a stored mail, as the index does.
#[async_trait]
pub trait MailTexts: Send + Sync {
    /// The texts of every part of the mail `record`, whose bytes these are. Attachments that were read before are
    /// not read again, and those that are read now are kept.
    async fn texts(&self, record: RecordId, bytes: Arc<[u8]>) -> Result<Vec<PartTexts>, NotNow>;

    /// As [`Self::texts`], for somebody who reads many mails: what is read now is kept with the next
    /// [`Self::keep_gathered`], or sooner.
    async fn gathered_texts(&self, record: RecordId, bytes: Arc<[u8]>) -> Result<Vec<PartTexts>, NotNow> {
        self.texts(record, bytes).await
    }

    /// Keeps what was gathered, together.
    async fn keep_gathered(&self) {}

    /// As [`Self::texts`] as far as no attachment has to be read for it: `None` where one has.
    async fn known_texts(&self, record: RecordId, bytes: Arc<[u8]>) -> Result<Option<Vec<PartTexts>>, NotNow>;

    /// The same of many mails at once; `None` also where it is better asked of that mail alone.
    async fn known_texts_of_many(
        &self,
        mails: Vec<(RecordId, Arc<[u8]>)>,
    ) -> Result<Vec<Option<Vec<PartTexts>>>, NotNow> {
        let mut known = Vec::with_capacity(mails.len());
        for (record, bytes) in mails {
            known.push(self.known_texts(record, bytes).await?);
        }
        Ok(known)
    }

    /// Ready when the mail that has come in so far is reviewed, so that its texts are kept; or after a while.
    async fn reviewed(&self);
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::{NotInspected, Password, Passwords, Reason, extract};

    fn leaf(name: &str, bytes: &'static [u8]) -> Leaf<'static> {
        Leaf {
            part: "2".into(),
            role: LeafRole::Attachment,
            content_type: "application/octet-stream".into(),
            name: Some(name.into()),
            charset: None,
            bytes: bytes.into(),
            text: None,
            issue: None,
        }
    }

    fn edition() -> Edition {
        Edition::of(&Limits::default(), true)
    }

    #[test]
    fn another_name_or_another_byte_is_another_part_and_another_place_is_not() {
        let print = |leaf: &Leaf<'_>| Fingerprint::of(leaf);
        let one = leaf("a.csv", b"a,b\r\n");
        assert_ne!(print(&one), print(&leaf("b.csv", b"a,b\r\n")));
        assert_ne!(print(&one), print(&leaf("a.csv", b"a,c\r\n")));
        assert_ne!(print(&one), print(&Leaf { name: None, ..one.clone() }));
        assert_eq!(print(&one), print(&Leaf { part: "3.1".into(), ..one.clone() }));
    }

    #[test]
    fn what_another_try_could_read_is_not_kept() {
        let one = leaf("a.csv", b"a,b\r\n");
        let mut read = extract(&one, &Limits::default());
        read.refuse(&one, Reason::TooSlow);
        read.settled = false;
        let mut kept = Kept::new(edition());
        kept.put(Fingerprint::of(&one), "2", Tried::default(), &Arc::new(read));
        assert!(kept.is_empty());
    }

    #[test]
    fn everything_comes_back_and_damage_is_nothing() {
        let one = leaf("a.csv", b"a,b\r\n");
        let mut read = extract(&one, &Limits::default());
        read.not_inspected.push(NotInspected { part: "2".into(), inner: "x.zip".into(), reason: Reason::Encrypted });
        let read = Arc::new(read);
        let mut kept = Kept::new(edition());
        kept.put(Fingerprint::of(&one), "2", Tried::default(), &read);
        let bytes = kept.to_bytes();
        let again = Kept::from_bytes(edition(), &bytes).into_iter().next();
        assert_eq!(again.as_ref().and_then(|kept| kept.get(&Fingerprint::of(&one), Tried::default())), Some(&read));
        assert!(again.is_some_and(|kept| !kept.of_part("2").is_empty() && kept.of_part("3").is_empty()));
        let cut = bytes.get(..bytes.len() - 1).unwrap_or_default();
        assert!(Kept::from_bytes(edition(), cut).is_none() && Kept::from_bytes(edition(), &[]).is_none());
        assert!(!format!("{kept:?}").contains("a.csv"));
    }

    #[test]
    fn what_takes_a_password_is_given_for_the_passwords_that_were_tried_alone() {
        let passwords = Passwords::new([([1; 16], Password::parse("x").unwrap())]);
        let (none, some) = (Tried::default(), passwords.tried());
        let (locked, open) = (leaf("a.xlsx", b"x"), leaf("a.csv", b"a,b\r\n"));
        let read = |leaf: &Leaf<'_>, locked| Arc::new(Extracted { locked, ..extract(leaf, &Limits::default()) });
        let mut kept = Kept::new(edition());
        kept.put(Fingerprint::of(&locked), "2", some, &read(&locked, true));
        kept.put(Fingerprint::of(&open), "3", some, &read(&open, false));
        for kept in [kept.clone(), Kept::from_bytes(edition(), &kept.to_bytes()).unwrap()] {
            assert!(kept.get(&Fingerprint::of(&locked), some).is_some());
            assert!(kept.get(&Fingerprint::of(&locked), none).is_none(), "another list may read it otherwise");
            assert!(kept.get(&Fingerprint::of(&open), none).is_some(), "no password is asked for");
        }
        kept.put(Fingerprint::of(&locked), "2", none, &read(&locked, true));
        let mut joined = Kept::new(edition());
        joined.join(kept);
        assert!([none, some].iter().all(|tried| joined.get(&Fingerprint::of(&locked), *tried).is_some()));
    }

    #[test]
    fn other_bounds_are_another_edition() {
        let limits = Limits::default();
        assert_ne!(edition(), Edition::of(&limits, false));
        assert_ne!(edition(), Edition::of(&Limits { depth: 3, ..limits.clone() }, true));
        assert_eq!(edition(), Edition::of(&Limits { connections: 3, ..limits }, true));
    }
}
