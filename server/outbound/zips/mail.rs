//! The mail with which a ZIP goes: the sender's own header and text where only the files are packed; where the whole is, his name,
//! his subject without numbers, and nothing else of what he wrote. Pure, and it takes its time: not for async threads.

use std::ops::Range;

use inspect::extract::Password;
use message::compose::{Mail, Mailbox as Person};
use message::instead::{self, File};
use message::{Parsed, rewrite};
use types::{Address, Language, Limits, Timestamp};

use super::pack;
use super::source::ZipSource;
use crate::catalogue::{self, ZipText};
use crate::links::LinkFace;
use crate::{OutboundError, Untreatable};

const CONTENT_TYPE: &str = "application/zip";

/// What the mails with ZIPs say beside what they take over.
pub(super) struct Cover {
    pub language: Language,
    /// The sender and his company.
    pub face: LinkFace,
    /// In whose name it goes.
    pub from: Address,
    /// Its Message-ID where the mail has none.
    pub id: String,
    pub at: Timestamp,
    /// Its recipients are not shown.
    pub hides: bool,
}

/// For whom a ZIP is sealed.
pub(super) struct Key {
    pub password: Password,
    /// It was agreed before.
    pub agreed: bool,
    /// Some of them have their mailboxes here, so that a summary is wanted.
    pub for_mailboxes: bool,
}

/// A mail with a ZIP.
pub(super) struct Made {
    pub bytes: Vec<u8>,
    /// Ranges that are not sent.
    pub cuts: Vec<Range<u64>>,
    /// For mailboxes; empty where none is wanted.
    pub summary: Vec<u8>,
}

/// Packs and writes it.
///
/// # Errors
/// [`Untreatable::TooBig`]; the machine gives no randomness.
pub(super) fn made(source: &ZipSource, cover: &Cover, key: &Key, limits: &Limits) -> Result<Made, OutboundError> {
    let archive = pack::packed(&source.files, &key.password, cover.at).map_err(|_| OutboundError::NotPacked)?;
    let LinkFace { company, sender } = &cover.face;
    let text = source.open.as_ref().map(|(_, text)| text.as_str());
    let text = catalogue::zip_mail(cover.language, &ZipText { company, sender, agreed: key.agreed, text });
    let file = File { name: archive_name(cover.language), content_type: CONTENT_TYPE, bytes: &archive };
    let bytes = match &source.open {
        Some((head, _)) => instead::with_text_and_file(head, &text, file),
        None => instead::mail_with_file(bare(source, cover), &text, file),
    };
    if bytes.len() as u64 > limits.message_size {
        return Err(Untreatable::TooBig.into());
    }
    let cuts = if cover.hides { rewrite::recipient_fields(&bytes) } else { Vec::new() };
    let summary = || Parsed::parse(&bytes, limits).summary().to_bytes();
    let summary = if key.for_mailboxes { summary() } else { Vec::new() };
    Ok(Made { bytes, cuts, summary })
}

/// A header with nothing of what the author wrote but his subject, without numbers.
fn bare(source: &ZipSource, cover: &Cover) -> Mail {
    let from = Person::new(cover.face.sender.clone(), cover.from.clone());
    Mail::new(&from, cover.at, source.id.as_ref().unwrap_or(&cover.id))
        .to(&source.to)
        .cc(&source.cc)
        .subject(&source.subject)
}

const fn archive_name(language: Language) -> &'static str {
    match language {
        Language::Ja => "添付ファイル.zip",
        Language::En => "attachments.zip",
    }
}
