//! What all ZIPs of a part have in common, read from its mail once, on a thread that may take its time: the files that are packed,
//! and what of the mail stands in the mails that bring them.

use std::sync::Arc;

use message::Parsed;
use message::charset::Forced;
use message::compose::Mailbox as Person;
use message::rewrite::{Protection, protection};
use types::{Address, Language, Limits, Treatment};

use super::pack::Packed;
use crate::{Outbound, OutboundError, Untreatable, treat};

/// What a ZIP's mail takes over from the mail of which it is made.
pub(super) struct ZipSource {
    /// What is packed: the files, and the text as one of them where the whole mail is.
    pub files: Vec<Packed>,
    /// Its subject without numbers.
    pub subject: String,
    /// The first of its authors.
    pub author: Option<Address>,
    /// Its Message-ID.
    pub id: Option<String>,
    /// Whom To and Cc name.
    pub to: Vec<Person>,
    pub cc: Vec<Person>,
    /// Where only the files are packed: its own header fields and its text.
    pub open: Option<(Vec<u8>, String)>,
}

impl ZipSource {
    /// Reads a mail of which more than its files is packed when `whole` says so, or where it has none.
    fn read(bytes: &[u8], limits: &Limits, whole: bool, language: Language) -> Result<Self, Untreatable> {
        let mail = Parsed::parse(bytes, limits);
        if protection(&mail) != Protection::None {
            return Err(Untreatable::Protected);
        }
        let files = message::attachments::all_whole(&mail).ok_or(Untreatable::FilesBroken)?;
        let whole = whole || files.is_empty();
        let files = files.into_iter().map(|(name, bytes)| Packed { name, bytes: bytes.into_owned() });
        let text = message::view::text(&mail, Forced::default(), None);
        let (packed, open) = match whole {
            true => (Some(written(&mail, &text, language)), None),
            false => (None, Some((message::instead::head(&mail), text))),
        };
        Ok(Self {
            files: packed.into_iter().chain(files).collect(),
            subject: inspect::mask_numbers(&mail.subject()),
            author: mail.from().into_iter().next(),
            id: mail.message_id(),
            to: people(&mail, "To"),
            cc: people(&mail, "Cc"),
            open,
        })
    }
}

impl Outbound {
    /// Reads the mail of a part that leaves as ZIPs.
    ///
    /// # Errors
    /// [`Untreatable`]; the thread could not do it.
    pub(super) async fn zip_source(
        &self,
        bytes: &Arc<Vec<u8>>,
        treatment: &Treatment,
        language: Language,
    ) -> Result<ZipSource, OutboundError> {
        let (limits, whole) = (self.limits.clone(), treat::demands_whole(treatment));
        let read = move |bytes: &[u8]| ZipSource::read(bytes, &limits, whole, language);
        Ok(crate::work::apart(bytes, read).await??)
    }
}

/// The text of a mail with what its header says of it, as editors on Windows read it.
fn written(mail: &Parsed<'_>, text: &str, language: Language) -> Packed {
    const MARK: &str = "\u{feff}";
    let (name, subject, from, date) = match language {
        Language::Ja => ("本文.txt", "件名", "差出人", "日時"),
        Language::En => ("message.txt", "Subject", "From", "Date"),
    };
    let sender = mail.header("From").unwrap_or_default();
    let moment = mail.header("Date").unwrap_or_default();
    let all = format!("{subject}: {}\n{from}: {}\n{date}: {}\n\n{text}", mail.subject(), sender.trim(), moment.trim());
    let lines: String = all.lines().map(|line| format!("{line}\r\n")).collect();
    Packed { name: name.to_owned(), bytes: (MARK.to_owned() + &lines).into_bytes() }
}

fn people(mail: &Parsed<'_>, field: &str) -> Vec<Person> {
    let person = |one: message::Person| {
        let name = if crate::release::is_a_name(&one.name) { one.name } else { String::new() };
        Some(Person::new(name, Address::parse(&one.address).ok()?))
    };
    mail.people(field).into_iter().filter_map(person).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(file: &str, whole: bool) -> ZipSource {
        let mail = format!(
            "From: a@x.example\r\nTo: =?utf-8?b?5bGx55Sw?= <b@y.example>\r\nSubject: 個人番号 1234 5678 9018\r\nMessage-ID: <1@x>\r\n\
             Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n{file}--b--\r\n"
        );
        ZipSource::read(mail.as_bytes(), &Limits::default(), whole, Language::Ja).unwrap()
    }

    #[test]
    fn the_text_is_packed_where_it_must_be_and_where_there_is_nothing_else() {
        let csv = "--b\r\nContent-Type: text/csv; name=a.csv\r\n\r\n1,2\r\n";
        for (file, whole, names) in
            [(csv, false, &["a.csv"][..]), (csv, true, &["本文.txt", "a.csv"]), ("", false, &["本文.txt"])]
        {
            let read = source(file, whole);
            assert_eq!(read.files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>(), names);
            assert_eq!(read.open.is_some_and(|(_, text)| text.contains("hello")), names == ["a.csv"]);
            assert!(!read.subject.contains("9018"), "{}", read.subject);
            assert_eq!((read.to.len(), read.cc.len(), read.id.as_deref()), (1, 0, Some("1@x")));
        }
    }
}
