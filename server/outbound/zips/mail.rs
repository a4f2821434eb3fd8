//! The mail with which a ZIP goes: the sender's own header and text where only the files are packed; where the whole is, his name,
//! his subject without numbers, and nothing else of what he wrote.

use message::Parsed;
use message::charset::Forced;
use message::compose::{Mail, Mailbox as Person};
use message::instead::{self, File};
use types::{Address, Language, TenantId, UserId};

use super::pack::Packed;
use crate::catalogue::{self, ZipText};
use crate::{Outbound, OutboundError, Untreatable};

const CONTENT_TYPE: &str = "application/zip";

/// The author and the mail of which a ZIP is made.
pub(super) struct Unpacked<'a> {
    pub author: Option<UserId>,
    pub from: Option<&'a Address>,
    pub tenant: TenantId,
    pub bytes: &'a [u8],
}

impl Outbound {
    /// The bytes of the mail that brings `archive`; `agreed`: a password opens it that was agreed before.
    ///
    /// # Errors
    /// The machine gives no randomness.
    pub(super) fn zip_mail(
        &self,
        mail: &Unpacked<'_>,
        (whole, agreed): (bool, bool),
        archive: &[u8],
    ) -> Result<Vec<u8>, OutboundError> {
        let language = self.language_of(mail.author);
        let parsed = Parsed::parse(mail.bytes, &self.limits);
        let face = self.face_of(mail.tenant, mail.author, mail.from);
        let text = (!whole).then(|| message::view::text(&parsed, Forced::default(), None));
        let text = catalogue::zip_mail(
            language,
            &ZipText { company: &face.company, sender: &face.sender, agreed, text: text.as_deref() },
        );
        let file = File { name: archive_name(language), content_type: CONTENT_TYPE, bytes: archive };
        match whole {
            false => Ok(instead::with_text_and_file(&instead::head(&parsed), &text, file)),
            true => Ok(instead::mail_with_file(self.bare(mail, &parsed, face.sender)?, &text, file)),
        }
    }

    /// A header with nothing of what the author wrote but his subject, without numbers.
    fn bare(&self, mail: &Unpacked<'_>, parsed: &Parsed<'_>, sender: String) -> Result<Mail, OutboundError> {
        // an automatic mail has the null sender
        let from = mail.from.cloned().or_else(|| parsed.from().into_iter().next());
        let from = from.ok_or(OutboundError::NoSuchParcel)?;
        let id = match parsed.message_id() {
            Some(id) => id,
            None => self.message_id()?,
        };
        Ok(Mail::new(&Person::new(sender, from), self.clock.now(), &id)
            .to(&people(parsed, "To"))
            .cc(&people(parsed, "Cc"))
            .subject(&inspect::mask_numbers(&parsed.subject())))
    }
}

/// What is packed of a mail: its files, and its text as one where the whole is.
///
/// # Errors
/// [`Untreatable::FilesBroken`].
pub(super) fn contents(parsed: &Parsed<'_>, whole: bool, language: Language) -> Result<Vec<Packed>, Untreatable> {
    let files = message::attachments::all_whole(parsed).ok_or(Untreatable::FilesBroken)?;
    let files = files.into_iter().map(|(name, bytes)| Packed { name, bytes: bytes.into_owned() });
    let text = whole.then(|| Packed { name: text_name(language).to_owned(), bytes: written(parsed, language) });
    Ok(text.into_iter().chain(files).collect())
}

/// The text of a mail with what its header says of it, as editors on Windows read it.
fn written(parsed: &Parsed<'_>, language: Language) -> Vec<u8> {
    const MARK: &str = "\u{feff}";
    let (subject, from, date) = match language {
        Language::Ja => ("件名", "差出人", "日時"),
        Language::En => ("Subject", "From", "Date"),
    };
    let sender = parsed.header("From").unwrap_or_default();
    let moment = parsed.header("Date").unwrap_or_default();
    let text = message::view::text(parsed, Forced::default(), None);
    let all =
        format!("{subject}: {}\n{from}: {}\n{date}: {}\n\n{text}", parsed.subject(), sender.trim(), moment.trim());
    let lines: String = all.lines().map(|line| format!("{line}\r\n")).collect();
    (MARK.to_owned() + &lines).into_bytes()
}

fn people(parsed: &Parsed<'_>, field: &str) -> Vec<Person> {
    let people = parsed.people(field).into_iter();
    let person = |one: message::Person| {
        let name = if crate::release::is_a_name(&one.name) { one.name } else { String::new() };
        Some(Person::new(name, Address::parse(&one.address).ok()?))
    };
    people.filter_map(person).collect()
}

const fn archive_name(language: Language) -> &'static str {
    match language {
        Language::Ja => "添付ファイル.zip",
        Language::En => "attachments.zip",
    }
}

const fn text_name(language: Language) -> &'static str {
    match language {
        Language::Ja => "本文.txt",
        Language::En => "message.txt",
    }
}
