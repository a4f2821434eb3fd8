//! Files that come back by a link: the mail in which they reach who sent it, written while they come in, and for how much there
//! is room. The mail goes in by the one door in, as any mail from outside.

use message::compose::{Mail, Mailbox as Person};
use message::gathering::Gathering;
use store::{AskedFrom, LinkRow, NewUpload, UPLOAD_BYTES_MOST, UPLOADS_MOST};
use types::{Address, Envelope, Reference};

use crate::{Outbound, OutboundError};

/// Most characters of the text that goes with files.
pub const REPLY_TEXT: usize = 4_000;

/// A mail of files that come back, under way.
#[derive(Debug)]
pub struct Reply {
    /// What turns files into the mail.
    pub gathering: Gathering,
    /// Its first bytes.
    pub head: Vec<u8>,
    /// From the recipient of the link to who sent it.
    pub envelope: Envelope,
    /// The line that says which way it came.
    pub trace: Vec<u8>,
    /// What people call it.
    pub reference: Reference,
}

/// How files come back.
#[derive(Debug, Clone, Copy)]
pub struct CameBy<'a> {
    /// From where.
    pub from: &'a AskedFrom,
    /// Version and cipher suite of TLS; `None`: nothing kept them from others on the way.
    pub tls: Option<&'a (&'static str, String)>,
}

impl CameBy<'_> {
    /// As a `Received` field says it (RFC 5321 4.4).
    fn with(self) -> String {
        let Some((version, cipher)) = self.tls else { return "HTTP".to_owned() };
        format!("HTTPS\r\n (version={version} cipher={cipher})")
    }
}

impl Outbound {
    /// To whom the files of a link come back; `None`: it takes none, or nobody here sent it.
    #[must_use]
    pub fn takes_replies(&self, link: &LinkRow) -> Option<Address> {
        let directory = self.store.directory();
        if link.collection.is_some() {
            return link.submission.from.clone();
        }
        let author = link.submission.author.filter(|_| link.replies)?;
        let user = directory.users.get(&author)?;
        Some(link.submission.from.clone().unwrap_or_else(|| user.address.clone()))
    }

    /// How many bytes of files a link takes now; `None`: no more, it took as many as it may.
    #[must_use]
    pub fn room_for_reply(&self, link: &LinkRow) -> Option<u64> {
        // base64 makes four bytes of three, and lines end
        let of_mail = self.limits.message_size / 100 * 72;
        let left = UPLOAD_BYTES_MOST.saturating_sub(link.uploaded);
        (link.uploads < UPLOADS_MOST && left > 0).then(|| of_mail.min(left))
    }

    /// Begins the mail of files that come back to `to`. `answers` are subject and Message-ID of what the link leads to.
    ///
    /// # Errors
    /// The machine gives no randomness.
    pub fn begin_reply(
        &self,
        link: &LinkRow,
        to: Address,
        (subject, answers): (&str, Option<&str>),
        text: &str,
        by: CameBy<'_>,
    ) -> Result<Reply, OutboundError> {
        let (id, at, reference) = (self.message_id()?, self.clock.now(), self.reference()?);
        let subject = match &link.collection {
            Some(collection) => collection.title.clone(),
            None => format!("Re: {subject}").trim_end().to_owned(),
        };
        let text: String = text.chars().take(REPLY_TEXT).collect();
        let mail = Mail::new(&Person::from(link.recipient.clone()), at, &id).to(&[Person::from(to.clone())]);
        let mail = mail.subject(&subject).text(text);
        let mail = match answers {
            Some(answers) => mail.in_reply_to(answers),
            None => mail,
        };
        let random = id.split('@').next().unwrap_or_default();
        let (gathering, head) = Gathering::begin(mail, random);
        let date = message::date::rfc5322(at, message::date::JAPAN);
        let trace = format!(
            "Received: from [{}] by {} with {} id {reference};\r\n {date}\r\n",
            by.from.network.replace('/', "-"),
            self.hostname,
            by.with()
        );
        let envelope = Envelope { from: Some(link.recipient.clone()), to: vec![to] };
        Ok(Reply { gathering, head, envelope, trace: trace.into_bytes(), reference })
    }

    /// What is written of files that have come in, with the mail that brings them.
    #[must_use]
    pub fn upload(&self, link: &LinkRow, (files, bytes): (u32, u64), from: AskedFrom) -> NewUpload {
        let collected = link.collection.is_some();
        NewUpload { link: link.id, mail: 0, files, bytes, collected, from, at: self.clock.now() }
    }
}
